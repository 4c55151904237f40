// Package call is the pages of calls: the list that everybody sees, one call,
// and the officer's forms.
package call

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// pageSize is how many calls a page of the list shows.
const pageSize = 50

// Pages are the calls' pages.
type Pages struct {
	Calls    *call.Service
	Schemes  *scheme.Service
	Register *register.Service
	Strategy *strategy.Service
	Address  string // of the installation, for links in feeds; empty: as asked
}

// List is GET /calls.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := call.Filter{Phase: call.Phase(q.Get("phase")), Agency: q.Get("agency"), Text: q.Get("q"), Page: shell.PageOf(q.Get("page")), Size: pageSize}
	calls, total, err := p.Calls.List(r.Context(), shell.Actor(r), f)
	if err != nil {
		return err
	}
	agencies, err := p.Register.Agencies(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, listPage(f, calls, total, agencies))
}

// Show is GET /calls/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Calls.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	var def scheme.Version
	if v.SchemeVersionID != "" {
		if def, err = p.Schemes.Get(r.Context(), v.SchemeVersionID); err != nil {
			return err
		}
	}
	links, err := p.Calls.Links(r.Context(), shell.Actor(r), v.ID)
	if err != nil {
		return err
	}
	changes, err := p.Calls.Changes(r.Context(), shell.Actor(r), v.ID)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, showPage(v, def, links, changes))
}

// draft is what the form of a call holds.
type draft struct {
	in       call.Input
	id       string
	version  int64
	refusal  shell.Refusal
	agencies []register.Agency
	schemes  []scheme.Version
	question *strategy.Question
	tree     []*strategy.Node
	lines    []agencyLines
}

// agencyLines are the budget lines of one agency whose officer the viewer is.
type agencyLines struct {
	agency register.Agency
	lines  []call.Line
}

// New is GET /calls/new.
func (p *Pages) New(w http.ResponseWriter, r *http.Request) error {
	in := call.Input{Zone: shell.Of(r.Context()).Zone.String(), GraceMinutes: 5, QuestionID: r.URL.Query().Get("question")}
	if in.QuestionID != "" {
		q, err := p.Strategy.Question(r.Context(), shell.Actor(r), in.QuestionID)
		if err != nil {
			return err
		}
		in.AgencyID, in.Title, in.Summary = q.AgencyID, q.Title, q.Body
		for _, priority := range q.Priorities {
			in.Priorities = append(in.Priorities, priority.ID)
		}
	}
	return p.form(w, r, http.StatusOK, draft{in: in})
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, status int, d draft) error {
	var err error
	if d.schemes, err = p.Schemes.List(r.Context()); err != nil {
		return err
	}
	all, err := p.Register.Agencies(r.Context())
	if err != nil {
		return err
	}
	if err := p.serves(r, &d); err != nil {
		return err
	}
	a := shell.Actor(r)
	for _, agency := range all {
		if d.id == "" && !a.Has(access.Officer, access.Agency(agency.ID)) || d.id != "" && d.in.AgencyID != agency.ID {
			continue // the agency of a call is not changed any more
		}
		d.agencies = append(d.agencies, agency)
		lines, err := p.Calls.Lines(r.Context(), agency.ID, d.id)
		if err != nil {
			return err
		}
		d.lines = append(d.lines, agencyLines{agency, lines})
	}
	if len(d.agencies) == 0 { // nobody's officer has no call to write
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, status, formPage(d))
}

