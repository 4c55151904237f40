package app_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// TestWhatIf: a question about other rules says who gains and who loses and keeps nothing; made the
// suggestion, it is kept with the pair that it tried.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		_, joint := w.closeWithTwo(c)
		officer := w.actor["officer"]
		for _, person := range []string{"gala", "hugo", "iris"} {
			w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 1))
		}
		ask := func(set review.Settings) review.WhatIf {
			w.t.Helper()
			answer, err := w.Reviews.WhatIf(w.ctx, officer, c.ID, "", set)
			w.must(err)
			return answer
		}
		if first := ask(review.Settings{Each: 1}); first.Compared || first.Then.Filled != 2 || first.Then.Empty() != 0 {
			w.t.Errorf("before a suggestion: %+v", first)
		}
		_, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 1})
		w.must(err)

		// hugo is the one for the joints: without him they lose, and somebody else works
		without := review.Settings{Each: 1, Pairs: []review.Wish{{Proposal: joint.Number, Person: "hugo", Kind: review.Forbid}}}
		got := ask(without)
		if !got.Compared || got.Changed != 1 || got.LoseN != 1 || got.Lose[0].ID != joint.ID || got.GainN != 0 || got.LoadN != 2 || got.Then.Total >= got.Now.Total {
			w.t.Errorf("without hugo: %+v", got)
		}
		// more than the pool can give: the reason comes with it
		if got := ask(review.Settings{Each: 3}); got.Then.Empty() != 3 || len(got.Reasons) == 0 || !got.Certificate.Optimal() {
			w.t.Errorf("three each: %+v", got)
		}
		if got := ask(review.Settings{Each: 1, Aim: review.Fair}); got.Then.Least+1e-6 < got.Now.Least || got.Certificate.Weights == nil {
			w.t.Errorf("fair: %+v", got)
		}
		if got := ask(review.Settings{Each: 1, Aim: review.Random, Limit: 50}); got.Then.Filled != 2 || got.Certificate.Parts != 2 || got.Then.Total > got.Now.Total {
			w.t.Errorf("random: %+v", got)
		}
		b, err := w.Reviews.Board(w.ctx, officer, c.ID, "", review.AssignFilter{Size: 10})
		w.must(err)
		if len(b.History) != 1 || b.Stale {
			w.t.Errorf("asking changed something: %d suggestions, stale %v", len(b.History), b.Stale)
		}
		for what, set := range map[string]review.Settings{"an aim that is none": {Aim: "best"}, "a limit above 100": {Aim: review.Random, Limit: 101}, "an unknown proposal": {Pairs: []review.Wish{{Proposal: "P-0", Person: "hugo", Kind: review.Lock}}},
			"somebody outside the pool": {Pairs: []review.Wish{{Proposal: joint.ID, Person: "ines", Kind: review.Lock}}}} {
			_, err := w.Reviews.WhatIf(w.ctx, officer, c.ID, "", set)
			w.refused(err, fault.Invalid, what)
		}
		_, err = w.Reviews.WhatIf(w.ctx, w.actor["auditor"], c.ID, "", review.Settings{})
		w.refused(err, fault.NotAllowed, "an auditor asks what if")
		_, err = w.Reviews.WhatIf(w.ctx, w.actor["mira"], c.ID, "", review.Settings{})
		w.refused(err, fault.NotFound, "an applicant asks what if")

		w.now.Advance(time.Minute)
		run, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", without)
		w.must(err)
		for _, p := range run.Result.Pairs {
			if p.Proposal == joint.ID && p.Person == "hugo" {
				w.t.Error("the pair that was forbidden is suggested")
			}
		}
		candidates, err := w.Reviews.CandidatesOf(w.ctx, officer, c.ID, joint.ID, "hugo", 1, 10)
		w.must(err)
		if candidates.List[0].Wish != review.Forbid {
			w.t.Errorf("the wish was not kept: %+v", candidates.List)
		}
		w.whole()
	})
}

