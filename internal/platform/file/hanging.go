package file

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

// An S3 server that hangs takes connections and does not answer. Each of the tries at a request ends when it has taken
// nothing, or given nothing, for so long: an upload or a download that goes on may take as long as it likes.
const (
	greeting = 5 * time.Second // to take a connection
	silence  = 8 * time.Second // to take or to give the next bytes, or to answer what was sent whole
)

// transport is how the S3 server is reached.
func transport(secure bool) (http.RoundTripper, error) {
	t, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	dial := (&net.Dialer{Timeout: greeting}).DialContext
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &moving{Conn: c}, nil
	}
	t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = greeting, silence
	return t, nil
}

// moving is a connection that ends where nothing moves on it. While something is sent nothing need come, and how long
// an answer may take to begin the transport knows.
type moving struct {
	net.Conn
	mu     sync.Mutex
	coming bool // the last that moved came from the server
}

// Write sends, with an end to how long the server may take nothing.
func (m *moving) Write(b []byte) (int, error) {
	m.mu.Lock()
	m.coming = false
	err := m.SetReadDeadline(time.Time{})
	m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if err := m.SetWriteDeadline(time.Now().Add(silence)); err != nil {
		return 0, err
	}
	return m.Conn.Write(b)
}

// Read takes what comes: the rest of an answer that has begun, without a longer pause.
func (m *moving) Read(b []byte) (int, error) {
	m.mu.Lock()
	var err error
	if m.coming {
		err = m.SetReadDeadline(time.Now().Add(silence))
	}
	m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := m.Conn.Read(b)
	m.mu.Lock()
	m.coming = m.coming || n > 0
	m.mu.Unlock()
	return n, err
}
