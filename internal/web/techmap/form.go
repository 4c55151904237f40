package techmap

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// fresh is the key in an address of what is not there yet.
const fresh = "new"

// mapForm is what the form of a map holds.
type mapForm struct {
	view     techmap.View // empty for a new one
	in       techmap.MapInput
	percent  string
	version  int64
	refusal  shell.Refusal
	agencies []shell.Option
}

// New is GET /maps/new.
func (p *Pages) New(w http.ResponseWriter, r *http.Request) error {
	return p.mapForm(w, r, http.StatusOK, mapForm{percent: "50", in: techmap.MapInput{State: techmap.Draft}})
}

func (p *Pages) mapForm(w http.ResponseWriter, r *http.Request, status int, f mapForm) (err error) {
	if f.agencies, err = p.own(r); err != nil {
		return err
	}
	if len(f.agencies) == 0 {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, status, mapFormPage(f))
}

// Edit is GET /maps/{id}/edit.
func (p *Pages) Edit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	return p.mapForm(w, r, http.StatusOK, mapForm{view: v, version: v.Version, percent: typedPercent(v.Threshold),
		in: techmap.MapInput{Title: v.Title, Summary: v.Summary, Home: v.Home, Goal: v.Goal, Threshold: v.Threshold, State: v.State}})
}

// Create is POST /maps.
func (p *Pages) Create(w http.ResponseWriter, r *http.Request) error {
	return p.saveMap(w, r, techmap.View{}, func(f mapForm) (techmap.Map, error) {
		return p.Maps.Create(r.Context(), shell.Actor(r), f.in)
	})
}

// Update is POST /maps/{id}/edit.
func (p *Pages) Update(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	return p.saveMap(w, r, v, func(f mapForm) (techmap.Map, error) {
		return p.Maps.Update(r.Context(), shell.Actor(r), v.ID, f.version, f.in)
	})
}

func (p *Pages) saveMap(w http.ResponseWriter, r *http.Request, v techmap.View, do func(mapForm) (techmap.Map, error)) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := mapForm{view: v, version: f.Int("version"), percent: f.Text("threshold"), in: techmap.MapInput{AgencyID: f.Text("agency"), Title: f.Texts("title"), Summary: f.Texts("summary"),
		Home: strings.ToUpper(f.Text("home")), Goal: f.Text("goal"), Threshold: percentOf(f.Text("threshold")), State: f.Text("state")}}
	var saved techmap.Map
	if err = f.Err(); err == nil {
		saved, err = do(d)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.mapForm(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+saved.ID, "techmap.done.saved")
}

// change makes one change of the map of the address, and goes on to a page of it; a
// refused one is drawn again by again.
func (p *Pages) change(w http.ResponseWriter, r *http.Request, v techmap.View, f *shell.Form, to string, again func(shell.Refusal) error, changes ...techmap.Change) error {
	err := f.Err()
	if err == nil {
		err = p.Maps.Change(r.Context(), shell.Actor(r), v.ID, changes...)
	}
	if refusal, ok := shell.Refused(err); ok {
		return again(refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+v.ID+to, "techmap.done.changed")
}

// nodeForm is what the form of a node holds.
type nodeForm struct {
	view    techmap.View
	node    techmap.Node
	isNew   bool
	needs   string // the node that needs a new one, "" for none
	percent string
	refusal shell.Refusal
}

// NewNode is GET /maps/{id}/nodes/new?for=…: a node, at once needed by another.
func (p *Pages) NewNode(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, nodeFormPage(nodeForm{view: v, isNew: true, needs: r.URL.Query().Get("for"), node: techmap.Node{Kind: "component", Supplied: true}}))
}

// EditNode is GET /maps/{id}/nodes/{node}/edit.
func (p *Pages) EditNode(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	n, ok := v.Graph.Node(r.PathValue("node"))
	if !ok {
		return fault.Missing()
	}
	return shell.Render(w, r, http.StatusOK, nodeFormPage(nodeForm{view: v, node: n, percent: typedPercent(n.Floor)}))
}

