package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// TestDocumentIsStrict asks the checker of the other tests for what is not described.
func TestDocumentIsStrict(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d := w.described()
		answer := func(status int, kind, body string) *httptest.ResponseRecorder {
			r := httptest.NewRecorder()
			r.Header().Set("Content-Type", kind)
			r.WriteHeader(status)
			if _, err := r.WriteString(body); err != nil {
				w.t.Fatal(err)
			}
			return r
		}
		key := `{"keys":["a"]}`
		for name, c := range map[string]struct {
			method, path, body string
			answer             *httptest.ResponseRecorder
			want               string // "" nothing
		}{
			"as described":    {"GET", "/ledger/keys", "", answer(200, "application/json", key), ""},
			"path":            {"GET", "/ledger/locks", "", answer(200, "application/json", key), "no such path"},
			"method":          {"PUT", "/ledger/keys", "", answer(200, "application/json", key), "no such path and method"},
			"query":           {"GET", "/ledger/keys?all=1", "", answer(200, "application/json", key), "no query parameter all"},
			"query's type":    {"GET", "/awards?year=soon", "", answer(404, "application/problem+json", `{}`), "parameter year"},
			"query's choice":  {"GET", "/calls?phase=soon", "", answer(404, "application/problem+json", `{}`), "parameter phase"},
			"status":          {"GET", "/ledger/keys", "", answer(202, "application/json", key), "status 202"},
			"content":         {"GET", "/ledger/keys", "", answer(200, "text/plain", key), "content of type text/plain"},
			"field":           {"GET", "/ledger/keys", "", answer(200, "application/json", `{"keys":[],"more":1}`), "additional properties 'more'"},
			"missing":         {"GET", "/ledger/keys", "", answer(200, "application/json", `{}`), "missing property 'keys'"},
			"type":            {"GET", "/ledger/keys", "", answer(200, "application/json", `{"keys":[1]}`), "got number, want string"},
			"empty":           {"GET", "/ledger/keys", "", httptest.NewRecorder(), "an empty answer"},
			"body":            {"GET", "/ledger/keys", `{}`, answer(200, "application/json", key), "a body where none"},
			"no body":         {"POST", "/ledger/receipts/verify", "", answer(200, "application/json", `{"valid":false,"sealed":false}`), "no body"},
			"body's field":    {"POST", "/ledger/receipts/verify", `{"receipt":"x","y":1}`, answer(200, "application/json", `{"valid":false,"sealed":false}`), "additional properties 'y'"},
			"problem's field": {"GET", "/ledger/keys", "", answer(404, "application/problem+json", `{"trace":"x"}`), "additional properties 'trace'"},
		} {
			r := httptest.NewRequestWithContext(w.ctx, c.method, "/api/v1"+c.path, nil)
			r.Header.Set("Content-Type", "application/json")
			got := strings.Join(d.check(r, []byte(c.body), c.answer), "; ")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				w.t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}

func TestProblemsInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		mira := w.caller("mira")
		mira.says = "zh-CN,zh;q=0.9,en;q=0.5"
		var p fault9457
		mira.do(http.MethodPost, "/me/tokens", map[string]any{"name": "x", "scope": "all", "days": 4000, "secret": "hunter2"}, http.StatusUnprocessableEntity, &p)
		said := map[string]string{}
		for _, e := range p.Errors {
			said[e.Location] = e.Message
		}
		want := map[string]string{"body.scope": "请从以下各项中选择：read, write, sign。", "body.days": "不得大于 366。", "body.secret": "该操作没有此字段。"}
		for place, text := range want {
			if said[place] != text {
				w.t.Errorf("%s: %q, want %q (of %v)", place, said[place], text, said)
			}
		}
		mira.do(http.MethodPost, "/me/tokens", map[string]any{"name": "x", "scope": "read"}, http.StatusUnprocessableEntity, &p)
		if len(p.Errors) != 1 || p.Errors[0].Location != "body.days" || p.Errors[0].Message != lang.T(lang.Chinese, "fault.required") {
			w.t.Errorf("without days: %+v", p)
		}
		if got := mira.send(http.MethodPost, "/me/tokens", map[string]any{"name": "x", "scope": "all", "days": 4000, "secret": "hunter2"}); strings.Contains(got.Body.String(), "hunter2") {
			w.t.Errorf("the problem repeats what was sent: %s", got.Body)
		}
		mira.do(http.MethodGet, "/proposals/none", nil, http.StatusNotFound, &p)
		if p.Detail != lang.T(lang.Chinese, "fault.missing") {
			w.t.Errorf("not found: %q", p.Detail)
		}
		mira.do(http.MethodGet, "/proposals?after=7", nil, http.StatusUnprocessableEntity, &p)
		if len(p.Errors) != 1 || p.Errors[0].Location != "query.after" || p.Errors[0].Message != lang.T(lang.Chinese, "api.cursor") {
			w.t.Errorf("a cursor of nobody's: %+v", p)
		}
	})
}

