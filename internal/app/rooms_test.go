package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// visitor asks for pages as one person; "" is the public.
type visitor struct {
	w      *world
	secret string
}

func (w *world) visitor(who string) visitor {
	w.t.Helper()
	if who == "" {
		return visitor{w: w}
	}
	secret, err := w.Accounts.SignInAs(w.ctx, w.actor[who].Account, "test")
	w.must(err)
	return visitor{w, secret}
}

// ask expects status and every word in the answer; it returns where the answer leads.
func (v visitor) ask(method, path string, form url.Values, status int, words ...string) string {
	v.w.t.Helper()
	rec := v.send(method, path, form)
	body := rec.Body.String()
	if rec.Code != status {
		v.w.t.Errorf("%s %s: %d, want %d (to %q)", method, path, rec.Code, status, rec.Header().Get("Location"))
	}
	for _, word := range words {
		if !strings.Contains(body, word) {
			v.w.t.Errorf("%s %s does not say %q", method, path, word)
		}
	}
	to, _, _ := strings.Cut(rec.Header().Get("Location"), "?")
	return to
}

// body is a page that the visitor may see.
func (v visitor) body(path string) string {
	v.w.t.Helper()
	rec := v.send("GET", path, nil)
	if rec.Code != http.StatusOK {
		v.w.t.Errorf("GET %s: %d", path, rec.Code)
	}
	return rec.Body.String()
}

func (v visitor) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(v.w.ctx, method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.secret != "" {
		r.AddCookie(&http.Cookie{Name: "hw", Value: v.secret})
	}
	rec := httptest.NewRecorder()
	v.w.Handler.ServeHTTP(rec, r)
	return rec
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestNeedToCallOnPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		public, ines, officer := w.visitor(""), w.visitor("ines"), w.visitor("officer")
		public.ask("GET", "/needs/new", nil, 303)
		ines.ask("GET", "/needs/new", nil, 200, "Brask Ceramics Works")
		ines.ask("POST", "/needs", values("title_en", "A kiln without gas", "organisation", "brask"), 422, "2 things to mend", "A kiln without gas", `href="#measure"`)
		need := ines.ask("POST", "/needs", values("title_en", "A kiln without gas", "body_en", "We fire with gas.", "measure_en", "A week without.", "organisation", "brask"), 303)
		public.ask("GET", need, nil, 200, "N-2027-0001", "A kiln without gas", "Brask Ceramics Works")
		public.ask("GET", need+"?lang=zh", nil, 200, "需求说明")
		public.ask("GET", "/needs?q=kiln", nil, 200, need)
		public.ask("GET", "/needs?q=glass", nil, 200, "No need fits")

		goal := officer.ask("POST", "/priorities", values("agency", "arc", "title_en", "Heat without fire", "state", "active"), 303)
		task := officer.ask("POST", "/priorities", values("parent", strings.TrimPrefix(goal, "/priorities/"), "agency", "arc", "title_en", "Kilns", "metric_en", "kilns", "target", "10", "reached", "4", "state", "active", "owner_text", "Mira"), 303)
		public.ask("GET", "/priorities", nil, 200, "1 Heat without fire", "1.1 Kilns", "40 % of the way: 4 of 10")
		public.ask("GET", task, nil, 200, "Mira Alder", "40 %")
		public.ask("POST", "/priorities", values("title_en", "x"), 401)
		ines.ask("GET", task+"/edit", nil, 403)
		officer.ask("POST", task+"/edit", values("version", "9", "title_en", "Kilns", "state", "active"), 422)

		officer.ask("GET", need, nil, 200, "/questions/new?need=")
		officer.ask("GET", "/questions/new?need="+strings.TrimPrefix(need, "/needs/"), nil, 200, "We fire with gas.", "1.1 Kilns")
		question := officer.ask("POST", "/questions", values("need", strings.TrimPrefix(need, "/needs/"), "agency", "arc", "title_en", "What fires clay without gas?", "body_en", "At 1,400 degrees.",
			"state", "open", "priority", strings.TrimPrefix(task, "/priorities/")), 303)
		officer.ask("GET", question, nil, 200, "/calls/new?question=")
		public.ask("GET", question, nil, 200, "What fires clay without gas?", need, task)
		public.ask("GET", "/questions", nil, 200, question)

		c := w.openCall("open-call.yaml")
		officer.ask("POST", task+"/links", values("address", "https://science.example.org/calls/"+c.ID+"?x=1"), 303)
		officer.ask("POST", task+"/links", values("address", "/calls/none"), 422, "No such record")
		public.ask("GET", task, nil, 200, c.Number)
		officer.ask("POST", task+"/links/call/"+c.ID+"/end", nil, 303)
		ines.ask("GET", need+"/end", nil, 200, "Close N-2027-0001")
		ines.ask("POST", need+"/end", values("version", "2", "state", strategy.Met, "why", "It runs."), 303)
		ines.ask("GET", need+"/edit", nil, 403)
	})
}

func TestRegisterPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		public, mira, officer := w.visitor(""), w.visitor("mira"), w.visitor("officer")
		public.ask("GET", "/organisations?q=ilvane&kind=university", nil, 200, "University of Ilvane", "1 found", "University (1)")
		public.ask("GET", "/organisations/ilvane?lang=zh", nil, 200, "伊尔文大学", "Mira Alder")
		public.ask("GET", "/organisations/none", nil, 404)
		mira.ask("GET", "/organisations/ilvane/edit", nil, 403)
		mira.ask("POST", "/organisations", values("name_en", "X", "kind", "other"), 403)
		made := officer.ask("POST", "/organisations", values("name_en", "Ilvane University", "kind", "university", "parent_text", "Tarn"), 303)
		officer.ask("POST", "/organisations", values("name_en", "", "kind", "university", "website", "nowhere"), 422, "nowhere", `href="#name"`)
		officer.ask("GET", made+"/edit", nil, 200, "Tarn Institute of Technology")
		officer.ask("GET", made+"/merge", nil, 200, "University of Ilvane", "The same words")
		officer.ask("GET", made+"/merge?into=ilvane", nil, 200, "leads to University of Ilvane")
		officer.ask("POST", made+"/merge", values("into", "ilvane"), 422, "Fill this in")
		officer.ask("POST", made+"/merge", values("into", "ilvane", "why", "The same."), 303)
		if to := public.ask("GET", made, nil, 301); to != "/organisations/ilvane" {
			t.Errorf("a merged organisation leads to %q", to)
		}

		mira.ask("GET", "/profile", nil, 200, "Everybody", "University of Ilvane")
		mira.ask("POST", "/profile", values("version", "1", "given", "Mira", "family", "", "about_en", "Clay."), 422, "Clay.", `href="#family"`)
		mira.ask("POST", "/profile", values("version", "1", "given", "Mira", "family", "Alder", "about_en", "Clay and water.", "shown_about", "nobody", "keywords", "clay, heat"), 303)
		mira.ask("POST", "/profile/jobs", values("organisation_text", "Brask", "from", "2026-01-01"), 303)
		mira.ask("POST", "/profile/works", values("title", "A wet store", "kind", "data", "doi", "10.5555/ald.1", "representative", "on"), 303)
		mira.ask("POST", "/profile/works", values("title", "", "kind", "data", "doi", "nonsense"), 422, "nonsense")
		public.ask("GET", "/people/mira", nil, 200, "Brask Ceramics Works", "A wet store", "clay, heat")
		mira.ask("GET", "/people/mira", nil, 200, "Clay and water.")
		if p, err := w.Register.Profile(w.ctx, w.actor["ravi"], "mira"); err != nil || !p.About.Empty() || len(p.Works) != 1 {
			t.Errorf("ravi sees %+v, %v", p, err)
		}
		if p, err := w.Register.Profile(w.ctx, w.actor["mira"], "mira"); err != nil || p.About.In(lang.English) != "Clay and water." {
			t.Errorf("mira sees %+v, %v", p, err)
		}

		public.ask("GET", "/agencies", nil, 200, "Aldermere Research Council")
		officer.ask("POST", "/agencies/arc/programmes", values("name_en", "Open questions", "slug", "open"), 303)
		officer.ask("POST", "/agencies/arc/budget", values("line_en", "Open questions 2027", "year", "2027", "amount", "900,000"), 303)
		officer.ask("POST", "/agencies/arc/budget", values("line_en", "", "year", "2027", "amount", "much"), 422, "much", `href="#line"`)
		mira.ask("POST", "/agencies/arc/budget", values("line_en", "Mine", "year", "2027", "amount", "1"), 403)
		public.ask("GET", "/agencies/arc", nil, 200, "Open questions 2027", "900,000")
		facility := officer.ask("POST", "/organisations/tarn/facilities", values("name_en", "Clay store"), 303)
		public.ask("GET", facility, nil, 200, "Clay store", "Tarn Institute of Technology")
		public.ask("GET", "/facilities", nil, 200, facility)
	})
}
