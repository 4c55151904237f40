package app_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	entities "html"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/retention"
)

// answer is one request of a viewer and all that came back.
type answer struct{ asked, got string }

// compare reports how many answers were compared and what tells the two apart. The two are asked by turns, so that one
// answer of each is held at a time: all that a viewer gets may be gigabytes.
func compare(one, other iter.Seq[answer]) (asked int, found []string) {
	next, stop := iter.Pull(other)
	defer stop()
	for a := range one {
		b, is := next()
		if !is {
			return asked, append(found, "the other was asked less than one")
		}
		if a.asked != b.asked {
			return asked, append(found, fmt.Sprintf("one was asked %s, the other %s", a.asked, b.asked))
		}
		asked++
		if a.got != b.got {
			found = append(found, a.asked+": "+difference(a.got, b.got))
		}
	}
	if _, more := next(); more {
		found = append(found, "the other was asked more than one")
	}
	return asked, found
}

// difference is the first place where two answers differ, with what stands around it.
func difference(a, b string) string {
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	around := func(s string) string { return s[max(0, at-60):min(len(s), at+60)] }
	return fmt.Sprintf("at byte %d, %q and %q", at, around(a), around(b))
}

// sibling is a line of a proof: the hash of another part of the ledger's tree. laid is the head that stood when a record was laid
// before a council, which depends on how the background cut what came before.
var (
	sibling = regexp.MustCompile(`sibling [0-9a-f]{64}`)
	laid    = regexp.MustCompile(`ledger of \d+ entries, root [0-9a-f]*`)
)

// masked replaces what stands for other parts of the ledger, or for all of it: root and
// signature of its head, and the hashes of proofs.
func masked(head string) func(string) string {
	lines := strings.Split(head, "\n")
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		panic(err) // of a head that the ledger has just signed
	}
	var pairs []string
	for _, text := range []string{lines[2], hex.EncodeToString(root), lines[len(lines)-2]} {
		for _, written := range []string{text, entities.EscapeString(text), strings.ReplaceAll(entities.EscapeString(text), "&#43;", "+"), url.QueryEscape(text)} {
			pairs = append(pairs, written, "(commitment)")
		}
	}
	known := strings.NewReplacer(pairs...)
	return func(s string) string {
		return laid.ReplaceAllLiteralString(sibling.ReplaceAllLiteralString(known.Replace(s), "sibling (commitment)"), "ledger of (commitment)")
	}
}

// request is one request to be made.
type request struct {
	method, path string
	body, kind   string
}

// twins are the two installations of a scene.
type twins struct {
	one, other *swapped
	keys       keys // that either had as it was built: what is hidden may have keys of its own
}

func twinsOf(t testing.TB, sc scene) twins {
	t.Helper()
	both := twins{one: installation(t, sc, 0), other: installation(t, sc, 1)}
	both.keys = both.one.keys()
	for table, list := range both.other.keys() {
		both.keys[table] = slices.Compact(slices.Sorted(slices.Values(append(both.keys[table], list...))))
	}
	return both
}

// gets, writes, letters and copies say how many answers a viewer got from both, and what tells them apart.

func (t twins) gets(viewer string) (asked int, found []string) {
	return compare(t.one.gets(viewer, t.keys), t.other.gets(viewer, t.keys))
}

// writings are read from the forms of the first, for which these sign in: they do in the other, too, so that nobody has a session more there.
func (t twins) writings(as []string) []request {
	for _, who := range as {
		t.other.enter(who)
	}
	return t.one.writings(t.keys, as)
}

func (t twins) writes(viewer string, list []request) (asked int, found []string) {
	return compare(t.one.writes(viewer, list), t.other.writes(viewer, list))
}

func (t twins) copies(viewer string) (asked int, found []string) {
	return compare(slices.Values(t.one.copies(viewer)), slices.Values(t.other.copies(viewer)))
}

func (t twins) letters(viewer string) (asked int, found []string) {
	return compare(slices.Values(t.one.letters(viewer)), slices.Values(t.other.letters(viewer)))
}

