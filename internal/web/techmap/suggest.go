package techmap

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// suggestForm is what somebody suggests to change at a node, as its form writes it.
type suggestForm struct {
	view     techmap.View
	node     techmap.Node
	from     techmap.Trace // the award or result that it comes from; without key for none
	provider string
	added    techmap.Provider // one that is not on the map yet; without name for none
	low      string
	high     string
	year     string
	source   string
	trust    string
	ready    string
	gate     string
	join     string
	k        string
	reason   string
	refusal  shell.Refusal
}

// visible is the map of the address with the node of the address, for who is signed in.
func (p *Pages) visible(r *http.Request) (v techmap.View, n techmap.Node, err error) {
	if v, err = p.Maps.Map(r.Context(), shell.Actor(r), r.PathValue("id"), time.Time{}); err != nil {
		return v, n, err
	}
	n, ok := v.Graph.Node(r.PathValue("node"))
	if !ok {
		err = fault.Missing()
	}
	return v, n, err
}

// AskSuggest is GET /maps/{id}/nodes/{node}/suggest?from=award:…: the form of a suggestion.
func (p *Pages) AskSuggest(w http.ResponseWriter, r *http.Request) error {
	v, n, err := p.visible(r)
	if err != nil {
		return err
	}
	from, err := p.Maps.Source(r.Context(), shell.Actor(r), sourceOf(r.URL.Query().Get("from")))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, suggestPage(suggestForm{view: v, node: n, from: from, trust: "medium", ready: whole(n.Ready)}))
}

// sourceOf reads "result:KEY".
func sourceOf(s string) techmap.Ref {
	kind, id, _ := strings.Cut(s, ":")
	return techmap.Ref{Kind: kind, ID: id}
}

// sourceWord is what sourceOf reads, "" for no record.
func sourceWord(t techmap.Trace) string {
	if t.ID == "" {
		return ""
	}
	return t.Kind + ":" + t.ID
}

// Suggest is POST /maps/{id}/nodes/{node}/suggest: what was filled in is suggested.
func (p *Pages) Suggest(w http.ResponseWriter, r *http.Request) error {
	v, n, err := p.visible(r)
	if err != nil {
		return err
	}
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in := techmap.SuggestionInput{From: sourceOf(f.Text("from"))}
	from, err := p.Maps.Source(r.Context(), shell.Actor(r), in.From)
	if err != nil {
		return err
	}
	d := suggestForm{view: v, node: n, from: from, provider: f.Text("provider"), added: addedProvider(f, v.Graph), low: f.Text("low"), high: f.Text("high"), year: f.Text("year"), source: f.Text("source"),
		trust: f.Text("confidence"), ready: f.Text("readiness"), gate: f.Text("gate"), join: f.Text("join"), k: f.Text("k"), reason: f.Text("reason")}
	in.Reason, in.Changes = d.reason, d.changes(f)
	if err = f.Err(); err == nil && d.provider != "" && !d.added.Name.Empty() {
		err = fault.Field("provider", "techmap.suggest.both")
	}
	if err == nil {
		_, err = p.Maps.Suggest(r.Context(), shell.Actor(r), v.ID, in)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, suggestPage(d))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+v.ID+"/suggestions", "techmap.done.suggested")
}

// addedProvider is who the form says is not on the map yet.
func addedProvider(f *shell.Form, g *techmap.Graph) techmap.Provider {
	p := techmap.Provider{Name: f.Texts("name"), Country: strings.ToUpper(f.Text("country")), Owner: f.Text("owner"), Site: f.Text("site")}
	p.ID = providerKey(g, p.Name)
	return p
}

