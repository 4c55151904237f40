package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"
)

const password = "tall grass and rain"

// site is a whole installation with a fixed clock whose mails are kept.
type site struct {
	*app.App
	t     *testing.T
	ctx   context.Context
	now   *clock.Fixed
	mails []account.Letter
}

func each(t *testing.T, test func(s *site)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(open(t, dbtest.SQLitePath(t), true)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(open(t, dbtest.PostgresURL(t), true)) })
}

func open(t *testing.T, url string, demo bool) *site {
	t.Helper()
	s := &site{t: t, now: clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 1)}
	s.ctx = clock.With(t.Context(), s.now.Source())
	var err error
	s.App, err = app.Open(s.ctx, app.Config{Database: url, Files: t.TempDir(), Address: "http://127.0.0.1", Zone: "Europe/Vienna", Demo: demo, Relaxed: true, Clock: s.now.Source()})
	s.must(err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Accounts.Mail = func(_ context.Context, l account.Letter) error { s.mails = append(s.mails, l); return nil }
	s.must(s.Register.TakeIn(s.ctx, access.System, &register.Batch{
		Organisations: []register.Organisation{{ID: "tarn", Name: lang.In1("en", "Tarn Institute of Technology"), Kind: "institute"}, {ID: "tarnhill", Name: lang.In1("en", "Tarnhill Works"), Kind: "company"},
			{ID: "council", Name: lang.In1("en", "Aldermere Research Council"), Kind: "funder"}},
		Agencies: []register.Agency{{ID: "arc", OrganisationID: "council", Slug: "arc", Short: "ARC", Name: lang.Both("Aldermere Research Council", "奥德米尔研究理事会"), Currency: "XCR", Zone: "Europe/Vienna"}},
		People:   []register.Person{{ID: "mira", Given: "Mira", Family: "Alder"}, {ID: "ravi", Given: "Ravi", Family: "Alder"}, {ID: "ada", Given: "Ada", Family: "Alder"}}}))
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) account(person string, grants ...access.Grant) string {
	s.t.Helper()
	id, err := s.Accounts.Create(s.ctx, access.System, account.New{Email: person + "@example.org", Password: password, Person: person})
	s.must(err)
	for _, g := range grants {
		s.must(s.Accounts.Grant(s.ctx, access.System, id, g, time.Time{}))
	}
	return id
}

func (s *site) link() string {
	s.t.Helper()
	for _, a := range s.mails[len(s.mails)-1].Args {
		if text, ok := a.(string); ok && strings.Contains(text, "/links/") {
			return text[strings.Index(text, "/links/"):]
		}
	}
	s.t.Fatalf("no link in %+v", s.mails[len(s.mails)-1])
	return ""
}

// browser keeps cookies, and follows no redirect by itself.
type browser struct {
	s       *site
	host    string
	cookies map[string]*http.Cookie
	header  http.Header
}

func (s *site) browser() *browser {
	return &browser{s: s, host: "127.0.0.1:8080", cookies: map[string]*http.Cookie{}, header: http.Header{}}
}

type answer struct {
	status int
	header http.Header
	body   string
	to     string // where it redirects
}

func (b *browser) do(method, path string, body io.Reader, kind string) answer {
	b.s.t.Helper()
	r := httptest.NewRequestWithContext(b.s.t.Context(), method, path, body)
	r.Host = b.host
	for k, v := range b.header {
		r.Header[k] = v
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	w := httptest.NewRecorder()
	b.s.Handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	if strings.HasPrefix(path, "/api/") && w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
		b.s.t.Errorf("%s %s: a refusal of type %q", method, path, w.Header().Get("Content-Type"))
	}
	return answer{w.Code, w.Result().Header, w.Body.String(), w.Header().Get("Location")}
}

func (b *browser) get(path string) answer { b.s.t.Helper(); return b.do("GET", path, nil, "") }

func (b *browser) post(path string, fields ...string) answer {
	b.s.t.Helper()
	v := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return b.do("POST", path, strings.NewReader(v.Encode()), "application/x-www-form-urlencoded")
}

