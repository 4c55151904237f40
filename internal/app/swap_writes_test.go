package app_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// reach is how far a request came.
type reach int

const (
	stopped reach = iota // at the door, by its shape, or at a record that is not there
	ruled                // by a rule of the service
	done
)

// reached reads an answer to a request that has the shape of its route.
func reached(a answer) reach {
	status, rest, _ := strings.Cut(a.got, "\n")
	switch {
	case status == "409" || status == "422":
		return ruled
	case strings.HasPrefix(status, "2"), status == "303" && !strings.Contains(rest, "Location [/sign-in"):
		return done
	}
	return stopped
}

// mute are the routes whose service no request of TestSwapWritesReach reaches, by the reason why.
var mute = map[string]string{
	"doors that no scene opens: an identity that another provider has just proven and that has no account, a sign-in of which the second step is owed, the demonstration's": `
		POST /sign-in/join, POST /sign-in/second, POST /demo/{account}`,
	"lists that are signed and not public: where one is signed, what it gives is read by all": `
		POST /decisions/{id}/public`,
}

// judgesToo are more who may do something in the scenes.
var judgesToo = []string{"edda", "jonas", "ines", "ravi", "xaver", "desk", "xdesk", "signer", "deputy", "visitor", ""}

// TestSwapWritesReach sends what TestSwap sends as who may: every route that writes comes to its service, which does it or
// refuses it by a rule, in a scene at least, but those that stand among the mute.
func TestSwapWritesReach(t *testing.T) {
	t.Parallel()
	far := map[string]reach{}
	for _, i := range []int{1, 3, 4, 5} {
		s := installation(t, scenes[i], 0)
		s.reach(far)
	}
	silent, count := map[string]bool{}, map[reach]int{}
	for reason, list := range mute {
		for pattern := range strings.SplitSeq(list, ",") {
			pattern = strings.TrimSpace(pattern)
			silent[pattern] = true
			if got, is := far[pattern]; !is || got != stopped {
				t.Errorf("%s is among the mute (%s), and is no route or is reached", pattern, reason)
			}
		}
	}
	for pattern, got := range far {
		count[got]++
		if got == stopped && !silent[pattern] {
			t.Errorf("%s: nobody reaches its service", pattern)
		}
	}
	t.Logf("of %d routes that write %d do it, %d refuse it by a rule, %d are not reached", len(far), count[done], count[ruled], count[stopped])
}

// TestSwapSamplesStandStill: what is asked of a route does not depend on the other routes, nor on their order.
func TestSwapSamplesStandStill(t *testing.T) {
	t.Parallel()
	const later = "GET /calls/{id}/a-route-of-later"
	ask := func(listed func([]string) []string) (all []string) {
		s := installation(t, scenes[0], 0)
		s.listed = listed
		k := s.keys()
		for _, r := range slices.Concat(s.requests(k), s.writings(k, []string{"officer", "olena", "mira"})) {
			if !strings.HasSuffix(r.path, "/a-route-of-later") && !strings.Contains(r.path, "/a-route-of-later?") {
				all = append(all, r.method+" "+r.path+" "+r.body)
			}
		}
		return slices.Sorted(slices.Values(all))
	}
	before := ask(nil)
	after := ask(func(list []string) []string { slices.Reverse(list); return append([]string{later}, list...) })
	if len(before) < 1000 || len(before) != len(after) {
		t.Fatalf("%d requests, and %d with another route", len(before), len(after))
	}
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("asked was %.300s, and is %.300s", before[i], after[i])
		}
	}
}

// TestSwapSampleOfALongerList: one record more takes the place of one that was asked for at most.
func TestSwapSampleOfALongerList(t *testing.T) {
	t.Parallel()
	list := []int{0, 1, 2, 3}
	for range 60 {
		before := few("GET /calls/{id}", list, 3)
		list = append(list, len(list))
		gone := slices.DeleteFunc(slices.Clone(before), func(n int) bool { return slices.Contains(few("GET /calls/{id}", list, 3), n) })
		if len(gone) > 1 {
			t.Errorf("of %d: %v are not asked for any longer", len(list), gone)
		}
	}
}

// TestSwapKnowsEveryPlace: each place in an address takes keys of a table that is known, so that no route is asked for with others.
func TestSwapKnowsEveryPlace(t *testing.T) {
	t.Parallel()
	s := installation(t, scenes[0], 0)
	k := s.keys()
	for _, pattern := range s.patterns() {
		parts := strings.Split(pattern, "/")
		for i, part := range parts {
			name, is := strings.CutPrefix(part, "{")
			name, _, _ = strings.Cut(name, "}")
			if is && name != "$" && k.table(parts[i-1], name) == "" {
				t.Errorf("%s: nothing says what {%s} names", pattern, name)
			}
		}
	}
}

// reach sends to every route that writes, as everybody who may do something, and notes how far it came.
func (s *swapped) reach(far map[string]reach) {
	s.t.Helper()
	k, d := s.keys(), s.described()
	fill := s.filler(k, "ines")
	for _, keeper := range slices.Concat(keepers, judgesToo) {
		if _, is := s.actor[keeper]; !is && keeper != "" {
			continue // of another scene
		}
		secret, drawn := s.enter(keeper), s.forms(k, []string{keeper}, 3)
		for _, pattern := range s.patterns() {
			method, path, _ := strings.Cut(pattern, " ")
			if method == http.MethodGet || slices.Contains(leaving, pattern) || far[pattern] == done {
				continue
			}
			list := drawn[pattern]
			if isOperation(pattern) {
				apt, _ := k.paths(path)
				for _, p := range few(pattern, apt, 12) {
					list = append(list, fill.body(method, path, p))
				}
			}
			for _, r := range few(pattern, list, 10) {
				if err := d.shape(r); err != nil {
					s.t.Errorf("%s: the body is not as it is described: %v: %s", pattern, err, r.body)
				}
				a := s.try(keeper, secret, r)
				if strings.HasPrefix(a.got, "5") {
					s.t.Errorf("%s as %s: %s: %s", a.asked, keeper, r.body, a.got)
				}
				far[pattern] = max(far[pattern], reached(a))
			}
			far[pattern] = max(far[pattern], stopped)
		}
		for _, l := range s.lettersIn(s.ctx, keeper) {
			for _, link := range ticket.FindAllString(l.Body, -1) {
				for _, r := range s.drawnAt(link) {
					door := "POST " + strings.Join(strings.Split(link, "/")[:2], "/") + "/{secret}"
					far[door] = max(far[door], reached(s.try(keeper, "", r)))
				}
			}
		}
	}
}

// shape says what of a body of the API is not as it is described.
func (d *document) shape(r request) error {
	path, _, _ := strings.Cut(r.path, "?")
	template, _ := d.match(r.method, path)
	if template == "" || r.kind != "application/json" {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(r.body)))
	if err != nil {
		return err
	}
	return d.valid(value, "paths", template, strings.ToLower(r.method), "requestBody", "content", r.kind, "schema")
}
