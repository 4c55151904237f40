package decision

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/portfolio"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// RulesInput is rules as somebody writes them. Pots are amounts by key of Pot; an empty
// one does not bind. In and Out are numbers of proposals.
type RulesInput struct {
	Pots         map[string]string
	Limits       []LimitInput
	Ties         []TieInput
	Worth        string // one of Worths; empty: the first
	Caution      string // one of Cautions
	Bar, In, Out string
}

// LimitInput is a limit as somebody writes it: What is "dimension:value" or "all"; shares
// are per cent.
type LimitInput struct{ What, By, Min, Max string }

// Empty: nothing was written in the line.
func (l LimitInput) Empty() bool { return l.What == "" && l.Min == "" && l.Max == "" }

// Key names a pot in forms and addresses: "all", or agency and year.
func (p Pot) Key() string {
	if p.Year == 0 {
		return "all"
	}
	return p.AgencyID + "-" + strconv.Itoa(p.Year)
}

// Pots are the pots that a list could draw on: all of it, then by agency and year what its
// proposals ask for. Amounts are what there is by the budget lines, 0 where nobody said.
func (v View) Pots() []Pot {
	out := []Pot{{Minor: v.Budget.Minor}}
	for _, r := range v.Rows {
		for p := range r.costs() {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	slices.SortFunc(out, func(a, b Pot) int {
		if a.Year != b.Year {
			return a.Year - b.Year
		}
		return strings.Compare(a.AgencyID, b.AgencyID)
	})
	for i := range out {
		for _, u := range v.Budgets {
			if out[i].Year == u.Year && out[i].AgencyID == v.AgencyID {
				out[i].Minor += u.Holds.Minor - u.Before.Minor
			}
		}
	}
	return out
}

// plain are the rules that a list begins with: its money, nothing else. Worth is by money,
// unless something asks for none: that would be worth nothing.
func (v View) plain() Rules {
	budget := v.Budget.Minor
	if budget == 0 { // the call named no sum: everything that is asked for
		for _, r := range v.Rows {
			budget += r.would().Minor
		}
	}
	r := Rules{Worth: ByWeight, Pots: []Pot{{Minor: budget}}}
	if slices.ContainsFunc(v.Rows, func(row Row) bool { return row.would().Minor == 0 }) {
		r.Worth = ByAward
	}
	return r
}

// Read reads rules for a list. Errors: Invalid with every field at fault, named as in
// the form: pot_all, min_2, in.
func (v View) Read(in RulesInput) (Rules, error) {
	var faults []*fault.Error
	refuse := func(field, key string, args ...any) { faults = append(faults, fault.Field(field, key, args...)) }
	r := Rules{Worth: cmp.Or(in.Worth, Worths[0]), Caution: in.Caution}
	if !slices.Contains(Worths, r.Worth) {
		refuse("worth", "fault.choice")
	}
	if !slices.Contains(Cautions, r.Caution) {
		refuse("caution", "fault.choice")
	}
	pots := v.Pots()
	for key := range in.Pots {
		if !slices.ContainsFunc(pots, func(p Pot) bool { return p.Key() == key }) {
			refuse("pot_"+key, "fault.choice")
		}
	}
	for _, p := range pots {
		text := in.Pots[p.Key()]
		if text == "" && p.Year > 0 {
			continue
		}
		amount, err := money.Parse(text, v.Budget.Currency)
		if err != nil || amount.Minor < 0 {
			refuse("pot_"+p.Key(), "call.amount")
		}
		p.Minor = amount.Minor
		r.Pots = append(r.Pots, p)
	}
	for i, line := range in.Limits {
		if line.Empty() {
			continue
		}
		l, found := v.readLimit(line, "_"+strconv.Itoa(i))
		faults = append(faults, found...)
		r.Limits = append(r.Limits, l)
	}
	for i, line := range in.Ties {
		if line.Empty() {
			continue
		}
		t, found := v.readTie(line, "_"+strconv.Itoa(i))
		faults = append(faults, found...)
		r.Ties = append(r.Ties, t)
	}
	if in.Bar != "" {
		bar, err := strconv.ParseFloat(strings.ReplaceAll(in.Bar, ",", "."), 64)
		if err != nil || math.IsNaN(bar) || math.IsInf(bar, 0) {
			refuse("bar", "fault.number")
		}
		r.Bar = bar
	}
	var unknown string
	if r.In, unknown = v.keys(in.In); unknown != "" {
		refuse("in", "decision.rules.number", unknown)
	}
	if r.Out, unknown = v.keys(in.Out); unknown != "" {
		refuse("out", "decision.rules.number", unknown)
	}
	for _, id := range r.In {
		if slices.Contains(r.Out, id) {
			refuse("out", "decision.rules.both", v.number(id))
		}
	}
	return r, fault.Join(faults...)
}

func (v View) readLimit(in LimitInput, n string) (l Limit, faults []*fault.Error) {
	refuse := func(field, key string, args ...any) { faults = append(faults, fault.Field(field+n, key, args...)) }
	var known bool
	if l.Dimension, l.Value, known = strings.Cut(in.What, ":"); in.What == "all" {
		l.Dimension = ""
	} else if !known || !slices.Contains(Dimensions, l.Dimension) {
		refuse("what", "fault.choice")
	} else if _, known := v.Bottleneck(l.Value); l.Dimension == Covering && !known {
		refuse("what", "fault.choice")
	}
	if l.By = in.By; !slices.Contains(Measures, l.By) {
		refuse("by", "fault.choice")
		return l, faults
	}
	for _, side := range []struct {
		field, text string
		to          **int64
	}{{"min", in.Min, &l.Min}, {"max", in.Max, &l.Max}} {
		if side.text == "" {
			continue
		}
		n, key := v.quantity(l.By, side.text)
		if key != "" {
			refuse(side.field, key)
		}
		*side.to = &n
	}
	switch {
	case in.Min == "" && in.Max == "":
		refuse("min", "decision.rules.either")
	case l.Min != nil && l.Max != nil && *l.Min > *l.Max:
		refuse("max", "decision.rules.order")
	}
	return l, faults
}

// quantity reads a bound in the unit of its measure; key says what is wrong with it.
func (v View) quantity(by, text string) (n int64, key string) {
	switch by {
	case ByNumber:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 0 {
			return 0, "fault.number"
		}
		return n, ""
	case ByMoney:
		amount, err := money.Parse(text, v.Budget.Currency)
		if err != nil || amount.Minor < 0 {
			return 0, "call.amount"
		}
		return amount.Minor, ""
	}
	percent, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(strings.TrimSuffix(text, "%")), ",", "."), 64)
	if err != nil || !(percent >= 0 && percent <= 100) {
		return 0, "decision.rules.percent"
	}
	return int64(math.Round(percent * portfolio.Whole / 100)), ""
}