// changes are what the form asks for: a readiness level, a share, perhaps with who supplies it, the kind of a gate.
func (d suggestForm) changes(f *shell.Form) (list []techmap.Change) {
	if ready := int(f.Int("readiness")); d.ready != "" && ready != d.node.Ready {
		n := d.node
		n.Ready = ready
		list = append(list, techmap.Change{Node: &n})
	}
	provider := d.provider
	if !d.added.Name.Empty() {
		provider = d.added.ID
		list = append(list, techmap.Change{Provider: &d.added})
	}
	if provider != "" {
		s := techmap.Share{NodeID: d.node.ID, ProviderID: provider, Low: boundOf(d.low), High: boundOf(d.high), Year: int(f.Int("year")), Source: d.source, Confidence: d.trust}
		if s.High == nil {
			s.High = s.Low
		}
		list = append(list, techmap.Change{Share: &s})
	}
	if x, ok := d.view.Graph.Gate(d.gate); ok && x.NodeID == d.node.ID {
		x.Kind, x.K = d.join, 0
		if x.Kind == techmap.SomeOf {
			x.K = int(f.Int("k"))
		}
		list = append(list, techmap.Change{Gate: &x})
	}
	return list
}

// suggestionSheet is what the page of suggestions shows.
type suggestionSheet struct {
	techmap.View
	list    []techmap.Suggestion
	sources map[techmap.Ref]techmap.Trace // where they come from
	names   map[string]string             // of people, by key
	at      string                        // the suggestion whose answer was refused
	said    string                        // as typed
	shell.Refusal
}

// Suggestions is GET /maps/{id}/suggestions.
func (p *Pages) Suggestions(w http.ResponseWriter, r *http.Request) error {
	return p.suggestions(w, r, http.StatusOK, suggestionSheet{})
}

func (p *Pages) suggestions(w http.ResponseWriter, r *http.Request, status int, s suggestionSheet) (err error) {
	ctx := r.Context()
	if s.View, err = p.Maps.Map(ctx, shell.Actor(r), r.PathValue("id"), time.Time{}); err != nil {
		return err
	}
	if s.list, err = p.Maps.Suggestions(ctx, shell.Actor(r), s.ID); err != nil {
		return err
	}
	if s.sources, err = p.Maps.Sources(ctx, shell.Actor(r), s.list); err != nil {
		return err
	}
	var people []string
	for _, x := range s.list {
		people = append(people, x.Person, x.AnsweredBy)
	}
	if s.names, err = p.Register.Names(ctx, people, nil); err != nil {
		return err
	}
	return shell.Render(w, r, status, suggestionsPage(s))
}

// Answer is POST /maps/{id}/suggestions/{suggestion}/answer: accept, decline or withdraw.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	mapID, id, said := r.PathValue("id"), r.PathValue("suggestion"), f.Text("answer")
	switch f.Text("do") {
	case "accept":
		err = p.Maps.Accept(r.Context(), shell.Actor(r), mapID, id, said)
	case "decline":
		err = p.Maps.Decline(r.Context(), shell.Actor(r), mapID, id, said)
	case "withdraw":
		err = p.Maps.Withdraw(r.Context(), shell.Actor(r), mapID, id)
	default:
		err = fault.Field("do", "fault.choice")
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.suggestions(w, r, http.StatusUnprocessableEntity, suggestionSheet{at: id, said: said, Refusal: refusal})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+mapID+"/suggestions", "techmap.done.answered")
}

// Tasks are the suggestions on which somebody is to decide, one task a map.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	list, maps, err := p.Maps.Waiting(ctx, a)
	var out []shell.Task
	count := map[string]int{}
	for _, x := range list {
		count[x.MapID]++
	}
	for _, x := range list {
		n := count[x.MapID]
		if n == 0 {
			continue
		}
		count[x.MapID] = 0
		out = append(out, shell.Task{Title: shell.T(ctx, "techmap.task", maps[x.MapID].Title), Href: "/maps/" + x.MapID + "/suggestions",
			What: shell.T(ctx, "techmap.task.what", n, shell.Day(ctx, x.At)), Button: shell.T(ctx, "techmap.task.go")})
	}
	return out, err
}

