package cutset

import (
	"math"
	"slices"
)

// Importance says how much the top hangs on an event. (Of path sets: how much it hangs
// on the event's not occurring that the top does not.) P is the probability of the top,
// P(·|e) that when e occurs, P(·|¬e) that when it does not, p that of e. Measures that
// need a probability are NaN where one is missing; a quotient by zero is +Inf, or NaN
// when both are zero.
type Importance struct {
	Event int

	Birnbaum      float64 // P(top|e) - P(top|¬e) (Birnbaum, 1969); may be negative in an incoherent model
	Criticality   float64 // p · Birnbaum / P: the part of P in which e is critical (Lambert, 1975)
	FussellVesely float64 // P(e|top) = p · RAW: that e has occurred when the top has (the diagnosis factor of Vesely and Fussell, 1975)
	RAW           float64 // risk achievement worth, P(top|e) / P (Vesely and others, NUREG/CR-3385, 1983)
	RRW           float64 // risk reduction worth, P / P(top|¬e) (the same)
	Structural    float64 // Birnbaum's measure when every event has probability 1/2
}

// Importances measures every event, in their order, by one pass up and one down over
// the diagrams: O(nodes · log events). An error is [ErrPartial].
func (a *Analysis) Importances() ([]Importance, error) {
	if a.Order > 0 {
		return nil, ErrPartial
	}
	half := a.given(func(int32) chance { return chance{0.5, 0.5} })
	known := a.model.missingProbability() == nil
	var with []conditional
	total := math.NaN()
	if known {
		with = a.given(a.chance)
		total, _ = a.Probability()
	}
	list := make([]Importance, len(a.model.Events))
	for e := range list {
		i := Importance{e, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), half[e].difference()}
		if known {
			p := a.chance(int32(e)).yes
			c := with[e]
			i.Birnbaum = c.difference()
			i.Criticality = p * i.Birnbaum / total
			i.RAW = c.with.yes / total
			i.FussellVesely = p * i.RAW
			i.RRW = total / c.without.yes
		}
		list[e] = i
	}
	return list, nil
}

// conditional is the chance of something when an event occurs, and when it does not.
type conditional struct{ with, without chance }

// difference takes the smaller numbers, which lose less.
func (c conditional) difference() float64 {
	if c.with.yes+c.without.yes <= c.with.no+c.without.no {
		return c.with.yes - c.without.yes
	}
	return c.without.no - c.with.no
}

// mix is the chance when the event occurs with chance p.
func (c conditional) mix(p chance) chance {
	return c.with.times(p.yes).plus(c.without.times(p.no))
}

func (c chance) times(x float64) chance { return chance{c.yes * x, c.no * x} }
func (c chance) plus(d chance) chance   { return chance{c.yes + d.yes, c.no + d.no} }

// given is the chance of the top given each event.
func (a *Analysis) given(event func(int32) chance) []conditional {
	made := a.chances(event)
	whole := made[a.whole()]
	idle := conditional{whole, whole} // of what does not matter
	list := slices.Repeat([]conditional{idle}, len(a.model.Events))
	top := slices.Repeat([]conditional{idle}, len(a.parts)) // given each part
	top[a.whole()] = conditional{chance{1, 0}, chance{0, 1}}
	for i := a.whole(); i >= 0; i-- {
		p := &a.parts[i]
		for k, c := range p.bdd.given(p.root, p.levels(event, made)) {
			of := conditional{top[i].mix(c.with), top[i].mix(c.without)}
			if m, ok := asModule(p.order[k]); ok {
				top[m] = of
			} else {
				list[p.order[k]] = of
			}
		}
	}
	return list
}

// given is the chance of root given the variable of each level. What reaches a node is
// passed down; a path that passes by a level counts for both values of its variable.
func (b *bdd) given(root ref, level []chance) []conditional {
	c := b.chances(root, level)
	reach := make([][2]float64, root>>1+1) // of each node and of its complement
	by := newRanges(len(level))
	pass := func(from int32, f ref, mass float64) {
		if mass == 0 {
			return
		}
		by.add(int(from), int(min(b.level(f), int32(len(level)))), c.of(f).times(mass))
		reach[f>>1][f&1] += mass
	}
	list := make([]conditional, len(level))
	pass(0, root, 1)
	for i := root >> 1; i > 0; i-- {
		n := &b.nodes[i]
		for sign := range ref(2) {
			mass := reach[i][sign]
			if mass == 0 {
				continue
			}
			at, hi, lo := &list[n.level], n.hi^sign, n.lo^sign
			at.with = at.with.plus(c.of(hi).times(mass))
			at.without = at.without.plus(c.of(lo).times(mass))
			pass(n.level+1, hi, mass*level[n.level].yes)
			pass(n.level+1, lo, mass*level[n.level].no)
		}
	}
	for k := range list {
		passed := by.at(k)
		list[k].with, list[k].without = list[k].with.plus(passed), list[k].without.plus(passed)
	}
	return list
}

// ranges adds to ranges of places, each in O(log n), without ever subtracting: a tree
// in which a place sums what is on its way to the root.
type ranges struct {
	size int
	sum  []chance
}

func newRanges(n int) *ranges { return &ranges{n, make([]chance, 2*n)} }

func (r *ranges) add(from, to int, c chance) {
	for i, j := from+r.size, to+r.size; i < j; i, j = i/2, j/2 {
		if i&1 == 1 {
			r.sum[i] = r.sum[i].plus(c)
			i++
		}
		if j&1 == 1 {
			j--
			r.sum[j] = r.sum[j].plus(c)
		}
	}
}

func (r *ranges) at(k int) (c chance) {
	for i := k + r.size; i > 0; i /= 2 {
		c = c.plus(r.sum[i])
	}
	return c
}
