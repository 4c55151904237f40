package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
)

// sitting is two panels of a call that has closed: in the first sit ines, who leads,
// edda, who works where mira does, and olena.
type sitting struct {
	*world
	call         call.Call
	mine, others string // keys of the panels
	grain        panel.Line
}

func (w *world) sitting() *sitting {
	w.t.Helper()
	c := w.openCall("open-call.yaml")
	for who, title := range map[string]string{"mira": "Grain boundaries as fuses in ceramics", "ravi": "Cold joints for hot power modules", "jonas": "Joints that heal in hot modules"} {
		w.own(who, c.ID, title, strings.Repeat(title+" and what follows from it. ", 6))
	}
	w.now.Set(c.ClosesAt.Add(time.Hour))
	officer := w.actor["officer"]
	_, err := w.Panels.Form(w.ctx, officer, c.ID, "", panel.Plan{Groups: 4})
	w.refused(err, fault.Invalid, "more panels than proposals")
	formed, err := w.Panels.Form(w.ctx, officer, c.ID, "", panel.Plan{Groups: 2})
	w.must(err)
	b, err := w.Panels.Board(w.ctx, officer, c.ID, "")
	w.must(err)
	if formed.Panels != 2 || len(b.Panels) != 2 || len(b.Free) != 0 || len(b.Panels[0].Lines)+len(b.Panels[1].Lines) != 3 {
		w.t.Fatalf("formed %+v: %+v", formed, b)
	}
	s := &sitting{world: w, call: c}
	for _, v := range b.Panels {
		for _, l := range v.Lines {
			if strings.HasPrefix(l.Title, "Grain") {
				s.others, s.grain = v.ID, l
			} else {
				s.mine = v.ID
			}
		}
	}
	if s.mine == s.others {
		w.t.Fatalf("what is alike did not come together: %+v", b.Panels)
	}
	for _, who := range []string{"edda", "olena"} {
		w.must(w.Panels.Seat(w.ctx, officer, s.mine, who, panel.Seat))
		w.must(w.Reviews.Promise(w.ctx, w.actor[who], c.ID))
	}
	w.must(w.Panels.Seat(w.ctx, officer, s.mine, "ines", panel.Chair))
	return s
}

// sees is everything that somebody can ask for of a panel, and what they are told.
func (s *sitting) sees(who string) string {
	s.t.Helper()
	v := s.visitor(who)
	var all strings.Builder
	at := "/panels/" + s.mine
	for _, path := range []string{"/home", "/reviews", at, at + "/meeting", at + "/meeting/live", at + "/minutes", at + "/items/" + s.grain.ID} {
		r := v.send("GET", path, nil)
		fmt.Fprintln(&all, path, r.Code, r.Header(), r.Body)
	}
	for _, l := range s.outboxOf(who) {
		fmt.Fprintln(&all, l.Kind, l.Subject, l.Body)
	}
	return all.String()
}

// tries is what the answers are to somebody who tries to do what others do with the item.
func (s *sitting) tries(who string) string {
	v := s.visitor(who)
	var all strings.Builder
	for _, act := range []string{"score", "comments", "vote", "summary", "conflict", "call", "close"} {
		r := v.send("POST", "/panels/"+s.mine+"/items/"+s.grain.ID+"/"+act, values("score", "4", "text", "x", "reason", "x", "summary", "x"))
		fmt.Fprintln(&all, act, r.Code, r.Header(), r.Body)
	}
	return all.String()
}

