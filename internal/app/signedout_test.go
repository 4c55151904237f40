package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// tab is a browser without script: it keeps cookies and sends forms by their buttons.
type tab struct {
	w      *world
	url    string
	client *http.Client
}

func (w *world) tab() tab {
	w.t.Helper()
	server := httptest.NewServer(w.Handler)
	afterwards(w.t, server.Close)
	return tab{w, server.URL, client(w.t)}
}

// send asks for a page and returns its status, where it leads, and its text; head are pairs of further header lines.
func (b tab) send(method, path string, form url.Values, head ...string) (status int, to, page string) {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	b.w.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	res, err := b.client.Do(r)
	b.w.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	b.w.must(err)
	return res.StatusCode, res.Header.Get("Location"), string(body)
}

// sends expects a status and words in the answer, and returns where it leads and its text.
func (b tab) sends(path string, form url.Values, status int, words ...string) (to, page string) {
	b.w.t.Helper()
	got, to, page := b.send("POST", path, form)
	if got != status {
		b.w.t.Fatalf("POST %s: %d, want %d: %s", path, got, status, page)
	}
	for _, word := range words {
		if !strings.Contains(page, html.EscapeString(word)) {
			b.w.t.Errorf("POST %s does not say %q", path, word)
		}
	}
	return to, page
}

// signIn signs in by password on the page to which the link leads.
func (b tab) signIn(link, who string) (to string) {
	b.w.t.Helper()
	status, _, page := b.send("GET", link, nil)
	if status != http.StatusOK {
		b.w.t.Fatalf("GET %s: %d", link, status)
	}
	to, _ = b.sends("/sign-in", values("email", who+"@example.org", "password", password, "next", hidden(b.w, page).Get("next")), http.StatusSeeOther)
	return to
}

