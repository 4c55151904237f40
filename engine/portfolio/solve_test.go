package portfolio

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// random is a small program with rows of every kind: budgets, floors, ranges,
// equalities, groups, dependencies, negative coefficients and values.
func random(r *rand.Rand) *Program {
	n := 1 + r.IntN(11)
	p := &Program{}
	unit := []int64{1, 1, 10, 1000}[r.IntN(4)]
	for range n {
		p.Value = append(p.Value, unit*(r.Int64N(40)-5))
	}
	for range r.IntN(6) {
		row := Row{Lo: NoLo, Hi: NoHi, Lazy: r.IntN(2) == 0}
		sum := int64(0)
		wide := []int64{1, 5, 1000, 1 << 33}[r.IntN(4)]
		for j := range n {
			if r.IntN(3) > 0 {
				c := 1 + r.Int64N(wide)
				if r.IntN(6) == 0 {
					c = -c
				}
				sum += c
				row.Item, row.Coef = append(row.Item, int32(j)), append(row.Coef, c)
			}
		}
		at := int64(float64(sum) * r.Float64())
		switch r.IntN(4) {
		case 0:
			row.Lo = at
		case 1:
			row.Lo, row.Hi = at-r.Int64N(wide), at+r.Int64N(wide)
		default:
			row.Hi = at
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}

// enumerate is the best value by trying everything.
func enumerate(p *Program) (best int64, found bool) {
	taken := make([]bool, len(p.Value))
	for set := range 1 << len(taken) {
		for j := range taken {
			taken[j] = set>>j&1 == 1
		}
		if v, broken := p.Worth(taken); broken < 0 && (!found || v > best) {
			best, found = v, true
		}
	}
	return best, found
}

func TestSolveAgainstEnumeration(t *testing.T) {
	t.Parallel()
	impossible := 0
	for seed := range uint64(2000) {
		p := random(rand.New(rand.NewPCG(seed, 1)))
		s, err := Solve(t.Context(), p, Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		best, found := enumerate(p)
		if !found {
			impossible++
		}
		if !s.Done || (s.Taken != nil) != found || found && (s.Value != best || !s.Optimal()) {
			t.Fatalf("seed %d: value %d, bound %d, done %v, found %v; the best is %d, %v", seed, s.Value, s.Bound, s.Done, s.Taken != nil, best, found)
		}
		if found {
			if v, broken := p.Worth(s.Taken); broken >= 0 || v != s.Value {
				t.Fatalf("seed %d: the choice is worth %d and breaks row %d", seed, v, broken)
			}
		}
	}
	if impossible < 100 || impossible > 1400 {
		t.Errorf("%d of 2000 are impossible: the instances try too little", impossible)
	}
}

// knapsack is of the kind of Chu and Beasley (1998): what items cost is uniform to
// 1,000, their value near the mean of that, the budgets half of the total.
func knapsack(items, budgets int, seed uint64) *Program {
	r := rand.New(rand.NewPCG(seed, 2))
	p := &Program{Value: make([]int64, items)}
	for range budgets {
		row := Row{Lo: NoLo}
		for j := range items {
			c := r.Int64N(1001)
			row.Item, row.Coef = append(row.Item, int32(j)), append(row.Coef, c)
			row.Hi += c
			p.Value[j] += c
		}
		row.Hi /= 2
		p.Rows = append(p.Rows, row)
	}
	for j := range p.Value {
		p.Value[j] = p.Value[j]/int64(budgets) + r.Int64N(500)
	}
	return p
}

func TestSolveIsDeterministic(t *testing.T) {
	t.Parallel()
	p := knapsack(60, 5, 1)
	a, err := Solve(t.Context(), p, Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Solve(t.Context(), p, Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if !a.Optimal() || !slices.Equal(a.Taken, b.Taken) || a.Nodes != b.Nodes || a.Steps != b.Steps {
		t.Errorf("%d and %d nodes, %d and %d steps", a.Nodes, b.Nodes, a.Steps, b.Steps)
	}
}

// TestBoundHoldsWhenTimeEnds compares bounds of interrupted searches with the optimum.
func TestBoundHoldsWhenTimeEnds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		p := knapsack(70, 5, seed)
		best, err := Solve(t.Context(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, limit := range []time.Duration{time.Microsecond, time.Millisecond, 5 * time.Millisecond} {
			s, err := Solve(t.Context(), p, Options{Time: limit})
			if err != nil {
				t.Fatal(err)
			}
			if s.Bound < best.Value || s.Taken != nil && s.Value > best.Value {
				t.Errorf("seed %d, %v: %d to %d, the best is %d", seed, limit, s.Value, s.Bound, best.Value)
			}
		}
	}
}

func TestSolveStops(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Solve(ctx, knapsack(100, 10, 1), Options{}); err != context.Canceled {
		t.Errorf("%v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		p    Program
		want string
	}{
		{Program{Value: []int64{1 << 49, 1 << 50}}, "portfolio: item 1: the values up to here sum to more than 2^50"},
		{Program{Value: []int64{1}, Rows: []Row{{Item: []int32{0}}}}, "portfolio: row 0: 1 items and 0 coefficients"},
		{Program{Rows: []Row{{Lo: 2, Hi: 1}}}, "portfolio: row 0: from 2 to 1 is no range"},
		{Program{Rows: []Row{{Lo: NoLo, Hi: 1 << 60}}}, "portfolio: row 0: a limit of at most 2^50 is expected, not 1152921504606846976"},
		{Program{Value: []int64{1}, Rows: []Row{{Item: []int32{1}, Coef: []int64{1}}}}, "portfolio: row 0: there is no item 1"},
		{Program{Value: []int64{1}, Rows: []Row{{Item: []int32{0, 0}, Coef: []int64{1, 1}}}}, "portfolio: row 0: item 0 stands in it twice"},
		{Program{Value: []int64{1}, Rows: []Row{{Item: []int32{0}, Coef: []int64{1 << 51}}}}, "portfolio: row 0: the coefficients up to item 0 sum to more than 2^50"},
	} {
		if _, err := Solve(t.Context(), &x.p, Options{}); err == nil || err.Error() != x.want {
			t.Errorf("%v, want %s", err, x.want)
		}
	}
}
