package cluster_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/cluster"
)

// blocks is the likeness of things of which each belongs to a kind: high within, low across.
func blocks(kinds []int, seed uint64) [][]float64 {
	r := rand.New(rand.NewPCG(seed, 7))
	m := make([][]float64, len(kinds))
	for i := range m {
		m[i] = make([]float64, len(kinds))
	}
	for i := range m {
		for j := range i {
			s := 0.1 * r.Float64()
			if kinds[i] == kinds[j] {
				s = 0.6 + 0.3*r.Float64()
			}
			m[i][j], m[j][i] = s, s
		}
	}
	return m
}

func TestKindsComeTogether(t *testing.T) {
	t.Parallel()
	var kinds []int
	for i := range 60 {
		kinds = append(kinds, i*7%4)
	}
	d, err := cluster.Divide(t.Context(), cluster.Problem{Likeness: blocks(kinds, 3), Groups: 4, Least: 12, Most: 18})
	if err != nil {
		t.Fatal(err)
	}
	of := map[int]int{}
	for i, g := range d.Group {
		if was, known := of[kinds[i]]; known && was != g {
			t.Fatalf("thing %d of kind %d is in group %d, another of its kind in %d", i, kinds[i], g, was)
		}
		of[kinds[i]] = g
	}
	if d.Within < 0.7 || d.Chance > 0.3 {
		t.Errorf("within %.2f, by chance %.2f", d.Within, d.Chance)
	}
}

// TestBoundsHold: whatever the likeness, every group keeps its bounds, and the same
// input gives the same groups.
func TestBoundsHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 24).Draw(t, "n")
		k := rapid.IntRange(1, n).Draw(t, "k")
		least := rapid.IntRange(0, n/k).Draw(t, "least")
		most := rapid.IntRange((n+k-1)/k, n).Draw(t, "most")
		m := make([][]float64, n)
		for i := range m {
			m[i] = make([]float64, n)
			for j := range i {
				m[i][j] = rapid.Float64Range(0, 1).Draw(t, "s")
				m[j][i] = m[i][j]
			}
		}
		p := cluster.Problem{Likeness: m, Groups: k, Least: least, Most: most}
		d, err := cluster.Divide(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		size := make([]int, k)
		for _, g := range d.Group {
			size[g]++
		}
		for g, s := range size {
			if s < least || s > most {
				t.Fatalf("group %d has %d things, not %d to %d", g, s, least, most)
			}
		}
		again, err := cluster.Divide(t.Context(), p)
		if err != nil || !slices.Equal(again.Group, d.Group) {
			t.Fatalf("the second time: %v, %v", again.Group, err)
		}
	})
}

func TestWhatCannotBeDivided(t *testing.T) {
	t.Parallel()
	m := blocks([]int{0, 1, 0}, 1)
	for name, p := range map[string]cluster.Problem{
		"more groups than things": {Likeness: m, Groups: 4},
		"no group":                {Likeness: m},
		"too small":               {Likeness: m, Groups: 1, Most: 2},
		"too many needed":         {Likeness: m, Groups: 2, Least: 2, Most: 3},
		"a likeness above 1":      {Likeness: [][]float64{{0, 2}, {2, 0}}, Groups: 1},
		"a row that is cut":       {Likeness: [][]float64{{0, 1}, {1}}, Groups: 1},
	} {
		if _, err := cluster.Divide(t.Context(), p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
