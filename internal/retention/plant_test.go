package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// What names the person who is planted everywhere. Every column of theirs gets a mark of its own besides.
const (
	plantedName    = "Zephyrine Quillfeather"
	plantedAddress = "zephyrine@quillfeather.example"
	plantedORCID   = "0000-0002-1825-0097"
	mark           = "mark~"
)

// byItself are tables that the test fills through the part of the house that keeps them, or that say nothing.
var byItself = []string{"ledger_entry", "ledger_payload", "ledger_pseudonym", "ledger_head", "ledger_batch", "ledger_key", "receipt",
	"search_doc", "search_words", "file_blob", "file_ref", "retention_rule", "erasure", "job_period"}

// shape is one column of the schema.
type shape struct {
	table, name, kind string
	required          bool
	refers            string // the table that it refers to
}

// shapes reads the schema from a SQLite database: both have the same.
func shapes(t *testing.T) map[string][]shape {
	t.Helper()
	d := dbtest.SQLite(t)
	list, err := db.Rows(t.Context(), d.Q(t.Context()), func(r *sql.Rows) (s shape, err error) {
		return s, r.Scan(&s.table, &s.name, &s.kind, &s.required, &s.refers)
	}, `SELECT m.name, c.name, c.type, c."notnull", COALESCE((SELECT f."table" FROM pragma_foreign_key_list(m.name) f WHERE f."from" = c.name), '')
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'search_words_%' ORDER BY m.name, c.cid`)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string][]shape{}
	for _, s := range list {
		by[s.table] = append(by[s.table], s)
	}
	return by
}

// planting fills every table with rows of one person, of their proposal and of its award.
type planting struct {
	t      *testing.T
	ctx    context.Context
	d      *db.DB
	schema map[string][]shape
	done   map[string]bool
	marks  int
}

// all plants tables after those that they refer to.
func (p *planting) all() {
	p.t.Helper()
	for len(p.done) < len(p.schema) {
		if !p.next(false) && !p.next(true) {
			p.t.Fatal("tables refer to each other in a ring")
		}
	}
}

// next plants the first table all of whose references, or with leave those that must be there, can be filled.
func (p *planting) next(leave bool) bool {
	p.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(p.schema)) {
		waits := slices.ContainsFunc(p.schema[name], func(c shape) bool {
			return c.refers != "" && c.refers != name && !p.done[c.refers] && (c.required || !leave)
		})
		if p.done[name] || waits {
			continue
		}
		if !slices.Contains(byItself, name) {
			p.rows(name, p.schema[name])
		}
		p.done[name] = true
		return true
	}
	return false
}

// rows plants one row, or one for each kind of record that the table can be about.
func (p *planting) rows(name string, columns []shape) {
	p.t.Helper()
	kinds := []string{"proposal"}
	if slices.ContainsFunc(columns, func(c shape) bool {
		return c.name == "subject_kind" || c.name == "about_kind" || c.name == "owner_kind"
	}) {
		kinds = []string{"proposal", "person"}
	}
	for _, kind := range kinds {
		row := map[string]any{}
		for _, c := range columns {
			if v := p.value(c, kind); v != nil {
				row[c.name] = v
			}
		}
		p.insert(name, row)
	}
}

// value is what a column gets in a row about kind; nil leaves it out.
func (p *planting) value(c shape, kind string) any {
	switch {
	case c.refers != "" && (p.done[c.refers] || c.required):
		return keyOf(c.refers)
	case c.refers != "":
		return nil
	case c.kind == "REAL":
		return 1.5
	case c.kind == "INTEGER":
		return int64(1)
	case c.name == "id":
		if kind == "person" {
			return keyOf(c.table) + " 2"
		}
		return keyOf(c.table)
	case slices.Contains([]string{"subject_kind", "about_kind", "owner_kind"}, c.name):
		return kind
	case slices.Contains([]string{"subject_id", "about_id", "owner_id"}, c.name):
		return keyOf(kind)
	case strings.HasSuffix(c.name, "person") || c.name == "person_id":
		return keyOf("person")
	case strings.HasSuffix(c.name, "account") || c.name == "account_id" || strings.HasSuffix(c.name, "_by"):
		return keyOf("account")
	case c.name == "record_id":
		return keyOf("proposal")
	case strings.HasSuffix(c.name, "_id"):
		return keyOf(strings.TrimSuffix(c.name, "_id"))
	}
	return p.text(c, kind)
}

// foreign are the records of somebody else, by table.
var foreign = map[string]map[string]any{
	"person":   {"id": "other", "given_name": "Olle", "family_name": "Other", "name": "Olle Other", "sort_name": "other", "state": "active", "created_at": 1, "changed_at": 1},
	"proposal": {"id": "proposal-other", "number": "P-other", "call_id": keyOf("call"), "agency_id": keyOf("agency"), "state": "draft", "lead_person": "other", "created_by": "o", "created_at": 1},
	"review":   {"id": "review-other", "proposal_id": "proposal-other", "call_id": keyOf("call"), "reviewer_person": "other", "state": "declined", "created_at": 1},
}

