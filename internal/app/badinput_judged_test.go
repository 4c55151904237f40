package app_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
)

// judged makes what is judged: a call with reviews, links of mails, a panel and a list that is being made; and one whose
// list was signed, and is being corrected.
func (s *struck) judged(version string) {
	s.t.Helper()
	officer := s.actor["officer"]
	open, decided := s.shortCall(version), s.shortCall(version)
	judged, _ := s.handIn("mira", open, "Judged in the bad days", 300_000)
	blank, _ := s.handIn("ravi", open, "Judged by nobody yet", 200_000)
	funded, _ := s.handIn("mira", decided, "Funded before the bad days", 400_000)
	s.now.Advance(3 * time.Hour)

	s.judge("ines", funded, 5)
	signed, err := s.Decisions.Begin(s.ctx, officer, decided.ID, "")
	s.must(err)
	s.must(s.Decisions.Save(s.ctx, officer, signed.ID, "By the reviews.", []decision.Choice{{ProposalID: funded.ID, Outcome: decision.Fund}}))
	s.must(s.Decisions.Propose(s.ctx, officer, signed.ID))
	s.must(s.Decisions.Sign(s.ctx, s.actor["decider"], signed.ID))
	correction, err := s.Decisions.Correct(s.ctx, officer, signed.ID, decision.ByError, "The amount was wrong.")
	s.must(err)

	r := s.accepted("olena", judged)
	_, err = s.Reviews.Save(s.ctx, s.actor["olena"], r, map[string]review.Answer{"importance": {Score: 4, Text: "It is clear what is measured."}}, -1)
	s.must(err)
	s.judge("ines", judged, 5)
	done, err := s.Reviews.OfProposal(s.ctx, officer, judged.ID)
	s.must(err)
	empty := s.accepted("olena", blank)
	s.must(s.Reviews.SetPool(s.ctx, officer, open.ID, "olena", 0, 3))
	_, ticket := s.asked("nadia", judged)
	_, used := s.asked("piet", judged)
	s.visitor("").ask("POST", used, values("answer", "decline", "reason", "No time."), 200)
	gone, over := s.asked("vera", judged)
	s.must(s.Reviews.Answer(s.ctx, access.Actor{Account: "other", Person: "vera"}, gone.ID, "decline", ""))
	_, err = s.Panels.Form(s.ctx, officer, open.ID, "", panel.Plan{Groups: 1})
	s.must(err)
	b, err := s.Panels.Board(s.ctx, officer, open.ID, "")
	s.must(err)
	id := b.Panels[0].ID
	s.must(s.Panels.Seat(s.ctx, officer, id, "olena", panel.Chair))
	s.must(s.Panels.Seat(s.ctx, officer, id, "jonas", panel.Seat)) // a colleague of ravi, so that there is one item
	s.must(s.Reviews.Promise(s.ctx, s.actor["jonas"], open.ID))
	v, err := s.Panels.Get(s.ctx, s.actor["jonas"], id)
	s.must(err)
	s.must(s.Panels.Say(s.ctx, s.actor["jonas"], id, v.Lines[0].ID, 4, ""))
	list, err := s.Decisions.Begin(s.ctx, officer, open.ID, "")
	s.must(err)
	known, err := s.Proposals.Known(s.ctx, judged.ID)
	s.must(err)

	reviewed := done[slices.IndexFunc(done, func(r review.View) bool { return r.Reviewer == "ines" })].ID
	for key, value := range map[string]string{"review": r, "reviewed": reviewed, "blank": empty, "judged": judged.ID, "judgednumber": known.Number, "shortlist": open.ID, "listed": decided.ID,
		"ticket": ticket, "used": used, "over": over, "panel": id, "item": v.Lines[0].ID, "list": list.ID, "signed": signed.ID, "correction": correction.ID, "funded": funded.ID, "scheme": version} {
		s.names[key] = value
	}
}

// shortCall is a call that closes within the morning.
func (s *struck) shortCall(version string) call.Call {
	s.t.Helper()
	c, err := s.Calls.Create(s.ctx, s.actor["officer"], call.Input{AgencyID: "arc", SchemeVersionID: version, Title: lang.In1("en", "A short call"), Summary: lang.In1("en", "Free choice of topic."),
		Zone: "Europe/Vienna", Opens: "2027-03-16T08:00", Closes: "2027-03-16T12:00", Low: "100,000", High: "1,200,000", Total: "900,000"})
	s.must(err)
	s.must(s.Calls.Publish(s.ctx, s.actor["officer"], c.ID))
	return c
}

// accepted is a review that somebody has begun.
func (s *struck) accepted(who string, p proposal.Proposal) string {
	s.t.Helper()
	r, err := s.Reviews.Invite(s.ctx, s.actor["officer"], p.ID, who)
	s.must(err)
	s.must(s.Reviews.Answer(s.ctx, s.actor[who], r.ID, "accept", ""))
	s.must(s.Reviews.PromiseFor(s.ctx, s.actor[who], r.ID))
	return r.ID
}

// judging are the tables that hold what is judged and decided, and who was asked.
var judging = []string{"review", "review_answer", "conflict", "reviewer_pool", "assignment_wish", "assignment_run", "assignment_change", "invitation_plan", "panel", "panel_member", "panel_item", "panel_score", "panel_comment",
	"review_confidentiality", "decision", "decision_item", "decision_line", "decision_seat", "decision_dissent", "letter", "appeal", "award", "award_line", "call", "call_budget", "budget_line", "programme", "legal_hold", "erasure"}

// rows is all that stands in a table.
func (s *struck) rows(table string) string {
	s.t.Helper()
	rows, err := s.DB.Q(s.ctx).QueryContext(s.ctx, `SELECT * FROM `+table)
	s.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	s.must(err)
	var out []string
	for rows.Next() {
		cells, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			at[i] = &cells[i]
		}
		s.must(rows.Scan(at...))
		out = append(out, fmt.Sprintf("%s %v", table, cells))
	}
	s.must(rows.Err())
	slices.Sort(out)
	return strings.Join(out, "\n")
}
