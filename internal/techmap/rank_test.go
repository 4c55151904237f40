package techmap

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

func credits(n int64) money.Amount { return money.Amount{Minor: n, Currency: "XCR"} }

// plans adds scenarios and options to a random map.
func plans(t *rapid.T, v View) View {
	for i := range rapid.IntRange(1, 3).Draw(t, "scenarios") {
		s := Scenario{ID: fmt.Sprint("s", i), Title: lang.In1("en", "x"), Weight: rapid.Float64Range(0.5, 3).Draw(t, "weight"), Layer: rapid.SampledFrom(Layers).Draw(t, "layer of it"),
			Chance: rapid.Float64Range(0, 0.6).Draw(t, "chance"), Loss: credits(int64(rapid.IntRange(1, 1000).Draw(t, "loss"))), Chances: map[string]float64{}}
		for _, key := range []string{"XA", "XB", "p1", "a"} {
			s.Chances[key] = rapid.Float64Range(0, 1).Draw(t, "chance of "+key)
		}
		v.Graph.putScenario(s)
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "options") {
		o := Option{ID: fmt.Sprint("o", i), Title: lang.In1("en", "x"), Cost: credits(int64(rapid.IntRange(1, 100).Draw(t, "cost"))), Success: rapid.Float64Range(0.1, 1).Draw(t, "success")}
		for _, n := range v.Graph.Nodes {
			if len(o.Nodes) == 0 || rapid.Bool().Draw(t, "node") {
				o.Nodes = append(o.Nodes, n.ID)
			}
		}
		v.Graph.putOption(o)
	}
	return v
}

// stopping is the chance that the goal stops, by trying every set of losses; hold are nodes
// whose supply cannot be lost.
func stopping(v View, s Scenario, hold []string) float64 {
	q, _ := Assumptions{Layer: s.Layer}.read(v.Map, v.Graph)
	r := newReading(v.Map, v.Graph, q)
	for _, id := range hold {
		r.supply[r.node[id]].floor = 0
	}
	total := 0.0
	for set := range 1 << len(r.events) {
		p := 1.0
		var lost []int
		for i, e := range r.events {
			chance := s.Chance
			if c, ok := s.Chances[e.Key]; ok && e.Unknown == "" {
				chance = c
			}
			if set>>i&1 == 1 {
				lost, p = append(lost, i), p*chance
			} else {
				p *= 1 - chance
			}
		}
		if r.stops(lost) {
			total += p
		}
	}
	return total
}

// TestRanksAreExact compares benefits with sums over every set of losses.
func TestRanksAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := plans(t, randomMap(t))
		base, err := v.price(t.Context(), Assumptions{Home: "XA"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range base.readings {
			if len(c.events) > 12 {
				t.Skip("too many sets to try")
			}
		}
		got := base.worth(v.Graph, nil)
		sum := 0.0
		for _, s := range v.Graph.Scenarios {
			sum += s.Weight
		}
		for i, o := range v.Graph.Options {
			want := 0.0
			for _, s := range v.Graph.Scenarios {
				want += o.Success * s.Weight / sum * float64(s.Loss.Minor) * (stopping(v, s, nil) - stopping(v, s, o.Nodes))
			}
			if math.Abs(got.benefit[i]-want) > 1e-9*(1+want) || math.Abs(got.perMoney[i]-want/float64(o.Cost.Minor)) > 1e-9*(1+want) {
				t.Errorf("%s averts %v, trying all finds %v", o.ID, got.benefit[i], want)
			}
		}
	})
}