// unanswered plants rows about whom nothing is known but an address: in each table with an address whose key of a person or an
// account may be missing, a row without it, in records of somebody else.
func (p *planting) unanswered() {
	p.t.Helper()
	for _, table := range []string{"person", "proposal", "review"} {
		p.insert(table, foreign[table])
	}
	var found []string
	for _, table := range slices.Sorted(maps.Keys(p.schema)) {
		if row := p.withoutKey(p.schema[table]); row != nil {
			found = append(found, table)
			p.insert(table, row)
		}
	}
	if want := []string{"delegation", "link_token", "mail_message", "mailed_request", "proposal_member", "reviewer_suggestion"}; !slices.Equal(found, want) {
		p.t.Errorf("tables with an address and perhaps no key are %v; want %v", found, want)
	}
}

// withoutKey is a row of a table by address only; nil where each row has a key, or there is no address.
func (p *planting) withoutKey(columns []shape) map[string]any {
	row, address, key := map[string]any{}, false, false
	for _, c := range columns {
		theirs := strings.HasSuffix(c.name, "person_id") || strings.HasSuffix(c.name, "account_id") || strings.HasSuffix(c.name, "to_account")
		switch v := p.value(c, "proposal"); {
		case theirs && !c.required && c.table != "account":
			key = true
		case c.refers != "" && foreign[c.refers] != nil:
			row[c.name] = foreign[c.refers]["id"]
		case strings.HasSuffix(c.name, "email"):
			address, row[c.name] = true, plantedAddress
		case c.name == "name":
			row[c.name] = plantedName
		case c.name == "id" || c.name == "number" || c.name == "hash" || strings.HasSuffix(c.name, "_hash"):
			row[c.name] = keyOf(c.table) + " by address"
		case c.name == "about_id":
			row[c.name] = "about nothing"
		case v != nil:
			row[c.name] = v
		}
	}
	if !address || !key {
		return nil
	}
	return row
}

func (p *planting) insert(table string, row map[string]any) {
	p.t.Helper()
	var names, values []string
	var args []any
	for _, name := range slices.Sorted(maps.Keys(row)) {
		names, args = append(names, name), append(args, row[name])
		values = append(values, fmt.Sprintf("$%d", len(args)))
	}
	statement := `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) VALUES (` + strings.Join(values, ", ") + `)`
	if _, err := p.d.Q(p.ctx).ExecContext(p.ctx, statement, args...); err != nil {
		p.t.Fatalf("%s: %v", statement, err)
	}
}

func keyOf(table string) string { return table + "-planted" }

// text is what a column of text gets.
func (p *planting) text(c shape, kind string) any {
	i := slices.IndexFunc(inventory, func(t table) bool { return t.Name == c.table })
	if i < 0 {
		p.t.Errorf("no %s in the inventory", c.table)
		return "x"
	}
	t := inventory[i]
	switch {
	case strings.HasSuffix(c.name, "email"):
		return plantedAddress
	case c.name == "orcid":
		return plantedORCID
	case c.table == "person" && c.name == "name":
		return plantedName
	case c.table == "award" && c.name == "end_day":
		return "2011-01-31"
	case c.table == "job" && c.name == "args":
		return `{"email":"` + plantedAddress + `"}`
	case !t.erasesOf(c.name):
		if slices.Contains(t.Text, c.name) {
			p.marks++
			return "Ask " + plantedAddress + " (" + plantedORCID + ") about it."
		}
		return c.name + " " + kind // plain
	}
	p.marks++
	return fmt.Sprintf(`{"en":"%s%s.%s"}`, mark, c.table, c.name) // as texts of the record are kept
}

// erasesOf reports whether erasing person or proposal takes the whole text of a column with it.
func (t table) erasesOf(column string) bool {
	if t.plain(column) {
		return false
	}
	return slices.ContainsFunc(t.Rows, func(r tie) bool {
		_, set := r.Set[column]
		return set || r.Delete && r.Of != "mail"
	})
}

