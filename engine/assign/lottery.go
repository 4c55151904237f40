package assign

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
)

// Lottery is a probability for every pair such that no pair is surer than a
// limit, and of all such the one with the least expected cost. Drawing from it
// keeps people from arranging who judges what (Jecmen, Zhang, Liu, Shah,
// Conitzer and Fang, 2020).
type Lottery struct {
	Parts int64   // probabilities are counted in 1/Parts
	Limit int64   // most that a pair has, but for fixed ones, which have all
	Share []int64 // of each of Problem.Edges

	Cost  int64 // expected, times Parts
	Short int64 // expected reviews that proposals lack, times Parts
	Idle  int64 // expected reviews that reviewers lack to their minimum, times Parts

	// Prices as of Solution, and the bound that follows from them: no lottery has
	// a smaller expected value, times Parts.
	ProposalPrice, ReviewerPrice, GroupPrice []int64
	Bound                                    int64
}

// most copies of all pairs together that Randomize works on.
const mostCopies = 1 << 28

// Randomize finds the best lottery in which no pair has a probability above
// limit/parts; that expected loads and demands are kept makes every draw keep
// them. It is a flow again, with every place cut into parts: the time is that of
// Solve on limit times the edges, so that a short fraction is worth its while.
func Randomize(ctx context.Context, p Problem, limit, parts int64) (Lottery, error) {
	if err := p.Check(); err != nil {
		return Lottery{}, err
	}
	if limit < 1 || parts < limit {
		return Lottery{}, fmt.Errorf("assign: a probability of %d/%d: above 0 and at most 1 is expected", limit, parts)
	}
	places := 0
	for _, d := range p.Demand {
		places += d
	}
	for _, l := range p.Load {
		places = max(places, l.Max)
	}
	if limit*int64(len(p.Edges)) > mostCopies || parts*int64(max(places, 1)) > mostCopies {
		return Lottery{}, fmt.Errorf("assign: a probability of %d/%d is too fine for %d pairs: take one with smaller numbers, such as 1/2 or 1/3", limit, parts, len(p.Edges))
	}
	f := newFlow(p, int32(limit), int32(parts))
	err := f.auction(ctx, lastStepOfLottery, func() bool { return false })
	if err == nil {
		err = f.settle(ctx)
	}
	if err != nil {
		return Lottery{}, err
	}
	return f.lottery(limit, parts), nil
}

func (f *flow) lottery(limit, parts int64) Lottery {
	l := Lottery{Parts: parts, Limit: limit, Share: make([]int64, len(f.p.Edges))}
	l.ProposalPrice, l.ReviewerPrice, l.GroupPrice = f.prices()
	for k, e := range f.p.Edges {
		if e.Fixed {
			l.Share[k] = parts
		}
	}
	for r := range f.nr {
		for _, t := range f.taken(r) {
			l.Share[f.edge(t.proposal, t.slot)]++
		}
		l.Idle += int64(max(0, f.min[r]-f.load[r]))
	}
	for _, n := range f.short {
		l.Short += int64(n)
	}
	for k, e := range f.p.Edges {
		l.Cost += l.Share[k] * e.Cost
	}
	l.Bound, _ = lotteryBound(f.p, l) // equals the value, which fits
	return l
}

// Value is what Randomize makes least: the expected Problem.Value, times Parts.
func (l Lottery) Value(p Problem) int64 { return l.Cost + l.Short*p.unfilled() + l.Idle*p.Penalty() }

// Draw picks an assignment: every pair with its probability; proposals, people and
// groups with the expected number of pairs rounded up or down. Equal seeds give
// equal draws. Dependent rounding (Gandhi, Khuller, Parthasarathy and Srinivasan,
// 2006): along a cycle or a longest path of undecided pairs, every second one
// gains what the others lose, until one of them is decided. What a person gives to a group, and a
// group to the one around it, is an arc like a pair, so that caps hold (Budish, Che, Kojima and Milgrom, 2013). The
// indices in p.Edges are ascending.
func (l Lottery) Draw(p Problem, seed uint64) []int {
	d := draw{p: p, parts: l.Parts, share: append([]int64(nil), l.Share...), rnd: rand.New(rand.NewPCG(seed, 0x6c6f7474657279))}
	d.link()
	for v := range d.of {
		for d.open(v, -1) >= 0 {
			d.walk(v)
		}
	}
	var chosen []int
	for k, n := range d.share[:len(p.Edges)] {
		if n == l.Parts {
			chosen = append(chosen, k)
		}
	}
	return chosen
}

