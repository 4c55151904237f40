package techmap

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// suggesting is what every form of a suggestion at a node holds.
type suggesting struct {
	view    techmap.View
	node    techmap.Node
	from    techmap.Trace // the award or result that it comes from; without key for none
	reason  string
	refusal shell.Refusal
}

// suggestForm is what somebody suggests to change at a node, as its form writes it.
type suggestForm struct {
	suggesting
	provider string
	added    techmap.Provider // one that is not on the map yet; without name for none
	low      string
	high     string
	year     string
	source   string
	trust    string
	ready    string
}

// gateSuggestion is what somebody suggests that a node needs, as its form writes it.
type gateSuggestion struct {
	suggesting
	gateFields
	added techmap.Node // one that is not on the map yet; without name for none
	part  string       // its share, as typed
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

// asked is what the address of a form of a suggestion names: "from" is the record that it comes from.
func (p *Pages) asked(r *http.Request, from string) (s suggesting, err error) {
	if s.view, s.node, err = p.visible(r); err != nil {
		return s, err
	}
	s.from, err = p.Maps.Source(r.Context(), shell.Actor(r), sourceOf(from))
	return s, err
}

// AskSuggest is GET /maps/{id}/nodes/{node}/suggest?from=award:…: the form of a suggestion of a level or a share.
func (p *Pages) AskSuggest(w http.ResponseWriter, r *http.Request) error {
	s, err := p.asked(r, r.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, suggestPage(suggestForm{suggesting: s, trust: "medium", ready: whole(s.node.Ready)}))
}

// AskSuggestGate is GET /maps/{id}/nodes/{node}/suggest/{gate}?from=…: the form of a suggestion of what a node
// needs, and how that joins; "new" is a new gate.
func (p *Pages) AskSuggestGate(w http.ResponseWriter, r *http.Request) error {
	s, err := p.asked(r, r.URL.Query().Get("from"))
	if err != nil {
		return err
	}
	x, ok := gateAt(s.view.Graph, s.node, r.PathValue("gate"))
	if !ok {
		return fault.Missing()
	}
	return shell.Render(w, r, http.StatusOK, suggestGatePage(gateSuggestion{suggesting: s, gateFields: x, added: techmap.Node{Kind: "component", Supplied: true}}))
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

// suggested is the form that was sent, and what its address and it name.
func (p *Pages) suggested(w http.ResponseWriter, r *http.Request) (s suggesting, f *shell.Form, err error) {
	if f, err = shell.Parse(w, r); err != nil {
		return s, nil, err
	}
	s, err = p.asked(r, f.Text("from"))
	s.reason = f.Text("reason")
	return s, f, err
}

// Suggest is POST /maps/{id}/nodes/{node}/suggest: what was filled in is suggested.
func (p *Pages) Suggest(w http.ResponseWriter, r *http.Request) error {
	s, f, err := p.suggested(w, r)
	if err != nil {
		return err
	}
	d := suggestForm{suggesting: s, provider: f.Text("provider"), added: addedProvider(f, s.view.Graph), low: f.Text("low"), high: f.Text("high"), year: f.Text("year"), source: f.Text("source"),
		trust: f.Text("confidence"), ready: f.Text("readiness")}
	changes := d.changes(f)
	if d.provider != "" && !d.added.Name.Empty() {
		f.Refuse("provider", "techmap.suggest.both")
	}
	return p.suggest(w, r, s, f, changes, func(refusal shell.Refusal) templ.Component {
		d.refusal = refusal
		return suggestPage(d)
	})
}

// SuggestGate is POST /maps/{id}/nodes/{node}/suggest/{gate}: a gate, perhaps with an input that is not on the map yet.
func (p *Pages) SuggestGate(w http.ResponseWriter, r *http.Request) error {
	s, f, err := p.suggested(w, r)
	if err != nil {
		return err
	}
	x, ok := gateAt(s.view.Graph, s.node, r.PathValue("gate"))
	if !ok {
		return fault.Missing()
	}
	d := gateSuggestion{suggesting: s, gateFields: x.read(f), added: addedNode(f, s.view.Graph), part: f.Text("part")}
	return p.suggest(w, r, s, f, d.changes(), func(refusal shell.Refusal) templ.Component {
		d.refusal = refusal
		return suggestGatePage(d)
	})
}

// suggest suggests changes with the reason that was given; again draws the form anew where they are refused.
func (p *Pages) suggest(w http.ResponseWriter, r *http.Request, s suggesting, f *shell.Form, changes []techmap.Change, again func(shell.Refusal) templ.Component) error {
	err := f.Err()
	if err == nil {
		_, err = p.Maps.Suggest(r.Context(), shell.Actor(r), s.view.ID, techmap.SuggestionInput{Changes: changes, Reason: s.reason, From: sourceOf(sourceWord(s.from))})
	}
	if refusal, ok := shell.Refused(err); ok {
		return shell.Render(w, r, http.StatusUnprocessableEntity, again(refusal))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+s.view.ID+"/suggestions", "techmap.done.suggested")
}

// addedProvider is who the form says is not on the map yet.
func addedProvider(f *shell.Form, g *techmap.Graph) techmap.Provider {
	p := techmap.Provider{Name: f.Texts("name"), Country: strings.ToUpper(f.Text("country")), Owner: f.Text("owner"), Site: f.Text("site")}
	p.ID = providerKey(g, p.Name)
	return p
}

// addedNode is what the form says is not on the map yet.
func addedNode(f *shell.Form, g *techmap.Graph) techmap.Node {
	n := techmap.Node{Title: f.Texts("title"), Kind: f.Text("node_kind"), Supplied: f.On("supplied")}
	n.ID = nodeKey(g, n.Title)
	return n
}

// changes are what the form asks for: a readiness level, a share, perhaps with who supplies it.
func (d suggestForm) changes(f *shell.Form) (list []techmap.Change) {
	if ready := int(f.Int("readiness")); d.ready != "" {
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
	return list
}

// changes are the gate, and before it the node that it names first.
func (d gateSuggestion) changes() (list []techmap.Change) {
	x := d.gate
	if !d.added.Title.Empty() {
		list = append(list, techmap.Change{Node: &d.added})
		d.join(&x, d.added.ID, d.part)
	}
	return append(list, techmap.Change{Gate: &x})
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

// readyWords says how ready home is.
func readyWords(ctx context.Context, level int) string {
	if level == 0 {
		return shell.T(ctx, "techmap.readiness.unknown")
	}
	return shell.T(ctx, "techmap.readiness.is", level, techmap.MostReady)
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

// suggestHref is the form of a suggestion at a node: of a gate by its key, else of a level and a share. A record
// that it comes from is named along.
func suggestHref(mapID, node, gate string, from techmap.Trace) string {
	href := "/maps/" + mapID + "/nodes/" + node + "/suggest"
	if gate != "" {
		href += "/" + gate
	}
	if from.ID != "" {
		href += "?from=" + url.QueryEscape(sourceWord(from))
	}
	return href
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
