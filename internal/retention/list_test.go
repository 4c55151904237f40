package retention

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// TestListsBeginWithWhatOneMaySee: what somebody may not know of, for its agency or for a conflict of interest, takes no place in a list
// that is cut off, however much of it there is and however much longer it is due.
func TestListsBeginWithWhatOneMaySee(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), 1).Source())
		hidden := map[string]bool{}
		var seen map[Class]string
		if err := work.Do(ctx, d, func(ctx context.Context) error { seen = crowded(ctx, t, d, hidden); return nil }); err != nil {
			t.Fatal(err)
		}
		s := &Service{DB: d, Conflicted: func(context.Context, string) (map[string]bool, error) { return hidden, nil }}
		officer := access.Actor{Account: "o", Person: "o", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}
		for class, want := range seen {
			list, err := s.Due(ctx, officer, class)
			if err != nil || len(list) != 2 || list[0].Number != want+"-1" || list[1].Number != want+"-2" {
				t.Errorf("of %s the officer finds %v, %v; want the two of the agency without a conflict", class, list, err)
			}
		}
		if list, err := s.Due(ctx, officer, People); err != nil || len(list) != 0 {
			t.Errorf("the officer finds people: %v, %v", list, err)
		}
		if list, err := s.Due(ctx, access.System, People); err != nil || len(list) != 1 {
			t.Errorf("the program finds people: %v, %v", list, err)
		}
		if list, err := s.Due(ctx, access.System, Draft); err != nil || len(list) != MostDue {
			t.Errorf("the program finds %d drafts, %v; want as many as a list holds", len(list), err)
		}
		list, err := s.Erasures(ctx, officer)
		if err != nil || len(list) != 1 || list[0].Number != "E-own" {
			t.Errorf("the officer finds erasures %v, %v; want the own one", list, err)
		}
		if list, err := s.Erasures(ctx, access.System); err != nil || len(list) != mostErasures {
			t.Errorf("the program finds %d erasures, %v; want as many as a list holds", len(list), err)
		}
	})
}

