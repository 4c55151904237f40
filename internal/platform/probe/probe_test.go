package probe_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/probe"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

func get(t *testing.T, h http.Handler, path string, change func(*http.Request)) (int, string) {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.RemoteAddr = "127.0.0.1:40000"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestProbes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 1)
		ctx := clock.With(t.Context(), now.Source())
		l, err := ledger.Open(ctx, d, "ledger.example")
		if err != nil {
			t.Fatal(err)
		}
		jobs := job.New(d)
		jobs.Register("note", nil)
		mails, err := mail.New(d, jobs, mail.Settings{SMTP: "smtp://127.0.0.1:25", From: "office@science.example"})
		if err != nil {
			t.Fatal(err)
		}
		p := &probe.Probes{DB: d, Ledger: l, Jobs: jobs, Mail: mails, Clock: now.Source()}
		h := p.Handler()
		err = work.Do(ctx, d, func(ctx context.Context) error {
			if err := jobs.Enqueue(ctx, "note", 1); err != nil {
				return err
			}
			_, err := l.Append(ctx, access.System, ledger.Entry{Act: "call.publish", Kind: "call", ID: "c1"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if code, body := get(t, h, "/healthz", nil); code != 200 || body != "ok\n" {
			t.Errorf("healthz: %d %q", code, body)
		}
		if code, body := get(t, h, "/readyz", nil); code != 200 || strings.Count(body, `"ok":true`) != 4 {
			t.Errorf("readyz: %d %s", code, body)
		}
		now.Advance(2 * time.Minute)
		if code, body := get(t, h, "/readyz", nil); code != 503 || !strings.Contains(body, `"ledger":{"ok":false`) {
			t.Errorf("readyz while the ledger stands still: %d %s", code, body)
		}
		_, body := get(t, h, "/metrics", nil)
		for _, want := range []string{"headwater_ledger_waiting_entries 1", "headwater_ledger_lag_seconds 120", "headwater_jobs_waiting 1", "headwater_jobs_lag_seconds 120",
			"headwater_mails_unsent 0", `headwater_unread{part="ledger"} 0`, "go_goroutines "} {
			if !strings.Contains(body, want) {
				t.Errorf("the metrics do not hold %q", want)
			}
		}
		if _, err := l.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		if code, _ := get(t, h, "/readyz", nil); code != 200 {
			t.Errorf("readyz once the ledger goes on: %d", code)
		}
		p.Leave()
		if code, body := get(t, h, "/readyz", nil); code != 503 || !strings.Contains(body, `"staying":{"ok":false`) {
			t.Errorf("readyz of a server that was asked to stop: %d %s", code, body)
		}
		if code, _ := get(t, h, "/healthz", nil); code != 200 {
			t.Errorf("healthz of a server that was asked to stop: %d", code)
		}
		if err := work.Do(ctx, d, func(ctx context.Context) error {
			_, err := d.Q(ctx).ExecContext(ctx, `DROP TABLE ledger_head`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if code, body := get(t, h, "/readyz", nil); code != 503 || strings.Contains(body, "ledger_head") {
			t.Errorf("readyz with a broken schema: %d %s", code, body)
		}
		if _, body := get(t, h, "/metrics", nil); !strings.Contains(body, `headwater_unread{part="ledger"} 1`) || !strings.Contains(body, "headwater_jobs_waiting 1") {
			t.Error("a part that cannot be read keeps the others back")
		}
	})
}

func TestMetricsAreNotPublic(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	l, err := ledger.Open(t.Context(), d, "ledger.example")
	if err != nil {
		t.Fatal(err)
	}
	jobs := job.New(d)
	mails, err := mail.New(d, jobs, mail.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	p := &probe.Probes{DB: d, Ledger: l, Jobs: jobs, Mail: mails}
	open := p.Handler()
	closed := (&probe.Probes{DB: d, Ledger: l, Jobs: jobs, Mail: mails, Token: "k"}).Handler()
	for name, c := range map[string]struct {
		h      http.Handler
		change func(*http.Request)
		want   int
	}{
		"this machine":          {open, nil, 200},
		"another":               {open, func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1" }, 403},
		"through a proxy":       {open, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") }, 403},
		"no token, empty token": {open, func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1"; r.Header.Set("Authorization", "Bearer ") }, 403},
		"the token":             {closed, func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1"; r.Header.Set("Authorization", "Bearer k") }, 200},
		"a wrong token":         {closed, func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1"; r.Header.Set("Authorization", "Bearer x") }, 403},
	} {
		if code, _ := get(t, c.h, "/metrics", c.change); code != c.want {
			t.Errorf("%s: %d, want %d", name, code, c.want)
		}
	}
}
