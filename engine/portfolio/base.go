package portfolio

import (
	"slices"
	"sync/atomic"
)

const (
	baseTurns = 20 // how often the base levels are chosen anew at most
	fewBases  = 8  // so few that would still change leave little to do for rows
)

// bases chooses the level of each proposal that the others are counted from, so that the
// relaxation needs few of the limits of one level for each. At any prices the Lagrangian
// counts for a proposal the best of nothing and its levels; without these limits the
// program counts max(0, base) + Σ max(0, other − base), which is never less and is the
// same at prices at which the base is the best level. So every program that is solved
// without these limits, from the best levels at the prices of the one before, has a
// bound that is no greater, until the prices want no other levels: then it is that of the
// relaxation with all limits (majorisation and minimisation; Hunter and Lange, 2004). As each
// step goes too short, the prices go on in its direction while the Lagrangian falls.
func bases(m *Model, stop *atomic.Bool) []int {
	base := make([]int, len(m.Proposals))
	if !slices.ContainsFunc(m.Proposals, func(p Proposal) bool { return len(p.Levels) > 1 }) {
		return base
	}
	var before []float64
	for range baseTurns {
		c := compile(m, base)
		l := newPricing(c)
		prices, ok := l.relaxed(stop)
		if !ok {
			return base
		}
		prices = l.farther(before, prices)
		next, changed := l.best(prices)
		if changed <= fewBases {
			return next
		}
		base, before = next, prices
	}
	return base
}

// pricing is the program without the limits of one level for each proposal.
type pricing struct {
	c *compiled
	*columns
	gain []float64 // of each variable, what it takes up of the rows taken off
}

func newPricing(c *compiled) *pricing {
	p := c.program(nil)
	p.Rows = p.Rows[c.choices():]
	l := &pricing{c: c, columns: newColumns(p)}
	l.gain = make([]float64, len(l.p.Value))
	return l
}

// choices is the number of proposals with several levels, whose limits stand first in the frame.
func (c *compiled) choices() int { return len(c.frame) - len(c.m.Bottlenecks) }

// relaxed is the price of every row in the linear relaxation; not ok when nothing is
// feasible or time has ended.
func (l *pricing) relaxed(stop *atomic.Bool) (prices []float64, ok bool) {
	k := tree{c: l.columns, best: none, stop: stop}
	t := newTableau(l.columns)
	if _, open := k.relax(t); !open || stop.Load() {
		return nil, false
	}
	k.s.reset(l.columns)
	t.duals(&k.s)
	return k.s.price, true
}

// farther is where the Lagrangian is least of the prices and two, four … times as far from those before.
func (l *pricing) farther(before, prices []float64) []float64 {
	if before == nil {
		return prices
	}
	best, least := prices, l.lagrangian(prices)
	for times := 2.0; times <= 64; times *= 2 {
		next := make([]float64, len(prices))
		for i := range next {
			next[i] = before[i] + times*(prices[i]-before[i])
			if l.p.Rows[i].Hi == NoHi {
				next[i] = min(next[i], 0)
			}
			if l.p.Rows[i].Lo == NoLo {
				next[i] = max(next[i], 0)
			}
		}
		v := l.lagrangian(next)
		if v >= least {
			break
		}
		best, least = next, v
	}
	return best
}

// lagrangian is what no choice exceeds by these prices, one level for each proposal, rounding aside.
func (l *pricing) lagrangian(prices []float64) float64 {
	l.take(prices)
	sum := 0.0
	for i, y := range prices {
		limit := l.hi[i]
		if y < 0 {
			limit = l.lo[i]
		}
		if y != 0 {
			sum += y * float64(limit)
		}
	}
	for i := range l.c.m.Proposals {
		from, to := l.c.first[i], l.c.first[i+1]
		funded, other := l.c.funded(i), 0.0
		for j := from; j < to; j++ {
			if j != funded {
				other = max(other, l.gain[j])
			}
		}
		sum += max(0, l.gain[funded]+other)
	}
	for j := int(l.c.first[len(l.c.m.Proposals)]); j < len(l.gain); j++ {
		sum += max(0, l.gain[j]) * float64(l.up[j])
	}
	return sum + float64(l.base)
}

// take sets the gains at some prices.
func (l *pricing) take(prices []float64) {
	for j, v := range l.p.Value {
		l.gain[j] = float64(v)
		for k := l.start[j]; k < l.start[j+1]; k++ {
			l.gain[j] -= prices[l.row[k]] * float64(l.coef[k])
		}
	}
}

// best is the best level of each proposal at some prices, and how many bases that changes.
func (l *pricing) best(prices []float64) (base []int, changed int) {
	l.take(prices)
	base = slices.Clone(l.c.base)
	for i, p := range l.c.m.Proposals {
		most := 0.5 // what is less is noise
		for k := range p.Levels {
			if x := l.gain[int(l.c.first[i])+k]; k != l.c.base[i] && x > most {
				base[i], most = k, x
			}
		}
		if base[i] != l.c.base[i] {
			changed++
		}
	}
	return base, changed
}
