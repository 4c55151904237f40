package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// A disk that hangs refuses nothing: what is written to it waits in the kernel, and nothing can take it back. Who waits is let
// go; what was to be committed is, when the disk goes on, or is not, and until then nobody else begins to write.

// errHangs is what they are told.
var errHangs = errors.New("the database takes no writes for now: its disk hangs")

// storing is how long SQLite may take for a commit. PostgreSQL is asked how it is: see silence.
const storing = 15 * time.Second

// hanging is whether a database is known to hang.
type hanging struct {
	mu     sync.Mutex
	now    context.Context // ends when it is known to hang; another begins when it goes on
	end    context.CancelFunc
	closed bool
}

func newHanging() *hanging {
	h := &hanging{}
	h.goesOn()
	return h
}

func (h *hanging) goesOn() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now, h.end = context.WithCancel(context.Background())
}

func (h *hanging) begins() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end()
}

func (h *hanging) going() context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hanging) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
}

func (h *hanging) ended() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// Hangs reports whether it is known that the database takes no writes, though it refuses none.
func (d *DB) Hangs() bool { return d.hanging.going().Err() != nil }

// Tx is the transaction of a unit of work.
type Tx struct {
	*sql.Tx
	d   *DB
	end context.CancelFunc
}

// Begin starts a transaction and returns a context that carries it; it waits for its turn as long as the database does not
// hang. Only package work calls it.
func (d *DB) Begin(ctx context.Context) (context.Context, *Tx, error) {
	going := d.hanging.going()
	waiting, end := context.WithCancel(ctx)
	stop := context.AfterFunc(going, end)
	tx, err := d.write.BeginTx(waiting, nil)
	if !stop() {
		if err == nil {
			_ = tx.Rollback() // its context has ended it
		}
		err = errHangs
	}
	if err != nil {
		end()
		return ctx, nil, err
	}
	return d.Within(ctx, tx), &Tx{tx, d, end}, nil
}

// Commit returns when what was written is on the disk, or when that takes so long that the disk hangs.
func (t *Tx) Commit() error {
	if t.d.Dialect == Postgres || t.d.relaxed {
		defer t.end()
		return t.Tx.Commit()
	}
	done := make(chan error, 1)
	go func() {
		defer t.end()
		done <- t.Tx.Commit()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(storing):
	}
	t.d.hanging.begins()
	go func() {
		<-done
		t.d.hanging.goesOn()
	}()
	return errHangs
}

// Rollback undoes what was written.
func (t *Tx) Rollback() error {
	defer t.end()
	return t.Tx.Rollback()
}
