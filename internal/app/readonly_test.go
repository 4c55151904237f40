package app_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// filled is a form of a page as somebody sends it who filled in all of it.
type filled struct {
	who, path string
	fields    url.Values
	file      string // the name of a field for a file, which no page can keep
}

// TestFormsOfADatabaseThatTakesNoWrites finds the forms that everybody in the demonstration meets, fills them in, and sends
// them to a database that can only be read. Each is answered by the page that keeps what was typed and sends it again, or
// refused for a reason of its own; none says that it was done.
func TestFormsOfADatabaseThatTakesNoWrites(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLitePath, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "postgres" && !swapAll {
				t.Skip("to make and to walk the demonstration is some 70000 statements, each by way of another process: HEADWATER_SWAP=all")
			}
			s := aldermereIn(t, database(t))
			forms := s.forms(t)
			dbtest.ReadOnly(t, s.DB, true)
			defer dbtest.ReadOnly(t, s.DB, false)
			kept := 0
			for _, route := range s.Web.Routes() {
				if strings.HasPrefix(route.Pattern, "POST ") && s.route(t, route.Pattern, forms[route.Pattern]) {
					kept++
				}
			}
			if kept < 90 {
				t.Errorf("only %d routes were tried as far as their writing", kept)
			}
		})
	}
}

// route sends the forms of a route until one comes as far as writing; where none does, as those are refused that are filled in
// blindly, it is sent something all the same.
func (s *site) route(t *testing.T, pattern string, forms []filled) bool {
	t.Helper()
	for _, f := range forms {
		if s.unsaved(t, pattern, f) {
			return true
		}
	}
	if slices.Contains(leaving, pattern) {
		return false
	}
	_, path := asked(pattern, "nobody-has-this-key")
	for _, who := range []string{"applicant", "officer", "admin"} {
		s.unsaved(t, pattern, filled{who: who, path: path, fields: values("title", typedText)})
	}
	return false
}

// unsaved sends a form and reports whether it was kept, whole, because nothing can be written.
func (s *site) unsaved(t *testing.T, pattern string, f filled) bool {
	t.Helper()
	status, page := s.send(t, f)
	switch {
	case status == http.StatusServiceUnavailable:
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		again := formsIn(root, f.who, "")
		if strings.Contains(page, lostWords) && (holdsSecret(f) || f.file != "") {
			return true
		}
		if len(again) != 1 || again[0].path != f.path || again[0].fields.Encode() != f.fields.Encode() || again[0].file != f.file {
			t.Errorf("%s as %s: sent was %s, the page keeps %+v: %s", pattern, f.who, f.fields.Encode(), again, page)
		}
		return true
	case status >= 500 || page == "" && status != http.StatusSeeOther:
		t.Errorf("%s as %s: %d %s", pattern, f.who, status, page)
	case status < 400 && !slices.Contains(writesNothing, pattern):
		t.Errorf("%s as %s: %d, as if it were done", pattern, f.who, status)
	}
	return false
}

const lostWords = "This form holds a password, a code or a file"

func holdsSecret(f filled) bool {
	return f.fields.Has("password") || f.fields.Has("code") || f.fields.Has("before")
}

