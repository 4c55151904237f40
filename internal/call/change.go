package call

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Fields is what of a call an amendment changed; nil is what it left as it was.
type Fields struct {
	Title    *lang.Text    `json:"title,omitempty"`
	Summary  *lang.Text    `json:"summary,omitempty"`
	Guidance *lang.Text    `json:"guidance,omitempty"`
	Low      *money.Amount `json:"low,omitempty"`
	High     *money.Amount `json:"high,omitempty"`
	Total    *money.Amount `json:"total,omitempty"`
	Awards   *int          `json:"awards,omitempty"`
	DecideBy *string       `json:"decide_by,omitempty"`
	Contact  *string       `json:"contact,omitempty"`
	State    *string       `json:"state,omitempty"`
}

// Change is a change of a published call, for everybody to read.
type Change struct {
	ID            string
	Note          lang.Text
	Before, After Fields
	At            time.Time
}

// Cancelled reports whether the change ended the call.
func (c Change) Cancelled() bool { return c.After.State != nil && *c.After.State == "cancelled" }

// differ is the fields in which two states of a call differ, as they were and as they are.
func differ(was, is Call) (before, after Fields, changed bool) {
	text := func(a, b lang.Text, x, y **lang.Text) {
		if db.JSON(a) != db.JSON(b) {
			*x, *y, changed = &a, &b, true
		}
	}
	text(was.Title, is.Title, &before.Title, &after.Title)
	text(was.Summary, is.Summary, &before.Summary, &after.Summary)
	text(was.Guidance, is.Guidance, &before.Guidance, &after.Guidance)
	changed = pair(was.Low, is.Low, &before.Low, &after.Low) || changed
	changed = pair(was.High, is.High, &before.High, &after.High) || changed
	changed = pair(was.Total, is.Total, &before.Total, &after.Total) || changed
	changed = pair(was.AwardsExpected, is.AwardsExpected, &before.Awards, &after.Awards) || changed
	changed = pair(was.DecideBy, is.DecideBy, &before.DecideBy, &after.DecideBy) || changed
	changed = pair(was.Contact, is.Contact, &before.Contact, &after.Contact) || changed
	changed = pair(was.State, is.State, &before.State, &after.State) || changed
	return before, after, changed
}

func pair[T comparable](a, b T, x, y **T) bool {
	if a == b {
		return false
	}
	*x, *y = &a, &b
	return true
}

// Amend changes a published call, with a note that everybody reads beside what was and
// what is. Scheme, agency, opening and embargo stay as they are; the deadline is moved by Extend.
// version is the one that the officer saw.
// Errors: Conflict for a draft, a cancelled or closed call, or an old version; Invalid
// with every field at fault, or where nothing was changed. Nothing is stored then.
func (s *Service) Amend(ctx context.Context, a access.Actor, id string, version int64, in Input, note lang.Text) (Call, error) {
	var c Call
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		was, err := s.running(ctx, a, id, "call.amend")
		if err != nil {
			return err
		}
		if was.Version != version {
			return fault.New(fault.Conflict, "fault.stale")
		}
		c = was
		in.AgencyID, in.ProgrammeID, in.SchemeVersionID = was.AgencyID, was.ProgrammeID, was.SchemeVersionID
		in.Zone, in.Opens, in.Closes, in.GraceMinutes = was.Zone, local(was.OpensAt, was.Zone), local(was.ClosesAt, was.Zone), int64(was.Grace/time.Minute)
		in.EmbargoDays = int64(was.EmbargoDays)
		if err := s.fill(ctx, &c, in); err != nil {
			return err
		}
		// The form reads local times anew; the stored instants are what was promised.
		c.OpensAt, c.ClosesAt, c.Grace, c.Hours = was.OpensAt, was.ClosesAt, was.Grace, was.Hours
		shares, err := s.budget(ctx, &c, in)
		if err != nil {
			return err
		}
		if err := s.setBudget(ctx, id, in, shares); err != nil {
			return err
		}
		return s.record(ctx, a, was, &c, "call.amend", note)
	})
	return c, err
}

// Cancel ends a call that has not closed, with a reason that everybody reads.
// Errors: Conflict as for Amend; Invalid without a reason.
func (s *Service) Cancel(ctx context.Context, a access.Actor, id string, reason lang.Text) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		was, err := s.running(ctx, a, id, "call.cancel")
		if err != nil {
			return err
		}
		c := was
		c.State = "cancelled"
		return s.record(ctx, a, was, &c, "call.cancel", reason)
	})
}

// running is a published call that has not closed, for an act.
func (s *Service) running(ctx context.Context, a access.Actor, id string, act access.Act) (Call, error) {
	c, err := s.load(ctx, a, id, act)
	if err != nil {
		return c, err
	}
	if p := c.Phase(clock.Now(ctx)); p != Planned && p != IsOpen {
		return c, fault.New(fault.Conflict, "call.amend.over")
	}
	return c, nil
}

// record stores a change of a call with its note.
func (s *Service) record(ctx context.Context, a access.Actor, was Call, c *Call, act string, note lang.Text) error {
	if note.Empty() {
		return fault.Field("note", "fault.required")
	}
	before, after, changed := differ(was, *c)
	if !changed {
		return fault.New(fault.Invalid, "call.amend.nothing")
	}
	if err := s.update(ctx, *c); err != nil {
		return err
	}
	c.Version++
	change := Change{ID: clock.ID(ctx), Note: note, Before: before, After: after, At: clock.Now(ctx)}
	if err := s.insertChange(ctx, a, c.ID, change); err != nil {
		return err
	}
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "call", ID: c.ID, Agency: c.AgencyID, Why: note.In(lang.English), Payload: map[string]any{"before": before, "after": after}})
	return err
}

// Changes is how a call was changed after it was published, the newest first.
func (s *Service) Changes(ctx context.Context, a access.Actor, id string) ([]Change, error) {
	c, err := s.byID(ctx, id)
	if err != nil {
		return nil, err
	}
	if !c.visible(a) {
		return nil, fault.Missing()
	}
	list, err := s.changes(ctx, id)
	slices.Reverse(list)
	return list, err
}

func (s *Service) insertChange(ctx context.Context, a access.Actor, callID string, c Change) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO call_change (id, call_id, note, before, after, changed_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, callID, c.Note, db.JSON(c.Before), db.JSON(c.After), a.Account, db.At(c.At))
	return err
}

func (s *Service) changes(ctx context.Context, callID string) ([]Change, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c Change, err error) {
		return c, r.Scan(&c.ID, &c.Note, db.FromJSON(&c.Before), db.FromJSON(&c.After), db.Time(&c.At))
	}, `SELECT id, note, before, after, at FROM call_change WHERE call_id = $1 ORDER BY at, id`, callID)
}
