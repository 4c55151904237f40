// Package arrival knows when the first byte of a request came. A deadline is kept by
// that instant: who sends a large file over a slow line is not late because of the line.
package arrival

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// Watch makes a server that will serve the returned listener know when requests begin.
// It sets the server's ConnContext and ConnState.
func Watch(s *http.Server, l net.Listener) net.Listener {
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, key{}, c) }
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if w, ok := c.(*conn); ok && state == http.StateIdle {
			w.first.Store(nil)
		}
	}
	return listener{l}
}

// Stamp keeps in a context when the first byte of its request came; where nobody
// watches the connection, that it is now.
func Stamp(ctx context.Context) context.Context {
	now := clock.Now(ctx)
	if c, ok := ctx.Value(key{}).(*conn); ok {
		if first := c.first.Load(); first != nil {
			now = now.Add(-time.Since(*first)) // the installation's clock may not be the machine's
		}
	}
	return context.WithValue(ctx, stamp{}, now)
}

// At is when the first byte of the request came: what "in time" means.
func At(ctx context.Context) time.Time {
	if t, ok := ctx.Value(stamp{}).(time.Time); ok {
		return t
	}
	return clock.Now(ctx)
}

type stamp struct{}

type key struct{}

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// conn notes the first read since it was idle.
type conn struct {
	net.Conn
	first atomic.Pointer[time.Time]
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.first.Load() == nil {
		now := time.Now()
		c.first.CompareAndSwap(nil, &now)
	}
	return n, err
}

// ReadFrom keeps the kernel's way of sending files open.
func (c *conn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }
