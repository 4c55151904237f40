package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
)

// writes has who agree to a review of a proposal, and write all of it but hand nothing in.
func (w *world) writes(who string, p proposal.Proposal, score float64) (id string, written map[string]review.Answer) {
	w.t.Helper()
	r, err := w.Reviews.Invite(w.ctx, w.actor["officer"], p.ID, who)
	w.must(err)
	w.must(w.Reviews.Answer(w.ctx, w.actor[who], r.ID, "accept", ""))
	w.must(w.Reviews.PromiseFor(w.ctx, w.actor[who], r.ID))
	v, err := w.Reviews.Get(w.ctx, w.actor[who], r.ID)
	w.must(err)
	written = map[string]review.Answer{}
	for _, c := range v.Criteria {
		written[c.ID] = review.Answer{Score: score, Text: "It is clear what is measured and why it matters.", Version: review.Anyway}
	}
	_, err = w.Reviews.Save(w.ctx, w.actor[who], r.ID, written, 90)
	w.must(err)
	return r.ID, written
}

// late is a call with two proposals, a review of each, one more of each that is being written, and an invitation without an answer.
type late struct {
	*world
	one, two           proposal.Proposal
	list               decision.Decision
	ofOne, ofTwo, asks string
	written            map[string]review.Answer
}

func (w *world) late() *late {
	w.t.Helper()
	l := &late{world: w}
	c := w.openCall("open-call.yaml")
	l.one, _ = w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
	l.two, _ = w.handIn("ravi", c, "Cold joints for hot modules", 600_000)
	w.now.Set(c.ClosesAt.Add(time.Hour))
	w.judge("ines", l.one, 5)
	w.judge("ines", l.two, 3)
	l.ofOne, l.written = w.writes("olena", l.one, 6)
	l.ofTwo, _ = w.writes("olena", l.two, 6)
	r, err := w.Reviews.Invite(w.ctx, w.actor["officer"], l.one.ID, "jonas")
	w.must(err)
	l.asks = r.ID
	l.list, err = w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
	w.must(err)
	w.must(w.Decisions.Save(w.ctx, w.actor["officer"], l.list.ID, "By the reviews.", []decision.Choice{{ProposalID: l.one.ID, Outcome: decision.Fund},
		{ProposalID: l.two.ID, Outcome: decision.Reject, Reasons: "The second step is the least worked out."}}))
	return l
}

// record is what a decision rests on: what was handed in, and when.
func (w *world) record() string {
	w.t.Helper()
	list, err := db.Strings(w.ctx, w.DB.Q(w.ctx), `SELECT r.id || ' ' || r.state || ' ' || COALESCE(a.field || a.value, '') FROM review r LEFT JOIN review_answer a ON a.review_id = r.id WHERE r.state = 'submitted' ORDER BY 1`)
	w.must(err)
	return strings.Join(list, "\n")
}

// over expects that a review is refused with a conflict that says since when, and that what was typed is kept.
func (l *late) over(id string) {
	l.t.Helper()
	before := l.record()
	olena := l.actor["olena"]
	err := l.Reviews.Submit(l.ctx, olena, id)
	l.refused(err, fault.Conflict, "a review after the list went to be signed")
	if err != nil && !strings.Contains(err.Error(), "15 April 2027") {
		l.t.Errorf("the refusal does not say since when: %v", err)
	}
	typed := map[string]review.Answer{}
	for field := range l.written {
		typed[field] = review.Answer{Score: 4, Text: "Typed in a page that stood open, at " + fmt.Sprint(l.now.Source().Now().UnixNano()), Version: review.Anyway}
	}
	_, err = l.Reviews.Save(l.ctx, olena, id, typed, -1)
	l.refused(err, fault.Conflict, "a draft after the list went to be signed")
	v, err := l.Reviews.Get(l.ctx, olena, id)
	l.must(err)
	for field, a := range typed {
		if v.Answers[field].Text != a.Text {
			l.t.Errorf("%s was typed and is %q", field, v.Answers[field].Text)
		}
	}
	if v.MayWrite() || !v.Over() || v.State != review.Accepted {
		l.t.Errorf("the review may be written %t, is over %t, is %s", v.MayWrite(), v.Over(), v.State)
	}
	if got := l.record(); got != before {
		l.t.Errorf("the record moved from\n%s\nto\n%s", before, got)
	}
}

