package portfolio

import (
	"math"
	"slices"
)

// A sum of products stays below 2^62, and a multiplier is no finer than 2^-40.
const (
	bits   = 61
	finest = 40
)

// bound is what no choice below the tableau's decisions can exceed, whatever
// rounding has done to the tableau: for any multipliers y of the rows,
//
//	Σ c·x  =  Σ c·x + Σ y_i·(r_i − a_i·x)  ≤  Σ_i max y_i·r_i + Σ_j max (c_j − y·a_j)·x_j
//
// over the limits of r_i and x_j alone (Lagrange; Geoffrion, 1974). y are the
// tableau's prices, rounded to multiples of 2^-shift; all else is whole, so the
// right side is computed without any error and rounded down. With fixing, items
// whose other choice would take the bound below least are decided, by the same
// exact sums. empty says that the bound is below least. O(entries of undecided items).
func (t *tableau) bound(s *scratch, least int64, fix bool) (bound int64, empty bool) {
	s.reset(t.c)
	t.duals(s)
	sum, shift := t.lagrangian(s, t.c.worth, true)
	bound = sum >> shift
	if bound < least {
		return bound, true
	}
	if fix && sum < math.MaxInt64 && least > -2*most {
		t.fix(s, sum-least<<shift)
	}
	return bound, false
}

// fix decides items whose other choice would cost more than spare.
func (t *tableau) fix(s *scratch, spare int64) {
	for q, v := range t.nonbasic {
		if t.open(v) {
			if d := s.reduced[v]; d > spare {
				t.decide(q, true)
			} else if -d > spare {
				t.decide(q, false)
			}
		}
	}
}

// decide settles a nonbasic item.
func (t *tableau) decide(q int, take bool) {
	if t.high[q] != take {
		t.flip(q)
	}
	t.settle(t.nonbasic[q], take)
}

// settle notes that an item is decided; its variable has to stand there or get there.
func (t *tableau) settle(j int32, take bool) {
	t.state[j] = 0
	if !take {
		return
	}
	t.state[j] = 1
	c := t.c
	t.value += c.p.Value[j]
	for k := c.start[j]; k < c.start[j+1]; k++ {
		t.used[c.row[k]] += c.coef[k]
	}
}

// compact drops the columns of decided items, and lazy rows that bind nothing.
func (t *tableau) compact() {
	n := t.vars()
	t.keep = t.keep[:0]
	for q, v := range t.nonbasic {
		if v >= n || t.state[v] == undecided {
			t.keep = append(t.keep, int32(q))
		}
	}
	t.pick(t)
}

// pick takes the columns in keep from another tableau, or itself, and from its own rows
// those that are not lazy or bind.
func (t *tableau) pick(from *tableau) {
	n, width := t.vars(), from.width
	nonbasic, cost, lo, up, high := t.nonbasic[:0], t.cost[:0], t.lo[:0], t.up[:0], t.high[:0]
	for _, q := range t.keep {
		nonbasic, cost, lo, up, high = append(nonbasic, from.nonbasic[q]), append(cost, from.cost[q]), append(lo, from.lo[q]), append(up, from.up[q]), append(high, from.high[q])
	}
	t.nonbasic, t.cost, t.lo, t.up, t.high = nonbasic, cost, lo, up, high
	cols, rows := len(t.keep), 0
	cell := slices.Grow(t.cell[:0], cols*len(t.basic))[:cols*len(t.basic)]
	for r, v := range t.basic {
		if v >= n && t.c.p.Rows[v-n].Lazy && t.at[r] >= t.blo[r]-feasible && t.at[r] <= t.bup[r]+feasible {
			continue
		}
		line, to := from.cell[r*width:], cell[rows*cols:]
		for k, q := range t.keep {
			to[k] = line[q]
		}
		t.basic[rows], t.at[rows], t.blo[rows], t.bup[rows] = v, t.at[r], t.blo[r], t.bup[r]
		rows++
	}
	t.basic, t.at, t.blo, t.bup = t.basic[:rows], t.at[:rows], t.blo[:rows], t.bup[:rows]
	t.width, t.cell = cols, cell[:rows*cols]
}

// scratch is memory that the work on a tableau needs for a moment.
type scratch struct {
	price   []float64 // of each row, in the program's own units
	priced  []int32   // rows with a price
	exact   []int64   // price × 2^shift
	reduced []int64   // of each undecided item: c_j − y·a_j, × 2^shift
}

func (s *scratch) reset(c *columns) {
	if len(s.price) != len(c.p.Rows) || len(s.reduced) != len(c.p.Value) {
		*s = scratch{price: make([]float64, len(c.p.Rows)), exact: make([]int64, len(c.p.Rows)), reduced: make([]int64, len(c.p.Value))}
	}
	for _, i := range s.priced {
		s.price[i], s.exact[i] = 0, 0
	}
	s.priced = s.priced[:0]
}

// duals sets the prices of the rows: what one more of its activity is worth.
func (t *tableau) duals(s *scratch) {
	n := t.vars()
	for q, v := range t.nonbasic {
		if v >= n && t.cost[q] != 0 {
			i := v - n
			s.price[i] = t.cost[q] * t.c.scale[i]
			s.priced = append(s.priced, i)
		}
	}
}

// impossible proves that row r of the tableau, which solve has found to be out of
// reach, is so: the row as a combination of the program's rows is a contradiction
// within the limits of single variables (Farkas, 1902).
func (t *tableau) impossible(s *scratch, r int) bool {
	s.reset(t.c)
	sign := 1.0
	if t.at[r] < t.blo[r] {
		sign = -1
	}
	n := t.vars()
	set := func(v int32, by float64) {
		if v >= n {
			s.price[v-n] = sign * by * t.c.scale[v-n]
			s.priced = append(s.priced, v-n)
		}
	}
	set(t.basic[r], 1)
	for q, a := range t.line(r) {
		if a != 0 {
			set(t.nonbasic[q], -a)
		}
	}
	sum, _ := t.lagrangian(s, 0, false)
	return sum < 0
}

// lagrangian is the right side of the inequality at bound × 2^shift, with or
// without the values.
func (t *tableau) lagrangian(s *scratch, worth float64, values bool) (sum int64, shift int) {
	reach := worth + 1
	for _, i := range s.priced {
		reach += math.Abs(s.price[i]) * t.c.reach[i]
	}
	shift = min(finest, bits-1-int(math.Ceil(math.Log2(reach)))) // one bit for the rounding of y
	if shift < 0 {                                               // no claim
		return math.MaxInt64, 0
	}
	unit := math.Ldexp(1, shift)
	for _, i := range s.priced {
		y := int64(math.Round(s.price[i] * unit))
		s.exact[i] = y
		limit := t.rhi[i]
		if y < 0 {
			limit = t.rlo[i]
		}
		sum += y * (limit - t.used[i])
	}
	if values {
		sum += t.value << shift
	}
	c := t.c
	item := func(j int32) {
		d := int64(0)
		if values {
			d = c.p.Value[j] << shift
		}
		from, to := c.start[j], c.start[j+1]
		coef := c.coef[from:to]
		for k, i := range c.row[from:to] {
			d -= s.exact[i] * coef[k]
		}
		s.reduced[j] = d
		if d > 0 {
			sum += d * c.up[j]
		}
	}
	t.each(item)
	return sum, shift
}

// each calls f for every undecided item and every amount.
func (t *tableau) each(f func(j int32)) {
	for _, list := range [2][]int32{t.basic, t.nonbasic} {
		for _, v := range list {
			if v < t.vars() && t.state[v] == undecided {
				f(v)
			}
		}
	}
}
