package techmap

import (
	"cmp"
	"slices"

	"github.com/headwater-platform/headwater/engine/cutset"
)

// Event is what can be lost at a layer: a provider, an owner, a country, a site. Of an
// Unknown one only the node or the provider is known that it concerns.
type Event struct {
	Key     string // provider, owner, country or site; of an unknown one the node or provider
	Unknown string // "" known; "supply": who else supplies node Key; "place": where provider Key stands
}

func (e Event) compare(f Event) int {
	return cmp.Or(cmp.Compare(e.Unknown, f.Unknown), cmp.Compare(e.Key, f.Key))
}

// reading is a map as it is asked: its graph compiled to gates over events, where true
// means lost. A node is lost when its supply falls below its threshold, or when one of
// its gates is not open.
type reading struct {
	m      Map
	g      *Graph // with what is assumed
	q      Assumptions
	model  *cutset.Model
	events []Event
	node   map[string]int // index of a node, and of the gate of the model that says that it is lost
	supply []supply       // of each node
	gates  []wired        // of the map, as they are read
	every  []int          // gate
	into   [][]int        // the gates of each node
	users  [][]int        // the gates that need each node
	oldest []int          // year of the oldest source of each node's shares, 0 for none
	index  map[Event]int
}

// wired is a gate of the map with the nodes that it joins by index.
type wired struct {
	Gate
	node   int
	inputs []int
}

// supply is who supplies a node, by event; one without a floor cannot be lost.
type supply struct {
	events []int
	shares []float64
	kept   float64 // what cannot be lost
	floor  float64
	gate   int // of the model, that says that it is lost; 0 for none
}

// newReading compiles a map in O(nodes + inputs + shares · log shares).
func newReading(m Map, g *Graph, q Assumptions) *reading {
	r := &reading{m: m, g: q.grow(g), q: q, model: &cutset.Model{Name: m.Number}, node: map[string]int{}, index: map[Event]int{}}
	size := len(r.g.Nodes)
	r.supply, r.into, r.users, r.oldest = make([]supply, size), make([][]int, size), make([][]int, size), make([]int, size)
	for i, n := range r.g.Nodes {
		r.node[n.ID] = i
		r.model.Gates = append(r.model.Gates, cutset.Gate{Name: n.ID, Kind: cutset.Or})
	}
	shares := map[string][]Share{}
	for _, s := range r.g.Shares {
		shares[s.NodeID] = append(shares[s.NodeID], s)
		if was := &r.oldest[r.node[s.NodeID]]; s.Year > 0 && (*was == 0 || s.Year < *was) {
			*was = s.Year
		}
	}
	for _, n := range r.g.Nodes {
		if n.Supplied || len(shares[n.ID]) > 0 {
			r.supplied(n, shares[n.ID])
		}
	}
	for _, x := range r.g.Gates {
		x.Kind = q.kind(x)
		r.wire(x)
	}
	r.model.Top = r.node[m.Goal]
	return r
}

// wire takes in a gate of the map.
func (r *reading) wire(x Gate) {
	k, w := len(r.gates), wired{Gate: x, node: r.node[x.NodeID]}
	for _, in := range x.Inputs {
		i := r.node[in.NodeID]
		w.inputs, r.users[i] = append(w.inputs, i), append(r.users[i], k)
	}
	r.gates, r.every, r.into[w.node] = append(r.gates, w), append(r.every, k), append(r.into[w.node], k)
	r.lose(w.node, w.model())
}

// lose adds a gate of the model, and that a node is lost when it is true.
func (r *reading) lose(node int, x cutset.Gate) {
	r.model.Gates = append(r.model.Gates, x)
	or := &r.model.Gates[node]
	or.Args = append(or.Args, cutset.OfGate(len(r.model.Gates)-1))
}

// model is when the gate is not open.
func (w wired) model() cutset.Gate {
	y := cutset.Gate{Name: w.ID, Kind: cutset.Or}
	for _, in := range w.inputs {
		y.Args = append(y.Args, cutset.OfGate(in))
	}
	switch w.Kind {
	case AnyOf:
		y.Kind = cutset.And
	case SomeOf:
		y.Kind, y.K = cutset.AtLeast, len(w.inputs)-w.K+1
	case ShareOf:
		y.Kind, y.Threshold = cutset.Share, w.Floor
		for _, in := range w.Inputs {
			y.Shares = append(y.Shares, in.Share)
		}
	}
	return y
}

// supplied says when the supply of a node is lost: when the shares that are left fall
// below its threshold. What nobody is known to supply is an event of its own.
func (r *reading) supplied(n Node, shares []Share) {
	known := 0.0
	by := map[Event]float64{}
	for _, s := range shares {
		known += s.least()
		p, _ := r.g.Provider(s.ProviderID)
		by[p.at(r.q.Layer)] += s.least()
	}
	if rest := 1 - known; rest > 1e-9 {
		by[Event{n.ID, "supply"}] += rest
	}
	whole := max(1, known) // rounded shares may add up to more than all
	u := supply{floor: r.q.floor(r.m, n)}
	for _, e := range sorted(by) {
		switch share := by[e] / whole; {
		case share == 0:
		case r.q.Layer == ByCountry && !r.q.HomeLost && e == Event{Key: r.q.Home}:
			u.kept += share
		default:
			u.events, u.shares = append(u.events, r.eventIndex(e)), append(u.shares, share)
		}
	}
	r.supply[r.node[n.ID]] = u
	if u.kept >= u.floor {
		return
	}
	x := cutset.Gate{Name: "supply of " + n.ID, Kind: cutset.Share, Shares: u.shares, Threshold: u.floor - u.kept}
	for _, e := range u.events {
		x.Args = append(x.Args, cutset.OfEvent(e))
	}
	r.lose(r.node[n.ID], x)
	r.supply[r.node[n.ID]].gate = len(r.model.Gates) - 1
}

// at is what takes a provider away at a layer.
func (p Provider) at(layer string) Event {
	key := ""
	switch layer {
	case ByProvider:
		key = p.ID
	case ByOwner:
		key = p.Owner
		if key == "" {
			key = p.Name.By[p.Name.Original] // it owns itself, and whoever names it as owner
		}
	case ByCountry:
		key = p.Country
	case BySite:
		key = p.Site
	}
	if key == "" {
		return Event{p.ID, "place"}
	}
	return Event{Key: key}
}

func (r *reading) eventIndex(e Event) int {
	i, ok := r.index[e]
	if !ok {
		i = len(r.events)
		r.index[e] = i
		r.events = append(r.events, e)
		r.model.Events = append(r.model.Events, cutset.Event{Name: e.ref(), Probability: cutset.Unknown})
	}
	return i
}

func sorted(by map[Event]float64) []Event {
	var list []Event
	for e := range by {
		list = append(list, e)
	}
	slices.SortFunc(list, Event.compare)
	return list
}