// TestReviewIsOverOnceSigned: nothing is handed in, agreed to or reminded of once the list goes to be signed, and again when it comes
// back from there.
func TestReviewIsOverOnceSigned(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.late()
		w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], l.list.ID))
		l.over(l.ofOne)
		w.must(w.Decisions.Return(w.ctx, w.actor["decider"], l.list.ID, "One review is still to come."))
		w.must(w.Reviews.Submit(w.ctx, w.actor["olena"], l.ofOne))
		w.now.Advance(time.Minute)
		w.sign(l.list.ID)
		l.over(l.ofTwo)
		w.refused(w.Reviews.Answer(w.ctx, w.actor["jonas"], l.asks, "accept", ""), fault.Conflict, "agreeing to a review that is over")
		w.now.Advance(60 * 24 * time.Hour)
		if n, err := w.Reviews.Remind(w.ctx); err != nil || n != 0 {
			t.Errorf("%d were reminded of what is over, %v", n, err)
		}
		w.must(w.Reviews.Answer(w.ctx, w.actor["jonas"], l.asks, "decline", "Too late."))
	})
}

// TestReviewOfAnAppeal: where an appeal is upheld the review of its proposal is possible until the correction goes to be signed; that
// of another proposal is not.
func TestReviewOfAnAppeal(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.late()
		w.sign(l.list.ID)
		officer := w.actor["officer"]
		w.must(w.Decisions.Lodge(w.ctx, w.actor["ravi"], l.two.ID, "One reviewer was never heard."))
		l.over(l.ofTwo)
		v, err := w.Decisions.Get(w.ctx, officer, l.list.ID)
		w.must(err)
		next, err := w.Decisions.AnswerAppeal(w.ctx, officer, v.Appeals[0].ID, true, "It was not.")
		w.must(err)
		l.over(l.ofOne)
		before, err := w.Decisions.Get(w.ctx, officer, next.ID)
		w.must(err)
		if got, err := w.Reviews.Get(w.ctx, w.actor["olena"], l.ofTwo); err != nil || !got.MayWrite() {
			w.t.Fatalf("the review that the appeal asks for may not be written: %v", err)
		}
		w.must(w.Reviews.Submit(w.ctx, w.actor["olena"], l.ofTwo))
		after, err := w.Decisions.Get(w.ctx, officer, next.ID)
		w.must(err)
		was, _ := before.Row(l.two.ID)
		is, _ := after.Row(l.two.ID)
		if was.Standing.In != 1 || is.Standing.In != 2 {
			w.t.Errorf("the correction rests on %d reviews, before on %d", is.Standing.In, was.Standing.In)
		}
		w.must(w.Decisions.Save(w.ctx, officer, next.ID, "By all reviews.", []decision.Choice{{ProposalID: l.one.ID, Outcome: decision.Fund, Amount: "300,000"}, {ProposalID: l.two.ID, Outcome: decision.Fund}}))
		w.sign(next.ID)
		l.over(l.ofOne)
	})
}

