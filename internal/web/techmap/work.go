package techmap

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// workSheet is what the page of money and projects shows.
type workSheet struct {
	techmap.View
	underway  techmap.Underway
	answer    *techmap.Answer
	uncovered []techmap.Finding
	twice     []techmap.Node
	frame     frame
	drawing   string
}

// Work is GET /maps/{id}/work: what is under way at each node, gaps and overlaps.
func (p *Pages) Work(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	s := workSheet{View: v}
	if s.underway, err = p.Maps.Underway(r.Context(), shell.Actor(r), v); err != nil {
		return err
	}
	s.twice = s.underway.Twice(v.Graph)
	if v.Goal != "" {
		a, err := v.Ask(r.Context(), techmap.Assumptions{Layer: wishOf(r.URL.Query()).Layer})
		if err != nil {
			return err
		}
		s.answer, s.uncovered = &a, a.Uncovered(s.underway)
	}
	s.frame = wishOf(r.URL.Query()).frame(v)
	d := drawing{view: v, graph: s.frame.of(v.Graph), zoom: s.frame.zoom(), focused: s.frame.node, active: activeCounts(s.underway), covered: s.underway, finds: gaps(s.uncovered)}
	s.drawing = d.svg(r.Context())
	return shell.Render(w, r, http.StatusOK, workPage(s))
}

// gaps are the nodes by whose supply a single point with no active project stops the goal.
func gaps(uncovered []techmap.Finding) map[string]mark {
	at := map[string]mark{}
	for _, f := range uncovered {
		m := possible
		if f.Certain() {
			m = single
		}
		for _, id := range f.Broken {
			at[id] = max(at[id], m)
		}
	}
	return at
}

// questionForm is what the form of a question from a finding holds.
type questionForm struct {
	findingSheet
	in         strategy.QuestionInput
	priorities []*strategy.Node
	refusal    shell.Refusal
	query      string
}

