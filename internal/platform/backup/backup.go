package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// The parts of a backup's folder.
const (
	sqliteFile   = "database.sqlite"
	postgresFile = "database.pgdump"
	filesFolder  = "files"
	headFile     = "head"
)

// Place is where an installation is: the address of its database and its folder of files.
type Place struct{ Database, Files string }

func (p Place) postgres() bool {
	return strings.HasPrefix(p.Database, "postgres://") || strings.HasPrefix(p.Database, "postgresql://")
}

// Make copies the installation that is open as d, which may be at work, into a
// folder without a database. Files that are in the folder already are not copied again.
// head is the ledger's newest signed head. Errors: of the disk, or of PostgreSQL's pg_dump; what was made so far stays.
func Make(ctx context.Context, d *db.DB, from Place, head, folder string) error {
	for _, name := range []string{sqliteFile, postgresFile} {
		if _, err := os.Stat(filepath.Join(folder, name)); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, fmt.Errorf("%s holds a backup already: name another folder", folder))
		}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, headFile), []byte(head), 0o600); err != nil {
		return err
	}
	if err := copyFiles(from.Files, filepath.Join(folder, filesFolder)); err != nil {
		return err
	}
	if err := dump(ctx, d, from, folder); err != nil {
		return err
	}
	return copyFiles(from.Files, filepath.Join(folder, filesFolder))
}

func dump(ctx context.Context, d *db.DB, from Place, folder string) error {
	if from.postgres() {
		return program(ctx, "pg_dump", from.Database, "--format=custom", "--no-owner", "--file", filepath.Join(folder, postgresFile))
	}
	path := filepath.Join(folder, sqliteFile)
	if _, err := d.SQL().ExecContext(ctx, `VACUUM INTO $1`, path); err != nil { // one state, while others write
		return err
	}
	return onDisk(path)
}

// Restore makes an installation of a backup's folder: at a path or in a database where nothing is yet. The
// schema is the one that was copied. It returns the head that was kept with it.
// Errors: of the disk, or of PostgreSQL's pg_restore.
func Restore(ctx context.Context, folder string, to Place) (head string, err error) {
	text, err := os.ReadFile(filepath.Join(folder, headFile))
	if err != nil {
		return "", fmt.Errorf("%s is no backup: %w", folder, err)
	}
	if to.postgres() {
		err = restorePostgres(ctx, folder, to)
	} else {
		err = copyNew(filepath.Join(folder, sqliteFile), to.Database)
	}
	if err != nil {
		return "", err
	}
	return string(text), copyFiles(filepath.Join(folder, filesFolder), to.Files)
}

func restorePostgres(ctx context.Context, folder string, to Place) error {
	d, err := db.Open(ctx, to.Database, db.Options{Connections: 1})
	if err != nil {
		return err
	}
	var n int
	err = d.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()`).Scan(&n)
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("the database has %d tables already: name an empty one", n)
	}
	return program(ctx, "pg_restore", to.Database, "--exit-on-error", "--single-transaction", "--no-owner", filepath.Join(folder, postgresFile))
}

// program runs one of PostgreSQL's. The password goes by the environment: arguments can be read by everybody on the machine.
func program(ctx context.Context, name, database string, args ...string) error {
	u, err := url.Parse(database)
	if err != nil {
		return errors.New("the address of the database cannot be read") // it may hold a password: it is not repeated
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = os.Environ()
	if password, ok := u.User.Password(); ok {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
		u.User = url.User(u.User.Username())
	}
	cmd.Args = append(cmd.Args, "--dbname", u.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// copyFiles copies what is not there yet. Files are named by their content, so that one of the same name is the same.
func copyFiles(from, to string) error {
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // no file was ever uploaded, or it was swept meanwhile
			return nil
		}
		if err != nil || e.IsDir() || len(e.Name()) != 64 { // an upload that is under way
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		err = copyNew(path, filepath.Join(to, below))
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return err
}

// copyNew copies a file to where none is: whole and on the disk, or not at all.
func copyNew(from, to string) (err error) {
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s: %w", to, fs.ErrExist))
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
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
