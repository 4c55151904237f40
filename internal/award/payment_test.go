package award

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/money"
)

// TestPlan: the parts of a plan give the whole, each falls due within the award,
// a year after the one before, and the first at its start.
func TestPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(rapid.IntRange(2020, 2040).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		end := start.AddDate(0, rapid.IntRange(1, 90).Draw(t, "months"), -1)
		whole := rapid.Int64Range(1, 1_000_000_000).Draw(t, "whole")
		list := plan(start, end, money.Amount{Minor: whole, Currency: "XCR"})
		sum := int64(0)
		for i, p := range list {
			sum += p.Amount.Minor
			if p.Amount.Currency != "XCR" || p.State != Planned {
				t.Fatalf("part %d: %+v", i, p)
			}
			if want := start.AddDate(i, 0, 0); p.DueDay != want.Format(time.DateOnly) || i > 0 && !want.Before(end) {
				t.Errorf("part %d falls due on %s, the award runs from %v to %v", i, p.DueDay, start, end)
			}
			if i > 0 && p.Amount.Minor > list[0].Amount.Minor {
				t.Errorf("part %d is more than the first", i)
			}
		}
		if sum != whole {
			t.Errorf("the parts give %d, the whole is %d", sum, whole)
		}
		if next := start.AddDate(len(list), 0, 0); next.Before(end) {
			t.Errorf("%d parts, and one more would fall due before the end", len(list))
		}
	})
}
