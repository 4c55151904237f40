package browser_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestMaps draws a technology map, asks what if, and carries a finding through question and
// call to an award that covers it and results that change the map, which then moves to another as one file.
// Every kind of page on the way is judged.
func TestMaps(t *testing.T) {
	t.Parallel()
	for _, locale := range lang.Locales {
		script := locale == lang.English
		if !all && !script {
			continue // once is enough for every day
		}
		t.Run(string(locale), func(t *testing.T) {
			t.Parallel()
			m := &mapWalk{walk: &walk{site: start(t), t: t, locale: locale, script: script, people: map[string]*window{}}}
			m.draw()
			m.supply()
			m.whatIf()
			m.paper()
			m.question()
			m.call()
			m.grant()
			m.cover()
			m.rank()
			m.suggest()
			m.needs()
			m.result()
			m.entrant()
			m.copied()
		})
	}
}

// TestMapByKeyboard reads a map, asks what if, and writes the question of a finding by keyboard alone; then it begins a map.
func TestMapByKeyboard(t *testing.T) {
	t.Parallel()
	w := byKeyboard(t, "Jonas Adeyemi-Voss")
	w.open("/maps")
	w.reach("main a[href^='/maps/']:not([href='/maps/new'])")
	w.enter(http.StatusOK)
	drawn := w.path()
	w.reach("svg.map a")
	w.enter(http.StatusOK)
	if !strings.HasPrefix(w.path(), drawn+"/nodes/") {
		t.Errorf("a node of the drawing led to %s", w.path())
	}
	w.open(drawn)
	w.reach("main a[href='#past']") // the sixty nodes of the drawing
	w.key("Enter", 13, "\r")
	w.write("t", "10")
	w.reach(".whatif form button")
	w.enter(http.StatusOK)
	w.has(".whatif .stats")
	w.open(drawn)
	w.reach("#find tbody th a")
	w.enter(http.StatusOK)
	w.says("techmap.proof")
	w.reach("main a[href*='/question?']")
	w.enter(http.StatusOK)
	w.reach("main form .btn.main")
	w.enter(http.StatusOK)
	w.says("techmap.done.question")

	w.open("/maps")
	w.reach("main a[href='/maps/new']")
	w.enter(http.StatusOK)
	w.write("title_en", "A lamp of our own")
	w.write("home", "XA")
	w.reach("main form[action='/maps'] .btn.main")
	w.enter(http.StatusOK)
	home := w.path()
	w.reach("main a[href$='/nodes/new']")
	w.enter(http.StatusOK)
	w.write("title_en", "Lamp")
	w.reach("main form .btn.main")
	w.enter(http.StatusOK)
	w.open(home + "/providers/new")
	w.write("name_en", "Osmund Lights")
	w.write("country", "XB")
	w.reach("main form .btn.main")
	w.enter(http.StatusOK)
	w.open(home + "/nodes/lamp/shares/new")
	w.reach("[name=provider]")
	w.key("ArrowDown", 40, "")
	w.write("low", "80")
	w.write("year", "2026")
	w.write("source", "Survey of lamps")
	w.reach("main form .btn.main")
	w.enter(http.StatusOK)
	w.reads("Osmund Lights", "Survey of lamps")
}

// TestNodeOnAPhone finds the node in sight when the drawing of what is around it is wider than the page.
func TestNodeOnAPhone(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := s.window(t, lang.English, true)
	w.open("/maps")
	w.resize(390)
	w.press("main a[href^='/maps/']", http.StatusOK)
	drawn := w.path()
	nodes := eval[[]string](w, "Array.from(new Set(Array.from(document.querySelectorAll('svg.map a')).map(a => new URL(a.href.baseVal || a.href, location).pathname)))")
	if len(nodes) == 0 {
		t.Fatalf("no nodes are drawn at %s", drawn)
	}
	for _, n := range nodes {
		w.open(n)
		if !eval[bool](w, `(() => { const f = document.querySelector(".frame").getBoundingClientRect(), n = document.querySelector(".frame .focused").getBoundingClientRect();
			return n.left >= f.left && n.right <= f.right })()`) {
			t.Errorf("%s: its node is out of sight", n)
		}
	}
}