// send sends a form as a browser does.
func (s *site) send(t *testing.T, f filled) (int, string) {
	t.Helper()
	kind, body := "application/x-www-form-urlencoded", []byte(f.fields.Encode())
	if f.file != "" {
		kind, body = multipartOf(t, f)
	}
	r, err := http.NewRequest("POST", s.url+f.path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	res, err := s.clients[f.who].Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(page)
}

// forms finds the forms that each person of the demonstration meets, by their route: a few of each. All walk at once.
func (s *site) forms(t *testing.T) map[string][]filled {
	t.Helper()
	mux := http.NewServeMux()
	for _, route := range s.Web.Routes() {
		mux.Handle(route.Pattern, http.NotFoundHandler())
	}
	people := slices.Sorted(maps.Keys(s.clients))
	met := make([]map[string][]filled, len(people))
	var group sync.WaitGroup
	for i, who := range people {
		group.Go(func() { met[i] = s.met(t, mux, who) })
	}
	group.Wait()
	found := map[string][]filled{}
	for _, mine := range met {
		for pattern, list := range mine {
			found[pattern] = append(found[pattern], list...)
		}
	}
	return found
}

// met are the forms that somebody meets who follows links, one of each shape.
func (s *site) met(t *testing.T, mux *http.ServeMux, who string) map[string][]filled {
	t.Helper()
	seen, shapes, mine := map[string]bool{}, map[string]int{}, map[string][]filled{}
	for todo := []string{"/", "/home", "/sign-in", "/recover", "/sign-up"}; len(todo) > 0; todo = todo[1:] {
		path := todo[0]
		status, res := s.ask(t, who, "GET", path)
		if status != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			continue
		}
		root, err := html.Parse(res.Body)
		if err != nil {
			t.Errorf("%s as %s: %v", path, who, err)
			continue
		}
		for _, f := range formsIn(root, who, path) {
			if _, pattern := mux.Handler(httptest.NewRequest("POST", f.path, nil)); len(mine[pattern]) < 3 {
				mine[pattern] = append(mine[pattern], f)
			}
		}
		for _, link := range links(root) {
			if shape := shapeOf(link); shapes[shape] < 1 && !seen[link] && !strings.Contains(link, "lang=") {
				shapes[shape]++
				seen[link] = true
				todo = append(todo, link)
			}
		}
	}
	return mine
}

// formsIn are the forms of a page that send something, filled in.
func formsIn(root *html.Node, who, page string) (list []filled) {
	for n := range root.Descendants() {
		at := attributes(n)
		if n.Data != "form" || !strings.EqualFold(at["method"], "post") {
			continue
		}
		f := filled{who: who, path: at["action"], fields: url.Values{}}
		if f.path == "" {
			f.path = page
		}
		for c := range n.Descendants() {
			f.fill(c)
		}
		f.fields.Del("written_as")
		list = append(list, f)
	}
	return list
}

func attributes(n *html.Node) map[string]string {
	at := map[string]string{}
	for _, a := range n.Attr {
		at[a.Key] = a.Val
	}
	return at
}

// fill types into one control, or chooses in it.
func (f *filled) fill(n *html.Node) {
	at := attributes(n)
	name := at["name"]
	_, off := at["disabled"]
	if name == "" || off {
		return
	}
	switch n.Data {
	case "textarea":
		f.fields.Add(name, typedText)
	case "select":
		for o := range n.Descendants() {
			if v := attributes(o)["value"]; o.Data == "option" && v != "" {
				f.fields.Set(name, v)
			}
		}
	case "button":
		if !f.fields.Has(name) {
			f.fields.Set(name, at["value"])
		}
	case "input":
		f.input(name, at)
	}
}

// plain is what is written into a field of a kind that takes no sentence.
var plain = map[string]string{"email": "somebody@people.example", "password": password, "number": "1", "date": "2027-12-15", "datetime-local": "2027-12-15T17:00", "url": "https://people.example/"}

func (f *filled) input(name string, at map[string]string) {
	switch kind := at["type"]; {
	case kind == "file":
		f.file = name
	case kind == "hidden" || kind == "submit":
		f.fields.Add(name, at["value"])
	case kind == "radio":
		if !f.fields.Has(name) {
			f.fields.Set(name, at["value"])
		}
	case kind == "checkbox":
		f.fields.Add(name, at["value"])
	case at["value"] != "":
		f.fields.Add(name, at["value"])
	case plain[kind] != "":
		f.fields.Add(name, plain[kind])
	case at["inputmode"] != "":
		f.fields.Add(name, "1")
	default:
		f.fields.Add(name, "A joint that \"lasts\" <longer>")
	}
}

func multipartOf(t *testing.T, f filled) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, list := range f.fields {
		for _, value := range list {
			if err := m.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	part, err := m.CreateFormFile(f.file, "plan.pdf")
	if err == nil {
		_, err = part.Write(aPDF)
	}
	if err := errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), b.Bytes()
}

// writesNothing are the routes that may answer a form without writing: with what it would change, where a sign-in begins anew, and
// where nothing changes, as the team's parts are those that stood and no mail was given up (SQLite refuses these before that is known).
var writesNothing = []string{"POST /schemes/{scheme}/edit", "POST /sign-in/second", "POST /proposals/{id}/team/parts", "POST /admin/mails"}
