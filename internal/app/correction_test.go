package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
)

// decided is a call in which mira is funded and ravi is not.
func (w *world) decided() (d decision.Decision, one, two proposal.Proposal) {
	w.t.Helper()
	w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{Budget: []register.BudgetLine{{ID: "b27", AgencyID: "arc", Name: lang.In1("en", "Open questions"), Year: 2027, Amount: money.Whole(1_000_000, "XCR")},
		{ID: "b28", AgencyID: "arc", Name: lang.In1("en", "Open questions"), Year: 2028, Amount: money.Whole(200_000, "XCR")}}}))
	c := w.openCall("open-call.yaml")
	one, _ = w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
	two, _ = w.handIn("ravi", c, "Cold joints for hot modules", 600_000)
	w.now.Set(c.ClosesAt.Add(time.Hour))
	w.judge("ines", one, 5)
	w.judge("olena", one, 6)
	w.judge("ines", two, 3)
	d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
	w.must(err)
	w.must(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund},
		{ProposalID: two.ID, Outcome: decision.Reject, Reasons: "The second step is the least worked out."}}))
	w.sign(d.ID)
	return d, one, two
}

func (w *world) sign(id string) {
	w.t.Helper()
	w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], id))
	w.must(w.Decisions.Sign(w.ctx, w.actor["decider"], id))
}

func (w *world) kinds(who string) string {
	kinds := map[string]int{}
	for _, l := range w.outboxOf(who) {
		kinds[l.Kind]++
		if strings.Contains(l.Subject+l.Body, "{") {
			w.t.Errorf("a mail has a gap: %s\n%s", l.Subject, l.Body)
		}
	}
	return fmt.Sprint(kinds)
}

// TestFundingLines: what is given is divided as it was asked for and out of the
// budget lines of its years; an officer may divide it otherwise, but not out of what is not there.
func TestFundingLines(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, one, two := w.decided()
		officer := w.actor["officer"]
		v, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if l := v.Rows[0].Lines; len(l) != 1 || l[0].BudgetLineID != "b27" || l[0].Year != 2027 || l[0].Amount.Minor != 70_000_000 {
			w.t.Errorf("lines = %+v", l)
		}
		w.refused(w.Decisions.SetLines(w.ctx, officer, d.ID, one.ID, []decision.LineInput{{Year: 2027, Amount: "1"}}), fault.Conflict, "dividing what is signed")

		next, err := w.Decisions.Correct(w.ctx, officer, d.ID, decision.ByError, "The second year was forgotten.")
		w.must(err)
		set := func(lines ...decision.LineInput) error {
			return w.Decisions.SetLines(w.ctx, officer, next.ID, one.ID, lines)
		}
		w.refused(set(), fault.Invalid, "no line")
		w.refused(set(decision.LineInput{Year: 1999, Amount: "10"}), fault.Invalid, "a year long past")
		w.refused(set(decision.LineInput{BudgetLineID: "none", Amount: "10"}), fault.Invalid, "a budget line that is none")
		w.refused(w.Decisions.SetLines(w.ctx, officer, next.ID, two.ID, []decision.LineInput{{Year: 2027, Amount: "1"}}), fault.Conflict, "money for what is not funded")
		w.must(set(decision.LineInput{BudgetLineID: "b27", Amount: "400,000"}, decision.LineInput{BudgetLineID: "b28", Amount: "300,000"}))
		w.refused(w.Decisions.Propose(w.ctx, officer, next.ID), fault.Invalid, "more than a budget line holds")
		w.must(set(decision.LineInput{BudgetLineID: "b27", Amount: "500,000"}, decision.LineInput{BudgetLineID: "b28", Amount: "200,000", Condition: "After the first report."}))
		w.sign(next.ID)
		list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
		w.must(err)
		if len(list) != 2 {
			w.t.Fatalf("awards of mira: %+v", list)
		}
		for _, a := range list {
			got, err := w.Awards.Get(w.ctx, w.actor["mira"], a.ID)
			w.must(err)
			switch a.State {
			case award.Running:
				if len(got.Lines) != 2 || got.Lines[1].Condition == "" || got.Before.ID == "" || got.Amount.Minor != 70_000_000 {
					w.t.Errorf("the new award: %+v", got)
				}
			case award.Superseded:
				if got.After.ID == "" || len(got.Lines) != 1 {
					w.t.Errorf("the old award: %+v", got)
				}
			default:
				w.t.Errorf("an award is %s", a.State)
			}
		}
	})
}

