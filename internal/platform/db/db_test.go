package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"modernc.org/sqlite"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

func TestSameLogicalSchema(t *testing.T) {
	t.Parallel()
	lite, pg := columns(t, dbtest.SQLite(t)), columns(t, dbtest.Postgres(t))
	if diff := cmp.Diff(lite, pg); diff != "" {
		t.Errorf("the two schemas differ (-sqlite +postgres):\n%s", diff)
	}
	if len(lite) < 200 {
		t.Errorf("only %d columns found", len(lite))
	}
}

// columns lists "table.column type null" for every table of ours.
func columns(t *testing.T, d *db.DB) []string {
	t.Helper()
	query := d.Pick(`SELECT m.name || '.' || p.name, p.type, p."notnull" OR p.pk FROM sqlite_master m, pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'search%' AND m.name NOT LIKE 'river%'`,
		`SELECT table_name || '.' || column_name, data_type, CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' AND table_name NOT LIKE 'search%' AND table_name NOT LIKE 'river%'`)
	names := map[string]string{"INTEGER": "bigint", "REAL": "double precision", "BLOB": "bytea", "TEXT": "text"}
	out, err := db.Rows(t.Context(), d.Q(t.Context()), func(r *sql.Rows) (string, error) {
		var name, kind string
		var notNull bool
		err := r.Scan(&name, &kind, &notNull)
		if k, ok := names[kind]; ok {
			kind = k
		}
		return fmt.Sprintf("%s %s %t", name, kind, notNull), err
	}, query)
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(out)
	return out
}

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := db.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Pending(t.Context(), d); err != nil || n != 0 {
			t.Errorf("pending = %d, %v; want 0", n, err)
		}
	})
}

func TestUnitOfWork(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		put := func(ctx context.Context, series string) error {
			_, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO number_series (series, last) VALUES ($1, 1)`, series)
			return err
		}
		boom := errors.New("boom")
		var after []string
		err := work.Do(ctx, d, func(ctx context.Context) error {
			work.After(ctx, func(context.Context) { after = append(after, "lost") })
			return errors.Join(put(ctx, "a"), boom)
		})
		if !errors.Is(err, boom) {
			t.Fatalf("error = %v, want boom", err)
		}
		err = work.Do(ctx, d, func(ctx context.Context) error {
			return work.Do(ctx, d, func(ctx context.Context) error {
				work.After(ctx, func(context.Context) { after = append(after, "kept") })
				return put(ctx, "b")
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		var all string
		if err := d.Q(ctx).QueryRowContext(ctx, `SELECT series FROM number_series`).Scan(&all); err != nil || all != "b" {
			t.Errorf("rows = %q, %v; want b: what failed must leave nothing", all, err)
		}
		if diff := cmp.Diff([]string{"kept"}, after); diff != "" {
			t.Errorf("after commit (-want +got):\n%s", diff)
		}
		err = work.Do(ctx, d, func(ctx context.Context) error { return put(ctx, "b") })
		if !db.IsUnique(err) {
			t.Errorf("a second b: %v, want a violated key", err)
		}
	})
}

// TestConformance holds what we found out about the common subset.
func TestConformance(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		one := func(query string, args ...any) string {
			t.Helper()
			var s sql.NullString
			if err := d.Q(ctx).QueryRowContext(ctx, query, args...).Scan(&s); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			return s.String
		}
		if got := one(`SELECT $1 || $1`, "a"); got != "aa" {
			t.Errorf("a repeated parameter gave %q", got)
		}
		if got := one(`SELECT CASE WHEN CAST($1 AS TEXT) IS NULL OR $1 = 'x' THEN 'all' ELSE 'some' END`, nil); got != "all" {
			t.Errorf("an optional filter gave %q", got)
		}
		if got := one(`SELECT CAST(sum(v) AS BIGINT) FROM (SELECT CAST($1 AS BIGINT) AS v UNION ALL SELECT $1) q`, int64(1)<<60); got != fmt.Sprint(int64(1)<<61) {
			t.Errorf("a sum of large amounts gave %s", got)
		}
		if got := one(`SELECT string_agg(v, '' ORDER BY v) FROM (SELECT 'b' AS v UNION ALL SELECT 'B' UNION ALL SELECT 'a') q`); got != "Bab" {
			t.Errorf("order of text gave %q, want bytes' order Bab", got)
		}
		in, args := db.In(1, []string{"p", "q"})
		if got := one(`SELECT CASE WHEN 'q' IN `+in+` THEN 'yes' ELSE 'no' END`, args...); got != "yes" {
			t.Errorf("IN a list gave %q", got)
		}
		var at time.Time
		want := time.Date(2027, 4, 15, 17, 0, 0, 123000, time.UTC)
		if err := d.Q(ctx).QueryRowContext(ctx, `SELECT CAST($1 AS BIGINT)`, db.At(want)).Scan(db.Time(&at)); err != nil || !at.Equal(want) {
			t.Errorf("time = %v, %v; want %v", at, err, want)
		}
	})
}

// TestFlushed: who opens SQLite for the program's own use waits for the disk, and for no more of it than a commit needs.
func TestFlushed(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var level int
	err = d.SQL().QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&level)
	if err = errors.Join(err, d.Close()); err != nil || level != 2 {
		t.Errorf("synchronous = %d, %v; want 2, FULL", level, err)
	}
	if runtime.GOOS == "linux" && !sqlite.FdatasyncEnabled() {
		t.Error("commits flush the times of files too")
	}
}

// TestPathsOfAnySigns: a database lies where its path says, whatever signs of an address that has.
func TestPathsOfAnySigns(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a?b.db", "a#b.db", "a%41.db", "100%.db", "a b&c.db"} {
		folder := t.TempDir()
		d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(folder, name), db.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		there, err := os.ReadDir(folder)
		if err != nil || len(there) != 1 || there[0].Name() != name {
			t.Errorf("%s: there is %v, %v", name, there, err)
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	_, err := d.Q(t.Context()).ExecContext(t.Context(), `INSERT INTO number_series (series, last) VALUES ('a', 1)`)
	if err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("a write outside a unit of work: %v, want refused", err)
	}
}

// TestLongTextsAreCompressedQuickly: by LZ4 where this PostgreSQL was built with it.
func TestLongTextsAreCompressedQuickly(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t)
	ask := func(query string) (answer string) {
		if err := d.Q(t.Context()).QueryRowContext(t.Context(), query).Scan(&answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	can := ask(`SELECT CAST(count(*) AS TEXT) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)`)
	if got := ask(`SELECT COALESCE(current_setting('default_toast_compression', true), '')`); (got == "lz4") != (can == "1") {
		t.Errorf("compression %q, servers that can LZ4: %s", got, can)
	}
}

// TestKept: a statement that was kept sees what is committed, by many at once, and in a
// unit of work what that has done so far; it may run again within its own rows.
func TestKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const query = `SELECT last FROM number_series WHERE series = $1`
		read := func(ctx context.Context) (n int64) {
			rows, err := d.Q(ctx).QueryContext(ctx, query, "P")
			if err != nil {
				t.Error(err)
				return -1
			}
			defer rows.Close()
			for rows.Next() {
				if err := rows.Scan(&n); err != nil {
					t.Error(err)
				}
			}
			if err := rows.Err(); err != nil {
				t.Error(err)
			}
			return n
		}
		for want := int64(1); want <= 3; want++ {
			err := work.Do(t.Context(), d, func(ctx context.Context) error {
				_, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO number_series (series, last) VALUES ('P', $1) ON CONFLICT (series) DO UPDATE SET last = excluded.last`, want)
				if got := read(ctx); got != want {
					t.Errorf("in the unit of work %d, want %d", got, want)
				}
				if got := nested(ctx, t, d, query); d.Dialect == db.SQLite && got != 2*want {
					t.Errorf("within its own rows %d, want %d", got, 2*want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var group sync.WaitGroup
			for range 20 {
				group.Go(func() {
					if got := read(t.Context()); got != want {
						t.Errorf("after it %d, want %d", got, want)
					}
				})
			}
			group.Wait()
		}
	})
}

