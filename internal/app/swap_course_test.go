package app_test

import (
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
)

// underWay is what nobody may learn before it is decided: who writes and who judges, while either may still act.
var underWay = scene{name: "while it is judged nobody learns who writes and who judges", exchanged: authors | reviewers,
	viewers: []string{"olena", "ines", "mira", "edda", "jonas", "desk", "stranger", ""}, build: (*swapped).halfWay}

// halfWay is a record in the middle of its course: a call whose reviewers are still asked, with a suggestion that waits,
// panels of which one is announced, and a list that is begun; and a call that is open.
func (s *swapped) halfWay() {
	s.t.Helper()
	s.call = s.openCall("open-call.yaml")
	s.furnish()
	s.apply()
	s.asked()
	s.suggested()
	s.planned()
	s.sought(s.call.ID, s.lamp(), "osmund")
	s.begun()
	s.drafted()
	s.convened()
}

// asked: of those who judge what is exchanged one has begun to write, one owes the promise, and the others have not answered.
func (s *swapped) asked() {
	s.t.Helper()
	judge := two(s.side, s.has(reviewers), judges[0].ID, judges[1].ID)
	for i, p := range s.proposals {
		for j, who := range []string{judge[i], judge[1-i], "olena", "ines"} {
			s.now.Advance(time.Minute)
			r, err := s.Reviews.Invite(s.ctx, s.actor["officer"], p.ID, who)
			s.must(err)
			name := who
			if j < 2 {
				name = accountName(who)
			}
			if j == 0 || j == 2 {
				s.must(s.Reviews.Answer(s.ctx, s.actor[name], r.ID, "accept", ""))
			}
			if j == 0 {
				s.must(s.Reviews.PromiseFor(s.ctx, s.actor[name], r.ID))
				_, err = s.Reviews.Save(s.ctx, s.actor[name], r.ID, map[string]review.Answer{"importance": {Score: 4, Text: "It is clear what is measured."}}, 45)
				s.must(err)
			}
		}
	}
	s.now.Advance(time.Minute)
	_, err := s.Reviews.Invite(s.ctx, s.actor["officer"], s.third.ID, judge[0])
	s.must(err)
	s.world.judge("jonas", s.third, 5)
}

// suggested is a pool, a wish from a table, and a suggestion that nobody has sent.
func (s *swapped) suggested() {
	s.t.Helper()
	officer := s.actor["officer"]
	judge := two(s.side, s.has(reviewers), judges[0].ID, judges[1].ID)
	for _, who := range []string{judge[0], judge[1], "edda", "jonas", "ravi"} {
		s.must(s.Reviews.SetPool(s.ctx, officer, s.call.ID, who, 0, 4))
	}
	_, err := s.Reviews.ApplyBulk(s.ctx, officer, s.call.ID, "", "proposal,reviewer,do\n"+s.number(s.third.ID)+","+judge[1]+",lock\n")
	s.must(err)
	_, err = s.Reviews.Suggest(s.ctx, officer, s.call.ID, "", review.Settings{Each: 2})
	s.must(err)
	s.holds("POST /calls/{id}/assignment", "/calls/"+s.call.ID+"/assignment", values("each", "2"))
}

// planned are two panels that have not met, and a proposal that waits for one.
func (s *swapped) planned() {
	s.t.Helper()
	officer := s.actor["officer"]
	_, err := s.Panels.Form(s.ctx, officer, s.call.ID, "", panel.Plan{Groups: 3})
	s.must(err)
	b, err := s.Panels.Board(s.ctx, officer, s.call.ID, "")
	s.must(err)
	s.must(s.Panels.Dissolve(s.ctx, officer, b.Panels[2].ID))
	for i, p := range b.Panels[:2] {
		s.must(s.Panels.Settle(s.ctx, officer, p.ID, []string{"Ice", "Rock"}[i], s.now.Source().Now().AddDate(0, 1, 0), 0))
		s.must(s.Panels.Seat(s.ctx, officer, p.ID, "olena", panel.Chair))
		s.must(s.Panels.Seat(s.ctx, officer, p.ID, "ines", panel.Seat))
	}
	s.must(s.Panels.Announce(s.ctx, officer, b.Panels[0].ID))
}

