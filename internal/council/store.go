package council

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

const columns = `v.id, v.number, v.agency_id, v.subject_kind, v.subject_id, v.question, v.background, v.due_day, v.state, v.synthesis, v.minority, v.became, v.asked_by, v.created_at, v.closed_at, v.version,
	(SELECT count(*) FROM advice_answer x WHERE x.advice_id = v.id), (SELECT count(*) FROM advice_answer x WHERE x.advice_id = v.id AND x.state = 'answered')`

func scan(r *sql.Rows) (v Advice, err error) {
	return v, r.Scan(&v.ID, &v.Number, &v.AgencyID, &v.Kind, &v.SubjectID, &v.Question, &v.Background, &v.Due, &v.State, &v.Synthesis, &v.Minority, &v.Became, &v.AskedBy,
		db.Time(&v.CreatedAt), db.Time(&v.ClosedAt), &v.Version, &v.Advisers, &v.Given)
}

func (s *Service) byID(ctx context.Context, id string) (Advice, error) {
	found, err := db.Rows(ctx, s.DB.Q(ctx), scan, `SELECT `+columns+` FROM advice v WHERE v.id = $1`, id)
	if err != nil {
		return Advice{}, err
	}
	if len(found) == 0 {
		return Advice{}, fault.Missing()
	}
	return found[0], nil
}

func (s *Service) answers(ctx context.Context, id string) ([]Answer, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Answer, err error) {
		return x, r.Scan(&x.Person, &x.State, &x.Interests, &x.Answer, &x.Evidence, &x.Confidence, &x.Reason, db.Time(&x.At), &x.Followed, &x.Body)
	}, `SELECT x.person_id, x.state, x.interests, x.answer, x.evidence, x.confidence, x.reason, x.answered_at, x.followed, b.name
		FROM advice_answer x LEFT JOIN council_body b ON b.id = x.body_id WHERE x.advice_id = $1 ORDER BY x.asked_at, x.person_id`, id)
}

func (s *Service) insert(ctx context.Context, v Advice) error {
	return s.exec(ctx, `INSERT INTO advice (id, number, agency_id, subject_kind, subject_id, question, background, due_day, state, asked_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, v.ID, v.Number, v.AgencyID, v.Kind, v.SubjectID, v.Question, v.Background, v.Due, v.State, v.AskedBy, db.At(v.CreatedAt))
}

func (s *Service) insertAnswer(ctx context.Context, id, person, body string) error {
	return s.exec(ctx, `INSERT INTO advice_answer (advice_id, person_id, state, asked_at, body_id) VALUES ($1, $2, $3, $4, $5)`, id, person, Asked, db.At(clock.Now(ctx)), body)
}

func (s *Service) setFollowed(ctx context.Context, id, person, followed string) error {
	return s.exec(ctx, `UPDATE advice_answer SET followed = $3 WHERE advice_id = $1 AND person_id = $2`, id, person, followed)
}

func (s *Service) setAnswer(ctx context.Context, id string, x Answer) error {
	return s.exec(ctx, `UPDATE advice_answer SET state = $3, interests = $4, answer = $5, evidence = $6, confidence = $7, reason = $8, answered_at = $9 WHERE advice_id = $1 AND person_id = $2`,
		id, x.Person, x.State, x.Interests, x.Answer, x.Evidence, x.Confidence, x.Reason, db.At(x.At))
}

func (s *Service) setClosed(ctx context.Context, id string, version int64, synthesis, minority lang.Text) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE advice SET state = 'closed', synthesis = $3, minority = $4, closed_at = $5, version = version + 1 WHERE id = $1 AND version = $2`,
		id, version, synthesis, minority, db.At(clock.Now(ctx)))
}

