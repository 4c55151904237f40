package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// present makes the calls of today, and through the rooms' own services the
// work that waits for the people of the demonstration.
func (c *country) present() error {
	for _, p := range presentCalls {
		if err := c.run(p); err != nil {
			return fmt.Errorf("call %q: %w", p.en, err)
		}
	}
	actors := map[string]access.Actor{}
	for _, p := range cast {
		a, err := c.actor(p.key)
		if err != nil {
			return err
		}
		actors[p.key] = a
	}
	for _, step := range []func(map[string]access.Actor) error{c.amended, c.handedIn, c.reviewing, c.panels, c.drafting, c.office, c.deciding, c.meeting, c.appealed, c.owing, c.paying, c.fresh, c.advice, c.rounds, c.ending, c.council} {
		if err := step(actors); err != nil {
			return err
		}
	}
	return nil
}

// find is the call of a plan.
func (c *country) find(title string) (call.Call, error) {
	list, _, err := c.Calls.List(c.ctx, access.System, call.Filter{Text: title, Size: 1})
	if err != nil || len(list) == 0 {
		return call.Call{}, fmt.Errorf("demo: no call %q (%w)", title, err)
	}
	return list[0].Call, nil
}

func changes(answers map[string]any) []proposal.Change {
	var out []proposal.Change
	for _, name := range []string{"title", "summary", "aim", "approach", "risks", "months", "budget", "works", "data", "ethics"} {
		if v, ok := answers[name]; ok {
			out = append(out, proposal.Change{Field: name, Value: raw(v)})
		}
	}
	return out
}

func (c *country) full(s sketch, year int, whole int64) map[string]any {
	return map[string]any{"title": s.title, "summary": s.summary, "aim": s.aim, "approach": s.approach, "risks": s.risks, "months": 36, "data": s.data, "ethics": "none",
		"works":  []string{"On " + s.topic.Works + ": shows that the method holds."},
		"budget": []map[string]any{{"category": "people", "year": year, "minor": whole * 60}, {"category": "equipment", "year": year, "minor": whole * 40}}}
}

// handedIn: the applicant's proposal in a call that has closed, with its receipt.
func (c *country) handedIn(actors map[string]access.Actor) error {
	made, err := c.find("computing that can be trusted")
	if err != nil {
		return err
	}
	c.fixed.Set(made.ClosesAt.Add(-26 * time.Hour))
	p, err := c.Proposals.Begin(c.ctx, actors["applicant"], made.ID)
	if err != nil {
		return err
	}
	s := write(&c.dice, words().topics[12])
	if _, err := c.Proposals.Save(c.ctx, actors["applicant"], p.ID, changes(c.full(s, made.ClosesAt.Year(), 640_000))); err != nil {
		return err
	}
	if err := c.Proposals.AddCompetitor(c.ctx, actors["applicant"], p.ID, proposal.Competitor{Person: c.pooled(7).ID, Reason: "We contest the same patent before the court."}); err != nil {
		return err
	}
	_, err = c.Proposals.Submit(c.ctx, actors["applicant"], p.ID, clock.Now(c.ctx))
	return err
}

// reviewing: the reviewer has one invitation, one review begun and one handed in.
func (c *country) reviewing(actors map[string]access.Actor) error {
	made, err := c.find("computing that can be trusted")
	if err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-6 * 24 * time.Hour))
	officer, reviewer := actors["officer"], actors["reviewer"]
	if err := c.Register.AddRelation(c.ctx, reviewer, register.RelationInput{Other: c.pooled(3).ID, Kind: register.Advisee, From: "2019-10-01", Until: "2024-03-31"}); err != nil {
		return err
	}
	list, err := c.requested(officer, reviewer, made.ID, 3)
	if err != nil {
		return err
	}
	if err := c.begun(reviewer, list[1], false); err != nil {
		return err
	}
	return c.begun(reviewer, list[2], true)
}

