package cutset

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// value is f when the leaf nodes of an order that are in the set are true.
func (b *bdd) value(f ref, order []int, set []bool) bool {
	for f > refFalse {
		n := b.nodes[f>>1]
		if set[order[n.level]] {
			f = n.hi ^ f&1
		} else {
			f = n.lo ^ f&1
		}
	}
	return f == refTrue
}

// TestSift: an improved order means the same functions, in a diagram that is no larger
// and still reduced; also when it is improved again and again while it grows.
func TestSift(t *testing.T) {
	t.Parallel()
	smaller := 0
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 9))
		m := randomModel(random, 6+random.IntN(20), 10+random.IntN(30), allKinds, false)
		g, tops, err := m.compile(m.Top)
		if err != nil {
			t.Fatal(err)
		}
		r := region{g, tops[0]}
		order := r.leftmost()
		sifted, b := slices.Clone(order), &bdd{}
		b.reset(t.Context(), 1<<20)
		f := r.build(b, order)
		was := b.nodes
		before := bdd{nodes: slices.Clone(was)}
		roots := []ref{f}
		b.sift(roots, sifted, 1<<30)
		if len(b.nodes) > len(was) {
			t.Errorf("seed %d: %d nodes after sifting, %d before", seed, len(b.nodes), len(was))
		}
		if len(b.nodes) < len(was) {
			smaller++
		}
		grown, c := slices.Clone(order), &bdd{}
		c.reset(t.Context(), 1<<20)
		w := growth{region: r, bdd: c, order: grown, next: 8, ahead: 8, work: 1 << 30}
		h := w.all(1 << 20)
		for range 200 {
			set := make([]bool, len(g.nodes))
			for i := range set {
				set[i] = random.IntN(2) == 0
			}
			want := before.value(f, order, set)
			if got := b.value(roots[0], sifted, set); got != want {
				t.Fatalf("seed %d: sifted %v, want %v", seed, got, want)
			}
			if got := c.value(h, grown, set); got != want {
				t.Fatalf("seed %d: grown %v, want %v", seed, got, want)
			}
		}
		seen := map[bnode]bool{}
		for i, n := range b.nodes[1:] {
			if seen[n] || n.hi == n.lo || n.hi&1 != 0 || b.level(n.hi) <= n.level || b.level(n.lo) <= n.level || int(n.hi>>1) > i || int(n.lo>>1) > i {
				t.Fatalf("seed %d: node %d %+v", seed, i+1, n)
			}
			seen[n] = true
		}
	}
	if smaller < 100 {
		t.Errorf("only %d of 400 diagrams became smaller", smaller)
	}
}
