package techmap

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// sector is a map of some nodes and providers as an analyst would draw it: every node needs one
// to four others further on, a fifth of the gates are alternatives, three to six providers supply each.
func sector(nodes, providers int) techmap.View {
	random := rand.New(rand.NewPCG(1, 2))
	g := &techmap.Graph{}
	for i := range providers {
		g.Providers = append(g.Providers, techmap.Provider{ID: fmt.Sprintf("p%03d", i), Name: lang.In1("en", fmt.Sprint("Provider ", i)), Country: "X" + string(rune('A'+random.IntN(12))),
			Owner: fmt.Sprint("owner ", random.IntN(providers*3/4)), Site: fmt.Sprint("site ", random.IntN(providers*4/5))})
	}
	for i := range nodes {
		id := fmt.Sprintf("n%03d", i)
		g.Nodes = append(g.Nodes, techmap.Node{ID: id, Kind: "component", Title: lang.In1("en", fmt.Sprint("Component number ", i)), Supplied: i > 0})
		if i+1 < nodes {
			x := techmap.Gate{ID: "g" + id, NodeID: id, Kind: techmap.AllOf}
			if random.IntN(5) == 0 {
				x.Kind = techmap.AnyOf
			}
			for range 1 + random.IntN(4) {
				if in := (techmap.Input{NodeID: fmt.Sprintf("n%03d", i+1+random.IntN(min(20, nodes-i-1)))}); !slices.Contains(x.Inputs, in) {
					x.Inputs = append(x.Inputs, in)
				}
			}
			g.Gates = append(g.Gates, x)
		}
		left := 1.0
		var shares []techmap.Share
		for k := range 3 + random.IntN(4) {
			low := left * (0.3 + 0.3*random.Float64())
			left -= low
			shares = append(shares, techmap.Share{NodeID: id, ProviderID: fmt.Sprintf("p%03d", (i*7+k*41)%providers), Low: &low, High: &low, Year: 2025, Source: "survey", Confidence: "high"})
		}
		slices.SortFunc(shares, func(a, b techmap.Share) int {
			if a.ProviderID < b.ProviderID {
				return -1
			}
			return 1
		})
		g.Shares = append(g.Shares, shares...)
	}
	return techmap.View{Map: techmap.Map{ID: "m", Title: lang.In1("en", "Sector"), Home: "XA", Goal: "n000", Threshold: 0.3}, Graph: g}
}

// processor is what the process has used of its processors: on a machine that others use too
// it says more than the time that passed.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkWhatIfPage answers and writes the page of a map of 80 nodes and 300 providers with
// other assumptions each time, at each layer in turn: all of the request but the reading of the
// map, and reports its 95th
// percentile, in time and in time of processors.
func BenchmarkWhatIfPage(b *testing.B) {
	v := sector(80, 300)
	var took, worked []time.Duration
	for i := 0; b.Loop(); i++ {
		u := &url.URL{Path: "/maps/m", RawQuery: url.Values{"layer": {techmap.Layers[i%len(techmap.Layers)]}, "t": {fmt.Sprint(10 + 5*(i%17))}, "grow": {fmt.Sprintf("n%03d", i%80)}, "share": {"40"}}.Encode()}
		ctx := shell.With(b.Context(), &shell.View{URL: u, Zone: time.UTC, Now: time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), Locale: lang.English})
		begun, started := time.Now(), processor(b)
		s, err := newSheet(ctx, v, wishOf(u.Query()), nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := mapPage(s).Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
		worked = append(worked, processor(b)-started)
	}
	slices.Sort(worked)
	b.ReportMetric(float64(worked[len(worked)*95/100].Microseconds())/1000, "p95-cpu-ms")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "worst-ms")
}
