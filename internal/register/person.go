package register

import (
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// To whom a person lets a field be shown.
const (
	ToAll     = "public"
	ToMembers = "members" // everybody signed in
	ToNobody  = "nobody"  // but the person and those who run the register
)

// Shown lists the fields of a profile that a person decides about, in the order
// of the page. E-mail is not among them: it is never shown.
var Shown = []string{"affiliations", "orcid", "country", "about", "keywords", "languages", "works"}

// Work is a paper, data set, program or patent of a person.
type Work struct {
	ID, Title, Kind, DOI, URL string
	Year                      int
	Representative            bool
}

// CareerStages are those of the European Commission's framework for research careers (2011), R1 to R4: on the way to a doctorate,
// with one and not yet independent, independent, leading the field.
var CareerStages = []string{"first", "recognised", "established", "leading"}

// WorkKinds are what a work can be.
var WorkKinds = []string{"publication", "data", "software", "patent", "other"}

// mostRepresentative is how many works a person may choose to stand for all.
const mostRepresentative = 5

// Job is an affiliation with its key.
type Job struct {
	ID, Department string
	Affiliation
}

// Profile is one person for one viewer. What the viewer may not see is empty.
type Profile struct {
	ID, Given, Family, Name string
	ORCID, Email, Country   string
	About                   lang.Text
	Keywords, Languages     []string
	ReviewLimit             int64
	CareerStage             string // one of CareerStages, or ""; for the person only
	Jobs                    []Job
	Works                   []Work
	Shown                   map[string]string // for the person only
	Self                    bool
	Version                 int64
}

// to is whom field is shown to: everybody, unless the person says otherwise.
func (p Profile) to(field string) string {
	if v := p.Shown[field]; v != "" {
		return v
	}
	return ToAll
}

// For is the profile as who belongs to have may see it. Jobs that have ended
// go with the present ones.
func (p Profile) For(have access.Set) Profile {
	if have.Any(access.Of(access.Self, access.Operator, access.Audit)) {
		return p
	}
	hidden := func(field string) bool {
		to := p.to(field)
		return to != ToAll && !(to == ToMembers && have.Any(access.Member))
	}
	out := Profile{ID: p.ID, Given: p.Given, Family: p.Family, Name: p.Name}
	if !hidden("affiliations") {
		out.Jobs = p.Jobs
	}
	if !hidden("orcid") {
		out.ORCID = p.ORCID
	}
	if !hidden("country") {
		out.Country = p.Country
	}
	if !hidden("about") {
		out.About = p.About
	}
	if !hidden("keywords") {
		out.Keywords = p.Keywords
	}
	if !hidden("languages") {
		out.Languages = p.Languages
	}
	if !hidden("works") {
		out.Works = p.Works
	}
	return out
}

// ProfileInput is what a person writes of themselves.
type ProfileInput struct {
	Given, Family, Name, ORCID, Country string
	About                               lang.Text
	Keywords, Languages                 []string
	ReviewLimit                         int64
	CareerStage                         string
	Shown                               map[string]string
}

func (in *ProfileInput) apply(p *Profile) error {
	in.Country = strings.ToUpper(in.Country)
	in.ORCID = strings.TrimPrefix(strings.TrimPrefix(in.ORCID, "https://"), "orcid.org/")
	p.Given, p.Family, p.Name, p.ORCID, p.Country = in.Given, in.Family, in.Name, in.ORCID, in.Country
	p.About, p.Keywords, p.Languages, p.ReviewLimit = in.About, in.Keywords, in.Languages, in.ReviewLimit
	p.CareerStage = in.CareerStage
	if p.Name == "" {
		p.Name = FullName(p.Given, p.Family)
	}
	var list []*fault.Error
	if p.Family == "" {
		list = append(list, fault.Field("family", "fault.required"))
	}
	if p.ORCID != "" && !ValidORCID(p.ORCID) {
		list = append(list, fault.Field("orcid", "register.orcid", p.ORCID))
	}
	if p.ReviewLimit < 0 || p.ReviewLimit > 100 {
		list = append(list, fault.Field("review_limit", "register.limit"))
	}
	if in.CareerStage != "" {
		list = append(list, among("career_stage", in.CareerStage, CareerStages))
	}
	for _, s := range in.About.By {
		if over := len([]rune(s)) - 4000; over > 0 {
			list = append(list, fault.Field("about", "fault.long", over))
		}
	}
	p.Shown = map[string]string{}
	for field, to := range in.Shown {
		if !slices.Contains(Shown, field) {
			list = append(list, fault.Field("shown_"+field, "fault.choice"))
			continue
		}
		list = append(list, among("shown_"+field, to, []string{ToAll, ToMembers, ToNobody}))
		p.Shown[field] = to
	}
	return fault.Join(append(list, country(p.Country))...)
}

// JobInput is a new affiliation.
type JobInput struct{ OrganisationID, Department, Position, From, Until string }

func (in JobInput) check() error {
	var list []*fault.Error
	if in.OrganisationID == "" {
		list = append(list, fault.Field("organisation", "fault.required"))
	}
	if in.From != "" && in.Until != "" && in.Until < in.From {
		list = append(list, fault.Field("until", "register.until"))
	}
	return fault.Join(append(list, plainDay("from", in.From), plainDay("until", in.Until))...)
}

// WorkInput is a work to be added to a profile.
type WorkInput struct {
	Title, Kind, DOI, URL string
	Year                  int
	Representative        bool
}

func (in *WorkInput) check() error {
	in.DOI = strings.ToLower(in.DOI)
	for _, before := range []string{"https://", "http://", "dx.", "doi.org/", "doi:"} {
		in.DOI = strings.TrimPrefix(in.DOI, before)
	}
	var list []*fault.Error
	if in.Title == "" {
		list = append(list, fault.Field("title", "fault.required"))
	}
	if in.DOI != "" && (!strings.HasPrefix(in.DOI, "10.") || !strings.Contains(in.DOI, "/")) {
		list = append(list, fault.Field("doi", "register.doi"))
	}
	if in.Year != 0 && (in.Year < 1800 || in.Year > 2200) {
		list = append(list, fault.Field("year", "register.year"))
	}
	return fault.Join(append(list, among("kind", in.Kind, WorkKinds), site("url", in.URL))...)
}

func plainDay(field, v string) *fault.Error {
	if _, err := time.Parse(time.DateOnly, v); v != "" && err != nil {
		return fault.Field(field, "fault.date")
	}
	return nil
}
