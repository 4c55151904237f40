package techmap

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/headwater-platform/headwater/internal/platform/chart"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// drawing is what is drawn of a map besides its structure.
type drawing struct {
	view    techmap.View
	graph   *techmap.Graph // the part that is drawn
	home    string
	finds   map[string]mark    // by node
	hot     map[[2]string]bool // ways of single points to the goal, by gate and input
	active  map[string]int     // projects under way, by node
	covered techmap.Underway   // what is under way, where that is drawn in place of home's share; else nil
	zoom    float64            // 0: as wide as the page
	focused string             // the node in whose neighbourhood one is
}

// mark says whether the loss of a node's supply alone stops the goal.
type mark int

const (
	unmarked mark = iota
	possible
	single
)

// signed says whether a gate has a sign of its own: one that needs its only input has none.
func signed(x techmap.Gate) bool { return len(x.Inputs) > 1 || x.Kind == techmap.ShareOf }

// svg draws the map. Its label says what there is; each node is a link with its own label.
func (d drawing) svg(ctx context.Context) string {
	if len(d.graph.Nodes) == 0 {
		return ""
	}
	l := placed.of(d.graph)
	var b strings.Builder
	size := ""
	if d.zoom > 0 {
		size = fmt.Sprintf(` width="%s" height="%s"`, chart.Num(l.wide*d.zoom), chart.Num(l.high*d.zoom))
	}
	class := "chart big map"
	if d.zoom > 0 {
		class += " is-sized"
	}
	label := shell.T(ctx, "techmap.draw.label", d.view.Title, len(d.graph.Nodes))
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %s %s"%s role="group" aria-label="%s">`, class, chart.Num(l.wide), chart.Num(l.high), size, html.EscapeString(label))
	gates := d.gates(l)
	for _, x := range d.graph.Gates {
		d.edges(&b, l, x, gates[x.ID])
	}
	for _, x := range d.graph.Gates {
		if signed(x) {
			d.sign(ctx, &b, x, gates[x.ID])
		}
	}
	for _, n := range d.graph.Nodes {
		d.node(ctx, &b, n, l.boxes[n.ID])
	}
	b.WriteString("</svg>")
	return b.String()
}

// point is where the edges of a gate end: the left side of its sign, or of its node.
type point struct{ x, y float64 }

// gates places the gates to the left of their nodes, one below the other.
func (d drawing) gates(l *layout) map[string]point {
	at := map[string]point{}
	for _, n := range d.graph.Nodes {
		box := l.boxes[n.ID]
		list := d.graph.GatesOf(n.ID)
		for i, x := range list {
			y := box.mid() + (float64(i)-float64(len(list)-1)/2)*(gateHigh+4)
			if y < box.y || y > box.y+box.high {
				y = box.mid()
			}
			at[x.ID] = point{box.x, y}
			if signed(x) {
				at[x.ID] = point{box.x - signOfGate - 6, y}
			}
		}
	}
	return at
}

// edges draws what leads into a gate, and from its sign to its node.
func (d drawing) edges(b *strings.Builder, l *layout, x techmap.Gate, end point) {
	target := l.boxes[x.NodeID]
	anyHot := false
	inputs := slices.Clone(x.Inputs) // from the highest to the lowest, so that their edges do not cross at the gate
	slices.SortStableFunc(inputs, func(a, b techmap.Input) int { return cmp.Compare(l.boxes[a.NodeID].y, l.boxes[b.NodeID].y) })
	for i, in := range inputs {
		hot := d.hot[[2]string{x.ID, in.NodeID}]
		anyHot = anyHot || hot
		source := l.boxes[in.NodeID]
		y := end.y
		if n := len(x.Inputs); n > 1 {
			y += (float64(i)/float64(n-1) - 0.5) * min(14, float64(n)*4)
		}
		if source.column >= target.column {
			back(b, source, point{end.x, y})
			continue
		}
		path := "M" + chart.Num(source.x+boxWide) + " " + chart.Num(source.mid())
		from := point{source.x + boxWide, source.mid()}
		for _, lane := range l.lanes[in.NodeID] {
			if lane.column >= target.column {
				break
			}
			path += curve(from, point{lane.x, lane.mid()}) + "H" + chart.Num(lane.x+boxWide)
			from = point{lane.x + boxWide, lane.mid()}
		}
		path += curve(from, point{end.x, y})
		edge(b, path, hot)
	}
	if signed(x) {
		edge(b, "M"+chart.Num(end.x+signOfGate)+" "+chart.Num(end.y)+"H"+chart.Num(target.x), anyHot)
	}
}