// requested invites a reviewer for n proposals of a call, in the order of their numbers.
func (c *country) requested(officer, reviewer access.Actor, callID string, n int) (list []review.Review, err error) {
	rows, _, err := c.Proposals.List(c.ctx, access.System, proposal.Filter{CallID: callID, Size: 40, Sort: "number"})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		r, err := c.Reviews.Invite(c.ctx, officer, row.ID, reviewer.Person)
		if fault.Is(err, fault.Conflict) {
			continue // somebody of her own organisation
		}
		if err != nil {
			return nil, err
		}
		if list = append(list, r); len(list) == n {
			return list, nil
		}
	}
	return nil, fmt.Errorf("demo: the reviewer has a conflict with nearly every proposal")
}

func (c *country) begun(reviewer access.Actor, r review.Review, submit bool) error {
	if err := c.Reviews.Answer(c.ctx, reviewer, r.ID, "accept", ""); err != nil {
		return err
	}
	if err := c.Reviews.PromiseFor(c.ctx, reviewer, r.ID); err != nil {
		return err
	}
	v, err := c.Reviews.Get(c.ctx, reviewer, r.ID)
	if err != nil {
		return err
	}
	answers := map[string]review.Answer{}
	for i, k := range v.Criteria {
		if submit || i == 0 {
			answers[k.ID] = review.Answer{Score: 5, Text: opinion(&c.dice, pick(&c.dice, words().topics), k.Title.In("en"), 5)}
		}
	}
	if _, err := c.Reviews.Save(c.ctx, reviewer, r.ID, answers, 120); err != nil || !submit {
		return err
	}
	return c.Reviews.Submit(c.ctx, reviewer, r.ID)
}

// drafting: the applicant writes for an open call and has asked a colleague; the
// officer has a call that waits to be published.
func (c *country) drafting(actors map[string]access.Actor) error {
	made, err := c.find("physical sciences, new round")
	if err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-3 * 24 * time.Hour))
	p, err := c.Proposals.Begin(c.ctx, actors["applicant"], made.ID)
	if err != nil {
		return err
	}
	answers := c.full(write(&c.dice, words().topics[0]), made.ClosesAt.Year(), 706_000)
	answers["title"] = "Grain boundaries as fuses"
	delete(answers, "data")
	delete(answers, "risks")
	if _, err := c.Proposals.Save(c.ctx, actors["applicant"], p.ID, changes(answers)); err != nil {
		return err
	}
	if _, err := c.Proposals.Invite(c.ctx, actors["applicant"], p.ID, actors["teammate"].Person, "co-lead", 20); err != nil {
		return err
	}
	local := func(days int) string {
		loc, err := time.LoadLocation(Zone)
		if err != nil {
			panic(err) // part of Go's own time data
		}
		return c.at(days).In(loc).Format("2006-01-02T15:04")
	}
	lines, err := c.Calls.Lines(c.ctx, c.agencies[0].ID, "")
	if err != nil || len(lines) == 0 {
		return fmt.Errorf("demo: no budget line for the new call (%w)", err)
	}
	_, err = c.Calls.Create(c.ctx, actors["officer"], call.Input{Budget: map[string]string{lines[len(lines)-1].LineID: "6,000,000"}, AgencyID: c.agencies[0].ID, SchemeVersionID: c.schemes["open-call"].ID, Title: lang.Both("Instruments for small laboratories", "小型实验室仪器"),
		Summary: lang.Both("Devices that cost a tenth and can be repaired.", "成本为十分之一且可维修的仪器。"), Zone: Zone, Opens: local(10), Closes: local(70), GraceMinutes: 5, Low: "50,000", High: "400,000", Total: "6,000,000"})
	return err
}

