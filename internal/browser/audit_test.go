package browser_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// rules of axe-core: all of WCAG 2.0, 2.1 and 2.2 up to AA, and its own advice.
const rules = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], preload: false}`

// violation is what axe-core found, and where.
type violation struct {
	ID, Help string
	Nodes    []struct {
		Target         []any
		HTML           string
		FailureSummary string
	}
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "axe %s: %s", v.ID, v.Help)
	for i, n := range v.Nodes {
		if i == 3 {
			fmt.Fprintf(&b, "\n    and %d more", len(v.Nodes)-i)
			break
		}
		fmt.Fprintf(&b, "\n    %v %.200s", n.Target, n.HTML)
	}
	return b.String()
}

// audit judges the page that is open, at both widths: axe-core finds nothing, the
// page does not scroll sideways, the console was silent, and the page is in the
// window's language with no text left open.
//
// Where the page may run no script, axe-core must still run. The page was loaded,
// laid out and drawn with scripts off, so that none of its own ever ran; only then
// they are allowed, which starts none of those that were passed over, and axe-core
// runs in the isolated world, until the next page is asked for with scripts off again.
func (w *window) audit() {
	w.t.Helper()
	if w.passing {
		return
	}
	for _, f := range w.faults() {
		w.t.Errorf("%s (%s, script %v): %s", w.path(), w.locale, w.script, f)
	}
}

func (w *window) faults() (out []string) {
	w.t.Helper()
	source, err := axe()
	must(w.t, err)
	if !w.script {
		w.allow(true)
		defer w.allow(false)
	}
	for _, said := range w.heard() {
		out = append(out, "the console says "+said)
	}
	if got := eval[string](w, "document.documentElement.lang"); got != w.locale.Tag() {
		out = append(out, "marked as "+got)
	}
	if text := w.text("body"); open.MatchString(text) {
		out = append(out, "a text was not filled in: "+open.FindString(text))
	}
	eval[bool](w, source+"; true")
	for _, width := range []int64{phone, desktop} {
		w.resize(width)
		if wide := eval[int64](w, "document.documentElement.scrollWidth"); wide > width {
			out = append(out, fmt.Sprintf("%d pixels wide in a window of %d: %s", wide, width, w.widest()))
		}
		var found []violation
		must(w.t, json.Unmarshal([]byte(eval[string](w, "axe.run(document, "+rules+").then(r => JSON.stringify(r.violations))")), &found))
		for _, v := range found {
			out = append(out, fmt.Sprintf("at %d pixels, %s", width, v))
		}
	}
	return out
}

// widest names the elements that stick out of the window.
func (w *window) widest() string {
	return eval[string](w, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll, .unseen, .defs"))
		.map(e => e.tagName + "." + (e.getAttribute("class") || "")).slice(0, 5).join(", ")`)
}

// TestAuditFinds spoils a page in each way that the audit must find, with and without script.
func TestAuditFinds(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, script := range []bool{true, false} {
		w := s.window(t, lang.English, script)
		if f := w.faults(); len(f) > 0 {
			t.Errorf("the first page, script %v: %v", script, f)
		}
		for spoil, want := range map[string]string{
			"document.querySelector('main h1').style.width = '2000px'":                         "pixels wide",
			"document.querySelector('main').append(new Image())":                               "axe image-alt",
			"document.querySelector('main h1').style.color = '#eee'":                           "axe color-contrast",
			"document.querySelector('main h1').textContent = 'Closes in {0}'":                  "not filled in",
			"document.documentElement.lang = 'zh-Hans'":                                        "marked as zh-Hans",
			"document.querySelector('main').insertAdjacentHTML('beforeend', '<p><input></p>')": "axe label",
		} {
			w.open("/help")
			eval[bool](w, spoil+"; true")
			if found := strings.Join(w.faults(), "\n"); !strings.Contains(found, want) {
				t.Errorf("script %v: after %s the audit finds %q, not %q", script, spoil, found, want)
			}
		}
	}
	w := s.window(t, lang.English, true)
	eval[bool](w, "document.body.insertAdjacentHTML('beforeend', '<script>1</script><p style=\"color: red\">x</p>'); true")
	if found := strings.Join(w.faults(), "\n"); !strings.Contains(found, "Content Security Policy") {
		t.Errorf("an inline style is not found: %q", found)
	}
}
