package proposal

import (
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// competitorForm is what the page on which applicants name competitors shows.
type competitorForm struct {
	proposal.View
	person, organisation shell.PickField
	form                 *shell.Form // that was refused
	refusal              shell.Refusal
}

// reason is what was typed in the form for a person or an organisation that was refused.
func (c competitorForm) reason(kind string) (typed string, refusal shell.Refusal) {
	if c.form == nil || c.form.Get("kind") != kind {
		return "", shell.Refusal{}
	}
	return c.form.Get("reason"), c.refusal
}

// Competitors is GET /proposals/{id}/competitors.
func (p *Pages) Competitors(w http.ResponseWriter, r *http.Request) error {
	return p.competitors(w, r, http.StatusOK, competitorForm{})
}

func (p *Pages) competitors(w http.ResponseWriter, r *http.Request, status int, c competitorForm) error {
	var err error
	if c.View, err = p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	if !c.MayWrite() || c.Scheme.Competitors == 0 {
		return fault.Missing()
	}
	return shell.Render(w, r, status, competitorsPage(c))
}

// AddCompetitor is POST /proposals/{id}/competitors.
func (p *Pages) AddCompetitor(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, c := r.PathValue("id"), competitorForm{form: f}
	named := proposal.Competitor{Reason: f.Text("reason")}
	if f.Get("kind") == "organisation" {
		c.organisation.Typed = f.Text("organisation_text")
		named.Organisation, err = shell.Picked(r.Context(), f, "organisation", &c.organisation, p.Register.FindOrganisations)
	} else {
		c.person.Typed = f.Text("person_text")
		named.Person, err = shell.Picked(r.Context(), f, "person", &c.person, p.Register.FindPeople)
	}
	if err == nil {
		err = p.Proposals.AddCompetitor(r.Context(), shell.Actor(r), id, named)
	}
	if refusal, ok := shell.Refused(err); ok {
		c.refusal = refusal
		return p.competitors(w, r, http.StatusUnprocessableEntity, c)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/competitors", "proposal.done.competitor")
}

// RemoveCompetitor is POST /proposals/{id}/competitors/{competitor}/remove.
func (p *Pages) RemoveCompetitor(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Proposals.RemoveCompetitor(r.Context(), shell.Actor(r), id, r.PathValue("competitor")); err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/competitors", "proposal.done.competitor.removed")
}
