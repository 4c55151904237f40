package app_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/retention"
)

// widen gives every table a column that this program knows nothing of, and adds a table: what a later version may do
// to the schema while replicas of this one go on (TestMigrationsOnlyAdd keeps all versions to it).
func widen(t *testing.T, database string) {
	t.Helper()
	d, err := db.Open(t.Context(), database, db.Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := db.Strings(t.Context(), d.Q(t.Context()), d.Pick(
		`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' AND name NOT LIKE 'search_words%' ORDER BY name`,
		`SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'goose_%' ORDER BY table_name`))
	if err != nil || len(tables) < 100 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	number := d.Pick("INTEGER", "BIGINT")
	later := []string{`CREATE TABLE later (id TEXT PRIMARY KEY, proposal_id TEXT REFERENCES proposal (id))`}
	for i, name := range tables {
		column := []string{`later TEXT NOT NULL DEFAULT ''`, `later ` + number, `later ` + number + ` NOT NULL DEFAULT 7`}[i%3]
		later = append(later, fmt.Sprintf(`ALTER TABLE %s ADD COLUMN %s`, name, column))
	}
	for _, statement := range later {
		if _, err := d.SQL().ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestProgramOnALaterSchema: on a schema that a later version has widened, people go the whole way from a draft to an award
// with its report, and the ledger verifies. Only what must know every column is refused: nothing is erased by a program that would leave something.
func TestProgramOnALaterSchema(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLitePath, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := at(t)
			widen(t, database)
			w := country(t, database)
			one, _ := w.marked()
			w.visitor("mira").ask("GET", "/proposals/"+one.ID, nil, 200, "Joints, by")
			w.visitor("").ask("GET", "/awards", nil, 200, "Joints, by")
			w.whole()
			id, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: "person", Ref: "mira", Reason: "asked"})
			w.must(err)
			_, err = w.Jobs.Work(w.ctx)
			w.must(err)
			if e, err := w.Retention.Erasure(w.ctx, w.actor["admin"], id); err != nil || e.State != retention.Waits {
				t.Errorf("the erasure: %+v, %v; want one that waits for a newer program", e, err)
			}
			w.whole()
		})
	}
}

// TestContentPolicy: every page says that it loads nothing from elsewhere and runs nothing that stands in it, and nothing
// does: whatever is stored, a browser takes it for text. No answer may be kept by a browser or a proxy. Routes that are added are asked too.
func TestContentPolicy(t *testing.T) {
	t.Parallel()
	w := evilWorld(t)
	s := &swapped{world: w}
	requests := append(s.requests(s.keys()), request{method: "GET", path: "/nowhere"}, request{method: "GET", path: "/static/none"})
	pages := 0
	for _, who := range []string{"", "officer", "auditor", "mira"} {
		v := w.visitor(who)
		for _, r := range requests {
			rec := v.send(r.method, r.path, nil)
			policy := rec.Header().Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || rec.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s as %q: the policy is %q", r.path, who, policy)
			}
			if kept := rec.Header().Get("Cache-Control"); kept != "no-store" {
				t.Errorf("%s as %q may be stored: %q", r.path, who, kept)
			}
			if strings.Contains(rec.Header().Get("Content-Type"), "text/html") {
				pages++
				for _, fault := range inline(w, rec.Body.String()) {
					t.Errorf("%s as %q: %s", r.path, who, fault)
				}
			}
		}
	}
	if pages < 200 {
		t.Errorf("only %d pages were looked at", pages)
	}
}

// inline lists what a page would run or load that does not come from a file of ours.
func inline(w *world, page string) (faults []string) {
	w.t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	w.must(err)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				faults = append(faults, "<"+n.Data+"> has "+a.Key)
			}
			if (a.Key == "src" || a.Key == "action" || a.Key == "data" || n.Data == "link" && a.Key == "href") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && a.Val != "" && !strings.HasPrefix(a.Val, "data:image/") && !strings.HasPrefix(a.Val, w.Config.Address) {
				faults = append(faults, "<"+n.Data+"> reaches for "+a.Val)
			}
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				faults = append(faults, "<"+n.Data+"> leads to a script")
			}
		}
		if n.Data == "script" && at["src"] == "" && at["type"] != "application/json" && at["type"] != "application/ld+json" || n.Data == "style" || n.Data == "iframe" || n.Data == "object" {
			faults = append(faults, "<"+n.Data+"> stands in the page")
		}
	}
	return faults
}
