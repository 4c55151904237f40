package strategy

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

const priorityColumns = `p.id, COALESCE(p.parent_id, ''), p.kind, p.number, COALESCE(p.agency_id, ''), p.title, p.summary, p.orientation, COALESCE(p.owner_person, ''),
	p.metric, p.unit, p.baseline, p.target, p.reached, COALESCE(p.from_day, ''), COALESCE(p.until_day, ''), p.state, p.decided_in, p.measured_at, p.version`

func scanPriority(r *sql.Rows) (p Priority, err error) {
	return p, r.Scan(&p.ID, &p.ParentID, &p.Kind, &p.Number, &p.AgencyID, &p.Title, &p.Summary, &p.Orientation, &p.OwnerID,
		&p.Metric, &p.Unit, &p.Baseline, &p.Target, &p.Reached, &p.From, &p.Until, &p.State, &p.DecidedIn, db.Time(&p.Measured), &p.Version)
}

func (s *Service) priority(ctx context.Context, id string) (Priority, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanPriority, `SELECT `+priorityColumns+` FROM priority p WHERE p.id = $1`, id))
}

// priorities is all of them: a country has some hundreds.
func (s *Service) priorities(ctx context.Context) ([]Priority, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanPriority, `SELECT `+priorityColumns+` FROM priority p ORDER BY p.number, p.id`)
}

func (s *Service) linkedTo(ctx context.Context, kind, id string) ([]Priority, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanPriority, `SELECT `+priorityColumns+` FROM priority_link l JOIN priority p ON p.id = l.priority_id
		WHERE l.subject_kind = $1 AND l.subject_id = $2 ORDER BY p.number, p.id`, kind, id)
}

func (s *Service) insertPriority(ctx context.Context, p Priority) error {
	return s.exec(ctx, `INSERT INTO priority (id, parent_id, kind, number, agency_id, title, summary, orientation, owner_person, metric, unit, baseline, target, reached,
		from_day, until_day, state, decided_in, created_at, measured_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		p.ID, db.Str(p.ParentID), p.Kind, p.Number, db.Str(p.AgencyID), p.Title, p.Summary, p.Orientation, db.Str(p.OwnerID), p.Metric, p.Unit,
		p.Baseline, p.Target, p.Reached, db.Str(p.From), db.Str(p.Until), p.State, p.DecidedIn, db.At(clock.Now(ctx)), db.At(p.Measured))
}

func (s *Service) updatePriority(ctx context.Context, p Priority) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE priority SET title = $2, summary = $3, orientation = $4, owner_person = $5, metric = $6, unit = $7, baseline = $8, target = $9, reached = $10,
		from_day = $11, until_day = $12, state = $13, decided_in = $14, measured_at = $15, version = version + 1 WHERE id = $1 AND version = $16`,
		p.ID, p.Title, p.Summary, p.Orientation, db.Str(p.OwnerID), p.Metric, p.Unit, p.Baseline, p.Target, p.Reached,
		db.Str(p.From), db.Str(p.Until), p.State, p.DecidedIn, db.At(p.Measured), p.Version)
}

