package cutset

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestLoops: chips need tools that need chips; the loop is named, and loses nothing.
func TestLoops(t *testing.T) {
	t.Parallel()
	m := &Model{
		Events: []Event{{Name: "fire"}, {Name: "strike"}},
		Gates: []Gate{
			{Name: "goal", Kind: Or, Args: []Arg{OfGate(1)}},
			{Name: "chips", Kind: Or, Args: []Arg{OfEvent(0), OfGate(2)}},
			{Name: "tools", Kind: And, Args: []Arg{OfEvent(1), OfGate(1)}},
		},
	}
	loops, err := m.Loops()
	if err != nil || len(loops) != 1 || len(loops[0].Gates) != 2 || len(loops[0].Cycle) != 2 || slices.Contains(loops[0].Cycle, 0) {
		t.Errorf("loops %+v: %v", loops, err)
	}
	a := analyzed(t, m, Options{})
	if got := a.SinglePoints(); !slices.Equal(got, []int{0}) || a.Count().Int64() != 1 {
		t.Errorf("single points %v of %v cut sets", got, a.Count())
	}
	m.Gates[2].Args[1] = m.Gates[2].Args[1].Negated()
	if _, err := Analyze(t.Context(), m, Options{}); err == nil || !strings.Contains(err.Error(), `gate "tools" is part of a loop (`) {
		t.Errorf("a loop with a negation: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	gate := func(g Gate) *Model {
		g.Name = "g"
		return &Model{Events: []Event{{Name: "e"}}, Gates: []Gate{g}}
	}
	e := []Arg{OfEvent(0)}
	for want, m := range map[string]*Model{
		"the top is gate number 0, but there are 0 gates":              {},
		`event "e": probability 1.5, a number from 0 to 1`:             {Events: []Event{{Name: "e", Probability: 1.5}}, Gates: []Gate{{}}},
		`event "e": cost -1, a number from 0`:                          {Events: []Event{{Name: "e", Cost: -1}}, Gates: []Gate{{}}},
		`gate "g": argument number 1 does not exist`:                   gate(Gate{Args: []Arg{OfEvent(1)}}),
		`gate "g": not takes one argument, here are 0`:                 gate(Gate{Kind: Not}),
		`gate "g": at least 2 of 1 arguments`:                          gate(Gate{Kind: AtLeast, K: 2, Args: e}),
		`gate "g": 0 shares for 1 arguments`:                           gate(Gate{Kind: Share, Args: e}),
		`gate "g": share number 1 is NaN`:                              gate(Gate{Kind: Share, Args: e, Shares: []float64{math.NaN()}}),
		`gate "g": threshold -1, a number from 0 to 1e+09`:             gate(Gate{Kind: Share, Args: e, Shares: []float64{1}, Threshold: -1}),
		`gate "g": the shares sum to 2e+09, at most 1e+09 is expected`: gate(Gate{Kind: Share, Args: e, Shares: []float64{2e9}}),
	} {
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := Analyze(t.Context(), m, Options{}); err == nil {
			t.Errorf("a model was analysed that has %s", want)
		}
	}
}

// TestTop: a name settles it, or there is one root, or the error names the roots.
func TestTop(t *testing.T) {
	t.Parallel()
	m := &Model{Events: []Event{{}}, Gates: []Gate{{Name: "a", Args: []Arg{OfGate(1)}}, {Name: "b", Args: []Arg{OfEvent(0)}}}}
	if err := m.SetTop(""); err != nil || m.Top != 0 {
		t.Errorf("top %d: %v", m.Top, err)
	}
	if err := m.SetTop("b"); err != nil || m.Top != 1 {
		t.Errorf("top %d: %v", m.Top, err)
	}
	m.Gates[0].Args = nil
	for name, want := range map[string]string{"": `2 gates are no argument of another one ("a", "b")`, "c": `gate "c" is not defined`} {
		if err := m.SetTop(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
