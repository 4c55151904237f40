package browser_test

import (
	"net/http"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestRecordsEnd walks the pages on which records end, without script, in both languages: what is due, the dry run, a hold,
// a rule, a certificate, a request of a person and its answer. Each page is judged.
func TestRecordsEnd(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, locale := range lang.Locales {
		t.Run(locale.Tag(), func(t *testing.T) {
			officer, admin, reviewer := s.window(t, locale, false), s.window(t, locale, false), s.window(t, locale, false)
			officer.signIn("Jonas Adeyemi-Voss")
			officer.look("/retention")
			officer.look("/retention/erase")
			officer.look("/retention/due/unfunded")
			officer.open(eval[string](officer, "document.querySelector('main tbody a').getAttribute('href')"))
			officer.audit()
			officer.open("/retention")
			officer.open(eval[string](officer, "document.querySelector('main section[aria-labelledby=erasures] tbody a').getAttribute('href')"))
			officer.audit()
			officer.open("/retention")
			officer.unfold("form[action='/retention/holds']")
			officer.press("form[action='/retention/holds'] button", http.StatusUnprocessableEntity)
			officer.audit()

			reviewer.signIn("Edda Lindqvist-Amari")
			reviewer.look("/my-data")
			reviewer.press("form[action='/my-data'] button", http.StatusUnprocessableEntity)
			reviewer.audit()

			admin.signIn("Theo Winterbourne")
			admin.look("/retention")
			admin.look("/retention/rules/mail")
			admin.look("/requests")
			admin.open(eval[string](admin, "document.querySelector('main tbody a').getAttribute('href')"))
			admin.audit()
			admin.press("main form.slip button", http.StatusUnprocessableEntity)
			admin.audit()
		})
	}
}

// look opens a page and judges it.
func (w *window) look(path string) {
	w.t.Helper()
	w.open(path)
	w.audit()
}
