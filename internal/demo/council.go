package demo

import (
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// council makes the council of the Research Council: a meeting that is minuted, with a
// vote that missed its quorum and a motion that another agency refused; one in session, with a
// vote to be cast; and one that is convened.
func (c *country) council(actors map[string]access.Actor) error {
	c.fixed.Set(c.now.AddDate(-1, 0, 0))
	officer := actors["officer"]
	b, err := c.Council.Form(c.ctx, officer, council.BodyInput{AgencyID: c.agencies[0].ID, Name: lang.Both("Council for Research and Technology", "科学技术委员会"), Priorities: true,
		Remit: lang.Both("It decides the priorities of the Research Council, and advises on its calls.", "审定研究理事会的优先领域，并就其指南提出意见。"),
		Rule:  council.Rule{Quorum: council.Half, Share: council.Half, Base: council.Cast, Casting: true, Recused: council.Apart}})
	if err != nil {
		return err
	}
	from := c.at(-365).Format(time.DateOnly)
	for _, s := range []struct{ who, role, stands string }{{"decider", council.Chair, ""}, {"adviser", council.Member, ""}, {"reviewer", council.Member, ""}, {"analyst", council.Member, ""}, {"applicant", council.Member, ""},
		{"teammate", council.Substitute, "analyst"}, {"officer", council.Secretary, ""}} {
		in := council.SeatInput{Person: actors[s.who].Person, Role: s.role, From: from}
		if s.stands != "" {
			in.StandsFor = actors[s.stands].Person
		}
		if err := c.Council.Seat(c.ctx, officer, b.ID, in); err != nil {
			return fmt.Errorf("seat of the %s: %w", s.who, err)
		}
	}
	for who, text := range map[string]string{"applicant": "I lead research on ceramics at a university that applies for calls of the agency.", "adviser": "Unpaid adviser of one award that ended two years ago.", "decider": "none"} {
		if err := c.Council.Declare(c.ctx, actors[who], b.ID, text); err != nil {
			return err
		}
	}
	for _, step := range []func(map[string]access.Actor, council.Body) error{c.minuted, c.inSession, c.convened} {
		if err := step(actors, b); err != nil {
			return err
		}
	}
	return c.asksOthers(actors)
}

// plan sets a meeting with these items; it returns their keys.
func (c *country) plan(officer access.Actor, b council.Body, day time.Time, items ...council.ItemInput) (meeting string, made []string, err error) {
	m, err := c.Council.Plan(c.ctx, officer, b.ID, council.MeetingInput{Day: day.Format(time.DateOnly), From: "10:00", Until: "12:30", Zone: Zone, Place: "Ilvane, room 2 / 伊尔文 2 号会议室", Link: "https://meet.example.org/council"})
	for _, in := range items {
		if err != nil {
			return "", nil, err
		}
		var i council.Item
		i, err = c.Council.AddItem(c.ctx, officer, m.ID, in)
		made = append(made, i.ID)
	}
	return m.ID, made, err
}

// opens convenes a meeting and opens it with these in attendance.
func (c *country) opens(officer access.Actor, meeting string, there ...access.Actor) error {
	for _, to := range []string{council.Convened, council.InRoom} {
		if err := c.Council.Move(c.ctx, officer, meeting, to); err != nil {
			return err
		}
	}
	return c.attend(officer, meeting, there...)
}

func (c *country) attend(officer access.Actor, meeting string, there ...access.Actor) error {
	var people []string
	for _, a := range there {
		people = append(people, a.Person)
	}
	return c.Council.Attend(c.ctx, officer, meeting, people)
}

// votes opens a vote, in which each of these votes for or, if it is the last of four, against.
func (c *country) votes(officer access.Actor, item string, voters ...access.Actor) error {
	if err := c.Council.OpenVote(c.ctx, officer, item); err != nil {
		return err
	}
	for i, a := range voters {
		how := council.For
		if i == 3 {
			how = council.Against
		}
		if err := c.Council.CastVote(c.ctx, a, item, how); err != nil {
			return err
		}
	}
	return c.Council.CloseVote(c.ctx, officer, item)
}

// minuted is the meeting of three weeks ago.
func (c *country) minuted(actors map[string]access.Actor, b council.Body) error {
	officer, chair, adviser, reviewer, applicant := actors["officer"], actors["decider"], actors["adviser"], actors["reviewer"], actors["applicant"]
	c.fixed.Set(c.now.Add(-30 * 24 * time.Hour))
	p, err := c.Strategy.CreatePriority(c.ctx, officer, strategy.PriorityInput{AgencyID: b.AgencyID, ParentID: c.areas[0], State: "draft", Orientation: "need", Title: lang.Both("Furnace linings that are used again", "可再利用的炉衬"),
		Summary: lang.Both("Half of what lines a furnace today is thrown away after a year.", "目前炉衬材料有一半在一年后即被废弃。"), From: c.at(-20).Format(time.DateOnly), Until: c.at(1200).Format(time.DateOnly)})
	if err != nil {
		return err
	}
	made, err := c.find("materials without imported parts")
	if err != nil {
		return err
	}
	meeting, items, err := c.plan(officer, b, c.at(-21),
		council.ItemInput{Title: lang.Both("A new priority: linings that are used again", "新优先领域：可再利用的炉衬"), Motion: lang.Both("The priority is in force from today.", "该优先领域自即日起生效。"), PriorityID: p.ID, PriorityState: "active"},
		council.ItemInput{Title: lang.Both("One heat programme of three agencies", "三机构联合供热计划"), Motion: lang.Both("Heat below 500 degrees is funded by one programme of three agencies.", "500 度以下供热由三机构联合计划资助。"),
			Touches: []string{c.agencies[1].ID, c.agencies[2].ID}, Refusal: council.Return, Days: 30},
		council.ItemInput{Title: lang.Both("Who measures in the call on ceramics", "陶瓷类指南的测量单位"), Motion: lang.Both("The measuring is put out to tender.", "测量工作公开招标。")})
	if err != nil {
		return err
	}
	if err := c.Council.Lay(c.ctx, officer, items[0], "call", made.ID); err != nil {
		return err
	}
	if err := c.Council.Recuse(c.ctx, officer, items[2], applicant.Person, "Her group measures for the call."); err != nil {
		return err
	}
	c.fixed.Set(c.at(-21))
	if err := c.opens(officer, meeting, chair, adviser); err != nil {
		return err
	}
	if err := c.votes(officer, items[0], chair, adviser); err != nil { // two of five: void
		return err
	}
	c.fixed.Advance(25 * time.Minute)
	if err := c.attend(officer, meeting, chair, adviser, reviewer, applicant); err != nil {
		return err
	}
	for i, voters := range [][]access.Actor{{chair, adviser, reviewer, applicant}, {chair, adviser, reviewer, applicant}, {chair, adviser, reviewer}} {
		if err := c.votes(officer, items[i], voters...); err != nil {
			return err
		}
	}
	return c.afterwards(actors, meeting, items)
}

// afterwards is what followed from the meeting: a condition, advice that is cited, minutes, a refusal.
func (c *country) afterwards(actors map[string]access.Actor, meeting string, items []string) error {
	officer := actors["officer"]
	if err := c.Council.Require(c.ctx, officer, items[0], council.ConditionInput{Text: lang.Both("Say how much lining is thrown away today, and who counts it.", "说明目前废弃炉衬的数量及统计单位。"), Person: actors["analyst"].Person, Due: c.at(9).Format(time.DateOnly)}); err != nil {
		return err
	}
	list, _, err := c.Council.List(c.ctx, officer, council.Filter{State: council.Closed, Size: 1})
	if err != nil || len(list) == 0 {
		return fmt.Errorf("demo: no advice that the council can cite (%w)", err)
	}
	if err := c.Council.Cite(c.ctx, officer, council.OfItem, items[0], list[0].ID, "partly", "Measurements come first, as advised; a share for remedies is kept for firms."); err != nil {
		return err
	}
	if err := c.Council.Move(c.ctx, officer, meeting, council.Over); err != nil {
		return err
	}
	i, err := c.Council.Item(c.ctx, officer, items[0])
	if err != nil {
		return err
	}
	if err := c.Council.Note(c.ctx, officer, items[0], i.Item.Version, lang.Both("One member would wait for the figures of the plants.", "一位成员主张先取得企业数据。")); err != nil {
		return err
	}
	c.fixed.Set(c.at(-18))
	if err := c.Council.Approve(c.ctx, actors["decider"], meeting); err != nil {
		return err
	}
	cases, err := c.Council.AgreementsOn(c.ctx, officer, council.OfItem, items[1])
	if err != nil || len(cases) == 0 {
		return fmt.Errorf("demo: the council asked no other agency (%w)", err)
	}
	if err := c.says(1, cases[0].ID, council.Conditions, "We pay for plants only, not for homes."); err != nil {
		return err
	}
	return c.says(2, cases[0].ID, council.Refuse, "Two thirds of our farms would have to apply twice. Name the fund as the only address for them.")
}

// says answers for one of the agencies, by somebody invented who signs for it.
func (c *country) says(agency int, id, answer, words string) error {
	p := c.signer(agency)
	signer := access.Actor{Person: p.ID, Name: p.Given + " " + p.Family, Grants: []access.Grant{{Role: access.Decider, Scope: access.Agency(c.agencies[agency].ID)}}}
	return c.Council.Answer(c.ctx, signer, id, c.agencies[agency].ID, answer, words)
}

// inSession is the meeting of today: a vote waits for the chair.
func (c *country) inSession(actors map[string]access.Actor, b council.Body) error {
	officer := actors["officer"]
	c.fixed.Set(c.now.Add(-2 * time.Hour))
	made, err := c.find("physical sciences, new round")
	if err != nil {
		return err
	}
	meeting, items, err := c.plan(officer, b, c.now,
		council.ItemInput{Title: lang.Both("Share for first applicants in the new round", "新一轮首次申请者比例"), Motion: lang.Both("One award in five goes to first applicants.", "五分之一的资助授予首次申请者。")},
		council.ItemInput{Title: lang.Both("Who chairs the panel on glass", "玻璃评审组组长人选"), Motion: lang.Both("The panel is chaired by somebody from abroad.", "评审组组长由国外专家担任。"), Secret: true})
	if err != nil {
		return err
	}
	if err := c.Council.Lay(c.ctx, officer, items[0], "call", made.ID); err != nil {
		return err
	}
	if err := c.opens(officer, meeting, actors["decider"], actors["adviser"], actors["reviewer"], actors["teammate"]); err != nil {
		return err
	}
	if err := c.Council.OpenVote(c.ctx, officer, items[0]); err != nil {
		return err
	}
	return c.Council.CastVote(c.ctx, actors["adviser"], items[0], council.For)
}

// convened is the meeting of next month.
func (c *country) convened(actors map[string]access.Actor, b council.Body) error {
	officer := actors["officer"]
	needs, _, err := c.Strategy.Needs(c.ctx, access.System, strategy.Filter{Agency: b.AgencyID, Size: 1})
	if err != nil || len(needs) == 0 {
		return fmt.Errorf("demo: no need for the council's dossier (%w)", err)
	}
	meeting, items, err := c.plan(officer, b, c.at(28), council.ItemInput{Title: lang.Both("What firms wait for", "企业的期待"), Background: lang.Both("To be discussed; nothing is decided.", "仅供讨论，不作决定。")})
	if err != nil {
		return err
	}
	if err := c.Council.Lay(c.ctx, officer, items[0], "need", needs[0].ID); err != nil {
		return err
	}
	return c.Council.Move(c.ctx, officer, meeting, council.Convened)
}

// asksOthers: the list that waits for its second signature touched another agency, which agreed.
func (c *country) asksOthers(actors map[string]access.Actor) error {
	c.fixed.Set(c.now.Add(-19 * time.Hour))
	made, err := c.find("materials without imported parts")
	if err != nil {
		return err
	}
	list, _, err := c.Decisions.List(c.ctx, actors["officer"], 1, 50)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.CallID != made.ID || d.State != decision.Proposed {
			continue
		}
		v, err := c.Council.Refer(c.ctx, actors["officer"], d.ID, council.AgreementInput{Title: lang.Both("A furnace for clinics", "临床用炉"), Agencies: []string{c.agencies[3].ID}, Refusal: council.Return,
			Text: lang.Both("One project builds a furnace that clinics will use; its second year is tested in two of yours.", "一个项目将建造供医疗机构使用的炉具，第二年在贵署两家机构试用。"), Due: clock.Now(c.ctx).AddDate(0, 0, 14).Format(time.DateOnly)})
		if err != nil {
			return err
		}
		if err := c.says(3, v.ID, council.Conditions, "Not before the clinics' own engineers have seen it."); err != nil {
			return err
		}
		return c.asksPartner(actors)
	}
	return fmt.Errorf("demo: no list waits for its second signature")
}

// asksPartner: the list that a meeting is still about touches an agency that has not answered yet.
func (c *country) asksPartner(actors map[string]access.Actor) error {
	made, err := c.find("heat and power through the winter")
	if err != nil {
		return err
	}
	d, err := c.Decisions.Begin(c.ctx, actors["officer"], made.ID, "") // the one in work
	if err != nil {
		return err
	}
	_, err = c.Council.Refer(c.ctx, actors["officer"], d.ID, council.AgreementInput{Title: lang.Both("Warm water into the river Ilva", "向伊尔瓦河排放温水"), Agencies: []string{c.agencies[partnerAgency].ID}, Refusal: council.Return,
		Text: lang.Both("Two of the projects let warm water into the river in winter. The fund, which looks after the river, is asked to agree.", "其中两个项目冬季将向河流排放温水，特征求负责该河流的基金同意。"), Due: clock.Now(c.ctx).AddDate(0, 0, 20).Format(time.DateOnly)})
	return err
}
