package panel

import (
	"context"
	"database/sql"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

const columns = `p.id, p.call_id, p.stage, p.name, p.state, p.meets_at, p.topics, p.item_id, p.quorum, p.began_at, p.ended_at, p.version`

func scan(r interface{ Scan(...any) error }) (p Panel, err error) {
	return p, r.Scan(&p.ID, &p.CallID, &p.Stage, &p.Name, &p.State, db.Time(&p.MeetsAt), db.FromJSON(&p.Topics), &p.Current, &p.Quorum, db.Time(&p.BeganAt), db.Time(&p.EndedAt), &p.Version)
}

func (s *Service) byID(ctx context.Context, id string) (Panel, error) {
	p, err := scan(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+columns+` FROM panel p WHERE p.id = $1`, id))
	if db.IsNone(err) {
		return p, fault.Missing()
	}
	return p, err
}

func (s *Service) list(ctx context.Context, where string, args ...any) ([]Panel, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (Panel, error) { return scan(r) }, `SELECT `+columns+` FROM panel p WHERE `+where+` ORDER BY p.meets_at IS NULL, p.meets_at, p.created_at, p.name, p.id`, args...)
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

// touch tells those who follow the panel that something may have changed.
func (s *Service) touch(ctx context.Context, id string) error {
	return s.exec(ctx, `UPDATE panel SET version = version + 1 WHERE id = $1`, id)
}

func (s *Service) insert(ctx context.Context, p Panel) error {
	return s.exec(ctx, `INSERT INTO panel (id, call_id, stage, name, state, topics, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, p.CallID, p.Stage, p.Name, p.State, db.JSON(p.Topics), db.At(clock.Now(ctx)))
}

func (s *Service) update(ctx context.Context, p Panel) error {
	return s.exec(ctx, `UPDATE panel SET name = $2, meets_at = $3, state = $4, topics = $5, item_id = $6, quorum = $7, began_at = $8, ended_at = $9, version = version + 1 WHERE id = $1`,
		p.ID, p.Name, db.At(p.MeetsAt), p.State, db.JSON(p.Topics), p.Current, p.Quorum, db.At(p.BeganAt), db.At(p.EndedAt))
}

// dissolve removes panels of a stage in which nobody has said anything yet.
func (s *Service) dissolve(ctx context.Context, id string) error {
	for _, query := range []string{`DELETE FROM panel_item WHERE panel_id = $1`, `DELETE FROM panel_member WHERE panel_id = $1`, `DELETE FROM panel WHERE id = $1`} {
		if err := s.exec(ctx, query, id); err != nil {
			return err
		}
	}
	return nil
}

// used reports whether scores or comments were given in a panel.
func (s *Service) used(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM panel_score x JOIN panel_item i ON i.id = x.item_id WHERE i.panel_id = $1)
		+ (SELECT count(*) FROM panel_comment c JOIN panel_item i ON i.id = c.item_id WHERE i.panel_id = $1)`, id).Scan(&n)
	return n > 0, err
}

func (s *Service) members(ctx context.Context, id string) ([]Member, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (m Member, err error) {
		var org lang.Text
		err = r.Scan(&m.Person, &m.Name, &m.Role, &m.Here, &org)
		m.Organisation = org.In(lang.English)
		return m, err
	}, `SELECT m.person_id, n.name, m.role, m.present, (SELECT o.name FROM affiliation f JOIN organisation o ON o.id = f.organisation_id WHERE f.person_id = m.person_id AND f.until_day IS NULL ORDER BY f.id LIMIT 1)
		FROM panel_member m JOIN person n ON n.id = m.person_id WHERE m.panel_id = $1 AND m.until_at IS NULL ORDER BY CASE m.role WHEN 'chair' THEN 0 ELSE 1 END, n.sort_name, n.id`, id)
}

func (s *Service) seat(ctx context.Context, id, person, role string) error {
	return s.exec(ctx, `INSERT INTO panel_member (panel_id, person_id, role, from_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (panel_id, person_id) DO UPDATE SET role = excluded.role, until_at = NULL`, id, person, role, db.At(clock.Now(ctx)))
}

