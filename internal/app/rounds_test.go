package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
)

// stage is a closed call with one proposal and a pool of people who may judge it.
func (w *world) stage(pool ...string) (callID string, p proposal.Proposal) {
	w.t.Helper()
	w.judges()
	c := w.openCall("open-call.yaml")
	p, _ = w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
	w.now.Set(c.ClosesAt.Add(time.Hour))
	for _, person := range pool {
		w.must(w.Reviews.SetPool(w.ctx, w.actor["officer"], c.ID, person, 0, 3))
	}
	return c.ID, p
}

// apply makes a suggestion with so many reviews each and sends it.
func (w *world) assign(call string, each int) {
	w.t.Helper()
	run, err := w.Reviews.Suggest(w.ctx, w.actor["officer"], call, "", review.Settings{Each: each})
	w.must(err)
	_, err = w.Reviews.Apply(w.ctx, w.actor["officer"], call, run.ID)
	w.must(err)
}

// by is who reviews a proposal, by state.
func (w *world) by(p proposal.Proposal) map[string]string {
	w.t.Helper()
	list, err := w.Reviews.OfProposal(w.ctx, w.actor["officer"], p.ID)
	w.must(err)
	out := map[string]string{}
	for _, v := range list {
		out[v.Reviewer] = v.State
	}
	return out
}

// TestRounds: one declines, one does not answer; the officer asks the next best with one
// click, until the reserve is spent.
func TestRounds(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		call, p := w.stage("gala", "hugo", "iris", "jonas")
		w.refused(w.Reviews.SetPlan(w.ctx, officer, call, "", review.InvitationPlan{Target: 1, Reserve: 1, AnswerDays: 99}), fault.Invalid, "99 days to answer")
		w.refused(w.Reviews.SetPlan(w.ctx, w.actor["mira"], call, "", review.InvitationPlan{Target: 1, AnswerDays: 9}), fault.NotFound, "an applicant sets the plan")
		w.must(w.Reviews.SetPlan(w.ctx, officer, call, "", review.InvitationPlan{Target: 1, Reserve: 2, AnswerDays: 7}))
		w.assign(call, 1)
		first := w.by(p)
		if first["gala"] != review.Invited || len(first) != 1 {
			w.t.Fatalf("asked first: %v", first)
		}
		rounds := func() review.Rounds {
			w.t.Helper()
			v, err := w.Reviews.RoundsOf(w.ctx, officer, call, "")
			w.must(err)
			return v
		}
		if v := rounds(); len(v.Wanting) != 0 {
			w.t.Errorf("while an invitation is open: %+v", v.Wanting)
		}

		// gala declines and names hugo; the next best is shown, and asked once the officer agrees
		list, err := w.Reviews.OfProposal(w.ctx, officer, p.ID)
		w.must(err)
		gala := access.Actor{Account: "g", Person: "gala"}
		w.refused(w.Reviews.Reply(w.ctx, gala, list[0].ID, review.Reply{Answer: "decline", Instead: review.Suggestion{Email: "hugo@far.example"}}), fault.Invalid, "an address without a name")
		w.must(w.Reviews.Reply(w.ctx, gala, list[0].ID, review.Reply{Answer: "decline", Reason: "Away.", Instead: review.Suggestion{Name: "H. Beck", Email: "Hugo@far.example"}}))
		w.must(w.Reviews.Next(w.ctx)) // nothing happens by itself
		v := rounds()
		if len(v.Wanting) != 1 || v.Wanting[0].Missing != 1 || v.Wanting[0].Left != 2 || len(v.Wanting[0].Next) != 1 || v.Wanting[0].Next[0].Person != "iris" {
			w.t.Fatalf("after a decline: %+v", v.Wanting)
		}
		if turned := v.Wanting[0].Turned; len(turned) != 1 || turned[0].Reason != "Away." || turned[0].Instead == nil || turned[0].Instead.Person != "hugo" {
			w.t.Errorf("turned down: %+v", turned)
		}
		if tasks, err := w.Reviews.ToAsk(w.ctx, officer); err != nil || len(tasks) != 1 || tasks[0].N != 1 {
			w.t.Errorf("the officer's tasks: %+v, %v", tasks, err)
		}
		w.must(w.Reviews.SetPool(w.ctx, officer, call, "hugo", 0, 1)) // changes the problem
		_, err = w.Reviews.AskNext(w.ctx, officer, call, "", v.Seen)
		w.refused(err, fault.Conflict, "asking whom one did not see")
		n, err := w.Reviews.AskNext(w.ctx, officer, call, "", rounds().Seen)
		w.must(err)
		if got := w.by(p); n != 1 || got["iris"] != review.Invited || got["gala"] != review.Declined {
			w.t.Errorf("asked %d: %v", n, got)
		}

		// iris is reminded once, then her invitation lapses and she is told
		w.now.Advance(5*24*time.Hour + time.Hour)
		w.must(w.Reviews.Next(w.ctx))
		w.must(w.Reviews.Next(w.ctx))
		w.now.Advance(2 * 24 * time.Hour)
		w.must(w.Reviews.Next(w.ctx))
		kinds := map[string]int{}
		for _, l := range w.outbox(mail.About{}) {
			if l.Email == "iris@far.example" {
				kinds[l.Kind]++
			}
		}
		if w.by(p)["iris"] != review.Lapsed || kinds["review.mail.nudge"] != 1 || kinds["review.mail.lapsed"] != 1 {
			w.t.Errorf("iris is %s and got %v", w.by(p)["iris"], kinds)
		}
		n, err = w.Reviews.AskNext(w.ctx, officer, call, "", "")
		w.must(err)
		if n != 1 {
			w.t.Errorf("%d asked after the lapse", n)
		}
		for who, state := range w.by(p) {
			if state == review.Invited {
				for _, r := range must1(w.Reviews.OfProposal(w.ctx, officer, p.ID)) {
					if r.Reviewer == who {
						w.must(w.Reviews.Answer(w.ctx, access.Actor{Account: "x", Person: who}, r.ID, "decline", ""))
					}
				}
			}
		}
		if v := rounds(); len(v.Wanting) != 1 || v.Wanting[0].Left != 0 || len(v.Wanting[0].Next) != 0 {
			w.t.Errorf("with the reserve spent: %+v", v.Wanting)
		}
		_, err = w.Reviews.AskNext(w.ctx, officer, call, "", "")
		w.refused(err, fault.Conflict, "asking beyond the reserve")
		w.whole()
	})
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestRoundsByThemselves: where the officer said so, the next best is asked without one.
func TestRoundsByThemselves(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		call, p := w.stage("gala", "iris")
		w.must(w.Reviews.SetPlan(w.ctx, officer, call, "", review.InvitationPlan{Target: 1, Reserve: 1, AnswerDays: 7, Automatic: true}))
		w.assign(call, 1)
		list, err := w.Reviews.OfProposal(w.ctx, officer, p.ID)
		w.must(err)
		w.must(w.Reviews.Answer(w.ctx, access.Actor{Account: "g", Person: "gala"}, list[0].ID, "decline", ""))
		w.must(w.Reviews.Next(w.ctx))
		w.must(w.Reviews.Next(w.ctx))
		if got := w.by(p); got["iris"] != review.Invited || len(got) != 2 {
			w.t.Errorf("asked by itself: %v", got)
		}
		w.whole()
	})
}

