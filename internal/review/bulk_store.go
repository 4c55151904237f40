package review

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// addresses are the mail addresses of people, by key.
func (s *Service) addresses(ctx context.Context, people []string) (map[string]string, error) {
	out := map[string]string{}
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id, address string
		err := r.Scan(&id, &address)
		out[id] = address
		return struct{}{}, err
	}, `SELECT id, email FROM person WHERE id IN {keys}`, people)
	return out, err
}

// registeredPerson is somebody of the register with the address by which a table may call them.
type registeredPerson struct {
	PoolMember
	address string
}

// registered are the people of the register whose key, name or address in small letters is among some; each once.
func (s *Service) registered(ctx context.Context, names []string) ([]registeredPerson, error) {
	list, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p registeredPerson, err error) {
		return p, r.Scan(&p.Person, &p.Name, &p.address, &p.Limit)
	}, `SELECT id, name, email, COALESCE(review_limit, 0) FROM person WHERE state = 'active' AND redirect_to IS NULL
		AND (id IN {keys} OR name IN {keys} OR lower(name) IN {keys} OR lower(email) IN {keys}) ORDER BY id`, names)
	slices.SortStableFunc(list, func(a, b registeredPerson) int { return strings.Compare(a.Person, b.Person) })
	return slices.CompactFunc(list, func(a, b registeredPerson) bool { return a.Person == b.Person }), err
}

// loadsOf are the loads of somebody in a pool, and whether they are in it.
func (s *Service) loadsOf(ctx context.Context, callID, person string) (l Loads, in bool, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT least, most FROM reviewer_pool WHERE call_id = $1 AND person_id = $2`, callID, person).Scan(&l.Least, &l.Most)
	if db.IsNone(err) {
		return l, false, nil
	}
	return l, err == nil, err
}

func (s *Service) insertChange(ctx context.Context, d Desk, c BulkChange) error {
	return s.exec(ctx, `INSERT INTO assignment_change (id, call_id, stage, changes, by_account, at) VALUES ($1, $2, $3, $4, $5, $6)`, c.ID, d.CallID, d.Stage(), db.JSON(c.Lines), c.By, db.At(c.At))
}

func (s *Service) changes(ctx context.Context, d Desk) ([]BulkChange, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c BulkChange, err error) {
		return c, r.Scan(&c.ID, db.FromJSON(&c.Lines), &c.By, db.Time(&c.At), db.Time(&c.Undone))
	}, `SELECT id, changes, by_account, at, undone_at FROM assignment_change WHERE call_id = $1 AND stage = $2 ORDER BY at DESC, id DESC`, d.CallID, d.Stage())
}

func (s *Service) changeByID(ctx context.Context, id string) (c BulkChange, call, stage string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, call_id, stage, changes, by_account, at, undone_at FROM assignment_change WHERE id = $1`, id).
		Scan(&c.ID, &call, &stage, db.FromJSON(&c.Lines), &c.By, db.Time(&c.At), db.Time(&c.Undone))
	if db.IsNone(err) {
		err = fault.Missing()
	}
	return c, call, stage, err
}

func (s *Service) markChangeUndone(ctx context.Context, id string) error {
	return s.exec(ctx, `UPDATE assignment_change SET undone_at = $2 WHERE id = $1`, id, db.At(clock.Now(ctx)))
}
