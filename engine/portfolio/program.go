package portfolio

import (
	"fmt"
	"math"
)

// Program is a choice in its barest form: take items (x = 1) or leave them
// (x = 0), so that the sum of Value is greatest and every row keeps its limits.
// All numbers are whole, so that what is said of an answer can be exact.
type Program struct {
	Value []int64 // of each item
	Rows  []Row
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

// columns is a program by item, with the ranges that its rows can have at all.
type columns struct {
	p     *Program
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

func newColumns(p *Program) *columns {
	n, m := len(p.Value), len(p.Rows)
	c := &columns{p: p, count: -1, start: make([]int32, n+1), lo: make([]int64, m), hi: make([]int64, m), reach: make([]float64, m), scale: make([]float64, m)}
	for _, v := range p.Value {
		c.step = gcd(c.step, size(v))
		c.worth += float64(size(v))
	}
	c.step = max(c.step, 1)
	entries := 0
	for i := range p.Rows {
		r := &p.Rows[i]
		least, greatest, widest := int64(0), int64(0), int64(1)
		for k, j := range r.Item {
			c.start[j+1]++
			least += min(r.Coef[k], 0)
			greatest += max(r.Coef[k], 0)
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

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
