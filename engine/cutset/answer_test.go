package cutset

import (
	"context"
	"errors"
	"maps"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestAnswers compares what is read from the diagrams with the truth table.
func TestAnswers(t *testing.T) {
	t.Parallel()
	randomModels(t, 2000, func(t *testing.T, m *Model, r *rand.Rand) {
		b := m.brute()
		a := analyzed(t, m, Options{})
		cuts := b.cuts()
		single := map[int]bool{}
		for _, e := range a.SinglePoints() {
			single[e] = true
		}
		for e := range m.Events {
			if single[e] != cuts[1<<e] {
				t.Errorf("event %d a single point: %v, want %v", e, single[e], cuts[1<<e])
			}
		}
		sample, err := a.Sample(r, 3)
		if err != nil {
			t.Error(err)
		}
		for _, c := range sample {
			if !cuts[bitsOf(c.Events)] {
				t.Errorf("drew %v, no minimal cut set", c.Events)
			}
		}
		least := math.Inf(1)
		for s := range b.dual().cuts() {
			cost := 0.0
			for e := range m.Events {
				if s>>e&1 != 0 {
					cost += m.Events[e].Cost
				}
			}
			least = min(least, cost)
		}
		got, ok, err := Harden(context.Background(), m, Options{})
		if err != nil || ok != !math.IsInf(least, 1) || ok && got.Cost != least {
			t.Errorf("hardening %+v %v costs %v, want %v: %v", got, ok, got.Cost, least, err)
		}
		if a.Coherent {
			mostDamaging(t, m, b, a, float64(r.IntN(6)))
		}
		for s := range b.truth {
			if r.IntN(4) == 0 {
				proven(t, m, b, uint(s))
			}
		}
	})
}

func mostDamaging(t *testing.T, m *Model, b brute, a *Analysis, limit float64) {
	t.Helper()
	most := 0.0
	p := func(e int) float64 { return m.Events[e].Probability }
	for s := range uint(len(b.truth)) {
		cost := 0.0
		for e := range m.Events {
			if s>>e&1 != 0 {
				cost += m.Events[e].Cost
			}
		}
		if cost <= limit {
			most = max(most, b.probability(p, s, 0))
		}
	}
	d, err := a.MostDamaging(t.Context(), limit)
	if err != nil || !near(d.Probability, most) || !near(d.AtMost, most) || d.Cost > limit {
		t.Errorf("limit %v: %+v, want %v: %v", limit, d, most, err)
	}
}

// proven checks every step of a proof against those before it.
func proven(t *testing.T, m *Model, b brute, set uint) {
	t.Helper()
	var events []int
	for e := range m.Events {
		if set>>e&1 != 0 {
			events = append(events, e)
		}
	}
	p, err := m.Why(events)
	if (err == nil) != b.truth[set] {
		t.Errorf("set %b proven: %v, it is %v", set, err, b.truth[set])
	}
	if err != nil {
		return
	}
	needed := uint(0)
	for _, e := range p.Needed {
		needed |= 1 << e
	}
	for _, e := range events {
		if (needed>>e&1 != 0) == b.truth[set&^(1<<e)] {
			t.Errorf("set %b: event %d needed: %v", set, e, needed>>e&1 != 0)
		}
	}
	known := map[int]bool{}
	for _, s := range p.Steps {
		for _, a := range s.Because {
			if !a.Gate && (set>>a.Index&1 != 0) == a.Not {
				t.Errorf("step %s: event %d is not so", m.Describe(s), a.Index)
			}
			if v, ok := known[int(a.Index)]; a.Gate && !a.Not && (!ok || !v) {
				t.Errorf("step %s: gate %d is not proven before", m.Describe(s), a.Index)
			}
		}
		if s.True && !follows(m, s) {
			t.Errorf("step %s does not follow", m.Describe(s))
		}
		known[s.Gate] = s.True
	}
	if last := p.Steps[len(p.Steps)-1]; last.Gate != m.Top || !last.True {
		t.Errorf("the proof ends with %s", m.Describe(last))
	}
}

// follows tells whether a gate is true whatever its other arguments are.
func follows(m *Model, s Step) bool {
	g := &m.Gates[s.Gate]
	known := map[Arg]bool{}
	for _, a := range s.Because {
		value := !a.Not
		a.Not = false
		known[a] = value
	}
	e := evaluation{model: m}
	free := map[Arg]int{}
	for _, a := range g.Args {
		a.Not = false
		if _, ok := known[a]; !ok {
			free[a] = len(free)
		}
	}
	for choice := range uint(1) << len(free) {
		e.begin(nil)
		for a, i := range free {
			known[a] = choice>>i&1 != 0
		}
		for a, v := range known {
			if a.Gate {
				e.value[a.Index] = v
			} else {
				e.occurs[a.Index] = v
			}
		}
		if !e.gate(s.Gate) {
			return false
		}
	}
	return true
}

// TestSmallSets finds the sets up to an order by themselves.
func TestSmallSets(t *testing.T) {
	t.Parallel()
	randomModels(t, 3000, func(t *testing.T, m *Model, r *rand.Rand) {
		o := Options{MaxOrder: 1 + r.IntN(3), Paths: r.IntN(2) == 0}
		a, err := Analyze(t.Context(), m, o)
		if errors.Is(err, ErrIncoherent) {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		b := m.brute()
		if o.Paths {
			b = b.dual()
		}
		want := b.cuts()
		maps.DeleteFunc(want, func(s uint, _ bool) bool { return bits.OnesCount(s) > o.MaxOrder })
		compareCuts(t, a, want)
		for _, e := range a.SinglePoints() {
			if !want[1<<e] {
				t.Errorf("event %d is no single point", e)
			}
		}
		if _, err := a.Probability(); !errors.Is(err, ErrPartial) {
			t.Errorf("probability of a part: %v", err)
		}
	})
}

// TestSampleIsUniform draws often from few sets.
func TestSampleIsUniform(t *testing.T) {
	t.Parallel()
	m := &Model{Events: make([]Event, 7), Gates: []Gate{
		{Kind: AtLeast, K: 2, Args: []Arg{OfEvent(0), OfEvent(1), OfGate(1), OfEvent(2)}},
		{Kind: Or, Args: []Arg{OfEvent(3), OfEvent(4), OfGate(2)}},
		{Kind: And, Args: []Arg{OfEvent(5), OfEvent(6)}},
	}}
	a := analyzed(t, m, Options{})
	const each = 2000
	n := int(a.Count().Int64())
	drawn := map[uint]int{}
	sample, err := a.Sample(rand.New(rand.NewPCG(1, 2)), each*n)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range sample {
		drawn[bitsOf(c.Events)]++
	}
	if len(drawn) != n {
		t.Errorf("%d of %d sets drawn", len(drawn), n)
	}
	for s, k := range drawn {
		if math.Abs(float64(k)-each) > 5*math.Sqrt(each) {
			t.Errorf("set %b (%d events) drawn %d times, some %d are expected", s, bits.OnesCount(s), k, each)
		}
	}
}