// deciding: a list that the officer has proposed waits for the second signature. The reviewer had begun one
// more review of it, which came too late.
func (c *country) deciding(actors map[string]access.Actor) error {
	made, err := c.find("materials without imported parts")
	if err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-5 * 24 * time.Hour))
	late, err := c.requested(actors["officer"], actors["reviewer"], made.ID, 1)
	if err != nil {
		return err
	}
	if err := c.begun(actors["reviewer"], late[0], false); err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-20 * time.Hour))
	d, err := c.Decisions.Begin(c.ctx, actors["officer"], made.ID, "")
	if err != nil {
		return err
	}
	v, err := c.Decisions.Get(c.ctx, actors["officer"], d.ID)
	if err != nil {
		return err
	}
	var choices []decision.Choice
	for _, r := range v.Rows {
		choice := decision.Choice{ProposalID: r.ProposalID, Outcome: decision.Reject, Reasons: "The reviewers found the second step too little worked out."}
		switch {
		case r.Above && r.Standing.Mean >= 3:
			choice.Outcome, choice.Reasons = decision.Fund, ""
		case r.Standing.Mean >= 4:
			choice.Outcome, choice.Reasons = decision.Reserve, "Worth funding; the money ends above it."
		}
		choices = append(choices, choice)
	}
	if err := c.Decisions.Save(c.ctx, actors["officer"], d.ID, "In the order of the reviews, as far as the money goes.", choices); err != nil {
		return err
	}
	return c.Decisions.Propose(c.ctx, actors["officer"], d.ID)
}

// appealed: a decision of small grants was signed last week, and one who got
// nothing has appealed.
func (c *country) appealed(actors map[string]access.Actor) error {
	made, err := c.find("small grants for early ideas, spring")
	if err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-7 * 24 * time.Hour))
	d, err := c.Decisions.Begin(c.ctx, actors["officer"], made.ID, "")
	if err != nil {
		return err
	}
	v, err := c.Decisions.Get(c.ctx, actors["officer"], d.ID)
	if err != nil {
		return err
	}
	var choices []decision.Choice
	last := ""
	for _, r := range v.Rows {
		choice := decision.Choice{ProposalID: r.ProposalID, Outcome: decision.Fund}
		if !r.Above {
			choice.Outcome, choice.Reasons, last = decision.Reject, "The page does not say how one would know that it failed.", r.ProposalID
		}
		choices = append(choices, choice)
	}
	if err := c.Decisions.Save(c.ctx, actors["officer"], d.ID, "In the order of the reviews, as far as the money goes.", choices); err != nil {
		return err
	}
	if err := c.Decisions.Propose(c.ctx, actors["officer"], d.ID); err != nil { // one signature
		return err
	}
	p, err := c.Proposals.Known(c.ctx, last)
	if err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-2 * 24 * time.Hour))
	return c.Decisions.Lodge(c.ctx, access.Actor{Person: p.LeadPerson}, last, "The second paragraph says it: if the measured value does not change within a season, the idea is wrong.")
}

// owing: the applicant's award has ended and its report is due.
func (c *country) owing(actors map[string]access.Actor) error {
	return work.Do(c.ctx, c.DB, func(ctx context.Context) error {
		outer := c.ctx
		c.ctx = ctx
		defer func() { c.ctx = outer }()
		p := pastCalls[4]
		made, err := c.find("small grants for early ideas, last year")
		if err != nil {
			return err
		}
		w := c.write(p, made, fmt.Sprintf("P-%d-9001", made.ClosesAt.Year()), 0)
		w.Title, w.State, w.Outcome, w.Months = "Slow water: storing summer heat in wet clay", proposal.Decided, "fund", 4
		if err := c.store(w, made); err != nil {
			return err
		}
		return c.give(w, made, made.ClosesAt.AddDate(0, 1, 0), fmt.Sprintf("W-%d-9001", made.ClosesAt.Year()), 0)
	})
}

