// Package insight is figures over several rooms: read only, and only of what is
// public or whose number is. It never names a proposal, a reviewer or an applicant.
package insight

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Service counts.
type Service struct{ DB *db.DB }

// Counts are the public figures of the first page, one for each stretch of a record's way.
type Counts struct{ Needs, Questions, Open, Proposals, Reviews, Awards, Running, Results int64 }

// Counts counts the whole installation. One round trip.
func (s *Service) Counts(ctx context.Context) (c Counts, err error) {
	now := db.At(clock.Now(ctx))
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM need WHERE state <> 'draft'), (SELECT count(*) FROM question WHERE state <> 'draft'),
		(SELECT count(*) FROM call WHERE state = 'published' AND COALESCE(opens_at, 0) <= $1 AND (closes_at IS NULL OR closes_at > $1)), (SELECT count(*) FROM proposal WHERE state NOT IN ('draft', 'withdrawn')),
		(SELECT count(*) FROM review WHERE state = 'submitted'), (SELECT count(*) FROM award WHERE public_at <= $1 AND state <> 'superseded'), (SELECT count(*) FROM award WHERE public_at <= $1 AND state = 'running'),
		(SELECT count(*) FROM result WHERE state = 'public')`, now).
		Scan(&c.Needs, &c.Questions, &c.Open, &c.Proposals, &c.Reviews, &c.Awards, &c.Running, &c.Results)
	return c, err
}

// Call is what came of one call that has been decided. A call of which a
// proposal is still open is not among them: its figures would tell what is not public yet.
type Call struct {
	ID, Number     string
	AgencyID       string
	Title, Agency  lang.Text
	Closed         time.Time
	Submitted      int64
	Funded         int64
	Asked, Granted money.Amount
	Days           float64 // mean from closing to decision; 0 where the dates are not known
	HoursAsked     float64 // the call's own estimate, for one applicant
	HoursMeasured  float64 // mean measured while writing, for one proposal; 0 where nothing was measured
}

// SuccessRate is the share of submitted proposals that were funded.
func (c Call) SuccessRate() float64 {
	if c.Submitted == 0 {
		return 0
	}
	return float64(c.Funded) / float64(c.Submitted)
}

// Decided lists every decided call, the latest first. One query.
func (s *Service) Decided(ctx context.Context) ([]Call, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c Call, err error) {
		err = r.Scan(&c.ID, &c.Number, &c.AgencyID, &c.Title, &c.Agency, db.Time(&c.Closed), &c.Submitted, &c.Funded, &c.Asked.Minor, &c.Granted.Minor, &c.Asked.Currency, &c.Days, &c.HoursAsked, &c.HoursMeasured)
		c.Granted.Currency = c.Asked.Currency
		return c, err
	}, `SELECT c.id, c.number, c.agency_id, c.title, g.name, c.closes_at, p.submitted, p.funded, p.asked, COALESCE(w.granted, 0), c.currency, COALESCE(p.days, 0), COALESCE(c.hours_high, 0), COALESCE(e.hours, 0)
		FROM call c JOIN agency g ON g.id = c.agency_id
		JOIN (SELECT q.call_id, count(*) AS submitted, count(*) FILTER (WHERE q.outcome = 'fund') AS funded, CAST(sum(COALESCE(q.requested_minor, 0)) AS BIGINT) AS asked,
				count(*) FILTER (WHERE q.state <> 'decided') AS undecided, avg((q.decided_at - d.closes_at) / 86400000000.0) AS days
			FROM proposal q JOIN call d ON d.id = q.call_id WHERE q.state NOT IN ('draft', 'withdrawn') GROUP BY q.call_id) p ON p.call_id = c.id
		LEFT JOIN (SELECT call_id, CAST(sum(COALESCE(amount_minor, 0)) AS BIGINT) AS granted FROM award WHERE state <> 'superseded' GROUP BY call_id) w ON w.call_id = c.id
		LEFT JOIN (SELECT q.call_id, avg(f.seconds) / 3600.0 AS hours FROM (SELECT proposal_id, sum(seconds) AS seconds FROM proposal_effort GROUP BY proposal_id) f
			JOIN proposal q ON q.id = f.proposal_id GROUP BY q.call_id) e ON e.call_id = c.id
		WHERE p.undecided = 0 ORDER BY c.closes_at DESC, c.number`)
}
