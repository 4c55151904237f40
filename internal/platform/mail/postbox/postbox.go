// Package postbox is a mail server that keeps what it is given, for tests and
// benches (RFC 5321, what is needed of it).
package postbox

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
)

// Box is a mail server on a free port of this machine.
type Box struct {
	listener net.Listener
	group    sync.WaitGroup
	mu       sync.Mutex
	letters  []*mail.Message
	refusals map[string]string // answers to verbs, and to "" as the greeting; without one: take it
}

// Open starts a box.
func Open() (*Box, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &Box{listener: l, refusals: map[string]string{}}
	b.group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b.group.Go(func() { b.talk(c) })
		}
	})
	return b, nil
}

// Close ends the box once those who speak to it have gone.
func (b *Box) Close() error {
	err := b.listener.Close()
	b.group.Wait()
	return err
}

// URL is what to configure as the mail server.
func (b *Box) URL() string { return "smtp://" + b.listener.Addr().String() }

// Refuse has every recipient answered with text ("550 nobody of that name"); "" takes them again.
func (b *Box) Refuse(text string) { b.RefuseAt("RCPT", text) }

// RefuseAt has a verb ("MAIL"), or with "" everybody who comes, answered with text ("554 no service here"); "" takes them again.
func (b *Box) RefuseAt(verb, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refusals[verb] = text
}

// answer is what a verb is answered with that is not refused.
func (b *Box) answer(verb, taken string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return cmp.Or(b.refusals[verb], taken)
}

// Letters are the mails taken so far, in their order.
func (b *Box) Letters() []*mail.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.letters
}

func (b *Box) talk(c net.Conn) {
	defer c.Close()
	say := func(text string) { fmt.Fprint(c, text+"\r\n") }
	r := textproto.NewReader(bufio.NewReader(c))
	say(b.answer("", "220 postbox.example ESMTP"))
	for {
		line, err := r.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO":
			say("250-postbox.example\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME")
		case "DATA":
			say("354 go on")
			body, err := r.ReadDotBytes()
			if err != nil {
				return
			}
			say(b.keep(body))
		case "QUIT":
			say("221 bye")
			return
		default:
			say(b.answer(verb, "250 OK"))
		}
	}
}

func (b *Box) keep(body []byte) (answer string) {
	m, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		return "554 not a mail"
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = append(b.letters, m)
	return "250 OK"
}
