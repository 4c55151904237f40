package techmap

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/engine/measure"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// word is the catalogue's word for a code of the record.
func word(ctx context.Context, group, code string) string {
	return shell.T(ctx, "techmap."+group+"."+code)
}

// country names a country in the viewer's language.
func country(ctx context.Context, code string) string {
	if code == "" {
		return shell.T(ctx, "techmap.country.unknown")
	}
	return shell.Country(ctx, code)
}

// nodeName is the title of a node by its key.
func nodeName(ctx context.Context, g *techmap.Graph, id string) string {
	n, ok := g.Node(id)
	if !ok {
		return id
	}
	return shell.Say(ctx, n.Title)
}

func providerName(ctx context.Context, g *techmap.Graph, id string) string {
	if id == techmap.AssumedHome {
		return shell.T(ctx, "techmap.assumed.home")
	}
	p, ok := g.Provider(id)
	if !ok {
		return id
	}
	return shell.Say(ctx, p.Name)
}

// shareName says whose share of what it is.
func shareName(ctx context.Context, g *techmap.Graph, node, provider string) string {
	return shell.T(ctx, "techmap.share.of", providerName(ctx, g, provider), nodeName(ctx, g, node))
}

// eventName says what is lost.
func eventName(ctx context.Context, g *techmap.Graph, layer string, e techmap.Event) string {
	switch {
	case e.Unknown == "supply":
		return shell.T(ctx, "techmap.doubt.supply", nodeName(ctx, g, e.Key))
	case e.Unknown == "place":
		return shell.T(ctx, "techmap.doubt.place", providerName(ctx, g, e.Key))
	case layer == techmap.ByCountry:
		return country(ctx, e.Key)
	case layer == techmap.ByProvider:
		return providerName(ctx, g, e.Key)
	}
	if e.Key == techmap.AssumedHome {
		return shell.T(ctx, "techmap.assumed.home")
	}
	return e.Key
}

// setName says a finding's members: "Osmund and Tarn".
func setName(ctx context.Context, g *techmap.Graph, layer string, f techmap.Finding) string {
	var names []string
	for _, e := range f.Events {
		names = append(names, eventName(ctx, g, layer, e))
	}
	return lang.List(lang.Of(ctx), names)
}

func doubts(ctx context.Context, g *techmap.Graph, layer string, f techmap.Finding) string {
	var names []string
	for _, e := range f.Doubts {
		names = append(names, eventName(ctx, g, layer, e))
	}
	return lang.List(lang.Of(ctx), names)
}

func nodeNames(ctx context.Context, g *techmap.Graph, ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, nodeName(ctx, g, id))
	}
	return lang.List(lang.Of(ctx), names)
}

// lead is the answer in a sentence.
func lead(ctx context.Context, s sheet) string {
	switch {
	case s.Goal == "":
		return shell.T(ctx, "techmap.lead.nogoal")
	case s.answer == nil:
		return ""
	case s.answer.Over:
		return shell.T(ctx, "techmap.lead.over")
	}
	n := s.answer.SinglePoints()
	if n == 0 {
		return shell.T(ctx, "techmap.lead.none", nodeName(ctx, s.Graph, s.Goal))
	}
	return shell.T(ctx, "techmap.lead."+s.answer.Layer, n, nodeName(ctx, s.Graph, s.Goal))
}

// gateWords says what a gate needs: "any of: A, B".
func gateWords(ctx context.Context, g *techmap.Graph, x techmap.Gate) string {
	var names []string
	for _, in := range x.Inputs {
		name := nodeName(ctx, g, in.NodeID)
		if x.Kind == techmap.ShareOf {
			name = shell.T(ctx, "techmap.with.share", name, span(ctx, in.Share, in.Share))
		}
		names = append(names, name)
	}
	list := strings.Join(names, shell.T(ctx, "techmap.comma"))
	switch {
	case x.Kind == techmap.SomeOf:
		return shell.T(ctx, "techmap.needs.some", x.K, len(x.Inputs), list)
	case x.Kind == techmap.ShareOf:
		return shell.T(ctx, "techmap.needs.share", span(ctx, x.Floor, x.Floor), list)
	case x.Kind == techmap.AnyOf && len(x.Inputs) > 1:
		return shell.T(ctx, "techmap.needs.any", list)
	case len(x.Inputs) > 1:
		return shell.T(ctx, "techmap.needs.all", list)
	}
	return list
}

