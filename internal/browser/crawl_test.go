package browser_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestCrawl follows the links of everybody in the demonstration, and of the
// public, from page to page: none leads to an error, and every kind of page is
// judged in the browser. Of pages alike, that is with addresses that differ in
// keys and values only, a few are asked for and one is drawn; what is built alike
// for several people is drawn once in each language.
func TestCrawl(t *testing.T) {
	t.Parallel()
	s := start(t)
	names, judged := []string{""}, &sync.Map{}
	if all {
		names = append(names, s.offered(t)...)
	}
	for i, name := range names {
		t.Run(strings.ReplaceAll(name+" ", " ", "_"), func(t *testing.T) {
			t.Parallel()
			c := &crawl{t: t, window: s.window(t, lang.Locales[i%len(lang.Locales)], true), asked: map[string]int{}, seen: map[string]bool{}, judged: judged, each: 1}
			if all {
				c.each = 6
			}
			begin := "/"
			if name != "" {
				c.signIn(name)
				begin = "/home"
			}
			c.client = c.taker()
			c.follow(begin)
			t.Logf("%d addresses of %d kinds, %d pages drawn", len(c.seen), len(c.asked), c.drawn)
		})
	}
}

// offered are the names of all people of the demonstration.
func (s *site) offered(t *testing.T) []string {
	t.Helper()
	people, err := s.Accounts.Invented(s.ctx)
	must(t, err)
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	if len(names) < 12 {
		t.Fatalf("only %q are offered", names)
	}
	return names
}

type crawl struct {
	*window
	t      *testing.T
	client *http.Client
	each   int            // how many addresses of one kind are asked for
	asked  map[string]int // by kind of address
	seen   map[string]bool
	judged *sync.Map // what anybody drew, by language and build
	drawn  int
}

// taker is a client with the window's cookies.
func (w *window) taker() *http.Client {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	base, err := url.Parse(w.url)
	must(w.t, err)
	jar.SetCookies(base, w.cookies())
	return &http.Client{Jar: jar}
}

// follow goes from begin to everything that it leads to, breadth first.
func (c *crawl) follow(begin string) {
	type step struct{ from, to string }
	for queue := []step{{"", begin}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		kind := kindOf(at.to)
		if c.seen[at.to] || c.asked[kind] >= c.each {
			continue
		}
		c.seen[at.to] = true
		c.asked[kind]++
		build, links := c.ask(at.from, at.to)
		for _, l := range links {
			queue = append(queue, step{at.to, l})
		}
		if build == "" || c.asked[kind] > 1 {
			continue
		}
		if _, done := c.judged.LoadOrStore(string(c.locale)+build, true); !done {
			c.open(at.to)
			c.audit()
			c.drawn++
		}
	}
}

// ask loads an address. The build of a page is what its elements and their classes are, and
// what each stands in: pages of one build differ in words and in the number of like parts only.
// Feeds, tables and other files have none.
func (c *crawl) ask(from, to string) (build string, links []string) {
	res, err := c.client.Get(c.url + to)
	must(c.t, err)
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		c.t.Errorf("%s leads to %s, which answers %d", from, to, res.StatusCode)
		return "", nil
	}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		_, err := io.Copy(io.Discard, res.Body)
		must(c.t, err)
		return "", nil
	}
	doc, err := html.Parse(res.Body)
	must(c.t, err)
	parts := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		parts[named(n.Parent)+" > "+named(n)] = true
		for _, a := range n.Attr {
			if n.Data != "a" || a.Key != "href" {
				continue
			}
			u, err := res.Request.URL.Parse(a.Val)
			if err != nil {
				c.t.Errorf("%s has a link to %q: %v", to, a.Val, err)
				continue
			}
			if u.Host == res.Request.URL.Host && u.Path != "/sign-out" && !u.Query().Has("lang") { // stay oneself, in one's language
				links = append(links, u.RequestURI())
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(parts)), "\n"), links
}

// named is an element with its classes.
func named(n *html.Node) string {
	for _, a := range n.Attr {
		if a.Key == "class" {
			return n.Data + "." + a.Val
		}
	}
	return n.Data
}

// key is a part of an address that names one record.
var key = regexp.MustCompile(`/([0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+|[0-9a-f]{32,})`)

// kindOf is an address without its keys and values.
func kindOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	sort.Strings(names)
	return key.ReplaceAllString(u.Path, "/*") + "?" + strings.Join(slices.Compact(names), "&")
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"/calls/01a44d5a-326f-74ce-86bc-b46d4513a9c2/proposals?q=a&page=2": "/calls/*/proposals?page&q",
		"/awards":    "/awards?",
		"/outbox/12": "/outbox/*?",
		"/calls/new": "/calls/new?",
	} {
		if got := kindOf(address); got != want {
			t.Errorf("kindOf(%q) = %q, want %q", address, got, want)
		}
	}
}
