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
	headFile     = "head"
)

// FilesFolder is the folder of a backup that holds the content of files, named by hash as a folder of files is.
func FilesFolder(folder string) string { return filepath.Join(folder, "files") }

func postgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// Make copies the installation that is open as d, which may be at work, into a
// folder without a database. head is the ledger's newest signed head; files copies what rows name into FilesFolder, but for what is
// there already: it is called before and after the database is copied. Errors: of files, of the disk, or of PostgreSQL's pg_dump; what was made so far stays.
func Make(ctx context.Context, d *db.DB, database, head, folder string, files func(context.Context) error) error {
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
	if err := files(ctx); err != nil {
		return err
	}
	if err := dump(ctx, d, database, folder); err != nil {
		return err
	}
	return files(ctx)
}

func dump(ctx context.Context, d *db.DB, database, folder string) error {
	if postgres(database) {
		return program(ctx, "pg_dump", database, "--format=custom", "--no-owner", "--file", filepath.Join(folder, postgresFile))
	}
	path := filepath.Join(folder, sqliteFile)
	if _, err := d.SQL().ExecContext(ctx, `VACUUM INTO $1`, path); err != nil { // one state, while others write
		return err
	}
	return onDisk(path)
}

// Restore makes the database of a backup's folder: at a path or in a database where nothing is yet. The
// schema is the one that was copied; files are the caller's to copy from FilesFolder. It returns the head that was kept with it.
// Errors: of the disk, or of PostgreSQL's pg_restore.
func Restore(ctx context.Context, folder, database string) (head string, err error) {
	text, err := os.ReadFile(filepath.Join(folder, headFile))
	if err != nil {
		return "", fmt.Errorf("%s is no backup: %w", folder, err)
	}
	if postgres(database) {
		err = restorePostgres(ctx, folder, database)
	} else {
		err = copyNew(filepath.Join(folder, sqliteFile), database)
	}
	return string(text), err
}

func restorePostgres(ctx context.Context, folder, database string) error {
	d, err := db.Open(ctx, database, db.Options{Connections: 1})
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
	return program(ctx, "pg_restore", database, "--exit-on-error", "--single-transaction", "--no-owner", filepath.Join(folder, postgresFile))
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
	if settings := u.Query(); settings.Has("password") {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+settings.Get("password"))
		settings.Del("password")
		u.RawQuery = settings.Encode()
	}
	cmd.Args = append(cmd.Args, "--dbname", u.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
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
