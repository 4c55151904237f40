package cutset

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
)

// Bounds are what is proven of a model whose diagrams are too large.
type Bounds struct {
	Coherent bool // see [Analysis.Coherent]

	// ByOrder are the exact numbers of minimal cut sets of each order up to Order, found
	// without the larger ones; Order is -1 when none were found, as in a model that is
	// not coherent.
	Order   int
	ByOrder []*big.Int

	// AtMost is at least the number of minimal cut sets: the number of terms of the
	// disjunctive form that follows from the gates, or, if that is less, the most sets of
	// which none holds another (Sperner, 1928).
	AtMost *big.Int

	// Low and High enclose the probability of the top; NaN where an event has none.
	Low, High float64
}

// Bound proves bounds on what [Analyze] is asked for, where that is too large. order
// bounds the order of the cut sets that are counted; with 0, orders are added as long as
// the diagrams keep to the limit. The bounds on the probability come from diagrams of
// functions below and above the true one, pruned where that costs least probability.
func Bound(ctx context.Context, m *Model, o Options, order int) (*Bounds, error) {
	g, tops, err := m.compile(m.Top)
	if err != nil {
		return nil, err
	}
	top := tops[0]
	if o.Paths {
		g, top = g.dual(top)
	}
	g, top = simplify(g, top)
	r := region{g, top}
	b := &Bounds{Coherent: !g.negative(top), Order: -1, AtMost: r.terms(), Low: math.NaN(), High: math.NaN()}
	leaves := r.leftmost()
	if most := new(big.Int).Binomial(int64(len(leaves)), int64(len(leaves)/2)); most.Cmp(b.AtMost) < 0 {
		b.AtMost = most
	}
	s := orderSearch{region: r, random: rand.New(rand.NewPCG(1, 1))}
	s.add(growthRandom)
	best := s.pick(1)[0].order
	if o.MaxNodes == 0 {
		o.MaxNodes = boundNodes
	}
	o.MaxNodes = min(o.MaxNodes, boundNodes)
	if b.Coherent {
		if err := b.count(ctx, m, o, order); err != nil {
			return nil, err
		}
	}
	if m.missingProbability() == nil {
		b.Low, b.High = r.enclose(ctx, best, func(leaf int32) chance { return m.chance(int(leaf), o.Paths) }, o.MaxNodes)
	}
	return b, ctx.Err()
}

// terms bounds the number of minimal cut sets: each is the positive part of a term of
// the disjunctive normal form, which for a gate of and multiplies, for one of or adds.
func (r region) terms() *big.Int {
	one := big.NewInt(1)
	yes, no := make([]*big.Int, len(r.graph.nodes)), make([]*big.Int, len(r.graph.nodes)) // of each node and its opposite
	of := func(a lit) (y, n *big.Int) {
		if a.isNot() {
			return no[a.node()], yes[a.node()]
		}
		return yes[a.node()], no[a.node()]
	}
	for _, i := range r.graph.cone(r.top) {
		n := r.graph.nodes[i]
		switch n.op {
		case opConst:
			yes[i], no[i] = new(big.Int), one
			continue
		case opLeaf:
			yes[i], no[i] = one, one
			continue
		}
		y, z := of(n.args[0])
		for _, a := range n.args[1:] {
			v, w := of(a)
			switch n.op {
			case opAnd:
				y, z = product(y, v), sum(z, w)
			case opOr:
				y, z = sum(y, v), product(z, w)
			default:
				y, z = sum(product(y, w), product(z, v)), sum(product(y, v), product(z, w))
			}
		}
		yes[i], no[i] = y, z
	}
	y, _ := of(r.top)
	return y
}

func sum(x, y *big.Int) *big.Int     { return new(big.Int).Add(x, y) }
func product(x, y *big.Int) *big.Int { return new(big.Int).Mul(x, y) }

// boundNodes is how many nodes the diagrams of bounds may have.
const boundNodes = 1 << 21

// count finds the minimal cut sets up to an order, or up to the highest that is within
// reach.
func (b *Bounds) count(ctx context.Context, m *Model, o Options, order int) error {
	first, last := 1, len(m.Events)
	if order > 0 {
		first, last = min(order, last), min(order, last)
	}
	for k := first; k <= last; k++ {
		o.MaxOrder = k
		a, err := Analyze(ctx, m, o)
		if errors.Is(err, ErrTooLarge) {
			return nil
		}
		if err != nil {
			return err
		}
		b.Order, b.ByOrder = k, a.ByOrder()
	}
	return nil
}

// enclosures is how many functions below and above a gate fit into a diagram at least.
const enclosures = 64

