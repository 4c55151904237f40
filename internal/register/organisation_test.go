package register_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
)

var (
	officer = access.Actor{Account: "o", Person: "olena", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}
	office  = access.Actor{Account: "r", Grants: []access.Grant{{Role: access.Research, Scope: access.Organisation("ilvane")}}}
	mira    = access.Actor{Account: "m", Person: "mira"}
	other   = access.Actor{Account: "x", Person: "xenia"}
	public  = access.Actor{}
)

func each(t *testing.T, test func(t *testing.T, ctx context.Context, s *register.Service)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 3).Source())
		l, err := ledger.Open(ctx, d, "test")
		must(t, err)
		s := &register.Service{DB: d, Ledger: l}
		must(t, s.TakeIn(ctx, access.System, &register.Batch{
			Organisations: []register.Organisation{
				{ID: "ilvane", Name: lang.Both("University of Ilvane", "伊尔文大学"), Kind: "university", Country: "XA", Acronym: "UI"},
				{ID: "twin", Name: lang.In1("en", "Ilvane University"), Kind: "university", Country: "XA"},
				{ID: "the", Name: lang.In1("en", "The University, Ilvane"), Kind: "other", Country: "XB"},
				{ID: "tarn", Name: lang.In1("en", "Tarn Institute"), Kind: "institute", Country: "XA", Acronym: "UI", ParentID: "ilvane"}},
			People: []register.Person{{ID: "mira", Given: "Mira", Family: "Castellan", Email: "mira@example.org", ORCID: "0000-0002-1825-0097", Country: "XA", Keywords: []string{"clay"},
				Affiliations: []register.Affiliation{{OrganisationID: "twin", Position: "Professor", From: "2020-01-01"}}}, {ID: "xenia", Given: "Xenia", Family: "Other"}},
			Agencies: []register.Agency{{ID: "arc", OrganisationID: "tarn", Slug: "arc", Name: lang.In1("en", "Council"), Currency: "XCR", Zone: "UTC"}},
		}))
		test(t, ctx, s)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, kind fault.Kind, what string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want a fault of kind %d", what, err, kind)
	}
}

