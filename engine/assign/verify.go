package assign

import (
	"fmt"
	"math"
	"math/big"
	"slices"
)

// Verify proves that s is a best assignment for p, or says what is wrong: all
// that VerifyBound proves, and that the bound equals what the assignment costs,
// so that none can be better. It uses nothing of the search. O(P+R+E), and O(E)
// for each of the at most 32 reasons.
func Verify(p Problem, s Solution) error {
	if err := VerifyBound(p, s); err != nil {
		return err
	}
	if v := p.Value(s); v != s.Bound {
		return fmt.Errorf("assign: the assignment costs %d, the bound is %d: not proven best", v, s.Bound)
	}
	return nil
}

// VerifyBound proves that the limits are kept, that what is called missing is
// missing, that the prices give the bound, below which no assignment can be, and
// that every reason in Why holds.
func VerifyBound(p Problem, s Solution) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := verifyLimits(p, s); err != nil {
		return err
	}
	return verifyPrices(p, s)
}

// verifyLimits checks pairs and counts, and the reasons for what is missing.
func verifyLimits(p Problem, s Solution) error {
	got, load, cost, err := tally(p, s.Chosen)
	if err != nil {
		return err
	}
	if cost != s.Cost {
		return fmt.Errorf("assign: the pairs cost %d, not %d", cost, s.Cost)
	}
	var short, idle []Missing
	for i, n := range got {
		if n > p.Demand[i] {
			return fmt.Errorf("assign: proposal %d has %d reviews and needs %d", i, n, p.Demand[i])
		}
		if n < p.Demand[i] {
			short = append(short, Missing{i, p.Demand[i] - n})
		}
	}
	for i, n := range load {
		if n > p.Load[i].Max {
			return fmt.Errorf("assign: reviewer %d has %d reviews, at most %d allowed", i, n, p.Load[i].Max)
		}
		if n < p.Load[i].Min {
			idle = append(idle, Missing{i, p.Load[i].Min - n})
		}
	}
	if !slices.Equal(short, s.Short) || !slices.Equal(idle, s.Idle) {
		return fmt.Errorf("assign: missing are %v and %v, not %v and %v", short, idle, s.Short, s.Idle)
	}
	return verifyReasons(p, s)
}

// tally counts the chosen pairs and refuses those that may not be, or must be
// and are not, chosen.
func tally(p Problem, chosen []int) (got, load []int, cost int64, err error) {
	got, load = make([]int, len(p.Demand)), make([]int, len(p.Load))
	on := make([]bool, len(p.Edges))
	for _, k := range chosen {
		if k < 0 || k >= len(on) || on[k] || p.Edges[k].Forbidden {
			return nil, nil, 0, fmt.Errorf("assign: edge %d is unknown, forbidden or chosen twice", k)
		}
		on[k] = true
		e := p.Edges[k]
		got[e.Proposal]++
		load[e.Reviewer]++
		cost += e.Cost
	}
	for k, e := range p.Edges {
		if e.Fixed && !on[k] {
			return nil, nil, 0, fmt.Errorf("assign: edge %d is fixed and not chosen", k)
		}
	}
	return got, load, cost, nil
}

// verifyPrices proves the bound by weak duality: while no price is over the cost
// of a missing place it is valid for every assignment, and one that attains it
// is best.
func verifyPrices(p Problem, s Solution) error {
	if err := priceRange(p, s.ProposalPrice, s.ReviewerPrice); err != nil {
		return err
	}
	b, ok := bound(p, s.ProposalPrice, s.ReviewerPrice)
	if !ok || b != s.Bound {
		return fmt.Errorf("assign: the prices give the bound %d, not %d", b, s.Bound)
	}
	return nil
}

