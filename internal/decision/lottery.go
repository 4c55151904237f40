package decision

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/lottery"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Lottery is lots drawn, or to be drawn, among proposals that the scores cannot tell apart.
type Lottery struct {
	ID, DecisionID string
	Proposals      []string       // keys, in the order of the list
	Record         lottery.Record // as it is published: entries are the proposals' numbers
	EntryID        string         // ledger entry of the list
	By             string
	At             time.Time
	Source         string // where the seed was looked up
	DrawnBy        string
	DrawnAt        time.Time
}

// Event is when the event happens whose outcome is the seed.
func (l Lottery) Event() time.Time {
	at, err := time.Parse(time.RFC3339, l.Record.At)
	if err != nil {
		return time.Time{} // it was checked when the list went on record
	}
	return at
}

// Drawn reports whether the seed is known.
func (l Lottery) Drawn() bool { return !l.DrawnAt.IsZero() }

// Won reports whether a proposal was drawn.
func (l Lottery) Won(number string) bool { return slices.Contains(l.Record.Drawn, number) }

// Lots is the page of lotteries about a list.
type Lots struct {
	View
	List []Lottery
}

// Band are the rows that the scores cannot tell from the line of the money, in the order
// of the list, and how many of them the money reaches.
func (v View) Band() (rows []Row, above int) {
	for _, r := range v.Rows {
		if r.Rank != nil && r.Rank.Doubtful {
			rows = append(rows, r)
			if r.Above {
				above++
			}
		}
	}
	return rows, above
}

// MayDraw reports whether the viewer may put a list on record and draw from it.
func (v View) MayDraw() bool {
	return v.State == Draft && v.Set.Any(rules["decision.draft"]) && !v.recused
}

// Lots are the lotteries about a list. One in which a proposal takes part that is hidden
// from a is hidden with it.
func (s *Service) Lots(ctx context.Context, a access.Actor, id string) (Lots, error) {
	d, set, err := s.load(ctx, a, id, "decision.meet")
	if err != nil {
		return Lots{}, err
	}
	out := Lots{}
	if out.View, err = s.view(ctx, a, d, set); err != nil {
		return out, err
	}
	out.List, err = s.lotteries(ctx, id)
	out.List = slices.DeleteFunc(out.List, func(l Lottery) bool {
		return slices.ContainsFunc(l.Proposals, func(p string) bool { return out.number(p) == "" })
	})
	return out, err
}

// Lottery is one of them. Errors: NotFound.
func (s *Service) Lottery(ctx context.Context, a access.Actor, id, key string) (Lottery, error) {
	lots, err := s.Lots(ctx, a, id)
	if err != nil {
		return Lottery{}, err
	}
	return lots.one(key)
}

func (v Lots) one(key string) (Lottery, error) {
	i := slices.IndexFunc(v.List, func(l Lottery) bool { return l.ID == key })
	if i < 0 {
		return Lottery{}, fault.Missing()
	}
	return v.List[i], nil
}

// LotteryReceipt is the signed receipt of the list's digest, which verifies offline.
func (s *Service) LotteryReceipt(ctx context.Context, a access.Actor, id, key string) (ledger.Receipt, error) {
	l, err := s.Lottery(ctx, a, id, key)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return s.Ledger.ReceiptOf(ctx, l.EntryID)
}

// LotteryOf is the newest lottery in which a proposal took part, for who may read the
// letters about it. Errors: NotFound where there is none that was drawn and decided on.
func (s *Service) LotteryOf(ctx context.Context, a access.Actor, proposalID string) (Lottery, error) {
	if _, _, err := s.reader(ctx, a, proposalID); err != nil {
		return Lottery{}, err
	}
	letter, err := s.letter(ctx, proposalID)
	if err != nil {
		return Lottery{}, err
	}
	l, found, err := s.drawnFor(ctx, letter.DecisionID, proposalID)
	if err == nil && !found {
		err = fault.Missing()
	}
	return l, err
}

