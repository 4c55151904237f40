package techmap

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Noise says how far the figures of a ranking are doubted. Equal noise gives equal rankings.
type Noise struct {
	Spread float64 // from 0 to 1: standard deviation of the logarithm of weights, losses, costs and shares, and of the logit of chances
	Seed   uint64
}

// DefaultNoise doubts figures by about a fifth.
var DefaultNoise = Noise{Spread: 0.2, Seed: 1}

// How often a ranking is drawn again: redraws of the shares, and of all else on each of them.
const (
	redrawn = 20
	drawn   = 10
)

// Ranking is what to fund first: options by expected loss averted per money spent,
//
//	benefit = success · Σ w · V · (P(goal stops) - P(goal stops | supply of the nodes holds))
//
// over the scenarios, with weights w that sum to 1, losses V and exact probabilities P. Losses
// are taken to be independent within a scenario; what hits many at once is a scenario.
type Ranking struct {
	Currency string
	Expected float64 // loss in a year as things are, over the scenarios, in minor units
	Ranks    []Rank  // the best first
	Turns    []Turn  // assumptions that change the order, each taken alone
	Tau      float64 // mean over the draws of Kendall's tau to this order: 1 the same, 0 none, -1 opposite
}

// Rank is an option in its place, with its reasons.
type Rank struct {
	Option
	Averted   float64 // expected loss averted in a year, in minor units
	PerMoney  float64 // of each unit of money spent
	Low, High int     // place in the middle nine tenths of the draws, from 1
	First     float64 // part of the draws in which it comes first
	Reasons   []Reason
	Turned    bool // some assumption changes its place
}

// Reason is what an option averts in one scenario.
type Reason struct {
	Scenario
	Share         float64 // of the scenario's weight in all weights
	Before, After float64 // chance that the goal stops as things are, and with the supply of the nodes holding
	Averted       float64 // expected loss averted, success counted, in minor units
}

// The kinds of assumptions that are turned.
const (
	TurnNeeded    = "needed"    // a gate of alternatives needs every input
	TurnThreshold = "threshold" // the map's threshold is half or twice what it is
	TurnHome      = "home"      // what home supplies can be lost too
	TurnScenario  = "scenario"  // a scenario is left out
)

// Turn is an assumption that changes the order when it alone is turned.
type Turn struct {
	Kind   string
	Key    string  // the gate or scenario
	Value  float64 // the threshold
	Places []int   // of each rank, from 1
}

// Rank ranks the options of a map as the viewer sees it.
// Errors: Invalid for assumptions that the map cannot be read with, where it has no goal, no
// scenario or no option, or where amounts are in more than one currency; TooLarge where the
// probabilities take more than patience or memory.
func (v View) Rank(ctx context.Context, q Assumptions, noise Noise) (Ranking, error) {
	q, err := q.read(v.Map, v.Graph)
	if err != nil {
		return Ranking{}, err
	}
	if f := chance("noise", noise.Spread); f != nil {
		return Ranking{}, f
	}
	currency, err := v.rankable()
	if err != nil {
		return Ranking{}, err
	}
	var r Ranking
	err = patiently(ctx, func(ctx context.Context) (err error) {
		r, err = v.rank(ctx, q, noise)
		return err
	})
	r.Currency = currency
	return r, err
}

func (v View) rankable() (currency string, err error) {
	switch {
	case v.Goal == "":
		return "", fault.Field("goal", "techmap.goal.none")
	case len(v.Graph.Scenarios) == 0:
		return "", fault.Field("scenarios", "techmap.rank.noscenario")
	case len(v.Graph.Options) == 0:
		return "", fault.Field("options", "techmap.rank.nooption")
	}
	for _, s := range v.Graph.Scenarios {
		currency = cmp.Or(currency, s.Loss.Currency)
		if s.Loss.Currency != currency {
			return "", fault.Field("scenarios", "techmap.rank.currency", s.ID, s.Loss.Currency, currency)
		}
	}
	for _, o := range v.Graph.Options {
		if o.Cost.Currency != currency {
			return "", fault.Field("options", "techmap.rank.currency", o.ID, o.Cost.Currency, currency)
		}
	}
	return currency, nil
}

func (v View) rank(ctx context.Context, q Assumptions, noise Noise) (Ranking, error) {
	base, err := v.price(ctx, q)
	if err != nil {
		return Ranking{}, err
	}
	exact := base.worth(v.Graph, nil)
	order := exact.order()
	r := Ranking{Expected: exact.expected}
	for _, i := range order {
		r.Ranks = append(r.Ranks, exact.rank(v.Graph, i))
	}
	if err := r.draw(ctx, v, q, noise, order); err != nil {
		return r, err
	}
	return r, r.turn(ctx, v, q, order)
}

// priced is the readings of a map that its scenarios take, compiled once: chances can be
// changed without compiling anew.
type priced struct {
	readings map[string]*compiled // by layer
}

type compiled struct {
	*reading
	analysis *cutset.Analysis
	options  int // index of the first option's event
}

// mostStates bounds the diagram of one module: it is evaluated some thousand times.
const mostStates = 200_000