// alternatives are the gates that can be read as needing every input.
func alternatives(g *techmap.Graph) (list []techmap.Gate) {
	for _, x := range g.Gates {
		if x.Kind != techmap.AllOf && len(x.Inputs) > 1 {
			list = append(list, x)
		}
	}
	return list
}

// findingHref is the address of a finding under the assumptions of the page.
func findingHref(ctx context.Context, mapID string, layer string, f techmap.Finding) string {
	q := url.Values{}
	for name, values := range shell.Of(ctx).URL.Query() {
		switch name {
		case "t", "home", "lost", "need", "grow", "share", "as":
			q[name] = values
		}
	}
	q.Set("layer", layer)
	q["of"] = f.Keys()
	return "/maps/" + mapID + "/finding?" + q.Encode()
}

func options(ctx context.Context, group string, codes []string) (list []shell.Option) {
	for _, c := range codes {
		list = append(list, shell.Option{Value: c, Label: word(ctx, group, c)})
	}
	return list
}

func nodeOptions(ctx context.Context, g *techmap.Graph, none string) []shell.Option {
	list := []shell.Option{{Label: shell.T(ctx, none)}}
	for _, n := range g.Nodes {
		list = append(list, shell.Option{Value: n.ID, Label: shell.Say(ctx, n.Title)})
	}
	return list
}

func homeOf(ctx context.Context, v techmap.View, n techmap.Node, home string) string {
	if words := homeWords(ctx, v.Graph, n, home); words != "" {
		return words
	}
	return shell.T(ctx, "techmap.made.inputs")
}

// asKnown says which map this is, and of which day.
func asKnown(ctx context.Context, v techmap.View) string {
	if v.At.IsZero() {
		return shell.T(ctx, "techmap.kicker", v.Number)
	}
	return shell.T(ctx, "techmap.kicker.as", v.Number, shell.Day(ctx, v.At))
}

func crumbs(ctx context.Context, v techmap.View, title string) []shell.Crumb {
	list := []shell.Crumb{{Label: shell.T(ctx, "nav.maps"), Href: "/maps"}}
	if v.ID != "" {
		list = append(list, shell.Crumb{Label: v.Number, Href: "/maps/" + v.ID})
	}
	return append(list, shell.Crumb{Label: title})
}

// home is the country from whose side the page reads the map.
func (s sheet) home() string {
	if s.answer != nil {
		return s.answer.Home
	}
	return s.Home
}

func homeOfAll(ctx context.Context, s sheet, nodes []string) string {
	var list []string
	for _, id := range nodes {
		if share, known := s.Graph.HomeShare(id, s.home()); known {
			list = append(list, span(ctx, share.Low, share.High))
		} else {
			list = append(list, shell.T(ctx, "techmap.home.unknown"))
		}
	}
	return strings.Join(list, shell.T(ctx, "techmap.comma"))
}

// smallest says how many sets of the smallest size there are.
func smallest(ctx context.Context, a techmap.Answer) string {
	for order, n := range a.ByOrder {
		if n.Sign() > 0 && order > 0 {
			return shell.T(ctx, "techmap.smallest.are", n.String(), order)
		}
	}
	return "—"
}