// lantern needs a bulb from one country, a socket from another or a hook, and a case from home.
func lantern() View {
	g := &Graph{}
	for _, id := range []string{"bulb", "case", "hook", "lantern", "socket"} {
		g.putNode(Node{ID: id, Kind: "component", Title: lang.In1("en", id), Supplied: id != "lantern"})
	}
	g.putGate(Gate{ID: "all", NodeID: "lantern", Kind: AllOf, Inputs: []Input{{NodeID: "bulb"}, {NodeID: "case"}}})
	g.putGate(Gate{ID: "any", NodeID: "lantern", Kind: AnyOf, Inputs: []Input{{NodeID: "hook"}, {NodeID: "socket"}}})
	whole := 1.0
	for _, s := range [][3]string{{"bulb", "osmund", "XB"}, {"case", "brask", "XA"}, {"hook", "tarn", "XC"}, {"socket", "vantor", "XD"}} {
		g.putProvider(Provider{ID: s[1], Name: lang.In1("en", s[1]), Country: s[2]})
		g.putShare(Share{NodeID: s[0], ProviderID: s[1], Low: &whole, High: &whole})
	}
	g.putScenario(Scenario{ID: "trade", Title: lang.In1("en", "Trade stops"), Weight: 3, Layer: ByCountry, Chance: 0.1, Chances: map[string]float64{"XB": 0.2}, Loss: credits(1000)})
	g.putScenario(Scenario{ID: "fire", Title: lang.In1("en", "A fire"), Weight: 1, Layer: ByProvider, Chance: 0.01, Loss: credits(1000)})
	for id, node := range map[string]string{"bulb-line": "bulb", "case-line": "case", "socket-line": "socket"} {
		g.putOption(Option{ID: id, Title: lang.In1("en", id), Nodes: []string{node}, Cost: credits(100), Success: 0.5})
	}
	return View{Map: Map{Home: "XA", Goal: "lantern", Threshold: 0.5}, Graph: g}
}

func TestRanking(t *testing.T) {
	t.Parallel()
	v := lantern()
	r, err := v.Rank(t.Context(), Assumptions{}, DefaultNoise)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, x := range r.Ranks {
		order = append(order, x.ID)
		if x.Low < 1 || x.High < x.Low || x.High > 3 {
			t.Errorf("%s is between places %d and %d", x.ID, x.Low, x.High)
		}
		sum := 0.0
		for _, why := range x.Reasons {
			sum += why.Averted
		}
		if math.Abs(sum-x.Averted) > 1e-9 {
			t.Errorf("the reasons of %s add up to %v, it averts %v", x.ID, sum, x.Averted)
		}
	}
	// By hand, per scenario: the bulb averts (1 - 0.1²)·0.2 in trade; the socket 0.8·0.1²; the case,
	// made at home, averts nothing in trade and (1 - 0.01)·(1 - 0.01²)·0.01 in a fire.
	if d := cmp.Diff([]string{"bulb-line", "socket-line", "case-line"}, order); d != "" {
		t.Error(d)
	}
	bulb := r.Ranks[0]
	if want := 0.5 * (0.75*1000*0.99*0.2 + 0.25*1000*0.99*0.9999*0.01); math.Abs(bulb.Averted-want) > 1e-9 || math.Abs(bulb.PerMoney-want/100) > 1e-9 {
		t.Errorf("the bulb averts %v, want %v", bulb.Averted, want)
	}
	if bulb.First != 1 || bulb.Low != 1 || bulb.High != 1 {
		t.Errorf("the bulb is first in %v of the draws, between %d and %d", bulb.First, bulb.Low, bulb.High)
	}
	var turns []string
	for _, x := range r.Turns {
		turns = append(turns, x.Kind+" "+x.Key)
	}
	// Without the scenario of trade the case goes before the socket; so it does where what is
	// made at home can be lost.
	if d := cmp.Diff([]string{"home ", "scenario trade"}, turns); d != "" {
		t.Error(d)
	}
	again, err := v.Rank(t.Context(), Assumptions{}, DefaultNoise)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, again); d != "" {
		t.Errorf("the same seed gives another ranking: %s", d)
	}
}

func TestNothingToRank(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*View){
		"no goal":        func(v *View) { v.Goal = "" },
		"no scenario":    func(v *View) { v.Graph.Scenarios = nil },
		"no option":      func(v *View) { v.Graph.Options = nil },
		"two currencies": func(v *View) { v.Graph.Options[1].Cost.Currency = "EUR" },
	} {
		v := lantern()
		spoil(&v)
		if _, err := v.Rank(t.Context(), Assumptions{}, DefaultNoise); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lantern().Rank(ctx, Assumptions{}, DefaultNoise); err == nil {
		t.Error("a ranking that nobody waits for is made")
	}
}

func TestTau(t *testing.T) {
	t.Parallel()
	for want, places := range map[float64][]int{1: {1, 2, 3}, -1: {3, 2, 1}, 1.0 / 3: {1, 3, 2}} {
		if got := tau(places); math.Abs(got-want) > 1e-12 {
			t.Errorf("tau of %v is %v, want %v", places, got, want)
		}
	}
	if !slices.Equal(placesOf([]int{2, 0, 1}, []int{0, 1, 2}), []int{2, 3, 1}) {
		t.Error("places are told wrongly")
	}
}
