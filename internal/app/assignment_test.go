package app_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// judges adds people to the country who say what they work on.
func (w *world) judges() {
	w.t.Helper()
	b := &register.Batch{Organisations: []register.Organisation{{ID: "far", Name: lang.In1("en", "Far University"), Kind: "university"}}}
	for id, words := range map[string][]string{"gala": {"grain boundaries", "ceramics"}, "hugo": {"cold joints", "power modules"}, "iris": {"grain boundaries", "fatigue"}} {
		b.People = append(b.People, register.Person{ID: id, Given: strings.ToUpper(id[:1]) + id[1:], Family: "Beck", Keywords: words, Email: id + "@far.example", Affiliations: []register.Affiliation{{OrganisationID: "far"}}})
	}
	w.must(w.Register.TakeIn(w.ctx, access.System, b))
}

// closeWithTwo lets a call close with a proposal of Mira, on grain, and one of Ravi, on joints.
func (w *world) closeWithTwo(c call.Call) (grain, joint proposal.Proposal) {
	w.t.Helper()
	grain, _ = w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
	joint, _ = w.handIn("ravi", c, "Cold joints for hot power modules", 600_000)
	w.now.Set(c.ClosesAt.Add(time.Hour))
	return grain, joint
}

func (w *world) outbox(about mail.About) []mail.Letter {
	w.t.Helper()
	list, err := w.Mail.Outbox(w.ctx, mail.Filter{About: about}, 1000)
	w.must(err)
	return list
}

func TestAssignment(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, joint := w.closeWithTwo(c)
		officer := w.actor["officer"]

		_, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 1})
		w.refused(err, fault.Conflict, "a suggestion without a pool")
		for _, person := range []string{"gala", "hugo", "iris", "edda"} {
			w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 1))
		}
		w.refused(w.Reviews.SetPool(w.ctx, officer, c.ID, "gala", 3, 1), fault.Invalid, "a least above the most")
		w.refused(w.Reviews.SetPool(w.ctx, w.actor["mira"], c.ID, "gala", 0, 1), fault.NotFound, "an applicant changes the pool")
		_, err = w.Reviews.Board(w.ctx, w.actor["mira"], c.ID, "", review.AssignFilter{Size: 50})
		w.refused(err, fault.NotFound, "an applicant reads the assignment")

		run, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 1})
		w.must(err)
		got := map[string]string{}
		for _, p := range run.Result.Pairs {
			got[p.Proposal] = p.Person
		}
		if got[joint.ID] != "hugo" || got[grain.ID] != "gala" || run.Result.Filled != 2 || run.Certificate.Unmet != 0 || run.Certificate.Cost < run.Certificate.Bound {
			w.t.Errorf("the suggestion is %+v", run.Result)
		}
		passed := map[string]string{} // who is not chosen for the first, and why
		candidates, err := w.Reviews.CandidatesOf(w.ctx, officer, c.ID, grain.ID, "", 1, 50)
		w.must(err)
		for _, k := range candidates.List {
			if k.Passed != nil {
				passed[k.Name] = k.Passed.Kind
			}
		}
		if len(passed) != 2 || passed["Hugo Beck"] != review.PassedFull || passed["Iris Beck"] == "" { // gala is chosen, edda must not
			w.t.Errorf("passed over: %v", passed)
		}
		page := w.visitor("officer")
		page.ask("GET", "/calls/"+c.ID+"/assignment/"+grain.ID, nil, 200, "Not suggested: gets 1 of at most 1 reviews", "With this pair the total is lower by 0.")
		page.ask("GET", "/calls/"+c.ID+"/assignment/"+grain.ID+"?lang=zh", nil, 200, "未建议：已分配 1 份（上限 1 份）", "总分至少降低 0.")
		if run.Result.Barred["same-organisation"] != 1 { // edda works where mira does
			w.t.Errorf("kept apart: %v", run.Result.Barred)
		}

		// a lock and a ban are kept by the next suggestion; a conflict cannot be locked
		w.refused(w.Reviews.Wish(w.ctx, officer, c.ID, grain.ID, "edda", review.Lock), fault.Conflict, "locking a conflict")
		w.must(w.Reviews.Wish(w.ctx, officer, c.ID, grain.ID, "iris", review.Lock))
		w.must(w.Reviews.Wish(w.ctx, officer, c.ID, joint.ID, "hugo", review.Forbid))
		w.now.Advance(time.Minute)
		run, err = w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 2})
		w.must(err)
		got = map[string]string{}
		for _, p := range run.Result.Pairs {
			got[p.Proposal+" "+p.Person] = "yes"
		}
		if got[grain.ID+" iris"] == "" || got[joint.ID+" hugo"] != "" || run.Result.Places != 4 {
			w.t.Errorf("with wishes the suggestion is %+v", run.Result)
		}

		n, err := w.Reviews.Apply(w.ctx, officer, c.ID, run.ID)
		w.must(err)
		if n != run.Result.Filled || n != 4 { // grain: iris and gala or hugo, joint: edda and another
			w.t.Errorf("invited %d of %d", n, run.Result.Filled)
		}
		_, err = w.Reviews.Apply(w.ctx, officer, c.ID, run.ID)
		w.refused(err, fault.Conflict, "applying twice")
		list, err := w.Reviews.OfProposal(w.ctx, officer, grain.ID)
		w.must(err)
		if len(list) != 2 {
			w.t.Errorf("reviews of the first proposal: %+v", list)
		}
		if letters := slices.DeleteFunc(w.outbox(mail.About{Kind: "assignment", ID: run.ID}), func(l mail.Letter) bool { return l.Kind == "mail.join" }); len(letters) != 4 || !strings.Contains(letters[0].Body, "/answer/") {
			w.t.Errorf("mails of the invitations: %+v", letters)
		}
		// who has no account gets a link to make one, and then finds what they are asked for
		joins := 0
		for _, l := range w.outbox(mail.About{}) {
			if l.Kind == "mail.join" {
				joins++
				if !strings.Contains(l.Body, "/links/") || !l.Once {
					w.t.Errorf("a mail to join: %+v", l)
				}
			}
		}
		if joins != 3 { // gala, hugo, iris; edda has an account
			w.t.Errorf("%d mails to join", joins)
		}
		w.whole()
	})
}