// priceRange refuses prices for which no bound holds, or that an honest search
// cannot have come to; within it no reduced cost overflows.
func priceRange(p Problem, proposal, reviewer []int64) error {
	if len(proposal) != len(p.Demand) || len(reviewer) != len(p.Load) {
		return fmt.Errorf("assign: %d and %d prices", len(proposal), len(reviewer))
	}
	reach := 4*p.Penalty() + p.unfilled()
	most := []int64{p.unfilled(), p.Penalty()}
	for side, list := range [][]int64{proposal, reviewer} {
		for i, x := range list {
			if x > most[side] || x < -reach {
				return fmt.Errorf("assign: price %d of %d is out of range", x, i)
			}
		}
	}
	return nil
}

// bound is the value of the dual: with π for proposals, ρ for reviewers and
// reduced costs c̄ = c − π − ρ,
//
//	Σ demand·π + Σ (ρ > 0 ? min·ρ : max·ρ) + Σ_free min(0, c̄) + Σ_fixed c̄.
//
// It is valid for every assignment, complete or not, while no price is over the
// cost of a missing place (Ahuja, Magnanti and Orlin, 1993, section 9.4, with unmet places as
// arcs of cost penalty).
//
// The sum is taken without a limit, so that no choice of prices can wrap around;
// ok is false when the result does not fit.
func bound(p Problem, proposal, reviewer []int64) (value int64, ok bool) {
	var sum, t, u big.Int
	for i, d := range p.Demand {
		sum.Add(&sum, t.Mul(t.SetInt64(int64(d)), u.SetInt64(proposal[i])))
	}
	for i, l := range p.Load {
		n := l.Max
		if reviewer[i] > 0 {
			n = l.Min
		}
		sum.Add(&sum, t.Mul(t.SetInt64(int64(n)), u.SetInt64(reviewer[i])))
	}
	for _, e := range p.Edges {
		if reduced := e.Cost - proposal[e.Proposal] - reviewer[e.Reviewer]; !e.Forbidden && (e.Fixed || reduced < 0) {
			sum.Add(&sum, t.SetInt64(reduced))
		}
	}
	return sum.Int64(), sum.IsInt64()
}

func verifyReasons(p Problem, s Solution) error {
	explained := map[DeficitKind][]bool{TooFewReviewers: make([]bool, len(p.Demand)), TooFewProposals: make([]bool, len(p.Load))}
	lacks := map[int]int{}
	for _, m := range s.Short {
		lacks[m.Index] = m.Count
	}
	for i, d := range s.Why {
		if d.Kind == TooDear {
			if err := verifyDear(p, d, lacks, explained[TooFewReviewers]); err != nil {
				return fmt.Errorf("assign: reason %d: %w", i, err)
			}
			continue
		}
		in, ok := explained[d.Kind]
		if !ok || i > 2*mostDeficits {
			return fmt.Errorf("assign: reason %d is of no known kind or too many", i)
		}
		set, other := d.Proposals, d.Reviewers
		if d.Kind == TooFewProposals {
			set, other = other, set
		}
		of := make([]bool, len(in))
		for _, x := range set {
			if x < 0 || x >= len(of) {
				return fmt.Errorf("assign: reason %d names %d", i, x)
			}
			of[x], in[x] = true, true
		}
		around, need, have := count(p, d.Kind, of)
		if need != d.Need || have != d.Have || have >= need || !slices.Equal(around, other) {
			return fmt.Errorf("assign: reason %d does not hold: need %d, have %d", i, need, have)
		}
	}
	for kind, list := range map[DeficitKind][]Missing{TooFewReviewers: s.Short, TooFewProposals: s.Idle} {
		for _, m := range list {
			if !explained[kind][m.Index] {
				return fmt.Errorf("assign: no reason is given why %d lacks %d (%s)", m.Index, m.Count, kind)
			}
		}
	}
	return nil
}

// verifyDear checks who is said to be left unserved for the cost; that this is
// best follows from the prices.
func verifyDear(p Problem, d Deficit, lacks map[int]int, explained []bool) error {
	need := 0
	for _, x := range d.Proposals {
		if lacks[x] == 0 {
			return fmt.Errorf("proposal %d lacks nothing", x)
		}
		need += lacks[x]
		explained[x] = true
	}
	if p.Unfilled == 0 || need != d.Need || d.Have != 0 || len(d.Reviewers) > 0 {
		return fmt.Errorf("does not hold: need %d", need)
	}
	return nil
}

