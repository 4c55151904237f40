package browser_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestAssignmentPage: an officer asks what if, tries a pair, makes the answer the suggestion,
// sends its invitations and takes them back.
func TestAssignmentPage(t *testing.T) {
	t.Parallel()
	for _, locale := range lang.Locales {
		if !all && locale != lang.English {
			continue
		}
		t.Run(string(locale), func(t *testing.T) {
			t.Parallel()
			s := start(t)
			w := s.window(t, locale, locale == lang.English)
			w.signIn("Jonas Adeyemi-Voss")
			w.open("/calls?q=" + url.QueryEscape("Instruments that see further"))
			w.follow(title(locale, "Instruments that see further", "更灵敏的科学仪器"))
			page := w.path() + "/assignment"
			w.open(page)
			w.audit()
			w.press("button[formmethod=post]", http.StatusOK) // the first suggestion
			w.says("review.assign.done.made")
			w.audit()

			w.fill(map[string]string{"each": "99"})
			w.press(answerButton, http.StatusUnprocessableEntity)
			w.has("[name=each][aria-invalid=true]")
			w.audit()
			w.fill(map[string]string{"each": "4", "aim": "fair"})
			w.press(answerButton, http.StatusOK)
			w.says("review.whatif.answer", "review.whatif.take")
			w.audit()

			// the pair that is served worst is forbidden: nothing is kept before it is made the suggestion
			number := w.text("tbody tr:first-child th a")
			name := eval[string](w, "document.querySelector('tbody tr td span span').innerText.replace(/ [0-9.]+.*/s, '')")
			w.unfold("[name=kind]")
			w.fill(map[string]string{"each": "3", "aim": "total", "kind": "forbid", "proposal": number, "person_text": name})
			w.press(answerButton, http.StatusOK)
			w.says("review.whatif.answer")
			w.press(".whatif .btn.main", http.StatusOK)
			w.says("review.assign.done.made")
			w.open(page + "?sort=number&q=" + url.QueryEscape(number))
			if got := w.text("tbody tr:first-child td:nth-child(2)"); got == "" || strings.Contains(got, name) {
				t.Errorf("%s is still with %s: %s", name, number, got)
			}
			w.open(page + "/people")
			w.audit()
			w.open(page)

			w.press("main a[href*='/assignment/apply']", http.StatusOK)
			w.audit()
			w.press(".dialog .btn.main", http.StatusOK)
			w.says("review.assign.done.applied")
			w.audit()
			w.press("main a[href*='/undo']", http.StatusOK)
			w.audit()
			w.press(".dialog .btn.risk", http.StatusUnprocessableEntity)
			w.fill(map[string]string{"why": "The pool was the wrong one."})
			w.press(".dialog .btn.risk", http.StatusOK)
			w.says("review.undo.done", "review.assign.state.undone")
			w.audit()
		})
	}
}

const answerButton = ".whatif form[method=get] button:not([formmethod])"

func title(locale lang.Locale, en, zh string) string {
	if locale == lang.Chinese {
		return zh
	}
	return en
}
