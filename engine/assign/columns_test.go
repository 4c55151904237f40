package assign_test

import (
	"testing"

	"github.com/headwater-platform/headwater/engine/assign"
)

// From a few candidates each the solution over all pairs is reached without ever
// holding all of them; stopped early, the bound holds.
func TestWiden(t *testing.T) {
	t.Parallel()
	early, fewer := 0, 0
	for seed := range uint64(12) {
		all := crowded(150, 60, 30, 3, 9, seed)
		if seed%3 == 0 {
			institutes(&all, 8, 50)
		}
		best, err := assign.Solve(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		narrow := all
		narrow.Edges = nil
		rest := make([][]assign.Edge, len(all.Demand))
		given := make([]int, len(all.Demand))
		for _, e := range all.Edges {
			if given[e.Proposal]++; given[e.Proposal] <= 4 {
				narrow.Edges = append(narrow.Edges, e)
			} else {
				rest[e.Proposal] = append(rest[e.Proposal], e)
			}
		}
		taken := map[[2]int]bool{}
		outside := func(i int, below func(int) int64) (found []assign.Edge) {
			for _, e := range rest[i] {
				if at := [2]int{i, e.Reviewer}; e.Cost < below(e.Reviewer) && !taken[at] {
					taken[at] = true
					found = append(found, e)
				}
			}
			return found
		}
		w, err := assign.Widen(t.Context(), narrow, outside, 1)
		if err != nil {
			t.Fatal(err)
		}
		if v := all.Value(w.Solution); v < all.Value(best) || w.Bound > all.Value(best) {
			t.Errorf("stopped: value %d, bound %d, best %d", v, w.Bound, all.Value(best))
		} else if v > all.Value(best) {
			early++
		}
		clear(taken)
		if w, err = assign.Widen(t.Context(), narrow, outside, 50); err != nil {
			t.Fatal(err)
		}
		if err := assign.Verify(w.Problem, w.Solution); err != nil {
			t.Error(err)
		}
		if v := all.Value(w.Solution); v != all.Value(best) || w.Bound != v {
			t.Errorf("value %d, bound %d, best %d", v, w.Bound, all.Value(best))
		}
		if len(w.Problem.Edges) < len(all.Edges)*9/10 {
			fewer++
		}
	}
	if early < 6 || fewer < 3 {
		t.Errorf("stopped early %d times, with fewer pairs %d times: the test shows nothing", early, fewer)
	}
}