// suggestedWords says one suggested change, whose items are named by a graph.
func suggestedWords(ctx context.Context, g *techmap.Graph, c techmap.Suggested) string {
	name, after := "", ""
	switch {
	case c.Node != nil:
		name, after = shell.Say(ctx, c.Node.Title), readyWords(ctx, c.Node.Ready)
	case c.Share != nil:
		name = shareName(ctx, g, c.Share.NodeID, c.Share.ProviderID)
		after = shell.T(ctx, "techmap.suggested.share", shareWords(ctx, *c.Share), c.Share.Source, strconv.Itoa(c.Share.Year))
	case c.Gate != nil:
		name, after = nodeName(ctx, g, c.Gate.NodeID), gateWords(ctx, g, *c.Gate)
	case c.Provider != nil:
		name, after = shell.Say(ctx, c.Provider.Name), standsWords(ctx, *c.Provider)
	case c.Remove != nil:
		return shell.T(ctx, "techmap.remove.of", itemName(ctx, g, *c.Remove))
	}
	if c.Before == "" {
		return shell.T(ctx, "techmap.suggested.new", name, after)
	}
	return shell.T(ctx, "techmap.suggested.change", name, after)
}

// standsWords says where a provider stands, and whose it is.
func standsWords(ctx context.Context, p techmap.Provider) string {
	words := []string{country(ctx, p.Country)}
	if p.Site != "" {
		words = append(words, p.Site)
	}
	if p.Owner != "" {
		words = append(words, shell.T(ctx, "techmap.owner.is", p.Owner))
	}
	return strings.Join(words, shell.T(ctx, "techmap.comma"))
}

// readyWords says how ready home is.
func readyWords(ctx context.Context, level int) string {
	if level == 0 {
		return shell.T(ctx, "techmap.readiness.unknown")
	}
	return shell.T(ctx, "techmap.readiness.is", level, techmap.MostReady)
}

// gateOptions are the gates of a node, none first.
func gateOptions(ctx context.Context, g *techmap.Graph, node string) []shell.Option {
	list := []shell.Option{{Label: shell.T(ctx, "techmap.none")}}
	for _, x := range g.GatesOf(node) {
		list = append(list, shell.Option{Value: x.ID, Label: gateWords(ctx, g, x)})
	}
	return list
}

// traceHref leads to a record; to a result on the page of its award.
func traceHref(t techmap.Trace) string {
	if t.Kind == "result" {
		return "/awards/" + t.AwardID + "#result-" + t.ID
	}
	return "/" + t.Kind + "s/" + t.ID
}

// sourceWords says from which record something comes.
func sourceWords(ctx context.Context, t techmap.Trace) string {
	return shell.T(ctx, "techmap.source."+t.Kind, t.Title, t.Number)
}

// suggestWords says aloud what a link to that form says, and at which node.
func suggestWords(ctx context.Context, o techmap.Origin, from techmap.Trace) string {
	return shell.T(ctx, "techmap.pair", shell.T(ctx, "techmap.suggest."+from.Kind, from.Title), o.Node.Title)
}

// suggestHref is the form of a suggestion at a node that comes from a record.
func suggestHref(o techmap.Origin, from techmap.Trace) string {
	return "/maps/" + o.Map.ID + "/nodes/" + o.Node.ID + "/suggest?from=" + url.QueryEscape(sourceWord(from))
}

// anyProvider are the providers of a map, none first.
func anyProvider(ctx context.Context, g *techmap.Graph) []shell.Option {
	return append([]shell.Option{{Label: shell.T(ctx, "techmap.none")}}, providerOptions(ctx, g)...)
}

// typedAnswer is what was typed to a suggestion whose answer was refused.
func typedAnswer(s suggestionSheet, x techmap.Suggestion) string {
	if s.at == x.ID {
		return s.said
	}
	return ""
}

func answerError(ctx context.Context, s suggestionSheet, x techmap.Suggestion) string {
	if s.at == x.ID {
		return s.Of(ctx, "answer")
	}
	return ""
}
