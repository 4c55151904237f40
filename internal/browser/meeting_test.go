package browser_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	calls "github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// list is a call of 300 proposals with 900 reviews, and the list that its agency decides on.
type list struct {
	decision.Decision
	ids     []string // by worth, the best first
	officer access.Actor
}

const (
	entries   = 300
	reviewers = 60
)

func (s *site) as(t *testing.T, name string) access.Actor {
	t.Helper()
	people, err := s.Accounts.Invented(s.ctx)
	must(t, err)
	for _, p := range people {
		if p.Name == name {
			a, err := s.Accounts.ActorOf(s.ctx, p.ID)
			must(t, err)
			return a
		}
	}
	t.Fatalf("nobody is %s", name)
	return access.Actor{}
}

// large makes the list. What each proposal is worth falls from the first to the last; every
// reviewer adds a shift of their own, and something like chance that is the same each time.
func (s *site) large(t *testing.T) list {
	t.Helper()
	b := &register.Batch{}
	for i := range reviewers {
		b.People = append(b.People, register.Person{ID: fmt.Sprint("judge", i), Given: "Judge", Family: fmt.Sprintf("Number %d", i)})
	}
	must(t, s.Register.TakeIn(s.ctx, access.System, b))
	like, _, err := s.Calls.List(s.ctx, access.System, calls.Filter{Text: "heat and power through the winter", Size: 1})
	must(t, err)
	c := like[0].Call
	c.ID, c.Number, c.Title, c.Total = "large", "C-2027-900", lang.In1("en", "Three hundred ideas"), money.Whole(60_000_000, "XCR")
	must(t, s.Calls.TakeIn(s.ctx, []calls.Call{c}))
	out := list{officer: s.as(t, "Jonas Adeyemi-Voss")}
	lead := s.as(t, "Mira Castellan")
	must(t, work.Do(s.ctx, s.DB, func(ctx context.Context) error {
		for i := range entries {
			p := proposal.Proposal{ID: clock.ID(ctx), Number: fmt.Sprintf("P-2027-%04d", 5000+i), CallID: c.ID, AgencyID: c.AgencyID, SchemeVersionID: c.SchemeVersionID, Title: fmt.Sprintf("Idea number %d of many", i), Language: "en",
				Stage: "full", State: proposal.InReview, LeadPerson: lead.Person, Requested: money.Whole(int64(300_000+(i*7919)%600_000), "XCR"), CreatedBy: lead.Account, CreatedAt: c.OpensAt, SubmittedAt: c.ClosesAt}
			if err := s.Proposals.TakeIn(ctx, p, []proposal.Member{{PersonID: lead.Person, Name: lead.Name, Role: "lead", State: "confirmed"}}, "proposal", nil); err != nil {
				return err
			}
			out.ids = append(out.ids, p.ID)
			for k := range 3 {
				judge := (i*3 + k*17) % reviewers
				score := 5.5 - 3*float64(i)/entries + 0.4*math.Sin(float64(judge)*2.4) + 0.5*math.Sin(float64(i*31+k*57))
				if err := s.Reviews.TakeIn(ctx, review.Review{ID: clock.ID(ctx), ProposalID: p.ID, CallID: c.ID, Stage: "full", Reviewer: fmt.Sprint("judge", judge), State: review.Submitted, Alias: review.Alias(k),
					InvitedAt: c.ClosesAt, DueAt: c.ClosesAt, SubmittedAt: c.ClosesAt, Overall: score}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	out.Decision, err = s.Decisions.Begin(s.ctx, out.officer, c.ID, "")
	must(t, err)
	return out
}

// sees is how many rows the meeting's page counts.
func (w *window) sees(n int) {
	w.t.Helper()
	if got := w.text(".found"); got != lang.T(w.locale, "shell.found", n) {
		w.t.Errorf("%s counts %q, not %d", w.path(), got, n)
	}
}

const stamp = "document.querySelector('[data-stamp]').dataset.stamp"

// TestFundingMeeting: two people are in the meeting about 300 proposals, one of them recused
// from one. What the one does reaches the other without a reload, except what concerns that
// proposal; a constraint is tried and answered within the page.
func TestFundingMeeting(t *testing.T) {
	t.Parallel()
	s := start(t)
	l := s.large(t)
	member := s.as(t, "Salma Ostrander")
	must(t, s.Decisions.Sit(s.ctx, l.officer, l.ID, member.Person))
	for i := 150; i < entries; i += 10 {
		must(t, s.Decisions.Class(s.ctx, l.officer, l.ID, l.ids[i], "high", "Nobody has built one."))
	}
	hidden := 3
	must(t, s.Decisions.Recuse(s.ctx, l.officer, l.ID, l.ids[hidden], member.Person, "A joint paper."))
	at := "/decisions/" + l.ID + "/meeting"

	jonas, salma := s.window(t, lang.English, true), s.window(t, lang.Chinese, true)
	jonas.signIn("Jonas Adeyemi-Voss")
	salma.signIn("Salma Ostrander")
	salma.open("/home")
	salma.has("main a[href='" + at + "']")
	jonas.open(at)
	salma.open(at)
	jonas.sees(entries)
	salma.sees(entries - 1)
	jonas.reads("Idea number 3 of many", "Salma Ostrander")
	trace := []string{"Idea number 3 of many", "P-2027-5003", l.ids[hidden]}
	salma.hides(trace...)
	jonas.audit()
	salma.audit()

	before := eval[string](salma, stamp)
	fund := func(id string) {
		must(t, s.Decisions.Save(s.ctx, l.officer, l.ID, "", []decision.Choice{{ProposalID: id, Outcome: decision.Fund}}))
	}
	fund(l.ids[hidden])
	jonas.until("document.querySelector('[data-refresh=rows]').innerText.includes('Now: Fund')")
	// What the other window would be told if it looked now: that nothing differs from what stands there.
	if status := eval[int](salma, "(e => fetch(e.dataset.follow, {cache: 'no-store', headers: {'If-None-Match': e.dataset.tag}}).then(r => r.status))(document.querySelector('[data-follow]'))"); status != http.StatusNotModified {
		t.Errorf("the recused member is told that something changed: %d", status)
	}
	if now := eval[string](salma, stamp); now != before || eval[string](salma, "document.querySelector('[data-stamp]').textContent") != "" {
		t.Error("the recused member's page was drawn again")
	}
	fund(salma.nth(0))
	salma.until("document.querySelector('[data-refresh=rows]').innerText.includes(" + quote(lang.T(lang.Chinese, "decision.meeting.decided", lang.T(lang.Chinese, "decision.outcome.fund"))) + ")")
	salma.hides(trace...)
	salma.tries(at)
	salma.hides(trace...)
	second := salma.nth(1)
	salma.recuses(at, second)
	jonas.until("document.querySelector('[data-refresh=rows]').innerText.split('Salma Ostrander').length > 2")
	jonas.audit()
	for _, path := range []string{"/decisions/" + l.ID, "/decisions/" + l.ID + "/lottery", "/decisions/" + l.ID + "/balance", "/decisions/appeals"} {
		jonas.open(path)
		jonas.audit()
	}
	salma.open("/decisions/" + l.ID + "/balance")
	salma.audit()

	plain := s.window(t, lang.English, false)
	plain.signIn("Salma Ostrander")
	plain.open(at)
	plain.sees(entries - 2)
	plain.hides(append(trace, second)...)
}

// nth is the key of a proposal by its place on the page.
func (w *window) nth(i int) string {
	w.t.Helper()
	return eval[string](w, fmt.Sprintf("new URL(document.querySelectorAll('.ranks tbody th a')[%d].href).pathname.split('/').pop()", i))
}

// tries asks for more risk, and reads what it costs.
func (w *window) tries(at string) {
	w.t.Helper()
	w.fill(map[string]string{"what_0": "risk:high", "min_0": "12"})
	began := time.Now()
	w.press(".whatif .btn.main", http.StatusOK)
	took := time.Since(began)
	w.says("decision.prices", "decision.binds")
	server := eval[float64](w, "(e => e.responseEnd - e.requestStart)(performance.getEntriesByType('navigation')[0])")
	w.t.Logf("a what-if of %d proposals: %.0f ms to the answer, %v to the page", entries, server, took.Round(time.Millisecond))
	if server > 5000 { // a second on a machine that does nothing else
		w.t.Errorf("a what-if took %.0f ms", server)
	}
	if !strings.HasPrefix(w.path(), at) {
		w.t.Errorf("it led to %s", w.path())
	}
}

// recuses declares a conflict in the page of a proposal; then it is gone.
func (w *window) recuses(at, id string) {
	w.t.Helper()
	w.open(strings.Replace(at, "/meeting", "/rows/"+id, 1))
	w.audit()
	w.fill(map[string]string{"conflict": "A cousin leads it."})
	w.press("form[action$='/conflict'] button", http.StatusOK)
	w.sees(entries - 2)
	w.hides(id)
}
