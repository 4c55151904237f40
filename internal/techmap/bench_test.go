package techmap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// sector is a map of some nodes and providers as an analyst would draw it: every node needs one
// to four others further on, a fifth of the gates are alternatives, three to six providers supply each.
func sector(nodes, providers int) View {
	random := rand.New(rand.NewPCG(1, 2))
	g := &Graph{}
	for i := range providers {
		g.Providers = append(g.Providers, Provider{ID: fmt.Sprintf("p%03d", i), Name: lang.In1("en", "Provider"), Country: "X" + string(rune('A'+random.IntN(12))),
			Owner: fmt.Sprint("owner ", random.IntN(providers*3/4)), Site: fmt.Sprint("site ", random.IntN(providers*4/5))})
	}
	for i := range nodes {
		id := fmt.Sprintf("n%03d", i)
		g.Nodes = append(g.Nodes, Node{ID: id, Kind: "component", Title: lang.In1("en", "Node"), Supplied: i > 0})
		if i+1 < nodes {
			x := Gate{ID: "g" + id, NodeID: id, Kind: AllOf}
			if random.IntN(5) == 0 {
				x.Kind = AnyOf
			}
			for range 1 + random.IntN(4) {
				if in := fmt.Sprintf("n%03d", i+1+random.IntN(min(20, nodes-i-1))); !slices.Contains(x.Inputs, Input{NodeID: in}) {
					x.Inputs = append(x.Inputs, Input{NodeID: in})
				}
			}
			g.Gates = append(g.Gates, x)
		}
		left := 1.0
		for k := range 3 + random.IntN(4) {
			low := left * (0.3 + 0.3*random.Float64())
			left -= low
			s := Share{NodeID: id, ProviderID: fmt.Sprintf("p%03d", (i*7+k*41)%providers), Low: &low, Year: 2025, Source: "survey", Confidence: "high"}
			g.putShare(s)
		}
	}
	return View{Map: Map{Home: "XA", Goal: "n000", Threshold: 0.3}, Graph: g}
}

// BenchmarkWhatIf asks a map of 80 nodes and 300 providers with other assumptions each time,
// at each layer in turn, and reports the 95th percentile of an answer with its findings.
func BenchmarkWhatIf(b *testing.B) {
	v := sector(80, 300)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		q := Assumptions{Layer: Layers[i%len(Layers)], Threshold: 0.1 + 0.05*float64(i%17), HomeLost: i%2 == 0, Grown: []Grown{{NodeID: fmt.Sprintf("n%03d", i%80), Share: 0.4}}}
		begun := time.Now()
		if _, err := v.Ask(b.Context(), q); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "worst-ms")
}
