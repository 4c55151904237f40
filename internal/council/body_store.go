package council

import (
	"context"
	"database/sql"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

const bodyColumns = `b.id, b.agency_id, b.name, b.remit, b.rule, b.priorities, b.version`

func scanBody(r *sql.Rows) (b Body, err error) {
	return b, r.Scan(&b.ID, &b.AgencyID, &b.Name, &b.Remit, db.FromJSON(&b.Rule), &b.Priorities, &b.Version)
}

func (s *Service) body(ctx context.Context, id string) (Body, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanBody, `SELECT `+bodyColumns+` FROM council_body b WHERE b.id = $1`, id))
}

func (s *Service) bodies(ctx context.Context) ([]Body, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanBody, `SELECT `+bodyColumns+` FROM council_body b ORDER BY b.agency_id, b.id`)
}

// bodyOfPriorities is the body that decides an agency's priorities; one without key where none does.
func (s *Service) bodyOfPriorities(ctx context.Context, agency string) (Body, error) {
	b, err := db.One(db.Rows(ctx, s.DB.Q(ctx), scanBody, `SELECT `+bodyColumns+` FROM council_body b WHERE b.agency_id = $1 AND b.priorities = 1 ORDER BY b.id LIMIT 1`, agency))
	if fault.Is(err, fault.NotFound) {
		return Body{}, nil
	}
	return b, err
}

func (s *Service) insertBody(ctx context.Context, b Body) error {
	return s.exec(ctx, `INSERT INTO council_body (id, agency_id, name, remit, rule, priorities) VALUES ($1, $2, $3, $4, $5, $6)`,
		b.ID, b.AgencyID, b.Name, b.Remit, db.JSON(b.Rule), db.Bool(b.Priorities))
}

func (s *Service) updateBody(ctx context.Context, b Body) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE council_body SET name = $3, remit = $4, rule = $5, priorities = $6, version = version + 1 WHERE id = $1 AND version = $2`,
		b.ID, b.Version, b.Name, b.Remit, db.JSON(b.Rule), db.Bool(b.Priorities))
}

// seats are all terms of a body, with what each person declared last.
func (s *Service) seats(ctx context.Context, body string) ([]Seat, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Seat, err error) {
		return x, r.Scan(&x.ID, &x.Person, &x.Name, &x.Role, &x.StandsFor, db.Null(&x.For), &x.From, &x.Until, db.Null(&x.Interests), db.Time(&x.DeclaredAt))
	}, `SELECT s.id, s.person_id, p.name, s.role, s.stands_for, f.name, s.from_day, s.until_day, i.text, i.at
		FROM council_seat s JOIN person p ON p.id = s.person_id LEFT JOIN person f ON f.id = s.stands_for
		LEFT JOIN council_interest i ON i.id = (SELECT n.id FROM council_interest n WHERE n.body_id = s.body_id AND n.person_id = s.person_id ORDER BY n.at DESC, n.id DESC LIMIT 1)
		WHERE s.body_id = $1 ORDER BY s.from_day, s.id`, body)
}

func (s *Service) insertSeat(ctx context.Context, body string, x Seat) error {
	return s.exec(ctx, `INSERT INTO council_seat (id, body_id, person_id, role, stands_for, from_day, until_day) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		x.ID, body, x.Person, x.Role, x.StandsFor, x.From, x.Until)
}

func (s *Service) endSeat(ctx context.Context, id, day string) error {
	return s.exec(ctx, `UPDATE council_seat SET until_day = $2 WHERE id = $1`, id, day)
}

func (s *Service) insertInterest(ctx context.Context, body, person, text string) error {
	return s.exec(ctx, `INSERT INTO council_interest (id, body_id, person_id, text, at) VALUES ($1, $2, $3, $4, $5)`,
		clock.ID(ctx), body, person, text, db.At(clock.Now(ctx)))
}

// sittingOf are the bodies in which a person has a term that runs on a day.
func (s *Service) sittingOf(ctx context.Context, person, day string) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `SELECT DISTINCT body_id FROM council_seat WHERE person_id = $1 AND from_day <= $2 AND (until_day = '' OR until_day >= $2) ORDER BY body_id`, person, day)
}