// filesHold reports which files below a folder hold one of the words.
func filesHold(t *testing.T, dir string, words ...string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, word := range words {
			if strings.Contains(string(b), word) {
				list = append(list, fmt.Sprintf("%s: %q", filepath.Base(path), word))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestNothingIsLeft plants marks in every column that could say something of a person or of their proposal, in a file, in
// the search index and in the ledger, erases the person, and looks for them in every column of every table, in every stored
// file and, on SQLite, in the bytes of the database's file. The ledger verifies before and after.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 3).Source())
		s := service(t, ctx, d)
		p := &planting{t: t, ctx: ctx, d: d, schema: shapes(t), done: map[string]bool{}}
		do(t, ctx, d, func(ctx context.Context) error {
			p.ctx = ctx
			p.all()
			p.unanswered()
			return s.plantRest(ctx)
		})
		p.ctx = ctx
		if p.marks < 120 {
			t.Errorf("only %d marks were planted", p.marks)
		}
		kept := intact(t, ctx, s, "")
		if list := filesHold(t, s.Files.Dir, mark); len(list) != 1 {
			t.Fatalf("files with a mark before: %v", list)
		}
		admin := access.Actor{Account: "admin", Grants: []access.Grant{{Role: access.Admin, Scope: access.Platform()}}}
		var r Record
		var foreseen Result
		var err error
		do(t, ctx, d, func(context.Context) error { // somebody saves meanwhile: neither waits for the other
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			r, foreseen, err = s.Foresee(ctx, admin, "person", keyOf("person"))
			return nil
		})
		if err != nil || r.Number != plantedName || len(foreseen.Kept) != 0 {
			t.Fatalf("%+v, %+v, %v", r, foreseen, err)
		}
		id, err := s.Order(ctx, admin, Wish{Kind: "person", Ref: keyOf("person"), Reason: "asked for"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Jobs.Work(ctx); err != nil {
			t.Fatal(err)
		}
		e, err := s.Erasure(ctx, admin, id)
		if err != nil || e.State != Done {
			t.Fatalf("%+v, %v", e, err)
		}
		for name, n := range foreseen.Rows {
			if e.Result.Rows[name] != n && name != "job" { // the job of the erasure itself is there by now
				t.Errorf("%s: foreseen were %d rows, erased %d", name, n, e.Result.Rows[name])
			}
		}
		if e.Result.Files != 1 || e.Result.Entries < 2 || e.Result.Texts < 10 {
			t.Errorf("erased: %+v", e.Result)
		}
		if foreseen.Files != e.Result.Files || foreseen.Entries != e.Result.Entries || foreseen.Texts != e.Result.Texts {
			t.Errorf("foreseen: %+v, erased: %+v", foreseen, e.Result)
		}
		words := []string{mark, plantedAddress, plantedORCID, plantedName, "quillfeather"}
		if list := dbtest.Holding(t, d, words...); len(list) != 0 {
			t.Errorf("still there: %v", list)
		}
		intact(t, ctx, s, kept)
		age(t, s.Files.Dir)
		if _, err := s.Files.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if list := filesHold(t, s.Files.Dir, words...); len(list) != 0 {
			t.Errorf("still stored: %v", list)
		}
		if err := s.Compact(ctx); err != nil {
			t.Fatal(err)
		}
		if d.Dialect == db.SQLite {
			var path string
			if err := d.Q(ctx).QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
				t.Fatal(err)
			}
			if list := filesHold(t, filepath.Dir(path), words...); len(list) != 0 {
				t.Errorf("the database's files still hold: %v", list)
			}
		}
	})
}

func service(t *testing.T, ctx context.Context, d *db.DB) *Service {
	t.Helper()
	l, err := ledger.Open(ctx, d, "ledger.example")
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{DB: d, Ledger: l, Files: &file.Store{DB: d, Dir: t.TempDir()}, Search: &search.Index{DB: d}, Jobs: job.New(d), Reindex: func(context.Context, ...string) error { return nil }}
	job.Handle(s.Jobs, Erase, s.Run)
	s.Jobs.Register(Sweep, nil)
	return s
}

func do(t *testing.T, ctx context.Context, d *db.DB, f func(context.Context) error) {
	t.Helper()
	if err := work.Do(ctx, d, f); err != nil {
		t.Fatal(err)
	}
}

// plantRest fills what other parts of the house keep: a file, the search index, the ledger.
func (s *Service) plantRest(ctx context.Context) error {
	ref, err := s.Files.Receive(ctx, strings.NewReader(mark+"in a file"), file.Meta{Name: mark + "plan.txt", OwnerKind: "proposal", OwnerID: keyOf("proposal"), Field: "plan", MaxBytes: 1000})
	if err != nil {
		return err
	}
	planted := access.Actor{Account: keyOf("account"), Person: keyOf("person")}
	officer := access.Actor{Account: "officer"}
	note := func(a access.Actor, kind, id string, what any) error {
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.edit", Kind: kind, ID: id, Why: mark + "why", Payload: what})
		return err
	}
	other := func() error {
		_, err := s.Ledger.Append(ctx, officer, ledger.Entry{Act: "call.edit", Kind: "call", ID: "another", Payload: "asked " + plantedAddress})
		return err
	}
	return errors.Join(s.Files.Keep(ctx, ref, keyOf("account")),
		s.Search.Put(ctx, search.Doc{Kind: "proposal", ID: keyOf("proposal"), Title: mark + "title", Body: mark + "body of Quillfeather", Audience: []string{"public"}}),
		note(planted, "proposal", keyOf("proposal"), mark+"payload"), note(planted, "person", keyOf("person"), plantedName), note(officer, "review", keyOf("review"), mark+"review"), other())
}

// intact expects the ledger to verify, also against the head kept before, and returns its head.
func intact(t *testing.T, ctx context.Context, s *Service, kept string) string {
	t.Helper()
	if _, err := s.Ledger.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	r, err := s.Ledger.Verify(ctx, kept)
	if err != nil || !r.OK() || r.Waiting != 0 {
		t.Errorf("the ledger: %+v, %v", r, err)
	}
	return r.Head
}

// age makes everything in a folder two hours old.
func age(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		old := time.Now().Add(-2 * time.Hour)
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		t.Fatal(err)
	}
}
