package dbtest

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// ReadOnly makes a SQLite database take no writes, or take them again, under those who have it open, as a full disk does.
func ReadOnly(t testing.TB, d *db.DB, on bool) {
	t.Helper()
	value := map[bool]string{true: "on", false: "off"}[on]
	if _, err := d.SQL().Exec("PRAGMA query_only = " + value); err != nil {
		t.Fatal(err)
	}
}
