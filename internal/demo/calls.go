package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// plan is one call of the country: days count from the morning of the demonstration.
type plan struct {
	agency           int
	scheme           string
	en, zh           string
	sumEn, sumZh     string
	opens, closes    int
	low, high, total int64
	proposals        int
	state            string // of its proposals: decided, in-review, reviewed, drafts
	goal             int    // whose area it serves, by its place in goals
}

var pastCalls = []plan{
	{0, "open-call", "Questions that may fail", "敢于失败的问题", "Ideas whose failure would teach as much as their success.", "即使失败也同样有所收获的设想。", -1900, -1840, 100_000, 900_000, 12_000_000, 60, "decided", 3},
	{0, "open-call", "Open questions in the physical sciences", "物质科学开放课题", "Free choice of topic in physics, materials and space.", "物理、材料与空间领域自由选题。", -700, -640, 100_000, 1_200_000, 40_000_000, 260, "decided", 3},
	{1, "open-call", "Industry that runs on less", "节能产业", "Processes that need less energy, material or water, shown in a plant.", "在工厂中验证更节能、节材、节水的工艺。", -560, -500, 150_000, 1_500_000, 36_000_000, 220, "decided", 1},
	{2, "open-call", "Land, water, heat", "土地、水与热", "What keeps fields, rivers and villages working.", "保障农田、河流与村庄的研究。", -480, -420, 100_000, 900_000, 28_000_000, 190, "decided", 4},
	{3, "open-call", "Health outside the city", "城市以外的健康", "Better care where the hospital is far away.", "改善远离医院地区的医疗。", -400, -340, 100_000, 900_000, 26_000_000, 180, "decided", 2},
	{0, "small-grant", "Small grants for early ideas, last year", "上一年度早期设想小额资助", "One page and one sum.", "一页正文，一笔金额。", -390, -210, 0, 40_000, 3_000_000, 160, "decided", 3},
}

var presentCalls = []plan{
	{0, "small-grant", "Small grants for early ideas, spring", "早期设想小额资助（春季）", "One page and one sum.", "一页正文，一笔金额。", -150, -60, 0, 40_000, 500_000, 24, "reviewed", 3},
	{0, "open-call", "Computing that can be trusted", "可信计算", "Programs, models and machines whose answers can be checked.", "结果可核验的程序、模型与机器。", -90, -20, 100_000, 1_000_000, 12_000_000, 90, "in-review", 3},
	{0, "open-call", "Instruments that see further", "更灵敏的科学仪器", "Sensors, clocks, telescopes and microscopes that measure what could not be measured.", "能够测量此前无法测量之物的传感器、时钟、望远镜与显微镜。", -60, -2, 100_000, 900_000, 30_000_000, 240, "submitted", 3},
	{0, "open-call", "Materials without imported parts", "自主材料", "Materials and processes that today hang on one supplier.", "目前依赖单一供应商的材料与工艺。", -120, -50, 150_000, 1_200_000, 9_000_000, 60, "reviewed", 0},
	{0, "open-call", "Open questions in the physical sciences, new round", "物质科学开放课题（新一轮）", "Free choice of topic. One text, a budget, up to five works. Names are hidden from reviewers.", "自由选题：一份正文、一份预算、至多五项代表作，评审人不知作者身份。", -20, 30, 250_000, 1_200_000, 40_000_000, 40, "drafts", 3},
	{1, "two-stage-call", "Storage for the northern grid", "北部电网储能", "Two pages now; only those invited write the full proposal.", "先提交两页摘要，受邀者再提交完整申请。", -10, 45, 500_000, 4_000_000, 20_000_000, 0, "drafts", 1},
	{3, "open-call", "Tests that answer in minutes", "分钟级检测", "Diagnosis at the bedside, in the village, in the stable.", "床旁、乡村与养殖场的快速诊断。", -5, 60, 100_000, 900_000, 18_000_000, 0, "drafts", 2},
	{0, "small-grant", "Small grants for early ideas", "早期设想小额资助", "For everybody with a question that a small sum can answer.", "面向可用小额经费解答的问题。", -60, 120, 0, 40_000, 3_000_000, 0, "drafts", 3},
	{0, "open-call", "Heat and power through the winter", "冬季供热与供电", "Stores, networks and buildings that carry the summer into the winter.", "把夏季能量留到冬季的储能、管网与建筑。", -120, -40, 150_000, 1_200_000, 16_000_000, 72, "reviewed", 1},
	{2, "open-call", "Resilient grain", "抗逆粮食作物", "Crops and soils for dry years.", "面向干旱年份的作物与土壤。", 20, 80, 150_000, 2_000_000, 15_000_000, 0, "drafts", 4},
}

