package retention

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

func crumbs(ctx context.Context, here string) []shell.Crumb {
	return []shell.Crumb{{Label: shell.T(ctx, "nav.retention"), Href: "/retention"}, {Label: here}}
}

func className(ctx context.Context, c retention.Class) string {
	return shell.T(ctx, "retention.class."+string(c))
}

func kindName(ctx context.Context, kind string) string {
	return shell.T(ctx, "retention.kind."+kind)
}

func kindOptions(ctx context.Context, kinds []string) []shell.Option {
	out := make([]shell.Option, len(kinds))
	for i, k := range kinds {
		out[i] = shell.Option{Value: k, Label: kindName(ctx, k)}
	}
	return out
}

// dueCount is how many records of a class are due, as far as they are counted.
func dueCount(ctx context.Context, n int) string {
	if n == retention.MostDue {
		return shell.T(ctx, "retention.due.many", n)
	}
	return shell.Number(ctx, int64(n))
}

// span is how long a class is kept, in years where they are whole.
func span(ctx context.Context, r retention.Rule) string {
	switch {
	case r.Days == 0:
		return shell.T(ctx, "retention.forgood")
	case r.Days >= 365:
		if years := (r.Days*4 + 2) / 1461; r.Days == (years*1461+3)/4 || r.Days == years*365 {
			return shell.T(ctx, "retention.years", int(years))
		}
	}
	return shell.T(ctx, "retention.days.n", int(r.Days))
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func recordName(ctx context.Context, r retention.Record) string {
	if r.Kind == "mail" {
		return kindName(ctx, r.Kind)
	}
	return kindName(ctx, r.Kind) + " " + r.Number
}

// heldBy says which hold it is, and no more than that where who looks may not see what is held.
func heldBy(ctx context.Context, h retention.Hold) string {
	if h.ID == "" {
		return shell.T(ctx, "retention.held.elsewhere")
	}
	return h.Number + " · " + h.Reason
}

func dueName(ctx context.Context, d retention.Due) string {
	if d.Kind == "mail" {
		return shell.T(ctx, "retention.mails", d.Number)
	}
	return d.Number
}

// subjectName is what an erasure was of: people by nothing but their kind.
func subjectName(ctx context.Context, e retention.Erasure) string {
	if e.SubjectNumber == "" {
		return kindName(ctx, e.Kind)
	}
	return kindName(ctx, e.Kind) + " " + e.SubjectNumber
}

func keptUntil(ctx context.Context, k retention.Kept) string {
	if k.Until.IsZero() {
		return shell.T(ctx, "retention.kept.open", className(ctx, k.Class))
	}
	return shell.T(ctx, "retention.kept.until", className(ctx, k.Class), shell.Day(ctx, k.Until))
}

// sparedBy says what keeps texts: a rule, or holds by their keys.
func sparedBy(ctx context.Context, k retention.Spared) string {
	if k.Class != "" {
		return keptUntil(ctx, retention.Kept{Class: k.Class, Until: k.Until})
	}
	return shell.T(ctx, "retention.spared.holds", strings.Join(k.Holds, ", "))
}

func facts(ctx context.Context, e retention.Erasure) []shell.Fact {
	list := []shell.Fact{{Name: shell.T(ctx, "retention.record"), Value: shell.Text(subjectName(ctx, e))}, {Name: shell.T(ctx, "retention.key"), Value: shell.Text(e.Subject)}}
	if e.Class != "" {
		list = append(list, shell.Fact{Name: shell.T(ctx, "retention.rule"), Value: shell.Text(className(ctx, e.Class))})
	}
	list = append(list, shell.Fact{Name: shell.T(ctx, "retention.reason"), Value: shell.Text(e.Reason)}, shell.Fact{Name: shell.T(ctx, "retention.ordered"), Value: shell.Text(shell.Instant(ctx, e.Created))})
	if !e.Done.IsZero() {
		list = append(list, shell.Fact{Name: shell.T(ctx, "retention.ended"), Value: shell.Text(shell.Instant(ctx, e.Done))})
	}
	return list
}

// mayAct reports whether the viewer's roles let them hold and erase; the service decides for each record.
func mayAct(ctx context.Context) bool {
	a := shell.Of(ctx).Actor
	return a.HasAny(access.Officer) || a.Has(access.Admin)
}

// mayRule reports whether the viewer sets rules.
func mayRule(ctx context.Context) bool { return shell.Of(ctx).Actor.Has(access.Admin) }
