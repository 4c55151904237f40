package review

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// waitingStages are the stages of a call in which proposals wait for reviews.
func (s *Service) waitingStages(ctx context.Context, callID string) (map[string]bool, error) {
	out := map[string]bool{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var stage string
		err := r.Scan(&stage)
		out[stage] = true
		return struct{}{}, err
	}, `SELECT DISTINCT stage FROM proposal WHERE call_id = $1 AND state IN ('submitted', 'in-review')`, callID)
	return out, err
}

// candidates are the proposals of a stage that are to be reviewed, by number.
func (s *Service) candidates(ctx context.Context, d Desk) ([]candidate, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c candidate, err error) {
		var summary lang.Text
		err = r.Scan(&c.ID, &c.Number, &c.Title, &summary)
		c.Summary = summary.In(lang.English)
		return c, err
	}, `SELECT id, number, title, summary FROM proposal WHERE call_id = $1 AND stage = $2 AND state IN ('submitted', 'in-review') ORDER BY number`, d.CallID, d.Stage())
}

// pool is a page of a call's pool by name, with how often each was asked in the stage.
func (s *Service) pool(ctx context.Context, d Desk, text string, page, size int) ([]PoolMember, int, error) {
	args := []any{d.CallID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	from := ` FROM reviewer_pool m JOIN person p ON p.id = m.person_id
		LEFT JOIN affiliation f ON f.id = (SELECT min(g.id) FROM affiliation g WHERE g.person_id = p.id AND g.until_day IS NULL)
		LEFT JOIN organisation o ON o.id = f.organisation_id WHERE m.call_id = $1 AND ` + db.Holds(arg, "p.name", strings.TrimSpace(text))
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*)`+from, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (m PoolMember, err error) {
		var org lang.Text
		err = r.Scan(&m.Person, &m.Name, &m.Least, &m.Most, &m.Limit, &m.Asked, &org, &m.OrganisationID, &m.Country, &m.CareerStage)
		m.Organisation = org.In(lang.English)
		return m, err
	}, `SELECT m.person_id, p.name, m.least, m.most, COALESCE(p.review_limit, 0),
		(SELECT count(*) FROM review r WHERE r.call_id = m.call_id AND r.stage = `+arg(d.Stage())+` AND r.reviewer_person = m.person_id AND r.state IN ('invited', 'accepted', 'submitted')),
		o.name, COALESCE(o.id, ''), COALESCE(NULLIF(o.country, ''), p.country), p.career_stage`+from+
		` ORDER BY p.sort_name, p.id LIMIT `+arg(max(size, 1))+` OFFSET `+arg((max(page, 1)-1)*size), args...)
	return list, total, err
}

// reviewLimit is how many reviews a year a person agreed to, 0 where not said.
func (s *Service) reviewLimit(ctx context.Context, person string) (limit int, known bool, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT COALESCE(review_limit, 0) FROM person WHERE id = $1 AND state = 'active'`, person).Scan(&limit)
	if db.IsNone(err) {
		return 0, false, nil
	}
	return limit, err == nil, err
}

func (s *Service) putPool(ctx context.Context, callID, person string, least, most int) error {
	return s.exec(ctx, `INSERT INTO reviewer_pool (call_id, person_id, least, most, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (call_id, person_id) DO UPDATE SET least = excluded.least, most = excluded.most, at = excluded.at`, callID, person, least, most, db.At(clock.Now(ctx)))
}

