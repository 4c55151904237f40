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
	for g, n := range inGroups(p, load) {
		if n > p.Groups[g].Max {
			return fmt.Errorf("assign: group %d has %d reviews, at most %d allowed", g, n, p.Groups[g].Max)
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
	if err := priceRange(p, s.ProposalPrice, s.ReviewerPrice, s.GroupPrice); err != nil {
		return err
	}
	b, ok := bound(p, s.ProposalPrice, s.ReviewerPrice, s.GroupPrice)
	if !ok || b != s.Bound {
		return fmt.Errorf("assign: the prices give the bound %d, not %d", b, s.Bound)
	}
	return nil
}

// priceRange refuses prices for which no bound holds, or that an honest search
// cannot have come to; within it no reduced cost overflows.
func priceRange(p Problem, proposal, reviewer, group []int64) error {
	if len(proposal) != len(p.Demand) || len(reviewer) != len(p.Load) || len(group) != 0 && len(group) != len(p.Groups) {
		return fmt.Errorf("assign: %d, %d and %d prices", len(proposal), len(reviewer), len(group))
	}
	reach := 4*p.Penalty() + p.unfilled()
	most := []int64{p.unfilled(), p.Penalty(), 0}
	for side, list := range [][]int64{proposal, reviewer, group} {
		for i, x := range list {
			if x > most[side] || x < -reach {
				return fmt.Errorf("assign: price %d of %d is out of range", x, i)
			}
		}
	}
	return nil
}

// heldBack is the price of each reviewer with those of all groups around them.
func heldBack(p Problem, reviewer, group []int64) []int64 {
	sums := slices.Clone(reviewer)
	if len(group) > 0 {
		for r := range p.Member {
			for _, g := range p.around(r) {
				sums[r] += group[g]
			}
		}
	}
	return sums
}

// bound is the value of the dual: with π for proposals, ρ for reviewers, γ ≤ 0 for groups and
// reduced costs c̄ = c − π − ρ − (the γ of all groups around the reviewer),
//
//	Σ demand·π + Σ (ρ > 0 ? min·ρ : max·ρ) + Σ cap·γ + Σ_free min(0, c̄) + Σ_fixed c̄.
//
// It is valid for every assignment, complete or not, while no price is over the
// cost of a missing place (Ahuja, Magnanti and Orlin, 1993, section 9.4, with unmet places as
// arcs of cost penalty).
//
// The sum is taken without a limit, so that no choice of prices can wrap around;
// ok is false when the result does not fit.
func bound(p Problem, proposal, reviewer, group []int64) (value int64, ok bool) {
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
	for g, price := range group {
		sum.Add(&sum, t.Mul(t.SetInt64(int64(p.Groups[g].Max)), u.SetInt64(price)))
	}
	around := heldBack(p, reviewer, group)
	for _, e := range p.Edges {
		if reduced := e.Cost - proposal[e.Proposal] - around[e.Reviewer]; !e.Forbidden && (e.Fixed || reduced < 0) {
			sum.Add(&sum, t.SetInt64(reduced))
		}
	}
	return sum.Int64(), sum.IsInt64()
}

func verifyReasons(p Problem, s Solution) error {
	explained := map[DeficitKind][]bool{TooFewReviewers: make([]bool, len(p.Demand)), TooFewProposals: make([]bool, len(p.Load))}
	for i, d := range s.Why {
		if d.Kind == TooDear || d.Kind == Capped {
			verify := verifyDear
			if d.Kind == Capped {
				verify = verifyCapped
			}
			if err := verify(p, s, d, explained); err != nil {
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
		around, groups, need, have := count(p, d.Kind, of)
		if need != d.Need || have != d.Have || have >= need || !slices.Equal(around, other) || !slices.Equal(groups, d.Groups) {
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
func verifyDear(p Problem, s Solution, d Deficit, explained map[DeficitKind][]bool) error {
	need, err := lacking(s.Short, d.Proposals, explained[TooFewReviewers])
	if err == nil && (p.Unfilled == 0 || need != d.Need || d.Have != 0 || len(d.Reviewers) > 0) {
		err = fmt.Errorf("does not hold: need %d", need)
	}
	return err
}

// verifyCapped checks who is said to be held back by caps, and that these are used up; that nothing better
// exists follows from the prices.
func verifyCapped(p Problem, s Solution, d Deficit, explained map[DeficitKind][]bool) error {
	load := make([]int, len(p.Load))
	for _, k := range s.Chosen {
		load[p.Edges[k].Reviewer]++
	}
	used := inGroups(p, load)
	for _, g := range d.Groups {
		if g < 0 || g >= len(used) || used[g] < p.Groups[g].Max {
			return fmt.Errorf("group %d is unknown or has room", g)
		}
	}
	short, err := lacking(s.Short, d.Proposals, explained[TooFewReviewers])
	if err != nil {
		return err
	}
	idle, err := lacking(s.Idle, d.Reviewers, explained[TooFewProposals])
	if err == nil && (short+idle != d.Need || d.Have != 0 || len(d.Groups) == 0) {
		err = fmt.Errorf("does not hold: need %d", short+idle)
	}
	return err
}

// lacking sums what some of a list lack and marks them as explained.
func lacking(list []Missing, some []int, explained []bool) (sum int, err error) {
	lacks := map[int]int{}
	for _, m := range list {
		lacks[m.Index] = m.Count
	}
	for _, x := range some {
		if lacks[x] == 0 {
			return 0, fmt.Errorf("%d lacks nothing", x)
		}
		sum += lacks[x]
		explained[x] = true
	}
	return sum, nil
}

// count is both sides of the condition of Hall and Gale for a set of proposals
// or of reviewers: who is around it, what it needs, what there is for it; for proposals
// also the groups whose caps leave less than their people could take.
func count(p Problem, kind DeficitKind, of []bool) (around, groups []int, need, have int) {
	room := make([]int, len(p.Load))
	for i, l := range p.Load {
		room[i] = l.Max
	}
	if kind == TooFewProposals {
		room = slices.Clone(p.Demand)
	}
	pairs, fixed := make([]int, len(room)), make([]int, len(room))
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
			fixed[b]++
		}
	}
	for b, n := range pairs {
		if n > 0 {
			around = append(around, b)
		}
		pairs[b] = min(n, room[b])
		have += pairs[b]
	}
	if kind == TooFewReviewers && len(p.Groups) > 0 {
		groups, have = underCaps(p, pairs, fixed)
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
	return around, groups, need, have
}

// underCaps is how many reviews reviewers can take together who could take so many each, as some are fixed elsewhere already; and the
// groups that hold them back.
func underCaps(p Problem, could, fixed []int) (groups []int, have int) {
	taken, sums := inGroups(p, fixed), make([]int, len(p.Groups))
	give := func(n, group int) {
		if group >= 0 {
			sums[group] += n
		} else {
			have += n
		}
	}
	for r, n := range could {
		if p.Member == nil {
			give(n, -1)
		} else {
			give(n, p.Member[r])
		}
	}
	for g, x := range p.Groups {
		if left := x.Max - taken[g]; left < sums[g] {
			sums[g] = left
			groups = append(groups, g)
		}
		give(sums[g], x.Within)
	}
	return groups, have
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
	if len(w.Weight) != len(p.Demand) || len(w.Proposal) != len(p.Demand) || len(w.Reviewer) != len(p.Load) || len(w.Group) != 0 && len(w.Group) != len(p.Groups) {
		return fmt.Errorf("assign: %d weights, %d, %d and %d prices", len(w.Weight), len(w.Proposal), len(w.Reviewer), len(w.Group))
	}
	for _, list := range [][]int64{w.Weight, w.Proposal, w.Reviewer, w.Group} {
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
	for g, price := range w.Group {
		sum.Add(&sum, t.Mul(big.NewInt(int64(p.Groups[g].Max)), big.NewInt(price)))
	}
	around := heldBack(p, w.Reviewer, w.Group)
	step := int64(0)
	for _, e := range p.Edges {
		if e.Forbidden {
			continue
		}
		for x := Scale - e.Cost; x != 0; {
			step, x = x, step%x
		}
		if gain := w.Weight[e.Proposal]*(Scale-e.Cost) - w.Proposal[e.Proposal] - around[e.Reviewer]; gain > 0 {
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
