package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/file"
)

// The parts of a backup's folder.
const (
	manifestFile = "manifest.json"
	sumFile      = "manifest.sha256"
	sqliteFile   = "database.sqlite"
	postgresFile = "database.pgdump"
	headFile     = "head"
	filesFolder  = "files" // the content of files, named by hash as in a store
)

// databaseFile is the part that is the database.
func databaseFile(kind db.Dialect) string {
	if kind == db.Postgres {
		return postgresFile
	}
	return sqliteFile
}

// Installation is what is copied. It may be at work.
type Installation struct {
	Database string // its address
	DB       *db.DB // open on it
	Files    *file.Store
	Head     string // of its ledger, the newest
}

// Make copies an installation into a folder that holds no backup; files that the folder has already are not copied again.
// Content that is gone, or is not what its name says, is left out and named in the manifest.
// Errors: Damaged for a database that is damaged itself; of files, of the disk, or of PostgreSQL's pg_dump. What was made so
// far stays, without a manifest.
func Make(ctx context.Context, from Installation, folder string) (Manifest, error) {
	m := Manifest{Format: format, Made: clock.Now(ctx), Database: from.DB.Dialect, Gone: []string{}}
	for _, name := range []string{sqliteFile, postgresFile, manifestFile} {
		if _, err := os.Stat(filepath.Join(folder, name)); !errors.Is(err, fs.ErrNotExist) {
			return m, errors.Join(err, fmt.Errorf("%s holds a backup already: name another folder", folder))
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return m, err
	}
	if err := writeNew(filepath.Join(folder, headFile), []byte(from.Head)); err != nil {
		return m, err
	}
	kept := &file.Store{DB: from.DB, Dir: filepath.Join(folder, filesFolder)}
	if _, err := from.Files.CopyTo(ctx, kept); err != nil {
		return m, err
	}
	files, err := m.dump(ctx, from, folder)
	if err != nil {
		return m, err
	}
	// What came between the two copies lies in the store for an hour at least, even where its row has gone again.
	if _, err := from.Files.CopyThese(ctx, kept, files); err != nil {
		return m, err
	}
	if err := m.measure(folder, files); err != nil {
		return m, err
	}
	return m, m.write(folder)
}

// measure makes the list of parts.
func (m *Manifest) measure(folder string, files []string) error {
	for _, name := range []string{headFile, databaseFile(m.Database)} {
		p, err := measure(folder, name)
		if err != nil {
			return err
		}
		m.Parts = append(m.Parts, p)
	}
	for _, hash := range files {
		p, err := measure(folder, path.Join(filesFolder, hash[:2], hash))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if p.SHA256 != hash {
			m.Gone = append(m.Gone, hash)
			continue
		}
		m.Parts = append(m.Parts, p)
	}
	return nil
}

// dump copies one state of the database, and notes what is in it; it returns the files that this state names.
func (m *Manifest) dump(ctx context.Context, from Installation, folder string) (files []string, err error) {
	to := filepath.Join(folder, databaseFile(m.Database))
	if m.Database == db.Postgres {
		err = from.DB.Snapshot(ctx, func(ctx context.Context) error {
			// This transaction waits as long as pg_dump takes.
			if _, err := from.DB.Q(ctx).ExecContext(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil {
				return err
			}
			var snapshot string
			if err := from.DB.Q(ctx).QueryRowContext(ctx, `SELECT pg_export_snapshot()`).Scan(&snapshot); err != nil {
				return err
			}
			// First, while this holds no table: who wants one for themselves (a migration, compacting) would wait for it, pg_dump
			// for them, and it for pg_dump.
			if err := program(ctx, "pg_dump", from.Database, "--format=custom", "--no-owner", "--snapshot", snapshot, "--file", to); err != nil {
				return err
			}
			m.Rows, files, err = state(ctx, from.DB)
			return err
		})
		return files, err
	}
	if _, err := from.DB.SQL().ExecContext(ctx, `VACUUM INTO $1`, to); err != nil { // one state, while others write
		return nil, err
	}
	err = opened(ctx, to, func(d *db.DB) error {
		found, err := Flaws(ctx, d)
		if err == nil && len(found) > 0 {
			err = found
		}
		if err == nil {
			m.Rows, files, err = state(ctx, d)
		}
		return err
	})
	return files, errors.Join(err, onDisk(to))
}

// Restore makes an installation's database and files of a backup: at a path or in a database where nothing is yet, and in a
// store. The schema is the one that was copied. It returns what the backup holds, and the ledger's head that was kept with it.
// A backup that is not whole is refused before anything is made. Files come before the database, so that what was
// broken off can be begun again.
// Errors: Damaged, where the backup is, or where the database that was made is not as it was; of the disk, of
// files, or of PostgreSQL's pg_restore.
func Restore(ctx context.Context, folder, database string, files *file.Store) (m Manifest, head string, err error) {
	if m, err = Check(ctx, folder); err != nil {
		return m, "", err
	}
	database = strings.TrimPrefix(database, "sqlite:")
	if kind := db.KindOf(database); kind != m.Database {
		return m, "", fmt.Errorf("the backup is of %s, and can be restored there only: the database named is %s", m.Database, kind)
	}
	text, err := os.ReadFile(filepath.Join(folder, headFile))
	if err != nil {
		return m, "", err
	}
	if err := empty(ctx, database); err != nil {
		return m, "", err
	}
	kept := &file.Store{Dir: filepath.Join(folder, filesFolder)}
	if _, err := kept.CopyThese(ctx, files, m.contents()); err != nil {
		return m, "", err
	}
	from := filepath.Join(folder, databaseFile(m.Database))
	if m.Database == db.Postgres {
		err = program(ctx, "pg_restore", database, "--exit-on-error", "--single-transaction", "--no-owner", from)
	} else {
		err = copyNew(from, database)
	}
	if err != nil {
		return m, "", err
	}
	return m, string(text), opened(ctx, database, func(d *db.DB) error {
		found, err := Flaws(ctx, d)
		if err != nil {
			return err
		}
		rows, _, err := state(ctx, d)
		if err != nil {
			return err
		}
		if found = append(found, m.compare(rows)...); len(found) > 0 {
			return found
		}
		return nil
	})
}

// empty refuses a database in which something is.
func empty(ctx context.Context, database string) error {
	if db.KindOf(database) == db.SQLite {
		for _, end := range []string{"", "-wal", "-shm", "-journal"} { // one that was left behind would be read into the new database
			if _, err := os.Stat(database + end); !errors.Is(err, fs.ErrNotExist) {
				return errors.Join(err, fmt.Errorf("%s%s: %w: name a path where nothing is", database, end, fs.ErrExist))
			}
		}
		return nil
	}
	return opened(ctx, database, func(d *db.DB) error {
		var n int
		err := d.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()`).Scan(&n)
		if err == nil && n > 0 {
			err = fmt.Errorf("the database has %d tables already: name an empty one", n)
		}
		return err
	})
}

// opened has use look at a database.
func opened(ctx context.Context, database string, use func(*db.DB) error) error {
	d, err := db.Open(ctx, database, db.Options{Connections: 1})
	if err != nil {
		return err
	}
	return errors.Join(use(d), d.Close())
}

// writeNew writes a file of its own: whole and on the disk, or not at all.
func writeNew(to string, text []byte) error { return place(strings.NewReader(string(text)), to) }

// copyNew copies a file to where none is, in the same way.
func copyNew(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	return errors.Join(place(in, to), in.Close())
}

func place(in io.Reader, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(to), "copy-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already when it was moved into place
	_, err = io.Copy(tmp, in)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), to); err != nil {
		return err
	}
	return onDisk(filepath.Dir(to)) // the new name must last too
}

// onDisk waits until a file or the names in a folder are on the disk.
func onDisk(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
