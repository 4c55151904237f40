package work

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// mostTogether is how many units one commit carries at most.
const mostTogether = 64

// lines are the queues of Together, one for each SQLite database that is open.
var lines sync.Map // *db.DB → *line

// line is what waits for the one writer.
type line struct {
	mu      sync.Mutex
	waiting []*member
	running bool
}

// member is one unit in a line.
type member struct {
	ctx   context.Context
	fn    func(context.Context) error
	unit  *unit
	err   error
	panic any
	done  chan struct{}
}

// Together is Do for small units that arrive many at once, such as the autosaves
// of a deadline evening. On SQLite, which has one writer, those that wait for it
// share a transaction and so one write to the disk: each behind a savepoint of its
// own, so that one that fails takes none of the others with it, and none returns before the
// common commit is on the disk. On PostgreSQL, whose commits share their writes
// themselves, and inside a unit of work it is Do. Once a unit has begun it is not
// broken off when ctx ends.
func Together(ctx context.Context, d *db.DB, fn func(ctx context.Context) error) error {
	if d.Dialect != db.SQLite || d.Tx(ctx) != nil {
		return Do(ctx, d, fn)
	}
	found, _ := lines.LoadOrStore(d, &line{})
	l := found.(*line)
	m := &member{ctx: ctx, fn: fn, unit: &unit{}, done: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, m)
	if !l.running {
		l.running = true
		go l.run(d)
	}
	l.mu.Unlock()
	<-m.done
	if m.panic != nil {
		panic(m.panic) // in the goroutine of whose unit it was
	}
	if m.err != nil {
		return m.err
	}
	for _, f := range m.unit.after {
		f(ctx)
	}
	return nil
}

// run commits what waits, some at a time, until nothing does.
func (l *line) run(d *db.DB) {
	for {
		l.mu.Lock()
		n := min(len(l.waiting), mostTogether)
		some := l.waiting[:n:n]
		l.waiting = l.waiting[n:]
		if n == 0 {
			l.running, l.waiting = false, nil
			l.mu.Unlock()
			lines.CompareAndDelete(d, l)
			return
		}
		l.mu.Unlock()
		err := carry(d, some)
		for _, m := range some {
			if m.err == nil && m.panic == nil {
				m.err = err
			}
			close(m.done)
		}
	}
}

// carry runs some units in one transaction. Its error is that of the whole; a unit that fails keeps its own.
func carry(d *db.DB, some []*member) (err error) {
	_, tx, err := d.Begin(context.Background())
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for _, m := range some {
		if err := m.run(d, tx, len(some) > 1); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	if len(some) == 1 && (some[0].err != nil || some[0].panic != nil) {
		return tx.Rollback()
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// run does one unit; the error it returns is one that ends the transaction.
func (m *member) run(d *db.DB, tx *sql.Tx, shared bool) error {
	ctx := d.Within(context.WithValue(context.WithoutCancel(m.ctx), unitKey{}, m.unit), tx)
	if !shared {
		m.try(ctx)
		return nil
	}
	if _, err := tx.ExecContext(ctx, `SAVEPOINT one`); err != nil {
		return err
	}
	if m.try(ctx); m.err != nil || m.panic != nil {
		if _, err := tx.ExecContext(ctx, `ROLLBACK TO one`); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `RELEASE one`)
	return err
}

func (m *member) try(ctx context.Context) {
	defer func() { m.panic = recover() }()
	m.err = m.fn(ctx)
}
