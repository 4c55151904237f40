package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// caller speaks the API with one person's token; every request and every answer
// is checked against the OpenAPI document.
type caller struct {
	w     *world
	token string
	key   string // of the next request, if it is to be sent once
	says  string // language
}

func (w *world) caller(who string) caller {
	w.t.Helper()
	if who == "" {
		return caller{w: w}
	}
	token, _, err := w.Accounts.NewToken(w.ctx, w.actor[who], "test", account.WriteToken, 90*24*time.Hour)
	w.must(err)
	return caller{w: w, token: token}
}

// with is c with an Idempotency-Key.
func (c caller) with(key string) caller {
	c.key = key
	return c
}

// described is the OpenAPI document, as it is served.
func (w *world) described() *document {
	w.t.Helper()
	if w.document == nil {
		answer := httptest.NewRecorder()
		w.Handler.ServeHTTP(answer, httptest.NewRequestWithContext(w.ctx, http.MethodGet, "/api/openapi.json", nil))
		var err error
		w.document, err = readDocument(answer.Body.Bytes())
		w.must(err)
	}
	return w.document
}

// send sends body as JSON ([]byte as it is, as a file that is called plan.pdf).
func (c caller) send(method, path string, body any) *httptest.ResponseRecorder {
	c.w.t.Helper()
	var sent []byte
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case []byte:
		sent, kind = b, "application/octet-stream"
	default:
		sent = raw(b)
	}
	if !strings.HasPrefix(path, "/common-grants/") {
		path = "/api/v1" + path
	}
	req := httptest.NewRequestWithContext(c.w.ctx, method, path, bytes.NewReader(sent))
	for name, value := range map[string]string{"Authorization": "Bearer " + c.token, "Idempotency-Key": c.key, "Accept-Language": c.says} {
		if value != "" && value != "Bearer " {
			req.Header.Set(name, value)
		}
	}
	req.Header.Set("Content-Type", kind)
	if kind == "application/octet-stream" {
		req.Header.Set("Content-Disposition", planName)
	}
	answer := httptest.NewRecorder()
	c.w.Handler.ServeHTTP(answer, req)
	for _, what := range c.w.described().check(req, sent, answer) {
		c.w.t.Errorf("%s %s (%d): not as the document says: %s\n%s", method, path, answer.Code, what, answer.Body)
	}
	return answer
}

// do sends body, wants the status, and reads the answer into out.
func (c caller) do(method, path string, body any, want int, out any) {
	c.w.t.Helper()
	answer := c.send(method, path, body)
	if answer.Code != want {
		c.w.t.Fatalf("%s %s: %d, want %d: %s", method, path, answer.Code, want, answer.Body)
	}
	if out != nil {
		c.w.must(json.Unmarshal(answer.Body.Bytes(), out))
	}
}

func TestProposalByTheAPIAlone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		call := w.openCall("open-call.yaml")
		mira, ravi := w.caller("mira"), w.caller("ravi")
		var p struct {
			ID, Number, State string
			Team              []struct{ ID, Name string }
			Answers           map[string]struct {
				Value   json.RawMessage
				Version int64
			}
		}
		mira.do(http.MethodPost, "/calls/"+call.ID+"/proposals", nil, http.StatusOK, &p)
		ravi.do(http.MethodGet, "/proposals/"+p.ID, nil, http.StatusNotFound, nil)
		mira.do(http.MethodPost, "/proposals/"+p.ID+"/submit", nil, http.StatusUnprocessableEntity, nil)

		all := map[string]any{}
		for _, c := range answers("Grain boundaries as fuses", 700_000) {
			all[c.Field] = map[string]any{"value": c.Value}
		}
		var saved struct {
			Versions map[string]int64
			Kept     []struct{ Field string }
		}
		mira.do(http.MethodPatch, "/proposals/"+p.ID+"/answers", map[string]any{"answers": all}, http.StatusOK, &saved)
		if len(saved.Versions) != 10 || len(saved.Kept) != 0 {
			w.t.Fatalf("saved %+v", saved)
		}
		mira.do(http.MethodPatch, "/proposals/"+p.ID+"/answers", map[string]any{"answers": map[string]any{"title": map[string]any{"value": "On an old version"}}}, http.StatusOK, &saved)
		if len(saved.Kept) != 1 || saved.Kept[0].Field != "title" {
			w.t.Errorf("writing on an old version: %+v", saved)
		}
		mira.do(http.MethodPatch, "/proposals/"+p.ID+"/answers", map[string]any{"answers": map[string]any{"unasked": map[string]any{"value": "x"}}}, http.StatusUnprocessableEntity, nil)

		mira.do(http.MethodPost, "/proposals/"+p.ID+"/team", map[string]any{"person_id": "ravi", "role": "member"}, http.StatusOK, &p)
		var check struct {
			Ready      bool
			WaitingFor []string `json:"waiting_for"`
		}
		mira.do(http.MethodGet, "/proposals/"+p.ID+"/check", nil, http.StatusOK, &check)
		if check.Ready || len(check.WaitingFor) != 1 {
			w.t.Errorf("check = %+v", check)
		}
		ravi.do(http.MethodPost, "/proposals/"+p.ID+"/invitation", map[string]any{"accept": true}, http.StatusNoContent, nil)
		ravi.do(http.MethodGet, "/proposals/"+p.ID, nil, http.StatusOK, &p)
		ravi.do(http.MethodPost, "/proposals/"+p.ID+"/submit", nil, http.StatusForbidden, nil)
		mira.do(http.MethodDelete, "/proposals/"+p.ID+"/team/"+p.Team[1].ID, nil, http.StatusNoContent, nil)
		ravi.do(http.MethodGet, "/proposals/"+p.ID, nil, http.StatusNotFound, nil)

		mira.do(http.MethodPut, "/proposals/"+p.ID+"/files/title", []byte("%PDF-1.7"), http.StatusUnprocessableEntity, nil)
		field := ""
		v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
		w.must(err)
		for _, f := range v.Form.Ordered() {
			if f.Widget == "file" {
				field = f.Name
			}
		}
		var ref struct{ ID, SHA256 string }
		mira.do(http.MethodPut, "/proposals/"+p.ID+"/files/"+field, pdf, http.StatusOK, &ref)

		var receipt struct{ Receipt string }
		mira.do(http.MethodPost, "/proposals/"+p.ID+"/submit", nil, http.StatusOK, &receipt)
		keys, err := w.Ledger.Keys(w.ctx)
		w.must(err)
		if got, err := ledger.VerifyReceipt(receipt.Receipt, keys); err != nil || got.Subject != p.ID {
			w.t.Errorf("receipt: %+v, %v", got, err)
		}
		var submitted struct {
			Items []struct {
				Number  int
				Content struct{ Files map[string]string }
			}
		}
		mira.do(http.MethodGet, "/proposals/"+p.ID+"/submissions", nil, http.StatusOK, &submitted)
		if len(submitted.Items) != 1 || submitted.Items[0].Content.Files[field] != ref.SHA256 || ref.SHA256 == "" {
			w.t.Errorf("submissions = %+v, file %+v", submitted, ref)
		}
		var list struct {
			Items []struct{ ID string }
			Total int
		}
		w.caller("officer").do(http.MethodGet, "/proposals?call_id="+call.ID+"&q=grain", nil, http.StatusOK, &list)
		if list.Total != 1 || list.Items[0].ID != p.ID {
			w.t.Errorf("the officer lists %+v", list)
		}
		ravi.do(http.MethodPost, "/proposals/"+p.ID+"/withdraw", map[string]any{}, http.StatusNotFound, nil)
		mira.do(http.MethodPost, "/proposals/"+p.ID+"/withdraw", map[string]any{"why": "A better plan."}, http.StatusNoContent, nil)
	})
}