// passwords sets the password of people by the link that they are mailed.
func (w *world) passwords(people ...string) {
	w.t.Helper()
	for _, who := range people {
		w.must(w.Accounts.Recover(w.ctx, who+"@example.org", "192.0.2.1"))
		var body string
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT body FROM mail_message WHERE to_email = $1 AND body LIKE '%/links/%'`, who+"@example.org").Scan(&body))
		w.tab().sends(regexp.MustCompile(`/links/\S+`).FindString(body), values("password", password), http.StatusSeeOther)
	}
}

const password = "a secret that is long"

// form is the form of a page in which what was typed is kept: where it goes, its fields, and the value of each button.
type form struct {
	action, enctype string
	fields          url.Values
	buttons         []string
	beside          []string // links that open a tab of their own
	files           []string // names of the fields that ask for a file
}

// keptForm is the form in a page's main part.
func keptForm(w *world, page string) (f form) {
	w.t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	w.must(err)
	f.fields = url.Values{}
	for n := range root.Descendants() {
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		switch {
		case n.Data == "form" && at["method"] == "post":
			f.action, f.enctype = at["action"], at["enctype"]
		case n.Data == "input" && at["type"] == "hidden":
			f.fields.Add(at["name"], at["value"])
		case n.Data == "input" && at["type"] == "file":
			f.files = append(f.files, at["name"])
		case n.Data == "button" && at["name"] == "written_as":
			f.buttons = append(f.buttons, at["value"])
		case n.Data == "a" && at["target"] == "_blank":
			f.beside = append(f.beside, at["href"])
		}
	}
	return f
}

// by is the form as one of its buttons sends it.
func (f form) by(button int) url.Values {
	out := url.Values{"written_as": {f.buttons[button]}}
	for name, list := range f.fields {
		out[name] = list
	}
	return out
}

// keeps expects what was typed at path in a page, with that many buttons.
func (w *world) keeps(page, path string, typed url.Values, buttons int) form {
	w.t.Helper()
	f := keptForm(w, page)
	if f.action != path || len(f.buttons) != buttons {
		w.t.Fatalf("the page sends to %q with %d buttons, want %q with %d", f.action, len(f.buttons), path, buttons)
	}
	if got, want := f.fields.Encode(), typed.Encode(); got != want {
		w.t.Errorf("the page keeps %s, typed was %s", got, want)
	}
	return f
}

// TestSignedOutWhileTyping: a session ends while somebody types. The page that says so keeps what they typed; they sign in
// beside it and send it again, in no other name than that in which they wrote it, unless they say so.
func TestSignedOutWhileTyping(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.passwords("mira", "ines")
		_, p := w.draft()
		page, typed := w.approach(p)
		b := w.tab()
		b.signIn("/sign-in", "mira")
		if status, _, _ := b.send("GET", page, nil); status != http.StatusOK {
			t.Fatalf("Mira's part: %d", status)
		}
		w.must(w.Accounts.EndOtherSessions(w.ctx, w.actor["mira"], ""))

		_, out := b.sends(page, typed, http.StatusUnauthorized, "You are signed out", "What you typed is kept in this page")
		f := w.keeps(out, page, typed, 1)
		if _, _, page := b.send("POST", page, typed, "Accept-Language", "zh"); !strings.Contains(page, "您已退出登录") {
			t.Errorf("in Chinese: %s", page)
		}
		if status, _, page := b.send("POST", page, typed, "Accept", "application/json"); status != http.StatusUnauthorized || !strings.Contains(page, `"error":"Not saved: you are signed out`) || !strings.Contains(page, `"later":true`) {
			t.Errorf("while typing: %d %s", status, page)
		}
		if status, _, page := b.send("POST", page, f.by(0), "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden || strings.Contains(page, "sintered") {
			t.Errorf("from another site: %d %s", status, page)
		}
		_, out = b.sends(page, f.by(0), http.StatusUnauthorized) // too early: it is kept on
		f = w.keeps(out, page, typed, 1)

		if to := b.signIn(f.beside[0], "ines"); !strings.HasPrefix(to, "/home?done=") {
			t.Errorf("signing in beside the page leads to %s", to)
		} else if _, _, home := b.send("GET", to, nil); !strings.Contains(home, "go back to the page that keeps what you typed") {
			t.Error("who signed in beside the page is not sent back to it")
		}
		_, out = b.sends(page, f.by(0), http.StatusConflict, "Mira Alder wrote this; you are signed in as Ines Alder", "Send it as Ines Alder")
		f = w.keeps(out, page, typed, 2)
		if status, _, page := b.send("POST", page, typed, "Accept", "application/json", "Written-As", f.buttons[1]); status != http.StatusConflict || !strings.Contains(page, "Mira Alder wrote this") {
			t.Errorf("while typing, as another: %d %s", status, page)
		}
		b.sends(page, f.by(0), http.StatusNotFound) // Ines said that it is hers: it is judged as hers
		b.sends("/sign-out", nil, http.StatusSeeOther)
		b.signIn("/sign-in", "mira")
		b.sends(page, f.by(1), http.StatusSeeOther)
		w.survives(p, typedText)
	})
}

// TestNobodyKnowsWhoWrote: where a browser holds nothing of who was signed in, whoever sends the text on says that it is theirs.
func TestNobodyKnowsWhoWrote(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.passwords("mira")
		_, p := w.draft()
		page, typed := w.approach(p)
		b := w.tab()
		_, out := b.sends(page, typed, http.StatusUnauthorized)
		f := w.keeps(out, page, typed, 1)
		b.signIn(f.beside[0], "mira")
		_, out = b.sends(page, f.by(0), http.StatusConflict, "It is not known who wrote this", "Send it as Mira Alder")
		b.sends(page, w.keeps(out, page, typed, 1).by(0), http.StatusSeeOther)
		w.survives(p, typedText)
	})
}

// TestSignedOutSecretsAreNotKept: no page repeats a password; what was typed beside a proof of who one is stays, without it.
func TestSignedOutSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t))
	b := w.tab()
	status, _, page := b.send("POST", "/account/password", values("before", password, "password", "another "+password), "Referer", b.url+"/account")
	if status != http.StatusUnauthorized || strings.Contains(page, password) || !strings.Contains(page, `href="/account"`) || !strings.Contains(page, `href="/sign-in?next=%2Faccount"`) {
		t.Errorf("a password: %d %s", status, page)
	}
	_, page = b.sends("/account/acting", values("email", "jonas@example.org", "confirm_sent", "yes", "confirm_password", password), http.StatusUnauthorized)
	w.keeps(page, "/account/acting", values("email", "jonas@example.org"), 1)
}
