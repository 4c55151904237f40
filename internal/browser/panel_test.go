package browser_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestPanelMeeting: a meeting in two browsers, followed without reload. One of the two has
// a conflict with an item: while the others treat it, their page stands still, what a
// reload gives is to the byte what it was, and the item's own address is that of nothing.
func TestPanelMeeting(t *testing.T) {
	t.Parallel()
	s := start(t)
	salma, edda := s.window(t, lang.English, true), s.window(t, lang.English, true)
	salma.signIn("Salma Ostrander")
	edda.signIn("Edda Lindqvist-Amari")
	edda.open("/reviews")
	at := eval[string](edda, `document.querySelector('main a[href^="/panels/"]').getAttribute('href')`)
	meeting := at + "/meeting"
	edda.open(meeting)
	salma.open(meeting)
	salma.audit()
	hidden := without(salma.agenda(), edda.agenda())
	if len(hidden) == 0 || len(without(edda.agenda(), salma.agenda())) != 0 {
		t.Fatalf("salma sees %v, edda sees %v", salma.agenda(), edda.agenda())
	}
	id, item := strings.TrimPrefix(at, "/panels/"), strings.TrimPrefix(hidden[0], at+"/items/")

	// Another member votes: the page follows, and what Edda is writing stays.
	edda.has("[data-part='now'] h2")
	edda.fill(map[string]string{"score": "4.2"})
	open := eval[string](edda, `document.querySelector('tr.is-chosen a').getAttribute('href')`)
	count := edda.text("[data-part='now'] dd:last-child")
	must(t, s.Panels.Vote(s.ctx, s.member(t, id, 5), id, strings.TrimPrefix(open, at+"/items/"), 4.5))
	edda.until(`document.querySelector("[data-part='now'] dd:last-child").innerText !== ` + quote(count))
	if typed := eval[string](edda, `document.querySelector("[name=score]").value`); typed != "4.2" {
		t.Errorf("what was being written became %q", typed)
	}
	salma.press("form[action$='/close'] button", http.StatusOK)
	edda.until(`document.querySelector("[data-part='now'] h2").innerText === ` + quote(lang.T(lang.English, "panel.now.none.meeting")))

	// The hidden item: nothing moves, nothing differs.
	edda.open(meeting)
	before, live := edda.take(meeting), edda.take(meeting+"/live")
	eval[bool](edda, `(new MutationObserver(() => { document.body.dataset.moved = "yes" }).observe(document.querySelector("[data-follow]"), {childList: true, subtree: true, characterData: true, attributes: true}), true)`)
	same := func(when string) {
		t.Helper()
		if edda.take(meeting) != before || edda.take(meeting+"/live") != live {
			t.Errorf("%s the page of who has a conflict differs", when)
		}
	}
	salma.press("form[action='"+hidden[0]+"/call'] button", http.StatusOK)
	same("while the item is open")
	must(t, s.Panels.Say(s.ctx, s.member(t, id, 4), id, item, 3, "Fine."))
	must(t, s.Panels.Vote(s.ctx, s.member(t, id, 4), id, item, 3))
	same("after a vote")
	salma.until(`document.querySelector("[data-part='now'] h2").innerText !== ` + quote(lang.T(lang.English, "panel.now.none.meeting")))
	salma.reads("Edda Lindqvist-Amari") // out for conflict
	salma.press("form[action='"+hidden[0]+"/close'] button", http.StatusOK)
	same("after it was closed")
	if moved := eval[bool](edda, `"moved" in document.body.dataset`); moved {
		t.Error("the page of who has a conflict moved")
	}
	res, err := edda.taker().Get(s.url + hidden[0])
	must(t, err)
	must(t, res.Body.Close())
	nothing, err := edda.taker().Get(s.url + at + "/items/" + strings.Repeat("0", len(item)))
	must(t, err)
	must(t, nothing.Body.Close())
	if res.StatusCode != http.StatusNotFound || res.ContentLength != nothing.ContentLength {
		t.Errorf("the item answers %d with %d bytes, nothing %d with %d", res.StatusCode, res.ContentLength, nothing.StatusCode, nothing.ContentLength)
	}

	// The next item is there for both again, by script and by reload.
	next := edda.agenda()[3]
	salma.press("form[action='"+next+"/call'] button", http.StatusOK)
	edda.until(`document.querySelector("tr.is-chosen a") !== null`)
	if chosen := eval[string](edda, `document.querySelector('tr.is-chosen a').getAttribute('href')`); chosen != next {
		t.Errorf("edda sees %s open, not %s", chosen, next)
	}
	plain := s.window(t, lang.Chinese, false)
	plain.signIn("Edda Lindqvist-Amari")
	plain.open(meeting)
	plain.has("tr.is-chosen a[href='" + next + "']")
	plain.audit()

	// Minutes: what was treated, who was out, and for who was out nothing of it.
	name := salma.text("a[href='" + hidden[0] + "']")
	minutes := at + "/minutes"
	edda.open(minutes)
	edda.audit()
	edda.hides(item, name)
	salma.press("button[name=do][value=end]", http.StatusOK)
	salma.open(minutes)
	salma.says("panel.minutes.ended", "panel.minutes.items", "panel.out")
	salma.reads(name)
	if out := salma.text("tr:has(th[scope=row]) td:nth-child(4)"); !strings.Contains(out, "Edda Lindqvist-Amari") {
		t.Errorf("the minutes say that these were out: %s", out)
	}
	salma.audit()
	plain.open(minutes)
	plain.says("panel.minutes.ended")
	plain.hides(item, name)
	plain.audit()
}

// agenda is the addresses of the items on the page that is open.
func (w *window) agenda() []string {
	w.t.Helper()
	return strings.Fields(eval[string](w, `Array.from(document.querySelectorAll("[data-part='agenda'] tbody th a"), a => a.getAttribute("href")).join(" ")`))
}

// without is what stands in a and not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// member is the n-th member of a panel, as they act.
func (s *site) member(t *testing.T, id string, n int) access.Actor {
	t.Helper()
	p, err := s.Panels.Get(s.ctx, access.System, id)
	must(t, err)
	seats := slices.DeleteFunc(p.Members, func(m panel.Member) bool {
		return strings.HasPrefix(m.Name, "Salma") || strings.HasPrefix(m.Name, "Edda")
	})
	return access.Actor{Person: seats[n%len(seats)].Person}
}
