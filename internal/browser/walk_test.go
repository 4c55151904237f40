package browser_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// open is a place of a text that was not filled in.
var open = regexp.MustCompile(`\{\d\}|%!|<nil>|\bundefined\b|\bNaN\b`)

// TestWalk carries one record through the whole loop, in each language, with and
// without the pages' script. Every page on the way is judged.
func TestWalk(t *testing.T) {
	t.Parallel()
	for _, locale := range lang.Locales {
		for _, script := range []bool{true, false} {
			if !all && script != (locale == lang.English) {
				continue // each language once, and each way once
			}
			t.Run(fmt.Sprintf("%s,script=%v", locale, script), func(t *testing.T) {
				t.Parallel()
				w := &walk{site: start(t), t: t, locale: locale, script: script, people: map[string]*window{}}
				w.publish()
				w.write()
				w.submit()
				w.agree()
				w.review()
				w.decide()
				w.letters()
				w.report()
				w.accept()
			})
		}
	}
}

type walk struct {
	*site
	t      *testing.T
	locale lang.Locale
	script bool
	people map[string]*window

	call, mine, other, award string // addresses
}

// as is the window of a person of the demonstration, signed in.
func (w *walk) as(name string) *window {
	w.t.Helper()
	if p := w.people[name]; p != nil {
		return p
	}
	p := w.window(w.t, w.locale, w.script)
	p.signIn(name)
	w.people[name] = p
	return p
}

// signIn chooses one of the people of the demonstration.
func (w *window) signIn(name string) {
	w.t.Helper()
	w.open("/demo")
	w.press(w.offer(name), http.StatusOK)
}

// offer is the button by which one goes on as somebody.
func (w *window) offer(name string) string {
	w.t.Helper()
	action := eval[string](w, "Array.from(document.querySelectorAll('main form')).find(f => f.innerText.includes("+quote(name)+")).getAttribute('action')")
	return "form[action=" + quote(action) + "] button"
}

func (w *walk) publish() {
	officer := w.as("Jonas Adeyemi-Voss")
	officer.open("/home")
	officer.audit()
	officer.open("/calls/new")
	officer.audit()
	officer.fill(map[string]string{"title_en": "A call of the walk", "title_zh": "演示指南", "summary_en": "Written to be walked through."})
	w.terms(officer)
	officer.fill(map[string]string{"high": "90000"})
	officer.press("main form[action='/calls'] .btn.main", http.StatusUnprocessableEntity)
	officer.has("[name=high][aria-invalid=true]")
	officer.audit()
	officer.fill(map[string]string{"high": "900000"})
	officer.press("main form[action='/calls'] .btn.main", http.StatusOK)
	w.call = officer.path()
	officer.audit()
	officer.press("main a[href$='/publish']", http.StatusOK)
	officer.audit()
	officer.press("main form .btn.main", http.StatusOK)
	officer.says("call.done.published")
	officer.audit()
	public := w.window(w.t, w.locale, w.script)
	public.open(w.call)
	public.audit()
}

// terms fills in what a call asks, for how long, and for how much money.
func (w *walk) terms(officer *window) {
	w.t.Helper()
	zone, err := time.LoadLocation(demo.Zone)
	must(w.t, err)
	local := func(d time.Duration) string { return opening.In(zone).Add(d).Format("2006-01-02T15:04") }
	officer.fill(map[string]string{"scheme": officer.option("scheme", w.in("Open call", "公开竞争项目")), "zone": demo.Zone, "opens": local(-time.Hour), "closes": local(48 * time.Hour),
		"low": "100000", "high": "900000", "total": "2000000"})
}

// in is a text in the language of the walk.
func (w *walk) in(en, zh string) string {
	if w.locale == lang.Chinese {
		return zh
	}
	return en
}

// text is long enough for every field.
func text(about string) string {
	return strings.TrimSpace(strings.Repeat("We measure "+about+" and say what follows, also where it is unwelcome. ", 3))
}

// works is the title of what two teams propose, and one is granted.
const works = "Grain boundaries as fuses"

