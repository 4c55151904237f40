package app_test

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// convened is a council with all that its rooms hold: three meetings, advice that waits, is together and is public, and
// motions to which another agency must agree. ravi leads it and olena keeps it. What it keeps to itself is exchanged: what is
// said of items from which jonas and edda keep away, who voted how where nobody is told, and what advisers said apart.
// All of it is one unit of work in which nothing stands in the ledger yet: a head of it that is frozen with a record would depend on how it was cut.
func (s *swapped) convened() {
	s.t.Helper()
	outside := s.ctx
	s.must(work.Do(outside, s.DB, func(ctx context.Context) error {
		s.ctx = ctx
		defer func() { s.ctx = outside }()
		if err := s.displace(ctx); err != nil {
			return err
		}
		s.convene()
		return nil
	}))
}

func (s *swapped) convene() {
	s.t.Helper()
	q, err := s.Strategy.WriteQuestion(s.ctx, s.actor["officer"], strategy.QuestionInput{AgencyID: "arc", Title: lang.In1("en", "Why ceramics crack"), Body: lang.In1("en", "What decides it?")})
	s.must(err)
	target := 100.0
	goal, err := s.Strategy.CreatePriority(s.ctx, s.actor["officer"], strategy.PriorityInput{AgencyID: "arc", Title: lang.In1("en", "Heat without fire"), Metric: lang.In1("en", "Kilns"), Unit: "kilns", Target: &target})
	s.must(err)
	s.must(s.Strategy.Link(s.ctx, s.actor["officer"], goal.ID, "question", q.ID))
	body := s.seated()
	advice := s.advised(q.ID)
	s.inRoom(body, q.ID)
	s.adjourned(body, advice)
}

// seated is the council: three members beside its chair and its secretary.
func (s *swapped) seated() string {
	s.t.Helper()
	officer := s.actor["officer"]
	b, err := s.Council.Form(s.ctx, officer, council.BodyInput{AgencyID: "arc", Name: lang.In1("en", "Science Council"), Rule: council.Rule{Quorum: council.Third, Share: council.Half, Base: council.Cast, Recused: council.Apart}})
	s.must(err)
	for _, x := range [][2]string{{"ravi", council.Chair}, {"ines", council.Member}, {"jonas", council.Member}, {"edda", council.Member}, {"olena", council.Secretary}} {
		s.must(s.Council.Seat(s.ctx, officer, b.ID, council.SeatInput{Person: x[0], Role: x[1], From: "2027-01-01"}))
	}
	s.must(s.Council.Declare(s.ctx, s.actor["jonas"], b.ID, "I sell furnaces."))
	return b.ID
}

// advised asks ravi, ines and jonas three times: once jonas has not answered, once all have, and once it is closed, which it returns.
func (s *swapped) advised(question string) (closed string) {
	s.t.Helper()
	officer := s.actor["officer"]
	words := two(s.side, s.has(sittings), "Powder.", "Glass, and only after the furnaces of the north are paid for.")
	for i := range 3 {
		v, err := s.Council.Ask(s.ctx, officer, council.Input{AgencyID: "arc", Kind: "question", SubjectID: question, Question: lang.In1("en", "Powder?"), Due: s.now.Source().Now().AddDate(0, 1, 0).Format(time.DateOnly), Adviser: "ravi"})
		s.must(err)
		s.must(s.Council.Add(s.ctx, officer, v.ID, "ines"))
		s.must(s.Council.Add(s.ctx, officer, v.ID, "jonas"))
		for j, who := range []string{"ravi", "ines", "jonas"} {
			said := council.Reply{Answer: "So says " + who + ".", Evidence: "Data.", Confidence: "low", Interests: "none"}
			if i < 2 && j < 2 {
				said.Answer, said.Evidence, said.Interests = words[j], words[j], words[j]
				said.Confidence = two(s.side, s.has(sittings), "low", "high")[j]
			}
			if i > 0 || j < 2 {
				s.must(s.Council.Reply(s.ctx, s.actor[who], v.ID, said))
			}
		}
		closed = v.ID
	}
	s.must(s.Council.Close(s.ctx, officer, closed, 1, council.Synthesis{Text: lang.In1("en", "Powder first."), Minority: lang.In1("en", "Some would wait."), Followed: map[string]string{"ravi": "yes", "ines": "yes", "jonas": "no"}}))
	return closed
}