// gets asks for everything that a viewer can look at.
func (s *swapped) gets(viewer string, k keys) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		secret := s.enter(viewer)
		for _, r := range s.requests(k) {
			if !yield(s.ask(secret, r)) {
				return
			}
		}
	}
}

// writes sends a list, each to the installation as it was built.
func (s *swapped) writes(viewer string, list []request) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		secret := s.enter(viewer)
		for _, r := range list {
			if !yield(s.try(viewer, secret, r)) {
				return
			}
		}
	}
}

var errTakenBack = errors.New("taken back")

// try sends a request, has the answer with the mails that it wrote to who sent it, and takes back all that it changed.
func (s *swapped) try(viewer, secret string, r request) (a answer) {
	s.t.Helper()
	chance := clock.NewFixed(s.now.Source().Now(), 11).Source() // the same for each, however much chance the one before took
	s.Web.Clock, s.API.Clock = chance, chance
	err := work.Do(s.ctx, s.DB, func(ctx context.Context) error {
		a = s.askIn(ctx, secret, r)
		for _, l := range s.lettersIn(ctx, viewer) {
			a.got += l.Kind + l.Subject + l.Body
		}
		return errTakenBack
	})
	s.Web.Clock, s.API.Clock = s.now.Source(), s.now.Source()
	if !errors.Is(err, errTakenBack) {
		s.t.Fatal(err)
	}
	return a
}

// enter opens a session and returns its secret, "" for the public. Its key comes by a chance of its own, however much was asked before.
func (s *swapped) enter(viewer string) string {
	s.t.Helper()
	if viewer == "" {
		return ""
	}
	s.entered++
	ctx := clock.With(s.ctx, clock.NewFixed(s.now.Source().Now(), 2*s.entered).Source())
	s.Accounts.Demo = true // signing in without a password is the demonstration's
	secret, err := s.Accounts.SignInAs(ctx, s.actor[viewer].Account, "test")
	s.Accounts.Demo = false
	s.must(err)
	if delegation := s.acting[viewer]; delegation != "" {
		session, err := s.Accounts.Resolve(s.ctx, secret)
		s.must(err)
		s.must(s.Accounts.Act(s.ctx, session, delegation))
	}
	return secret
}

func (s *swapped) ask(secret string, r request) answer { return s.askIn(s.ctx, secret, r) }

func (s *swapped) askIn(ctx context.Context, secret string, r request) answer {
	req := httptest.NewRequestWithContext(ctx, r.method, r.path, strings.NewReader(r.body))
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	if secret != "" {
		req.AddCookie(&http.Cookie{Name: "__Host-hw", Value: secret})
	}
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, req)
	var b strings.Builder
	fmt.Fprintln(&b, rec.Code)
	for _, name := range slices.Sorted(maps.Keys(rec.Header())) {
		fmt.Fprintln(&b, name, rec.Header()[name])
	}
	b.Write(rec.Body.Bytes())
	return answer{r.method + " " + r.path, s.mask(b.String())}
}

// ticket is a link by which a mail lets somebody do something without signing in.
var ticket = regexp.MustCompile(`/(answer|links|data-requests)/[\w-]+`)

// letters are the mails to a viewer, the pages to which their links lead without an account, and what the forms there bring.
func (s *swapped) letters(viewer string) []answer {
	s.t.Helper()
	var out []answer
	for _, l := range s.lettersIn(s.ctx, viewer) {
		out = append(out, answer{"mail " + l.Kind, s.mask(fmt.Sprintf("%+v", l))})
		for _, link := range ticket.FindAllString(l.Body, -1) {
			out = append(out, s.ask("", request{method: http.MethodGet, path: link}))
			for _, r := range s.drawnAt(link) {
				out = append(out, s.try(viewer, "", r))
			}
		}
	}
	return out
}

// drawnAt are the forms of a page that needs no account.
func (s *swapped) drawnAt(link string) []request {
	s.t.Helper()
	page := s.page("", link)
	if page == nil {
		return nil
	}
	return s.filler(keys{}, leads[0].ID).forms(page, link)
}

