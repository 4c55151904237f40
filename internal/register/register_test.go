package register_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/register"
)

func TestValidORCID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{"0000-0002-1825-0097": true, "0000-0001-5109-3700": true, "0000-0002-1694-233X": true,
		"0000-0002-1825-0098": false, "0000-0002-1694-2330": false, "0000000218250097": false, "": false} {
		if got := register.ValidORCID(id); got != want {
			t.Errorf("ValidORCID(%q) = %v", id, got)
		}
	}
}

// TestFullName: a name stands as its language writes it where a person does not say.
func TestFullName(t *testing.T) {
	t.Parallel()
	for want, parts := range map[string][2]string{"Mira Castellan": {"Mira", "Castellan"}, "王小明": {"小明", "王"}, "김민수": {"민수", "김"}, "Castellan": {"", "Castellan"}, "Xiaoming 王": {"Xiaoming", "王"}, "王": {"", "王"}} {
		if got := register.FullName(parts[0], parts[1]); got != want {
			t.Errorf("%v is written %q, want %q", parts, got, want)
		}
	}
}

func TestTakeInAndFind(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l, err := ledger.Open(ctx, d, "test")
		if err != nil {
			t.Fatal(err)
		}
		s := &register.Service{DB: d, Ledger: l}
		b := &register.Batch{
			Organisations: []register.Organisation{{ID: "o1", Name: lang.Both("University of Ilvane", "伊尔文大学"), Kind: "university", Country: "XA"}},
			People: []register.Person{{ID: "p1", Given: "Mira", Family: "Castellan", Email: "mira@example.org", ORCID: "0000-0002-1825-0097",
				Affiliations: []register.Affiliation{{OrganisationID: "o1", Position: "Professor", From: "2020-01-01"}}},
				{ID: "p2", Given: "Anna Maria", Family: "Berg"}, {ID: "p3", Given: "Jan", Family: "van der Burg"}, {ID: "p4", Given: "小明", Family: "王"}, {ID: "p5", Given: "Wei", Family: "Wang", Name: "王伟 (Wei Wang)"}},
		}
		if err := s.TakeIn(ctx, access.System, b); err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]int{"mir": 1, "ira": 0, "cast": 1, "Mira Castellan": 1, "castellan, m": 1, "%": 0,
			"mira cast": 1, "Castellan Mira": 1, "mira mira": 0, "anna maria berg": 1, "berg anna m": 1, "van der": 1, "Jan van der B": 1, "王小明": 1, "小明": 1, "小明王": 1, "王明": 0, "王伟": 1, "wang w": 1, "王": 2, "\\": 0} {
			if got, err := s.FindPeople(ctx, text, 10); err != nil || len(got) != want {
				t.Errorf("FindPeople(%q) = %v, %v; want %d", text, got, err, want)
			}
		}
		got, err := s.FindOrganisations(ctx, "ilv", 10)
		if diff := cmp.Diff([]register.Found{{ID: "o1", Name: "University of Ilvane"}}, got); diff != "" || err != nil {
			t.Errorf("FindOrganisations, %v:\n%s", err, diff)
		}
		public, err := s.Person(ctx, access.Actor{}, "p1")
		if err != nil || public.Email != "" || public.Affiliations[0].Organisation != "University of Ilvane" {
			t.Errorf("the public sees %+v, %v", public, err)
		}
		if self, err := s.Person(ctx, access.Actor{Account: "a", Person: "p1"}, "p1"); err != nil || self.Email == "" {
			t.Errorf("the person sees %+v, %v", self, err)
		}
		err = s.TakeIn(ctx, access.System, &register.Batch{People: []register.Person{{Given: "X", Family: "Y", ORCID: "0000-0002-1825-0097"}}})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a second person with the ORCID iD: %v, want conflict", err)
		}
		if err := s.TakeIn(ctx, access.Actor{Account: "x"}, b); !fault.Is(err, fault.NotAllowed) {
			t.Errorf("somebody without a role: %v, want not allowed", err)
		}
	})
}
