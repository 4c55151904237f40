package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/file"
)

// told runs the program and expects it to end with code; what it printed.
func told(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if got := run(t.Context(), args, streams{nil, &out, &out}); got != code {
		t.Fatalf("headwater %s: exit %d, want %d\n%s", strings.Join(args, " "), got, code, out.String())
	}
	return out.String()
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		to := filepath.Join(t.TempDir(), "restored.db")
		backedUp(t, dbtest.SQLitePath(t), to)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		to := dbtest.PostgresURL(t)
		told(t, 1, "restore", t.TempDir(), "--db", to) // not a backup
		from := dbtest.PostgresURL(t)
		emptied(t, to)
		backedUp(t, from, to)
	})
}

// TestBackupBesideCompacting: a backup of PostgreSQL is made while its tables are compacted without end; neither waits for the other for ever.
func TestBackupBesideCompacting(t *testing.T) {
	t.Parallel()
	from := dbtest.PostgresURL(t)
	d, err := db.Open(t.Context(), from, db.Options{Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	begun, ended := make(chan struct{}), make(chan error)
	go func() {
		var err error
		for n := 0; err == nil && ctx.Err() == nil; n++ {
			if err = d.Compact(ctx); n == 0 {
				close(begun)
			}
		}
		ended <- err
	}()
	<-begun
	var out bytes.Buffer
	if code := run(ctx, []string{"backup", filepath.Join(t.TempDir(), "backup"), "--db", from, "--files", t.TempDir()}, streams{nil, &out, &out}); code != 0 {
		t.Errorf("exit %d: %s", code, &out)
	}
	if ctx.Err() != nil {
		t.Error("a minute was not enough")
	}
	stop()
	if err := <-ended; err != nil && ctx.Err() == nil {
		t.Error(err)
	}
}

func emptied(t *testing.T, url string) {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.SQL().ExecContext(t.Context(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
	if err = errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
}

// backedUp makes an installation at from, copies it while it is written to, restores it to
// another place, and alters what was restored.
func backedUp(t *testing.T, from, to string) {
	t.Helper()
	files, restored, folder := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	a, err := app.Open(t.Context(), app.Config{Database: from, Files: files, NoJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	ref := keep(t, a, "what was uploaded")
	person(t, a, "before")
	if _, err := a.Ledger.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				person(t, a, fmt.Sprint("while", i))
			}
		}
	}()
	told(t, 0, "backup", folder, "--db", from, "--files", files)
	close(stop)
	<-stopped
	told(t, 1, "backup", folder, "--db", from, "--files", files) // a backup is not written over
	if out := told(t, 0, "restore", folder, "--db", to, "--files", restored); !strings.Contains(out, "and 1 files, all as they were") {
		t.Errorf("restore says %q", out)
	}
	told(t, 0, "ledger", "verify", "--db", to, "--head", filepath.Join(folder, "head"))
	if out := told(t, 1, "restore", folder, "--db", to, "--files", restored); !strings.Contains(out, "already") && !strings.Contains(out, "exist") {
		t.Errorf("over an installation: %q", out)
	}
	if err := os.WriteFile(filepath.Join(files, ref.Hash[:2], ref.Hash), []byte("another text"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder = filepath.Join(t.TempDir(), "without")
	if out := told(t, 1, "backup", folder, "--db", from, "--files", files); !strings.Contains(out, ref.Hash) {
		t.Errorf("a file that was changed in the installation is not named: %q", out)
	}
	if strings.HasPrefix(to, "postgres") {
		emptied(t, to)
	} else {
		to = filepath.Join(t.TempDir(), "again.db")
		write(t, to+"-wal", []byte("of another database"))
		if out := told(t, 1, "restore", folder, "--db", to, "--files", t.TempDir()); !strings.Contains(out, "again.db-wal") {
			t.Errorf("beside what another database left: %q", out)
		}
		if err := os.Remove(to + "-wal"); err != nil {
			t.Fatal(err)
		}
		to = "sqlite:" + to
	}
	if out := told(t, 1, "restore", folder, "--db", to, "--files", t.TempDir()); !strings.Contains(out, ref.Hash) {
		t.Errorf("a file that is not in the backup is not named: %q", out)
	}
}

func keep(t *testing.T, a *app.App, text string) file.Ref {
	t.Helper()
	ref, err := a.Files.Receive(t.Context(), strings.NewReader(text), file.Meta{Name: "x.txt", OwnerKind: "test", OwnerID: "1", MaxBytes: 1000})
	if err == nil {
		err = a.Files.Keep(t.Context(), ref, "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// person makes an account, which is an act on the record.
func person(t *testing.T, a *app.App, name string) {
	_, err := a.Accounts.Create(context.WithoutCancel(t.Context()), access.System, account.New{Email: name + "@people.example", Zone: "UTC"})
	if err != nil {
		t.Error(err)
	}
}
