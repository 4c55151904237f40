package call

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// titleLang is the language that a text of the record is shown in.
func titleLang(ctx context.Context, t lang.Text) string {
	_, tag := t.Pick(shell.Of(ctx).Locale)
	return tag
}

func staff(ctx context.Context) bool { return shell.Of(ctx).Actor.HasAny(access.Officer) }

// amounts says what one can ask for.
func amounts(ctx context.Context, c call.Call) string {
	switch {
	case c.Low.Minor > 0 && c.High.Minor > 0:
		return shell.T(ctx, "call.amount.between", c.Low, c.High)
	case c.High.Minor > 0:
		return shell.T(ctx, "call.amount.upto", c.High)
	case c.Low.Minor > 0:
		return shell.T(ctx, "call.amount.from", c.Low)
	}
	return shell.T(ctx, "call.amount.free")
}

// openKind warns in the last week.
func openKind(ctx context.Context, c call.Call) string {
	if c.ClosesAt.Sub(shell.Of(ctx).Now) < 7*24*time.Hour {
		return "warn"
	}
	return "open"
}

func facts(ctx context.Context, v call.View) []shell.Fact {
	list := []shell.Fact{
		{Name: shell.T(ctx, "call.agency"), Value: shell.Text(shell.Say(ctx, v.AgencyIn))},
		{Name: shell.T(ctx, "call.opens"), Value: shell.Text(shell.InstantIn(ctx, v.OpensAt, v.Zone))},
		{Name: shell.T(ctx, "call.closes"), Value: shell.Text(shell.InstantIn(ctx, v.ClosesAt, v.Zone) + " (" + v.Zone + ")")},
		{Name: shell.T(ctx, "call.money"), Value: shell.Text(amounts(ctx, v.Call))},
	}
	if v.Total.Minor > 0 {
		list = append(list, shell.Fact{Name: shell.T(ctx, "call.total"), Value: shell.Text(shell.Say(ctx, v.Total))})
	}
	for _, b := range v.Budget {
		list = append(list, shell.Fact{Name: shell.T(ctx, "call.budget.line", b.Name, fmt.Sprint(b.Year)), Value: shell.Text(shell.Say(ctx, b.Amount))})
	}
	if v.Hours > 0 {
		list = append(list, shell.Fact{Name: shell.T(ctx, "call.hours"), Value: shell.Text(shell.T(ctx, "call.hours.about", int(v.Hours)))})
	}
	if v.DecideBy != "" {
		list = append(list, shell.Fact{Name: shell.T(ctx, "call.decide"), Value: shell.Text(shell.PlainDay(ctx, v.DecideBy))})
	}
	if v.EmbargoDays > 0 {
		list = append(list, shell.Fact{Name: shell.T(ctx, "call.embargo"), Value: shell.Text(shell.T(ctx, "call.embargo.after", v.EmbargoDays))})
	}
	if v.Contact != "" {
		list = append(list, shell.Fact{Name: shell.T(ctx, "call.contact"), Value: shell.Text(v.Contact)})
	}
	return list
}

// def0 is the eligibility rules of a definition that may be missing (imported calls).
func def0(def scheme.Version) []scheme.Rule {
	if def.Definition == nil {
		return nil
	}
	return def.Eligible
}

func formTitle(ctx context.Context, d draft) string {
	if d.id != "" {
		return shell.T(ctx, "call.edit")
	}
	return shell.T(ctx, "call.new")
}

func formAction(d draft) templ.SafeURL {
	if d.id != "" {
		return templ.SafeURL("/calls/" + d.id + "/edit")
	}
	return "/calls"
}

func agencyOptions(ctx context.Context, d draft) []shell.Option {
	var out []shell.Option
	for _, a := range d.agencies {
		out = append(out, shell.Option{Value: a.ID, Label: shell.Say(ctx, a.Name)})
	}
	return out
}

func schemeOptions(ctx context.Context, d draft) []shell.Option {
	var out []shell.Option
	for _, v := range d.schemes {
		out = append(out, shell.Option{Value: v.ID, Label: shell.T(ctx, "call.scheme.option", v.Definition.Title, v.Number)})
	}
	return out
}

func priorityOptions(ctx context.Context, d draft) []shell.Option {
	var out []shell.Option
	for _, n := range d.tree {
		if n.State == "active" {
			out = append(out, shell.Option{Value: n.ID, Label: shell.T(ctx, "strategy.numbered", n.Number, n.Title), Chosen: slices.Contains(d.in.Priorities, n.ID)})
		}
	}
	return out
}

// feedOf and calendarOf are the addresses of a call's feeds; a draft has none.
func feedOf(v call.View) string {
	if v.State == "draft" {
		return ""
	}
	return "/calls/" + v.ID + "/feed"
}

func calendarOf(v call.View) string {
	if v.State == "draft" {
		return ""
	}
	return "/calls/" + v.ID + "/calendar"
}