// TestPaging follows the cursors of a list to its end: each item comes once.
func TestPaging(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		b := &register.Batch{}
		for i := range 117 {
			b.Organisations = append(b.Organisations, register.Organisation{ID: fmt.Sprint("o", i), Name: lang.In1("en", fmt.Sprintf("Institute %03d", i)), Kind: "institute"})
		}
		w.must(w.Register.TakeIn(w.ctx, access.System, b))
		var seen []string
		for path := "/organisations?kind=institute"; path != ""; {
			var page listed
			w.caller("").do(http.MethodGet, path, nil, http.StatusOK, &page)
			if page.Total != 118 {
				w.t.Fatalf("total %d", page.Total)
			}
			for _, o := range page.Items {
				seen = append(seen, o.ID)
			}
			path = ""
			if page.Next != "" {
				path = "/organisations?kind=institute&after=" + page.Next
			}
		}
		slices.Sort(seen)
		if n := len(slices.Compact(seen)); n != 118 || len(seen) != 118 {
			w.t.Errorf("%d organisations in all, %d different", len(seen), n)
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer, mira := w.caller("officer"), w.caller("mira")
		in := func(name string) map[string]any {
			return map[string]any{"name": map[string]string{"en": name}, "slug": "open"}
		}
		first := officer.with("k").send(http.MethodPost, "/agencies/arc/programmes", in("Open questions"))
		again := officer.with("k").send(http.MethodPost, "/agencies/arc/programmes", in("Open questions"))
		if first.Code != http.StatusOK || again.Code != first.Code || again.Body.String() != first.Body.String() || again.Header().Get("Content-Type") != first.Header().Get("Content-Type") {
			w.t.Errorf("the first %d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
		}
		if first.Header().Get("Idempotency-Replayed") != "" || again.Header().Get("Idempotency-Replayed") != "true" {
			w.t.Error("the answer does not say that it was given before")
		}
		officer.with("k").do(http.MethodPost, "/agencies/arc/programmes", in("Another"), http.StatusUnprocessableEntity, nil)
		officer.with("k").do(http.MethodPost, "/agencies/none/programmes", in("Open questions"), http.StatusUnprocessableEntity, nil)
		officer.with("k2").do(http.MethodPost, "/agencies/arc/programmes", in("Open questions"), http.StatusConflict, nil) // the slug is taken
		officer.with("k2").do(http.MethodPost, "/agencies/arc/programmes", map[string]any{"name": map[string]string{"en": "New"}, "slug": "new"}, http.StatusOK, nil)
		mira.with("k").do(http.MethodPost, "/agencies/arc/programmes", in("Open questions"), http.StatusForbidden, nil) // keys are an account's own, and the door comes first
		officer.with(strings.Repeat("k", 201)).do(http.MethodPost, "/agencies/arc/programmes", in("Long"), http.StatusUnprocessableEntity, nil)
		var agency struct {
			Programmes []struct{ Name map[string]string }
		}
		officer.do(http.MethodGet, "/agencies/arc", nil, http.StatusOK, &agency)
		if len(agency.Programmes) != 2 {
			w.t.Errorf("programmes: %+v", agency)
		}
		// An answer without a body is kept, too; and a secret is not shown twice.
		mira.with("d").do(http.MethodPost, "/me/delegations", map[string]any{"email": "ravi@example.org", "covers": "proposals", "until": "2027-06-01T00:00:00Z"}, http.StatusOK, nil)
		var token struct{ Token string }
		mira.with("t").do(http.MethodPost, "/me/tokens", map[string]any{"name": "x", "scope": "read", "days": 3}, http.StatusOK, &token)
		var n int
		w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, `SELECT COUNT(*) FROM idempotency WHERE body LIKE $1`, "%"+token.Token+"%").Scan(&n))
		if n != 0 || token.Token == "" {
			w.t.Errorf("the secret of a token is kept in %d rows", n)
		}
		mira.with("t").do(http.MethodPost, "/me/tokens", map[string]any{"name": "x", "scope": "read", "days": 3}, http.StatusConflict, nil)
	})
}