// count is both sides of the condition of Hall and Gale for a set of proposals
// or of reviewers: who is around it, what it needs, what there is for it.
func count(p Problem, kind DeficitKind, of []bool) (around []int, need, have int) {
	room := make([]int, len(p.Load))
	for i, l := range p.Load {
		room[i] = l.Max
	}
	if kind == TooFewProposals {
		room = slices.Clone(p.Demand)
	}
	pairs := make([]int, len(room))
	for _, e := range p.Edges {
		a, b := e.Proposal, e.Reviewer
		if kind == TooFewProposals {
			a, b = b, a
		}
		switch {
		case e.Forbidden:
		case of[a]:
			pairs[b]++
		case e.Fixed:
			room[b]--
		}
	}
	for b, n := range pairs {
		if n > 0 {
			around = append(around, b)
			have += min(n, room[b])
		}
	}
	for a, on := range of {
		switch {
		case !on:
		case kind == TooFewProposals:
			need += p.Load[a].Min
		default:
			need += p.Demand[a]
		}
	}
	return around, need, have
}

// VerifyFair proves what f says: that limits are kept, what the least served
// proposal gets, that the weights prove the bound, and every reason in Why. It
// does not prove that no more places could be filled where there is no reason for
// an empty one. O(P+R+E).
func VerifyFair(p Problem, f Fair) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := verifyLimits(p, Solution{Chosen: f.Chosen, Short: f.Short, Idle: f.Idle, Cost: f.Cost, Why: f.Why}); err != nil {
		return err
	}
	sums := make([]int64, len(p.Demand))
	for _, k := range f.Chosen {
		sums[p.Edges[k].Proposal] += Scale - p.Edges[k].Cost
	}
	if len(sums) > 0 && slices.Min(sums) != f.Min || len(sums) == 0 && f.Min != 0 {
		return fmt.Errorf("assign: the least served proposal has not %d", f.Min)
	}
	w := f.Proof
	if len(w.Weight) != len(p.Demand) || len(w.Proposal) != len(p.Demand) || len(w.Reviewer) != len(p.Load) {
		return fmt.Errorf("assign: %d weights, %d and %d prices", len(w.Weight), len(w.Proposal), len(w.Reviewer))
	}
	for _, list := range [][]int64{w.Weight, w.Proposal, w.Reviewer} {
		for i, x := range list {
			if x < 0 || x > Scale<<20 {
				return fmt.Errorf("assign: weight or price %d of %d is out of range", x, i)
			}
		}
	}
	if len(sums) > 0 && w.bound(p) != f.Bound {
		return fmt.Errorf("assign: the weights prove %d, not %d", w.bound(p), f.Bound)
	}
	return nil
}

// bound is what the weights prove, see Weights; MaxInt64 where they are all zero.
func (w Weights) bound(p Problem) int64 {
	var sum, total, t big.Int
	for i, d := range p.Demand {
		total.Add(&total, t.SetInt64(w.Weight[i]))
		sum.Add(&sum, t.Mul(big.NewInt(int64(d)), big.NewInt(w.Proposal[i])))
	}
	for r, l := range p.Load {
		sum.Add(&sum, t.Mul(big.NewInt(int64(l.Max)), big.NewInt(w.Reviewer[r])))
	}
	step := int64(0)
	for _, e := range p.Edges {
		if e.Forbidden {
			continue
		}
		for x := Scale - e.Cost; x != 0; {
			step, x = x, step%x
		}
		if gain := w.Weight[e.Proposal]*(Scale-e.Cost) - w.Proposal[e.Proposal] - w.Reviewer[e.Reviewer]; gain > 0 {
			sum.Add(&sum, t.SetInt64(gain))
		}
	}
	if total.Sign() == 0 {
		return math.MaxInt64
	}
	sum.Div(&sum, &total)
	if step == 0 {
		return 0
	}
	return sum.Int64() / step * step
}
