package techmap

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// NodeKinds are what a node can be.
var NodeKinds = []string{"capability", "technology", "component", "material", "process", "equipment", "software", "skill", "facility"}

// Confidences say how far a share can be relied on.
var Confidences = []string{"low", "medium", "high"}

// The kinds of items that a graph is made of.
const (
	KindNode     = "node"
	KindGate     = "gate"
	KindProvider = "provider"
	KindShare    = "share"
	KindScenario = "scenario"
	KindOption   = "option"
	KindTrack    = "track"
)

// Stamp says which version of an item this is, since when, and by whom.
type Stamp struct {
	Version int64     `json:"-"`
	Since   time.Time `json:"-"`
	Author  string    `json:"-"` // person; "" for an import by the program
}

func (s Stamp) version() int64  { return s.Version }
func (s *Stamp) stamp(to Stamp) { *s = to }

// Node is something that the goal needs, or the goal itself.
type Node struct {
	ID       string              `json:"id"`
	Kind     string              `json:"kind"`
	Title    lang.Text           `json:"title"`
	Summary  lang.Text           `json:"summary"`
	Aliases  map[string][]string `json:"aliases,omitempty"`   // by language
	Supplied bool                `json:"supplied"`            // somebody must supply it; false for what only its inputs make
	Floor    float64             `json:"threshold,omitempty"` // share of supply below which it fails, over 0 to 1; 0 for the map's
	Ready    int                 `json:"readiness,omitempty"` // technology readiness level that home has reached, 1 to 9 (ISO 16290); 0 not known
	Sealed   bool                `json:"sealed,omitempty"`    // for who keeps the map only
	Stamp    `json:"-"`
}

// The kinds of gates: a node works while each of its gates is open.
const (
	AllOf   = "all"   // every input is needed
	AnyOf   = "any"   // one input is enough
	SomeOf  = "some"  // K inputs are enough
	ShareOf = "share" // inputs with a threshold's share are enough
)

// GateKinds are the kinds of gates.
var GateKinds = []string{AllOf, AnyOf, SomeOf, ShareOf}

// Gate joins what a node needs.
type Gate struct {
	ID     string  `json:"id"`
	NodeID string  `json:"node"`
	Kind   string  `json:"kind"`
	K      int     `json:"k,omitempty"`         // SomeOf: how many inputs are enough
	Floor  float64 `json:"threshold,omitempty"` // ShareOf: how much of the inputs is enough
	Inputs []Input `json:"inputs"`
	Source string  `json:"source,omitempty"`
	Stamp  `json:"-"`
}

// Input is a node that a gate needs.
type Input struct {
	NodeID string  `json:"node"`
	Share  float64 `json:"share,omitempty"` // ShareOf: what it contributes, from 0 to 1
}

// Provider is who supplies: a firm, or one plant of it.
type Provider struct {
	ID             string    `json:"id"`
	Name           lang.Text `json:"name"`
	Country        string    `json:"country,omitempty"` // ISO 3166 alpha-2; "" unknown
	Owner          string    `json:"owner,omitempty"`   // who owns it in the end; "" itself
	Site           string    `json:"site,omitempty"`    // "" unknown
	OrganisationID string    `json:"organisation,omitempty"`
	Stamp          `json:"-"`
}

// Share is how much of a node comes from a provider. Low and High bound the share, both
// from 0 to 1. Nil is unknown: a provider of whom nobody knows how much it supplies.
type Share struct {
	NodeID     string   `json:"node"`
	ProviderID string   `json:"provider"`
	Low        *float64 `json:"low,omitempty"`
	High       *float64 `json:"high,omitempty"`
	Year       int      `json:"year"`
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
	Stamp      `json:"-"`
}

// least is what is certain of a share.
func (s Share) least() float64 {
	if s.Low == nil {
		return 0
	}
	return *s.Low
}

// Graph is what a map says at one time, each list in the order of its keys.
type Graph struct {
	Nodes     []Node
	Gates     []Gate
	Providers []Provider
	Shares    []Share
	Scenarios []Scenario
	Options   []Option
	Tracks    []Track

	answers *answers // nil where none are kept
}

// Ref names an item of a map.
type Ref struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

func (n Node) ref() Ref     { return Ref{KindNode, n.ID} }
func (g Gate) ref() Ref     { return Ref{KindGate, g.ID} }
func (p Provider) ref() Ref { return Ref{KindProvider, p.ID} }
func (s Share) ref() Ref    { return ShareRef(s.NodeID, s.ProviderID) }

// ShareRef names what a provider supplies of a node: there is one share of each pair.
func ShareRef(node, provider string) Ref { return Ref{KindShare, node + "|" + provider} }

// Node is the node with a key.
func (g *Graph) Node(id string) (Node, bool) {
	return find(g.Nodes, id)
}

// Gate is the gate with a key.
func (g *Graph) Gate(id string) (Gate, bool) {
	return find(g.Gates, id)
}

