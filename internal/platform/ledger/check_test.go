package ledger_test

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// TestCheck: a check of the ledger is an entry of it, and says when it was.
func TestCheck(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l, err := ledger.Open(ctx, d, "test")
		if err != nil {
			t.Fatal(err)
		}
		if at, err := l.Checked(ctx); err != nil || !at.IsZero() {
			t.Errorf("before any check: %v, %v", at, err)
		}
		began := clock.Now(ctx)
		auditor := access.Actor{Account: "clara", Person: "clara"}
		for want := range int64(2) {
			if _, err := l.Sequence(ctx); err != nil {
				t.Fatal(err)
			}
			if r, err := l.Check(ctx, auditor); err != nil || !r.OK() || r.Entries != want {
				t.Errorf("check %d: %+v, %v", want, r, err)
			}
		}
		if at, err := l.Checked(ctx); err != nil || at.Before(began.Truncate(1000)) {
			t.Errorf("after the checks: %v, %v; they began at %v", at, err, began)
		}
		list, err := l.Of(ctx, "ledger", "check")
		if err != nil || len(list) != 2 || list[0].Act != "ledger.check" || list[0].Actor == "" {
			t.Errorf("entries: %+v, %v", list, err)
		}
	})
}
