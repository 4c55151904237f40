package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

var answerLink = regexp.MustCompile(`/answer/[\w-]{43}`)

// asked is an invitation to somebody of the register who has no account, and the
// path that the mail names.
func (w *world) asked(person string, p proposal.Proposal) (r review.Review, path string) {
	w.t.Helper()
	w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{People: []register.Person{{ID: person, Given: strings.ToUpper(person[:1]) + person[1:], Family: "Brook", Email: person + "@example.org"}}}))
	r, err := w.Reviews.Invite(w.ctx, w.actor["officer"], p.ID, person)
	w.must(err)
	letters, err := w.Mail.Outbox(w.ctx, mail.Filter{}, 50)
	w.must(err)
	for _, l := range letters {
		if l.Email == person+"@example.org" && l.Kind == "review.mail.invited" {
			if !l.Once {
				w.t.Error("the mail is kept although it holds a secret")
			}
			return r, answerLink.FindString(l.Body)
		}
	}
	w.t.Fatalf("%s got no mail", person)
	return r, ""
}

// TestAnswerWithoutAnAccount: the link of the mail shows title and summary, answers
// once, and is over after that, after its time, and once the invitation was answered otherwise.
func TestAnswerWithoutAnAccount(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		nobody := w.visitor("")
		state := func(id string) string {
			v, err := w.Reviews.Get(w.ctx, w.actor["officer"], id)
			w.must(err)
			return v.State
		}

		r, path := w.asked("nadia", p)
		nobody.ask("GET", path, nil, 200, "Grain boundaries as fuses", "This link answers for Nadia Brook")
		page := nobody.body(path)
		for _, hidden := range []string{"Mira", "University of Ilvane", "fatigue of sintered", "700,000"} {
			if strings.Contains(page, hidden) {
				w.t.Errorf("the page of the link shows %q", hidden)
			}
		}
		nobody.ask("POST", path, values("answer", "conflict"), 422, "Nadia Brook")
		nobody.ask("POST", path, values("answer", "perhaps"), 422)
		nobody.ask("POST", path, values("answer", "conflict", "reason", "We share a house."), 200, "Thank you for saying so")
		nobody.ask("GET", path, nil, 404, "This link is over")
		nobody.ask("POST", path, values("answer", "accept"), 404)
		if got := state(r.ID); got != review.Conflicted {
			w.t.Errorf("it is %s", got)
		}
		if found, err := w.Reviews.Conflicts(w.ctx, "nadia", p.ID); err != nil || len(found) != 1 || found[0].Evidence != "We share a house." {
			w.t.Errorf("conflicts %+v, %v", found, err)
		}

		r, path = w.asked("piet", p)
		nobody.ask("POST", path, values("answer", "accept"), 200, "you will review it", "/sign-in?next=%2Freviews%2F"+r.ID)
		if got := state(r.ID); got != review.Accepted {
			w.t.Errorf("it is %s", got)
		}

		r, path = w.asked("vera", p)
		w.must(w.Reviews.Answer(w.ctx, access.Actor{Account: "other", Person: "vera"}, r.ID, "decline", ""))
		nobody.ask("GET", path, nil, 404)

		r, path = w.asked("joos", p)
		w.now.Set(r.DueAt.Add(time.Minute))
		nobody.ask("GET", path, nil, 404)
		nobody.ask("POST", path, values("answer", "accept"), 404)
		nobody.ask("GET", "/answer/"+strings.Repeat("x", 43), nil, 404)
	})
}

// TestOneAnswerOfTwo: of two who follow the same link at once one is heard.
func TestOneAnswerOfTwo(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		_, path := w.asked("nadia", p)
		var heard atomic.Int32
		var group sync.WaitGroup
		for _, answer := range []string{"accept", "decline", "accept", "decline"} {
			group.Go(func() {
				if w.visitor("").send("POST", path, url.Values{"answer": {answer}}).Code == http.StatusOK {
					heard.Add(1)
				}
			})
		}
		group.Wait()
		if heard.Load() != 1 {
			w.t.Errorf("%d answers were heard", heard.Load())
		}
	})
}
