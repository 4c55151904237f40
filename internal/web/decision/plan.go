package decision

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/portfolio"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// value names a value of a dimension.
func value(ctx context.Context, m decision.Meeting, dimension, v string) string {
	return shell.Say(ctx, m.Named(dimension, v))
}

// whats are what a limit can be about.
func whats(ctx context.Context, m decision.Meeting, chosen string) []shell.Option {
	out := []shell.Option{{Value: "", Label: shell.T(ctx, "decision.limit.nothing")}, {Value: "all", Label: shell.T(ctx, "decision.limit.all"), Chosen: chosen == "all"}}
	known := false
	for _, d := range decision.Dimensions {
		for _, v := range m.Values(d) {
			o := shell.Option{Value: d + ":" + v, Label: shell.T(ctx, "decision.dimension."+d) + ": " + value(ctx, m, d, v), Chosen: chosen == d+":"+v}
			known = known || o.Chosen
			out = append(out, o)
		}
	}
	if d, v, ok := strings.Cut(chosen, ":"); ok && !known { // of a list that has no such proposal any more
		out = append(out, shell.Option{Value: chosen, Label: shell.T(ctx, "decision.dimension."+d) + ": " + value(ctx, m, d, v), Chosen: true})
	}
	return out
}

func measures(ctx context.Context, chosen string) []shell.Option {
	var out []shell.Option
	for _, b := range decision.Measures {
		out = append(out, shell.Option{Value: b, Label: shell.T(ctx, "decision.by."+b), Chosen: b == chosen})
	}
	return out
}

// lines are the limits of the form, with some empty ones.
func (v room) lines() []decision.LimitInput {
	return append(v.in.Limits[:len(v.in.Limits):len(v.in.Limits)], make([]decision.LimitInput, spareLimits)...)
}

// ties are those of the form, with one that is empty.
func (v room) ties() []decision.TieInput {
	return append(v.in.Ties[:len(v.in.Ties):len(v.in.Ties)], decision.TieInput{})
}

// noTie is the option of a form for a tie that is none.
const noTie = "none"

func tieKinds(ctx context.Context, chosen string) []shell.Option {
	out := []shell.Option{{Value: noTie, Label: shell.T(ctx, "decision.limit.nothing")}}
	for _, k := range decision.Ties {
		out = append(out, shell.Option{Value: k, Label: shell.T(ctx, "decision.tie."+k), Chosen: k == chosen})
	}
	return out
}

// nodes are the bottlenecks that a tie can be about.
func nodes(ctx context.Context, m decision.Meeting, chosen string) []shell.Option {
	out := []shell.Option{{Value: "", Label: shell.T(ctx, "decision.tie.node.none")}}
	for _, b := range m.Bottlenecks {
		out = append(out, shell.Option{Value: b.Key(), Label: shell.T(ctx, "decision.tie.node.of", b.Node.Title, len(b.Covered)), Chosen: b.Key() == chosen})
	}
	return out
}

// bottleneckName is what the map calls the bottleneck of a tie, else what somebody did.
func bottleneckName(ctx context.Context, m decision.Meeting, t decision.Tie) string {
	if b, known := m.Bottleneck(t.Node); known {
		return shell.Say(ctx, b.Node.Title)
	}
	return t.Name
}

// potName names a pot: all money, or whose and of which year.
func potName(ctx context.Context, m decision.Meeting, p decision.Pot) string {
	return shell.Say(ctx, m.PotName(p))
}

// about names what a limit counts: "Career: early, awards".
func about(ctx context.Context, m decision.Meeting, l decision.Limit) string {
	what := shell.T(ctx, "decision.limit.all")
	if l.Dimension != "" {
		what = shell.T(ctx, "decision.dimension."+l.Dimension) + ": " + value(ctx, m, l.Dimension, l.Value)
	}
	return shell.T(ctx, "decision.limit.of", what, shell.T(ctx, "decision.by."+l.By))
}

// quantity writes a number in the unit of a measure.
func quantity(ctx context.Context, m decision.Meeting, by string, n int64) string {
	switch by {
	case decision.ByNumber:
		return shell.Number(ctx, n)
	case decision.ByMoney:
		return shell.Money(ctx, n, m.Budget.Currency)
	}
	return strconv.FormatFloat(float64(n)*100/portfolio.Whole, 'f', 1, 64) + " %"
}

