package council

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

const caseColumns = `g.id, g.number, g.agency_id, g.subject_kind, g.subject_id, g.title, g.text, g.refusal, g.state, g.round, g.due_day, g.why, g.created_at, g.version`

func scanCase(r *sql.Rows) (v Agreement, err error) {
	return v, r.Scan(&v.ID, &v.Number, &v.AgencyID, &v.Kind, &v.SubjectID, &v.Title, &v.Text, &v.Refusal, &v.State, &v.Round, &v.Due, &v.Why, db.Time(&v.CreatedAt), &v.Version)
}

func (s *Service) agreement(ctx context.Context, id string) (Agreement, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanCase, `SELECT `+caseColumns+` FROM agreement g WHERE g.id = $1`, id))
}

// casesOf are the cases about one decision, the newest first: it is the one that counts.
func (s *Service) casesOf(ctx context.Context, kind, id string) ([]Agreement, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanCase, `SELECT `+caseColumns+` FROM agreement g WHERE g.subject_kind = $1 AND g.subject_id = $2 ORDER BY g.created_at DESC, g.number DESC`, kind, id)
}

// cases are those of the agencies that a works for, or a's bodies decided, unless a is recused; what is open and due comes first.
func (s *Service) cases(ctx context.Context, a access.Actor) ([]Agreement, error) {
	agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor)
	args := []any{a.Person, today(ctx)}
	where := `g.subject_kind = 'item' AND g.subject_id IN (SELECT i.id FROM council_item i JOIN council_meeting m ON m.id = i.meeting_id JOIN council_seat t ON t.body_id = m.body_id
		WHERE t.person_id = $1 AND t.from_day <= $2 AND (t.until_day = '' OR t.until_day >= $2))`
	if all || a.System {
		where = `CAST($2 AS TEXT) IS NOT NULL` // every argument that is given must be used
	}
	for _, id := range agencies {
		args = append(args, id)
		n := "$" + strconv.Itoa(len(args))
		where += ` OR g.agency_id = ` + n + ` OR g.id IN (SELECT agreement_id FROM agreement_answer WHERE agency_id = ` + n + `)`
	}
	return db.Rows(ctx, s.DB.Q(ctx), scanCase, `SELECT `+caseColumns+` FROM agreement g WHERE (`+where+`)
		AND NOT EXISTS (SELECT 1 FROM council_recusal x WHERE x.item_id = g.subject_id AND x.person_id = $1)
		ORDER BY CASE WHEN g.state IN ('open', 'returned') THEN 0 ELSE 1 END, g.due_day, g.number`, args...)
}

// casesToAnswer are those in which the answer of one of the agencies is awaited, unless
// the person is recused; what is due first.
func (s *Service) casesToAnswer(ctx context.Context, person string, agencies []string) ([]Agreement, error) {
	in, args := db.In(2, agencies)
	return db.Rows(ctx, s.DB.Q(ctx), scanCase, `SELECT `+caseColumns+` FROM agreement g WHERE g.state = 'open'
		AND EXISTS (SELECT 1 FROM agreement_answer x WHERE x.agreement_id = g.id AND x.round = g.round AND x.answer = '' AND x.agency_id IN `+in+`)
		AND NOT EXISTS (SELECT 1 FROM council_recusal x WHERE x.item_id = g.subject_id AND x.person_id = $1) ORDER BY g.due_day, g.number`, append([]any{person}, args...)...)
}

func (s *Service) insertCase(ctx context.Context, v Agreement, by string) error {
	return s.exec(ctx, `INSERT INTO agreement (id, number, agency_id, subject_kind, subject_id, title, text, refusal, state, due_day, asked_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		v.ID, v.Number, v.AgencyID, v.Kind, v.SubjectID, v.Title, v.Text, v.Refusal, v.State, v.Due, by, db.At(v.CreatedAt))
}

func (s *Service) insertParty(ctx context.Context, id string, round int, agency string, text lang.Text) error {
	return s.exec(ctx, `INSERT INTO agreement_answer (agreement_id, round, agency_id, text) VALUES ($1, $2, $3, $4)`, id, round, agency, text)
}

// parties are all answers of a case, the latest round first, in the order of the agencies.
func (s *Service) parties(ctx context.Context, id string) ([]Party, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Party, err error) {
		return p, r.Scan(&p.Round, &p.AgencyID, &p.Agency, &p.Text, &p.Answer, &p.Words, &p.By, db.Time(&p.At))
	}, `SELECT x.round, x.agency_id, g.name, x.text, x.answer, x.words, x.by_name, x.at FROM agreement_answer x JOIN agency g ON g.id = x.agency_id WHERE x.agreement_id = $1 ORDER BY x.round DESC, g.slug`, id)
}

// answerParty writes an answer that is awaited; one that was given is not changed.
func (s *Service) answerParty(ctx context.Context, v Agreement, p Party) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE agreement_answer SET answer = $4, words = $5, by_name = $6, at = $7 WHERE agreement_id = $1 AND round = $2 AND agency_id = $3 AND answer = ''`,
		v.ID, v.Round, p.AgencyID, p.Answer, p.Words, p.By, db.At(clock.Now(ctx)))
}

func (s *Service) setCase(ctx context.Context, v Agreement) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE agreement SET text = $3, state = $4, round = $5, due_day = $6, why = $7, version = version + 1 WHERE id = $1 AND version = $2`,
		v.ID, v.Version, v.Text, v.State, v.Round, v.Due, v.Why)
}
