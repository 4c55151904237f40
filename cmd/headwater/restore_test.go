package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/file/s3server"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
)

// TestRestoredInstallation copies the demonstration's country while people write, and once more when nobody does; what is
// restored of the first copy goes on working, and what is restored of the second is the same to the row.
func TestRestoredInstallation(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		r := restoring{t: t, from: dbtest.SQLitePath(t), files: t.TempDir(), again: t.TempDir()}
		r.run(filepath.Join(dir, "busy.db"), filepath.Join(dir, "quiet.db"))
	})
	t.Run("sqlite, files on S3", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		r := restoring{t: t, from: dbtest.SQLitePath(t), files: s3server.Start(t).At(), again: s3server.Start(t).At()}
		r.run(filepath.Join(dir, "busy.db"), filepath.Join(dir, "quiet.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		busy, quiet := dbtest.PostgresURL(t), dbtest.PostgresURL(t)
		emptied(t, busy)
		emptied(t, quiet)
		r := restoring{t: t, from: dbtest.PostgresURL(t), files: t.TempDir(), again: t.TempDir()}
		r.run(busy, quiet)
	})
}

// restoring is one installation that is copied and restored.
type restoring struct {
	t            *testing.T
	from         string // its database
	files, again string // its files, and those of what is restored

	who              access.Actor
	draft, submitted string // proposals of hers
	pdf              []byte
}

const (
	herEmail    = "tamsin@people.example"
	herPassword = "a long walk by the river"
	herText     = "What she wrote before the copy was made. What she wrote before the copy was made. What she wrote before the copy was made."
)

func (r *restoring) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *restoring) open(database, files string) *app.App {
	r.t.Helper()
	a, err := app.Open(r.t.Context(), app.Config{Database: database, Files: files, Country: demo.Names, Zone: demo.Zone, Demo: true, Relaxed: true, NoJobs: true})
	r.must(err)
	return a
}

func (r *restoring) run(busy, quiet string) {
	folder := r.t.TempDir()
	a := r.open(r.from, r.files)
	r.must(demo.Make(r.t.Context(), a))
	r.writes(a)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				person(r.t, a, fmt.Sprint("while", i))
				if _, err := a.Proposals.Save(context.WithoutCancel(r.t.Context()), r.who, r.draft, []proposal.Change{{Field: "risks", Value: worded(herText + fmt.Sprint(i)), Version: int64(i)}}); err != nil {
					r.t.Error(err)
				}
			}
		}
	}()
	told(r.t, 0, "backup", filepath.Join(folder, "busy"), "--db", r.from, "--files", r.files)
	close(stop)
	<-stopped
	r.must(a.Close())
	told(r.t, 0, "backup", filepath.Join(folder, "quiet"), "--db", r.from, "--files", r.files)
	told(r.t, 0, "restore", filepath.Join(folder, "quiet"), "--check")
	if out := told(r.t, 0, "restore", filepath.Join(folder, "busy"), "--db", busy, "--files", r.again); !strings.Contains(out, "all as they were") {
		r.t.Errorf("restore says %q", out)
	}
	told(r.t, 0, "restore", filepath.Join(folder, "quiet"), "--db", quiet, "--files", r.again)
	if diff := cmp.Diff(everything(r.t, r.from), everything(r.t, quiet)); diff != "" {
		r.t.Errorf("what was restored differs (-source +restored):\n%.3000s", diff)
	}
	r.goesOn(busy)
	told(r.t, 0, "ledger", "verify", "--db", busy, "--head", filepath.Join(folder, "busy", "head"))
	told(r.t, 0, "files", "check", "--db", busy, "--files", r.again)
}

// worded is an answer in words.
func worded(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a text always encodes
	}
	return b
}

