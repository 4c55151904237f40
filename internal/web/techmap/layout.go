package techmap

import (
	"cmp"
	"slices"

	"github.com/headwater-platform/headwater/internal/techmap"
)

// Sizes of the drawing, in user units.
const (
	boxWide    = 156.0
	boxHigh    = 58.0
	between    = 76.0 // between two columns of boxes: edges and gates
	rowGap     = 14.0
	gateHigh   = 26.0
	margin     = 12.0
	sweeps     = 12 // of ordering and of placing
	laneHigh   = 4.0
	laneGap    = 6.0
	signOfGate = 20.0 // width of a gate's sign
)

// place is a box, or a lane by which an edge passes a column.
type place struct {
	node      string // "" for a lane
	column    int
	x, y      float64 // top left
	high      float64
	left      []*place // what it needs, a column to the left
	right     []*place // what needs it
	want, pos float64
}

func (p *place) mid() float64 { return p.y + p.high/2 }

// step is how far below the next place of the column may begin.
func (p *place) step() float64 {
	if p.node == "" {
		return p.high + laneGap
	}
	return p.high + rowGap
}

// layout is where a map's nodes stand: what is needed to the left of what needs it. The
// layers are by the longest way to a node that nothing needs; crossings are reduced by
// barycentres (Sugiyama, Tagawa and Toda, 1981).
type layout struct {
	boxes   map[string]*place
	lanes   map[string][]*place // of a node, from its own column to the right
	columns [][]*place
	wide    float64
	high    float64
}

// newLayout places the nodes of a graph. Equal graphs have equal drawings.
func newLayout(g *techmap.Graph) *layout {
	l := &layout{boxes: map[string]*place{}, lanes: map[string][]*place{}}
	depth, most := depths(g)
	l.columns = make([][]*place, most+1)
	for _, n := range g.Nodes {
		signs := 0
		for _, x := range g.GatesOf(n.ID) {
			if signed(x) {
				signs++
			}
		}
		l.boxes[n.ID] = l.add(n.ID, most-depth[n.ID], max(boxHigh, float64(signs)*(gateHigh+4)))
	}
	for _, x := range g.Gates {
		for _, in := range x.Inputs {
			l.link(in.NodeID, x.NodeID)
		}
	}
	l.order()
	l.settle()
	return l
}

func (l *layout) add(node string, column int, high float64) *place {
	p := &place{node: node, column: column, high: high, x: margin + float64(column)*(boxWide+between)}
	l.columns[column] = append(l.columns[column], p)
	return p
}

// link leads an edge from a node to what needs it, over lanes that all edges of the node share.
// What needs it in a circle stands to the left: the edge then passes no column.
func (l *layout) link(from, to string) {
	a, b := l.boxes[from], l.boxes[to]
	if a.column >= b.column {
		return
	}
	for n := len(l.lanes[from]); n < b.column-a.column-1; n++ {
		lane := l.add("", a.column+n+1, laneHigh)
		join(l.before(from, lane.column), lane)
		l.lanes[from] = append(l.lanes[from], lane)
	}
	join(l.before(from, b.column), b)
}

// before is where the edges of a node come from just before a column: its box, or its lane there.
func (l *layout) before(node string, column int) *place {
	box := l.boxes[node]
	if column-box.column == 1 {
		return box
	}
	return l.lanes[node][column-box.column-2]
}

func join(a, b *place) {
	if !slices.Contains(a.right, b) {
		a.right, b.left = append(a.right, b), append(b.left, a)
	}
}

// depths is how many steps each node is away from the last that needs it, by the longest
// way. In a circle the link that leads away from the goal does not count.
func depths(g *techmap.Graph) (depth map[string]int, most int) {
	users := map[string][]string{}
	for _, x := range g.Gates {
		for _, in := range x.Inputs {
			users[in.NodeID] = append(users[in.NodeID], x.NodeID)
		}
	}
	depth = map[string]int{}
	state := map[string]int{} // 1 being looked at, 2 done
	var visit func(id string) int
	visit = func(id string) int {
		if state[id] != 0 {
			return depth[id]
		}
		state[id] = 1
		for _, u := range users[id] {
			if state[u] != 1 {
				depth[id] = max(depth[id], visit(u)+1)
			}
		}
		state[id] = 2
		return depth[id]
	}
	for _, id := range farthest(g, users) {
		most = max(most, visit(id))
	}
	spread(g, depth, most)
	return depth, most
}

// spread moves nodes that need nothing further to the left, out of columns that are much
// fuller than the others.
func spread(g *techmap.Graph, depth map[string]int, most int) {
	room := max(6, len(g.Nodes)*5/4/(most+1))
	for d := range most {
		var here, leaves []string
		for _, n := range g.Nodes {
			if depth[n.ID] == d {
				here = append(here, n.ID)
				if len(g.GatesOf(n.ID)) == 0 {
					leaves = append(leaves, n.ID)
				}
			}
		}
		for _, id := range leaves[:min(len(leaves), max(0, len(here)-room))] {
			depth[id]++
		}
	}
}