// TestLettersAfterUndo: two reviewers of a proposal never have one letter, also where invitations before theirs were undone.
func TestLettersAfterUndo(t *testing.T) {
	t.Parallel()
	w := country(t, dbtest.SQLitePath(t))
	call, p := w.stage("gala", "hugo", "iris")
	officer := w.actor["officer"]
	w.assign(call, 3)
	for _, v := range must1(w.Reviews.OfProposal(w.ctx, officer, p.ID)) {
		if v.Alias == "C" {
			w.must(w.Reviews.Answer(w.ctx, access.Actor{Account: "x", Person: v.Reviewer}, v.ID, "accept", ""))
		}
	}
	b, err := w.Reviews.Board(w.ctx, officer, call, "", review.AssignFilter{Size: 1})
	w.must(err)
	_, err = w.Reviews.Undo(w.ctx, officer, call, b.Run.ID, "Too early.")
	w.must(err)
	w.now.Advance(time.Minute)
	w.assign(call, 3)
	seen := map[string]bool{}
	for _, v := range must1(w.Reviews.OfProposal(w.ctx, officer, p.ID)) {
		if seen[v.Alias] {
			w.t.Errorf("two reviewers are %s", v.Alias)
		}
		seen[v.Alias] = true
	}
	if len(seen) != 3 {
		w.t.Errorf("letters %v, want three", seen)
	}
}

// TestAssignmentFallsShort: more is asked for than the pool can give, and the reason is told.
func TestAssignmentFallsShort(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		officer := w.actor["officer"]
		w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, "gala", 0, 6))
		w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, "edda", 0, 6))
		_, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{})
		w.must(err)
		b, err := w.Reviews.Board(w.ctx, officer, c.ID, "", review.AssignFilter{Only: "open", Size: 50})
		w.must(err)
		if len(b.Rows) != 1 || b.Rows[0].Missing != 2 || len(b.Reasons) != 1 || b.Reasons[0].Need-b.Reasons[0].Have != 2 || b.Reasons[0].Proposals[0] != grain.Number || b.Reasons[0].People[0] != "Gala Beck" {
			w.t.Errorf("rows %+v, reasons %+v", b.Rows, b.Reasons)
		}
		// what no longer holds is not applied in part
		w.must(w.Proposals.Withdraw(w.ctx, w.actor["mira"], grain.ID, "elsewhere"))
		_, err = w.Reviews.Apply(w.ctx, officer, c.ID, b.Run.ID)
		w.refused(err, fault.Conflict, "applying after a withdrawal")
	})
}

func TestAssignmentPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		officer, mira, public := w.visitor("officer"), w.visitor("mira"), w.visitor("")
		at := "/calls/" + c.ID
		public.ask("GET", at+"/assignment", nil, 303)
		mira.ask("GET", at+"/assignment", nil, 404)
		officer.ask("GET", at+"/assignment", nil, 200, "say who may be asked")
		officer.ask("POST", at+"/assignment", values("each", "2"), 422, "Put people into the pool first")
		officer.ask("POST", at+"/pool", values("person_text", "Gala"), 303)
		officer.ask("POST", at+"/pool", values("person_text", "Beck"), 422, "Hugo Beck", "Iris Beck")
		officer.ask("POST", at+"/pool", values("person", "hugo", "least", "9", "most", "2"), 422, `value="9"`)
		officer.ask("POST", at+"/pool", values("person", "hugo"), 303)
		officer.ask("POST", at+"/pool/hugo", values("least", "0", "most", "3"), 303)
		officer.ask("GET", at+"/pool?q=hugo", nil, 200, "Hugo Beck", "Far University")
		officer.ask("POST", at+"/assignment", values("each", "99"), 422, "1 to 20")
		officer.ask("POST", at+"/assignment", values("each", "2"), 303)
		officer.ask("GET", at+"/assignment?lang=zh", nil, 200, "分配评审人", grain.Number, "Gala Beck")
		officer.ask("GET", at+"/assignment.csv", nil, 200, "Gala Beck")
		one := at + "/assignment/" + grain.ID
		officer.ask("GET", one+"?q=gala", nil, 200, "Gala Beck", "boundaries")
		w.now.Advance(time.Minute)
		officer.ask("POST", one, values("act", "forbid hugo"), 303)
		officer.ask("GET", at+"/assignment", nil, 200, "make the suggestion anew")
		w.now.Advance(time.Minute)
		officer.ask("POST", at+"/assignment", values("each", "1"), 303)
		page := officer.body(at + "/assignment/apply")
		_, rest, found := strings.Cut(page, `name="run" value="`)
		run, _, _ := strings.Cut(rest, `"`)
		if !found {
			w.t.Fatal("the page to apply has no suggestion")
		}
		mira.ask("POST", at+"/assignment/apply", values("run", run), 403)
		officer.ask("POST", at+"/assignment/apply", values("run", run), 303)
		officer.ask("POST", at+"/assignment/apply", values("run", run), 422, "was applied")
		list, err := w.Reviews.OfProposal(w.ctx, w.actor["officer"], grain.ID)
		w.must(err)
		officer.ask("POST", "/reviews/"+list[0].ID+"/cancel", url.Values{}, 422)
		officer.ask("POST", "/reviews/"+list[0].ID+"/cancel", values("why", "One is enough."), 303)
	})
}

// TestReminders: three days before a review is due, and again when it is late,
// its reviewer gets one mail about all of them, in their own language.
func TestReminders(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		one, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		two, _ := w.handIn("ravi", c, "Cold joints for hot modules", 600_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		officer := w.actor["officer"]
		for _, p := range []proposal.Proposal{one, two} {
			_, err := w.Reviews.Invite(w.ctx, officer, p.ID, "ines")
			w.must(err)
		}
		remind := func(after time.Duration, people int) {
			w.t.Helper()
			w.now.Advance(after)
			if n, err := w.Reviews.Remind(w.ctx); err != nil || n != people {
				w.t.Errorf("reminded %d, %v; want %d", n, err, people)
			}
		}
		remind(20*24*time.Hour, 0)
		remind(5*24*time.Hour+time.Hour, 1)
		remind(time.Hour, 0)
		remind(4*24*time.Hour, 1) // late now
		kinds := map[string]int{}
		for _, l := range w.outboxOf("ines") {
			kinds[l.Kind]++
			if l.Digest == "" || strings.Contains(l.Body, "{") {
				w.t.Errorf("mail %q: %s", l.Subject, l.Body)
			}
		}
		if fmt.Sprint(kinds) != "map[review.mail.due:1 review.mail.invited:2 review.mail.late:1]" {
			w.t.Errorf("ines got %v", kinds)
		}
	})
}

func (w *world) outboxOf(who string) []mail.Letter {
	w.t.Helper()
	list, err := w.Mail.Outbox(w.ctx, mail.Filter{Account: w.actor[who].Account}, 1000)
	w.must(err)
	return list
}