// writes has somebody with a password write a draft, and hand in another with a file.
func (r *restoring) writes(a *app.App) {
	ctx := r.t.Context()
	b := &register.Batch{Organisations: []register.Organisation{{Name: lang.In1("en", "Tarn Institute"), Kind: "institute"}}}
	r.must(a.Register.TakeIn(ctx, access.System, b))
	b = &register.Batch{People: []register.Person{{Given: "Tamsin", Family: "Oake", Affiliations: []register.Affiliation{{OrganisationID: b.Organisations[0].ID}}}}}
	r.must(a.Register.TakeIn(ctx, access.System, b))
	id, err := a.Accounts.Create(ctx, access.System, account.New{Email: herEmail, Password: herPassword, Person: b.People[0].ID, Zone: "UTC"})
	r.must(err)
	r.who, err = a.Accounts.ActorOf(ctx, id)
	r.must(err)
	r.pdf = append([]byte("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 1 >>\nendobj\n3 0 obj\n"), bytes.Repeat([]byte("0123456789"), 30_000)...)
	r.pdf = append(r.pdf, "\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"...)
	calls, _, err := a.Calls.List(ctx, access.System, call.Filter{Text: "physical sciences, new round", Size: 1})
	r.must(err)
	r.draft, r.submitted = r.begins(a, calls[0].Call), r.begins(a, calls[0].Call)
	r.attaches(a, r.submitted)
	_, err = a.Proposals.Submit(ctx, r.who, r.submitted, time.Now())
	r.must(err)
}

// begins makes a draft that answers everything but the file.
func (r *restoring) begins(a *app.App, of call.Call) string {
	p, err := a.Proposals.Begin(r.t.Context(), r.who, of.ID)
	r.must(err)
	var list []proposal.Change
	for field, value := range map[string]any{"title": "Rivers under ice", "summary": herText, "aim": herText, "approach": herText, "months": 36, "data": herText, "ethics": "none", "works": []string{"Tamsin Oake: ice"},
		"budget": []map[string]any{{"category": "people", "year": of.ClosesAt.Year(), "minor": 60_000_000}}} {
		b, err := json.Marshal(value)
		r.must(err)
		list = append(list, proposal.Change{Field: field, Value: b})
	}
	list = append(list, proposal.Change{Field: "risks", Value: worded(herText)})
	saved, err := a.Proposals.Save(r.t.Context(), r.who, p.ID, list)
	r.must(err)
	if len(saved.Kept) > 0 {
		r.t.Fatalf("saving: %+v", saved)
	}
	return p.ID
}

// attaches adds the PDF, as a browser does.
func (r *restoring) attaches(a *app.App, id string) {
	secret, err := a.Accounts.SignInAs(r.t.Context(), r.who.Account, "test")
	r.must(err)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", "plan.pdf")
	r.must(err)
	_, err = part.Write(r.pdf)
	r.must(errors.Join(err, m.Close()))
	if rec := asked(r.t, a, secret, "POST", "/proposals/"+id+"/files/plan_file?part=plan", m.FormDataContentType(), b.String()); rec.Code != http.StatusSeeOther {
		r.t.Fatalf("attaching: %d %s", rec.Code, rec.Body)
	}
}

func asked(t *testing.T, a *app.App, secret, method, path, kind, body string) *httptest.ResponseRecorder {
	q := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if kind != "" {
		q.Header.Set("Content-Type", kind)
	}
	if secret != "" {
		q.AddCookie(&http.Cookie{Name: "hw", Value: secret})
	}
	rec := httptest.NewRecorder()
	a.Handler.ServeHTTP(rec, q)
	return rec
}

// goesOn starts what was restored: she signs in by her password, finds what she wrote and the file to the byte, and hands in her draft.
func (r *restoring) goesOn(database string) {
	t := r.t
	a := r.open(database, r.again)
	form := "application/x-www-form-urlencoded"
	in := asked(t, a, "", "POST", "/sign-in", form, url.Values{"email": {herEmail}, "password": {herPassword}}.Encode())
	secret := ""
	for _, c := range in.Result().Cookies() {
		if c.Name == "hw" {
			secret = c.Value
		}
	}
	if in.Code != http.StatusSeeOther || secret == "" {
		t.Fatalf("signing in: %d %.300s", in.Code, in.Body)
	}
	page := func(path string, words ...string) string {
		t.Helper()
		rec := asked(t, a, secret, "GET", path, "", "")
		for _, word := range append(words, "") {
			if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), word) {
				t.Errorf("GET %s: %d, must say %q", path, rec.Code, word)
			}
		}
		return rec.Body.String()
	}
	page("/home", "Rivers under ice")
	page("/proposals/"+r.draft, "Rivers under ice")
	page("/proposals/"+r.draft+"/parts/plan", herText)
	page("/proposals/" + r.submitted + "/receipt")
	v, err := a.Proposals.Get(t.Context(), r.who, r.submitted)
	r.must(err)
	if got := page("/proposals/" + r.submitted + "/files/" + v.Text("plan_file")); got != string(r.pdf) {
		t.Errorf("the file has %d bytes, %d were attached, or others", len(got), len(r.pdf))
	}
	r.attaches(a, r.draft)
	if rec := asked(t, a, secret, "POST", "/proposals/"+r.draft+"/submit", form, ""); rec.Code != http.StatusSeeOther {
		t.Errorf("handing in the draft: %d %.300s", rec.Code, rec.Body)
	}
	list, err := a.Proposals.Submissions(t.Context(), r.who, r.draft)
	if err != nil || len(list) != 1 {
		t.Errorf("the draft that was handed in: %d, %v", len(list), err)
	}
	for _, has := range []string{"review", "award", "mail_message", "file_ref", "decision"} {
		var n int
		if err := a.DB.Q(t.Context()).QueryRowContext(t.Context(), `SELECT count(*) FROM `+has).Scan(&n); err != nil || n == 0 {
			t.Errorf("%s: %d rows, %v", has, n, err)
		}
	}
	_, err = a.Ledger.Sequence(t.Context())
	r.must(errors.Join(err, a.Close()))
}

