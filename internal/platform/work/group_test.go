package work_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// putAll writes the rows of all units with one statement; a unit "refused…" is refused before that, "fails…" breaks
// the statement, "panics…" panics after it, "late…" gives an error after it.
func putAll(d *db.DB, largest *atomic.Int32) func(context.Context, []*work.Unit[string]) error {
	return func(ctx context.Context, some []*work.Unit[string]) error {
		largest.Store(max(largest.Load(), int32(len(some))))
		var rows []string
		var args []any
		for _, u := range some {
			if strings.HasPrefix(u.Of, "refused") {
				u.Err = errNo
				continue
			}
			args = append(args, u.Of)
			rows = append(rows, fmt.Sprintf("($%d, 1)", len(args)))
			if strings.HasPrefix(u.Of, "fails") {
				rows = append(rows, fmt.Sprintf("($%d, 1)", len(args))) // the key twice
			}
		}
		if len(rows) == 0 {
			return nil
		}
		if _, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO number_series (series, last) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return errors.Join(errNo, err)
		}
		for _, u := range some {
			switch {
			case strings.HasPrefix(u.Of, "panics"):
				panic("unit")
			case strings.HasPrefix(u.Of, "late"):
				return errNo
			}
		}
		return nil
	}
}

// TestGroup: of many units at once those that succeed are there when they return; those that are refused,
// fail or panic leave nothing and take no other with them, whatever went together.
func TestGroup(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		kinds := []string{"good", "good", "refused", "good", "good", "fails", "good", "panics", "good", "late"}
		var group sync.WaitGroup
		var after, largest atomic.Int32
		g := &work.Group[string]{All: putAll(d, &largest), Apart: func(name string) string { return name }}
		first := g.All
		g.All = func(ctx context.Context, some []*work.Unit[string]) error {
			for _, u := range some {
				work.After(u.Ctx, func(context.Context) { after.Add(1) })
			}
			return first(ctx, some)
		}
		for i := range 300 {
			name := fmt.Sprintf("%s %d", kinds[i%len(kinds)], i)
			good := strings.HasPrefix(name, "good")
			group.Go(func() {
				defer func() {
					if p := recover(); (p != nil) != strings.HasPrefix(name, "panics") {
						t.Errorf("%s: panic %v", name, p)
					}
				}()
				err := g.Run(t.Context(), d, name)
				if good && err != nil || !good && !errors.Is(err, errNo) {
					t.Errorf("%s: %v", name, err)
				}
				var n int
				if err := d.Q(t.Context()).QueryRowContext(t.Context(), `SELECT count(*) FROM number_series WHERE series = $1`, name).Scan(&n); err != nil || (n == 1) != good {
					t.Errorf("%s: %d rows when it returned, %v", name, n, err)
				}
			})
		}
		group.Wait()
		if got := count(t, d); got != 180 || after.Load() != 180 {
			t.Errorf("%d rows, %d told after, want 180", got, after.Load())
		}
	})
}

// TestGroupSharesATransaction: what waits while another is done goes together.
func TestGroupSharesATransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var largest atomic.Int32
		put := putAll(d, &largest)
		began, goOn := make(chan struct{}, 1), make(chan struct{})
		g := &work.Group[string]{Apart: func(name string) string { return name }}
		g.All = func(ctx context.Context, some []*work.Unit[string]) error {
			if some[0].Of == "slow" {
				began <- struct{}{}
				<-goOn
			}
			return put(ctx, some)
		}
		var group sync.WaitGroup
		run := func(name string) {
			group.Go(func() {
				if err := g.Run(t.Context(), d, name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		run("slow")
		<-began
		for i := range 20 {
			run(fmt.Sprint("one ", i))
		}
		time.Sleep(50 * time.Millisecond) // they stand in line
		close(goOn)
		group.Wait()
		if n := largest.Load(); n < 2 || count(t, d) != 21 {
			t.Errorf("at most %d went together, %d rows", n, count(t, d))
		}
	})
}

// TestGroupJoins: inside a unit of work it is part of that.
func TestGroupJoins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var largest atomic.Int32
		g := &work.Group[string]{All: putAll(d, &largest), Apart: func(name string) string { return name }}
		err := work.Do(t.Context(), d, func(ctx context.Context) error {
			if err := g.Run(ctx, d, "good"); err != nil {
				return err
			}
			if err := g.Run(ctx, d, "refused"); !errors.Is(err, errNo) {
				t.Errorf("refused: %v", err)
			}
			return errNo
		})
		if !errors.Is(err, errNo) || count(t, d) != 0 {
			t.Errorf("%v, %d rows", err, count(t, d))
		}
	})
}