// write: two teams write at the same time, in windows of their own.
func (w *walk) write() {
	mira, viktor := w.as("Mira Castellan"), w.as("Viktor Belmonte")
	w.mine, w.other = w.begin(mira), w.begin(viktor)
	mira.audit()
	mira.press("form[action$='/submit'] button", http.StatusUnprocessableEntity)
	mira.says("shell.refused.kept")
	mira.audit()
	year := opening.Add(48 * time.Hour).Year()
	for _, part := range []struct {
		section string
		values  map[string]string
	}{
		{"idea", map[string]string{"title": works, "summary": text("boundaries"), "aim": text("where they fail")}},
		{"plan", map[string]string{"approach": text("currents"), "risks": text("heat"), "months": "36"}},
		{"money", map[string]string{fmt.Sprintf("budget_people_%d", year): "450000"}},
		{"works", map[string]string{"works": "Castellan: on fatigue of joints", "data": text("in the open")}},
		{"ethics", map[string]string{"ethics": "none"}},
	} {
		for _, who := range []struct {
			*window
			proposal string
		}{{mira, w.mine}, {viktor, w.other}} {
			who.open(who.proposal + "/parts/" + part.section)
			if who.window == viktor {
				delete(part.values, "risks") // one team misses a field
			}
			who.fill(part.values)
			if who.window == mira {
				who.audit()
			}
			who.press("main form[data-autosave] .btn.main", http.StatusOK)
			who.says("proposal.done.saved")
		}
	}
	w.attach(mira, w.mine)
	w.attach(viktor, w.other)
	w.team(mira)
	w.apart(mira)
}

// rivalry is why a team asks that somebody does not review.
const rivalry = "They race us for the same patent."

// apart: the team names a competitor, and somebody notes that they are close to its lead. Nobody else reads either.
func (w *walk) apart(mira *window) {
	mira.open(w.mine)
	mira.press("main a[href$='/competitors']", http.StatusOK)
	mira.audit()
	const named = "form:has([name=person_text]) button"
	mira.choose("person", "Viktor Belmonte")
	mira.press(named, http.StatusUnprocessableEntity)
	mira.has("[name=reason][aria-invalid=true]")
	mira.audit()
	mira.fill(map[string]string{"reason": rivalry})
	mira.press(named, http.StatusOK)
	mira.reads("Viktor Belmonte", rivalry)
	mira.audit()
	theo := w.as("Theo Winterbourne")
	theo.open("/profile")
	theo.press("main a[href='/profile/relations']", http.StatusOK)
	theo.says("register.relations.none")
	theo.audit()
	theo.choose("person", "Theo Winterbourne")
	theo.fill(map[string]string{"kind": "family"})
	theo.press(named, http.StatusUnprocessableEntity)
	theo.audit()
	theo.choose("person", "Mira Castellan")
	theo.fill(map[string]string{"kind": "family", "from": "2019-06-01"})
	theo.press(named, http.StatusOK)
	theo.reads("Mira Castellan")
	theo.audit()
	mira.open("/profile/relations")
	mira.hides("Winterbourne")
}

// kept: who assigns reads why the two may not be asked, and since when.
func (w *walk) kept(officer *window) {
	officer.open(w.mine)
	officer.reads("Viktor Belmonte", rivalry)
	officer.audit()
	officer.open(w.mine + "/reviews")
	for name, why := range map[string]string{"Viktor Belmonte": rivalry, "Theo Winterbourne": "Theo Winterbourne – Mira Castellan"} {
		officer.choose("person", name)
		officer.press("form:has([name=person_text]) button", http.StatusUnprocessableEntity)
		officer.reads(why)
	}
	officer.audit()
}

func (w *walk) begin(p *window) string {
	p.open(w.call)
	p.audit()
	p.press("form[action$='/begin'] button", http.StatusOK)
	p.says("proposal.done.begun")
	return p.path()
}