// TestValidROR: a change of one character is always found.
func TestValidROR(t *testing.T) {
	t.Parallel()
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	for id, want := range map[string]bool{"05dxps055": true, "03yrm5c26": true, "05dxps056": false, "5dxps0550": false, "": false, "0idxps055": false} {
		if got := register.ValidROR(id); got != want {
			t.Errorf("ValidROR(%q) = %v", id, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		place, c := rapid.IntRange(1, 8).Draw(t, "place"), rapid.SampledFrom([]byte(alphabet)).Draw(t, "character")
		id := []byte("05dxps055")
		same := id[place] == c
		id[place] = c
		if register.ValidROR(string(id)) != same {
			t.Fatalf("%s", id)
		}
	})
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s *register.Service) {
		_, err := s.CreateOrganisation(ctx, other, register.OrganisationInput{Name: lang.In1("en", "X"), Kind: "other"})
		refused(t, err, fault.NotAllowed, "somebody without a role")
		_, err = s.CreateOrganisation(ctx, officer, register.OrganisationInput{Kind: "odd", Country: "xyz", Website: "here", ROR: "05dxps056"})
		if got := len(fault.From(err).Each()); got != 5 {
			t.Errorf("%d refusals, want 5: %v", got, err)
		}
		o, err := s.CreateOrganisation(ctx, officer, register.OrganisationInput{Name: lang.In1("en", "Brask Ceramics Works"), Kind: "company", Country: "xa", ROR: "https://ror.org/05dxps055"})
		must(t, err)
		_, err = s.CreateOrganisation(ctx, officer, register.OrganisationInput{Name: lang.In1("en", "Brask"), Kind: "company", ROR: "05dxps055"})
		refused(t, err, fault.Conflict, "a ROR key that another has")

		_, err = s.UpdateOrganisation(ctx, office, o.ID, 1, register.OrganisationInput{Name: lang.In1("en", "Mine now"), Kind: "company"})
		refused(t, err, fault.NotAllowed, "the office of another organisation")
		in := register.OrganisationInput{Name: lang.In1("en", "Ilvane Technical University"), Kind: "university", Country: "XA", Renamed: "2027-01-01"}
		_, err = s.UpdateOrganisation(ctx, office, "ilvane", 1, in)
		must(t, err)
		_, err = s.UpdateOrganisation(ctx, office, "ilvane", 1, in)
		refused(t, err, fault.Conflict, "an old version")
		_, err = s.UpdateOrganisation(ctx, officer, "ilvane", 2, register.OrganisationInput{Name: in.Name, Kind: "university", Parent: "tarn"})
		refused(t, err, fault.Invalid, "a parent that is its own part")

		v, err := s.OrganisationView(ctx, public, "ilvane")
		must(t, err)
		want := []register.OldName{{Name: "University of Ilvane", Language: "en", Kind: "former", Until: "2027-01-01"}, {Name: "伊尔文大学", Language: "zh", Kind: "former", Until: "2027-01-01"}}
		if diff := cmp.Diff(want, v.Names); diff != "" || len(v.Parts) != 1 || v.MayEdit || v.MayMerge {
			t.Errorf("view %+v\n%s", v, diff)
		}
		for text, want := range map[string]int{"university of ilvane": 1, "ILVANE": 3, "伊尔文": 1, "ui": 1, "%": 0, "original": 0, "nobody": 0} {
			if list, n, err := s.Organisations(ctx, register.OrganisationFilter{Text: text, Size: 10}); err != nil || n != want || len(list) != want {
				t.Errorf("%q: %d, %v; want %d", text, n, err, want)
			}
		}
		facets, err := s.Facets(ctx, register.OrganisationFilter{Kind: "university"}, "kind")
		must(t, err)
		if diff := cmp.Diff([]register.Facet{{"university", 2}, {"company", 1}, {"institute", 1}, {"other", 1}}, facets); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMerge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s *register.Service) {
		doubles, err := s.Doubles(ctx, officer, "ilvane")
		must(t, err)
		if diff := cmp.Diff([]register.Likely{{Found: register.Found{ID: "twin", Name: "Ilvane University"}, Why: "name"},
			{Found: register.Found{ID: "tarn", Name: "Tarn Institute"}, Why: "acronym"}, {Found: register.Found{ID: "the", Name: "The University, Ilvane"}, Why: "name"}}, doubles); diff != "" {
			t.Error(diff)
		}
		doubles, err = s.Doubles(ctx, officer, "the")
		must(t, err)
		if diff := cmp.Diff([]register.Likely{{Found: register.Found{ID: "twin", Name: "Ilvane University"}, Why: "name"},
			{Found: register.Found{ID: "ilvane", Name: "University of Ilvane"}, Why: "name"}}, doubles); diff != "" {
			t.Error(diff)
		}
		refused(t, s.Merge(ctx, office, "ilvane", "twin", "x"), fault.NotAllowed, "a research office merges")
		refused(t, s.Merge(ctx, officer, "twin", "twin", "x"), fault.Invalid, "into itself")
		refused(t, s.Merge(ctx, officer, "twin", "ilvane", ""), fault.Invalid, "without a reason")
		m, err := s.Consider(ctx, officer, "twin", "ilvane")
		must(t, err)
		if m.People != 1 || m.Parts != 0 {
			t.Errorf("would do %+v", m)
		}
		twin, err := s.Organisation(ctx, "twin")
		must(t, err)
		_, err = s.UpdateOrganisation(ctx, officer, "twin", twin.Version, register.OrganisationInput{Name: twin.Name, Kind: twin.Kind, ROR: "05dxps055"})
		must(t, err)
		must(t, s.Merge(ctx, officer, "the", "twin", "The same."))
		must(t, s.Merge(ctx, officer, "twin", "ilvane", "The same."))
		refused(t, s.Merge(ctx, officer, "ilvane", "twin", "A ring."), fault.Invalid, "into one that was merged")
		refused(t, s.Merge(ctx, officer, "twin", "tarn", "Again."), fault.Conflict, "what was merged")
		for _, id := range []string{"twin", "the", "ilvane"} {
			v, err := s.OrganisationView(ctx, public, id)
			if err != nil || v.ID != "ilvane" || v.PeopleAll != 1 || v.People[0].ID != "mira" {
				t.Errorf("%s leads to %s with %v, %v", id, v.ID, v.People, err)
			}
		}
		v, err := s.OrganisationView(ctx, public, "ilvane")
		must(t, err)
		if diff := cmp.Diff([]register.Found{{ID: "twin", Name: "Ilvane University", Note: "05dxps055"}}, v.Merged); diff != "" {
			t.Error(diff)
		}
		if known, err := s.ByIDs(ctx, []string{"05dxps055"}); err != nil || known["05dxps055"] != "twin" {
			t.Errorf("the key of before leads to %v, %v", known, err)
		}
		if len(v.Succession) != 1 || v.Succession[0].FromName != "Ilvane University" || len(v.Names) != 1 {
			t.Errorf("succession %+v, names %+v", v.Succession, v.Names)
		}
		if where, err := s.Where(ctx, []string{"mira"}); err != nil || where["mira"][0] != "twin" {
			t.Errorf("the key of an affiliation was rewritten: %v, %v", where, err)
		}
		if into, err := s.MergedInto(ctx, []string{"ilvane", "tarn"}); err != nil || !slices.Equal(into["ilvane"], []string{"the", "twin"}) || len(into) != 1 {
			t.Errorf("merged into them: %v, %v", into, err)
		}
		if now, err := s.Present(ctx, []string{"twin", "tarn", "ilvane"}); err != nil || !slices.Equal(now, []string{"ilvane", "tarn"}) {
			t.Errorf("they stand for %v, %v", now, err)
		}
		refused(t, s.Unmerge(ctx, office, "twin", "x"), fault.NotAllowed, "a research office takes a merger back")
		refused(t, s.Unmerge(ctx, officer, "twin", ""), fault.Invalid, "without a reason")
		refused(t, s.Unmerge(ctx, officer, "ilvane", "x"), fault.Conflict, "what was not merged")
		must(t, s.Unmerge(ctx, officer, "twin", "They are two after all."))
		for id, leads := range map[string]string{"twin": "twin", "the": "twin", "ilvane": "ilvane"} {
			if v, err := s.OrganisationView(ctx, public, id); err != nil || v.ID != leads {
				t.Errorf("after it was taken back %s leads to %s, %v", id, v.ID, err)
			}
		}
		if v, err = s.OrganisationView(ctx, public, "ilvane"); err != nil || len(v.Succession) != 2 || len(v.Names) != 0 || v.PeopleAll != 0 {
			t.Errorf("after it was taken back: %+v, %v", v, err)
		}
		if into, err := s.MergedInto(ctx, []string{"ilvane", "twin"}); err != nil || len(into["ilvane"]) != 0 || !slices.Equal(into["twin"], []string{"the"}) {
			t.Errorf("after it was taken back, merged into them: %v, %v", into, err)
		}
		must(t, s.Split(ctx, officer, "tarn", []string{"ilvane", mustCreate(t, ctx, s)}, "2027-02-01", "Two schools."))
		refused(t, s.Split(ctx, officer, "tarn", []string{"ilvane"}, "2027-02-01", ""), fault.Invalid, "into one")
	})
}

