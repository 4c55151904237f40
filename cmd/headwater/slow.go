package main

import (
	"io"
	"net"
	"time"
)

// stalled is how long somebody may take nothing of what is sent to them before their connection is closed; who takes a
// little, over whatever line, gets all of it.
const stalled = time.Minute

// atOnce is how much is sent under one deadline: less than a line of 10 kbit/s takes meanwhile.
const atOnce = 64 << 10

// patient is a listener whose connections end where nobody takes what is sent.
type patient struct{ net.Listener }

// Accept waits for the next connection.
func (p patient) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return reader{c}, nil
}

// reader is somebody who reads what is sent.
type reader struct{ net.Conn }

// Write sends some at a time.
func (r reader) Write(b []byte) (sent int, err error) {
	for first := true; first || sent < len(b); first = false {
		if err := r.SetWriteDeadline(time.Now().Add(stalled)); err != nil {
			return sent, err
		}
		n, err := r.Conn.Write(b[sent:min(len(b), sent+atOnce)])
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// ReadFrom sends a file some at a time, each the kernel's way where there is one.
func (r reader) ReadFrom(from io.Reader) (sent int64, err error) {
	all, left := from, int64(1<<62)
	if l, ok := from.(*io.LimitedReader); ok { // the kernel's way is open to the file itself, with one limit
		all, left = l.R, l.N
		defer func() { l.N -= sent }()
	}
	for sent < left {
		if err := r.SetWriteDeadline(time.Now().Add(stalled)); err != nil {
			return sent, err
		}
		part := &io.LimitedReader{R: all, N: min(atOnce, left-sent)}
		asked := part.N
		n, err := io.Copy(r.Conn, part)
		sent += n
		if err != nil || n < asked {
			return sent, err
		}
	}
	return sent, nil
}
