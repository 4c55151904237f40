package assign

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Fair is an assignment that serves the worst served proposal as well as could
// be found, then the next, with a bound on how well that can be at all.
type Fair struct {
	Chosen []int // as in Solution
	Short  []Missing
	Idle   []Missing
	Why    []Deficit

	Cost  int64 // sum of the costs of Chosen
	Min   int64 // least sum of scores of a proposal, in 1/Scale; 0 where there is none
	Bound int64 // no assignment has a greater Min
	Proof Weights
}

// Optimal reports whether Min is proven to be the greatest there is.
func (f Fair) Optimal() bool { return f.Min == f.Bound }

// Weights prove a bound. If proposals count w ≥ 0 and prices α of proposals and
// β of reviewers are ≥ 0, then for every assignment
//
//	Min · Σ w ≤ Σ w·sum ≤ Σ demand·α + Σ max·β + Σ cap·γ + Σ_pairs max(0, w·score − α − β − Σγ),
//
// with a price γ ≥ 0 of each group and, for a pair, the sum of those around its reviewer,
// as the least is at most any weighted mean, and by weak duality of the
// assignment that has the greatest weighted total. Min is a multiple of the
// greatest common divisor of all scores, and so the bound is rounded down to one.
type Weights struct {
	Weight, Proposal, Reviewer []int64
	Group                      []int64 `json:",omitempty"`
}

// Solve of the fair objective is hard in general (max-min of sums, as Bezáková and
// Dani, 2005, put it), so there is a budget: how often the pairs are gone through.
const (
	fairPasses = 150
	fairBounds = 12
	fullWeight = 1 << 10
)

// Fairest starts from the best total and raises the least served proposal along
// chains of exchanges in which nobody else falls as low, then the next, until no
// chain helps or the work for 150 passes over the edges is done. The bound is that
// of the proposals which stand in each other's way there, their weights adapted a
// few times. As many places are filled as can be. Errors as of Solve.
func Fairest(ctx context.Context, p Problem) (Fair, error) {
	f, err := solve(ctx, p, 0)
	if err != nil {
		return Fair{}, err
	}
	c := newChains(f)
	if err := c.raiseAll(ctx); err != nil {
		return Fair{}, err
	}
	s := f.solution()
	out := Fair{Chosen: s.Chosen, Short: s.Short, Idle: s.Idle, Cost: s.Cost, Why: deficits(p, s)}
	out.Min, _ = least(p, s.Chosen)
	err = c.bound(ctx, &out)
	return out, err
}

// least is the least sum of scores and the first proposal that has it.
func least(p Problem, chosen []int) (sum int64, proposal int) {
	sums := make([]int64, len(p.Demand))
	for _, k := range chosen {
		sums[p.Edges[k].Proposal] += Scale - p.Edges[k].Cost
	}
	if len(sums) == 0 {
		return 0, -1
	}
	sum = slices.Min(sums)
	return sum, slices.Index(sums, sum)
}

// chains looks for exchanges. A step is a proposal that needs somebody, having
// lost a pair to the step before, which took another with the same reviewer.
type chains struct {
	f      *flow
	sum    []int64
	steps  []chainStep
	seen   []int32 // reviewer → the search that last came there
	search int32
	budget int
}

type chainStep struct {
	proposal   int32
	lost, took int32 // slots, −1 where nothing was lost
	before     int
}

func newChains(f *flow) *chains {
	c := &chains{f: f, sum: make([]int64, f.np), seen: make([]int32, f.nr), budget: fairPasses * (len(f.pairs) + f.np)}
	for _, e := range f.p.Edges {
		if e.Fixed {
			c.sum[e.Proposal] += Scale - e.Cost
		}
	}
	for r := range f.nr {
		for _, t := range f.taken(r) {
			c.sum[t.proposal] += c.score(t.slot)
		}
	}
	return c
}

func (c *chains) score(slot int32) int64 {
	if slot < 0 {
		return 0
	}
	return Scale - costOf(c.f.pairs[slot])
}