// TestAnswerSuggests: by the link of a mail somebody declines, suggests another person, and
// learns nothing of whether that person is known; another declares a conflict with its kind.
func TestAnswerSuggests(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		nobody, officer := w.visitor(""), w.visitor("officer")
		_, path := w.asked("nadia", p)
		nobody.ask("POST", path, values("answer", "decline", "instead_email", "x@example.org"), 422, `value="x@example.org"`)
		told := func(path string, form url.Values) string {
			return strings.ReplaceAll(nobody.send("POST", path, form).Body.String(), path, "/answer")
		}
		known := told(path, values("answer", "decline", "reason", "Too far from my field.", "instead_name", "Edda Alder"))
		_, path = w.asked("piet", p)
		unknown := told(path, values("answer", "decline", "instead_name", "Nobody Here", "instead_email", "nobody@example.org"))
		if known != unknown || !strings.Contains(known, "You declined") {
			w.t.Error("the answer tells whether the person who was suggested is known")
		}
		r, path := w.asked("vera", p)
		nobody.ask("POST", path, values("answer", "conflict", "reason", "My cousin.", "conflict", "nonsense"), 422)
		nobody.ask("POST", path, values("answer", "conflict", "reason", "My cousin.", "conflict", "family"), 200)
		found, err := w.Reviews.Conflicts(w.ctx, r.Reviewer, p.ID)
		w.must(err)
		if len(found) != 1 || found[0].Rule != "declared-family" {
			w.t.Errorf("conflicts: %+v", found)
		}
		for _, person := range []string{"ines", "jonas"} {
			w.must(w.Reviews.SetPool(w.ctx, w.actor["officer"], c.ID, person, 0, 3))
		}
		at := "/calls/" + c.ID + "/assignment/rounds"
		officer.ask("GET", at, nil, 200, "Nadia Brook", "Would ask Edda Alder", "Too far from my field.", "Nobody Here", "Not in the register", "Ask these 2", "Nothing is set yet")
		_, rest, _ := strings.Cut(officer.body(at), `name="ask" value="`)
		seen, _, _ := strings.Cut(rest, `"`)
		w.visitor("mira").ask("GET", at, nil, 403)
		officer.ask("POST", at, values("target", "0", "reserve", "1", "answer_days", "5"), 422, "1 to 20")
		officer.ask("POST", at, values("target", "1", "reserve", "3", "answer_days", "5", "automatic", "on"), 303)
		officer.ask("POST", at, values("ask", seen), 422, "look at the list again")

		api := w.caller("officer")
		var rounds struct {
			Plan      struct{ Target int }
			Proposals []struct{ Missing int }
			Seen      string
		}
		api.do(http.MethodGet, "/calls/"+c.ID+"/rounds", nil, http.StatusOK, &rounds)
		if rounds.Plan.Target != 1 || len(rounds.Proposals) != 1 || rounds.Proposals[0].Missing != 1 {
			w.t.Errorf("by the API: %+v", rounds)
		}
		api.do(http.MethodPost, "/calls/"+c.ID+"/rounds/next", map[string]any{"seen": rounds.Seen}, http.StatusOK, nil)
		api.do(http.MethodPost, "/calls/"+c.ID+"/rounds/next", map[string]any{}, http.StatusConflict, nil)
	})
}
