package browser_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"
)

// TestStandingIn: a colleague writes for somebody who is away, under both names, and may no longer once it is ended; then the university
// of both is merged into another, and its awards and payments go on. Each page is judged.
func TestStandingIn(t *testing.T) {
	t.Parallel()
	for _, locale := range lang.Locales {
		script := locale == lang.Chinese
		if !all && script {
			continue // without script is enough for every day
		}
		t.Run(string(locale), func(t *testing.T) {
			t.Parallel()
			w := &walk{site: start(t), t: t, locale: locale, script: script, people: map[string]*window{}}
			w.publish()
			w.substitute()
			w.merger()
		})
	}
}

func (w *walk) substitute() {
	mira, ravi := w.as("Mira Castellan"), w.as("Ravi Solberg")
	w.mine = w.begin(mira)
	const ask, accept, begin, end = "main form[action='/account/acting'] button", "form[action$='/accept'] button", "form[action$='/start'] button", "form[action$='/end'] button"
	mira.look("/account/acting")
	mira.fill(map[string]string{"email": "applicant@demo.example", "until": "2020-01-01"})
	mira.press(ask, http.StatusUnprocessableEntity)
	mira.says("account.acting.self", "account.acting.until")
	mira.audit()
	mira.fill(map[string]string{"email": "teammate@demo.example", "scope": "proposals", "until": opening.AddDate(0, 0, 14).Format(time.DateOnly)})
	mira.press(ask, http.StatusOK)
	mira.says("account.acting.offered", "account.acting.waits")
	mira.audit()

	ravi.look("/home")
	ravi.reads(lang.T(w.locale, "account.acting.task", "Mira Castellan"))
	ravi.look("/account/acting")
	ravi.press(accept, http.StatusOK)
	ravi.says("account.acting.accepted")
	ravi.press(begin, http.StatusOK)
	ravi.says("account.acting.started", "shell.acting")
	ravi.audit()
	ravi.look(w.mine + "/parts/idea")
	ravi.fill(map[string]string{"title": "Written by a substitute"})
	ravi.press("main form[data-autosave] .btn.main", http.StatusOK)
	ravi.audit()

	mira.open(w.mine)
	mira.reads("Written by a substitute")
	mira.open("/account/acting")
	mira.press(end, http.StatusOK)
	mira.says("account.acting.ended")
	mira.audit()
	if got := ravi.move(w.mine, chromedp.Navigate(w.url+w.mine)); got == http.StatusOK {
		w.t.Errorf("after the end the substitute still reads %s", w.mine)
	}
}

// merger merges the organisation of a running award into another.
func (w *walk) merger() {
	a, into := w.running()
	merge := "/organisations/" + a.Holder + "/merge"
	officer, finance, public := w.as("Jonas Adeyemi-Voss"), w.as("Oskar Fairweather"), w.window(w.t, w.locale, w.script)
	officer.look("/organisations/" + a.Holder)
	officer.look(merge)
	officer.look(merge + "?into=" + into.ID)
	officer.press("main form[method=post] button", http.StatusUnprocessableEntity)
	officer.has("[name=why][aria-invalid=true]")
	officer.audit()
	officer.fill(map[string]string{"why": "By the law on universities."})
	officer.press("main form[method=post] button", http.StatusOK)
	officer.says("register.done.merged")
	officer.audit()
	name, _ := into.Name.Pick(w.locale)
	now := lang.T(w.locale, "award.holder.now", name)
	public.look("/awards/" + a.ID)
	public.reads(a.HolderName, now)
	finance.look("/payments")
	finance.reads(now)
	officer.look("/organisations/" + a.Holder + "/unmerge")
	officer.fill(map[string]string{"why": "The law was repealed."})
	officer.press("main form[method=post] button", http.StatusOK)
	officer.audit()
	public.open("/awards/" + a.ID)
	public.hides(now)
}

// running is an award of the first agency with payments to come, and an organisation that its holder can go into.
func (w *walk) running() (award.Award, register.Organisation) {
	w.t.Helper()
	finance := w.as("Oskar Fairweather")
	finance.open("/payments")
	v, err := w.Awards.Get(w.ctx, access.System, strings.TrimPrefix(eval[string](finance, "document.querySelector('main tbody a[href^=\"/awards/\"]').getAttribute('href')"), "/awards/"))
	must(w.t, err)
	list, _, err := w.Register.Organisations(w.ctx, register.OrganisationFilter{Kind: "university", Page: 1, Size: 5})
	must(w.t, err)
	for _, one := range list {
		if one.ID != v.Holder {
			return v.Award, one
		}
	}
	w.t.Fatal("the country has one university only")
	return v.Award, register.Organisation{}
}