// SaveNode is POST /maps/{id}/nodes and POST /maps/{id}/nodes/{node}/edit.
func (p *Pages) SaveNode(w http.ResponseWriter, r *http.Request) error {
	v, f, err := p.sent(w, r)
	if err != nil {
		return err
	}
	d := nodeForm{view: v, isNew: r.PathValue("node") == "", needs: f.Text("for"), percent: f.Text("threshold")}
	d.node = techmap.Node{ID: r.PathValue("node"), Kind: f.Text("kind"), Title: f.Texts("title"), Summary: f.Texts("summary"), Supplied: f.On("supplied"), Sealed: f.On("sealed"),
		Floor: percentOf(d.percent), Ready: int(f.Int("readiness")), Aliases: aliases(f), Stamp: techmap.Stamp{Version: f.Int("version")}}
	if d.isNew {
		d.node.ID = nodeKey(v.Graph, d.node.Title)
	}
	changes := []techmap.Change{{Node: &d.node, Version: d.node.Version}}
	if d.isNew && d.needs != "" {
		changes = append(changes, neededBy(v.Graph, d.node.ID, d.needs))
	}
	return p.change(w, r, v, f, "/nodes/"+d.node.ID, func(refusal shell.Refusal) error {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, nodeFormPage(d))
	}, changes...)
}

// nodeKey is the key of a new node.
func nodeKey(g *techmap.Graph, title lang.Text) string {
	return techmap.Key(title, "node", func(id string) bool { _, ok := g.Node(id); return ok || id == fresh })
}

// neededBy makes a node an input of what needs everything of its first gate, or of a new one.
func neededBy(g *techmap.Graph, node, user string) techmap.Change {
	for _, x := range g.GatesOf(user) {
		if x.Kind == techmap.AllOf {
			x.Inputs = append(slices.Clone(x.Inputs), techmap.Input{NodeID: node})
			return techmap.Change{Gate: &x, Version: x.Version}
		}
	}
	return techmap.Change{Gate: &techmap.Gate{ID: gateKey(g, user), NodeID: user, Kind: techmap.AllOf, Inputs: []techmap.Input{{NodeID: node}}}}
}