// TestNothingIsPromisedTwice: of two calls that take from one budget line at the same moment, and of two lists that were proposed
// while it held enough for either and are signed at the same moment, the second is refused.
func TestNothingIsPromisedTwice(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{Budget: []register.BudgetLine{{ID: "b27", AgencyID: "arc", Name: lang.In1("en", "Open questions"), Year: 2027, Amount: money.Whole(1_000_000, "XCR")}}}))
		officer := w.actor["officer"]
		first := w.openCall("open-call.yaml")
		calls := []call.Call{first, w.openCallOf(first.SchemeVersionID)}
		w.refused(w.second(func(ctx context.Context, _ int) error {
			_, err := w.Calls.Create(ctx, officer, call.Input{AgencyID: first.AgencyID, SchemeVersionID: first.SchemeVersionID, Title: first.Title, Summary: first.Summary, Zone: first.Zone,
				Opens: "2027-03-16T08:00", Closes: "2027-04-15T17:00", Total: "600,000", Budget: map[string]string{"b27": "600,000"}})
			return err
		}), fault.Invalid, "a call that takes what another took")
		var asked []proposal.Proposal
		for i, who := range []string{"mira", "ravi"} {
			p, _ := w.handIn(who, calls[i], "Grain boundaries as fuses", 700_000)
			asked = append(asked, p)
		}
		w.now.Set(first.ClosesAt.Add(time.Hour))
		var lists []string
		for i, p := range asked {
			w.judge("ines", p, 5)
			d, err := w.Decisions.Begin(w.ctx, officer, calls[i].ID, "")
			w.must(err)
			w.must(w.Decisions.Save(w.ctx, officer, d.ID, "By the reviews.", []decision.Choice{{ProposalID: p.ID, Outcome: decision.Fund}}))
			w.must(w.Decisions.Propose(w.ctx, officer, d.ID))
			lists = append(lists, d.ID)
		}
		w.refused(w.second(func(ctx context.Context, i int) error { return w.Decisions.Sign(ctx, w.actor["decider"], lists[i]) }), fault.Invalid, "a list that gives what another gave")
	})
}

// second does something while it is being done already, and returns what becomes of it.
func (w *world) second(do func(ctx context.Context, i int) error) error {
	w.t.Helper()
	var beside <-chan error
	w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
		err := do(ctx, 0)
		beside = dbtest.Meanwhile(w.t, w.DB, func() error { return do(w.ctx, 1) })
		return err
	}))
	return <-beside
}

// TestAppeal: an applicant appeals, the agency upholds it, and a second decision
// supersedes the first; what was signed and sent stays readable.
func TestAppeal(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, one, two := w.decided()
		officer, ravi := w.actor["officer"], w.actor["ravi"]
		w.refused(w.Decisions.Lodge(w.ctx, w.actor["mira"], two.ID, "No."), fault.NotFound, "an appeal for another team")
		w.refused(w.Decisions.Lodge(w.ctx, ravi, two.ID, ""), fault.Invalid, "an appeal without grounds")
		w.must(w.Decisions.Lodge(w.ctx, ravi, two.ID, "The second step is in section 3."))
		w.refused(w.Decisions.Lodge(w.ctx, ravi, two.ID, "Again."), fault.Conflict, "a second appeal")
		v, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if len(v.Appeals) != 1 || v.Appealed != 1 {
			w.t.Fatalf("appeals: %+v", v.Appeals)
		}
		_, err = w.Decisions.AnswerAppeal(w.ctx, ravi, v.Appeals[0].ID, true, "Yes.")
		w.refused(err, fault.NotFound, "an applicant answers")
		next, err := w.Decisions.AnswerAppeal(w.ctx, officer, v.Appeals[0].ID, true, "Section 3 was overlooked.")
		w.must(err)
		_, err = w.Decisions.Correct(w.ctx, officer, d.ID, decision.ByError, "Something else.")
		w.refused(err, fault.Conflict, "two corrections of one decision")
		w.refused(w.Decisions.Propose(w.ctx, officer, next.ID), fault.Invalid, "a correction that changes nothing")

		w.must(w.Decisions.Save(w.ctx, officer, next.ID, "By the reviews, and section 3.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund, Amount: "300,000"}, {ProposalID: two.ID, Outcome: decision.Fund}}))
		w.now.Advance(time.Hour)
		w.sign(next.ID)

		old, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if old.State != decision.Superseded || old.Next.ID != next.ID || old.Rows[1].Outcome != decision.Reject || old.Rows[1].Reasons == "" {
			w.t.Errorf("what was signed is now %+v", old)
		}
		letters, err := w.Decisions.Letters(w.ctx, ravi, two.ID)
		w.must(err)
		if len(letters) != 2 || letters[0].Supersedes != letters[1].ID || letters[0].Body.Outcome != decision.Fund || letters[1].Body.Outcome != decision.Reject ||
			letters[0].Body.Supersedes != d.Number || letters[0].Body.CorrectionReason != "Section 3 was overlooked." {
			w.t.Errorf("letters = %+v", letters)
		}
		if got := w.kinds("ravi"); got != "map[decision.mail.appeal.upheld:1 decision.mail.fund:1 decision.mail.reject:1 proposal.mail.receipt:1]" {
			w.t.Errorf("ravi got %s", got)
		}

		// and back: the award of mira ends
		last, err := w.Decisions.Correct(w.ctx, officer, next.ID, decision.ByError, "The fuse was known before.")
		w.must(err)
		w.must(w.Decisions.Save(w.ctx, officer, last.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Reject, Reasons: "It was known."}}))
		w.sign(last.ID)
		states := map[string]int{}
		list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
		w.must(err)
		for _, a := range list {
			states[a.State]++
		}
		if fmt.Sprint(states) != "map[superseded:1 terminated:1]" {
			w.t.Errorf("the awards of mira are %v", states)
		}
		if letters, err := w.Decisions.Letters(w.ctx, ravi, two.ID); err != nil || len(letters) != 2 {
			w.t.Errorf("ravi, whom the last correction does not concern, has %d letters, %v", len(letters), err)
		}
		w.now.Advance(40 * 24 * time.Hour)
		w.refused(w.Decisions.Lodge(w.ctx, w.actor["mira"], one.ID, "Late."), fault.Conflict, "an appeal after its time")
		w.whole()
	})
}

func TestCorrectionPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, one, two := w.decided()
		officer, ravi, ines := w.visitor("officer"), w.visitor("ravi"), w.visitor("ines")
		ravi.ask("GET", "/proposals/"+two.ID+"/letter", nil, 200, "Appeal against this decision", "The second step is the least worked out.")
		ines.ask("GET", "/proposals/"+two.ID+"/letter", nil, 404)
		ravi.ask("POST", "/proposals/"+two.ID+"/appeal", values("grounds", ""), 422)
		ravi.ask("POST", "/proposals/"+two.ID+"/appeal", values("grounds", "It is in section 3."), 303)
		officer.ask("GET", "/home", nil, 200, "Answer an appeal against "+d.Number)
		page := officer.body("/decisions/" + d.ID)
		_, rest, _ := strings.Cut(page, "/decisions/"+d.ID+"/appeals/")
		appeal, _, _ := strings.Cut(rest, `"`)
		officer.ask("POST", "/decisions/"+d.ID+"/appeals/"+appeal, values("answer", ""), 422)
		to := officer.ask("POST", "/decisions/"+d.ID+"/appeals/"+appeal, values("answer", "It was overlooked.", "uphold", "yes"), 303)
		officer.ask("GET", to+"?lang=zh", nil, 200, "经申诉，更正决定", "It was overlooked.")
		officer.ask("POST", to, values("outcome_"+one.ID, "fund", "outcome_"+two.ID, "fund", "reasons", "Both."), 303)
		officer.ask("GET", to+"/items/"+one.ID, nil, 200, "700,000", "Open questions")
		officer.ask("POST", to+"/items/"+one.ID, values("budget_0", "line b27", "amount_0", "much"), 422, "much")
		officer.ask("POST", to+"/items/"+one.ID, values("budget_0", "line b27", "amount_0", "300,000", "amount_1", ""), 303)
		officer.ask("POST", to, values("outcome_"+one.ID, "fund", "outcome_"+two.ID, "fund", "reasons", "Both.", "propose", "yes"), 303)
		w.now.Advance(time.Hour)
		w.visitor("decider").ask("POST", to+"/sign", nil, 303)
		officer.ask("GET", "/decisions/"+d.ID, nil, 200, "was superseded by")
		letters, err := w.Decisions.Letters(w.ctx, w.actor["ravi"], two.ID)
		w.must(err)
		ravi.ask("GET", "/proposals/"+two.ID+"/letter", nil, 200, "is funded", "takes the place of", "All letters")
		ravi.ask("GET", "/proposals/"+two.ID+"/letter?letter="+letters[1].ID, nil, 200, "is not funded", "This letter was superseded")
		ravi.ask("GET", "/proposals/"+two.ID+"/letter?letter=none", nil, 404)
	})
}

