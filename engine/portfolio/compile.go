package portfolio

import (
	"fmt"
	"slices"
)

// compiled is a model as a program. Each level of a proposal is an item: that of the base
// level says that the proposal is funded, each other one that it gets this level in place of
// the base, with what that adds; at most one of these, and none where it is not funded (the
// choice of one of several by variable upper bounds; Schrage, 1975). Where the base is the best
// level at the relaxation's prices, the relaxation keeps nearly all of these limits without a
// row for them: see bases. A bottleneck becomes an item for each of its values.
type compiled struct {
	m     *Model
	base  []int   // level of each proposal that others are counted from
	first []int32 // item of each proposal's first level; then of the first bottleneck's
	value []int64
	cases [][]int64 // of each scenario, like value, bottlenecks left out
	tail  *Tail
	unit  [2]int64 // a value of the program is as many millionths of a point as it times the first by the second
	frame []Row    // what items mean: one level, which comes first, and bottlenecks covered
	rules []Rule   // what people have asked for
}

// Rule is one thing that was asked for, which could be dropped by itself.
type Rule struct {
	Kind string // budget, floor, ceiling, at least, at most, need, in or out
	Name string
	rows []Row
}

func (r Rule) String() string {
	if r.Name == "" {
		return r.Kind
	}
	return r.Kind + " " + r.Name
}

// compile makes a model a program, with a base level for each proposal.
func compile(m *Model, base []int) *compiled {
	c := &compiled{m: m, base: base, cases: make([][]int64, len(m.Scenarios)), unit: [2]int64{1, 1}}
	for i := range m.Proposals {
		c.levelItems(i)
	}
	c.first = append(c.first, int32(len(c.value)))
	c.bottlenecks()
	if len(m.Scenarios) > 0 {
		c.blend()
	}
	for b, x := range m.Budgets {
		row := c.money(Row{Lo: NoLo, Hi: x.Amount}, func(*Proposal) bool { return true }, func(cost []int64) int64 { return cost[b] })
		c.rule("budget", x.Name, row)
	}
	for i := range m.Limits {
		c.limit(&m.Limits[i])
	}
	at := make(map[string]int32, len(m.Proposals))
	for i, p := range m.Proposals {
		at[p.ID] = c.funded(i)
	}
	for _, g := range m.Groups {
		row := Row{Lo: NoLo, Hi: NoHi, Lazy: true}
		for _, id := range g.Proposals {
			row.Item, row.Coef = append(row.Item, at[id]), append(row.Coef, 1)
		}
		if g.Min != NoLo {
			c.rule(fmt.Sprintf("at least %d of", g.Min), g.Name, Row{Item: row.Item, Coef: row.Coef, Lo: g.Min, Hi: NoHi, Lazy: true})
		}
		if g.Max != NoHi {
			c.rule(fmt.Sprintf("at most %d of", g.Max), g.Name, Row{Item: row.Item, Coef: row.Coef, Lo: NoLo, Hi: g.Max, Lazy: true})
		}
	}
	for _, n := range m.Needs {
		for _, id := range n.Of {
			c.rule("need", n.Proposal+" needs "+id, Row{Item: []int32{at[n.Proposal], at[id]}, Coef: []int64{1, -1}, Lo: NoLo, Hi: 0, Lazy: true})
		}
	}
	for i, p := range m.Proposals {
		row := Row{Item: []int32{c.funded(i)}, Coef: []int64{1}, Lo: NoLo, Hi: NoHi, Lazy: true}
		switch p.Fixed {
		case In:
			row.Lo = 1
			c.rule("in", p.ID, row)
		case Out:
			row.Hi = 0
			c.rule("out", p.ID, row)
		}
	}
	return c
}

func (c *compiled) rule(kind, name string, row Row) {
	row.reduce()
	c.rules = append(c.rules, Rule{kind, name, []Row{row}})
}

// program is all of it but the rules that are left out.
func (c *compiled) program(without func(rule int) bool) *Program {
	p := &Program{Value: c.value, Rows: slices.Clone(c.frame), Tail: c.tail}
	for i, r := range c.rules {
		if without == nil || !without(i) {
			p.Rows = append(p.Rows, r.rows...)
		}
	}
	return p
}

// funded is the item that says that proposal i is funded.
func (c *compiled) funded(i int) int32 { return c.first[i] + int32(c.base[i]) }

