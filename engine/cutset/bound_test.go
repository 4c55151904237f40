package cutset

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestBounds: what Bound says holds, however little room it has.
func TestBounds(t *testing.T) {
	t.Parallel()
	tight := 0
	randomModels(t, 3000, func(t *testing.T, m *Model, r *rand.Rand) {
		b := m.brute()
		cuts := b.cuts()
		o := Options{MaxNodes: 16 << r.IntN(6), Paths: r.IntN(3) == 0}
		want := b.probability(func(e int) float64 { return m.Events[e].Probability }, 0, 0)
		if o.Paths {
			cuts, want = b.dual().cuts(), 1-want
		}
		orders := make([]int64, len(m.Events)+1)
		for s := range cuts {
			orders[bits.OnesCount(s)]++
		}
		got, err := Bound(t.Context(), m, o, r.IntN(4))
		if err != nil {
			t.Error(err)
			return
		}
		if got.AtMost.Cmp(big.NewInt(int64(len(cuts)))) < 0 {
			t.Errorf("at most %v cut sets, there are %d", got.AtMost, len(cuts))
		}
		for k := range orders[:got.Order+1] {
			n := new(big.Int)
			if k < len(got.ByOrder) {
				n = got.ByOrder[k]
			}
			if n.Cmp(big.NewInt(orders[k])) != 0 {
				t.Errorf("order %d up to %d: %v cut sets, want %d", k, got.Order, n, orders[k])
			}
		}
		if got.Low > want+1e-12 || got.High < want-1e-12 {
			t.Errorf("probability from %v to %v, is %v", got.Low, got.High, want)
		}
		if got.High-got.Low < 1e-12 {
			tight++
		}
	})
	if tight < 1000 {
		t.Errorf("only %d of 3000 probabilities were enclosed tightly", tight)
	}
}
