package techmap

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/engine/cutset/openpsa"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// randomMap has up to seven nodes, loops included, and five providers in three countries.
func randomMap(t *rapid.T) View {
	g := &Graph{}
	nodes := rapid.IntRange(2, 7).Draw(t, "nodes")
	id := func(letter string, i int) string { return letter + strconv.Itoa(i) }
	for i := range nodes {
		g.putNode(Node{ID: id("n", i), Kind: "component", Title: lang.In1("en", "x"), Supplied: rapid.Bool().Draw(t, "supplied")})
	}
	for i := range 5 {
		g.putProvider(Provider{ID: id("p", i), Country: rapid.SampledFrom([]string{"XA", "XB", "XC", ""}).Draw(t, "country"), Owner: rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "owner")})
	}
	for i := range nodes {
		for j := range 5 {
			if low := rapid.SampledFrom([]float64{0, 0, 0.2, 0.3, 0.5}).Draw(t, "share"); low > 0 {
				g.putShare(Share{NodeID: id("n", i), ProviderID: id("p", j), Low: &low})
			}
		}
		for k := range rapid.IntRange(0, 2).Draw(t, "gates") {
			x := Gate{ID: id(id("g", i)+"-", k), NodeID: id("n", i), Kind: rapid.SampledFrom(GateKinds).Draw(t, "kind"), Floor: 0.5}
			for j := range nodes {
				if j != i && rapid.Bool().Draw(t, "input") {
					x.Inputs = append(x.Inputs, Input{id("n", j), rapid.SampledFrom([]float64{0.25, 0.5, 0.75}).Draw(t, "weight")})
				}
			}
			if len(x.Inputs) > 0 {
				x.K = rapid.IntRange(1, len(x.Inputs)).Draw(t, "k")
				g.putGate(x)
			}
		}
	}
	return View{Map: Map{Home: "XA", Goal: "n0", Threshold: 0.4}, Graph: g}
}

// TestFindingsAreTheMinimalSets compares the answer with every set of events, each followed
// through the map by itself.
func TestFindingsAreTheMinimalSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := randomMap(t)
		a, err := v.Ask(t.Context(), Assumptions{Layer: rapid.SampledFrom(Layers).Draw(t, "layer"), HomeLost: rapid.Bool().Draw(t, "home lost")})
		if err != nil {
			t.Fatal(err)
		}
		events := len(a.r.events)
		if events > 12 {
			t.Skip("too many sets to try")
		}
		var stop []int // sets that stop the goal, as bits
		byOrder := map[int]int{}
		for set := range 1 << events {
			var list []int
			for e := range events {
				if set>>e&1 == 1 {
					list = append(list, e)
				}
			}
			if a.r.stops(list) && !slices.ContainsFunc(stop, func(s int) bool { return s&set == s }) {
				stop = append(stop, set)
				byOrder[len(list)]++
			}
		}
		if a.Count.Int64() != int64(len(stop)) {
			t.Fatalf("%s sets, trying all finds %d", a.Count, len(stop))
		}
		for order, n := range a.ByOrder {
			if n.Int64() != int64(byOrder[order]) {
				t.Errorf("%s sets of %d, trying all finds %d", n, order, byOrder[order])
			}
		}
		for _, f := range a.Findings {
			proof := a.Proof(f)
			if len(proof) == 0 || proof[0].NodeID != v.Goal {
				t.Errorf("%v has the proof %v", f.Keys(), proof)
			}
			for _, s := range proof {
				if s.Gate == nil && !(s.Left < s.Floor) {
					t.Errorf("%v: the supply of %s holds", f.Keys(), s.NodeID)
				}
			}
			if _, err := a.Find(f.Keys()); err != nil {
				t.Errorf("%v is not found again: %v", f.Keys(), err)
			}
		}
	})
}

// TestOpenPSASaysTheSame reads the model that is written for other programs and counts its
// minimal cut sets.
func TestOpenPSASaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := randomMap(t)
		a, err := v.Ask(t.Context(), Assumptions{Layer: rapid.SampledFrom(Layers).Draw(t, "layer")})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := a.OpenPSA(&b); err != nil {
			t.Fatal(err)
		}
		m, err := openpsa.Read(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if err := m.SetTop("g" + strconv.Itoa(a.r.model.Top)); err != nil {
			t.Fatal(err)
		}
		x, err := cutset.Analyze(t.Context(), m, cutset.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if x.Count().Cmp(a.Count) != 0 {
			t.Errorf("%s sets, read back %s:\n%s", a.Count, x.Count(), b.String())
		}
	})
}

// TestTablesAreReadBack writes a map into its tables and reads them into an empty one.
func TestTablesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomMap(t).Graph
		for i := range g.Shares {
			g.Shares[i].Year, g.Shares[i].Source, g.Shares[i].Confidence = 2025, "survey, \"second\" part", "low"
		}
		for i := range g.Providers {
			g.Providers[i].Name = lang.Both("Provider", "供应方")
		}
		for i := range g.Gates {
			if g.Gates[i].Kind != SomeOf {
				g.Gates[i].K = 0
			}
			if g.Gates[i].Kind != ShareOf {
				g.Gates[i].Floor = 0
			}
		}
		g.sort()
		files := map[string]io.Reader{}
		for _, file := range Files {
			var b bytes.Buffer
			if err := csv.NewWriter(&b).WriteAll(g.Table(file)); err != nil {
				t.Fatal(err)
			}
			files[file] = &b
		}
		back := &Graph{}
		changes, _, err := back.changes(files)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if err := back.apply(c); err != nil {
				t.Fatal(err)
			}
		}
		for _, d := range Differences(g, back) {
			t.Errorf("%s %s: %s became %s", d.Kind, d.ID, d.Before, d.After)
		}
	})
}

// TestFaultTreeComesBack writes the model of a map, takes it in as a map of its own and
// counts the sets again.
func TestFaultTreeComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := randomMap(t)
		a, err := v.Ask(t.Context(), Assumptions{Layer: rapid.SampledFrom(Layers).Draw(t, "layer")})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := a.OpenPSA(&b); err != nil {
			t.Fatal(err)
		}
		tree, err := readTree(&b, "g"+strconv.Itoa(a.r.model.Top))
		if fault.Is(err, fault.Invalid) && (a.Over || a.Count.Sign() == 0) {
			return // it always or never stops: there is nothing to ask
		}
		if err != nil {
			t.Fatal(err)
		}
		tree.year = 2027
		back := View{Map: Map{Goal: tree.key(cutset.OfGate(tree.Top)), Home: "XA", Threshold: 0.5}, Graph: &Graph{}}
		changes, err := tree.changes(back.Graph)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if err := back.Graph.apply(c); err != nil {
				t.Fatal(err)
			}
		}
		again, err := back.Ask(t.Context(), Assumptions{})
		if err != nil {
			t.Fatal(err)
		}
		if again.Count.Cmp(a.Count) != 0 || fmt.Sprint(again.ByOrder) != fmt.Sprint(a.ByOrder) {
			t.Errorf("%s sets %v, taken in again %s %v", a.Count, a.ByOrder, again.Count, again.ByOrder)
		}
	})
}
