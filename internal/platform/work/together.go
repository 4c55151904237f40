package work

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/line"
)

// mostTogether is how many units one commit carries at most.
const mostTogether = 64

// member is one unit in a line.
type member struct {
	ctx context.Context
	fn  func(context.Context) error
	waited
}

// waited is a unit that somebody else's goroutine does, with what became of it.
type waited struct {
	Err   error
	unit  *unit
	panic any
	done  chan struct{}
}

func newWaited() waited { return waited{unit: &unit{}, done: make(chan struct{})} }

// wait returns once the unit is committed or has failed, and then does what comes after it.
func (w *waited) wait(ctx context.Context) error {
	<-w.done
	if w.panic != nil {
		panic(w.panic) // in the goroutine of whose unit it was
	}
	if w.Err != nil {
		return w.Err
	}
	for _, f := range w.unit.after {
		f(ctx)
	}
	return nil
}

// Together is Do for small units of any kind that arrive many at once, such as what is handed in on a deadline
// evening. On SQLite, which has one writer, those that wait for it
// share a transaction and so one write to the disk: each behind a savepoint of its
// own, so that one that fails takes none of the others with it, and none returns before the
// common commit is on the disk. On PostgreSQL, whose commits share their writes
// themselves, and inside a unit of work it is Do. Once a unit has begun it is not
// broken off when ctx ends. Units of one kind, which can share their statements too, are a Group's.
func Together(ctx context.Context, d *db.DB, fn func(ctx context.Context) error) error {
	if d.Dialect != db.SQLite || d.Tx(ctx) != nil {
		return Do(ctx, d, fn)
	}
	m := &member{ctx: ctx, fn: fn, waited: newWaited()}
	d.Beside(lineKey{}, func() any {
		return &line.Line[*member]{Lanes: 1, Most: mostTogether, Carry: func(some []*member) { carryAll(d, some) }}
	}).(*line.Line[*member]).Add(m)
	return m.wait(ctx)
}

type lineKey struct{}

func carryAll(d *db.DB, some []*member) {
	err := carry(d, some)
	for _, m := range some {
		if m.Err == nil && m.panic == nil {
			m.Err = err
		}
		close(m.done)
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
	if len(some) == 1 && (some[0].Err != nil || some[0].panic != nil) {
		return tx.Rollback()
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// run does one unit; the error it returns is one that ends the transaction.
func (m *member) run(d *db.DB, tx *db.Tx, shared bool) error {
	ctx := d.Within(context.WithValue(context.WithoutCancel(m.ctx), unitKey{}, m.unit), tx.Tx)
	if !shared {
		m.try(ctx)
		return nil
	}
	if _, err := tx.ExecContext(ctx, `SAVEPOINT one`); err != nil {
		return err
	}
	if m.try(ctx); m.Err != nil || m.panic != nil {
		if _, err := tx.ExecContext(ctx, `ROLLBACK TO one`); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `RELEASE one`)
	return err
}

func (m *member) try(ctx context.Context) {
	defer func() { m.panic = recover() }()
	m.Err = m.fn(ctx)
}
