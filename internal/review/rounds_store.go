package review

import (
	"context"
	"database/sql"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// planOf is how the invitations of a stage go on: as somebody set it, else as usual.
func (s *Service) planOf(ctx context.Context, d Desk) (p InvitationPlan, set bool, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT target, reserve, answer_days, automatic FROM invitation_plan WHERE call_id = $1 AND stage = $2`, d.CallID, d.Stage()).
		Scan(&p.Target, &p.Reserve, &p.AnswerDays, &p.Automatic)
	if db.IsNone(err) {
		return InvitationPlan{Target: d.Plan.Each, Reserve: 2, AnswerDays: 10}, false, nil
	}
	return p, err == nil, err
}

func (s *Service) putPlan(ctx context.Context, a access.Actor, d Desk, p InvitationPlan) error {
	return s.exec(ctx, `INSERT INTO invitation_plan (call_id, stage, target, reserve, answer_days, automatic, by_account, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (call_id, stage) DO UPDATE SET target = excluded.target, reserve = excluded.reserve, answer_days = excluded.answer_days, automatic = excluded.automatic, by_account = excluded.by_account, at = excluded.at`,
		d.CallID, d.Stage(), p.Target, p.Reserve, p.AnswerDays, db.Bool(p.Automatic), a.Account, db.At(clock.Now(ctx)))
}

// answerDays is how long the people of a stage have to answer; 0 where nobody set that.
func (s *Service) answerDays(ctx context.Context, callID, stage string) (days int, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT answer_days FROM invitation_plan WHERE call_id = $1 AND stage = $2`, callID, stage).Scan(&days)
	if db.IsNone(err) {
		return 0, nil
	}
	return days, err
}

func (s *Service) markNudged(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, 500) {
		in, args := db.In(2, some)
		if err := s.exec(ctx, `UPDATE review SET nudged_at = $1 WHERE id IN `+in, append([]any{db.At(clock.Now(ctx))}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// personLike is the one person of the register with an address or, without one, a name; "" for none or several.
func (s *Service) personLike(ctx context.Context, whom Suggestion) (string, error) {
	column, value := "email", whom.Email
	if value == "" {
		column, value = "name", whom.Name
	}
	list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM person WHERE lower(`+column+`) = lower($1) AND state = 'active' LIMIT 2`, value)
	if err != nil || len(list) != 1 {
		return "", err
	}
	return list[0], nil
}

func (s *Service) putSuggestion(ctx context.Context, review string, whom Suggestion) error {
	return s.exec(ctx, `INSERT INTO reviewer_suggestion (review_id, name, email, person_id, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (review_id) DO UPDATE SET name = excluded.name, email = excluded.email, person_id = excluded.person_id, at = excluded.at`,
		review, whom.Name, whom.Email, db.Str(whom.Person), db.At(clock.Now(ctx)))
}

// suggestions are whom the people of a stage would ask instead, by review.
func (s *Service) suggestions(ctx context.Context, d Desk) (map[string]*Suggestion, error) {
	out := map[string]*Suggestion{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var v Suggestion
		err := r.Scan(&id, &v.Name, &v.Email, &v.Person)
		out[id] = &v
		return struct{}{}, err
	}, `SELECT g.review_id, g.name, g.email, COALESCE(g.person_id, '') FROM reviewer_suggestion g JOIN review r ON r.id = g.review_id WHERE r.call_id = $1 AND r.stage = $2`, d.CallID, d.Stage())
	return out, err
}

// wanting are the proposals of planned stages with too few reviewers and some reserve left, of the calls c that
// a condition at its end names. The order of its joins is fixed: only calls under review are looked into,
// not every review that was ever planned.
func wanting(where string) string {
	return `SELECT c.id, c.number, c.title, p.stage FROM call c CROSS JOIN invitation_plan i CROSS JOIN proposal p CROSS JOIN review r
	WHERE i.call_id = c.id AND i.automatic = $1 AND p.call_id = c.id AND p.stage = i.stage AND p.state IN ('submitted', 'in-review') AND r.proposal_id = p.id AND r.stage = p.stage AND ` + where + `
	GROUP BY c.id, c.number, c.title, p.stage, p.id, i.target, i.reserve
	HAVING count(*) FILTER (WHERE r.state IN ('invited', 'accepted', 'submitted')) < i.target AND count(*) < i.target + i.reserve`
}

// automatic are the calls and stages in which the next best are asked by themselves, and somebody is missing.
func (s *Service) automatic(ctx context.Context) ([][2]string, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v [2]string, err error) { return v, r.Scan(&v[0], &v[1]) },
		`SELECT DISTINCT id, stage FROM (`+wanting(`c.id <> ''`)+`) AS w ORDER BY id, stage`, 1)
}

func toAsk(where string) string {
	return `SELECT id, number, stage, title, count(*) FROM (` + wanting(where) + `) AS w GROUP BY id, number, stage, title ORDER BY number, stage LIMIT 20`
}

// openStages are the calls and stages in which somebody was asked and the review is not in yet.
func (s *Service) openStages(ctx context.Context) ([][2]string, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v [2]string, err error) { return v, r.Scan(&v[0], &v[1]) },
		`SELECT DISTINCT r.call_id, r.stage FROM review r JOIN call c ON c.id = r.call_id WHERE r.state IN ('invited', 'accepted') AND c.scheme_version_id IS NOT NULL ORDER BY 1, 2`)
}

// knownLate are the open reviews of a stage of which the officers were told that they have a conflict, with its rule.
func (s *Service) knownLate(ctx context.Context, d Desk) (map[string]string, error) {
	out := map[string]string{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id, rule string
		err := r.Scan(&id, &rule)
		out[id] = rule
		return struct{}{}, err
	}, `SELECT id, conflict_rule FROM review WHERE call_id = $1 AND stage = $2 AND state IN ('invited', 'accepted') AND conflict_rule <> ''`, d.CallID, d.Stage())
	return out, err
}

func (s *Service) setLate(ctx context.Context, id, rule string) error {
	return s.exec(ctx, `UPDATE review SET conflict_rule = $2 WHERE id = $1`, id, rule)
}

func lateCalls(where string) string {
	return `SELECT c.id, c.number, r.stage, c.title, count(*) FROM review r JOIN call c ON c.id = r.call_id WHERE r.state IN ('invited', 'accepted') AND r.conflict_rule <> '' AND ` + where + `
		GROUP BY c.id, c.number, r.stage, c.title ORDER BY c.number, r.stage LIMIT 20`
}