// TestDocument checks what tools need of the document beside its schemas.
func TestDocument(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		answer := httptest.NewRecorder()
		w.Handler.ServeHTTP(answer, httptest.NewRequestWithContext(w.ctx, http.MethodGet, "/api/openapi.json", nil))
		var d struct {
			Paths map[string]map[string]struct {
				OperationID string
				Summary     string
				Tags        []string
				Security    []map[string][]string
				Parameters  []struct{ Name, In string }
			}
		}
		w.must(json.Unmarshal(answer.Body.Bytes(), &d))
		ids, shapes := map[string]string{}, map[string]string{}
		for path, operations := range d.Paths {
			var shape []string
			for part := range strings.SplitSeq(path, "/") {
				if strings.HasPrefix(part, "{") {
					part = "{}"
				}
				shape = append(shape, part)
			}
			if other, twice := shapes[strings.Join(shape, "/")]; twice {
				w.t.Errorf("%s and %s are the same path", path, other)
			}
			shapes[strings.Join(shape, "/")] = path
			for method, op := range operations {
				if other, twice := ids[op.OperationID]; twice || op.OperationID == "" {
					w.t.Errorf("%s %s has the id of %s", method, path, other)
				}
				ids[op.OperationID] = method + " " + path
				if op.Summary == "" || len(op.Tags) != 1 {
					w.t.Errorf("%s %s has no summary or no room", method, path)
				}
			}
		}
		if len(ids) != len(w.API.Operations()) || len(ids) < 100 {
			w.t.Errorf("%d operations are described, %d are served", len(ids), len(w.API.Operations()))
		}
	})
}

// TestSessionsEndByAPI: who lost a device ends what is open on it, all at once.
func TestSessionsEndByAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		lost, here := w.visitor("mira"), w.visitor("mira")
		stays, err := w.Accounts.Resolve(w.ctx, here.secret)
		w.must(err)
		mira := w.caller("mira")
		mira.do(http.MethodDelete, "/me/sessions?keep=nobodys", nil, http.StatusNotFound, nil)
		lost.ask("GET", "/account/sessions", nil, http.StatusOK)
		mira.do(http.MethodDelete, "/me/sessions?keep="+stays.ID, nil, http.StatusNoContent, nil)
		lost.ask("GET", "/account/sessions", nil, http.StatusSeeOther)
		here.ask("GET", "/account/sessions", nil, http.StatusOK)
		mira.do(http.MethodDelete, "/me/sessions", nil, http.StatusNoContent, nil)
		here.ask("GET", "/account/sessions", nil, http.StatusSeeOther)
	})
}
