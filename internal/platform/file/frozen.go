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

// given is what something on the disk gives. Errors: Unavailable, with errHangs, where that takes too long, or something before
// it does; late gets what comes after it was given up.
func given[T any](s *Store, do func() (T, error), late func(T)) (none T, err error) {
	type result struct {
		value T
		err   error
	}
	if s.hanging.Load() == 0 {
		done := make(chan result, 1)
		go func() {
			value, err := do()
			done <- result{value, err}
		}()
		select {
		case r := <-done:
			return r.value, r.err
		case <-time.After(standstill):
		}
		s.hanging.Add(1)
		go func() {
			r := <-done
			s.hanging.Add(-1)
			late(r.value)
		}()
	}
	return none, fault.New(fault.Unavailable, "fault.unavailable").Because(errHangs)
}

func nothing[T any](T) {}

// onDisk does something on the disk. Errors: its own; as given.
func (s *Store) onDisk(do func() error) error {
	_, err := given(s, func() (struct{}, error) { return struct{}{}, do() }, nothing)
	return err
}

// begin makes a draft; one that is made too late is discarded.
func (s *Store) begin() (*draft, error) {
	return given(s, s.create, func(tmp *draft) {
		if tmp != nil {
			_ = tmp.file.Close()
			s.discard(tmp)
		}
	})
}

// discard removes a draft, as soon as the disk goes on.
func (s *Store) discard(tmp *draft) {
	remove := func() error { return os.Remove(tmp.file.Name()) }
	if errors.Is(s.onDisk(remove), errHangs) {
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
	return given(p.store, func() (int, error) { return p.tmp.Write(b) }, nothing)
}