// TestConflictLeavesNoTrace: for a member with a conflict the panel is, to the byte, the
// panel without the item, at every step of what the others do with it.
func TestConflictLeavesNoTrace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		s := w.sitting()
		officer, ines, olena := w.actor["officer"], w.actor["ines"], w.actor["olena"]
		edda := func() string { return s.sees("edda") + s.tries("edda") }
		before, olenaBefore := edda(), s.sees("olena")
		stamp, other := s.stamp("edda"), s.stamp("olena")
		step := func(what string, err error) {
			w.t.Helper()
			w.must(err)
			if now := s.stamp("edda"); now != stamp {
				w.t.Errorf("after %s edda's page is drawn anew", what)
			}
			now := s.stamp("olena")
			if now == other && what != "a promise" {
				w.t.Errorf("after %s olena's page is not drawn anew", what)
			}
			other = now
			if now := edda(); now != before {
				w.t.Fatalf("after %s edda sees something else:\n%s\nbefore:\n%s", what, now, before)
			}
		}
		step("the item came", w.Panels.Move(w.ctx, officer, s.others, s.grain.ID, s.mine))
		if s.sees("olena") == olenaBefore {
			w.t.Fatal("olena does not see the item that came: the comparison says nothing")
		}
		step("a promise", w.Reviews.Promise(w.ctx, ines, s.call.ID))
		step("a view before the meeting", w.Panels.Say(w.ctx, olena, s.mine, s.grain.ID, 5, "It says what is measured."))
		step("a comment", w.Panels.Comment(w.ctx, olena, s.mine, s.grain.ID, "Who pays for the oven?"))
		step("rapporteurs", w.Panels.Arrange(w.ctx, officer, s.mine, []panel.Order{{Item: s.grain.ID, Place: 1, Rapporteur: "olena"}}))
		w.refused(w.Panels.Arrange(w.ctx, officer, s.mine, []panel.Order{{Item: s.grain.ID, Place: 1, Rapporteur: "edda"}}), fault.Invalid, "a rapporteur with a conflict")
		w.must(w.Panels.Begin(w.ctx, ines, s.mine))
		if s.stamp("edda") == stamp {
			w.t.Error("the meeting began and edda's page is not drawn anew")
		}
		before, stamp = edda(), s.stamp("edda")
		step("the item was called", w.Panels.Call(w.ctx, ines, s.mine, s.grain.ID))
		w.refused(w.Panels.Vote(w.ctx, ines, s.mine, s.grain.ID, 4), fault.Conflict, "a vote before the own view")
		w.must(w.Panels.Say(w.ctx, ines, s.mine, s.grain.ID, 3, ""))
		step("a vote", w.Panels.Vote(w.ctx, ines, s.mine, s.grain.ID, 4))
		step("another vote", w.Panels.Vote(w.ctx, olena, s.mine, s.grain.ID, 5))
		step("a summary", w.Panels.Summarise(w.ctx, olena, s.mine, s.grain.ID, "Clear and feasible."))
		step("the item was closed", w.Panels.Close(w.ctx, ines, s.mine, s.grain.ID))
		out, err := w.Panels.Outcomes(w.ctx, s.call.ID, "full")
		w.must(err)
		if got := out[proposalOf(w, s.grain.Number)]; got.Summary != "Clear and feasible." || got.Final.N != 2 || got.Final.Of != 2 || got.Final.Mean != 4.5 {
			w.t.Errorf("outcome %+v", got)
		}
		s.decided()
		w.visitor("mira").ask("GET", "/proposals/"+proposalOf(w, s.grain.Number)+"/letter", nil, 200, "What the panel says", "Clear and feasible.")
		w.whole()
	})
}

// stamp is what the page of a meeting watches for somebody.
func (s *sitting) stamp(who string) string {
	s.t.Helper()
	stamp, err := s.Panels.Watch(s.actor[who], s.mine).Stamp(s.ctx)
	s.must(err)
	return stamp
}

// decided: everything is rejected, so that letters go out.
func (s *sitting) decided() {
	s.t.Helper()
	d, err := s.Decisions.Begin(s.ctx, s.actor["officer"], s.call.ID, "")
	s.must(err)
	v, err := s.Decisions.Get(s.ctx, s.actor["officer"], d.ID)
	s.must(err)
	var choices []decision.Choice
	for _, r := range v.Rows {
		choices = append(choices, decision.Choice{ProposalID: r.ProposalID, Outcome: decision.Reject, Reasons: "The money ends above it."})
	}
	s.must(s.Decisions.Save(s.ctx, s.actor["officer"], d.ID, "By the panels.", choices))
	s.must(s.Decisions.Propose(s.ctx, s.actor["officer"], d.ID))
	s.must(s.Decisions.Sign(s.ctx, s.actor["decider"], d.ID))
}

func proposalOf(w *world, number string) string {
	w.t.Helper()
	list, _, err := w.Proposals.List(w.ctx, w.actor["officer"], proposal.Filter{Text: number, Size: 5})
	w.must(err)
	if len(list) != 1 {
		w.t.Fatalf("%d proposals are %s", len(list), number)
	}
	return list[0].ID
}

