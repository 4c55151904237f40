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

// without takes everything that names a pair of hidden proposals out of a suggestion. Its sums and its
// certificate stay: they name no pairs.
func (r *Run) without(hidden map[string]bool) {
	if len(hidden) == 0 {
		return
	}
	out := &r.Result
	out.Pairs, out.Dropped = shown(out.Pairs, hidden), shown(out.Dropped, hidden)
	out.Short = slices.DeleteFunc(out.Short, func(x Short) bool { return hidden[x.ID] })
	r.Settings.Pairs = slices.DeleteFunc(r.Settings.Pairs, func(w Wish) bool { return hidden[w.Proposal] })
	some := func(keys []string) bool { return slices.ContainsFunc(keys, func(id string) bool { return hidden[id] }) }
	out.Why = slices.DeleteFunc(out.Why, func(w Reason) bool { return some(w.Proposals) })
	out.Rings = slices.DeleteFunc(out.Rings, func(x Ring) bool { return some(x.Proposals) })
}

func shown(list []Pair, hidden map[string]bool) []Pair {
	return slices.DeleteFunc(list, func(p Pair) bool { return hidden[p.Proposal] })
}
