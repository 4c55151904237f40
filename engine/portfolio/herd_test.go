package portfolio

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

// budgeted is a program with nothing but budgets, as Chu and Beasley make them.
func budgeted(r *rand.Rand, items, rows int) *Program {
	p := &Program{Value: make([]int64, items), Rows: make([]Row, rows)}
	for i := range p.Rows {
		row := Row{Lo: NoLo}
		for j := range items {
			c := r.Int64N(1001)
			row.Item, row.Coef = append(row.Item, int32(j)), append(row.Coef, c)
			row.Hi += c
			p.Value[j] += c
		}
		row.Hi /= 4
		p.Rows[i] = row
	}
	for j := range p.Value {
		p.Value[j] = p.Value[j]/int64(rows) + r.Int64N(501)
	}
	return p
}

// bred is the herd of a program after so much work, and its bound.
func bred(p *Program, work int) (h *herd, bound int64) {
	s := newSearch(p.counted(), 1)
	s.start()
	if s.herd != nil {
		s.herd.run(work, new(atomic.Bool))
	}
	return s.herd, s.bound
}

// TestHerdKeepsRows: all members differ, keep every row, and are worth what they say.
func TestHerdKeepsRows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := budgeted(r, 1+r.IntN(60), 1+r.IntN(6))
		p.Value[0] *= -1 // never worth taking
		h, _ := bred(p, 300_000)
		h.join(make([]bool, len(p.Value)))
		seen := map[string]bool{}
		for _, m := range h.list {
			v, broken := p.Worth(m.taken)
			if broken >= 0 || v != m.value || m.taken[0] {
				t.Fatalf("seed %d: a member of value %d is worth %d and breaks row %d", seed, m.value, v, broken)
			}
			k := ""
			for _, x := range m.taken {
				k += map[bool]string{true: "1", false: "0"}[x]
			}
			if seen[k] {
				t.Fatalf("seed %d: two members are alike", seed)
			}
			seen[k] = true
		}
	}
}

// TestHerdFinds: what a herd breeds comes near the bound, and nearer the longer it breeds.
func TestHerdFinds(t *testing.T) {
	t.Parallel()
	p := budgeted(rand.New(rand.NewPCG(1, 3)), 250, 30)
	young, bound := bred(p, 500_000)
	old, _ := bred(p, 20_000_000)
	if a, b := young.best().value, old.best().value; b <= a || float64(b) < 0.98*float64(bound) {
		t.Errorf("from %d to %d, where nothing is above %d", a, b, bound)
	}
}

func TestHerdNeedsBudgets(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 4))
	for name, change := range map[string]func(p *Program){
		"a floor":                func(p *Program) { p.Rows[0].Lo = 1 },
		"a number below 0":       func(p *Program) { p.Rows[1].Coef[3] = -1 },
		"nothing worth anything": func(p *Program) { clear(p.Value) },
		"a tail": func(p *Program) {
			p.Tail = &Tail{Cases: []Case{{Value: make([]int64, len(p.Value)), Weight: 1}}, Mass: 1}
		},
	} {
		p := budgeted(r, 12, 3)
		if h, _ := bred(p, 1000); h == nil {
			t.Fatal("budgets alone have no herd")
		}
		change(p)
		if h := newHerd(newColumns(p.counted()), []float64{1, 1, 1}, r); h != nil {
			t.Errorf("%s: there is a herd", name)
		}
	}
}
