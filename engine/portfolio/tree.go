package portfolio

import (
	"math"
	"sync/atomic"
)

// tree is a depth-first branch and bound that can be left and gone on with. Every
// node that it drops is dropped by an exact bound (see tableau.bound) or an exact
// contradiction, so what is left of it bounds what can still be found.
type tree struct {
	c     *columns
	s     scratch
	stack []node
	spare []*tableau

	best  int64  // value of taken; what is looked for is better by c.step at least
	taken []bool // nil before the first
	stop  *atomic.Bool
	work  int // cells touched
	nodes int
}

// node is a tableau with one more decision.
type node struct {
	from  *tableau // solved; a node that is not its last user copies it
	last  bool
	bound int64 // valid for all below
	row   int   // of the basic variable that is decided, −1 for none
	col   int   // of the nonbasic item that is decided, −1 for none
	lo    int64 // its new limits
	hi    int64
	share float64 // of the whole tree, halved at each branching
}

const none = math.MinInt64 >> 1 // value before there is an answer

// nodeWork is what a node costs besides its cells, in cells.
const nodeWork = 500

func (k *tree) least() int64 { return k.best + k.c.step }

// run goes on until the stack is empty or work has grown by budget.
func (k *tree) run(budget int) {
	for end := k.work + budget; len(k.stack) > 0 && k.work < end && !k.stop.Load(); {
		nd := k.stack[len(k.stack)-1]
		k.stack = k.stack[:len(k.stack)-1]
		if nd.bound < k.least() {
			if nd.last {
				k.spare = append(k.spare, nd.from)
			}
			continue
		}
		k.nodes++
		k.work += nodeWork
		t := k.enter(nd)
		if !k.expand(t, nd.share) {
			k.spare = append(k.spare, t)
		}
	}
}

func (k *tree) enter(nd node) *tableau {
	t := nd.from
	if !nd.last {
		t = k.copyOf(nd.from)
	}
	n := t.vars()
	switch {
	case nd.row >= 0 && t.basic[nd.row] < n:
		t.settle(t.basic[nd.row], nd.hi == 1)
		t.blo[nd.row], t.bup[nd.row] = float64(nd.lo), float64(nd.hi)
	case nd.row >= 0:
		i := t.basic[nd.row] - n
		t.rlo[i], t.rhi[i] = nd.lo, nd.hi
		t.blo[nd.row], t.bup[nd.row] = t.c.scale[i]*float64(nd.lo), t.c.scale[i]*float64(nd.hi)
	case nd.col >= 0:
		t.decide(nd.col, nd.hi == 1)
	}
	return t
}

// blank is a tableau for use, with whatever it held before.
func (k *tree) blank() *tableau {
	last := len(k.spare) - 1
	if last < 0 {
		return &tableau{}
	}
	t := k.spare[last]
	k.spare = k.spare[:last]
	return t
}

func (k *tree) copyOf(from *tableau) *tableau {
	t := k.blank()
	t.copyFrom(from)
	k.work += len(from.cell) / 2
	return t
}

// expand solves a node and pushes its children; false when the tableau is free again.
func (k *tree) expand(t *tableau, share float64) bool {
	bound, open := k.relax(t)
	if !open {
		return false
	}
	t.compact()
	b := t.branch(k)
	if b.row < 0 && k.offer(t) && bound < k.least() {
		return false
	}
	if b.row < 0 {
		if b = t.anyItem(); b.row < 0 && b.col < 0 {
			return false
		}
	}
	down := node{from: t, bound: bound, row: b.row, col: b.col, lo: b.lo, hi: b.cut, share: share / 2}
	up := node{from: t, bound: bound, row: b.row, col: b.col, lo: b.cut + 1, hi: b.hi, share: share / 2}
	if b.upFirst {
		down.last = true
		k.push(down, up)
	} else {
		up.last = true
		k.push(up, down)
	}
	return true
}

func (k *tree) push(later, first node) { k.stack = append(k.stack, later, first) }

// relax solves the tableau, adds lazy rows that are broken, and decides what the
// bound decides; not open when nothing better is below.
func (k *tree) relax(t *tableau) (bound int64, open bool) {
	limit := float64(k.least()) - 1e-3
	for {
		out, r := t.solve(limit, &k.work, k.stop)
		if out == empty {
			if t.impossible(&k.s, r) {
				return 0, false
			}
			t.repair()
			limit = math.Inf(-1)
		}
		bound, below := t.bound(&k.s, k.least(), true)
		k.work += (len(t.nonbasic) + len(t.basic)) * (len(t.basic) + 1)
		switch {
		case below:
			return bound, false
		case out == cut:
			limit = math.Inf(-1)
		case out != solved || !t.separate(&k.s) || k.stop.Load():
			return bound, true
		}
	}
}

// repair puts nonbasic variables where their reduced costs want them.
func (t *tableau) repair() {
	for q, d := range t.cost {
		if t.high[q] != (d > 0) && d != 0 && !(t.nonbasic[q] < t.vars() && t.state[t.nonbasic[q]] != undecided) {
			t.flip(q)
		}
	}
}