func edge(b *strings.Builder, path string, hot bool) {
	class := "edge"
	if hot {
		class = "edge hot"
	}
	fmt.Fprintf(b, `<path class="%s" d="%s"/>`, class, path)
}

// back is an edge that closes a circle: dashed, below the boxes.
func back(b *strings.Builder, source *place, to point) {
	y := source.y + source.high
	fmt.Fprintf(b, `<path class="edge" stroke-dasharray="5 4" d="M%s %sC%s %s %s %s %s %s"/>`, chart.Num(source.x+boxWide/2), chart.Num(y), chart.Num(source.x+boxWide/2), chart.Num(y+30), chart.Num(to.x-40), chart.Num(to.y+30), chart.Num(to.x), chart.Num(to.y))
}

// curve leads to a point so that it leaves and arrives level.
func curve(a, z point) string {
	if math.Abs(a.y-z.y) < 0.5 {
		return "H" + chart.Num(z.x)
	}
	bend := min(40, (z.x-a.x)/2)
	if z.x-a.x > 2*bend { // a short bend next to where it arrives keeps parallel edges apart
		return "H" + chart.Num(z.x-2*bend) + curve(point{z.x - 2*bend, a.y}, z)
	}
	return "C" + chart.Num(a.x+bend) + " " + chart.Num(a.y) + " " + chart.Num(z.x-bend) + " " + chart.Num(z.y) + " " + chart.Num(z.x) + " " + chart.Num(z.y)
}

// sign draws a gate: round where all are needed, pointed where some are enough.
func (d drawing) sign(ctx context.Context, b *strings.Builder, x techmap.Gate, at point) {
	top := at.y - gateHigh/2
	if x.Kind == techmap.AllOf {
		fmt.Fprintf(b, `<path class="gate" d="M%s %sh8a12 13 0 0 1 0 26h-8z"/>`, chart.Num(at.x), chart.Num(top))
	} else {
		fmt.Fprintf(b, `<path class="gate" d="M%s %sc10 0 16 4 20 13c-4 9 -10 13 -20 13c4 -8 4 -18 0 -26z"/>`, chart.Num(at.x), chart.Num(top))
	}
	fmt.Fprintf(b, `<text class="gt mid" x="%s" y="%s">%s</text>`, chart.Num(at.x+9.5), chart.Num(at.y+3.5), html.EscapeString(gateSign(ctx, d.whole(x))))
}

// whole is a gate with the inputs that are not drawn.
func (d drawing) whole(x techmap.Gate) techmap.Gate {
	if y, ok := d.view.Graph.Gate(x.ID); ok {
		return y
	}
	return x
}

func gateSign(ctx context.Context, x techmap.Gate) string {
	switch x.Kind {
	case techmap.SomeOf:
		return strconv.Itoa(x.K) + "/" + strconv.Itoa(len(x.Inputs))
	case techmap.ShareOf:
		return "%"
	}
	return shell.T(ctx, "techmap.sign."+x.Kind)
}

func (d drawing) node(ctx context.Context, b *strings.Builder, n techmap.Node, p *place) {
	lines, home := fold(shell.Say(ctx, n.Title), 20), d.below(ctx, n)
	class := "node"
	if n.ID == d.view.Goal {
		class += " goal"
	}
	if d.finds[n.ID] == single {
		class += " single"
	}
	if n.ID == d.focused {
		class += " focused"
	}
	fmt.Fprintf(b, `<a href="%s" class="%s"><title>%s</title><rect class="box" x="%s" y="%s" width="%s" height="%s" rx="4"/>`,
		html.EscapeString(nodeHref(d.view, n.ID)), class, html.EscapeString(d.spoken(ctx, n, lines, home)), chart.Num(p.x), chart.Num(p.y), chart.Num(boxWide), chart.Num(p.high))
	d.strip(b, n, p)
	y := p.y + 20
	if len(lines) == 1 {
		y += 5
	}
	for _, line := range lines {
		fmt.Fprintf(b, `<text class="nm" x="%s" y="%s">%s</text> `, chart.Num(p.x+18), chart.Num(y), html.EscapeString(line))
		y += 15
	}
	if home != "" {
		fmt.Fprintf(b, `<text class="sh" x="%s" y="%s">%s</text> `, chart.Num(p.x+18), chart.Num(p.y+p.high-8), html.EscapeString(home))
	}
	if m := d.finds[n.ID]; m != unmarked {
		text := "1"
		if m == possible {
			text = "?"
		}
		fmt.Fprintf(b, `<path class="flag" d="M%s %sl11 11-11 11-11-11z"/><text class="flagt mid" x="%s" y="%s">%s</text> `, chart.Num(p.x+2), chart.Num(p.y-12), chart.Num(p.x+2), chart.Num(p.y+3), text)
	}
	if k := d.active[n.ID]; k > 0 {
		fmt.Fprintf(b, `<rect class="proj" x="%s" y="%s" width="20" height="15" rx="7.5"/><text class="projt mid" x="%s" y="%s">%d</text>`, chart.Num(p.x+boxWide-25), chart.Num(p.y+p.high-20), chart.Num(p.x+boxWide-15), chart.Num(p.y+p.high-8.5), k)
	}
	b.WriteString("</a>")
}

