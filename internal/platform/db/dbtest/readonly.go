package dbtest

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// ReadOnly makes a database take no writes, or take them again, under those who have it open, as a failover or a full
// disk does. It is for one database alone.
func ReadOnly(t testing.TB, d *db.DB, on bool) {
	t.Helper()
	value := map[bool]string{true: "on", false: "off"}[on]
	if d.Dialect == db.SQLite {
		if _, err := d.SQL().Exec("PRAGMA query_only = " + value); err != nil {
			t.Fatal(err)
		}
		return
	}
	_, err := d.SQL().Exec(`BEGIN READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = ` + value + `', current_database()); END $$; COMMIT`)
	if err != nil {
		t.Fatal(err)
	}
	d.Pool.Reset() // it is read where a connection begins
}
