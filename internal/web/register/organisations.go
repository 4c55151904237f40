// Package register is the pages of organisations, people, facilities and agencies.
package register

import (
	"cmp"
	"net/http"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// pageSize is how many organisations a page of the list shows.
const pageSize = 50

// Pages are the register's pages.
type Pages struct {
	Register *register.Service
	Awards   *award.Service
}

// Organisations is GET /organisations.
func (p *Pages) Organisations(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := register.OrganisationFilter{Text: q.Get("q"), Kind: q.Get("kind"), Country: q.Get("country"), Page: shell.PageOf(q.Get("page")), Size: pageSize}
	list, total, err := p.Register.Organisations(r.Context(), f)
	if err != nil {
		return err
	}
	kinds, err := p.Register.Facets(r.Context(), f, "kind")
	if err != nil {
		return err
	}
	countries, err := p.Register.Facets(r.Context(), f, "country")
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, organisationsPage(f, list, total, kinds, countries))
}

// Organisation is GET /organisations/{id}; a merged one leads to the one it went into.
func (p *Pages) Organisation(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, err := p.Register.OrganisationView(r.Context(), shell.Actor(r), id)
	if err != nil {
		return err
	}
	if v.ID != id {
		http.Redirect(w, r, "/organisations/"+v.ID, http.StatusMovedPermanently)
		return nil
	}
	return shell.Render(w, r, http.StatusOK, organisationPage(v))
}

// organisationForm is what the form of an organisation holds.
type organisationForm struct {
	in      register.OrganisationInput
	id      string
	version int64
	parent  string
	pick    shell.PickField
	refusal shell.Refusal
}

// New is GET /organisations/new.
func (p *Pages) New(w http.ResponseWriter, r *http.Request) error {
	if !mayAdd(r.Context()) {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, http.StatusOK, organisationFormPage(organisationForm{in: register.OrganisationInput{Kind: "university"}}))
}

// Create is POST /organisations.
func (p *Pages) Create(w http.ResponseWriter, r *http.Request) error {
	return p.saveOrganisation(w, r, func(d organisationForm) (register.Organisation, error) {
		return p.Register.CreateOrganisation(r.Context(), shell.Actor(r), d.in)
	})
}

// Edit is GET /organisations/{id}/edit.
func (p *Pages) Edit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Register.OrganisationView(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.MayEdit {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, http.StatusOK, organisationFormPage(organisationForm{id: v.ID, version: v.Version, parent: v.Parent,
		in: register.OrganisationInput{Name: v.Name, Acronym: v.Acronym, Kind: v.Kind, Country: v.Country, Place: v.Place, Website: v.Website, Parent: v.ParentID, ROR: v.ROR, Approval: v.Approval}}))
}

// Update is POST /organisations/{id}/edit.
func (p *Pages) Update(w http.ResponseWriter, r *http.Request) error {
	return p.saveOrganisation(w, r, func(d organisationForm) (register.Organisation, error) {
		return p.Register.UpdateOrganisation(r.Context(), shell.Actor(r), d.id, d.version, d.in)
	})
}

func (p *Pages) saveOrganisation(w http.ResponseWriter, r *http.Request, do func(organisationForm) (register.Organisation, error)) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := organisationForm{id: r.PathValue("id"), version: f.Int("version"), parent: f.Text("parent_text"), in: register.OrganisationInput{Name: f.Texts("name"), Acronym: f.Text("acronym"),
		Kind: f.Text("kind"), Country: f.Text("country"), Place: f.Text("place"), Website: f.Text("website"), ROR: f.Text("ror"), Approval: f.Text("approval"), Renamed: f.Day("renamed")}}
	err = f.Err()
	if err == nil && d.parent != "" {
		d.in.Parent, err = shell.Picked(r.Context(), f, "parent", &d.pick, p.Register.FindOrganisations)
	}
	var saved register.Organisation
	if err == nil {
		saved, err = do(d)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, organisationFormPage(d))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/organisations/"+saved.ID, "register.done.saved")
}

// mergeForm is what the page of a merger holds: first the choice, then the consequences.
type mergeForm struct {
	from    register.OrganisationView
	likely  []register.Likely
	into    string
	typed   string
	why     string
	merger  *register.Merger
	awards  int // that follow it
	pick    shell.PickField
	refusal shell.Refusal
}

// AskMerge is GET /organisations/{id}/merge?into=…: what a merger would do, before it is done.
func (p *Pages) AskMerge(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	m := mergeForm{into: q.Get("into"), typed: q.Get("into_text")}
	f := &shell.Form{Values: q}
	var err error
	if m.typed != "" && m.into == "" {
		m.into, err = shell.Picked(r.Context(), f, "into", &m.pick, p.Register.FindOrganisations)
	}
	return p.merge(w, r, m, err)
}