// TestUndo: what nobody answered is taken back as if it had not been; an answer stays; nobody is
// mailed where no mail went out.
func TestUndo(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, joint := w.closeWithTwo(c)
		officer := w.actor["officer"]
		for _, person := range []string{"gala", "hugo", "iris"} {
			w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 2))
		}
		suggest := func() review.Run {
			w.t.Helper()
			w.now.Advance(time.Minute)
			run, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 2})
			w.must(err)
			return run
		}
		run := suggest()
		_, err := w.Reviews.Undo(w.ctx, officer, c.ID, run.ID, "Wrong pool.")
		w.refused(err, fault.Conflict, "undoing what was not applied")
		_, err = w.Reviews.Apply(w.ctx, officer, c.ID, run.ID)
		w.must(err)
		_, err = w.Reviews.Undo(w.ctx, officer, c.ID, run.ID, "")
		w.refused(err, fault.Invalid, "undoing without a reason")
		_, err = w.Reviews.Undo(w.ctx, w.actor["mira"], c.ID, run.ID, "Mine.")
		w.refused(err, fault.NotFound, "an applicant undoes")

		// a first undo takes everything back, mails included
		n, err := w.Reviews.Undo(w.ctx, officer, c.ID, run.ID, "Wrong pool.")
		w.must(err)
		if letters := w.outbox(mail.About{Kind: "assignment", ID: run.ID}); n != 4 || len(letters) != 0 {
			w.t.Errorf("%d taken back, mails left: %+v", n, letters)
		}
		for _, p := range []proposal.Proposal{grain, joint} {
			known, err := w.Proposals.Known(w.ctx, p.ID)
			w.must(err)
			list, err := w.Reviews.OfProposal(w.ctx, officer, p.ID)
			w.must(err)
			if known.State != proposal.Submitted || len(list) != 0 {
				w.t.Errorf("%s is %s with %d reviews", p.Number, known.State, len(list))
			}
		}
		_, err = w.Reviews.Undo(w.ctx, officer, c.ID, run.ID, "Once more.")
		w.refused(err, fault.Conflict, "undoing twice")

		// the same pairs may be asked again; who answered stays
		again := suggest()
		if again.Result.Filled != 4 {
			w.t.Fatalf("after the undo %d are suggested", again.Result.Filled)
		}
		_, err = w.Reviews.Apply(w.ctx, officer, c.ID, again.ID)
		w.must(err)
		list, err := w.Reviews.OfProposal(w.ctx, officer, grain.ID)
		w.must(err)
		person := list[0].Reviewer
		w.account("judge", person)
		w.must(w.Reviews.Answer(w.ctx, w.actor["judge"], list[0].ID, "accept", ""))
		_, undoing, err := w.Reviews.AskUndo(w.ctx, officer, c.ID, again.ID)
		w.must(err)
		if undoing != (review.Undoing{Open: 3, Answered: 1}) {
			w.t.Errorf("before the second undo: %+v", undoing)
		}
		n, err = w.Reviews.Undo(w.ctx, officer, c.ID, again.ID, "Another plan.")
		w.must(err)
		list, err = w.Reviews.OfProposal(w.ctx, officer, grain.ID)
		w.must(err)
		known, err := w.Proposals.Known(w.ctx, grain.ID)
		w.must(err)
		if n != 3 || len(list) != 1 || list[0].Reviewer != person || known.State != proposal.InReview {
			w.t.Errorf("%d taken back, left %+v in %s", n, list, known.State)
		}
		w.whole()
	})
}

// TestWhatIfPages: the question is answered in the page, and what it tried can be made the suggestion and undone.
func TestWhatIfPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		for _, person := range []string{"gala", "hugo"} {
			w.must(w.Reviews.SetPool(w.ctx, w.actor["officer"], c.ID, person, 0, 2))
		}
		officer, mira, auditor := w.visitor("officer"), w.visitor("mira"), w.visitor("auditor")
		at := "/calls/" + c.ID + "/assignment"
		mira.ask("GET", at+"?aim=total", nil, 404)
		auditor.ask("GET", at+"?aim=total", nil, 403)
		officer.ask("GET", at+"?aim=total&each=1", nil, 200, "What would change", "Make this the suggestion")
		officer.ask("GET", at+"?aim=total&each=77", nil, 422, "1 to 20", `value="77"`)
		officer.ask("POST", at, values("each", "1"), 303)
		forbidden := "forbid " + grain.Number + " gala Gala Beck"
		officer.ask("GET", at+"?aim=fair&each=2&kind=forbid&proposal="+grain.Number+"&person_text=Gala", nil, 200, "Worst served proposal", "Why is one place empty?", forbidden, "Lock or forbid another pair")
		both := at + "?aim=total&each=2&kind=forbid&proposal=" + grain.Number + "&person=hugo&pair=" + url.QueryEscape(forbidden)
		officer.ask("GET", both, nil, 200, "Leave Gala Beck out of "+grain.Number, "Leave Hugo Beck out of "+grain.Number, "Why are 2 places empty?")
		officer.ask("GET", both+"&pair="+url.QueryEscape("lock P-0 gala Gala Beck"), nil, 422)
		officer.ask("GET", at+"?aim=random&limit=50&each=1", nil, 200, "what the draw expects", "surer than 50 %")
		officer.ask("GET", at+"?aim=total&each=1&kind=lock&proposal=P-0&person_text=Gala&lang=zh", nil, 422, "本阶段没有编号为")
		w.now.Advance(time.Minute)
		officer.ask("POST", at, values("each", "1", "aim", "total", "pair", "lock "+grain.Number+" hugo Hugo Beck"), 303)
		officer.ask("GET", at+"/people", nil, 200, "Hugo Beck", "<svg")
		mira.ask("GET", at+"/people", nil, 404)
		page := officer.body(at + "/apply")
		_, rest, _ := strings.Cut(page, `name="run" value="`)
		run, _, _ := strings.Cut(rest, `"`)
		officer.ask("POST", at+"/apply", values("run", run), 303)
		officer.ask("GET", at, nil, 200, at+"/undo?run="+run)
		officer.ask("GET", at+"/undo?run="+run, nil, 200, "1 invitation that nobody has answered")
		mira.ask("POST", at+"/undo", values("run", run, "why", "x"), 403)
		officer.ask("POST", at+"/undo", values("run", run), 422, "Take them back")
		officer.ask("POST", at+"/undo", values("run", run, "why", "Not her."), 303)
		officer.ask("GET", at, nil, 200, "Undone")

		api := w.caller("officer")
		var answer struct {
			Then struct{ Filled int }
			Took int64 `json:"milliseconds"`
		}
		api.do(http.MethodPost, "/calls/"+c.ID+"/what-if", map[string]any{"each": 1, "aim": "fair"}, http.StatusOK, &answer)
		if answer.Then.Filled != 1 {
			w.t.Errorf("by the API: %+v", answer)
		}
		api.do(http.MethodPost, "/calls/"+c.ID+"/assignment/"+run+"/undo", map[string]any{"why": "Again."}, http.StatusConflict, nil)
	})
}

