package assign_test

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/internal/platform/published"
)

// bruteFair is the greatest minimum among all assignments that leave so much empty.
func bruteFair(p assign.Problem, unmet [2]int) int64 {
	best := int64(math.MinInt64)
	for set := range uint(1) << len(p.Edges) {
		if n, _, ok := value(p, set); ok && n == unmet {
			best = max(best, leastOf(p, set))
		}
	}
	return best
}

func leastOf(p assign.Problem, set uint) int64 {
	sums := make([]int64, len(p.Demand))
	for k, e := range p.Edges {
		if set>>k&1 == 1 {
			sums[e.Proposal] += assign.Scale - e.Cost
		}
	}
	if len(sums) == 0 {
		return 0
	}
	return slices.Min(sums)
}

func TestFairestAgainstAllSets(t *testing.T) {
	t.Parallel()
	tried, optimal, best := 0, 0, 0
	for range 50 {
		rapid.Check(t, func(t *rapid.T) {
			p := problems(t)
			f, err := assign.Fairest(t.Context(), p)
			if err != nil {
				return
			}
			if err := assign.VerifyFair(p, f); err != nil {
				t.Fatal(err)
			}
			var unmet [2]int
			for side, list := range [][]assign.Missing{f.Short, f.Idle} {
				for _, m := range list {
					unmet[side] += m.Count
				}
			}
			top := bruteFair(p, unmet)
			if f.Bound < top || top < f.Min || f.Optimal() && top != f.Min {
				t.Fatalf("bound %d, by trying all %d, found %d", f.Bound, top, f.Min)
			}
			tried++
			if f.Optimal() {
				optimal++
			}
			if f.Min == top {
				best++
			}
		})
	}
	t.Logf("of %d instances %d were best, %d proven so", tried, best, optimal)
	if tried < 1500 || best < tried*95/100 || optimal < tried*7/10 {
		t.Errorf("of %d instances only %d were best, %d proven so", tried, best, optimal)
	}
}

func TestVerifyFairRefuses(t *testing.T) {
	t.Parallel()
	p := crowded(60, 25, 12, 3, 8, 2)
	for name, lie := range map[string]func(*assign.Fair){
		"a greater minimum": func(f *assign.Fair) { f.Min++ },
		"a smaller bound":   func(f *assign.Fair) { f.Bound-- },
		"no proof":          func(f *assign.Fair) { clear(f.Proof.Weight) },
		"a lost pair":       func(f *assign.Fair) { f.Chosen = f.Chosen[1:] },
	} {
		f, err := assign.Fairest(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if err := assign.VerifyFair(p, f); err != nil {
			t.Fatal(err)
		}
		lie(&f)
		if assign.VerifyFair(p, f) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// The bids of five conferences: at least the best minimum that HiGHS found in 60 s.
func TestFairestOnBids(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int64{"preflib1": 750_000, "preflib2": 1_000_000, "preflib3": 750_000, "aamas2016": 1_000_000, "aamas2015": 500_000} {
		p := bids(t, name)
		began := time.Now()
		f, err := assign.Fairest(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: minimum %d, bound %d, %s", name, f.Min, f.Bound, time.Since(began).Round(time.Millisecond))
		if err := assign.VerifyFair(p, f); err != nil {
			t.Error(err)
		}
		if f.Min < want {
			t.Errorf("%s: minimum %d, at least %d is known to be possible", name, f.Min, want)
		}
	}
}

// bids reads a table of bids, where it lies beside the repository (HEADWATER_DATA
// names another place), as a problem: three reviews a paper.
func bids(t *testing.T, name string) (p assign.Problem) {
	t.Helper()
	f, err := os.Open(published.File(t, "assignment", "bids", name+".in"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	var papers, reviewers int
	if _, err := fmt.Fscan(in, &papers, &reviewers); err != nil {
		t.Fatal(err)
	}
	p.Demand = slices.Repeat([]int{3}, papers)
	p.Load = slices.Repeat([]assign.Load{{Max: (3*papers+reviewers-1)/reviewers + 1}}, reviewers)
	for i := range papers {
		for j := range reviewers {
			var bid float64
			if _, err := fmt.Fscan(in, &bid); err != nil {
				t.Fatal(err)
			}
			if bid < 0 {
				continue
			}
			cost, err := assign.CostOf(bid)
			if err != nil {
				t.Fatal(err)
			}
			p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: j, Cost: cost})
		}
	}
	return p
}
