package retention

import (
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// TestUnusedComeDue: an account that stands for no person comes due by when it was last seen, somebody without an account by when they were last written down
// or asked for a review. Who holds a role, has a proposal on record or sits in a council does not. What is erased is gone, and not due again.
func TestUnusedComeDue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), 1).Source())
		s := service(t, ctx, d)
		recent := db.At(time.Date(2039, 6, 1, 0, 0, 0, 0, time.UTC))
		exec := func(query string, args ...any) {
			t.Helper()
			if _, err := d.SQL().ExecContext(ctx, query, args...); err != nil {
				t.Fatal(query, err)
			}
		}
		exec(`INSERT INTO organisation (id, name, sort_name, created_at, changed_at) VALUES ('arc', '{"en":"O"}', 'arc', 0, 0)`)
		exec(`INSERT INTO agency (id, organisation_id, slug, name, currency, zone, created_at) VALUES ('arc', 'arc', 'arc', '{"en":"A"}', 'XCR', 'UTC', 0)`)
		exec(`INSERT INTO call (id, number, agency_id, title, state, zone, currency, created_at) VALUES ('c', 'C', 'arc', '{"en":"C"}', 'published', 'UTC', 'XCR', 0)`)
		for _, id := range []string{"idle", "asked", "changed", "author", "account"} {
			exec(`INSERT INTO person (id, given_name, family_name, name, sort_name, email, state, created_at, changed_at) VALUES ($1, '', '', $1, '', $1 || '@people.example', 'active', 0, 0)`, id)
		}
		exec(`UPDATE person SET changed_at = $1 WHERE id = 'changed'`, recent)
		exec(`INSERT INTO proposal (id, number, call_id, agency_id, state, lead_person, created_at) VALUES ('p', 'P', 'c', 'arc', 'draft', 'author', 0)`)
		exec(`INSERT INTO review (id, proposal_id, call_id, reviewer_person, state, created_at) VALUES ('r', 'p', 'c', 'asked', 'declined', $1)`, recent)
		for id, seen := range map[string]any{"gone": 1, "never": nil, "here": recent, "officer": 1, "theirs": 1} {
			exec(`INSERT INTO account (id, email, created_at, seen_at) VALUES ($1, $1 || '@accounts.example', 0, $2)`, id, seen)
		}
		exec(`UPDATE account SET person_id = 'account' WHERE id = 'theirs'`)
		exec(`INSERT INTO role_grant (id, account_id, role, scope_kind, scope_id, granted_by, from_at, created_at) VALUES ('g', 'officer', 'officer', 'agency', 'arc', '', 0, 0)`)

		due := func(c Class) (ids []string) {
			t.Helper()
			list, err := s.Due(ctx, access.System, c)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range list {
				ids = append(ids, one.ID)
			}
			return ids
		}
		for class, want := range map[Class]int{Accounts: 2, Contacts: 1, People: 1} {
			ids := due(class)
			if len(ids) != want {
				t.Errorf("of %s is due %v; want %d", class, ids, want)
			}
			if err := s.OrderDue(ctx, access.System, class, ids, "its time is over"); err != nil {
				t.Fatal(class, err)
			}
		}
		if _, err := s.Jobs.Work(ctx); err != nil {
			t.Fatal(err)
		}
		for _, class := range []Class{Accounts, Contacts, People} {
			if ids := due(class); len(ids) != 0 {
				t.Errorf("of %s is still due %v", class, ids)
			}
		}
		if left := dbtest.Holding(t, d, "gone@accounts", "never@accounts", "idle@people"); len(left) != 0 {
			t.Errorf("still there: %v", left)
		}
		if left := dbtest.Holding(t, d, "here@accounts", "officer@accounts", "asked@people", "changed@people", "author@people"); len(left) == 0 {
			t.Error("who is in use was erased too")
		}
	})
}
