package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// ready is a draft of mira's with everything answered.
func (w *world) ready(c call.Call, title string) proposal.Proposal {
	w.t.Helper()
	p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
	w.must(err)
	_, err = w.Proposals.Save(w.ctx, w.actor["mira"], p.ID, answers(title, 700_000))
	w.must(err)
	return p
}

// handedIn counts what a proposal's handing in left: submissions, entries in the ledger, receipts by mail.
func (w *world) handedIn(id string) (submissions, entries, mails int) {
	w.t.Helper()
	list, err := w.Proposals.Submissions(w.ctx, w.actor["mira"], id)
	w.must(err)
	acts, err := w.Ledger.Of(w.ctx, "proposal", id)
	w.must(err)
	for _, e := range acts {
		if e.Act == "proposal.submit" {
			entries++
		}
	}
	letters, err := w.Mail.Outbox(w.ctx, mail.Filter{About: mail.About{Kind: "proposal", ID: id}}, 100)
	w.must(err)
	for _, l := range letters {
		if l.Kind == "proposal.mail.receipt" {
			mails++
		}
	}
	return len(list), entries, mails
}

// TestSubmittedTwiceAtOnce: who presses the button twice, or in two browsers at the same moment, has handed in
// once: one submission, one entry, one receipt, and every answer says that it is done.
func TestSubmittedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		for round := range 5 {
			p := w.ready(c, fmt.Sprintf("Grain boundaries, part %d", round))
			browsers := []visitor{w.visitor("mira"), w.visitor("mira"), w.visitor("mira")}
			var group sync.WaitGroup
			for _, b := range browsers {
				group.Go(func() {
					if rec := b.send("POST", "/proposals/"+p.ID+"/submit", nil); rec.Code != http.StatusSeeOther || !strings.HasPrefix(rec.Header().Get("Location"), "/proposals/"+p.ID+"/receipt") {
						w.t.Errorf("status %d to %q: %.300s", rec.Code, rec.Header().Get("Location"), rec.Body)
					}
				})
			}
			group.Wait()
			first, err := w.Proposals.Receipt(w.ctx, w.actor["mira"], p.ID)
			w.must(err)
			w.now.Advance(time.Minute)
			browsers[0].ask("POST", "/proposals/"+p.ID+"/submit", nil, http.StatusSeeOther)
			if s, e, m := w.handedIn(p.ID); s != 1 || e != 1 || m != 1 {
				w.t.Errorf("%d submissions, %d entries, %d receipts", s, e, m)
			}
			again, err := w.Proposals.Receipt(w.ctx, w.actor["mira"], p.ID)
			w.must(err)
			if !again.FirstByte.Equal(first.FirstByte) {
				w.t.Errorf("handed in at %v and, unchanged, at %v", first.FirstByte, again.FirstByte)
			}
		}
		w.whole()
	})
}

// TestSubmittedByTwoLeadsAtOnce: two people of one team, of whom one has just changed a text, hand in at the same
// moment: what is handed in last counts, and numbers, states and entries fit together.
func TestSubmittedByTwoLeadsAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		for round := range 5 {
			p := w.ready(c, fmt.Sprintf("Grain boundaries, part %d", round))
			_, err := w.Proposals.Invite(w.ctx, w.actor["mira"], p.ID, "ravi", "co-lead", 10)
			w.must(err)
			w.must(w.Proposals.Answer(w.ctx, w.actor["ravi"], p.ID, true))
			var group sync.WaitGroup
			for _, who := range []string{"mira", "ravi"} {
				group.Go(func() {
					_, err := w.Proposals.Save(w.ctx, w.actor[who], p.ID, []proposal.Change{{Field: "risks", Value: raw(strings.Repeat("What "+who+" fears. ", 10)), Version: 1}})
					if err == nil {
						_, err = w.Proposals.Submit(w.ctx, w.actor[who], p.ID, w.now.Source().Now())
					}
					if err != nil {
						w.t.Errorf("%s: %v", who, err)
					}
				})
			}
			group.Wait()
			s, e, m := w.handedIn(p.ID)
			if s < 1 || s > 2 || e != s || m < s {
				w.t.Errorf("%d submissions, %d entries, %d receipts", s, e, m)
			}
			v, err := w.Proposals.Get(w.ctx, w.actor["officer"], p.ID)
			w.must(err)
			list, err := w.Proposals.Submissions(w.ctx, w.actor["mira"], p.ID)
			w.must(err)
			if v.State != proposal.Submitted || string(v.Answers["risks"].Value) != string(list[0].Content.Answers["risks"]) || list[0].Number != s {
				w.t.Errorf("state %s, number %d of %d, %s", v.State, list[0].Number, s, v.Answers["risks"].Value)
			}
		}
		w.whole()
	})
}

// TestOneInTimeOneLate: of two that hand in at the same moment the one whose first byte came after the deadline is refused,
// whichever the database takes first, and takes nothing from the other.
func TestOneInTimeOneLate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		last := c.ClosesAt.Add(c.Grace)
		var drafts []proposal.Proposal
		for round := range 6 {
			drafts = append(drafts, w.ready(c, fmt.Sprintf("Grain boundaries, part %d", round)))
		}
		w.now.Set(last.Add(time.Second))
		for _, p := range drafts {
			var group sync.WaitGroup
			for _, first := range []time.Time{last, last.Add(time.Microsecond)} {
				group.Go(func() {
					_, err := w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, first)
					if late := first.After(last); late != fault.Is(err, fault.Conflict) || !late && err != nil {
						w.t.Errorf("late %v: %v", late, err)
					}
				})
			}
			group.Wait()
			if s, e, m := w.handedIn(p.ID); s != 1 || e != 1 || m != 1 {
				w.t.Errorf("%d submissions, %d entries, %d receipts", s, e, m)
			}
		}
	})
}

