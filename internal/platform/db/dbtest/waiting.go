package dbtest

import (
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Meanwhile starts do beside a unit of work that is open, and returns when do waits for what that holds, or has ended: what it
// returned is in the channel then.
func Meanwhile(t testing.TB, d *db.DB, do func() error) <-chan error {
	t.Helper()
	done, before := make(chan error, 1), inLine(t, d)
	go func() { done <- do() }()
	for end := time.Now().Add(30 * time.Second); len(done) == 0 && inLine(t, d) == before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("what was begun beside a unit of work neither ends nor waits")
			break
		}
	}
	return done
}

// inLine counts who waited for the one writer of SQLite so far, or waits for a lock in PostgreSQL.
func inLine(t testing.TB, d *db.DB) (n int64) {
	t.Helper()
	if d.Dialect == db.SQLite {
		return d.SQL().Stats().WaitCount
	}
	err := d.Q(t.Context()).QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
	if err != nil {
		t.Error(err)
	}
	return n
}
