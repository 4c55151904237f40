// Package insight is figures over several rooms: read only, and only of what is
// public or whose number is. It never names a proposal, a reviewer or an applicant.
package insight

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Service counts.
type Service struct{ DB *db.DB }

// Fewest is how many proposals without an award a figure on applications stands for at least. Of two, each of the two could take their own
// away and would know the other's; of three nobody can. What was awarded is public, and so is counted by itself however few there are.
const Fewest = 3

// decided are the calls of which figures on applications are shown: every proposal is decided, and Fewest got no award. How many
// were handed in is n.
var decided = `SELECT call_id, count(*) AS n FROM proposal WHERE state NOT IN ('draft', 'withdrawn') AND call_id NOT IN (` + silent + `) GROUP BY call_id
	HAVING count(*) FILTER (WHERE state <> 'decided') = 0 AND count(*) FILTER (WHERE outcome <> 'fund') >= ` + strconv.Itoa(Fewest)

// silent are the calls of which the public does not know by $1 that they are decided: what was signed is under embargo.
const silent = `SELECT call_id FROM decision WHERE state IN ('signed', 'superseded') AND public_at > $1`

// funded is the condition that the public knows by $1 that a proposal q is funded: an award under embargo is none to it yet. One
// without an award of its own was taken in as it had been decided elsewhere: which of those of its call is whose is not known, so that
// none is public before all are.
const funded = `(q.outcome = 'fund' AND (EXISTS (SELECT 1 FROM award w WHERE w.proposal_id = q.id AND w.public_at <= $1) OR NOT EXISTS (SELECT 1 FROM award w WHERE w.proposal_id = q.id)
	AND q.call_id NOT IN (SELECT w.call_id FROM award w WHERE w.proposal_id IS NULL AND w.call_id IS NOT NULL AND (w.public_at IS NULL OR w.public_at > $1))))`

// Counts are the public figures of the first page, one for each stretch of a record's way. Proposals and Reviews are those of the
// calls of which Decided shows them: of more, the difference would tell what is withheld there, and what comes in where a call is open.
type Counts struct{ Needs, Questions, Open, Proposals, Reviews, Awards, Running, Results int64 }

// Counts counts the whole installation. One round trip.
func (s *Service) Counts(ctx context.Context) (c Counts, err error) {
	now := db.At(clock.Now(ctx))
	err = s.DB.Q(ctx).QueryRowContext(ctx, `WITH decided AS (`+decided+`)
		SELECT (SELECT count(*) FROM need WHERE state <> 'draft'), (SELECT count(*) FROM question WHERE state <> 'draft'),
		(SELECT count(*) FROM call WHERE state = 'published' AND COALESCE(opens_at, 0) <= $1 AND (closes_at IS NULL OR closes_at > $1)), (SELECT CAST(COALESCE(sum(n), 0) AS BIGINT) FROM decided),
		(SELECT count(*) FROM review WHERE state = 'submitted' AND call_id IN (SELECT call_id FROM decided)),
		(SELECT count(*) FROM award WHERE public_at <= $1 AND state <> 'superseded'), (SELECT count(*) FROM award WHERE public_at <= $1 AND state = 'running'),
		(SELECT count(*) FROM result r LEFT JOIN award a ON a.id = r.award_id WHERE r.state = 'public' AND (a.id IS NULL OR a.public_at <= $1))`, now).
		Scan(&c.Needs, &c.Questions, &c.Open, &c.Proposals, &c.Reviews, &c.Awards, &c.Running, &c.Results)
	return c, err
}

// Call is what came of one call that has been decided. A call of which a
// proposal is still open is not among them: its figures would tell what is not public yet.
type Call struct {
	ID, Number    string
	AgencyID      string
	Title, Agency lang.Text
	Closed        time.Time
	Funded        int64 // as far as it is public
	Granted       money.Amount
	HoursAsked    float64 // the call's own estimate, for one applicant

	Withheld      bool // fewer than Fewest got no award: what follows is not told
	Submitted     int64
	Asked         money.Amount
	Days          float64 // mean from closing to decision; 0 where the dates are not known
	HoursMeasured float64 // mean measured while writing, for one proposal; 0 where fewer than Fewest were measured
}

// SuccessRate is the share of submitted proposals that were funded; 0 where that is withheld.
func (c Call) SuccessRate() float64 {
	if c.Submitted == 0 {
		return 0
	}
	return float64(c.Funded) / float64(c.Submitted)
}

// Decided lists every call of which the public may know that it is decided, the latest first. One query.
func (s *Service) Decided(ctx context.Context) ([]Call, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c Call, err error) {
		var without, measured int64
		err = r.Scan(&c.ID, &c.Number, &c.AgencyID, &c.Title, &c.Agency, db.Time(&c.Closed), &c.Submitted, &c.Funded, &without, &c.Asked.Minor, &c.Granted.Minor, &c.Asked.Currency, &c.Days, &c.HoursAsked, &c.HoursMeasured, &measured)
		c.Granted.Currency = c.Asked.Currency
		if measured < Fewest {
			c.HoursMeasured = 0
		}
		if without < Fewest {
			c.Withheld, c.Submitted, c.Asked, c.Days, c.HoursMeasured = true, 0, money.Amount{}, 0, 0
		}
		return c, err
	}, `SELECT c.id, c.number, c.agency_id, c.title, g.name, c.closes_at, p.submitted, p.funded, p.unfunded, p.asked, COALESCE(w.granted, 0), c.currency, COALESCE(p.days, 0), COALESCE(c.hours_high, 0),
			COALESCE(e.hours, 0), COALESCE(e.measured, 0)
		FROM call c JOIN agency g ON g.id = c.agency_id
		JOIN (SELECT q.call_id, count(*) AS submitted, count(*) FILTER (WHERE `+funded+`) AS funded, count(*) FILTER (WHERE q.outcome <> 'fund') AS unfunded, CAST(sum(COALESCE(q.requested_minor, 0)) AS BIGINT) AS asked,
				count(*) FILTER (WHERE q.state <> 'decided') AS undecided, avg((q.decided_at - d.closes_at) / 86400000000.0) AS days
			FROM proposal q JOIN call d ON d.id = q.call_id WHERE q.state NOT IN ('draft', 'withdrawn') GROUP BY q.call_id) p ON p.call_id = c.id
		LEFT JOIN (SELECT call_id, CAST(sum(CASE WHEN public_at <= $1 THEN COALESCE(amount_minor, 0) ELSE 0 END) AS BIGINT) AS granted FROM award WHERE state <> 'superseded' GROUP BY call_id) w ON w.call_id = c.id
		LEFT JOIN (SELECT q.call_id, avg(f.seconds) / 3600.0 AS hours, count(*) AS measured FROM (SELECT proposal_id, sum(seconds) AS seconds FROM proposal_effort GROUP BY proposal_id) f
			JOIN proposal q ON q.id = f.proposal_id GROUP BY q.call_id) e ON e.call_id = c.id
		WHERE p.undecided = 0 AND c.id NOT IN (`+silent+`) ORDER BY c.closes_at DESC, c.number`, db.At(clock.Now(ctx)))
}