// price compiles a map for every layer of its scenarios. Each option is an event that the
// supply of its nodes needs besides: it is true while the option has not succeeded.
func (v View) price(ctx context.Context, q Assumptions) (*priced, error) {
	p := &priced{readings: map[string]*compiled{}}
	for _, s := range v.Graph.Scenarios {
		if p.readings[s.Layer] != nil {
			continue
		}
		q.Layer = s.Layer
		c := &compiled{reading: newReading(v.Map, v.Graph, q)}
		c.options = len(c.model.Events)
		for i, o := range v.Graph.Options {
			c.model.Events = append(c.model.Events, cutset.Event{Name: "option " + o.ID, Probability: 1})
			c.guard(o, c.options+i)
		}
		var err error
		if c.analysis, err = cutset.Analyze(ctx, c.model, cutset.Options{MaxNodes: mostStates}); err != nil {
			return nil, err
		}
		p.readings[s.Layer] = c
	}
	return p, nil
}

// guard lets the supply of an option's nodes fail only while an event is true.
func (c *compiled) guard(o Option, event int) {
	for _, id := range o.Nodes {
		i, ok := c.node[id]
		if !ok || c.supply[i].gate == 0 {
			continue
		}
		args := c.model.Gates[i].Args
		k := slices.Index(args, cutset.OfGate(c.supply[i].gate))
		c.model.Gates = append(c.model.Gates, cutset.Gate{Name: "option " + o.ID + " at " + id, Kind: cutset.And, Args: []cutset.Arg{args[k], cutset.OfEvent(event)}})
		c.supply[i].gate = len(c.model.Gates) - 1
		args[k] = cutset.OfGate(c.supply[i].gate)
	}
}

// worth is what the options are worth.
type worth struct {
	expected float64
	before   []float64   // chance that the goal stops, by scenario
	averted  [][]float64 // chance that is averted where the option succeeds, by scenario and option
	shares   []float64   // of the weights, by scenario
	losses   []float64   // by scenario
	benefit  []float64   // by option, in minor units
	perMoney []float64
}

// worth evaluates the options, with figures disturbed by dice, or as they are without.
func (p *priced) worth(g *Graph, dice *dice) worth {
	w := worth{benefit: make([]float64, len(g.Options))}
	sum := 0.0
	for _, s := range g.Scenarios {
		w.shares = append(w.shares, dice.scaled(s.Weight))
		w.losses = append(w.losses, dice.scaled(float64(s.Loss.Minor)))
		sum += w.shares[len(w.shares)-1]
	}
	success := make([]float64, len(g.Options))
	for i, o := range g.Options {
		success[i] = dice.chance(o.Success)
	}
	for k, s := range g.Scenarios {
		w.shares[k] /= sum
		before, averted := p.readings[s.Layer].stops(s, dice)
		w.before, w.averted = append(w.before, before), append(w.averted, averted)
		w.expected += w.shares[k] * w.losses[k] * before
		for i := range averted {
			w.benefit[i] += success[i] * w.shares[k] * w.losses[k] * averted[i]
		}
	}
	for i, o := range g.Options {
		w.perMoney = append(w.perMoney, w.benefit[i]/dice.scaled(float64(o.Cost.Minor)))
	}
	return w
}

// stops is the chance that the goal stops in a scenario, and by how much each option lowers it
// where it succeeds and no other is funded.
func (c *compiled) stops(s Scenario, dice *dice) (before float64, averted []float64) {
	general := dice.chance(s.Chance)
	for i, e := range c.events {
		c.model.Events[i].Probability = general
		if p, named := s.Chances[e.Key]; named && e.Unknown == "" {
			c.model.Events[i].Probability = dice.chance(p)
		}
	}
	before, _ = c.analysis.Probability() // every event has one
	list, _ := c.analysis.Importances()
	for _, i := range list[c.options:] {
		averted = append(averted, i.Birnbaum)
	}
	return before, averted
}

// order lists the options, the best first, equal ones by their keys.
func (w worth) order() []int {
	order := make([]int, len(w.perMoney))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(w.perMoney[b], w.perMoney[a]) })
	return order
}

// rank is an option with its reasons.
func (w worth) rank(g *Graph, option int) Rank {
	r := Rank{Option: g.Options[option], Averted: w.benefit[option], PerMoney: w.perMoney[option]}
	for k, s := range g.Scenarios {
		r.Reasons = append(r.Reasons, Reason{Scenario: s, Share: w.shares[k], Before: w.before[k], After: w.before[k] - w.averted[k][option],
			Averted: r.Success * w.shares[k] * w.losses[k] * w.averted[k][option]})
	}
	return r
}

