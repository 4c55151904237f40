package cutset

import "slices"

// build makes the diagram of a region with its leaf nodes in the given order.
func (r region) build(b *bdd, order []int) ref {
	made := make([]ref, len(r.graph.nodes))
	for k, i := range order {
		made[i] = b.node(int32(k), refTrue, refFalse)
	}
	var args []ref
	for i, n := range r.graph.nodes {
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
