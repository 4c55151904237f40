package browser_test

import (
	"encoding/json"
	"fmt"
	"strings"
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
	source, err := axe()
	must(w.t, err)
	if !w.script {
		w.allow(true)
		defer w.allow(false)
	}
	where := w.path()
	for _, said := range w.heard() {
		w.t.Errorf("%s: the console says %s", where, said)
	}
	if got := eval[string](w, "document.documentElement.lang"); got != w.locale.Tag() {
		w.t.Errorf("%s is marked as %q, not %q", where, got, w.locale.Tag())
	}
	if text := w.text("body"); open.MatchString(text) {
		w.t.Errorf("%s shows %q, a text that was not filled in", where, open.FindString(text))
	}
	eval[bool](w, source+"; true")
	for _, width := range []int64{phone, desktop} {
		w.resize(width)
		if wide := eval[int64](w, "document.documentElement.scrollWidth"); wide > width {
			w.t.Errorf("%s is %d pixels wide in a window of %d: %s", where, wide, width, w.widest())
		}
		var found struct{ Violations []violation }
		if err := json.Unmarshal([]byte(eval[string](w, "axe.run(document, "+rules+").then(r => JSON.stringify({violations: r.violations}))")), &found); err != nil {
			w.t.Fatal(err)
		}
		for _, v := range found.Violations {
			w.t.Errorf("%s (%s, script %v, %d pixels): %s", where, w.locale, w.script, width, v)
		}
	}
}

// widest names the elements that stick out of the window.
func (w *window) widest() string {
	return eval[string](w, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll, .unseen, .defs"))
		.map(e => e.tagName + "." + (e.getAttribute("class") || "")).slice(0, 5).join(", ")`)
}