func (c *country) at(days int) time.Time {
	loc, err := time.LoadLocation(Zone)
	if err != nil {
		panic(err) // the zone of the country is part of Go's own time data
	}
	d := c.now.AddDate(0, 0, days)
	return time.Date(d.Year(), d.Month(), d.Day(), 17, 0, 0, 0, loc).UTC()
}

func (c *country) call(p plan) (call.Call, error) {
	c.fixed.Set(c.at(p.opens - 14))
	v := c.schemes[p.scheme]
	stage, _ := v.Stage("")
	n, err := number.Next(c.ctx, c.DB, "C")
	if err != nil {
		return call.Call{}, err
	}
	made := call.Call{ID: clock.ID(c.ctx), Number: n, AgencyID: c.agencies[p.agency].ID, SchemeVersionID: v.ID, Title: lang.Both(p.en, p.zh), Summary: lang.Both(p.sumEn, p.sumZh),
		State: "published", Zone: Zone, OpensAt: c.at(p.opens), ClosesAt: c.at(p.closes), Grace: 5 * time.Minute, DecideBy: c.at(p.closes + 90).Format(time.DateOnly),
		Low: money.Whole(p.low, Currency), High: money.Whole(p.high, Currency), Total: money.Whole(p.total, Currency), Hours: v.StageHours(stage),
		AwardsExpected: int(p.total / max(1, (p.low+p.high)/2)), Contact: "calls@" + c.agencies[p.agency].Slug + ".example", PublishedAt: c.at(p.opens - 7), Version: 1}
	return made, nil
}

// past makes the calls that are long decided, with their awards and results.
func (c *country) past() error {
	for _, p := range pastCalls {
		if err := c.run(p); err != nil {
			return fmt.Errorf("call %q: %w", p.en, err)
		}
	}
	return nil
}

func (c *country) run(p plan) error {
	return work.Do(c.ctx, c.DB, func(ctx context.Context) error {
		outer := c.ctx
		c.ctx = ctx
		defer func() { c.ctx = outer }()
		made, err := c.call(p)
		if err != nil {
			return err
		}
		if err := c.Calls.TakeIn(c.ctx, []call.Call{made}); err != nil {
			return err
		}
		if err := c.Strategy.Serve(c.ctx, access.System, c.areas[p.goal], "call", made.ID); err != nil {
			return err
		}
		return c.proposals(p, made)
	})
}

// written is a proposal of the country with what its reviewers thought.
type written struct {
	proposal.Proposal
	sketch sketch
	team   []proposal.Member
	score  float64
}

func (c *country) proposals(p plan, made call.Call) error {
	first, err := number.Take(c.ctx, c.DB, fmt.Sprintf("P-%d", made.ClosesAt.Year()), int64(p.proposals))
	if err != nil {
		return err
	}
	list := make([]written, 0, p.proposals)
	circle := c.circle(p)
	for i := range p.proposals {
		w := c.write(p, made, fmt.Sprintf("P-%d-%04d", made.ClosesAt.Year(), first+int64(i)), c.dice.between(len(cast), len(c.people)-1))
		if err := c.store(w, made); err != nil {
			return err
		}
		if w.State != proposal.Draft && w.State != proposal.Submitted {
			if err := c.judge(p, &w, made, circle); err != nil {
				return err
			}
		}
		list = append(list, w)
	}
	switch p.state {
	case "decided":
		return c.decide(p, made, list)
	case "submitted":
		return c.judges(made)
	}
	return nil
}

// judges puts people into the pool of a call: those whom the officer knows.
func (c *country) judges(made call.Call) error {
	pool := make([]review.PoolMember, 0, poolSize)
	for i := range poolSize {
		pool = append(pool, review.PoolMember{Person: c.pooled(i).ID, Most: c.dice.between(4, 6)})
	}
	return c.Reviews.TakeInPool(c.ctx, made.ID, pool)
}

const poolSize = 170

// pooled is one of the people who are in every pool.
func (c *country) pooled(i int) register.Person {
	return c.people[len(cast)+i*(len(c.people)-len(cast))/poolSize]
}

