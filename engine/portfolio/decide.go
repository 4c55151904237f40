package portfolio

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// Decision is what Decide has found.
type Decision struct {
	*Solution
	Level []int // of each proposal: 0 for not funded, else 1 + the index in Levels; nil without a choice

	c *compiled
	o Options
}

// Decide finds the best way to fund a model. Value and Bound are in millionths of
// a point; Taken and Prices are those of the program that the model becomes.
func Decide(ctx context.Context, m *Model, o Options) (*Decision, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	began := time.Now()
	c := compile(m, chooseBases(ctx, m, o.Time/2))
	left := o
	if c.tail != nil && o.Start == nil {
		start, err := c.bold(ctx, o)
		if err != nil {
			return nil, err
		}
		left.Start = start
	}
	if o.Time > 0 {
		left.Time = max(o.Time-time.Since(began), time.Millisecond)
	}
	s, err := c.solve(ctx, c.program(nil), left)
	if err != nil {
		return nil, err
	}
	d := &Decision{Solution: s, c: c, o: o}
	if s.Taken == nil {
		return d, nil
	}
	d.Level = c.levels(s.Taken)
	value, broken := m.Verify(d.Level)
	if value < s.Value || value > s.Bound || len(broken) > 0 {
		return nil, fmt.Errorf("portfolio: the answer fails its own check: value %d, not %d to %d; broken: %v", value, s.Value, s.Bound, broken)
	}
	s.Value = value // more, if a search that was cut short left out what a bottleneck is worth
	return d, nil
}

// bold is a good choice by the mean alone, which is found much sooner and is where the search
// under scenarios begins; nil where there is none. It may take a fifth of the time.
func (c *compiled) bold(ctx context.Context, o Options) ([]bool, error) {
	m := *c.m
	m.Risk.Weight = 0
	o.Time, o.Gap = o.Time/5, max(o.Gap, 0.001)
	s, err := Solve(ctx, compile(&m, c.base).program(nil), o)
	if err != nil {
		return nil, err
	}
	return s.Taken, nil
}

// solve is Solve, with what is found in millionths of a point.
func (c *compiled) solve(ctx context.Context, p *Program, o Options) (*Solution, error) {
	s, err := Solve(ctx, p, o)
	if err != nil {
		return nil, err
	}
	s.Value, s.Bound = c.points(s.Value), c.points(s.Bound)
	for i := range s.Prices {
		s.Prices[i] *= float64(c.unit[0]) / float64(c.unit[1])
	}
	return s, nil
}

// chooseBases is bases for a time at most; 0: as long as it takes.
func chooseBases(ctx context.Context, m *Model, most time.Duration) []int {
	var stop atomic.Bool
	defer context.AfterFunc(ctx, func() { stop.Store(true) })()
	if most > 0 {
		defer time.AfterFunc(most, func() { stop.Store(true) }).Stop()
	}
	return bases(m, &stop)
}

// Conflict is a set of rules that cannot hold together, from a decision that has
// shown that nothing keeps all of them. When minimal, any of them could be dropped and the
// rest would hold. Rules are dropped one after the other, those with names that people
// gave last (deletion filter; Chinneck and Dravnieks, 1991): one search for each rule.
func (d *Decision) Conflict(ctx context.Context) (rules []Rule, minimal bool, err error) {
	gone := make([]bool, len(d.c.rules))
	minimal = true
	each := d.o
	if each.Time > 0 {
		each.Time = max(each.Time/time.Duration(len(gone)+1), 20*time.Millisecond)
	}
	for i := range gone {
		gone[i] = true
		p := d.c.program(func(k int) bool { return gone[k] })
		p.Value, p.Tail = make([]int64, len(p.Value)), nil // any choice would do
		s, err := Solve(ctx, p, each)
		if err != nil {
			return nil, false, err
		}
		if s.Taken != nil || !s.Done {
			gone[i] = false
			minimal = minimal && s.Taken != nil
		}
	}
	for i, r := range d.c.rules {
		if !gone[i] {
			rules = append(rules, r)
		}
	}
	return rules, minimal, nil
}

// Range is a difference of values in points, of which the search has found Low and
// proven High.
type Range struct{ Low, High float64 }

// Price is what a rule costs: how much more value there would be without it. Marginal is
// the value of one unit more of a budget, one proposal less of a floor, and so on, by
// the linear relaxation.
type Price struct {
	Rule     Rule
	Cost     Range
	Marginal float64
}

// Change is another choice than the one decided on: what it gains (or loses, below
// 0) and which proposals come in, go, or get another level, by index.
type Change struct {
	Gain           Range
	In, Out, Level []int
}

// Charge is what a rule adds to the price of a proposal, in points.
type Charge struct {
	Rule   Rule
	Points float64
}

// Reason says why a proposal is in or out: Value is what its level is worth (of one that
// is out: the level nearest to being in), Charges what it takes up of scarce things at
// the prices of the linear relaxation. Where Margin, the difference, has the wrong sign,
// the proposal lies so near to the line that what fits together decides.
type Reason struct {
	Level   int
	Value   float64
	Charges []Charge
	Margin  float64
}

