// Package number gives records the numbers that people use: P-2027-0311.
package number

import (
	"context"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Next takes the next number of a letter's series in the present year, inside
// the unit of work of ctx: a number is used once or, after a rollback, not at all.
func Next(ctx context.Context, d *db.DB, letter string) (string, error) {
	year := clock.Now(ctx).Year()
	n, err := Take(ctx, d, fmt.Sprintf("%s-%d", letter, year), 1)
	return fmt.Sprintf("%s-%d-%04d", letter, year, n), err
}

// Take reserves n numbers of a series and returns the first.
func Take(ctx context.Context, d *db.DB, series string, n int64) (int64, error) {
	var last int64
	err := d.Q(ctx).QueryRowContext(ctx, `INSERT INTO number_series (series, last) VALUES ($1, $2)
		ON CONFLICT (series) DO UPDATE SET last = number_series.last + excluded.last RETURNING last`, series, n).Scan(&last)
	return last - n + 1, err
}
