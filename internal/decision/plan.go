package decision

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

// Rules are what a choice has to keep, as a meeting writes them.
type Rules struct {
	Worth   string   `json:"worth"`             // one of Worths
	Caution string   `json:"caution,omitempty"` // one of Cautions
	Pots    []Pot    `json:"pots,omitempty"`
	Limits  []Limit  `json:"limits,omitempty"`
	Ties    []Tie    `json:"ties,omitempty"`
	Bar     float64  `json:"bar,omitempty"` // the least corrected score that may be funded
	In, Out []string `json:",omitempty"`    // keys of proposals that are settled
}

// What a choice is worth: the sum of the corrected scores of its money, each sum at the
// score of what it funds, or of its awards. By money the order of the scores leads; by award
// two cheap proposals are preferred to one dear one of nearly twice their score.
const (
	ByWeight = "money"
	ByAward  = "award"
)

// Worths are the ways to count worth, the usual one first.
var Worths = []string{ByWeight, ByAward}

// Pot is money of which a choice takes at most Minor: of one agency in one year, or
// with year 0 of all agencies and years.
type Pot struct {
	AgencyID string `json:"agency,omitempty"`
	Year     int    `json:"year,omitempty"`
	Minor    int64  `json:"minor"`
}

// What a limit counts.
const (
	ByNumber = "number"      // awards
	ByMoney  = "money"       // minor units
	ByShare  = "share"       // of the awards, in millionths
	ByPart   = "money-share" // of the money, in millionths
)

// Measures are the ways to count, in the order in which they are offered.
var Measures = []string{ByNumber, ByMoney, ByShare, ByPart}

// Limit is a floor, a ceiling or both on what is funded of the proposals that have a
// value in a dimension; without a dimension on all.
type Limit struct {
	Dimension string `json:"dimension,omitempty"`
	Value     string `json:"value,omitempty"`
	By        string `json:"by"`
	Min       *int64 `json:"min,omitempty"`
	Max       *int64 `json:"max,omitempty"`
}

// holds reports whether a row counts for the limit.
func (l Limit) holds(r Row) bool { return l.Dimension == "" || r.has(l.Dimension, l.Value) }

// Plan is the best choice under rules, with its proof.
type Plan struct {
	Rules        Rules
	Key          string // of what it was reckoned from
	Funded       map[string]bool
	Value, Bound float64 // points: sums of corrected scores
	Optimal      bool    // proven best
	Found        bool    // something keeps all rules; else Conflict says what cannot hold together
	Conflict     []Term
	Minimal      bool // dropping any one of Conflict would resolve it

	Careful *Careful // beside the choice without caution; nil without caution

	Prices []Price
	More   Change   // with 5 % more of every pot
	Others []Change // the nearest other choices, the best first
	Why    map[string]Why
	Took   time.Duration
}

// Gap is how far the value may be below the best, as a part of it.
func (p *Plan) Gap() float64 {
	if p.Value == 0 {
		return 0
	}
	return (p.Bound - p.Value) / p.Value
}

// Term names a rule: a pot or a limit by its place in Rules, or a proposal that is settled.
type Term struct {
	Kind     string // pot, floor, ceiling, in, out, risk (what caution takes off), or the kind of a tie
	Index    int    // in Pots, Limits or Ties
	Proposal string // of in and out; of Needs, the one that is needed
}

// Price is what a rule costs: so many points more could be had without it. Low was
// found, no more than High is possible.
type Price struct {
	Term
	Used      int64 // of the pot, or reached of the limit, in its unit
	Low, High float64
}

// Change is another choice beside the best: what another amount of money would lead to, or the next best.
type Change struct {
	Low, High float64 // points gained: so many were found, no more are possible
	In, Out   []string
}

// Why says why a proposal is in or out: its score, less what it takes of scarce things.
// Where Margin has the wrong sign, what fits together decides.
type Why struct {
	Value, Margin float64
	Charges       []Charge
}

