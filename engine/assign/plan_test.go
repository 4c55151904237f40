package assign_test

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/assign"
)

// Pairs fall away one after the other; each time the plan is as good as a new
// solution, says so, and says rightly what it changed.
func TestPlanStaysBest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		p := crowded(120, 50, 15, 3, 8, seed)
		if seed%2 == 1 {
			for r := range p.Load {
				p.Load[r].Min = 6
			}
		}
		if seed%3 == 0 {
			p.Unfilled = 2 * assign.Scale
		}
		plan, err := assign.Open(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		rnd := rand.New(rand.NewPCG(seed, 1))
		for range 40 {
			before := plan.Solution().Chosen
			k := before[rnd.IntN(len(before))]
			c, err := plan.Forbid(k)
			if err != nil {
				t.Fatal(err)
			}
			s := plan.Solution()
			if err := assign.Verify(plan.Problem(), s); err != nil {
				t.Fatal(err)
			}
			if v := plan.Problem().Value(s); v != c.Value || v != plan.Value() {
				t.Fatalf("value %d, told %d", v, c.Value)
			}
			if got := after(before, c); !slices.Equal(got, sorted(s.Chosen)) {
				t.Fatalf("the change %+v does not lead to the solution", c)
			}
		}
	}
}

func sorted(list []int) []int { return slices.Sorted(slices.Values(list)) }

func after(before []int, c assign.Change) []int {
	list := slices.DeleteFunc(slices.Clone(before), func(k int) bool { return slices.Contains(c.Removed, k) })
	return sorted(append(list, c.Added...))
}

// A repair keeps within its number of new pairs, tells its value rightly, and is
// the best of all sets that one chain can reach; with room to move it is the best of all.
func TestRepair(t *testing.T) {
	t.Parallel()
	restrained := 0
	for range 40 {
		rapid.Check(t, func(t *rapid.T) {
			p := problems(t)
			plan, err := assign.Open(t.Context(), p)
			if err != nil || len(plan.Solution().Chosen) == 0 {
				return
			}
			before := plan.Solution().Chosen
			k := rapid.SampledFrom(before).Draw(t, "declined")
			if p.Edges[k].Fixed {
				return
			}
			most := rapid.IntRange(0, 3).Draw(t, "most")
			repair, best, err := plan.Repair(k, most)
			if err != nil {
				t.Fatal(err)
			}
			q := plan.Problem()
			if len(repair.Added) > most || repair.Value < best.Value {
				t.Fatalf("repair %+v, best %+v", repair, best)
			}
			set := uint(0)
			for _, k := range after(before, repair) {
				set |= 1 << k
			}
			unmet, cost, ok := value(q, set)
			if !ok || worth(q, unmet, cost) != repair.Value {
				t.Fatalf("the repair is no assignment or costs %d, not %d", worth(q, unmet, cost), repair.Value)
			}
			if best.Value != brute(q) {
				t.Fatalf("best %d, by trying all %d", best.Value, brute(q))
			}
			if most == 1 { // one pair of the same proposal in place of the old one
				old := uint(0)
				for _, k := range before {
					old |= 1 << k
				}
				for set := range uint(1) << len(q.Edges) {
					added := set &^ old
					unmet, cost, ok := value(q, set)
					same := bits.OnesCount(added) == 1 && q.Edges[bits.Len(added)-1].Proposal == q.Edges[k].Proposal
					if ok && same && bits.OnesCount(old&^set) == 1 && worth(q, unmet, cost) < repair.Value {
						t.Fatalf("%b is better than the repair %+v", set, repair)
					}
				}
			}
			if repair.Value > best.Value {
				restrained++
			}
		})
	}
	if restrained < 20 {
		t.Errorf("only %d repairs were held back: the test shows nothing", restrained)
	}
}

func BenchmarkDecline(b *testing.B) {
	p := crowded(30_000, 15_000, 30, 3, 7, 1)
	plan, err := assign.Open(b.Context(), p)
	if err != nil {
		b.Fatal(err)
	}
	chosen := plan.Solution().Chosen
	worst := time.Duration(0)
	n := 0
	for b.Loop() {
		began := time.Now()
		if _, err := plan.Forbid(chosen[n*7919%len(chosen)]); err != nil && n*7919 < len(chosen) {
			b.Fatal(err)
		}
		worst = max(worst, time.Since(began))
		n++
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms-worst")
}
