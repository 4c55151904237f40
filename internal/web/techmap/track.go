package techmap

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// trackOf is the track that a key names: node|indicator|country.
func trackOf(g *techmap.Graph, key string) (techmap.Track, bool) {
	parts := strings.Split(key, "|")
	if len(parts) != 3 {
		return techmap.Track{}, false
	}
	return g.Track(parts[0], parts[1], parts[2])
}

// trackForm is what the form of a track holds.
type trackForm struct {
	view    techmap.View
	node    techmap.Node
	track   techmap.Track
	isNew   bool
	points  string // as typed, a year a line
	refusal shell.Refusal
}

// Track is GET /maps/{id}/nodes/{node}/tracks/{track}: papers:XA, or "new" for a new one.
func (p *Pages) Track(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	n, ok := v.Graph.Node(r.PathValue("node"))
	indicator, code, _ := strings.Cut(r.PathValue("track"), ":")
	k, found := v.Graph.Track(n.ID, indicator, code)
	isNew := r.PathValue("track") == fresh
	if !ok || !isNew && !found {
		return fault.Missing()
	}
	if isNew {
		k = techmap.Track{NodeID: n.ID, Country: v.Home, Confidence: "medium"}
	}
	return shell.Render(w, r, http.StatusOK, trackFormPage(trackForm{view: v, node: n, track: k, isNew: isNew, points: pointLines(k)}))
}

// SaveTrack is POST /maps/{id}/nodes/{node}/tracks/{track}.
func (p *Pages) SaveTrack(w http.ResponseWriter, r *http.Request) error {
	v, n, f, err := p.sentAt(w, r)
	if err != nil {
		return err
	}
	d := trackForm{view: v, node: n, isNew: r.PathValue("track") == fresh, points: f.Text("points")}
	d.track = techmap.Track{NodeID: n.ID, Points: pointsOf(f, d.points), Source: f.Text("source"), Confidence: f.Text("confidence"), Stamp: techmap.Stamp{Version: f.Int("version")}}
	d.track.Indicator, d.track.Country, _ = strings.Cut(r.PathValue("track"), ":")
	if d.isNew {
		d.track.Indicator, d.track.Country = f.Text("indicator"), strings.ToUpper(f.Text("country"))
	}
	return p.change(w, r, v, f, "/nodes/"+n.ID, func(refusal shell.Refusal) error {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, trackFormPage(d))
	}, techmap.Change{Track: &d.track, Version: d.track.Version})
}

// pointLines are the years of a track, one a line: "2025 12" or "2025 10-14".
func pointLines(k techmap.Track) string {
	var lines []string
	for _, p := range k.Points {
		level := decimal(p.Low)
		if p.Low != p.High {
			level += "-" + decimal(p.High)
		}
		lines = append(lines, number(p.Year)+" "+level)
	}
	return strings.Join(lines, "\n")
}

func pointsOf(f *shell.Form, text string) (list []techmap.Point) {
	for _, line := range strings.Split(text, "\n") {
		cells := strings.Fields(line)
		if len(cells) == 0 {
			continue
		}
		p, ok := pointOf(cells)
		if !ok {
			f.Refuse("points", "techmap.track.line", strings.TrimSpace(line))
			continue
		}
		list = append(list, p)
	}
	return list
}

func pointOf(cells []string) (p techmap.Point, ok bool) {
	if len(cells) != 2 {
		return p, false
	}
	low, high, bounded := strings.Cut(cells[1], "-")
	year, err := strconv.Atoi(cells[0])
	a, bad := strconv.ParseFloat(low, 64)
	b := a
	if bounded && bad == nil {
		b, bad = strconv.ParseFloat(high, 64)
	}
	return techmap.Point{Year: year, Low: a, High: b}, err == nil && bad == nil
}

// lagWords says by how many years home is behind or ahead. What is not yet reached is no number
// but the time since when, at least.
func lagWords(ctx context.Context, s techmap.Standing) string {
	low, high := s.Lag.Years.Low, s.Lag.Years.High
	switch {
	case s.Lag.Censored && low <= 0:
		return shell.T(ctx, "techmap.lag.censored.open")
	case s.Lag.Censored:
		return shell.T(ctx, "techmap.lag.censored", years(low))
	case low >= 0 && high == low && low == 0:
		return shell.T(ctx, "techmap.lag.level")
	case low < 0 && high <= 0:
		return shell.T(ctx, "techmap.lag.ahead", spanOfYears(ctx, -high, -low))
	}
	return shell.T(ctx, "techmap.lag.behind", spanOfYears(ctx, low, high))
}

func spanOfYears(ctx context.Context, low, high float64) string {
	if years(low) == years(high) {
		return years(low)
	}
	return shell.T(ctx, "techmap.between", years(low), years(high))
}

func years(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// growthWords says when home is level, if both go on growing as they did.
func growthWords(ctx context.Context, s techmap.Standing) string {
	switch {
	case !s.Grows:
		return shell.T(ctx, "techmap.not.known")
	case s.Diverging:
		return shell.T(ctx, "techmap.lag.diverging")
	case s.CatchUp == 0:
		return "—"
	}
	return shell.T(ctx, "techmap.lag.catchup", years(s.CatchUp))
}

// levelWords is a level with its year.
func levelWords(ctx context.Context, k techmap.Track) string {
	p := k.Points[len(k.Points)-1]
	level := decimal(p.Low)
	if p.Low != p.High {
		level = shell.T(ctx, "techmap.between", level, decimal(p.High))
	}
	return shell.T(ctx, "techmap.level.in", level, fmt.Sprint(p.Year))
}

// lagsWords says how home stands at some nodes, "" where nothing is known.
func lagsWords(ctx context.Context, g *techmap.Graph, nodes []string, home string) string {
	var list []string
	for _, id := range nodes {
		for _, s := range g.Standings(id, home) {
			list = append(list, shell.T(ctx, "techmap.lag.at", word(ctx, "indicator", s.Indicator), lagWords(ctx, s)))
		}
	}
	return strings.Join(list, shell.T(ctx, "techmap.comma"))
}