// attach sends a PDF, after something that only bears its name.
func (w *walk) attach(p *window, proposal string) {
	folder := w.t.TempDir()
	page, drawn := filepath.Join(folder, "page.pdf"), filepath.Join(folder, "figures.pdf")
	must(w.t, os.WriteFile(page, []byte("<html>not a PDF</html>"), 0o600))
	must(w.t, os.WriteFile(drawn, pdf("Figure 1: current over temperature"), 0o600))
	p.open(proposal + "/parts/plan")
	p.attach("#plan_file-file", page)
	p.send("form[action*='/files/plan_file'] .btn", http.StatusUnprocessableEntity)
	if !p.script {
		p.has("#refused a[href='#plan_file']")
	}
	p.audit()
	p.open(proposal + "/parts/plan")
	p.attach("#plan_file-file", drawn)
	p.send("form[action*='/files/plan_file'] .btn", http.StatusOK)
	p.says("proposal.done.attached")
	p.audit()
}

// team asks a colleague, who confirms and writes too.
func (w *walk) team(mira *window) {
	mira.open(w.mine + "/team")
	mira.audit()
	mira.choose("person", "Ravi Solberg")
	mira.fill(map[string]string{"role": "co-lead", "share": "20"})
	mira.press("form:has([name=person_text]) button", http.StatusOK)
	mira.reads("Ravi Solberg")
	mira.audit()
	ravi := w.as("Ravi Solberg")
	ravi.open("/home")
	ravi.audit()
	ravi.open(w.mine + "/invitation")
	ravi.audit()
	ravi.press("button[name=answer][value=yes]", http.StatusOK)
	ravi.open(w.mine + "/parts/plan")
	ravi.fill(map[string]string{"risks": text("what the others forgot")})
	ravi.press("main form[data-autosave] .btn.main", http.StatusOK)
}

func (w *walk) submit() {
	mira, viktor := w.as("Mira Castellan"), w.as("Viktor Belmonte")
	viktor.open(w.other)
	viktor.press("form[action$='/submit'] button", http.StatusUnprocessableEntity)
	viktor.audit()
	viktor.press("[role=alert] a[href$='#risks']", http.StatusOK) // it says where, and leads there
	viktor.has("textarea[name=risks]")
	viktor.fill(map[string]string{"risks": text("everything")})
	viktor.press("main form[data-autosave] .btn.main", http.StatusOK)
	for _, who := range []struct {
		*window
		proposal string
	}{{mira, w.mine}, {viktor, w.other}} {
		who.open(who.proposal)
		who.audit()
		who.press("form[action$='/submit'] button", http.StatusOK)
		who.says("proposal.done.submitted")
		who.audit()
		w.verify(who.window, who.proposal)
	}
	viktor.hides("Castellan")
}

// agree: submitting asked the office of the organisation that holds the money.
func (w *walk) agree() {
	petra := w.as("Petra Holloway")
	petra.open("/home")
	petra.audit()
	petra.open(w.mine + "/approval")
	petra.audit()
	petra.press("button[name=answer][value=return]", http.StatusUnprocessableEntity)
	petra.has("[name=note][aria-invalid=true]")
	petra.audit()
	petra.press("button[name=answer][value=agree]", http.StatusOK)
	petra.says("proposal.done.agreed")
	petra.audit()
	petra.open(w.mine + "/versions")
	petra.audit()
}