func (c *chains) raiseAll(ctx context.Context) error {
	order := make([]int32, c.f.np)
	for i := range order {
		order[i] = int32(i)
	}
	for better := true; better && c.budget > 0; {
		better = false
		slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(c.sum[a], c.sum[b]), cmp.Compare(a, b)) })
		for _, i := range order {
			if err := ctx.Err(); err != nil {
				return err
			}
			for c.budget > 0 && c.raise(i) {
				better = true
			}
		}
	}
	return nil
}

// raise finds a chain after which the proposal has more than now and everybody on
// the way, too, has more than it has now.
func (c *chains) raise(proposal int32) bool {
	for _, lost := range c.holds(proposal) {
		if end, slot := c.look(proposal, lost, c.sum[proposal]+1); end >= 0 {
			c.turn(end, slot)
			return true
		}
	}
	return false
}

// holds lists the pairs of a proposal, the worst first.
func (c *chains) holds(proposal int32) []int32 {
	f := c.f
	var list []int32
	for k := f.first[proposal+1] - 1; k >= f.first[proposal]; k-- {
		if f.pairs[k]&held != 0 {
			list = append(list, k)
		}
	}
	return list
}

// look searches breadth first for a way to replace what a proposal would give up,
// such that all on the way get at least floor.
func (c *chains) look(proposal, lost int32, floor int64) (end int, slot int32) {
	f := c.f
	c.search++
	free := reviewerOf(f.pairs[lost])
	may := f.load[free] > f.min[free] // whether the place given up may stay empty
	c.steps = append(c.steps[:0], chainStep{proposal, lost, -1, -1})
	for at := 0; at < len(c.steps); at++ {
		s := c.steps[at]
		need := floor - c.sum[s.proposal] + c.score(s.lost)
		for k := f.first[s.proposal]; k < f.first[s.proposal+1]; k++ {
			c.budget--
			pair := f.pairs[k]
			if Scale-costOf(pair) < need {
				break
			}
			r := reviewerOf(pair)
			if pair&closed != 0 || c.seen[r] == c.search || at == 0 && r == free {
				continue
			}
			c.seen[r] = c.search
			if r == free || may && f.load[r] < f.max[r] && f.fits(r, free) {
				return at, k
			}
			for _, t := range f.taken(r) {
				if !c.on(at, t.proposal) {
					c.steps = append(c.steps, chainStep{t.proposal, t.slot, k, at})
				}
			}
		}
	}
	return -1, -1
}

// on reports whether a proposal is on the way to a step.
func (c *chains) on(step int, proposal int32) bool {
	for ; step >= 0; step = c.steps[step].before {
		if c.steps[step].proposal == proposal {
			return true
		}
	}
	return false
}

// turn makes the exchanges of a chain that ends by taking a slot.
func (c *chains) turn(end int, slot int32) {
	take := make([]link, 0, 8)
	for at := end; at >= 0; at = c.steps[at].before {
		s := c.steps[at]
		take = append(take, link{slot, s.proposal})
		c.sum[s.proposal] += c.score(slot) - c.score(s.lost)
		c.f.drop(s.lost)
		slot = s.took
	}
	for _, l := range take {
		c.f.hold(l, 0)
	}
}

// bound looks for weights that prove a small bound: first those of the one
// proposal that could be served worst if it were alone, then those of everybody who
// is met when the least served one is to be raised.
func (c *chains) bound(ctx context.Context, out *Fair) error {
	p := c.f.p
	out.Proof, out.Bound = c.alone()
	if out.Optimal() || c.f.np == 0 {
		return nil
	}
	weight := c.rivals()
	for range fairBounds {
		proof, sums, err := weigh(ctx, p, weight)
		if err != nil {
			return err
		}
		if b := proof.bound(p); b < out.Bound {
			out.Proof, out.Bound = proof, b
		}
		if out.Optimal() {
			return nil
		}
		adapt(weight, sums)
	}
	return nil
}

