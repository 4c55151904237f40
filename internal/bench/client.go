package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// conn is one kept connection of a browser, written by hand so that the load
// costs little beside what it measures.
type conn struct {
	address string
	c       net.Conn
	r       *bufio.Reader
}

// patience is how long an answer may take before the connection counts as broken.
const patience = 20 * time.Second

// post sends a form and returns the status and the body of the answer. After an
// error the connection is opened anew by the next call.
func (c *conn) post(path, secret, kind string, body []byte) (status int, answer []byte, err error) {
	if c.c == nil {
		if c.c, err = net.DialTimeout("tcp", c.address, patience); err != nil {
			return 0, nil, err
		}
		c.r = bufio.NewReaderSize(c.c, 16<<10)
	}
	status, answer, err = c.roundTrip(path, secret, kind, body)
	if err != nil {
		err = errors.Join(err, c.close())
	}
	return status, answer, err
}

func (c *conn) close() error {
	if c.c == nil {
		return nil
	}
	err := c.c.Close()
	c.c = nil
	return err
}

func (c *conn) roundTrip(path, secret, kind string, body []byte) (int, []byte, error) {
	if err := c.c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	head := "POST " + path + " HTTP/1.1\r\nHost: " + c.address + "\r\nCookie: hw=" + secret + "\r\nAccept: application/json\r\nSec-Fetch-Site: same-origin\r\nContent-Type: " + kind +
		"\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	parts := net.Buffers{[]byte(head), body}
	if _, err := parts.WriteTo(c.c); err != nil {
		return 0, nil, err
	}
	return c.answer()
}

// answer reads one answer: of its head only what the storm needs.
func (c *conn) answer() (int, []byte, error) {
	line, err := c.line()
	if err != nil {
		return 0, nil, err
	}
	_, rest, _ := strings.Cut(line, " ")
	status, err := strconv.Atoi(rest[:min(3, len(rest))])
	if err != nil {
		return 0, nil, fmt.Errorf("answer begins with %q", line)
	}
	length, chunked, last := -1, false, false
	for {
		if line, err = c.line(); err != nil {
			return 0, nil, err
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		switch textproto.CanonicalMIMEHeaderKey(name) {
		case "Content-Length":
			length, err = strconv.Atoi(value)
		case "Transfer-Encoding":
			chunked = value == "chunked"
		case "Connection":
			last = value == "close"
		}
		if err != nil {
			return 0, nil, err
		}
	}
	body, err := c.body(length, chunked)
	if last {
		err = errors.Join(err, c.close())
	}
	return status, body, err
}

func (c *conn) line() (string, error) {
	line, err := c.r.ReadSlice('\n')
	return strings.TrimRight(string(line), "\r\n"), err
}

func (c *conn) body(length int, chunked bool) ([]byte, error) {
	if !chunked {
		body := make([]byte, max(length, 0))
		_, err := io.ReadFull(c.r, body)
		return body, err
	}
	var body []byte
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(line, 16, 32)
		if err != nil {
			return nil, err
		}
		part := make([]byte, n+2) // with its line end
		if _, err := io.ReadFull(c.r, part); err != nil || n == 0 {
			return body, err
		}
		body = append(body, part[:n]...)
	}
}

// get asks for a page.
func (c *conn) get(path, secret string) (status int, size int, err error) {
	if c.c == nil {
		if c.c, err = net.DialTimeout("tcp", c.address, patience); err != nil {
			return 0, 0, err
		}
		c.r = bufio.NewReaderSize(c.c, 16<<10)
	}
	if err := c.c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, 0, err
	}
	_, err = io.WriteString(c.c, "GET "+path+" HTTP/1.1\r\nHost: "+c.address+"\r\nCookie: hw="+secret+"\r\nAccept: text/html\r\n\r\n")
	var body []byte
	if err == nil {
		status, body, err = c.answer()
	}
	if err != nil {
		return status, 0, errors.Join(err, c.close())
	}
	return status, len(body), nil
}
