package app_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// FuzzBodies sends bytes as the body of every operation of the API that takes one, as
// an officer and as an applicant: no answer is a failure of ours.
func FuzzBodies(f *testing.F) {
	f.Add(uint16(0), []byte(`{}`))
	f.Add(uint16(3), []byte(`{"answers":{"title":{"value":"A","version":1}}}`))
	f.Add(uint16(7), []byte(`{"name":{"en":"A"},"kind":"university","country":"AT"}`))
	f.Add(uint16(12), []byte(`{"text":"a","amount":-1,"at":"2027-03-16","list":[null,{"a":[]}]}`))
	w := country(f, dbtest.PostgresURL(f)) // SQLite runs within the process, where the fuzzer would slow it down and follow it
	c, draft := w.draft()
	ids := strings.NewReplacer("{call}", c.ID, "{proposal}", draft.ID, "{person}", "mira", "{organisation}", "ilvane", "{field}", "plan_file", "{scheme}", "open-call")
	var operations []string
	for _, o := range w.API.Operations() {
		if method, _, _ := strings.Cut(o.Pattern, " "); method != http.MethodGet && method != http.MethodDelete {
			operations = append(operations, o.Pattern)
		}
	}
	tokens := []string{w.caller("officer").token, w.caller("mira").token}
	f.Fuzz(func(t *testing.T, which uint16, body []byte) {
		pattern := operations[int(which)%len(operations)]
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.ReplaceAll(path, "/calls/{id}", "/calls/"+c.ID)
		path = strings.ReplaceAll(path, "/agencies/{id}", "/agencies/arc")
		path = strings.ReplaceAll(path, "{id}", draft.ID)
		r := httptest.NewRequestWithContext(w.ctx, method, ids.Replace(path), bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+tokens[int(which)/len(operations)%len(tokens)])
		rec := httptest.NewRecorder()
		w.Handler.ServeHTTP(rec, r)
		if rec.Code >= http.StatusInternalServerError {
			t.Errorf("%s: %d %s", pattern, rec.Code, rec.Body)
		}
	})
}
