// Package dbtest gives tests a fresh, migrated database of each kind.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Each runs test once on SQLite and once on PostgreSQL, in parallel, each on a
// database of its own. PostgreSQL is started from the installed programs, or
// taken from HEADWATER_TEST_POSTGRES; where there is neither, that half is
// skipped and says so.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, Postgres(t)) })
}

// template is the file of a migrated database, kept in memory and copied for each test.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "headwater-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	d, err := db.Open(context.Background(), path, db.Options{Relaxed: true})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(context.Background(), d); err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil { // the last connection out writes the WAL into the file
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLite returns a fresh migrated SQLite database, closed when the test ends.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, SQLitePath(t))
}

// SQLitePath returns the path of a fresh migrated SQLite database that nobody has open.
func SQLitePath(t testing.TB) string {
	t.Helper()
	file, err := template()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var count atomic.Int64

// Postgres returns a fresh migrated PostgreSQL database, dropped when the test ends.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL returns the address of a fresh migrated PostgreSQL database.
func PostgresURL(t testing.TB) string {
	t.Helper()
	c, err := server()
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no PostgreSQL programs found: CI installs them, so that nothing is skipped there")
		}
		t.Skip("no PostgreSQL programs found and HEADWATER_TEST_POSTGRES not set")
	}
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), count.Add(1))
	if err := c.create(name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.drop(name); err != nil {
			t.Error(err)
		}
	})
	return c.url(name)
}

func open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url, db.Options{Relaxed: true, Connections: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