func TestMilestones(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.decided()
		list, err := w.Awards.Mine(w.ctx, w.actor["mira"])
		w.must(err)
		at := "/awards/" + list[0].ID
		mira, ravi, public := w.visitor("mira"), w.visitor("ravi"), w.visitor("")
		ravi.ask("POST", at+"/milestones", values("milestone", "A fuse", "due", "2028-01-01"), 403)
		mira.ask("POST", at+"/milestones", values("milestone", "", "due", "1999-01-01"), 422, "on which the award runs")
		mira.ask("POST", at+"/milestones", values("milestone", "A fuse that holds", "due", "2028-01-01"), 303)
		v, err := w.Awards.Get(w.ctx, w.actor["mira"], list[0].ID)
		w.must(err)
		one := at + "/milestones/" + v.Marks[0].ID
		mira.ask("POST", one, values("state", "missed"), 422)
		mira.ask("POST", one, values("state", "missed", "note", "The kiln broke."), 303)
		public.ask("GET", at, nil, 200, "A fuse that holds", "Missed", "MonetaryGrant")
		if strings.Contains(public.body(at), "The kiln broke.") {
			w.t.Error("the public reads the note of a milestone")
		}
		long := strings.Repeat("We know now how fast it fails. ", 4)
		mira.ask("POST", at+"/report", values("found", long, "draft", "yes"), 303)
		mira.ask("GET", at+"/report", nil, 200, "We know now how fast it fails.")
		if strings.Contains(w.visitor("officer").body(at), "We know now") {
			w.t.Error("the officer reads a draft of the report")
		}
		w.now.Set(time.Date(2030, 9, 1, 9, 0, 0, 0, time.UTC))
		if n, err := w.Awards.Remind(w.ctx); err != nil || n != 1 {
			w.t.Errorf("reminded %d, %v", n, err)
		}
		if n, err := w.Awards.Remind(w.ctx); err != nil || n != 0 {
			w.t.Errorf("reminded %d again, %v", n, err)
		}
	})
}

// TestCorrectionsTellTheRecusedNothing: an officer from whom a proposal is hidden reads neither what its appeal was answered, which is
// why its list is corrected, nor sees by the order of lists that an appeal waits.
func TestCorrectionsTellTheRecusedNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Fuses that mend themselves", 300_000)
		d, _, two := w.decided()
		w.must(w.Accounts.Grant(w.ctx, access.System, w.actor["jonas"].Account, access.Grant{Role: access.Officer, Scope: access.Agency("arc")}, time.Time{}))
		w.actor["jonas"] = must1(w.Accounts.ActorOf(w.ctx, w.actor["jonas"].Account))
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			return w.Reviews.Declare(ctx, w.actor["officer"], "jonas", two.ID, "A cousin of his.")
		}))
		later, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
		w.must(err)
		w.must(w.Decisions.Save(w.ctx, w.actor["officer"], later.ID, "None.", []decision.Choice{{ProposalID: p.ID, Outcome: decision.Reject, Reasons: "Too late."}}))
		w.sign(later.ID)
		lists := func(who string) string {
			list, _, err := w.Decisions.List(w.ctx, w.actor[who], 1, 10)
			w.must(err)
			said := ""
			for _, x := range list {
				said += fmt.Sprintf("%s %d %s%s; ", x.Number, x.Appealed, x.Correction, x.CorrectionReason)
			}
			return said
		}
		before := lists("jonas")
		w.must(w.Decisions.Lodge(w.ctx, w.actor["ravi"], two.ID, "The second step is in section 3."))
		if now := lists("jonas"); now != before {
			w.t.Errorf("an appeal that is hidden from jonas changes his list: %s, before %s", now, before)
		}
		if now := lists("officer"); !strings.HasPrefix(now, d.Number+" 1 ") {
			w.t.Errorf("what waits does not come first: %s", now)
		}
		v, err := w.Decisions.Get(w.ctx, w.actor["officer"], d.ID)
		w.must(err)
		next, err := w.Decisions.AnswerAppeal(w.ctx, w.actor["officer"], v.Appeals[0].ID, true, "Section 3 was overlooked.")
		w.must(err)
		for who, want := range map[string]bool{"jonas": false, "officer": true} {
			page := w.visitor(who).body("/decisions/" + next.ID)
			v, err := w.Decisions.Get(w.ctx, w.actor[who], next.ID)
			w.must(err)
			for where, said := range map[string]string{"page": page, "list": lists(who), "view": v.Correction + v.CorrectionReason} {
				if strings.Contains(said, "overlooked") != want || where != "page" && strings.Contains(said, decision.ByAppeal) != want {
					w.t.Errorf("the %s of %s: says why a list is corrected? want %v: %s", where, who, want, said)
				}
			}
		}
	})
}
