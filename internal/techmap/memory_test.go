package techmap_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// TestWhatIsRememberedIsWhatStands reads a map between changes, within a unit of work that is undone, and
// after its texts were changed behind its back, as an erasure does.
func TestWhatIsRememberedIsWhatStands(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Public)
		has := func(ctx context.Context, a access.Actor, node string, want bool) {
			t.Helper()
			v, err := s.Map(ctx, a, m.ID, time.Time{})
			must(t, err)
			if _, ok := v.Graph.Node(node); ok != want {
				t.Errorf("%q sees %s: %v", a.Account, node, ok)
			}
		}
		has(ctx, officer, "wire", false)
		undone := errors.New("undone")
		if err := work.Do(ctx, s.DB, func(ctx context.Context) error {
			must(t, s.Change(ctx, officer, m.ID, node("wire")))
			has(ctx, officer, "wire", true)
			has(ctx, public, "wire", true)
			return undone
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		has(ctx, officer, "wire", false)
		must(t, s.Change(ctx, officer, m.ID, node("wire")))
		has(ctx, officer, "wire", true)
		has(ctx, public, "wire", true)
		sealed := node("wire")
		sealed.Node.Sealed, sealed.Version = true, 1
		must(t, s.Change(ctx, officer, m.ID, sealed))
		has(ctx, officer, "wire", true)
		has(ctx, public, "wire", false)
		must(t, s.Change(ctx, officer, m.ID, techmap.Change{Remove: &techmap.Ref{Kind: techmap.KindNode, ID: "wire"}, Version: 2}))
		has(ctx, officer, "wire", false)

		must(t, work.Do(ctx, s.DB, func(ctx context.Context) error {
			_, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE techmap_item SET body = '{"id":"bulb","kind":"component","title":{"en":"(erased)"},"supplied":true}' WHERE map_id = $1 AND id = 'bulb'`, m.ID)
			return err
		}))
		s.fixed.Advance(time.Minute)
		v, err := s.Map(ctx, public, m.ID, time.Time{})
		must(t, err)
		if bulb, _ := v.Graph.Node("bulb"); bulb.Title.In("en") != "(erased)" {
			t.Errorf("after a minute the bulb is still called %q", bulb.Title.In("en"))
		}
	})
}

// TestNobodyWritesToWhatIsRemembered asks a map in every way at once: what is remembered of it stays as it was.
func TestNobodyWritesToWhatIsRemembered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Public)
		text := func() string {
			v, err := s.Map(ctx, officer, m.ID, time.Time{})
			must(t, err)
			b, err := json.Marshal(v.Graph)
			must(t, err)
			return string(b)
		}
		before := text()
		var group sync.WaitGroup
		for _, a := range []access.Actor{officer, public, expert, officer, public} {
			group.Go(func() {
				v, err := s.Map(ctx, a, m.ID, time.Time{})
				if err != nil {
					t.Error(err)
					return
				}
				for _, q := range []techmap.Assumptions{{}, {Layer: techmap.ByCountry}, {Threshold: 0.9}, {Grown: []techmap.Grown{{NodeID: "bulb", Share: 0.4}}}} {
					answer, err := v.Ask(ctx, q)
					if err != nil {
						t.Error(err)
						return
					}
					for _, f := range answer.Findings {
						answer.Proof(f)
					}
				}
				v.Graph.Around("bulb", 1)
				v.Graph.SharesOf("bulb")
				if a.Account != "" {
					if _, err := s.Suggest(ctx, a, m.ID, techmap.SuggestionInput{Reason: "x", Changes: []techmap.Change{node("wire"), gate("bulb-w", "bulb", techmap.AllOf, "wire")}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if after := text(); after != before {
			t.Errorf("the map changed by being read:\n%s\n%s", before, after)
		}
	})
}
