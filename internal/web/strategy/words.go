package strategy

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

func officer(ctx context.Context) bool { return shell.Of(ctx).Actor.HasAny(access.Officer) }

// word is the catalogue's word for a state or code of the record.
func word(ctx context.Context, group, code string) string {
	return shell.T(ctx, "strategy."+group+"."+strings.ReplaceAll(code, " ", "_"))
}

func chip(state string) string {
	return map[string]string{"draft": "warn", "active": "open", "posted": "open", "open": "open", "taken up": "live", "in a call": "live", "reached": "ok", "met": "ok", "answered": "ok"}[state]
}

// stands says how far a priority is, in words with its numbers.
func stands(ctx context.Context, n *strategy.Node) string {
	share, own, ok := n.Share()
	switch {
	case !ok:
		return shell.T(ctx, "strategy.progress.none")
	case !own:
		return shell.T(ctx, "strategy.progress.below", shell.Percent(share))
	}
	return shell.T(ctx, "strategy.progress.own", shell.Percent(share), decimal(n.Reached), decimal(n.Target), n.Unit)
}

func facts(ctx context.Context, v strategy.PriorityView) []shell.Fact {
	var list []shell.Fact
	add := func(key, value string) {
		if value != "" {
			list = append(list, shell.Fact{Name: shell.T(ctx, key), Value: shell.Text(value)})
		}
	}
	add("strategy.agency", shell.Say(ctx, v.Agency))
	if v.OwnerID != "" {
		list = append(list, shell.Fact{Name: shell.T(ctx, "strategy.owner"), Value: shell.Link("/people/"+v.OwnerID, v.Owner)})
	}
	if v.Orientation != "" {
		add("strategy.orientation", word(ctx, "orientation", v.Orientation))
	}
	add("strategy.metric.name", shell.Say(ctx, v.Metric))
	for _, m := range []struct {
		key string
		v   *float64
	}{{"strategy.baseline", v.Baseline}, {"strategy.target", v.Target}, {"strategy.reached", v.Reached}} {
		if m.v != nil {
			add(m.key, strings.TrimSpace(decimal(m.v)+" "+v.Unit))
		}
	}
	if v.From != "" {
		add("strategy.from", shell.PlainDay(ctx, v.From))
	}
	if v.Until != "" {
		add("strategy.until.name", shell.PlainDay(ctx, v.Until))
	}
	add("strategy.decided", v.DecidedIn)
	return list
}

func orientations(ctx context.Context, none string) []shell.Option {
	list := []shell.Option{{Label: shell.T(ctx, none)}}
	for _, o := range strategy.Orientations {
		list = append(list, shell.Option{Value: o, Label: word(ctx, "orientation", o)})
	}
	return list
}

func states(ctx context.Context, group string, codes []string) []shell.Option {
	var list []shell.Option
	for _, c := range codes {
		list = append(list, shell.Option{Value: c, Label: word(ctx, group, c)})
	}
	return list
}

func agencies(ctx context.Context, all []register.Agency, none string) []shell.Option {
	var list []shell.Option
	if none != "" {
		list = append(list, shell.Option{Label: shell.T(ctx, none)})
	}
	for _, g := range all {
		list = append(list, shell.Option{Value: g.ID, Label: shell.Say(ctx, g.Name)})
	}
	return list
}

func priorities(ctx context.Context, all []*strategy.Node) []shell.Option {
	list := []shell.Option{{Label: shell.T(ctx, "strategy.question.priority.none")}}
	for _, n := range all {
		list = append(list, shell.Option{Value: n.ID, Label: shell.T(ctx, "strategy.numbered", n.Number, n.Title)})
	}
	return list
}

func way(ctx context.Context, v strategy.PriorityView) []shell.Crumb {
	list := []shell.Crumb{{Label: shell.T(ctx, "nav.priorities"), Href: "/priorities"}}
	for _, up := range v.Way {
		list = append(list, shell.Crumb{Label: shell.T(ctx, "strategy.numbered", up.Number, up.Title), Href: "/priorities/" + up.ID})
	}
	return append(list, shell.Crumb{Label: v.Number})
}

func below(kind string) string {
	return map[string]string{strategy.Goal: "strategy.add.area", strategy.Area: "strategy.add.task"}[kind]
}
