package job

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

type row struct {
	id, kind, args, unique, lease string
	due                           time.Time
	attempts                      int64
}

func (q *Queue) insert(ctx context.Context, r row) error {
	// DO UPDATE, not DO NOTHING: it locks the waiting row, so that no worker takes it
	// before this unit of work is committed and then misses what it has changed.
	_, err := q.db.Q(ctx).ExecContext(ctx, `INSERT INTO job (id, kind, args, unique_key, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (kind, unique_key) DO UPDATE SET due_at = CASE WHEN excluded.due_at < job.due_at THEN excluded.due_at ELSE job.due_at END`,
		r.id, r.kind, r.args, db.Str(r.unique), db.At(r.due), db.At(clock.Now(ctx)))
	if err != nil {
		return fmt.Errorf("job %s: %w", r.kind, err)
	}
	return nil
}

// take puts a lease on the job of some kinds that has been due the longest.
func (q *Queue) take(ctx context.Context, of []string) (r row, ok bool, err error) {
	now := clock.Now(ctx)
	kinds, args := db.In(2, of)
	args = append([]any{db.At(now)}, args...)
	due := `SELECT id FROM job WHERE failed_at IS NULL AND due_at <= $1 AND kind IN ` + kinds
	var any int
	// First look without writing: mostly there is nothing to do.
	err = q.db.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM (`+due+` LIMIT 1) d`, args...).Scan(&any)
	if err != nil || any == 0 {
		return r, false, err
	}
	r.lease = hex.EncodeToString(clock.Bytes(ctx, 12))
	next := len(args) + 1
	query := fmt.Sprintf(`UPDATE job SET lease = $%d, due_at = $%d, attempts = attempts + 1, unique_key = NULL WHERE id = (%s ORDER BY due_at, id LIMIT 1%s)
		RETURNING id, kind, args, attempts`, next, next+1, due, q.db.Pick("", " FOR UPDATE SKIP LOCKED"))
	err = work.Do(ctx, q.db, func(ctx context.Context) error {
		return q.db.Q(ctx).QueryRowContext(ctx, query, append(args, r.lease, db.At(now.Add(lease)))...).Scan(&r.id, &r.kind, &r.args, &r.attempts)
	})
	if db.IsNone(err) { // another worker was quicker
		return r, false, nil
	}
	return r, err == nil, err
}

func (q *Queue) exec(ctx context.Context, query string, args ...any) error {
	return work.Do(ctx, q.db, func(ctx context.Context) error {
		_, err := q.db.Q(ctx).ExecContext(ctx, query, args...)
		return err
	})
}

// renew lengthens the lease of a job that runs; false where it is another worker's.
func (q *Queue) renew(ctx context.Context, r row) (renewed bool, err error) {
	err = work.Do(ctx, q.db, func(ctx context.Context) error {
		res, err := q.db.Q(ctx).ExecContext(ctx, `UPDATE job SET due_at = $3 WHERE id = $1 AND lease = $2`, r.id, r.lease, db.At(clock.Now(ctx).Add(lease)))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		renewed = n == 1
		return err
	})
	return renewed, err
}

func (q *Queue) finish(ctx context.Context, r row) error {
	return q.exec(ctx, `DELETE FROM job WHERE id = $1 AND lease = $2`, r.id, r.lease)
}

func (q *Queue) release(ctx context.Context, r row) error {
	return q.exec(ctx, `UPDATE job SET lease = NULL, due_at = $3, attempts = attempts - 1 WHERE id = $1 AND lease = $2`, r.id, r.lease, db.At(clock.Now(ctx)))
}

func (q *Queue) fail(ctx context.Context, r row, cause error) error {
	now := clock.Now(ctx)
	var final finalError
	var failed any
	if r.attempts >= q.last(r.kind) || errors.As(cause, &final) {
		failed = db.At(now)
	}
	return q.exec(ctx, `UPDATE job SET lease = NULL, due_at = $3, error = $4, failed_at = $5 WHERE id = $1 AND lease = $2`,
		r.id, r.lease, db.At(now.Add(wait(r.attempts))), db.Said(cause.Error()), failed)
}

// periodic enqueues the periodic jobs whose time has come. Whoever moves the
// time of the next one enqueues this one. A time further ahead than one period was
// noted by a clock that ran ahead: it has come too, else nothing would happen until then.
func (q *Queue) periodic(ctx context.Context) error {
	if len(q.periods) == 0 {
		return nil
	}
	now := clock.Now(ctx)
	next := map[string]time.Time{}
	_, err := db.Rows(ctx, q.db.Q(ctx), func(r *sql.Rows) (_ struct{}, err error) {
		var kind string
		var at time.Time
		err = r.Scan(&kind, db.Time(&at))
		next[kind] = at
		return struct{}{}, err
	}, `SELECT kind, next_at FROM job_period`)
	if err != nil {
		return err
	}
	for _, kind := range slices.Sorted(maps.Keys(q.periods)) {
		then := now.Add(q.periods[kind])
		if at := next[kind]; at.After(now) && !at.After(then) {
			continue
		}
		err := work.Do(ctx, q.db, func(ctx context.Context) error {
			res, err := q.db.Q(ctx).ExecContext(ctx, `INSERT INTO job_period (kind, next_at) VALUES ($1, $2)
				ON CONFLICT (kind) DO UPDATE SET next_at = excluded.next_at WHERE job_period.next_at <= $3 OR job_period.next_at > $2`, kind, db.At(then), db.At(now))
			if err != nil {
				return err
			}
			if moved, err := res.RowsAffected(); err != nil || moved == 0 {
				return err
			}
			return q.Enqueue(ctx, kind, nil, Unique(kind))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// State counts the jobs of a database.
type State struct {
	Waiting, Failed int64
	Oldest          time.Time // when the first that waits became due; zero if none is due
}

// State counts what waits and what was given up.
func (q *Queue) State(ctx context.Context) (State, error) {
	var s State
	err := q.db.Q(ctx).QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN failed_at IS NULL THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN failed_at IS NULL THEN 0 ELSE 1 END), 0),
		MIN(CASE WHEN failed_at IS NULL AND due_at <= $1 THEN due_at END) FROM job`, db.At(clock.Now(ctx))).Scan(&s.Waiting, &s.Failed, db.Time(&s.Oldest))
	return s, err
}

// Failed is a job that was given up.
type Failed struct {
	ID, Kind, Error string
	Args            json.RawMessage
	Attempts        int64
	At              time.Time
}

// Failed lists jobs of a kind that were given up, the newest first.
func (q *Queue) Failed(ctx context.Context, kind string, limit int) ([]Failed, error) {
	return db.Rows(ctx, q.db.Q(ctx), func(r *sql.Rows) (f Failed, err error) {
		return f, r.Scan(&f.ID, &f.Kind, (*[]byte)(&f.Args), &f.Error, &f.Attempts, db.Time(&f.At))
	}, `SELECT id, kind, args, error, attempts, failed_at FROM job WHERE failed_at IS NOT NULL AND kind = $1 ORDER BY failed_at DESC, id DESC LIMIT $2`, kind, limit)
}

// Retry gives a failed job a new round of attempts. Errors: Conflict where it is not given up.
func (q *Queue) Retry(ctx context.Context, id string) error {
	return work.Do(ctx, q.db, func(ctx context.Context) error {
		work.After(ctx, func(context.Context) { q.wake() })
		return db.Change(ctx, q.db.Q(ctx), `UPDATE job SET failed_at = NULL, attempts = 0, due_at = $2 WHERE id = $1 AND failed_at IS NOT NULL`, id, db.At(clock.Now(ctx)))
	})
}