// merge shows what would happen, or again what was refused.
func (p *Pages) merge(w http.ResponseWriter, r *http.Request, m mergeForm, err error) error {
	a, id, status := shell.Actor(r), r.PathValue("id"), http.StatusOK
	if m.into != "" {
		merger, e := p.Register.Consider(r.Context(), a, id, m.into)
		if e == nil {
			m.merger = &merger
			m.awards, e = p.Awards.Held(r.Context(), id)
		}
		err = cmp.Or(err, e)
	}
	if err != nil {
		refusal, ok := shell.Refused(err)
		if !ok {
			return err
		}
		m.refusal, status = refusal, http.StatusUnprocessableEntity
	}
	if m.likely, err = p.Register.Doubles(r.Context(), a, id); err != nil {
		return err
	}
	if m.from, err = p.Register.OrganisationView(r.Context(), a, id); err != nil {
		return err
	}
	return shell.Render(w, r, status, mergePage(m))
}

// Merge is POST /organisations/{id}/merge.
func (p *Pages) Merge(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	m := mergeForm{into: f.Text("into"), why: f.Text("why")}
	err = p.Register.Merge(r.Context(), shell.Actor(r), r.PathValue("id"), m.into, m.why)
	if err != nil {
		return p.merge(w, r, m, err)
	}
	return shell.Go(w, r, "/organisations/"+m.into, "register.done.merged")
}

// Facilities is GET /facilities.
func (p *Pages) Facilities(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Register.Facilities(r.Context(), "")
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, facilitiesPage(list))
}

// Facility is GET /facilities/{id}.
func (p *Pages) Facility(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Register.Facility(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, facilityPage(f, p.Register.MayEditFacility(shell.Actor(r), f.OrganisationID)))
}

// facilityForm is what the form of a facility holds.
type facilityForm struct {
	in               register.FacilityInput
	id, organisation string
	version          int64
	refusal          shell.Refusal
}

// NewFacility is GET /organisations/{id}/facilities/new.
func (p *Pages) NewFacility(w http.ResponseWriter, r *http.Request) error {
	if !p.Register.MayEditFacility(shell.Actor(r), r.PathValue("id")) {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, http.StatusOK, facilityFormPage(facilityForm{organisation: r.PathValue("id")}))
}

// EditFacility is GET /facilities/{id}/edit.
func (p *Pages) EditFacility(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Register.Facility(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !p.Register.MayEditFacility(shell.Actor(r), f.OrganisationID) {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, http.StatusOK, facilityFormPage(facilityForm{id: f.ID, version: f.Version,
		in: register.FacilityInput{Name: f.Name, Summary: f.Summary, Kind: f.Kind, Place: f.Place, Website: f.Website}}))
}

// AddFacility is POST /organisations/{id}/facilities.
func (p *Pages) AddFacility(w http.ResponseWriter, r *http.Request) error {
	return p.saveFacility(w, r, facilityForm{organisation: r.PathValue("id")})
}

// UpdateFacility is POST /facilities/{id}/edit.
func (p *Pages) UpdateFacility(w http.ResponseWriter, r *http.Request) error {
	return p.saveFacility(w, r, facilityForm{id: r.PathValue("id")})
}

func (p *Pages) saveFacility(w http.ResponseWriter, r *http.Request, d facilityForm) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d.version = f.Int("version")
	d.in = register.FacilityInput{Name: f.Texts("name"), Summary: f.Texts("summary"), Kind: f.Text("kind"), Place: f.Text("place"), Website: f.Text("website")}
	saved, err := p.Register.SaveFacility(r.Context(), shell.Actor(r), d.organisation, d.id, d.version, d.in)
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, facilityFormPage(d))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/facilities/"+saved.ID, "register.done.saved")
}

// Agencies is GET /agencies.
func (p *Pages) Agencies(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Register.Agencies(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, agenciesPage(list))
}

// agencyForms is what the two forms of an agency's page hold.
type agencyForms struct {
	programme register.Programme
	line      register.BudgetLine
	year      string
	amount    string
	refusal   shell.Refusal
}

// Agency is GET /agencies/{id}.
func (p *Pages) Agency(w http.ResponseWriter, r *http.Request) error {
	return p.agency(w, r, http.StatusOK, agencyForms{})
}

func (p *Pages) agency(w http.ResponseWriter, r *http.Request, status int, f agencyForms) error {
	v, err := p.Register.Agency(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, agencyPage(v, f))
}

// AskUnmerge is GET /organisations/{id}/unmerge: before a merger is taken back.
func (p *Pages) AskUnmerge(w http.ResponseWriter, r *http.Request) error {
	return p.unmerge(w, r, http.StatusOK, "", shell.Refusal{})
}

func (p *Pages) unmerge(w http.ResponseWriter, r *http.Request, status int, why string, refusal shell.Refusal) error {
	id := r.PathValue("id")
	names, err := p.Register.Names(r.Context(), nil, []string{id})
	if err != nil {
		return err
	}
	into, err := p.Register.OrganisationView(r.Context(), shell.Actor(r), id)
	if err != nil {
		return err
	}
	if !into.MayMerge {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, status, unmergePage(id, names[id], shell.Say(r.Context(), into.Name), why, refusal))
}

// Unmerge is POST /organisations/{id}/unmerge.
func (p *Pages) Unmerge(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	err = p.Register.Unmerge(r.Context(), shell.Actor(r), r.PathValue("id"), f.Text("why"))
	if refusal, ok := shell.Refused(err); ok {
		return p.unmerge(w, r, fault.From(err).Kind.Status(), f.Text("why"), refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/organisations/"+r.PathValue("id"), "register.done.unmerged")
}
