package register

import (
	"net/http"

	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// relationForm is the form by which somebody says what another is to them.
type relationForm struct {
	in      register.RelationInput
	pick    shell.PickField
	refusal shell.Refusal
}

// Relations is GET /profile/relations: what one says that others are to one, for conflicts of interest.
func (p *Pages) Relations(w http.ResponseWriter, r *http.Request) error {
	return p.relations(w, r, http.StatusOK, relationForm{})
}

func (p *Pages) relations(w http.ResponseWriter, r *http.Request, status int, f relationForm) error {
	list, err := p.Register.Relations(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, relationsPage(list, f))
}

// AddRelation is POST /profile/relations.
func (p *Pages) AddRelation(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := relationForm{pick: shell.PickField{Typed: f.Text("person_text")}, in: register.RelationInput{Kind: f.Text("kind"), From: f.Day("from"), Until: f.Day("until")}}
	if err = f.Err(); err == nil {
		d.in.Other, err = shell.Picked(r.Context(), f, "person", &d.pick, p.Register.FindPeople)
	}
	if err == nil {
		err = p.Register.AddRelation(r.Context(), shell.Actor(r), d.in)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.relations(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/profile/relations", "register.done.relation")
}

// RemoveRelation is POST /profile/relations/{id}/remove.
func (p *Pages) RemoveRelation(w http.ResponseWriter, r *http.Request) error {
	if err := p.Register.RemoveRelation(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Go(w, r, "/profile/relations", "register.done.relation.removed")
}
