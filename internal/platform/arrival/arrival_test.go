package arrival

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// one is a listener of a single connection.
type one struct {
	c    chan net.Conn
	done chan struct{}
}

func (l one) Accept() (net.Conn, error) {
	select {
	case c := <-l.c:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l one) Close() error   { close(l.done); return nil }
func (l one) Addr() net.Addr { return &net.TCPAddr{} }

// TestFirstByte sends requests piece by piece over one connection; the time between
// the pieces is the test's own.
func TestFirstByte(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		l := one{make(chan net.Conn, 1), make(chan struct{})}
		l.c <- there
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ago := time.Since(At(Stamp(r.Context())))
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Error(err)
			}
			fmt.Fprint(w, ago)
		})}
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(Watch(s, l)) }()
		answers := bufio.NewReader(here)
		for _, c := range []struct {
			head, body time.Duration // how long the rest of each takes
			want       string
		}{{0, 0, "0s"}, {7 * time.Second, 0, "7s"}, {0, 40 * time.Second, "0s"}, {2 * time.Second, 90 * time.Second, "2s"}, {0, 0, "0s"}} {
			for _, piece := range []struct {
				text string
				wait time.Duration
			}{{"P", c.head}, {"OST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab", c.body}, {"cd", 0}} {
				if _, err := io.WriteString(here, piece.text); err != nil {
					t.Fatal(err)
				}
				time.Sleep(piece.wait)
			}
			r, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r.Body)
			if err != nil || string(b) != c.want {
				t.Errorf("head in %v, body in %v: the first byte came %s ago, want %s (%v)", c.head, c.body, b, c.want, err)
			}
			time.Sleep(time.Minute) // idle
		}
		if err := here.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
}

func TestNobodyWatches(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 4, 15, 15, 0, 0, 0, time.UTC)
	ctx := clock.With(t.Context(), clock.NewFixed(now, 1).Source())
	for _, c := range []context.Context{ctx, Stamp(ctx)} {
		if at := At(c); !at.Equal(now) {
			t.Errorf("at %v, want %v", at, now)
		}
	}
}
