package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// choiceRules is what a choice has to keep.
type choiceRules struct {
	Worth  string      `json:"worth,omitempty" enum:"money,award" doc:"What is summed: corrected scores weighted by money (where not said), or those of the awards."`
	Care   string      `json:"caution,omitempty" enum:"half,tail" doc:"How much a choice minds that scores may be wrong: half by what is expected and half by the worst tenth of what the scores leave possible, or by that alone; not at all where not said."`
	Pots   []rulePot   `json:"pots,omitempty" maxItems:"200" doc:"Money of which no more is taken; without one for all of it, what the list has."`
	Limits []ruleLimit `json:"limits,omitempty" maxItems:"200"`
	Ties   []ruleTie   `json:"ties,omitempty" maxItems:"200"`
	Bar    float64     `json:"bar,omitempty" doc:"The least corrected score that may be funded."`
	In     []string    `json:"in,omitempty" maxItems:"5000" doc:"Proposals that are settled as in."`
	Out    []string    `json:"out,omitempty" maxItems:"5000"`
}

type rulePot struct {
	AgencyID string `json:"agency_id,omitempty"`
	Year     int    `json:"year,omitempty" doc:"None for all agencies and years together."`
	Minor    int64  `json:"amount_minor" minimum:"0"`
}

func (p rulePot) key() string { return decision.Pot{AgencyID: p.AgencyID, Year: p.Year}.Key() }

type ruleLimit struct {
	Dimension string   `json:"dimension,omitempty" enum:"orientation,field,region,organisation,career,risk,applicant,bottleneck" doc:"None for all proposals."`
	Value     string   `json:"value,omitempty" doc:"Of bottleneck: the key of a bottleneck."`
	By        string   `json:"by" enum:"number,money,share,money-share" doc:"Awards, minor units, per cent of the awards, per cent of the money."`
	Min       *float64 `json:"min,omitempty" minimum:"0"`
	Max       *float64 `json:"max,omitempty" minimum:"0"`
}

type ruleTie struct {
	Kind      string    `json:"kind" enum:"least,most,needs,covers" doc:"At least or at most so many of them; the first only with all others; all cover one bottleneck."`
	Proposals []string  `json:"proposals,omitempty" maxItems:"5000" doc:"Of covers with a bottleneck: those that cover it where not said."`
	Count     int64     `json:"count,omitempty" minimum:"1" doc:"Of least and most; 1 where not said."`
	Node      string    `json:"bottleneck,omitempty" maxLength:"300" doc:"Of covers: the key of a bottleneck of a map."`
	Name      string    `json:"name,omitempty" maxLength:"80" doc:"Of covers, else: what the bottleneck is called."`
	Points    []float64 `json:"points,omitempty" doc:"Of covers: what the first that is funded adds, the second, and so on; none more than the one before."`
}

