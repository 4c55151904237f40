package proposal

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// leadName is the name of who leads a proposal.
func leadName(v proposal.View) string {
	for _, m := range v.Team {
		if m.Role == "lead" {
			return m.Name
		}
	}
	return ""
}

func mineTitle(ctx context.Context, f proposal.Filter) string {
	if f.Mine {
		return shell.T(ctx, "nav.my.proposals")
	}
	return shell.T(ctx, "nav.proposals")
}

// rowHref leads staff to the reviews, applicants to the text.
func rowHref(r proposal.Row, staff bool) string {
	if staff && r.State != proposal.Draft {
		return "/proposals/" + r.ID + "/reviews"
	}
	return "/proposals/" + r.ID
}

func currency(code string) string { return money.Symbol(code) }

// mayRemove reports whether the viewer may take m out of the team now.
func mayRemove(v proposal.View, m proposal.Member) bool {
	return v.Set.Any(access.Lead) && v.State == proposal.Draft && m.Role != "lead" && m.State != "left"
}

func memberChip(state string) string {
	return map[string]string{"confirmed": "ok", "declined": "bad"}[state]
}

func submitTitle(o overview) string {
	if o.State == proposal.Submitted {
		return "proposal.next.resubmit"
	}
	return "proposal.next.submit"
}

func steps(ctx context.Context, o overview) []shell.Step {
	order := []string{proposal.Draft, proposal.Submitted, proposal.InReview, proposal.Decided}
	at := 0
	for i, s := range order {
		if s == o.State {
			at = i
		}
	}
	if o.State == proposal.Withdrawn {
		at = 0
	}
	out := make([]shell.Step, len(order))
	for i, s := range order {
		out[i] = shell.Step{Label: shell.T(ctx, "proposal.step."+s)}
		switch {
		case i < at || o.State == proposal.Decided:
			out[i].State = "done"
		case i == at:
			out[i].State = "now"
		}
	}
	if !o.Closes.IsZero() {
		out[1].Note = shell.InstantIn(ctx, o.Closes, o.Call.Zone)
	}
	if o.Call.DecideBy != "" {
		out[3].Note = shell.PlainDay(ctx, o.Call.DecideBy)
	}
	if len(o.Approvals) > 0 {
		out = slices.Insert(out, 1, agreeStep(ctx, o, out[0].State == "done"))
	}
	return out
}

// agreeStep is the offices among the stages of a proposal.
func agreeStep(ctx context.Context, o overview, submitted bool) shell.Step {
	step := shell.Step{Label: shell.T(ctx, "proposal.approval"), Note: shell.InstantIn(ctx, o.Agreement.By, o.Call.Zone), State: "done"}
	for _, a := range o.Approvals {
		switch {
		case a.State == proposal.Asking && step.State == "done":
			step.State = "now"
		case a.Waits():
			step.State = ""
		}
	}
	if step.State == "now" && submitted { // the stage that is now is the next one
		step.State = ""
	}
	return step
}

// firstMissing is the section of the first field that is missing.
func firstMissing(o overview) string {
	for _, s := range o.Form.Sections {
		for _, name := range s.Fields {
			for _, e := range o.checked.Faults {
				if e.Field == name {
					return s.ID
				}
			}
		}
	}
	return o.Form.Sections[0].ID
}

func sectionOf(f *scheme.Form, field string) string {
	for _, s := range f.Sections {
		for _, name := range s.Fields {
			if name == field {
				return s.ID
			}
		}
	}
	return ""
}

// place is how a field of v's form is called, and the page on which it is written.
func place(ctx context.Context, v proposal.View) func(string) (string, string) {
	return func(field string) (string, string) {
		if v.Form == nil || v.Form.Fields[field] == nil {
			return "", ""
		}
		return shell.Say(ctx, v.Form.Fields[field].Title), "/proposals/" + v.ID + "/parts/" + sectionOf(v.Form, field) + "#" + field
	}
}

