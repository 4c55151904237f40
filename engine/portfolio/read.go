package portfolio

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ReadModel reads a model as JSON, in the form that docs/portfolio.schema.json
// describes. Numbers are decimals, as numbers or as text. An error names line and field.
func ReadModel(in io.Reader) (*Model, error) {
	f, err := readFile(in)
	if err != nil {
		return nil, err
	}
	return f.model()
}

// ReadTable reads the proposals of a model from a CSV table with a header, and the
// rest from rules, as JSON without proposals. Columns are proposal, value, cost (of the
// only budget) or cost:BUDGET for each, and if there are such value:SCENARIO for some, level, covers (names with ; between)
// and fixed (in or out); every other column is an attribute. Several rows of one
// proposal are its levels, from the cheapest to the dearest.
func ReadTable(table, rules io.Reader) (*Model, error) {
	f, err := readFile(rules)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	if len(f.proposals) > 0 {
		return nil, fmt.Errorf("rules: line %d: proposals stand in the table", f.lines["proposals"][0])
	}
	if err := f.table(table); err != nil {
		return nil, err
	}
	return f.model()
}

// file is a model as it is written, with the line of every entry.
type file struct {
	budgets     []fileBudget
	proposals   []fileProposal
	limits      []fileLimit
	groups      []fileGroup
	needs       []fileNeed
	bottlenecks []fileBottleneck
	scenarios   []fileScenario
	risk        fileRisk
	lines       map[string][]int
}

type fileBudget struct {
	Name   string `json:"name"`
	Amount number `json:"amount"`
}

type fileScenario struct {
	Name   string `json:"name"`
	Weight *int64 `json:"weight"`
}

type fileRisk struct {
	Tail   number `json:"tail"`
	Weight number `json:"weight"`
}

type fileProposal struct {
	ID         string            `json:"id"`
	Value      *number           `json:"value"`
	Values     map[string]number `json:"values"`
	Cost       map[string]number `json:"cost"`
	Levels     []fileLevel       `json:"levels"`
	Attributes map[string]string `json:"attributes"`
	Covers     []string          `json:"covers"`
	Fixed      string            `json:"fixed"`
}

type fileLevel struct {
	Name   string            `json:"name"`
	Value  number            `json:"value"`
	Values map[string]number `json:"values"`
	Cost   map[string]number `json:"cost"`
}

type fileLimit struct {
	Name     string              `json:"name"`
	Where    map[string][]string `json:"where"`
	Of       string              `json:"of"`
	Budget   string              `json:"budget"`
	Min      *number             `json:"min"`
	Max      *number             `json:"max"`
	MinShare *number             `json:"min_share"`
	MaxShare *number             `json:"max_share"`
}

type fileGroup struct {
	Name      string   `json:"name"`
	Proposals []string `json:"proposals"`
	Min       *int64   `json:"min"`
	Max       *int64   `json:"max"`
}

type fileNeed struct {
	Proposal string   `json:"proposal"`
	Of       []string `json:"of"`
}

type fileBottleneck struct {
	Name   string   `json:"name"`
	Values []number `json:"values"`
}

// number is a decimal as it was written.
type number string

func (n *number) UnmarshalJSON(text []byte) error {
	*n = number(strings.Trim(string(text), `"`))
	return nil
}

// times is the number in whole parts, of which unit make one. It may not be finer.
func (n number) times(unit int64) (int64, error) {
	text := strings.TrimSpace(string(n))
	negative := strings.HasPrefix(text, "-")
	whole, part, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if whole == "" && part == "" {
		return 0, fmt.Errorf("%.30q: a decimal is expected, such as 12.5", text)
	}
	v := int64(0)
	digit := func(c rune) bool {
		if c < '0' || c > '9' || v > most/10 {
			return false
		}
		v = v*10 + int64(c-'0')
		return true
	}
	for _, c := range whole {
		if !digit(c) {
			return 0, fmt.Errorf("%.30q: a decimal under %d is expected, such as 12.5", text, most/unit)
		}
	}
	scale := int64(1)
	for _, c := range part {
		if scale == unit && c != '0' {
			return 0, fmt.Errorf("%.30q: no part finer than 1/%d is expected", text, unit)
		}
		if scale < unit {
			scale *= 10
			if !digit(c) {
				return 0, fmt.Errorf("%.30q: a decimal under %d is expected, such as 12.5", text, most/unit)
			}
		}
	}
	if v > most/(unit/scale) {
		return 0, fmt.Errorf("%.30q: a decimal under %d is expected, such as 12.5", text, most/unit)
	}
	v *= unit / scale
	if negative {
		v = -v
	}
	return v, nil
}