// verify checks a receipt with nothing but itself and the published keys.
func (w *walk) verify(p *window, proposal string) {
	if _, err := w.Ledger.Sequence(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	note, keys := p.take(proposal+"/receipt.txt"), strings.Fields(p.take("/ledger/keys"))
	r, err := ledger.VerifyReceipt(note, keys)
	must(w.t, err)
	if !r.Sealed || "/proposals/"+r.Subject != proposal {
		w.t.Errorf("the receipt of %s: %+v", proposal, r)
	}
	if _, err := ledger.VerifyReceipt(strings.Replace(note, "sha256:", "sha256:0", 1), keys); err == nil {
		w.t.Error("a forged receipt was believed")
	}
}

// judges are asked in this order until two have judged; who may not is passed over.
var judges = []string{"Edda Lindqvist-Amari", "Salma Ostrander", "Yun Kestrel", "Oskar Fairweather", "Clara Thornbury", "Ines Darrow", "Theo Winterbourne"}

func (w *walk) review() {
	w.now.Advance(72 * time.Hour)
	officer := w.as("Jonas Adeyemi-Voss")
	officer.open(w.call)
	officer.audit()
	officer.open(w.call + "/proposals")
	officer.audit()
	officer.open(w.mine + "/reviews")
	officer.choose("person", "Ravi Solberg")
	officer.press("form:has([name=person_text]) button", http.StatusUnprocessableEntity) // of the team
	officer.audit()
	w.kept(officer)
	for _, proposal := range []string{w.mine, w.other} {
		declared, judged := false, 0
		for _, name := range judges {
			if judged == 2 {
				break
			}
			if !w.ask(officer, proposal, name) {
				continue
			}
			if !declared { // the first finds a conflict that no record shows
				w.declare(name)
				declared = true
				continue
			}
			w.judge(name, 6-2*judged)
			judged++
		}
		if judged < 2 {
			w.t.Fatalf("only %d people could be asked", judged)
		}
	}
	officer.open(w.mine + "/reviews")
	officer.audit()
}

// ask invites somebody, and reports false where the records show a conflict.
func (w *walk) ask(officer *window, proposal, name string) bool {
	officer.open(proposal + "/reviews")
	officer.choose("person", name)
	status := officer.tell("form:has([name=person_text]) button")
	if status == http.StatusUnprocessableEntity {
		w.t.Logf("%s cannot be asked: %s", name, officer.text("#refused li"))
		return false
	}
	officer.says("review.done.invited")
	officer.reads(name)
	officer.audit()
	return true
}

// asked opens the review to which somebody was invited last.
func (w *walk) asked(name string) *window {
	p := w.as(name)
	p.open("/reviews")
	p.audit()
	state := lang.T(w.locale, "review.state.invited")
	href := eval[string](p, "Array.from(document.querySelectorAll('main tbody tr')).find(r => r.innerText.includes("+quote(state)+")).querySelector('a').getAttribute('href')")
	p.open(href)
	w.blind(p, name)
	p.audit()
	return p
}

// blind expects no name of the teams: of the judges, two have no other role in which they see names.
func (w *walk) blind(p *window, name string) {
	w.t.Helper()
	if name == judges[0] || name == judges[1] {
		p.hides("Castellan", "Solberg", "Belmonte")
	}
}

// declare answers from the mail, without signing in.
func (w *walk) declare(name string) {
	p := w.window(w.t, w.locale, w.script)
	p.open("/outbox")
	subject, _, _ := strings.Cut(lang.T(lang.English, "review.mail.invited.subject", 1, "\x00"), "\x00")
	p.open(eval[string](p, "Array.from(document.querySelectorAll('main a[href^=\"/outbox/\"]')).find(a => a.innerText.includes("+quote(subject)+")).getAttribute('href')"))
	p.open(eval[string](p, "document.querySelector('main').innerText.match(/\\/answer\\/[\\w-]+/)[0]"))
	p.reads(name)
	w.blind(p, name)
	p.audit()
	p.press("button[name=answer][value=conflict]", http.StatusUnprocessableEntity)
	p.audit()
	p.fill(map[string]string{"reason": "We wrote a paper together last year."})
	p.press("button[name=answer][value=conflict]", http.StatusOK)
	p.says("review.ticket.done.conflict")
	p.audit()
}

func (w *walk) judge(name string, score int) {
	p := w.asked(name)
	p.press("button[name=answer][value=accept]", http.StatusOK)
	p.says("review.done.accept")
	if eval[bool](p, "document.querySelector('input[name=promise]') !== null") { // once for a call
		p.audit()
		p.press("form[action$='/promise'] .btn.main", http.StatusUnprocessableEntity)
		p.fill(map[string]string{"promise": "on"})
		p.press("form[action$='/promise'] .btn.main", http.StatusOK)
	}
	p.says("review.blind")
	w.blind(p, name)
	p.audit()
	scores := map[string]string{"minutes": "200"}
	for _, c := range []string{"importance", "approach", "feasibility"} {
		scores[c], scores[c+"_text"] = fmt.Sprint(score), "It is clear what is measured, and why it matters."
	}
	delete(scores, "feasibility")
	p.fill(scores)
	p.press("button[name=submit]", http.StatusUnprocessableEntity)
	p.has("#refused a[href='#feasibility']")
	p.audit()
	p.fill(map[string]string{"feasibility": "5"})
	p.press("button[name=submit]", http.StatusOK)
	p.says("review.done.submitted")
	p.audit()
}

func (w *walk) decide() {
	officer, decider := w.as("Jonas Adeyemi-Voss"), w.as("Ines Darrow")
	officer.open(w.call + "/decision")
	officer.audit()
	officer.press("main form .btn.main", http.StatusOK)
	officer.audit()
	list := officer.path()
	mine, other := strings.TrimPrefix(w.mine, "/proposals/"), strings.TrimPrefix(w.other, "/proposals/")
	officer.fill(map[string]string{"outcome_" + mine: "fund", "outcome_" + other: "reject", "reasons": "In the order of the reviews."})
	officer.press("button[name=propose]", http.StatusUnprocessableEntity)
	officer.audit()
	officer.fill(map[string]string{"reasons_" + other: "The second step is the least worked out."})
	officer.press("button[name=propose]", http.StatusOK)
	officer.says("decision.done.proposed")
	officer.audit()
	officer.lacks("form[action$='/sign']")
	decider.open(list)
	decider.audit()
	decider.press("form[action$='/sign'] .btn.main", http.StatusOK)
	decider.says("decision.done.signed")
	decider.audit()
}

func (w *walk) letters() {
	mira, viktor := w.as("Mira Castellan"), w.as("Viktor Belmonte")
	mira.open(w.mine)
	mira.audit()
	mira.press("main a[href$='/letter']", http.StatusOK)
	mira.reads(works)
	mira.hides(judges...)
	mira.audit()
	viktor.open(w.other + "/letter")
	viktor.reads("The second step is the least worked out.")
	viktor.audit()
}

// granted is the award that came of it, on the page of who leads it.
func (w *walk) granted() *window {
	mira := w.as("Mira Castellan")
	mira.open("/my-awards")
	mira.audit()
	mira.press("main .list a[href^='/awards/']", http.StatusOK) // the newest first
	mira.reads(works)
	w.award = mira.path()
	mira.audit()
	return mira
}

func (w *walk) report() {
	mira := w.granted()
	mira.unfold("form[action$='/results']")
	mira.fill(map[string]string{"title": "Fuses in boundaries, 80 days of data", "kind": "data", "year": "2027", "doi": "nonsense"})
	mira.press("form[action$='/results'] .btn.main", http.StatusUnprocessableEntity)
	mira.audit()
	mira.fill(map[string]string{"doi": "10.5555/ald.walk"})
	mira.press("form[action$='/results'] .btn.main", http.StatusOK)
	mira.says("award.done.result")
	mira.open(w.award + "/report")
	mira.audit()
	mira.fill(map[string]string{"found": text("the boundary"), "use": text("the use"), "hours": "3"})
	mira.press("main form .btn.main", http.StatusOK)
	mira.says("award.done.reported")
	mira.audit()
}

func (w *walk) accept() {
	public := w.window(w.t, w.locale, w.script)
	public.open(w.award)
	public.hides("80 days of data")
	officer := w.as("Jonas Adeyemi-Voss")
	officer.open(w.award)
	officer.audit()
	officer.press("form[action$='/accept'] .btn.main", http.StatusOK)
	officer.says("award.done.answered")
	officer.audit()
	public.open("/results?q=Fuses+in+boundaries")
	public.reads("Fuses in boundaries, 80 days of data")
	public.audit()
	public.open(w.award)
	public.reads("Fuses in boundaries, 80 days of data")
	public.audit()
	public.open("/")
	public.audit()
	auditor := w.as("Clara Thornbury")
	auditor.open("/ledger")
	auditor.audit()
	auditor.press("form[action='/ledger/verify'] button", http.StatusOK)
	auditor.audit()
}