// TestSubmitAndWithdrawAtOnce: whichever comes last stands, whole: a proposal is submitted where a submission counts, and
// withdrawn where none does; taking it back twice at the same moment is one act.
func TestSubmitAndWithdrawAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		for round := range 6 {
			p, _ := w.handIn("mira", c, fmt.Sprintf("Grain boundaries, part %d", round), 700_000)
			var group sync.WaitGroup
			for i := range 4 {
				group.Go(func() {
					var err error
					if i%2 == 0 {
						_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], p.ID, w.now.Source().Now())
					} else if err = w.Proposals.Withdraw(w.ctx, w.actor["mira"], p.ID, "A better plan."); fault.Is(err, fault.Conflict) {
						err = nil // taken back already
					}
					if err != nil {
						w.t.Errorf("%d: %v", i, err)
					}
				})
			}
			group.Wait()
			v, err := w.Proposals.Get(w.ctx, w.actor["mira"], p.ID)
			w.must(err)
			list, err := w.Proposals.Submissions(w.ctx, w.actor["mira"], p.ID)
			w.must(err)
			count := 0
			for _, s := range list {
				if s.Withdrawn.IsZero() {
					count++
				}
			}
			if want := map[string]int{proposal.Submitted: 1, proposal.Withdrawn: 0}; v.State != proposal.Submitted && v.State != proposal.Withdrawn || count != want[v.State] {
				w.t.Errorf("state %s with %d submissions that count, of %d", v.State, count, len(list))
			}
		}
		w.whole()
	})
}

// TestSavingsAtTheSameMoment: many who save many drafts at once, some of them what they must not or cannot: each is
// answered alone, and what was acknowledged is there.
func TestSavingsAtTheSameMoment(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		const drafts, times = 12, 6
		var ids []string
		for range drafts {
			p, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
			w.must(err)
			ids = append(ids, p.ID)
		}
		var group sync.WaitGroup
		for i, id := range ids {
			group.Go(func() {
				for version := range times {
					text := fmt.Sprintf("text %d of draft %d", version+1, i)
					saved, err := w.Proposals.Save(w.ctx, w.actor["mira"], id, []proposal.Change{{Field: "aim", Value: raw(text), Version: int64(version)}, {Field: "title", Value: raw(text), Version: int64(version)}})
					if err != nil || saved.Versions["aim"] != int64(version+1) || saved.Versions["title"] != int64(version+1) || len(saved.Kept) > 0 {
						w.t.Errorf("draft %d, version %d: %+v, %v", i, version, saved, err)
					}
				}
			})
			group.Go(func() { // an old page, which knows nothing of what was written
				saved, err := w.Proposals.Save(w.ctx, w.actor["mira"], id, []proposal.Change{{Field: "risks", Value: raw("Few."), Version: 0}, {Field: "ethics", Value: raw("none"), Version: -9}})
				if err != nil || saved.Versions["risks"] != 1 || saved.Versions["ethics"] != 1 {
					w.t.Errorf("draft %d: %+v, %v", i, saved, err)
				}
			})
			group.Go(func() {
				_, err := w.Proposals.Save(w.ctx, w.actor["ravi"], id, []proposal.Change{{Field: "aim", Value: raw("not his")}})
				w.refused(err, fault.NotFound, "a stranger saves")
				_, err = w.Proposals.Save(w.ctx, w.actor["mira"], id, []proposal.Change{{Field: "nothing", Value: raw("x")}})
				w.refused(err, fault.Invalid, "a field that is not asked")
				_, err = w.Proposals.Save(w.ctx, w.actor["mira"], id, []proposal.Change{{Field: "data", Value: raw("a")}, {Field: "data", Value: raw("b")}})
				w.refused(err, fault.Invalid, "a field twice")
				_, err = w.Proposals.Save(w.ctx, w.actor["mira"], "nowhere", []proposal.Change{{Field: "data", Value: raw("a")}})
				w.refused(err, fault.NotFound, "a draft that is not there")
			})
		}
		group.Wait()
		for i, id := range ids {
			v, err := w.Proposals.Get(w.ctx, w.actor["mira"], id)
			w.must(err)
			if want := fmt.Sprintf("text %d of draft %d", times, i); v.Text("aim") != want || v.Title != want || v.Text("risks") != "Few." || v.Text("data") != "" {
				w.t.Errorf("draft %d: %q, %q, %q, %q", i, v.Text("aim"), v.Title, v.Text("risks"), v.Text("data"))
			}
		}
	})
}

// TestLanguageCookieNeedsHTTPS: like the session's, the cookie of the language is kept from https only, also where TLS ends
// at a proxy and the request comes here without.
func TestLanguageCookieNeedsHTTPS(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Demo = false })
	for host, secure := range map[string]bool{"science.example.org": true, "localhost:8080": false, "127.0.0.1:8080": false} {
		r := httptest.NewRequestWithContext(w.ctx, "GET", "/calls?lang=zh", nil)
		r.Host = host
		rec := httptest.NewRecorder()
		w.Handler.ServeHTTP(rec, r)
		found := false
		for _, c := range rec.Result().Cookies() {
			if c.Name == "hw_lang" {
				found = true
				if c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
					t.Errorf("%s: %v", host, c)
				}
			}
		}
		if !found {
			t.Errorf("%s: no cookie of the language", host)
		}
	}
}
