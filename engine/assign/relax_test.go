package assign_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/assign"
)

// What a relaxation is said to cost is what it costs when everything is tried.
func TestRelax(t *testing.T) {
	t.Parallel()
	tried := [3]int{}
	for range 60 {
		rapid.Check(t, func(t *rapid.T) {
			p := problems(t)
			p.Unfilled = 0
			plan, err := assign.Open(t.Context(), p)
			if err != nil {
				return
			}
			s := plan.Solution()
			for _, d := range s.Why {
				for _, x := range plan.Relax(d, 5) {
					q := p
					switch {
					case x.Reviewer >= 0:
						q.Load = slices.Clone(p.Load)
						q.Load[x.Reviewer].Max++
						tried[0]++
					case x.Group >= 0:
						q.Groups = slices.Clone(p.Groups)
						q.Groups[x.Group].Max++
						tried[1]++
					default:
						q.Edges = slices.Clone(p.Edges)
						q.Edges[x.Edge].Forbidden = false
						tried[2]++
					}
					saved := p.Penalty() - (p.Value(s) - brute(q))
					if x.Edge < 0 && saved != x.Cost || saved > x.Cost {
						t.Fatalf("%+v: by trying all it costs %d", x, saved)
					}
				}
			}
		})
	}
	if tried[0] < 100 || tried[1] < 50 || tried[2] < 20 {
		t.Errorf("only %v relaxations were tried", tried)
	}
}
