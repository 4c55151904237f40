package cutset_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/engine/cutset/openpsa"
	"github.com/headwater-platform/headwater/internal/platform/published"
)

// TestAralia compares with the published answers for the Aralia set, which have six
// digits of the probability.
func TestAralia(t *testing.T) {
	t.Parallel()
	f, err := os.Open(published.File(t, "faulttree", "aralia", "oracle.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		t.Run(row[0], func(t *testing.T) {
			m := read(t, published.File(t, "faulttree", "aralia", row[0]+".xml"))
			began := time.Now()
			a, err := cutset.Analyze(t.Context(), m, cutset.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if n := a.Count().String(); n != row[3] {
				t.Errorf("%s minimal cut sets, want %s", n, row[3])
			}
			want, err := strconv.ParseFloat(row[4], 64)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := a.Probability(); err != nil || math.Abs(p/want-1) > 5e-6 {
				t.Errorf("probability %v, want %v: %v", p, want, err)
			}
			t.Log(time.Since(began))
		})
	}
}

func BenchmarkAralia(b *testing.B) {
	files, err := filepath.Glob(published.Path(b, "faulttree", "aralia", "*.xml"))
	if err != nil || len(files) == 0 {
		b.Skip("the data folder is absent: ", err)
	}
	for _, name := range files {
		b.Run(filepath.Base(name), func(b *testing.B) {
			m := read(b, name)
			for b.Loop() {
				a, err := cutset.Analyze(b.Context(), m, cutset.Options{})
				if err != nil {
					b.Fatal(err)
				}
				a.Count()
			}
		})
	}
}

func read(t testing.TB, name string) *cutset.Model {
	t.Helper()
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	m, err := openpsa.Read(in)
	if err == nil {
		err = m.SetTop("")
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}