// aliases reads one name a line, by language.
func aliases(f *shell.Form) map[string][]string {
	list := map[string][]string{}
	for name := range f.Values {
		tag, ok := strings.CutPrefix(name, "aliases_")
		if !ok {
			continue
		}
		for _, line := range strings.Split(f.Get(name), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				list[tag] = append(list[tag], line)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// sent is the map of the address for who may write it, and the form that was sent.
func (p *Pages) sent(w http.ResponseWriter, r *http.Request) (techmap.View, *shell.Form, error) {
	v, err := p.writable(r)
	if err != nil {
		return v, nil, err
	}
	f, err := shell.Parse(w, r)
	return v, f, err
}

// sentAt is sent with the node of the address.
func (p *Pages) sentAt(w http.ResponseWriter, r *http.Request) (techmap.View, techmap.Node, *shell.Form, error) {
	v, f, err := p.sent(w, r)
	if err != nil {
		return v, techmap.Node{}, nil, err
	}
	n, ok := v.Graph.Node(r.PathValue("node"))
	if !ok {
		err = fault.Missing()
	}
	return v, n, f, err
}

// shareForm is what the form of a share holds.
type shareForm struct {
	view      techmap.View
	node      techmap.Node
	share     techmap.Share
	low, high string
	year      string
	isNew     bool
	refusal   shell.Refusal
}

// Share is GET /maps/{id}/nodes/{node}/shares/{provider}; "new" is a new one.
func (p *Pages) Share(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	n, ok := v.Graph.Node(r.PathValue("node"))
	s, found := v.Graph.Share(n.ID, r.PathValue("provider"))
	isNew := r.PathValue("provider") == fresh
	if !ok || !isNew && !found {
		return fault.Missing()
	}
	if isNew {
		s = techmap.Share{NodeID: n.ID, Confidence: "medium"}
	}
	f := shareForm{view: v, node: n, share: s, isNew: isNew, low: bound(s.Low), high: bound(s.High)}
	if s.Year > 0 {
		f.year = number(s.Year)
	}
	return shell.Render(w, r, http.StatusOK, shareFormPage(f))
}

// SaveShare is POST /maps/{id}/nodes/{node}/shares/{provider}. One number is both bounds.
func (p *Pages) SaveShare(w http.ResponseWriter, r *http.Request) error {
	v, n, f, err := p.sentAt(w, r)
	if err != nil {
		return err
	}
	d := shareForm{view: v, node: n, isNew: r.PathValue("provider") == fresh, low: f.Text("low"), high: f.Text("high"), year: f.Text("year")}
	d.share = techmap.Share{NodeID: n.ID, ProviderID: r.PathValue("provider"), Low: boundOf(d.low), High: boundOf(d.high), Year: int(f.Int("year")), Source: f.Text("source"),
		Confidence: f.Text("confidence"), Stamp: techmap.Stamp{Version: f.Int("version")}}
	if d.isNew {
		d.share.ProviderID = f.Text("provider")
	}
	if d.share.High == nil {
		d.share.High = d.share.Low
	}
	return p.change(w, r, v, f, "/nodes/"+n.ID, func(refusal shell.Refusal) error {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, shareFormPage(d))
	}, techmap.Change{Share: &d.share, Version: d.share.Version})
}

func bound(v *float64) string {
	if v == nil {
		return ""
	}
	return decimal(*v * 100)
}

func boundOf(s string) *float64 {
	if s == "" {
		return nil
	}
	v := percentOf(s)
	return &v
}

// providerForm is what the form of a provider holds.
type providerForm struct {
	view     techmap.View
	provider techmap.Provider
	isNew    bool
	refusal  shell.Refusal
}

// Provider is GET /maps/{id}/providers/{provider}; "new" is a new one.
func (p *Pages) Provider(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	x, found := v.Graph.Provider(r.PathValue("provider"))
	isNew := r.PathValue("provider") == fresh
	if !isNew && !found {
		return fault.Missing()
	}
	return shell.Render(w, r, http.StatusOK, providerFormPage(providerForm{view: v, provider: x, isNew: isNew}))
}

// providerKey is the key of a new provider.
func providerKey(g *techmap.Graph, name lang.Text) string {
	return techmap.Key(name, "provider", func(id string) bool { _, ok := g.Provider(id); return ok || id == fresh })
}

// SaveProvider is POST /maps/{id}/providers/{provider}.
func (p *Pages) SaveProvider(w http.ResponseWriter, r *http.Request) error {
	v, f, err := p.sent(w, r)
	if err != nil {
		return err
	}
	d := providerForm{view: v, isNew: r.PathValue("provider") == fresh}
	d.provider = techmap.Provider{ID: r.PathValue("provider"), Name: f.Texts("name"), Country: strings.ToUpper(f.Text("country")), Owner: f.Text("owner"), Site: f.Text("site"),
		Stamp: techmap.Stamp{Version: f.Int("version")}}
	if old, ok := v.Graph.Provider(d.provider.ID); ok {
		d.provider.OrganisationID = old.OrganisationID
	}
	if d.isNew {
		d.provider.ID = providerKey(v.Graph, d.provider.Name)
	}
	return p.change(w, r, v, f, "/providers", func(refusal shell.Refusal) error {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, providerFormPage(d))
	}, techmap.Change{Provider: &d.provider, Version: d.provider.Version})
}

// removal is what is asked before an item is removed.
type removal struct {
	view    techmap.View
	ref     techmap.Ref
	version int64
	name    string
	back    string
}

// AskRemove is GET /maps/{id}/remove?kind=…&item=…: what would go with it, before it goes.
func (p *Pages) AskRemove(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	m, ok := removalOf(r.Context(), v, techmap.Ref{Kind: q.Get("kind"), ID: q.Get("item")})
	if !ok {
		return fault.Missing()
	}
	return shell.Render(w, r, http.StatusOK, removePage(m))
}

func removalOf(ctx context.Context, v techmap.View, ref techmap.Ref) (m removal, ok bool) {
	m = removal{view: v, ref: ref, name: itemName(ctx, v.Graph, ref), back: itemHref(v, ref)}
	m.version, ok = v.Graph.Version(ref)
	switch ref.Kind { // the page that asks names the node already, and no figures
	case techmap.KindGate:
		x, _ := v.Graph.Gate(ref.ID)
		m.name = gateWords(ctx, v.Graph, x)
	case techmap.KindShare:
		node, provider, _ := strings.Cut(ref.ID, "|")
		m.name = shareName(ctx, v.Graph, node, provider)
	}
	return m, ok
}

// Remove is POST /maps/{id}/remove.
func (p *Pages) Remove(w http.ResponseWriter, r *http.Request) error {
	v, f, err := p.sent(w, r)
	if err != nil {
		return err
	}
	ref := techmap.Ref{Kind: f.Text("kind"), ID: f.Text("item")}
	m, ok := removalOf(r.Context(), v, ref)
	if !ok {
		return fault.Missing()
	}
	to := strings.TrimPrefix(m.back, "/maps/"+v.ID)
	if ref.Kind == techmap.KindNode {
		to = ""
	}
	err = p.Maps.Change(r.Context(), shell.Actor(r), v.ID, techmap.Change{Remove: &ref, Version: f.Int("version")})
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+v.ID+to, "techmap.done.removed")
}

// mayNew says whether the viewer may begin a map.
func mayNew(a access.Actor) bool { return a.HasAny(access.Officer) || a.HasAny(access.Analyst) }
