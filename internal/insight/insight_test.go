package insight_test

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/insight"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/work"

	"context"
)

func TestDecidedLeavesOutWhatIsOpen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		err := work.Do(ctx, d, func(ctx context.Context) error {
			for _, q := range []string{
				`INSERT INTO organisation (id, name, sort_name, created_at, changed_at) VALUES ('o', '{"en":"ARC"}', 'arc', 0, 0)`,
				`INSERT INTO agency (id, organisation_id, slug, name, currency, zone, created_at) VALUES ('arc', 'o', 'arc', '{"en":"ARC"}', 'XCR', 'UTC', 0)`,
				`INSERT INTO call (id, number, agency_id, title, state, zone, currency, closes_at, hours_high, created_at) VALUES ('c1', 'C-1', 'arc', '{"en":"Decided"}', 'published', 'UTC', 'XCR', 86400000000, 12, 0)`,
				`INSERT INTO call (id, number, agency_id, title, state, zone, currency, closes_at, created_at) VALUES ('c2', 'C-2', 'arc', '{"en":"Open"}', 'published', 'UTC', 'XCR', 0, 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, requested_minor, decided_at, created_at) VALUES ('p1', 'P-1', 'c1', 'arc', 'decided', 'fund', 300, 259200000000, 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, requested_minor, decided_at, created_at) VALUES ('p2', 'P-2', 'c1', 'arc', 'decided', 'reject', 100, 259200000000, 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, created_at) VALUES ('p3', 'P-3', 'c1', 'arc', 'draft', 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, decided_at, created_at) VALUES ('p4', 'P-4', 'c2', 'arc', 'decided', 'fund', 1, 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, created_at) VALUES ('p5', 'P-5', 'c2', 'arc', 'in-review', 0)`,
				`INSERT INTO award (id, number, call_id, title, state, currency, amount_minor, created_at) VALUES ('w', 'W-1', 'c1', '{"en":"A"}', 'running', 'XCR', 250, 0)`,
				`INSERT INTO proposal_effort (proposal_id, account_id, day, seconds, last_at) VALUES ('p1', 'a', '2027-01-01', 7200, 0), ('p1', 'b', '2027-01-01', 3600, 0), ('p2', 'a', '2027-01-01', 3600, 0)`,
			} {
				if _, err := d.Q(ctx).ExecContext(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := (&insight.Service{DB: d}).Decided(ctx)
		if err != nil || len(got) != 1 {
			t.Fatalf("%+v, %v; want the decided call alone", got, err)
		}
		c := got[0]
		if c.Submitted != 2 || c.Funded != 1 || c.SuccessRate() != .5 || c.Asked.Minor != 400 || c.Granted.Minor != 250 || c.Days != 2 || c.HoursAsked != 12 || c.HoursMeasured != 2 {
			t.Errorf("figures = %+v", c)
		}
	})
}
