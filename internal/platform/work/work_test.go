package work_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

var errNo = errors.New("no")

// count is the units whose row is there.
func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Q(t.Context()).QueryRowContext(t.Context(), `SELECT count(*) FROM number_series`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func put(ctx context.Context, d *db.DB, name string) error {
	_, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO number_series (series, last) VALUES ($1, 1)`, name)
	return err
}

// TestTogether: of many units at once those that succeed are there when they
// return, those that fail or panic leave nothing and take no other with them.
func TestTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var group sync.WaitGroup
		var after atomic.Int32
		for i := range 300 {
			group.Go(func() {
				defer func() {
					if p := recover(); (p != nil) != (i%10 == 5) {
						t.Errorf("unit %d: panic %v", i, p)
					}
				}()
				err := work.Together(t.Context(), d, func(ctx context.Context) error {
					if err := put(ctx, d, fmt.Sprint(i)); err != nil {
						return err
					}
					work.After(ctx, func(context.Context) { after.Add(1) })
					switch i % 10 {
					case 3:
						return errNo
					case 5:
						panic("unit")
					case 7: // a statement that fails must not spoil the transaction of the others
						return errors.Join(errNo, work.Do(ctx, d, func(ctx context.Context) error { return put(ctx, d, fmt.Sprint(i)) }))
					}
					return nil
				})
				fails := i%10 == 3 || i%10 == 7
				if errors.Is(err, errNo) != fails || !fails && err != nil {
					t.Errorf("unit %d: %v", i, err)
				}
				var n int
				if err := d.Q(t.Context()).QueryRowContext(t.Context(), `SELECT count(*) FROM number_series WHERE series = $1`, fmt.Sprint(i)).Scan(&n); err != nil || (n == 1) == fails {
					t.Errorf("unit %d: %d rows when it returned, %v", i, n, err)
				}
			})
		}
		group.Wait()
		if got := count(t, d); got != 210 || after.Load() != 210 {
			t.Errorf("%d rows, %d told after, want 210", got, after.Load())
		}
	})
}

// TestTogetherIsNotBrokenOff: who stops waiting does not take back what began.
func TestTogetherIsNotBrokenOff(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	ctx, stop := context.WithCancel(t.Context())
	err := work.Together(ctx, d, func(ctx context.Context) error {
		stop()
		return put(ctx, d, "a")
	})
	if err != nil || count(t, d) != 1 {
		t.Errorf("%v, %d rows", err, count(t, d))
	}
}

// TestTogetherJoins: inside a unit of work it is part of that.
func TestTogetherJoins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := work.Do(t.Context(), d, func(ctx context.Context) error {
			if err := work.Together(ctx, d, func(ctx context.Context) error { return put(ctx, d, "a") }); err != nil {
				return err
			}
			return errNo
		})
		if !errors.Is(err, errNo) || count(t, d) != 0 {
			t.Errorf("%v, %d rows", err, count(t, d))
		}
	})
}