// TestFreshReviewerAfterAnAppeal: once an appeal is upheld somebody new may be asked about its proposal, by page and API, unless a
// conflict stands against it, until the correction goes to be signed. Of other proposals, before that and without an appeal nobody may.
func TestFreshReviewerAfterAnAppeal(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		l, officer := w.late(), w.actor["officer"]
		w.account("gala", "gala")
		page, api := w.visitor("officer"), w.caller("officer")
		refused := func(p proposal.Proposal, who, key string) {
			w.t.Helper()
			_, err := w.Reviews.Invite(w.ctx, officer, p.ID, who)
			if f := fault.From(err); err == nil || f.Kind != fault.Conflict || !strings.HasPrefix(f.Msg.Key, key) {
				w.t.Errorf("asking %s about %s is refused with %v, want %s", who, p.Number, err, key)
			}
		}
		w.sign(l.list.ID)
		refused(l.two, "gala", "review.decided")
		w.must(w.Decisions.Lodge(w.ctx, w.actor["ravi"], l.two.ID, "Nobody who knows cold joints was heard."))
		refused(l.two, "gala", "review.decided")
		if text := page.body("/proposals/" + l.two.ID + "/reviews"); strings.Contains(text, "Ask a reviewer") {
			w.t.Error("the page offers to ask about a decided proposal")
		}
		v, err := w.Decisions.Get(w.ctx, officer, l.list.ID)
		w.must(err)
		next, err := w.Decisions.AnswerAppeal(w.ctx, officer, v.Appeals[0].ID, true, "Indeed not.")
		w.must(err)

		refused(l.one, "gala", "review.decided")
		refused(l.two, "ravi", "review.conflict.")
		refused(l.two, "ines", "review.asked.already")
		w.run(`INSERT INTO panel (id, call_id, name, created_at) VALUES ('hall', $1, 'Hall', 0)`, l.two.CallID)
		w.run(`INSERT INTO panel_item (id, panel_id, proposal_id, stage, place) VALUES ('first', 'hall', $1, '', 1)`, l.two.ID)
		w.run(`INSERT INTO panel_member (panel_id, person_id, role, from_at) VALUES ('hall', 'gala', 'member', 0)`)
		refused(l.two, "gala", "review.decided.by") // sat in the panel that treated it
		w.run(`DELETE FROM panel_member`)
		w.run(`UPDATE account SET person_id = 'iris' WHERE id = $1`, w.actor["decider"].Account)
		refused(l.two, "iris", "review.decided.by") // signed the list
		w.run(`UPDATE account SET person_id = NULL WHERE id = $1`, w.actor["decider"].Account)
		w.refused(func() error { _, err := w.Reviews.Invite(w.ctx, w.actor["mira"], l.two.ID, "gala"); return err }(), fault.NotFound, "an applicant asks somebody")
		page.ask(http.MethodGet, "/proposals/"+l.two.ID+"/reviews", nil, http.StatusOK, "An appeal about this proposal was upheld", "Ask a reviewer")
		page.ask(http.MethodPost, "/proposals/"+l.two.ID+"/reviews", url.Values{"person": {"ravi"}}, http.StatusUnprocessableEntity, "Ask a reviewer")
		page.ask(http.MethodPost, "/proposals/"+l.two.ID+"/reviews", url.Values{"person": {"hugo"}}, http.StatusSeeOther)
		var made oneID
		api.do(http.MethodPost, "/proposals/"+l.two.ID+"/reviews", map[string]string{"person_id": "gala"}, http.StatusOK, &made)

		gala := w.actor["gala"]
		w.must(w.Reviews.Answer(w.ctx, gala, made.ID, "accept", ""))
		w.must(w.Reviews.PromiseFor(w.ctx, gala, made.ID))
		_, err = w.Reviews.Save(w.ctx, gala, made.ID, l.written, 60)
		w.must(err)
		w.must(w.Reviews.Submit(w.ctx, gala, made.ID))
		after, err := w.Decisions.Get(w.ctx, officer, next.ID)
		w.must(err)
		if is, _ := after.Row(l.two.ID); is.Standing.In != 2 {
			w.t.Errorf("the correction rests on %d reviews", is.Standing.In)
		}
		if p, err := w.Proposals.Known(w.ctx, l.two.ID); err != nil || p.State != proposal.Decided {
			w.t.Errorf("the proposal is %s, %v", p.State, err)
		}
		w.must(w.Decisions.Save(w.ctx, officer, next.ID, "By all reviews.", []decision.Choice{{ProposalID: l.one.ID, Outcome: decision.Fund, Amount: "300,000"}, {ProposalID: l.two.ID, Outcome: decision.Fund}}))
		w.must(w.Decisions.Propose(w.ctx, officer, next.ID))
		refused(l.two, "iris", "review.decided")
		w.must(w.Decisions.Sign(w.ctx, w.actor["decider"], next.ID))
		refused(l.two, "iris", "review.decided")
		_, err = w.Decisions.Correct(w.ctx, officer, next.ID, decision.ByError, "The sum was wrong.")
		w.must(err)
		refused(l.two, "iris", "review.decided")
		w.whole()
	})
}