// copies are what a viewer gets who asks for a copy of their data; nothing where they are no person, or act for somebody.
func (s *swapped) copies(viewer string) []answer {
	s.t.Helper()
	a := s.actor[viewer]
	if a.Person == "" || s.acting[viewer] != "" {
		return nil
	}
	id, err := s.Retention.Ask(s.ctx, a, retention.ForCopy, "")
	s.must(err)
	s.must(s.Retention.MakeCopy(s.ctx, retention.Ordered{ID: id}))
	_, content, err := s.Retention.Fetch(s.ctx, a, id)
	s.must(err)
	body, err := io.ReadAll(content)
	s.must(errors.Join(err, content.Close()))
	files := s.unzipped(body)
	var out []answer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out = append(out, answer{"copy " + name, s.mask(files[name])})
	}
	return out
}

func (s *swapped) lettersIn(ctx context.Context, viewer string) []mail.Letter {
	s.t.Helper()
	if viewer == "" {
		return nil
	}
	list, err := s.Mail.Outbox(ctx, mail.Filter{Account: s.actor[viewer].Account}, 10_000)
	s.must(err)
	return list
}

// requests are all that the table of routes lets one read, in a fixed order. Routes that are added are among
// them by themselves.
func (s *swapped) requests(k keys) []request {
	s.t.Helper()
	var out []request
	for _, pattern := range s.patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet || slices.Contains(leaving, pattern) || s.only != "" && pattern != s.only {
			continue
		}
		apt, odd := k.paths(path)
		paths := s.looked(pattern, apt, odd)
		for _, p := range paths {
			out = append(out, request{method: method, path: p})
		}
		for _, q := range s.searched(pattern, s.queries(path)) {
			out = append(out, request{method: method, path: paths[0] + "?" + q})
		}
	}
	return out
}

// patterns are those of all routes.
func (s *swapped) patterns() (list []string) {
	for _, r := range s.Web.Routes() {
		list = append(list, r.Pattern)
	}
	for _, op := range s.API.Operations() {
		list = append(list, op.Pattern)
	}
	if s.listed != nil {
		return s.listed(list)
	}
	return list
}

// sample keeps a few of list: more where everything is asked.
func (s *swapped) sample(name string, list []string, reading bool) []string {
	return few(name, list, s.most(name, reading))
}

// most is how many addresses are asked for on a route.
func (s *swapped) most(name string, reading bool) int {
	switch {
	case s.deep != "" && strings.Contains(name, s.deep):
		return 32
	case reading && strings.Contains(name, "/council-"), s.all && reading: // what a meeting shows depends on how far it is
		return 10
	case s.all || reading:
		return 2
	}
	return 1
}

// looked are the addresses of a route that reads: all that there are and some odd ones, or a sample of both.
func (s *swapped) looked(pattern string, apt, odd []string) []string {
	if s.whole(pattern) {
		return append(slices.Clone(apt), few(pattern+" odd", odd, 4)...)
	}
	return append(s.sample(pattern, apt, true), s.sample(pattern+" odd", odd, false)...)
}

// searched are the searches, filters and orders that a route is asked for: all, or a sample.
func (s *swapped) searched(pattern string, queries []string) []string {
	if s.whole(pattern) {
		return queries
	}
	return s.sample(pattern+"?", queries, s.all)
}

// whole says whether a route is read in every way: but those of maps, whose keys stand in places by the thousand.
func (s *swapped) whole(pattern string) bool {
	return swapAll && (s.deep == "" || !strings.Contains(pattern, s.deep))
}

// few are as many of list as most says, from the places that the name draws: no other name changes
// them, and one more at the end of the list takes the place of one of them at most.
func few[T any](name string, list []T, most int) []T {
	if len(list) <= most {
		return list
	}
	draw, places := make([]uint64, len(list)), make([]int, len(list))
	for i := range list {
		h := fnv.New64a()
		fmt.Fprint(h, i, name)
		draw[i], places[i] = h.Sum64(), i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(draw[a], draw[b]) })
	out := make([]T, most)
	for i, place := range slices.Sorted(slices.Values(places[:most])) {
		out[i] = list[place]
	}
	return out
}

