package backup

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// state is what a database holds: the rows of each table, and the hashes of the files that it names.
func state(ctx context.Context, d *db.DB) (rows map[string]int64, files []string, err error) {
	tables, err := db.Strings(ctx, d.Q(ctx), d.Pick(`SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'`,
		`SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`))
	if err != nil {
		return nil, nil, err
	}
	rows = map[string]int64{}
	for _, table := range tables {
		var n int64
		if err := d.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM "`+table+`"`).Scan(&n); err != nil {
			return nil, nil, fmt.Errorf("table %s: %w", table, err)
		}
		rows[table] = n
	}
	files, err = db.Strings(ctx, d.Q(ctx), `SELECT hash FROM file_blob WHERE refs > 0 ORDER BY hash`)
	return rows, files, err
}

// Flaws are what is wrong within a database. SQLite reads all of it; PostgreSQL has checked each constraint
// and built each index by the time a restore ends, and says of each whether it holds.
func Flaws(ctx context.Context, d *db.DB) (found Damaged, err error) {
	queries := []string{`SELECT 'the constraint ' || conname || ' of ' || conrelid::regclass || ' was not checked' FROM pg_constraint WHERE NOT convalidated ORDER BY 1`,
		`SELECT 'the index ' || indexrelid::regclass || ' is not valid' FROM pg_index WHERE NOT (indisvalid AND indisready) ORDER BY 1`}
	if d.Dialect == db.SQLite {
		queries = []string{`SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
			`SELECT 'a row of ' || "table" || ' names one of ' || parent || ' that is not there' FROM pragma_foreign_key_check`}
	}
	for _, query := range queries {
		list, err := db.Rows(ctx, d.Q(ctx), func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) }, query)
		if err != nil {
			return nil, err
		}
		for _, what := range list {
			found = append(found, "database: "+what)
		}
	}
	return found, nil
}

// compare tells in which tables there are not as many rows as were copied.
func (m Manifest) compare(rows map[string]int64) (found Damaged) {
	tables := maps.Clone(rows)
	maps.Copy(tables, m.Rows)
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		if now, then := rows[table], m.Rows[table]; now != then {
			found = append(found, fmt.Sprintf("database: table %s has %d rows, %d were copied", table, now, then))
		}
	}
	return found
}