// levelItems adds the items of proposal i and what they mean.
func (c *compiled) levelItems(i int) {
	levels := c.m.Proposals[i].Levels
	base := levels[c.base[i]]
	c.first = append(c.first, int32(len(c.value)))
	one := Row{Lo: NoLo, Hi: 0, Lazy: true}
	for k, l := range levels {
		value, sign := l.Value, int64(-1)
		if k != c.base[i] {
			value, sign = l.Value-base.Value, 1
		}
		for s := range c.cases {
			v := l.in(s)
			if k != c.base[i] {
				v -= base.in(s)
			}
			c.cases[s] = append(c.cases[s], v)
		}
		one.Item, one.Coef = append(one.Item, int32(len(c.value))), append(one.Coef, sign)
		c.value = append(c.value, value)
	}
	if len(levels) > 1 {
		c.frame = append(c.frame, one)
	}
}

func (c *compiled) bottlenecks() {
	covering := map[string][]int32{}
	for i, p := range c.m.Proposals {
		for _, b := range p.Covers {
			covering[b] = append(covering[b], c.funded(i))
		}
	}
	for _, b := range c.m.Bottlenecks {
		row := Row{Lo: NoLo, Lazy: true}
		for _, v := range b.Values {
			row.Item, row.Coef = append(row.Item, int32(len(c.value))), append(row.Coef, 1)
			c.value = append(c.value, v)
		}
		for _, j := range covering[b.Name] {
			row.Item, row.Coef = append(row.Item, j), append(row.Coef, -1)
		}
		c.frame = append(c.frame, row)
	}
}

// money adds what the levels of some proposals cost.
func (c *compiled) money(row Row, whose func(*Proposal) bool, of func(cost []int64) int64) Row {
	for i := range c.m.Proposals {
		p := &c.m.Proposals[i]
		if !whose(p) {
			continue
		}
		base := of(p.Levels[c.base[i]].Cost)
		for k, l := range p.Levels {
			cost := of(l.Cost) - base
			if k == c.base[i] {
				cost = base
			}
			if cost != 0 {
				row.Item, row.Coef = append(row.Item, c.first[i]+int32(k)), append(row.Coef, cost)
			}
		}
	}
	return row
}

// limit makes a floor and a ceiling, each a rule by itself.
func (c *compiled) limit(l *Limit) {
	of := total
	for b, x := range c.m.Budgets {
		if l.Budget == x.Name {
			of = func(cost []int64) int64 { return cost[b] }
		}
	}
	sum := func(whose func(*Proposal) bool) Row {
		if l.Money {
			return c.money(Row{}, whose, of)
		}
		row := Row{}
		for i := range c.m.Proposals {
			if whose(&c.m.Proposals[i]) {
				row.Item, row.Coef = append(row.Item, c.funded(i)), append(row.Coef, 1)
			}
		}
		return row
	}
	side := func(kind string, limit int64) {
		row := Row{}
		if !l.Share {
			row = sum(l.holds)
			row.Lo, row.Hi = limit, limit
		} else { // Whole·part − limit·all against 0
			part := sum(l.holds)
			coef := map[int32]int64{}
			for k, j := range part.Item {
				coef[j] = Whole * part.Coef[k]
			}
			all := sum(func(*Proposal) bool { return true })
			for k, j := range all.Item {
				if x := coef[j] - limit*all.Coef[k]; x != 0 {
					row.Item, row.Coef = append(row.Item, j), append(row.Coef, x)
				}
			}
		}
		if kind == "floor" {
			row.Hi = NoHi
		} else {
			row.Lo = NoLo
		}
		c.rule(kind, l.Name, row)
	}
	if l.Min != NoLo {
		side("floor", l.Min)
	}
	if l.Max != NoHi {
		side("ceiling", l.Max)
	}
}

// reduce divides a row by what all its coefficients share; limits between two
// multiples move to the nearer one that choices can reach.
func (r *Row) reduce() {
	g := int64(0)
	for _, a := range r.Coef {
		g = gcd(g, size(a))
	}
	if g < 2 {
		return
	}
	for k := range r.Coef {
		r.Coef[k] /= g
	}
	if r.Lo != NoLo {
		r.Lo = -floorDiv(-r.Lo, g)
	}
	if r.Hi != NoHi {
		r.Hi = floorDiv(r.Hi, g)
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// levels reads a choice of the program: for each proposal 0, or 1 + the index of its level.
func (c *compiled) levels(taken []bool) []int {
	out := make([]int, len(c.m.Proposals))
	for i, p := range c.m.Proposals {
		if !taken[c.funded(i)] {
			continue
		}
		out[i] = c.base[i] + 1
		for k := range p.Levels {
			if k != c.base[i] && taken[int(c.first[i])+k] {
				out[i] = k + 1
			}
		}
	}
	return out
}