type draw struct {
	p     Problem
	parts int64
	share []int64  // of pairs, then of what grouped people and groups give on
	arcs  [][2]int // the nodes of the latter
	rnd   *rand.Rand
	of    [][]int32 // node (proposals, reviewers, groups) → its pairs and arcs, decided ones may be among them
	at    []int     // node → 1 + its place on the walk
	nodes []int
	pairs []int32 // pairs[i] leads from nodes[i] to nodes[i+1]
}

func (d *draw) link() {
	groups := len(d.p.Demand) + len(d.p.Load)
	n := groups + len(d.p.Groups)
	d.of, d.at = make([][]int32, n), make([]int, n)
	given := make([]int64, n)
	for k, e := range d.p.Edges {
		given[len(d.p.Demand)+e.Reviewer] += d.share[k]
	}
	give := func(from, group int) {
		if group >= 0 {
			d.share, d.arcs = append(d.share, given[from]), append(d.arcs, [2]int{from, groups + group})
			given[groups+group] += given[from]
		}
	}
	for r, g := range d.p.Member {
		give(len(d.p.Demand)+r, g)
	}
	for g, x := range d.p.Groups {
		give(groups+g, x.Within)
	}
	for k := range d.share {
		if d.undecided(int32(k)) {
			from, to := d.ends(int32(k))
			d.of[from] = append(d.of[from], int32(k))
			d.of[to] = append(d.of[to], int32(k))
		}
	}
}

// ends are the nodes of a pair or an arc, as its share flows.
func (d *draw) ends(k int32) (from, to int) {
	if i := int(k) - len(d.p.Edges); i >= 0 {
		return d.arcs[i][0], d.arcs[i][1]
	}
	e := d.p.Edges[k]
	return e.Proposal, len(d.p.Demand) + e.Reviewer
}

func (d *draw) undecided(k int32) bool { return d.share[k]%d.parts != 0 }

// open is an undecided pair of a node other than one, −1 where there is none.
func (d *draw) open(v int, other int32) int32 {
	list := d.of[v]
	for i := 0; i < len(list); {
		if k := list[i]; !d.undecided(k) {
			list[i] = list[len(list)-1]
			list = list[:len(list)-1]
			d.of[v] = list
		} else if k != other {
			return k
		} else {
			i++
		}
	}
	return -1
}

// walk goes from a node along undecided pairs until it has met a cycle, or both
// ends lead no further, and decides at least one pair there.
func (d *draw) walk(start int) {
	d.nodes, d.pairs = append(d.nodes[:0], start), d.pairs[:0]
	d.at[start] = 1
	for turned := false; ; {
		v, came := d.nodes[len(d.nodes)-1], int32(-1)
		if len(d.pairs) > 0 {
			came = d.pairs[len(d.pairs)-1]
		}
		k := d.open(v, came)
		if k < 0 {
			if turned {
				d.decide(d.nodes, d.pairs)
				break
			}
			turned = true
			d.turn()
			continue
		}
		d.pairs = append(d.pairs, k)
		next := d.other(v, k)
		if from := d.at[next]; from > 0 {
			d.decide(d.nodes[from-1:], d.pairs[from-1:])
			break
		}
		d.nodes = append(d.nodes, next)
		d.at[next] = len(d.nodes)
	}
	for _, v := range d.nodes {
		d.at[v] = 0
	}
}

// turn reverses the walk, to go on at its other end.
func (d *draw) turn() {
	for i, j := 0, len(d.nodes)-1; i < j; i, j = i+1, j-1 {
		d.nodes[i], d.nodes[j] = d.nodes[j], d.nodes[i]
	}
	for i, j := 0, len(d.pairs)-1; i < j; i, j = i+1, j-1 {
		d.pairs[i], d.pairs[j] = d.pairs[j], d.pairs[i]
	}
	for i, v := range d.nodes {
		d.at[v] = i + 1
	}
}

func (d *draw) other(v int, k int32) int {
	from, to := d.ends(k)
	if v == from {
		return to
	}
	return from
}