func (b *browser) signIn(person string) {
	b.s.t.Helper()
	if a := b.post("/sign-in", "email", person+"@example.org", "password", password, "next", "/account"); a.status != http.StatusSeeOther || a.to != "/account" {
		b.s.t.Fatalf("signing in: %d to %q\n%s", a.status, a.to, a.body)
	}
}

func (s *site) want(what string, a answer, status int, texts ...string) {
	s.t.Helper()
	if a.status != status {
		s.t.Errorf("%s: status %d, want %d (to %q)\n%.600s", what, a.status, status, a.to, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body+a.to, text) {
			s.t.Errorf("%s: %q is missing in\n%s", what, text, a.body+a.to)
		}
	}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	each(t, func(s *site) {
		s.account("mira")
		b := s.browser()
		s.want("an account page for the public", b.get("/account?x=1&y=2"), http.StatusSeeOther, "/sign-in?next=%2Faccount%3Fx%3D1%26y%3D2")
		s.want("a wrong password", b.post("/sign-in", "email", "mira@example.org", "password", "no"), http.StatusUnprocessableEntity, `value="mira@example.org"`, `aria-invalid="true"`, "do not fit together")
		for next, to := range map[string]string{"https://elsewhere.example/": "/home", "//elsewhere.example": "/home", `/\elsewhere.example`: "/home", "/calls?phase=open": "/calls?phase=open"} {
			if a := s.browser().post("/sign-in", "email", "mira@example.org", "password", password, "next", next); a.to != to {
				s.t.Errorf("next %q leads to %q, want %q", next, a.to, to)
			}
		}
		b.signIn("mira")
		c := b.cookies["hw"]
		if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			s.t.Fatalf("cookie = %+v", c)
		}
		s.want("one's own account", b.get("/account"), http.StatusOK, "Mira Alder", "mira@example.org")
		s.want("asking before signing out", b.get("/sign-out"), http.StatusOK)
		if a := b.post("/sign-out"); a.header.Get("Clear-Site-Data") != `"storage"` || b.cookies["hw"] != nil {
			s.t.Errorf("signing out: %+v", a.header)
		}
		b.cookies["hw"] = c
		s.want("the old cookie after signing out", b.get("/account"), http.StatusSeeOther, "/sign-in")
	})
}

// TestCookieNeedsHTTPS: except on this machine and in the demonstration, the
// session is kept only from https and for this host alone.
func TestCookieNeedsHTTPS(t *testing.T) {
	t.Parallel()
	s := open(t, dbtest.SQLitePath(t), false)
	s.account("mira")
	for host, name := range map[string]string{"127.0.0.1:8080": "hw", "localhost": "hw", "[::1]:80": "hw", "science.example.org": "__Host-hw", "192.0.2.1:80": "__Host-hw"} {
		b := s.browser()
		b.host = host
		b.signIn("mira")
		c := b.cookies[name]
		if c == nil || c.Secure != strings.HasPrefix(name, "__Host-") || c.Domain != "" {
			t.Errorf("%s: cookies %+v", host, b.cookies)
		}
		s.want("signed in at "+host, b.get("/account"), http.StatusOK)
	}
	s.want("the page of one-click sign-in", s.browser().get("/demo"), http.StatusNotFound)
	s.want("one-click sign-in", s.browser().post("/demo/x"), http.StatusNotFound)
}

