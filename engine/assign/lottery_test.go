package assign_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/assign"
)

// The lottery is proven best, and every draw keeps what an assignment has to
// keep: limits, conflicts, and no more missing than expected, rounded up.
func TestLottery(t *testing.T) {
	t.Parallel()
	for range 10 {
		rapid.Check(t, func(t *rapid.T) {
			p := problems(t)
			parts := rapid.Int64Range(1, 6).Draw(t, "parts")
			limit := rapid.Int64Range(1, parts).Draw(t, "limit")
			l, err := assign.Randomize(t.Context(), p, limit, parts)
			if err != nil {
				return
			}
			if err := assign.VerifyLottery(p, l); err != nil {
				t.Fatal(err)
			}
			if limit == parts { // any assignment is a lottery
				if best := brute(p); l.Value(p) != best*parts {
					t.Fatalf("value %d/%d, by trying all %d", l.Value(p), parts, best)
				}
			}
			for seed := range uint64(5) {
				set := uint(0)
				for _, k := range l.Draw(p, seed) {
					set |= 1 << k
				}
				unmet, _, ok := value(p, set)
				if !ok || int64(unmet[0])*parts > l.Short+parts*int64(len(p.Demand)) {
					t.Fatalf("drew %b, which is no assignment", set)
				}
			}
		})
	}
}

// Seen over many draws every pair has its probability, and sums are never more
// than one off.
func TestDrawMarginals(t *testing.T) {
	t.Parallel()
	const draws = 10_000
	for _, q := range [][2]int64{{1, 2}, {2, 5}, {1, 3}} {
		p := crowded(40, 22, 12, 3, 7, 3)
		l, err := assign.Randomize(t.Context(), p, q[0], q[1])
		if err != nil {
			t.Fatal(err)
		}
		if err := assign.VerifyLottery(p, l); err != nil {
			t.Fatal(err)
		}
		times := make([]int, len(p.Edges))
		for seed := range uint64(draws) {
			chosen := l.Draw(p, seed)
			if len(chosen) != 120 && l.Short == 0 {
				t.Fatalf("%d pairs drawn", len(chosen))
			}
			for _, k := range chosen {
				times[k]++
			}
		}
		undecided := 0
		for k, n := range times {
			prob := float64(l.Share[k]) / float64(l.Parts)
			if d := math.Abs(float64(n)/draws - prob); d > 5*math.Sqrt(prob*(1-prob)/draws) {
				t.Errorf("q = %v, pair %d: drawn %d times of %d, probability %g", q, k, n, draws, prob)
			}
			if prob > 0 && prob < 1 {
				undecided++
			}
		}
		if undecided < 100 {
			t.Errorf("q = %v: only %d pairs are left to chance", q, undecided)
		}
		if !slices.Equal(l.Draw(p, 7), l.Draw(p, 7)) {
			t.Error("equal seeds, unequal draws")
		}
	}
}

func TestVerifyLotteryRefuses(t *testing.T) {
	t.Parallel()
	p := crowded(30, 20, 10, 2, 4, 1)
	for name, lie := range map[string]func(*assign.Lottery){
		"a surer pair":   func(l *assign.Lottery) { l.Limit-- },
		"a better bound": func(l *assign.Lottery) { l.Bound++ },
		"less cost":      func(l *assign.Lottery) { l.Cost-- },
		"a lost share":   func(l *assign.Lottery) { l.Share[slices.IndexFunc(l.Share, func(n int64) bool { return n > 0 })]-- },
		"another price":  func(l *assign.Lottery) { l.ReviewerPrice[3] -= 10_000 },
	} {
		l, err := assign.Randomize(t.Context(), p, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		lie(&l)
		if assign.VerifyLottery(p, l) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
