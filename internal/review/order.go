package review

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// How far a suggestion is that was ordered.
const (
	Waits    = "waits"
	Reads    = "reads"    // people, proposals and conflicts are read
	Compares = "compares" // every text with what everybody has written
	Fills    = "fills"    // the places are filled, and that is proven
	Made     = "done"
	Failed   = "failed"
)

// Order is a suggestion that is made behind the scenes because it takes long.
type Order struct {
	ID, CallID, Stage, By string
	Settings              Settings
	At                    time.Time
	Step                  string
	Problem               lang.Text // why it failed
}

// Under reports whether it is being made.
func (o Order) Under() bool { return o.Step != Made && o.Step != Failed }

// Ordered is the argument of the job MakeSuggestion.
type Ordered struct {
	ID string `json:"id"`
}

// MakeSuggestion is the job that makes a suggestion which was ordered.
const MakeSuggestion = "review.suggest"

// longFrom is from how many pairs of proposals and people on a suggestion takes longer than somebody waits for a page.
const longFrom = 1_000_000

// Order makes a suggestion at once where that is quick; else it has it made, and a can leave and come back.
// Errors: as Suggest; Conflict while one is being made for the stage.
func (s *Service) Order(ctx context.Context, a access.Actor, callID, stage string, set Settings) (later bool, err error) {
	d, pairs, err := s.size(ctx, a, callID, stage)
	if err != nil {
		return false, err
	}
	if s.Jobs == nil || pairs < cmp.Or(s.LongFrom, longFrom) {
		_, err := s.Suggest(ctx, a, callID, stage, set)
		return false, err
	}
	if err := set.settle(d.Plan.Each); err != nil {
		return false, err
	}
	return true, work.Do(ctx, s.DB, func(ctx context.Context) error {
		if last, err := s.lastOrder(ctx, callID, d.Stage()); err != nil {
			return err
		} else if last != nil && last.Under() {
			return fault.New(fault.Conflict, "review.order.already")
		}
		o := Order{ID: clock.ID(ctx), CallID: callID, Stage: d.Stage(), By: a.Account, Settings: set, At: clock.Now(ctx), Step: Waits}
		if err := s.insertOrder(ctx, o); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.suggest.order", Kind: "call", ID: callID, Agency: d.agency, Payload: map[string]any{"stage": o.Stage, "settings": set}}); err != nil {
			return err
		}
		return s.Jobs.Enqueue(ctx, MakeSuggestion, Ordered{o.ID}, job.Unique(o.ID))
	})
}

// size is how many pairs of proposals and people a suggestion for a stage looks at.
func (s *Service) size(ctx context.Context, a access.Actor, callID, stage string) (d Desk, pairs int, err error) {
	err = s.DB.Snapshot(ctx, func(ctx context.Context) error {
		if d, err = s.desk(ctx, a, callID, stage, "review.assign"); err != nil {
			return err
		}
		list, err := s.candidates(ctx, d)
		if err != nil {
			return err
		}
		_, people, err := s.pool(ctx, d, "", 1, 1)
		pairs = len(list) * people
		return err
	})
	return d, pairs, err
}

// MakeOrdered makes a suggestion that was ordered: the job. It may run twice.
func (s *Service) MakeOrdered(ctx context.Context, in Ordered) error {
	o, err := s.order(ctx, in.ID)
	if err != nil || !o.Under() {
		return err
	}
	a := access.Actor{Account: o.By, System: true} // whether they may was decided when they ordered it
	_, err = s.suggest(ctx, a, o.CallID, o.Stage, o.Settings, func(step string) error { return s.setOrder(ctx, o.ID, step, lang.Text{}) })
	if err == nil {
		return s.setOrder(ctx, o.ID, Made, lang.Text{})
	}
	if ctx.Err() != nil { // the program ends: another worker goes on
		return err
	}
	problem := fault.From(err).Msg
	if err := s.setOrder(ctx, o.ID, Failed, lang.Both(problem.In(lang.English), problem.In(lang.Chinese))); err != nil {
		return err
	}
	if fault.From(err).Kind == fault.Internal {
		return job.Final(err)
	}
	return nil
}

// OrderOf is the newest order for a stage, nil where there is none.
func (s *Service) OrderOf(ctx context.Context, a access.Actor, callID, stage string) (Desk, *Order, error) {
	d, err := s.desk(ctx, a, callID, stage, "review.list")
	if err != nil {
		return d, nil, err
	}
	o, err := s.orderFor(ctx, d)
	return d, o, err
}

// orderFor is the newest order for the stage of a desk as its viewer may know of it. Why it failed may name any proposal, so that
// who has a conflict with one is told that it did, and that others can read why.
func (s *Service) orderFor(ctx context.Context, d Desk) (*Order, error) {
	o, err := s.lastOrder(ctx, d.CallID, d.Stage())
	if o == nil || len(d.hidden) == 0 {
		return o, err
	}
	o.Settings.Pairs = slices.DeleteFunc(o.Settings.Pairs, func(w Wish) bool { return d.hidden[w.Proposal] })
	if o.Step == Failed {
		o.Problem = lang.Both(lang.T(lang.English, "review.order.withheld"), lang.T(lang.Chinese, "review.order.withheld"))
	}
	return o, err
}

const orderColumns = `SELECT id, call_id, stage, settings, by_account, at, step, problem FROM assignment_order `

func scanOrder(r interface{ Scan(...any) error }) (o Order, err error) {
	return o, r.Scan(&o.ID, &o.CallID, &o.Stage, db.FromJSON(&o.Settings), &o.By, db.Time(&o.At), &o.Step, &o.Problem)
}

func (s *Service) order(ctx context.Context, id string) (Order, error) {
	o, err := scanOrder(s.DB.Q(ctx).QueryRowContext(ctx, orderColumns+`WHERE id = $1`, id))
	if db.IsNone(err) {
		return o, fault.Missing()
	}
	return o, err
}

func (s *Service) lastOrder(ctx context.Context, callID, stage string) (*Order, error) {
	o, err := scanOrder(s.DB.Q(ctx).QueryRowContext(ctx, orderColumns+`WHERE call_id = $1 AND stage = $2 ORDER BY at DESC, id DESC LIMIT 1`, callID, stage))
	if db.IsNone(err) {
		return nil, nil
	}
	return &o, err
}

func (s *Service) insertOrder(ctx context.Context, o Order) error {
	return s.exec(ctx, `INSERT INTO assignment_order (id, call_id, stage, settings, by_account, at, step) VALUES ($1, $2, $3, $4, $5, $6, $7)`, o.ID, o.CallID, o.Stage, db.JSON(o.Settings), o.By, db.At(o.At), o.Step)
}

func (s *Service) setOrder(ctx context.Context, id, step string, problem lang.Text) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		return s.exec(ctx, `UPDATE assignment_order SET step = $2, problem = $3 WHERE id = $1`, id, step, problem)
	})
}