func (c *country) write(p plan, made call.Call, number string, lead int) written {
	t := pick(&c.dice, words().topics)
	s := write(&c.dice, t)
	person := c.people[lead]
	c.fixed.Set(made.OpensAt.Add(time.Duration(c.dice.between(1, 20)) * 24 * time.Hour))
	w := written{sketch: s, Proposal: proposal.Proposal{ID: clock.ID(c.ctx), Number: number, CallID: made.ID, AgencyID: made.AgencyID, SchemeVersionID: made.SchemeVersionID,
		Title: s.title, Summary: s.summary, Language: "en", LeadPerson: person.ID, Holder: person.Affiliations[0].OrganisationID, CreatedAt: clock.Now(c.ctx), Months: c.dice.between(3, 10) * 6, Version: 1}}
	v := c.schemes[p.scheme]
	stage, _ := v.Stage("")
	w.Stage = stage.ID
	low, high := max(p.low, 8_000), p.high
	w.Requested = money.Whole(low+int64(c.dice.below(int(high-low)/1000+1))*1000, Currency)
	switch p.state {
	case "drafts":
		w.State = proposal.Draft
	case "decided":
		w.State = proposal.Decided
	case "submitted":
		w.State = proposal.Submitted
	default:
		w.State = proposal.InReview
	}
	if w.State != proposal.Draft {
		w.SubmittedAt = made.ClosesAt.Add(-time.Duration(c.dice.between(1, 200)) * time.Hour)
	}
	w.team = []proposal.Member{{PersonID: person.ID, Name: person.Given + " " + person.Family, Role: "lead", OrganisationID: w.Holder, Share: 20, MayEdit: true, State: "confirmed"}}
	if c.dice.chance(40) {
		other := c.people[c.dice.between(len(cast), len(c.people)-1)]
		if other.ID != person.ID {
			w.team = append(w.team, proposal.Member{PersonID: other.ID, Name: other.Given + " " + other.Family, Role: "member", OrganisationID: other.Affiliations[0].OrganisationID, Share: 10, MayEdit: true, State: "confirmed"})
		}
	}
	return w
}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return b
}

func (c *country) answers(w written, made call.Call) map[string]json.RawMessage {
	year := made.ClosesAt.Year()
	third := w.Requested.Minor / 300 * 100
	answers := map[string]json.RawMessage{"title": raw(w.sketch.title), "field": raw(w.sketch.topic.Ford), "summary": raw(w.sketch.summary), "aim": raw(w.sketch.aim), "months": raw(w.Months)}
	if c.schemes["small-grant"].ID == w.SchemeVersionID {
		answers["amount"], answers["months"] = raw(w.Requested.Minor), raw(12)
		return answers
	}
	answers["approach"], answers["risks"], answers["data"], answers["ethics"] = raw(w.sketch.approach), raw(w.sketch.risks), raw(w.sketch.data), raw("none")
	works := []string{"On " + w.sketch.topic.Works + ": shows that the method holds."}
	for _, m := range w.team[1:] {
		works = append(works, m.Name+" on "+w.sketch.topic.Works+": the measurements on which it rests.")
	}
	answers["works"] = raw(works)
	answers["budget"] = raw([]scheme.BudgetLine{{Category: "people", Year: year, Minor: third}, {Category: "people", Year: year + 1, Minor: third},
		{Category: "equipment", Year: year, Minor: w.Requested.Minor - 2*third}})
	return answers
}

func (c *country) store(w written, made call.Call) error {
	answers := c.answers(w, made)
	if w.State == proposal.Draft { // unfinished, as drafts are
		for _, name := range []string{"risks", "data", "approach"} {
			if c.dice.chance(60) {
				delete(answers, name)
			}
		}
	}
	stage, _ := c.schemes[schemeOf(c, w)].Stage(w.Stage)
	if err := c.Proposals.TakeIn(c.ctx, w.Proposal, w.team, stage.Form, answers); err != nil {
		return err
	}
	if w.State != proposal.Draft {
		for name, code := range map[string]string{vocabulary.Ford: w.sketch.topic.Ford, "orientation": w.sketch.topic.Orientation} {
			if err := vocabulary.Set(c.ctx, c.DB, "proposal", w.ID, name, code, "applicant"); err != nil {
				return err
			}
		}
	}
	return c.wrote(w, made)
}

