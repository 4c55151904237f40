package techmap_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// everything is one item of each kind with every field that a table has no column for.
func everything() []techmap.Change {
	low, organised, threads := 0.3, provider("works", "XA"), node("thread")
	organised.Provider.OrganisationID, organised.Provider.Name = "council", lang.Both("Works", "工厂")
	threads.Node.Sealed, threads.Node.Ready, threads.Node.Aliases = true, 4, map[string][]string{"zh": {"灯丝"}}
	return []techmap.Change{organised, threads,
		{Share: &techmap.Share{NodeID: "thread", ProviderID: "works", Low: &low, Year: 2024, Source: "survey", Confidence: "low"}},
		{Gate: &techmap.Gate{ID: "bulb-share", NodeID: "bulb", Kind: techmap.ShareOf, Floor: 0.4, Inputs: []techmap.Input{{NodeID: "thread", Share: 0.6}, {NodeID: "screw", Share: 0.4}}, Source: "drawing"}},
		{Track: &techmap.Track{NodeID: "bulb", Indicator: "patents", Country: "XA", Points: []techmap.Point{{Year: 2020, Low: 1, High: 2}, {Year: 2021, Low: 2, High: 2}}, Source: "office", Confidence: "high"}},
		{Scenario: &techmap.Scenario{ID: "flood", Title: en("Flood"), Weight: 2, Layer: techmap.BySite, Chance: 0.01, Chances: map[string]float64{"valley": 0.2}, Loss: money.Whole(900, "XCR"), Source: "survey"}},
		{Option: &techmap.Option{ID: "kiln", Title: en("Kiln"), Nodes: []string{"bulb", "screw"}, Cost: money.Whole(5, "XCR"), Success: 0.5}}}
}

// TestWholeMapComesBack exports a map with every kind of item and takes the file into an empty one: both
// say the same, by its one file and by the model that is asked.
func TestWholeMapComesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Draft)
		must(t, s.Change(ctx, analyst, m.ID, everything()...))
		v, err := s.Map(ctx, analyst, m.ID, time.Time{})
		must(t, err)
		src, err := json.Marshal(v.Document())
		must(t, err)

		empty, err := s.Create(ctx, analyst, techmap.MapInput{AgencyID: "arc", Title: en("A copy"), Home: "XC", Threshold: 0.9})
		must(t, err)
		take := func(id, name, text string) (int, error) {
			return s.Import(ctx, analyst, id, map[string]io.Reader{name: strings.NewReader(text)})
		}
		n, err := take(empty.ID, v.Number+"-map.json", string(src))
		must(t, err)
		copied, err := s.Map(ctx, analyst, empty.ID, time.Time{})
		must(t, err)
		if n != 20 || copied.Home != "XA" || copied.Goal != "lamp" || copied.Threshold != 0.5 || copied.Title.In(lang.English) != "A copy" {
			t.Errorf("%d items; %+v", n, copied.Map)
		}
		stamps := cmpopts.IgnoreTypes(techmap.Stamp{})
		if d := cmp.Diff(v.Graph, copied.Graph, stamps, cmpopts.IgnoreUnexported(techmap.Graph{}), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("what came back differs (-want +got):\n%s", d)
		}

		_, err = take(empty.ID, "map.json", `{"home":"XB","goal":"bulb","threshold":0.1,"nodes":[{"id":"bulb","kind":"material","title":"bulb","supplied":true}]}`)
		must(t, err)
		kept, err := s.Map(ctx, analyst, empty.ID, time.Time{})
		must(t, err)
		if x, _ := kept.Graph.Node("bulb"); x.Kind != "material" || kept.Goal != "lamp" || kept.Home != "XA" {
			t.Errorf("a map that has nodes: %s, goal %s, home %s", x.Kind, kept.Goal, kept.Home)
		}
		for what, c := range map[string]struct{ name, text, says string }{
			"no JSON":         {"map.json", `{"nodes": [}`, "character"},
			"a foreign field": {"map.json", `{"knots": []}`, "knots"},
			"two maps":        {"map.json", `{} {}`, "follows"},
			"a wrong item":    {"map.json", `{"nodes":[{"id":"x","kind":"stone","title":{"en":"X"}}]}`, "node “x”, kind"},
			"a gate to none":  {"map.json", `{"gates":[{"id":"g","node":"lamp","kind":"all","inputs":[{"node":"moon"}]}]}`, "gate “g”, inputs"},
		} {
			_, err := take(empty.ID, c.name, c.text)
			refused(t, err, fault.Invalid, what)
			if err != nil && !strings.Contains(fault.From(err).Msg.In(lang.English), c.says) {
				t.Errorf("%s: %s", what, fault.From(err).Msg.In(lang.English))
			}
		}
		_, err = s.Import(ctx, analyst, empty.ID, map[string]io.Reader{"nodes.csv": strings.NewReader("key\n"), "T-1-nodes.csv": strings.NewReader("key\n")})
		refused(t, err, fault.Invalid, "the same table twice")
		fresh, err := s.Create(ctx, analyst, techmap.MapInput{AgencyID: "arc", Title: en("Another"), Home: "XC", Threshold: 0.9})
		must(t, err)
		_, err = take(fresh.ID, "map.json", strings.Replace(string(src), `"goal":"lamp"`, `"goal":"moon"`, 1))
		refused(t, err, fault.Invalid, "a goal that is not there")
		if got, err := s.Map(ctx, analyst, fresh.ID, time.Time{}); err != nil || len(got.Graph.Nodes) > 0 {
			t.Errorf("a document that was refused left %d nodes, %v", len(got.Graph.Nodes), err)
		}
	})
}
