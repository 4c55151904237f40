package cutset

import (
	"cmp"
	"context"
	"slices"
)

// mostForced is up to how many leaves an order is mended before diagrams are made from the gates up: on maps of a
// hundred nodes that halves the work, on graphs of a million it would cost more than the diagrams do.
const mostForced = 1 << 12

// small makes the diagram of the minimal sets of at most so many leaves of a region.
func (r region) small(ctx context.Context, order, limit int) (part, error) {
	leaves := r.leftmost()
	if len(leaves) <= mostForced {
		leaves = r.force(leaves)
	}
	z, sets := r.family(ctx, leaves, order, limit)
	return part{region: r, order: r.leaves(leaves), zdd: z, sets: sets}, r.complete(ctx, z, limit)
}

// family is the diagram of the minimal sets of at most so many leaves, by an order of the leaf nodes; it is full where limit is not enough.
func (r region) family(ctx context.Context, leaves []int, order, limit int) (*zdd, zref) {
	f := family{newZDD(ctx, min(limit, 8*len(leaves)), limit)}
	return f.zdd, f.of(r, leaves, order)
}

// A family makes diagrams of minimal sets from the gates up, leaving out sets above an
// order.
type family struct{ *zdd }

// of is the family of the minimal sets of at most k leaves that make a region true,
// which is coherent: what is negated an odd number of times is a gate, never a leaf.
func (z family) of(r region, leaves []int, k int) zref {
	made := map[lit]zref{never: 0, always: 1}
	for level, i := range leaves {
		made[lit(i)<<1] = z.node(int32(level), 1, 0)
	}
	var visit func(l lit) zref
	visit = func(l lit) zref {
		if f, ok := made[l]; ok {
			return f
		}
		n := r.graph.nodes[l.node()]
		list := make([]zref, len(n.args))
		for i, a := range n.args {
			list[i] = visit(a ^ l&1)
		}
		// The lowest first, so that each one is only laid on top of the others.
		slices.SortStableFunc(list, func(f, g zref) int { return cmp.Compare(z.nodes[g].level, z.nodes[f].level) })
		f := list[0]
		for _, g := range list[1:] {
			if (n.op == opAnd) != l.isNot() {
				f = z.and(f, g, k)
			} else {
				f = z.or(f, g)
			}
		}
		made[l] = f
		return f
	}
	return visit(r.top)
}

// or is the minimal sets of two families together.
func (z family) or(f, g zref) zref {
	switch {
	case f == g || g == 0:
		return f
	case f == 0:
		return g
	case f == 1 || g == 1:
		return 1
	}
	if f > g {
		f, g = g, f
	}
	if c := z.slot(opUnion, f, g); c.op == opUnion && uint32(c.f) == f && uint32(c.g) == g {
		return uint32(c.result)
	}
	if z.spent() {
		return 0
	}
	level := min(z.nodes[f].level, z.nodes[g].level)
	f1, f0 := z.split(f, level)
	g1, g0 := z.split(g, level)
	lo := z.or(f0, g0)
	hi := z.without(z.or(f1, g1), lo)
	r := z.node(level, hi, lo)
	*z.slot(opUnion, f, g) = cached{ref(f), ref(g), opUnion, ref(r)}
	return r
}

// and is the minimal sets among the unions of a set of each family that have at most k
// members.
func (z family) and(f, g zref, k int) zref {
	switch {
	case f == 0 || g == 0:
		return 0
	case f == 1:
		return z.upTo(g, k)
	case g == 1 || f == g:
		return z.upTo(f, k)
	case k == 0:
		return 0
	}
	if f > g {
		f, g = g, f
	}
	op := opProduct + uint32(k)
	if c := z.slot(op, f, g); c.op == op && uint32(c.f) == f && uint32(c.g) == g {
		return uint32(c.result)
	}
	if z.spent() {
		return 0
	}
	level := min(z.nodes[f].level, z.nodes[g].level)
	f1, f0 := z.split(f, level)
	g1, g0 := z.split(g, level)
	lo := z.and(f0, g0, k)
	hi := z.or(z.and(f1, z.or(g1, g0), k-1), z.and(f0, g1, k-1))
	r := z.node(level, z.without(hi, lo), lo)
	*z.slot(op, f, g) = cached{ref(f), ref(g), op, ref(r)}
	return r
}

// upTo is the sets of f that have at most k members.
func (z family) upTo(f zref, k int) zref {
	if f <= 1 {
		return f
	}
	if k == 0 {
		return z.empty(f)
	}
	op := opLimit + uint32(k)
	if c := z.slot(op, f, f); c.op == op && uint32(c.f) == f {
		return uint32(c.result)
	}
	if z.spent() {
		return 0
	}
	n := z.nodes[f]
	r := z.node(n.level, z.upTo(n.hi, k-1), z.upTo(n.lo, k))
	*z.slot(op, f, f) = cached{ref(f), ref(f), op, ref(r)}
	return r
}

// empty is the empty set, if f has it.
func (z family) empty(f zref) zref {
	for f > 1 {
		f = z.nodes[f].lo
	}
	return f
}

func (z family) split(f zref, level int32) (hi, lo zref) {
	n := &z.nodes[f]
	if n.level != level {
		return 0, f
	}
	return n.hi, n.lo
}
