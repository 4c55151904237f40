package portfolio

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options of Solve.
type Options struct {
	Time time.Duration // when to stop with what there is; 0: when it is proven
	Gap  float64       // stop when (bound − value) / |value| is at most this
	Seed uint64

	Start []bool // a choice to begin with; it counts if it keeps all rows
}

// Solution is what Solve has found.
type Solution struct {
	Taken []bool // nil when nothing was found that keeps all rows
	Value int64
	Bound int64 // no choice that keeps all rows has a greater value
	Done  bool  // nothing is left to look at: Taken is best, or nil as nothing keeps all rows

	// Prices are what one more of each row's activity is worth in the linear
	// relaxation: above 0 where Hi binds, below where Lo does. They explain; nothing
	// rests on them.
	Prices []float64

	// Weights are what the scenarios of a tail weigh there, Mass together.
	Weights []float64

	Steps, Nodes int // of the work, for those who measure it
}

// Optimal says that nothing better exists.
func (s *Solution) Optimal() bool { return s.Taken != nil && s.Value == s.Bound }

// Gap is how far the value may be below the best one, as a part of it.
func (s *Solution) Gap() float64 {
	return float64(s.Bound-s.Value) / float64(max(size(s.Value), 1))
}

// hands is the number of walkers, and of trees. It does not depend on the machine.
const hands = 8

// Cells that each may touch between two meetings: few at first, so that small
// programs are done at once, then half as many more each time.
const (
	firstTurn = 20_000
	lastTurn  = 2_000_000
)

// near is the number of cells that trees may still need when they are preferred.
const near = 20e9

type search struct {
	c       *columns
	root    *tableau
	bound   int64
	trees   []*tree
	walkers []*walker
	herd    *herd // nil where rows are not all budgets
	best    int64
	taken   []bool
	stop    atomic.Bool
	seed    uint64
	turn    int
	climbed int // cells that a tree has touched in the last turn, on average: single nodes can take more than a turn
	prices  []float64
	weights []float64
}

