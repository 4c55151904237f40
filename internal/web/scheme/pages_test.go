package scheme_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/scheme"
	pages "github.com/headwater-platform/headwater/internal/web/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
	"github.com/headwater-platform/headwater/schemes"
)

func TestPages(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	now := time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC)
	ctx := clock.With(t.Context(), clock.NewFixed(now, 1).Source())
	l, err := ledger.Open(ctx, d, "test")
	if err != nil {
		t.Fatal(err)
	}
	s := &scheme.Service{DB: d, Ledger: l}
	if err := s.Ship(ctx, schemes.Files); err != nil {
		t.Fatal(err)
	}
	p := &pages.Pages{Schemes: s}
	mux := http.NewServeMux()
	mux.Handle("GET /schemes", shell.Handle(p.List))
	mux.Handle("GET /schemes/{scheme}", shell.Handle(p.Show))
	mux.Handle("GET /schemes/{scheme}/compare", shell.Handle(p.Compare))
	mux.Handle("GET /schemes/{scheme}/edit", shell.Handle(p.Edit))
	mux.Handle("POST /schemes/{scheme}/edit", shell.Handle(p.Update))
	officer := access.Actor{Account: "o", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}
	ask := func(a access.Actor, locale lang.Locale, path string, form url.Values) (int, string) {
		t.Helper()
		r := httptest.NewRequest("GET", path, nil)
		if form != nil {
			r = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		v := &shell.View{Actor: a, Locale: locale, Zone: time.UTC, Now: now, URL: r.URL}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(shell.With(access.With(ctx, a), v)))
		return w.Code, w.Body.String()
	}
	draft, err := s.Draft(ctx, officer, "open-call")
	if err != nil {
		t.Fatal(err)
	}
	form := func(do, old, new string) url.Values {
		v := url.Values{"do": {do}, "version": {"0"}, "teams": {"40"}, "budget": {"5000000"}, "yaml": {strings.Replace(draft.YAML, old, new, 1)}}
		for name, text := range draft.Forms {
			v.Set("form:"+name, strings.ReplaceAll(text, "\n", "\r\n"))
		}
		return v
	}
	for _, c := range []struct {
		name   string
		actor  access.Actor
		locale lang.Locale
		path   string
		form   url.Values
		status int
		want   string
	}{
		{"list", access.Actor{}, lang.English, "/schemes", nil, 200, "Multi-team race"},
		{"list in Chinese", access.Actor{}, lang.Chinese, "/schemes", nil, 200, "揭榜挂帅"},
		{"race", access.Actor{}, lang.English, "/schemes/race", nil, 200, "Teams work for 9 months"},
		{"challenge in Chinese", access.Actor{}, lang.Chinese, "/schemes/challenge?version=1", nil, 200, "仅向通过测试者支付"},
		{"none", access.Actor{}, lang.English, "/schemes/lottery", nil, 404, ""},
		{"no such version", access.Actor{}, lang.English, "/schemes/race?version=9", nil, 404, ""},
		{"compare one version", access.Actor{}, lang.English, "/schemes/race/compare", nil, 200, "The two say the same."},
		{"an applicant edits", access.Actor{Account: "m"}, lang.English, "/schemes/race/edit", nil, 403, ""},
		{"edit", officer, lang.English, "/schemes/open-call/edit", nil, 200, "scheme: open-call"},
		{"check", officer, lang.English, "/schemes/open-call/edit", form("check", "hours: 16", "hours: 17"), 200, "hours was “16”, is “17”"},
		{"simulate", officer, lang.Chinese, "/schemes/open-call/edit", form("check", "", ""), 200, "模拟：40 个虚拟团队"},
		{"broken", officer, lang.English, "/schemes/open-call/edit", form("check", "hours: 16", "hours: 10"), 200, `href="#line-6">Line 6, column 8: hours`},
		{"broken is not published", officer, lang.English, "/schemes/open-call/edit", form("publish", "hours: 16", "hours: 10"), 422, "The scheme has 1 problem"},
		{"publish", officer, lang.English, "/schemes/open-call/edit", form("publish", "hours: 16", "hours: 18"), 303, ""},
		{"compare", access.Actor{}, lang.English, "/schemes/open-call/compare", nil, 200, "hours was “16”, is “18”"},
		{"save", officer, lang.English, "/schemes/open-call/edit", form("save", "hours: 16", "hours: 19"), 303, ""},
		{"edit again", officer, lang.English, "/schemes/open-call/edit", nil, 200, "hours: 19"},
	} {
		status, body := ask(c.actor, c.locale, c.path, c.form)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: status %d, want %d with %q", c.name, status, c.status, c.want)
		}
		if strings.Contains(body, ">scheme.") || strings.Contains(body, "{0}") {
			t.Errorf("%s: a text is missing", c.name)
		}
	}
}