func (s *Service) unseat(ctx context.Context, id, person string) error {
	return s.exec(ctx, `UPDATE panel_member SET until_at = $3 WHERE panel_id = $1 AND person_id = $2`, id, person, db.At(clock.Now(ctx)))
}

func (s *Service) setHere(ctx context.Context, id, person string, here bool) error {
	return s.exec(ctx, `UPDATE panel_member SET present = $3 WHERE panel_id = $1 AND person_id = $2`, id, person, db.Bool(here))
}

func (s *Service) items(ctx context.Context, where string, args ...any) ([]Item, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (i Item, err error) {
		return i, r.Scan(&i.ID, &i.ProposalID, &i.Number, &i.Title, &i.Place, db.Null(&i.Rapporteur), &i.Summary, db.Time(&i.ClosedAt), &i.Attended)
	}, `SELECT i.id, i.proposal_id, q.number, q.title, i.place, i.rapporteur_person, i.summary, i.closed_at, i.attended FROM panel_item i JOIN proposal q ON q.id = i.proposal_id
		WHERE `+where+` AND q.state <> 'withdrawn' ORDER BY i.place, q.number`, args...)
}

func (s *Service) insertItem(ctx context.Context, p Panel, i Item) error {
	return s.exec(ctx, `INSERT INTO panel_item (id, panel_id, proposal_id, stage, place) VALUES ($1, $2, $3, $4, $5)`, i.ID, p.ID, i.ProposalID, p.Stage, i.Place)
}

func (s *Service) updateItem(ctx context.Context, i Item) error {
	return s.exec(ctx, `UPDATE panel_item SET place = $2, rapporteur_person = $3, summary = $4, closed_at = $5, attended = $6, version = version + 1 WHERE id = $1`,
		i.ID, i.Place, db.Str(i.Rapporteur), i.Summary, db.At(i.ClosedAt), i.Attended)
}

func (s *Service) moveItem(ctx context.Context, i Item, to string) error {
	return s.exec(ctx, `UPDATE panel_item SET panel_id = $2, place = $3, rapporteur_person = NULL, version = version + 1 WHERE id = $1`, i.ID, to, i.Place)
}

func (s *Service) scores(ctx context.Context, id string) ([]Score, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Score, err error) {
		return v, r.Scan(&v.Item, &v.Person, &v.Kind, &v.Score, &v.Note, db.Time(&v.At))
	}, `SELECT x.item_id, x.person_id, x.kind, x.score, x.note, x.at FROM panel_score x JOIN panel_item i ON i.id = x.item_id WHERE i.panel_id = $1 ORDER BY x.item_id, x.person_id, x.kind`, id)
}

func (s *Service) putScore(ctx context.Context, v Score) error {
	return s.exec(ctx, `INSERT INTO panel_score (item_id, person_id, kind, score, note, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (item_id, person_id, kind) DO UPDATE SET score = excluded.score, note = excluded.note, at = excluded.at`, v.Item, v.Person, v.Kind, v.Score, v.Note, db.At(v.At))
}

func (s *Service) comments(ctx context.Context, item string) ([]Comment, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c Comment, err error) {
		return c, r.Scan(&c.ID, &c.Item, &c.Person, &c.Name, &c.Text, db.Time(&c.At))
	}, `SELECT c.id, c.item_id, c.person_id, n.name, c.text, c.at FROM panel_comment c JOIN person n ON n.id = c.person_id WHERE c.item_id = $1 ORDER BY c.at, c.id`, item)
}

func (s *Service) insertComment(ctx context.Context, c Comment) error {
	return s.exec(ctx, `INSERT INTO panel_comment (id, item_id, person_id, text, at) VALUES ($1, $2, $3, $4, $5)`, c.ID, c.Item, c.Person, c.Text, db.At(c.At))
}

// candidate is a proposal that a panel may treat.
type candidate struct{ id, number, title, language string }

// candidates are the submitted proposals of a stage, by number.
func (s *Service) candidates(ctx context.Context, callID, stage string) ([]candidate, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c candidate, err error) {
		return c, r.Scan(&c.id, &c.number, &c.title, &c.language)
	}, `SELECT id, number, title, language FROM proposal WHERE call_id = $1 AND stage = $2 AND state IN ('submitted', 'in-review') ORDER BY number`, callID, stage)
}