// TestAgendaByMail: each member's mail holds what they may see, numbered for them.
func TestAgendaByMail(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		s := w.sitting()
		officer := w.actor["officer"]
		w.refused(w.Panels.Announce(w.ctx, officer, s.mine), fault.Conflict, "announcing without a date")
		w.must(w.Panels.Settle(w.ctx, officer, s.mine, "Joints", s.call.ClosesAt.Add(30*24*time.Hour), 0))
		agenda := func(who string) string {
			w.must(w.Panels.Announce(w.ctx, officer, s.mine))
			var last string
			for _, l := range w.outboxOf(who) {
				if l.Kind == "panel.mail.agenda" {
					last = l.Body
				}
			}
			return last
		}
		without := agenda("edda")
		w.must(w.Panels.Move(w.ctx, officer, s.others, s.grain.ID, s.mine))
		w.must(w.Panels.Arrange(w.ctx, officer, s.mine, []panel.Order{{Item: s.grain.ID, Place: 1}}))
		if with := agenda("edda"); with != without || without == "" {
			w.t.Errorf("with the item edda gets\n%s\nwithout\n%s", with, without)
		}
		if mail := agenda("olena"); !strings.Contains(mail, "1. "+s.grain.Number) {
			w.t.Errorf("olena gets\n%s", mail)
		}
	})
}

// TestPanelOpensInTurn: first the promise, then the text; first the own view, then the
// others'; who was asked for a review hands that in; and a declared conflict closes all.
func TestPanelOpensInTurn(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		s := w.sitting()
		officer, ines, olena := w.actor["officer"], w.actor["ines"], w.actor["olena"]
		v, err := w.Panels.Get(w.ctx, olena, s.mine)
		w.must(err)
		item := v.Lines[0].ID
		_, err = w.Panels.Get(w.ctx, w.actor["mira"], s.mine)
		w.refused(err, fault.NotFound, "an applicant looks into a panel")
		w.refused(w.Panels.Begin(w.ctx, olena, s.mine), fault.NotAllowed, "a member begins the meeting")
		acting := olena
		acting.Delegation, acting.Covers = "d", "all"
		if list, err := w.Panels.Mine(w.ctx, acting); err != nil || len(list) > 0 {
			w.t.Errorf("who acts for olena sits in %d panels: %v", len(list), err)
		}
		w.refused(w.Panels.Seat(w.ctx, ines, s.mine, "ravi", panel.Seat), fault.NotAllowed, "the chair seats somebody")

		d, err := w.Panels.Item(w.ctx, ines, s.mine, item)
		w.must(err)
		if d.Text.Form != nil || len(d.Judged) > 0 {
			w.t.Error("the text is open before the promise")
		}
		w.refused(w.Panels.Say(w.ctx, ines, s.mine, item, 4, ""), fault.Conflict, "a view before the promise")
		page := w.visitor("ines")
		page.ask("POST", "/panels/"+s.mine+"/promise", values("x", "y"), 422, "Tick the box")
		page.ask("POST", "/panels/"+s.mine+"/promise", values("promise", "on"), 303)
		w.must(w.Panels.Say(w.ctx, olena, s.mine, item, 5.04, "Good."))
		w.refused(w.Panels.Say(w.ctx, olena, s.mine, item, 6.1, ""), fault.Invalid, "a score off the scale")
		w.must(w.Panels.Comment(w.ctx, olena, s.mine, item, "The second step is thin."))
		at := "/panels/" + s.mine + "/items/" + item
		page.ask("GET", at, nil, 200, "and what follows from it", "once your own view is in")
		page.lacks(at, "The second step is thin.", "Ravi Alder", "Jonas Alder", "Tarn")
		page.ask("POST", at+"/comments", values("text", "me too"), 422)
		page.ask("POST", at+"/score", values("score", "4", "note", "Fine."), 303)
		page.ask("GET", at, nil, 200, "The second step is thin.", "5.0", "Fine.")

		r, err := w.Reviews.Invite(w.ctx, officer, d.Text.ID, "olena")
		if err == nil { // d has no text: its proposal is not known here
			w.t.Fatalf("invited for nothing: %+v", r)
		}
		d, err = w.Panels.Item(w.ctx, ines, s.mine, item)
		w.must(err)
		r, err = w.Reviews.Invite(w.ctx, officer, d.Text.ID, "ines")
		w.must(err)
		page.ask("GET", at, nil, 200, "hand in your review", "/reviews/"+r.ID)
		page.lacks(at, "The second step is thin.")
		w.must(w.Reviews.Answer(w.ctx, ines, r.ID, "accept", ""))
		list := map[string]review.Answer{}
		for _, c := range d.Criteria {
			list[c.ID] = review.Answer{Score: 4, Text: "It is clear what is measured and why it matters."}
		}
		_, err = w.Reviews.Save(w.ctx, ines, r.ID, list, 60)
		w.must(err)
		w.must(w.Reviews.Submit(w.ctx, ines, r.ID))
		page.ask("GET", at, nil, 200, "The second step is thin.", "Review A")

		page.ask("POST", at+"/conflict", values("reason", ""), 422)
		page.ask("POST", at+"/conflict", values("reason", "My sister leads it."), 303)
		page.ask("GET", at, nil, 404)
		w.visitor("officer").ask("GET", at, nil, 200, "My sister leads it.")
		w.whole()
	})
}

