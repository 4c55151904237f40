package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// errChanged says that content is not what its name says, or is not there.
var errChanged = errors.New("its content was changed, or is gone")

// CopyTo copies every content that a row names to another store, but for what is there already, and returns
// how many it copied. Nothing is removed. It may run while the installation works; run again, it
// copies what came since. Content that is gone or not what its name says is left out: Audit of the other store names it.
func (s *Store) CopyTo(ctx context.Context, to *Store) (copied int, err error) {
	hashes, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT hash FROM file_blob WHERE refs > 0 ORDER BY hash`)
	if err != nil {
		return 0, err
	}
	return s.CopyThese(ctx, to, hashes)
}

// CopyThese is CopyTo for the contents of some hashes, whether a row names them or not.
func (s *Store) CopyThese(ctx context.Context, to *Store, hashes []string) (copied int, err error) {
	for _, hash := range hashes {
		there, err := to.has(ctx, hash)
		if err != nil {
			return copied, err
		}
		if there {
			continue
		}
		err = s.copyOne(ctx, to, hash)
		if errors.Is(err, errChanged) {
			continue
		}
		if err != nil {
			return copied, fmt.Errorf("file %s: %w", hash, err)
		}
		copied++
	}
	return copied, nil
}

func (s *Store) copyOne(ctx context.Context, to *Store, hash string) (err error) {
	in, err := s.Open(ctx, Ref{Hash: hash})
	if errors.Is(err, fs.ErrNotExist) {
		return errChanged
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	tmp, err := to.begin()
	if err != nil {
		return err
	}
	defer os.Remove(tmp.file.Name()) // gone already when it was moved into place
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(tmp, sum), in)
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != hash {
		err = errChanged
	}
	if err != nil {
		return errors.Join(err, tmp.file.Close())
	}
	return to.finish(ctx, tmp, hash, size)
}