// Provider is the provider with a key.
func (g *Graph) Provider(id string) (Provider, bool) {
	return find(g.Providers, id)
}

// Share is what a provider supplies of a node.
func (g *Graph) Share(node, provider string) (Share, bool) {
	return find(g.Shares, ShareRef(node, provider).ID)
}

// part is any item of a graph. Each kind has a list in the order of its keys.
type part interface {
	ref() Ref
	version() int64
}

// stamped is a pointer to an item.
type stamped[T any] interface {
	*T
	stamp(Stamp)
}

func search[T part](list []T, id string) (int, bool) {
	return slices.BinarySearchFunc(list, id, func(x T, id string) int { return cmp.Compare(x.ref().ID, id) })
}

func find[T part](list []T, id string) (x T, ok bool) {
	i, ok := search(list, id)
	if ok {
		x = list[i]
	}
	return x, ok
}

// versionOf is the version of the item with a key; false where there is none.
func versionOf[T part](list []T, id string) (int64, bool) {
	x, ok := find(list, id)
	return x.version(), ok
}

// Named lists the nodes that have a text in their name or one of their other names, in any
// language; capitals are as small letters. None for an empty text.
func (g *Graph) Named(text string) (list []Node) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return nil
	}
	has := func(name string) bool { return strings.Contains(strings.ToLower(name), text) }
	for _, n := range g.Nodes {
		found := slices.ContainsFunc(slices.Collect(maps.Values(n.Title.By)), has)
		for _, names := range n.Aliases {
			found = found || slices.ContainsFunc(names, has)
		}
		if found {
			list = append(list, n)
		}
	}
	return list
}

// GatesOf lists the gates of a node.
func (g *Graph) GatesOf(node string) (list []Gate) {
	for _, x := range g.Gates {
		if x.NodeID == node {
			list = append(list, x)
		}
	}
	return list
}

// sharesAt are the shares of a node, in the order of their keys: they stand together.
func (g *Graph) sharesAt(node string) []Share {
	from, _ := search(g.Shares, ShareRef(node, "").ID)
	to := from
	for to < len(g.Shares) && g.Shares[to].NodeID == node {
		to++
	}
	return g.Shares[from:to]
}

// SharesOf lists who supplies a node, the largest certain share first.
func (g *Graph) SharesOf(node string) []Share {
	list := slices.Clone(g.sharesAt(node))
	slices.SortStableFunc(list, func(a, b Share) int { return cmp.Compare(b.least(), a.least()) })
	return list
}

// UsersOf lists the nodes that need a node.
func (g *Graph) UsersOf(node string) (list []Node) {
	seen := map[string]bool{}
	for _, x := range g.Gates {
		for _, in := range x.Inputs {
			if n, ok := g.Node(x.NodeID); ok && in.NodeID == node && !seen[n.ID] {
				seen[n.ID] = true
				list = append(list, n)
			}
		}
	}
	return list
}

// Bounds are what is certain and what is possible of a quantity, from 0 to 1.
type Bounds struct{ Low, High float64 }

// HomeShare bounds how much of a node is supplied from a country: what is known to be, and
// that with all of the supply of which nobody knows where it comes from.
// False where nobody is known to supply the node.
func (g *Graph) HomeShare(node, home string) (Bounds, bool) {
	known, mine, shares := 0.0, 0.0, g.sharesAt(node)
	for _, s := range shares {
		p, _ := g.Provider(s.ProviderID)
		if p.Country != "" {
			known += s.least()
		}
		if p.Country == home {
			mine += s.least()
		}
	}
	whole := max(known, 1) // rounded shares may add up to more than all
	return Bounds{mine / whole, (mine + whole - known) / whole}, len(shares) > 0
}

// put replaces the item with the same key, or adds it in its place.
func put[T part](list []T, x T) []T {
	i, found := search(list, x.ref().ID)
	if found {
		list[i] = x
		return list
	}
	return slices.Insert(list, i, x)
}

// without is a list without the item with a key.
func without[T part](list []T, id string) []T {
	return slices.DeleteFunc(list, func(x T) bool { return x.ref().ID == id })
}

func (g *Graph) clone() *Graph {
	c := &Graph{Nodes: slices.Clone(g.Nodes), Gates: slices.Clone(g.Gates), Providers: slices.Clone(g.Providers), Shares: slices.Clone(g.Shares),
		Scenarios: slices.Clone(g.Scenarios), Options: slices.Clone(g.Options), Tracks: slices.Clone(g.Tracks)}
	for i := range c.Gates {
		c.Gates[i].Inputs = slices.Clone(c.Gates[i].Inputs)
	}
	for i := range c.Nodes {
		c.Nodes[i].Aliases = maps.Clone(c.Nodes[i].Aliases)
	}
	for i := range c.Options {
		c.Options[i].Nodes = slices.Clone(c.Options[i].Nodes)
	}
	for i := range c.Scenarios {
		c.Scenarios[i].Chances = maps.Clone(c.Scenarios[i].Chances)
	}
	return c
}

