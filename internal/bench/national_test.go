package bench_test

import (
	"io"
	"testing"

	"github.com/headwater-platform/headwater/internal/bench"
)

// TestNational: a small country's task ends with every place accounted for and a
// certificate, equally each time.
func TestNational(t *testing.T) {
	t.Parallel()
	n := bench.National{
		Nation:     bench.Nation{People: 1500, Works: 2, Texts: 1200, Topics: 60, Vocabulary: 2000, Words: 30},
		Candidates: 30, Start: 10, Demand: 3, Load: 8, Log: io.Discard,
	}
	first, err := n.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Assigned+first.Unfilled != 3*1200 || first.Assigned < 3300 || !first.Optimal {
		t.Errorf("%+v", first)
	}
	if first.Pairs != 1200*30 || first.Excluded == 0 || first.Excluded > first.Pairs/2 {
		t.Errorf("%d of %d pairs are excluded by conflicts", first.Excluded, first.Pairs)
	}
	if first.Rounds < 2 || first.Taken == 0 || first.Started+first.Taken >= first.Pairs-first.Excluded || first.BoundAll > first.Bound || first.GapAll < 0 {
		t.Errorf("taking in: %+v", first)
	}
	n.Start = 30 // all at once
	again, err := n.Run(t.Context())
	if err != nil || again.Cost != first.Cost || again.Excluded != first.Excluded {
		t.Errorf("%+v, then %+v, %v", first, again, err)
	}
}
