package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
)

// FoundBody is a record that was found as the API writes it.
type FoundBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
}

func foundOf(list []register.Found) []FoundBody {
	out := make([]FoundBody, 0, len(list))
	for _, f := range list {
		out = append(out, FoundBody(f))
	}
	return out
}

// facetBody is one value to narrow a list by.
type facetBody struct {
	Value string    `json:"value"`
	Name  lang.Text `json:"name,omitempty"`
	Count int       `json:"count"`
}

// OrganisationBody is an organisation as the API writes it.
type OrganisationBody struct {
	ID       string    `json:"id"`
	Name     lang.Text `json:"name"`
	Acronym  string    `json:"acronym,omitempty"`
	Kind     string    `json:"kind"`
	Country  string    `json:"country,omitempty" doc:"ISO 3166-1, two letters"`
	Place    string    `json:"place,omitempty"`
	Website  string    `json:"website,omitempty"`
	ROR      string    `json:"ror,omitempty"`
	ParentID string    `json:"parent_id,omitempty"`
	Approval string    `json:"approval,omitempty" enum:"holder,every" doc:"When its research office agrees to proposals; none: it does not ask to."`
	Version  int64     `json:"version"`
}

func organisationOf(o register.Organisation) OrganisationBody {
	return OrganisationBody{o.ID, o.Name, o.Acronym, o.Kind, o.Country, o.Place, o.Website, o.ROR, o.ParentID, o.Approval, o.Version}
}

type organisationsIn struct {
	AfterIn
	Text    string `query:"q" doc:"Words of a name of today or before"`
	Kind    string `query:"kind"`
	Country string `query:"country"`
}

type organisationsOut struct {
	Body struct {
		Items     []OrganisationBody `json:"items"`
		Next      string             `json:"next,omitempty"`
		Total     int                `json:"total"`
		Kinds     []facetBody        `json:"kinds"`
		Countries []facetBody        `json:"countries"`
	}
}

