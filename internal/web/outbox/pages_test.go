package outbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/web/outbox"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// get asks as account ("" for nobody) and returns status and body.
func get(t *testing.T, ctx context.Context, p *outbox.Pages, account, path string) (int, string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /outbox", shell.Handle(p.List))
	mux.Handle("GET /outbox/{id}", shell.Handle(p.Read))
	ctx = access.With(ctx, access.Actor{Account: account})
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil).WithContext(ctx))
	return w.Code, w.Body.String()
}

func TestWhoReadsWhat(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 1).Source())
	m, err := mail.New(d, job.New(d), mail.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []string{"mira", "ravi"} {
		if _, err := d.SQL().ExecContext(ctx, `INSERT INTO account (id, email, created_at) VALUES ($1, $2, 0)`, a, a+"@people.example"); err != nil {
			t.Fatal(err)
		}
	}
	send := func(account, kind, arg string, once bool) string {
		t.Helper()
		if err := m.Send(ctx, mail.Message{Account: account, Kind: kind, Args: []any{arg, "https://x.example/two"}, Once: once}); err != nil {
			t.Fatal(err)
		}
		list, err := m.Outbox(ctx, mail.Filter{Account: account}, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			if strings.Contains(l.Subject+l.Body, arg) {
				return l.ID
			}
		}
		t.Fatalf("no letter holds %q", arg)
		return ""
	}
	hers := send("mira", "account.mail.invited", "Ada <b>", false)
	secret := send("mira", "account.mail.password", "https://x.example/secret", true)
	his := send("ravi", "account.mail.invited", "Olena", false)
	demo, real := &outbox.Pages{Mail: m, Demo: true}, &outbox.Pages{Mail: m}
	for _, c := range []struct {
		name          string
		p             *outbox.Pages
		account, path string
		status        int
		has, not      string
	}{
		{"anybody in the demonstration", demo, "", "/outbox", 200, "Olena", ""},
		{"a link of the demonstration can be followed", demo, "", "/outbox/" + secret, 200, `<a href="https://x.example/secret">`, ""},
		{"what people wrote is text", demo, "", "/outbox/" + hers, 200, "Ada &lt;b&gt;", "Ada <b>"},
		{"nobody", real, "", "/outbox", 303, "", "Olena"},
		{"nobody, by address", real, "", "/outbox/" + his, 303, "", "Olena"},
		{"one's own", real, "mira", "/outbox", 200, "Ada", "Olena"},
		{"one's own letter", real, "mira", "/outbox/" + hers, 200, "https://x.example/two", ""},
		{"another's", real, "mira", "/outbox/" + his, 404, "", "Olena"},
		{"a secret is in the mailbox only", real, "mira", "/outbox/" + secret, 200, "works once", "x.example/secret"},
		{"none", real, "mira", "/outbox/none", 404, "", ""},
	} {
		status, body := get(t, ctx, c.p, c.account, c.path)
		if status != c.status || !strings.Contains(body, c.has) || c.not != "" && strings.Contains(body, c.not) {
			t.Errorf("%s: %d, want %d, with %q, without %q:\n%s", c.name, status, c.status, c.has, c.not, body)
		}
	}
}

func TestOlder(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	m, err := mail.New(d, job.New(d), mail.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	p := &outbox.Pages{Mail: m, Demo: true}
	if _, body := get(t, t.Context(), p, "", "/outbox"); !strings.Contains(body, "No mails yet") {
		t.Error("an empty outbox does not say so")
	}
	for range 51 {
		if err := m.Send(t.Context(), mail.Message{Email: "a@people.example", Kind: "account.mail.password", Args: []any{"x"}}); err != nil {
			t.Fatal(err)
		}
	}
	_, body := get(t, t.Context(), p, "", "/outbox")
	_, after, ok := strings.Cut(body, `href="/outbox?before=`)
	if !ok || strings.Count(body, `href="/outbox/`) != 50 {
		t.Fatalf("%d letters on the first page", strings.Count(body, `href="/outbox/`))
	}
	id, _, _ := strings.Cut(after, `"`)
	if _, body := get(t, t.Context(), p, "", "/outbox?before="+id); strings.Count(body, `href="/outbox/`) != 1 || strings.Contains(body, "?before=") {
		t.Error("the second page does not hold the rest")
	}
}
