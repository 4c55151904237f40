package portfolio

import (
	"math"
	"slices"
	"sync/atomic"
)

// Tolerances of the tableau. What is claimed of an answer never rests on them: see bound.go.
const (
	feasible = 1e-7 // how far a basic variable may lie outside its bounds
	pivotal  = 1e-7 // least size of a pivot
	integral = 1e-6 // how far a whole number may be off
)

// tableau is the linear relaxation of what is undecided, as a condensed simplex
// tableau for variables with two bounds: every basic variable and the objective
// as linear functions of the nonbasic ones, which stand at a bound. Variables are
// the items and amounts, 0 to n−1, and the activities of the rows, n+i, in units of scale.
//
// It is dual feasible always: a nonbasic variable stands where its reduced cost
// wants it. So the objective bounds what is possible from above at every moment
// (within rounding), and any bound may change between two calls of [tableau.solve].
type tableau struct {
	c *columns

	cell  []float64 // row r: cell[r*width : r*width+len(nonbasic)]; ∂basic/∂nonbasic
	width int
	cost  []float64 // ∂objective/∂nonbasic
	z     float64   // objective

	basic    []int32
	at       []float64 // values of the basic variables
	blo, bup []float64 // and their bounds
	nonbasic []int32
	lo, up   []float64
	high     []bool // it stands at up

	state []int8  // of each item: undecided, 0 or 1; amounts stay undecided
	used  []int64 // of each row: activity of the items decided to be 1
	value int64   // of those items, and the base

	rlo, rhi []int64 // limits of the rows below the decisions made

	passed []candidate // scratch of flipping
	keep   []int32     // scratch of compact
}

const undecided = -1

// newTableau has every item at the bound that its value wants, and all rows but the lazy ones.
func newTableau(c *columns) *tableau {
	n, m := len(c.p.Value), len(c.p.Rows)
	t := &tableau{c: c, width: n, value: c.base, z: float64(c.base), state: make([]int8, n), used: make([]int64, m), rlo: slices.Clone(c.lo), rhi: slices.Clone(c.hi)}
	for j, v := range c.p.Value {
		t.state[j] = undecided
		t.nonbasic, t.cost = append(t.nonbasic, int32(j)), append(t.cost, float64(v))
		t.lo, t.up, t.high = append(t.lo, 0), append(t.up, float64(c.up[j])), append(t.high, v > 0)
		if v > 0 {
			t.z += float64(v) * float64(c.up[j])
		}
	}
	t.cell = make([]float64, 0, (m-len(c.lazy)+len(c.lazy)/16)*n)
	for i := range c.p.Rows {
		if !c.p.Rows[i].Lazy {
			t.addRow(i)
		}
	}
	return t
}

// copyFrom makes t equal to another tableau, in t's own memory where that is enough.
func (t *tableau) copyFrom(o *tableau) {
	t.copyHead(o)
	t.width = len(o.nonbasic)
	t.cell = t.cell[:0]
	for r := range o.basic {
		t.cell = append(t.cell, o.line(r)...)
	}
	t.cost = append(t.cost[:0], o.cost...)
	t.nonbasic = append(t.nonbasic[:0], o.nonbasic...)
	t.lo, t.up, t.high = append(t.lo[:0], o.lo...), append(t.up[:0], o.up...), append(t.high[:0], o.high...)
}

// copyHead is copyFrom without the columns.
func (t *tableau) copyHead(o *tableau) {
	t.c, t.z, t.value = o.c, o.z, o.value
	t.basic = append(t.basic[:0], o.basic...)
	t.at, t.blo, t.bup = append(t.at[:0], o.at...), append(t.blo[:0], o.blo...), append(t.bup[:0], o.bup...)
	t.rlo, t.rhi = append(t.rlo[:0], o.rlo...), append(t.rhi[:0], o.rhi...)
	t.state, t.used = append(t.state[:0], o.state...), append(t.used[:0], o.used...)
}

