package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// earlier is a database beside another of the same kind: a second file, or a second schema of one PostgreSQL database. Its
// schema is that of an earlier program, and it is filled with what the other holds, as far as it has columns for it: so
// an installation looks that was never upgraded. Migrations only add, so what it holds is what an earlier program might have written.
type earlier struct {
	whole string // address of the database that is up to date
	place string // its own
	name  string // its schema, on PostgreSQL
}

func newEarlier(whole, path, name string) (earlier, error) {
	if db.KindOf(whole) == db.SQLite {
		return earlier{whole, path, name}, nil
	}
	u, err := url.Parse(whole)
	if err != nil {
		return earlier{}, err
	}
	settings := u.Query()
	settings.Set("search_path", name)
	u.RawQuery = settings.Encode()
	return earlier{whole, u.String(), name}, nil
}

// with opens its database; on PostgreSQL its schema is made where there is none.
func (e earlier) with(ctx context.Context, use func(*db.DB) error) error {
	d, err := db.Open(ctx, e.place, db.Options{Relaxed: true, Connections: 2})
	if err != nil {
		return err
	}
	if d.Dialect == db.Postgres {
		_, err = d.SQL().ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+e.name)
	}
	if err == nil {
		err = use(d)
	}
	return errors.Join(err, d.Close())
}

// column is one of a table's.
type column struct{ table, name string }

// columns are those that both databases have. What migrations leave of themselves is not among them, nor is the table of words
// on SQLite, which stands for others.
func columns(ctx context.Context, d *db.DB) ([]column, error) {
	list, err := db.Strings(ctx, d.Q(ctx), d.Pick(
		`SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_' AND m.name NOT IN ('goose_db_version', 'search_words') ORDER BY m.name, c.cid`,
		`SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'goose_db_version' ORDER BY table_name, ordinal_position`))
	var out []column
	for _, one := range list {
		table, name, _ := strings.Cut(one, ".")
		out = append(out, column{table, name})
	}
	return out, err
}

// fill empties the tables of the earlier database, and copies into them what the other has; but for those that migrations still to come
// fill, which it leaves as they are.
func (e earlier) fill(ctx context.Context, d *db.DB, left ...string) (err error) {
	list, err := columns(ctx, d)
	if err != nil {
		return err
	}
	from := "public"
	if d.Dialect == db.SQLite {
		from = "whole"
		if _, err := d.SQL().ExecContext(ctx, `ATTACH DATABASE $1 AS whole`, e.whole); err != nil {
			return err
		}
		defer func() {
			_, e := d.SQL().ExecContext(ctx, `DETACH DATABASE whole`)
			err = errors.Join(err, e)
		}()
	}
	tx, err := d.SQL().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	statements := []string{d.Pick(`PRAGMA defer_foreign_keys = ON`, `SET LOCAL session_replication_role = replica`)}
	for table, names := range tables(list) {
		if slices.Contains(left, table) {
			continue
		}
		own := d.Pick("main", e.name) + "." + table
		statements = append(statements, `DELETE FROM `+own, fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM %s.%s`, own, names, names, from, table))
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return errors.Join(fmt.Errorf("%w\n%s", err, s), tx.Rollback())
		}
	}
	return tx.Commit()
}

// tables gives each table with its columns, as they are written in a statement.
func tables(list []column) map[string]string {
	out := map[string]string{}
	for _, part := range list {
		if out[part.table] != "" {
			out[part.table] += ", "
		}
		out[part.table] += `"` + part.name + `"`
	}
	return out
}
