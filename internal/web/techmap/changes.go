package techmap

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// changeSheet is what the page of changes shows: the map at the end of what is looked at, and as it was.
type changeSheet struct {
	techmap.View
	was      techmap.View
	from, to string // days; to is "" for now
	list     []techmap.Difference
}

// usually is how far back the page of changes looks where no day is asked for.
const usually = 90 * 24 * time.Hour

// Changes is GET /maps/{id}/changes?from=…&to=…: what differs between the ends of two days, or between
// one and now, as far as the viewer sees the map on both.
func (p *Pages) Changes(w http.ResponseWriter, r *http.Request) error {
	ctx, now := r.Context(), shell.Of(r.Context()).Now
	s := changeSheet{from: r.URL.Query().Get("from"), to: r.URL.Query().Get("to")}
	end, ok := shell.DayEnd(ctx, s.to)
	if !ok || end.After(now) {
		s.to, end = "", time.Time{}
	}
	begin, ok := shell.DayEnd(ctx, s.from)
	if !ok || begin.After(now) {
		begin = now.Add(-usually)
		s.from = begin.Format(time.DateOnly)
	}
	if !end.IsZero() && end.Before(begin) {
		begin, end, s.from, s.to = end, begin, s.to, s.from
	}
	var err error
	if s.View, err = p.Maps.Map(ctx, shell.Actor(r), r.PathValue("id"), end); err != nil {
		return err
	}
	if s.was, err = p.Maps.Map(ctx, shell.Actor(r), s.ID, begin); err != nil {
		return err
	}
	s.list = techmap.Differences(s.was.Graph, s.Graph)
	return shell.Render(w, r, http.StatusOK, changesPage(s))
}

// itemName says what an item is, as it stood in a graph.
func itemName(ctx context.Context, g *techmap.Graph, r techmap.Ref) string {
	switch r.Kind {
	case techmap.KindGate:
		if x, ok := g.Gate(r.ID); ok {
			return shell.T(ctx, "techmap.gate.named", nodeName(ctx, g, x.NodeID), gateWords(ctx, g, x))
		}
	case techmap.KindProvider:
		return providerName(ctx, g, r.ID)
	case techmap.KindShare:
		node, provider, _ := strings.Cut(r.ID, "|")
		s, _ := g.Share(node, provider)
		return shell.T(ctx, "techmap.with.share", shareName(ctx, g, node, provider), shareWords(ctx, s))
	case techmap.KindScenario:
		s, _ := g.Scenario(r.ID)
		return shell.Say(ctx, s.Title)
	case techmap.KindOption:
		o, _ := g.Option(r.ID)
		return shell.Say(ctx, o.Title)
	case techmap.KindTrack:
		if k, ok := trackOf(g, r.ID); ok {
			return shell.T(ctx, "techmap.track.named", word(ctx, "indicator", k.Indicator), country(ctx, k.Country), nodeName(ctx, g, k.NodeID))
		}
	}
	return nodeName(ctx, g, r.ID)
}

// changed is an item before and after: "" where it was not there.
func (s changeSheet) changed(ctx context.Context, d techmap.Difference) (before, after string) {
	if d.Before != "" {
		before = itemName(ctx, s.was.Graph, d.Ref)
	}
	if d.After != "" {
		after = itemName(ctx, s.Graph, d.Ref)
	}
	return before, after
}

// itemHref leads to the page on which an item stands, or that of the map.
func itemHref(v techmap.View, r techmap.Ref) string {
	node := r.ID
	switch r.Kind {
	case techmap.KindGate:
		x, _ := v.Graph.Gate(r.ID)
		node = x.NodeID
	case techmap.KindShare, techmap.KindTrack:
		node, _, _ = strings.Cut(r.ID, "|")
	case techmap.KindProvider:
		return "/maps/" + v.ID + "/providers"
	case techmap.KindScenario, techmap.KindOption:
		return "/maps/" + v.ID + "/ranking"
	}
	if _, ok := v.Graph.Node(node); !ok {
		return "/maps/" + v.ID
	}
	return "/maps/" + v.ID + "/nodes/" + node
}

// afterWord says when the later of the two states was.
func afterWord(ctx context.Context, s changeSheet) string {
	if s.At.IsZero() {
		return shell.T(ctx, "techmap.changes.after")
	}
	return shell.Day(ctx, s.At)
}