func (g *Graph) putNode(n Node)         { g.Nodes = put(g.Nodes, n) }
func (g *Graph) putGate(x Gate)         { g.Gates = put(g.Gates, x) }
func (g *Graph) putProvider(p Provider) { g.Providers = put(g.Providers, p) }
func (g *Graph) putShare(s Share)       { g.Shares = put(g.Shares, s) }
func (g *Graph) putScenario(s Scenario) { g.Scenarios = put(g.Scenarios, s) }
func (g *Graph) putOption(o Option)     { g.Options = put(g.Options, o) }
func (g *Graph) putTrack(k Track)       { g.Tracks = put(g.Tracks, k) }

// remove takes an item away, with what makes no sense without it.
func (g *Graph) remove(r Ref) {
	switch r.Kind {
	case KindNode:
		g.Nodes = without(g.Nodes, r.ID)
		g.Gates = slices.DeleteFunc(g.Gates, func(x Gate) bool { return x.NodeID == r.ID })
		g.Shares = slices.DeleteFunc(g.Shares, func(s Share) bool { return s.NodeID == r.ID })
		g.Tracks = slices.DeleteFunc(g.Tracks, func(k Track) bool { return k.NodeID == r.ID })
		g.detach(r.ID)
	case KindGate:
		g.Gates = without(g.Gates, r.ID)
	case KindProvider:
		g.Providers = without(g.Providers, r.ID)
		g.Shares = slices.DeleteFunc(g.Shares, func(s Share) bool { return s.ProviderID == r.ID })
	case KindShare:
		g.Shares = without(g.Shares, r.ID)
	case KindTrack:
		g.Tracks = without(g.Tracks, r.ID)
	case KindScenario:
		g.Scenarios = without(g.Scenarios, r.ID)
	case KindOption:
		g.Options = without(g.Options, r.ID)
	}
}

// detach takes a node out of the gates and options that name it. What names nothing then goes,
// and no gate asks for more inputs than it has.
func (g *Graph) detach(node string) {
	for i := range g.Options {
		o := &g.Options[i]
		o.Nodes = slices.DeleteFunc(o.Nodes, func(id string) bool { return id == node })
	}
	g.Options = slices.DeleteFunc(g.Options, func(o Option) bool { return len(o.Nodes) == 0 })
	for i := range g.Gates {
		x := &g.Gates[i]
		x.Inputs = slices.DeleteFunc(x.Inputs, func(in Input) bool { return in.NodeID == node })
		x.K = min(x.K, len(x.Inputs))
	}
	g.Gates = slices.DeleteFunc(g.Gates, func(x Gate) bool { return len(x.Inputs) == 0 })
}

// redacted is the graph as if its sealed nodes, but for some, had never been drawn. Providers
// that supply nothing else are left out too, and with them those that supply nothing at all:
// else one would vanish when it begins to supply what is sealed.
func (g *Graph) redacted(but map[string]bool) *Graph {
	c := g.clone()
	for _, n := range g.Nodes {
		if n.Sealed && !but[n.ID] {
			c.remove(n.ref())
		}
	}
	supplies := map[string]bool{}
	for _, s := range c.Shares {
		supplies[s.ProviderID] = true
	}
	c.Providers = slices.DeleteFunc(c.Providers, func(p Provider) bool { return !supplies[p.ID] })
	c.redactPlans(g)
	c.unstamp()
	return c
}

// unstamp takes away who wrote what and when.
func (g *Graph) unstamp() {
	unstamp(g.Nodes)
	unstamp(g.Gates)
	unstamp(g.Providers)
	unstamp(g.Shares)
	unstamp(g.Scenarios)
	unstamp(g.Options)
	unstamp(g.Tracks)
}

func unstamp[T any, P stamped[T]](list []T) {
	for i := range list {
		P(&list[i]).stamp(Stamp{})
	}
}

// sort puts each list in the order of its keys.
func (g *Graph) sort() {
	slices.SortFunc(g.Nodes, byKey)
	slices.SortFunc(g.Gates, byKey)
	slices.SortFunc(g.Providers, byKey)
	slices.SortFunc(g.Shares, byKey)
	slices.SortFunc(g.Scenarios, byKey)
	slices.SortFunc(g.Options, byKey)
	slices.SortFunc(g.Tracks, byKey)
}

func byKey[T part](a, b T) int { return cmp.Compare(a.ref().ID, b.ref().ID) }

// Around is the part of the graph within some steps of a node, against and along the links.
func (g *Graph) Around(node string, steps int) *Graph {
	near := map[string]bool{node: true}
	for range steps {
		next := maps.Clone(near)
		for _, x := range g.Gates {
			for _, in := range x.Inputs {
				if near[x.NodeID] {
					next[in.NodeID] = true
				}
				if near[in.NodeID] {
					next[x.NodeID] = true
				}
			}
		}
		near = next
	}
	c := g.clone()
	for _, n := range g.Nodes {
		if !near[n.ID] {
			c.remove(n.ref())
		}
	}
	return c
}
