package portfolio

import (
	"slices"
	"sync/atomic"
)

// baseTurns is how often the base levels are chosen anew at most.
const baseTurns = 20

// bases chooses the level of each proposal that the others are counted from, so that the
// relaxation needs few of the limits of one level for each. At any prices the Lagrangian
// counts for a proposal the best of nothing and its levels; without these limits the
// program counts max(0, base) + Σ max(0, other − base), which is never less and is the
// same at prices at which the base is the best level. So every program that is solved
// without these limits, from the best levels at the prices of the one before, has a
// bound that is no greater, until the prices want no other levels: then it is that of the
// relaxation with all limits (majorisation and minimisation; Hunter and Lange, 2004).
func bases(m *Model, stop *atomic.Bool) []int {
	base := make([]int, len(m.Proposals))
	if !slices.ContainsFunc(m.Proposals, func(p Proposal) bool { return len(p.Levels) > 1 }) {
		return base
	}
	for range baseTurns {
		c := compile(m, base)
		prices, ok := c.loose().relaxed(stop)
		if !ok {
			return base
		}
		next := c.best(prices)
		if slices.Equal(next, base) {
			return base
		}
		base = next
	}
	return base
}

// loose is the program without the limits of one level for each proposal.
func (c *compiled) loose() *Program {
	p := c.program(nil)
	p.Rows = p.Rows[c.choices():]
	return p
}

// choices is the number of proposals with several levels, whose limits stand first in the frame.
func (c *compiled) choices() int { return len(c.frame) - len(c.m.Bottlenecks) }

// relaxed is the price of every row in the linear relaxation; not ok when nothing is
// feasible or time has ended.
func (p *Program) relaxed(stop *atomic.Bool) (prices []float64, ok bool) {
	c := newColumns(p)
	k := tree{c: c, best: none, stop: stop}
	t := newTableau(c)
	if _, open := k.relax(t); !open || stop.Load() {
		return nil, false
	}
	k.s.reset(c)
	t.duals(&k.s)
	return k.s.price, true
}

// best is the best level of each proposal at the prices of the loose program's rows.
func (c *compiled) best(prices []float64) []int {
	gain := make([]float64, len(c.value)) // of each item, what it takes up of the rows taken off
	for j, v := range c.value {
		gain[j] = float64(v)
	}
	rows, _, _ := c.loose().amounts()
	for i, r := range rows.Rows {
		for k, j := range r.Item {
			if int(j) >= len(gain) { // an amount
				continue
			}
			gain[j] -= prices[i] * float64(r.Coef[k])
		}
	}
	out := slices.Clone(c.base)
	for i, p := range c.m.Proposals {
		most := 0.5 // of a millionth of a point: what is less is noise
		for k := range p.Levels {
			if x := gain[int(c.first[i])+k]; k != c.base[i] && x > most {
				out[i], most = k, x
			}
		}
	}
	return out
}
