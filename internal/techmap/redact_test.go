package techmap

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestHiddenNodesTellNothing swaps every attribute of a sealed node, with its shares, its
// providers and how it is wired: whoever may not see it gets the same to the byte.
func TestHiddenNodesTellNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := plans(t, randomMap(t))
		for i := range v.Graph.Nodes {
			v.Graph.Nodes[i].Title = lang.In1("en", "node "+v.Graph.Nodes[i].ID)
		}
		one, other := hide(t, v.Graph, "one"), hide(t, v.Graph, "other")
		if a, b := told(t, v, one), told(t, v, other); a != b {
			t.Errorf("what is told differs:\n%s\n%s", a, b)
		}
	})
}

// hide adds a sealed node to a graph, drawn anew each time: its attributes, who supplies it, what
// needs it, what could be funded about it and whom scenarios name because of it.
func hide(t *rapid.T, g *Graph, what string) *Graph {
	g = g.clone()
	draw := func(from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	n := Node{ID: "hidden", Kind: draw(NodeKinds...), Title: lang.In1("en", draw("Gyroscope", "Isotope")), Sealed: true, Supplied: rapid.Bool().Draw(t, what),
		Floor: rapid.SampledFrom([]float64{0, 0.2, 0.9}).Draw(t, what), Ready: rapid.IntRange(0, 9).Draw(t, what), Aliases: map[string][]string{"en": {draw("G", "I")}}}
	g.putNode(n)
	for i := range rapid.IntRange(0, 3).Draw(t, what) {
		low := rapid.SampledFrom([]float64{0.1, 0.3}).Draw(t, what)
		p := Provider{ID: fmt.Sprint("q", i, draw("a", "b")), Country: draw("XA", "XY", "XZ"), Owner: draw("y", "z"), Site: draw("y", "z")}
		g.putProvider(p)
		g.putShare(Share{NodeID: n.ID, ProviderID: p.ID, Low: &low, Year: rapid.IntRange(1990, 2020).Draw(t, what)})
	}
	shown := draw("p0", "p1") // one whom everybody sees supplies it too
	low := 0.2
	g.putShare(Share{NodeID: n.ID, ProviderID: shown, Low: &low, Year: 1980})
	for i := range g.Gates {
		if rapid.Bool().Draw(t, what) {
			g.Gates[i].Inputs = append(g.Gates[i].Inputs, Input{NodeID: n.ID, Share: 0.5})
		}
	}
	g.putGate(Gate{ID: "hidden-a", NodeID: n.ID, Kind: AllOf, Inputs: []Input{{NodeID: "n0"}}})
	if rapid.Bool().Draw(t, what) {
		g.putOption(Option{ID: "secret", Title: lang.In1("en", "Secret"), Nodes: []string{draw("n0", "n1"), n.ID}, Cost: credits(1), Success: 1})
	}
	for i := range g.Scenarios {
		g.Scenarios[i].Chances["q0"+draw("a", "b")] = rapid.Float64Range(0, 1).Draw(t, what)
	}
	for i := range g.Nodes {
		g.Nodes[i].Version = rapid.Int64Range(1, 9).Draw(t, what)
	}
	g.sort()
	return g
}

// told is all that is made of a map for somebody who may not see its sealed nodes.
func told(t *rapid.T, v View, g *Graph) string {
	var b bytes.Buffer
	v.Graph = g.redacted(nil)
	put := func(x any, err error) {
		if err != nil {
			x = err.Error()
		}
		if err := json.NewEncoder(&b).Encode(x); err != nil {
			t.Fatal(err)
		}
	}
	put(v.Graph, nil)
	for _, file := range Files {
		if err := csv.NewWriter(&b).WriteAll(v.Graph.Table(file)); err != nil {
			t.Fatal(err)
		}
	}
	put(v.Graph.Named("o"), nil)
	for _, layer := range Layers {
		a, err := v.Ask(t.Context(), Assumptions{Layer: layer})
		put([]any{a.Count, a.ByOrder, a.Findings, a.Structure, a.Unknown, a.Loops, a.Over}, err)
		if err := a.OpenPSA(&b); err != nil {
			t.Fatal(err)
		}
		for _, n := range v.Graph.Nodes {
			hhi, known := v.Graph.Concentration(n.ID, layer)
			most, found := v.Graph.Largest(n.ID, layer)
			put([]any{hhi, known, most, found}, nil)
		}
	}
	r, err := v.Rank(t.Context(), Assumptions{}, DefaultNoise)
	put(r, err)
	return b.String()
}