// Charge is what a rule adds to the price of a proposal, in points.
type Charge struct {
	Term
	Points float64
}

// How long a choice may take. The parts leave room for the page within a second.
const (
	choosing = 350 * time.Millisecond
	pricing  = 250 * time.Millisecond
	widening = 100 * time.Millisecond
	looking  = 150 * time.Millisecond // for other choices
	near     = 1e-5                   // proven within this of the best is good enough
	more     = 5                      // per cent of money whose effect is told
	others   = 3                      // nearest other choices that are told
)

// model is the list as the engine knows it. Only reviewed proposals are in it: of the
// others nothing is known. Its proposals are rows by index.
func (v View) model(r Rules) (m *portfolio.Model, rows []int) {
	m = &portfolio.Model{}
	for i, p := range r.Pots {
		m.Budgets = append(m.Budgets, portfolio.Budget{Name: strconv.Itoa(i), Amount: p.Minor})
	}
	for i, l := range r.Limits {
		m.Limits = append(m.Limits, l.model(strconv.Itoa(i)))
	}
	settled := map[string]portfolio.Fixed{}
	for _, id := range r.In {
		settled[id] = portfolio.In
	}
	for _, id := range r.Out {
		settled[id] = portfolio.Out
	}
	mean, at := v.mean(), map[string]int{}
	worth := func(row Row, score float64) int64 {
		if r.Worth == ByWeight {
			score *= float64(row.would().Minor) / mean
		}
		return int64(math.Round(score * portfolio.Point))
	}
	for i, row := range v.Rows {
		if row.Rank == nil || row.Rank.Score < r.Bar && settled[row.ProposalID] != portfolio.In {
			continue
		}
		level := portfolio.Level{Value: worth(row, row.Rank.Score)}
		for _, p := range r.Pots {
			level.Cost = append(level.Cost, row.cost(p))
		}
		m.Proposals = append(m.Proposals, portfolio.Proposal{ID: row.ProposalID, Levels: []portfolio.Level{level}, Attributes: r.attributes(row), Fixed: settled[row.ProposalID]})
		at[row.ProposalID] = len(rows)
		rows = append(rows, i)
	}
	for i, t := range r.Ties {
		t.join(m, strconv.Itoa(i), at)
	}
	v.mind(r, m, rows, worth)
	return m, rows
}

// attributes are those of a row that rules may count: one of its own for each bottleneck that they name,
// as the engine knows one value of an attribute.
func (r Rules) attributes(row Row) map[string]string {
	out := row.Traits
	for _, l := range r.Limits {
		if l.Dimension != Covering {
			continue
		}
		if len(out) == len(row.Traits) {
			out = maps.Clone(out)
		}
		out[Covering+":"+l.Value] = map[bool]string{true: "yes", false: "no"}[l.holds(row)]
	}
	return out
}

// mean is what a proposal takes on average, so that points by money compare to points by
// awards; 1 where nothing is asked for.
func (v View) mean() float64 {
	sum := int64(0)
	for _, r := range v.Rows {
		sum += r.would().Minor
	}
	if sum == 0 {
		return 1
	}
	return float64(sum) / float64(len(v.Rows))
}

// model is a limit for the engine. Money is counted out of the first pot, which is all of it.
func (l Limit) model(name string) portfolio.Limit {
	out := portfolio.Limit{Name: name, Money: l.By == ByMoney || l.By == ByPart, Share: l.By == ByShare || l.By == ByPart, Min: portfolio.NoLo, Max: portfolio.NoHi}
	if out.Money {
		out.Budget = "0"
	}
	switch l.Dimension {
	case "":
	case Covering:
		out.Where = map[string][]string{Covering + ":" + l.Value: {"yes"}}
	default:
		out.Where = map[string][]string{l.Dimension: {l.Value}}
	}
	if l.Min != nil {
		out.Min = *l.Min
	}
	if l.Max != nil {
		out.Max = *l.Max
	}
	return out
}