// writings are what is sent to every route that writes: bodies by their description, and the forms that
// pages show to some; where nobody sees one, a form that says something in every field that forms commonly have.
func (s *swapped) writings(k keys, as []string) []request {
	s.t.Helper()
	named := []filler{s.filler(k, leads[0].ID), s.filler(k, judges[1].ID)}
	drawn := s.forms(k, as, 3)
	var out []request
	for _, pattern := range s.patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if method == http.MethodGet || slices.Contains(leaving, pattern) || s.only != "" && pattern != s.only {
			continue
		}
		apt, odd := k.paths(path)
		apt, odd = s.sample(pattern, apt, false), s.sample(pattern+" odd", odd, false)
		forms := few(pattern, drawn[pattern], 2*s.most(pattern, false))
		switch {
		case isOperation(pattern):
			for i, p := range append(apt, odd...) {
				out = append(out, named[i%len(named)].body(method, path, p))
			}
			out = append(out, forms...)
		case len(forms) > 0:
			out = append(out, forms...)
			for _, p := range odd {
				out = append(out, request{method, p, forms[0].body, forms[0].kind})
			}
		default:
			for _, p := range append(apt, odd...) {
				out = append(out, guessed(method, p))
			}
		}
	}
	return out
}

// unlike are pages that depend on the record: each draws other forms.
var unlike = []string{"GET /admin/roles/{id}", "GET /agreements/{id}", "GET /awards/{id}", "GET /council-items/{id}", "GET /council-meetings/{id}", "GET /decisions/{id}", "GET /organisations/{id}/merge", "GET /priorities/{id}", "GET /needs/{id}"}

// forms are those that pages show to some, by the routes to which they are sent, in the order of what they
// say. They are looked for on most pages of each kind at most, and on all where a page draws what no other of its kind does.
func (s *swapped) forms(k keys, as []string, most int) map[string][]request {
	s.t.Helper()
	routes := http.NewServeMux()
	for _, r := range s.Web.Routes() {
		routes.Handle(r.Pattern, http.NotFoundHandler())
	}
	routeOf := func(method, path string) string {
		_, to := routes.Handler(httptest.NewRequestWithContext(s.ctx, method, path, nil))
		return to
	}
	out, fill := map[string][]request{}, s.filler(k, leads[0].ID)
	for _, viewer := range as {
		secret := s.enter(viewer)
		for _, pattern := range s.patterns() {
			method, path, _ := strings.Cut(pattern, " ")
			if method != http.MethodGet || isOperation(pattern) || slices.Contains(leaving, pattern) {
				continue
			}
			apt, _ := k.paths(path)
			most := most
			if slices.Contains(unlike, pattern) {
				most = len(apt)
			}
			for p, page := range s.pages(secret, pattern, apt, most, routeOf) {
				for _, f := range fill.forms(page, p) {
					if to := routeOf(f.method, f.path); to != "" {
						out[to] = append(out[to], f)
					}
				}
			}
		}
	}
	for to, list := range out {
		slices.SortFunc(list, func(a, b request) int { return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.body, b.body)) })
		out[to] = slices.Compact(list)
	}
	for to, list := range s.held {
		out[to] = append(out[to], list...)
	}
	return out
}

// pages are the first pages of a kind that somebody sees, as many as most says, in up to eight times as many attempts,
// and those to which they lead by an address that asks for something: one for each page and what it is asked for.
func (s *swapped) pages(secret, pattern string, paths []string, most int, routeOf func(method, path string) string) iter.Seq2[string, *html.Node] {
	return func(yield func(string, *html.Node) bool) {
		seen, led := 0, map[string]bool{}
		for _, p := range few(pattern, paths, 8*most) {
			page := s.page(secret, p)
			if page == nil {
				continue
			}
			if draws(page) {
				if seen++; !yield(p, page) {
					return
				}
			}
			for _, link := range asking(page) {
				kind := routeOf(http.MethodGet, link.Path) + fmt.Sprint(slices.Sorted(maps.Keys(link.Query())))
				if led[kind] {
					continue
				}
				led[kind] = true
				if next := s.page(secret, link.RequestURI()); next != nil && !yield(link.RequestURI(), next) {
					return
				}
			}
			if seen == most {
				return
			}
		}
	}
}

