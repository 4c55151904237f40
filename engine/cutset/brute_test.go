package cutset

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomModel has all kinds of gates; loops hold no negation.
func randomModel(r *rand.Rand, events, gates int, kinds []Kind, loops bool) *Model {
	m := &Model{Name: "random"}
	for range events {
		m.Events = append(m.Events, Event{Probability: float64(r.IntN(9)+1) / 10, Cost: float64(r.IntN(5))})
	}
	for i := range gates {
		g := Gate{Kind: kinds[r.IntN(len(kinds))]}
		n := 1 + r.IntN(4)
		if g.Kind == Not {
			n = 1
		}
		for range n {
			a := OfEvent(r.IntN(events))
			switch {
			case loops && r.IntN(3) > 0:
				a = OfGate(r.IntN(gates))
			case i > 0 && r.IntN(3) > 0:
				a = OfGate(r.IntN(i))
			}
			if !loops && r.IntN(8) == 0 && len(kinds) > 4 {
				a = a.Negated()
			}
			g.Args = append(g.Args, a)
		}
		switch g.Kind {
		case AtLeast:
			g.K = r.IntN(n + 1)
		case Share:
			for range n {
				g.Shares = append(g.Shares, float64(r.IntN(4))/10)
			}
			g.Threshold = float64(r.IntN(8)) / 10
		}
		m.Gates = append(m.Gates, g)
	}
	m.Top = gates - 1
	return m
}

// value is what each gate is when the events of the set occur, by definition.
func (m *Model) bruteValue(set uint) bool {
	v := make([]bool, len(m.Gates))
	for range m.Gates { // enough rounds, with or without loops
		for i, g := range m.Gates {
			count, left := 0, 0.0
			for k, a := range g.Args {
				x := set>>a.Index&1 != 0
				if a.Gate {
					x = v[a.Index]
				}
				if x != a.Not {
					count++
				} else if g.Kind == Share {
					left += g.Shares[k]
				}
			}
			switch g.Kind {
			case And:
				v[i] = count == len(g.Args)
			case Or:
				v[i] = count > 0
			case AtLeast:
				v[i] = count >= g.K
			case Not:
				v[i] = count == 0
			case Xor:
				v[i] = count%2 == 1
			case Share:
				v[i] = left < g.Threshold-1e-9/2
			}
		}
	}
	return v[m.Top]
}

// A brute is a model by its truth table.
type brute struct {
	*Model
	truth []bool
}

func (m *Model) brute() brute {
	b := brute{m, make([]bool, 1<<len(m.Events))}
	for s := range b.truth {
		b.truth[s] = m.bruteValue(uint(s))
	}
	return b
}

// dual is false where the model is true of the complement.
func (b brute) dual() brute {
	d := brute{b.Model, make([]bool, len(b.truth))}
	for s := range d.truth {
		d.truth[s] = !b.truth[len(b.truth)-1-s]
	}
	return d
}

// cuts are the minimal true points.
func (b brute) cuts() map[uint]bool {
	hull := make([]bool, len(b.truth))
	cuts := map[uint]bool{}
	for s := range uint(len(b.truth)) {
		below := false
		for e := range len(b.Events) {
			below = below || s>>e&1 != 0 && hull[s&^(1<<e)]
		}
		hull[s] = below || b.truth[s]
		if b.truth[s] && !below {
			cuts[s] = true
		}
	}
	return cuts
}

func (b brute) monotone() bool {
	for s, v := range b.truth {
		for e := range len(b.Events) {
			if v && !b.truth[s|1<<e] {
				return false
			}
		}
	}
	return true
}

// probability is that of the top when the events of with occur and those of without do not.
func (b brute) probability(p func(e int) float64, with, without uint) float64 {
	sum := 0.0
	for s := range uint(len(b.truth)) {
		if !b.truth[s] || s&with != with || s&without != 0 {
			continue
		}
		x := 1.0
		for e := range len(b.Events) {
			switch {
			case (with|without)>>e&1 != 0:
			case s>>e&1 != 0:
				x *= p(e)
			default:
				x *= 1 - p(e)
			}
		}
		sum += x
	}
	return sum
}

var (
	monotone = []Kind{And, Or, AtLeast, Share}
	allKinds = []Kind{And, Or, AtLeast, Share, Not, Xor, And, Or}
)

// randomModels gives many small models of every sort.
func randomModels(t *testing.T, n int, try func(*testing.T, *Model, *rand.Rand)) {
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 5))
		kinds, loops := allKinds, false
		switch seed % 4 {
		case 0:
			kinds = monotone
		case 1:
			kinds, loops = monotone, true
		}
		m := randomModel(r, 1+r.IntN(8), 1+r.IntN(14), kinds, loops)
		try(t, m, r)
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, m)
		}
	}
}

func analyzed(t *testing.T, m *Model, o Options) *Analysis {
	t.Helper()
	a, err := Analyze(t.Context(), m, o)
	if err != nil {
		t.Fatalf("%v: %+v", err, m)
	}
	return a
}

func near(x, y float64) bool { return x == y || math.Abs(x-y) <= 1e-12*(1+math.Abs(y)) }

