package techmap

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// said is what an item says of one thing, by the label that its form has for it.
type said struct{ label, value string }

// suggestedWords says one suggested change by what it changes, with what its writer saw there: for the writer and
// who keeps the map. Items are named by a graph.
func suggestedWords(ctx context.Context, g *techmap.Graph, c techmap.Suggested) string {
	return changeWords(ctx, g, c, "techmap.suggested.instead")
}

// outcomeWords says one accepted change by what it changed, for everybody who sees the map: what its writer saw
// before may name more than they may know of.
func outcomeWords(ctx context.Context, g *techmap.Graph, c techmap.Suggested) string {
	return changeWords(ctx, g, c, "techmap.pair")
}

// changeWords says what a change changes; instead says a label with what is new and what it replaces.
func changeWords(ctx context.Context, g *techmap.Graph, c techmap.Suggested, instead string) string {
	if c.Remove != nil {
		return shell.T(ctx, "techmap.remove.of", itemName(ctx, g, *c.Remove))
	}
	name, now := describe(ctx, g, c.Change)
	_, was := describe(ctx, g, c.Was())
	var parts []string
	for i, x := range now {
		switch {
		case was == nil && x.value != "":
			parts = append(parts, shell.T(ctx, "techmap.pair", x.label, x.value))
		case was != nil && was[i].value != x.value:
			parts = append(parts, shell.T(ctx, instead, x.label, orDash(x.value), orDash(was[i].value)))
		}
	}
	key := "techmap.pair"
	if was == nil {
		key = "techmap.suggested.new"
	}
	return shell.T(ctx, key, name, strings.Join(parts, shell.T(ctx, "techmap.semicolon")))
}

// describe names the item of a change and lists all that it says, of each kind always in the same order.
func describe(ctx context.Context, g *techmap.Graph, c techmap.Change) (name string, list []said) {
	add := func(label, value string) { list = append(list, said{shell.T(ctx, label), value}) }
	switch {
	case c.Node != nil:
		n := c.Node
		name = shell.Say(ctx, n.Title)
		add("techmap.node.title", everyLanguage(n.Title))
		add("techmap.kind", word(ctx, "kind", n.Kind))
		add("techmap.summary", everyLanguage(n.Summary))
		add("techmap.aliases.all", aliasNames(*n))
		add("techmap.supplied", yesWord(ctx, n.Supplied))
		add("techmap.threshold", typedShare(ctx, n.Floor))
		add("techmap.readiness", whole(n.Ready))
	case c.Gate != nil:
		name = nodeName(ctx, g, c.Gate.NodeID)
		add("techmap.gate.kind", word(ctx, "gate", c.Gate.Kind))
		add("techmap.needs", gateWords(ctx, g, *c.Gate))
		add("techmap.source", c.Gate.Source)
	case c.Provider != nil:
		p := c.Provider
		name = shell.Say(ctx, p.Name)
		add("techmap.provider.name", everyLanguage(p.Name))
		add("techmap.country.name", country(ctx, p.Country))
		add("techmap.owner", p.Owner)
		add("techmap.site", p.Site)
	case c.Share != nil:
		s := c.Share
		name = shareName(ctx, g, s.NodeID, s.ProviderID)
		add("techmap.share", shareWords(ctx, *s))
		add("techmap.year", strconv.Itoa(s.Year))
		add("techmap.source", s.Source)
		add("techmap.confidence", word(ctx, "confidence", s.Confidence))
	}
	return name, list
}

// everyLanguage is a text in all of its languages: a change of any of them shows.
func everyLanguage(t lang.Text) string {
	var list []string
	for _, tag := range slices.Sorted(maps.Keys(t.By)) {
		list = append(list, t.By[tag])
	}
	return strings.Join(list, " / ")
}

func yesWord(ctx context.Context, yes bool) string {
	if yes {
		return shell.T(ctx, "techmap.yes")
	}
	return shell.T(ctx, "techmap.no")
}

// typedShare is a share as forms write it, "" for none.
func typedShare(ctx context.Context, v float64) string {
	if v == 0 {
		return ""
	}
	return shell.T(ctx, "techmap.percent", decimal(v*100))
}