// wrote measures the hours of writing: spread around the call's own estimate, over some days.
func (c *country) wrote(w written, made call.Call) error {
	left := int64(made.Hours * 3600 * math.Exp(0.45*c.dice.normal()))
	for day := w.CreatedAt; left > 0; day = day.AddDate(0, 0, c.dice.between(1, 4)) {
		some := min(left, int64(c.dice.between(20, 180))*60)
		if err := c.Proposals.TakeInEffort(c.ctx, w.ID, day, time.Duration(some)*time.Second); err != nil {
			return err
		}
		left -= some
	}
	return nil
}

func schemeOf(c *country, w written) string {
	for name, v := range c.schemes {
		if v.ID == w.SchemeVersionID {
			return name
		}
	}
	return ""
}

// critic is somebody who judges, always as strict or mild as they are.
type critic struct {
	register.Person
	shift float64
}

// circle is who judges in a call: each some six proposals.
func (c *country) circle(p plan) []critic {
	out := make([]critic, max(12, p.proposals/2))
	for i := range out {
		out[i] = critic{c.people[c.dice.between(len(cast), len(c.people)-1)], 0.4 * c.dice.normal()}
	}
	return out
}

// judge writes the reviews of a proposal: its true worth, the reviewer's own
// strictness, and noise.
func (c *country) judge(p plan, w *written, made call.Call, circle []critic) error {
	v := c.schemes[p.scheme]
	stage, _ := v.Stage(w.Stage)
	worth, sum, n := 3.6+0.9*c.dice.normal(), 0.0, 0
	var asked []string
	for i := range stage.Review.Each {
		reviewer := c.outsider(circle, w.team, asked)
		asked = append(asked, reviewer.ID)
		r := review.Review{ID: clock.ID(c.ctx), ProposalID: w.ID, CallID: made.ID, Stage: w.Stage, Reviewer: reviewer.ID, State: review.Submitted, Alias: review.Alias(i),
			InvitedAt: made.ClosesAt.Add(48 * time.Hour), DueAt: made.ClosesAt.Add(30 * 24 * time.Hour), SubmittedAt: made.ClosesAt.Add(time.Duration(c.dice.between(5, 28)) * 24 * time.Hour), Minutes: c.dice.between(4, 20) * 15}
		if r.SubmittedAt.After(c.now) || p.state == "in-review" && c.dice.chance(45) {
			r.State, r.SubmittedAt, r.Minutes = pick(&c.dice, []string{review.Invited, review.Accepted}), time.Time{}, 0
			r.DueAt = c.now.Add(time.Duration(c.dice.between(3, 12)) * 24 * time.Hour)
		}
		if r.State == review.Submitted {
			r.Answers = map[string]review.Answer{}
			scores := map[string]float64{}
			for _, k := range v.Judged(stage) {
				s := min(6, max(1, float64(int(worth+reviewer.shift+0.6*c.dice.normal()+0.5))))
				scores[k.ID] = s
				r.Answers[k.ID] = review.Answer{Score: s, Text: opinion(&c.dice, w.sketch.topic, k.Title.In("en"), int(s))}
			}
			r.Overall, _ = scheme.Overall(v.Judged(stage), scores)
			sum, n = sum+r.Overall, n+1
		}
		if err := c.Reviews.TakeIn(c.ctx, r); err != nil {
			return err
		}
	}
	if n > 0 {
		w.score = sum / float64(n)
	}
	return nil
}

// outsider is somebody who is neither in the team nor asked yet.
func (c *country) outsider(circle []critic, team []proposal.Member, asked []string) critic {
	for {
		p := pick(&c.dice, circle)
		if !slices.Contains(asked, p.ID) && !slices.ContainsFunc(team, func(m proposal.Member) bool { return m.PersonID == p.ID }) {
			return p
		}
	}
}

// decide funds the best as far as the money goes, and lets time pass.
func (c *country) decide(p plan, made call.Call, list []written) error {
	sortByScore(list)
	left := made.Total.Minor
	decided := made.ClosesAt.AddDate(0, 0, 80)
	first, err := number.Take(c.ctx, c.DB, fmt.Sprintf("W-%d", decided.Year()), int64(len(list)))
	if err != nil {
		return err
	}
	given := int64(0)
	for _, w := range list {
		outcome := "reject"
		if w.Requested.Minor <= left && w.score >= 3.2 {
			outcome, left = "fund", left-w.Requested.Minor
		}
		c.fixed.Set(decided)
		if err := c.Proposals.Move(c.ctx, w.Proposal, proposal.Decided, outcome); err != nil {
			return err
		}
		if outcome == "fund" {
			if err := c.give(w, made, decided, fmt.Sprintf("W-%d-%04d", decided.Year(), first+given), int(given%9)); err != nil {
				return err
			}
			given++
		}
	}
	return nil
}