// everything is each row of each table of a database, in words.
func everything(t *testing.T, database string) map[string][]string {
	t.Helper()
	d, err := db.Open(t.Context(), database, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	tables, err := db.Strings(t.Context(), d.Q(t.Context()), d.Pick(`SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'search_words'`, // its rows are those of the tables behind it
		`SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`))
	if err != nil || len(tables) < 100 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		rows, err := d.Q(t.Context()).QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			err = errors.Join(err, rows.Scan(into...))
			all[table] = append(all[table], fmt.Sprintf("%q", values))
		}
		if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(all[table])
	}
	return all
}

// TestDamagedBackup alters each part of a backup at many places, cuts it off and takes it away: restore names the part and makes nothing.
func TestDamagedBackup(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		damaged(t, dbtest.SQLitePath(t), func() string { return filepath.Join(t.TempDir(), "restored.db") })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		to := dbtest.PostgresURL(t)
		emptied(t, to)
		damaged(t, dbtest.PostgresURL(t), func() string { return to })
	})
}

func damaged(t *testing.T, from string, to func() string) {
	files, folder := t.TempDir(), filepath.Join(t.TempDir(), "backup")
	a, err := app.Open(t.Context(), app.Config{Database: from, Files: files, NoJobs: true})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, a, "what was uploaded")
	person(t, a, "somebody")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	told(t, 0, "backup", folder, "--db", from, "--files", files)
	var parts []string
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			parts = append(parts, path)
		}
		return err
	})
	if err != nil || len(parts) != 5 { // database, head, manifest and its sum, one file
		t.Fatalf("parts: %q, %v", parts, err)
	}
	for _, path := range parts {
		name, err := filepath.Rel(folder, path)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		refused := func(how string) {
			t.Helper()
			at, again := to(), filepath.Join(t.TempDir(), "files")
			if out := told(t, 1, "restore", folder, "--db", at, "--files", again); !strings.Contains(out, strings.TrimSuffix(name, ".sha256")) {
				t.Errorf("%s, %s: %q does not name it", name, how, out)
			}
			if _, err := os.Stat(again); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s, %s: files were made", name, how)
			}
			if !strings.HasPrefix(at, "postgres") {
				if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s, %s: a database was made", name, how)
				}
			} else if n := len(tablesOf(t, at)); n > 0 {
				t.Errorf("%s, %s: %d tables were made", name, how, n)
			}
		}
		places := []int{0, len(whole) / 2, len(whole) - 1}
		for i := range 12 {
			places = append(places, (i*7919+13)%len(whole))
		}
		for i, at := range places {
			bad := bytes.Clone(whole)
			bad[at] ^= 1 << (i % 8)
			write(t, path, bad)
			refused(fmt.Sprintf("byte %d of %d", at, len(whole)))
		}
		write(t, path, whole[:len(whole)-1])
		refused("cut off")
		write(t, path, append(bytes.Clone(whole), '\n'))
		refused("with a byte more")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		refused("gone")
		write(t, path, whole)
	}
	told(t, 0, "restore", folder, "--db", to(), "--files", t.TempDir()) // and whole again it is restored
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func tablesOf(t *testing.T, url string) []string {
	t.Helper()
	d, err := db.Open(t.Context(), url, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := db.Strings(t.Context(), d.Q(t.Context()), `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`)
	if err = errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return list
}
