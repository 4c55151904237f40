package portfolio

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// walker improves one choice by solving small parts of the program to the end: all
// items but some are left as they are (large neighbourhood search; Shaw, 1998).
// Which are free is drawn, those with small reduced costs sooner: the core of the
// problem (Balas and Zemel, 1980). When nothing helps for long it turns some items by
// force, here or at the best choice known or, where it roams, at one of the herd's, and goes on from what fits to that.
type walker struct {
	tree  tree
	rnd   *rand.Rand
	roams bool // rather far away than near the best choice
	taken []bool
	value int64
	size  float64 // items that are free
	idle  int     // steps without a gain
	turns []int32 // items that are turned by force in the next step
	order []ranked
	free  []bool
}

// ranked is an item and what it is sorted by.
type ranked struct {
	item int32
	key  float64
}

const (
	smallest  = 12        // items that are free at least
	firstSize = 20        // and in the first steps
	patience  = 25        // steps without a gain until items are turned
	portion   = 1_000_000 // cells that a step may touch
	pivots    = 300       // or so many pivots, where these take more
)

// company is what a walker knows of the others, as it was when they met.
type company struct {
	root  *tableau
	order []ranked // undecided items of the root, those with small reduced costs first
	best  []bool
	value int64
	herd  []member // choices far from it that are good too
	loss  int64    // that turning items may bring
}

// ranks are the undecided items of a tableau by the size of their reduced costs.
func (t *tableau) ranks() []ranked {
	var out []ranked
	for _, v := range t.basic {
		if t.open(v) {
			out = append(out, ranked{v, 0})
		}
	}
	for q, v := range t.nonbasic {
		if t.open(v) {
			out = append(out, ranked{v, math.Abs(t.cost[q])})
		}
	}
	slices.SortFunc(out, byKey)
	return out
}

func byKey(a, b ranked) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.item, b.item)) }

// run walks until its work has grown by budget.
func (w *walker) run(c company, budget int) {
	for end := w.tree.work + budget; w.tree.work < end && !w.tree.stop.Load(); {
		w.turns = w.turns[:0]
		if w.idle > patience && c.best != nil {
			w.leave(c)
		}
		w.step(c)
	}
}

// leave chooses where to go on and which items to turn.
func (w *walker) leave(c company) {
	w.idle = 0
	stay, turns := 2, 1
	if w.roams {
		stay, turns = 8, 4
	}
	if w.rnd.IntN(stay) == 0 {
		from := member{taken: c.best, value: c.value}
		if w.roams && len(c.herd) > 0 {
			from = c.herd[w.rnd.IntN(len(c.herd))]
		}
		w.taken, w.value = slices.Clone(from.taken), from.value
	}
	w.rank(c)
	near := min(len(w.order), 3*smallest)
	for range min(1+w.rnd.IntN(turns), near) {
		w.turns = append(w.turns, w.order[w.rnd.IntN(near)].item)
	}
}

// least is the least that chance makes of a rank, and least+1 the most.
const least = 0.15

// rank orders the undecided items by the rank of their reduced cost, with chance, and says
// how many are to be free. Those that chance cannot bring among these are left out. The
// items that the relaxation splits are all free, besides, where to decide them would take more
// pivots than a step has, and until there is a choice that keeps all rows.
func (w *walker) rank(c company) (free int) {
	rows, splits := len(c.root.basic), 0
	if w.value == none || rows*w.pivot(c) > portion {
		for splits < len(c.order) && c.order[splits].key == 0 {
			splits++
		}
	}
	near := splits + int(float64(max(int(w.size), 3*smallest))*(1+least)/least) + 1
	w.order = append(w.order[:0], c.order[:min(near, len(c.order))]...)
	for i := range w.order[splits:] {
		w.order[splits+i].key = float64(i+1) * (least + w.rnd.Float64())
	}
	slices.SortFunc(w.order[splits:], byKey)
	return min(splits+int(w.size), len(w.order))
}

// pivot is how many cells of a neighbourhood a pivot touches.
func (w *walker) pivot(c company) int {
	rows := len(c.root.basic)
	return rows * (rows + int(w.size))
}

// step solves one neighbourhood. The number of free items follows what can be solved.
func (w *walker) step(c company) {
	free := w.rank(c)
	clear(w.free)
	for _, o := range w.order[:free] {
		w.free[o.item] = true
	}
	floor := w.value
	for _, j := range w.turns {
		w.free[j] = false
		w.taken[j] = !w.taken[j]
	}
	if len(w.turns) > 0 && floor != none {
		floor -= c.loss
	}
	k := &w.tree
	k.work += nodeWork + 2*len(w.free)
	t := k.part(c.root, w.free, w.taken)
	k.best, k.taken = floor, nil
	k.stack = append(k.stack[:0], node{from: t, last: true, bound: 2 * most, row: -1, col: -1, share: 1})
	k.run(max(portion, pivots*w.pivot(c)))
	if len(k.stack) == 0 {
		w.size = min(w.size*1.03, float64(len(c.order)))
	} else {
		w.size = max(w.size*0.95, smallest)
	}
	k.drop()
	w.settle()
}

// settle takes what the step has found; without it, turned items are turned back.
func (w *walker) settle() {
	w.idle++
	k := &w.tree
	if k.taken != nil {
		w.taken, w.value = k.taken, k.best
		if len(w.turns) == 0 {
			w.idle = 0
		}
		return
	}
	for _, j := range w.turns {
		w.taken[j] = !w.taken[j]
	}
}

// drop empties the stack.
func (k *tree) drop() {
	for _, nd := range k.stack {
		if nd.last {
			k.spare = append(k.spare, nd.from)
		}
	}
	k.stack = k.stack[:0]
}

// part is a copy of a tableau in which all items that are not free are decided as they are
// taken, without their columns. O(columns + rows × (free items + others that are moved)).
func (k *tree) part(from *tableau, free, taken []bool) *tableau {
	t := k.blank()
	t.copyHead(from)
	t.keep = t.keep[:0]
	for q, v := range from.nonbasic {
		switch {
		case v < t.vars() && t.state[v] != undecided:
		case t.open(v) && !free[v]:
			if from.high[q] != taken[v] {
				by := from.up[q] - from.lo[q]
				if from.high[q] {
					by = -by
				}
				t.z += from.cost[q] * by
				for r := range t.at {
					t.at[r] += from.cell[r*from.width+q] * by
				}
				k.work += len(t.at)
			}
			t.settle(v, taken[v])
		default:
			t.keep = append(t.keep, int32(q))
		}
	}
	t.pick(from)
	for r, v := range t.basic {
		if t.open(v) && !free[v] {
			t.settle(v, taken[v])
			t.blo[r] = float64(t.state[v])
			t.bup[r] = t.blo[r]
		}
	}
	k.work += len(t.cell) / 2
	return t
}
