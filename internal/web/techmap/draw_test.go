package techmap

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/techmap"
)

var update = flag.Bool("update", false, "write the golden files")

// lamp needs a bulb, one of two sockets and two of three tests; its glass comes from nobody who is known.
func lamp() techmap.View {
	g := &techmap.Graph{}
	for _, n := range []struct{ id, en, zh string }{{"bayonet", "Bayonet socket", "卡口灯座"}, {"bulb", "LED bulb of 12 W for the cold", "耐寒 12 瓦发光二极管灯泡"}, {"glass", "Glass", "玻璃"}, {"lamp", "Lamp", "灯"},
		{"screw", "Screw socket", "螺口灯座"}, {"test-a", "Test A", "试验甲"}, {"test-b", "Test B", "试验乙"}, {"test-c", "Test C", "试验丙"}} {
		g.Nodes = append(g.Nodes, techmap.Node{ID: n.id, Kind: "component", Title: lang.Both(n.en, n.zh), Supplied: n.id == "glass"})
	}
	inputs := func(ids ...string) (list []techmap.Input) {
		for _, id := range ids {
			list = append(list, techmap.Input{NodeID: id})
		}
		return list
	}
	g.Gates = []techmap.Gate{{ID: "a", NodeID: "lamp", Kind: techmap.AllOf, Inputs: inputs("bulb")}, {ID: "b", NodeID: "lamp", Kind: techmap.AnyOf, Inputs: inputs("screw", "bayonet")},
		{ID: "c", NodeID: "lamp", Kind: techmap.SomeOf, K: 2, Inputs: inputs("test-a", "test-b", "test-c")}, {ID: "d", NodeID: "bulb", Kind: techmap.AllOf, Inputs: inputs("glass")}}
	for i, s := range []struct{ node, provider, country string }{{"bulb", "brask", "XA"}, {"bulb", "osmund", "XB"}, {"screw", "brask", "XA"}} {
		low := []float64{0.2, 0.8, 0.6}[i]
		g.Shares = append(g.Shares, techmap.Share{NodeID: s.node, ProviderID: s.provider, Low: &low, High: &low})
	}
	g.Providers = []techmap.Provider{{ID: "brask", Name: lang.In1("en", "Brask"), Country: "XA"}, {ID: "osmund", Name: lang.In1("en", "Osmund"), Country: "XB"}}
	return techmap.View{Map: techmap.Map{ID: "m", Title: lang.Both("Lamps", "灯具"), Home: "XA", Goal: "lamp", Threshold: 0.5}, Graph: g}
}

// TestGolden holds a drawing with every kind of sign, in both languages; -update writes it anew.
func TestGolden(t *testing.T) {
	v := lamp()
	a, err := v.Ask(t.Context(), techmap.Assumptions{})
	if err != nil {
		t.Fatal(err)
	}
	d := drawing{view: v, graph: v.Graph, home: "XA", zoom: 1, active: map[string]int{"glass": 2}}
	d.finds, d.hot = marks(a)
	golden(t, "lamp", d)
}

// TestGoldenCoverage holds the same map with what is under way drawn in place of home's share.
func TestGoldenCoverage(t *testing.T) {
	v := lamp()
	award := techmap.Trace{Kind: "award", ID: "w", Amount: money.Whole(250_000, "XCR"), Active: true}
	other := techmap.Trace{Kind: "award", ID: "x", Amount: money.Whole(50_000, "XCR"), Active: true}
	work := techmap.Underway{"bulb": {award, other}, "screw": {{Kind: "question", ID: "q"}}}
	a, err := v.Ask(t.Context(), techmap.Assumptions{})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "lamp.covered", drawing{view: v, graph: v.Graph, zoom: 1, active: activeCounts(work), covered: work, finds: gaps(a.Uncovered(work))})
}

// golden compares a drawing in each language with the file that holds it.
func golden(t *testing.T, what string, d drawing) {
	t.Helper()
	for _, l := range lang.Locales {
		name := "testdata/" + what + "." + string(l) + ".svg"
		got := d.svg(lang.With(t.Context(), l))
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
