package db_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// additiveSince is the first migration that must leave everything that the binary before
// it reads and writes as it was, so that replicas can be replaced one by one.
const additiveSince = "0102"

var (
	addsColumn  = regexp.MustCompile(`(?is)^ALTER TABLE \w+ ADD COLUMN \w+ [^,]*$`)
	mustBeGiven = regexp.MustCompile(`(?is)\bNOT NULL\b`)
	hasDefault  = regexp.MustCompile(`(?is)\bDEFAULT\b`)
	makesTable  = regexp.MustCompile(`(?is)^CREATE TABLE (\w+)`)
	makesIndex  = regexp.MustCompile(`(?is)^CREATE (UNIQUE )?INDEX (\w+) ON (\w+)`)
	dropsIndex  = regexp.MustCompile(`(?is)^DROP INDEX (\w+)$`)
	fills       = regexp.MustCompile(`(?is)^(INSERT INTO|UPDATE) `)
)

// narrows says what a statement takes from the binary before it, "" if nothing. made
// are the tables that its migration makes, plain the indexes so far that make nothing unique: these
// only save time, while upserts need the others.
func narrows(statement string, made, plain map[string]bool) string {
	if m := makesTable.FindStringSubmatch(statement); m != nil {
		made[m[1]] = true
		return ""
	}
	if m := makesIndex.FindStringSubmatch(statement); m != nil {
		if plain[m[2]] = m[1] == ""; m[1] != "" && !made[m[3]] {
			return "a unique index refuses rows that the old binary writes"
		}
		return ""
	}
	if m := dropsIndex.FindStringSubmatch(statement); m != nil && plain[m[1]] {
		return ""
	}
	switch {
	case addsColumn.MatchString(statement):
		if mustBeGiven.MatchString(statement) && !hasDefault.MatchString(statement) {
			return "the old binary does not know this column: it needs a default"
		}
		return ""
	case fills.MatchString(statement):
		return ""
	}
	return "it may change what the old binary reads or writes: expand now, and contract when no old binary can run"
}

func TestMigrationsOnlyAdd(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	plain := map[string]bool{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
			made := map[string]bool{}
			for _, s := range db.Render(dialect, string(text)) {
				why := narrows(s, made, plain)
				if filepath.Base(name) < additiveSince {
					continue
				}
				checked++
				if why != "" {
					t.Errorf("%s: %s\n%s", name, why, s)
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d statements were looked at", checked)
	}
}

// TestLanded: each migration stands once in the order in which they landed. A new one is written under the others.
func TestLanded(t *testing.T) {
	t.Parallel()
	list, err := db.Landed()
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	var there []int64
	for _, name := range names {
		number, _, _ := strings.Cut(filepath.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		there = append(there, version)
	}
	if !slices.Equal(list, there) {
		t.Errorf("migrations/landed names %v, there are %v: write a new one under the others", list, there)
	}
}

func TestNarrowing(t *testing.T) {
	t.Parallel()
	for statement, ok := range map[string]bool{
		"ALTER TABLE a ADD COLUMN b TEXT":                     true,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT ''": true,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL":            false,
		"ALTER TABLE a DROP COLUMN b":                         false,
		"ALTER TABLE a RENAME COLUMN b TO c":                  false,
		"ALTER TABLE a ADD COLUMN b TEXT, DROP COLUMN c":      false,
		"DROP TABLE a":                       false,
		"DELETE FROM a":                      false,
		"CREATE INDEX i ON a (b)":            true,
		"CREATE UNIQUE INDEX i ON a (b)":     false,
		"CREATE UNIQUE INDEX i ON fresh (b)": true,
		"DROP INDEX quick":                   true,
		"DROP INDEX one_of_each":             false,
		"CREATE TRIGGER t BEFORE INSERT ON a BEGIN SELECT RAISE(ABORT, 'no'); END": false,
		"CREATE TABLE b (id TEXT PRIMARY KEY)":                                     true,
		"UPDATE a SET b = 1":                                                       true,
	} {
		if got := narrows(statement, map[string]bool{"fresh": true}, map[string]bool{"quick": true}) == ""; got != ok {
			t.Errorf("%q: allowed %v, want %v", statement, got, ok)
		}
	}
}

// TestOldBinaryOnNewSchema runs Migrate on a database that a newer binary has migrated
// further, and on one where a migration with a smaller number came later.
func TestOldBinaryOnNewSchema(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		change := func(statement string) {
			t.Helper()
			err := work.Do(t.Context(), d, func(ctx context.Context) error {
				_, err := d.Q(ctx).ExecContext(ctx, statement)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		change(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, ` + d.Pick("1", "TRUE") + `)`)
		if err := db.Migrate(t.Context(), d); err != nil {
			t.Errorf("a binary that does not know the newest migration: %v", err)
		}
		change(`DELETE FROM goose_db_version WHERE version_id = 142`)
		for _, index := range []string{"proposal_created_by", "proposal_agency", "proposal_member_organisation"} {
			change(`DROP INDEX ` + index)
		}
		if n, err := db.Pending(t.Context(), d); err != nil || n != 1 {
			t.Errorf("pending: %d, %v; want the one that came late", n, err)
		}
		if err := db.Migrate(t.Context(), d); err != nil {
			t.Errorf("a migration that came late: %v", err)
		}
	})
}

// TestMigrationLetsOthersPass: while somebody reads a table for long, as a backup does, a migration of that table waits, and
// whoever else reads it does not; it is made when the table is free.
func TestMigrationLetsOthersPass(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t)
	for _, undo := range []string{`DELETE FROM goose_db_version WHERE version_id = 315`, `ALTER TABLE call DROP COLUMN embargo_days`} {
		if _, err := d.SQL().ExecContext(t.Context(), undo); err != nil {
			t.Fatal(err)
		}
	}
	long, err := d.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer long.Rollback()
	const reading = `SELECT count(*) FROM call`
	if _, err := long.ExecContext(t.Context(), reading); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- db.Migrate(t.Context(), d) }()
	for waiting := 0; waiting == 0; time.Sleep(10 * time.Millisecond) {
		if err := d.SQL().QueryRowContext(ctx, `SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'call'::regclass`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := d.SQL().ExecContext(ctx, reading); err != nil {
			t.Fatalf("reading while a migration waits: %v", err)
		}
	}
	select {
	case err := <-done:
		t.Fatalf("the migration did not wait: %v", err)
	default:
	}
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n, err := db.Pending(t.Context(), d); err != nil || n != 0 {
		t.Errorf("pending: %d, %v", n, err)
	}
}
