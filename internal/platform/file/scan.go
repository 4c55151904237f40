package file

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Scanner asks ClamAV's daemon about uploads, by its INSTREAM command (clamd(8), "Commands").
type Scanner struct{ network, address string }

// scanTime is how long the daemon may take for one file.
const scanTime = 2 * time.Minute

// chunk is how much of a file goes to the daemon at once.
const chunk = 64 << 10

// NewScanner takes the daemon's address: "unix:/run/clamav/clamd.ctl" or "tcp:host:port". Nobody is asked yet.
func NewScanner(at string) (*Scanner, error) {
	network, address, _ := strings.Cut(at, ":")
	if network != "unix" && network != "tcp" || address == "" {
		return nil, fmt.Errorf("scanner %q: unix:/path/of/clamd.ctl or tcp:host:port is expected", at)
	}
	return &Scanner{network, address}, nil
}

// check refuses a file in which the daemon finds something. Errors: Invalid for that; Unavailable where the daemon
// is away or says that it cannot tell: what was not looked at is not taken.
func (s *Scanner) check(ctx context.Context, f *os.File, field string) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	found, err := s.ask(ctx, f)
	if err != nil {
		return fault.New(fault.Unavailable, "file.scan.away").Because(fmt.Errorf("clamd: %w", err))
	}
	if found != "" {
		return fault.Field(field, "file.infected", found)
	}
	return nil
}

// ask sends what r gives and returns the name of what was found in it, "" for nothing.
func (s *Scanner) ask(ctx context.Context, r io.Reader) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if end, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(end); err != nil {
			return "", err
		}
	}
	if err := send(c, r); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(io.LimitReader(c, 4096))
	if err != nil {
		return "", err
	}
	return verdict(answer)
}

// send writes the command and the content in chunks, each after its length (four bytes, the
// highest first); a length of 0 ends it.
func send(w io.Writer, r io.Reader) error {
	if _, err := w.Write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	buffer := make([]byte, 4+chunk)
	for {
		n, err := io.ReadFull(r, buffer[4:])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		binary.BigEndian.PutUint32(buffer, uint32(n))
		if _, e := w.Write(buffer[:4+n]); e != nil || n == 0 {
			return e
		}
		if err != nil {
			_, e := w.Write(make([]byte, 4))
			return e
		}
	}
}

// verdict reads an answer: "stream: OK", "stream: NAME FOUND", or what the daemon could not do.
func verdict(answer []byte) (found string, err error) {
	text := string(bytes.TrimRight(answer, "\x00\n"))
	rest, ok := strings.CutPrefix(text, "stream: ")
	if name, bad := strings.CutSuffix(rest, " FOUND"); ok && bad {
		return name, nil
	}
	if ok && rest == "OK" {
		return "", nil
	}
	return "", fmt.Errorf("it answers %q", text)
}
