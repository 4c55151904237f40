package portfolio

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
)

// herd is a population of choices that all differ, each of which keeps all rows. It finds what is far from
// where walkers began, by the genetic algorithm of Chu and Beasley ("A genetic algorithm for the
// multidimensional knapsack problem", 1998): a child has each item from either of two parents, some of its items are
// turned, then it drops what is worth least for its cost at the relaxation's prices until it keeps all rows, takes what
// still fits, and comes in the place of the worst. Only programs whose rows are budgets have a herd: there anything is
// mended by dropping.
type herd struct {
	c     *columns
	rnd   *rand.Rand
	order []int32  // items that are worth something, most for their cost first
	sign  []uint64 // of each item; those of a choice together tell it from others
	list  []member
	seen  map[uint64]bool // the choices of list
	child member
	work  int // cells touched
}

// member is a choice and what it leaves of every row.
type member struct {
	taken []bool
	left  []int64
	value int64
	sign  uint64
}

const (
	herdSize = 100
	mutated  = 2 // items of a child that are turned
)

// newHerd is nil for a program whose rows are not all budgets, and where nothing is worth anything. Prices are those of its rows.
func newHerd(c *columns, prices []float64, rnd *rand.Rand) *herd {
	if !c.budgets() {
		return nil
	}
	h := &herd{c: c, rnd: rnd, seen: map[uint64]bool{}}
	worth := make([]float64, c.items)
	for j := range c.items {
		h.sign = append(h.sign, rnd.Uint64())
		cost := 0.0
		for k := c.start[j]; k < c.start[j+1]; k++ {
			if i := int(c.row[k]); i < len(prices) { // the row that counts limits nothing
				cost += prices[i] * float64(c.coef[k])
			}
		}
		worth[j] = float64(c.p.Value[j]) / max(cost, math.SmallestNonzeroFloat64)
		if c.p.Value[j] > 0 {
			h.order = append(h.order, j)
		}
	}
	slices.SortStableFunc(h.order, func(a, b int32) int { return cmp.Compare(worth[b], worth[a]) })
	if len(h.order) == 0 {
		return nil
	}
	h.child = h.nothing()
	return h
}

// budgets says that every row only limits what is taken from above, by numbers that are not below 0.
func (c *columns) budgets() bool {
	if c.own.Tail != nil {
		return false
	}
	for _, r := range c.own.Rows {
		if r.Lo > 0 || r.Hi < 0 || slices.ContainsFunc(r.Coef, func(x int64) bool { return x < 0 }) {
			return false
		}
	}
	return true
}

func (h *herd) nothing() member {
	return member{taken: make([]bool, h.c.items), left: slices.Clone(h.c.hi), value: h.c.base}
}

// join takes in a choice that keeps all rows and was found elsewhere.
func (h *herd) join(taken []bool) {
	m := h.nothing()
	for j, t := range taken {
		if t {
			h.turn(&m, int32(j))
		}
	}
	h.admit(m)
}

// run breeds until its work has grown by budget.
func (h *herd) run(budget int, stop *atomic.Bool) {
	for end := h.work + budget; h.work < end && !stop.Load(); {
		h.work += nodeWork + 2*len(h.order)
		if len(h.list) < herdSize {
			h.start()
		} else {
			h.cross()
		}
		h.repair()
		h.admit(h.child)
	}
}

// start makes a child by chance alone.
func (h *herd) start() {
	h.child = h.nothing()
	for _, j := range h.order {
		if h.rnd.IntN(2) == 0 {
			h.turn(&h.child, j)
		}
	}
}

// cross makes a child of two parents.
func (h *herd) cross() {
	a, b := h.parent(), h.parent()
	h.child.copyFrom(a)
	for _, j := range h.order {
		if a.taken[j] != b.taken[j] && h.rnd.IntN(2) == 0 {
			h.turn(&h.child, j)
		}
	}
	for range mutated {
		h.turn(&h.child, h.order[h.rnd.IntN(len(h.order))])
	}
}

// parent is the better of two.
func (h *herd) parent() *member {
	a, b := &h.list[h.rnd.IntN(len(h.list))], &h.list[h.rnd.IntN(len(h.list))]
	if a.value > b.value {
		return a
	}
	return b
}

func (m *member) copyFrom(o *member) {
	copy(m.taken, o.taken)
	copy(m.left, o.left)
	m.value, m.sign = o.value, o.sign
}

// turn takes an item or leaves it.
func (h *herd) turn(m *member, j int32) {
	c := h.c
	from, to := c.start[j], c.start[j+1]
	h.work += int(to - from)
	m.sign ^= h.sign[j]
	m.taken[j] = !m.taken[j]
	coef := c.coef[from:to]
	if m.taken[j] {
		m.value += c.p.Value[j]
		for k, i := range c.row[from:to] {
			m.left[i] -= coef[k]
		}
		return
	}
	m.value -= c.p.Value[j]
	for k, i := range c.row[from:to] {
		m.left[i] += coef[k]
	}
}

// repair makes the child keep all rows, and takes what fits.
func (h *herd) repair() {
	m := &h.child
	for k := len(h.order) - 1; k >= 0 && slices.Min(m.left) < 0; k-- {
		h.work += len(m.left)
		if j := h.order[k]; m.taken[j] {
			h.turn(m, j)
		}
	}
	for _, j := range h.order {
		if !m.taken[j] && h.fits(m, j) {
			h.turn(m, j)
		}
	}
}

func (h *herd) fits(m *member, j int32) bool {
	c := h.c
	from, to := c.start[j], c.start[j+1]
	coef := c.coef[from:to]
	for k, i := range c.row[from:to] {
		if coef[k] > m.left[i] {
			h.work += k
			return false
		}
	}
	return true
}

// admit copies a new choice into the herd, in the place of the worst where the herd is full.
func (h *herd) admit(m member) {
	if h.seen[m.sign] {
		return
	}
	if len(h.list) < herdSize {
		h.seen[m.sign] = true
		h.list = append(h.list, h.nothing())
		h.list[len(h.list)-1].copyFrom(&m)
		return
	}
	worst := &h.list[0]
	for i := range h.list {
		if h.list[i].value < worst.value {
			worst = &h.list[i]
		}
	}
	delete(h.seen, worst.sign)
	h.seen[m.sign] = true
	worst.copyFrom(&m)
}

// best is the best member.
func (h *herd) best() member {
	return slices.MaxFunc(h.list, func(a, b member) int { return cmp.Compare(a.value, b.value) })
}

// some are members for walkers to go on from, the better half of a full herd.
func (h *herd) some() []member {
	if h == nil || len(h.list) < herdSize {
		return nil
	}
	list := make([]member, len(h.list))
	for i, m := range h.list {
		list[i] = member{taken: slices.Clone(m.taken), value: m.value}
	}
	slices.SortStableFunc(list, func(a, b member) int { return cmp.Compare(b.value, a.value) })
	return list[:herdSize/2]
}
