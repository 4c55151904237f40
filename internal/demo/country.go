package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/schemes"
)

// Name is the country, Names in each language; Zone and Currency are its own.
const (
	Name     = "Republic of Aldermere"
	Names    = `{"en": "Republic of Aldermere", "zh": "奥德米尔共和国"}`
	Zone     = "Europe/Vienna"
	Currency = "XCR"
)

// Sizes of the country.
const (
	organisations = 400
	people        = 3000
)

// country is what is being made.
type country struct {
	*app.App
	ctx  context.Context
	dice dice
	now  time.Time // the morning on which the demonstration opens

	orgs     []register.Organisation
	people   []register.Person
	agencies []register.Agency
	schemes  map[string]scheme.Version
	areas    []string // priority area of each of goals
	fixed    *clock.Fixed
}

// Make fills an empty installation; the country's calendar is laid around the
// morning of the day of clock.Now(ctx).
func Make(ctx context.Context, a *app.App) error {
	now := clock.Now(ctx).Truncate(24 * time.Hour).Add(8 * time.Hour)
	c := &country{App: a, now: now, dice: dice{20270316}, schemes: map[string]scheme.Version{}, fixed: clock.NewFixed(now.AddDate(-2, 0, 0), 20270316)}
	c.ctx = clock.With(ctx, c.fixed.Source())
	for _, step := range []func() error{c.register, c.definitions, c.personas, c.strategyOf, c.past, c.present, c.partners, c.maps, c.remind} {
		if err := step(); err != nil {
			return err
		}
	}
	_, err := a.Ledger.Sequence(c.ctx)
	return err
}

var kinds = []struct {
	kind  string
	share int // of 100
	names []string
}{
	{"university", 8, []string{"University of %s", "%s University of Technology", "Free University of %s"}},
	{"institute", 22, []string{"%s Institute for Materials", "%s Institute for Energy", "Institute for Water and Land, %s", "%s Centre for Computing", "%s Observatory"}},
	{"company", 45, []string{"%s Ceramics Works", "%s Power Tools", "%s Optics", "%s Bearings", "%s Seeds", "%s Software", "%s Diagnostics", "%s Foundry", "%s Timber and Pulp"}},
	{"hospital", 10, []string{"%s General Hospital", "%s Clinic"}},
	{"government", 8, []string{"Water Office of %s", "Road Office of %s", "School Office of %s"}},
	{"nonprofit", 7, []string{"Union of Growers, %s", "%s Museum of Nature"}},
}

func (c *country) register() error {
	b := &register.Batch{}
	places := words().Places
	for _, k := range kinds {
		for i := range organisations * k.share / 100 {
			place := places[i%len(places)]
			name := fmt.Sprintf(k.names[(i/len(places))%len(k.names)], place)
			if round := i / (len(places) * len(k.names)); round > 0 {
				name += fmt.Sprintf(" %d", round+1)
			}
			b.Organisations = append(b.Organisations, register.Organisation{ID: clock.ID(c.ctx), Name: lang.In1("en", name), Kind: k.kind, Country: "XA", Place: place})
		}
	}
	funders := []struct{ slug, short, en, zh string }{
		{"arc", "ARC", "Aldermere Research Council", "奥德米尔研究理事会"},
		{"ati", "ATI", "Agency for Technology and Industry", "技术与产业署"},
		{"lwf", "LWF", "Land and Water Fund", "水土基金"},
		{"hlf", "HLF", "Health and Life Fund", "健康与生命基金"},
	}
	for _, f := range funders {
		org := register.Organisation{ID: clock.ID(c.ctx), Name: lang.Both(f.en, f.zh), Acronym: f.short, Kind: "funder", Country: "XA", Place: "Ilvane"}
		b.Organisations = append(b.Organisations, org)
		b.Agencies = append(b.Agencies, register.Agency{ID: clock.ID(c.ctx), OrganisationID: org.ID, Slug: f.slug, Short: f.short, Name: lang.Both(f.en, f.zh), Currency: Currency, Zone: Zone})
	}
	for _, agency := range b.Agencies {
		for year := c.now.Year() - 2; year <= c.now.Year()+1; year++ {
			b.Budget = append(b.Budget, register.BudgetLine{AgencyID: agency.ID, Name: lang.Both("Competitive funding", "竞争性经费"), Year: year,
				Amount: money.Whole(int64(c.dice.between(60, 180))*1_000_000, Currency)})
		}
	}
	c.orgs, c.agencies = b.Organisations, b.Agencies
	b.People = c.invent()
	c.people = b.People
	return c.Register.TakeIn(c.ctx, access.System, b)
}

// invent makes the people; the first few are those of the demonstration.
func (c *country) invent() []register.Person {
	v := words()
	out := make([]register.Person, 0, people)
	seen := map[string]bool{}
	working := c.orgs[:len(c.orgs)-len(c.agencies)]
	for len(out) < people {
		first, family := pick(&c.dice, v.Given), pick(&c.dice, v.Family)
		if len(out) < len(cast) {
			first, family, _ = strings.Cut(cast[len(out)].name, " ")
		}
		given := first
		if seen[given+family] {
			given += " " + pick(&c.dice, initials) + "." // the country has few names: who shares one writes a second
		}
		if seen[given+family] {
			continue
		}
		seen[given+family] = true
		org := working[c.dice.below(len(working))]
		if len(out) < 6 || c.dice.chance(55) { // most research is done at universities and institutes
			org = working[c.dice.below(len(working)*30/100)]
		}
		if len(out) < len(cast) && cast[len(out)].serves() {
			org = c.orgs[len(c.orgs)-len(c.agencies)]
		}
		topic := pick(&c.dice, v.topics)
		near := v.topics[(len(out)*7)%len(v.topics)] // most people know a second subject
		id, years := clock.ID(c.ctx), c.dice.between(1, 15)
		out = append(out, register.Person{ID: id, Given: given, Family: family, Country: "XA", Keywords: []string{topic.Works, topic.Thing, topic.Field, near.Works, near.Thing}, ReviewLimit: 6, CareerStage: career(len(out), years),
			Email: strings.ToLower(first) + "." + fmt.Sprint(len(out)) + "@people.example", Affiliations: []register.Affiliation{{OrganisationID: org.ID, Position: "Researcher",
				From: fmt.Sprintf("%d-09-01", c.now.Year()-years)}}})
	}
	return out
}