// give makes the award of a proposal; it starts that many months later than it could.
func (c *country) give(w written, made call.Call, decided time.Time, number string, later int) error {
	start := time.Date(decided.Year(), decided.Month()+1+time.Month(later), 1, 0, 0, 0, 0, time.UTC)
	names, err := c.Register.Names(c.ctx, []string{w.LeadPerson}, []string{w.Holder})
	if err != nil {
		return err
	}
	a := award.Award{ID: clock.ID(c.ctx), Number: number, ProposalID: w.ID, CallID: made.ID, AgencyID: made.AgencyID, SchemeVersionID: w.SchemeVersionID, Title: lang.In1("en", w.Title),
		Summary: lang.In1("en", w.Summary), Holder: w.Holder, HolderName: names[w.Holder], LeadPerson: w.LeadPerson, LeadName: names[w.LeadPerson], State: award.Running,
		StartDay: start.Format(time.DateOnly), EndDay: start.AddDate(0, w.Months, -1).Format(time.DateOnly), Year: start.Year(), Amount: w.Requested, PublicAt: decided, SignedAt: decided, Version: 1}
	if a.EndDay < c.now.Format(time.DateOnly) {
		a.State = award.Ended
	}
	parties := make([]award.Party, 0, len(w.team))
	for _, m := range w.team {
		parties = append(parties, award.Party{PersonID: m.PersonID, Organisation: m.OrganisationID, Name: m.Name, Role: m.Role})
	}
	if err := c.Awards.TakeIn(c.ctx, a, parties, c.results(w, start)); err != nil {
		return err
	}
	if err := c.Awards.TakeInMilestones(c.ctx, a.ID, c.milestones(w, start, later)); err != nil {
		return err
	}
	if err := c.Decisions.TakeInRisk(c.ctx, w.ID, ventured(later)); err != nil {
		return err
	}
	return c.Awards.Index(c.ctx, a.ID)
}

// ventured is how the nth award of a call was classed by the meeting that funded it.
func ventured(nth int) decision.Risk {
	switch nth % 5 {
	case 2:
		return decision.Risk{Class: "high", Reason: "Nobody has shown that it holds for longer than a week; if it does not, we know where it breaks.", By: "Jonas Adeyemi-Voss"}
	case 4:
		return decision.Risk{Class: "medium", Reason: "The parts are known, not how they work together.", By: "Jonas Adeyemi-Voss"}
	}
	return decision.Risk{Class: "low", Reason: "Each step has been shown elsewhere.", By: "Jonas Adeyemi-Voss"}
}

// milestones are two on the way; of those whose day is past, most were reached.
func (c *country) milestones(w written, start time.Time, nth int) []award.Milestone {
	out := []award.Milestone{{Title: "First data on " + w.sketch.topic.Part, DueDay: start.AddDate(0, w.Months/3, 0).Format(time.DateOnly)},
		{Title: "The method holds for " + w.sketch.topic.Thing, DueDay: start.AddDate(0, 2*w.Months/3, 0).Format(time.DateOnly)}}
	for i := range out {
		m := &out[i]
		switch {
		case m.DueDay >= c.now.Format(time.DateOnly):
			m.State = "planned"
		case (nth+3*i)%9 == 5: // one that was classed as low, and half of those classed as high
			m.State, m.Note = "missed", "The instrument came half a year late."
		default:
			m.State, m.ReachedDay = "reached", m.DueDay
		}
	}
	return out
}

func (c *country) results(w written, start time.Time) []award.Result {
	var out []award.Result
	shapes := map[string]string{"publication": "What we learned about %s", "data": "Measurements of %s", "software": "Programs for %s", "patent": "A device for %s"}
	for range c.dice.below(4) {
		kind := pick(&c.dice, []string{"publication", "publication", "data", "software", "patent"})
		out = append(out, award.Result{Kind: kind, Title: lang.In1("en", fmt.Sprintf(shapes[kind], w.sketch.topic.Works)), DOI: fmt.Sprintf("10.5555/ald.%s.%d", w.Number[2:], len(out)+1), Year: start.Year() + 1})
	}
	return out
}

func sortByScore(list []written) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].score > list[j-1].score; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}
