package table_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/engine/cutset/table"
)

func TestRead(t *testing.T) {
	t.Parallel()
	m, err := table.Read(strings.NewReader("\ufeffkind,name,inputs,note,need,shares,probability,cost\n" +
		"or,top, g ; !a ,x\natleast,g,a;b;s,,2\nshare,s,a;b,,0.5,0.6;0.4\nevent,a,,,,,0.25,\n,b,,,,,,inf\n"))
	if err == nil {
		err = m.SetTop("")
	}
	if err != nil {
		t.Fatal(err)
	}
	want := []cutset.Gate{
		{Name: "top", Kind: cutset.Or, Args: []cutset.Arg{cutset.OfGate(1), cutset.OfEvent(0).Negated()}},
		{Name: "g", Kind: cutset.AtLeast, K: 2, Args: []cutset.Arg{cutset.OfEvent(0), cutset.OfEvent(1), cutset.OfGate(2)}},
		{Name: "s", Kind: cutset.Share, Args: []cutset.Arg{cutset.OfEvent(0), cutset.OfEvent(1)}, Shares: []float64{0.6, 0.4}, Threshold: 0.5},
	}
	for i, g := range m.Gates {
		if w := want[i]; g.Name != w.Name || g.Kind != w.Kind || g.K != w.K || g.Threshold != w.Threshold || !slices.Equal(g.Args, w.Args) || !slices.Equal(g.Shares, w.Shares) {
			t.Errorf("gate %d: %+v, want %+v", i, g, w)
		}
	}
	if a, b := m.Events[0], m.Events[1]; m.Top != 0 || a.Probability != 0.25 || a.Cost != 1 || !math.IsNaN(b.Probability) || !math.IsInf(b.Cost, 1) {
		t.Errorf("top %d, events %+v", m.Top, m.Events)
	}
}

// TestUndeclared: without rows of events, inputs that are no gates are events.
func TestUndeclared(t *testing.T) {
	t.Parallel()
	m, err := table.Read(strings.NewReader("name,kind,inputs\ntop,and,a;g\ng,or,a;b\n"))
	if err != nil || len(m.Events) != 2 || len(m.Gates) != 2 {
		t.Errorf("%+v: %v", m, err)
	}
}

// FuzzRead: whatever comes in, a model that passes its check and can be answered or refused comes out, or an
// error that names the line.
func FuzzRead(f *testing.F) {
	f.Add("name,kind,inputs,need,shares,probability,cost\ng,share,a;b,0.5,0.6;0.4\na,event,,,,0.1,2\nb,,,,,,\n")
	f.Add("name,kind,inputs\ng,not,!h\nh,xor,g;a\n")
	f.Add("name,kind,inputs,need\ng,atleast,a;!b;h,2\nh,or,g;a\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := table.Read(strings.NewReader(text))
		if err != nil {
			if !strings.Contains(err.Error(), "line ") && !strings.Contains(err.Error(), "the file is empty") {
				t.Errorf("%v names no place of\n%s", err, text)
			}
			return
		}
		if len(m.Gates) == 0 || m.SetTop("") != nil {
			return
		}
		if err := m.Check(); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
		limited, done := context.WithTimeout(t.Context(), time.Second)
		defer done()
		if a, err := cutset.Analyze(limited, m, cutset.Options{MaxNodes: 1 << 12}); err == nil && a.Count().Sign() < 0 {
			t.Errorf("%s sets of\n%s", a.Count(), text)
		}
	})
}
