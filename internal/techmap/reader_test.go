package techmap_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// TestReadersAreLetInByName lets an expert into a draft, then to one of two sealed nodes.
func TestReadersAreLetInByName(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		for _, id := range []string{"one", "two"} {
			n := node(id)
			n.Node.Sealed = true
			must(t, s.Change(ctx, analyst, m.ID, n, gate("for-"+id, "bulb", techmap.AllOf, id)))
		}
		sees := func(want ...string) {
			t.Helper()
			v, err := s.Map(ctx, expert, m.ID, time.Time{})
			must(t, err)
			for _, id := range []string{"one", "two"} {
				_, shown := v.Graph.Node(id)
				if shown != slices.Contains(want, id) {
					t.Errorf("the expert sees %q: %v", id, shown)
				}
			}
			if v.Keeps || v.MayWrite || v.Plans || v.Version != 0 {
				t.Errorf("being let in gives more than reading: %+v", v)
			}
		}
		_, err := s.Map(ctx, expert, m.ID, time.Time{})
		refused(t, err, fault.NotFound, "a draft")
		refused(t, s.Admit(ctx, expert, m.ID, techmap.Reader{Person: "salma"}), fault.NotFound, "letting oneself in")
		refused(t, s.Admit(ctx, analyst, m.ID, techmap.Reader{Person: "nobody"}), fault.Invalid, "somebody who is not there")
		refused(t, s.Admit(ctx, analyst, m.ID, techmap.Reader{Person: "salma", NodeID: "three"}), fault.Invalid, "a node that is not there")
		must(t, s.Admit(ctx, analyst, m.ID, techmap.Reader{Person: "salma"}))
		must(t, s.Admit(ctx, analyst, m.ID, techmap.Reader{Person: "salma"}))
		sees()
		must(t, s.Admit(ctx, analyst, m.ID, techmap.Reader{Person: "salma", NodeID: "one"}))
		sees("one")
		then := clock.Now(ctx)
		s.fixed.Advance(time.Hour)
		if v, err := s.Map(ctx, expert, m.ID, then); err != nil || len(v.Graph.Nodes) != 5 {
			t.Errorf("looking back the expert sees %d nodes, %v", len(v.Graph.Nodes), err)
		}
		list, err := s.Maps(ctx, expert)
		must(t, err)
		readers, err := s.Readers(ctx, officer, m.ID)
		must(t, err)
		if len(list) != 1 || len(readers) != 2 {
			t.Errorf("%d maps are listed, %d readers", len(list), len(readers))
		}
		_, err = s.Readers(ctx, expert, m.ID)
		refused(t, err, fault.NotFound, "who else is let in")
		must(t, s.Dismiss(ctx, analyst, m.ID, techmap.Reader{Person: "salma", NodeID: "one"}))
		sees()
		must(t, s.Dismiss(ctx, analyst, m.ID, techmap.Reader{Person: "salma"}))
		_, err = s.Map(ctx, expert, m.ID, time.Time{})
		refused(t, err, fault.NotFound, "a draft, again")
	})
}