// asking are the links in the middle of a page that say more than whose page they lead to.
func asking(page *html.Node) (list []*url.URL) {
	for n := range page.Descendants() {
		if n.Data != "main" {
			continue
		}
		for a := range n.Descendants() {
			if u, err := url.Parse(attr(a, "href")); a.Data == "a" && err == nil && u.Host == "" && u.RawQuery != "" && strings.HasPrefix(u.Path, "/") {
				list = append(list, u)
			}
		}
	}
	return list
}

// page is a page that somebody sees, nil for what is none.
func (s *swapped) page(secret, path string) *html.Node {
	got := s.ask(secret, request{method: http.MethodGet, path: path}).got
	if _, rest, _ := strings.Cut(got, "\nContent-Type ["); !strings.HasPrefix(got, "200") || !strings.HasPrefix(rest, "text/html") {
		return nil
	}
	page, err := html.Parse(strings.NewReader(got))
	s.must(err)
	return page
}

// draws says whether a page has a form that sends something.
func draws(page *html.Node) bool {
	for n := range page.Descendants() {
		if n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") {
			return true
		}
	}
	return false
}

// guessed is a form that names people and says something in every field that forms commonly have.
func guessed(method, path string) request {
	form := url.Values{}
	for _, name := range []string{"title", "title_en", "reason", "why", "note", "grounds", "answer", "text", "name"} {
		form.Set(name, "accept")
	}
	form.Set("person", leads[0].ID)
	form.Set("person_text", leads[1].Family)
	form.Set("email", leads[0].Email)
	form.Set("q", leads[1].Family)
	form.Set("version", "1")
	return request{method, path, form.Encode(), "application/x-www-form-urlencoded"}
}

// queries are searches for what is hidden, and every order and filter that the API names.
func (s *swapped) queries(path string) []string {
	var out []string
	add := func(name string, values ...string) {
		for _, v := range values {
			out = append(out, url.Values{name: {v}}.Encode())
		}
	}
	wanted := []string{leads[0].Family, leads[1].Family, leads[0].ID, leads[1].ID, judges[1].Family, "Ylem", "zz-ylem", "fuses", "glaciers", "Dust"}
	if s.deep != "" && strings.Contains(path, s.deep) {
		return mapQueries()
	}
	item := s.API.OpenAPI().Paths[path]
	if item == nil || item.Get == nil {
		add("q", wanted...)
		add("lang", "zh")
		add("page", "2")
		for _, sort := range []string{"title", "-title", "number", "-number", "score", "lead", "amount", "-amount", "state", "new", "name"} {
			add("sort", sort)
		}
		return out
	}
	for _, p := range item.Get.Parameters {
		switch {
		case p.In != "query" || p.Schema == nil:
		case len(p.Schema.Enum) > 0:
			for _, v := range p.Schema.Enum {
				add(p.Name, fmt.Sprint(v))
			}
		case p.Schema.Type == "string":
			add(p.Name, wanted...)
		default:
			add(p.Name, "1", "2")
		}
	}
	return out
}

// keys are all keys of the database, by table.
type keys map[string][]string

