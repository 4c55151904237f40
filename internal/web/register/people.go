package register

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Person is GET /people/{id}.
func (p *Pages) Person(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Register.Profile(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, personPage(v))
}

// profileForms is what the forms of one's own profile hold.
type profileForms struct {
	in      *register.ProfileInput // as sent, nil for what is stored
	limit   string
	version int64
	job     register.JobInput
	where   string
	pick    shell.PickField
	work    register.WorkInput
	year    string
	refusal shell.Refusal
}

// Profile is GET /profile.
func (p *Pages) Profile(w http.ResponseWriter, r *http.Request) error {
	return p.profile(w, r, http.StatusOK, profileForms{})
}

func (p *Pages) profile(w http.ResponseWriter, r *http.Request, status int, f profileForms) error {
	a := shell.Actor(r)
	if a.Person == "" {
		return fault.New(fault.NotFound, "register.profile.none")
	}
	v, err := p.Register.Profile(r.Context(), a, a.Person)
	if err != nil {
		return err
	}
	if !v.Self { // who acts for another
		return fault.New(fault.NotAllowed, "register.profile.acting")
	}
	if f.in == nil {
		f.version, f.limit = v.Version, ""
		if v.ReviewLimit > 0 {
			f.limit = strconv.FormatInt(v.ReviewLimit, 10)
		}
		f.in = &register.ProfileInput{Given: v.Given, Family: v.Family, Name: v.Name, ORCID: v.ORCID, Country: v.Country, About: v.About, Keywords: v.Keywords, Languages: v.Languages, CareerStage: v.CareerStage, Shown: v.Shown}
	}
	return shell.Render(w, r, status, profilePage(v, f))
}

// SaveProfile is POST /profile.
func (p *Pages) SaveProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := profileForms{version: f.Int("version"), limit: f.Text("review_limit"), in: &register.ProfileInput{Given: f.Text("given"), Family: f.Required("family"), Name: f.Text("name"), ORCID: f.Text("orcid"),
		Country: f.Text("country"), About: f.Texts("about"), Keywords: words(f.Text("keywords")), Languages: words(f.Text("languages")), ReviewLimit: f.Int("review_limit"), CareerStage: f.Text("career_stage"), Shown: map[string]string{}}}
	for _, field := range register.Shown {
		if to := f.Text("shown_" + field); to != "" {
			d.in.Shown[field] = to
		}
	}
	return p.done(w, r, d, f.Err(), func(a access.Actor) error {
		return p.Register.UpdateProfile(r.Context(), a, a.Person, d.version, *d.in)
	}, "")
}

// words are the parts of a list written with commas.
func words(list string) (out []string) {
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return strings.ContainsRune(",，、;；\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// done answers a form of one's own profile.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, d profileForms, err error, do func(access.Actor) error, to string) error {
	if err == nil {
		err = do(shell.Actor(r))
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.profile(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/profile"+to, "register.done.profile")
}

// AddJob is POST /profile/jobs.
func (p *Pages) AddJob(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := profileForms{where: f.Text("organisation_text"), job: register.JobInput{Department: f.Text("department"), Position: f.Text("position"), From: f.Day("from"), Until: f.Day("until")}}
	err = f.Err()
	if err == nil {
		d.job.OrganisationID, err = shell.Picked(r.Context(), f, "organisation", &d.pick, p.Register.FindOrganisations)
	}
	return p.done(w, r, d, err, func(a access.Actor) error { return p.Register.AddJob(r.Context(), a, a.Person, d.job) }, "#jobs")
}

// EndJob is POST /profile/jobs/{id}/end.
func (p *Pages) EndJob(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	day := f.Day("until")
	return p.done(w, r, profileForms{}, f.Err(), func(a access.Actor) error { return p.Register.EndJob(r.Context(), a, a.Person, r.PathValue("id"), day) }, "#jobs")
}

// AddWork is POST /profile/works.
func (p *Pages) AddWork(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := profileForms{year: f.Text("year"), work: register.WorkInput{Title: f.Text("title"), Kind: f.Text("kind"), DOI: f.Text("doi"), URL: f.Text("url"), Year: int(f.Int("year")), Representative: f.On("representative")}}
	return p.done(w, r, d, f.Err(), func(a access.Actor) error { return p.Register.AddWork(r.Context(), a, a.Person, d.work) }, "#works")
}

// Represent is POST /profile/works/{id}/represent.
func (p *Pages) Represent(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	return p.done(w, r, profileForms{}, nil, func(a access.Actor) error {
		return p.Register.Represent(r.Context(), a, a.Person, r.PathValue("id"), f.Text("on") == "1")
	}, "#works")
}

// RemoveWork is POST /profile/works/{id}/remove.
func (p *Pages) RemoveWork(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, profileForms{}, nil, func(a access.Actor) error {
		return p.Register.RemoveWork(r.Context(), a, a.Person, r.PathValue("id"))
	}, "#works")
}

// AddProgramme is POST /agencies/{id}/programmes.
func (p *Pages) AddProgramme(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	v, err := p.Register.Agency(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	d := agencyForms{programme: register.Programme{AgencyID: v.ID, Slug: f.Text("slug"), Name: f.Texts("name")}}
	_, err = p.Register.AddProgramme(r.Context(), shell.Actor(r), d.programme)
	return p.agencyDone(w, r, v, d, err)
}

func (p *Pages) agencyDone(w http.ResponseWriter, r *http.Request, v register.AgencyView, d agencyForms, err error) error {
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.agency(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/agencies/"+v.Slug, "register.done.saved")
}

// AddBudget is POST /agencies/{id}/budget.
func (p *Pages) AddBudget(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	v, err := p.Register.Agency(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	d := agencyForms{year: f.Text("year"), amount: f.Text("amount"), line: register.BudgetLine{AgencyID: v.ID, ProgrammeID: f.Text("programme"), Name: f.Texts("line"), Year: int(f.Int("year"))}}
	if d.line.Name.Empty() {
		f.Refuse("line", "fault.required")
	}
	if d.line.Amount, err = money.Parse(d.amount, v.Currency); err != nil {
		f.Refuse("amount", "register.amount")
	}
	if err = f.Err(); err == nil {
		_, err = p.Register.AddBudget(r.Context(), shell.Actor(r), d.line)
	}
	return p.agencyDone(w, r, v, d, err)
}