// Solve finds the best choice.
func Solve(ctx context.Context, p *Program, o Options) (*Solution, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	s := newSearch(p.counted(), o.Seed)
	if o.Time > 0 {
		timer := time.AfterFunc(o.Time, func() { s.stop.Store(true) })
		defer timer.Stop()
	}
	release := context.AfterFunc(ctx, func() { s.stop.Store(true) })
	defer release()
	s.offer(o.Start)
	s.start()
	for s.open() && !s.stop.Load() {
		s.round()
		if now := s.solution(); now.Taken != nil && now.Gap() <= o.Gap {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.solution(), nil
}

func newSearch(p *Program, seed uint64) *search {
	s := &search{c: newColumns(p), best: none, turn: firstTurn, seed: seed}
	s.c.count = len(p.Rows) - 1 // the last but for those of a tail
	for i := range hands {
		s.trees = append(s.trees, &tree{c: s.c, best: none, stop: &s.stop})
		s.walkers = append(s.walkers, &walker{
			tree: tree{c: s.c, best: none, stop: &s.stop},
			rnd:  rand.New(rand.NewPCG(seed, uint64(i))), free: make([]bool, len(p.Value)), value: none,
			roams: i%2 == 1,
		})
	}
	return s
}

// counted adds a row for the number of items. It limits nothing, but to decide
// this number first makes trees small (Vimont, Boussier and Vasquez, 2008).
func (p *Program) counted() *Program {
	r := Row{Lo: NoLo, Hi: NoHi}
	for j := range p.Value {
		r.Item, r.Coef = append(r.Item, int32(j)), append(r.Coef, 1)
	}
	return &Program{Value: p.Value, Rows: append(slices.Clone(p.Rows), r), Tail: p.Tail}
}

// start solves the root, and small programs to the end.
func (s *search) start() {
	k := s.trees[0]
	s.root = newTableau(s.c)
	bound, open := k.relax(s.root)
	s.bound = bound
	s.root.duals(&k.s)
	s.prices, s.weights = slices.Clone(k.s.price[:s.c.count]), slices.Clone(k.s.price[s.c.count+1:])
	for i := range s.weights {
		s.weights[i] = math.Abs(s.weights[i]) // their rows have a lower limit
	}
	if !open {
		return
	}
	s.root.compact()
	first := &tableau{}
	first.copyFrom(s.root)
	k.stack = append(k.stack, node{from: first, last: true, bound: bound, row: -1, col: -1, share: 1})
	whole := s.root.whole()
	s.offer(whole) // where rows have upper limits only it keeps them all
	for _, w := range s.walkers {
		w.size = firstSize // as many as the relaxation splits, and as many more
		w.taken = slices.Clone(whole)
		if s.taken != nil {
			w.taken, w.value = slices.Clone(s.taken), s.best
		}
	}
	s.herd = newHerd(s.c, s.prices, rand.New(rand.NewPCG(s.seed, hands)))
	k.run(firstTurn)
	s.learn(k.best, k.taken)
}

// offer takes a choice that was known before.
func (s *search) offer(taken []bool) {
	if len(taken) != int(s.c.items) {
		return
	}
	if value, broken := s.c.own.Worth(taken); broken < 0 {
		s.learn(value, taken)
		for _, k := range s.trees {
			k.best = s.best
		}
	}
}

func (s *search) open() bool {
	for _, k := range s.trees {
		if len(k.stack) > 0 {
			return true
		}
	}
	return false
}

// round lets every walker and every tree work for a turn and puts together what they found.
func (s *search) round() {
	s.share()
	var jobs []func()
	walk, climb := s.turns()
	before := s.climbs()
	known := company{root: s.root, order: s.root.ranks(), best: s.taken, value: s.best, herd: s.herd.some(), loss: max(s.c.step, (s.bound-s.best)/4)}
	if s.herd != nil { // gets as much as the walkers together
		jobs = append(jobs, func() { s.herd.run(hands*walk, &s.stop) })
	}
	for _, w := range s.walkers {
		jobs = append(jobs, func() { w.run(known, walk) })
	}
	for _, k := range s.trees {
		if len(k.stack) > 0 {
			jobs = append(jobs, func() { k.run(climb) })
		}
	}
	together(jobs)
	s.climbed = (s.climbs() - before) / hands
	s.turn = min(s.turn*3/2, lastTurn)
	for _, k := range s.trees {
		s.learn(k.best, k.taken)
	}
	for _, w := range s.walkers {
		s.learn(w.value, w.taken)
	}
	s.meet()
	for _, k := range s.trees {
		k.best = s.best
		k.prune()
	}
	if _, below := s.root.bound(&s.trees[0].s, s.best+s.c.step, true); !below {
		s.root.compact()
	}
}

// meet lets the herd and the walkers learn from each other.
func (s *search) meet() {
	if s.herd == nil || len(s.herd.list) == 0 {
		return
	}
	for _, w := range s.walkers {
		if w.value != none {
			s.herd.join(w.taken)
		}
	}
	s.offer(s.herd.best().taken)
}

// turns divides the next turn between walkers and trees: trees get most of it when
// what they have closed promises an end (the estimate of Knuth, 1975: every branching halves
// what is open), and little otherwise.
func (s *search) turns() (walk, climb int) {
	open, work := 0.0, float64(s.climbs())
	for _, k := range s.trees {
		for _, nd := range k.stack {
			open += nd.share
		}
	}
	switch left := work / (1 - open) * open; {
	case s.turn < lastTurn:
		return max(s.turn, s.climbed), s.turn
	case left < near:
		return s.turn / 4, s.turn
	default:
		return max(s.turn, s.climbed), s.turn / 4
	}
}

// climbs is the number of cells that the trees have touched.
func (s *search) climbs() int {
	work := 0
	for _, k := range s.trees {
		work += k.work
	}
	return work
}

func (s *search) learn(value int64, taken []bool) {
	if value > s.best {
		s.best, s.taken = value, slices.Clone(taken)
	}
}

// prune drops what can hold nothing better.
func (k *tree) prune() {
	kept := k.stack[:0]
	for _, nd := range k.stack {
		if nd.bound >= k.least() {
			kept = append(kept, nd)
		}
	}
	k.stack = kept
}

// share gives trees that are at their end the widest open node of another. Where a single
// node takes more than the longest turn, one tree is enough, so that the walkers come along.
func (s *search) share() {
	if s.climbed > lastTurn {
		return
	}
	for _, idle := range s.trees {
		if len(idle.stack) > 0 {
			continue
		}
		from := slices.MaxFunc(s.trees, func(a, b *tree) int { return len(a.stack) - len(b.stack) })
		if len(from.stack) < 2 {
			return
		}
		nd := from.stack[0]
		own := &tableau{}
		own.copyFrom(nd.from)
		nd.from, nd.last = own, true
		idle.stack = append(idle.stack, nd)
		from.stack = slices.Delete(from.stack, 0, 1)
	}
}

func (s *search) solution() *Solution {
	out := &Solution{Taken: s.taken, Value: s.best, Bound: s.best, Done: !s.open(), Prices: s.prices, Weights: s.weights}
	for _, k := range s.trees {
		out.Nodes += k.nodes
		out.Steps += k.work
		for _, nd := range k.stack {
			out.Bound = max(out.Bound, nd.bound)
		}
	}
	return out
}

// together runs jobs on all processors. Which one runs where changes no result.
func together(jobs []func()) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		all.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(jobs); i = next.Add(1) - 1 {
				jobs[i]()
			}
		})
	}
	all.Wait()
}
