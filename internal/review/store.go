package review

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

const columns = `r.id, r.proposal_id, r.call_id, r.stage, COALESCE(r.reviewer_person, ''), r.state, r.alias, r.reason, r.invited_at, r.due_at, r.submitted_at,
	COALESCE(r.overall, 0), COALESCE(r.minutes, 0), r.version, r.answer_by`

func scan(r interface{ Scan(...any) error }) (v Review, err error) {
	return v, r.Scan(&v.ID, &v.ProposalID, &v.CallID, &v.Stage, &v.Reviewer, &v.State, &v.Alias, &v.Reason, db.Time(&v.InvitedAt), db.Time(&v.DueAt), db.Time(&v.SubmittedAt),
		&v.Overall, &v.Minutes, &v.Version, db.Time(&v.AnswerBy))
}

func (s *Service) byID(ctx context.Context, id string) (Review, error) {
	r, err := scan(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM review r WHERE r.id = $1`, id))
	if db.IsNone(err) {
		return r, fault.Missing()
	}
	return r, err
}

func (s *Service) list(ctx context.Context, where string, args ...any) ([]Review, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (Review, error) { return scan(r) },
		`SELECT `+columns+` FROM review r WHERE `+where+` ORDER BY CASE r.state WHEN 'invited' THEN 0 WHEN 'accepted' THEN 1 ELSE 2 END, r.due_at, r.alias, r.id`, args...)
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

func (s *Service) insert(ctx context.Context, r Review) error {
	return s.exec(ctx, `INSERT INTO review (id, proposal_id, call_id, stage, reviewer_person, state, alias, invited_at, due_at, answer_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.ID, r.ProposalID, r.CallID, r.Stage, db.Str(r.Reviewer), r.State, r.Alias, db.At(r.InvitedAt), db.At(r.DueAt), db.At(r.AnswerBy), db.At(clock.Now(ctx)))
}

// setOrigin notes the suggestion that an invitation comes from, and what spoke for it.
func (s *Service) setOrigin(ctx context.Context, id, run string, p Pair) error {
	return s.exec(ctx, `UPDATE review SET run_id = $2, why = $3 WHERE id = $1`, id, run, db.JSON(map[string]any{"score": p.Score, "words": p.Words}))
}

// NextAlias is the next free letter of a proposal's reviewers: one that nobody has, also where an invitation was undone since.
func (s *Service) NextAlias(ctx context.Context, proposalID, stage string) (string, error) {
	used, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT alias FROM review WHERE proposal_id = $1 AND stage = $2`, proposalID, stage)
	n := len(used)
	for slices.Contains(used, Alias(n)) {
		n++
	}
	return Alias(n), err
}

// Alias is the n-th letter by which others know a reviewer: A … Z, AA …
func Alias(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return Alias(n/26-1) + Alias(n%26)
}

func (s *Service) setState(ctx context.Context, r Review, state, reason string) error {
	return s.exec(ctx, `UPDATE review SET state = $2, reason = $3, answered_at = $4, version = version + 1 WHERE id = $1`, r.ID, state, reason, db.At(clock.Now(ctx)))
}

func (s *Service) setSubmitted(ctx context.Context, r Review, overall float64, entry string) error {
	at := r.SubmittedAt
	if at.IsZero() {
		at = clock.Now(ctx)
	}
	return s.exec(ctx, `UPDATE review SET state = 'submitted', overall = $2, submitted_at = $3, entry_id = $4, version = version + 1 WHERE id = $1`, r.ID, overall, db.At(at), entry)
}

func (s *Service) answers(ctx context.Context, id string) (map[string]Answer, error) {
	out := map[string]Answer{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var field, value string
		var version int64
		err := r.Scan(&field, &value, &version)
		a := decodeAnswer(value)
		a.Version = version
		out[field] = a
		return struct{}{}, err
	}, `SELECT field, value, version FROM review_answer WHERE review_id = $1`, id)
	return out, err
}

// answersOf are the answers of many reviews, by review and field.
func (s *Service) answersOf(ctx context.Context, list []Review) (map[string]map[string]Answer, error) {
	out := map[string]map[string]Answer{}
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i], out[r.ID] = r.ID, map[string]Answer{}
	}
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id, field, value string
		err := r.Scan(&id, &field, &value)
		if err == nil {
			out[id][field] = decodeAnswer(value)
		}
		return struct{}{}, err
	}, `SELECT review_id, field, value FROM review_answer WHERE review_id IN {keys}`, ids)
	return out, err
}

// putAnswers writes fields that nobody changed since their version; the others come back in out.
func (s *Service) putAnswers(ctx context.Context, id string, answers map[string]Answer, out *Saved) error {
	for _, field := range slices.Sorted(maps.Keys(answers)) {
		a := answers[field]
		var score any
		if a.Score != 0 {
			score = a.Score
		}
		var version int64
		err := s.DB.Q(ctx).QueryRowContext(ctx, `INSERT INTO review_answer (review_id, field, value, score, version, at) VALUES ($1, $2, $3, $4, 1, $5)
			ON CONFLICT (review_id, field) DO UPDATE SET value = excluded.value, score = excluded.score, version = review_answer.version + 1, at = excluded.at
			WHERE review_answer.version = $6 OR $6 < 0 OR review_answer.value = excluded.value RETURNING version`,
			id, field, db.JSON(a), score, db.At(clock.Now(ctx)), a.Version).Scan(&version)
		if db.IsNone(err) {
			there, err := s.answers(ctx, id)
			if err != nil {
				return err
			}
			out.Kept[field] = there[field]
			continue
		}
		if err != nil {
			return err
		}
		out.Versions[field] = version
	}
	return nil
}

func (s *Service) setMinutes(ctx context.Context, id string, minutes int) error {
	return s.exec(ctx, `UPDATE review SET minutes = $2 WHERE id = $1`, id, minutes)
}

func (s *Service) declare(ctx context.Context, a access.Actor, r Review, rule, why string) error {
	return s.exec(ctx, `INSERT INTO conflict (id, person_id, subject_kind, subject_id, rule, hard, evidence, from_at, declared_by, created_at) VALUES ($1, $2, 'proposal', $3, $7, 1, $4, $5, $6, $5)`,
		clock.ID(ctx), r.Reviewer, r.ProposalID, why, db.At(clock.Now(ctx)), a.Account, rule)
}

// reminding are the reviews to be reminded of: unanswered or being written, due
// before soon or late, and not told about since.
func (s *Service) reminding(ctx context.Context, soon, since time.Time) ([]Review, error) {
	return s.list(ctx, `r.state IN ('invited', 'accepted') AND r.reviewer_person IS NOT NULL AND r.due_at <= $1 AND COALESCE(r.reminded_at, r.invited_at) <= $2`, db.At(soon), db.At(since))
}

func (s *Service) markReminded(ctx context.Context, ids []string) error {
	for some := range slices.Chunk(ids, 500) {
		in, args := db.In(2, some)
		if err := s.exec(ctx, `UPDATE review SET reminded_at = $1 WHERE id IN `+in, append([]any{db.At(clock.Now(ctx))}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// toldOf are the names of those whom reviews are of, and number and title of what they are about, by key.
func (s *Service) toldOf(ctx context.Context, list []Review) (names map[string]string, titles map[string][2]string, err error) {
	people, proposals := make([]string, len(list)), make([]string, len(list))
	for i, r := range list {
		people[i], proposals[i] = r.Reviewer, r.ProposalID
	}
	if names, err = s.Register.Names(ctx, people, nil); err != nil {
		return nil, nil, err
	}
	titles, err = s.titles(ctx, proposals)
	return names, titles, err
}

// titles are number and title of proposals by key.
func (s *Service) titles(ctx context.Context, ids []string) (map[string][2]string, error) {
	out := map[string][2]string{}
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var v [2]string
		err := r.Scan(&id, &v[0], &v[1])
		out[id] = v
		return struct{}{}, err
	}, `SELECT id, number, title FROM proposal WHERE id IN {keys}`, ids)
	return out, err
}

// Standing is what a call's reviews of one proposal say: how many are in, and their mean.
type Standing struct {
	ProposalID      string
	In, Open        int
	Mean, Low, High float64
}

// Standings sums up the reviews of a call's stage by proposal. One query.
func (s *Service) Standings(ctx context.Context, callID, stage string) (map[string]Standing, error) {
	out := map[string]Standing{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var v Standing
		err := r.Scan(&v.ProposalID, &v.In, &v.Open, &v.Mean, &v.Low, &v.High)
		out[v.ProposalID] = v
		return struct{}{}, err
	}, `SELECT proposal_id, count(*) FILTER (WHERE state = 'submitted'), count(*) FILTER (WHERE state IN ('invited', 'accepted')),
		COALESCE(avg(overall) FILTER (WHERE state = 'submitted'), 0), COALESCE(min(overall) FILTER (WHERE state = 'submitted'), 0), COALESCE(max(overall) FILTER (WHERE state = 'submitted'), 0)
		FROM review WHERE call_id = $1 AND stage = $2 GROUP BY proposal_id`, callID, stage)
	return out, err
}

// Score is what one reviewer gave one proposal in all.
type Score struct {
	ProposalID string
	Person     string // "" where an import does not name the reviewer
	Overall    float64
}

// Scores are the scores of the submitted reviews of a call's stage, in an order that
// does not change.
func (s *Service) Scores(ctx context.Context, callID, stage string) ([]Score, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Score, err error) { return v, r.Scan(&v.ProposalID, &v.Person, &v.Overall) },
		`SELECT proposal_id, COALESCE(reviewer_person, ''), overall FROM review WHERE call_id = $1 AND stage = $2 AND state = 'submitted' AND overall IS NOT NULL ORDER BY proposal_id, id`, callID, stage)
}

// Late reports whether a review is due and not in. It can be handed in all the same until its list goes to be signed.
func (r Review) Late(now time.Time) bool { return r.State == Accepted && now.After(r.DueAt) }

func (s *Service) credited(ctx context.Context, person string) ([]credited, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c credited, err error) {
		return c, r.Scan(&c.id, &c.agency, db.Time(&c.at))
	}, `SELECT r.id, c.agency_id, r.submitted_at FROM review r JOIN call c ON c.id = r.call_id WHERE r.reviewer_person = $1 AND r.state = 'submitted'
		AND NOT EXISTS (SELECT 1 FROM proposal p WHERE p.call_id = r.call_id AND p.stage = r.stage AND p.state IN ('submitted', 'in-review')) ORDER BY r.submitted_at DESC, r.id`, person)
}