// written are the rules as the meeting's form would send them, which is where they are checked.
func (b choiceRules) written(m decision.Meeting) decision.RulesInput {
	in := decision.RulesInput{Pots: map[string]string{}, Worth: b.Worth, Caution: b.Care, In: numbersOf(m, b.In), Out: numbersOf(m, b.Out)}
	for _, p := range m.Rules.Pots[:1] { // all the money
		in.Pots[p.Key()] = money.Amount{Minor: p.Minor, Currency: m.Budget.Currency}.Plain()
	}
	for _, p := range b.Pots {
		in.Pots[p.key()] = money.Amount{Minor: p.Minor, Currency: m.Budget.Currency}.Plain()
	}
	if b.Bar != 0 {
		in.Bar = plain(b.Bar)
	}
	for _, l := range b.Limits {
		line := decision.LimitInput{What: "all", By: l.By}
		if l.Dimension != "" {
			line.What = l.Dimension + ":" + l.Value
		}
		line.Min, line.Max = bound(l.By, l.Min, m.Budget.Currency), bound(l.By, l.Max, m.Budget.Currency)
		in.Limits = append(in.Limits, line)
	}
	for _, t := range b.Ties {
		line := decision.TieInput{Kind: t.Kind, Of: numbersOf(m, t.Proposals), Node: t.Node, Name: t.Name}
		if t.Count > 0 {
			line.Amount = strconv.FormatInt(t.Count, 10)
		}
		for _, p := range t.Points {
			line.Amount += " " + plain(p)
		}
		line.Amount = strings.TrimSpace(line.Amount)
		in.Ties = append(in.Ties, line)
	}
	return in
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// bound is a bound as somebody would type it; "" for none.
func bound(by string, n *float64, currency string) string {
	switch {
	case n == nil:
		return ""
	case by == decision.ByMoney:
		return money.Amount{Minor: int64(*n), Currency: currency}.Plain()
	}
	return plain(*n)
}

// numbersOf are the numbers of proposals; a key that is not on the list stands for itself.
func numbersOf(m decision.Meeting, ids []string) string {
	var out []string
	for _, id := range ids {
		if r, ok := m.View.Row(id); ok {
			id = r.Number
		}
		out = append(out, id)
	}
	return strings.Join(out, " ")
}

func choiceRulesOf(r decision.Rules) choiceRules {
	out := choiceRules{Worth: r.Worth, Care: r.Caution, Bar: r.Bar, In: r.In, Out: r.Out}
	for _, p := range r.Pots {
		out.Pots = append(out.Pots, rulePot{p.AgencyID, p.Year, p.Minor})
	}
	for _, l := range r.Limits {
		out.Limits = append(out.Limits, ruleLimit{l.Dimension, l.Value, l.By, boundOf(l.By, l.Min), boundOf(l.By, l.Max)})
	}
	for _, t := range r.Ties {
		out.Ties = append(out.Ties, ruleTie{t.Kind, t.Proposals, t.Count, t.Node, t.Name, t.Points})
	}
	return out
}

// boundOf is a bound in the unit in which it is sent: shares are in millionths within.
func boundOf(by string, n *int64) *float64 {
	if n == nil {
		return nil
	}
	f := float64(*n)
	if by == decision.ByShare || by == decision.ByPart {
		f *= 100.0 / portfolio.Whole
	}
	return &f
}

// ofRules is where a body has what the form of the rules calls min_2.
func ofRules(field string) string {
	name, n, ok := strings.Cut(field, "_")
	if name == "pot" {
		return "rules.pots"
	}
	if !ok {
		switch name {
		case "in", "out", "bar", "worth", "caution":
			return "rules." + name
		}
		return field
	}
	switch name {
	case "what":
		return "rules.limits[" + n + "].dimension"
	case "by", "min", "max":
		return "rules.limits[" + n + "]." + name
	}
	return "rules.ties[" + n + "]." + map[string]string{"tie": "kind", "of": "proposals", "amount": "count", "node": "bottleneck", "name": "name"}[name]
}

// RuleTerm names a rule.
type RuleTerm struct {
	Kind     string `json:"kind" enum:"pot,floor,ceiling,least,most,needs,covers,in,out,risk"`
	Index    int    `json:"index" doc:"Of the rule in pots, limits or ties."`
	Proposal string `json:"proposal_id,omitempty" doc:"Of in and out; of needs, the one that is needed."`
}

func ruleTermsOf(list []decision.Term) []RuleTerm {
	out := make([]RuleTerm, 0, len(list))
	for _, t := range list {
		out = append(out, RuleTerm(t))
	}
	return out
}

type rulePrice struct {
	RuleTerm
	Used int64   `json:"used" doc:"Of the pot, or reached of the limit: awards, minor units, or millionths."`
	Low  float64 `json:"low" doc:"So many points more were found without the rule."`
	High float64 `json:"high" doc:"No more than so many are possible."`
}

type ruleCharge struct {
	RuleTerm
	Points float64 `json:"points"`
}

type choiceWhy struct {
	Value   float64      `json:"value"`
	Margin  float64      `json:"margin" doc:"The value less the charges; near 0, what fits together decides."`
	Charges []ruleCharge `json:"charges"`
}

// BestChoice is the best choice under rules.
type BestChoice struct {
	Found    bool       `json:"found" doc:"Something keeps all rules."`
	Funded   []string   `json:"funded" doc:"Proposals, in order of rank."`
	Value    float64    `json:"value"`
	Bound    float64    `json:"bound" doc:"No choice that keeps the rules has more points."`
	Optimal  bool       `json:"optimal"`
	Spent    *moneyBody `json:"spent,omitempty"`
	Conflict []RuleTerm `json:"conflict" doc:"Rules that cannot hold together, where nothing keeps all."`
}

func choiceOf(m decision.Meeting, p *decision.Plan) BestChoice {
	out := BestChoice{Found: p.Found, Funded: []string{}, Value: p.Value, Bound: p.Bound, Optimal: p.Optimal, Conflict: ruleTermsOf(p.Conflict),
		Spent: amount(money.Amount{Minor: m.Spent(p), Currency: m.Budget.Currency})}
	for _, r := range m.View.Rows {
		if p.Funded[r.ProposalID] {
			out.Funded = append(out.Funded, r.ProposalID)
		}
	}
	return out
}

type tryBody struct {
	BestChoice
	Prices []rulePrice          `json:"prices"`
	More   moreBody             `json:"five_per_cent_more"`
	Others []moreBody           `json:"alternatives" doc:"The nearest other choices, the best first."`
	Why    map[string]choiceWhy `json:"why" doc:"By proposal."`
	Care   *carefulBody         `json:"caution,omitempty" doc:"What caution changes; none without."`
}

type carefulBody struct {
	Mean      float64  `json:"expected" doc:"Points."`
	Worst     float64  `json:"worst_tenth" doc:"Points that are left in the mean of the worst tenth."`
	BoldMean  float64  `json:"expected_without_caution"`
	BoldWorst float64  `json:"worst_tenth_without_caution"`
	In        []string `json:"in" doc:"What only the cautious choice funds."`
	Out       []string `json:"out"`
}

type moreBody struct {
	Low  float64  `json:"low" doc:"Points gained: so many were found, no more than high are possible."`
	High float64  `json:"high"`
	In   []string `json:"in"`
	Out  []string `json:"out"`
}

func moreOf(c decision.Change) moreBody {
	return moreBody{c.Low, c.High, append([]string{}, c.In...), append([]string{}, c.Out...)}
}

type meetingRow struct {
	Place   int               `json:"place"`
	ID      string            `json:"proposal_id"`
	Number  string            `json:"number"`
	Title   string            `json:"title"`
	Asked   *moneyBody        `json:"asked,omitempty"`
	Outcome string            `json:"outcome" enum:"open,fund,reserve,reject,invite"`
	Rank    *rankBody         `json:"rank,omitempty" doc:"What the scores say, corrected for strict and mild reviewers; none without a review."`
	Causes  []causeBody       `json:"causes" doc:"Rules that decided about it besides its rank, as its letter will name them."`
	Traits  map[string]string `json:"traits" doc:"Value by dimension; none where it is not known."`
	Covers  []string          `json:"bottlenecks,omitempty" doc:"Keys of the bottlenecks that it covers."`
	Risk    string            `json:"risk_reason,omitempty"`
	Recused []string          `json:"recused,omitempty" doc:"Who in the room is, by name."`
}

type meetingSeat struct {
	Person string `json:"person_id"`
	Name   string `json:"name"`
}

type scenarioBody struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Why     string      `json:"why"`
	By      string      `json:"by"`
	At      time.Time   `json:"at"`
	Rules   choiceRules `json:"rules"`
	Choice  BestChoice  `json:"choice" doc:"As you see the list now."`
	Applied *time.Time  `json:"applied_at,omitempty"`
}

