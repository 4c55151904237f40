package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// meeting: a funding meeting is under way. Two people sit in it besides the agency, one
// of them with a conflict; risk is classed, and two scenarios lie side by side.
func (c *country) meeting(actors map[string]access.Actor) error {
	made, err := c.find("heat and power through the winter")
	if err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-16 * time.Hour))
	officer := actors["officer"]
	d, err := c.Decisions.Begin(c.ctx, officer, made.ID, "")
	if err != nil {
		return err
	}
	for _, key := range []string{"adviser", "analyst"} {
		if err := c.Decisions.Sit(c.ctx, officer, d.ID, actors[key].Person); err != nil {
			return err
		}
	}
	m, err := c.Decisions.Meet(c.ctx, officer, d.ID)
	if err != nil {
		return err
	}
	for i, r := range m.View.Rows {
		class, reason := "low", "Each step has been shown elsewhere."
		switch i % 5 {
		case 2:
			class, reason = "high", "Nobody has run one for a whole winter; if it fails, we know what the ground does."
		case 4:
			class, reason = "medium", "The parts are known, not how they work together."
		}
		if err := c.Decisions.Class(c.ctx, officer, d.ID, r.ProposalID, class, reason); err != nil {
			return err
		}
	}
	if err := c.Decisions.Recuse(c.ctx, officer, d.ID, m.View.Rows[6].ProposalID, actors["adviser"].Person, "Wrote a paper with the lead two years ago."); err != nil {
		return err
	}
	if err := c.lots(officer, m.View); err != nil {
		return err
	}
	bottlenecks, err := c.bottlenecks(officer, d)
	if err != nil {
		return err
	}
	return c.scenarios(actors, d, bottlenecks)
}

// lots: four that the scores cannot tell from the line are on record for a draw that is still to come.
func (c *country) lots(officer access.Actor, v decision.View) error {
	band, _ := v.Band()
	var numbers []string
	for _, r := range band[:min(4, len(band))] {
		numbers = append(numbers, r.Number)
	}
	_, err := c.Decisions.Commit(c.ctx, officer, v.ID, decision.LotteryInput{Numbers: strings.Join(numbers, " "), Draw: 2, At: c.at(2),
		Event: "National lottery of Aldermere, 6 of 49: the numbers ascending, two digits each, a space between"})
	return err
}

// scenarios: one for value alone, one with a reserved share and places for the young, one with
// proposals that are bound to each other, some by a bottleneck.
func (c *country) scenarios(actors map[string]access.Actor, d decision.Decision, bottlenecks [2]string) error {
	m, err := c.Decisions.Meet(c.ctx, actors["officer"], d.ID)
	if err != nil {
		return err
	}
	for _, x := range []struct {
		who, name, why string
		limits         []decision.LimitInput
		ties           []decision.TieInput
	}{
		{"officer", "Best value", "The panel's wish at the start: the scores and the money, nothing else.", nil, nil},
		{"analyst", "Dare more", "The programme reserves a fifth of its money for high risk and wants six early careers.", []decision.LimitInput{
			{What: "risk:high", By: decision.ByPart, Min: "20"}, {What: "career:early", By: decision.ByNumber, Min: "10"}, {What: "applicant:new", By: decision.ByNumber, Min: "12"}}, nil},
		{"officer", "Two stores", "Three of them store heat in salt, which comes from one supplier: two are enough. The two on clay pits share a site. Somebody should do without the foreign rigs.", []decision.LimitInput{
			{What: decision.Covering + ":" + bottlenecks[1], By: decision.ByNumber, Min: "1"}}, []decision.TieInput{
			{Kind: decision.Covers, Node: bottlenecks[0], Amount: "1.5 0.5"}, {Kind: decision.AtMost, Of: numbers(m.View, 2, 5), Amount: "1"}}},
	} {
		m, err := c.Decisions.Meet(c.ctx, actors[x.who], d.ID)
		if err != nil {
			return err
		}
		in := m.Write(m.Rules)
		in.Limits, in.Ties = x.limits, x.ties
		if _, err := c.Decisions.SaveScenario(c.ctx, actors[x.who], d.ID, x.name, x.why, in); err != nil {
			return fmt.Errorf("scenario %q: %w", x.name, err)
		}
		c.fixed.Advance(20 * time.Minute)
	}
	return nil
}

// numbers are those of the proposals at places of a list, from 1.
func numbers(v decision.View, places ...int) string {
	var out []string
	for _, p := range places {
		out = append(out, v.Rows[p-1].Number)
	}
	return strings.Join(out, " ")
}