// session is a meeting of the council that is opened, with two items from which jonas and edda keep away, and more for all.
func (s *swapped) session(body string, more ...council.ItemInput) (meeting string, items []string) {
	s.t.Helper()
	olena := s.actor["olena"]
	day := s.now.Source().Now().Format(time.DateOnly)
	m, err := s.Council.Plan(s.ctx, olena, body, council.MeetingInput{Day: day, From: "10:00", Until: "12:30", Zone: "Europe/Vienna", Place: "Room 2"})
	s.must(err)
	var list []council.ItemInput
	for _, words := range two(s.side, s.has(sittings), "Heat.", "What the harbour in the north may cost, and who pays for it in the end.") {
		list = append(list, council.ItemInput{Title: lang.In1("en", words), Background: lang.In1("en", words), Motion: lang.In1("en", words), Touches: []string{"lwf"}, Refusal: council.Return, Days: 30})
	}
	for i, in := range append(list, more...) {
		x, err := s.Council.AddItem(s.ctx, olena, m.ID, in)
		s.must(err)
		items = append(items, x.ID)
		for _, who := range []string{"jonas", "edda"} {
			if i < len(list) {
				s.must(s.Council.Recuse(s.ctx, s.actor["officer"], x.ID, who, "A firm of theirs."))
			}
		}
	}
	s.must(s.Council.Move(s.ctx, olena, m.ID, council.Convened))
	s.must(s.Council.Move(s.ctx, olena, m.ID, council.InRoom))
	s.must(s.Council.Attend(s.ctx, olena, m.ID, []string{"ravi", "ines", "jonas", "edda"}))
	return m.ID, items
}

// ballots opens a vote on an item, and these cast theirs.
func (s *swapped) ballots(item string, choices map[string]string) {
	s.t.Helper()
	s.must(s.Council.OpenVote(s.ctx, s.actor["olena"], item))
	for _, who := range []string{"ravi", "ines", "jonas", "edda"} {
		if choice := choices[who]; choice != "" {
			s.must(s.Council.CastVote(s.ctx, s.actor[who], item, choice))
		}
	}
}

// inRoom is a meeting that is held. Of what is hidden one motion was sent back by the other agency, and the other waits for it; then
// follow a secret and an open vote that run, a secret one that is counted, with what has to be done, and an item that cites nothing yet.
func (s *swapped) inRoom(body, question string) {
	s.t.Helper()
	olena := s.actor["olena"]
	motion := func(title string, secret bool) council.ItemInput {
		return council.ItemInput{Title: lang.In1("en", title), Motion: lang.In1("en", title+" is done."), Secret: secret}
	}
	_, items := s.session(body, motion("Rooms", true), motion("Chairs", false), motion("Tables", true), motion("Lamps", false))
	words := two(s.side, s.has(sittings), "Wells are ours.", "We pay for no harbour, neither in the north nor anywhere else.")
	for i, item := range items[:2] {
		s.must(s.Council.Lay(s.ctx, olena, item, "question", question))
		s.ballots(item, map[string]string{"ravi": council.For, "ines": []string{council.For, council.Abstain}[two(s.side, s.has(sittings), 0, 1)[i]]})
		s.must(s.Council.CloseVote(s.ctx, olena, item))
		s.must(s.Council.Require(s.ctx, olena, item, council.ConditionInput{Text: lang.In1("en", words[i]), Person: "ravi", Due: "2027-12-01"}))
		s.must(s.Council.Note(s.ctx, olena, item, 2, lang.In1("en", words[i])))
		list, err := s.Council.AgreementsOn(s.ctx, s.actor["officer"], council.OfItem, item)
		s.must(err)
		if i == 0 {
			s.must(s.Council.Answer(s.ctx, s.actor["signer"], list[0].ID, "lwf", council.Refuse, words[0]))
		}
	}
	how := two(s.side, s.has(sittings), council.For, council.Against)
	s.ballots(items[2], map[string]string{"ravi": how[0], "ines": how[1]})
	s.ballots(items[3], map[string]string{"ravi": how[0], "ines": how[1]})
	s.ballots(items[4], map[string]string{"ravi": how[0], "ines": how[1], "jonas": council.For, "edda": council.For})
	s.must(s.Council.CloseVote(s.ctx, olena, items[4]))
	for _, who := range []string{"jonas", "edda"} {
		s.must(s.Council.Require(s.ctx, olena, items[4], council.ConditionInput{Text: lang.In1("en", "Say what a table costs."), Person: who, Due: "2027-12-01"}))
	}
	v, err := s.Council.Item(s.ctx, olena, items[4])
	s.must(err)
	s.must(s.Council.Report(s.ctx, s.actor[v.Conditions[0].Person], v.Conditions[0].ID, 1, "A hundred crowns."))
	s.must(s.Council.Lay(s.ctx, olena, items[5], "question", question))
}

// adjourned are two meetings that are over: the minutes of one are approved, those of the other wait. What is hidden there follows
// an advice, or does not.
func (s *swapped) adjourned(body, advice string) {
	s.t.Helper()
	for i := range 2 {
		meeting, items := s.session(body, council.ItemInput{Title: lang.In1("en", "Rooms")})
		for j, item := range items[:2] {
			s.must(s.Council.Note(s.ctx, s.actor["olena"], item, 1, lang.In1("en", two(s.side, s.has(sittings), "Later.", "Not before spring, and not in the north.")[j])))
			s.must(s.Council.Cite(s.ctx, s.actor["olena"], council.OfItem, item, advice, two(s.side, s.has(sittings), "yes", "no")[j], two(s.side, s.has(sittings), "Powder it is.", "The furnace comes second, whoever pays.")[j]))
		}
		s.must(s.Council.Move(s.ctx, s.actor["olena"], meeting, council.Over))
		if i == 0 {
			s.must(s.Council.Approve(s.ctx, s.actor["ravi"], meeting))
		}
	}
}