// termName names a rule.
func termName(ctx context.Context, v room, t decision.Term) string {
	switch t.Kind {
	case "pot":
		return potName(ctx, v.Meeting, v.plan.Rules.Pots[t.Index])
	case "floor", "ceiling":
		return about(ctx, v.Meeting, v.plan.Rules.Limits[t.Index])
	case decision.Covers, "risk":
		return shell.T(ctx, "decision.term."+t.Kind)
	case decision.Needs:
		tie := v.plan.Rules.Ties[t.Index]
		needed := tie.Proposals[1:]
		if t.Proposal != "" {
			needed = []string{t.Proposal}
		}
		return shell.T(ctx, "decision.term.needs", numberOf(v.Meeting, tie.Proposals[0]), listed(ctx, v.Meeting, needed))
	case decision.AtLeast, decision.AtMost:
		tie := v.plan.Rules.Ties[t.Index]
		return shell.T(ctx, "decision.term."+t.Kind, tie.Count, listed(ctx, v.Meeting, tie.Proposals))
	}
	return shell.T(ctx, "decision.term."+t.Kind, numberOf(v.Meeting, t.Proposal))
}

func numberOf(m decision.Meeting, id string) string {
	r, _ := m.View.Row(id)
	return r.Number
}

// stand says what a choice has of a rule, and what the rule asks: "6 · at least 6".
func stand(ctx context.Context, v room, p decision.Price) string {
	switch p.Kind {
	case "pot":
		pot := v.plan.Rules.Pots[p.Index]
		return shell.T(ctx, "decision.stand.ceiling", shell.Money(ctx, p.Used, v.Budget.Currency), shell.Money(ctx, pot.Minor, v.Budget.Currency))
	case "floor":
		l := v.plan.Rules.Limits[p.Index]
		return shell.T(ctx, "decision.stand.floor", quantity(ctx, v.Meeting, l.By, p.Used), quantity(ctx, v.Meeting, l.By, *l.Min))
	case "ceiling":
		l := v.plan.Rules.Limits[p.Index]
		return shell.T(ctx, "decision.stand.ceiling", quantity(ctx, v.Meeting, l.By, p.Used), quantity(ctx, v.Meeting, l.By, *l.Max))
	case decision.AtLeast:
		return shell.T(ctx, "decision.stand.floor", shell.Number(ctx, p.Used), shell.Number(ctx, v.plan.Rules.Ties[p.Index].Count))
	case decision.AtMost:
		return shell.T(ctx, "decision.stand.ceiling", shell.Number(ctx, p.Used), shell.Number(ctx, v.plan.Rules.Ties[p.Index].Count))
	}
	return ""
}

// coverings say what of each bottleneck the choice covers.
func coverings(ctx context.Context, v room) []string {
	var out []string
	for _, t := range v.plan.Rules.Ties {
		if t.Kind == decision.Covers {
			n, worth := v.plan.Covered(t)
			out = append(out, shell.T(ctx, "decision.covered", bottleneckName(ctx, v.Meeting, t), n, len(t.Proposals), points(worth)))
		}
	}
	return out
}

// costs says the price of a rule: free, so many points, or between two where time was short.
func costs(ctx context.Context, p decision.Price) string {
	low, high := points(p.Low), points(p.High)
	switch {
	case high == points(0):
		return shell.T(ctx, "decision.price.free")
	case low == high:
		return shell.T(ctx, "decision.price", low)
	}
	return shell.T(ctx, "decision.price.range", low, high)
}

// binds reports whether something could be gained without a rule.
func binds(p decision.Price) bool { return points(p.High) != points(0) }

// proven says how near to the best a plan is: "0.00 %".
func proven(p *decision.Plan) string {
	if p.Optimal {
		return "0 %"
	}
	return strconv.FormatFloat(math.Ceil(p.Gap()*10000)/100, 'f', 2, 64) + " %"
}

// because says in a line why a row is in the best choice or out of it.
func because(ctx context.Context, v room, r decision.Row) string {
	w, known := v.plan.Why[r.ProposalID]
	in := v.plan.Funded[r.ProposalID]
	taken := points(w.Value - w.Margin)
	switch {
	case r.Rank == nil:
		return shell.T(ctx, "decision.because.unread")
	case !known && v.plan.Rules.Bar > 0 && r.Rank.Score < v.plan.Rules.Bar:
		return shell.T(ctx, "decision.because.bar", points(v.plan.Rules.Bar))
	case !known:
		return ""
	case in && w.Margin >= 0:
		return shell.T(ctx, "decision.because.in", points(w.Value), taken, points(math.Abs(w.Margin)))
	case !in && w.Margin <= 0:
		return shell.T(ctx, "decision.because.out", points(w.Value), taken, points(math.Abs(w.Margin)))
	}
	return shell.T(ctx, "decision.because.fit", points(w.Value), taken)
}

// briefly is because in a number: what a row has to spare or lacks.
func briefly(ctx context.Context, v room, r decision.Row) string {
	if w, known := v.plan.Why[r.ProposalID]; known {
		return shell.T(ctx, "decision.meeting.margin", signed(w.Margin))
	}
	return because(ctx, v, r)
}