// goals are the country's, each with an area and a task.
var goals = []struct {
	orientation      string
	title            [2]string
	area             [2]string
	task             [2]string
	metric           [2]string
	unit             string
	base, reach, aim float64
}{
	{"need", [2]string{"No part of daily life hangs on one supplier", "日常生活不依赖单一供应商"}, [2]string{"Materials and components", "材料与元器件"}, [2]string{"Graphite for crystal growth from home", "晶体生长用石墨自主供应"}, [2]string{"Share made at home", "国产比例"}, "%", 0, 8, 40},
	{"economy", [2]string{"Industry that runs on less", "节能降耗的工业"}, [2]string{"Heat below 500 degrees", "500 度以下工业用热"}, [2]string{"Glass melted by electricity", "电熔玻璃"}, [2]string{"Energy a tonne", "吨能耗"}, "kWh", 1400, 1180, 900},
	{"health", [2]string{"The same care in the village as in the city", "城乡同质的医疗"}, [2]string{"Diagnosis on the spot", "现场诊断"}, [2]string{"An answer within the hour", "一小时内出结果"}, [2]string{"Median time to a result", "出结果中位时间"}, "min", 2900, 900, 60},
	{"frontier", [2]string{"Questions that nobody has answered", "尚无答案的问题"}, [2]string{"Physical sciences", "物质科学"}, [2]string{"Clocks that measure height", "可测高程的时钟"}, [2]string{"Uncertainty of height", "高程不确定度"}, "cm", 30, 9, 1},
	{"need", [2]string{"Water and soil that last", "水土可持续利用"}, [2]string{"Fields and rivers in dry years", "干旱年份的农田与河流"}, [2]string{"Wells with clean water", "水质达标的水井"}, [2]string{"Share of shallow wells under the limit of nitrate", "硝酸盐达标的浅井比例"}, "%", 48, 57, 90},
}

// strategyOf makes goals, needs and questions.
func (c *country) strategyOf() error {
	c.fixed.Set(c.now.AddDate(-1, -6, 0))
	for i, g := range goals {
		agency := c.agencies[i%len(c.agencies)].ID
		parent := ""
		for level, title := range [][2]string{g.title, g.area, g.task} {
			in := strategy.PriorityInput{ParentID: parent, AgencyID: agency, Title: lang.Both(title[0], title[1]), Orientation: g.orientation,
				From: c.at(-540).Format(time.DateOnly), Until: c.at(1200).Format(time.DateOnly)}
			if level == 2 {
				in.Metric, in.Unit, in.Baseline, in.Reached, in.Target = lang.Both(g.metric[0], g.metric[1]), g.unit, &g.base, &g.reach, &g.aim
			}
			p, err := c.Strategy.CreatePriority(c.ctx, access.System, in)
			if err != nil {
				return fmt.Errorf("goal %q: %w", title[0], err)
			}
			if parent = p.ID; level == 1 {
				c.areas = append(c.areas, p.ID)
			}
		}
	}
	return c.needs()
}

func (c *country) needs() error {
	poster, err := c.actor("enterprise")
	if err != nil {
		return err
	}
	org := c.people[8].Affiliations[0].OrganisationID
	for i := range 14 {
		t := words().topics[(i*5)%len(words().topics)]
		c.fixed.Advance(5 * 24 * time.Hour)
		need, err := c.Strategy.Post(c.ctx, poster, strategy.NeedInput{OrganisationID: c.people[0].Affiliations[0].OrganisationID, AgencyID: c.agencies[i%4].ID, Orientation: t.Orientation,
			Title: lang.In1("en", upper(t.Thing)+": "+t.Part), Body: lang.In1("en", fmt.Sprintf("In %s, %s %s. It costs us every year; we have no means to look for the cause.", t.Thing, t.Part, t.Trouble)),
			Measure: lang.In1("en", upper(t.Measure)+", in our own plant, over one season.")})
		if err != nil {
			return fmt.Errorf("need of %s: %w", org, err)
		}
		if i%2 == 0 {
			if _, err := c.Strategy.WriteQuestion(c.ctx, access.System, strategy.QuestionInput{NeedID: need.ID, AgencyID: c.agencies[i%4].ID, Orientation: t.Orientation,
				Title: lang.In1("en", "Why "+t.Part+" "+t.Trouble), Body: lang.In1("en", "What decides it, and can it be changed by "+t.Methods[0]+"?")}); err != nil {
				return err
			}
		}
	}
	return nil
}
