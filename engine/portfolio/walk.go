package portfolio

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// walker improves one choice by solving small parts of the program to the end: all
// items but some are left as they are (large neighbourhood search; Shaw, 1998).
// Which are free is drawn, those with small reduced costs sooner: the core of the
// problem (Balas and Zemel, 1980). When nothing helps for long it starts again from
// the best choice known, one item of which it turns by force.
type walker struct {
	tree  tree
	rnd   *rand.Rand
	taken []bool
	value int64
	size  float64 // items that are free
	idle  int     // steps without a gain
	turn  int32   // item that is turned by force in the next step, −1 for none
	order []ranked
	free  []bool
}

type ranked struct {
	item int32
	key  float64
}

const (
	smallest = 12  // items that are free at least
	patience = 60  // steps without a gain until it starts again
	portion  = 1e6 // cells that a step may touch
)

// run walks until its work has grown by budget.
func (w *walker) run(root *tableau, best []bool, value int64, budget int) {
	for end := w.tree.work + budget; w.tree.work < end && !w.tree.stop.Load(); {
		if w.idle > patience && best != nil {
			w.taken, w.value, w.idle = slices.Clone(best), value, 0
			w.rank(root)
			if len(w.order) > 0 {
				w.turn = w.order[w.rnd.IntN(min(len(w.order), 3*smallest))].item
			}
		}
		w.step(root)
	}
}

// rank orders the undecided items by their reduced cost, with chance.
func (w *walker) rank(root *tableau) {
	w.order = w.order[:0]
	for _, v := range root.basic {
		if v < root.items() && root.state[v] == undecided {
			w.order = append(w.order, ranked{v, 0})
		}
	}
	for q, v := range root.nonbasic {
		if v < root.items() && root.state[v] == undecided {
			w.order = append(w.order, ranked{v, max(root.cost[q], -root.cost[q])})
		}
	}
	byKey := func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.item, b.item))
	}
	slices.SortFunc(w.order, byKey)
	for i := range w.order {
		w.order[i].key = float64(i+1) * (0.15 + w.rnd.Float64())
	}
	slices.SortFunc(w.order, byKey)
}

// step solves one neighbourhood.
func (w *walker) step(root *tableau) {
	w.tree.work += nodeWork + 20*len(root.state)
	w.rank(root)
	size := min(int(w.size), len(w.order))
	clear(w.free)
	for _, o := range w.order[:size] {
		w.free[o.item] = true
	}
	k := &w.tree
	t := k.copyOf(root)
	floor := w.value
	if w.turn >= 0 {
		w.free[w.turn] = false
		w.taken[w.turn] = !w.taken[w.turn]
		floor = none
	}
	t.restrict(w.free, w.taken)
	k.best, k.taken = floor, nil
	k.stack = append(k.stack[:0], node{from: t, last: true, bound: 1 << 62, row: -1, col: -1, share: 1})
	k.run(portion)
	done := len(k.stack) == 0
	k.drop()
	w.idle++
	if k.taken != nil {
		if w.turn < 0 {
			w.idle = 0
		}
		w.taken, w.value = k.taken, k.best
	} else if w.turn >= 0 {
		w.taken[w.turn] = !w.taken[w.turn]
	}
	w.turn = -1
	if done {
		w.size = min(w.size*1.03, float64(len(w.order)))
	} else {
		w.size = max(w.size*0.95, smallest)
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

// restrict decides all items that are not free as they are taken.
func (t *tableau) restrict(free, taken []bool) {
	n := t.items()
	for q, v := range t.nonbasic {
		if v < n && t.state[v] == undecided && !free[v] {
			t.decide(q, taken[v])
		}
	}
	t.compact()
	for r, v := range t.basic {
		if v < n && t.state[v] == undecided && !free[v] {
			t.settle(v, taken[v])
			t.blo[r] = float64(t.state[v])
			t.bup[r] = t.blo[r]
		}
	}
}