func (t *tableau) line(r int) []float64 {
	return t.cell[r*t.width : r*t.width+len(t.nonbasic)]
}

// vars is the number of items and amounts.
func (t *tableau) vars() int32 { return int32(len(t.state)) }

// open says whether a variable is an item that is undecided.
func (t *tableau) open(v int32) bool { return v < t.c.items && t.state[v] == undecided }

// place is where a nonbasic variable stands.
func (t *tableau) place(q int) float64 {
	if t.high[q] {
		return t.up[q]
	}
	return t.lo[q]
}

// addRow makes the activity of row i a basic variable. O(entries of the row +
// basic items among them × columns).
func (t *tableau) addRow(i int) {
	row, s := &t.c.p.Rows[i], t.c.scale[i]
	coef := make([]float64, t.vars())
	for k, j := range row.Item {
		coef[j] = s * float64(row.Coef[k])
	}
	line := make([]float64, t.width)
	at := s * float64(t.used[i])
	for q, v := range t.nonbasic {
		if v < t.vars() && t.state[v] == undecided {
			line[q] = coef[v]
			at += coef[v] * t.place(q)
		}
	}
	for r, v := range t.basic {
		if v < t.vars() && t.state[v] == undecided && coef[v] != 0 {
			add(line[:len(t.nonbasic)], t.line(r), coef[v])
			at += coef[v] * t.at[r]
		}
	}
	t.cell = append(t.cell[:len(t.basic)*t.width], line...)
	t.basic, t.at = append(t.basic, t.vars()+int32(i)), append(t.at, at)
	t.blo, t.bup = append(t.blo, s*float64(t.rlo[i])), append(t.bup, s*float64(t.rhi[i]))
}

// add is to += f·from.
func add(to, from []float64, f float64) {
	from = from[:len(to)]
	for len(to) >= 4 && len(from) >= 4 {
		to[0] += f * from[0]
		to[1] += f * from[1]
		to[2] += f * from[2]
		to[3] += f * from[3]
		to, from = to[4:], from[4:]
	}
	for q := range to {
		to[q] += f * from[q]
	}
}

// outcome is how solve ended.
type outcome int

const (
	solved   outcome = iota // primal feasible: z is the relaxation's optimum
	cut                     // z has fallen to the limit, the rest does not matter
	empty                   // the row it stopped at cannot reach its bound: nothing is feasible
	gaveUp                  // too many steps, or told to stop: z is an upper bound only
	stopStep = 40           // steps per row and a few more until it gives up
)

// solve makes the tableau primal feasible by the dual simplex method with bound
// flipping (Maros, 2003: "A generalized dual phase-2 simplex algorithm"), or
// shows that z falls to limit or that nothing is feasible. Each step costs
// O(rows × columns); work counts the cells that were touched.
func (t *tableau) solve(limit float64, work *int, stop *atomic.Bool) (outcome, int) {
	for step := 0; step < stopStep*(len(t.basic)+8) && !stop.Load(); step++ {
		if t.z <= limit {
			return cut, -1
		}
		r, gap := t.leaving()
		if r < 0 {
			return solved, -1
		}
		q := t.entering(r, gap)
		*work += (len(t.basic) + 2) * len(t.nonbasic)
		if q < 0 {
			return empty, r
		}
		t.pivot(r, q)
	}
	return gaveUp, -1
}

// leaving is the basic variable that is farthest out of its bounds, and by how
// much it has to move; −1 when none is.
func (t *tableau) leaving() (r int, gap float64) {
	r = -1
	worst := feasible
	for i, x := range t.at {
		if d := t.blo[i] - x; d > worst {
			r, gap, worst = i, d, d
		} else if d := x - t.bup[i]; d > worst {
			r, gap, worst = i, -d, d
		}
	}
	return r, gap
}