// drawnFor is the lottery of a decision in which a proposal took part.
func (s *Service) drawnFor(ctx context.Context, decision, proposalID string) (Lottery, bool, error) {
	list, err := s.lotteries(ctx, decision)
	i := slices.IndexFunc(list, func(l Lottery) bool { return l.Drawn() && slices.Contains(l.Proposals, proposalID) })
	if err != nil || i < 0 {
		return Lottery{}, false, err
	}
	return list[i], true, nil
}

// LotteryInput is what goes on record before the event.
type LotteryInput struct {
	Numbers string // of the proposals, in order
	Draw    int
	Event   string    // which outcome of what, and how it is written down
	At      time.Time // when it happens, in the zone in which it is announced
}

// soon is the least time between the record and the event.
const soon = time.Minute

// Commit puts the ordered list, the number to draw and the future event on record: into
// the ledger first, with a signed receipt of the digest. Nothing of it can be changed, and a
// proposal takes part once only, so that nobody chooses among several draws.
// Errors: Invalid with every field at fault.
func (s *Service) Commit(ctx context.Context, a access.Actor, id string, in LotteryInput) (Lottery, error) {
	var l Lottery
	if err := s.foresee(ctx, a, id); err != nil {
		return l, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		lots, err := s.Lots(ctx, a, id)
		if err != nil {
			return err
		}
		if !lots.MayDraw() {
			return fault.New(fault.NotAllowed, "fault.denied")
		}
		now := clock.Now(ctx)
		if l, err = lots.commit(in, now); err != nil {
			return err
		}
		l.ID, l.By = clock.ID(ctx), a.Name
		if l.EntryID, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.lottery", Kind: "decision", ID: id, Agency: lots.AgencyID, Payload: l.Record}); err != nil {
			return err
		}
		if _, err := s.Ledger.Receipt(ctx, l.EntryID, l.Record.Digest, now); err != nil {
			return err
		}
		return s.insertLottery(ctx, l)
	})
	return l, err
}

// commit checks what goes on record and makes the record.
func (v Lots) commit(in LotteryInput, now time.Time) (Lottery, error) {
	l := Lottery{DecisionID: v.ID, At: now}
	var faults []*fault.Error
	refuse := func(field, key string, args ...any) { faults = append(faults, fault.Field(field, key, args...)) }
	var unknown string
	l.Proposals, unknown = v.keys(in.Numbers)
	if unknown != "" {
		refuse("numbers", "decision.rules.number", unknown)
	} else if len(l.Proposals) < 2 {
		refuse("numbers", "decision.lottery.few")
	}
	for _, old := range v.List {
		if i := slices.IndexFunc(l.Proposals, func(p string) bool { return slices.Contains(old.Proposals, p) }); i >= 0 {
			refuse("numbers", "decision.lottery.again", v.number(l.Proposals[i]))
			break
		}
	}
	if in.Draw < 1 || in.Draw >= max(2, len(l.Proposals)) {
		refuse("draw", "decision.lottery.draw", max(1, len(l.Proposals)-1))
	}
	if !lottery.OneLine(in.Event) {
		refuse("event", "decision.lottery.line")
	}
	if in.At.Before(now.Add(soon)) {
		refuse("at", "decision.lottery.future")
	}
	if err := fault.Join(faults...); err != nil {
		return l, err
	}
	l.Record = lottery.Record{Version: lottery.Version, Recorded: now.UTC().Format(time.RFC3339), List: lottery.List{Event: strings.TrimSpace(in.Event), At: in.At.Format(time.RFC3339), Draw: in.Draw,
		Call: v.Number + ": " + strings.Join(strings.Fields(v.Call.In(lang.English)), " ")}}
	for _, p := range l.Proposals {
		l.Record.List.List = append(l.Record.List.List, v.number(p))
	}
	l.Record.Digest = l.Record.Commitment()
	return l, l.Record.Check()
}

