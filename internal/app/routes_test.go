package app_test

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// who is the order of the gates' columns in testdata/access.yaml.
var who = []string{"public", "applicant", "officer", "decider", "auditor", "admin"}

// gates says which of them get past the door of each kind of route.
var gates = map[string]string{
	"anyone":    "public applicant officer decider auditor admin",
	"demo":      "public applicant officer decider auditor admin",
	"signed in": "applicant officer decider auditor admin",
	"staff":     "officer decider",
	"auditors":  "auditor admin",
	"admins":    "admin",
	"keepers":   "officer auditor admin",
}

type site struct {
	*app.App
	url     string
	clients map[string]*http.Client
}

// aldermere is the demonstration's country behind HTTP, with somebody of each kind signed in.
func aldermere(t *testing.T) *site { return aldermereIn(t, dbtest.SQLitePath(t)) }

func aldermereIn(t *testing.T, database string) *site {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Database: database, Files: t.TempDir(), Country: demo.Name, Zone: demo.Zone, Demo: true, Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	afterwards(t, func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := demo.Make(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler)
	afterwards(t, server.Close)
	s := &site{App: a, url: server.URL, clients: map[string]*http.Client{}}
	people, err := a.Accounts.Invented(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.clients["public"] = client(t)
	for _, p := range people {
		key, _, _ := strings.Cut(p.Email, "@")
		s.clients[key] = client(t)
		if status, _ := s.ask(t, key, "POST", "/demo/"+p.ID); status != http.StatusSeeOther {
			t.Fatalf("signing in as the %s: %d", key, status)
		}
	}
	return s
}

func client(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *site) ask(t *testing.T, who, method, path string) (int, *http.Response) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.clients[who].Do(r)
	if err != nil {
		t.Fatal(err)
	}
	afterwards(t, func() { res.Body.Close() })
	return res.StatusCode, res
}

// leaving are the routes that end the session of whoever walks over all of them; they have tests of their own.
var leaving = []string{"GET /sign-out", "POST /sign-out", "DELETE /api/v1/me/sessions"}

// accessLine is a line of testdata/access.yaml: whose door a route has, and whether it takes confirming.
type accessLine struct {
	gate      string
	confirmed bool
	twins     []string // of a page: the operations that do or tell the same
}

// accessList reads testdata/access.yaml. A route behind a door that does not say whether it takes
// confirming fails: whoever adds one decides it.
func accessList(t *testing.T) map[string]accessLine {
	t.Helper()
	b, err := os.ReadFile("testdata/access.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines, list := map[string]string{}, map[string]accessLine{}
	if err := yaml.Unmarshal(b, &lines); err != nil {
		t.Fatal(err)
	}
	for route, text := range lines {
		gate, choice, _ := strings.Cut(text, ", ")
		line := accessLine{gate: gate, confirmed: choice != "" && choice != "whenever"}
		twins, named := strings.CutPrefix(choice, "confirmed as ")
		switch {
		case named:
			line.twins = strings.Split(twins, " and ")
		case choice == "" && (gate == "anyone" || gate == "demo"), choice == "whenever", choice == "confirmed" && isOperation(route), choice == "confirmed on pages only" && !isOperation(route):
		default:
			t.Errorf("testdata/access.yaml: %s is for %q: say whether it takes confirming, as the head of the file tells", route, text)
		}
		list[route] = line
	}
	return list
}

// alike expects a page and the operations that do or tell the same to take confirming both or neither.
func alike(t *testing.T, list map[string]accessLine) {
	t.Helper()
	twinned, pages := map[string]bool{}, map[string]string{}
	for route, line := range list {
		for _, twin := range line.twins {
			twinned[twin] = true
			if !isOperation(twin) || !list[twin].confirmed {
				t.Errorf("testdata/access.yaml: %s takes confirming, its twin %s does not", route, twin)
			}
		}
		if !isOperation(route) && !isRead(route) {
			pages[shape(route)] = route
		}
	}
	for route, line := range list {
		if !isOperation(route) {
			continue
		}
		if line.confirmed && !twinned[route] {
			t.Errorf("testdata/access.yaml: %s takes confirming, and no page names it as its twin", route)
		}
		if page := pages[shape(route)]; page != "" && list[page].confirmed != line.confirmed {
			t.Errorf("testdata/access.yaml: %s takes confirming: %v; %s: %v", page, list[page].confirmed, route, line.confirmed)
		}
	}
}

func isOperation(route string) bool {
	return strings.Contains(route, " /api/") || strings.Contains(route, " /common-grants/")
}

// isRead reports whether a route is a page to look at, of which there is a table or file to take away beside it.
func isRead(route string) bool {
	method, path, _ := strings.Cut(route, " ")
	return method == http.MethodGet && filepath.Ext(path) == ""
}

// shape is what a page and the operation of the same name have in common.
func shape(route string) string {
	method, path, _ := strings.Cut(route, " ")
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/api/v1"), filepath.Ext(path))
	return method + " " + keyNames.ReplaceAllString(path, "{}")
}

var keyNames = regexp.MustCompile(`\{[^}]*\}`)

// asked is a route's method, and its path with a key in each place for one.
func asked(route, key string) (method, path string) {
	method, pattern, _ := strings.Cut(route, " ")
	return method, keyNames.ReplaceAllString(strings.ReplaceAll(pattern, "{$}", ""), key)
}

// TestMatrix sends every route as somebody of each kind: who may not get past
// the door is sent to sign in or refused, before anything is looked up; and a
// route that testdata/access.yaml does not name fails, as does a page that takes
// confirming where its operation does not.
func TestMatrix(t *testing.T) {
	t.Parallel()
	matrix := accessList(t)
	alike(t, matrix)
	s := aldermere(t)
	doors := map[string]string{}
	for _, route := range s.Web.Routes() {
		doors[route.Pattern] = string(route.Who)
	}
	for _, op := range s.API.Operations() {
		doors[op.Pattern] = string(op.Who)
	}
	for route, door := range doors {
		line, named := matrix[route]
		if !named {
			t.Errorf("%s is not in testdata/access.yaml: add it with who may use it (%s), and whether it takes confirming", route, door)
			continue
		}
		delete(matrix, route)
		gate := line.gate
		if gate != door {
			t.Errorf("%s is for %q, the matrix says %q", route, door, gate)
		}
		method, path := asked(route, "nobody-has-this-key")
		if slices.Contains(leaving, route) {
			continue
		}
		for _, kind := range who {
			status, res := s.ask(t, kind, method, path)
			refused := status == http.StatusForbidden || status == http.StatusUnauthorized || status == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/sign-in")
			allowed := strings.Contains(" "+gates[gate]+" ", " "+kind+" ")
			if !allowed && !refused {
				t.Errorf("%s as %s: %d, want refused at the door", route, kind, status)
			}
			if allowed && gate != "anyone" && (status == http.StatusUnauthorized || status == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/sign-in?")) {
				t.Errorf("%s as %s: sent to sign in, want past the door", route, kind)
			}
			if status >= 500 {
				t.Errorf("%s as %s: %d", route, kind, status)
			}
		}
	}
	for pattern := range matrix {
		t.Errorf("the matrix names %s, which is no route", pattern)
	}
}

// TestNoDeadLink follows every link that each person of the demonstration
// meets, in both languages, all of them at once, and expects a page behind each.
func TestNoDeadLink(t *testing.T) {
	t.Parallel()
	s := aldermere(t)
	most := 250
	if testing.Short() {
		most = 60
	}
	for _, kind := range []string{"public", "applicant", "reviewer", "officer", "decider", "office", "finance", "enterprise", "analyst", "auditor", "admin"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s.follow(t, kind, most)
		})
	}
}