func readFile(in io.Reader) (*file, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	f := &file{lines: map[string][]int{}}
	d := json.NewDecoder(bytes.NewReader(text))
	line := func(offset int64) int { return 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n")) }
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("line %d: a JSON object with budgets, proposals and rules is expected", line(d.InputOffset()))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, located(err, line, d.InputOffset(), "")
		}
		part := key.(string) // the decoder takes no other
		if part == "risk" {
			if err := f.readRisk(d, line); err != nil {
				return nil, err
			}
			continue
		}
		entry, err := f.entry(part)
		if err != nil {
			return nil, located(err, line, d.InputOffset(), "")
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return nil, fmt.Errorf("line %d: %s: a list is expected", line(d.InputOffset()), part)
		}
		for k := 0; d.More(); k++ {
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return nil, located(err, line, d.InputOffset(), "")
			}
			at := d.InputOffset() - int64(len(raw))
			f.lines[part] = append(f.lines[part], line(at))
			e := json.NewDecoder(bytes.NewReader(raw))
			e.DisallowUnknownFields()
			if err := e.Decode(entry()); err != nil {
				return nil, located(err, line, at, fmt.Sprintf("%s[%d]: ", part, k))
			}
		}
		if _, err := d.Token(); err != nil {
			return nil, located(err, line, d.InputOffset(), "")
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, located(err, line, d.InputOffset(), "")
	}
	return f, nil
}

// readRisk reads the one part that is no list.
func (f *file) readRisk(d *json.Decoder, line func(int64) int) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return located(err, line, d.InputOffset(), "")
	}
	at := d.InputOffset() - int64(len(raw))
	f.lines["risk"] = []int{line(at)}
	e := json.NewDecoder(bytes.NewReader(raw))
	e.DisallowUnknownFields()
	if err := e.Decode(&f.risk); err != nil {
		return located(err, line, at, "risk: ")
	}
	return nil
}

// located says on which line an error of the decoder is; from is where its text begins.
func located(err error, line func(int64) int, from int64, where string) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %s%w", line(syntax.Offset), where, err)
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: %s%s: %s is expected, not %s", line(from+kind.Offset), where, kind.Field, kind.Type, kind.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: the file ends within the object", line(from))
	}
	return fmt.Errorf("line %d: %s%s", line(from), where, strings.TrimPrefix(err.Error(), "json: "))
}

// entry makes room for one more entry of a part.
func (f *file) entry(part string) (func() any, error) {
	switch part {
	case "budgets":
		return room(&f.budgets), nil
	case "proposals":
		return room(&f.proposals), nil
	case "limits":
		return room(&f.limits), nil
	case "groups":
		return room(&f.groups), nil
	case "needs":
		return room(&f.needs), nil
	case "bottlenecks":
		return room(&f.bottlenecks), nil
	case "scenarios":
		return room(&f.scenarios), nil
	}
	return nil, fmt.Errorf("%.40q: one of budgets, proposals, limits, groups, needs, bottlenecks, scenarios and risk is expected", part)
}

func room[T any](list *[]T) func() any {
	return func() any {
		var zero T
		*list = append(*list, zero)
		return &(*list)[len(*list)-1]
	}
}