// TestQualityAndCredit: officers see reviews to look at again, reviewers see none of it;
// credit comes when the call is decided, and names neither proposal nor call.
func TestQualityAndCredit(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c := w.openCall("open-call.yaml")
		one, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
		two, _ := w.handIn("ravi", c, "Cold joints for hot modules", 600_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		w.judge("ines", one, 5)
		w.now.Advance(40 * 24 * time.Hour)
		w.judge("ines", two, 3)
		w.visitor("officer").ask("GET", "/calls/"+c.ID+"/review-quality", nil, 200, one.Number, "Also stands in a review of "+two.Number, "Short: ", "The same text as for another criterion")
		r, err := w.Reviews.Invite(w.ctx, w.actor["officer"], one.ID, "olena")
		w.must(err)
		w.must(w.Reviews.Answer(w.ctx, w.actor["olena"], r.ID, "accept", ""))
		w.visitor("officer").lacks("/calls/"+c.ID+"/review-quality", "overdue")
		w.now.Advance(29 * 24 * time.Hour) // a day longer than she has
		w.visitor("officer").ask("GET", "/calls/"+c.ID+"/review-quality", nil, 200, "1 review is overdue", "Olena Alder")
		w.visitor("officer").ask("GET", "/calls/"+c.ID+"/review-quality?lang=zh", nil, 200, "1 份评审意见逾期未交")
		w.must(w.Reviews.Cancel(w.ctx, w.actor["officer"], r.ID, "It took too long."))
		ines := w.visitor("ines")
		ines.ask("GET", "/calls/"+c.ID+"/review-quality", nil, 404)
		credit := func() string { return ines.body("/reviews/credit.json") }
		if got := credit(); got != "[]\n" {
			w.t.Errorf("before the decision: %s", got)
		}
		ines.lacks("/reviews", "ORCID")
		(&sitting{world: w, call: c}).decided()
		got := credit()
		if strings.Count(got, `"reviewer-role":"reviewer"`) != 2 || !strings.Contains(got, `"review-completion-date":{"year":{"value":"2027"}}`) || !strings.Contains(got, `"name":"Aldermere Research Council"`) {
			w.t.Errorf("credit: %s", got)
		}
		for _, secret := range []string{one.ID, two.ID, c.ID, one.Number, c.Number, "Grain", "Open questions"} {
			if strings.Contains(got, secret) {
				w.t.Errorf("the credit names %q", secret)
			}
		}
		ines.ask("GET", "/reviews", nil, 200, "Take 2 records for ORCID")
		w.visitor("olena").lacks("/reviews", "ORCID")
	})
}

// secondRound: who judged the outline judges the full proposal, too, on that round's own form,
// and reads what was said of the outline.
func (w *world) secondRound(outline proposal.Proposal, full string) {
	w.t.Helper()
	draft, err := w.Proposals.Get(w.ctx, w.actor["mira"], full)
	w.must(err)
	list := answers("Slow water, fast", 600_000)
	for i, c := range list {
		list[i].Version = draft.Answers[c.Field].Version // what the outline said is there already
	}
	_, err = w.Proposals.Save(w.ctx, w.actor["mira"], full, list)
	w.must(err)
	_, err = w.Proposals.Submit(w.ctx, w.actor["mira"], full, w.now.Source().Now())
	w.must(err)
	r, err := w.Reviews.Invite(w.ctx, w.actor["officer"], full, "olena")
	w.must(err)
	v, err := w.Reviews.Get(w.ctx, w.actor["olena"], r.ID)
	w.must(err)
	if v.Earlier != nil {
		w.t.Error("the earlier round is open before the invitation is accepted")
	}
	w.must(w.Reviews.Answer(w.ctx, w.actor["olena"], r.ID, "accept", ""))
	v, err = w.Reviews.Get(w.ctx, w.actor["olena"], r.ID)
	w.must(err)
	if v.Earlier == nil || v.Earlier.Number != outline.Number || len(v.Earlier.Reviews) != 1 || v.Earlier.Reviews[0].Reviewer != "" || v.Proposal.Text("title") != "Slow water, fast" || v.Stage != "full" {
		w.t.Errorf("the second round: %+v of stage %s", v.Earlier, v.Stage)
	}
	w.visitor("olena").ask("GET", "/reviews/"+r.ID, nil, 200, "The round before: Outline, 1 review", "It is clear what is measured and why it matters.")
}