// costs is what funding a row takes: as its lines divide it, else what it asks for, over
// the years as it asks.
func (r Row) costs() map[Pot]int64 {
	out := map[Pot]int64{}
	if len(r.Lines) > 0 {
		for _, l := range r.Lines {
			out[Pot{AgencyID: l.AgencyID, Year: l.Year}] += l.Amount.Minor
		}
		return out
	}
	years, asked := make([]int, 0, len(r.asks)), make([]int64, 0, len(r.asks))
	for _, a := range r.asks {
		years, asked = append(years, a.year), append(asked, a.minor)
	}
	for i, part := range share(r.Asked.Minor, asked) {
		out[Pot{AgencyID: r.agency, Year: years[i]}] += part
	}
	return out
}

// cost is what funding a row takes of a pot, in minor units.
func (r Row) cost(p Pot) int64 {
	if p.Year == 0 {
		return r.would().Minor
	}
	return r.costs()[Pot{AgencyID: p.AgencyID, Year: p.Year}]
}

// plan finds the best choice among the rows. With explain it also says what each rule
// costs, what more money would change, and why each proposal is in or out. Without a time
// to spare a search ends with what it has: the bound says how good that is.
func (s *Service) plan(ctx context.Context, v View, r Rules, explain bool) (*Plan, error) {
	m, rows := v.model(r)
	b, err := json.Marshal([]any{m, r, explain})
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(b)
	if known := s.plans.get(key); known != nil {
		return known, nil
	}
	began := time.Now()
	p := &Plan{Rules: r, Key: keyOf(m), Funded: map[string]bool{}, Why: map[string]Why{}}
	if len(m.Proposals) == 0 {
		return p, nil
	}
	d, err := portfolio.Decide(ctx, m, portfolio.Options{Time: choosing, Gap: near, Seed: 1})
	if err != nil {
		return nil, err
	}
	switch {
	case d.Taken != nil:
		p.take(d, m)
		if explain {
			err = errors.Join(p.compare(ctx, d, m), p.explain(ctx, d, m, v, rows))
		}
	case d.Done:
		var rules []portfolio.Rule
		rules, p.Minimal, err = d.Conflict(ctx)
		for _, rule := range rules {
			p.Conflict = append(p.Conflict, r.term(rule))
		}
	}
	if p.Took = time.Since(began); err == nil {
		s.plans.put(key, p)
	}
	return p, err
}

// keyOf names what a plan is found from: equal lists under equal rules have equal keys.
func keyOf(m *portfolio.Model) string {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // names and whole numbers always encode
	}
	return hexOf(sha256.Sum256(b))
}

func (p *Plan) take(d *portfolio.Decision, m *portfolio.Model) {
	p.Found, p.Value, p.Bound, p.Optimal = true, float64(d.Value)/portfolio.Point, float64(d.Bound)/portfolio.Point, d.Optimal()
	for i, l := range d.Level {
		if l > 0 {
			p.Funded[m.Proposals[i].ID] = true
		}
	}
}

func (p *Plan) explain(ctx context.Context, d *portfolio.Decision, m *portfolio.Model, v View, rows []int) error {
	prices, err := d.Prices(ctx, pricing)
	if err != nil {
		return err
	}
	for _, x := range prices {
		price := Price{Term: p.Rules.term(x.Rule), Low: x.Cost.Low, High: x.Cost.High}
		price.Used = v.used(p.Rules, price.Term, p.Funded)
		p.Prices = append(p.Prices, price)
	}
	wider, err := d.MoreMoney(ctx, more, widening)
	if err != nil {
		return err
	}
	p.More = changed(wider, m)
	next, err := d.Alternatives(ctx, others, looking)
	if err != nil {
		return err
	}
	for _, c := range next {
		p.Others = append(p.Others, changed(c, m))
	}
	for i, reason := range d.Reasons() {
		why := Why{Value: reason.Value, Margin: reason.Margin}
		for _, c := range reason.Charges {
			why.Charges = append(why.Charges, Charge{p.Rules.term(c.Rule), c.Points})
		}
		p.Why[v.Rows[rows[i]].ProposalID] = why
	}
	return nil
}

