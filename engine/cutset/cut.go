package cutset

import (
	"cmp"
	"container/heap"
	"iter"
	"math"
	"slices"
)

// A Cut is a minimal cut set.
type Cut struct {
	Events      []int   // by index, ascending
	Probability float64 // that all of them occur, of a path set that none does; NaN where one has no probability
	Cost        float64 // of all of them
}

// A Criterion says which cut sets are best. Ties go to the more probable one, then to
// the smaller one, then to the one that the diagrams meet first, the same every time.
type Criterion uint8

// The criteria: fewest events, highest probability, least cost.
const (
	ByOrder Criterion = iota
	ByProbability
	ByCost
)

// Best lists the k best minimal cut sets of at most so many events (0 for any number),
// or all where there are no more. Each costs O(events · log(k · events)) once the best
// way on from every node is known, which takes O(nodes); with a bound on the order that
// way may be too long, and others have to be looked at. Events without a probability
// count as certain here.
func (a *Analysis) Best(k int, by Criterion, order int) []Cut {
	if k <= 0 {
		return nil
	}
	if order <= 0 {
		order = len(a.model.Events)
	}
	if a.Order > 0 {
		order = min(order, a.Order)
	}
	s := search{analysis: a, by: by, order: int32(order)}
	s.prepare()
	var list []Cut
	for len(list) < k && s.next() {
		list = append(list, a.cut(s.found))
	}
	slices.SortStableFunc(list, func(x, y Cut) int { return a.compare(x, y, by) })
	return list
}

// compare puts cuts in order exactly: the search adds logarithms.
func (a *Analysis) compare(x, y Cut, by Criterion) int {
	order := cmp.Compare(len(x.Events), len(y.Events))
	probability := cmp.Compare(y.Probability, x.Probability)
	switch by {
	case ByOrder:
		return cmp.Or(order, probability)
	case ByProbability:
		return cmp.Or(probability, order)
	}
	return cmp.Or(cmp.Compare(x.Cost, y.Cost), probability, order)
}

func (a *Analysis) cut(events *chain) Cut {
	c := Cut{Probability: 1}
	for ; events != nil; events = events.rest {
		c.Events = append(c.Events, int(events.event))
	}
	slices.Sort(c.Events)
	for _, e := range c.Events {
		c.Probability *= a.chance(int32(e)).yes
		c.Cost += a.model.Events[e].Cost
	}
	return c
}

// All lists every minimal cut set, each once, in the order of the diagrams, in memory
// proportional to the depth. What it yields may be kept.
func (a *Analysis) All() iter.Seq[Cut] {
	return func(yield func(Cut) bool) {
		stack := []*state{a.begin(nil)}
		for len(stack) > 0 {
			s := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for s != nil && s.todo != nil {
				hi, lo := a.step(s, nil)
				if hi != nil && lo != nil {
					stack = append(stack, lo)
				}
				if s = hi; s == nil {
					s = lo
				}
			}
			if s == nil || a.Order > 0 && int(s.order) > a.Order {
				continue
			}
			if !yield(a.cut(s.events)) {
				return
			}
		}
	}
}

// A chain is a list of events that shares its rest with others.
type chain struct {
	event int32
	rest  *chain
}

// A frame is what is still to be chosen: a set of the family of a node, then the rest.
type frame struct {
	part   int
	node   zref
	rest   *frame
	best   key   // of the whole list
	fewest int32 // events of the whole list
}

// A state is a part of a cut set: what was chosen, and what is to be chosen.
type state struct {
	events *chain
	so     key   // of the events
	order  int32 // number of the events
	todo   *frame
}

func (a *Analysis) begin(s *search) *state {
	w := a.whole()
	if a.parts[w].sets == 0 {
		return nil
	}
	return &state{todo: s.frame(w, a.parts[w].sets, nil)}
}

// frame is a node to be chosen from before the rest. Without a search it is not judged.
func (s *search) frame(part int, node zref, rest *frame) *frame {
	f := &frame{part: part, node: node, rest: rest}
	if s == nil {
		return f
	}
	f.best, f.fewest = s.best[part][node], s.fewest[part][node]
	if rest != nil {
		f.best, f.fewest = f.best.plus(rest.best), f.fewest+rest.fewest
	}
	return f
}