// mostRows is how many rows a tableau grows to by lazy ones. Beyond, bounds are weaker
// than they could be, but pivots stay affordable.
const mostRows = 256

// separate adds lazy rows that the solution breaks.
func (t *tableau) separate(s *scratch) bool {
	c := t.c
	if len(c.lazy) == 0 {
		return false
	}
	use := s.price // not needed between two bounds
	for _, i := range c.lazy {
		use[i] = float64(t.used[i])
	}
	spread := func(j int32, x float64) {
		if x != 0 {
			from, to := c.start[j], c.start[j+1]
			coef := c.coef[from:to]
			for k, i := range c.row[from:to] {
				use[i] += x * float64(coef[k])
			}
		}
	}
	n := t.vars()
	for q, v := range t.nonbasic {
		if v < n && t.state[v] == undecided {
			spread(v, t.place(q))
		}
	}
	for r, v := range t.basic {
		if v < n && t.state[v] == undecided {
			spread(v, t.at[r])
		}
	}
	for _, list := range [2][]int32{t.nonbasic, t.basic} {
		for _, v := range list {
			if v >= n {
				use[v-n] = float64(t.rlo[v-n]) // it is there already
			}
		}
	}
	added := false
	for _, i := range c.lazy {
		if len(t.basic) >= mostRows {
			break
		}
		if slack := 1e-6 / c.scale[i]; use[i] < float64(t.rlo[i])-slack || use[i] > float64(t.rhi[i])+slack {
			t.addRow(i)
			added = true
		}
	}
	clear(use)
	return added
}

// point is the value of every item.
func (t *tableau) point() []float64 {
	x := make([]float64, t.c.items)
	for j := range x {
		x[j] = float64(t.state[j])
	}
	for q, v := range t.nonbasic {
		if t.open(v) {
			x[v] = t.place(q)
		}
	}
	for r, v := range t.basic {
		if t.open(v) {
			x[v] = t.at[r]
		}
	}
	return x
}

// whole are the items that the relaxation takes wholly.
func (t *tableau) whole() []bool {
	taken := make([]bool, t.c.items)
	for j, x := range t.point() {
		taken[j] = x > 1-integral
	}
	return taken
}

// branching is a basic variable that has to be whole: lo … cut, or cut+1 … hi.
type branching struct {
	row         int
	col         int
	lo, cut, hi int64
	upFirst     bool
}

// branch picks the variable whose both sides cost most by the first step of the
// dual simplex method (penalties of Driebeek, 1966), by the product of the two.
func (t *tableau) branch(k *tree) branching {
	n := t.vars()
	best, score := branching{row: -1, col: -1}, -1.0
	for r, v := range t.basic {
		if !t.open(v) && int(v-n) != t.c.count {
			continue
		}
		x := t.at[r]
		f := x - math.Floor(x)
		if f < integral || f > 1-integral || x < t.blo[r] || x > t.bup[r] { // out of bounds only where solve gave up
			continue
		}
		down, up := t.penalties(r)
		down, up = down*f, up*(1-f)
		s := math.Max(down, 1e-6) * math.Max(up, 1e-6)
		if v >= n {
			s = math.Inf(1)
		}
		if s > score {
			score = s
			best = branching{row: r, col: -1, lo: 0, cut: int64(math.Floor(x)), hi: 1, upFirst: up < down}
			if v >= n {
				best.lo, best.hi = t.rlo[v-n], t.rhi[v-n]
			}
		}
	}
	k.work += len(t.cell)
	return best
}

// penalties are what the objective loses at least for each unit that the basic
// variable of row r is moved down or up.
func (t *tableau) penalties(r int) (down, up float64) {
	down, up = math.Inf(1), math.Inf(1)
	for q, a := range t.line(r) {
		if t.high[q] {
			a = -a
		}
		x := math.Abs(t.cost[q])
		if a > pivotal {
			if x < up*a && t.lo[q] != t.up[q] {
				up = x / a
			}
		} else if a < -pivotal {
			if x < -down*a && t.lo[q] != t.up[q] {
				down = -x / a
			}
		}
	}
	return down, up
}

// anyItem is an undecided item, as it stands first, for where nothing is left to be made whole.
func (t *tableau) anyItem() branching {
	for q, v := range t.nonbasic {
		if t.open(v) {
			return branching{row: -1, col: q, hi: 1, upFirst: t.high[q]}
		}
	}
	for r, v := range t.basic {
		if t.open(v) {
			return branching{row: r, col: -1, hi: 1, upFirst: t.at[r] > 0.5}
		}
	}
	return branching{row: -1, col: -1}
}

// offer takes the rounded solution of the tableau if it is feasible and better.
func (k *tree) offer(t *tableau) bool {
	x := t.point()
	taken := make([]bool, len(x))
	for j, v := range x {
		taken[j] = v > 0.5
	}
	value, broken := k.c.own.Worth(taken)
	if broken >= 0 || value < k.least() {
		return broken < 0
	}
	k.best, k.taken = value, taken
	return true
}
