package portfolio

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Program is a choice in its barest form: take items (x = 1) or leave them
// (x = 0), so that the sum of Value is greatest and every row keeps its limits.
// All numbers are whole, so that what is said of an answer can be exact.
type Program struct {
	Value []int64 // of each item
	Rows  []Row
	Tail  *Tail // nil where all is certain
}

// Tail adds to what a choice is worth: the weighted sum of its worst scenarios, those that
// have Mass of all weight together, the last of them with the part of its weight that is
// missing to that. Divided by Mass that is the mean of the worst cases: the expected
// shortfall, or conditional value at risk (Rockafellar and Uryasev, "Optimization of conditional
// value-at-risk", Journal of Risk 2, 2000).
type Tail struct {
	Cases []Case
	Mass  int64
}

// Case is a scenario: what each item is worth if it comes about, and how likely that is, against the others.
type Case struct {
	Weight int64
	Value  []int64
}

// worth is the weighted sum of the worst scenarios.
func (t *Tail) worth(taken []bool) int64 {
	type outcome struct{ value, weight int64 }
	var all []outcome
	for _, s := range t.Cases {
		x := outcome{weight: s.Weight}
		for j, in := range taken {
			if in {
				x.value += s.Value[j]
			}
		}
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b outcome) int { return cmp.Compare(a.value, b.value) })
	sum, left := int64(0), t.Mass
	for _, x := range all {
		part := min(x.weight, left)
		sum += part * x.value
		left -= part
	}
	return sum
}

// span is between what values of the items can sum to in any scenario.
func (t *Tail) span() (least, greatest int64) {
	for _, s := range t.Cases {
		down, up := int64(0), int64(0)
		for _, v := range s.Value {
			down, up = down+min(v, 0), up+max(v, 0)
		}
		least, greatest = min(least, down), max(greatest, up)
	}
	return least, greatest
}

// Row is a linear limit: Lo ≤ Σ Coef[k]·x[Item[k]] ≤ Hi. An item stands in it once.
type Row struct {
	Item   []int32
	Coef   []int64
	Lo, Hi int64 // NoLo and NoHi where there is none

	// Lazy rows are looked at only where a solution breaks them. It changes the
	// speed alone: set it for the many short ones, such as dependencies.
	Lazy bool
}

// Absent limits of a row.
const (
	NoLo = math.MinInt64
	NoHi = math.MaxInt64
)

// most that the numbers of a row, or the values, may sum to: far enough
// from the end of int64 for the sums of products in bound.go.
const most = 1 << 50

// Check says what is wrong with a program, nil when it can be solved.
func (p *Program) Check() error {
	sum := int64(0)
	for j, v := range p.Value {
		if sum += size(v); v < -most || sum > most {
			return fmt.Errorf("portfolio: item %d: the values up to here sum to more than 2^50", j)
		}
	}
	seen := make([]int, len(p.Value))
	for i := range p.Rows {
		if err := p.checkRow(i, seen); err != nil {
			return err
		}
	}
	if p.Tail != nil {
		return p.Tail.check(len(p.Value), sum)
	}
	return nil
}

func (t *Tail) check(items int, values int64) error {
	weight := int64(0)
	for i, s := range t.Cases {
		if len(s.Value) != items {
			return fmt.Errorf("portfolio: scenario %d: %d values for %d items", i, len(s.Value), items)
		}
		if weight += s.Weight; s.Weight < 1 || s.Weight > most || weight > most {
			return fmt.Errorf("portfolio: scenario %d: weights from 1 that sum to at most 2^50 are expected", i)
		}
		sum := int64(0)
		for j, v := range s.Value {
			if sum += size(v); v < -most || sum > most {
				return fmt.Errorf("portfolio: scenario %d: the values up to item %d sum to more than 2^50", i, j)
			}
		}
	}
	if t.Mass < 1 || t.Mass > weight {
		return fmt.Errorf("portfolio: a mass of %d: from 1 to %d, the weight of all scenarios, is expected", t.Mass, weight)
	}
	if least, greatest := t.span(); float64(values)+float64(t.Mass+weight)*float64(greatest-least) > most {
		return fmt.Errorf("portfolio: values and weights of the scenarios multiply to more than 2^50: coarser ones are expected")
	}
	return nil
}

func (p *Program) checkRow(i int, seen []int) error {
	r := &p.Rows[i]
	if len(r.Item) != len(r.Coef) {
		return fmt.Errorf("portfolio: row %d: %d items and %d coefficients", i, len(r.Item), len(r.Coef))
	}
	if r.Lo > r.Hi {
		return fmt.Errorf("portfolio: row %d: from %d to %d is no range", i, r.Lo, r.Hi)
	}
	for _, limit := range []int64{r.Lo, r.Hi} {
		if limit != NoLo && limit != NoHi && size(limit) > most {
			return fmt.Errorf("portfolio: row %d: a limit of at most 2^50 is expected, not %d", i, limit)
		}
	}
	sum := int64(0)
	for k, j := range r.Item {
		if j < 0 || int(j) >= len(p.Value) {
			return fmt.Errorf("portfolio: row %d: there is no item %d", i, j)
		}
		if seen[j] == i+1 {
			return fmt.Errorf("portfolio: row %d: item %d stands in it twice", i, j)
		}
		seen[j] = i + 1
		if sum += size(r.Coef[k]); r.Coef[k] < -most || sum > most {
			return fmt.Errorf("portfolio: row %d: the coefficients up to item %d sum to more than 2^50", i, j)
		}
	}
	return nil
}

func size(v int64) int64 { return max(v, -v) }

