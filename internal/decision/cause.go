package decision

import (
	"context"
	"slices"
	"strconv"

	"github.com/headwater-platform/headwater/engine/portfolio"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Cause is a rule of the meeting that decided about a proposal together with its rank. It says
// how the list stands against the rule, never which other proposals are on it.
type Cause struct {
	Kind     string    // Under to Held, AtLeast, AtMost, Needs
	Limit    *Limit    // of Full, Kept and Held
	Label    lang.Text // what a vocabulary calls the limit's value
	Pot      *Pot      // of Spent and Short
	Agency   lang.Text // whose the pot is; empty for the list's own
	Currency string
	Least    float64 // of Under: the score that is asked for
	Count    int64   // of AtLeast and AtMost
	Rank     int     // the lowest that got of it; 0 where nobody did
}

// Why a proposal is out, and with Held why it is in.
const (
	Under = "bar"     // its score is under the least that may be funded
	Full  = "ceiling" // with it a ceiling would be passed
	Spent = "pot"     // the money ended above it
	Short = "short"   // what was left when its turn came did not suffice; something after it cost less
	Kept  = "floor"   // something after it is funded for a floor that it does not count for
	Held  = "held"    // a floor asks for it, and the money would not have reached it by rank
)

// Said is the cause in words.
func (c Cause) Said() lang.Msg {
	switch c.Kind {
	case Under:
		return lang.M("decision.cause.bar", c.Least)
	case Full, Kept, Held:
		key, bound := "decision.cause."+c.Kind, c.Limit.Min
		if c.Kind == Full {
			if bound = c.Limit.Max; c.Rank == 0 {
				key += ".alone"
			}
		}
		return lang.M(key, c.about(), bounded(c.Limit.By, *bound, c.Currency), c.Rank)
	case Spent, Short:
		return lang.M("decision.cause."+c.Kind, c.Pot.named(c.Agency), money.Amount{Minor: c.Pot.Minor, Currency: c.Currency}, c.Rank)
	}
	return lang.M("decision.cause."+c.Kind, c.Count, c.Rank)
}

// about names what the limit counts: "Career stage: early".
func (c Cause) about() lang.Msg {
	if c.Limit.Dimension == "" {
		return lang.M("decision.limit.all")
	}
	return lang.M("decision.cause.about", lang.M("decision.dimension."+c.Limit.Dimension), named(c.Limit.Dimension, c.Limit.Value, c.Label))
}

// bounded is a bound of a limit with its unit.
func bounded(by string, n int64, currency string) lang.Msg {
	switch by {
	case ByNumber:
		return lang.M("decision.amount.number", n)
	case ByMoney:
		return lang.M("decision.amount.money", money.Amount{Minor: n, Currency: currency})
	}
	return lang.M("decision.amount."+by, strconv.FormatFloat(float64(n)*100/portfolio.Whole, 'f', -1, 64))
}

// named is what people call a value of a dimension; label is what a vocabulary calls it.
func named(dimension, value string, label lang.Text) lang.Msg {
	key := "decision." + dimension + "." + value
	if dimension == "organisation" {
		key = "register.kind." + value
	}
	switch {
	case value == "" && dimension == Covering:
		return lang.M("decision.bottleneck.none")
	case value == "":
		return lang.M("decision.trait.none")
	case !label.Empty():
		return lang.Say(label)
	case lang.Has(key):
		return lang.M(key)
	}
	return lang.Say(lang.In1("en", value))
}

// named is what people call a pot; agency is whose it is, empty for the list's own.
func (p Pot) named(agency lang.Text) lang.Msg {
	switch {
	case p.Year == 0:
		return lang.M("decision.pot.all")
	case agency.Empty():
		return lang.M("decision.pot.year", strconv.Itoa(p.Year))
	}
	return lang.M("decision.pot.agency", agency, strconv.Itoa(p.Year))
}

// PotName is what people call a pot.
func (v View) PotName(p Pot) lang.Msg { return p.named(v.payer(p)) }

// payer is the name of the agency that a pot is of; empty for the list's own.
func (v View) payer(p Pot) lang.Text {
	if p.AgencyID == v.AgencyID {
		return lang.Text{}
	}
	for _, r := range v.Rows {
		for _, l := range r.Lines {
			if l.AgencyID == p.AgencyID {
				return l.Agency
			}
		}
	}
	return lang.Text{}
}

// explained is a list with the rules that decided about each row, as far as a may know of them.
func (s *Service) explained(ctx context.Context, a access.Actor, d Decision, set access.Set) (View, error) {
	v, err := s.view(ctx, a, d, set)
	if err != nil {
		return v, err
	}
	return s.say(ctx, v)
}

// publicly is a list as explained, with the rules as far as everybody may know of them: they are what its
// letters say, so that nothing of a technology map gets into these that is not public.
func (s *Service) publicly(ctx context.Context, a access.Actor, d Decision, set access.Set) (View, error) {
	v, err := s.view(ctx, a, d, set)
	if err != nil {
		return v, err
	}
	if v.Bottlenecks, err = s.cover(ctx, access.Actor{}, d, v.Rows); err != nil {
		return v, err
	}
	return s.say(ctx, v)
}

// say gives the rows of a view the rules that decided about them.
func (s *Service) say(ctx context.Context, v View) (View, error) {
	if v.settled() {
		return v, nil
	}
	saved, err := s.scenarios(ctx, v.ID)
	if err != nil {
		return v, err
	}
	rules, err := s.ruled(ctx, v, saved)
	if err != nil {
		return v, err
	}
	labels, err := s.labels(ctx, v)
	if err != nil {
		return v, err
	}
	v.explain(rules, labels)
	return v, nil
}

// explain says of each row of a list that is not signed yet which rules decided about it. Of
// a signed one the letters keep what was said.
func (v *View) explain(rules Rules, labels map[string]lang.Text) {
	if v.settled() {
		return
	}
	f := v.funding(rules, labels)
	for i, r := range v.Rows {
		v.Rows[i].Causes = f.causes(r)
	}
}

// ruled are the rules that a list was made by: those of the one of its saved scenarios that was
// applied to it, or of one to what it corrects, else its money.
func (s *Service) ruled(ctx context.Context, v View, saved []Scenario) (_ Rules, err error) {
	applied := func(x Scenario) bool { return !x.AppliedAt.IsZero() }
	if v.Supersedes != "" && !slices.ContainsFunc(saved, applied) {
		if saved, err = s.scenarios(ctx, v.Supersedes); err != nil {
			return Rules{}, err
		}
	}
	if i := slices.IndexFunc(saved, applied); i >= 0 {
		return v.trimmed(saved[i].Rules), nil
	}
	return v.plain(), nil
}

// funding is how what a list funds stands against rules.
type funding struct {
	View
	rules  Rules
	labels map[string]lang.Text
	pots   []int64 // spent of each
	limits []count // what counts for each
	all    count
	last   int // place of the last that is funded
}

func (v View) funding(rules Rules, labels map[string]lang.Text) funding {
	f := funding{View: v, rules: rules, labels: labels, pots: make([]int64, len(rules.Pots)), limits: make([]count, len(rules.Limits))}
	for _, r := range v.Rows {
		if r.Outcome != Fund {
			continue
		}
		f.all, f.last = f.all.with(r), r.Place
		for i, p := range rules.Pots {
			f.pots[i] += r.cost(p)
		}
		for i, l := range rules.Limits {
			if l.holds(r) {
				f.limits[i] = f.limits[i].with(r)
			}
		}
	}
	return f
}

// causes are the rules that decided about a row besides its rank. O(rows · rules) at most.
func (f funding) causes(r Row) []Cause {
	switch {
	case r.Rank == nil:
		return nil
	case r.Outcome == Fund:
		return f.held(r)
	case r.Outcome != Reserve && r.Outcome != Reject:
		return nil
	case r.Rank.Score < f.rules.Bar:
		return []Cause{{Kind: Under, Least: f.rules.Bar}}
	}
	out := append(f.full(r), f.tied(r)...)
	if len(out) > 0 && f.last > r.Place { // something after it could be paid, so it was not the money
		return out
	}
	return append(out, f.unpaid(r)...)
}

// full are the ceilings that would be passed with a row.
func (f funding) full(r Row) (out []Cause) {
	for i, l := range f.rules.Limits {
		if l.Max != nil && l.holds(r) && l.measure(f.limits[i].with(r), f.all.with(r)) > *l.Max {
			out = append(out, f.limited(Full, l))
		}
	}
	return out
}

// tied are the ties that keep a row out.
func (f funding) tied(r Row) (out []Cause) {
	for _, t := range f.rules.Ties {
		n, last := f.fundedOf(t)
		switch {
		case t.Kind == AtMost && slices.Contains(t.Proposals, r.ProposalID) && n >= t.Count:
			out = append(out, Cause{Kind: AtMost, Count: t.Count, Rank: last})
		case t.Kind == Needs && t.Proposals[0] == r.ProposalID && n < int64(len(t.Proposals)-1):
			out = append(out, Cause{Kind: Needs})
		}
	}
	return out
}

// fundedOf is how many of a tie are funded, and the place of the last.
func (v View) fundedOf(t Tie) (n int64, last int) {
	for _, r := range v.Rows {
		if r.Outcome == Fund && slices.Contains(t.Proposals, r.ProposalID) {
			n, last = n+1, r.Place
		}
	}
	return n, last
}

// unpaid is why the money does not reach a row: it ended above, went to a floor, or did
// not suffice when its turn came.
func (f funding) unpaid(r Row) (out []Cause) {
	short := false
	for i, p := range f.rules.Pots {
		if f.pots[i]+r.cost(p) <= p.Minor {
			continue
		}
		short = true
		before, last := f.spentBefore(p, r)
		switch {
		case f.last < r.Place && last > 0:
			out = append(out, f.paid(Spent, p, last))
		case before+r.cost(p) > p.Minor:
			out = append(out, f.paid(Short, p, last))
		}
	}
	if short && f.last > r.Place {
		out = append(f.kept(r), out...)
	}
	return out
}

// spentBefore is what is given of a pot to those above a row, and the place of the last of them.
func (f funding) spentBefore(p Pot, r Row) (sum int64, last int) {
	for _, x := range f.Rows {
		if cost := x.cost(p); x.Outcome == Fund && x.Place < r.Place && cost > 0 {
			sum, last = sum+cost, x.Place
		}
	}
	return sum, last
}

// kept are the floors for which something after a row is funded that could not be missed.
func (f funding) kept(r Row) (out []Cause) {
	for i, l := range f.rules.Limits {
		if l.Min == nil || l.holds(r) {
			continue
		}
		if slices.ContainsFunc(f.Rows, func(x Row) bool { return x.Outcome == Fund && x.Place > r.Place && l.holds(x) && f.needed(i, x) }) {
			out = append(out, f.limited(Kept, l))
		}
	}
	return out
}

// needed reports whether a floor would be missed without a funded row that counts for it.
func (f funding) needed(limit int, r Row) bool {
	l := f.rules.Limits[limit]
	return l.measure(f.limits[limit].without(r), f.all.without(r)) < *l.Min
}

// held are the floors, and groups, for which a row is funded that the money would not have reached by rank.
func (f funding) held(r Row) (out []Cause) {
	if r.Above {
		return nil
	}
	passed := func(counts func(Row) bool) bool { // somebody before it who does not count is out
		return slices.ContainsFunc(f.Rows, func(x Row) bool {
			return x.Place < r.Place && x.Rank != nil && x.Outcome != Fund && !counts(x)
		})
	}
	for i, l := range f.rules.Limits {
		if l.Min != nil && l.holds(r) && f.needed(i, r) && passed(l.holds) {
			out = append(out, f.limited(Held, l))
		}
	}
	for _, t := range f.rules.Ties {
		in := func(x Row) bool { return slices.Contains(t.Proposals, x.ProposalID) }
		if n, _ := f.fundedOf(t); t.Kind == AtLeast && in(r) && n == t.Count && passed(in) {
			out = append(out, Cause{Kind: AtLeast, Count: t.Count})
		}
	}
	return out
}

// limited is a cause by a limit, with the lowest rank that counts for it.
func (f funding) limited(kind string, l Limit) Cause {
	c := Cause{Kind: kind, Limit: &l, Label: f.labels[l.Dimension+":"+l.Value], Currency: f.Budget.Currency}
	for _, r := range f.Rows {
		if r.Outcome == Fund && l.holds(r) {
			c.Rank = r.Place
		}
	}
	return c
}

func (f funding) paid(kind string, p Pot, rank int) Cause {
	return Cause{Kind: kind, Pot: &p, Agency: f.payer(p), Currency: f.Budget.Currency, Rank: rank}
}