// initials are of second given names.
var initials = strings.Split("ABCEGHJKLMRT", "")

// career is the stage that somebody reaches with the years; every seventh person says nothing of it.
func career(person, years int) string {
	if person%7 == 6 {
		return ""
	}
	return register.CareerStages[min(years/4, len(register.CareerStages)-1)]
}

func (c *country) definitions() error {
	for _, file := range []string{"open-call.yaml", "two-stage-call.yaml", "small-grant.yaml"} {
		v, err := c.Schemes.Publish(c.ctx, access.System, schemes.Files, file)
		if err != nil {
			return err
		}
		c.schemes[v.Scheme] = v
	}
	return nil
}

// persona is one person whom the demonstration offers.
type persona struct {
	key, name string
	roles     func(c *country) []access.Grant
}

// serves reports whether somebody works for the first agency: who decides there must
// not have a conflict with everything from one university.
func (p persona) serves() bool {
	return slices.Contains([]string{"officer", "decider", "finance"}, p.key)
}

func agencyRole(role access.Role, index int) func(*country) []access.Grant {
	return func(c *country) []access.Grant {
		return []access.Grant{{Role: role, Scope: access.Agency(c.agencies[index].ID)}}
	}
}

func platformRole(role access.Role) func(*country) []access.Grant {
	return func(*country) []access.Grant { return []access.Grant{{Role: role, Scope: access.Platform()}} }
}

// officeRole is the research office of the first persona's organisation.
func officeRole(role access.Role) func(*country) []access.Grant {
	return func(c *country) []access.Grant {
		return []access.Grant{{Role: role, Scope: access.Organisation(c.people[0].Affiliations[0].OrganisationID)}}
	}
}

// cast are the people of the demonstration, in the order in which it offers them.
var cast = []persona{
	{"applicant", "Mira Castellan", nil},
	{"teammate", "Ravi Solberg", nil},
	{"reviewer", "Edda Lindqvist-Amari", nil},
	{"officer", "Jonas Adeyemi-Voss", agencyRole(access.Officer, 0)},
	{"decider", "Ines Darrow", agencyRole(access.Decider, 0)},
	{"office", "Petra Holloway", officeRole(access.Research)},
	{"finance", "Oskar Fairweather", agencyRole(access.Finance, 0)},
	{"adviser", "Salma Ostrander", agencyRole(access.Adviser, 0)},
	{"enterprise", "Viktor Belmonte", officeRole(access.Transfer)},
	{"analyst", "Yun Kestrel", platformRole(access.Analyst)},
	{"auditor", "Clara Thornbury", platformRole(access.Auditor)},
	{"admin", "Theo Winterbourne", platformRole(access.Admin)},
}

// partner signs for another agency than that of the cast: the cases that are sent to it wait there.
// It is one of the people who were made anyway, so that the country stays as it is without it.
const (
	partner       = "partner"
	partnerAgency = 2
)

func email(key string) string { return key + "@demo.example" }

func (c *country) personas() error {
	if err := c.offer(); err != nil {
		return err
	}
	c.fixed.Advance(time.Minute)
	return c.enrol(partner, c.signer(partnerAgency).ID, []access.Grant{{Role: access.Decider, Scope: access.Agency(c.agencies[partnerAgency].ID)}})
}

// signer is who signs for an agency in the demonstration.
func (c *country) signer(agency int) register.Person { return c.people[len(cast)+agency] }

// enrol gives a person an account with roles.
func (c *country) enrol(key, person string, roles []access.Grant) error {
	id, err := c.Accounts.Create(c.ctx, access.System, account.New{Email: email(key), Person: person, Zone: Zone, Proven: true})
	if err != nil {
		return fmt.Errorf("account of the %s: %w", key, err)
	}
	for _, g := range roles {
		if err := c.Accounts.Grant(c.ctx, access.System, id, g, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

func (c *country) offer() error {
	for i, p := range cast {
		c.fixed.Advance(time.Minute) // they are offered in the order in which they were made
		var roles []access.Grant
		if p.roles != nil {
			roles = p.roles(c)
		}
		if err := c.enrol(p.key, c.people[i].ID, roles); err != nil {
			return err
		}
	}
	return nil
}

// actor is a persona as it acts.
func (c *country) actor(key string) (access.Actor, error) {
	people, err := c.Accounts.Invented(c.ctx)
	if err != nil {
		return access.Actor{}, err
	}
	for _, p := range people {
		if p.Email == email(key) {
			return c.Accounts.ActorOf(c.ctx, p.ID)
		}
	}
	return access.Actor{}, fmt.Errorf("demo: nobody is the %s", key)
}

// remind sends the reminders of the morning, as the jobs of an installation that runs would have.
func (c *country) remind() error {
	c.fixed.Set(c.now)
	for _, f := range []func(context.Context) (int, error){c.Reviews.Remind, c.Awards.Remind, c.Proposals.Remind} {
		if _, err := f(c.ctx); err != nil {
			return err
		}
	}
	return nil
}
