package demo

import (
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// advice asks about a question of the Research Council: once with a synthesis on
// record, once with answers that wait, the adviser's among them.
func (c *country) advice(actors map[string]access.Actor) error {
	questions, _, err := c.Strategy.Questions(c.ctx, access.System, strategy.Filter{Agency: c.agencies[0].ID, Size: 2})
	if err != nil || len(questions) == 0 {
		return fmt.Errorf("demo: no question to ask advice about (%w)", err)
	}
	c.fixed.Set(c.now.Add(-70 * 24 * time.Hour))
	officer := actors["officer"]
	past, err := c.asked(officer, questions[0].ID, lang.Both("Should the first call ask for measurements or for remedies?", "首个指南应侧重测量还是解决方案？"), 21, actors["adviser"], actors["reviewer"])
	if err != nil {
		return err
	}
	for who, r := range map[string]council.Reply{
		"adviser":  {Answer: "Measurements. Three remedies were tried in ten years; none was tested against a figure that others could repeat.", Evidence: "The final reports of eleven earlier awards; four of them publish their data.", Confidence: "high", Interests: "I advised one of the eleven awards, unpaid."},
		"reviewer": {Answer: "Both in one call, with a share for each. Firms will not wait two years for a measurement.", Evidence: "My judgement, after talks with four plants.", Confidence: "medium", Interests: "none"},
	} {
		if err := c.Council.Reply(c.ctx, actors[who], past, r); err != nil {
			return err
		}
	}
	c.fixed.Set(c.now.Add(-60 * 24 * time.Hour))
	if err := c.Council.Close(c.ctx, officer, past, 1, council.Synthesis{Text: lang.Both("Measurements first, by a method that plants can use themselves; remedies in the round after.", "先行测量，采用企业可自行使用的方法；解决方案列入下一轮。"),
		Minority: lang.Both("One adviser would put both in one call, so that firms need not wait.", "一位专家主张合并为一个指南，以免企业等待。"),
		Followed: map[string]string{actors["adviser"].Person: "yes", actors["reviewer"].Person: "no"}}); err != nil {
		return err
	}
	if err := c.Council.Follow(c.ctx, officer, past, 2, lang.Both("The call on materials asks for a measured figure in its first year.", "材料类指南要求在第一年给出实测指标。")); err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-2 * 24 * time.Hour))
	_, err = c.asked(officer, questions[len(questions)-1].ID, lang.Both("Which figure would show within a year that this question is answered?", "哪项指标可在一年内表明该问题已得到解答？"), 12, actors["adviser"], actors["analyst"])
	return err
}

// asked puts a question to two people, to be answered within some days.
func (c *country) asked(officer access.Actor, question string, text lang.Text, days int, first, second access.Actor) (string, error) {
	v, err := c.Council.Ask(c.ctx, officer, council.Input{AgencyID: c.agencies[0].ID, Kind: "question", SubjectID: question, Question: text,
		Due: clock.Now(c.ctx).AddDate(0, 0, days).Format(time.DateOnly), Adviser: first.Person})
	if err != nil {
		return "", err
	}
	return v.ID, c.Council.Add(c.ctx, officer, v.ID, second.Person)
}