// alone is the proof by one proposal.
func (c *chains) alone() (Weights, int64) {
	p := c.f.p
	first, index := p.byProposal(func(e Edge) bool { return !e.Forbidden })
	least, at, price := int64(math.MaxInt64), -1, int64(0)
	for i, d := range p.Demand {
		var scores []int64
		for _, k := range index[first[i]:first[i+1]] {
			scores = append(scores, Scale-p.Edges[k].Cost)
		}
		slices.SortFunc(scores, func(a, b int64) int { return cmp.Compare(b, a) })
		sum, last := int64(0), int64(0)
		for n := range min(d, len(scores)) {
			sum, last = sum+scores[n], scores[n]
		}
		if len(scores) < d {
			last = 0
		}
		if sum < least {
			least, at, price = sum, i, last
		}
	}
	w := noWeights(p)
	if at < 0 {
		return w, 0
	}
	w.Weight[at], w.Proposal[at] = 1, price
	return w, w.bound(p)
}

func noWeights(p Problem) Weights {
	return Weights{make([]int64, len(p.Demand)), make([]int64, len(p.Demand)), make([]int64, len(p.Load)), make([]int64, len(p.Groups))}
}

// rivals gives full weight to all whom a search for the least served meets.
func (c *chains) rivals() []int64 {
	weight := make([]int64, c.f.np)
	low := int32(slices.Index(c.sum, slices.Min(c.sum)))
	weight[low] = fullWeight
	for _, lost := range c.holds(low) {
		c.look(low, lost, c.sum[low]+1)
		for _, s := range c.steps {
			weight[s.proposal] = fullWeight
		}
	}
	return weight
}

// weigh finds the greatest weighted total, and what each proposal has in it.
func weigh(ctx context.Context, p Problem, weight []int64) (Weights, []int64, error) {
	q := Problem{Demand: make([]int, len(p.Demand)), Load: make([]Load, len(p.Load)), Unfilled: Scale, Groups: p.Groups, Member: p.Member}
	for i, w := range weight {
		if w > 0 {
			q.Demand[i] = p.Demand[i]
		}
	}
	for r, l := range p.Load {
		q.Load[r].Max = l.Max
	}
	var origin []int
	for k, e := range p.Edges {
		if w := weight[e.Proposal]; w > 0 && !e.Forbidden {
			q.Edges = append(q.Edges, Edge{Proposal: e.Proposal, Reviewer: e.Reviewer, Cost: Scale - (Scale-e.Cost)*w/fullWeight})
			origin = append(origin, k)
		}
	}
	f, err := solve(ctx, q, 0)
	if err != nil {
		return Weights{}, nil, err
	}
	sums := make([]int64, len(weight))
	for _, k := range f.chosen() {
		e := p.Edges[origin[k]]
		sums[e.Proposal] += Scale - e.Cost
	}
	out := Weights{Weight: slices.Clone(weight)}
	out.Proposal, out.Reviewer, out.Group = f.prices()
	for i := range out.Proposal { // an empty place is worth 0 here and cost Scale there
		out.Proposal[i] = max(0, (Scale-out.Proposal[i])*fullWeight)
		if weight[i] == 0 {
			out.Proposal[i] = 0
		}
	}
	for _, list := range [][]int64{out.Reviewer, out.Group} {
		for i := range list {
			list[i] = max(0, -list[i]*fullWeight)
		}
	}
	return out, sums, nil
}

// adapt gives less weight to those who got much and more to those who got little
// (multiplicative weights, Freund and Schapire, 1997).
func adapt(weight, sums []int64) {
	low, high := int64(math.MaxInt64), int64(0)
	for i, w := range weight {
		if w > 0 {
			low, high = min(low, sums[i]), max(high, sums[i])
		}
	}
	top := 0.0
	next := make([]float64, len(weight))
	for i, w := range weight {
		if w > 0 && high > low {
			next[i] = float64(w) * math.Exp(-float64(sums[i]-low)/float64(high-low))
			top = max(top, next[i])
		}
	}
	for i := range weight {
		if weight[i] > 0 && top > 0 {
			weight[i] = max(1, int64(next[i]/top*fullWeight))
		}
	}
}
