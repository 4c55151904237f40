package council

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// OpenVote lets those who are in attendance vote on an item. Who has a vote, and by which
// rule, is fixed now. Without a quorum it can be opened too, and will be void.
// Errors: Conflict outside the meeting, without a motion, while a vote is open, or when it is decided.
func (s *Service) OpenVote(ctx context.Context, a access.Actor, item string) error {
	return s.onItem(ctx, a, item, func(ctx context.Context, sit sitting, i Item) error {
		votes, err := s.votes(ctx, item)
		if err != nil {
			return err
		}
		running := len(votes) > 0 && votes[len(votes)-1].Running()
		if sit.meeting.State != InRoom || i.Motion.Empty() || i.Outcome != "" || running {
			return fault.New(fault.Conflict, "council.vote.turn")
		}
		here, err := s.present(ctx, sit.meeting.ID)
		if err != nil {
			return err
		}
		recused, err := s.recusals(ctx, item)
		if err != nil {
			return err
		}
		places := sit.places(here, recused)
		v := Vote{ID: clock.ID(ctx), ItemID: item, Round: len(votes) + 1, Secret: i.Secret, Rule: sit.body.Rule, Places: places, OpenedAt: clock.Now(ctx)}
		if err := s.insertVote(ctx, v); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.vote.open", "council-item", item, "", map[string]any{"round": v.Round, "secret": v.Secret, "rule": v.Rule, "places": places})
	})
}

// places are the votes of a body at an item, where these are in attendance and those recused from it.
func (x sitting) places(here map[string]bool, list []Recusal) []Place {
	recused := make(map[string]bool, len(list))
	for _, r := range list {
		recused[r.Person] = true
	}
	return x.body.Rule.places(x.seats, here, recused)
}

// CastVote is one vote, by who has it. It stands as cast.
// Errors: NotAllowed for who has none; Conflict when no vote is open or theirs is cast.
func (s *Service) CastVote(ctx context.Context, a access.Actor, item, how string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		sit, _, err := s.sitItem(ctx, a, item, "council.cast")
		if err != nil {
			return err
		}
		v, err := s.runningVote(ctx, item)
		if err != nil {
			return err
		}
		if !hasVote(v, a) {
			return fault.New(fault.NotAllowed, "council.vote.none")
		}
		if f := choice("choice", how, For, Against, Abstain); f != nil {
			return f
		}
		if err := s.insertBallot(ctx, v, a.Person, how); db.IsUnique(err) {
			return fault.New(fault.Conflict, "council.vote.twice")
		} else if err != nil {
			return err
		}
		if v.Secret {
			how = ""
		}
		return s.log(ctx, a, sit.body, "council.cast", "council-item", item, "", map[string]any{"round": v.Round, "choice": how})
	})
}

func hasVote(v Vote, a access.Actor) bool {
	return a.Person != "" && slices.ContainsFunc(v.Places, func(p Place) bool { return p.Voter == a.Person })
}

func (s *Service) runningVote(ctx context.Context, item string) (Vote, error) {
	votes, err := s.votes(ctx, item)
	if err != nil {
		return Vote{}, err
	}
	if n := len(votes); n > 0 && votes[n-1].Running() {
		return votes[n-1], nil
	}
	return Vote{}, fault.New(fault.Conflict, "council.vote.turn")
}

// CloseVote counts. Carried, the motion goes to the agencies that it touches, or takes
// effect at once where it touches none; void, it can be voted on again.
func (s *Service) CloseVote(ctx context.Context, a access.Actor, item string) error {
	return s.onItem(ctx, a, item, func(ctx context.Context, sit sitting, i Item) error {
		v, err := s.runningVote(ctx, item)
		if err != nil {
			return err
		}
		v.Result = v.Rule.result(v.Places, tally(v))
		if err := s.closeVote(ctx, v); err != nil {
			return err
		}
		if err := s.log(ctx, a, sit.body, "council.vote", "council-item", item, "", map[string]any{"round": v.Round, "result": v.Result}); err != nil {
			return err
		}
		if v.Result.Outcome == Void {
			return nil
		}
		i.Outcome = v.Result.Outcome
		if err := s.setOutcome(ctx, item, i.Outcome); err != nil {
			return err
		}
		switch {
		case i.Outcome != Carried:
			return nil
		case len(i.Touches) > 0:
			return s.refer(ctx, a, sit, i)
		}
		return s.effect(ctx, a, sit.meeting, i)
	})
}

// tally counts a vote. Of a secret one nobody knows how the chair voted.
func tally(v Vote) Tally {
	if v.Secret {
		return v.counted
	}
	var t Tally
	for _, b := range v.Ballots {
		switch b.Choice {
		case For:
			t.For++
		case Against:
			t.Against++
		case Abstain:
			t.Abstain++
		}
		if slices.ContainsFunc(v.Places, func(p Place) bool { return p.Chair && p.Voter == b.Person }) {
			t.Chair = b.Choice
		}
	}
	return t
}

// effect does what a carried motion decides by itself: a priority becomes what it says.
func (s *Service) effect(ctx context.Context, a access.Actor, m Meeting, i Item) error {
	if i.PriorityID == "" {
		return nil
	}
	return s.Strategy.Decide(ctx, a, i.PriorityID, i.PriorityState, m.Number)
}