// keys reads them in the order of their texts.
func (s *swapped) keys() keys {
	s.t.Helper()
	k := keys{}
	tables, err := db.Strings(s.ctx, s.DB.Q(s.ctx), s.DB.Pick(`SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'id' AND c.type = 'TEXT' WHERE m.type = 'table' ORDER BY 1`,
		`SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'id' AND data_type = 'text' ORDER BY 1`))
	s.must(err)
	for _, table := range tables {
		k[table], err = db.Rows(s.ctx, s.DB.Q(s.ctx), func(r *sql.Rows) (id string, err error) { return id, r.Scan(&id) }, `SELECT id FROM `+table+` ORDER BY id`)
		s.must(err)
	}
	k["section"] = []string{"idea", "plan", "money", "works", "ethics"}
	k["field"] = []string{"title", "plan_file", "works"}
	k["scheme"], k["scenario"] = []string{"open-call"}, k["decision_scenario"]
	k["kind"] = []string{"question", "call", "award"}
	k["file"] = []string{"nodes.csv", "shares.csv", "map.json", "lottery.json", "receipt.txt"}
	k["secret"] = []string{"0"}
	k["provider"] = []string{"orcid"}
	k["option"], k["track"] = []string{"new"}, []string{"new"}
	k["node"], k["gate"] = []string{"bulb"}, []string{"new"} // else all keys would be tried in both, with each other
	for _, c := range retention.Classes {
		k["class"] = append(k["class"], string(c))
	}
	if s.deep != "" {
		maps.Copy(k, mapKeys())
	}
	for _, b := range must1(db.Rows(s.ctx, s.DB.Q(s.ctx), func(r *sql.Rows) (b [2]string, err error) { return b, r.Scan(&b[0], &b[1]) }, belonging)) {
		k[belongs+b[0]] = append(k[belongs+b[0]], b[1])
	}
	return k
}

// belongs begins the name under which keys hold what a key belongs to.
const belongs = "belongs: "

// belonging are the keys that stand behind others in addresses, with those.
const belonging = `SELECT id, call_id FROM proposal UNION SELECT p.id, d.id FROM proposal p JOIN decision d ON d.call_id = p.call_id
	UNION SELECT id, call_id FROM assignment_run UNION SELECT id, decision_id FROM decision_lottery UNION SELECT id, panel_id FROM panel_item UNION SELECT id, account_id FROM role_grant
	UNION SELECT id, proposal_id FROM proposal_competitor UNION SELECT id, proposal_id FROM proposal_member UNION SELECT id, map_id FROM techmap_suggestion UNION SELECT id, award_id FROM milestone UNION SELECT organisation_id, proposal_id FROM proposal_approval
	UNION SELECT id, owner_id FROM file_ref UNION SELECT f.id, r.id FROM file_ref f JOIN review r ON r.proposal_id = f.owner_id
	UNION SELECT f.id, i.id FROM file_ref f JOIN panel_item i ON i.proposal_id = f.owner_id ORDER BY 1, 2`

// tables says which table a part of an address names, where it is not the part's singular.
var tables = map[string]string{"people": "person", "works": "work", "item": "panel_item", "jobs": "affiliation", "tokens": "api_token", "acting": "delegation", "outbox": "mail_message", "imports": "import_run",
	"bodies": "council_body", "seat": "council_seat", "council-items": "council_item", "maps": "techmap", "map": "techmap", "member": "proposal_member", "ref": "file_ref", "from": "proposal", "run": "assignment_run", "change": "assignment_change", "oppId": "call", "subject": "call", "grant": "role_grant",
	"lottery": "decision_lottery", "requests": "data_request", "data-requests": "data_request", "my-data": "data_request", "roles": "account", "role": "role_grant", "identities": "account_identity", "passkeys": "account_passkey",
	"relations": "person_relation", "competitor": "proposal_competitor", "holds": "legal_hold", "council-meetings": "council_meeting", "council-conditions": "council_condition", "suggestion": "techmap_suggestion", "record": "call"}

var placeholder = regexp.MustCompile(`\{[^}]+\}`)

// nobodys is a key that nobody has.
const nobodys = "nobody-has-this-key"

