package strategy

import (
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

func filter(r *http.Request) strategy.Filter {
	q := r.URL.Query()
	return strategy.Filter{Text: q.Get("q"), State: q.Get("state"), Orientation: q.Get("orientation"), Agency: q.Get("agency"), Page: shell.PageOf(q.Get("page")), Size: pageSize}
}

// Needs is GET /needs.
func (p *Pages) Needs(w http.ResponseWriter, r *http.Request) error {
	f := filter(r)
	list, total, err := p.Strategy.Needs(r.Context(), shell.Actor(r), f)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, needsPage(f, list, total))
}

// Need is GET /needs/{id}.
func (p *Pages) Need(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Strategy.Need(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	advice, err := p.advice(r, "need")
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, needPage(v, advice))
}

// needForm is what the form of a need holds.
type needForm struct {
	in            strategy.NeedInput
	id            string
	version       int64
	refusal       shell.Refusal
	organisations []shell.Option
	agencies      []register.Agency
}

func (p *Pages) needForm(w http.ResponseWriter, r *http.Request, status int, f needForm) error {
	ids, err := p.Strategy.Organisations(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	names, err := p.Register.Names(r.Context(), nil, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		f.organisations = append(f.organisations, shell.Option{Value: id, Label: names[id]})
	}
	if f.agencies, err = p.Register.Agencies(r.Context()); err != nil {
		return err
	}
	return shell.Render(w, r, status, needFormPage(f))
}

// NewNeed is GET /needs/new.
func (p *Pages) NewNeed(w http.ResponseWriter, r *http.Request) error {
	if err := p.Strategy.MayPost(shell.Actor(r)); err != nil {
		return err
	}
	return p.needForm(w, r, http.StatusOK, needForm{})
}

// PostNeed is POST /needs.
func (p *Pages) PostNeed(w http.ResponseWriter, r *http.Request) error {
	return p.saveNeed(w, r, func(f needForm) (strategy.Need, error) {
		return p.Strategy.Post(r.Context(), shell.Actor(r), f.in)
	})
}

// EditNeed is GET /needs/{id}/edit.
func (p *Pages) EditNeed(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Strategy.Need(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.MayEdit {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return p.needForm(w, r, http.StatusOK, needForm{id: v.ID, version: v.Version, in: strategy.NeedInput{Title: v.Title, Body: v.Body, Measure: v.Measure,
		OrganisationID: v.OrganisationID, AgencyID: v.AgencyID, Orientation: v.Orientation}})
}

// MendNeed is POST /needs/{id}/edit.
func (p *Pages) MendNeed(w http.ResponseWriter, r *http.Request) error {
	return p.saveNeed(w, r, func(f needForm) (strategy.Need, error) {
		return p.Strategy.MendNeed(r.Context(), shell.Actor(r), f.id, f.version, f.in)
	})
}

func (p *Pages) saveNeed(w http.ResponseWriter, r *http.Request, do func(needForm) (strategy.Need, error)) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := needForm{id: r.PathValue("id"), version: f.Int("version"), in: strategy.NeedInput{Title: f.Texts("title"), Body: f.Texts("body"), Measure: f.Texts("measure"),
		OrganisationID: f.Text("organisation"), AgencyID: f.Text("agency"), Orientation: f.Text("orientation")}}
	var saved strategy.Need
	if err = f.Err(); err == nil {
		saved, err = do(d)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.needForm(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/needs/"+saved.ID, "strategy.done.need")
}

// AskEnd is GET /needs/{id}/end: how a need ends, before it does.
func (p *Pages) AskEnd(w http.ResponseWriter, r *http.Request) error {
	return p.askEnd(w, r, http.StatusOK, shell.Refusal{}, strategy.Met, "")
}

func (p *Pages) askEnd(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, state, why string) error {
	v, err := p.Strategy.Need(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.MayEdit && !refusal.Any() {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, status, endPage(v, refusal, state, why))
}

// EndNeed is POST /needs/{id}/end.
func (p *Pages) EndNeed(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, state, why := r.PathValue("id"), f.Text("state"), f.Text("why")
	_, err = p.Strategy.EndNeed(r.Context(), shell.Actor(r), id, f.Int("version"), state, why)
	if refusal, ok := shell.Refused(err); ok {
		return p.askEnd(w, r, http.StatusUnprocessableEntity, refusal, state, why)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/needs/"+id, "strategy.done.ended")
}

// Questions is GET /questions.
func (p *Pages) Questions(w http.ResponseWriter, r *http.Request) error {
	f := filter(r)
	list, total, err := p.Strategy.Questions(r.Context(), shell.Actor(r), f)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, questionsPage(f, list, total))
}

// Question is GET /questions/{id}.
func (p *Pages) Question(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Strategy.Question(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	asking, err := p.Calls.Asking(r.Context(), shell.Actor(r), v.ID)
	if err != nil {
		return err
	}
	origins, err := p.Maps.Origins(r.Context(), shell.Actor(r), "question", v.ID)
	if err != nil {
		return err
	}
	advice, err := p.advice(r, "question")
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, questionPage(v, asking, origins, advice))
}

// questionForm is what the form of a question holds.
type questionForm struct {
	in         strategy.QuestionInput
	id         string
	version    int64
	refusal    shell.Refusal
	need       *strategy.NeedView
	agencies   []register.Agency
	priorities []*strategy.Node
}

func (p *Pages) questionForm(w http.ResponseWriter, r *http.Request, status int, f questionForm) error {
	a := shell.Actor(r)
	if f.in.NeedID != "" {
		v, err := p.Strategy.Need(r.Context(), a, f.in.NeedID)
		if err != nil {
			return err
		}
		f.need = &v
		if status == http.StatusOK && f.id == "" {
			f.in.AgencyID, f.in.Orientation = v.AgencyID, v.Orientation
		}
	}
	var err error
	if f.agencies, err = p.own(r); err != nil {
		return err
	}
	if len(f.agencies) == 0 {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	tree, err := p.Strategy.Tree(r.Context(), a)
	if err != nil {
		return err
	}
	f.priorities = strategy.Flat(tree)
	return shell.Render(w, r, status, questionFormPage(f))
}

// NewQuestion is GET /questions/new?need=….
func (p *Pages) NewQuestion(w http.ResponseWriter, r *http.Request) error {
	return p.questionForm(w, r, http.StatusOK, questionForm{in: strategy.QuestionInput{NeedID: r.URL.Query().Get("need"), State: "open"}})
}

// WriteQuestion is POST /questions.
func (p *Pages) WriteQuestion(w http.ResponseWriter, r *http.Request) error {
	return p.saveQuestion(w, r, func(f questionForm) (strategy.Question, error) {
		return p.Strategy.WriteQuestion(r.Context(), shell.Actor(r), f.in)
	})
}

// EditQuestion is GET /questions/{id}/edit.
func (p *Pages) EditQuestion(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Strategy.Question(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.MayEdit {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return p.questionForm(w, r, http.StatusOK, questionForm{id: v.ID, version: v.Version,
		in: strategy.QuestionInput{NeedID: v.NeedID, AgencyID: v.AgencyID, Title: v.Title, Body: v.Body, Orientation: v.Orientation, State: v.State}})
}

// UpdateQuestion is POST /questions/{id}/edit.
func (p *Pages) UpdateQuestion(w http.ResponseWriter, r *http.Request) error {
	return p.saveQuestion(w, r, func(f questionForm) (strategy.Question, error) {
		return p.Strategy.EditQuestion(r.Context(), shell.Actor(r), f.id, f.version, f.in)
	})
}

func (p *Pages) saveQuestion(w http.ResponseWriter, r *http.Request, do func(questionForm) (strategy.Question, error)) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := questionForm{id: r.PathValue("id"), version: f.Int("version"), in: strategy.QuestionInput{NeedID: f.Text("need"), AgencyID: f.Text("agency"), Title: f.Texts("title"),
		Body: f.Texts("body"), Orientation: f.Text("orientation"), State: f.Text("state"), PriorityID: f.Text("priority")}}
	var saved strategy.Question
	if err = f.Err(); err == nil {
		saved, err = do(d)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.questionForm(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/questions/"+saved.ID, "strategy.done.question")
}