// model turns what is written into whole numbers and checks it.
func (f *file) model() (*Model, error) {
	t := translation{}
	for i, b := range f.budgets {
		t.m.Budgets = append(t.m.Budgets, Budget{b.Name, t.of(b.Amount, Unit, "budgets", i, "amount")})
	}
	for _, s := range f.scenarios {
		x := Scenario{s.Name, 1}
		if s.Weight != nil {
			x.Weight = *s.Weight
		}
		t.m.Scenarios = append(t.m.Scenarios, x)
	}
	if len(f.lines["risk"]) > 0 {
		t.m.Risk = Risk{t.of(f.risk.Tail, Whole, "risk", 0, "tail"), t.of(f.risk.Weight, Whole, "risk", 0, "weight")}
	}
	for i := range f.proposals {
		t.proposal(i, &f.proposals[i])
	}
	for i := range f.limits {
		t.limit(i, &f.limits[i])
	}
	for _, g := range f.groups {
		x := Group{Name: g.Name, Proposals: g.Proposals, Min: NoLo, Max: NoHi}
		if g.Min != nil {
			x.Min = *g.Min
		}
		if g.Max != nil {
			x.Max = *g.Max
		}
		t.m.Groups = append(t.m.Groups, x)
	}
	for _, n := range f.needs {
		t.m.Needs = append(t.m.Needs, Need(n))
	}
	for i, b := range f.bottlenecks {
		x := Bottleneck{Name: b.Name}
		for _, v := range b.Values {
			x.Values = append(x.Values, t.of(v, Point, "bottlenecks", i, "values"))
		}
		t.m.Bottlenecks = append(t.m.Bottlenecks, x)
	}
	wrong := t.wrong
	if wrong == nil {
		errors.As(t.m.Check(), &wrong)
	}
	if wrong != nil {
		return nil, f.where(wrong)
	}
	return &t.m, nil
}

// where adds the line, and the name of a proposal.
func (f *file) where(e *FieldError) error {
	if e.Part == "risk" {
		return fmt.Errorf("line %d: risk: %s: %s", f.lines[e.Part][0], e.Field, e.Say)
	}
	name := ""
	if e.Part == "proposals" && e.Index < len(f.proposals) {
		name = " (" + f.proposals[e.Index].ID + ")"
	}
	return fmt.Errorf("line %d: %s[%d]%s: %s: %s", f.lines[e.Part][e.Index], e.Part, e.Index, name, e.Field, e.Say)
}

// translation keeps the first error.
type translation struct {
	m     Model
	wrong *FieldError
}

func (t *translation) say(part string, i int, field, say string) {
	if t.wrong == nil {
		t.wrong = &FieldError{part, i, field, say}
	}
}

func (t *translation) of(n number, unit int64, part string, i int, field string) int64 {
	v, err := n.times(unit)
	if err != nil {
		t.say(part, i, field, err.Error())
	}
	return v
}

func (t *translation) proposal(i int, p *fileProposal) {
	x := Proposal{ID: p.ID, Attributes: p.Attributes, Covers: p.Covers}
	switch p.Fixed {
	case "":
	case "in":
		x.Fixed = In
	case "out":
		x.Fixed = Out
	default:
		t.say("proposals", i, "fixed", fmt.Sprintf("%.30q: in or out is expected", p.Fixed))
	}
	if (p.Value == nil) == (len(p.Levels) == 0) || (p.Cost != nil || p.Values != nil) && p.Value == nil {
		t.say("proposals", i, "value", "either value and cost or levels are expected")
	}
	if p.Value != nil {
		x.Levels = []Level{t.level(i, fileLevel{Value: *p.Value, Values: p.Values, Cost: p.Cost})}
	}
	for _, l := range p.Levels {
		x.Levels = append(x.Levels, t.level(i, l))
	}
	t.m.Proposals = append(t.m.Proposals, x)
}