// serves fills in what a new call can be linked to.
func (p *Pages) serves(r *http.Request, d *draft) error {
	if d.id != "" {
		return nil
	}
	tree, err := p.Strategy.Tree(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	d.tree = strategy.Flat(tree)
	if d.in.QuestionID == "" {
		return nil
	}
	q, err := p.Strategy.Question(r.Context(), shell.Actor(r), d.in.QuestionID)
	d.question = &q.Question
	return err
}

func readInput(f *shell.Form) call.Input {
	return call.Input{AgencyID: f.Text("agency"), SchemeVersionID: f.Text("scheme"), Title: f.Texts("title"), Summary: f.Texts("summary"), Guidance: f.Texts("guidance"), QuestionID: f.Text("question"), Priorities: f.Values["priority"],
		Zone: f.Text("zone"), Opens: f.Text("opens"), Closes: f.Text("closes"), GraceMinutes: f.Int("grace"), EmbargoDays: f.Int("embargo_days"), DecideBy: f.Day("decide_by"),
		Low: f.Text("low"), High: f.Text("high"), Total: f.Text("total"), AwardsExpected: f.Int("awards"), Contact: f.Text("contact"), Budget: readBudget(f)}
}

// readBudget is what was typed for budget lines; nil where the form has none. What
// stands at lines of another agency than the chosen one was not meant.
func readBudget(f *shell.Form) map[string]string {
	var out map[string]string
	for name := range f.Values {
		line, ok := strings.CutPrefix(name, "budget_")
		if !ok || f.Text("agency") != "" && f.Text("of_"+line) != f.Text("agency") {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[line] = f.Text(name)
	}
	return out
}

// Create is POST /calls.
func (p *Pages) Create(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in := readInput(f)
	var c call.Call
	if err = f.Err(); err == nil {
		c, err = p.Calls.Create(r.Context(), shell.Actor(r), in)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.form(w, r, http.StatusUnprocessableEntity, draft{in: in, refusal: refusal})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+c.ID, "call.done.created")
}

// Edit is GET /calls/{id}/edit.
func (p *Pages) Edit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Calls.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.MayEdit {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	if v.State != "draft" {
		return fault.New(fault.Conflict, "call.published.already")
	}
	in := inputOf(v.Call)
	in.Budget = map[string]string{}
	for _, b := range v.Budget {
		in.Budget[b.LineID] = b.Amount.Plain()
	}
	return p.form(w, r, http.StatusOK, draft{in: in, id: v.ID, version: v.Version})
}

func inputOf(c call.Call) call.Input {
	at := func(t time.Time) string {
		loc, err := time.LoadLocation(c.Zone)
		if err != nil || t.IsZero() {
			return ""
		}
		return t.In(loc).Format("2006-01-02T15:04")
	}
	return call.Input{AgencyID: c.AgencyID, SchemeVersionID: c.SchemeVersionID, Title: c.Title, Summary: c.Summary, Guidance: c.Guidance, Zone: c.Zone,
		Opens: at(c.OpensAt), Closes: at(c.ClosesAt), GraceMinutes: int64(c.Grace / time.Minute), EmbargoDays: int64(c.EmbargoDays), DecideBy: c.DecideBy,
		Low: c.Low.Plain(), High: c.High.Plain(), Total: c.Total.Plain(), AwardsExpected: int64(c.AwardsExpected), Contact: c.Contact}
}

// Update is POST /calls/{id}/edit.
func (p *Pages) Update(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in, id, version := readInput(f), r.PathValue("id"), f.Int("version")
	if err = f.Err(); err == nil {
		_, err = p.Calls.Update(r.Context(), shell.Actor(r), id, version, in)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.form(w, r, http.StatusUnprocessableEntity, draft{in: in, id: id, version: version, refusal: refusal})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+id, "call.done.saved")
}

// AskPublish is GET /calls/{id}/publish: what publishing means, before it is done.
func (p *Pages) AskPublish(w http.ResponseWriter, r *http.Request) error {
	return p.ask(w, r, http.StatusOK, shell.Refusal{}, publishPage)
}

// Publish is POST /calls/{id}/publish.
func (p *Pages) Publish(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := p.Calls.Publish(r.Context(), shell.Actor(r), id)
	if refusal, ok := shell.Refused(err); ok {
		return p.ask(w, r, http.StatusUnprocessableEntity, refusal, publishPage)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+id, "call.done.published")
}

// AskExtend is GET /calls/{id}/extend.
func (p *Pages) AskExtend(w http.ResponseWriter, r *http.Request) error {
	return p.ask(w, r, http.StatusOK, shell.Refusal{}, extendPage(extension{}))
}

// extension is what the form of an extension holds.
type extension struct{ closes, proposal, reason string }

// Extend is POST /calls/{id}/extend.
func (p *Pages) Extend(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, e := r.PathValue("id"), extension{f.Text("closes"), f.Text("proposal"), f.Text("reason")}
	err = p.Calls.Extend(r.Context(), shell.Actor(r), id, e.proposal, e.closes, e.reason)
	if refusal, ok := shell.Refused(err); ok {
		return p.ask(w, r, http.StatusUnprocessableEntity, refusal, extendPage(e))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+id, "call.done.extended")
}

// Tasks is what waits for officers: drafts to be published.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	if !a.HasAny(access.Officer) {
		return nil, nil
	}
	drafts, _, err := p.Calls.List(ctx, a, call.Filter{Phase: call.Draft, Size: 20})
	var out []shell.Task
	for _, c := range drafts {
		out = append(out, shell.Task{Due: c.OpensAt, Title: shell.T(ctx, "call.task.publish", c.Title), Href: "/calls/" + c.ID, What: shell.T(ctx, "call.task.publish.what", c.Number), Button: shell.T(ctx, "call.task.publish.go")})
	}
	return out, err
}
