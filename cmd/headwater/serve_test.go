package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestHeadersAreBounded: nobody makes the server read a head without end.
func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serving{Handler: http.NotFoundHandler()}.serve(ctx, l) }()
	for size, status := range map[int]int{largestHeader / 2: http.StatusNotFound, 2 * largestHeader: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", strings.Repeat("x", size))
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != status {
			t.Errorf("a header of %d bytes: %d, want %d", size, answer.StatusCode, status)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// pipes is a listener of connections made in memory, so that the time between two bytes is a test's own.
type pipes struct {
	made   chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.made:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// browser is a client with one kept connection.
type browser struct {
	net.Conn
	*bufio.Reader
}

func (p pipes) browser() browser {
	here, there := net.Pipe()
	p.made <- there
	return browser{here, bufio.NewReader(here)}
}

func (b browser) ask(t *testing.T, path string) {
	t.Helper()
	if _, err := fmt.Fprintf(b.Conn, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path); err != nil {
		t.Fatal(err)
	}
}

func (b browser) answered(t *testing.T, last bool) {
	t.Helper()
	r, err := http.ReadResponse(b.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusNoContent || r.Close != last {
		t.Errorf("status %d, the last on its connection: %v, want %v", r.StatusCode, r.Close, last)
	}
}

// TestStopping: a server that is asked to stop says so first, answers all that is asked meanwhile, asks
// for no more on connections that are kept, and ends when what runs has ended.
func TestStopping(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const drain, slow = 5 * time.Second, 30 * time.Second
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				time.Sleep(slow)
			}
			w.WriteHeader(http.StatusNoContent)
		})
		l := pipes{make(chan net.Conn), make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		left, ended := make(chan time.Time, 1), make(chan error, 1)
		go func() { ended <- serving{h, func() { left <- time.Now() }, drain}.serve(ctx, l) }()
		kept, idle, busy := l.browser(), l.browser(), l.browser()
		for _, b := range []browser{kept, idle} {
			b.ask(t, "/")
			b.answered(t, false)
		}
		stop()
		asked := time.Now()
		if at := <-left; !at.Equal(asked) {
			t.Errorf("it said so after %v", at.Sub(asked))
		}
		time.Sleep(drain / 2)
		kept.ask(t, "/")
		kept.answered(t, true)
		late := l.browser() // somebody who has not noticed yet
		late.ask(t, "/")
		late.answered(t, true)
		busy.ask(t, "/slow")
		time.Sleep(drain/2 + time.Second)
		if _, err := idle.ReadByte(); err != io.EOF {
			t.Errorf("a connection on which nobody asks is closed when no more is taken: %v", err)
		}
		select {
		case l.made <- nil:
			t.Error("a connection is taken after the time to leave is over")
		case <-l.closed:
		}
		busy.answered(t, true)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(asked); took < drain/2+slow || took > drain+slow {
			t.Errorf("it ended after %v", took)
		}
		for _, b := range []browser{kept, idle, busy, late} {
			if err := b.Conn.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestDrainAtOnce: without a time to drain, and with nothing that runs, a server ends when it is asked.
func TestDrainAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pipes{make(chan net.Conn), make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- serving{Handler: http.NotFoundHandler()}.serve(ctx, l) }()
		began := time.Now()
		stop()
		if err := <-ended; err != nil || time.Since(began) > 0 {
			t.Errorf("it ended after %v: %v", time.Since(began), err)
		}
	})
}

// TestWhoIsSlow: a head that does not arrive, and an answer that nobody takes, end by themselves; who takes a little at a time
// gets all of it.
func TestWhoIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		page := bytes.Repeat([]byte("A long answer. "), 20_000)
		left := make(chan error, 2)
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(page)))
			_, err := w.Write(page)
			left <- err
		})
		l := pipes{make(chan net.Conn), make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- serving{Handler: h}.serve(ctx, l) }()

		head := l.browser()
		began := time.Now()
		if _, err := fmt.Fprint(head.Conn, "GET / HTTP/1.1\r\nHost:"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(head.Reader); err != nil || time.Since(began) > 15*time.Second {
			t.Errorf("half a head is waited for %v: %v", time.Since(began), err)
		}

		deaf := l.browser()
		deaf.ask(t, "/")
		began = time.Now()
		if err := <-left; err == nil || time.Since(began) > 2*time.Minute {
			t.Errorf("who takes nothing is let go after %v: %v", time.Since(began), err)
		}

		slow := l.browser()
		slow.ask(t, "/")
		r, err := http.ReadResponse(slow.Reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		for err == nil {
			time.Sleep(5 * time.Second)
			_, err = io.CopyN(&got, r.Body, 16<<10)
		}
		if err != io.EOF || !bytes.Equal(got.Bytes(), page) {
			t.Errorf("who is slow got %d of %d bytes: %v", got.Len(), len(page), err)
		}
		if err := <-left; err != nil {
			t.Error(err)
		}
		for _, b := range []browser{head, deaf, slow} {
			if err := b.Conn.Close(); err != nil {
				t.Error(err)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
