package demo_test

import (
	"bytes"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/retention"
)

// TestWalk makes the country and walks the whole loop through the pages, on both databases.
func TestWalk(t *testing.T) {
	t.Parallel()
	walk := func(t *testing.T, url string) {
		shifted := &clock.Shifted{}
		a, err := app.Open(t.Context(), app.Config{Database: url, Files: t.TempDir(), Country: demo.Name, Zone: demo.Zone, Demo: true, Relaxed: true, Clock: shifted.Source()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := demo.Make(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		erased, err := a.Retention.Erasures(t.Context(), access.System)
		if err != nil || !slices.ContainsFunc(erased, func(e retention.Erasure) bool {
			return e.Kind == "person" && e.State == retention.Done && len(e.Result.Spared) > 0
		}) {
			t.Errorf("nobody was erased whose name stands in what a rule keeps: %+v, %v", erased, err)
		}
		server := httptest.NewServer(a.Handler)
		t.Cleanup(server.Close)
		var told bytes.Buffer
		if err := demo.Walk(t.Context(), server.URL, shifted.Advance, &told); err != nil {
			t.Fatalf("%v\n%s", err, told.String())
		}
		if r, err := a.Ledger.Verify(t.Context(), ""); err != nil || !r.OK() {
			t.Errorf("ledger: %+v, %v", r, err)
		}
	}
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); walk(t, dbtest.SQLitePath(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); walk(t, dbtest.PostgresURL(t)) })
}