// begun is a list that is not proposed, with a scenario, somebody who sits over it, and lots that are not drawn.
func (s *swapped) begun() {
	s.t.Helper()
	officer := s.actor["officer"]
	d, err := s.Decisions.Begin(s.ctx, officer, s.call.ID, "")
	s.must(err)
	s.must(s.Decisions.Sit(s.ctx, officer, d.ID, "ravi"))
	choices := []decision.Choice{{ProposalID: s.third.ID, Outcome: decision.Fund, Reasons: "It is clear."}}
	for _, p := range s.proposals {
		choices = append(choices, decision.Choice{ProposalID: p.ID, Outcome: decision.Reject, Reasons: "Others were better."})
	}
	s.must(s.Decisions.Save(s.ctx, officer, d.ID, "By the reviews.", choices))
	_, err = s.Decisions.SaveScenario(s.ctx, officer, d.ID, "Careful", "Few reviews.", decision.RulesInput{Pots: map[string]string{"all": "100,000"}})
	s.must(err)
	_, err = s.Decisions.Commit(s.ctx, officer, d.ID, decision.LotteryInput{Numbers: s.number(s.proposals[0].ID) + " " + s.number(s.third.ID), Draw: 1, Event: "6 of 49", At: s.now.Source().Now().Add(time.Hour)})
	s.must(err)
}

// drafted are proposals in a call that is open: of the first of each lead the fellow has not answered, and the lead's organisation is asked to agree.
func (s *swapped) drafted() {
	s.t.Helper()
	open, err := s.Calls.Create(s.ctx, s.actor["officer"], call.Input{AgencyID: "arc", SchemeVersionID: s.call.SchemeVersionID, Title: lang.In1("en", "Open questions 2028"), Summary: lang.In1("en", "Free choice of topic."),
		Zone: "Europe/Vienna", Opens: "2027-04-17T08:00", Closes: "2027-06-15T17:00", Low: "100,000", High: "1,200,000", Total: "900,000"})
	s.must(err)
	s.must(s.Calls.Publish(s.ctx, s.actor["officer"], open.ID))
	s.now.Set(open.OpensAt.Add(2 * time.Hour))
	s.account("ydesk", "", access.Grant{Role: access.Research, Scope: access.Organisation("zz-ylem")})
	s.demands("0-aalto", "holder")
	s.demands("zz-ylem", "holder")
	lead := two(s.side, s.has(authors), leads[0].ID, leads[1].ID)
	fellow := two(s.side, s.has(authors), fellows[0].ID, fellows[1].ID)
	said := s.said()
	for i := range lead {
		s.now.Advance(time.Hour)
		author := s.actor[accountName(lead[i])]
		p, err := s.Proposals.Begin(s.ctx, author, open.ID)
		s.must(err)
		_, err = s.Proposals.Save(s.ctx, author, p.ID, said[i])
		s.must(err)
		_, err = s.Proposals.Invite(s.ctx, author, p.ID, fellow[i], "member", 25)
		s.must(err)
		s.must(s.Proposals.AddCompetitor(s.ctx, author, p.ID, proposal.Competitor{Person: "ravi", Reason: "A race."}))
		s.must(s.Proposals.AskApproval(s.ctx, author, p.ID))
		p, err = s.Proposals.Begin(s.ctx, author, open.ID) // of which no office knows, and that can take over what an earlier one says
		s.must(err)
		_, err = s.Proposals.Save(s.ctx, author, p.ID, said[i][:2])
		s.must(err)
		s.holds("POST /proposals/{id}/reuse", "/proposals/"+p.ID+"/reuse", values("from", s.proposals[i].ID, "fields", "aim", "revised", "on"))
	}
}