type mapWalk struct {
	*walk
	home string // address of the map
	asks string // address of its question
}

func (w *mapWalk) officer() *window { return w.as("Jonas Adeyemi-Voss") }

// click clicks what leads to no other page.
func (w *window) click(selector string) {
	w.t.Helper()
	w.has(selector)
	must(w.t, chromedp.Do(w.ctx, chromedp.Click(chromedp.CSS(selector))))
}

// draw makes a map with a goal and one thing that it needs.
func (w *mapWalk) draw() {
	p := w.officer()
	p.open("/maps")
	p.audit()
	p.press("main a[href='/maps/new']", http.StatusOK)
	p.audit()
	p.fill(map[string]string{"title_en": "A lamp of our own", "title_zh": "自制灯具", "home": "Brask", "threshold": "50"})
	p.press("main form[action='/maps'] .btn.main", http.StatusUnprocessableEntity)
	p.has("[name=home][aria-invalid=true]")
	p.audit()
	p.fill(map[string]string{"home": "XA"})
	p.press("main form[action='/maps'] .btn.main", http.StatusOK)
	p.says("techmap.done.saved", "techmap.empty")
	w.home = p.path()
	p.audit()
	p.press("main a[href$='/nodes/new']", http.StatusOK)
	p.audit()
	p.fill(map[string]string{"title_en": "Lamp", "title_zh": "灯", "kind": "capability"})
	p.click("[name=supplied]") // its inputs make it
	p.press("main form .btn.main", http.StatusOK)
	p.says("techmap.done.changed")
	p.open(w.home + "/nodes/new?for=lamp")
	p.fill(map[string]string{"title_en": "Bulb", "title_zh": "灯泡", "aliases_en": "LED"})
	p.press("main form .btn.main", http.StatusOK)
	p.reads("LED")
	p.audit()
	p.open("/maps?q=led")
	p.has("main a[href$='/nodes/bulb']")
	p.audit()
	p.open(w.home + "/edit")
	p.fill(map[string]string{"goal": "lamp"})
	p.press("main form .btn.main", http.StatusOK)
	p.says("techmap.unknown") // nobody is known to supply the bulb
}

// supply says who supplies it, with a source.
func (w *mapWalk) supply() {
	p := w.officer()
	p.open(w.home + "/providers/new")
	p.audit()
	p.fill(map[string]string{"name_en": "Osmund Lights", "country": "xb", "site": "Osmund valley"})
	p.press("main form .btn.main", http.StatusOK)
	p.reads("Osmund Lights")
	p.open(w.home + "/nodes/bulb/shares/new")
	p.audit()
	p.fill(map[string]string{"provider": "osmund-lights", "low": "80", "year": "2026"})
	p.press("main form .btn.main", http.StatusUnprocessableEntity)
	p.has("[name=source][aria-invalid=true]")
	p.fill(map[string]string{"source": "Survey of lamps"})
	p.press("main form .btn.main", http.StatusOK)
	p.reads("Osmund Lights", "Survey of lamps")
	p.audit()
	p.open(w.home)
	p.has("svg .single")
	w.singles(p, "1")
	p.audit()
}

// singles expects a number of single points on the page of the map.
func (w *mapWalk) singles(p *window, want string) {
	w.t.Helper()
	if got := p.text(".whatif .stats div:first-child dd"); !strings.HasPrefix(got, want) {
		w.t.Errorf("%s single points, want %s", got, want)
	}
}

// whatIf turns the threshold and lets home grow; the map itself stays as it is.
func (w *mapWalk) whatIf() {
	p := w.officer()
	p.fill(map[string]string{"t": "10"})
	p.press(".whatif form button", http.StatusOK)
	w.singles(p, "0")
	p.audit()
	p.fill(map[string]string{"t": "", "grow": "bulb", "share": "60"})
	p.press(".whatif form button", http.StatusOK)
	w.singles(p, "1") // now home itself
	p.says("techmap.assumed.home")
	p.fill(map[string]string{"share": "160"})
	p.press(".whatif form button", http.StatusOK)
	p.has("#refused")
	p.audit()
	p.open(w.home)
	w.singles(p, "1")
}

