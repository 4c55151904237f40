package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// follow goes on by the link in the page's main part that says so.
func (w *window) follow(words string) {
	w.t.Helper()
	w.open(eval[string](w, "Array.from(document.querySelectorAll('main a')).find(a => a.innerText.includes("+quote(words)+")).getAttribute('href')"))
}

// two opens the same part of a draft in the windows of two of its team.
func two(t *testing.T, script bool) (mira, ravi *window, part string) {
	t.Helper()
	s := start(t)
	mira, ravi = s.window(t, lang.English, script), s.window(t, lang.English, script)
	mira.signIn("Mira Castellan")
	ravi.signIn("Ravi Solberg")
	mira.open("/proposals?state=draft")
	mira.follow("Grain boundaries as fuses")
	proposal := mira.path()
	ravi.open(proposal + "/invitation")
	ravi.press("button[name=answer][value=yes]", http.StatusOK)
	part = proposal + "/parts/plan"
	mira.open(part)
	ravi.open(part)
	return mira, ravi, part
}

const (
	saveButton = "main form[data-autosave] .btn.main"
	saved      = "(e => e.className === 'saved' && e.textContent.startsWith(e.dataset.done))(document.querySelector('[data-saved]'))"
)

func holds(field, text string) string {
	return fmt.Sprintf("document.querySelector('[name=%s]').value === %s", field, quote(text))
}

// TestTwoWindows: two people write in the same part at the same time. What they
// write in different fields is joined in both windows; in the same field neither
// text is lost, and the second person chooses.
func TestTwoWindows(t *testing.T) {
	t.Parallel()
	mira, ravi, part := two(t, true)
	mira.fill(map[string]string{"risks": text("Mira's risks")})
	mira.until(saved)
	ravi.fill(map[string]string{"months": "24"})
	ravi.until(saved)
	ravi.until(holds("risks", text("Mira's risks"))) // joined while the page stays open
	ravi.reads("Mira Castellan")
	ravi.audit()

	mira.fill(map[string]string{"risks": text("Mira's second thought")})
	mira.until(saved)
	ravi.fill(map[string]string{"risks": text("Ravi's thought")})
	ravi.until("document.querySelector('.note.is-warn[role=alert]')")
	ravi.reads(text("Mira's second thought")) // theirs is shown,
	if !eval[bool](ravi, holds("risks", text("Ravi's thought"))) {
		t.Error("what Ravi typed is gone") // and one's own stays
	}
	ravi.audit()
	ravi.choices(part)
	mira.open(part)
	if !eval[bool](mira, holds("months", "24")+" && "+holds("risks", text("Ravi's thought"))) {
		t.Error("Mira does not find what Ravi wrote and chose")
	}
}

// choices: the button shows both texts of risks; pressed again it stores one's own.
func (w *window) choices(part string) {
	w.t.Helper()
	w.press(saveButton, http.StatusUnprocessableEntity)
	w.has(".diff del")
	w.has(".diff ins")
	w.reads(text("Mira's second thought"), text("Ravi's thought"))
	w.audit()
	w.press(saveButton, http.StatusOK)
	w.open(part)
	if !eval[bool](w, holds("risks", text("Ravi's thought"))) {
		w.t.Error("the text that was chosen is not stored")
	}
}

// TestTwoWindowsWithoutScript is the same by the button alone.
func TestTwoWindowsWithoutScript(t *testing.T) {
	t.Parallel()
	mira, ravi, part := two(t, false)
	mira.fill(map[string]string{"risks": text("Mira's second thought")})
	mira.press(saveButton, http.StatusOK)
	ravi.fill(map[string]string{"months": "24", "risks": text("Ravi's thought")})
	ravi.choices(part)
	mira.open(part)
	if !eval[bool](mira, holds("months", "24")) {
		t.Error("what Ravi wrote elsewhere is not joined")
	}
}

// TestKeyboard begins, fills and submits a proposal by keyboard alone. Whatever
// is reached on the way shows that it has the focus.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	w := byKeyboard(t, "Mira Castellan")
	w.open("/calls?phase=open")
	w.follow("Tests that answer in minutes")
	w.reach("form[action$='/begin'] button")
	w.enter(http.StatusOK)
	proposal := w.path()
	w.reach("main .next a[href*='/parts/']") // it leads to the first part; saving leads on
	w.enter(http.StatusOK)
	short := text("the answer")[:120]
	year := fmt.Sprint(opening.AddDate(0, 0, 60).Year())
	for _, part := range []struct {
		name   string
		fields [][2]string // in the order in which Tab comes to them
	}{
		{"idea", [][2]string{{"title", "A test at the bedside"}, {"summary", short}, {"aim", short}}},
		{"plan", [][2]string{{"approach", short}, {"risks", short}, {"months", "24"}}},
		{"money", [][2]string{{"budget_people_" + year, "300000"}}},
		{"works", [][2]string{{"data", short}}},
	} {
		if w.path() != proposal+"/parts/"+part.name {
			t.Fatalf("at %s, not at the part %s", w.path(), part.name)
		}
		for _, f := range part.fields {
			w.write(f[0], f[1])
		}
		w.reach(saveButton)
		w.enter(http.StatusOK)
	}
	w.reach("[name=ethics]")
	w.key(" ", 32, " ")
	w.reach(saveButton)
	w.enter(http.StatusOK)
	w.reach("form[action$='/submit'] button")
	w.enter(http.StatusOK)
	w.says("proposal.done.submitted")
	if w.path() != proposal+"/receipt" {
		t.Errorf("submitting led to %s", w.path())
	}
}

// byKeyboard is the window of somebody who signed in by keyboard.
func byKeyboard(t *testing.T, person string) *window {
	t.Helper()
	w := start(t).window(t, lang.English, true)
	w.open("/demo")
	w.reach(w.offer(person))
	w.enter(http.StatusOK)
	return w
}

// stops is how many stops of the Tab key a page may have before what is looked for.
const stops = 200

// reach presses Tab until the focus is on what the selector names.
func (w *window) reach(selector string) {
	w.t.Helper()
	w.has(selector)
	for range stops {
		w.key("Tab", 9, "")
		at := eval[struct {
			There, Seen bool
			What        string
		}](w, `(e => { const s = getComputedStyle(e); return {There: e.matches(`+quote(selector)+`), What: e.outerHTML.slice(0, 120),
			Seen: e === document.body || (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none"} })(document.activeElement)`)
		if !at.Seen {
			w.t.Errorf("%s: nothing shows that the focus is on %s", w.path(), at.What)
		}
		if at.There {
			return
		}
	}
	w.t.Fatalf("%s: %d stops do not reach %s", w.path(), stops, selector)
}

// enter presses Enter on what has the focus, and expects a page.
func (w *window) enter(status int64) {
	w.t.Helper()
	w.arrive(status, "Enter", func(context.Context, *chromedp.Target) (chromedp.Void, error) {
		w.key("Enter", 13, "\r")
		return chromedp.Void{}, nil
	})
}

// write reaches a field and types into it, key by key.
func (w *window) write(field, text string) {
	w.t.Helper()
	w.reach("main [name=" + quote(field) + "]")
	must(w.t, chromedp.Do(w.ctx, chromedp.KeyEvent(text)))
	if !eval[bool](w, holds(field, text)) {
		w.t.Errorf("%s: %s does not hold what was typed", w.path(), field)
	}
}