// NewQuestion is GET /maps/{id}/question?layer=…&of=…: the question as the finding suggests it.
func (p *Pages) NewQuestion(w http.ResponseWriter, r *http.Request) error {
	return p.question(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) question(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *strategy.QuestionInput) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	if !v.MayAsk {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	s, err := found(r, v)
	if err != nil {
		return err
	}
	f := questionForm{findingSheet: s, refusal: refusal, query: r.URL.RawQuery}
	if typed != nil {
		f.in = *typed
	} else {
		f.in = suggested(r.Context(), s)
	}
	tree, err := p.Strategy.Tree(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	f.priorities = strategy.Flat(tree)
	return shell.Render(w, r, status, questionFormPage(f))
}

// WriteQuestion is POST /maps/{id}/question?layer=…&of=….
func (p *Pages) WriteQuestion(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in := strategy.QuestionInput{Title: f.Texts("title"), Body: f.Texts("body"), Orientation: f.Text("orientation"), PriorityID: f.Text("priority")}
	q, err := p.Maps.Question(r.Context(), shell.Actor(r), r.PathValue("id"), wishOf(r.URL.Query()).Assumptions, r.URL.Query()["of"], in)
	if refusal, ok := shell.Refused(err); ok {
		return p.question(w, r, http.StatusUnprocessableEntity, refusal, &in)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/questions/"+q.ID, "techmap.done.question")
}

// suggested is a question in each language of the pages: what is lost, and the proof.
func suggested(ctx context.Context, s findingSheet) strategy.QuestionInput {
	in := strategy.QuestionInput{Orientation: "need", Title: lang.Text{Original: string(lang.Of(ctx))}, Body: lang.Text{Original: string(lang.Of(ctx))}}
	for _, l := range lang.Locales {
		ctx := lang.With(ctx, l)
		set := setName(ctx, s.Graph, s.answer.Layer, s.finding)
		var steps []string
		for _, step := range s.proof {
			steps = append(steps, stepWords(ctx, s, step))
		}
		in.Title = in.Title.With(string(l), shell.T(ctx, "techmap.question.title", nodeNames(ctx, s.Graph, s.finding.Broken), set))
		in.Body = in.Body.With(string(l), shell.T(ctx, "techmap.question.body", s.Title, s.Number, nodeName(ctx, s.Graph, s.Goal), set, strings.Join(steps, "\n")))
	}
	return in
}

// questionHref is where a question is written from the finding that the page shows.
func questionHref(ctx context.Context, s findingSheet) string {
	u := url.URL{Path: "/maps/" + s.ID + "/question", RawQuery: shell.Of(ctx).URL.RawQuery}
	return u.RequestURI()
}

// Link is POST /maps/{id}/nodes/{node}/links: the address of a question, a call or an award.
func (p *Pages) Link(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	address := f.Required("address")
	if err = f.Err(); err == nil {
		kind, id := pointed(address)
		if kind == "" {
			err = fault.Field("address", "strategy.link.none")
		} else {
			err = p.Maps.Link(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("node"), kind, id)
		}
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.node(w, r, http.StatusUnprocessableEntity, refusal, address)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+r.PathValue("id")+"/nodes/"+r.PathValue("node"), "techmap.done.changed")
}

// pointed is what an address of ours points to: ("call", key) for …/calls/key.
func pointed(address string) (kind, id string) {
	address, _, _ = strings.Cut(address, "?")
	parts := strings.Split(strings.Trim(address, "/"), "/")
	for i, part := range parts[:len(parts)-1] {
		if kind := map[string]string{"calls": "call", "awards": "award", "questions": "question"}[part]; kind != "" {
			return kind, parts[i+1]
		}
	}
	return "", ""
}

// Unlink is POST /maps/{id}/nodes/{node}/links/{kind}/{subject}/end.
func (p *Pages) Unlink(w http.ResponseWriter, r *http.Request) error {
	if err := p.Maps.Unlink(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("node"), r.PathValue("kind"), r.PathValue("subject")); err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+r.PathValue("id")+"/nodes/"+r.PathValue("node"), "techmap.done.changed")
}

// activeCounts is how many awards run at each node.
func activeCounts(u techmap.Underway) map[string]int {
	counts := map[string]int{}
	for id, list := range u {
		counts[id] = len(techmap.Active(list))
	}
	return counts
}

// underwayWords says in a line what is under way.
func underwayWords(ctx context.Context, list []techmap.Trace) string {
	active := len(techmap.Active(list))
	switch {
	case active > 0:
		return shell.T(ctx, "techmap.active", active)
	case len(list) > 0:
		return shell.T(ctx, "techmap.asked")
	}
	return shell.T(ctx, "techmap.nothing")
}

// coveredWords says in a box what is under way: the money of running awards, or that it was asked.
func coveredWords(ctx context.Context, list []techmap.Trace) string {
	switch {
	case len(techmap.Active(list)) > 0:
		return sums(ctx, list)
	case len(list) > 0:
		return shell.T(ctx, "techmap.covered.asked")
	}
	return ""
}

// gapWords says what an uncovered single point breaks, and what is asked about it.
func gapWords(ctx context.Context, s workSheet, f techmap.Finding) string {
	return shell.T(ctx, "techmap.breaks", nodeNames(ctx, s.Graph, f.Broken)) + " · " + underwayWords(ctx, s.underway.Of(f.Broken))
}

// traceWords says of what kind a record is, its number and its state.
func traceWords(ctx context.Context, t techmap.Trace) string {
	words := []string{shell.T(ctx, "strategy.kicker", shell.T(ctx, "strategy.subject."+t.Kind), t.Number)}
	switch {
	case t.Kind == "question":
		words = append(words, shell.T(ctx, "strategy.question.state."+strings.ReplaceAll(t.State, " ", "_")))
	case t.Kind == "award":
		words = append(words, shell.T(ctx, "award.state."+t.State), shell.Say(ctx, t.Amount))
		if t.Results > 0 {
			words = append(words, shell.T(ctx, "techmap.results", t.Results))
		}
	}
	return strings.Join(words, " · ")
}

// sums adds the amounts of running awards, by currency.
func sums(ctx context.Context, list []techmap.Trace) string {
	var total []string
	by := map[string]int64{}
	var order []string
	for _, t := range techmap.Active(list) {
		if _, ok := by[t.Amount.Currency]; !ok {
			order = append(order, t.Amount.Currency)
		}
		by[t.Amount.Currency] += t.Amount.Minor
	}
	for _, c := range order {
		total = append(total, shell.Money(ctx, by[c], c))
	}
	if len(total) == 0 {
		return "—"
	}
	return listOf(ctx, total)
}

// OriginHref leads to the finding that a question was written from, else to the node.
func OriginHref(o techmap.Origin) string {
	if o.Source.Layer == "" {
		return "/maps/" + o.Map.ID + "/nodes/" + o.Node.ID
	}
	q := url.Values{"layer": {o.Source.Layer}, "of": o.Source.Keys}
	return "/maps/" + o.Map.ID + "/finding?" + q.Encode()
}
