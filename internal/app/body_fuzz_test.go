package app_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// FuzzBodies sends bytes as the body of every operation of the API that takes one, to records that are there, as
// some who may do much and an applicant: no answer is a failure of ours. It begins with bodies that are valid.
func FuzzBodies(f *testing.F) {
	f.Add(uint16(0), []byte(`{}`))
	f.Add(uint16(12), []byte(`{"text":"a","amount":-1,"at":"2027-03-16","list":[null,{"a":[]}]}`))
	w := country(f, dbtest.PostgresURL(f)) // SQLite runs within the process, where the fuzzer would slow it down and follow it
	strike(w)
	s := &swapped{world: w}
	k := s.keys()
	fill := s.filler(k, "edda")
	who := []string{"officer", "mira", "olena", "decider"}
	var operations []string
	var addresses [][]string
	for _, o := range w.API.Operations() {
		method, path, _ := strings.Cut(o.Pattern, " ")
		if method == http.MethodGet || method == http.MethodDelete {
			continue
		}
		apt, _ := k.paths(path)
		if len(apt) == 0 { // of what nobody has yet
			apt = []string{keyNames.ReplaceAllString(path, nobodys)}
		}
		operations, addresses = append(operations, o.Pattern), append(addresses, few(o.Pattern, apt, 8))
	}
	var tokens []string
	for i, name := range who {
		tokens = append(tokens, w.caller(name).token)
		for j, pattern := range operations {
			method, path, _ := strings.Cut(pattern, " ")
			f.Add(uint16(i*len(operations)+j), []byte(fill.body(method, path, "").body))
		}
	}
	f.Fuzz(func(t *testing.T, which uint16, body []byte) {
		at := int(which) % len(operations)
		rest := int(which) / len(operations)
		list := addresses[at]
		method, _, _ := strings.Cut(operations[at], " ")
		r := httptest.NewRequestWithContext(w.ctx, method, list[rest/len(tokens)%len(list)], bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+tokens[rest%len(tokens)])
		rec := httptest.NewRecorder()
		w.Handler.ServeHTTP(rec, r)
		if rec.Code >= http.StatusInternalServerError {
			t.Errorf("%s: %d %s", operations[at], rec.Code, rec.Body)
		}
	})
}