// TestReviewForm: what changed is saved while one writes, and two windows do not
// write over each other.
func TestReviewForm(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		one, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		r, err := w.Reviews.Invite(w.ctx, w.actor["officer"], one.ID, "ines")
		w.must(err)
		ines, officer, at := w.visitor("ines"), w.visitor("officer"), "/reviews/"+r.ID
		ines.ask("POST", at+"/answer", values("answer", "accept"), 303)
		ines.ask("GET", at, nil, 200, "Next: confirm that you keep what you read to yourself")
		ines.lacks(at, "data-autosave", "A sentence that says what is done")
		ines.ask("POST", at+"/promise", values("x", "y"), 422, "Tick the box")
		officer.ask("POST", at+"/promise", values("promise", "on"), 404)
		ines.ask("POST", at+"/promise", values("promise", "on"), 303)
		ines.ask("GET", at, nil, 200, "data-autosave", `name="v_importance" value="0"`)
		ines.ask("POST", at, values("importance", "5", "importance_text", "It matters to many.", "v_importance", "0", "minutes", "40"), 303)
		ines.ask("POST", at, values("approach", "4", "v_approach", "0"), 303)
		v, err := w.Reviews.Get(w.ctx, w.actor["ines"], r.ID)
		w.must(err)
		if v.Answers["importance"].Score != 5 || v.Answers["approach"].Score != 4 || v.Minutes != 40 {
			w.t.Errorf("kept %+v, %d minutes", v.Answers, v.Minutes)
		}
		ines.ask("POST", at, values("importance", "2", "importance_text", "From another window.", "v_importance", "0"), 422, "Changed in another window", "It matters to many.", "From another window.", `name="v_importance" value="1"`)
		ines.ask("POST", at, values("importance", "2", "importance_text", "From another window.", "v_importance", "1"), 303)
		_, err = w.Reviews.Save(w.ctx, w.actor["ines"], r.ID, map[string]review.Answer{"nonsense": {Text: "x"}}, -1)
		w.refused(err, fault.Invalid, "a field that the form does not have")

		officer.ask("GET", at, nil, 200, "Take the invitation back")
		officer.ask("POST", at+"/cancel", values("why", "Enough are in."), 303)
		ines.ask("POST", at, values("importance", "3"), 409)
		if got := w.kinds("ines"); got != "map[review.mail.cancelled:1 review.mail.invited:1]" {
			w.t.Errorf("ines got %s", got)
		}
	})
}

// TestProposalMails: who is asked into a team, who submits and who forgets to are
// told by mail, in their own language.
func TestProposalMails(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p, err := w.Accounts.Profile(w.ctx, w.actor["mira"])
		w.must(err)
		w.must(w.Accounts.SetSettings(w.ctx, w.actor["mira"], account.Settings{Locale: "zh", Zone: "Europe/Vienna", Version: p.Version}))
		c := w.openCall("open-call.yaml")
		one, receipt := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		two, err := w.Proposals.Begin(w.ctx, w.actor["mira"], c.ID)
		w.must(err)
		_, err = w.Proposals.Invite(w.ctx, w.actor["mira"], two.ID, "ravi", "co-lead", 20)
		w.must(err)
		remind := func(at time.Time, people int) {
			w.t.Helper()
			w.now.Set(at)
			if n, err := w.Proposals.Remind(w.ctx); err != nil || n != people {
				w.t.Errorf("reminded %d at %v, %v; want %d", n, at, err, people)
			}
		}
		remind(c.ClosesAt.Add(-80*time.Hour), 0)
		remind(c.ClosesAt.Add(-70*time.Hour), 1)
		remind(c.ClosesAt.Add(-60*time.Hour), 0)
		remind(c.ClosesAt.Add(-20*time.Hour), 1)
		remind(c.ClosesAt.Add(-time.Hour), 0)
		if got := w.kinds("mira"); got != "map[proposal.mail.closing:2 proposal.mail.receipt:1]" {
			w.t.Errorf("mira got %s", got)
		}
		if got := w.kinds("ravi"); got != "map[proposal.mail.asked:1]" {
			w.t.Errorf("ravi got %s", got)
		}
		for _, l := range w.outboxOf("mira") {
			if l.Locale != "zh" || l.Kind == "proposal.mail.receipt" && (!strings.Contains(l.Body, one.Number+"“Grain boundaries as fuses”已提交") || !strings.Contains(l.Body, receipt.Content)) {
				w.t.Errorf("in %s: %s", l.Locale, l.Body)
			}
		}
	})
}
