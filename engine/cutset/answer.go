package cutset

import (
	"cmp"
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
)

// SinglePoints are the events each of which is a cut set by itself, ascending. In
// O(events).
func (a *Analysis) SinglePoints() []int {
	var list []int
	var visit func(part int)
	visit = func(part int) {
		p := &a.parts[part]
		for i := p.sets; i > 1; i = p.zdd.nodes[i].lo {
			n := p.zdd.nodes[i]
			if n.hi != 1 {
				continue
			}
			if m, ok := asModule(p.order[n.level]); ok {
				visit(m)
			} else {
				list = append(list, int(p.order[n.level]))
			}
		}
	}
	visit(a.whole())
	slices.Sort(list)
	return list
}

// Sample draws n minimal cut sets, each with the same probability, independently;
// none where there are none. In O(nodes + n · events) operations on numbers of sets. An
// error is [ErrPartial].
func (a *Analysis) Sample(random *rand.Rand, n int) ([]Cut, error) {
	if a.Order > 0 {
		return nil, ErrPartial
	}
	if n <= 0 {
		return nil, nil
	}
	totals := make([][]*big.Int, len(a.parts))
	for i := range a.parts {
		totals[i] = a.totals(i, totals)
	}
	whole := a.whole()
	all := totals[whole][a.parts[whole].sets]
	var list []Cut
	for range n {
		if all.Sign() == 0 {
			break
		}
		list = append(list, a.cut(a.ranked(whole, below(random, all), totals, nil)))
	}
	return list, nil
}

// totals are the numbers of sets of each node of a part.
func (a *Analysis) totals(part int, smaller [][]*big.Int) []*big.Int {
	p := &a.parts[part]
	list := make([]*big.Int, max(2, p.sets+1))
	list[0], list[1] = new(big.Int), big.NewInt(1)
	for i := zref(2); i <= p.sets; i++ {
		n := p.zdd.nodes[i]
		hi := list[n.hi]
		if m, ok := asModule(p.order[n.level]); ok {
			hi = product(hi, smaller[m][a.parts[m].sets])
		}
		list[i] = sum(hi, list[n.lo])
	}
	return list
}

// ranked is the set of a part with a number, added to events.
func (a *Analysis) ranked(part int, number *big.Int, totals [][]*big.Int, events *chain) *chain {
	p := &a.parts[part]
	rest := new(big.Int).Set(number)
	for i := p.sets; i > 1; {
		n := p.zdd.nodes[i]
		lo := totals[part][n.lo]
		if rest.Cmp(lo) < 0 {
			i = n.lo
			continue
		}
		rest.Sub(rest, lo)
		leaf := p.order[n.level]
		if m, ok := asModule(leaf); ok {
			inner := new(big.Int)
			rest.QuoRem(rest, totals[m][a.parts[m].sets], inner)
			events = a.ranked(m, inner, totals, events)
		} else {
			events = &chain{leaf, events}
		}
		i = n.hi
	}
	return events
}

// below draws a number from 0 to under n.
func below(random *rand.Rand, n *big.Int) *big.Int {
	mask := new(big.Int).Lsh(big.NewInt(1), uint(n.BitLen()))
	mask.Sub(mask, big.NewInt(1))
	for {
		x := new(big.Int)
		for range n.BitLen()/64 + 1 {
			x.Lsh(x, 64).Or(x, new(big.Int).SetUint64(random.Uint64()))
		}
		if x.And(x, mask).Cmp(n) < 0 {
			return x
		}
	}
}

// Harden finds the cheapest set of events which, kept from happening, keep the top from
// happening: the minimal path set of least cost. ok is false when the top happens anyway.
func Harden(ctx context.Context, m *Model, o Options) (set Cut, ok bool, err error) {
	o.Paths, o.MaxOrder = true, 0
	a, err := Analyze(ctx, m, o)
	if err != nil {
		return Cut{}, false, err
	}
	best := a.Best(1, ByCost, 0)
	if len(best) == 0 {
		return Cut{}, false, nil
	}
	return best[0], true, nil
}

// Damage is a set of events that is brought about.
type Damage struct {
	Events      []int
	Cost        float64
	Probability float64 // of the top, once they occur
	AtMost      float64 // no set within the limit makes the top more probable; Probability where the search was finished
}

// damageSteps bounds the sets that are looked at for the most damaging one.
const damageSteps = 20000

// MostDamaging finds the set of events of at most a total cost that makes the top most
// probable. Where a cut set is within the limit, the cheapest one is it; else sets are
// searched by branch and bound, the events of most Birnbaum importance first: all
// further events that could be paid for one by one bound what can be reached. For
// coherent models, with probabilities, of which all cut sets are known.
func (a *Analysis) MostDamaging(ctx context.Context, limit float64) (Damage, error) {
	if !a.Coherent {
		return Damage{}, ErrIncoherent
	}
	if a.paths {
		return Damage{}, errors.New("path sets do no damage: ask for cut sets")
	}
	d := damager{analysis: a, ctx: ctx, steps: damageSteps, set: make([]bool, len(a.model.Events))}
	list, err := a.Importances()
	if err == nil {
		d.best.Probability, err = a.Probability()
	}
	if err != nil {
		return Damage{}, err
	}
	if best := a.Best(1, ByCost, 0); len(best) > 0 && best[0].Cost <= limit {
		return Damage{best[0].Events, best[0].Cost, 1, 1}, nil
	}
	slices.SortStableFunc(list, func(x, y Importance) int { return cmp.Compare(y.Birnbaum, x.Birnbaum) })
	for _, i := range list {
		if i.Birnbaum > 0 && a.model.Events[i.Event].Cost <= limit {
			d.candidates = append(d.candidates, i.Event)
		}
	}
	d.search(0, limit)
	d.best.AtMost = max(d.best.Probability, d.open)
	return d.best, ctx.Err()
}

type damager struct {
	analysis   *Analysis
	ctx        context.Context
	steps      int
	candidates []int
	set        []bool
	best       Damage
	open       float64 // most that sets not looked at can reach
}

// probability is that of the top when the set and further events occur.
func (d *damager) probability(further []int) float64 {
	occur := slices.Clone(d.set)
	for _, e := range further {
		occur[e] = true
	}
	a := d.analysis
	return a.chances(func(e int32) chance {
		if occur[e] {
			return chance{1, 0}
		}
		return a.chance(e)
	})[a.whole()].yes
}

func (d *damager) search(from int, limit float64) {
	var affordable []int
	events := d.analysis.model.Events
	for _, e := range d.candidates[from:] {
		if events[e].Cost <= limit {
			affordable = append(affordable, e)
		}
	}
	if len(affordable) == 0 {
		return
	}
	most := d.probability(affordable)
	if most <= d.best.Probability {
		return
	}
	if d.steps--; d.steps < 0 || d.ctx.Err() != nil {
		d.open = max(d.open, most)
		return
	}
	for k := from; k < len(d.candidates); k++ {
		e := d.candidates[k]
		if events[e].Cost > limit {
			continue
		}
		d.set[e] = true
		if p := d.probability(nil); p > d.best.Probability {
			d.best.Probability = p
			d.best.Events, d.best.Cost = nil, 0
			for i, in := range d.set {
				if in {
					d.best.Events = append(d.best.Events, i)
					d.best.Cost += events[i].Cost
				}
			}
		}
		d.search(k+1, limit-events[e].Cost)
		d.set[e] = false
	}
}