// paths puts every fitting key in the places of a path: apt are those in which each key belongs to the
// one before it, if it belongs to anything; odd are the same with one place that has a key from elsewhere, or that nobody has.
func (k keys) paths(path string) (apt, odd []string) {
	type begun struct {
		path, last string
		odd        bool
	}
	out := []begun{{path: strings.ReplaceAll(path, "{$}", "")}}
	for placeholder.MatchString(out[0].path) {
		before, rest, _ := strings.Cut(out[0].path, "{")
		name, _, _ := strings.Cut(rest, "}")
		parts := strings.Split(strings.Trim(before, "/"), "/")
		list := k[k.table(parts[len(parts)-1], name)]
		var next []begun
		for _, o := range out {
			put := func(key string, odd bool) {
				next = append(next, begun{strings.Replace(o.path, "{"+name+"}", url.PathEscape(key), 1), key, odd})
			}
			own, other := k.behind(o.last, list)
			switch {
			case o.odd:
				put(append(slices.Concat(own, other), nobodys)[0], true)
			default:
				for _, key := range own {
					put(key, false)
				}
				for _, key := range append(other[:min(1, len(other))], nobodys) {
					put(key, true)
				}
			}
		}
		out = next
	}
	for _, o := range out {
		if o.odd {
			odd = append(odd, o.path)
		} else {
			apt = append(apt, o.path)
		}
	}
	return apt, odd
}

// behind parts a list into the keys that belong to one, and the others. All may stand behind a key of
// their own kind, and where they belong to nothing.
func (k keys) behind(key string, list []string) (own, others []string) {
	if len(list) == 0 || k[belongs+list[0]] == nil || key == "" || slices.Contains(list, key) {
		return slices.Clone(list), nil
	}
	for _, c := range list {
		if slices.Contains(k[belongs+c], key) {
			own = append(own, c)
		} else {
			others = append(others, c)
		}
	}
	return own, others
}

// table is what a place in an address names: by the parameter's name, else by what stands before it.
// TestSwapKnowsEveryPlace finds places that name nothing.
func (k keys) table(before, name string) string {
	for _, n := range []string{name, before} {
		for _, table := range []string{tables[n], n, strings.TrimSuffix(n, "s"), strings.TrimSuffix(n, "ies") + "y"} {
			if _, ok := k[table]; ok {
				return table
			}
		}
	}
	return ""
}

// leak changes an answer by something of somebody who must not be known.
type leak func(of register.Person, method, path string, status *int, header http.Header, body []byte) []byte

// leaks are planted by TestSwapFindsLeaks.
var leaks = map[string]leak{
	"a key in a header": func(of register.Person, _, path string, _ *int, header http.Header, body []byte) []byte {
		if strings.HasPrefix(path, "/api/v1/reviews/") {
			h := fnv.New32a()
			io.WriteString(h, of.ID)
			header.Set("Etag", fmt.Sprint(h.Sum32()))
		}
		return body
	},
	"the length of a name": func(of register.Person, _, path string, _ *int, _ http.Header, body []byte) []byte {
		if path == "/reviews" {
			return append(body, bytes.Repeat([]byte(" "), len(of.Family))...)
		}
		return body
	},
	"the order of a list": func(of register.Person, _, path string, _ *int, _ http.Header, body []byte) []byte {
		if path == "/api/v1/reviews" && of.Family > "M" {
			return append(body[len(body)/2:], body[:len(body)/2]...)
		}
		return body
	},
	"a status": func(of register.Person, _, path string, status *int, _ http.Header, body []byte) []byte {
		if strings.HasPrefix(path, "/people/") && of.Family > "M" && *status == http.StatusOK {
			*status = http.StatusForbidden
		}
		return body
	},
	"where a redirect leads": func(of register.Person, _, path string, _ *int, header http.Header, body []byte) []byte {
		if to := header.Get("Location"); to != "" {
			header.Set("Location", to+"#"+of.Country)
		}
		return body
	},
	"the text of an error": func(of register.Person, _, _ string, status *int, _ http.Header, body []byte) []byte {
		if *status == http.StatusNotFound {
			return bytes.Replace(body, []byte("</h1>"), []byte("</h1><!-- "+of.Given+" -->"), 1)
		}
		return body
	},
}

// leaking is a handler with a leak in its answers.
func leaking(whole http.Handler, of register.Person, l leak) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		whole.ServeHTTP(rec, r)
		status := rec.Code
		body := l(of, r.Method, r.URL.Path, &status, rec.Header(), rec.Body.Bytes())
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}