// changed is a change of the engine as the meeting knows it.
func changed(x portfolio.Change, m *portfolio.Model) Change {
	c := Change{Low: x.Gain.Low, High: x.Gain.High}
	for _, i := range x.In {
		c.In = append(c.In, m.Proposals[i].ID)
	}
	for _, i := range x.Out {
		c.Out = append(c.Out, m.Proposals[i].ID)
	}
	return c
}

// term is a rule of the engine as the meeting knows it.
func (r Rules) term(x portfolio.Rule) Term {
	switch x.Kind {
	case "in", "out":
		return Term{Kind: x.Kind, Proposal: x.Name}
	case "bottlenecks":
		return Term{Kind: Covers}
	case "risk":
		return Term{Kind: x.Kind}
	case "need":
		return r.need(x.Name)
	}
	i, err := strconv.Atoi(x.Name)
	if err != nil {
		panic(errors.New("decision: the engine names a rule that was not given to it: " + x.String()))
	}
	switch x.Kind {
	case "budget":
		return Term{Kind: "pot", Index: i}
	case "floor", "ceiling":
		return Term{Kind: x.Kind, Index: i}
	}
	return Term{Kind: r.Ties[i].Kind, Index: i}
}

// need is the tie by which one proposal needs another, as the engine names it: "a needs b".
func (r Rules) need(name string) Term {
	whose, of, _ := strings.Cut(name, " needs ")
	i := slices.IndexFunc(r.Ties, func(t Tie) bool {
		return t.Kind == Needs && t.Proposals[0] == whose && slices.Contains(t.Proposals[1:], of)
	})
	if i < 0 {
		panic(errors.New("decision: the engine names a need that was not given to it: " + name))
	}
	return Term{Kind: Needs, Index: i, Proposal: of}
}

// used is what a choice takes of a pot or reaches of a limit, in the rule's unit.
func (v View) used(r Rules, t Term, funded map[string]bool) int64 {
	switch t.Kind {
	case "pot":
		sum := int64(0)
		for _, row := range v.Rows {
			if funded[row.ProposalID] {
				sum += row.cost(r.Pots[t.Index])
			}
		}
		return sum
	case "floor", "ceiling":
		return v.reached(r.Limits[t.Index], funded)
	case AtLeast, AtMost:
		return int64(r.Ties[t.Index].among(funded))
	}
	return 0
}

// reached is what a choice has of a limit, in its unit.
func (v View) reached(l Limit, funded map[string]bool) int64 {
	var some, all count
	for _, row := range v.Rows {
		if !funded[row.ProposalID] {
			continue
		}
		if all = all.with(row); l.holds(row) {
			some = some.with(row)
		}
	}
	return l.measure(some, all)
}

// count is a number of proposals and their money in minor units.
type count struct{ number, money int64 }

func (c count) with(r Row) count    { return count{c.number + 1, c.money + r.would().Minor} }
func (c count) without(r Row) count { return count{c.number - 1, c.money - r.would().Minor} }

// measure is what some of all funded proposals are in the unit of a limit.
func (l Limit) measure(some, all count) int64 {
	switch l.By {
	case ByNumber:
		return some.number
	case ByMoney:
		return some.money
	case ByShare:
		return part(some.number, all.number)
	}
	return part(some.money, all.money)
}

// part is a share in millionths; of nothing it is 0.
func part(some, all int64) int64 {
	if all == 0 {
		return 0
	}
	return int64(math.Round(portfolio.Whole * float64(some) / float64(all)))
}

// Spent is what a plan gives of the rows, in minor units.
func (v View) Spent(p *Plan) int64 {
	return v.used(Rules{Pots: []Pot{{}}}, Term{Kind: "pot"}, p.Funded)
}

// Reached is what a plan has of a limit, in its unit.
func (v View) Reached(l Limit, p *Plan) int64 { return v.reached(l, p.Funded) }