// enclose is an interval that holds the probability of a region.
func (r region) enclose(ctx context.Context, order []int, event func(leaf int32) chance, limit int) (low, high float64) {
	b := &bdd{}
	b.reset(ctx, limit)
	e := encloser{bdd: b, most: limit, order: order, low: make([]ref, len(r.graph.nodes)), high: make([]ref, len(r.graph.nodes)), uses: r.graph.uses(r.top)}
	for k, i := range order {
		e.level = append(e.level, event(r.graph.nodes[i].leaf))
		e.low[i] = b.node(int32(k), refTrue, refFalse)
		e.high[i] = e.low[i]
	}
	for _, i := range r.graph.cone(r.top) {
		n := r.graph.nodes[i]
		switch n.op {
		case opLeaf:
			continue
		case opConst:
			e.low[i], e.high[i] = refFalse, refFalse
			continue
		}
		for nodes := limit / enclosures; !e.gate(i, n, nodes); nodes /= 2 {
			if ctx.Err() != nil {
				return 0, 1
			}
			e.full = false
			e.compact(nodes / 2)
		}
		for _, a := range n.args {
			e.uses[a.node()]--
		}
	}
	l, h := e.of(r.top)
	return e.bdd.chances(l, e.level).of(l).yes, e.bdd.chances(h, e.level).of(h).yes
}

// An encloser makes for each node a function below it and one above it.
type encloser struct {
	*bdd
	most      int // nodes
	order     []int
	level     []chance
	low, high []ref
	uses      []int32
}

func (e *encloser) of(a lit) (low, high ref) {
	if a.isNot() {
		return e.high[a.node()] ^ 1, e.low[a.node()] ^ 1
	}
	return e.low[a.node()], e.high[a.node()]
}

// gate makes both functions of a gate, each of so many nodes at most; false where the
// diagram is full.
func (e *encloser) gate(i int, n gnode, nodes int) bool {
	l, h := e.of(n.args[0])
	for _, a := range n.args[1:] {
		l1, h1 := e.of(a)
		switch n.op {
		case opAnd:
			l, h = e.and(l, l1), e.and(h, h1)
		case opOr:
			l, h = e.or(l, l1), e.or(h, h1)
		default:
			l, h = e.or(e.and(l, h1^1), e.and(h^1, l1)), e.or(e.and(h, l1^1), e.and(l^1, h1))
		}
		if !e.full {
			l, h = e.prune(l, refFalse, nodes), e.prune(h, refTrue, nodes)
		}
		if e.full {
			return false
		}
	}
	e.low[i], e.high[i] = l, h
	return true
}

// prune puts the constant in the place of the nodes of f that are reached least often,
// so that about so many are left.
func (e *encloser) prune(f, constant ref, nodes int) ref {
	reach := e.reach(f)
	if len(reach) <= nodes {
		return f
	}
	list := make([]uint32, 0, len(reach))
	for i := range reach {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b uint32) int { return cmp.Or(cmp.Compare(reach[b], reach[a]), cmp.Compare(b, a)) })
	kept := make(map[uint32]bool, nodes)
	for _, i := range list[:nodes] {
		kept[i] = true
	}
	made := make(map[ref]ref, nodes)
	var copied func(f ref) ref
	copied = func(f ref) ref {
		if f <= refFalse {
			return f
		}
		if !kept[uint32(f>>1)] {
			return constant
		}
		if r, ok := made[f]; ok {
			return r
		}
		level := e.bdd.level(f)
		hi, lo := e.split(f, level)
		made[f] = e.node(level, copied(hi), copied(lo))
		return made[f]
	}
	return copied(f)
}

// reach is the probability with which each node of f is passed.
func (e *encloser) reach(f ref) map[uint32]float64 {
	reach := map[uint32]float64{}
	if f <= refFalse {
		return reach
	}
	reach[uint32(f>>1)] = 1
	levels := make([][]uint32, len(e.order)+1)
	levels[e.bdd.level(f)] = []uint32{uint32(f >> 1)}
	for k := range len(e.order) {
		for _, i := range levels[k] {
			n := e.nodes[i]
			for _, x := range [2]struct {
				to ref
				p  float64
			}{{n.hi, e.level[k].yes}, {n.lo, e.level[k].no}} {
				to := uint32(x.to >> 1)
				if to == 0 {
					continue
				}
				if _, ok := reach[to]; !ok {
					levels[e.nodes[to].level] = append(levels[e.nodes[to].level], to)
				}
				reach[to] += reach[i] * x.p
			}
		}
	}
	return reach
}

// compact prunes all functions that are still needed and drops all other nodes, so that
// at least half of the diagram is free.
func (e *encloser) compact(nodes int) {
	var needed []int
	for i, n := range e.uses {
		if n > 0 {
			needed = append(needed, i)
		}
	}
	nodes = min(nodes, e.most/(4*len(needed)))
	e.allow(math.MaxInt32) // pruning makes nodes
	var roots []ref
	for _, i := range needed {
		roots = append(roots, e.prune(e.low[i], refFalse, nodes), e.prune(e.high[i], refTrue, nodes))
	}
	newSifter(e.bdd, roots, e.order).rebuild(e.bdd, roots)
	e.allow(e.most)
	for k, i := range needed {
		e.low[i], e.high[i] = roots[2*k], roots[2*k+1]
	}
}
