package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/assign/table"
)

// mending is what a report says of pairs that fell away after an assignment.
type mending struct {
	Was      int64   `json:"cost_before"`
	Added    int     `json:"added"`   // new pairs
	Removed  int     `json:"removed"` // pairs that are no more, those that fell away included
	Optimum  int64   `json:"optimum"` // cost of the new optimum
	Unfilled int     `json:"optimum_unfilled"`
	Distance float64 `json:"distance"` // in score units, certified: what the limit on changes costs; an empty place counts as its cost
	Seconds  float64 `json:"seconds"`  // from the assignment before to the one after
}

// decline solves the problem and then again, from its prices, without the pairs that fell away: the new optimum, or
// with a limit on changes the best repair that was found beside it.
func (c *assignSolve) decline(ctx context.Context, t *table.Table) (answer, error) {
	var gone []int
	if err := open(c.Declined, func(r io.Reader) (err error) { gone, err = t.Pairs(r); return err }); err != nil {
		return answer{}, err
	}
	if c.MaxChanges >= 0 && len(gone) != 1 {
		return answer{}, errors.New("--max-changes repairs one pair that fell away; for several, leave it out or name one after the other")
	}
	began := time.Now()
	plan, err := assign.Open(ctx, t.Problem)
	if err != nil {
		return answer{}, err
	}
	solved := time.Since(began)
	before := plan.Solution()
	began = time.Now()
	chosen, distance := before.Chosen, int64(0)
	for _, edge := range gone {
		if t.Edges[edge].Forbidden {
			continue // a conflict already
		}
		if c.MaxChanges < 0 {
			_, err = plan.Forbid(edge)
		} else {
			chosen, distance, err = repaired(plan, before.Chosen, edge, c.MaxChanges)
		}
		if err != nil {
			return answer{}, err
		}
	}
	took := time.Since(began)
	best := plan.Solution()
	if err := checked(assign.Verify(plan.Problem(), best)); err != nil {
		return answer{}, err
	}
	if c.MaxChanges < 0 {
		chosen = best.Chosen
	}
	r := summary(t, chosen, best.Why, best.GroupPrice)
	optimum := summary(t, best.Chosen, nil, nil)
	r.Bound, r.Optimal, r.Seconds = float64(optimum.Cost), r.Cost == optimum.Cost && r.Unfilled == optimum.Unfilled, solved.Seconds()
	r.Gap = float64(max(0, r.Cost-optimum.Cost)) / float64(max(r.Cost, 1))
	added, removed := apart(before.Chosen, chosen)
	r.Mending = &mending{Was: before.Cost, Added: added, Removed: removed, Optimum: optimum.Cost, Unfilled: optimum.Unfilled, Distance: float64(distance) / assign.Scale, Seconds: took.Seconds()}
	return answer{chosen, r}, nil
}

// repaired is an assignment after the best repair with at most so many new pairs, and how far it is from the optimum.
func repaired(plan *assign.Plan, chosen []int, edge, most int) (after []int, distance int64, err error) {
	repair, best, err := plan.Repair(edge, most)
	if err != nil {
		return nil, 0, err
	}
	after = slices.DeleteFunc(slices.Clone(chosen), func(k int) bool { return slices.Contains(repair.Removed, k) })
	after = append(after, repair.Added...)
	edges := plan.Problem().Edges
	slices.SortFunc(after, func(a, b int) int {
		return cmp.Or(cmp.Compare(edges[a].Proposal, edges[b].Proposal), cmp.Compare(edges[a].Reviewer, edges[b].Reviewer))
	})
	return after, repair.Value - best.Value, nil
}

// apart is how many edges are only in the second list, and only in the first.
func apart(before, after []int) (added, removed int) {
	was := make(map[int]bool, len(before))
	for _, k := range before {
		was[k] = true
	}
	for _, k := range after {
		if !was[k] {
			added++
		}
	}
	return added, len(before) + added - len(after)
}
