package app

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/web/home"
)

// counts are the public figures of the first page: numbers of records that are
// public or whose number is. One round trip.
func (a *App) counts(ctx context.Context) (c home.Counts, err error) {
	now := db.At(clock.Now(ctx))
	err = a.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM need WHERE state <> 'draft'), (SELECT count(*) FROM question WHERE state <> 'draft'),
		(SELECT count(*) FROM call WHERE state = 'published' AND opens_at <= $1 AND closes_at > $1), (SELECT count(*) FROM proposal WHERE state NOT IN ('draft', 'withdrawn')),
		(SELECT count(*) FROM review WHERE state = 'submitted'), (SELECT count(*) FROM award WHERE public_at <= $1), (SELECT count(*) FROM award WHERE public_at <= $1 AND state = 'running'),
		(SELECT count(*) FROM result WHERE state = 'public')`, now).
		Scan(&c.Needs, &c.Questions, &c.Open, &c.Proposals, &c.Reviews, &c.Awards, &c.Running, &c.Results)
	return c, err
}