// crowded fills a database with more due records of another agency, and with a conflict, than a list holds, and two after them that
// an officer of the agency may see. It gives how the numbers of these begin, and adds to hidden.
func crowded(ctx context.Context, t *testing.T, d *db.DB, hidden map[string]bool) map[Class]string {
	t.Helper()
	do := func(query string, args ...any) {
		t.Helper()
		if _, err := d.Q(ctx).ExecContext(ctx, query, args...); err != nil {
			t.Fatal(query, err)
		}
	}
	for _, id := range []string{"arc", "bay"} {
		do(`INSERT INTO organisation (id, name, sort_name, created_at, changed_at) VALUES ($1, '{"en":"O"}', $1, 0, 0)`, id)
		do(`INSERT INTO agency (id, organisation_id, slug, name, currency, zone, created_at) VALUES ($1, $1, $1, '{"en":"A"}', 'XCR', 'UTC', 0)`, id)
		do(`INSERT INTO call (id, number, agency_id, title, state, zone, currency, created_at) VALUES ($1, $1, $1, '{"en":"C"}', 'published', 'UTC', 'XCR', 0)`, id)
	}
	do(`INSERT INTO person (id, given_name, family_name, name, sort_name, state, created_at, changed_at) VALUES ('p', 'P', 'P', 'P', 'p', 'active', 0, 0)`)
	do(`INSERT INTO account (id, email, person_id, created_at) VALUES ('a', 'p@example.org', 'p', 0)`)
	records := func(agency, prefix string, n int, day int) (ids []string) {
		at := db.At(time.Date(2000, 1, day, 0, 0, 0, 0, time.UTC))
		for i := 1; i <= n; i++ {
			name := func(kind string) string { return fmt.Sprintf("%s%s-%d", prefix, kind, i) }
			do(`INSERT INTO proposal (id, number, call_id, agency_id, state, created_at) VALUES ($1, $1, $2, $2, 'draft', $3)`, name("draft"), agency, at)
			do(`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, submitted_at, decided_at, created_at) VALUES ($1, $1, $2, $2, 'decided', 'reject', $3, $3, $3)`, name("reject"), agency, at)
			do(`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, submitted_at, decided_at, created_at) VALUES ($1, $1, $2, $2, 'decided', 'fund', $3, $3, $3)`, name("fund"), agency, at)
			do(`INSERT INTO award (id, number, proposal_id, call_id, agency_id, title, state, currency, amount_minor, end_day, created_at) VALUES ($1, $1, $2, $3, $3, '{"en":"A"}', 'ended', 'XCR', 1, $4, 0)`,
				name("award"), name("fund"), agency, time.Date(2000, 1, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
			ids = append(ids, name("draft"), name("reject"), name("fund"))
		}
		return ids
	}
	records("bay", "other", MostDue, 1)
	for _, id := range records("arc", "cousin", MostDue, 2) {
		hidden[id] = true
	}
	records("arc", "own", 2, 3)
	do(`UPDATE retention_rule SET keep_days = 1`)
	erasure := func(number, kind, subject, agency string, at int) {
		do(`INSERT INTO erasure (id, number, subject_kind, subject_id, agency_id, reason, state, by_account, created_at) VALUES ($1, $1, $2, $3, $4, '', 'stopped', '', $5)`, number, kind, subject, agency, at)
	}
	erasure("E-own", "proposal", "owndraft-1", "arc", 1)
	for i := range 2100 {
		at := i % 3 // of another agency, of a person, of a record with a conflict
		erasure(fmt.Sprint("E-", i), []string{"proposal", "person", "award"}[at], []string{"otherdraft-1", "p", "cousinaward-1"}[at], []string{"bay", "", "arc"}[at], i+2)
	}
	return map[Class]string{Draft: "owndraft", Unfunded: "ownreject", Award: "ownaward"}
}

// TestNothingWaitsForGood: a proposal of a call that was cancelled, and an award that was taken in without a last day, come due.
func TestNothingWaitsForGood(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), 1).Source())
		do := func(query string) {
			if _, err := d.SQL().ExecContext(ctx, query); err != nil {
				t.Fatal(query, err)
			}
		}
		do(`INSERT INTO organisation (id, name, sort_name, created_at, changed_at) VALUES ('arc', '{"en":"O"}', 'arc', 0, 0)`)
		do(`INSERT INTO agency (id, organisation_id, slug, name, currency, zone, created_at) VALUES ('arc', 'arc', 'arc', '{"en":"A"}', 'XCR', 'UTC', 0)`)
		for _, state := range []string{"cancelled", "published"} {
			do(`INSERT INTO call (id, number, agency_id, title, state, zone, currency, created_at) VALUES ('` + state + `', '` + state + `', 'arc', '{"en":"C"}', '` + state + `', 'UTC', 'XCR', 0)`)
			do(`INSERT INTO proposal (id, number, call_id, agency_id, state, submitted_at, created_at) VALUES ('of ` + state + `', 'of ` + state + `', '` + state + `', 'arc', 'submitted', 1, 1)`)
		}
		do(`INSERT INTO award (id, number, title, state, currency, source, year, created_at) VALUES ('old', 'old', '{"en":"A"}', 'running', 'XCR', 'list', 1999, 0), ('new', 'new', '{"en":"A"}', 'running', 'XCR', 'list', 2039, 0)`)
		s := &Service{DB: d}
		for class, want := range map[Class]string{Unfunded: "of cancelled", Award: "old"} {
			list, err := s.Due(ctx, access.System, class)
			if err != nil || len(list) != 1 || list[0].Number != want {
				t.Errorf("of %s is due %v, %v; want %s", class, list, err, want)
				continue
			}
			if err := s.inTime(ctx, list[0].Record); err != nil {
				t.Errorf("%s is due and in its time: %v", want, err)
			}
		}
	})
}
