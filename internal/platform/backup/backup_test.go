package backup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/file"
)

func store(t *testing.T, s *file.Store, text string) file.Ref {
	t.Helper()
	r, err := s.Receive(t.Context(), strings.NewReader(text), file.Meta{Name: "x.txt", OwnerKind: "test", OwnerID: "1", MaxBytes: 1000})
	if err == nil {
		err = s.Keep(t.Context(), r, "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFileThatCameAndWent: a file that comes after files were copied first, and whose row goes before they are copied again, is
// in the copied database, and so in the backup.
func TestFileThatCameAndWent(t *testing.T) {
	t.Parallel()
	path, dir, folder := dbtest.SQLitePath(t), t.TempDir(), t.TempDir()
	beside, err := db.Open(t.Context(), path, db.Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	others := &file.Store{DB: beside, Dir: dir}
	var came file.Ref
	copied := false
	told := func(statement string) {
		switch {
		case strings.HasPrefix(statement, "VACUUM INTO"):
			came, copied = store(t, others, "for a moment"), true
		case copied && came.ID != "":
			if err := others.Delete(context.WithoutCancel(t.Context()), came.ID); err != nil {
				t.Error(err)
			}
			came.ID = ""
		}
	}
	d, err := db.Open(t.Context(), path, db.Options{Relaxed: true, Told: told})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := Make(t.Context(), Installation{Database: path, DB: d, Files: &file.Store{DB: d, Dir: dir}, Head: "head"}, folder)
	if err != nil || !copied {
		t.Fatalf("copied %v, %v", copied, err)
	}
	if got := m.contents(); len(m.Gone) != 0 || len(got) != 1 || got[0] != came.Hash {
		t.Errorf("the backup has %q and lacks %q, want %q", got, m.Gone, came.Hash)
	}
	if _, err := os.Stat(filepath.Join(folder, filesFolder, came.Hash[:2], came.Hash)); err != nil {
		t.Error(err)
	}
}

// TestNotAsItWas: what was restored is held against what was copied, table by table, and for itself.
func TestNotAsItWas(t *testing.T) {
	t.Parallel()
	for _, kind := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			from, to := dbtest.SQLitePath(t), filepath.Join(t.TempDir(), "to.db")
			if kind == db.Postgres {
				from, to = dbtest.PostgresURL(t), dbtest.PostgresURL(t)
				change(t, to, `DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
			}
			folder := t.TempDir()
			made := func() (m Manifest, err error) {
				err = opened(t.Context(), from, func(d *db.DB) error {
					m, err = Make(t.Context(), Installation{Database: from, DB: d, Files: &file.Store{DB: d, Dir: t.TempDir()}, Head: "head"}, folder)
					return err
				})
				return m, err
			}
			m, err := made()
			if err != nil {
				t.Fatal(err)
			}
			m.Rows["account"] += 2
			delete(m.Rows, "award")
			m.Rows["award_of_old"] = 1
			if err := m.write(folder); err != nil { // a manifest whose sum is right
				t.Fatal(err)
			}
			_, _, err = Restore(t.Context(), folder, to, &file.Store{Dir: t.TempDir()})
			var found Damaged
			if !errors.As(err, &found) || len(found) != 2 || !strings.Contains(err.Error(), "table account has 0 rows, 2 were copied") || !strings.Contains(err.Error(), "table award_of_old has 0 rows, 1 were copied") {
				t.Errorf("a database with other rows: %v", err)
			}
		})
	}
}

func change(t *testing.T, database, statements string) {
	t.Helper()
	err := opened(t.Context(), database, func(d *db.DB) error {
		_, err := d.SQL().ExecContext(t.Context(), statements)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFlaws: what breaks the rules of a database is named, on SQLite before it is copied too.
func TestFlaws(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if found, err := Flaws(t.Context(), d); err != nil || len(found) > 0 {
			t.Fatalf("a sound database: %q, %v", found, err)
		}
		statement := d.Pick(`PRAGMA foreign_keys = OFF; INSERT INTO file_ref (id, hash, name, media_type, size, owner_kind, owner_id, field, created_by, created_at) VALUES ('1', 'none', 'n', 't', 1, 'k', 'o', 'f', 'b', 1)`,
			`ALTER TABLE file_ref ADD CONSTRAINT late CHECK (size > 1) NOT VALID`)
		if _, err := d.SQL().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		want := d.Pick("a row of file_ref names one of file_blob", "the constraint late of file_ref was not checked")
		if found, err := Flaws(t.Context(), d); err != nil || len(found) != 1 || !strings.Contains(found[0], want) {
			t.Errorf("found %q, %v; want %q", found, err, want)
		}
		if d.Dialect == db.SQLite {
			folder := t.TempDir()
			_, err := Make(t.Context(), Installation{DB: d, Files: &file.Store{DB: d, Dir: t.TempDir()}}, folder)
			if _, none := os.Stat(filepath.Join(folder, manifestFile)); !errors.As(err, new(Damaged)) || !errors.Is(none, fs.ErrNotExist) {
				t.Errorf("copying it: %v; its manifest: %v", err, none)
			}
		}
	})
}

// TestApart: no password stands in what PostgreSQL's programs are started with.
func TestApart(t *testing.T) {
	t.Parallel()
	for database, want := range map[string][2]string{
		"postgres://me@host/x":                                  {"postgres://me@host/x", ""},
		"postgres://me:s%40crt@host:5433/x?sslmode=require":     {"postgres://me@host:5433/x?sslmode=require", "s@crt"},
		"postgres://me@host/x?password=one&sslmode=verify-full": {"postgres://me@host/x?sslmode=verify-full", "one"},
		"postgres://me:two@host/x?password=one":                 {"postgres://me@host/x", "one"},
		"postgres:///x?host=/run/postgresql&password=a%26b":     {"postgres:///x?host=%2Frun%2Fpostgresql", "a&b"},
	} {
		address, password, err := apart(database)
		if err != nil || address != want[0] || password != want[1] {
			t.Errorf("%s: %q with %q, %v", database, address, password, err)
		}
	}
	for _, bad := range []string{"postgres://me@host/x?sslpassword=hush", "postgres://me:hush@ho st/x"} {
		if _, _, err := apart(bad); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
