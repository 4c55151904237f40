package file

import (
	"bufio"
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
	"sync"
	"sync/atomic"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Store is a folder of files, or a bucket, with their rows.
type Store struct {
	DB     *db.DB
	Dir    string
	Bucket *Bucket  // nil: the folder
	Scan   *Scanner // nil: nothing is looked for

	rest    time.Duration // how long content without a row is left alone; 0: restFor
	lasting sync.Map      // folders whose names are known to be on the disk
	hanging atomic.Int32  // what was given up on the disk and has not ended

	sync func(folder string) error // puts the names in a folder to the disk; nil: syncFolder
}

// Ref is one use of a file.
type Ref struct {
	ID, Hash, Name, MediaType string
	Size                      int64
	Pages                     int // of a PDF, 0 if they cannot be counted
	OwnerKind, OwnerID, Field string
	CreatedAt                 time.Time
}

// Meta says whose file it is and what is accepted.
type Meta struct {
	Name, OwnerKind, OwnerID, Field, By string
	MaxBytes                            int64
	PDF                                 bool // only a PDF that can be read
	// Accept lists media types, "image/*" included, as the content says them; empty: any.
	Accept []string
}

// Receive puts what r gives, at most m.MaxBytes, on the disk. It is kept once Keep has
// written its row, in the unit of work of what uses it; content whose row never came is swept later.
// Errors: TooLarge; Invalid for an upload that broke off, an empty file, one that is no readable PDF where one is asked for, or one in which the scanner
// finds something; Unavailable where scanner or S3 server are away, or the disk hangs.
func (s *Store) Receive(ctx context.Context, r io.Reader, m Meta) (Ref, error) {
	ref := Ref{ID: clock.ID(ctx), Name: cleanName(m.Name), OwnerKind: m.OwnerKind, OwnerID: m.OwnerID, Field: m.Field, CreatedAt: clock.Now(ctx)}
	tmp, err := s.begin()
	if err != nil {
		return ref, err
	}
	defer s.discard(tmp) // gone already when it was moved into place
	sum, seen := sha256.New(), inspector{}
	arriving := &arrival{r: io.LimitReader(r, m.MaxBytes+1)}
	out := pieces.Get().(*bufio.Writer) // a form's parts come 4 KB at a time
	out.Reset(io.MultiWriter(patient{s, tmp}, sum, &seen))
	defer func() {
		if errors.Is(err, errHangs) {
			return // it may be written yet
		}
		out.Reset(nil) // holds on to nothing of this upload
		pieces.Put(out)
	}()
	ref.Size, err = io.Copy(out, arriving)
	if err == nil {
		err = cmp.Or(out.Flush(), s.onDisk(tmp.ordinary))
	}
	switch {
	case arriving.err != nil:
		err = fault.Field(m.Field, "file.cut").Because(arriving.err)
	case err == nil:
		err = seen.judge(&ref, m)
	}
	if err == nil && s.Scan != nil {
		err = s.Scan.check(ctx, tmp.file, m.Field)
	}
	if err != nil {
		return ref, errors.Join(err, tmp.file.Close())
	}
	ref.Hash = hex.EncodeToString(sum.Sum(nil))
	return ref, s.finish(ctx, tmp, ref.Hash, ref.Size)
}

// largePiece is how much of an upload is written at once.
const largePiece = 256 << 10

// pieces is memory that uploads use one after the other: to clear it and to collect it for each is some twelfth of what it
// costs to receive one. What nobody uses is given back by the collector.
var pieces = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, largePiece) }}

// create makes the file into which content is written before its name is known.
func (s *Store) create() (*draft, error) {
	if s.Bucket != nil { // read again at once, to be sent there
		f, err := os.CreateTemp("", "headwater-upload-")
		if err != nil {
			return nil, err
		}
		return &draft{file: f}, nil
	}
	if err := s.makeFolder(s.Dir); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(s.Dir, "upload-")
	if err != nil {
		return nil, err
	}
	return newDraft(f), nil
}

// finish puts what was written in its place, lastingly, and closes it.
func (s *Store) finish(ctx context.Context, tmp *draft, hash string, size int64) error {
	if s.Bucket != nil {
		return errors.Join(s.Bucket.put(ctx, tmp.file, hash, size), tmp.file.Close())
	}
	return s.onDisk(func() error { return s.place(tmp, hash) })
}

func (s *Store) place(tmp *draft, hash string) error {
	if err := errors.Join(tmp.file.Sync(), tmp.file.Close()); err != nil {
		return err
	}
	folder := filepath.Dir(s.path(hash))
	if err := s.makeFolder(folder); err != nil {
		return err
	}
	if err := os.Rename(tmp.file.Name(), s.path(hash)); err != nil {
		return err
	}
	return s.flush(folder) // the new name must last too
}

// Prepare makes the folders of the store and puts their names to the disk all at once, if it can: uploads find them then, where each of
// the first would have to see to its own. What fails here is told by the first upload, which tries again.
func (s *Store) Prepare() {
	if s.Bucket != nil || s.Dir == "" || s.makeFolder(s.Dir) != nil {
		return
	}
	var homes, made []string
	for i := range 256 {
		home := filepath.Dir(s.path(fmt.Sprintf("%02x", i)))
		if err := os.Mkdir(home, 0o700); err == nil {
			made = append(made, home)
		} else if !errors.Is(err, fs.ErrExist) {
			continue
		}
		homes = append(homes, home)
	}
	if s.flush(s.Dir) != nil {
		for _, home := range made {
			_ = os.Remove(home) // whoever comes next must not take it for one that was made for us
		}
		return
	}
	for _, home := range homes {
		s.lasting.Store(home, true)
	}
}