// TestAnswersTellNothing: with clock and chance fixed, status, headers and body
// are the same to the byte for an address with an account and one without.
func TestAnswersTellNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path   string
		fields []string
	}{
		{"/sign-in", []string{"password", "not the password"}},
		{"/recover", nil},
		{"/sign-up", []string{"given", "Ines", "family", "Alder"}},
		{"/account/acting", []string{"scope", "all", "until", "2027-05-01"}},
		{"/admin/invite", []string{"locale", "en"}},
	} {
		t.Run(strings.ReplaceAll(c.path[1:], "/", " "), func(t *testing.T) {
			t.Parallel()
			var said [2]string
			for i, email := range []string{"mira@example.org", "miro@example.org"} {
				s := open(t, dbtest.SQLitePath(t), false)
				s.account("mira")
				b := s.browser()
				if strings.HasPrefix(c.path, "/a") {
					s.account("ada", access.Grant{Role: access.Admin, Scope: access.Platform()})
					b.signIn("ada")
				}
				for range 14 { // past every limit
					a := b.post(c.path, append([]string{"email", email}, c.fields...)...)
					said[i] += fmt.Sprintln(a.status, a.header, strings.ReplaceAll(a.body, "miro", "mira"))
					if a.to != "" {
						next := b.get(a.to)
						said[i] += fmt.Sprintln(next.status, next.header, strings.ReplaceAll(next.body, "miro", "mira"))
					}
				}
			}
			if diff := cmp.Diff(delegationKeys.ReplaceAllString(said[0], "KEY"), delegationKeys.ReplaceAllString(said[1], "KEY")); diff != "" {
				t.Errorf("known (-) and unknown (+) address are told apart:\n%.3000s", diff)
			}
		})
	}
}

// delegationKeys are random; what was drawn before differs by one account's password salt.
var delegationKeys = regexp.MustCompile(`/account/acting/[0-9a-f-]{36}/`)

func TestLinksByMail(t *testing.T) {
	t.Parallel()
	each(t, func(s *site) {
		b := s.browser()
		s.want("making an account", b.post("/sign-up", "email", "ines@example.org", "given", "Ines", "family", "Alder", "next", "/calls"), http.StatusSeeOther, "/mailed")
		s.want("what to do now", b.get("/mailed"), http.StatusOK, "Look into your mailbox")
		link := s.link()
		for range 2 { // a mail program may open it first
			s.want("the link", b.get(link), http.StatusOK, "ines@example.org", `value="Ines"`)
		}
		s.want("a short password", b.post(link, "given", "Ines", "family", "Alder", "password", "short"), http.StatusUnprocessableEntity, "at least 10 characters", `href="#password"`)
		s.want("the account", b.post(link, "given", "Inês", "family", "Alder", "password", password), http.StatusSeeOther, "/calls")
		s.want("signed in", b.get("/account"), http.StatusOK, "Inês Alder", "Address confirmed")
		s.want("the link again", b.get(link), http.StatusNotFound, "This link is over")

		s.want("recovery", s.browser().post("/recover", "email", "INES@example.org"), http.StatusSeeOther, "/mailed")
		link = s.link()
		other := s.browser()
		s.want("the recovery link", other.get(link), http.StatusOK, "Set a new password")
		s.want("a new password", other.post(link, "password", "another one, longer"), http.StatusSeeOther, "/home")
		s.want("the first browser is out", b.get("/account"), http.StatusSeeOther, "/sign-in")
		s.want("a forged link", b.get("/links/forged"), http.StatusNotFound)
	})
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	each(t, func(s *site) {
		s.account("mira")
		b := s.browser()
		b.signIn("mira")
		s.want("settings", b.post("/account/settings", "locale", "zh", "zone", "Asia/Shanghai", "agency", "arc", "version", "1"), http.StatusSeeOther, "/account")
		s.want("in Chinese", b.get("/account"), http.StatusOK, `lang="zh-Hans"`, "账户与登录", "Asia/Shanghai", "奥德米尔研究理事会")
		s.want("settings of an old page", b.post("/account/settings", "locale", "en", "zone", "UTC", "version", "1"), http.StatusUnprocessableEntity, "设置已在其他窗口中更改")
		s.want("a zone that is none", b.post("/account/settings", "locale", "en", "zone", "Atlantis", "version", "2"), http.StatusUnprocessableEntity, `value="Atlantis"`)
		b.get("/account?lang=en")
		s.want("consents", b.post("/account/consents", "purpose", "study"), http.StatusSeeOther)
		s.want("consents shown", b.get("/account/consents"), http.StatusOK, `value="study" checked`)
		s.want("what ends with the password", b.get("/account"), http.StatusOK, "Your other sessions, your tokens")
		s.want("the present password is wrong", b.post("/account/password", "before", "no", "password", "another one, longer"), http.StatusUnprocessableEntity, `href="#before"`)

		b2 := s.browser()
		b2.header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
		b2.signIn("mira")
		page := b.get("/account/sessions")
		s.want("sessions", page, http.StatusOK, "Firefox on Linux", "this one")
		s.want("ending the other", b.post(regexp.MustCompile(`/account/sessions/[^/"]+/end`).FindString(page.body)), http.StatusSeeOther)
		s.want("the other is out", b2.get("/account"), http.StatusSeeOther, "/sign-in")
	})
}

