package browser_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

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

			// the people of each career stage together give no more than one review
			w.open(page)
			w.unfold("[name=cap_career_stage]")
			w.fill(map[string]string{"each": "1", "aim": "total", "cap_career_stage": "1"})
			w.press(answerButton, http.StatusOK)
			w.says("review.whatif.answer")
			w.reads(lang.T(locale, "review.caps.of", lang.T(locale, "register.stage.leading"), 1))
			w.audit()
			w.open(page)

			// the pair that is served worst is forbidden: nothing is kept before it is made the suggestion
			number := w.text("tbody tr:first-child th a")
			name := eval[string](w, "document.querySelector('tbody tr td span span').innerText.replace(/ [0-9.]+.*/s, '')")
			w.unfold("[name=kind]")
			w.fill(map[string]string{"each": "3", "aim": "total", "kind": "forbid", "proposal": number})
			w.choose("person", name)
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

// TestAnswerByMail: somebody declines by the link of a mail, without an account, and suggests
// another person; somebody else reports a conflict by theirs. The officer finds all of it, compares
// the ways to make good and asks the next best. A link answers once.
func TestAnswerByMail(t *testing.T) {
	t.Parallel()
	s := start(t)
	officer := s.window(t, lang.English, true)
	officer.signIn("Jonas Adeyemi-Voss")
	officer.open("/calls?q=" + url.QueryEscape("Instruments that see further"))
	officer.follow("Instruments that see further")
	page := officer.path() + "/assignment"
	officer.open(page + "/rounds")
	officer.fill(map[string]string{"target": "3", "reserve": "1", "answer_days": "9"})
	officer.press(".whatif .btn", http.StatusOK)
	officer.says("review.rounds.done.plan", "review.rounds.empty")
	officer.audit()
	officer.open(page)
	officer.press("button[formmethod=post]", http.StatusOK)
	officer.press("main a[href*='/assignment/apply']", http.StatusOK)
	officer.press(".dialog .btn.main", http.StatusOK)

	nobody := s.window(t, lang.English, false)
	nobody.open("/outbox")
	subject, _, _ := strings.Cut(lang.T(lang.English, "review.mail.invited.subject", 1, "\x00"), "\x00")
	subject = strings.Fields(subject)[0] // however many proposals the mail is about
	letters := strings.Fields(eval[string](nobody, "Array.from(document.querySelectorAll('main a[href^=\"/outbox/\"]')).filter(a => a.innerText.includes("+quote(subject)+")).map(a => a.getAttribute('href')).join(' ')"))
	link := func(letter string) string {
		nobody.open(letter)
		nobody.reads("answer by")
		return eval[string](nobody, "document.querySelector('main').innerText.match(/\\/answer\\/[\\w-]+/)[0]")
	}
	second := link(letters[1])
	nobody.open(link(letters[0]))
	nobody.audit()
	nobody.unfold("[name=instead_name]")
	nobody.fill(map[string]string{"reason": "I am at sea until June.", "instead_name": "Salma Ostrander"})
	nobody.press("button[name=answer][value=decline]", http.StatusOK)
	nobody.says("review.ticket.done.decline")
	nobody.audit()

	other := s.window(t, lang.Chinese, false)
	other.open(second)
	other.press("button[name=answer][value=conflict]", http.StatusUnprocessableEntity)
	other.has("[name=reason][aria-invalid=true]")
	other.audit()
	other.fill(map[string]string{"reason": "我们去年合作发表过论文。", "conflict": "co-author"})
	other.press("button[name=answer][value=conflict]", http.StatusOK)
	other.says("review.ticket.done.conflict")
	other.audit()
	other.arrive(http.StatusNotFound, second, chromedp.Navigate(other.url+second))

	officer.open(page + "/rounds")
	officer.reads("I am at sea until June.", "Would ask Salma Ostrander.", "我们去年合作发表过论文。")
	officer.audit()
	officer.press("main a[href$='/repair']", http.StatusOK)
	officer.says("review.repair.best")
	officer.audit()
	officer.open(page + "/rounds")
	officer.press(".next .btn.main", http.StatusOK)
	officer.says("review.rounds.done.asked", "review.rounds.empty")

	officer.open(page + "/changes")
	officer.fill(map[string]string{"csv": "proposal,reviewer,do\nP-0,nobody,lock"})
	officer.press("main form .btn.main", http.StatusOK)
	officer.says("review.bulk.dry")
	officer.has("tr.is-bad")
	officer.audit()
}

const answerButton = ".whatif form[method=get] button:not([formmethod])"

func title(locale lang.Locale, en, zh string) string {
	if locale == lang.Chinese {
		return zh
	}
	return en
}