func (s *Service) dropPool(ctx context.Context, callID, person string) (int64, error) {
	res, err := s.DB.Q(ctx).ExecContext(ctx, `DELETE FROM reviewer_pool WHERE call_id = $1 AND person_id = $2`, callID, person)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *Service) inPool(ctx context.Context, callID, person string) (bool, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM reviewer_pool WHERE call_id = $1 AND person_id = $2`, callID, person).Scan(&n)
	return n > 0, err
}

// asked is the state of each review of a stage by proposal and person.
func (s *Service) asked(ctx context.Context, d Desk) (map[[2]string]string, error) {
	return s.byPair(ctx, `SELECT proposal_id, reviewer_person, state FROM review WHERE call_id = $1 AND stage = $2 AND reviewer_person IS NOT NULL`, d)
}

func (s *Service) wishes(ctx context.Context, d Desk) (map[[2]string]string, error) {
	return s.byPair(ctx, `SELECT proposal_id, person_id, kind FROM assignment_wish WHERE call_id = $1 AND stage = $2`, d)
}

func (s *Service) byPair(ctx context.Context, query string, d Desk) (map[[2]string]string, error) {
	out := map[[2]string]string{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var key [2]string
		var value string
		err := r.Scan(&key[0], &key[1], &value)
		out[key] = value
		return struct{}{}, err
	}, query, d.CallID, d.Stage())
	return out, err
}

func (s *Service) putWish(ctx context.Context, a access.Actor, d Desk, proposalID, person, kind string) error {
	return s.exec(ctx, `INSERT INTO assignment_wish (call_id, stage, proposal_id, person_id, kind, by_account, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (call_id, stage, proposal_id, person_id) DO UPDATE SET kind = excluded.kind, by_account = excluded.by_account, at = excluded.at`,
		d.CallID, d.Stage(), proposalID, person, kind, a.Account, db.At(clock.Now(ctx)))
}

func (s *Service) insertRun(ctx context.Context, r Run) error {
	return s.exec(ctx, `INSERT INTO assignment_run (id, call_id, stage, settings, result, certificate, by_account, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, r.CallID, r.Stage, db.JSON(r.Settings), db.JSON(r.Result), db.JSON(r.Certificate), r.By, db.At(r.At))
}

func (s *Service) run(ctx context.Context, id string) (r Run, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, call_id, stage, settings, result, certificate, applied_at, undone_at, by_account, at FROM assignment_run WHERE id = $1`, id).
		Scan(&r.ID, &r.CallID, &r.Stage, db.FromJSON(&r.Settings), db.FromJSON(&r.Result), db.FromJSON(&r.Certificate), db.Time(&r.AppliedAt), db.Time(&r.Undone), &r.By, db.Time(&r.At))
	if db.IsNone(err) {
		return r, fault.Missing()
	}
	return r, err
}

// runs are a stage's suggestions without their pairs, the newest first.
func (s *Service) runs(ctx context.Context, callID, stage string) ([]Run, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Run, err error) {
		return v, r.Scan(&v.ID, &v.CallID, &v.Stage, db.FromJSON(&v.Settings), db.Time(&v.AppliedAt), db.Time(&v.Undone), &v.By, db.Time(&v.At))
	}, `SELECT id, call_id, stage, settings, applied_at, undone_at, by_account, at FROM assignment_run WHERE call_id = $1 AND stage = $2 ORDER BY at DESC, id DESC LIMIT 100`, callID, stage)
}

func (s *Service) markApplied(ctx context.Context, r Run) error {
	return s.exec(ctx, `UPDATE assignment_run SET applied_at = $2 WHERE id = $1 AND applied_at IS NULL`, r.ID, db.At(clock.Now(ctx)))
}

func (s *Service) markUndone(ctx context.Context, r Run) error {
	return s.exec(ctx, `UPDATE assignment_run SET undone_at = $2 WHERE id = $1`, r.ID, db.At(clock.Now(ctx)))
}

// dropReview removes an invitation that nobody has answered.
func (s *Service) dropReview(ctx context.Context, id string) error {
	return s.exec(ctx, `DELETE FROM review WHERE id = $1 AND state = 'invited'`, id)
}

// reopen makes a cancelled review an invitation again.
func (s *Service) reopen(ctx context.Context, id string) error {
	return s.exec(ctx, `UPDATE review SET state = 'invited', reason = '', answered_at = NULL, version = version + 1 WHERE id = $1 AND state = 'cancelled'`, id)
}

// changedSince reports whether the pool changed, or a wish, an answer or an
// invitation came, after a suggestion that is not applied; of proposals of which the viewer of a desk may know.
func (s *Service) changedSince(ctx context.Context, d Desk, r Run) (bool, error) {
	if !r.AppliedAt.IsZero() {
		return false, nil
	}
	var n int
	in, hidden := db.In(5, append(slices.Sorted(maps.Keys(d.hidden)), "")) // with a key that nothing has: NOT IN is never true of no key
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM assignment_wish WHERE call_id = $1 AND stage = $2 AND at > $3 AND proposal_id NOT IN `+in+`)
		+ (SELECT count(*) FROM reviewer_pool WHERE call_id = $1 AND at > $3) + (SELECT CASE WHEN count(*) = $4 THEN 0 ELSE 1 END FROM reviewer_pool WHERE call_id = $1)
		+ (SELECT count(*) FROM review WHERE call_id = $1 AND stage = $2 AND (created_at > $3 OR answered_at > $3 AND state IN ('declined', 'conflicted', 'cancelled')) AND proposal_id NOT IN `+in+`)`,
		append([]any{r.CallID, r.Stage, db.At(r.At), r.Result.Pool}, hidden...)...).Scan(&n)
	return n > 0, err
}

// byName is who an account belongs to.
func (s *Service) byName(ctx context.Context, account string) (name string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT COALESCE(p.name, a.email) FROM account a LEFT JOIN person p ON p.id = a.person_id WHERE a.id = $1`, account).Scan(&name)
	if db.IsNone(err) {
		return "", nil
	}
	return name, err
}

// waiting asks what waits for a as an officer, but for proposals with which they have a conflict of interest. The query is made of
// a condition on the call c and on proposal, the column that holds a proposal's key; its columns are key, number, stage, title and
// how many wait. first are the arguments before those of the condition. Every home page of an officer asks this: conflicts are
// asked for only where something waits, and it is counted again only for who has one.
func (s *Service) waiting(ctx context.Context, a access.Actor, query func(where string) string, proposal string, first ...any) ([]Waiting, error) {
	agencies, all := a.Scopes("agency", access.Officer)
	if len(agencies) == 0 && !all {
		return nil, nil
	}
	in, args := db.In(len(first)+1, agencies)
	where := `c.agency_id IN ` + in
	if all {
		where, args = `c.id <> ''`, nil
	}
	ask := func(where string, args []any) ([]Waiting, error) {
		return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (w Waiting, err error) {
			return w, r.Scan(&w.CallID, &w.Number, &w.Stage, &w.Title, &w.N)
		}, query(where), args...)
	}
	args = append(first, args...)
	list, err := ask(where, args)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	kept, err := s.kept().Of(ctx, a)
	if err != nil || len(kept) == 0 {
		return list, err
	}
	in, hidden := db.In(len(args)+1, slices.Sorted(maps.Keys(kept)))
	return ask(where+` AND `+proposal+` NOT IN `+in, append(args, hidden...))
}

// kept finds what Conflicted finds, by memory where there is one.
func (s *Service) kept() access.Conflicted {
	if s.Remembered != nil {
		return s.Remembered
	}
	return s.Conflicted
}

func unassigned(where string) string {
	return `SELECT c.id, c.number, '', c.title, count(*) FROM proposal p JOIN call c ON c.id = p.call_id WHERE p.state = 'submitted' AND c.state = 'published' AND c.closes_at < $1 AND ` + where + `
		GROUP BY c.id, c.number, c.title, c.closes_at ORDER BY c.closes_at, c.id LIMIT 20`
}