func scenarioOf(m decision.Meeting, x decision.Scenario) scenarioBody {
	return scenarioBody{x.ID, x.Name, x.Why, x.By, x.At, choiceRulesOf(x.Rules), choiceOf(m, x.Plan), when(x.AppliedAt)}
}

type fundingMeetingOut struct {
	Body struct {
		DecisionLine
		Call      lang.Text      `json:"call"`
		Budget    *moneyBody     `json:"budget,omitempty"`
		Rules     choiceRules    `json:"rules" doc:"That the meeting's page begins with."`
		Pots      []rulePot      `json:"pots" doc:"On which rules can be set, with what there is."`
		Rows      []meetingRow   `json:"rows" doc:"In order of rank, without those from which you are recused."`
		Scenarios []scenarioBody `json:"scenarios"`
		Seats     []meetingSeat  `json:"seats"`
		Stamp     string         `json:"stamp" doc:"Changes when anything does that you see."`
	}
}

func (a *API) fundingMeeting(ctx context.Context, actor access.Actor, in *ByID) (*fundingMeetingOut, error) {
	m, err := a.Decisions.Meet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &fundingMeetingOut{}
	b := &out.Body
	b.DecisionLine, b.Call, b.Budget, b.Rules, b.Stamp = decisionOf(m.Decision), m.Call, amount(m.Budget), choiceRulesOf(m.Rules), m.Stamp
	b.Pots, b.Rows, b.Scenarios, b.Seats = []rulePot{}, []meetingRow{}, []scenarioBody{}, []meetingSeat{}
	for _, p := range m.Pots() {
		b.Pots = append(b.Pots, rulePot{p.AgencyID, p.Year, p.Minor})
	}
	for _, r := range m.View.Rows {
		b.Rows = append(b.Rows, meetingRow{r.Place, r.ProposalID, r.Number, r.Title, amount(r.Asked), r.Outcome, rankOf(r.Rank), causesOf(ctx, r.Causes), known(r.Traits), r.Covers, r.Risk.Reason, m.Out[r.ProposalID]})
	}
	for _, x := range m.Scenarios {
		b.Scenarios = append(b.Scenarios, scenarioOf(m, x))
	}
	for _, x := range m.Seats {
		b.Seats = append(b.Seats, meetingSeat(x))
	}
	return out, nil
}