// nested runs a query within the rows of the same query and adds up both. On
// PostgreSQL one connection answers one query at a time.
func nested(ctx context.Context, t *testing.T, d *db.DB, query string) (sum int64) {
	if d.Dialect != db.SQLite {
		return 0
	}
	rows, err := d.Q(ctx).QueryContext(ctx, query, "P")
	if err != nil {
		t.Error(err)
		return 0
	}
	defer rows.Close()
	for rows.Next() {
		var outer, inner int64
		if err := rows.Scan(&outer); err != nil {
			t.Error(err)
		}
		if err := d.Q(ctx).QueryRowContext(ctx, query, "P").Scan(&inner); err != nil {
			t.Error(err)
		}
		sum += outer + inner
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	return sum
}

// TestKeptAfterTheSchemaChanged: a statement of before sees the column of after.
func TestKeptAfterTheSchemaChanged(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	ctx := t.Context()
	columns := func() int {
		rows, err := d.Q(ctx).QueryContext(ctx, `SELECT * FROM number_series`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil || rows.Err() != nil {
			t.Fatal(err, rows.Err())
		}
		return len(names)
	}
	before := columns()
	if err := work.Do(ctx, d, func(ctx context.Context) error {
		_, err := d.Q(ctx).ExecContext(ctx, `ALTER TABLE number_series ADD COLUMN note TEXT`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if after := columns(); after != before+1 {
		t.Errorf("%d columns after one was added to %d", after, before)
	}
}

// TestRowsIn: however many keys there are, each is asked for once and with the parameters before them.
func TestRowsIn(t *testing.T) {
	t.Parallel()
	const query = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		SELECT CAST($1 AS TEXT) || CAST(i AS TEXT) FROM n WHERE CAST(i AS TEXT) IN {keys} OR CAST(i + 1000 AS TEXT) IN {keys} ORDER BY i`
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		text := func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) }
		for _, n := range []int{0, 1, 500, 501, 1000} {
			var keys, want []string
			for i := range n {
				keys, want = append(keys, fmt.Sprint(1001+i)), append(want, fmt.Sprintf("a%d", 1+i), fmt.Sprintf("a%d", 1001+i))
			}
			got, err := db.RowsIn(t.Context(), d.Q(t.Context()), text, query, keys, "a")
			if err != nil {
				t.Fatal(err)
			}
			sort.Strings(got)
			sort.Strings(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d keys (-want +got):\n%s", n, diff)
			}
		}
	})
}