func (a *API) organisationList(ctx context.Context, _ access.Actor, in *organisationsIn) (*organisationsOut, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	f := register.OrganisationFilter{Text: in.Text, Kind: in.Kind, Country: in.Country, Page: page, Size: pageSize}
	list, total, err := a.Register.Organisations(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &organisationsOut{}
	b := &out.Body
	b.Items, b.Total, b.Next = make([]OrganisationBody, 0, len(list)), total, nextAfter(page, total)
	for _, o := range list {
		b.Items = append(b.Items, organisationOf(o))
	}
	if b.Kinds, err = a.registerFacet(ctx, f, "kind"); err != nil {
		return nil, err
	}
	b.Countries, err = a.registerFacet(ctx, f, "country")
	return out, err
}

func (a *API) registerFacet(ctx context.Context, f register.OrganisationFilter, by string) ([]facetBody, error) {
	list, err := a.Register.Facets(ctx, f, by)
	out := make([]facetBody, 0, len(list))
	for _, v := range list {
		out = append(out, facetBody{Value: v.Value, Count: v.Count})
	}
	return out, err
}

type oldNameBody struct {
	Name     string `json:"name"`
	Language string `json:"language,omitempty"`
	Kind     string `json:"kind"`
	From     string `json:"from,omitempty"`
	Until    string `json:"until,omitempty"`
}

type successionBody struct {
	FromID string `json:"from_id"`
	ToID   string `json:"to_id"`
	From   string `json:"from_name,omitempty"`
	To     string `json:"to_name,omitempty"`
	Kind   string `json:"kind"`
	Day    string `json:"day,omitempty"`
	Note   string `json:"note,omitempty"`
}

type organisationOut struct {
	Body struct {
		OrganisationBody
		Parent     string           `json:"parent,omitempty"`
		Merged     []FoundBody      `json:"merged" doc:"What was merged into it and has a ROR key, which is the note."`
		Names      []oldNameBody    `json:"names"`
		Succession []successionBody `json:"succession"`
		Parts      []FoundBody      `json:"parts"`
		Facilities []facilityBody   `json:"facilities"`
		People     []FoundBody      `json:"people" doc:"The first of those who work there and let it be shown."`
		PeopleAll  int              `json:"people_total"`
		MayEdit    bool             `json:"may_edit"`
		MayMerge   bool             `json:"may_merge"`
	}
}

func (a *API) organisationGet(ctx context.Context, actor access.Actor, in *ByID) (*organisationOut, error) {
	v, err := a.Register.OrganisationView(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &organisationOut{}
	b := &out.Body
	b.OrganisationBody, b.Parent, b.Parts, b.People, b.PeopleAll = organisationOf(v.Organisation), v.Parent, foundOf(v.Parts), foundOf(v.People), v.PeopleAll
	b.Merged, b.MayEdit, b.MayMerge = foundOf(v.Merged), v.MayEdit, v.MayMerge
	b.Names, b.Succession, b.Facilities = []oldNameBody{}, []successionBody{}, facilitiesOf(v.Facilities)
	for _, n := range v.Names {
		b.Names = append(b.Names, oldNameBody(n))
	}
	for _, s := range v.Succession {
		b.Succession = append(b.Succession, successionBody{s.From, s.To, s.FromName, s.ToName, s.Kind, s.Day, s.Note})
	}
	return out, nil
}

// OrganisationFields is what is sent of an organisation.
type OrganisationFields struct {
	Name     lang.Text `json:"name"`
	Acronym  string    `json:"acronym,omitempty" maxLength:"100"`
	Kind     string    `json:"kind" enum:"university,institute,company,government,nonprofit,funder,facility,other"`
	Country  string    `json:"country,omitempty" maxLength:"2"`
	Place    string    `json:"place,omitempty" maxLength:"200"`
	Website  string    `json:"website,omitempty" maxLength:"500"`
	ROR      string    `json:"ror,omitempty" maxLength:"9"`
	Parent   string    `json:"parent_id,omitempty"`
	Approval string    `json:"approval,omitempty" enum:"holder,every" doc:"When its research office agrees to proposals; none: it does not ask to."`
}

func (f OrganisationFields) input() register.OrganisationInput {
	return register.OrganisationInput{Name: f.Name, Acronym: f.Acronym, Kind: f.Kind, Country: f.Country, Place: f.Place, Website: f.Website, ROR: f.ROR, Parent: f.Parent, Approval: f.Approval}
}

type organisationNewIn struct{ Body OrganisationFields }

func (a *API) organisationNew(ctx context.Context, actor access.Actor, in *organisationNewIn) (*madeOut, error) {
	o, err := a.Register.CreateOrganisation(ctx, actor, in.Body.input())
	return made(o.ID), err
}

type organisationEditIn struct {
	ByID
	Body struct {
		OrganisationFields
		Version int64  `json:"version" doc:"The one that you read."`
		Renamed string `json:"renamed,omitempty" format:"date" doc:"The day on which the name before ended; it is kept as a former name. None mends a slip."`
	}
}

func (a *API) organisationEdit(ctx context.Context, actor access.Actor, in *organisationEditIn) (*organisationOut, error) {
	input := in.Body.input()
	input.Renamed = in.Body.Renamed
	if _, err := a.Register.UpdateOrganisation(ctx, actor, in.ID, in.Body.Version, input); err != nil {
		return nil, err
	}
	return a.organisationGet(ctx, actor, &in.ByID)
}

type likelyBody struct {
	FoundBody
	Why string `json:"why" doc:"name: the same words; acronym: the same acronym in the same country"`
}

func (a *API) organisationDoubles(ctx context.Context, actor access.Actor, in *ByID) (*listOf[likelyBody], error) {
	list, err := a.Register.Doubles(ctx, actor, in.ID)
	out := make([]likelyBody, 0, len(list))
	for _, l := range list {
		out = append(out, likelyBody{FoundBody(l.Found), l.Why})
	}
	return items(out), err
}

type mergeIn struct {
	ByID
	Body struct {
		Into   string `json:"into" doc:"The organisation that it leads to from now on"`
		Why    string `json:"why,omitempty" maxLength:"2000" doc:"Needed unless dry_run; it stands in the ledger."`
		DryRun bool   `json:"dry_run,omitempty" doc:"Only tell what would be done."`
	}
}

type mergeOut struct {
	Body struct {
		From       OrganisationBody `json:"from"`
		Into       OrganisationBody `json:"into"`
		People     int              `json:"people"`
		Parts      int              `json:"parts"`
		Facilities int              `json:"facilities"`
		Done       bool             `json:"done"`
	}
}

func (a *API) organisationMerge(ctx context.Context, actor access.Actor, in *mergeIn) (*mergeOut, error) {
	m, err := a.Register.Consider(ctx, actor, in.ID, in.Body.Into)
	if err != nil {
		return nil, err
	}
	out := &mergeOut{}
	b := &out.Body
	b.From, b.Into, b.People, b.Parts, b.Facilities = organisationOf(m.From), organisationOf(m.Into), m.People, m.Parts, m.Facility
	if in.Body.DryRun {
		return out, nil
	}
	b.Done = true
	return out, a.Register.Merge(ctx, actor, in.ID, in.Body.Into, in.Body.Why)
}

type unmergeIn struct {
	ByID
	Body struct {
		Why string `json:"why" minLength:"1" maxLength:"2000" doc:"It stands in the ledger."`
	}
}

func (a *API) organisationUnmerge(ctx context.Context, actor access.Actor, in *unmergeIn) (*none, error) {
	return nil, a.Register.Unmerge(ctx, actor, in.ID, in.Body.Why)
}

type splitIn struct {
	ByID
	Body struct {
		Into []string `json:"into" minItems:"1" doc:"The organisations that it was divided into"`
		Day  string   `json:"day" format:"date"`
		Why  string   `json:"why" minLength:"1" maxLength:"2000"`
	}
}

func (a *API) organisationSplit(ctx context.Context, actor access.Actor, in *splitIn) (*none, error) {
	return nil, a.Register.Split(ctx, actor, in.ID, in.Body.Into, in.Body.Day, in.Body.Why)
}

type facilityBody struct {
	ID             string    `json:"id"`
	OrganisationID string    `json:"organisation_id"`
	Organisation   string    `json:"organisation"`
	Name           lang.Text `json:"name"`
	Summary        lang.Text `json:"summary"`
	Kind           string    `json:"kind,omitempty"`
	Place          string    `json:"place,omitempty"`
	Website        string    `json:"website,omitempty"`
	Version        int64     `json:"version"`
}

func facilitiesOf(list []register.Facility) []facilityBody {
	out := make([]facilityBody, 0, len(list))
	for _, f := range list {
		out = append(out, facilityBody(f))
	}
	return out
}

type facilitiesIn struct {
	AfterIn
	Organisation string `query:"organisation_id"`
}

func (a *API) facilityList(ctx context.Context, _ access.Actor, in *facilitiesIn) (*listOf[facilityBody], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, err := a.Register.Facilities(ctx, in.Organisation)
	return slice(facilitiesOf(list), page), err
}

type facilityOut struct{ Body facilityBody }

func (a *API) facilityGet(ctx context.Context, _ access.Actor, in *ByID) (*facilityOut, error) {
	f, err := a.Register.Facility(ctx, in.ID)
	return &facilityOut{facilityBody(f)}, err
}

// FacilityFields is what is sent of a facility.
type FacilityFields struct {
	Name    lang.Text `json:"name"`
	Summary lang.Text `json:"summary,omitempty"`
	Kind    string    `json:"kind,omitempty" maxLength:"200"`
	Place   string    `json:"place,omitempty" maxLength:"200"`
	Website string    `json:"website,omitempty" maxLength:"500"`
}

type facilityNewIn struct {
	ByID
	Body FacilityFields
}

func (a *API) facilityNew(ctx context.Context, actor access.Actor, in *facilityNewIn) (*facilityOut, error) {
	f, err := a.Register.SaveFacility(ctx, actor, in.ID, "", 0, register.FacilityInput(in.Body))
	if err != nil {
		return nil, err
	}
	return a.facilityGet(ctx, actor, &ByID{ID: f.ID})
}

type facilityEditIn struct {
	ByID
	Body struct {
		FacilityFields
		Version int64 `json:"version"`
	}
}

func (a *API) facilityEdit(ctx context.Context, actor access.Actor, in *facilityEditIn) (*facilityOut, error) {
	f, err := a.Register.Facility(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if _, err = a.Register.SaveFacility(ctx, actor, f.OrganisationID, in.ID, in.Body.Version, register.FacilityInput(in.Body.FacilityFields)); err != nil {
		return nil, err
	}
	return a.facilityGet(ctx, actor, &in.ByID)
}

type programmeBody struct {
	ID   string    `json:"id"`
	Slug string    `json:"slug"`
	Name lang.Text `json:"name"`
}

type budgetBody struct {
	ID          string    `json:"id"`
	ProgrammeID string    `json:"programme_id,omitempty"`
	Name        lang.Text `json:"name"`
	Year        int       `json:"year"`
	Amount      moneyBody `json:"amount"`
}

// AgencyBody is an agency as the API writes it.
type AgencyBody struct {
	ID             string    `json:"id"`
	OrganisationID string    `json:"organisation_id"`
	Slug           string    `json:"slug"`
	Short          string    `json:"short,omitempty"`
	Name           lang.Text `json:"name"`
	Currency       string    `json:"currency"`
	Zone           string    `json:"zone"`
}

func agencyOf(g register.Agency) AgencyBody {
	return AgencyBody{g.ID, g.OrganisationID, g.Slug, g.Short, g.Name, g.Currency, g.Zone}
}

func (a *API) agencyList(ctx context.Context, _ access.Actor, _ *none) (*listOf[AgencyBody], error) {
	list, err := a.Register.Agencies(ctx)
	out := make([]AgencyBody, 0, len(list))
	for _, g := range list {
		out = append(out, agencyOf(g))
	}
	return items(out), err
}

type agencyOut struct {
	Body struct {
		AgencyBody
		Programmes []programmeBody `json:"programmes"`
		Budget     []budgetBody    `json:"budget"`
		MayEdit    bool            `json:"may_edit"`
	}
}

func (a *API) agencyGet(ctx context.Context, actor access.Actor, in *ByID) (*agencyOut, error) {
	v, err := a.Register.Agency(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &agencyOut{}
	b := &out.Body
	b.AgencyBody, b.MayEdit, b.Programmes, b.Budget = agencyOf(v.Agency), v.MayEdit, []programmeBody{}, []budgetBody{}
	for _, p := range v.Programmes {
		b.Programmes = append(b.Programmes, programmeBody{p.ID, p.Slug, p.Name})
	}
	for _, l := range v.Budget {
		b.Budget = append(b.Budget, budgetBody{l.ID, l.ProgrammeID, l.Name, l.Year, moneyBody(l.Amount)})
	}
	return out, nil
}

type programmeIn struct {
	ByID
	Body struct {
		Name lang.Text `json:"name"`
		Slug string    `json:"slug" maxLength:"60" doc:"The part of the address that names it"`
	}
}

func (a *API) programmeNew(ctx context.Context, actor access.Actor, in *programmeIn) (*madeOut, error) {
	v, err := a.Register.Agency(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := a.Register.AddProgramme(ctx, actor, register.Programme{AgencyID: v.ID, Name: in.Body.Name, Slug: in.Body.Slug})
	return made(p.ID), err
}

type budgetIn struct {
	ByID
	Body struct {
		Name      lang.Text `json:"name"`
		Year      int       `json:"year"`
		Minor     int64     `json:"amount_minor" doc:"In the smallest unit of the agency's currency; negative takes back."`
		Programme string    `json:"programme_id,omitempty"`
	}
}

func (a *API) budgetNew(ctx context.Context, actor access.Actor, in *budgetIn) (*madeOut, error) {
	v, err := a.Register.Agency(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	l, err := a.Register.AddBudget(ctx, actor, register.BudgetLine{AgencyID: v.ID, ProgrammeID: b.Programme, Name: b.Name, Year: b.Year, Amount: money.Amount{Minor: b.Minor, Currency: v.Currency}})
	return made(l.ID), err
}
