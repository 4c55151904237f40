package techmap

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// wish is what the address of a map's page asks for: how it is read, and how it is drawn.
type wish struct {
	techmap.Assumptions
	percent   string // threshold as typed
	growNode  string
	growShare string // per cent as typed
	focus     string // a node, or wholeMap; "" for what is best seen first
	steps     int
	size      string // one of zooms
}

const (
	mostSteps  = 6   // of a neighbourhood
	mostAtOnce = 120 // nodes that are drawn where nobody has asked for the whole map
	firstSteps = 2   // around the goal that are drawn of a larger one
	wholeMap   = "*" // no node's key
)

func wishOf(q url.Values) wish {
	w := wish{percent: q.Get("t"), growNode: q.Get("grow"), growShare: q.Get("share"), focus: q.Get("focus"), size: q.Get("zoom"), steps: 1}
	w.Layer, w.Home, w.HomeLost, w.Needed = q.Get("layer"), strings.ToUpper(q.Get("home")), q.Get("lost") != "", q["need"]
	w.Threshold = percentOf(w.percent)
	if w.growNode != "" && w.growShare != "" {
		w.Grown = []techmap.Grown{{NodeID: w.growNode, Share: percentOf(w.growShare)}}
	}
	if n, err := strconv.Atoi(q.Get("steps")); err == nil {
		w.steps = min(max(n, 1), mostSteps)
	}
	return w
}

// frame is the part of a map that is drawn, and how large.
type frame struct {
	node  string // whose neighbourhood is drawn, "" for the whole map
	steps int
	size  string // one of zooms
}

// frame is what the wish makes of a map: of a large one first what the goal needs.
func (w wish) frame(v techmap.View) frame {
	if _, ok := v.Graph.Node(w.focus); ok {
		return frame{w.focus, w.steps, w.size}
	}
	if w.focus == "" && len(v.Graph.Nodes) > mostAtOnce && v.Goal != "" {
		return frame{v.Goal, firstSteps, w.size}
	}
	return frame{size: w.size}
}

// of is the part of a graph that is drawn.
func (f frame) of(g *techmap.Graph) *techmap.Graph {
	if f.node == "" {
		return g
	}
	return g.Around(f.node, f.steps)
}

// percentOf reads a share written in per cent. What is no number becomes one that no reading accepts.
func percentOf(s string) float64 {
	s = strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(s, ",", "."), "%"))
	if s == "" {
		return 0
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return -1
	}
	return n / 100
}

// turned says whether anything is assumed that is not the map's own, the layer left out.
func (w wish) turned() bool {
	return w.Home != "" || w.Threshold != 0 || w.HomeLost || len(w.Needed) > 0 || len(w.Grown) > 0
}

// zooms are the scales of the drawing: its own size, as wide as the page, larger.
var zooms = []string{"", "fit", "150"}

// zoom is the scale of the drawing, 0 for as wide as the page.
func (f frame) zoom() float64 {
	switch f.size {
	case "fit":
		return 0
	case "150":
		return 1.5
	}
	return 1
}

func (w wish) needs(gate string) bool { return slices.Contains(w.Needed, gate) }

// homeWords says what home has of a node: "home 35 %", "home 35–60 %", "supply not known".
func homeWords(ctx context.Context, g *techmap.Graph, n techmap.Node, home string) string {
	share, known := g.HomeShare(n.ID, home)
	switch {
	case !known && !n.Supplied:
		return ""
	case !known:
		return shell.T(ctx, "techmap.home.unknown")
	}
	return shell.T(ctx, "techmap.home.has", span(ctx, share.Low, share.High))
}

// span writes bounds in whole per cent: "35 %", "35–60 %"; a share that is not zero is never written so.
func span(ctx context.Context, low, high float64) string {
	a, b := percent(low), percent(high)
	if a == b {
		return shell.T(ctx, "techmap.percent", a)
	}
	return shell.T(ctx, "techmap.percent.span", a, b)
}

func percent(v float64) string {
	if v > 0 && v < 0.005 {
		return "<1"
	}
	return strconv.FormatFloat(v*100, 'f', 0, 64)
}

// typedPercent writes a share as a form shows it.
func typedPercent(v float64) string {
	if v == 0 {
		return ""
	}
	return decimal(v * 100)
}

// decimal writes a number without needless digits.
func decimal(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
}

func number(n int) string { return strconv.Itoa(n) }
