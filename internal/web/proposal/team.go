package proposal

import (
	"net/http"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// teamForm is what the page of a team shows.
type teamForm struct {
	proposal.View
	pick    shell.PickField
	form    *shell.Form // that was refused
	refusal shell.Refusal
}

// typed is what was typed in a form that was refused, else value.
func (t teamForm) typed(name, value string) string {
	if t.form != nil && t.form.Has(name) {
		return t.form.Get(name)
	}
	return value
}

func (t teamForm) mayArrange() bool {
	return t.Set.Any(access.Lead) && t.State == proposal.Draft && t.Open
}

// Team is GET /proposals/{id}/team.
func (p *Pages) Team(w http.ResponseWriter, r *http.Request) error {
	return p.team(w, r, http.StatusOK, teamForm{})
}

func (p *Pages) team(w http.ResponseWriter, r *http.Request, status int, t teamForm) error {
	var err error
	if t.View, err = p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Render(w, r, status, teamPage(t))
}

// Invite is POST /proposals/{id}/team: somebody of the register, or by name and address.
func (p *Pages) Invite(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	t := teamForm{pick: shell.PickField{Typed: f.Text("person_text")}, form: f}
	share := f.Float("share")
	if err = f.Err(); err == nil {
		err = p.invite(r, f, &t, id, share)
	}
	if refusal, ok := shell.Refused(err); ok {
		t.refusal = refusal
		return p.team(w, r, http.StatusUnprocessableEntity, t)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/team", "proposal.done.invited")
}

func (p *Pages) invite(r *http.Request, f *shell.Form, t *teamForm, id string, share float64) error {
	if f.Has("email") {
		_, err := p.Proposals.InviteByMail(r.Context(), shell.Actor(r), id, f.Text("name"), f.Text("email"), f.Text("role"), share)
		return err
	}
	person, err := shell.Picked(r.Context(), f, "person", &t.pick, p.Register.FindPeople)
	if err == nil {
		_, err = p.Proposals.Invite(r.Context(), shell.Actor(r), id, person, f.Text("role"), share)
	}
	return err
}

// Arrange is POST /proposals/{id}/team/parts: roles, shares and who may write.
func (p *Pages) Arrange(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	var parts []proposal.Part
	for name := range f.Values {
		if member, ok := strings.CutPrefix(name, "share_"); ok {
			parts = append(parts, proposal.Part{MemberID: member, Role: f.Text("role_" + member), Share: f.Float(name), MayEdit: f.On("writes_" + member)})
		}
	}
	if err = f.Err(); err == nil {
		err = p.Proposals.Arrange(r.Context(), shell.Actor(r), id, parts)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.team(w, r, http.StatusUnprocessableEntity, teamForm{form: f, refusal: refusal})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/team", "proposal.done.arranged")
}

// Remove is POST /proposals/{id}/team/{member}/remove.
func (p *Pages) Remove(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Proposals.Remove(r.Context(), shell.Actor(r), id, r.PathValue("member")); err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/team", "proposal.done.removed")
}

// memberNote is where somebody works, or the address that was asked.
func memberNote(m proposal.Member) string {
	if m.Organisation == "" {
		return m.Email
	}
	return m.Organisation
}
