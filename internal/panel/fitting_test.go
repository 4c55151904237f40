package panel

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestCover: of each length the list gains at least 1 − 1/e of what the best choice of so many gains, and a member's
// knowledge is not counted again.
func TestCover(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items, people := rapid.IntRange(1, 4).Draw(t, "items"), rapid.IntRange(1, 6).Draw(t, "people")
		vector := func(name string) []float64 {
			out := make([]float64, items)
			for i := range out {
				out[i] = float64(rapid.IntRange(0, 9).Draw(t, name)) / 10
			}
			return out
		}
		base := vector("members")
		list, near := make([]fit, people), map[string][]float64{}
		for m := range list {
			list[m] = fit{Fitting{Person: fmt.Sprint(m), Name: fmt.Sprint(m)}, vector("near")}
			near[list[m].Person] = list[m].near
		}
		gain := func(chosen []string) (sum float64) {
			for i := range items {
				best := base[i]
				for _, m := range chosen {
					best = max(best, near[m][i])
				}
				sum += best - base[i]
			}
			return sum
		}
		out := cover(list, append([]float64(nil), base...))
		var chosen []string
		for n, f := range out {
			chosen = append(chosen, f.Person)
			most := 0.0
			for set := range 1 << people {
				var some []string
				for m := range people {
					if set>>m&1 == 1 {
						some = append(some, fmt.Sprint(m))
					}
				}
				if len(some) == n+1 {
					most = max(most, gain(some))
				}
			}
			if got := gain(chosen); got < (1-1/math.E)*most-1e-9 {
				t.Fatalf("the first %d gain %g, the best %d gain %g", n+1, got, n+1, most)
			}
		}
	})
}