// below is what stands in a box below the name.
func (d drawing) below(ctx context.Context, n techmap.Node) string {
	if d.covered != nil {
		return coveredWords(ctx, d.covered[n.ID])
	}
	return homeWords(ctx, d.view.Graph, n, d.home)
}

// nodeHref leads to a node, as known on the day on which the map is read.
func nodeHref(v techmap.View, id string) string {
	href := "/maps/" + v.ID + "/nodes/" + id
	if as := asOf(v); as != "" {
		href += "?as=" + as
	}
	return href
}

// asOf is the day on which a map is read, as addresses write it; "" for now.
func asOf(v techmap.View) string {
	if v.At.IsZero() {
		return ""
	}
	return v.At.Format(time.DateOnly)
}

// strip is the home share at the left of a box, by shade and pattern.
func (d drawing) strip(b *strings.Builder, n techmap.Node, p *place) {
	share, known := d.view.Graph.HomeShare(n.ID, d.home)
	if !known || d.covered != nil {
		return
	}
	shade, pattern := shadeOf(share.Low)
	fmt.Fprintf(b, `<rect class="%s" x="%s" y="%s" width="11" height="%s"/>`, shade, chart.Num(p.x+2), chart.Num(p.y+2), chart.Num(p.high-4))
	if pattern != "" {
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="11" height="%s" fill="url(#%s)"/>`, chart.Num(p.x+2), chart.Num(p.y+2), chart.Num(p.high-4), pattern)
	}
}

// shadeOf is the shade of a share, and the pattern that tells it on grey paper.
func shadeOf(share float64) (shade, pattern string) {
	switch {
	case share < 0.005:
		return "f0", "p-none"
	case share < 0.25:
		return "f1", "p-low"
	case share < 0.5:
		return "f2", ""
	case share < 0.75:
		return "f3", "p-diag"
	}
	return "f4", ""
}

// spoken is a node as it is read aloud, and as it is told to who points at it: what is drawn, in its order, so that who
// speaks to the page can name what they see, then what the signs mean.
func (d drawing) spoken(ctx context.Context, n techmap.Node, lines []string, home string) string {
	drawn := []string{strings.Join(lines, " ")}
	if home != "" {
		drawn = append(drawn, home)
	}
	var meant []string
	if strings.HasSuffix(drawn[0], "…") {
		meant = append(meant, shell.Say(ctx, n.Title))
	}
	switch d.finds[n.ID] {
	case single:
		drawn, meant = append(drawn, "1"), append(meant, shell.T(ctx, "techmap.single"))
	case possible:
		meant = append(meant, shell.T(ctx, "techmap.single.possible"))
	}
	if k := d.active[n.ID]; k > 0 {
		drawn, meant = append(drawn, strconv.Itoa(k)), append(meant, shell.T(ctx, "techmap.active", k))
	}
	return strings.Join(append(drawn, meant...), ", ")
}

// fold writes a text in at most two lines of some width; a wide sign counts twice.
func fold(s string, wide int) []string {
	var lines []string
	line, size := "", 0
	for _, word := range words(s) {
		w := width(word)
		if size+w > wide && line != "" {
			lines = append(lines, strings.TrimSpace(line))
			line, size = "", 0
		}
		line, size = line+word, size+w
	}
	lines = append(lines, strings.TrimSpace(line))
	if len(lines) > 2 {
		lines = []string{lines[0], lines[1] + "…"}
	}
	return lines
}

// words cuts where a line may end: behind blanks and hyphens, and between wide signs.
func words(s string) (list []string) {
	word := ""
	for _, r := range s {
		if unicode.Is(unicode.Han, r) && word != "" {
			list = append(list, word)
			word = ""
		}
		word += string(r)
		if r == ' ' || r == '-' || unicode.Is(unicode.Han, r) {
			list = append(list, word)
			word = ""
		}
	}
	return append(list, word)
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if unicode.Is(unicode.Han, r) || r >= 0xff00 {
			n++
		}
	}
	return n
}
