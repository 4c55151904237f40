package techmap

import (
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// The layers at which one can ask what stops the goal.
const (
	ByProvider = "provider"
	ByOwner    = "owner"
	ByCountry  = "country"
	BySite     = "site"
)

// Layers are the layers, from the narrowest event to the widest.
var Layers = []string{ByProvider, BySite, ByOwner, ByCountry}

// Assumptions say how a map is read. They change an answer, never the map.
type Assumptions struct {
	Layer     string
	Home      string   // country; "" for the map's
	Threshold float64  // share of supply below which an input fails, for every node; 0 for the map's and its nodes' own
	HomeLost  bool     // what home supplies can be lost too; otherwise it always holds, at the layer of countries
	Needed    []string // gates of alternatives that are read as needing every input
	Grown     []Grown  // what home would supply
}

// Grown is a share that home would supply of a node; the others shrink in proportion.
type Grown struct {
	NodeID string
	Share  float64 // from 0 to 1
}

// read is what is assumed of a map whose own values fill what is left open.
// Errors: Invalid with the field at fault.
func (q Assumptions) read(m Map, g *Graph) (Assumptions, error) {
	if q.Layer == "" {
		q.Layer = ByProvider
	}
	if q.Home == "" {
		q.Home = m.Home
	}
	faults := []*fault.Error{oneOf("layer", q.Layer, Layers), Country("home", q.Home, false), ratio("threshold", q.Threshold, true)}
	for _, id := range q.Needed {
		if _, ok := g.Gate(id); !ok {
			faults = append(faults, fault.Field("needed", "fault.choice"))
		}
	}
	for _, x := range q.Grown {
		if _, ok := g.Node(x.NodeID); !ok {
			faults = append(faults, fault.Field("grown", "fault.choice"))
		}
		if !(x.Share >= 0 && x.Share <= 1) {
			faults = append(faults, fault.Field("grown", "techmap.share.range"))
		}
	}
	return q, fault.Join(faults...)
}

// turned says whether more is assumed than the layer and from whose side the map is read.
func (q Assumptions) turned() bool {
	return q.Threshold != 0 || q.HomeLost || len(q.Needed) > 0 || len(q.Grown) > 0
}

// kind is how a gate is read.
func (q Assumptions) kind(x Gate) string {
	if x.Kind != AllOf && slices.Contains(q.Needed, x.ID) {
		return AllOf
	}
	return x.Kind
}

// floor is the share of a node's supply below which it fails.
func (q Assumptions) floor(m Map, n Node) float64 {
	switch {
	case q.Threshold > 0:
		return q.Threshold
	case n.Floor > 0:
		return n.Floor
	}
	return m.Threshold
}

// AssumedHome is the provider, owner and site that stands for what home would supply.
const AssumedHome = "assumed-home"

// grow makes the graph in which home supplies what is assumed.
func (q Assumptions) grow(g *Graph) *Graph {
	if len(q.Grown) == 0 {
		return g
	}
	g = g.clone()
	g.putProvider(Provider{ID: AssumedHome, Country: q.Home, Owner: AssumedHome, Site: AssumedHome})
	for _, x := range q.Grown {
		others := 0.0 // what the others supply, unknown rest included
		for i := range g.Shares {
			if s := &g.Shares[i]; s.NodeID == x.NodeID {
				if p, _ := g.Provider(s.ProviderID); p.Country == q.Home {
					s.Low, s.High = new(float64), new(float64)
					continue
				}
				others += s.least()
			}
		}
		for i := range g.Shares {
			if s := &g.Shares[i]; s.NodeID == x.NodeID && s.Low != nil {
				low := *s.Low / max(1, others) * (1 - x.Share)
				s.Low, s.High = &low, nil
			}
		}
		share := x.Share
		g.putShare(Share{NodeID: x.NodeID, ProviderID: AssumedHome, Low: &share, High: &share})
	}
	return g
}
