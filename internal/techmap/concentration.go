package techmap

import (
	"math"

	"github.com/headwater-platform/headwater/engine/measure"
)

// Concentration is the Herfindahl-Hirschman index of who supplies a node, taken together at a
// layer, with bounds for what is not known; see [measure.HHI]. False where nobody is known to
// supply it, or where the shares recorded add up to far more than all.
func (g *Graph) Concentration(node, layer string) (measure.Interval, bool) {
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
	var shares []measure.Share
	for _, key := range order {
		x := by[key]
		if !g.placed(node, layer) {
			x.High = 1 // what has no known place may be theirs
		}
		shares = append(shares, x)
	}
	if len(shares) == 0 {
		return measure.Interval{}, false
	}
	hhi, err := measure.HHI(shares)
	return hhi, err == nil
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