func TestTokensAndAPI(t *testing.T) {
	t.Parallel()
	each(t, func(s *site) {
		s.account("mira", access.Grant{Role: access.Analyst, Scope: access.Agency("arc")})
		b := s.browser()
		b.signIn("mira")
		s.want("a token without a name", b.post("/account/tokens", "name", "", "scope", "read", "days", "30"), http.StatusUnprocessableEntity, `href="#name"`, `value="30"`)
		page := b.post("/account/tokens", "name", "figures", "scope", "read", "days", "30")
		token := regexp.MustCompile(`hw_[A-Za-z0-9_-]{43}`).FindString(page.body)
		if token == "" {
			s.t.Fatalf("no token in\n%s", page.body)
		}
		if strings.Contains(b.get("/account/tokens").body, token) {
			s.t.Error("the secret is shown twice")
		}
		api := func(method, path, token string, in any) answer {
			c := s.browser()
			if token != "" {
				c.header.Set("Authorization", "Bearer "+token)
			}
			body, err := json.Marshal(in)
			s.must(err)
			return c.do(method, "/api/v1"+path, bytes.NewReader(body), "application/json")
		}
		s.want("who I am", api("GET", "/me", token, nil), http.StatusOK, `"name":"Mira Alder"`, `"role":"analyst"`, `"email":"mira@example.org"`)
		s.want("writing with a token that reads", api("PUT", "/me/consents", token, map[string]any{"given": []string{}}), http.StatusForbidden, "This token only reads")
		s.want("without a token", api("GET", "/me", "", nil), http.StatusUnauthorized)
		s.want("a forged token", api("GET", "/me", "hw_x", nil), http.StatusUnauthorized)
		s.want("an admin's operation", api("GET", "/accounts", token, nil), http.StatusForbidden)

		// The session of a page works too, but not for another site.
		s.want("by session", b.do("GET", "/api/v1/me", nil, ""), http.StatusOK, "Mira")
		made := b.do("POST", "/api/v1/me/tokens", strings.NewReader(`{"name": "changes", "scope": "write", "days": 2}`), "application/json")
		s.want("a token by the API", made, http.StatusOK, `"token":"hw_`)
		b.header.Set("Sec-Fetch-Site", "cross-site")
		s.want("by session from another site", b.do("POST", "/api/v1/me/tokens", strings.NewReader(`{"name": "x", "scope": "write", "days": 2}`), "application/json"), http.StatusForbidden)

		write := regexp.MustCompile(`hw_[A-Za-z0-9_-]{43}`).FindString(made.body)
		s.want("consents", api("PUT", "/me/consents", write, map[string]any{"given": []string{"study"}}), http.StatusOK, `"purpose":"study","terms_version":"1","given":true`)
		s.want("settings", api("PUT", "/me/settings", write, map[string]any{"locale": "zh", "zone": "Asia/Shanghai", "version": 1}), http.StatusOK, "Asia/Shanghai")
		s.want("settings again", api("PUT", "/me/settings", write, map[string]any{"locale": "en", "zone": "UTC", "version": 1}), http.StatusConflict)
	})
}

