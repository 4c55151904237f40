package proposal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// budgetYears is how many years a budget table shows.
const budgetYears = 4

// firstYear is the first year of a proposal's budget table.
func firstYear(v proposal.View) int { return v.Call.ClosesAt.Year() }

// read turns the form of a section into changes. A field that was not sent (the
// page's script sends only what changed) is left alone; one that stands as it stood is no change.
func read(f *shell.Form, v proposal.View, s scheme.Section) ([]proposal.Change, error) {
	var out []proposal.Change
	var faults []*fault.Error
	for _, name := range s.Fields {
		field := v.Form.Fields[name]
		value, sent, err := readField(f, v, field)
		if err != nil {
			faults = append(faults, err)
		}
		if !sent || err != nil || string(value) == string(v.Answers[name].Value) {
			continue
		}
		version, _ := strconv.ParseInt(f.Get("v_"+name), 10, 64) // nonsense counts as "never seen"
		out = append(out, proposal.Change{Field: name, Value: value, Version: version})
	}
	return out, fault.Join(faults...)
}

func readField(f *shell.Form, v proposal.View, field *scheme.Field) (value json.RawMessage, sent bool, refused *fault.Error) {
	switch field.Widget {
	case "budget":
		return readBudget(f, v, field)
	case "file":
		return nil, false, nil // has a form of its own
	}
	if !f.Has(field.Name) {
		return nil, false, nil
	}
	text := strings.ReplaceAll(strings.TrimSpace(f.Get(field.Name)), "\r\n", "\n")
	switch {
	case text == "":
		return json.RawMessage("null"), true, nil
	case field.Widget == "number":
		n, err := strconv.ParseInt(strings.NewReplacer(",", "", " ", "").Replace(text), 10, 64)
		if err != nil {
			return nil, true, fault.Field(field.Name, "fault.number")
		}
		return json.RawMessage(strconv.FormatInt(n, 10)), true, nil
	case field.Widget == "money":
		a, err := money.Parse(text, v.Call.Low.Currency)
		if err != nil {
			return nil, true, fault.Field(field.Name, "call.amount")
		}
		return json.RawMessage(strconv.FormatInt(a.Minor, 10)), true, nil
	case field.Widget == "works":
		var lines []string
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		return encode(lines), true, nil
	}
	return encode(text), true, nil
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and whole numbers always encode
	}
	return b
}

func cellName(field, category string, year int) string {
	return fmt.Sprintf("%s_%s_%d", field, category, year)
}

func readBudget(f *shell.Form, v proposal.View, field *scheme.Field) (json.RawMessage, bool, *fault.Error) {
	lines := []scheme.BudgetLine{}
	sent := false
	for _, c := range field.Categories {
		for year := firstYear(v); year < firstYear(v)+budgetYears; year++ {
			name := cellName(field.Name, c.ID, year)
			if !f.Has(name) {
				continue
			}
			sent = true
			text := strings.TrimSpace(f.Get(name))
			if text == "" {
				continue
			}
			a, err := money.Parse(text, v.Call.Low.Currency)
			if err != nil || a.Minor < 0 {
				return nil, true, fault.Field(name, "call.amount")
			}
			if a.Minor > 0 {
				lines = append(lines, scheme.BudgetLine{Category: c.ID, Year: year, Minor: a.Minor})
			}
		}
	}
	return encode(lines), sent, nil
}

// shown is the text of a field as its control shows it: what was typed and
// refused, or what is stored.
func (p part) shown(name string) string {
	if p.sent.Has(name) {
		return p.sent.Get(name)
	}
	value, typed := p.typed[name]
	if !typed {
		value = p.Answers[name].Value
	}
	field := p.Form.Fields[name]
	switch field.Widget {
	case "works":
		var list []string
		if json.Unmarshal(value, &list) == nil {
			return strings.Join(list, "\n")
		}
	case "money":
		var n int64
		if json.Unmarshal(value, &n) == nil && n > 0 {
			return money.Amount{Minor: n, Currency: p.Call.Low.Currency}.Plain()
		}
		return ""
	}
	if s := plain(value); s != "null" {
		return s
	}
	return ""
}

// budget is the table of a budget field.
type budget struct {
	field    *scheme.Field
	years    []int
	cells    map[string]int64 // by cell name
	sent     url.Values       // cells as they were typed and refused
	currency string
}

func budgetOf(v proposal.View, field *scheme.Field, value json.RawMessage, sent url.Values) budget {
	b := budget{field: field, cells: map[string]int64{}, sent: sent, currency: v.Call.Low.Currency}
	for i := range budgetYears {
		b.years = append(b.years, firstYear(v)+i)
	}
	var lines []scheme.BudgetLine
	if json.Unmarshal(value, &lines) == nil {
		for _, l := range lines {
			b.cells[cellName(field.Name, l.Category, l.Year)] += l.Minor
		}
	}
	return b
}

// sum adds the cells of a category ("" for all) and a year (0 for all).
func (b budget) sum(category string, year int) money.Amount {
	total := int64(0)
	for _, c := range b.field.Categories {
		for _, y := range b.years {
			if (category == "" || c.ID == category) && (year == 0 || y == year) {
				total += b.cells[cellName(b.field.Name, c.ID, y)]
			}
		}
	}
	return money.Amount{Minor: total, Currency: b.currency}
}

// shown is a cell to read, "" for none.
func (b budget) shown(ctx context.Context, category string, year int) string {
	if b.cell(category, year) == "" {
		return ""
	}
	return b.sum(category, year).Number(shell.Of(ctx).Locale)
}

// cell is a cell as it is typed.
func (b budget) cell(category string, year int) string {
	name := cellName(b.field.Name, category, year)
	if b.sent.Has(name) {
		return b.sent.Get(name)
	}
	n := b.cells[name]
	if n == 0 {
		return ""
	}
	return money.Amount{Minor: n, Currency: b.currency}.Plain()
}

// fieldError is the message at a field: of the refusal, else none.
func (p part) fieldError(ctx context.Context, name string) string { return p.refusal.Of(ctx, name) }

func titleOf(ctx context.Context, p proposal.Proposal) string {
	if p.Title == "" {
		return shell.T(ctx, "proposal.untitled")
	}
	return p.Title
}

// stateOf is a proposal's state in one word for the catalogue.
func stateOf(p proposal.Proposal) string {
	if p.State == proposal.Decided && p.Outcome != "" {
		return p.Outcome
	}
	return p.State
}

func stateChip(state string) string {
	return map[string]string{"submitted": "open", "in-review": "live", "fund": "ok", "invite": "ok", "withdrawn": "bad"}[state]
}