// TestInvitationAndSignatureAtOnce: who asks somebody after an appeal while the correction goes to be signed waits for that, and is refused.
func TestInvitationAndSignatureAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		l, officer := w.late(), w.actor["officer"]
		w.sign(l.list.ID)
		w.must(w.Decisions.Lodge(w.ctx, w.actor["ravi"], l.two.ID, "Nobody who knows cold joints was heard."))
		v, err := w.Decisions.Get(w.ctx, officer, l.list.ID)
		w.must(err)
		next, err := w.Decisions.AnswerAppeal(w.ctx, officer, v.Appeals[0].ID, true, "Indeed not.")
		w.must(err)
		w.must(w.Decisions.Save(w.ctx, officer, next.ID, "By the reviews.", []decision.Choice{{ProposalID: l.one.ID, Outcome: decision.Fund, Amount: "300,000"}, {ProposalID: l.two.ID, Outcome: decision.Fund}}))
		done := make(chan error, 1)
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			if err := w.Decisions.Propose(ctx, officer, next.ID); err != nil {
				return err
			}
			go func() { _, err := w.Reviews.Invite(w.ctx, officer, l.two.ID, "gala"); done <- err }()
			if w.DB.Dialect == db.Postgres {
				w.waitsForALock()
			}
			return nil
		}))
		w.refused(<-done, fault.Conflict, "asking somebody while the correction is signed")
	})
}

// TestReviewOfAnErrorIsOver: where an error is corrected, what was judged stays as it was.
func TestReviewOfAnErrorIsOver(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.late()
		w.sign(l.list.ID)
		_, err := w.Decisions.Correct(w.ctx, w.actor["officer"], l.list.ID, decision.ByError, "The sum was wrong.")
		w.must(err)
		l.over(l.ofOne)
	})
}

// TestReviewIsOverInPagesAndAPI: the reviewer's task, list and page say that a review is no longer needed; a form that stood open, and the API,
// are refused with since when, and what was typed stands there.
func TestReviewIsOverInPagesAndAPI(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.late()
		w.sign(l.list.ID)
		olena := w.visitor("olena")
		for _, path := range []string{"/home", "/reviews", "/reviews/" + l.ofOne} {
			olena.ask(http.MethodGet, path, nil, http.StatusOK, "o longer needed")
		}
		form, typed := url.Values{"submit": {"yes"}}, "Typed while the list was signed, word by word."
		for field := range l.written {
			form.Set(field, "5")
			form.Set(field+"_text", typed)
		}
		olena.ask(http.MethodPost, "/reviews/"+l.ofOne, form, http.StatusUnprocessableEntity, "Thu 15 April 2027", typed)
		for field := range l.written { // another window has written since
			form.Set("v_"+field, "1")
			form.Set(field+"_text", "Typed in the older window.")
		}
		olena.ask(http.MethodPost, "/reviews/"+l.ofOne, form, http.StatusUnprocessableEntity, "Thu 15 April 2027", "Typed in the older window.")

		api := w.caller("olena")
		var refused fault9457
		api.do(http.MethodPost, "/reviews/"+l.ofOne+"/submit", nil, http.StatusConflict, &refused)
		if !strings.Contains(refused.Detail, "15 April 2027") {
			w.t.Errorf("the API does not say since when: %+v", refused)
		}
		list := map[string]any{}
		for field := range l.written {
			list[field] = map[string]any{"score": 2, "text": "Typed by a program that did not ask."}
		}
		api.do(http.MethodPut, "/reviews/"+l.ofOne+"/answers", map[string]any{"answers": list}, http.StatusConflict, nil)
		var v struct {
			readReview
			Closed  string `json:"closed_at"`
			Answers map[string]struct{ Text string }
		}
		api.do(http.MethodGet, "/reviews/"+l.ofOne, nil, http.StatusOK, &v)
		if v.Closed == "" || v.State != review.Accepted {
			w.t.Errorf("the API says of what is over: %+v", v)
		}
		for field := range l.written {
			if v.Answers[field].Text != "Typed by a program that did not ask." {
				w.t.Errorf("%s was typed and is %q", field, v.Answers[field].Text)
			}
		}
	})
}

// TestReviewAndSignatureAtOnce: who hands in while the list is being signed waits for it, and is refused.
func TestReviewAndSignatureAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.late()
		done := make(chan error, 1)
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			if err := w.Decisions.Propose(ctx, w.actor["officer"], l.list.ID); err != nil {
				return err
			}
			go func() { done <- w.Reviews.Submit(w.ctx, w.actor["olena"], l.ofOne) }()
			if w.DB.Dialect == db.Postgres {
				w.waitsForALock()
			}
			return nil
		}))
		w.refused(<-done, fault.Conflict, "a review while its list is signed")
	})
}

// waitsForALock waits until somebody waits for a lock.
func (w *world) waitsForALock() {
	w.t.Helper()
	for range 400 {
		if w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0 {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	w.t.Error("nobody waits for a lock")
}