// entering picks the column by which the basic variable of row r moves by gap to
// its bound at the least loss, after it has flipped those that are cheaper but
// cannot go the whole way; −1 when all together cannot.
func (t *tableau) entering(r int, gap float64) int {
	sign, need := 1.0, gap
	if gap < 0 {
		sign, need = -1, -gap
	}
	best, ratio, size := -1, math.Inf(1), 0.0
	line := t.line(r)
	for q, a := range line {
		a *= sign
		if t.high[q] {
			a = -a
		}
		if a <= pivotal || t.up[q] == t.lo[q] {
			continue
		}
		x := math.Abs(t.cost[q])
		if x < ratio*a || x == ratio*a && a > size {
			best, ratio, size = q, x/a, a
		}
	}
	if best < 0 || size*(t.up[best]-t.lo[best]) >= need-feasible/2 {
		return best
	}
	return t.flipping(line, sign, need)
}

// flipping is entering where the cheapest column does not suffice.
func (t *tableau) flipping(line []float64, sign, need float64) int {
	list := t.passed[:0]
	for q, a := range line {
		a *= sign
		if t.high[q] {
			a = -a
		}
		if a > pivotal && t.up[q] != t.lo[q] {
			list = append(list, candidate{q, a, math.Abs(t.cost[q]) / a})
		}
	}
	t.passed = list
	for i := len(list)/2 - 1; i >= 0; i-- {
		sift(list, i)
	}
	for len(list) > 0 { // a heap: mostly few of many are needed
		c := list[0]
		reach := c.size * (t.up[c.column] - t.lo[c.column])
		if reach >= need-feasible/2 {
			return c.column
		}
		need -= reach
		t.flip(c.column)
		last := len(list) - 1
		list[0] = list[last]
		list = list[:last]
		sift(list, 0)
	}
	return -1
}

// sift moves the candidate at i down the heap until none below comes before it.
func sift(list []candidate, i int) {
	for {
		next := 2*i + 1
		if next >= len(list) {
			return
		}
		if next+1 < len(list) && list[next+1].before(list[next]) {
			next++
		}
		if !list[next].before(list[i]) {
			return
		}
		list[i], list[next] = list[next], list[i]
		i = next
	}
}

// candidate is a column that can take a basic variable towards its bound: by
// size for each unit, at a loss of ratio for each unit of that.
type candidate struct {
	column      int
	size, ratio float64
}

// before says whether a column is cheaper, at equal prices larger.
func (c candidate) before(o candidate) bool {
	switch {
	case c.ratio != o.ratio:
		return c.ratio < o.ratio
	case c.size != o.size:
		return c.size > o.size
	}
	return c.column < o.column
}

// flip moves a nonbasic variable to its other bound.
func (t *tableau) flip(q int) {
	by := t.up[q] - t.lo[q]
	if t.high[q] {
		by = -by
	}
	t.high[q] = !t.high[q]
	t.move(q, by)
}

func (t *tableau) move(q int, by float64) {
	t.z += t.cost[q] * by
	for r := range t.at {
		t.at[r] += t.cell[r*t.width+q] * by
	}
}

// pivot brings the basic variable of row r to the bound that it has left, and
// exchanges it with the nonbasic variable of column q.
func (t *tableau) pivot(r, q int) {
	high := t.at[r] > t.bup[r]
	to := t.blo[r]
	if high {
		to = t.bup[r]
	}
	line := t.line(r)
	p := line[q]
	by := (to - t.at[r]) / p
	t.move(q, by)
	t.basic[r], t.nonbasic[q] = t.nonbasic[q], t.basic[r]
	t.at[r] = t.place(q) + by
	t.blo[r], t.lo[q] = t.lo[q], t.blo[r]
	t.bup[r], t.up[q] = t.up[q], t.bup[r]
	t.high[q] = high

	inverse := 1 / p
	for k := range line {
		line[k] *= -inverse
	}
	line[q] = inverse
	for i := range t.basic {
		if i == r {
			continue
		}
		if other := t.line(i); other[q] != 0 {
			f := other[q]
			other[q] = 0
			add(other, line, f)
		}
	}
	f := t.cost[q]
	t.cost[q] = 0
	add(t.cost, line, f)
}