// Draw enters the outcome of the event, with where it was looked up, and draws.
// Errors: Conflict before the event, or where it is drawn already.
func (s *Service) Draw(ctx context.Context, a access.Actor, id, key, seed, source string) error {
	if err := s.foresee(ctx, a, id); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		lots, err := s.Lots(ctx, a, id)
		if err != nil {
			return err
		}
		if !lots.MayDraw() {
			return fault.New(fault.NotAllowed, "fault.denied")
		}
		l, err := lots.one(key)
		if err != nil {
			return err
		}
		now := clock.Now(ctx)
		switch {
		case l.Drawn():
			return fault.New(fault.Conflict, "decision.lottery.drawn")
		case now.Before(l.Event()):
			return fault.New(fault.Conflict, "decision.lottery.early")
		case !lottery.OneLine(seed):
			return fault.Field("seed", "decision.lottery.line")
		case source == "":
			return fault.Field("source", "fault.required")
		}
		l.Record.Seed, l.Record.Drawn = seed, l.Record.Drawing(seed)
		l.Source, l.DrawnBy, l.DrawnAt = source, a.Name, now
		if err := s.setDrawn(ctx, l); err != nil {
			return err
		}
		return s.note(ctx, a, lots.Decision, "decision.draw", source, map[string]any{"digest": l.Record.Digest, "seed": seed, "drawn": l.Record.Drawn})
	})
}

// ApplyDraw writes a draw into the list: who was drawn is funded, the others get the
// other outcome, all with the reason that is given. The list is decided as ever after.
func (s *Service) ApplyDraw(ctx context.Context, a access.Actor, id, key, other, reason string) error {
	v, err := s.Lots(ctx, a, id)
	if err != nil {
		return err
	}
	l, err := v.one(key)
	if err != nil {
		return err
	}
	switch {
	case !v.MayDraw():
		return fault.New(fault.NotAllowed, "fault.denied")
	case !l.Drawn():
		return fault.New(fault.Conflict, "decision.lottery.early")
	case other == Fund || !slices.Contains(v.Outcomes, other):
		return fault.Field("other", "fault.choice")
	case reason == "":
		return fault.Field("reason", "fault.required")
	}
	choices := make([]Choice, 0, len(l.Proposals))
	for _, p := range l.Proposals {
		c := Choice{ProposalID: p, Outcome: other, Reasons: reason}
		if l.Won(v.number(p)) {
			c.Outcome = Fund
		}
		choices = append(choices, c)
	}
	return s.Save(ctx, a, id, v.Reasons, choices)
}

func (s *Service) insertLottery(ctx context.Context, l Lottery) error {
	return s.exec(ctx, `INSERT INTO decision_lottery (id, decision_id, proposals, record, entry_id, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.ID, l.DecisionID, db.JSON(l.Proposals), db.JSON(l.Record), l.EntryID, l.By, db.At(l.At))
}

// setDrawn writes a draw; of two at the same time the second finds it drawn.
func (s *Service) setDrawn(ctx context.Context, l Lottery) error {
	res, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE decision_lottery SET record = $2, source = $3, drawn_by = $4, drawn_at = $5 WHERE id = $1 AND drawn_at IS NULL`,
		l.ID, db.JSON(l.Record), l.Source, l.DrawnBy, db.At(l.DrawnAt))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Conflict, "decision.lottery.drawn").Because(err)
	}
	return nil
}

// lotteries are those of a list, the newest first.
func (s *Service) lotteries(ctx context.Context, decision string) ([]Lottery, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l Lottery, err error) {
		return l, r.Scan(&l.ID, &l.DecisionID, db.FromJSON(&l.Proposals), db.FromJSON(&l.Record), &l.EntryID, &l.By, &l.Source, &l.DrawnBy, db.Time(&l.DrawnAt), db.Time(&l.At))
	}, `SELECT id, decision_id, proposals, record, entry_id, by_name, source, drawn_by, drawn_at, at FROM decision_lottery WHERE decision_id = $1 ORDER BY at DESC, id DESC`, decision)
}