// TestFileNamedInAHeader: a file's name stands in a header, in any script, and never has to stand in an address; a client that still sends
// it there is told so. What is no name is refused with what would be one, and nothing is stored of it.
func TestFileNamedInAHeader(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, p := w.draft()
		mira := w.caller("mira")
		send := func(query, disposition string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(w.ctx, http.MethodPut, "/api/v1/proposals/"+p.ID+"/files/plan_file"+query, bytes.NewReader(pdf))
			r.Header.Set("Authorization", "Bearer "+mira.token)
			r.Header.Set("Content-Type", "application/octet-stream")
			r.Header.Set("Content-Disposition", disposition)
			rec := httptest.NewRecorder()
			w.Handler.ServeHTTP(rec, r)
			for _, what := range w.described().check(r, pdf, rec) {
				w.t.Errorf("%s %s (%d): not as the document says: %s", query, disposition, rec.Code, what)
			}
			return rec
		}
		const unread, path = "filename*=UTF-8''plan.pdf", "has no path"
		for _, bad := range [][2]string{{"", unread}, {"attachment", unread}, {"attachment; filename=", unread}, {"attachment; filename*=UTF-8''%zz.pdf", unread}, {"attachment; filename*=UTF-8''%FF.pdf", unread},
			{"attachment; filename*=KOI8-R''%F0.pdf", unread}, {"filename*=", unread}, {"attachment; filename=\"../plan.pdf\"", path}, {"attachment; filename*=UTF-8''C%3A%5Cplan.pdf", path},
			{"attachment; filename*=UTF-8''plan%00.pdf", path}, {"attachment; filename*=UTF-8''plan%0D%0A.pdf", path}} {
			var refused fault9457
			rec := send("", bad[0])
			w.must(json.Unmarshal(rec.Body.Bytes(), &refused))
			if rec.Code != http.StatusUnprocessableEntity || len(refused.Errors) != 1 || refused.Errors[0].Location != "header.Content-Disposition" || !strings.Contains(refused.Errors[0].Message, bad[1]) {
				w.t.Errorf("%q: %d %s", bad[0], rec.Code, rec.Body)
			}
		}
		if names := w.stored(); len(names) != 0 {
			w.t.Errorf("stored of what was refused: %v", names)
		}
		for _, good := range []struct{ query, disposition, name, deprecated string }{
			{"", "attachment; filename*=UTF-8''%E7%A0%94%E7%A9%B6%E8%AE%A1%E5%88%92.pdf", "研究计划.pdf", ""},
			{"", "attachment; filename=\"plan.pdf\"; filename*=UTF-8''Pl%C3%A4ne.pdf", "Pläne.pdf", ""},
			{"", "attachment; filename*=UTF-8''%E2%80%8Fplan%E2%80%AE.pdf", "plan.pdf", ""}, // with marks of direction, as some systems write them
			{"?name=alder.pdf", "attachment; filename=plan.pdf", "plan.pdf", ""},
			{"?name=alder.pdf", "", "alder.pdf", "@1795996800"},
		} {
			rec := send(good.query, good.disposition)
			var got struct{ Name string }
			w.must(json.Unmarshal(rec.Body.Bytes(), &got))
			if rec.Code != http.StatusOK || got.Name != good.name || rec.Header().Get("Deprecation") != good.deprecated {
				w.t.Errorf("%+v: %d %s, %v", good, rec.Code, rec.Body, rec.Header())
			}
		}
	})
}
