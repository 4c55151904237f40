package app_test

import (
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// events reads an iCalendar as strictly as RFC 5545 writes it: lines end in CR LF, none
// has more than 75 octets, components nest, and every event has UID and DTSTAMP once.
func events(t testing.TB, text string) []map[string]string {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Fatal("a line does not end in CR LF")
	}
	for _, l := range strings.Split(text, "\r\n") {
		if len(l) > 75 {
			t.Errorf("%d octets: %q", len(l), l)
		}
	}
	var open []string
	var out []map[string]string
	for _, l := range strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n") {
		name, value, ok := strings.Cut(l, ":")
		if !ok || !regexp.MustCompile(`^[A-Z-]+$`).MatchString(name) {
			t.Fatalf("%q is no content line", l)
		}
		switch name {
		case "BEGIN":
			open = append(open, value)
			if value == "VEVENT" {
				out = append(out, map[string]string{})
			}
			continue
		case "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("%q ends what is not open", l)
			}
			open = open[:len(open)-1]
			continue
		}
		if open[len(open)-1] == "VEVENT" {
			e := out[len(out)-1]
			if e[name] != "" {
				t.Errorf("%s comes twice", name)
			}
			e[name] = value
		}
	}
	for _, e := range out {
		for _, name := range []string{"UID", "DTSTAMP", "DTSTART"} {
			if e[name] == "" {
				t.Errorf("an event has no %s: %v", name, e)
			}
		}
	}
	return out
}

type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"http://www.w3.org/2005/Atom id"`
	Title   string   `xml:"http://www.w3.org/2005/Atom title"`
	Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
	Author  string   `xml:"http://www.w3.org/2005/Atom author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID      string `xml:"http://www.w3.org/2005/Atom id"`
		Title   string `xml:"http://www.w3.org/2005/Atom title"`
		Updated string `xml:"http://www.w3.org/2005/Atom updated"`
		Summary string `xml:"http://www.w3.org/2005/Atom summary"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/2005/Atom link"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

// readAtom reads a feed and checks what RFC 4287 asks of every feed and entry: an address
// or name as id, unlike any other's, a title, a date, an author and a link to itself.
func readAtom(t *testing.T, text string) atom {
	t.Helper()
	var f atom
	if err := xml.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	check := func(id, title, updated string) {
		if u, err := url.Parse(id); err != nil || !u.IsAbs() || seen[id] {
			t.Errorf("id %q is no address, or comes twice", id)
		}
		seen[id] = true
		if _, err := time.Parse(time.RFC3339, updated); err != nil || title == "" {
			t.Errorf("title %q, updated %q", title, updated)
		}
	}
	check(f.ID, f.Title, f.Updated)
	if f.Author == "" || len(f.Links) == 0 || f.Links[0].Rel != "self" || f.Links[0].Href != f.ID {
		t.Errorf("author %q, links %v", f.Author, f.Links)
	}
	for _, e := range f.Entries {
		check(e.ID, e.Title, e.Updated)
		if u, err := url.Parse(e.Link.Href); err != nil || !u.IsAbs() {
			t.Errorf("link %q", e.Link.Href)
		}
	}
	return f
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		draft, err := w.Calls.Create(w.ctx, w.actor["officer"], call.Input{AgencyID: "arc", SchemeVersionID: c.SchemeVersionID, Title: lang.In1("en", "Not yet"), Summary: lang.In1("en", "x"),
			Zone: "Europe/Vienna", Opens: "2027-03-20T08:00", Closes: "2027-05-19T08:00"})
		w.must(err)
		public, officer := w.visitor(""), w.visitor("officer")
		at := "/calls/" + c.ID
		before := events(t, public.body("/calls.ics"))
		if len(before) != 1 || before[0]["DTSTART"] != "20270415T150000Z" || before[0]["SUMMARY"] != "Closes: Open questions 2027" || !strings.HasSuffix(before[0]["URL"], at) {
			t.Errorf("events = %v", before)
		}
		w.now.Advance(time.Hour)
		officer.ask("POST", at+"/extend", values("closes", "2027-04-22T17:00", "reason", "Our service was down, twice; see <status>."), 303)
		after := events(t, public.body(at+"/calendar"))
		if len(after) != 1 || after[0]["UID"] != before[0]["UID"] || after[0]["DTSTART"] != "20270422T150000Z" || after[0]["SEQUENCE"] <= before[0]["SEQUENCE"] || after[0]["DTSTAMP"] != "20270316T100000Z" {
			t.Errorf("after the extension %v, before %v", after, before)
		}
		w.now.Advance(time.Hour)
		w.must(w.Calls.Cancel(w.ctx, w.actor["officer"], c.ID, lang.In1("en", "The money was taken back.")))
		if one := events(t, public.body(at+"/calendar")); one[0]["STATUS"] != "CANCELLED" {
			t.Errorf("a cancelled call is %v", one)
		}
		if all := events(t, officer.body("/calls.ics")); len(all) != 0 {
			t.Errorf("an officer's calendar has what the public's has not: %v", all)
		}

		for _, path := range []string{"/calls.atom", at + "/feed"} {
			f := readAtom(t, officer.body(path))
			if len(f.Entries) != 3 || f.Updated != f.Entries[0].Updated {
				t.Fatalf("%s: %+v", path, f)
			}
			for i, want := range []string{"Cancelled: Open questions 2027", "More time: Open questions 2027", "New: Open questions 2027"} {
				if f.Entries[i].Title != want {
					t.Errorf("%s: entry %d is %q, want %q", path, i, f.Entries[i].Title, want)
				}
			}
			if text := f.Entries[0].Summary + f.Entries[1].Summary; !strings.Contains(text, "twice; see <status>.") || !strings.Contains(text, "taken back") {
				t.Errorf("%s does not say why: %q", path, text)
			}
		}
		public.ask("GET", "/calls/"+draft.ID+"/feed", nil, 404)
		officer.ask("GET", "/calls/"+draft.ID+"/feed", nil, 404)
		officer.ask("GET", "/calls/"+draft.ID+"/calendar", nil, 404)
		public.ask("GET", "/calls", nil, 200, `type="application/atom+xml" href="/calls.atom"`, `type="text/calendar" href="/calls.ics"`)
	})
}
