package browser_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

const notSaved = "(e => e.classList.contains('is-off') && e.textContent === e.dataset.off)(document.querySelector('[data-saved]'))"

// draft opens the part of a draft in which Mira writes what she plans.
func (w *window) draft() (part string) {
	w.t.Helper()
	w.open("/proposals?state=draft")
	w.follow("Grain boundaries as fuses")
	part = w.path() + "/parts/plan"
	w.open(part)
	return part
}

// TestOutageWhileTyping: the database takes no writes while somebody types. The page says so and keeps the text; once it takes
// them again the text is saved, and nothing is typed twice.
func TestOutageWhileTyping(t *testing.T) {
	t.Parallel()
	w := start(t).window(t, lang.English, true)
	w.signIn("Mira Castellan")
	part := w.draft()
	dbtest.ReadOnly(t, w.DB, true)
	w.fill(map[string]string{"risks": text("written in the outage")})
	w.until(notSaved)
	if !eval[bool](w, holds("risks", text("written in the outage"))) {
		t.Error("what was typed is gone")
	}
	dbtest.ReadOnly(t, w.DB, false)
	w.until(saved)
	w.open(part)
	if !eval[bool](w, holds("risks", text("written in the outage"))) {
		t.Error("what was typed is not saved")
	}
}

// TestSendAgainByKeyboard: from the page that says that nothing can be saved now, the form is sent again by keyboard alone.
func TestSendAgainByKeyboard(t *testing.T) {
	t.Parallel()
	w := byKeyboard(t, "Mira Castellan")
	part := w.draft()
	short := text("written in the outage")[:100]
	dbtest.ReadOnly(t, w.DB, true)
	w.fill(map[string]string{"risks": ""})
	w.write("risks", short)
	w.reach(saveButton)
	w.enter(http.StatusServiceUnavailable)
	w.says("shell.error.kept")
	dbtest.ReadOnly(t, w.DB, false)
	w.reach("main form button")
	w.enter(http.StatusOK)
	w.open(part)
	if !eval[bool](w, holds("risks", short)) {
		t.Error("what was typed is not saved")
	}
}

// TestUploadInTrouble: an upload that fails says so at its field. What is typed elsewhere on the page stays, and the file can be
// sent again.
func TestUploadInTrouble(t *testing.T) {
	t.Parallel()
	w := start(t).window(t, lang.English, true)
	w.signIn("Mira Castellan")
	part := w.draft()
	file := filepath.Join(t.TempDir(), "figures.pdf")
	must(t, os.WriteFile(file, pdf("Figure 1: current over temperature"), 0o600))
	send := "form[data-upload] .btn"
	w.has(send)
	dbtest.ReadOnly(t, w.DB, true)
	w.fill(map[string]string{"risks": text("written beside an upload")})
	w.attach("form[data-upload] input[type=file]", file)
	must(t, chromedp.Do(w.ctx, chromedp.Click(chromedp.CSS(send))))
	w.until("document.querySelector('form[data-upload] [role=alert]')")
	w.says("fault.unavailable")
	if w.path() != part || !eval[bool](w, holds("risks", text("written beside an upload"))) {
		t.Error("what was typed beside the upload is gone")
	}
	dbtest.ReadOnly(t, w.DB, false)
	w.until(saved)
	w.press(send, http.StatusOK)
	w.says("proposal.done.attached")
	if !eval[bool](w, holds("risks", text("written beside an upload"))) {
		t.Error("what was typed beside the upload is not saved")
	}
}

// TestUploadToAnEarlierProgram: while one program follows another, a page of the new one may send its file to the old one, which
// knows files in forms only.
func TestUploadToAnEarlierProgram(t *testing.T) {
	t.Parallel()
	s := start(t)
	earlier := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") == "application/octet-stream" {
			http.Error(w, `{"error":"The form could not be read."}`, http.StatusUnprocessableEntity)
			return
		}
		s.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(earlier.Close)
	s.url = earlier.URL
	w := s.window(t, lang.English, true)
	w.signIn("Mira Castellan")
	w.draft()
	file := filepath.Join(t.TempDir(), "figures.pdf")
	must(t, os.WriteFile(file, pdf("Figure 1: current over temperature"), 0o600))
	w.attach("form[data-upload] input[type=file]", file)
	w.press("form[data-upload] .btn", http.StatusOK)
	w.says("proposal.done.attached")
}
