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
// that the database is away: inLine, and then glance, greeting and flushing. A server whose disk takes no writes answers
// all the same, so it is asked to write; whoever would write hears at once from then on, and holds no connection of it.
const (
	inLine   = 6 * time.Second  // that somebody waits for a connection of the pool
	glance   = 5 * time.Second  // of silence, until the server is asked on another connection whether it lives
	greeting = 4 * time.Second  // that it has to answer a new connection
	flushing = 6 * time.Second  // that it has to put a few bytes on its disk
	longest  = 30 * time.Second // of silence, though it lives
	again    = time.Minute      // that a server which hangs has for the next answer: meanwhile it is not asked by others
	pause    = 200 * time.Millisecond
)

// silence is what the connections to one server know together.
type silence struct {
	*hanging
	flush   func(limit time.Duration) error // on a connection of its own
	pool    atomic.Pointer[pgxpool.Pool]
	patient atomic.Int32
	asking  singleflight.Group
}

// bounded has connections made that end where the server hangs.
func bounded(cfg *pgx.ConnConfig, h *hanging) *silence {
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = greeting
	}
	asking, dial := cfg.Config.Copy(), cfg.DialFunc
	s := &silence{hanging: h, flush: func(limit time.Duration) error { return flush(asking, limit) }}
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &wire{Conn: c, silence: s}, nil
	}
	return s
}

// answers asks the server once for all that wonder at the same moment. That it refuses is an answer.
func (s *silence) answers() bool {
	alive, _, _ := s.asking.Do("", func() (any, error) {
		if s.going().Err() != nil {
			return false, nil
		}
		var refused *pgconn.PgError
		if err := s.flush(flushing); err == nil || errors.As(err, &refused) {
			return true, nil
		}
		s.begins()
		go s.await()
		return false, nil
	})
	return alive.(bool)
}

// await asks a server that hangs until it has written something, or says that it is one that does not write.
func (s *silence) await() {
	for !s.ended() {
		var refused *pgconn.PgError
		var unmade *pgconn.ConnectError
		if err := s.flush(again); err == nil || errors.As(err, &refused) && !errors.As(err, &unmade) {
			s.goesOn()
			return
		}
		time.Sleep(pause)
	}
}

// flush has a server write a few bytes that nobody reads, and put them on its disk.
func flush(config *pgconn.Config, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	connecting, connected := context.WithTimeout(ctx, greeting)
	defer connected()
	c, err := pgconn.ConnectConfig(connecting, config)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, `SELECT pg_logical_emit_message(true, 'headwater', '')`).ReadAll()
	return errors.Join(err, c.Close(ctx))
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
