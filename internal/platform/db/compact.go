package db

import (
	"context"
	"strings"
)

// Compact writes the database's files anew without what was deleted: until then its bytes stay in
// free pages. Nobody can write meanwhile, and on PostgreSQL nobody can read the table that is just
// being written. Cost: the size of the database, twice on the disk for a moment.
func (d *DB) Compact(ctx context.Context) error {
	defer d.patiently()()
	if d.Dialect == Postgres {
		return d.compactTables(ctx)
	}
	if _, err := d.write.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	_, err := d.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

// compactTables is what Compact does on PostgreSQL: our tables, and then the sample of their values that the planner keeps, which
// is taken anew. Not the catalogs that all databases of a server share: whoever connects to any of them would wait.
func (d *DB) compactTables(ctx context.Context) error {
	tables, err := Strings(ctx, d.Q(ctx), `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1`)
	if err != nil || len(tables) == 0 {
		return err
	}
	for _, statement := range []string{`VACUUM (FULL, ANALYZE) ` + strings.Join(tables, ", "), `VACUUM (FULL) pg_catalog.pg_statistic`} {
		if _, err := d.write.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