// TestQuorum: who leads the meeting notes who is there; an item is closed only while enough members without a conflict are;
// the minutes say how many.
func TestQuorum(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		s := w.sitting()
		officer := w.actor["officer"]
		w.refused(w.Panels.Settle(w.ctx, officer, s.mine, "Joints", time.Time{}, -1), fault.Invalid, "a quorum below 0")
		w.must(w.Panels.Settle(w.ctx, officer, s.mine, "Joints", time.Time{}, 2))
		attend := func(who, person string, here bool) error {
			return w.Panels.Attend(w.ctx, w.actor[who], s.mine, person, here)
		}
		w.refused(attend("ines", "ines", true), fault.Conflict, "noting who is there before the meeting")
		w.must(w.Panels.Begin(w.ctx, w.actor["ines"], s.mine))
		w.refused(attend("olena", "olena", true), fault.NotAllowed, "a member notes who is there")
		w.refused(attend("ines", "ravi", true), fault.NotFound, "somebody who is no member is there")
		v, err := w.Panels.Get(w.ctx, officer, s.mine)
		w.must(err)
		item := v.Lines[0].ID
		at := "/panels/" + s.mine
		lead, member := w.visitor("ines"), w.visitor("olena")
		w.must(w.Reviews.Promise(w.ctx, w.actor["ines"], s.call.ID))
		w.must(w.Panels.Call(w.ctx, w.actor["ines"], s.mine, item))
		lead.ask("POST", at+"/attendance", values("here", "ines"), 303)
		lead.ask("POST", at+"/items/"+item+"/close", values("live", "yes"), 422, "1 members without a conflict are here, and the quorum is 2")
		lead.ask("POST", at+"/attendance", values("here", "olena"), 303)
		member.ask("GET", at+"/meeting", nil, 200, "2 of 3 members are here")
		lead.ask("POST", at+"/items/"+item+"/close", values("live", "yes"), 303)
		lead.ask("POST", at+"/attendance", values("gone", "olena"), 303)
		w.must(w.Panels.End(w.ctx, w.actor["ines"], s.mine))
		for _, who := range []string{"olena", "officer", "ines"} {
			w.visitor(who).ask("GET", at+"/minutes", nil, 200, "Minutes of panel Joints", "Present", "Absent")
		}
		w.visitor("mira").ask("GET", at+"/minutes", nil, 404)
		if v, err = w.Panels.Get(w.ctx, officer, s.mine); err != nil || v.Lines[0].Attended != 2 || v.BeganAt.IsZero() || v.EndedAt.IsZero() {
			w.t.Errorf("the record: %+v, %v", v.Lines[0], err)
		}
		w.whole()
	})
}

// TestFitting: people of the pool come in the order of what they would add to what the members know of the proposals; who has a conflict with too much of the
// panel, or sits in it, is not among them.
func TestFitting(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		s := w.sitting()
		officer := w.actor["officer"]
		for _, person := range []string{"gala", "hugo", "iris", "edda", "jonas"} { // jonas applies with one of the two
			w.must(w.Reviews.SetPool(w.ctx, officer, s.call.ID, person, 0, 3))
		}
		list, err := w.Panels.Fitting(w.ctx, officer, s.mine)
		w.must(err)
		var names []string
		for _, f := range list {
			names = append(names, f.Person)
		}
		if len(list) != 3 || names[0] != "hugo" || list[0].Nearest == 0 || len(list[0].Topics) == 0 || len(list[1].Topics) > 0 && list[1].Topics[0] == list[0].Topics[0] {
			w.t.Errorf("who fits: %+v", list)
		}
		_, err = w.Panels.Fitting(w.ctx, w.actor["ines"], s.mine)
		w.refused(err, fault.NotAllowed, "the chair asks who would fit")
		page := w.visitor("officer")
		at := "/panels/" + s.mine
		page.ask("GET", at+"?suggest=members", nil, 200, "Who of the pool would fit", "Hugo Beck")
		page.ask("POST", at+"/members", values("person", "hugo", "role", "member"), 303)
		list, err = w.Panels.Fitting(w.ctx, officer, s.mine)
		w.must(err)
		if len(list) != 2 {
			w.t.Errorf("with hugo in it: %+v", list)
		}
	})
}
