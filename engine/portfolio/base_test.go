package portfolio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

// TestPricing: at any prices, with any bases, the Lagrangian is at least what the best choice is worth.
func TestPricing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 8))
		m := randomModel(r)
		if seed%2 == 0 {
			underScenarios(r, m)
		}
		best, found := tryAll(m)
		if !found {
			continue
		}
		base := make([]int, len(m.Proposals))
		for i, p := range m.Proposals {
			base[i] = r.IntN(len(p.Levels))
		}
		l := newPricing(compile(m, base))
		for range 20 {
			prices := make([]float64, len(l.p.Rows))
			for i := range prices {
				prices[i] = r.NormFloat64() * 10
			}
			if at := l.lagrangian(prices); l.c.points(int64(math.Ceil(at+1e-6))) < best {
				t.Fatalf("seed %d: %g at %v, the best choice is worth %d", seed, at, prices, best)
			}
		}
	}
}

// TestBases: with the bases that are chosen the relaxation without the limits of one level
// each is as good as that with all of them; without choosing, a ceiling on numbers makes it useless.
func TestBases(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 8))
	m := &Model{Budgets: []Budget{{"b", 0}}, Limits: []Limit{{Name: "number", Min: NoLo, Max: 60}}}
	for i := range 200 {
		p := Proposal{ID: fmt.Sprint(i)}
		cost, value, power := 100+r.Int64N(900), 100+900*r.Float64(), 0.4+r.Float64()
		for k := range int64(3) {
			p.Levels = append(p.Levels, Level{Value: int64(1000 * value * math.Pow(float64(k+1)/3, power)), Cost: []int64{cost * (k + 1) / 3}})
		}
		m.Budgets[0].Amount += cost / 4
		m.Proposals = append(m.Proposals, p)
	}
	var stop atomic.Bool
	loose := func(base []int) float64 {
		l := newPricing(compile(m, base))
		k := tree{c: l.columns, best: none, stop: &stop}
		bound, _ := k.relax(newTableau(l.columns))
		return float64(bound)
	}
	all := newColumns(compile(m, make([]int, len(m.Proposals))).program(nil))
	k := tree{c: all, best: none, stop: &stop}
	tight, _ := k.relax(newTableau(all)) // 200 limits fit among the rows
	chosen, first := loose(bases(m, &stop)), loose(make([]int, len(m.Proposals)))
	if gap := chosen/float64(tight) - 1; gap < -1e-6 || gap > 1e-3 {
		t.Errorf("%g with the chosen bases, %d with all limits", chosen, tight)
	}
	if first < 1.01*float64(tight) {
		t.Errorf("%g with the first levels as bases, %d with all limits: the model tries nothing", first, tight)
	}
}
