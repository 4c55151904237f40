package insight_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

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
				`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, requested_minor, decided_at, created_at) VALUES ('p6', 'P-6', 'c1', 'arc', 'decided', 'reject', 50, 259200000000, 0), ('p7', 'P-7', 'c1', 'arc', 'decided', 'reserve', 50, 259200000000, 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, created_at) VALUES ('p3', 'P-3', 'c1', 'arc', 'draft', 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, decided_at, created_at) VALUES ('p4', 'P-4', 'c2', 'arc', 'decided', 'fund', 1, 0)`,
				`INSERT INTO proposal (id, number, call_id, agency_id, state, created_at) VALUES ('p5', 'P-5', 'c2', 'arc', 'in-review', 0)`,
				`INSERT INTO award (id, number, call_id, title, state, currency, amount_minor, created_at) VALUES ('w', 'W-1', 'c1', '{"en":"A"}', 'running', 'XCR', 250, 0)`,
				`UPDATE award SET public_at = 1`,
				`INSERT INTO award (id, number, title, state, currency, amount_minor, created_at, public_at) VALUES ('w2', 'W-2', '{"en":"B"}', 'running', 'XCR', 1, 0, 1), ('w3', 'W-3', '{"en":"C"}', 'running', 'XCR', 1, 0, 9000000000000000), ('w4', 'W-4', '{"en":"D"}', 'running', 'XCR', 1, 0, 1)`,
				`INSERT INTO priority (id, kind, number, title, orientation, created_at) VALUES ('g1', 'goal', '1', '{"en":"G"}', 'health', 0), ('g2', 'goal', '2', '{"en":"H"}', 'economy', 0)`,
				`INSERT INTO priority_link (priority_id, subject_kind, subject_id, created_at) VALUES ('g1', 'call', 'c1', 0), ('g1', 'award', 'w', 0), ('g2', 'award', 'w', 0), ('g1', 'award', 'w2', 0), ('g1', 'award', 'w3', 0)`,
				`INSERT INTO classification (subject_kind, subject_id, vocabulary, version, code) VALUES ('proposal', 'p1', 'ford', '2015', '2'), ('proposal', 'p4', 'ford', '2015', '2'), ('award', 'w', 'ford', '2015', '2'), ('award', 'w3', 'ford', '2015', '2')`,
				`INSERT INTO proposal_effort (proposal_id, account_id, day, seconds, last_at) VALUES ('p1', 'a', '2027-01-01', 7200, 0), ('p1', 'b', '2027-01-01', 3600, 0), ('p2', 'a', '2027-01-01', 3600, 0), ('p6', 'a', '2027-01-01', 7200, 0)`,
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
		if c.Withheld || c.Submitted != 4 || c.Funded != 1 || c.SuccessRate() != .25 || c.Asked.Minor != 500 || c.Granted.Minor != 250 || c.Days != 2 || c.HoursAsked != 12 || c.HoursMeasured != 2 {
			t.Errorf("figures = %+v", c)
		}
		b, err := (&insight.Service{DB: d}).Orientations(ctx)
		if err != nil || b.All != 3 || b.Linked != 2 || b.Awards["health"] != 2 || b.Awards["economy"] != 1 || len(b.Awards) != 2 {
			t.Errorf("balance = %+v, %v", b, err)
		}
		f, err := (&insight.Service{DB: d}).Fields(ctx)
		if err != nil || len(f) != 7 || f[1].Awards != 1 || !f[1].Withheld || f[6].Code != "" || f[6].Awards != 2 || !f[6].Withheld || f[0].Awards != 0 {
			t.Errorf("fields = %+v, %v; what is open or under embargo must not be counted, nor what one field tells of one proposal", f, err)
		}
		if a := insight.ByAgency(got); len(a) != 1 || a[0].ID != "arc" || a[0].Submitted != 4 || a[0].Funded != 1 || a[0].Days != 2 || a[0].HoursAsked != 48 {
			t.Errorf("agencies = %+v", a)
		}
	})
}

// The values for 1 of 10 and 0 of 10 can be worked out by hand from the formula; Wilson's
// interval never leaves 0 to 1 and always holds the share that was seen.
func TestInterval(t *testing.T) {
	t.Parallel()
	near := func(got, want float64) bool { return math.Abs(got-want) < 5e-5 }
	if l, h := insight.Interval(1, 10); !near(l, .01788) || !near(h, .40415) {
		t.Errorf("1 of 10: %v to %v", l, h)
	}
	if l, h := insight.Interval(0, 10); l != 0 || !near(h, .27753) {
		t.Errorf("0 of 10: %v to %v", l, h)
	}
	if l, h := insight.Interval(0, 0); l != 0 || h != 1 {
		t.Errorf("nothing seen: %v to %v", l, h)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1_000_000).Draw(t, "n")
		k := rapid.Int64Range(0, n).Draw(t, "k")
		l, h := insight.Interval(k, n)
		if p := float64(k) / float64(n); l < 0 || h > 1 || l > p+1e-12 || h < p-1e-12 {
			t.Fatalf("%d of %d: %v to %v", k, n, l, h)
		}
	})
}
