package techmap

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/techmap/sector"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

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
	v := sector.Map(80, 300)
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
