package decision

import (
	"math"
	"testing"

	"github.com/headwater-platform/headwater/internal/review"
)

func row(scores ...float64) Row {
	r := Row{Standing: review.Standing{In: len(scores)}}
	for _, x := range scores {
		r.Standing.Mean += x / float64(len(scores))
		r.Standing.Squares += x * x
	}
	return r
}

// TestIntervals: by hand. Within the proposals Σ(x−mean)² is 0.5 + 2 = 2.5 with
// 1 + 2 degrees of freedom, so s² = 5/6; t(0.95; 3) = 2.3534 (any table).
func TestIntervals(t *testing.T) {
	t.Parallel()
	rows := []Row{row(5, 4), row(3, 4, 5), row(2), row()}
	s, freedom := spread(rows)
	if math.Abs(s*s-2.5/3) > 1e-9 || freedom != 3 {
		t.Fatalf("s² = %v with %d degrees of freedom", s*s, freedom)
	}
	intervals(rows, 1, 6)
	half := 2.3534 * math.Sqrt(2.5/3)
	for i, want := range []float64{half / math.Sqrt2, half / math.Sqrt(3), half} {
		from, to := math.Max(1, rows[i].Standing.Mean-want), math.Min(6, rows[i].Standing.Mean+want)
		if !rows[i].Sure || math.Abs(rows[i].From-from) > 1e-3 || math.Abs(rows[i].To-to) > 1e-3 {
			t.Errorf("row %d: %v to %v, want %v to %v", i, rows[i].From, rows[i].To, from, to)
		}
	}
	if rows[3].Sure {
		t.Error("a row without a review has an interval")
	}
	alone := []Row{row(5), row(3)}
	if intervals(alone, 1, 6); alone[0].Sure {
		t.Error("single reviews say nothing of their spread, yet there is an interval")
	}
}

func TestBand(t *testing.T) {
	t.Parallel()
	rows := []Row{row(6, 5.8, 6), row(4.2, 4, 4.4), row(4, 3.8, 4.2), row(1, 1.2, 1)}
	rows[0].Above, rows[1].Above = true, true
	intervals(rows, 1, 6)
	cut, ok := band(rows)
	if !ok || math.Abs(cut-4.1) > 1e-9 {
		t.Fatalf("the line is at %v, %v", cut, ok)
	}
	for i, want := range []bool{false, true, true, false} {
		if rows[i].Doubtful != want {
			t.Errorf("row %d doubtful: %v", i, rows[i].Doubtful)
		}
	}
}