// TestOrderAndConflicts: why a suggestion could not be made may name a proposal, which who has a conflict with it does not read.
func TestOrderAndConflicts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{People: []register.Person{{ID: "kai", Given: "Kai", Family: "Alder"}}}))
		w.account("kai", "kai", access.Grant{Role: access.Officer, Scope: access.Agency("arc")})
		call, p := w.stage("gala", "hugo")
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			return w.Reviews.Declare(ctx, w.actor["kai"], "kai", p.ID, "A cousin.")
		}))
		w.Reviews.LongFrom = 1
		later, err := w.Reviews.Order(w.ctx, w.actor["officer"], call, "", review.Settings{Each: 1, Pairs: []review.Wish{{Proposal: p.ID, Person: "gala", Kind: review.Lock}, {Proposal: p.ID + " of old", Person: "hugo", Kind: review.Lock}}})
		if err != nil || !later {
			w.t.Fatalf("ordered: %v, %v", later, err)
		}
		w.jobs()
		for who, told := range map[string]bool{"officer": true, "kai": false} {
			_, o, err := w.Reviews.OrderOf(w.ctx, w.actor[who], call, "")
			w.must(err)
			if o == nil || o.Step != review.Failed || strings.Contains(o.Problem.In(lang.English)+o.Problem.In(lang.Chinese), p.ID) != told || (len(o.Settings.Pairs) == 2) != told {
				w.t.Errorf("%s reads %+v", who, o)
			}
			for _, path := range []string{"/calls/" + call + "/assignment", "/calls/" + call + "/assignment/live"} {
				if page := w.visitor(who).body(path); !strings.Contains(page, "No suggestion could be made") || strings.Contains(page, p.ID) != told {
					w.t.Errorf("%s on %s: the page names the proposal is %v", who, path, !told)
				}
			}
		}
	})
}

// TestOrder: a suggestion that takes long is made by a job, whose steps the page shows; one that cannot be made says why.
func TestOrder(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		call, _ := w.stage("gala", "hugo")
		w.Reviews.LongFrom = 2
		page, at := w.visitor("officer"), "/calls/"+call+"/assignment"
		page.ask("POST", at, values("each", "77"), 422, "1 to 20")
		page.ask("POST", at, values("each", "1"), 303)
		page.ask("GET", at, nil, 200, "A suggestion is being made since", "Step 0 of 3")
		page.ask("POST", at, values("each", "1"), 422, "being made already")
		w.visitor("mira").ask("GET", at+"/live", nil, 404)
		_, o, err := w.Reviews.OrderOf(w.ctx, officer, call, "")
		w.must(err)
		w.now.Advance(time.Minute)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		w.must(w.Reviews.MakeOrdered(w.ctx, review.Ordered{ID: o.ID})) // a job may run twice
		page.ask("GET", at+"/live", nil, 200, "The suggestion is there")
		b, err := w.Reviews.Board(w.ctx, officer, call, "", review.AssignFilter{Size: 10})
		w.must(err)
		if b.Order != nil || len(b.History) != 1 || b.Run.Result.Filled != 1 || b.Run.By != officer.Account {
			w.t.Errorf("made: order %+v, %d suggestions", b.Order, len(b.History))
		}
		page.ask("POST", at, values("each", "1", "pair", "lock P-0 gala Gala Beck"), 303)
		w.now.Advance(time.Minute)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		page.ask("GET", at, nil, 200, "No suggestion could be made", "P-0")
		w.whole()
	})
}
