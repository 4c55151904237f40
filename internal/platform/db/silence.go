package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/singleflight"
)

// A PostgreSQL that hangs (its machine is frozen, its disk answers no more, the line to it drops everything) ends no
// connection: whoever asked would wait for ever. What is bounded here is silence, not time: a statement that
// takes long goes on as long as the server answers somebody else meanwhile. So a request hears within some 15 seconds
// that the database is away: inLine, and then glance and greeting.
const (
	inLine   = 6 * time.Second  // that somebody waits for a connection of the pool
	glance   = 5 * time.Second  // of silence, until the server is asked on another connection whether it lives
	greeting = 4 * time.Second  // that it has to answer a new connection
	longest  = 30 * time.Second // of silence, though it lives: its disk may not
)

// silence is what the connections to one server know together.
type silence struct {
	alive   func() bool // asks on a connection of its own whether the server answers
	pool    atomic.Pointer[pgxpool.Pool]
	patient atomic.Int32
	asking  singleflight.Group
}

// bounded has connections made that end where the server hangs.
func bounded(cfg *pgx.ConnConfig) *silence {
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = greeting
	}
	asking, dial := cfg.Config.Copy(), cfg.DialFunc
	s := &silence{alive: func() bool { return lives(asking) }}
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &wire{Conn: c, silence: s}, nil
	}
	return s
}

// answers asks the server once for all that wonder at the same moment.
func (s *silence) answers() bool {
	alive, _, _ := s.asking.Do("", func() (any, error) { return s.alive(), nil })
	return alive.(bool)
}

// lives asks whether a server answers: that it refuses is an answer.
func lives(config *pgconn.Config) bool {
	ctx, cancel := context.WithTimeout(context.Background(), greeting)
	defer cancel()
	c, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		var refused *pgconn.PgError
		return errors.As(err, &refused)
	}
	_ = c.Close(ctx) // it answered
	return true
}

// patiently lets the server be silent as long as it likes until the returned function is called: for work on the whole
// database, to which nobody waits for an answer.
func (d *DB) patiently() func() {
	if d.silence == nil {
		return func() {}
	}
	d.silence.patient.Add(1)
	return func() { d.silence.patient.Add(-1) }
}

// wire is a connection that ends with an error where the server hangs.
type wire struct {
	net.Conn
	*silence
	mu     sync.Mutex
	theirs bool // whoever uses the connection has set a deadline, which goes before ours
}

// SetDeadline is how a driver bounds a connection: by its context, or while it closes.
func (w *wire) SetDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.theirs = !t.IsZero()
	return w.Conn.SetDeadline(t)
}

// Read waits for the server as long as it may be silent.
func (w *wire) Read(b []byte) (n int, err error) {
	return n, w.bounded(w.Conn.SetReadDeadline, func() (bool, error) {
		n, err = w.Conn.Read(b)
		return n > 0, err
	})
}

// Write waits for the server to take something as long as it may be silent.
func (w *wire) Write(b []byte) (n int, err error) {
	return n, w.bounded(w.Conn.SetWriteDeadline, func() (bool, error) {
		m, err := w.Conn.Write(b[n:])
		n += m
		return n == len(b), err
	})
}

// bounded does something again while it runs into our deadline, until it is done or the server is given up.
func (w *wire) bounded(set func(time.Time) error, do func() (done bool, err error)) error {
	for silent := glance; ; silent += glance {
		if err := w.limit(set); err != nil {
			return err
		}
		done, err := do()
		if done || !errors.Is(err, os.ErrDeadlineExceeded) || w.bound() {
			return err
		}
		if w.patient.Load() == 0 && (silent >= longest || !w.answers()) {
			if pool := w.pool.Load(); pool != nil {
				pool.Reset() // its other connections are no better: a new one is sooner known to fail
			}
			return err
		}
	}
}

func (w *wire) limit(set func(time.Time) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.theirs {
		return nil
	}
	return set(time.Now().Add(glance))
}

func (w *wire) bound() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.theirs
}

// queued is a connector that lets nobody wait for a connection without end.
type queued struct{ driver.Connector }

// Connect takes a connection of the pool.
func (q queued) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, inLine)
	defer cancel()
	return q.Connector.Connect(ctx)
}
