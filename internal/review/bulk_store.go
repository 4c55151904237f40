package review

import (
	"context"
	"database/sql"

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
