package app_test

import (
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestNoRequestHidesInAnother: a request that gives its length in two ways may be read differently by a proxy. Whatever
// follows on its line is not answered: it could be another person's.
func TestNoRequestHidesInAnother(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		server := httptest.NewServer(w.Handler)
		defer server.Close()
		for name, head := range map[string]string{"two ways": "Content-Length: 4\r\nTransfer-Encoding: chunked", "chunks": "Transfer-Encoding: chunked"} {
			answers := overTheLine(w, server, "POST /sign-in HTTP/1.1\r\nHost: x\r\n"+head+"\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
			if strings.Count(answers, "HTTP/1.1 ") != 1 || !strings.Contains(answers, "Connection: close") {
				w.t.Errorf("%s: %s", name, answers)
			}
		}
		if answers := overTheLine(w, server, "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"); !strings.HasPrefix(answers, "HTTP/1.1 400 ") {
			w.t.Errorf("two lengths: %s", answers)
		}
	})
}

// overTheLine sends bytes and returns all that comes back until the server closes the line.
func overTheLine(w *world, server *httptest.Server, sent string) string {
	w.t.Helper()
	line, err := net.Dial("tcp", server.Listener.Addr().String())
	w.must(err)
	defer line.Close()
	w.must(line.SetDeadline(time.Now().Add(20 * time.Second)))
	_, err = io.WriteString(line, sent)
	w.must(err)
	got, err := io.ReadAll(line)
	w.must(err)
	return string(got)
}
