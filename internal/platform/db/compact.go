package db

import "context"

// Compact writes the database's files anew without what was deleted: until then its bytes stay in
// free pages. Nobody can write meanwhile, and on PostgreSQL nobody can read the table that is just
// being written. Cost: the size of the database, twice on the disk for a moment.
func (d *DB) Compact(ctx context.Context) error {
	defer d.patiently()()
	if d.Dialect == Postgres {
		_, err := d.write.ExecContext(ctx, `VACUUM (FULL)`)
		return err
	}
	if _, err := d.write.ExecContext(ctx, `VACUUM`); err != nil {
		return err
	}
	_, err := d.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}