// step is s with the variable of its first node, and without, nil where there is no
// such set. A node of the empty set alone is done: then hi is what is left.
func (a *Analysis) step(s *state, by *search) (hi, lo *state) {
	f := s.todo
	if f.node == 1 {
		return &state{s.events, s.so, s.order, f.rest}, nil
	}
	p := &a.parts[f.part]
	n := p.zdd.nodes[f.node]
	if n.lo != 0 {
		lo = &state{s.events, s.so, s.order, by.frame(f.part, n.lo, f.rest)}
	}
	rest := by.frame(f.part, n.hi, f.rest)
	leaf := p.order[n.level]
	if m, ok := asModule(leaf); ok {
		return &state{s.events, s.so, s.order, by.frame(m, a.parts[m].sets, rest)}, lo
	}
	hi = &state{&chain{leaf, s.events}, s.so, s.order + 1, rest}
	if by != nil {
		hi.so = s.so.plus(by.weight(leaf))
	}
	return hi, lo
}

// A key is what is minimised, first by first.
type key [3]float64

func (k key) plus(l key) key { return key{k[0] + l[0], k[1] + l[1], k[2] + l[2]} }

func (k key) compare(l key) int {
	return cmp.Or(cmp.Compare(k[0], l[0]), cmp.Compare(k[1], l[1]), cmp.Compare(k[2], l[2]))
}

// A search finds cut sets from the best on: what is chosen plus the best that can be
// chosen yet is exact, so that nothing is opened in vain (Hart, Nilsson, Raphael, 1968).
type search struct {
	analysis *Analysis
	by       Criterion
	order    int32     // most events
	best     [][]key   // of the sets of each node of each part
	fewest   [][]int32 // events of one of them
	open     queue
	made     int
	found    *chain
}

func (s *search) weight(event int32) key {
	rare := -math.Log(s.analysis.chance(event).yes)
	if math.IsNaN(rare) {
		rare = 0
	}
	switch s.by {
	case ByOrder:
		return key{1, rare}
	case ByProbability:
		return key{rare, 1}
	}
	return key{s.analysis.model.Events[event].Cost, rare, 1}
}

func (s *search) prepare() {
	a := s.analysis
	s.best, s.fewest = make([][]key, len(a.parts)), make([][]int32, len(a.parts))
	for i := range a.parts {
		p := &a.parts[i]
		best, fewest := make([]key, max(2, p.sets+1)), make([]int32, max(2, p.sets+1))
		for k := zref(2); k <= p.sets; k++ {
			n := p.zdd.nodes[k]
			var w key
			events := int32(1)
			if m, ok := asModule(p.order[n.level]); ok {
				w, events = s.best[m][a.parts[m].sets], s.fewest[m][a.parts[m].sets]
			} else {
				w = s.weight(p.order[n.level])
			}
			best[k], fewest[k] = best[n.hi].plus(w), fewest[n.hi]+events
			if n.lo == 0 {
				continue
			}
			fewest[k] = min(fewest[k], fewest[n.lo])
			if best[n.lo].compare(best[k]) < 0 {
				best[k] = best[n.lo]
			}
		}
		s.best[i], s.fewest[i] = best, fewest
	}
	if first := a.begin(s); first != nil && first.within(s.order) {
		s.push(first)
	}
}

// within tells whether x can become a cut set of so many events.
func (x *state) within(order int32) bool {
	return x.todo == nil && x.order <= order || x.todo != nil && x.order+x.todo.fewest <= order
}

func (s *search) push(x *state) {
	s.made++
	heap.Push(&s.open, candidate{x, x.total(), s.made})
}

// next finds the next best cut set. The better of two ways on is followed at once, so
// that sums which differ in the last digit only do not spread the search.
func (s *search) next() bool {
	if len(s.open) == 0 {
		return false
	}
	x := heap.Pop(&s.open).(candidate).state
	for x.todo != nil {
		hi, lo := s.analysis.step(x, s)
		if !hi.within(s.order) {
			hi, lo = lo, nil // one of the two is within
		}
		if lo != nil && lo.within(s.order) {
			if lo.total().compare(hi.total()) < 0 {
				hi, lo = lo, hi
			}
			s.push(lo)
		}
		x = hi
	}
	s.found = x.events
	return true
}

// total is the key of the best cut set that x can become.
func (x *state) total() key {
	if x.todo == nil {
		return x.so
	}
	return x.so.plus(x.todo.best)
}

type candidate struct {
	*state
	best key
	made int
}

// A queue is a heap of candidates; later ones first among equals, which goes deep.
type queue []candidate

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(q[i].best.compare(q[j].best), q[j].made-q[i].made) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(candidate)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = candidate{}
	*q = (*q)[:last]
	return x
}
