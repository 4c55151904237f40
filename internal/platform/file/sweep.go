package file

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// restFor is how long content without a row is left alone: its row may be about to be committed.
const restFor = time.Hour

// rested reports whether what was written at t has been left alone for long enough.
func (s *Store) rested(now, t time.Time) bool { return now.Sub(t) > cmp.Or(s.rest, restFor) }

// Sweep removes content that no row names and uploads that were broken off, once
// they have rested. It returns how many files it removed. Saving the same content
// meanwhile is safe.
func (s *Store) Sweep(ctx context.Context) (removed int, err error) {
	if s.Bucket != nil {
		return s.sweepBucket(ctx)
	}
	now, err := s.diskTime()
	if err != nil {
		return 0, err
	}
	err = filepath.WalkDir(s.Dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // no folder yet, or moved into place meanwhile
			return nil
		}
		if err != nil || e.IsDir() || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		hash, aside := strings.CutSuffix(e.Name(), goneMark)
		upload := strings.HasPrefix(hash, "upload-")
		if !upload && len(hash) != 64 || !s.restedFile(now, path) {
			return nil
		}
		if !upload {
			named, err := s.named(ctx, hash)
			if named && aside { // a sweep ended between taking it aside and putting it back
				return os.Rename(path, s.path(hash))
			}
			if err != nil || named {
				return err
			}
		}
		if aside {
			removed++
			return os.Remove(path)
		}
		ok, err := s.remove(now, path)
		if ok {
			removed++
		}
		return err
	})
	return removed, err
}

const goneMark = ".gone"

func (s *Store) named(ctx context.Context, hash string) (bool, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM file_blob WHERE hash = $1`, hash).Scan(&n)
	return n > 0, err
}

// diskTime is the time by the disk's own clock: files are as old as it says,
// whatever clock the installation runs on. On a disk that hangs it is not waited for: the job of sweeping is tried again.
func (s *Store) diskTime() (time.Time, error) { return given(s, s.touched, nothing) }

func (s *Store) touched() (time.Time, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return time.Time{}, err
	}
	f, err := os.CreateTemp(s.Dir, "upload-")
	if err != nil {
		return time.Time{}, err
	}
	i, err := f.Stat()
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return time.Time{}, err
	}
	return i.ModTime(), nil
}

func (s *Store) restedFile(now time.Time, path string) bool {
	i, err := os.Lstat(path)
	return err == nil && s.rested(now, i.ModTime())
}

// remove takes the file aside and looks once more: if an upload of the same
// content was moved into its place just then, it is put back.
func (s *Store) remove(now time.Time, path string) (bool, error) {
	aside := path + goneMark
	if err := os.Rename(path, aside); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return false, err
	}
	if !s.restedFile(now, aside) {
		return false, os.Rename(aside, path)
	}
	return true, os.Remove(aside)
}

// Audit compares every content that a row names with its hash, and returns how many
// there are and what is wrong with which. It reads all files.
func (s *Store) Audit(ctx context.Context) (n int, problems []string, err error) {
	hashes, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT hash FROM file_blob ORDER BY hash`)
	for _, hash := range hashes {
		if err := ctx.Err(); err != nil {
			return n, problems, err
		}
		n++
		if why := s.audit(ctx, hash); why != nil {
			problems = append(problems, fmt.Sprintf("file %s: %v", hash, why))
		}
	}
	return n, problems, err
}

func (s *Store) audit(ctx context.Context, hash string) error {
	content, err := s.Open(ctx, Ref{Hash: hash})
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, content)
	if err = errors.Join(err, content.Close()); err == nil && hex.EncodeToString(sum.Sum(nil)) != hash {
		err = errChanged
	}
	return err
}