// Prices solves the model without each rule. The time of the decision is shared among them.
func (d *Decision) Prices(ctx context.Context, limit time.Duration) ([]Price, error) {
	var out []Price
	row := len(d.c.frame)
	for i, r := range d.c.rules {
		s, err := d.again(ctx, d.c.program(func(k int) bool { return k == i }), limit/time.Duration(len(d.c.rules)))
		if err != nil {
			return nil, err
		}
		p := Price{Rule: r, Cost: d.difference(s)}
		for range r.rows {
			p.Marginal += math.Abs(d.Solution.Prices[row]) / Point
			row++
		}
		out = append(out, p)
	}
	return out, nil
}

// again solves a program that the decision's choice is feasible in.
func (d *Decision) again(ctx context.Context, p *Program, limit time.Duration) (*Solution, error) {
	o := d.o
	o.Start, o.Gap, o.Time = d.Taken, 0, limit
	return d.c.solve(ctx, p, o)
}

// difference is what a solution has more than the decision. The decision's own bound
// holds for it too.
func (d *Decision) difference(s *Solution) Range {
	return Range{float64(s.Value-d.Value) / Point, float64(s.Bound-d.Value) / Point}
}

// MoreMoney is what another amount of all budgets would change, by percent.
func (d *Decision) MoreMoney(ctx context.Context, percent float64, limit time.Duration) (Change, error) {
	m := *d.c.m
	m.Budgets = slices.Clone(m.Budgets)
	for b := range m.Budgets {
		m.Budgets[b].Amount += int64(math.Floor(float64(m.Budgets[b].Amount) * percent / 100))
	}
	s, err := d.again(ctx, compile(&m, d.c.base).program(nil), limit)
	if err != nil || s.Taken == nil {
		return Change{}, err
	}
	return d.change(s), nil
}

func (d *Decision) change(s *Solution) Change {
	c := Change{Gain: d.difference(s)}
	for i, l := range d.c.levels(s.Taken) {
		switch was := d.Level[i]; {
		case l > 0 && was == 0:
			c.In = append(c.In, i)
		case l == 0 && was > 0:
			c.Out = append(c.Out, i)
		case l != was:
			c.Level = append(c.Level, i)
		}
	}
	return c
}

// Alternatives are the next best choices, the best first, up to count: each differs
// from the decision and from those before in at least one level. They share limit equally;
// one that is proven sooner leaves the rest to the next.
func (d *Decision) Alternatives(ctx context.Context, count int, limit time.Duration) ([]Change, error) {
	end := time.Now().Add(limit)
	p := d.c.program(nil)
	p.Rows = append(p.Rows, d.other(d.Taken))
	var out []Change
	for k := range count {
		s, err := d.again(ctx, p, max(time.Until(end)/time.Duration(count-k), time.Millisecond))
		if err != nil {
			return nil, err
		}
		if s.Taken == nil {
			return out, nil
		}
		out = append(out, d.change(s))
		p.Rows = append(p.Rows, d.other(s.Taken))
	}
	return out, nil
}

// other is the row that only choices of other levels keep.
func (d *Decision) other(taken []bool) Row {
	r := Row{Lo: 1, Hi: NoHi}
	for j := range d.c.first[len(d.c.m.Proposals)] {
		if taken[j] {
			r.Item, r.Coef = append(r.Item, j), append(r.Coef, -1)
			r.Lo--
		} else {
			r.Item, r.Coef = append(r.Item, j), append(r.Coef, 1)
		}
	}
	return r
}

// Reasons says of every proposal why it is in or out.
func (d *Decision) Reasons() []Reason {
	charge := make([]map[int]float64, len(d.c.value)) // by item: rule → points
	for j := range charge {
		charge[j] = map[int]float64{}
	}
	add := func(rule int, r Row, price float64) {
		if price != 0 {
			for k, j := range r.Item {
				charge[j][rule] += price * float64(r.Coef[k]) / Point
			}
		}
	}
	covering := len(d.c.rules) // bottlenecks that are covered for the first time, as one
	row := d.c.choices()
	for _, r := range d.c.frame[row:] {
		add(covering, r, d.Solution.Prices[row])
		row++
	}
	for i, rule := range d.c.rules {
		for _, r := range rule.rows {
			add(i, r, d.Solution.Prices[row])
			row++
		}
	}
	if d.c.tail != nil {
		for j, x := range d.c.exposure(d.Weights) {
			charge[j][covering+1] = x
		}
	}
	out := make([]Reason, len(d.c.m.Proposals))
	for i := range out {
		out[i] = d.reason(i, charge)
	}
	return out
}

func (d *Decision) reason(i int, charge []map[int]float64) Reason {
	best := Reason{Margin: math.Inf(-1)}
	for k, l := range d.c.m.Proposals[i].Levels {
		if d.Level[i] > 0 && d.Level[i] != k+1 {
			continue
		}
		sum := maps.Clone(charge[d.c.funded(i)])
		if k != d.c.base[i] {
			for rule, x := range charge[int(d.c.first[i])+k] {
				sum[rule] += x
			}
		}
		r := Reason{Level: k + 1, Value: d.c.m.expected(&l) / Point}
		r.Margin = r.Value
		for rule, named := range slices.Concat(d.c.rules, []Rule{{Kind: "bottlenecks"}, {Kind: "risk"}}) {
			if x := sum[rule]; math.Abs(x) > 1e-9 {
				r.Charges = append(r.Charges, Charge{named, x})
				r.Margin -= x
			}
		}
		if r.Margin > best.Margin {
			best = r
		}
	}
	best.Margin = math.Round(best.Margin*Point) / Point // what is finer is noise of the relaxation
	return best
}
