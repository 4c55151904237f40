package techmap

import (
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Change is one change of a map: exactly one of what is not the version is set.
// Version is that of the item that the writer saw, 0 for a new one.
type Change struct {
	Node     *Node     `json:"node,omitempty"`
	Gate     *Gate     `json:"gate,omitempty"`
	Provider *Provider `json:"provider,omitempty"`
	Share    *Share    `json:"share,omitempty"`
	Scenario *Scenario `json:"scenario,omitempty"`
	Option   *Option   `json:"option,omitempty"`
	Track    *Track    `json:"track,omitempty"`
	Remove   *Ref      `json:"remove,omitempty"`
	Version  int64     `json:"version,omitempty"`
}

// What a map holds at most: enough for a country's largest sector, little enough to be read whole.
const (
	mostNodes  = 2000
	mostShares = 20000
	mostText   = 4000 // characters of a text
	mostTitle  = 200
)

// ref names what the change is about.
func (c Change) ref() (Ref, error) {
	var list []Ref
	for _, x := range c.items() {
		list = append(list, x.ref())
	}
	if c.Remove != nil {
		list = append(list, *c.Remove)
	}
	if len(list) != 1 {
		return Ref{}, fault.New(fault.Invalid, "techmap.change.one")
	}
	return list[0], nil
}

// items are the items that the change writes: one, where the change is well made and removes nothing.
func (c Change) items() []part {
	return slices.Concat(given(c.Node), given(c.Gate), given(c.Provider), given(c.Share), given(c.Scenario), given(c.Option), given(c.Track))
}

func given[T part](x *T) []part {
	if x == nil {
		return nil
	}
	return []part{*x}
}

// apply makes the change. Errors: Invalid with every field at fault; Conflict where
// the item is at another version; NotFound where it is gone.
func (g *Graph) apply(c Change) error {
	r, err := c.ref()
	if err != nil {
		return err
	}
	now, exists := g.Version(r)
	if err := c.fits(r, now, exists); err != nil {
		return err
	}
	return g.put(r, c)
}

// fits refuses a change of an item that is not at the version that the writer saw.
func (c Change) fits(r Ref, now int64, exists bool) error {
	switch {
	case exists && c.Version == 0 && c.Remove == nil:
		return fault.Field("id", "techmap.key.taken", r.ID)
	case exists && c.Version != now:
		return fault.New(fault.Conflict, "fault.stale")
	case !exists && (c.Version != 0 || c.Remove != nil):
		return fault.Missing()
	}
	return nil
}

// put makes a change whatever the version.
func (g *Graph) put(r Ref, c Change) (err error) {
	switch {
	case c.Node != nil:
		err = admit(&g.Nodes, *c.Node, c.Node.check())
	case c.Gate != nil:
		err = admit(&g.Gates, *c.Gate, c.Gate.check(g))
	case c.Provider != nil:
		err = admit(&g.Providers, *c.Provider, c.Provider.check())
	case c.Share != nil:
		err = admit(&g.Shares, *c.Share, c.Share.check(g))
	case c.Scenario != nil:
		err = admit(&g.Scenarios, *c.Scenario, c.Scenario.check())
	case c.Option != nil:
		err = admit(&g.Options, *c.Option, c.Option.check(g))
	case c.Track != nil:
		err = admit(&g.Tracks, *c.Track, c.Track.check(g))
	default:
		g.remove(r)
	}
	if err == nil && (len(g.Nodes) > mostNodes || len(g.Shares) > mostShares) {
		err = fault.New(fault.Invalid, "techmap.most", mostNodes, mostShares)
	}
	return err
}

// admit puts an item into its list, but not one with a fault.
func admit[T part](list *[]T, x T, flaw error) error {
	if flaw == nil {
		*list = put(*list, x)
	}
	return flaw
}

// with is the graph after changes, in their order. Errors: as of apply, for the first that cannot be made.
func (g *Graph) with(changes []Change) (*Graph, error) {
	after := g.clone()
	for _, c := range changes {
		if err := after.apply(c); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// Version is that of an item, which a change of it names; false where there is none.
func (g *Graph) Version(r Ref) (int64, bool) {
	switch r.Kind {
	case KindNode:
		return versionOf(g.Nodes, r.ID)
	case KindGate:
		return versionOf(g.Gates, r.ID)
	case KindProvider:
		return versionOf(g.Providers, r.ID)
	case KindShare:
		return versionOf(g.Shares, r.ID)
	case KindScenario:
		return versionOf(g.Scenarios, r.ID)
	case KindOption:
		return versionOf(g.Options, r.ID)
	case KindTrack:
		return versionOf(g.Tracks, r.ID)
	}
	return 0, false
}

func (n *Node) check() error {
	return fault.Join(key(n.ID), oneOf("kind", n.Kind, NodeKinds), filled("title", n.Title), short("title", n.Title, mostTitle), short("summary", n.Summary, mostText),
		ratio("threshold", n.Floor, n.Floor == 0), level("readiness", n.Ready))
}

// MostReady is the highest technology readiness level.
const MostReady = 9

func level(field string, n int) *fault.Error {
	if n >= 0 && n <= MostReady {
		return nil
	}
	return fault.Field(field, "techmap.readiness.range", MostReady)
}

func (x *Gate) check(g *Graph) error {
	var faults []*fault.Error
	if _, ok := g.Node(x.NodeID); !ok {
		faults = append(faults, fault.Field("node", "fault.choice"))
	}
	if len(x.Inputs) == 0 {
		faults = append(faults, fault.Field("inputs", "techmap.gate.empty"))
	}
	seen := map[string]bool{}
	for _, in := range x.Inputs {
		if _, ok := g.Node(in.NodeID); !ok || seen[in.NodeID] || in.NodeID == x.NodeID {
			faults = append(faults, fault.Field("inputs", "techmap.gate.input", g.title(in.NodeID)))
		}
		seen[in.NodeID] = true
		if ratio("inputs", in.Share, x.Kind != ShareOf) != nil {
			faults = append(faults, fault.Field("inputs", "techmap.gate.share.range", g.title(in.NodeID)))
		}
	}
	if x.Kind == SomeOf && (x.K < 1 || x.K > len(x.Inputs)) {
		faults = append(faults, fault.Field("k", "techmap.gate.k", len(x.Inputs)))
	}
	faults = append(faults, key(x.ID), oneOf("kind", x.Kind, GateKinds), ratio("threshold", x.Floor, x.Kind != ShareOf))
	return fault.Join(faults...)
}

// title is how a message names a node: by its key where the graph has none of that key.
func (g *Graph) title(node string) lang.Text {
	if n, ok := g.Node(node); ok {
		return n.Title
	}
	return lang.In1(string(lang.English), node)
}

func (p *Provider) check() error {
	return fault.Join(key(p.ID), filled("name", p.Name), short("name", p.Name, mostTitle), Country("country", p.Country, true), length("owner", p.Owner, 200), length("site", p.Site, 200))
}

func (s *Share) check(g *Graph) error {
	var faults []*fault.Error
	if _, ok := g.Node(s.NodeID); !ok {
		faults = append(faults, fault.Field("node", "fault.choice"))
	}
	if _, ok := g.Provider(s.ProviderID); !ok {
		faults = append(faults, fault.Field("provider", "fault.choice"))
	}
	for _, v := range []*float64{s.Low, s.High} {
		if v != nil && !(*v >= 0 && *v <= 1) {
			faults = append(faults, fault.Field("low", "techmap.share.range"))
		}
	}
	if s.High != nil && s.least() > *s.High {
		faults = append(faults, fault.Field("high", "techmap.share.order"))
	}
	if s.Year < 1900 || s.Year > 2200 {
		faults = append(faults, fault.Field("year", "techmap.share.year"))
	}
	if strings.TrimSpace(s.Source) == "" {
		faults = append(faults, fault.Field("source", "techmap.share.source"))
	}
	faults = append(faults, oneOf("confidence", s.Confidence, Confidences), length("source", s.Source, 500))
	return fault.Join(faults...)
}

// ratio is a share over 0 up to 1, which may be left out where optional holds.
func ratio(field string, v float64, optional bool) *fault.Error {
	if optional && v == 0 || v > 0 && v <= 1 {
		return nil
	}
	return fault.Field(field, "techmap.ratio")
}

// Country checks a country's code, two capital letters.
func Country(field, code string, optional bool) *fault.Error {
	if optional && code == "" || len(code) == 2 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return nil
	}
	return fault.Field(field, "techmap.country")
}

// keySigns are the signs of a key: it stands in addresses and in files.
const keySigns = "abcdefghijklmnopqrstuvwxyz0123456789-"

// mostKey is how many signs a key has at most.
const mostKey = 60

func key(id string) *fault.Error {
	if id != "" && len(id) <= mostKey && strings.Trim(id, keySigns) == "" {
		return nil
	}
	return fault.Field("id", "techmap.key")
}

// Key makes a key of a title, one that taken does not have.
func Key(title lang.Text, letter string, taken func(string) bool) string {
	base := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r > 127:
			return -1
		}
		return '-'
	}, strings.ToLower(title.In(lang.English)))
	words := strings.FieldsFunc(base, func(r rune) bool { return r == '-' })
	base = strings.Join(words[:min(len(words), 5)], "-")
	base = strings.Trim(base[:min(len(base), 40)], "-")
	if base == "" {
		base = letter
	}
	id := base
	for n := 2; taken(id); n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	return id
}

