package review

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Barred are the conflicts of people with the proposals of a call's stage, by proposal
// and person: the same rules as Conflicts. Three queries, however many they are.
func (s *Service) Barred(ctx context.Context, callID, stage string, people []string) (map[[2]string]Conflict, error) {
	return s.barred(ctx, Desk{CallID: callID, Title: scheme.Stage{ID: stage}}, people)
}

// Declare notes a conflict of a person with a proposal, inside the unit of work of the
// caller, who has checked that a may say so.
func (s *Service) Declare(ctx context.Context, a access.Actor, person, proposalID, reason string) error {
	return s.declare(ctx, a, Review{Reviewer: person, ProposalID: proposalID}, "declared", reason)
}

// unconflicted is NotFound for who has a conflict with a proposal: what it is judged by is kept
// from them whatever their role. What a soft rule says keeps nobody away.
func (s *Service) unconflicted(ctx context.Context, a access.Actor, proposalID string) error {
	return s.clear(ctx, a.People(), proposalID)
}

// lent is NotFound for who acts for a reviewer and has a conflict of their own with the proposal: to whom a review is lent must be free
// to write it. What the reviewer's own conflicts are, was asked when they were invited.
func (s *Service) lent(ctx context.Context, a access.Actor, proposalID string) error {
	if own := a.Own(); own != "" {
		return s.clear(ctx, []string{own}, proposalID)
	}
	return nil
}

// clear is NotFound where one of some people has a conflict with a proposal.
func (s *Service) clear(ctx context.Context, people []string, proposalID string) error {
	for _, person := range people {
		found, err := s.Conflicts(ctx, person, proposalID)
		if err != nil {
			return err
		}
		if refusal(found) != nil {
			return fault.Missing()
		}
	}
	return nil
}

// hidden are the proposals of a desk's stage with which a has a conflict: who judges them and what
// they say is kept from a, on whatever page.
func (s *Service) hidden(ctx context.Context, a access.Actor, d Desk) (map[string]bool, error) {
	people := a.People()
	if len(people) == 0 {
		return nil, nil
	}
	found, err := s.barred(ctx, d, people)
	out := make(map[string]bool, len(found))
	for pair := range found {
		out[pair[0]] = true
	}
	return out, err
}

// forget takes what is hidden out of how often the people of a pool were asked: else who reviews it
// were the one whose number is greater than what one sees.
func (d Desk) forget(pool []PoolMember, asked map[[2]string]string) {
	for i := range pool {
		for id := range d.hidden {
			if counts(asked[[2]string{id, pool[i].Person}]) {
				pool[i].Asked--
			}
		}
	}
}

// shown are those of some reviews of which the viewer of a desk may know.
func (d Desk) shown(list []Review) []Review {
	return slices.DeleteFunc(slices.Clone(list), func(r Review) bool { return d.hidden[r.ProposalID] })
}

// stale is that a suggestion no longer holds for a proposal, which is not named to who may not know of it.
func (d Desk) stale(proposalID, number string) error {
	if d.hidden[proposalID] {
		return fault.New(fault.Conflict, "review.rounds.changed")
	}
	return fault.New(fault.Conflict, "review.assign.stale", number)
}

// without makes a suggestion the one that its viewer may know of: what is hidden is in no list and in no figure.
//
// Three things are withheld whole, since they speak of all proposals together and what is hidden could be told from them. The
// certificate: it names every proposal, its sums are those of all, and by its prices somebody has no room left who, without what is
// hidden, has some: they review it. The caps that are used up, and who gets less than the least, for the same reason. And how
// many pairs were kept apart by which rule: that is not noted by proposal.
func (r *Run) without(hidden map[string]bool) {
	if len(hidden) == 0 {
		return
	}
	r.Settings.Pairs = slices.DeleteFunc(slices.Clone(r.Settings.Pairs), func(w Wish) bool { return hidden[w.Proposal] })
	proposals := slices.DeleteFunc(slices.Clone(r.Certificate.Proposals), func(id string) bool { return hidden[id] })
	r.Certificate = Certificate{}
	out := &r.Result
	out.Caps, out.Idle, out.Barred = nil, nil, nil
	out.Pairs, out.Dropped = shown(out.Pairs, hidden), shown(out.Dropped, hidden)
	out.Short = slices.DeleteFunc(slices.Clone(out.Short), func(x Short) bool { return hidden[x.ID] })
	some := func(keys []string) bool { return slices.ContainsFunc(keys, func(id string) bool { return hidden[id] }) }
	out.Why = slices.DeleteFunc(slices.Clone(out.Why), func(w Reason) bool { return some(w.Proposals) })
	out.Rings = slices.DeleteFunc(slices.Clone(out.Rings), func(x Ring) bool { return some(x.Proposals) })
	out.sum(proposals)
}

func shown(list []Pair, hidden map[string]bool) []Pair {
	return slices.DeleteFunc(slices.Clone(list), func(p Pair) bool { return hidden[p.Proposal] })
}

// sum fills in the figures of a suggestion for some proposals from its pairs and from what they lack.
func (r *Result) sum(proposals []string) {
	r.Proposals, r.Filled, r.Places, r.Total, r.Weakest, r.Least = len(proposals), len(r.Pairs), len(r.Pairs), 0, 0, 0
	for _, m := range r.Short {
		r.Places += m.Count
	}
	sums := map[string]float64{}
	for i, p := range r.Pairs {
		r.Total += p.Score
		sums[p.Proposal] += p.Score
		if i == 0 || p.Score < r.Weakest {
			r.Weakest = p.Score
		}
	}
	for i, id := range proposals {
		if i == 0 || sums[id] < r.Least {
			r.Least = sums[id]
		}
	}
}