func worths(ctx context.Context, chosen string) []shell.Option {
	var out []shell.Option
	for _, x := range decision.Worths {
		out = append(out, shell.Option{Value: x, Label: shell.T(ctx, "decision.worth."+x), Chosen: x == chosen})
	}
	return out
}

func cautions(ctx context.Context, chosen string) []shell.Option {
	var out []shell.Option
	for _, x := range decision.Cautions {
		out = append(out, shell.Option{Value: x, Label: shell.T(ctx, "decision.caution."+cmp.Or(x, "none")), Chosen: x == chosen})
	}
	return out
}

// widened says what more money would do.
func widened(ctx context.Context, c decision.Change) string {
	if len(c.In) == 0 && len(c.Out) == 0 {
		return shell.T(ctx, "decision.more.nothing")
	}
	return shell.T(ctx, "decision.more", between(ctx, c.Low, c.High), len(c.In), len(c.Out))
}

// fewer says how many points another choice has less than the best.
func fewer(ctx context.Context, c decision.Change) string {
	return shell.T(ctx, "decision.others.fewer", between(ctx, max(-c.High, 0), max(-c.Low, 0)))
}

// between are points, or what they lie between where they differ as they are written.
func between(ctx context.Context, low, high float64) string {
	if points(low) == points(high) {
		return points(low)
	}
	return shell.T(ctx, "decision.more.range", points(low), points(high))
}

// swapped names who comes in and who goes out by a change.
func swapped(ctx context.Context, v room, c decision.Change) string {
	return shell.Sentences(shell.When(len(c.In) > 0, shell.T(ctx, "decision.more.in", listed(ctx, v.Meeting, c.In))),
		shell.When(len(c.Out) > 0, shell.T(ctx, "decision.more.out", listed(ctx, v.Meeting, c.Out))))
}

// listed are numbers of proposals with commas.
func listed(ctx context.Context, m decision.Meeting, ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, numberOf(m, id))
	}
	return strings.Join(out, shell.T(ctx, "review.assign.comma"))
}

// spent is what a plan gives.
func spent(m decision.Meeting, p *decision.Plan) money.Amount {
	return money.Amount{Minor: m.Spent(p), Currency: m.Budget.Currency}
}

// sums are the limits of all scenarios, each once, for the rows of their table.
func sums(m decision.Meeting) []decision.Limit {
	var out []decision.Limit
	seen := map[string]bool{}
	for _, x := range m.Scenarios {
		for _, l := range x.Rules.Limits {
			l.Min, l.Max = nil, nil
			if key := fmt.Sprint(l); !seen[key] {
				seen[key] = true
				out = append(out, l)
			}
		}
	}
	return out
}

// binding are the ties of all scenarios, each once, for the rows of their table.
func binding(m decision.Meeting) []decision.Tie {
	var out []decision.Tie
	seen := map[string]bool{}
	for _, x := range m.Scenarios {
		for _, t := range x.Rules.Ties {
			t.Count, t.Points = 0, nil
			if key := fmt.Sprint(t.Node, t.Name, t.Proposals); !seen[key] {
				seen[key] = true
				out = append(out, t)
			}
		}
	}
	return out
}

// tied names a tie by its bottleneck, else by its proposals.
func tied(ctx context.Context, m decision.Meeting, t decision.Tie) string {
	return cmp.Or(bottleneckName(ctx, m, t), listed(ctx, m, t.Proposals))
}

// amongThem is how many of a tie a choice funds: "1 / 3".
func amongThem(t decision.Tie, p *decision.Plan) string {
	n, _ := p.Covered(t)
	return fmt.Sprintf("%d / %d", n, len(t.Proposals))
}

// differs counts what a scenario funds and the first does not, and the other way round.
func differs(ctx context.Context, m decision.Meeting, x decision.Scenario) string {
	in, out := 0, 0
	first := m.Scenarios[0].Plan
	for _, r := range m.View.Rows {
		switch a, b := first.Funded[r.ProposalID], x.Plan.Funded[r.ProposalID]; {
		case b && !a:
			in++
		case a && !b:
			out++
		}
	}
	if in+out == 0 {
		return "—"
	}
	return shell.T(ctx, "decision.scenario.differs", in, out)
}

// delta is how much less or more a scenario is worth than the first, for the eye and for words.
func delta(m decision.Meeting, x decision.Scenario) (text, class string) {
	d := x.Plan.Value - m.Scenarios[0].Plan.Value
	switch text = signed(d); {
	case text == "0":
		return "", ""
	case d < 0:
		return text, "down"
	}
	return text, "up"
}

// chances are the ways to narrow the rows of a meeting.
func chances(ctx context.Context, v room) []shell.Option {
	out := []shell.Option{{Value: "", Label: shell.T(ctx, "decision.only.all")}, {Value: "chosen", Label: shell.T(ctx, "decision.only.chosen")}, {Value: "left", Label: shell.T(ctx, "decision.only.left")}}
	return append(out, onlys(ctx, v.View)[1:]...)
}