// draw fills in how the order holds under noise.
func (r *Ranking) draw(ctx context.Context, v View, q Assumptions, noise Noise, order []int) error {
	d := &dice{rand.New(rand.NewPCG(noise.Seed, 0)), noise.Spread}
	places := make([][]int, len(order)) // of each rank
	for range redrawn {
		disturbed := v
		disturbed.Graph = d.shares(v.Graph)
		p, err := disturbed.price(ctx, q)
		if err != nil {
			return err
		}
		for range drawn {
			place := placesOf(p.worth(v.Graph, d).order(), order)
			for i := range place {
				places[i] = append(places[i], place[i])
			}
			r.Tau += tau(place) / (redrawn * drawn)
		}
	}
	for i := range r.Ranks {
		list := places[i]
		slices.Sort(list)
		first := 0
		for _, p := range list {
			if p == 1 {
				first++
			}
		}
		r.Ranks[i].Low, r.Ranks[i].High = list[len(list)/20], list[len(list)-1-len(list)/20]
		r.Ranks[i].First = float64(first) / float64(len(list))
	}
	return nil
}

// placesOf is the place, from 1, that each option has in one order, told in another.
func placesOf(order, told []int) []int {
	places := make([]int, len(order))
	for i, option := range told {
		places[i] = slices.Index(order, option) + 1
	}
	return places
}

// tau is Kendall's rank correlation of places to 1, 2, 3 … (Kendall, 1938); 1 for one place.
func tau(places []int) float64 {
	n := len(places)
	if n < 2 {
		return 1
	}
	agree := 0
	for i := range places {
		for k := i + 1; k < n; k++ {
			if places[i] < places[k] {
				agree++
			} else {
				agree--
			}
		}
	}
	return float64(agree) / float64(n*(n-1)/2)
}

// turn turns each assumption alone and keeps those that change the order.
func (r *Ranking) turn(ctx context.Context, v View, q Assumptions, order []int) error {
	for _, t := range v.turns(q) {
		turned, with := t.apply(v, q)
		p, err := turned.price(ctx, with)
		if err != nil {
			return err
		}
		t.Places = placesOf(p.worth(turned.Graph, nil).order(), order)
		changed := false
		for i, place := range t.Places {
			if place != i+1 {
				changed, r.Ranks[i].Turned = true, true
			}
		}
		if changed {
			r.Turns = append(r.Turns, t)
		}
	}
	return nil
}

// turns are the assumptions that can be turned.
func (v View) turns(q Assumptions) (list []Turn) {
	for _, x := range v.Graph.Gates {
		if x.Kind != AllOf && len(x.Inputs) > 1 && !slices.Contains(q.Needed, x.ID) {
			list = append(list, Turn{Kind: TurnNeeded, Key: x.ID})
		}
	}
	now := cmp.Or(q.Threshold, v.Threshold)
	list = append(list, Turn{Kind: TurnThreshold, Value: now / 2}, Turn{Kind: TurnThreshold, Value: min(1, 2*now)})
	if !q.HomeLost && slices.ContainsFunc(v.Graph.Scenarios, func(s Scenario) bool { return s.Layer == ByCountry }) {
		list = append(list, Turn{Kind: TurnHome})
	}
	if len(v.Graph.Scenarios) > 1 {
		for _, s := range v.Graph.Scenarios {
			list = append(list, Turn{Kind: TurnScenario, Key: s.ID})
		}
	}
	return list
}

func (t Turn) apply(v View, q Assumptions) (View, Assumptions) {
	switch t.Kind {
	case TurnNeeded:
		q.Needed = append(slices.Clone(q.Needed), t.Key)
	case TurnThreshold:
		q.Threshold = t.Value
	case TurnHome:
		q.HomeLost = true
	case TurnScenario:
		v.Graph = v.Graph.clone()
		v.Graph.Scenarios = slices.DeleteFunc(v.Graph.Scenarios, func(s Scenario) bool { return s.ID == t.Key })
	}
	return v, q
}

// dice disturb figures; none leave them as they are.
type dice struct {
	*rand.Rand
	spread float64
}

// scaled multiplies a figure by exp(spread · z), z normal.
func (d *dice) scaled(x float64) float64 {
	if d == nil {
		return x
	}
	return x * math.Exp(d.spread*d.NormFloat64())
}

// chance moves the logit of a chance by spread · z; what is certain stays so.
func (d *dice) chance(p float64) float64 {
	if d == nil || p <= 0 || p >= 1 {
		return p
	}
	odds := d.scaled(p / (1 - p))
	return odds / (1 + odds)
}

// shares is the graph with every share drawn: from within its bounds, or around the one value
// that is known. What the shares of a node leave open, or exceed, stays as it is.
func (d *dice) shares(g *Graph) *Graph {
	g = g.clone()
	before, after := map[string]float64{}, map[string]float64{}
	for i := range g.Shares {
		s := &g.Shares[i]
		if s.Low == nil {
			continue
		}
		before[s.NodeID] += *s.Low
		low := d.scaled(*s.Low)
		if s.High != nil && *s.High > *s.Low {
			low = *s.Low + d.Float64()*(*s.High-*s.Low)
			before[s.NodeID] += low - *s.Low // what is drawn of a span was open
		}
		s.Low, s.High = &low, nil
		after[s.NodeID] += low
	}
	for i := range g.Shares {
		s := &g.Shares[i]
		if s.Low == nil || after[s.NodeID] == 0 {
			continue
		}
		low := *s.Low * min(1, max(before[s.NodeID], 0)) / after[s.NodeID]
		s.Low = &low
	}
	return g
}