func mustCreate(t *testing.T, ctx context.Context, s *register.Service) string {
	t.Helper()
	o, err := s.CreateOrganisation(ctx, officer, register.OrganisationInput{Name: lang.In1("en", "Tarn South"), Kind: "institute"})
	must(t, err)
	return o.ID
}

func TestProfile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s *register.Service) {
		in := register.ProfileInput{Given: "Mira", Family: "Castellan", ORCID: "0000-0002-1825-0097", Country: "xa", About: lang.In1("en", "Clay."), Keywords: []string{"clay"},
			Shown: map[string]string{"orcid": register.ToMembers, "affiliations": register.ToNobody, "about": register.ToAll}}
		refused(t, s.UpdateProfile(ctx, other, "mira", 1, in), fault.NotAllowed, "another person")
		refused(t, s.UpdateProfile(ctx, public, "mira", 1, in), fault.SignIn, "the public")
		must(t, s.UpdateProfile(ctx, mira, "mira", 1, in))
		refused(t, s.UpdateProfile(ctx, mira, "mira", 1, in), fault.Conflict, "an old version")
		refused(t, s.UpdateProfile(ctx, mira, "mira", 2, register.ProfileInput{Family: "C", Shown: map[string]string{"email": register.ToAll}}), fault.Invalid, "showing the e-mail")

		deputy := mira // somebody who acts in Mira's place
		deputy.Delegate, deputy.Delegation, deputy.Covers = other.Account, "one", "all"
		for who, want := range map[*access.Actor]register.Profile{
			&public: {ID: "mira", Given: "Mira", Family: "Castellan", Name: "Mira Castellan", Country: "XA", About: lang.In1("en", "Clay."), Keywords: []string{"clay"}, Languages: []string{}},
			&deputy: {ID: "mira", Given: "Mira", Family: "Castellan", Name: "Mira Castellan", Country: "XA", About: lang.In1("en", "Clay."), Keywords: []string{"clay"}, Languages: []string{}, ORCID: "0000-0002-1825-0097"},
			&other:  {ID: "mira", Given: "Mira", Family: "Castellan", Name: "Mira Castellan", Country: "XA", About: lang.In1("en", "Clay."), Keywords: []string{"clay"}, Languages: []string{}, ORCID: "0000-0002-1825-0097"},
		} {
			got, err := s.Profile(ctx, *who, "mira")
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%q sees, %v:\n%s", who.Account, err, diff)
			}
		}
		if p, err := s.Profile(ctx, mira, "mira"); err != nil || !p.Self || p.Email == "" || len(p.Jobs) != 1 || p.Shown["orcid"] != register.ToMembers {
			t.Errorf("mira sees %+v, %v", p, err)
		}
		if v, err := s.OrganisationView(ctx, public, "twin"); err != nil || v.PeopleAll != 0 {
			t.Errorf("the organisation names who hides where they work: %+v, %v", v.People, err)
		}
		if found, err := s.FindPeople(ctx, "castellan", 5); err != nil || len(found) != 1 || found[0].Note != "" {
			t.Errorf("typing a name tells where somebody works who hides it: %+v, %v", found, err)
		}

		must(t, s.AddJob(ctx, mira, "mira", register.JobInput{OrganisationID: "tarn", From: "2026-01-01"}))
		refused(t, s.AddJob(ctx, mira, "mira", register.JobInput{OrganisationID: "none"}), fault.Invalid, "an organisation that is not there")
		p, err := s.Profile(ctx, mira, "mira")
		must(t, err)
		refused(t, s.EndJob(ctx, mira, "mira", p.Jobs[0].ID, "2025-01-01"), fault.Invalid, "an end before the beginning")
		must(t, s.EndJob(ctx, mira, "mira", p.Jobs[0].ID, "2026-12-31"))
		refused(t, s.EndJob(ctx, mira, "mira", "none", "2026-12-31"), fault.NotFound, "another's affiliation")

		for i := range 5 {
			must(t, s.AddWork(ctx, mira, "mira", register.WorkInput{Title: strings.Repeat("x", i+1), Kind: "publication", Representative: true}))
		}
		refused(t, s.AddWork(ctx, mira, "mira", register.WorkInput{Title: "Six", Kind: "publication", Representative: true}), fault.Conflict, "a sixth")
		must(t, s.AddWork(ctx, mira, "mira", register.WorkInput{Title: "Six", Kind: "data", DOI: "https://doi.org/10.5555/ALD.1", Year: 2026}))
		must(t, s.AddWork(ctx, other, "xenia", register.WorkInput{Title: "The same", Kind: "data", DOI: "10.5555/ald.1"}))
		p, err = s.Profile(ctx, mira, "mira")
		must(t, err)
		x, err := s.Profile(ctx, public, "xenia")
		must(t, err)
		six := p.Works[5]
		if len(p.Works) != 6 || six.DOI != "10.5555/ald.1" || x.Works[0].ID != six.ID {
			t.Errorf("works of mira %+v, of xenia %+v", p.Works, x.Works)
		}
		refused(t, s.Represent(ctx, mira, "mira", six.ID, true), fault.Conflict, "a sixth by choosing it")
		must(t, s.Represent(ctx, mira, "mira", p.Works[0].ID, false))
		must(t, s.Represent(ctx, mira, "mira", six.ID, true))
		must(t, s.RemoveWork(ctx, mira, "mira", six.ID))
		if x, err := s.Profile(ctx, public, "xenia"); err != nil || len(x.Works) != 1 {
			t.Errorf("the other author has lost the work: %+v, %v", x.Works, err)
		}
	})
}