// paper looks at the map as it is printed: the answer first and the drawing last, no form, nothing shut.
func (w *mapWalk) paper() {
	p := w.officer()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	for what, holds := range map[string]string{
		"the drawing comes last":  "document.querySelector('figure.whole').getBoundingClientRect().top > document.querySelector('main details table').getBoundingClientRect().bottom",
		"all nodes are shown":     "document.querySelector('main details table').checkVisibility()",
		"the answer is shown":     "document.querySelector('.whatif .stats').checkVisibility()",
		"the form is not printed": "!document.querySelector('.whatif form').checkVisibility()",
	} {
		if !eval[bool](p, holds) {
			w.t.Errorf("%s, on paper: not so that %s", p.path(), what)
		}
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
}

// question writes the research question of the finding.
func (w *mapWalk) question() {
	p := w.officer()
	p.press("#find tbody th a", http.StatusOK)
	p.says("techmap.proof", "techmap.certain", "techmap.underway.none")
	p.audit()
	p.press("main a[href*='/question?']", http.StatusOK)
	p.audit()
	p.press("main form .btn.main", http.StatusOK)
	p.says("techmap.done.question", "techmap.origins")
	w.asks = p.path()
	p.audit()
}

// call opens a call from the question and publishes it.
func (w *mapWalk) call() {
	p := w.officer()
	p.press("main a[href^='/calls/new?question=']", http.StatusOK)
	p.audit()
	p.fill(map[string]string{"title_en": "Bulbs from home", "title_zh": "国产灯泡", "summary_en": "Asked from the map."})
	w.terms(p)
	p.press("main form[action='/calls'] .btn.main", http.StatusOK)
	w.walk.call = p.path()
	p.press("main a[href$='/publish']", http.StatusOK)
	p.press("main form .btn.main", http.StatusOK)
	p.says("call.done.published")
	p.open(w.home + "/work")
	p.says("techmap.gaps.why", "techmap.asked") // nothing runs yet
	p.audit()
}

// grant: two teams answer the call, are judged, and the agency decides; TestWalk judges the pages on this way.
func (w *mapWalk) grant() {
	w.passing = true
	defer func() { w.passing = false }()
	w.write()
	w.submit()
	w.agree()
	w.review()
	w.decide()
	w.granted()
}

// cover: by the award of the call the gap is closed, and the drawing shows it.
func (w *mapWalk) cover() {
	p := w.officer()
	p.open(w.home + "/work")
	p.says("techmap.gaps.none")
	p.audit()
	p.open(w.home)
	p.has("svg .proj")
	p.press("#find tbody th a", http.StatusOK)
	p.reads(works)
	p.open(w.asks)
	p.reads(w.in("Bulbs from home", "国产灯泡"))
}

// rank writes a scenario and an option, and sees what the option averts.
func (w *mapWalk) rank() {
	p := w.officer()
	p.open(w.home + "/ranking")
	p.says("techmap.rank.noscenario")
	p.audit()
	p.press("main a[href$='/scenarios/new']", http.StatusOK)
	p.audit()
	p.fill(map[string]string{"title_en": "Trade is cut off", "title_zh": "贸易中断", "chance": "2", "chances": "XB", "loss": "5000000"})
	p.press("main form .btn.main", http.StatusUnprocessableEntity)
	p.audit()
	p.fill(map[string]string{"chances": "XB 10"})
	p.press("main form .btn.main", http.StatusOK)
	p.has("main a[href$='/options/new']")
	p.open(w.home + "/options/new?for=bulb")
	p.audit()
	p.fill(map[string]string{"title_en": "A bulb works of our own", "title_zh": "自建灯泡厂", "cost": "100000", "success": "50"})
	p.press("main form .btn.main", http.StatusOK)
	p.reads("2.50") // 50 % of 10 % of 5,000,000 for 100,000
	p.audit()
}

// suggest lets a member of the public map's audience suggest a share, and the officer accept it.
func (w *mapWalk) suggest() {
	officer := w.officer()
	officer.open(w.home + "/edit")
	officer.fill(map[string]string{"state": "public"})
	officer.press("main form .btn.main", http.StatusOK)
	expert := w.as("Mira Castellan")
	expert.open(w.home + "/nodes/bulb")
	expert.press("main a[href$='/suggest']", http.StatusOK)
	expert.audit()
	expert.fill(map[string]string{"readiness": "6"})
	expert.press("main form .btn.main", http.StatusUnprocessableEntity) // no reason
	expert.has("[name=reason][aria-invalid=true]")
	expert.fill(map[string]string{"reason": "The pilot line at Merrow runs."})
	expert.press("main form .btn.main", http.StatusOK)
	expert.says("techmap.done.suggested", "techmap.suggestion.open")
	expert.lacks("[name=do][value=accept]")
	expert.audit()
	expert.open(w.home)
	expert.lacks("main a[href$='/ranking']")
	officer.open("/home")
	officer.reads(w.in("A lamp of our own", "自制灯具"))
	officer.open(w.home + "/suggestions")
	officer.audit()
	officer.press("[name=do][value=decline]", http.StatusUnprocessableEntity)
	officer.audit()
	officer.press("[name=do][value=accept]", http.StatusOK)
	officer.says("techmap.done.answered", "techmap.suggestion.accepted")
	officer.open(w.home + "/nodes/bulb")
	officer.reads(lang.T(w.locale, "techmap.readiness.is", 6, 9))
}

// needs lets the expert suggest what the lamp needs besides, by a gate of shares with a node that is not on the map
// yet; the officer accepts it, and declines another.
func (w *mapWalk) needs() {
	expert, officer := w.as("Mira Castellan"), w.officer()
	expert.open(w.home + "/nodes/lamp")
	expert.press("main a[href$='/suggest/new']", http.StatusOK)
	expert.audit()
	expert.unfold("[name=title_en]")
	expert.fill(map[string]string{"kind": "some", "k": "3", "input_0": "bulb", "title_en": "Battery", "title_zh": "电池", "reason": "It is sold without a plug."})
	expert.press("main form .btn.main", http.StatusUnprocessableEntity)
	expert.has("[name=k][aria-invalid=true]")
	expert.fill(map[string]string{"kind": "share", "threshold": "60", "part": "30"})
	expert.press("main form .btn.main", http.StatusUnprocessableEntity)
	expert.reads(lang.T(w.locale, "techmap.gate.share.range", w.in("Bulb", "灯泡")))
	expert.audit()
	expert.fill(map[string]string{"share_0": "70"})
	expert.press("main form .btn.main", http.StatusOK)
	expert.reads("60 %", w.in("Battery", "电池"), "30 %")
	expert.audit()
	expert.open(w.home + "/nodes/lamp")
	expert.press("main a[href$='/suggest/lamp-a']", http.StatusOK)
	expert.press("main form .btn.main", http.StatusUnprocessableEntity) // nothing would change
	expert.fill(map[string]string{"kind": "any", "input_1": "lamp", "reason": "Candles do as well."})
	expert.press("main form .btn.main", http.StatusUnprocessableEntity) // a node does not need itself
	expert.has("#refused a[href='#inputs']")
	expert.fill(map[string]string{"drop_1": "on", "source": "Candle makers"})
	expert.press("main form .btn.main", http.StatusOK)
	officer.open(w.home + "/suggestions")
	officer.reads("Candle makers")
	officer.fill(map[string]string{"answer": "Nobody reads by candles."})
	officer.press("[name=do][value=decline]", http.StatusOK)
	officer.open(w.home + "/suggestions")
	officer.press("[name=do][value=accept]", http.StatusOK)
	officer.open(w.home + "/nodes/lamp")
	officer.reads(w.in("Battery", "电池"))
	officer.open(w.home)
	w.singles(officer, "1") // without the battery 70 of 100 are left
}

// result reports what came of the award, proposes by it what that changes on the map, and finds it changed.
func (w *mapWalk) result() {
	lead, officer := w.as("Mira Castellan"), w.officer()
	lead.open(w.award)
	lead.unfold("form[action$='/results']")
	lead.fill(map[string]string{"title": "A pilot line for bulbs", "kind": "product", "year": "2027"})
	lead.press("form[action$='/results'] .btn.main", http.StatusOK)
	lead.press("main a[href*='/nodes/bulb/suggest?from=result']", http.StatusOK)
	lead.reads("A pilot line for bulbs")
	lead.audit()
	lead.fill(map[string]string{"readiness": "8", "provider": "osmund-lights", "low": "55", "year": "2027", "source": "Count at the pilot line", "reason": "Two customers have moved to it."})
	lead.press("main form .btn.main", http.StatusOK)
	lead.says("techmap.done.suggested")
	officer.open(w.home + "/suggestions")
	officer.has("main a[href^='" + w.award + "#result-']")
	officer.press("[name=do][value=accept]", http.StatusOK)
	officer.says("techmap.done.answered")
	officer.open(w.home + "/nodes/bulb")
	officer.reads(lang.T(w.locale, "techmap.readiness.is", 8, 9), "Count at the pilot line", "A pilot line for bulbs")
	officer.says("techmap.outcomes")
	officer.audit()
	lead.open(w.award)
	lead.says("techmap.outcomes")
	lead.audit()
	officer.open(w.home)
	w.singles(officer, "1") // 55 of 100 are still more than half
}

// entrant proposes by the same result a provider that is not on the map yet, with its share.
func (w *mapWalk) entrant() {
	lead, officer := w.as("Mira Castellan"), w.officer()
	lead.open(w.award)
	lead.press("main a[href*='/nodes/bulb/suggest?from=result']", http.StatusOK)
	lead.unfold("[name=name_en]")
	lead.fill(map[string]string{"name_en": "Merrow Bulbs", "name_zh": "梅罗灯泡", "country": "Aldermere", "low": "30", "year": "2027", "source": "Books of the pilot line", "reason": "It sells since January."})
	lead.press("main form .btn.main", http.StatusUnprocessableEntity)
	lead.has("[name=country][aria-invalid=true]")
	lead.audit()
	lead.fill(map[string]string{"country": "xa"})
	lead.press("main form .btn.main", http.StatusOK)
	lead.reads(w.in("Merrow Bulbs", "梅罗灯泡"))
	officer.open(w.home + "/suggestions")
	officer.reads(w.in("Merrow Bulbs", "梅罗灯泡"), "Books of the pilot line")
	officer.press("[name=do][value=accept]", http.StatusOK)
	officer.open(w.home + "/nodes/bulb")
	officer.reads(w.in("Merrow Bulbs", "梅罗灯泡"), "30 %")
}

// copied takes the file of the whole map into an empty one, which then says the same.
func (w *mapWalk) copied() {
	p := w.officer()
	p.open(w.home)
	path := filepath.Join(w.t.TempDir(), "T-2027-0001-map.json")
	text := eval[string](p, "(() => { const r = new XMLHttpRequest(); r.open('GET', "+quote(w.home+"/data/map.json")+", false); r.send(); return r.responseText; })()")
	must(w.t, os.WriteFile(path, []byte(text), 0o600))
	p.open("/maps/new")
	p.fill(map[string]string{"title_en": "The lamp in another house", "home": "XC", "threshold": "90"})
	p.press("main form[action='/maps'] .btn.main", http.StatusOK)
	p.press("main a[href$='/import']", http.StatusOK)
	p.attach("#files", path)
	p.press("main form .btn.main", http.StatusOK)
	p.says("techmap.done.imported")
	w.singles(p, "1")
	p.reads(w.in("Lamp", "灯"), "Osmund Lights")
	p.press("main a[href$='/ranking']", http.StatusOK)
	p.reads("2.50")
}
