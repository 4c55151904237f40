package app_test

import (
	"context"
	"encoding/csv"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// evil is a text that a spreadsheet would run.
const evil = `=HYPERLINK("https://evil.example","Click")`

// evilWorld has such texts wherever people choose them: titles, names of people, organisations and nodes.
func evilWorld(t *testing.T) *world {
	t.Helper()
	w := country(t, dbtest.SQLitePath(t))
	w.account("oskar", "", access.Grant{Role: access.Finance, Scope: access.Agency("arc")})
	b := &register.Batch{Organisations: []register.Organisation{{ID: "far", Name: lang.In1("en", "@SUM(1)"), Kind: "university"}}}
	b.People = append(b.People, register.Person{ID: "gala", Given: "=Gala", Family: "Beck", Keywords: []string{"grain"}, Affiliations: []register.Affiliation{{OrganisationID: "far"}}})
	w.must(w.Register.TakeIn(w.ctx, access.System, b))
	c := w.openCall("open-call.yaml")
	w.handIn("mira", c, evil, 700_000)
	w.award() // of another call, which has closed by then as this one has
	w.must(w.Reviews.SetPool(w.ctx, w.actor["officer"], c.ID, "gala", 0, 2))
	_, err := w.Reviews.Suggest(w.ctx, w.actor["officer"], c.ID, "", review.Settings{Each: 1})
	w.must(err)
	w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error { // the award's own title is the proposal's, which had none
		_, err := w.DB.Q(ctx).ExecContext(ctx, `UPDATE award SET title = $1, holder_name = '+cmd|x'`, lang.In1("en", evil))
		return err
	}))
	officer := w.visitor("officer")
	at := officer.ask("POST", "/maps", values("agency", "arc", "title_en", "Lamps", "home", "NO", "threshold", "50", "state", "draft"), http.StatusSeeOther)
	officer.ask("POST", at+"/nodes", values("title_en", "-2+3", "kind", "component", "for", "", "supplied", ""), http.StatusSeeOther)
	officer.ask("POST", at+"/providers/new", values("name_en", "＝1", "country", "SE"), http.StatusSeeOther)
	return w
}

// TestNoFormulaInDownloads asks for every table that the routes give out, as everybody who
// may have one: no cell is one that a spreadsheet would run. Routes that are added are asked too.
func TestNoFormulaInDownloads(t *testing.T) {
	t.Parallel()
	w := evilWorld(t)
	s := &swapped{world: w}
	requests := s.requests(s.keys())
	for _, file := range techmap.Files { // of which a sample has only some
		requests = append(requests, request{method: http.MethodGet, path: "/maps/" + s.keys()["techmap"][0] + "/data/" + file})
	}
	tables, marked := map[string]bool{}, 0
	for _, who := range []string{"", "officer", "oskar", "auditor", "mira"} {
		v := w.visitor(who)
		for _, r := range requests {
			rec := v.send(r.method, r.path, nil)
			if kind := rec.Header().Get("Content-Type"); !strings.Contains(kind, "csv") {
				if strings.Contains(kind, "spreadsheet") || strings.Contains(kind, "excel") {
					t.Errorf("%s is a workbook (%s), which this test does not read yet", r.path, kind)
				}
				continue
			}
			rows, err := csv.NewReader(rec.Body).ReadAll()
			w.must(err)
			for _, cell := range slices.Concat(rows...) {
				if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
					t.Errorf("%s as %q: a spreadsheet runs %q", r.path, who, cell)
				}
				if strings.HasPrefix(cell, "'") {
					marked++
				}
			}
			if len(rows) > 1 {
				path, _, _ := strings.Cut(r.path, "?")
				tables[path[strings.LastIndex(path, "/")+1:]] = true
			}
		}
	}
	for _, name := range []string{"awards.csv", "payments.csv", "assignment.csv", "nodes.csv", "providers.csv"} {
		if !tables[name] {
			t.Errorf("nobody got any row of %s", name)
		}
	}
	if marked < 6 {
		t.Errorf("only %d cells were marked as text", marked)
	}
}

// TestFreshRoutes walks testdata/access.yaml: who signed in more than half an hour ago does nothing of what takes
// confirming, on pages or by the API, whatever their roles; and is not asked for the rest.
func TestFreshRoutes(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t))
	in := newAccount("theo", "")
	in.Password = "tall grass and rain"
	id, err := w.Accounts.Create(w.ctx, access.System, in)
	w.must(err)
	for _, role := range []access.Role{access.Admin, access.Officer, access.Decider, access.Finance} {
		w.must(w.Accounts.Grant(w.ctx, access.System, id, access.Grant{Role: role, Scope: access.Platform()}, time.Time{}))
	}
	w.actor["theo"], err = w.Accounts.ActorOf(w.ctx, id)
	w.must(err)
	theo := w.visitor("theo")
	w.now.Advance(31 * time.Minute)
	list := accessList(t)
	for _, route := range slices.Sorted(maps.Keys(list)) {
		if slices.Contains(leaving, route) || strings.HasSuffix(route, " /account/confirm") { // the page that asks is no page that one is asked before
			continue
		}
		method, path := asked(route, "x")
		form := values("x", "y")
		if method == http.MethodGet {
			form = nil
		}
		rec := theo.send(method, path, form)
		asks := strings.HasPrefix(rec.Header().Get("Location"), "/account/confirm?") || strings.Contains(rec.Body.String(), `name="confirm_password"`)
		if isOperation(route) {
			asks = rec.Code == http.StatusForbidden && strings.Contains(rec.Body.String(), "confirmed who they are")
		}
		if asks != list[route].confirmed {
			t.Errorf("%s asks who one is: %v, testdata/access.yaml says %v", route, asks, list[route].confirmed)
		}
	}
	if s, err := w.Accounts.Resolve(w.ctx, theo.secret); err != nil || s.Actor.Public() || s.Actor.Elevated {
		t.Errorf("at the end the session of before stands for %+v, %v", s.Actor, err)
	}
}