func TestAgency(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s *register.Service) {
		_, err := s.AddProgramme(ctx, mira, register.Programme{AgencyID: "arc", Slug: "open", Name: lang.In1("en", "Open")})
		refused(t, err, fault.NotAllowed, "somebody without a role")
		p, err := s.AddProgramme(ctx, officer, register.Programme{AgencyID: "arc", Slug: "open", Name: lang.In1("en", "Open")})
		must(t, err)
		_, err = s.AddProgramme(ctx, officer, register.Programme{AgencyID: "arc", Slug: "open", Name: lang.In1("en", "Again")})
		refused(t, err, fault.Conflict, "a slug that is taken")
		for _, n := range []int64{900, -100} {
			_, err = s.AddBudget(ctx, officer, register.BudgetLine{AgencyID: "arc", ProgrammeID: p.ID, Name: lang.In1("en", "2027"), Year: 2027, Amount: money.Whole(n, "XCR")})
			must(t, err)
		}
		v, err := s.Agency(ctx, public, "arc")
		must(t, err)
		if len(v.Programmes) != 1 || len(v.Budget) != 2 || len(v.Sums) != 1 || v.Sums[0] != money.Whole(800, "XCR") || v.MayEdit {
			t.Errorf("agency %+v", v)
		}
		f, err := s.SaveFacility(ctx, office, "ilvane", "", 0, register.FacilityInput{Name: lang.In1("en", "Clay store"), Website: "https://clay.example"})
		must(t, err)
		_, err = s.SaveFacility(ctx, office, "tarn", "", 0, register.FacilityInput{Name: lang.In1("en", "Clay store")})
		refused(t, err, fault.NotAllowed, "a facility of another organisation")
		_, err = s.SaveFacility(ctx, office, "", f.ID, 1, register.FacilityInput{Name: lang.In1("en", "Clay and water store")})
		must(t, err)
		_, err = s.SaveFacility(ctx, office, "", f.ID, 1, register.FacilityInput{Name: lang.In1("en", "Clay")})
		refused(t, err, fault.Conflict, "an old version")
	})
}