// Worth is the value of a choice and the first row that it breaks, −1 for none.
// O(items + entries of the rows).
func (p *Program) Worth(taken []bool) (value int64, broken int) {
	for j, t := range taken {
		if t {
			value += p.Value[j]
		}
	}
	if p.Tail != nil {
		value += p.Tail.worth(taken)
	}
	for i := range p.Rows {
		r := &p.Rows[i]
		if use := r.use(taken); use < r.Lo || use > r.Hi {
			return value, i
		}
	}
	return value, -1
}

func (r *Row) use(taken []bool) int64 {
	use := int64(0)
	for k, j := range r.Item {
		if taken[j] {
			use += r.Coef[k]
		}
	}
	return use
}

// columns is a program by variable, with the ranges that its rows can have at all. The
// variables are the items, then the amounts that a tail needs.
type columns struct {
	p     *Program  // with the rows and amounts of its tail
	own   *Program  // without
	items int32     // how many of the variables are items, which are taken or not
	up    []int64   // what each variable is at most; all are from 0
	base  int64     // value that the amounts are counted from
	step  int64     // values of choices differ by multiples of it
	start []int32   // entries of item j: start[j] to start[j+1]
	row   []int32   // of each entry
	coef  []int64   // of each entry
	lo    []int64   // limits of each row, within what all items together can reach
	hi    []int64   //
	reach []float64 // of each row: what its numbers sum to at most
	scale []float64 // of each row: what a unit of its activity is in the tableau
	worth float64   // what the values sum to at most
	lazy  []int     // rows that are looked at only where they are broken
	count int       // the row that counts items, −1 for none
}

func newColumns(own *Program) *columns {
	p, up, base := own.amounts()
	n, m := len(p.Value), len(p.Rows)
	c := &columns{p: p, own: own, items: int32(len(own.Value)), up: up, base: base, count: -1, start: make([]int32, n+1), lo: make([]int64, m), hi: make([]int64, m), reach: make([]float64, m), scale: make([]float64, m)}
	for j, v := range p.Value {
		c.worth += float64(size(v)) * float64(up[j])
	}
	c.step = own.step()
	c.worth += float64(size(base))
	entries := 0
	for i := range p.Rows {
		r := &p.Rows[i]
		least, greatest, widest := int64(0), int64(0), int64(1)
		for k, j := range r.Item {
			c.start[j+1]++
			least += min(r.Coef[k], 0) * up[j]
			greatest += max(r.Coef[k], 0) * up[j]
			widest = max(widest, size(r.Coef[k]))
		}
		entries += len(r.Item)
		// A limit out of reach stays: it says that nothing is possible.
		c.lo[i], c.hi[i] = r.Lo, r.Hi
		if r.Lo < least {
			c.lo[i] = min(least, r.Hi)
		}
		if r.Hi > greatest {
			c.hi[i] = max(greatest, r.Lo)
		}
		c.reach[i] = float64(max(size(c.lo[i]), size(c.hi[i]))) + float64(greatest-least) + 1
		c.scale[i] = math.Exp2(-math.Round(math.Log2(float64(widest))))
		if r.Lazy {
			c.lazy = append(c.lazy, i)
		}
	}
	c.row, c.coef = make([]int32, entries), make([]int64, entries)
	for j := range n {
		c.start[j+1] += c.start[j]
	}
	next := append([]int32(nil), c.start[:n]...)
	for i := range p.Rows {
		r := &p.Rows[i]
		for k, j := range r.Item {
			c.row[next[j]], c.coef[next[j]] = int32(i), r.Coef[k]
			next[j]++
		}
	}
	return c
}

// step is what values of choices differ by multiples of.
func (p *Program) step() int64 {
	step := int64(0)
	for _, v := range p.Value {
		step = gcd(step, size(v))
	}
	if p.Tail != nil {
		for _, s := range p.Tail.Cases {
			for _, v := range s.Value {
				step = gcd(step, size(v))
			}
		}
	}
	return max(step, 1)
}

// amounts is the program with its tail written out: a threshold t, and of each scenario
// by how much it falls short of it, z, so that
//
//	Mass·t − Σ weight·z, z ≥ t − value of the scenario, z ≥ 0,
//
// is greatest at the tail's worth (Rockafellar and Uryasev, 2000, theorem 1). Both are amounts from
// 0 up in units that are about as great as the greatest value, t less the least that any
// scenario can have; base is what that adds.
func (p *Program) amounts() (out *Program, up []int64, base int64) {
	up = make([]int64, len(p.Value))
	for j := range up {
		up[j] = 1
	}
	if p.Tail == nil {
		return p, up, 0
	}
	least, greatest := p.Tail.span()
	widest := int64(1)
	for _, s := range p.Tail.Cases {
		for _, v := range s.Value {
			widest = max(widest, size(v))
		}
	}
	unit := int64(1) << int(math.Log2(float64(widest)))
	units := (greatest-least)/unit + 1
	out = &Program{Value: append(slices.Clone(p.Value), p.Tail.Mass*unit), Rows: slices.Clone(p.Rows), Tail: p.Tail}
	up = append(up, units)
	threshold := int32(len(p.Value))
	for _, s := range p.Tail.Cases {
		row := Row{Item: []int32{threshold, int32(len(out.Value))}, Coef: []int64{-unit, unit}, Lo: least, Hi: NoHi, Lazy: true}
		for j, v := range s.Value {
			if v != 0 {
				row.Item, row.Coef = append(row.Item, int32(j)), append(row.Coef, v)
			}
		}
		out.Value, up = append(out.Value, -s.Weight*unit), append(up, units)
		out.Rows = append(out.Rows, row)
	}
	return out, up, p.Tail.Mass * least
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
