package decision

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Why a decision supersedes another.
const (
	ByAppeal = "appeal"
	ByError  = "error"
)

// Correct begins a decision that supersedes a signed one: a draft with the same
// proposals, outcomes and money, in which what was wrong is changed. It passes
// through the same signatures. What was signed stays as it is, readable, and once
// the correction is signed, marked as superseded; only who is concerned by a
// change gets a letter.
// Errors: Conflict for what is not signed or is being corrected already.
func (s *Service) Correct(ctx context.Context, a access.Actor, id, kind, why string) (Decision, error) {
	var d Decision
	err := work.Do(ctx, s.DB, func(ctx context.Context) (err error) {
		d, err = s.correct(ctx, a, id, kind, why)
		return err
	})
	return d, err
}

func (s *Service) correct(ctx context.Context, a access.Actor, id, kind, why string) (Decision, error) {
	old, _, err := s.load(ctx, a, id, "decision.draft")
	if err != nil {
		return Decision{}, err
	}
	if old.State != Signed {
		return Decision{}, fault.New(fault.Conflict, "decision.correct.not")
	}
	if kind != ByAppeal && kind != ByError {
		return Decision{}, fault.Field("kind", "fault.choice")
	}
	if why == "" {
		return Decision{}, fault.Field("why", "fault.required")
	}
	if next, err := s.supersededBy(ctx, id); err != nil {
		return Decision{}, err
	} else if next.ID != "" {
		return Decision{}, fault.New(fault.Conflict, "decision.correct.twice", next.Number)
	}
	d := old
	d.State, d.Supersedes, d.Correction, d.CorrectionReason = Draft, old.ID, kind, why
	d.ProposedBy, d.SignedBy, d.ProposedAt, d.SignedAt = "", "", time.Time{}, time.Time{}
	d.CreatedBy, d.CreatedAt, d.Version = a.Account, clock.Now(ctx), 1
	if d.Number, err = number.Next(ctx, s.DB, "D"); err != nil {
		return d, err
	}
	d.ID = clock.ID(ctx)
	if err := s.insert(ctx, d); err != nil {
		return d, err
	}
	if err := s.setReasons(ctx, d.ID, d.Reasons); err != nil {
		return d, err
	}
	if err := s.copyItems(ctx, old, d); err != nil {
		return d, err
	}
	_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.correct", Kind: "decision", ID: d.ID, Agency: d.AgencyID, Why: why,
		Payload: map[string]string{"number": d.Number, "supersedes": old.Number, "kind": kind}})
	return d, err
}

// copyItems gives a correction the items and lines of what it supersedes.
func (s *Service) copyItems(ctx context.Context, old, d Decision) error {
	list, err := s.items(ctx, old.ID)
	if err != nil {
		return err
	}
	for _, i := range list {
		id, err := s.upsertItem(ctx, d, Choice{ProposalID: i.ProposalID, Outcome: i.Outcome, Reasons: i.Reasons}, i.Place, i.Score)
		if err != nil {
			return err
		}
		if err := s.putLines(ctx, id, i.Lines); err != nil {
			return err
		}
	}
	return nil
}

// same reports whether a correction leaves an item as it was.
func same(a, b Item) bool {
	return a.Outcome == b.Outcome && a.Reasons == b.Reasons && slices.EqualFunc(a.Lines, b.Lines, func(x, y Line) bool {
		return x.AgencyID == y.AgencyID && x.BudgetLineID == y.BudgetLineID && x.Year == y.Year && x.Amount == y.Amount && x.Condition == y.Condition
	})
}

// was are the items of the decision that d supersedes, by proposal; nil where it supersedes none.
func (s *Service) was(ctx context.Context, d Decision) (map[string]Item, error) {
	if d.Supersedes == "" {
		return nil, nil
	}
	list, err := s.items(ctx, d.Supersedes)
	out := make(map[string]Item, len(list))
	for _, i := range list {
		out[i.ProposalID] = i
	}
	return out, err
}

// changes checks that a correction changes something, and nothing that cannot be undone.
func changes(v View, was map[string]Item) error {
	if was == nil {
		return nil
	}
	var faults []*fault.Error
	some := false
	for _, r := range v.Rows {
		before := was[r.ProposalID]
		some = some || !same(before, r.Item)
		if before.Outcome == Invite && r.Outcome != Invite {
			faults = append(faults, fault.Field("outcome_"+r.ProposalID, "decision.correct.invited", r.Number))
		}
	}
	if !some {
		faults = append(faults, fault.New(fault.Invalid, "decision.correct.nothing"))
	}
	return fault.Join(faults...)
}