// makeFolder makes a folder if there is none, and those above it. That its name lasts is seen to whenever it is made and,
// where it is there, once by each process: two that arrive at once may both find it before it is on the disk.
func (s *Store) makeFolder(folder string) error {
	above := filepath.Dir(folder)
	_, err := os.Stat(folder)
	there := err == nil
	if _, known := s.lasting.Load(folder); known && there {
		return nil
	}
	if !there {
		if err := s.makeFolder(above); err != nil {
			return err
		}
		if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	err = s.flush(above)
	switch {
	case err == nil || there && errors.Is(err, fs.ErrPermission): // or it is kept by others, who made the folder for us
		s.lasting.Store(folder, true)
		return nil
	case !there:
		_ = os.Remove(folder) // whoever comes next must not take it for one that was made for us
	}
	return err
}

func (s *Store) flush(dir string) error {
	if s.sync != nil {
		return s.sync(dir)
	}
	return syncFolder(dir)
}

// syncFolder puts the names in a folder to the disk.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// has reports whether content is there.
func (s *Store) has(ctx context.Context, hash string) (bool, error) {
	if s.Bucket != nil {
		return s.Bucket.has(ctx, hash)
	}
	_, err := os.Stat(s.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// arrival tells an upload that broke off from a disk that takes no more.
type arrival struct {
	r   io.Reader
	err error
}

func (a *arrival) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err != nil && err != io.EOF {
		a.err = err
	}
	return n, err
}

// Keep writes the row of a file that was received. Errors: Unavailable where a sweep removed its content
// at this moment from a bucket; the folder's sweep sees that by itself.
func (s *Store) Keep(ctx context.Context, r Ref, by string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.insert(ctx, r, by); err != nil || s.Bucket == nil {
			return err
		}
		there, err := s.Bucket.has(ctx, r.Hash)
		if err == nil && !there {
			err = fault.New(fault.Unavailable, "fault.unavailable").Because(errors.New("its content was swept at this moment"))
		}
		return err
	})
}

func (s *Store) path(hash string) string { return filepath.Join(s.Dir, hash[:2], hash) }

type megabytes int64

func (m megabytes) Write(lang.Locale) string { return fmt.Sprintf("%d MB", int64(m)/1_000_000) }

func (s *Store) insert(ctx context.Context, r Ref, by string) error {
	q := s.DB.Q(ctx)
	_, err := q.ExecContext(ctx, `INSERT INTO file_blob (hash, size, refs, created_at) VALUES ($1, $2, 1, $3)
		ON CONFLICT (hash) DO UPDATE SET refs = file_blob.refs + 1`, r.Hash, r.Size, db.At(r.CreatedAt))
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO file_ref (id, hash, name, media_type, size, pages, owner_kind, owner_id, field, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, r.ID, r.Hash, r.Name, r.MediaType, r.Size, r.Pages, r.OwnerKind, r.OwnerID, r.Field, by, db.At(r.CreatedAt))
	return err
}

// Info is the row of a file. Who may have it is the owner's room to say.
func (s *Store) Info(ctx context.Context, id string) (Ref, error) {
	var r Ref
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, hash, name, media_type, size, COALESCE(pages, 0), owner_kind, owner_id, field, created_at FROM file_ref WHERE id = $1`, id).
		Scan(&r.ID, &r.Hash, &r.Name, &r.MediaType, &r.Size, &r.Pages, &r.OwnerKind, &r.OwnerID, &r.Field, db.Time(&r.CreatedAt))
	if db.IsNone(err) {
		return r, fault.Missing()
	}
	return r, err
}

// Open opens the content of a file. Errors: Unavailable where an S3 server is away.
func (s *Store) Open(ctx context.Context, r Ref) (io.ReadSeekCloser, error) {
	if s.Bucket != nil {
		return s.Bucket.open(ctx, r.Hash)
	}
	path := s.path(r.Hash)
	var f *os.File
	var err error
	for _, at := range []string{path, path + goneMark, path} { // a sweep may have it aside for a moment
		if f, err = os.Open(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Copy makes another use of a file's content, for another owner; nothing is read or written again.
func (s *Store) Copy(ctx context.Context, id string, m Meta) (Ref, error) {
	var ref Ref
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.Info(ctx, id)
		if err != nil {
			return err
		}
		r.ID, r.OwnerKind, r.OwnerID, r.Field, r.CreatedAt = clock.ID(ctx), m.OwnerKind, m.OwnerID, m.Field, clock.Now(ctx)
		if m.Name != "" {
			r.Name = cleanName(m.Name)
		}
		ref = r
		return s.insert(ctx, r, m.By)
	})
	return ref, err
}

// Delete removes one use of a file. The content goes with a Sweep after the last.
func (s *Store) Delete(ctx context.Context, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.Info(ctx, id)
		if err != nil {
			return err
		}
		q := s.DB.Q(ctx)
		if _, err := q.ExecContext(ctx, `DELETE FROM file_ref WHERE id = $1`, id); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `UPDATE file_blob SET refs = refs - 1 WHERE hash = $1`, r.Hash); err != nil {
			return err
		}
		_, err = q.ExecContext(ctx, `DELETE FROM file_blob WHERE hash = $1 AND refs <= 0`, r.Hash)
		return err
	})
}
