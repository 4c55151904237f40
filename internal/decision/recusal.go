package decision

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// recused are the proposals of a list with which a has a conflict. To them the list is
// one without these: they stand in no row, count, sum, rank, drawing or message.
func (s *Service) recused(ctx context.Context, a access.Actor, d Decision) (map[string]bool, error) {
	people := a.People()
	if len(people) == 0 {
		return nil, nil
	}
	found, err := s.Reviews.Barred(ctx, d.CallID, d.Stage, people)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(found))
	for pair := range found {
		out[pair[0]] = true
	}
	return out, nil
}

// to is a decision for whom some proposals are hidden. Why a correction was begun is not for them: what an appeal was answered, or
// which error was found, may be about just these.
func (d Decision) to(hidden map[string]bool) Decision {
	if len(hidden) > 0 {
		d.Correction, d.CorrectionReason = "", ""
	}
	return d
}

// visible is a list with the rows that a may see, without what is reckoned of them.
func (s *Service) visible(ctx context.Context, a access.Actor, d Decision, set access.Set) (View, error) {
	v := View{Decision: d, Set: set}
	rows, err := s.rows(ctx, d)
	if err != nil {
		return v, err
	}
	v.hidden, err = s.recused(ctx, a, d)
	v.Decision = d.to(v.hidden)
	all := len(rows)
	v.Rows = slices.DeleteFunc(rows, func(r Row) bool { return v.hidden[r.ProposalID] })
	v.recused = len(v.Rows) < all
	return v, err
}

// meet is a list for an act of those who meet about it.
func (s *Service) meet(ctx context.Context, a access.Actor, id string) (View, error) {
	d, set, err := s.load(ctx, a, id, "decision.meet")
	if err != nil {
		return View{}, err
	}
	return s.visible(ctx, a, d, set)
}

// whole refuses who does not see all of a list: who proposes or signs answers for every row.
func (v View) whole() error {
	if v.recused {
		return fault.New(fault.NotAllowed, "decision.recused")
	}
	return nil
}

// seen leaves out the appeals about what is hidden.
func seen(list []Appeal, hidden map[string]bool) []Appeal {
	return slices.DeleteFunc(list, func(x Appeal) bool { return hidden[x.ProposalID] })
}

// reader is a proposal for who may read the letters about it: its own people, and those
// of the agency who have no conflict with it.
func (s *Service) reader(ctx context.Context, a access.Actor, proposalID string) (p proposal.Proposal, set access.Set, err error) {
	if p, err = s.Proposals.Known(ctx, proposalID); err != nil {
		return p, 0, err
	}
	if set, err = s.Proposals.Set(ctx, a, p); err != nil {
		return p, set, err
	}
	if !set.Any(readers) {
		return p, set, fault.Missing()
	}
	if set.Any(access.Lead | access.Team | access.Office) {
		return p, set, nil
	}
	hidden, err := s.recused(ctx, a, Decision{CallID: p.CallID, Stage: p.Stage})
	if err == nil && hidden[proposalID] {
		err = fault.Missing()
	}
	return p, set, err
}

// Recuse declares a conflict of interest with a proposal of the list: one's own, or by
// staff that of somebody in the room. From then on the person sees the list without it.
// Errors: Invalid without a reason, or for a person who has no seat.
func (s *Service) Recuse(ctx context.Context, a access.Actor, id, proposalID, person, reason string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.meet(ctx, a, id)
		if err != nil {
			return err
		}
		if _, ok := v.Row(proposalID); !ok {
			return fault.Missing()
		}
		if person, err = s.recusing(ctx, a, id, v.Set, person); err != nil {
			return err
		}
		if reason == "" {
			return fault.Field("conflict", "review.conflict.say")
		}
		if err := s.Reviews.Declare(ctx, a, person, proposalID, reason); err != nil {
			return err
		}
		return s.note(ctx, a, v.Decision, "decision.recuse", reason, map[string]string{"proposal": proposalID, "person": person})
	})
}

// recusing is whose conflict a may declare: one's own, and as staff that of who has a seat.
func (s *Service) recusing(ctx context.Context, a access.Actor, id string, set access.Set, person string) (string, error) {
	switch {
	case person == "" && a.Person == "":
		return "", fault.New(fault.Conflict, "decision.recuse.nobody")
	case person == "" || person == a.Person:
		return a.Person, nil
	case !set.Any(access.Staff):
		return "", fault.New(fault.NotAllowed, "fault.denied")
	}
	seated, err := s.seated(ctx, id, person)
	if err == nil && !seated {
		err = fault.Field("person", "decision.recuse.seat")
	}
	return person, err
}
