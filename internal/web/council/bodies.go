package council

import (
	"context"
	"net/http"
	"slices"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Bodies is GET /bodies.
func (p *Pages) Bodies(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Council.Bodies(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	agencies, err := p.own(r, access.Officer)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, bodiesPage(list, len(agencies) > 0))
}

// own are the agencies in which the viewer holds one of the roles.
func (p *Pages) own(r *http.Request, roles ...access.Role) ([]shell.Option, error) {
	all, err := p.Register.Agencies(r.Context())
	var out []shell.Option
	for _, g := range all {
		for _, role := range roles {
			if shell.Actor(r).Has(role, access.Agency(g.ID)) {
				out = append(out, shell.Option{Value: g.ID, Label: shell.Say(r.Context(), g.Name)})
				break
			}
		}
	}
	return out, err
}

// bodyForm is what the form of a body holds.
type bodyForm struct {
	in       council.BodyInput
	id       string // "" of a new one
	version  int64
	agencies []shell.Option
	refusal  shell.Refusal
}

// NewBody is GET /bodies/new.
func (p *Pages) NewBody(w http.ResponseWriter, r *http.Request) error {
	return p.bodyForm(w, r, http.StatusOK, bodyForm{in: council.BodyInput{Rule: council.Rule{Quorum: council.Half, Share: council.Half, Base: council.Cast, Recused: council.Apart}}})
}

func (p *Pages) bodyForm(w http.ResponseWriter, r *http.Request, status int, d bodyForm) error {
	var err error
	if d.agencies, err = p.own(r, access.Officer); err != nil {
		return err
	}
	if !slices.ContainsFunc(d.agencies, func(o shell.Option) bool { return d.id == "" || o.Value == d.in.AgencyID }) {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, status, bodyFormPage(d))
}

func readBody(f *shell.Form) bodyForm {
	return bodyForm{version: f.Int("version"), in: council.BodyInput{AgencyID: f.Text("agency"), Name: f.Texts("name"), Remit: f.Texts("remit"), Priorities: f.On("priorities"),
		Rule: council.Rule{Quorum: f.Text("quorum"), Least: int(f.Int("least")), Share: f.Text("share"), Base: f.Text("base"), Casting: f.On("casting"), Recused: f.Text("recused")}}}
}

// FormBody is POST /bodies.
func (p *Pages) FormBody(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := readBody(f)
	made := council.Body{}
	if err = f.Err(); err == nil {
		made, err = p.Council.Form(r.Context(), shell.Actor(r), d.in)
	}
	var refused bool
	if d.refusal, refused = shell.Refused(err); refused {
		return p.bodyForm(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/bodies/"+made.ID, "council.done.formed")
}

// EditBody is GET /bodies/{id}/edit.
func (p *Pages) EditBody(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Council.Body(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.bodyForm(w, r, http.StatusOK, bodyForm{id: v.ID, version: v.Version, in: council.BodyInput{AgencyID: v.AgencyID, Name: v.Name, Remit: v.Remit, Rule: v.Rule, Priorities: v.Priorities}})
}

// ReformBody is POST /bodies/{id}/edit.
func (p *Pages) ReformBody(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := readBody(f)
	d.id = r.PathValue("id")
	if err = f.Err(); err == nil {
		err = p.Council.Reform(r.Context(), shell.Actor(r), d.id, d.version, d.in)
	}
	var refused bool
	if d.refusal, refused = shell.Refused(err); refused {
		return p.bodyForm(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/bodies/"+d.id, "council.done.formed")
}

// Body is GET /bodies/{id}.
func (p *Pages) Body(w http.ResponseWriter, r *http.Request) error {
	return p.body(w, r, http.StatusOK, redraw{})
}

func (p *Pages) body(w http.ResponseWriter, r *http.Request, status int, g redraw) error {
	v, err := p.Council.Body(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, bodyPage(v, clock.Now(r.Context()).Format("2006-01-02"), g))
}

// redraw is a form that is drawn again: what was typed, and why it was refused.
type redraw struct {
	refusal shell.Refusal
	typed   *shell.Form
	pick    shell.PickField
}

// do is what a form of a page asks of the room.
type do func(ctx context.Context, a access.Actor, f *shell.Form, pick *shell.PickField) error

// post does what a form asks and goes on to the page, or draws the page again.
func post(w http.ResponseWriter, r *http.Request, page, done string, act do, draw func(http.ResponseWriter, *http.Request, int, redraw) error) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	g := redraw{typed: f}
	if err = act(r.Context(), shell.Actor(r), f, &g.pick); err == nil {
		err = f.Err()
	}
	var refused bool
	if g.refusal, refused = shell.Refused(err); refused {
		return draw(w, r, http.StatusUnprocessableEntity, g)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, page, done)
}

// Seat is POST /bodies/{id}/seats.
func (p *Pages) Seat(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/bodies/"+id, "council.done.seated", func(ctx context.Context, a access.Actor, f *shell.Form, pick *shell.PickField) error {
		person, err := shell.Picked(ctx, f, "person", pick, p.Register.FindPeople)
		if err != nil {
			return err
		}
		return p.Council.Seat(ctx, a, id, council.SeatInput{Person: person, Role: f.Text("role"), StandsFor: f.Text("stands_for"), From: f.Text("from"), Until: f.Text("until")})
	}, p.body)
}

// EndSeat is POST /bodies/{id}/seats/{seat}/end.
func (p *Pages) EndSeat(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/bodies/"+id, "council.done.unseated", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.EndSeat(ctx, a, id, r.PathValue("seat"), f.Text("until"))
	}, p.body)
}

// Declare is POST /bodies/{id}/interests.
func (p *Pages) Declare(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/bodies/"+id, "council.done.declared", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Declare(ctx, a, id, f.Text("interests"))
	}, p.body)
}

// PlanMeeting is POST /bodies/{id}/meetings.
func (p *Pages) PlanMeeting(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	m, err := p.Council.Plan(r.Context(), shell.Actor(r), r.PathValue("id"), readMeeting(f))
	if refusal, ok := shell.Refused(err); ok {
		return p.body(w, r, http.StatusUnprocessableEntity, redraw{refusal: refusal, typed: f})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/council-meetings/"+m.ID, "council.done.planned")
}
