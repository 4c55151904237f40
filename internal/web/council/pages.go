// Package council is the pages of advice: asked, given apart, read together, on record.
package council

import (
	"context"
	"net/http"
	"strings"

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
	f := council.Filter{Text: q.Get("q"), State: q.Get("state"), Mine: q.Get("mine") != "" && !shell.Actor(r).Public(), Page: shell.PageOf(q.Get("page")), Size: pageSize}
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
	bodies   []shell.Option
	refusal  shell.Refusal
}

// New is GET /advice/new?kind=…&subject=….
func (p *Pages) New(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return p.ask(w, r, http.StatusOK, askForm{in: council.Input{Kind: q.Get("kind"), SubjectID: q.Get("subject")}})
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, status int, f askForm) error {
	if _, err := p.Council.Subjects.Find(r.Context(), shell.Actor(r), f.in.Kind, f.in.SubjectID); err != nil {
		return err
	}
	var err error
	if f.agencies, err = p.own(r, access.Officer, access.Decider); err != nil {
		return err
	}
	if f.bodies, err = p.bodies(r); err != nil {
		return err
	}
	return shell.Render(w, r, status, askPage(f))
}

// bodies are those that can be asked; the first option asks none.
func (p *Pages) bodies(r *http.Request) ([]shell.Option, error) {
	all, err := p.Council.Bodies(r.Context(), shell.Actor(r))
	out := []shell.Option{{}}
	for _, b := range all {
		out = append(out, shell.Option{Value: b.ID, Label: shell.Say(r.Context(), b.Name)})
	}
	return out, err
}

// Ask is POST /advice.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := askForm{adviser: f.Text("adviser_text"), in: council.Input{AgencyID: f.Text("agency"), Kind: f.Text("kind"), SubjectID: f.Text("subject"),
		Question: f.Texts("question"), Background: f.Texts("background"), Due: f.Day("due"), Body: f.Text("body")}}
	d.in.Adviser, err = p.adviser(r.Context(), f, &d.pick)
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

// adviser is the person whom a form asks; "" where it asks a body only.
func (p *Pages) adviser(ctx context.Context, f *shell.Form, pick *shell.PickField) (string, error) {
	if f.Text("body") != "" && f.Key("adviser") == "" && f.Text("adviser_text") == "" {
		return "", nil
	}
	return shell.Picked(ctx, f, "adviser", pick, p.Register.FindPeople)
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
	bodies, err := p.bodies(r)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, onePage(v, bodies, refusal, typed, pick))
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
		person, err := p.adviser(ctx, f, pick)
		if err != nil {
			return err
		}
		if body := f.Text("body"); body != "" {
			if err := p.Council.AddBody(ctx, a, id, body); err != nil || person == "" {
				return err
			}
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
		in := council.Synthesis{Text: f.Texts("synthesis"), Minority: f.Texts("minority"), Followed: map[string]string{}}
		for name := range f.Values {
			if person, ok := strings.CutPrefix(name, "followed_"); ok {
				in.Followed[person] = f.Text(name)
			}
		}
		return p.Council.Close(ctx, a, id, f.Int("version"), in)
	})
}

// Follow is POST /advice/{id}/follow.
func (p *Pages) Follow(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "council.done.followed", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Follow(ctx, a, id, f.Int("version"), f.Texts("became"))
	})
}

// Tasks is what waits in the council's room: advice to give and to close, votes to cast,
// minutes to approve, conditions to meet, agreements to answer.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	answer, closing, err := p.Council.Waiting(ctx, a)
	if err != nil {
		return nil, err
	}
	out, err := p.sitting(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, v := range answer {
		due, _ := shell.DayEnd(ctx, v.Due)
		out = append(out, shell.Task{Due: due, Href: "/advice/" + v.ID, Title: shell.T(ctx, "council.task.answer"), What: shell.Say(ctx, v.Question), Button: shell.T(ctx, "council.task.answer.go")})
	}
	for _, v := range closing {
		out = append(out, shell.Task{Href: "/advice/" + v.ID, Title: shell.T(ctx, "council.task.close", v.Number), What: shell.T(ctx, "council.task.close.what", v.Given, v.Advisers), Button: shell.T(ctx, "council.task.close.go")})
	}
	return out, nil
}

// sitting is what waits for those who sit, who answer for an agency, or who have a condition to meet.
func (p *Pages) sitting(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	d, err := p.Council.Duties(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []shell.Task
	for _, i := range d.Votes {
		out = append(out, shell.Task{Href: "/council-items/" + i.ID, Title: shell.T(ctx, "council.task.vote"), What: shell.Say(ctx, i.Title), Button: shell.T(ctx, "council.task.vote.go")})
	}
	for _, m := range d.Minutes {
		out = append(out, shell.Task{Href: "/council-meetings/" + m.ID, Title: shell.T(ctx, "council.task.minutes", m.Number), What: shell.T(ctx, "council.approve.why"), Button: shell.T(ctx, "council.minutes.read")})
	}
	for _, m := range d.Meetings {
		due, _ := shell.DayEnd(ctx, m.Day)
		if !m.Starts.IsZero() {
			due = m.Starts
		}
		out = append(out, shell.Task{Due: due, Href: "/council-meetings/" + m.ID, Title: shell.T(ctx, "council.task.meeting", m.Number), What: m.Where(), Button: shell.T(ctx, "council.task.meeting.go")})
	}
	for _, c := range d.Conditions {
		due, _ := shell.DayEnd(ctx, c.Due)
		out = append(out, shell.Task{Due: due, Href: "/council-conditions/" + c.ID, Title: shell.T(ctx, "council.task.condition"), What: shell.Say(ctx, c.Text), Button: shell.T(ctx, "council.condition.report.go")})
	}
	for _, v := range d.Cases {
		due, _ := shell.DayEnd(ctx, v.Due)
		out = append(out, shell.Task{Due: due, Href: "/agreements/" + v.ID, Title: shell.T(ctx, "council.task.case", v.Number), What: shell.Say(ctx, v.Title), Button: shell.T(ctx, "council.agreement.go")})
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
