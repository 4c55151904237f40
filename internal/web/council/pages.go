// Package council is the pages of advice: asked, given apart, read together, on record.
package council

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// pageSize is how many requests a page of the list shows.
const pageSize = 50

// Pages are the pages of the council room.
type Pages struct {
	Council  *council.Service
	Register *register.Service
}

// List is GET /advice.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := council.Filter{Text: q.Get("q"), State: q.Get("state"), Page: shell.PageOf(q.Get("page")), Size: pageSize}
	list, total, err := p.Council.List(r.Context(), shell.Actor(r), f)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, listPage(f, list, total))
}

// askForm is what the form of a new request holds.
type askForm struct {
	in       council.Input
	adviser  string // as typed
	pick     shell.PickField
	agencies []shell.Option
	refusal  shell.Refusal
}

// New is GET /advice/new?kind=…&subject=….
func (p *Pages) New(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return p.ask(w, r, http.StatusOK, askForm{in: council.Input{Kind: q.Get("kind"), SubjectID: q.Get("subject")}})
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, status int, f askForm) error {
	all, err := p.Register.Agencies(r.Context())
	if err != nil {
		return err
	}
	actor := shell.Actor(r)
	for _, g := range all {
		if scope := access.Agency(g.ID); actor.Has(access.Officer, scope) || actor.Has(access.Decider, scope) {
			f.agencies = append(f.agencies, shell.Option{Value: g.ID, Label: shell.Say(r.Context(), g.Name)})
		}
	}
	return shell.Render(w, r, status, askPage(f))
}

// Ask is POST /advice.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := askForm{adviser: f.Text("adviser_text"), in: council.Input{AgencyID: f.Text("agency"), Kind: f.Text("kind"), SubjectID: f.Text("subject"),
		Question: f.Texts("question"), Background: f.Texts("background"), Due: f.Day("due")}}
	d.in.Adviser, err = shell.Picked(r.Context(), f, "adviser", &d.pick, p.Register.FindPeople)
	var made council.Advice
	if err == nil {
		err = f.Err()
	}
	if err == nil {
		made, err = p.Council.Ask(r.Context(), shell.Actor(r), d.in)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.ask(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/advice/"+made.ID, "council.done.asked")
}

// Show is GET /advice/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, shell.Refusal{}, nil, shell.PickField{})
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form, pick shell.PickField) error {
	v, err := p.Council.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, onePage(v, refusal, typed, pick))
}

// act does one thing with a request and shows it again.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, done string, do func(ctx context.Context, a access.Actor, id string, f *shell.Form, pick *shell.PickField) error) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, pick := r.PathValue("id"), shell.PickField{}
	err = do(r.Context(), shell.Actor(r), id, f, &pick)
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, f, pick)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/advice/"+id, done)
}

// Add is POST /advice/{id}/advisers.
func (p *Pages) Add(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "council.done.added", func(ctx context.Context, a access.Actor, id string, f *shell.Form, pick *shell.PickField) error {
		person, err := shell.Picked(ctx, f, "adviser", pick, p.Register.FindPeople)
		if err != nil {
			return err
		}
		return p.Council.Add(ctx, a, id, person)
	})
}

// Answer is POST /advice/{id}/answer.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "council.done.answered", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Reply(ctx, a, id, council.Reply{Interests: f.Text("interests"), Answer: f.Text("answer"), Evidence: f.Text("evidence"), Confidence: f.Text("confidence")})
	})
}

// Decline is POST /advice/{id}/decline.
func (p *Pages) Decline(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "council.done.declined", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Decline(ctx, a, id, f.Text("reason"))
	})
}

// Close is POST /advice/{id}/close.
func (p *Pages) Close(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "council.done.closed", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Close(ctx, a, id, f.Int("version"), f.Texts("synthesis"), f.Texts("minority"))
	})
}

// Follow is POST /advice/{id}/follow.
func (p *Pages) Follow(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "council.done.followed", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Follow(ctx, a, id, f.Int("version"), f.Texts("became"))
	})
}

// Tasks is the advice that a is asked for, and what a's agency can close.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	answer, closing, err := p.Council.Waiting(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []shell.Task
	for _, v := range answer {
		due, _ := shell.DayEnd(ctx, v.Due)
		out = append(out, shell.Task{Due: due, Href: "/advice/" + v.ID, Title: shell.T(ctx, "council.task.answer"), What: shell.Say(ctx, v.Question), Button: shell.T(ctx, "council.task.answer.go")})
	}
	for _, v := range closing {
		out = append(out, shell.Task{Href: "/advice/" + v.ID, Title: shell.T(ctx, "council.task.close", v.Number), What: shell.T(ctx, "council.task.close.what", v.Given, v.Advisers), Button: shell.T(ctx, "council.task.close.go")})
	}
	return out, nil
}

// again is a text as it was typed in a form that is drawn again, else as it stands.
func again(f *shell.Form, name string, stands lang.Text) lang.Text {
	if f == nil {
		return stands
	}
	return f.Texts(name)
}
