package cutset

import "slices"

// build makes the diagram of a region with its leaf nodes in the given order.
func (r region) build(b *bdd, order []int) ref {
	made := make([]ref, len(r.graph.nodes))
	for k, i := range order {
		made[i] = b.node(int32(k), refTrue, refFalse)
	}
	var args []ref
	for _, i := range r.graph.cone(r.top) {
		n := r.graph.nodes[i]
		switch n.op {
		case opConst:
			made[i] = refFalse
			continue
		case opLeaf:
			continue
		}
		args = args[:0]
		for _, a := range n.args {
			args = append(args, made[a.node()]^ref(a&1))
		}
		made[i] = b.join(n.op, args)
		if b.full {
			return refTrue
		}
	}
	return made[r.top.node()] ^ ref(r.top&1)
}

// join folds the arguments, those of the lowest variables first, so that what is made
// on the way stays below what comes.
func (b *bdd) join(o op, args []ref) ref {
	slices.SortStableFunc(args, func(f, g ref) int { return int(b.level(g)) - int(b.level(f)) })
	r := args[0]
	for _, a := range args[1:] {
		switch o {
		case opAnd:
			r = b.and(r, a)
		case opOr:
			r = b.or(r, a)
		default:
			r = b.xor(r, a)
		}
	}
	return r
}

// Limits of building with sifting: how many nodes may be there before the first
// sifting, and how many a gate may make at first.
const (
	siftFrom  = 1 << 12
	siftAhead = 1 << 14
)

// siftTotal bounds the nodes that all siftings look at, for each node of the limit.
const siftTotal = 400

// grow makes the diagram of a region while it improves the order whenever the diagram
// has doubled. It changes order to what it ends with. When a diagram stays too large,
// b is full.
func (r region) grow(b *bdd, order []int, limit int) ref {
	g := growth{region: r, bdd: b, order: order, next: siftFrom, ahead: siftAhead, work: siftTotal * limit}
	return g.all(limit)
}

// A growth is a diagram in the making.
type growth struct {
	region
	*bdd
	order []int
	made  []ref
	uses  []int32 // of each node, by gates that are not made yet
	next  int     // nodes at which to sift
	ahead int     // nodes that a gate may make before it is tried in a better order
	work  int     // nodes at which sifting may still look
}

func (g *growth) all(limit int) ref {
	g.made, g.uses = make([]ref, len(g.graph.nodes)), g.graph.uses(g.top)
	for k, i := range g.order {
		g.made[i] = g.node(int32(k), refTrue, refFalse)
	}
	for _, i := range g.graph.cone(g.top) {
		switch n := g.graph.nodes[i]; n.op {
		case opConst:
			g.made[i] = refFalse
		case opLeaf:
		default:
			if !g.gate(i, n, limit) {
				return refTrue
			}
		}
	}
	return g.made[g.top.node()] ^ ref(g.top&1)
}

func (g *growth) gate(i int, n gnode, limit int) bool {
	for {
		var args []ref
		for _, a := range n.args {
			args = append(args, g.made[a.node()]^ref(a&1))
		}
		g.allow(min(limit, len(g.nodes)+g.ahead))
		g.made[i] = g.join(n.op, args)
		if !g.full {
			break
		}
		if g.ctx.Err() != nil || g.limit == limit {
			return false
		}
		g.full, g.made[i] = false, refTrue
		g.ahead *= 2
		g.sift()
	}
	for _, a := range n.args {
		g.uses[a.node()]--
	}
	if len(g.nodes) > g.next {
		g.sift()
	}
	return true
}

// sift improves the order for what is made and still needed.
func (g *growth) sift() {
	var roots []ref
	var of []int
	for i, f := range g.made {
		if g.uses[i] > 0 && f != refTrue {
			roots, of = append(roots, f), append(of, i)
		}
	}
	g.work -= g.bdd.sift(roots, g.order, g.work)
	for k, i := range of {
		g.made[i] = roots[k]
	}
	g.next = max(siftFrom, 2*len(g.nodes))
}