// keepsRules are the parameters of the address that name the rules.
func keepsRules(ctx context.Context) [][2]string {
	var out [][2]string
	q := shell.Of(ctx).URL.Query()
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains([]string{"q", "only", "page", "done", "lang"}, name) {
			out = append(out, [2]string{name, q.Get(name)})
		}
	}
	return out
}

// tags are the attributes that the eye looks for in a row.
func tags(ctx context.Context, m decision.Meeting, r decision.Row) []string {
	var out []string
	if r.Risk.Class == "high" {
		out = append(out, shell.T(ctx, "decision.tag.risk"))
	}
	if r.Traits["career"] == "early" {
		out = append(out, shell.T(ctx, "decision.tag.early"))
	}
	if f := r.Traits["field"]; f != "" {
		out = append(out, value(ctx, m, "field", f))
	}
	return out
}

// insider reports whether the viewer may read the list itself, not only meet about it.
func insider(v decision.View) bool {
	return v.Set.Any(access.Of(access.Staff, access.Signer, access.Audit))
}

// home is where a decision opens for the viewer: the list, or for who only has a seat the meeting.
func home(ctx context.Context, d decision.Decision) string {
	if shell.Of(ctx).Actor.Staffing(d.AgencyID, "", d.CallID).Any(access.Of(access.Staff, access.Signer, access.Audit)) {
		return "/decisions/" + d.ID
	}
	return "/decisions/" + d.ID + "/meeting"
}

// potHint says what the budget lines hold for a year.
func potHint(ctx context.Context, m decision.Meeting, p decision.Pot) string {
	if p.Year == 0 || p.Minor == 0 {
		return ""
	}
	return shell.T(ctx, "decision.pot.holds", shell.Money(ctx, p.Minor, m.Budget.Currency))
}

func risks(ctx context.Context) []shell.Option {
	var out []shell.Option
	for _, c := range decision.Risks {
		out = append(out, shell.Option{Value: c, Label: shell.T(ctx, "decision.risk."+c)})
	}
	return out
}

func seatOptions(ctx context.Context, m decision.Meeting) []shell.Option {
	out := []shell.Option{{Value: "", Label: shell.T(ctx, "decision.conflict.own")}}
	for _, x := range m.Seats {
		out = append(out, shell.Option{Value: x.Person, Label: x.Name})
	}
	return out
}

// others is what becomes of the rest, as chosen or the mildest that the scheme has.
func others(p decision.Application, typed *shell.Form) string {
	if chosen := typed.Typed("other"); chosen != "" {
		return chosen
	}
	return p.Others[0]
}

func otherOptions(ctx context.Context, p decision.Application) []shell.Option {
	var out []shell.Option
	for _, o := range p.Others {
		out = append(out, shell.Option{Value: o, Label: shell.T(ctx, "decision.outcome."+o)})
	}
	return out
}

// rowFacts are what the meeting knows of a proposal.
func rowFacts(ctx context.Context, v room, r decision.Row) []shell.Fact {
	out := []shell.Fact{{Name: shell.T(ctx, "decision.rank"), Value: shell.Text(strconv.Itoa(r.Place))}}
	if r.Rank != nil {
		out = append(out, shell.Fact{Name: shell.T(ctx, "decision.interval"), Value: shell.Text(shell.T(ctx, "decision.interval.of", r.Rank.Low, r.Rank.High))},
			shell.Fact{Name: shell.T(ctx, "decision.row.score"), Value: shell.Text(points(r.Rank.Score))})
	}
	for _, d := range decision.Dimensions {
		switch {
		case d == "risk": // it has a part of its own
			continue
		case d == decision.Covering:
			out = append(out, covers(ctx, v.Meeting, r)...)
			continue
		}
		out = append(out, shell.Fact{Name: shell.T(ctx, "decision.dimension."+d), Value: shell.Text(value(ctx, v.Meeting, d, r.Traits[d]))})
	}
	return out
}

// covers are the bottlenecks that a proposal covers; nothing where no technology map has to do with the list.
func covers(ctx context.Context, m decision.Meeting, r decision.Row) []shell.Fact {
	var out []shell.Fact
	for _, key := range r.Covers {
		out = append(out, shell.Fact{Name: shell.T(ctx, "decision.dimension.bottleneck"), Value: shell.Text(value(ctx, m, decision.Covering, key))})
	}
	if len(out) == 0 && len(m.Bottlenecks) > 0 {
		out = append(out, shell.Fact{Name: shell.T(ctx, "decision.dimension.bottleneck"), Value: shell.Text(shell.T(ctx, "decision.bottleneck.none"))})
	}
	return out
}
