package assign

import (
	"cmp"
	"context"
	"slices"
)

// Solve finds the best assignment; see the package's contract. The error is that
// of Problem.Check or that of ctx; an infeasible problem is no error but an
// incomplete solution.
func Solve(ctx context.Context, p Problem) (Solution, error) { return Approximate(ctx, p, 0) }

// Approximate is Solve, but stops early once the assignment is complete and
// proven to be within gap of the best: cost − bound ≤ gap · cost. The solution is
// checked by VerifyBound, and by Verify only where it happens to be best. With caps on
// groups it is the best: what comes before does not know them.
func Approximate(ctx context.Context, p Problem, gap float64) (Solution, error) {
	f, err := solve(ctx, p, gap)
	if err != nil {
		return Solution{}, err
	}
	return f.solution(), nil
}

func solve(ctx context.Context, p Problem, gap float64) (*flow, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f := newFlow(p, 1, 1)
	near, last := false, int64(lastStep)
	if gap > 0 {
		last = lastStepOfGap
	}
	err := f.auction(ctx, last, func() bool {
		near = gap > 0 && len(p.Groups) == 0 && f.complete() && float64(f.cost()-f.dual()) <= gap*float64(f.cost())
		return near
	})
	if err == nil && !near {
		err = f.settle(ctx)
	}
	f.unmet = p.unfilled()
	return f, err
}

// complete reports whether all places are filled and all minima met.
func (f *flow) complete() bool {
	for i := range f.np {
		if f.want[i] > 0 || f.short[i] > 0 {
			return false
		}
	}
	for r := range f.nr {
		if f.load[r] < f.min[r] {
			return false
		}
	}
	return true
}

// cost is that of all pairs held.
func (f *flow) cost() int64 {
	sum := int64(0)
	for r := range f.nr {
		for _, t := range f.taken(r) {
			sum += costOf(f.pairs[t.slot])
		}
	}
	return sum
}

// total is Problem.Value of what is held and fixed.
func (f *flow) total() int64 {
	sum := f.cost()
	for _, e := range f.p.Edges {
		if e.Fixed {
			sum += e.Cost
		}
	}
	for i := range f.np {
		sum += f.unmet * int64(f.want[i]+f.short[i])
	}
	for r := range f.nr {
		sum += f.idle * int64(max(0, f.min[r]-f.load[r]))
	}
	return sum
}

// solution puts a finished flow into the words of the problem, with its proof.
func (f *flow) solution() Solution {
	var out Solution
	out.ProposalPrice, out.ReviewerPrice, out.GroupPrice = f.prices()
	for i := range f.np {
		if n := f.want[i] + f.short[i]; n > 0 {
			out.Short = append(out.Short, Missing{i, int(n)})
		}
	}
	for r := range f.nr {
		if n := f.min[r] - f.load[r]; n > 0 {
			out.Idle = append(out.Idle, Missing{r, int(n)})
		}
	}
	out.Chosen = f.chosen()
	for _, k := range out.Chosen {
		out.Cost += f.p.Edges[k].Cost
	}
	out.Bound, _ = bound(f.p, out.ProposalPrice, out.ReviewerPrice, out.GroupPrice) // equals cost and unmet places, which fit
	out.Why = deficits(f.p, out)
	return out
}

// prices are those of the problem as it was put. Of all that fit, a proposal gets
// the highest: its cheapest further review. A price of a person is what is left without those of their groups.
func (f *flow) prices() (proposal, reviewer, group []int64) {
	f.tidy()
	proposal, reviewer = make([]int64, f.np), make([]int64, f.nr)
	for i := range proposal {
		proposal[i] = f.next(i)
	}
	for r, price := range f.price {
		reviewer[r] = f.ground(r) - price
		if f.max[r] == 0 { // such pairs were left out: no price is too high
			reviewer[r] = -f.unmet
		}
	}
	if f.tree != nil {
		group = make([]int64, len(f.tree.price))
		for g, price := range f.tree.price {
			group[g] = -price
			if up := f.tree.within[g]; up >= 0 {
				group[g] += f.tree.price[up]
			}
		}
	}
	return proposal, reviewer, group
}

// chosen lists what is held and what is fixed, by proposal and reviewer.
func (f *flow) chosen() []int {
	fixed := make([][]int, f.np)
	for k, e := range f.p.Edges {
		if e.Fixed {
			fixed[e.Proposal] = append(fixed[e.Proposal], k)
		}
	}
	var out []int
	for i := range f.np {
		from := len(out)
		out = append(out, fixed[i]...)
		for k := f.first[i]; k < f.first[i+1]; k++ {
			if f.pairs[k]&held != 0 {
				out = append(out, f.edge(int32(i), k))
			}
		}
		slices.SortFunc(out[from:], func(a, b int) int { return cmp.Compare(f.p.Edges[a].Reviewer, f.p.Edges[b].Reviewer) })
	}
	return out
}