// nextNumber is the number after the last child of parent ("" for goals): 2.1.3.
func (s *Service) nextNumber(ctx context.Context, parent *Priority) (string, error) {
	id, prefix := "", ""
	if parent != nil {
		id, prefix = parent.ID, parent.Number+"."
	}
	numbers, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT number FROM priority WHERE COALESCE(parent_id, '') = $1`, id)
	last := 0
	for _, n := range numbers {
		if i, err := strconv.Atoi(n[strings.LastIndex(n, ".")+1:]); err == nil {
			last = max(last, i)
		}
	}
	return prefix + strconv.Itoa(last+1), err
}

// link is one row of priority_link.
type link struct{ priority, kind, id string }

func (s *Service) links(ctx context.Context) ([]link, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l link, err error) { return l, r.Scan(&l.priority, &l.kind, &l.id) },
		`SELECT priority_id, subject_kind, subject_id FROM priority_link ORDER BY priority_id, subject_kind, subject_id`)
}

func (s *Service) linksOf(ctx context.Context, priorityID, kind string) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx),
		`SELECT subject_id FROM priority_link WHERE priority_id = $1 AND subject_kind = $2 ORDER BY created_at DESC, subject_id`, priorityID, kind)
}

func (s *Service) insertLink(ctx context.Context, a access.Actor, priorityID, kind, id string) error {
	return s.exec(ctx, `INSERT INTO priority_link (priority_id, subject_kind, subject_id, created_by, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (priority_id, subject_kind, subject_id) DO NOTHING`, priorityID, kind, id, a.Account, db.At(clock.Now(ctx)))
}

const needColumns = `n.id, n.number, n.title, n.body, n.measure, COALESCE(n.organisation_id, ''), COALESCE(n.person_id, ''), COALESCE(n.agency_id, ''), n.orientation, n.state, COALESCE(n.confirmed_at, n.created_at), n.version`

func scanNeed(r *sql.Rows) (n Need, err error) {
	return n, r.Scan(&n.ID, &n.Number, &n.Title, &n.Body, &n.Measure, &n.OrganisationID, &n.PersonID, &n.AgencyID, &n.Orientation, &n.State, db.Time(&n.Stood), &n.Version)
}

func (s *Service) need(ctx context.Context, id string) (Need, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanNeed, `SELECT `+needColumns+` FROM need n WHERE n.id = $1`, id))
}

func (s *Service) insertNeed(ctx context.Context, n Need) error {
	return s.exec(ctx, `INSERT INTO need (id, number, title, body, measure, organisation_id, person_id, agency_id, orientation, state, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, n.ID, n.Number, n.Title, n.Body, n.Measure, db.Str(n.OrganisationID), db.Str(n.PersonID),
		db.Str(n.AgencyID), n.Orientation, n.State, db.At(clock.Now(ctx)))
}

func (s *Service) updateNeed(ctx context.Context, n Need) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE need SET title = $2, body = $3, measure = $4, orientation = $5, state = $6, version = version + 1 WHERE id = $1 AND version = $7`,
		n.ID, n.Title, n.Body, n.Measure, n.Orientation, n.State, n.Version)
}

// query gathers the conditions of a list.
type query struct {
	where []string
	args  []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) filter(d *db.DB, f Filter, alias string) {
	q.where = append(q.where, "1 = 1")
	if f.State != "" {
		q.where = append(q.where, alias+".state = "+q.arg(f.State))
	}
	if f.Orientation != "" {
		q.where = append(q.where, alias+".orientation = "+q.arg(f.Orientation))
	}
	if f.Agency != "" {
		q.where = append(q.where, alias+".agency_id = "+q.arg(f.Agency))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		q.where = append(q.where, "("+d.Says(q.arg, alias+".title", text)+" OR "+d.Says(q.arg, alias+".body", text)+" OR "+db.Holds(q.arg, alias+".number", text)+")")
	}
}

func list[T any](ctx context.Context, d *db.DB, q query, f Filter, scan func(*sql.Rows) (T, error), columns, from, order string) ([]T, int, error) {
	condition := strings.Join(q.where, " AND ")
	var total int
	if err := d.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM `+from+` WHERE `+condition, q.args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	size := max(f.Size, 1)
	limit, offset := q.arg(size), q.arg((max(f.Page, 1)-1)*size)
	rows, err := db.Rows(ctx, d.Q(ctx), scan, `SELECT `+columns+` FROM `+from+` WHERE `+condition+` ORDER BY `+order+` LIMIT `+limit+` OFFSET `+offset, q.args...)
	return rows, total, err
}

const questionColumns = `q.id, q.number, COALESCE(q.need_id, ''), COALESCE(q.agency_id, ''), q.title, q.body, q.orientation, q.state, q.version`

func scanQuestion(r *sql.Rows) (q Question, err error) {
	return q, r.Scan(&q.ID, &q.Number, &q.NeedID, &q.AgencyID, &q.Title, &q.Body, &q.Orientation, &q.State, &q.Version)
}

func (s *Service) question(ctx context.Context, id string) (Question, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanQuestion, `SELECT `+questionColumns+` FROM question q WHERE q.id = $1`, id))
}

func (s *Service) questionsOf(ctx context.Context, needID string) ([]Question, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanQuestion, `SELECT `+questionColumns+` FROM question q WHERE q.need_id = $1 ORDER BY q.number`, needID)
}

func (s *Service) questionsFor(ctx context.Context, priorityID string) ([]Question, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanQuestion, `SELECT `+questionColumns+` FROM priority_link l JOIN question q ON q.id = l.subject_id
		WHERE l.priority_id = $1 AND l.subject_kind = 'question' ORDER BY q.number`, priorityID)
}

func (s *Service) insertQuestion(ctx context.Context, a access.Actor, q Question) error {
	return s.exec(ctx, `INSERT INTO question (id, number, need_id, agency_id, title, body, orientation, state, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, q.ID, q.Number, db.Str(q.NeedID), db.Str(q.AgencyID), q.Title, q.Body, q.Orientation, q.State, a.Account, db.At(clock.Now(ctx)))
}

func (s *Service) updateQuestion(ctx context.Context, q Question) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE question SET title = $2, body = $3, orientation = $4, state = $5, version = version + 1 WHERE id = $1 AND version = $6`,
		q.ID, q.Title, q.Body, q.Orientation, q.State, q.Version)
}