// keys are the proposals of numbers as somebody writes them, and the first number that
// is not on the list.
func (v View) keys(text string) (ids []string, unknown string) {
	for _, number := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;，；、\n\r\t", r) }) {
		i := slices.IndexFunc(v.Rows, func(r Row) bool { return strings.EqualFold(r.Number, number) })
		if i < 0 {
			return ids, number
		}
		if !slices.Contains(ids, v.Rows[i].ProposalID) {
			ids = append(ids, v.Rows[i].ProposalID)
		}
	}
	return ids, ""
}

// number of a proposal on the list; "" for one that is not, or not for this viewer.
func (v View) number(id string) string {
	r, _ := v.Row(id)
	return r.Number
}

// numbers are those of the proposals that are on the list, for a form.
func (v View) numbers(ids []string) string {
	var out []string
	for _, id := range ids {
		if n := v.number(id); n != "" {
			out = append(out, n)
		}
	}
	return strings.Join(out, " ")
}

// Write is rules as a form shows them; Read reads them again.
func (v View) Write(r Rules) RulesInput {
	in := RulesInput{Pots: map[string]string{}, Worth: r.Worth, Caution: r.Caution, In: v.numbers(r.In), Out: v.numbers(r.Out)}
	for _, p := range r.Pots {
		in.Pots[p.Key()] = money.Amount{Minor: p.Minor, Currency: v.Budget.Currency}.Plain()
	}
	if r.Bar != 0 {
		in.Bar = strconv.FormatFloat(r.Bar, 'f', -1, 64)
	}
	for _, l := range r.Limits {
		line := LimitInput{What: "all", By: l.By}
		if l.Dimension != "" {
			line.What = l.Dimension + ":" + l.Value
		}
		if l.Min != nil {
			line.Min = v.writeQuantity(l.By, *l.Min)
		}
		if l.Max != nil {
			line.Max = v.writeQuantity(l.By, *l.Max)
		}
		in.Limits = append(in.Limits, line)
	}
	for _, t := range r.Ties {
		in.Ties = append(in.Ties, v.writeTie(t))
	}
	return in
}

func (v View) writeQuantity(by string, n int64) string {
	switch by {
	case ByNumber:
		return strconv.FormatInt(n, 10)
	case ByMoney:
		return money.Amount{Minor: n, Currency: v.Budget.Currency}.Plain()
	}
	return strconv.FormatFloat(float64(n)*100/portfolio.Whole, 'f', -1, 64)
}

// trimmed are rules as the viewer may know them: without proposals and bottlenecks that are hidden from them.
func (v View) trimmed(r Rules) Rules {
	gone := func(id string) bool { return v.number(id) == "" }
	r.In, r.Out = slices.DeleteFunc(slices.Clone(r.In), gone), slices.DeleteFunc(slices.Clone(r.Out), gone)
	r.Limits = slices.DeleteFunc(slices.Clone(r.Limits), func(l Limit) bool {
		_, known := v.Bottleneck(l.Value)
		return l.Dimension == Covering && !known
	})
	var ties []Tie
	for _, t := range r.Ties {
		if _, known := v.Bottleneck(t.Node); t.Node != "" && !known {
			continue
		}
		if t, left := t.without(gone); left {
			ties = append(ties, t)
		}
	}
	r.Ties = ties
	return r
}
