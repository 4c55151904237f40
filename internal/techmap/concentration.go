package techmap

import (
	"math"

	"github.com/headwater-platform/headwater/engine/measure"
)

// Concentration is the Herfindahl-Hirschman index of who supplies a node, taken together at a
// layer, with bounds for what is not known; see [measure.HHI]. False where nobody is known to
// supply it, or where the shares recorded add up to far more than all.
func (g *Graph) Concentration(node, layer string) (measure.Interval, bool) {
	return g.measured(node, layer, measure.HHI)
}

// Largest is the share of whoever supplies the most of a node, taken together at a layer, with bounds as of
// [measure.Largest]. False as of Concentration.
func (g *Graph) Largest(node, layer string) (measure.Interval, bool) {
	return g.measured(node, layer, measure.Largest)
}

func (g *Graph) measured(node, layer string, by func([]measure.Share) (measure.Interval, error)) (measure.Interval, bool) {
	shares := g.sharesBy(node, layer)
	if len(shares) == 0 {
		return measure.Interval{}, false
	}
	x, err := by(shares)
	return x, err == nil
}

// sharesBy are the shares of a node's supply, taken together at a layer, with their bounds.
func (g *Graph) sharesBy(node, layer string) (shares []measure.Share) {
	by := map[string]measure.Share{}
	var order []string
	for _, s := range g.sharesAt(node) {
		p, _ := g.Provider(s.ProviderID)
		e := p.at(layer)
		if e.Unknown != "" {
			continue // it belongs to somebody, listed or not: part of what is open
		}
		most := 1.0
		if s.High != nil {
			most = *s.High
		}
		x, known := by[e.Key]
		if !known {
			order = append(order, e.Key)
		}
		by[e.Key] = measure.Share{Low: math.Min(1, x.Low+s.least()), High: math.Min(1, x.High+most)}
	}
	for _, key := range order {
		x := by[key]
		if !g.placed(node, layer) {
			x.High = 1 // what has no known place may be theirs
		}
		shares = append(shares, x)
	}
	return shares
}

// placed says whether every provider of a node has a known place at a layer.
func (g *Graph) placed(node, layer string) bool {
	for _, s := range g.sharesAt(node) {
		if p, _ := g.Provider(s.ProviderID); p.at(layer).Unknown != "" {
			return false
		}
	}
	return true
}