// follow opens pages as somebody, and what they link to, until it has seen most.
func (s *site) follow(t *testing.T, kind string, most int) {
	seen, shapes := map[string]bool{}, map[string]int{}
	todo := []string{"/", "/?lang=zh", "/home"}
	for len(todo) > 0 && len(seen) < most {
		path := todo[0]
		todo = todo[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		status, res := s.ask(t, kind, "GET", path)
		if status == http.StatusSeeOther {
			continue
		}
		if status != http.StatusOK {
			t.Errorf("%s answered %d", path, status)
			continue
		}
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			continue
		}
		doc, err := html.Parse(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links(doc) {
			// Of each shape of address a few are enough: there are a thousand proposals.
			if shape := shapeOf(link); shapes[shape] < 3 && !seen[link] {
				shapes[shape]++
				todo = append(todo, link)
			}
		}
	}
}

func links(n *html.Node) []string {
	var out []string
	for d := range n.Descendants() {
		if d.Data != "a" {
			continue
		}
		for _, a := range d.Attr {
			if a.Key == "href" && strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") {
				u, err := url.Parse(a.Val)
				if err == nil {
					u.Fragment = ""
					out = append(out, u.RequestURI())
				}
			}
		}
	}
	return out
}

// shapeOf is an address without its keys.
func shapeOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	parts := strings.Split(u.Path, "/")
	for i, p := range parts {
		if len(p) > 20 && strings.Count(p, "-") == 4 {
			parts[i] = "*"
		}
	}
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(parts, "/") + "?" + strings.Join(names, "&")
}
