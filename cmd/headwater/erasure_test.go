package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/retention"
)

// TestErasedAgain restores a backup that is older than an erasure, and erases once more what the list names.
func TestErasedAgain(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		to := filepath.Join(t.TempDir(), "restored.db")
		erasedAgain(t, dbtest.SQLitePath(t), to)
		if file, err := os.ReadFile(to); err != nil || strings.Contains(string(file), "Quillfeather") {
			t.Errorf("the database's file still holds the name, %v", err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		from, to := dbtest.PostgresURL(t), dbtest.PostgresURL(t)
		emptied(t, to)
		erasedAgain(t, from, to)
	})
}

func erasedAgain(t *testing.T, from, to string) {
	t.Helper()
	dir := t.TempDir()
	files, folder, list := filepath.Join(dir, "files"), filepath.Join(dir, "backup"), filepath.Join(dir, "erased.txt")
	a, err := app.Open(t.Context(), app.Config{Database: from, Files: files, NoJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	b := register.Batch{People: []register.Person{{Given: "Zephyrine", Family: "Quillfeather", Email: "z@quillfeather.example"}}}
	if err := a.Register.TakeIn(t.Context(), access.System, &b); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ledger.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	told(t, 0, "backup", folder, "--db", from, "--files", files)
	id, err := a.Retention.Order(t.Context(), access.System, retention.Wish{Kind: "person", Ref: b.People[0].ID, Reason: "asked for"})
	if err == nil {
		err = a.Retention.Run(t.Context(), retention.Ordered{ID: id})
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := told(t, 0, "erasure", "list", "--db", from, "--files", files)
	if lines != "person "+b.People[0].ID+"\n" {
		t.Fatalf("the list is %q", lines)
	}
	if err := os.WriteFile(list, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(dir, "restored-files")
	told(t, 0, "restore", folder, "--db", to, "--files", restored)
	if left := left(t, to); len(left) == 0 {
		t.Error("the backup does not hold who was erased later")
	}
	if out := told(t, 0, "erasure", "again", list, "--db", to, "--files", restored); !strings.HasPrefix(out, "1 of 1 ") {
		t.Errorf("again: %q", out)
	}
	if out := told(t, 0, "erasure", "again", list, "--db", to, "--files", restored); !strings.HasPrefix(out, "0 of 1 ") {
		t.Errorf("twice: %q", out)
	}
	told(t, 0, "erasure", "compact", "--db", to, "--files", restored)
	if left := left(t, to); len(left) != 0 {
		t.Errorf("still there: %v", left)
	}
	told(t, 0, "ledger", "verify", "--db", to, "--head", filepath.Join(folder, "head"))
	if err := os.WriteFile(list, []byte("person\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := told(t, 1, "erasure", "again", list, "--db", to, "--files", restored); !strings.Contains(out, "line 1: expected a kind and a key") {
		t.Errorf("a broken list: %q", out)
	}
	if err := os.WriteFile(list, []byte("person "+strings.Repeat("0", 1<<17)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := told(t, 1, "erasure", "again", list, "--db", to, "--files", restored); !strings.Contains(out, "line 1 cannot be read") {
		t.Errorf("a list that cannot be read to its end: %q", out)
	}
}

// left is where the erased still stands in a database.
func left(t *testing.T, path string) []string {
	t.Helper()
	d, err := db.Open(t.Context(), path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	return dbtest.Holding(t, d, "Quillfeather")
}

// TestFilesCopy copies files to another folder while a third came since, and names one that was changed.
func TestFilesCopy(t *testing.T) {
	t.Parallel()
	path, files, other := dbtest.SQLitePath(t), t.TempDir(), t.TempDir()
	a, err := app.Open(t.Context(), app.Config{Database: path, Files: files, NoJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	keep(t, a, "one")
	if out := told(t, 0, "files", "copy", other, "--db", path, "--files", files); out != "1 copied. 1 files are there, all as they were.\n" {
		t.Errorf("%q", out)
	}
	two := keep(t, a, "two")
	if out := told(t, 0, "files", "copy", other, "--db", path, "--files", files); out != "1 copied. 2 files are there, all as they were.\n" {
		t.Errorf("%q", out)
	}
	if err := os.WriteFile(filepath.Join(other, two.Hash[:2], two.Hash), []byte("too"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := told(t, 1, "files", "check", "--db", path, "--files", other); !strings.Contains(out, two.Hash) {
		t.Errorf("a changed file is not named: %q", out)
	}
	if out := told(t, 1, "files", "copy", "s3+https://key:secret@host/b", "--db", path, "--files", files); strings.Contains(out, "secret@") || !strings.Contains(out, "AWS_ACCESS_KEY_ID") {
		t.Errorf("%q", out)
	}
}
