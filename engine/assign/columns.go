package assign

import (
	"context"
	"fmt"
)

// Outside finds pairs that are no candidates yet: all of a proposal that are
// possible, are not in Problem.Edges and cost less than below(reviewer). What it
// leaves out is left out of the certificate.
type Outside func(proposal int, below func(reviewer int) int64) []Edge

// Widened is a solution with the candidates that it took, and a bound for all
// pairs there are.
type Widened struct {
	Problem  Problem
	Solution Solution
	Bound    int64 // no assignment of any pairs has a smaller Problem.Value
	Rounds   int
}

// Widen solves a problem over its candidates, takes in every pair from outside
// that is cheaper than the prices say it is worth, and begins again, until there
// is none: then nothing is better over all pairs. After most rounds it stops, and
// what the pairs still outside could gain at the most is taken off the bound
// (column generation, Gilmore and Gomory, 1961). Penalty depends on the numbers
// of proposals and reviewers only, so that it stays what it is. Errors as of Solve,
// and where a pair comes that is given already.
func Widen(ctx context.Context, p Problem, outside Outside, most int) (Widened, error) {
	p.Edges = p.Edges[:len(p.Edges):len(p.Edges)] // the caller's list stays as it is
	for round := 1; ; round++ {
		s, err := Solve(ctx, p)
		if err != nil {
			return Widened{}, fmt.Errorf("round %d: %w", round, err)
		}
		out := Widened{Problem: p, Solution: s, Bound: s.Bound, Rounds: round}
		var found []Edge
		around := heldBack(p, s.ReviewerPrice, s.GroupPrice)
		for i := range p.Demand {
			below := func(r int) int64 { return s.ProposalPrice[i] + around[r] }
			for _, e := range outside(i, below) {
				if gain := below(e.Reviewer) - e.Cost; gain > 0 {
					out.Bound -= gain
					found = append(found, e)
				}
			}
		}
		if len(found) == 0 || round >= most {
			return out, nil
		}
		p.Edges = append(p.Edges, found...)
	}
}