func TestActingOnPages(t *testing.T) {
	t.Parallel()
	each(t, func(s *site) {
		s.account("mira")
		s.account("ravi")
		mira, ravi := s.browser(), s.browser()
		mira.signIn("mira")
		ravi.signIn("ravi")
		s.want("an end in the past", mira.post("/account/acting", "email", "ravi@example.org", "scope", "proposals", "until", "2027-03-15"), http.StatusUnprocessableEntity, `value="2027-03-15"`)
		s.want("asking", mira.post("/account/acting", "email", "ravi@example.org", "scope", "proposals", "from", "2027-03-16", "until", "2027-03-16"), http.StatusSeeOther)
		s.want("a first day after the last", mira.post("/account/acting", "email", "ravi@example.org", "scope", "proposals", "from", "2027-05-02", "until", "2027-05-01"), http.StatusUnprocessableEntity, `value="2027-05-02"`)
		s.want("a planned absence", mira.post("/account/acting", "email", "ines@example.org", "scope", "reviews", "from", "2027-05-01", "until", "2027-05-09"), http.StatusSeeOther)
		s.want("it is still to begin", mira.get("/account/acting"), http.StatusOK, "ines@example.org", "from 1 May 2027")
		ravi.post("/account/email", "email", "ravi@example.org")
		ravi.post(s.link())
		page := ravi.get("/account/acting")
		s.want("the offer", page, http.StatusOK, "Mira Alder")
		accept := regexp.MustCompile(`/account/acting/[^/"]+/accept`).FindString(page.body)
		s.want("accepting", ravi.post(accept), http.StatusSeeOther)
		s.want("acting", ravi.post(strings.TrimSuffix(accept, "accept")+"start"), http.StatusSeeOther, "/home")
		page = ravi.get("/account/acting")
		s.want("the head says so", page, http.StatusOK, "Mira Alder", "(you act for them)", "finish the work for Mira Alder")
		s.want("the account is not theirs", ravi.get("/account"), http.StatusSeeOther, "/account/acting")
		s.want("nor its tokens", ravi.post("/account/tokens", "name", "x", "scope", "read", "days", "3"), http.StatusForbidden)
		s.want("going back", ravi.post("/account/acting/stop"), http.StatusSeeOther)
		s.want("one's own again", ravi.get("/account"), http.StatusOK, "Ravi Alder")
		ravi.post(strings.TrimSuffix(accept, "accept") + "start")
		s.now.Set(time.Date(2027, 3, 16, 23, 0, 0, 0, time.UTC)) // midnight in Vienna: the last day is over
		s.want("after the last day", ravi.get("/account"), http.StatusOK, "Ravi Alder")
	})
}