// widerHref draws a step more around the node that is drawn.
func widerHref(ctx context.Context, f frame) string {
	u := *shell.Of(ctx).URL
	q := u.Query()
	q.Set("focus", f.node)
	q.Set("steps", number(f.steps+1))
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// unturnedHref is the page with nothing assumed.
func unturnedHref(s sheet) string {
	q := url.Values{"layer": {s.wish.Layer}}
	if as := asOf(s.View); as != "" {
		q.Set("as", as)
	}
	return "/maps/" + s.ID + "?" + q.Encode()
}

// countWords is how many sets stop the goal, as far as they are counted.
func countWords(ctx context.Context, a techmap.Answer) string {
	if a.Most > 0 {
		return shell.T(ctx, "techmap.sets.few", a.Count.String(), a.Most)
	}
	return a.Count.String()
}

// findingsCaption says how many of the findings are listed.
func findingsCaption(ctx context.Context, a techmap.Answer) string {
	listed := min(rows, len(a.Findings))
	if a.Most > 0 {
		return shell.T(ctx, "techmap.findings.few", listed, a.Count.String(), a.Most)
	}
	return shell.T(ctx, "techmap.findings.caption", listed, a.Count.String())
}

func alternativeOptions(ctx context.Context, s sheet) (list []shell.Option) {
	for _, x := range alternatives(s.Graph) {
		list = append(list, shell.Option{Value: x.ID, Label: shell.T(ctx, "techmap.gate.named", nodeName(ctx, s.Graph, x.NodeID), gateWords(ctx, s.Graph, x)), Chosen: s.wish.needs(x.ID)})
	}
	return list
}

func zoomWord(z string) string {
	if z == "" {
		return "100"
	}
	return z
}

func year(n int) string {
	if n == 0 {
		return "—"
	}
	return number(n)
}

func whole(n int) string {
	if n == 0 {
		return ""
	}
	return number(n)
}

func ids(nodes []techmap.Node) (list []string) {
	for _, n := range nodes {
		list = append(list, n.ID)
	}
	return list
}

func aliasNames(n techmap.Node) string {
	var all []string
	for _, tag := range slices.Sorted(maps.Keys(n.Aliases)) {
		all = append(all, n.Aliases[tag]...)
	}
	return strings.Join(all, ", ")
}

func oneALine(list []string) string { return strings.Join(list, "\n") }

// shareWords says a share with its bounds.
func shareWords(ctx context.Context, s techmap.Share) string {
	switch {
	case s.Low == nil && s.High == nil:
		return shell.T(ctx, "techmap.unknown.share")
	case s.Low == nil:
		return span(ctx, 0, *s.High)
	case s.High == nil:
		return shell.T(ctx, "techmap.percent.least", percent(*s.Low))
	}
	return span(ctx, *s.Low, *s.High)
}

func ownerWords(ctx context.Context, p techmap.Provider) string {
	if p.Owner == "" {
		return shell.T(ctx, "techmap.owner.itself")
	}
	return p.Owner
}

func orUnknown(ctx context.Context, s string) string {
	if s == "" {
		return shell.T(ctx, "techmap.not.known")
	}
	return s
}

// authorWords says who wrote an item, and when.
func authorWords(ctx context.Context, s nodeSheet, x techmap.Stamp) string {
	if x.Author == "" {
		return shell.Day(ctx, x.Since)
	}
	return shell.T(ctx, "techmap.author.on", s.names[x.Author], shell.Day(ctx, x.Since))
}

// supplyWords says how much of a node's supply is known, and what it takes.
func supplyWords(ctx context.Context, s nodeSheet) string {
	known := 0.0
	for _, x := range s.Graph.SharesOf(s.node.ID) {
		if x.Low != nil {
			known += *x.Low
		}
	}
	floor := s.node.Floor
	if floor == 0 {
		floor = s.Threshold
	}
	sum := ""
	switch {
	case known < 0.995:
		sum = shell.T(ctx, "techmap.supply.rest", span(ctx, 1-known, 1-known))
	case known > 1.005:
		sum = shell.T(ctx, "techmap.supply.over", span(ctx, known, known))
	}
	return shell.Sentences(shell.T(ctx, "techmap.supply.floor", span(ctx, floor, floor)), sum)
}

// supplies says what a provider supplies, with how much.
func supplies(ctx context.Context, g *techmap.Graph, p techmap.Provider) string {
	var list []string
	for _, s := range g.Shares {
		if s.ProviderID == p.ID {
			list = append(list, shell.T(ctx, "techmap.with.share", nodeName(ctx, g, s.NodeID), shareWords(ctx, s)))
		}
	}
	return strings.Join(list, shell.T(ctx, "techmap.comma"))
}

func providerOptions(ctx context.Context, g *techmap.Graph) (list []shell.Option) {
	for _, p := range g.Providers {
		list = append(list, shell.Option{Value: p.ID, Label: shell.T(ctx, "techmap.with.share", p.Name, country(ctx, p.Country))})
	}
	return list
}

// address is the last part of an item's address in the forms.
func address(isNew bool, key string) string {
	if isNew {
		return fresh
	}
	return key
}

func listOf(ctx context.Context, items []string) string { return lang.List(lang.Of(ctx), items) }

// age says how old a source is.
func age(ctx context.Context, s techmap.Share) string {
	return shell.T(ctx, "techmap.years", max(0, shell.Of(ctx).Now.Year()-s.Year))
}

// mostBelow is how many calls of a question, or awards of a call, a list shows.
const mostBelow = 10

func questions(list []techmap.Trace) (n int) {
	for _, t := range list {
		if t.Kind == "question" {
			n++
		}
	}
	return n
}

func priorityOptions(ctx context.Context, all []*strategy.Node) []shell.Option {
	list := []shell.Option{{Label: shell.T(ctx, "strategy.question.priority.none")}}
	for _, n := range all {
		list = append(list, shell.Option{Value: n.ID, Label: shell.T(ctx, "strategy.numbered", n.Number, n.Title)})
	}
	return list
}

// concentrationWords says how concentrated the supply of a node is, and how much of it the largest has, at each
// layer at which that is known.
func concentrationWords(ctx context.Context, s nodeSheet) string {
	var hhis, largest []string
	for _, layer := range techmap.Layers {
		if hhi, ok := s.Graph.Concentration(s.node.ID, layer); ok {
			low, high := fmt.Sprintf("%.2f", hhi.Low), fmt.Sprintf("%.2f", hhi.High)
			value := low
			if low != high {
				value = shell.T(ctx, "techmap.between", low, high)
			}
			hhis = append(hhis, shell.T(ctx, "techmap.hhi."+layer, value))
		}
		if most, ok := s.Graph.Largest(s.node.ID, layer); ok {
			largest = append(largest, shell.T(ctx, "techmap.hhi."+layer, largestWords(ctx, most)))
		}
	}
	if len(hhis) == 0 {
		return ""
	}
	comma := shell.T(ctx, "techmap.comma")
	return shell.Sentences(shell.T(ctx, "techmap.largest", strings.Join(largest, comma)), shell.T(ctx, "techmap.hhi", strings.Join(hhis, comma)))
}

// largestWords says a largest share, and where it is that of a sole supplier.
func largestWords(ctx context.Context, most measure.Interval) string {
	words := span(ctx, most.Low, most.High)
	switch certainly, possibly := most.Reaches(measure.Sole); {
	case certainly:
		return shell.T(ctx, "techmap.sole", words)
	case possibly:
		return shell.T(ctx, "techmap.sole.possible", words)
	}
	return words
}

// mostChanges is how many changes a page shows.
const mostChanges = 500

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// sealedOptions are the map and its sealed nodes.
func sealedOptions(ctx context.Context, g *techmap.Graph) []shell.Option {
	list := []shell.Option{{Label: shell.T(ctx, "techmap.reader.map")}}
	for _, n := range g.Nodes {
		if n.Sealed {
			list = append(list, shell.Option{Value: n.ID, Label: shell.T(ctx, "techmap.reader.node", n.Title)})
		}
	}
	return list
}

// none says whether no node of any map has a name.
func none(lines []line, text string) bool {
	return !slices.ContainsFunc(lines, func(l line) bool { return len(l.Graph.Named(text)) > 0 })
}
