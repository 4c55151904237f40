package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/backup"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// firstSchema is how many migrations, in the order in which they landed, the first program had that served.
const firstSchema = 10

// TestEveryUpgrade has the demonstration's country on the schema of each earlier program, from the first that served, and brings it
// up to date: nothing that was there is altered, the database is sound, the ledger verifies, the people find their pages and hand in.
// It needs no history. HEADWATER_UPGRADE=all does every schema; else every fifteenth, and the last before this one's.
func TestEveryUpgrade(t *testing.T) {
	t.Parallel()
	landed, err := db.Landed()
	if err != nil {
		t.Fatal(err)
	}
	var steps []int
	for n := firstSchema; n < len(landed); n++ {
		if os.Getenv("HEADWATER_UPGRADE") == "all" || (n-firstSchema)%15 == 0 || n == len(landed)-1 {
			steps = append(steps, n)
		}
	}
	for kind, whole := range map[string]func() string{"sqlite": func() string { return dbtest.SQLitePath(t) }, "postgres": func() string { return dbtest.PostgresURL(t) }} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			from, files := whole(), t.TempDir()
			a := opened(t, from, files)
			if err := errors.Join(demo.Make(t.Context(), a), a.Close()); err != nil {
				t.Fatal(err)
			}
			for _, n := range steps {
				t.Run(fmt.Sprintf("%04d", landed[n-1]), func(t *testing.T) {
					e, err := newEarlier(from, filepath.Join(t.TempDir(), "earlier.db"), fmt.Sprintf("at_%d", n))
					if err != nil {
						t.Fatal(err)
					}
					upgraded(t, e, landed[:n], files)
				})
			}
		})
	}
}

func opened(t *testing.T, database, files string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Database: database, Files: files, Country: demo.Names, Zone: demo.Zone, Demo: true, Relaxed: true, NoJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func upgraded(t *testing.T, e earlier, versions []int64, files string) {
	err := e.with(t.Context(), func(d *db.DB) error {
		if err := db.MigrateOnly(t.Context(), d, versions); err != nil {
			return err
		}
		left, err := db.FilledLater(t.Context(), d)
		if err != nil {
			return err
		}
		if err := e.fill(t.Context(), d, left...); err != nil {
			return err
		}
		list, err := columns(t.Context(), d)
		if err != nil {
			return err
		}
		before := content(t, d, list)
		all, err := db.Landed()
		if err != nil {
			return err
		}
		if n, err := db.Pending(t.Context(), d); err != nil || n != len(all)-len(versions) {
			t.Errorf("%d migrations are pending, %v", n, err)
		}
		if err := db.Migrate(t.Context(), d); err != nil {
			return err
		}
		after := content(t, d, list)
		for _, table := range left { // where rows may come
			after[table] = slices.DeleteFunc(after[table], func(row string) bool { return !slices.Contains(before[table], row) })
		}
		if diff := cmp.Diff(before, after, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("migrating altered what was there (-before +after):\n%.2000s", diff)
		}
		if err := e.salted(t.Context(), d); err != nil {
			return err
		}
		flaws, err := backup.Flaws(t.Context(), d)
		if err != nil || len(flaws) > 0 {
			t.Errorf("the database: %q, %v", flaws, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a := opened(t, e.place, files)
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	visited(t, a)
	finished(t, a)
	if _, err := a.Ledger.Sequence(t.Context()); err != nil {
		t.Error(err)
	}
	if report, err := a.Ledger.Verify(t.Context(), ""); err != nil || !report.OK() || report.Entries < 100 {
		t.Errorf("the ledger: %d entries, %v, %v", report.Entries, report.Problems, err)
	}
}

// salted gives the pseudonyms the salts for which an earlier schema had no room: they are this program's, and an earlier one's were of
// another kind that has none.
func (e earlier) salted(ctx context.Context, d *db.DB) error {
	from := "public"
	if d.Dialect == db.SQLite {
		from = "whole"
		if _, err := d.SQL().ExecContext(ctx, `ATTACH DATABASE $1 AS whole`, e.whole); err != nil {
			return err
		}
	}
	_, err := d.SQL().ExecContext(ctx, `UPDATE ledger_pseudonym SET salt = (SELECT w.salt FROM `+from+`.ledger_pseudonym w WHERE w.pseudonym = ledger_pseudonym.pseudonym)`)
	if d.Dialect == db.SQLite {
		_, e := d.SQL().ExecContext(ctx, `DETACH DATABASE whole`)
		err = errors.Join(err, e)
	}
	return err
}

// content is every row of the columns, in words.
func content(t *testing.T, d *db.DB, list []column) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for table, names := range tables(list) {
		rows, err := db.Rows(t.Context(), d.Q(t.Context()), func(r *sql.Rows) (string, error) {
			values := make([]any, strings.Count(names, ",")+1)
			into := make([]any, len(values))
			for i := range values {
				into[i] = &values[i]
			}
			err := r.Scan(into...)
			return fmt.Sprintf("%q", values), err
		}, `SELECT `+names+` FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(rows)
		all[table] = rows
	}
	return all
}

// visited has everybody of the country open the pages of their work.
func visited(t *testing.T, a *app.App) {
	people, err := a.Accounts.Invented(t.Context())
	if err != nil || len(people) < 10 {
		t.Fatalf("%d people, %v", len(people), err)
	}
	for _, p := range people {
		secret, err := a.Accounts.SignInAs(t.Context(), p.ID, "test")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/home", "/calls", "/awards", "/organisations", "/account"} {
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			r.AddCookie(&http.Cookie{Name: "hw", Value: secret})
			rec := httptest.NewRecorder()
			if a.Handler.ServeHTTP(rec, r); rec.Code != http.StatusOK {
				t.Errorf("%s: GET %s: %d", p.Name, path, rec.Code)
			}
		}
	}
}

// finished has the applicant finish the draft that was there, and hand it in.
func finished(t *testing.T, a *app.App) {
	ctx := context.WithoutCancel(t.Context())
	people, err := a.Accounts.Invented(ctx)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(people, func(p account.Profile) bool { return strings.HasPrefix(p.Email, "applicant@") })
	who, err := a.Accounts.ActorOf(ctx, people[i].ID)
	if err != nil {
		t.Fatal(err)
	}
	calls, _, err := a.Calls.List(ctx, access.System, call.Filter{Text: "physical sciences, new round", Size: 1})
	if err != nil || len(calls) != 1 {
		t.Fatalf("%d calls, %v", len(calls), err)
	}
	p, err := a.Proposals.Begin(ctx, who, calls[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	var list []proposal.Change
	long := strings.Repeat("A sentence that says what is done and why. ", 4)
	for field, value := range map[string]any{"title": "After the upgrade", "summary": long, "aim": long, "approach": long, "risks": long, "months": 36, "data": long, "ethics": "none", "works": []string{"Mira Castellan: on joints"},
		"budget": []map[string]any{{"category": "people", "year": calls[0].ClosesAt.Year(), "minor": 60_000_000}}} {
		b, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, proposal.Change{Field: field, Value: b})
	}
	if _, err := a.Proposals.Save(ctx, who, p.ID, list); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Proposals.Submit(ctx, who, p.ID, time.Now()); err != nil {
		t.Errorf("handing in: %v", err)
	}
}
