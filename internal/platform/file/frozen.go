package file

import (
	"errors"
	"os"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// A disk that hangs refuses nothing: what is written waits in the kernel, and nothing can take it back. Whoever waits is let
// go; what waits goes on alone when the disk does, and until then nothing else is asked of the disk.

// standstill is how long the disk may take for one thing.
const standstill = 15 * time.Second

// errHangs says that something was given up, or not begun.
var errHangs = errors.New("the disk of the files hangs")

// onDisk does something on the disk. Errors: Unavailable, with errHangs, where that takes too long, or something before it
// does; late runs when what was given up is done.
func (s *Store) onDisk(do func() error, late func()) error {
	if s.hanging.Load() == 0 {
		done := make(chan error, 1)
		go func() { done <- do() }()
		select {
		case err := <-done:
			return err
		case <-time.After(standstill):
		}
		s.hanging.Add(1)
		go func() {
			<-done
			s.hanging.Add(-1)
			late()
		}()
	}
	return fault.New(fault.Unavailable, "fault.unavailable").Because(errHangs)
}

func nothing() {}

// begin makes a draft; one that is made too late is discarded.
func (s *Store) begin() (*draft, error) {
	var tmp *draft
	err := s.onDisk(func() (err error) {
		tmp, err = s.create()
		return err
	}, func() {
		if tmp != nil {
			_ = tmp.file.Close()
			s.discard(tmp)
		}
	})
	if errors.Is(err, errHangs) {
		return nil, err
	}
	return tmp, err
}

// discard removes a draft, as soon as the disk goes on.
func (s *Store) discard(tmp *draft) {
	remove := func() error { return os.Remove(tmp.file.Name()) }
	if errors.Is(s.onDisk(remove, nothing), errHangs) {
		go remove()
	}
}

// patient writes a draft on a disk that may hang.
type patient struct {
	store *Store
	tmp   *draft
}

// Write writes, and gives up where the disk hangs: b may be read yet then.
func (p patient) Write(b []byte) (int, error) {
	var n int
	err := p.store.onDisk(func() (err error) {
		n, err = p.tmp.Write(b)
		return err
	}, nothing)
	if errors.Is(err, errHangs) {
		return 0, err
	}
	return n, err
}
