package file

import (
	"errors"
	"os"
	"syscall"
)

// draft is content that is being written before its name is known.
type draft struct {
	file   *os.File
	direct bool // what is written goes past the kernel's memory
}

// block is what every disk can write at once, and begins at a multiple of.
const block = 4096

// newDraft writes past the kernel's memory where system and disk can. An upload is read again by a reviewer some other day, so that
// to copy it there is for nothing; and what is there and not on the disk yet is what all wait for who flush something at that moment.
func newDraft(f *os.File) *draft { return &draft{file: f, direct: setDirect(f, true) == nil} }

// Write writes whole blocks directly; with a part of one, or where the system will not take it, the rest of the content goes the ordinary way.
func (d *draft) Write(p []byte) (n int, err error) {
	if d.direct {
		n, err = d.file.Write(p[:len(p)-len(p)%block])
		if err != nil && !errors.Is(err, syscall.EINVAL) || n == len(p) {
			return n, err
		}
		if err := d.ordinary(); err != nil {
			return n, err
		}
	}
	more, err := d.file.Write(p[n:])
	return n + more, err
}

// ordinary has the file read and written as any other from now on.
func (d *draft) ordinary() error {
	if !d.direct {
		return nil
	}
	d.direct = false
	return setDirect(d.file, false)
}
