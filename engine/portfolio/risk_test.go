package portfolio

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// underScenarios makes what a model's proposals are worth uncertain.
func underScenarios(r *rand.Rand, m *Model) {
	for s := range 1 + r.IntN(6) {
		m.Scenarios = append(m.Scenarios, Scenario{fmt.Sprint("s", s), 1 + r.Int64N(4)})
	}
	m.Risk = Risk{Tail: Whole / 1000 * (1 + r.Int64N(1000)), Weight: Whole / 1000 * []int64{0, 1000, 500, 1 + r.Int64N(999)}[r.IntN(4)]}
	for i := range m.Proposals {
		for k := range m.Proposals[i].Levels {
			if l := &m.Proposals[i].Levels[k]; r.IntN(5) > 0 {
				for range m.Scenarios {
					l.In = append(l.In, l.Value+r.Int64N(21)-10)
				}
			}
		}
	}
}

// TestRiskAgainstEnumeration compares with trying every level of every proposal, judged by
// the definition in fractions.
func TestRiskAgainstEnumeration(t *testing.T) {
	t.Parallel()
	averse := 0 // models that the mean alone would decide otherwise
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 6))
		m := randomModel(r)
		underScenarios(r, m)
		d, found := decideAndTry(t, m, seed)
		if !found {
			continue
		}
		d.Reasons()
		bold := *m
		bold.Risk.Weight = 0
		if other, err := Decide(t.Context(), &bold, Options{Seed: seed}); err != nil {
			t.Fatal(err)
		} else if v, _ := m.Verify(other.Level); v < d.Value {
			averse++
		}
	}
	if averse < 50 {
		t.Errorf("risk changes %d of 1500 choices only: the models try too little", averse)
	}
}

// TestShortfall checks the mean of the worst against the theorem of Rockafellar and
// Uryasev: it is the most that t − Σ p·max(0, t − v)/tail reaches over all thresholds t, which is at one of the values.
func TestShortfall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &Model{Risk: Risk{Tail: Whole / 1000 * rapid.Int64Range(1, 1000).Draw(t, "tail"), Weight: Whole}}
		level := Level{}
		weight := int64(0)
		for s := range rapid.IntRange(1, 9).Draw(t, "scenarios") {
			m.Scenarios = append(m.Scenarios, Scenario{fmt.Sprint(s), rapid.Int64Range(1, 5).Draw(t, "weight")})
			level.In = append(level.In, rapid.Int64Range(-50, 50).Draw(t, "value"))
			weight += m.Scenarios[s].Weight
		}
		m.Proposals = []Proposal{{ID: "p", Levels: []Level{level}}}
		_, mean, worst := m.Outcomes([]int{1})
		best := math.Inf(-1)
		for _, at := range level.In {
			short := 0.0
			for s, v := range level.In {
				short += float64(m.Scenarios[s].Weight) / float64(weight) * float64(max(0, at-v))
			}
			best = max(best, float64(at)-short*Whole/float64(m.Risk.Tail))
		}
		if got, _ := worst.Float64(); math.Abs(got-best) > 1e-9 {
			t.Fatalf("%g, by thresholds %g", got, best)
		}
		if worst.Cmp(mean) > 0 {
			t.Fatalf("the worst have a mean of %v, all %v", worst, mean)
		}
	})
}

// TestRiskLimits: a tail of everything is the mean, and what nobody can tell is an error.
func TestRiskLimits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := randomModel(r)
		underScenarios(r, m)
		all := *m
		m.Risk.Weight, all.Risk = 0, Risk{Whole, Whole}
		a, err := Decide(t.Context(), m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decide(t.Context(), &all, Options{})
		if err != nil || (a.Level == nil) != (b.Level == nil) || a.Level != nil && a.Value != b.Value {
			t.Fatalf("seed %d: %d by the mean, %d by the mean of the worst of all; %v", seed, a.Value, b.Value, err)
		}
	}
	half := Model{Scenarios: []Scenario{{"dry", 1}, {"wet", 3}}, Risk: Risk{Tail: Whole / 2, Weight: Whole / 2},
		Proposals: []Proposal{{ID: "p", Levels: []Level{{In: []int64{-4, 12}}}}}}
	values, mean, worst := half.Outcomes([]int{1})
	if v, _ := half.Verify([]int{1}); !slices.Equal(values, []int64{-4, 12}) || mean.Cmp(big.NewRat(8, 1)) != 0 || worst.Cmp(big.NewRat(4, 1)) != 0 || v != 6 {
		t.Errorf("%v, mean %v, worst %v, %d together", values, mean, worst, v)
	}
	for text, want := range map[string]string{
		"{\"risk\":{\"tail\":0.1,\"weight\":0.5}}":                                                           "line 1: risk: weight: scenarios are expected: without them nothing is at risk",
		"{\"scenarios\":[{\"name\":\"a\"}],\n\"risk\":{\"tail\":0,\"weight\":1}}":                            "line 2: risk: tail: a part above 0, up to 1, in thousandths is expected",
		"{\"scenarios\":[{\"name\":\"a\"}],\n\"risk\":{\"tail\":0.1,\"height\":1}}":                          `line 2: risk: unknown field "height"`,
		"{\"scenarios\":[{\"name\":\"a\",\"weight\":0}]}":                                                    "line 1: scenarios[0]: weight: whole numbers from 1 that sum to at most 10000 are expected",
		"{\"scenarios\":[{\"name\":\"a\"}],\"proposals\":[{\"id\":\"p\",\"value\":1,\"values\":{\"b\":2}}]}": `line 1: proposals[0] (p): values: there is no scenario "b"`,
	} {
		if _, err := ReadModel(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n%v\n%s", text, err, want)
		}
	}
}

// TestManyScenarios is of a size that nothing can try out: what is found is checked, and
// the bound with it.
func TestManyScenarios(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 6))
	m := &Model{Budgets: []Budget{{"b", 0}}, Risk: Risk{Whole / 10, Whole / 2}}
	for s := range 40 {
		m.Scenarios = append(m.Scenarios, Scenario{fmt.Sprint(s), 1})
	}
	for i := range 60 {
		cost, value, swing := 10+r.Int64N(90), 1000*(10+r.Int64N(90)), r.Float64()
		l := Level{Value: value, Cost: []int64{cost}}
		for range m.Scenarios {
			l.In = append(l.In, value+int64(swing*float64(value)*r.NormFloat64()))
		}
		m.Proposals = append(m.Proposals, Proposal{ID: fmt.Sprint(i), Levels: []Level{l}})
		m.Budgets[0].Amount += cost / 3
	}
	d, err := Decide(t.Context(), m, Options{Time: 2 * time.Second})
	if err != nil || d.Level == nil || d.Gap() > 0.01 {
		t.Fatalf("%+v, %v", d, err)
	}
	sum := 0.0
	for _, w := range d.Weights {
		sum += w
	}
	if mass := float64(d.c.tail.Mass); math.Abs(sum-mass) > 1e-6*mass {
		t.Errorf("the scenarios weigh %g together, the tail %g", sum, mass)
	}
}