func (s *Service) setBecame(ctx context.Context, id string, version int64, became lang.Text) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE advice SET became = $3, version = version + 1 WHERE id = $1 AND version = $2`, id, version, became)
}

// list finds by the rule of Get: closed ones are public, open ones are seen by their agency and by who is asked.
func (s *Service) list(ctx context.Context, a access.Actor, f Filter) ([]Advice, int, error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	mine := "v.id IN (SELECT advice_id FROM advice_answer WHERE person_id = " + arg(a.Alone()) + ")"
	agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor)
	where := []string{"1 = 1"}
	if !all && !a.System {
		seen := "(v.state = 'closed' OR " + mine
		for _, id := range agencies {
			seen += " OR v.agency_id = " + arg(id)
		}
		where = append(where, seen+")")
	}
	if f.Mine {
		where = append(where, mine)
	}
	if f.Kind != "" {
		where = append(where, "v.subject_kind = "+arg(f.Kind)+" AND v.subject_id = "+arg(f.Subject))
	}
	if f.State != "" {
		where = append(where, "v.state = "+arg(f.State))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		where = append(where, "("+s.DB.Says(arg, "v.question", text)+" OR "+db.Holds(arg, "v.number", text)+")")
	}
	condition := strings.Join(where, " AND ")
	if !strings.Contains(condition, "$1") { // every argument that is given must be used
		condition += " AND CAST($1 AS TEXT) IS NOT NULL"
	}
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM advice v WHERE `+condition, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	size := max(f.Size, 1)
	limit, offset := arg(size), arg((max(f.Page, 1)-1)*size)
	out, err := db.Rows(ctx, s.DB.Q(ctx), scan, `SELECT `+columns+` FROM advice v WHERE `+condition+`
		ORDER BY CASE WHEN v.state = 'open' THEN 0 ELSE 1 END, CASE WHEN v.state = 'open' THEN v.due_day ELSE '' END, v.created_at DESC, v.number LIMIT `+limit+` OFFSET `+offset, args...)
	return out, total, err
}

// Waiting is the requests that a has to answer, and those of a's agencies that can be closed, what is due first.
func (s *Service) Waiting(ctx context.Context, a access.Actor) (answer, closing []Advice, err error) {
	if a.Alone() != "" {
		answer, err = db.Rows(ctx, s.DB.Q(ctx), scan, `SELECT `+columns+` FROM advice v JOIN advice_answer x ON x.advice_id = v.id
			WHERE x.person_id = $1 AND x.state = 'asked' AND v.state = 'open' ORDER BY v.due_day, v.number`, a.Alone())
		if err != nil {
			return nil, nil, err
		}
	}
	agencies, _ := a.Scopes("agency", access.Officer)
	for _, id := range agencies {
		ready, err := db.Rows(ctx, s.DB.Q(ctx), scan, `SELECT `+columns+` FROM advice v WHERE v.agency_id = $1 AND v.state = 'open' ORDER BY v.due_day, v.number`, id)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range ready {
			answers, err := s.answers(ctx, v.ID)
			if err != nil {
				return nil, nil, err
			}
			if v.Given > 0 && v.together(answers, clock.Now(ctx)) {
				closing = append(closing, v)
			}
		}
	}
	return answer, closing, nil
}

const useColumns = `u.advice_id, v.number, v.question, u.subject_kind, u.subject_id, u.followed, u.why, u.by_name, u.at`

func scanUse(r *sql.Rows) (u Use, err error) {
	return u, r.Scan(&u.AdviceID, &u.Number, &u.Question, &u.Kind, &u.SubjectID, &u.Followed, &u.Why, &u.By, db.Time(&u.At))
}

// uses is the advice that a decision cites.
func (s *Service) uses(ctx context.Context, kind, id string) ([]Use, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanUse, `SELECT `+useColumns+` FROM advice_use u JOIN advice v ON v.id = u.advice_id WHERE u.subject_kind = $1 AND u.subject_id = $2 ORDER BY v.number`, kind, id)
}

// usesOf is the decisions that cite an advice, the latest first.
func (s *Service) usesOf(ctx context.Context, advice string) ([]Use, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanUse, `SELECT `+useColumns+` FROM advice_use u JOIN advice v ON v.id = u.advice_id WHERE u.advice_id = $1 ORDER BY u.at DESC, u.subject_id`, advice)
}

func (s *Service) insertUse(ctx context.Context, u Use) error {
	return s.exec(ctx, `INSERT INTO advice_use (advice_id, subject_kind, subject_id, followed, why, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		u.AdviceID, u.Kind, u.SubjectID, u.Followed, u.Why, u.By, db.At(clock.Now(ctx)))
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}