func verdicts(ctx context.Context, v proposal.View, c proposal.Checked) []shell.Check {
	var out []shell.Check
	for _, verdict := range c.Verdicts {
		state := "no"
		if verdict.OK {
			state = "yes"
		}
		out = append(out, shell.Check{State: state, Text: shell.Say(ctx, verdict.Say)})
	}
	for _, m := range c.Waiting {
		out = append(out, shell.Check{State: "hm", Text: shell.T(ctx, "proposal.waits.for", m.Name)})
	}
	return out
}

func missing(ctx context.Context, v proposal.View, c proposal.Checked) []shell.Check {
	var out []shell.Check
	for _, e := range c.Faults {
		f := v.Form.Fields[e.Field]
		if f == nil {
			continue
		}
		state := "no"
		if len(v.Answers[e.Field].Value) == 0 {
			state = ""
		}
		out = append(out, shell.Check{State: state, Text: shell.Say(ctx, f.Title), Note: shell.Say(ctx, e.Msg), Href: "/proposals/" + v.ID + "/parts/" + sectionOf(v.Form, e.Field) + "#" + e.Field})
	}
	return out
}

func works(v proposal.View, name string) []string {
	var list []string
	if json.Unmarshal(v.Answers[name].Value, &list) != nil {
		return nil
	}
	return list
}

func moneyOf(ctx context.Context, v proposal.View, name string) string {
	var n int64
	if json.Unmarshal(v.Answers[name].Value, &n) != nil {
		return ""
	}
	return shell.Money(ctx, n, v.Call.Low.Currency)
}

func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(text, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// raw is the value of a field: what was typed and refused, or what is stored.
func (p part) raw(name string) json.RawMessage {
	if v, ok := p.typed[name]; ok {
		return v
	}
	return p.Answers[name].Value
}

// version is what the next saving of a field is made on: after a conflict, the
// version that was shown beside one's own text.
func (p part) version(name string) int64 {
	for _, k := range p.kept {
		if k.Field == name {
			return k.Version
		}
	}
	return p.Answers[name].Version
}

func (p part) control(ctx context.Context, f *scheme.Field, rows int) shell.Field {
	return shell.Field{Name: f.Name, Label: shell.Say(ctx, f.Title), Hint: shell.Say(ctx, f.Hint), Value: p.shown(f.Name), Optional: !f.Required,
		Error: p.fieldError(ctx, f.Name), Rows: rows, Max: f.MaxLength}
}

func (p part) numberControl(ctx context.Context, f *scheme.Field) shell.Field {
	c := p.control(ctx, f, 0)
	c.Type, c.Class, c.Unit = "number", "num", shell.Say(ctx, f.Unit)
	if f.Widget == "money" {
		c.Unit = money.Symbol(p.Call.Low.Currency)
	}
	return c
}

func choices(ctx context.Context, f *scheme.Field, chosen string) []shell.Option {
	var out []shell.Option
	for _, value := range f.Enum {
		out = append(out, shell.Option{Value: value, Label: shell.Say(ctx, f.Options[value]), Chosen: value == chosen})
	}
	return out
}

func personPick(ctx context.Context, pick shell.PickField, refusal shell.Refusal) shell.PickField {
	pick.Field = shell.Field{Name: "person", Label: shell.T(ctx, "proposal.person"), Hint: shell.T(ctx, "proposal.person.hint"), Error: refusal.Of(ctx, "person")}
	pick.Find = "/find/people"
	return pick
}

func withdrawWhat(v proposal.View) string {
	if v.Open {
		return "proposal.withdraw.open"
	}
	return "proposal.withdraw.closed"
}

func sealedWord(r ledger.Receipt) string {
	if r.Sealed {
		return "proposal.receipt.sealed"
	}
	return "proposal.receipt.unsealed"
}

// deadline is when the first byte had to be here, and how much later still counted.
func deadline(ctx context.Context, v proposal.View) string {
	at := shell.InstantIn(ctx, v.Closes, v.Call.Zone)
	if minutes := int(v.Call.Grace.Minutes()); minutes > 0 && v.StageOf == "" {
		return shell.T(ctx, "proposal.receipt.grace", minutes, at)
	}
	return at
}

func micro(ctx context.Context, t time.Time) string {
	if z := shell.Of(ctx).Zone; z != nil {
		t = t.In(z)
	}
	return t.Format("2006-01-02 15:04:05.000000 MST")
}
