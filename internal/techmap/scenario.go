package techmap

import (
	"maps"
	"math"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Scenario is a future that somebody reckons with: how likely each loss is in a year, and what
// it costs when the goal stops. None is built in.
type Scenario struct {
	ID      string             `json:"id"`
	Title   lang.Text          `json:"title"`
	Weight  float64            `json:"weight"`            // against the other scenarios, above 0
	Layer   string             `json:"layer"`             // of what is lost
	Chance  float64            `json:"chance"`            // of the loss of whoever Chances does not name, from 0 to 1
	Chances map[string]float64 `json:"chances,omitempty"` // by key of the provider, site, owner or country
	Loss    money.Amount       `json:"loss"`              // when the goal stops
	Source  string             `json:"source,omitempty"`
	Stamp   `json:"-"`
}

// Option is something that could be funded: where it succeeds, the supply of its nodes holds
// whoever else is lost. What the nodes need in turn can still be lost.
type Option struct {
	ID      string       `json:"id"`
	Title   lang.Text    `json:"title"`
	Nodes   []string     `json:"nodes"`
	Cost    money.Amount `json:"cost"`
	Success float64      `json:"success"` // chance that it succeeds, over 0 to 1
	Source  string       `json:"source,omitempty"`
	Stamp   `json:"-"`
}

func (s Scenario) ref() Ref { return Ref{KindScenario, s.ID} }
func (o Option) ref() Ref   { return Ref{KindOption, o.ID} }

// Scenario is the scenario with a key.
func (g *Graph) Scenario(id string) (Scenario, bool) {
	return find(g.Scenarios, id)
}

// Option is the option with a key.
func (g *Graph) Option(id string) (Option, bool) {
	return find(g.Options, id)
}

func (s *Scenario) check() error {
	faults := []*fault.Error{key(s.ID), filled("title", s.Title), short("title", s.Title, mostTitle), oneOf("layer", s.Layer, Layers), chance("chance", s.Chance),
		length("source", s.Source, 500), amount("loss", s.Loss)}
	if !(s.Weight > 0) || math.IsInf(s.Weight, 0) {
		faults = append(faults, fault.Field("weight", "techmap.weight"))
	}
	for _, p := range s.Chances {
		faults = append(faults, chance("chances", p))
	}
	return fault.Join(faults...)
}

func (o *Option) check(g *Graph) error {
	faults := []*fault.Error{key(o.ID), filled("title", o.Title), short("title", o.Title, mostTitle), amount("cost", o.Cost), ratio("success", o.Success, false), length("source", o.Source, 500)}
	if len(o.Nodes) == 0 {
		faults = append(faults, fault.Field("nodes", "fault.required"))
	}
	for i, id := range o.Nodes {
		if _, ok := g.Node(id); !ok || slices.Contains(o.Nodes[:i], id) {
			faults = append(faults, fault.Field("nodes", "techmap.gate.input", id))
		}
	}
	return fault.Join(faults...)
}

func chance(field string, p float64) *fault.Error {
	if p >= 0 && p <= 1 {
		return nil
	}
	return fault.Field(field, "techmap.share.range")
}

func amount(field string, a money.Amount) *fault.Error {
	if a.Minor > 0 && len(a.Currency) == 3 {
		return nil
	}
	return fault.Field(field, "techmap.amount")
}

// redactPlans leaves out of a graph without sealed nodes what tells of them: options about
// one, and the chances of whoever is not on the graph.
func (g *Graph) redactPlans(full *Graph) {
	g.Options = slices.DeleteFunc(slices.Clone(full.Options), func(o Option) bool {
		return slices.ContainsFunc(o.Nodes, func(id string) bool { _, shown := g.Node(id); return !shown })
	})
	shown := map[[2]string]bool{} // layer and key
	for _, p := range g.Providers {
		for _, layer := range Layers {
			shown[[2]string{layer, p.at(layer).Key}] = true
		}
	}
	for i := range g.Scenarios {
		s := &g.Scenarios[i]
		maps.DeleteFunc(s.Chances, func(key string, _ float64) bool { return !shown[[2]string{s.Layer, key}] })
	}
}