func (t *translation) level(i int, l fileLevel) Level {
	x := Level{Name: l.Name, Value: t.of(l.Value, Point, "proposals", i, "value"), Cost: make([]int64, len(t.m.Budgets))}
	if len(l.Values) > 0 {
		x.In = make([]int64, len(t.m.Scenarios))
		for s := range x.In {
			x.In[s] = x.Value
		}
	}
	for name, n := range l.Values {
		s := slices.IndexFunc(t.m.Scenarios, func(s Scenario) bool { return s.Name == name })
		if s < 0 {
			t.say("proposals", i, "values", fmt.Sprintf("there is no scenario %q", name))
			continue
		}
		x.In[s] = t.of(n, Point, "proposals", i, "values")
	}
	for name, n := range l.Cost {
		b := slices.IndexFunc(t.m.Budgets, func(b Budget) bool { return b.Name == name })
		if b < 0 {
			t.say("proposals", i, "cost", fmt.Sprintf("there is no budget %q", name))
			continue
		}
		x.Cost[b] = t.of(n, Unit, "proposals", i, "cost")
	}
	return x
}

func (t *translation) limit(i int, l *fileLimit) {
	x := Limit{Name: l.Name, Where: l.Where, Budget: l.Budget, Min: NoLo, Max: NoHi, Share: l.MinShare != nil || l.MaxShare != nil}
	unit := int64(1)
	switch l.Of {
	case "", "count":
	case "money":
		x.Money, unit = true, Unit
	default:
		t.say("limits", i, "of", fmt.Sprintf("%.30q: count or money is expected", l.Of))
	}
	least, greatest := l.Min, l.Max
	if x.Share {
		if l.Min != nil || l.Max != nil {
			t.say("limits", i, "min", "min and max, or min_share and max_share, are expected: not both")
		}
		least, greatest, unit = l.MinShare, l.MaxShare, Whole
	}
	if least != nil {
		x.Min = t.of(*least, unit, "limits", i, "min")
	}
	if greatest != nil {
		x.Max = t.of(*greatest, unit, "limits", i, "max")
	}
	t.m.Limits = append(t.m.Limits, x)
}

// table reads the rows of ReadTable.
func (f *file) table(in io.Reader) error {
	r := csv.NewReader(in)
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("the table is empty: a header is expected")
	}
	if err != nil {
		return err
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for k := range header {
		header[k] = strings.TrimSpace(header[k])
	}
	for _, name := range []string{"proposal", "value"} {
		if !slices.Contains(header, name) {
			return fmt.Errorf("line 1: the column %s is expected", name)
		}
	}
	at := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		if err := f.row(header, row, at, line); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// row adds a proposal, or a level to one that is there.
func (f *file) row(header, row []string, at map[string]int, line int) error {
	p := fileProposal{Attributes: map[string]string{}}
	l := fileLevel{Cost: map[string]number{}, Values: map[string]number{}}
	for k, name := range header {
		text := strings.TrimSpace(row[k])
		budget, isCost := strings.CutPrefix(name, "cost:")
		scenario, isValue := strings.CutPrefix(name, "value:")
		switch {
		case name == "proposal":
			p.ID = text
		case name == "value":
			l.Value = number(text)
		case isValue:
			if text != "" {
				l.Values[strings.TrimSpace(scenario)] = number(text)
			}
		case name == "cost" && len(f.budgets) == 1:
			if text != "" {
				l.Cost[f.budgets[0].Name] = number(text)
			}
		case name == "cost":
			return fmt.Errorf("cost: columns cost:BUDGET are expected, as there are %d budgets", len(f.budgets))
		case isCost:
			if text != "" {
				l.Cost[strings.TrimSpace(budget)] = number(text)
			}
		case name == "level":
			l.Name = text
		case name == "fixed":
			p.Fixed = text
		case name == "covers":
			for c := range strings.SplitSeq(text, ";") {
				if c = strings.TrimSpace(c); c != "" {
					p.Covers = append(p.Covers, c)
				}
			}
		default:
			p.Attributes[name] = text
		}
	}
	p.Levels = []fileLevel{l}
	if i, there := at[p.ID]; there {
		f.proposals[i].Levels = append(f.proposals[i].Levels, l)
		return nil
	}
	at[p.ID] = len(f.proposals)
	f.proposals, f.lines["proposals"] = append(f.proposals, p), append(f.lines["proposals"], line)
	return nil
}
