package cutset

import (
	"encoding/binary"
	"slices"
)

// simplify makes the graph below top smaller without changing what it says: nested
// gates of one kind become one, arguments that always come together become one.
func simplify(g *graph, top lit) (*graph, lit) {
	for size := len(g.nodes) + 1; len(g.nodes) < size; {
		size = len(g.nodes)
		g, top = g.coalesce(top)
		g, top = g.absorb(top)
		g, top = g.factor(top)
		g, top = g.bundle(top)
	}
	return g, top
}

// uses counts from how many places in the cone of top each node is read.
func (g *graph) uses(top lit) []int32 {
	n := make([]int32, len(g.nodes))
	n[top.node()]++
	for _, i := range g.cone(top) {
		for _, a := range g.nodes[i].args {
			n[a.node()]++
		}
	}
	return n
}

// inside is how a reads as an argument of a gate of kind o: the arguments of its own
// gate when that has the same kind (or, negated, the dual one), else none.
func (g *graph) inside(o op, a lit) []lit {
	n := g.nodes[a.node()]
	if a.isNot() {
		if o == opAnd && n.op == opOr || o == opOr && n.op == opAnd {
			list := make([]lit, len(n.args))
			for i, x := range n.args {
				list[i] = x.not()
			}
			return list
		}
		return nil
	}
	if n.op == o && o != opXor {
		return n.args
	}
	return nil
}

// coalesce takes the arguments of a gate that is read once, by a gate of its kind,
// into that gate.
func (g *graph) coalesce(top lit) (*graph, lit) {
	uses := g.uses(top)
	return g.rewrite(top, func(to *graph, i int, n gnode, args []lit) lit {
		var list []lit
		for k, a := range args {
			inner := to.inside(n.op, a)
			if inner == nil || uses[n.args[k].node()] > 1 {
				list = append(list, a)
			} else {
				list = append(list, inner...)
			}
		}
		return to.gate(n.op, list)
	})
}

// bundle joins arguments that are read by the same gates, all of one kind, in a gate
// of their own, which then is a candidate for a module (contraction: Platz and Olsen,
// FAUNET, Risø report 348, 1976).
func (g *graph) bundle(top lit) (*graph, lit) {
	readers := make([][]int, 2*len(g.nodes)) // of each literal
	for _, i := range g.cone(top) {
		for _, a := range g.nodes[i].args {
			readers[a] = append(readers[a], i)
		}
	}
	groups := map[string][]lit{}
	var key []byte
	signature := func(a lit) []byte {
		key = key[:0]
		for _, i := range readers[a] {
			if g.nodes[i].op != g.nodes[readers[a][0]].op || g.nodes[i].op == opXor {
				return nil
			}
			key = binary.AppendUvarint(key, uint64(i))
		}
		return key
	}
	for a := range readers {
		if len(readers[a]) < 2 {
			continue
		}
		if s := signature(lit(a)); s != nil {
			groups[string(s)] = append(groups[string(s)], lit(a))
		}
	}
	bundled := make([]bool, 2*len(g.nodes))
	for _, list := range groups {
		for _, a := range list {
			bundled[a] = len(list) > 1
		}
	}
	return g.rewrite(top, func(to *graph, i int, n gnode, args []lit) lit {
		var list []lit
		rest := map[string][]lit{}
		var order []string
		for k, a := range args {
			if !bundled[n.args[k]] {
				list = append(list, a)
				continue
			}
			s := string(signature(n.args[k]))
			if rest[s] == nil {
				order = append(order, s)
			}
			rest[s] = append(rest[s], a)
		}
		for _, s := range order {
			if len(rest[s]) == len(args) { // it would be this very gate
				list = append(list, rest[s]...)
			} else {
				list = append(list, to.gate(n.op, rest[s]))
			}
		}
		return to.gate(n.op, list)
	})
}

// factor takes out what several arguments have in common: a·b + a·c = a·(b + c) and
// its dual, the most common one first, where the arguments are read nowhere else.
func (g *graph) factor(top lit) (*graph, lit) {
	uses := g.uses(top)
	return g.rewrite(top, func(to *graph, i int, n gnode, args []lit) lit {
		if n.op == opXor {
			return to.gate(n.op, args)
		}
		var terms, rest []lit
		for k, a := range args {
			if uses[n.args[k].node()] == 1 && to.inside(dual(n.op), a) != nil {
				terms = append(terms, a)
			} else {
				rest = append(rest, a)
			}
		}
		return to.gate(n.op, append(rest, to.factored(n.op, terms)...))
	})
}

func dual(o op) op {
	if o == opAnd {
		return opOr
	}
	return opAnd
}

// factored joins terms, each a gate of the dual kind, as far as they have arguments in common.
func (g *graph) factored(o op, terms []lit) []lit {
	for len(terms) > 1 {
		count := map[lit]int{}
		best := lit(0)
		for _, t := range terms {
			for _, a := range g.inside(dual(o), t) {
				count[a]++
				if c := count[a]; c > count[best] || c == count[best] && a < best {
					best = a
				}
			}
		}
		if count[best] < 2 {
			break
		}
		var with, without []lit
		for _, t := range terms {
			args := g.inside(dual(o), t)
			if !slices.Contains(args, best) {
				without = append(without, t)
				continue
			}
			with = append(with, g.gate(dual(o), slices.DeleteFunc(slices.Clone(args), func(a lit) bool { return a == best })))
		}
		joined := g.gate(dual(o), []lit{best, g.gate(o, with)})
		if g.inside(dual(o), joined) == nil {
			return append(without, joined)
		}
		terms = append(without, joined)
	}
	return terms
}
