package browser_test

import (
	"net/http"
	"testing"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestCouncil holds a meeting of the demonstration's council: a vote without quorum is
// void, and held again it counts; then the case that another agency refused is written anew, and a list is sent to another agency. Every kind
// of page on the way is judged.
func TestCouncil(t *testing.T) {
	t.Parallel()
	for _, locale := range lang.Locales {
		script := locale == lang.Chinese
		if !all && !script {
			continue // once is enough for every day
		}
		t.Run(string(locale), func(t *testing.T) {
			t.Parallel()
			w := &councilWalk{walk: &walk{site: start(t), t: t, locale: locale, script: script, people: map[string]*window{}}}
			w.find()
			w.vote()
			w.voidThenCarried()
			w.minutes()
			w.agreement()
			w.advice()
			w.forms()
		})
	}
}

type councilWalk struct {
	*walk
	body, meeting string   // addresses
	items         []string // of the meeting in session
}

func (w *councilWalk) secretary() *window { return w.as("Jonas Adeyemi-Voss") }

// find is the meeting that is in session.
func (w *councilWalk) find() {
	list, err := w.Council.Bodies(w.ctx, access.System)
	must(w.t, err)
	v, err := w.Council.Body(w.ctx, access.System, list[0].ID)
	must(w.t, err)
	w.body = "/bodies/" + v.ID
	for _, m := range v.Meetings {
		if m.State != council.InRoom {
			continue
		}
		w.meeting = "/council-meetings/" + m.ID
		now, err := w.Council.Meeting(w.ctx, access.System, m.ID)
		must(w.t, err)
		for _, i := range now.Items {
			w.items = append(w.items, "/council-items/"+i.ID)
		}
	}
}

// cast votes on an item as somebody.
func (w *councilWalk) cast(who, item, choice string) *window {
	w.t.Helper()
	p := w.as(who)
	p.open(item)
	p.fill(map[string]string{"choice": choice})
	p.press("form[action$='/ballot'] .btn.main", http.StatusOK)
	p.says("council.done.cast", "council.voted")
	return p
}

// vote: the chair finds the vote at home and casts it; the secretary counts.
func (w *councilWalk) vote() {
	chair := w.as("Ines Darrow")
	chair.open("/home")
	chair.says("council.task.vote")
	chair.audit()
	chair.open(w.items[0])
	chair.audit()
	chair.press("form[action$='/ballot'] .btn.main", http.StatusUnprocessableEntity)
	chair.audit()
	w.cast("Ines Darrow", w.items[0], council.Against).audit()
	w.cast("Edda Lindqvist-Amari", w.items[0], council.For)
	clerk := w.secretary()
	clerk.open(w.items[0])
	clerk.press("form[action$='/vote'] button[name=close]", http.StatusOK)
	clerk.says("council.outcome.carried")
	clerk.audit()
}

// voidThenCarried: two of five are there, then four.
func (w *councilWalk) voidThenCarried() {
	clerk, item := w.secretary(), w.items[1]
	attend := func(names ...string) {
		clerk.open(w.meeting)
		for _, n := range names {
			clerk.click("label.pick:has(input[name=present][value='" + w.person(n) + "'])")
		}
		clerk.press("form[action$='/present'] button", http.StatusOK)
	}
	attend("Edda Lindqvist-Amari", "Ravi Solberg") // these two leave
	clerk.audit()
	clerk.open(item)
	clerk.audit()
	clerk.press("form[action$='/vote'] .btn.main", http.StatusOK)
	w.cast("Ines Darrow", item, council.For)
	clerk.open(item)
	clerk.press("form[action$='/vote'] button[name=close]", http.StatusOK)
	clerk.says("council.outcome.void")
	clerk.audit()
	attend("Edda Lindqvist-Amari", "Ravi Solberg")
	clerk.open(item)
	clerk.press("form[action$='/vote'] .btn.main", http.StatusOK)
	for who, choice := range map[string]string{"Ines Darrow": council.For, "Salma Ostrander": council.For, "Ravi Solberg": council.Abstain} {
		w.cast(who, item, choice)
	}
	clerk.open(item)
	clerk.press("form[action$='/vote'] button[name=close]", http.StatusOK)
	clerk.says("council.outcome.void", "council.outcome.carried", "council.result.secret")
	clerk.audit()
}

// person is the key of somebody of the demonstration.
func (w *councilWalk) person(name string) string {
	w.t.Helper()
	found, err := w.Register.FindPeople(w.ctx, name, 1)
	must(w.t, err)
	return found[0].ID
}

// minutes: a condition is set, the meeting is closed, and the chair approves.
func (w *councilWalk) minutes() {
	clerk, item := w.secretary(), w.items[0]
	clerk.open(item)
	clerk.unfold("[name=condition_en]")
	clerk.fill(map[string]string{"condition_en": "Count first applicants of the last round.", "due": "2027-05-01"})
	clerk.choose("person", "Yun Kestrel")
	clerk.press("form[action$='/conditions'] .btn", http.StatusOK)
	clerk.reads("Count first applicants of the last round.")
	clerk.audit()
	clerk.open(w.meeting)
	clerk.press("form[action$='/state'] .btn.main", http.StatusOK)
	chair := w.as("Ines Darrow")
	chair.open(w.meeting + "/minutes")
	chair.audit()
	chair.open(w.meeting)
	chair.audit()
	chair.press("form[action$='/minutes'] .btn.main", http.StatusOK)
	chair.press("a[href*='edition=']", http.StatusOK)
	chair.says("council.edition.force")
	chair.audit()
	analyst := w.as("Yun Kestrel")
	analyst.open(w.body)
	analyst.audit()
	analyst.press("a[href*='/council-conditions/']", http.StatusOK)
	analyst.audit()
	applicant := w.as("Mira Castellan")
	applicant.open(w.body)
	applicant.press("a[href*='/council-meetings/']:last-of-type", http.StatusOK)
	applicant.hides("ceramics", "陶瓷") // she is recused from it
}

// agreement: what another agency refused is written anew.
func (w *councilWalk) agreement() {
	clerk := w.secretary()
	clerk.open("/bodies")
	clerk.audit()
	clerk.press("a[href='/agreements']", http.StatusOK)
	clerk.audit()
	clerk.press("main ul.list a", http.StatusOK) // what is due first
	clerk.says("council.agreement.state.returned", "council.answer.refuse")
	clerk.audit()
	clerk.press("form[action$='/again'] .btn.main", http.StatusUnprocessableEntity)
	clerk.audit()
	clerk.fill(map[string]string{"text_en": "Heat below 500 degrees is funded by one programme; farms apply to the fund only.", "due": "2027-05-01"})
	clerk.press("form[action$='/again'] .btn.main", http.StatusOK)
	clerk.says("council.agreement.state.open", "council.agreement.awaited", "council.answer.refuse")
	clerk.audit()
}

// advice: a list says whether it follows an advice, and asks another agency.
func (w *councilWalk) advice() {
	chair, clerk := w.as("Ines Darrow"), w.secretary()
	chair.open("/home")
	page := eval[string](chair, "document.querySelector(\"main a[href^='/decisions/']\").pathname")
	clerk.open(page + "/agreement")
	clerk.audit()
	clerk.press("main form .btn.main", http.StatusUnprocessableEntity)
	clerk.audit()
	clerk.open(page + "/advice")
	clerk.audit()
	clerk.press("main form .btn.main", http.StatusUnprocessableEntity)
	clerk.fill(map[string]string{"followed": "no", "why": "It is about another call."})
	clerk.press("main form .btn.main", http.StatusOK)
	clerk.says("council.followed.no")
	clerk.audit()
	advice := eval[string](clerk, "document.querySelector(\"main a[href^='/advice/']\").pathname")
	adviser := w.as("Salma Ostrander")
	adviser.open("/advice?mine=yes")
	adviser.audit()
	adviser.open(advice)
	adviser.reads("Measurements come first, as advised") // of the motion that was carried
	adviser.hides("It is about another call.")           // the list is not signed
	adviser.audit()
}

// forms: the forms by which a council is made and a meeting is written.
func (w *councilWalk) forms() {
	clerk := w.secretary()
	clerk.open("/bodies/new")
	clerk.audit()
	clerk.press("main form .btn.main", http.StatusUnprocessableEntity)
	clerk.audit()
	clerk.open(w.body + "/edit")
	clerk.audit()
	clerk.open(w.body)
	clerk.unfold("[name=day]")
	clerk.audit()
	clerk.press("form[action$='/meetings'] .btn", http.StatusOK)
	clerk.says("council.done.planned")
	clerk.audit()
	clerk.press("a[href$='/items/new']", http.StatusOK)
	clerk.audit()
	clerk.press("main form .btn.main", http.StatusUnprocessableEntity)
	clerk.audit()
	clerk.fill(map[string]string{"title_en": "What is measured", "motion_en": "It is measured twice."})
	clerk.press("main form .btn.main", http.StatusOK)
	clerk.says("council.done.item")
	clerk.audit()
}