// known are the attributes that have a value.
func known(traits map[string]string) map[string]string {
	out := map[string]string{}
	for d, v := range traits {
		if v != "" {
			out[d] = v
		}
	}
	return out
}

type tryIn struct {
	ByID
	Body struct {
		Rules choiceRules `json:"rules"`
	}
}

type tryOut struct{ Body tryBody }

func (a *API) meetingTry(ctx context.Context, actor access.Actor, in *tryIn) (*tryOut, error) {
	m, err := a.Decisions.Meet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	rules, err := m.Read(in.Body.Rules.written(m))
	if err != nil {
		return nil, moved(err, ofRules)
	}
	p, err := a.Decisions.WhatIf(ctx, m, rules)
	if err != nil {
		return nil, err
	}
	out := &tryOut{tryBody{BestChoice: choiceOf(m, p), Prices: []rulePrice{}, Why: map[string]choiceWhy{},
		More: moreOf(p.More), Others: []moreBody{}}}
	if c := p.Careful; c != nil {
		out.Body.Care = &carefulBody{c.Mean, c.Worst, c.BoldMean, c.BoldWorst, append([]string{}, c.In...), append([]string{}, c.Out...)}
	}
	for _, c := range p.Others {
		out.Body.Others = append(out.Body.Others, moreOf(c))
	}
	for _, x := range p.Prices {
		out.Body.Prices = append(out.Body.Prices, rulePrice{RuleTerm(x.Term), x.Used, x.Low, x.High})
	}
	for id, w := range p.Why {
		why := choiceWhy{w.Value, w.Margin, []ruleCharge{}}
		for _, c := range w.Charges {
			why.Charges = append(why.Charges, ruleCharge{RuleTerm(c.Term), c.Points})
		}
		out.Body.Why[id] = why
	}
	return out, nil
}

type scenarioNewIn struct {
	ByID
	Body struct {
		Name  string      `json:"name" maxLength:"60"`
		Why   string      `json:"why" maxLength:"500"`
		Rules choiceRules `json:"rules"`
	}
}

type scenarioOut struct{ Body scenarioBody }

func (a *API) scenarioNew(ctx context.Context, actor access.Actor, in *scenarioNewIn) (*scenarioOut, error) {
	m, err := a.Decisions.Meet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	x, err := a.Decisions.SaveScenario(ctx, actor, in.ID, in.Body.Name, in.Body.Why, in.Body.Rules.written(m))
	if err != nil {
		return nil, moved(err, ofRules)
	}
	return &scenarioOut{scenarioOf(m, x)}, nil
}

// ByScenario is the keys of a list and of a scenario about it.
type ByScenario struct {
	ByID
	Scenario string `path:"scenario"`
}

type stepBody struct {
	Proposal string `json:"proposal_id"`
	From     string `json:"from" doc:"The outcome now."`
	To       string `json:"to" enum:"fund,open" doc:"open: it gets the outcome of those that are not funded."`
}

type applicationOut struct {
	Body struct {
		Scenario scenarioBody `json:"scenario"`
		Key      string       `json:"key" doc:"Names what was looked at; send it to choose."`
		Steps    []stepBody   `json:"steps"`
		Others   []string     `json:"others" doc:"Outcomes for what is not funded."`
		May      bool         `json:"may_choose"`
	}
}

func (a *API) scenarioGet(ctx context.Context, actor access.Actor, in *ByScenario) (*applicationOut, error) {
	p, err := a.Decisions.Application(ctx, actor, in.ID, in.Scenario)
	if err != nil {
		return nil, err
	}
	out := &applicationOut{}
	b := &out.Body
	b.Scenario, b.Key, b.Steps, b.Others, b.May = scenarioOf(p.Meeting, p.Scenario), p.Key(), []stepBody{}, slices.Clone(p.Others), p.MayApply()
	for _, s := range p.Steps {
		b.Steps = append(b.Steps, stepBody{s.ProposalID, s.Outcome, s.To})
	}
	return out, nil
}

type scenarioChooseIn struct {
	ByScenario
	Body struct {
		Key    string `json:"key"`
		Other  string `json:"other" enum:"reserve,reject" doc:"What becomes of the rest."`
		Reason string `json:"reason" maxLength:"1000" doc:"Of what is not funded."`
	}
}

