package techmap

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// changeSheet is what the page of changes shows.
type changeSheet struct {
	techmap.View
	was  techmap.View
	from string
	list []techmap.Difference
}

// usually is how far back the page of changes looks where no day is asked for.
const usually = 90 * 24 * time.Hour

// Changes is GET /maps/{id}/changes?from=…: what differs between the end of a day and now,
// as far as the viewer sees the map on both.
func (p *Pages) Changes(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Maps.Map(r.Context(), shell.Actor(r), r.PathValue("id"), time.Time{})
	if err != nil {
		return err
	}
	s := changeSheet{View: v, from: r.URL.Query().Get("from")}
	at, ok := shell.DayEnd(r.Context(), s.from)
	if now := shell.Of(r.Context()).Now; !ok || at.After(now) {
		at = now.Add(-usually)
		s.from = at.Format(time.DateOnly)
	}
	if s.was, err = p.Maps.Map(r.Context(), shell.Actor(r), v.ID, at); err != nil {
		return err
	}
	s.list = techmap.Differences(s.was.Graph, v.Graph)
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