func TestBruteForce(t *testing.T) {
	t.Parallel()
	randomModels(t, 6000, func(t *testing.T, m *Model, _ *rand.Rand) {
		b := m.brute()
		a := analyzed(t, m, Options{})
		compareCuts(t, a, b.cuts())
		compareCuts(t, analyzed(t, m, Options{Paths: true}), b.dual().cuts())
		p := func(e int) float64 { return m.Events[e].Probability }
		got, err := a.Probability()
		if want := b.probability(p, 0, 0); err != nil || !near(got, want) {
			t.Errorf("probability %v, want %v: %v", got, want, err)
		}
		if a.Coherent && !b.monotone() {
			t.Error("said to be coherent")
		}
	})
}

// compareCuts compares numbers by order, the stream, and the best.
func compareCuts(t *testing.T, a *Analysis, want map[uint]bool) {
	t.Helper()
	orders := map[int]int64{}
	for s := range want {
		orders[bits.OnesCount(s)]++
	}
	for k, n := range a.ByOrder() {
		if n.Cmp(big.NewInt(orders[k])) != 0 {
			t.Errorf("order %d: %v sets, want %d", k, n, orders[k])
		}
		delete(orders, k)
	}
	if len(orders) > 0 {
		t.Errorf("sets of orders %v are missing", orders)
	}
	seen := map[uint]bool{}
	for c := range a.All() {
		s := bitsOf(c.Events)
		if !want[s] || seen[s] {
			t.Errorf("set %b: minimal %v, listed before %v", s, want[s], seen[s])
		}
		seen[s] = true
	}
	if len(seen) != len(want) {
		t.Errorf("%d sets listed, want %d", len(seen), len(want))
	}
	for _, by := range []Criterion{ByOrder, ByProbability, ByCost} {
		var all []Cut
		most := len(want) % 4 // 0 is any number
		for c := range a.All() {
			if most == 0 || len(c.Events) <= most {
				all = append(all, c)
			}
		}
		slices.SortFunc(all, func(x, y Cut) int { return a.compare(x, y, by) })
		k := (len(all) + 1) / 2
		best := a.Best(k, by, most)
		for i := range best {
			if x, y := best[i], all[i]; len(best) != k || !near(x.Cost, y.Cost) && by == ByCost || !near(x.Probability, y.Probability) && by == ByProbability || len(x.Events) != len(y.Events) && by == ByOrder {
				t.Errorf("by %d number %d: %+v, want %+v", by, i, x, y)
			}
		}
	}
}

func bitsOf(events []int) (s uint) {
	for _, e := range events {
		s |= 1 << e
	}
	return s
}

func TestImportances(t *testing.T) {
	t.Parallel()
	randomModels(t, 2000, func(t *testing.T, m *Model, _ *rand.Rand) {
		b := m.brute()
		p := func(e int) float64 { return m.Events[e].Probability }
		half := func(int) float64 { return 0.5 }
		total := b.probability(p, 0, 0)
		list, err := analyzed(t, m, Options{}).Importances()
		if err != nil {
			t.Error(err)
		}
		for e, i := range list {
			with, without := b.probability(p, 1<<e, 0), b.probability(p, 0, 1<<e)
			structural := b.probability(half, 1<<e, 0) - b.probability(half, 0, 1<<e)
			if !near(i.Birnbaum, with-without) || !near(i.Structural, structural) {
				t.Errorf("event %d: %+v, want Birnbaum %v, structural %v", e, i, with-without, structural)
			}
			if total > 0 && (!near(i.Criticality, p(e)*(with-without)/total) || !near(i.RAW, with/total) || !near(i.FussellVesely, p(e)*with/total)) {
				t.Errorf("event %d: %+v, want P %v, with %v, without %v", e, i, total, with, without)
			}
			if without > 0 && !near(i.RRW, total/without) {
				t.Errorf("event %d: RRW %v, want %v", e, i.RRW, total/without)
			}
		}
	})
}

// TestSmallNumbers: complements lose no digits where the probability of the top is tiny.
func TestSmallNumbers(t *testing.T) {
	t.Parallel()
	m := &Model{Events: make([]Event, 6), Gates: []Gate{{Kind: Or, Args: []Arg{OfGate(1), OfGate(2)}}, {Kind: And}, {Kind: And}}}
	for e := range m.Events {
		m.Events[e].Probability = 1e-7
		m.Gates[1+e%2].Args = append(m.Gates[1+e%2].Args, OfEvent(e))
	}
	p, err := analyzed(t, m, Options{}).Probability()
	if want := 2e-21 - 1e-42; err != nil || math.Abs(p/want-1) > 1e-14 {
		t.Errorf("probability %v, want %v: %v", p, want, err)
	}
}

// TestManySets counts more sets than fit in any machine word.
func TestManySets(t *testing.T) {
	t.Parallel()
	const sets, each = 130, 7
	m := &Model{Gates: []Gate{{Kind: And}}}
	for range sets {
		g := Gate{Kind: Or}
		for range each {
			g.Args = append(g.Args, OfEvent(len(m.Events)))
			m.Events = append(m.Events, Event{Probability: Unknown})
		}
		m.Gates[0].Args = append(m.Gates[0].Args, OfGate(len(m.Gates)))
		m.Gates = append(m.Gates, g)
	}
	a := analyzed(t, m, Options{})
	want := new(big.Int).Exp(big.NewInt(each), big.NewInt(sets), nil)
	if a.Count().Cmp(want) != 0 {
		t.Errorf("%v sets, want %v", a.Count(), want)
	}
	if _, err := a.Probability(); !errors.Is(err, ErrNoProbability) {
		t.Errorf("probability of an event that has none: %v", err)
	}
}
