package techmap_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/techmap/sector"
)

// BenchmarkWhatIf asks a map of 80 nodes and 300 providers with other assumptions each time,
// at each layer in turn, and reports the 95th percentile of an answer with its findings.
func BenchmarkWhatIf(b *testing.B) {
	v := sector.Map(80, 300)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		q := techmap.Assumptions{Layer: techmap.Layers[i%len(techmap.Layers)], Threshold: 0.1 + 0.05*float64(i%17), HomeLost: i%2 == 0, Grown: []techmap.Grown{{NodeID: fmt.Sprintf("n%03d", i%80), Share: 0.4}}}
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
