package decision

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// room is a funding meeting as a page shows it.
type room struct {
	decision.Meeting
	plan    *decision.Plan // nil where the rules were refused
	in      decision.RulesInput
	part    part
	refusal shell.Refusal
	save    *shell.Form // what was typed to save a scenario
	pick    shell.PickField
}

// spareLimits is how many empty limits the form offers.
const spareLimits = 2

// Meeting is GET /decisions/{id}/meeting: the list and the best choice under the rules
// that the address names; without any, those of the scenario that was applied.
func (p *Pages) Meeting(w http.ResponseWriter, r *http.Request) error {
	return p.meeting(w, r, http.StatusOK, shell.Refusal{}, nil, shell.PickField{})
}

func (p *Pages) meeting(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, save *shell.Form, pick shell.PickField) error {
	m, err := p.Decisions.Meet(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := room{Meeting: m, refusal: refusal, save: save, pick: pick}
	asked := r.URL.Query().Get
	if save != nil {
		asked = save.Get
	}
	rules, err := v.rules(asked)
	if refused, ok := shell.Refused(err); ok {
		if !v.refusal.Any() {
			v.refusal, status = refused, http.StatusUnprocessableEntity
		}
	} else if err != nil {
		return err
	} else if v.plan, err = p.Decisions.WhatIf(r.Context(), m, rules); err != nil {
		return err
	}
	v.part = v.narrowed(r)
	return shell.Render(w, r, status, meetingPage(v))
}

// rules reads what a form asks for, and sets what it shows.
func (v *room) rules(get func(string) string) (decision.Rules, error) {
	rules := v.Rules
	if i := slices.IndexFunc(v.Scenarios, func(x decision.Scenario) bool { return x.ID == get("scenario") }); i >= 0 {
		rules = v.Scenarios[i].Rules
	}
	if get("try") == "" {
		v.in = v.Write(rules)
		return rules, nil
	}
	v.in = written(get, v.Pots())
	return v.Read(v.in)
}

// written are rules as a form sends them.
func written(get func(string) string, pots []decision.Pot) decision.RulesInput {
	in := decision.RulesInput{Pots: map[string]string{}, Worth: get("worth"), Caution: get("caution"), Bar: strings.TrimSpace(get("bar")), In: get("in"), Out: get("out")}
	for _, p := range pots {
		in.Pots[p.Key()] = strings.TrimSpace(get("pot_" + p.Key()))
	}
	for i := 0; get("by_"+strconv.Itoa(i)) != ""; i++ {
		n := "_" + strconv.Itoa(i)
		in.Limits = append(in.Limits, decision.LimitInput{What: get("what" + n), By: get("by" + n), Min: strings.TrimSpace(get("min" + n)), Max: strings.TrimSpace(get("max" + n))})
	}
	for i := 0; get("tie_"+strconv.Itoa(i)) != ""; i++ {
		n := "_" + strconv.Itoa(i)
		t := decision.TieInput{Kind: get("tie" + n), Of: strings.TrimSpace(get("of" + n)), Amount: strings.TrimSpace(get("amount" + n)), Node: get("node" + n), Name: get("name" + n)}
		if t.Kind == noTie {
			t.Kind = ""
		}
		in.Ties = append(in.Ties, t)
	}
	return in
}

// asked are rules as a form sends them; written reads them again.
func asked(pots []decision.Pot, in decision.RulesInput) url.Values {
	q := url.Values{"try": {"yes"}, "worth": {in.Worth}, "caution": {in.Caution}, "bar": {in.Bar}, "in": {in.In}, "out": {in.Out}}
	for _, p := range pots {
		q.Set("pot_"+p.Key(), in.Pots[p.Key()])
	}
	for i, l := range in.Limits {
		n := "_" + strconv.Itoa(i)
		q.Set("what"+n, l.What)
		q.Set("by"+n, l.By)
		q.Set("min"+n, l.Min)
		q.Set("max"+n, l.Max)
	}
	for i, t := range in.Ties {
		n := "_" + strconv.Itoa(i)
		q.Set("tie"+n, cmp.Or(t.Kind, noTie))
		q.Set("of"+n, t.Of)
		q.Set("amount"+n, t.Amount)
		q.Set("node"+n, t.Node)
		q.Set("name"+n, t.Name)
	}
	return q
}

// narrowed are the rows that the page shows.
func (v room) narrowed(r *http.Request) part {
	q := r.URL.Query()
	p := part{filter: decision.RowFilter{Text: q.Get("q"), Only: q.Get("only")}, paging: shell.Paging{Page: shell.PageOf(q.Get("page")), Size: pageSize}}
	f := p.filter
	chosen := f.Only == "chosen" || f.Only == "left"
	if chosen {
		f.Only = ""
	}
	var all []decision.Row
	for _, row := range v.View.Rows {
		if f.Takes(row) && (!chosen || v.plan != nil && v.plan.Funded[row.ProposalID] == (p.filter.Only == "chosen")) {
			all = append(all, row)
		}
	}
	p.paging.Total = len(all)
	from := min((p.paging.Page-1)*pageSize, len(all))
	p.rows = all[from:min(from+pageSize, len(all))]
	return p
}

// Stamp is GET /decisions/{id}/meeting/stamp: the live part that stands for the page.
// A stamp takes several queries, so that the looks are two seconds apart.
func (p *Pages) Stamp(w http.ResponseWriter, r *http.Request) error {
	id, a, now := r.PathValue("id"), shell.Actor(r), ""
	return shell.Live{
		Stamp: func(ctx context.Context) (_ string, err error) {
			now, err = p.Decisions.Stamp(ctx, a, id)
			return now, err
		},
		Part:  func(context.Context) (templ.Component, error) { return lastChange(now), nil },
		Every: 2 * time.Second,
	}.Serve(w, r)
}

// SaveScenario is POST /decisions/{id}/scenarios.
func (p *Pages) SaveScenario(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	m, err := p.Decisions.Meet(r.Context(), shell.Actor(r), id)
	if err != nil {
		return err
	}
	_, err = p.Decisions.SaveScenario(r.Context(), shell.Actor(r), id, f.Text("name"), f.Text("why"), written(f.Get, m.Pots()))
	if refusal, ok := shell.Refused(err); ok {
		return p.meeting(w, r, http.StatusUnprocessableEntity, refusal, f, shell.PickField{})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/meeting#scenarios", "decision.done.scenario")
}

// Scenario is GET /decisions/{id}/scenarios/{scenario}: what applying it would change.
func (p *Pages) Scenario(w http.ResponseWriter, r *http.Request) error {
	return p.scenario(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) scenario(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Decisions.Application(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("scenario"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, scenarioPage(v, refusal, typed))
}

// Apply is POST /decisions/{id}/scenarios/{scenario}.
func (p *Pages) Apply(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = p.Decisions.Apply(r.Context(), shell.Actor(r), id, r.PathValue("scenario"), f.Text("key"), f.Text("other"), f.Text("reason"))
	if refusal, ok := shell.Refused(err); ok {
		return p.scenario(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id, "decision.done.applied")
}

// Sit is POST /decisions/{id}/seats.
func (p *Pages) Sit(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, pick := r.PathValue("id"), shell.PickField{Typed: f.Text("person_text")}
	person, err := shell.Picked(r.Context(), f, "person", &pick, p.Register.FindPeople)
	if err == nil {
		err = p.Decisions.Sit(r.Context(), shell.Actor(r), id, person)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.meeting(w, r, http.StatusUnprocessableEntity, refusal, nil, pick)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/meeting#room", "decision.done.seat")
}

// Leave is POST /decisions/{id}/seats/{person}/leave.
func (p *Pages) Leave(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Decisions.Leave(r.Context(), shell.Actor(r), id, r.PathValue("person")); err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/meeting#room", "decision.done.seat")
}

// Row is GET /decisions/{id}/rows/{proposal}: one proposal before the meeting.
func (p *Pages) Row(w http.ResponseWriter, r *http.Request) error {
	return p.row(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) row(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	m, err := p.Decisions.Meet(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	row, ok := m.View.Row(r.PathValue("proposal"))
	if !ok {
		return fault.Missing()
	}
	v := room{Meeting: m, refusal: refusal, save: typed}
	rules, err := v.rules(r.URL.Query().Get)
	if _, refused := shell.Refused(err); refused {
		rules, err = m.Rules, nil // the meeting's page says what is wrong with them
	}
	if err != nil {
		return err
	}
	if v.plan, err = p.Decisions.WhatIf(r.Context(), m, rules); err != nil {
		return err
	}
	return shell.Render(w, r, status, rowPage(v, row))
}

// Risk is POST /decisions/{id}/rows/{proposal}/risk.
func (p *Pages) Risk(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, proposal := r.PathValue("id"), r.PathValue("proposal")
	err = p.Decisions.Class(r.Context(), shell.Actor(r), id, proposal, f.Text("class"), f.Text("reason"))
	if refusal, ok := shell.Refused(err); ok {
		return p.row(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/rows/"+proposal, "decision.done.risk")
}

// Recuse is POST /decisions/{id}/rows/{proposal}/conflict.
func (p *Pages) Recuse(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, proposal := r.PathValue("id"), r.PathValue("proposal")
	err = p.Decisions.Recuse(r.Context(), shell.Actor(r), id, proposal, f.Text("person"), f.Text("conflict"))
	if refusal, ok := shell.Refused(err); ok {
		return p.row(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/meeting", "decision.done.recused")
}