func TestRolesPages(t *testing.T) {
	t.Parallel()
	each(t, func(s *site) {
		id := s.account("mira")
		s.account("ada", access.Grant{Role: access.Admin, Scope: access.Platform()})
		mira, ada := s.browser(), s.browser()
		mira.signIn("mira")
		ada.signIn("ada")
		s.want("roles for a member", mira.get("/admin/roles"), http.StatusForbidden)
		s.want("roles for the public", s.browser().get("/admin/roles"), http.StatusSeeOther, "/sign-in")
		s.want("finding by typing", ada.get("/admin/roles?q=mir"), http.StatusOK, "/admin/roles/"+id, "1 found", "—")
		s.want("what they are", ada.get("/admin/roles?q=ada"), http.StatusOK, "Administrator")
		s.want("nobody fits", ada.get("/admin/roles?q=zz"), http.StatusOK, "No account fits")
		at := "/admin/roles/" + id
		s.want("without a reason", ada.post(at, "role", "officer", "kind", "agency", "scope_text", "alder"), http.StatusUnprocessableEntity, `href="#why"`, `value="alder"`)
		s.want("an office for an agency", ada.post(at, "role", "research office", "kind", "agency", "scope", "arc", "why", "x"), http.StatusUnprocessableEntity, `href="#scope"`)
		s.want("several fit", ada.post(at, "role", "research office", "kind", "organisation", "scope_text", "tarn", "why", "x"), http.StatusUnprocessableEntity, "Which one do you mean?", "Tarnhill Works", `value="tarnhill"`)
		s.want("nothing fits", ada.post(at, "role", "research office", "kind", "organisation", "scope_text", "zz", "why", "x"), http.StatusUnprocessableEntity, "Nothing is called “zz”")
		s.want("by typing", ada.post(at, "role", "officer", "kind", "agency", "scope_text", "alder", "until", "2027-12-31", "why", "New programme"), http.StatusSeeOther, at)
		page := ada.get(at)
		s.want("the role", page, http.StatusOK, "Programme officer", "Aldermere Research Council", "Ada Alder")
		s.want("she is an officer now", mira.get("/account"), http.StatusOK, `href="/decisions"`)
		s.want("ending it", ada.post(regexp.MustCompile(at+`/[^/"]+/end`).FindString(page.body)), http.StatusSeeOther)
		if strings.Contains(mira.get("/account").body, `href="/decisions"`) {
			s.t.Error("an ended role holds")
		}
		s.want("keeping out", ada.post(at+"/disable"), http.StatusSeeOther)
		s.want("she is out", mira.get("/account"), http.StatusSeeOther, "/sign-in")
		s.want("inviting", ada.post("/admin/invite", "email", "ines@example.org", "locale", "zh"), http.StatusSeeOther, "/admin/roles")
		if last := s.mails[len(s.mails)-1]; last.Locale != lang.Chinese || last.Email != "ines@example.org" {
			s.t.Errorf("the invitation is %+v", last)
		}
	})
}

// TestEveryTextIsThere draws each page in both languages: no catalogue key is
// left in it, nothing is styled or scripted inline, and each has one main heading.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	s := open(t, dbtest.SQLitePath(t), true)
	id := s.account("mira")
	s.account("ada", access.Grant{Role: access.Admin, Scope: access.Platform()})
	public, ada := s.browser(), s.browser()
	ada.signIn("ada")
	public.post("/sign-up", "email", "ines@example.org", "given", "Ines", "family", "Alder")
	invite := s.link()
	public.post("/recover", "email", "mira@example.org")
	recover := s.link()
	ada.post("/account/email", "email", "ada@example.org")
	verify := s.link()
	ada.post("/account/acting", "email", "mira@example.org", "scope", "all", "until", "2027-05-01")
	ada.post("/account/tokens", "name", "x", "scope", "read", "days", "3")
	key := regexp.MustCompile(`[>" ](account|shell|fault|nav)\.[a-z]+(\.[a-z]+)*[<" ]`)
	for _, path := range []string{"/sign-in", "/sign-up", "/recover", "/mailed", "/sign-out", "/demo", invite, recover, verify, "/account", "/account/consents", "/account/sessions",
		"/account/tokens", "/account/acting", "/account/confirm", "/admin/roles", "/admin/roles?q=zz", "/admin/roles/" + id, "/admin/invite"} {
		b := ada
		if path == "/sign-in" {
			b = public
		}
		for _, l := range []string{"en", "zh"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			a := b.get(path + sep + "lang=" + l)
			s.want(path, a, http.StatusOK)
			if found := key.FindString(a.body); found != "" {
				t.Errorf("%s in %s shows the key %s", path, l, found)
			}
			if n := strings.Count(a.body, "<h1"); n != 1 {
				t.Errorf("%s has %d main headings", path, n)
			}
			if strings.Contains(a.body, " style=") || strings.Contains(a.body, "<script>") {
				t.Errorf("%s has an inline style or script", path)
			}
			if l == "zh" && regexp.MustCompile(`<h1[^>]*>[A-Za-z ]+</h1>`).MatchString(a.body) && !strings.HasPrefix(path, "/admin/roles/") {
				t.Errorf("%s has an English heading in Chinese", path)
			}
		}
	}
}