func filled(field string, t lang.Text) *fault.Error {
	if t.Empty() {
		return fault.Field(field, "fault.required")
	}
	return nil
}

func short(field string, t lang.Text, most int) *fault.Error {
	for _, s := range t.By {
		if f := length(field, s, most); f != nil {
			return f
		}
	}
	return nil
}

func length(field, s string, most int) *fault.Error {
	if over := len([]rune(s)) - most; over > 0 {
		return fault.Field(field, "fault.long", over)
	}
	return nil
}

func oneOf(field, v string, list []string) *fault.Error {
	if slices.Contains(list, v) {
		return nil
	}
	return fault.Field(field, "fault.choice")
}

// Difference is an item that differs between two graphs. Before is empty for a new item,
// After for one that is gone; both are the item's JSON.
type Difference struct {
	Ref
	Before, After string
	version       int64 // of what was before
}

// item is any part of a graph, as it is kept.
type item struct {
	Ref
	body    string
	version int64
}

// items is the graph as it is kept, each kind in the order of its keys.
func (g *Graph) items() []item {
	return slices.Concat(kept(g.Nodes), kept(g.Gates), kept(g.Providers), kept(g.Shares), kept(g.Scenarios), kept(g.Options), kept(g.Tracks))
}

func kept[T part](list []T) []item {
	out := make([]item, len(list))
	for i, x := range list {
		out[i] = item{x.ref(), db.JSON(x), x.version()}
	}
	return out
}

// bodies is the JSON of each item.
func (g *Graph) bodies() map[Ref]string {
	out := map[Ref]string{}
	for _, x := range g.items() {
		out[x.Ref] = x.body
	}
	return out
}

// Differences lists what changed from one graph to another: what is new or different in the
// order of the later graph, then what is gone in the order of the earlier.
func Differences(from, to *Graph) (list []Difference) {
	before, after := map[Ref]item{}, map[Ref]bool{}
	for _, x := range from.items() {
		before[x.Ref] = x
	}
	for _, x := range to.items() {
		after[x.Ref] = true
		if was := before[x.Ref]; was.body != x.body {
			list = append(list, Difference{x.Ref, was.body, x.body, was.version})
		}
	}
	for _, x := range from.items() {
		if !after[x.Ref] {
			list = append(list, Difference{x.Ref, x.body, "", x.version})
		}
	}
	return list
}
