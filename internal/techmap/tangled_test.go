package techmap_test

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/techmap/sector"
)

// TestTangledMapsAreAnsweredBySmallSets asks a map whose sets are too many to be held: the small ones
// are all there, and the answer says that others are not.
func TestTangledMapsAreAnsweredBySmallSets(t *testing.T) {
	t.Parallel()
	v := sector.Map(300, 600)
	a, err := v.Ask(t.Context(), techmap.Assumptions{})
	must(t, err)
	if a.Most < 1 || len(a.ByOrder) > a.Most+1 || !a.Count.IsInt64() {
		t.Fatalf("sets up to %d, %v by order", a.Most, a.ByOrder)
	}
	listed := map[string]bool{}
	for _, f := range a.Findings {
		listed[f.Keys()[0]] = listed[f.Keys()[0]] || len(f.Keys()) == 1
		if len(f.Keys()) > a.Most {
			t.Errorf("%v is listed", f.Keys())
		}
		if _, err := a.Find(f.Keys()); err != nil {
			t.Errorf("%v is no set: %v", f.Keys(), err)
		}
	}
	for _, p := range v.Graph.Providers {
		if _, err := a.Find([]string{p.ID}); (err == nil) != listed[p.ID] {
			t.Errorf("%s: listed %v, tried alone %v", p.ID, listed[p.ID], err)
		}
	}
	small := sector.Map(40, 60)
	if a, err = small.Ask(t.Context(), techmap.Assumptions{}); err != nil || a.Most != 0 {
		t.Errorf("of a small map sets up to %d are counted, %v", a.Most, err)
	}
}
