package retention

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// erasing is the key of the lock that an erasure holds on PostgreSQL until it is committed; SQLite has one writer.
const erasing = "4973214490017"

// aloneErasing waits until nobody else erases, places a hold or makes a copy, and lets nobody until this unit of work is over: what is
// told to be held is not erased by who looked for holds before.
func (s *Service) aloneErasing(ctx context.Context) error {
	return s.lock(ctx, `SELECT pg_advisory_xact_lock(`+erasing+`)`)
}

// besideErasures waits until nobody erases, and lets nobody until this unit of work is over.
func (s *Service) besideErasures(ctx context.Context) error {
	return s.lock(ctx, `SELECT pg_advisory_xact_lock_shared(`+erasing+`)`)
}

// gripped are the rows by which others write to what is erased: whoever adds to one of them locks it.
var gripped = map[string][]string{
	"person": {`SELECT 1 FROM proposal WHERE lead_person = $1 OR id IN (SELECT proposal_id FROM proposal_member WHERE person_id = $1) ORDER BY id FOR UPDATE`,
		`SELECT 1 FROM account WHERE person_id = $1 ORDER BY id FOR UPDATE`, `SELECT 1 FROM person WHERE id = $1 FOR UPDATE`},
	"account":  {`SELECT 1 FROM account WHERE id = $1 FOR UPDATE`},
	"proposal": {`SELECT 1 FROM proposal WHERE id = $1 FOR UPDATE`},
	"award":    {`SELECT 1 FROM proposal WHERE id = (SELECT proposal_id FROM award WHERE id = $1) FOR UPDATE`, `SELECT 1 FROM award WHERE id = $1 FOR UPDATE`},
}

// grip locks what is to be erased before it is looked at: what somebody is just writing to it, or mailing to its person, is there
// before and goes too, or comes after and finds that it is gone.
func (s *Service) grip(ctx context.Context, kind, id string) error {
	for _, query := range gripped[kind] {
		if err := s.lock(ctx, query, id); err != nil {
			return err
		}
	}
	return nil
}

// lock runs a statement that locks, on PostgreSQL.
func (s *Service) lock(ctx context.Context, statement string, args ...any) error {
	if s.DB.Dialect == db.SQLite {
		return nil
	}
	return s.exec(ctx, statement, args...)
}