func (a *API) scenarioChoose(ctx context.Context, actor access.Actor, in *scenarioChooseIn) (*decisionOut, error) {
	if err := a.Decisions.Apply(ctx, actor, in.ID, in.Scenario, in.Body.Key, in.Body.Other, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, &in.ByID)
}

// ByRow is the keys of a list and of a proposal on it.
type ByRow struct {
	ByID
	Proposal string `path:"proposal"`
}

type riskIn struct {
	ByRow
	Body struct {
		Class  string `json:"class" enum:"low,medium,high"`
		Reason string `json:"reason" maxLength:"1000"`
	}
}

func (a *API) meetingRisk(ctx context.Context, actor access.Actor, in *riskIn) (*none, error) {
	return nil, a.Decisions.Class(ctx, actor, in.ID, in.Proposal, in.Body.Class, in.Body.Reason)
}

type meetingRecuseIn struct {
	ByRow
	Body struct {
		Person string `json:"person_id,omitempty" doc:"Yourself where not said; as staff, somebody who has a seat."`
		Reason string `json:"reason" maxLength:"500"`
	}
}

// meetingRecuse answers with nothing: who is recused sees the row no more.
func (a *API) meetingRecuse(ctx context.Context, actor access.Actor, in *meetingRecuseIn) (*none, error) {
	return nil, moved(a.Decisions.Recuse(ctx, actor, in.ID, in.Proposal, in.Body.Person, in.Body.Reason), func(field string) string {
		return map[string]string{"conflict": "reason", "person": "person_id"}[field]
	})
}

type dissentIn struct {
	ByID
	Body struct {
		Proposal string `json:"proposal_id,omitempty" doc:"None for the list as a whole."`
		Reasons  string `json:"reasons" maxLength:"2000"`
	}
}

func (a *API) meetingDissent(ctx context.Context, actor access.Actor, in *dissentIn) (*none, error) {
	m, err := a.Decisions.Meet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	number := ""
	if in.Body.Proposal != "" {
		number = numbersOf(m, []string{in.Body.Proposal})
	}
	return nil, moved(a.Decisions.Dissent(ctx, actor, in.ID, number, in.Body.Reasons), func(field string) string {
		return map[string]string{"number": "proposal_id", "dissent": "reasons"}[field]
	})
}

type byMember struct {
	ByID
	Person string `path:"person"`
}

func (a *API) meetingSit(ctx context.Context, actor access.Actor, in *byMember) (*none, error) {
	return nil, a.Decisions.Sit(ctx, actor, in.ID, in.Person)
}

func (a *API) meetingLeave(ctx context.Context, actor access.Actor, in *byMember) (*none, error) {
	return nil, a.Decisions.Leave(ctx, actor, in.ID, in.Person)
}

type bottleneckBody struct {
	Key      string    `json:"key" doc:"Names it in rules."`
	Map      string    `json:"map_id"`
	Node     string    `json:"node_id"`
	Title    lang.Text `json:"title"`
	Question string    `json:"question_id,omitempty" doc:"By which the call came to the node."`
	All      bool      `json:"all" doc:"By the record every proposal of the call covers it, as long as nobody says otherwise."`
	Covered  []string  `json:"proposals" doc:"That cover it, in order of rank."`
}

type bottlenecksOut struct {
	Body struct {
		Bottlenecks []bottleneckBody `json:"bottlenecks"`
	}
}

func (a *API) meetingBottlenecks(ctx context.Context, actor access.Actor, in *ByID) (*bottlenecksOut, error) {
	m, err := a.Decisions.Meet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &bottlenecksOut{}
	out.Body.Bottlenecks = []bottleneckBody{}
	for _, b := range m.Bottlenecks {
		out.Body.Bottlenecks = append(out.Body.Bottlenecks, bottleneckBody{b.Key(), b.Map.ID, b.Node.ID, b.Node.Title, b.Question.ID, b.All, append([]string{}, b.Covered...)})
	}
	return out, nil
}

type coverIn struct {
	ByID
	Map  string `path:"map"`
	Node string `path:"node"`
	Body struct {
		Proposals []string `json:"proposals" maxItems:"5000" doc:"All that cover it."`
		Reason    string   `json:"reason" maxLength:"500"`
	}
}

func (a *API) meetingCover(ctx context.Context, actor access.Actor, in *coverIn) (*none, error) {
	m, err := a.Decisions.Meet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return nil, moved(a.Decisions.Cover(ctx, actor, in.ID, in.Map+"/"+in.Node, numbersOf(m, in.Body.Proposals), in.Body.Reason), func(field string) string {
		return map[string]string{"of": "proposals", "reason": "reason"}[field]
	})
}