// decide moves shares along a walk: what flows as its first pair does gains, what flows against it loses, or the other way round, as
// far as that goes, each with the probability that leaves the expectation as it is.
func (d *draw) decide(nodes []int, pairs []int32) {
	along := make([]int64, len(pairs)) // 1 for those that flow as the first one does, else −1
	first, _ := d.ends(pairs[0])
	gain, lose := d.parts, d.parts
	for i, k := range pairs {
		along[i] = 1
		if from, _ := d.ends(k); (from == nodes[i]) != (first == nodes[0]) {
			along[i] = -1
		}
		more, less := d.parts-d.share[k]%d.parts, d.share[k]%d.parts
		if along[i] < 0 {
			more, less = less, more
		}
		gain, lose = min(gain, more), min(lose, less)
	}
	by := gain
	if d.rnd.Int64N(gain+lose) < gain {
		by = -lose
	}
	for i, k := range pairs {
		d.share[k] += along[i] * by
	}
}

// VerifyLottery proves that l is a best lottery for p: that probabilities and
// expected loads keep their limits, and that the prices give a bound which it
// attains. It uses nothing of the search. O(P+R+E).
func VerifyLottery(p Problem, l Lottery) error {
	if err := p.Check(); err != nil {
		return err
	}
	if len(l.Share) != len(p.Edges) || l.Parts < 1 || l.Limit < 0 || l.Limit > l.Parts {
		return errors.New("assign: no lottery for this problem")
	}
	got, load, cost := make([]int64, len(p.Demand)), make([]int64, len(p.Load)), int64(0)
	for k, e := range p.Edges {
		n := l.Share[k]
		if n < 0 || e.Forbidden && n > 0 || e.Fixed && n != l.Parts || !e.Fixed && n > l.Limit {
			return fmt.Errorf("assign: edge %d has %d of %d", k, n, l.Parts)
		}
		got[e.Proposal] += n
		load[e.Reviewer] += n
		cost += n * e.Cost
	}
	for g, n := range inGroups(p, load) {
		if n > l.Parts*int64(p.Groups[g].Max) {
			return fmt.Errorf("assign: group %d has %d/%d", g, n, l.Parts)
		}
	}
	short, idle := int64(0), int64(0)
	for i, n := range got {
		d := l.Parts*int64(p.Demand[i]) - n
		if d < 0 {
			return fmt.Errorf("assign: proposal %d has %d/%d too many", i, -d, l.Parts)
		}
		short += d
	}
	for r, n := range load {
		if n > l.Parts*int64(p.Load[r].Max) {
			return fmt.Errorf("assign: reviewer %d has %d/%d", r, n, l.Parts)
		}
		idle += max(0, l.Parts*int64(p.Load[r].Min)-n)
	}
	if cost != l.Cost || short != l.Short || idle != l.Idle {
		return fmt.Errorf("assign: cost and missing are %d, %d and %d, not %d, %d and %d", cost, short, idle, l.Cost, l.Short, l.Idle)
	}
	if err := priceRange(p, l.ProposalPrice, l.ReviewerPrice, l.GroupPrice); err != nil {
		return err
	}
	if b, ok := lotteryBound(p, l); !ok || b != l.Bound || l.Value(p) != b {
		return fmt.Errorf("assign: the prices give the bound %d, not %d; the value is %d", b, l.Bound, l.Value(p))
	}
	return nil
}

// lotteryBound is bound for places cut into parts, times Parts: a pair with
// limit/parts as its capacity gains no more than that.
func lotteryBound(p Problem, l Lottery) (value int64, ok bool) {
	var sum, pairs, t big.Int
	for i, d := range p.Demand {
		sum.Add(&sum, t.Mul(big.NewInt(int64(d)), big.NewInt(l.ProposalPrice[i])))
	}
	for i, x := range p.Load {
		n := x.Max
		if l.ReviewerPrice[i] > 0 {
			n = x.Min
		}
		sum.Add(&sum, t.Mul(big.NewInt(int64(n)), big.NewInt(l.ReviewerPrice[i])))
	}
	for g, price := range l.GroupPrice {
		sum.Add(&sum, t.Mul(big.NewInt(int64(p.Groups[g].Max)), big.NewInt(price)))
	}
	around := heldBack(p, l.ReviewerPrice, l.GroupPrice)
	for _, e := range p.Edges {
		switch reduced := e.Cost - l.ProposalPrice[e.Proposal] - around[e.Reviewer]; {
		case e.Fixed:
			sum.Add(&sum, t.SetInt64(reduced))
		case !e.Forbidden && reduced < 0:
			pairs.Add(&pairs, t.SetInt64(reduced))
		}
	}
	sum.Mul(&sum, big.NewInt(l.Parts))
	sum.Add(&sum, pairs.Mul(&pairs, big.NewInt(l.Limit)))
	return sum.Int64(), sum.IsInt64()
}