// farthest lists the nodes by the shortest way to one that nothing needs, the longest first.
func farthest(g *techmap.Graph, users map[string][]string) (list []string) {
	seen := map[string]bool{}
	for _, n := range g.Nodes {
		if len(users[n.ID]) == 0 {
			seen[n.ID] = true
			list = append(list, n.ID)
		}
	}
	for i := 0; i < len(list); i++ {
		for _, x := range g.GatesOf(list[i]) {
			for _, in := range x.Inputs {
				if !seen[in.NodeID] {
					seen[in.NodeID] = true
					list = append(list, in.NodeID)
				}
			}
		}
	}
	for _, n := range g.Nodes { // circles that nothing else needs
		if !seen[n.ID] {
			list = append(list, n.ID)
		}
	}
	slices.Reverse(list)
	return list
}

// order puts the places of each column so that few edges cross.
func (l *layout) order() {
	for _, c := range l.columns {
		for i, p := range c {
			p.pos = float64(i)
		}
	}
	best, least := l.positions(), l.crossings()
	for s := range sweeps {
		if s%2 == 0 {
			for i := len(l.columns) - 2; i >= 0; i-- {
				reorder(l.columns[i], func(p *place) []*place { return p.right })
			}
		} else {
			for i := 1; i < len(l.columns); i++ {
				reorder(l.columns[i], func(p *place) []*place { return p.left })
			}
		}
		if n := l.crossings(); n < least {
			best, least = l.positions(), n
		}
	}
	for i, c := range best {
		l.columns[i] = c
		for j, p := range c {
			p.pos = float64(j)
		}
	}
}

func (l *layout) positions() (all [][]*place) {
	for _, c := range l.columns {
		all = append(all, slices.Clone(c))
	}
	return all
}

func reorder(column []*place, near func(*place) []*place) {
	for _, p := range column {
		p.want = p.pos
		if list := near(p); len(list) > 0 {
			p.want = mean(list, func(q *place) float64 { return q.pos })
		}
	}
	slices.SortStableFunc(column, func(a, b *place) int { return cmp.Compare(a.want, b.want) })
	for i, p := range column {
		p.pos = float64(i)
	}
}

func mean(list []*place, of func(*place) float64) float64 {
	sum := 0.0
	for _, p := range list {
		sum += of(p)
	}
	return sum / float64(len(list))
}

// crossings counts the pairs of edges between neighbouring columns that cross.
func (l *layout) crossings() (n int) {
	for _, c := range l.columns {
		var ends []float64 // where edges end, in the order in which they begin
		for _, p := range c {
			to := make([]float64, len(p.right))
			for i, q := range p.right {
				to[i] = q.pos
			}
			slices.Sort(to)
			for _, y := range to {
				for _, z := range ends {
					if z > y {
						n++
					}
				}
			}
			ends = append(ends, to...)
		}
	}
	return n
}

// settle gives every place its height in the drawing: near what it is linked to, in the
// order of its column, without touching another.
func (l *layout) settle() {
	for _, c := range l.columns {
		y := margin + 16
		for _, p := range c {
			p.y = y
			y += p.step()
		}
	}
	for s := range sweeps {
		for i := range l.columns {
			column, near := l.columns[i], func(p *place) []*place { return p.left }
			if s%2 == 0 {
				column, near = l.columns[len(l.columns)-1-i], func(p *place) []*place { return p.right }
			}
			pull(column, near)
		}
	}
	top := l.columns[0][0].y
	for _, c := range l.columns {
		for _, p := range c {
			top = min(top, p.y)
		}
	}
	for _, c := range l.columns {
		for _, p := range c {
			p.y += margin + 16 - top
			l.high = max(l.high, p.y+p.high+margin)
			l.wide = max(l.wide, p.x+boxWide+margin)
		}
	}
}

// pull moves the places of a column as near as their order allows to what they are linked
// to: least squares under the distances, by pooling neighbours that would overlap.
func pull(column []*place, near func(*place) []*place) {
	type block struct{ sum, n float64 }
	var blocks []block
	var counts []int
	offset := 0.0
	for _, p := range column {
		want := p.y
		if list := near(p); len(list) > 0 {
			want = mean(list, (*place).mid) - p.high/2
		}
		b, n := block{want - offset, 1}, 1
		for len(blocks) > 0 && blocks[len(blocks)-1].sum/blocks[len(blocks)-1].n > b.sum/b.n {
			last := blocks[len(blocks)-1]
			b.sum, b.n, n = b.sum+last.sum, b.n+last.n, n+counts[len(counts)-1]
			blocks, counts = blocks[:len(blocks)-1], counts[:len(counts)-1]
		}
		blocks, counts = append(blocks, b), append(counts, n)
		offset += p.step()
	}
	i := 0
	offset = 0
	for k, b := range blocks {
		for range counts[k] {
			column[i].y = b.sum/b.n + offset
			offset += column[i].step()
			i++
		}
	}
}
