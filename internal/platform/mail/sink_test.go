package mail_test

import (
	"bufio"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// sink is a mail server (RFC 5321, what is needed of it) that keeps what it is given.
type sink struct {
	net.Listener
	mu      sync.Mutex
	letters []*mail.Message
	refuse  string // answer to RCPT; "": take it
}

func newSink(t *testing.T) *sink {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{Listener: l}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { s.talk(c) })
		}
	})
	t.Cleanup(func() { l.Close(); group.Wait() })
	return s
}

func (s *sink) url() string { return "smtp://" + s.Addr().String() }

func (s *sink) answer(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = text
}

func (s *sink) taken() []*mail.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.letters
}

func (s *sink) talk(c net.Conn) {
	defer c.Close()
	say := func(text string) { fmt.Fprint(c, text+"\r\n") }
	r := textproto.NewReader(bufio.NewReader(c))
	say("220 sink.example ESMTP")
	for {
		line, err := r.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO":
			say("250-sink.example\r\n250 8BITMIME")
		case "RCPT":
			s.mu.Lock()
			answer := s.refuse
			s.mu.Unlock()
			if answer == "" {
				answer = "250 OK"
			}
			say(answer)
		case "DATA":
			say("354 go on")
			body, err := r.ReadDotBytes()
			if err != nil {
				return
			}
			m, err := mail.ReadMessage(strings.NewReader(string(body)))
			if err != nil {
				say("554 not a mail")
				continue
			}
			s.mu.Lock()
			s.letters = append(s.letters, m)
			s.mu.Unlock()
			say("250 OK")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 OK")
		}
	}
}
