package cutset

import (
	"encoding/binary"
	"slices"
)

// A lit is a node of a graph or its opposite: twice the node's number, plus one for
// the opposite.
type lit uint32

func (l lit) node() int   { return int(l >> 1) }
func (l lit) not() lit    { return l ^ 1 }
func (l lit) isNot() bool { return l&1 != 0 }

// Node 0 is the constant.
const (
	never  lit = 0
	always lit = 1
)

type op uint8

const (
	opConst op = iota
	opLeaf     // an event, or a module seen from outside
	opAnd
	opOr
	opXor
)

// A node of a graph. Arguments are sorted and made before the node.
type gnode struct {
	op   op
	leaf int32 // opLeaf: which
	args []lit
}

// A graph is a hash-consed, acyclic graph of and, or and xor nodes over leaves, in
// which every node is in its simplest form as seen from its arguments: no constants,
// no argument twice or with its opposite, no single argument. Negations of and/or
// nodes stay on the edges.
type graph struct {
	nodes []gnode
	leafs map[int32]lit
	found map[string]lit
	key   []byte
}

func newGraph(size int) *graph {
	return &graph{nodes: make([]gnode, 1, size+1), leafs: make(map[int32]lit, size), found: make(map[string]lit, size)}
}

func (g *graph) leaf(i int32) lit {
	if l, ok := g.leafs[i]; ok {
		return l
	}
	l := g.add(gnode{op: opLeaf, leaf: i})
	g.leafs[i] = l
	return l
}

func (g *graph) add(n gnode) lit {
	g.nodes = append(g.nodes, n)
	return lit(len(g.nodes)-1) << 1
}

// gate is the node that joins args; args is reordered.
func (g *graph) gate(o op, args []lit) lit {
	if o == opXor {
		return g.xor(args)
	}
	zero, one := never, always // the argument that decides, the one that does nothing
	if o == opOr {
		zero, one = always, never
	}
	slices.Sort(args)
	kept := args[:0]
	for _, a := range args {
		switch n := len(kept); {
		case a == zero:
			return zero
		case a == one, n > 0 && kept[n-1] == a:
		case n > 0 && kept[n-1] == a.not():
			return zero
		default:
			kept = append(kept, a)
		}
	}
	switch len(kept) {
	case 0:
		return one
	case 1:
		return kept[0]
	}
	return g.cons(o, kept)
}

// xor pulls negations out, so that its arguments are nodes, not opposites.
func (g *graph) xor(args []lit) lit {
	odd := never
	for i, a := range args {
		odd ^= a & 1
		args[i] = a &^ 1
	}
	slices.Sort(args)
	kept := args[:0]
	for _, a := range args {
		switch n := len(kept); {
		case a == never:
		case n > 0 && kept[n-1] == a:
			kept = kept[:n-1]
		default:
			kept = append(kept, a)
		}
	}
	switch len(kept) {
	case 0:
		return odd
	case 1:
		return kept[0] ^ odd
	}
	return g.cons(opXor, kept) ^ odd
}

func (g *graph) cons(o op, args []lit) lit {
	g.key = append(g.key[:0], byte(o))
	for _, a := range args {
		g.key = binary.LittleEndian.AppendUint32(g.key, uint32(a))
	}
	if l, ok := g.found[string(g.key)]; ok {
		return l
	}
	l := g.add(gnode{op: o, args: slices.Clone(args)})
	g.found[string(g.key)] = l
	return l
}

// cone lists the nodes that l depends on, arguments first, l last.
func (g *graph) cone(l lit) []int {
	seen := make([]bool, len(g.nodes))
	seen[l.node()] = true
	var list []int
	for i := l.node(); i >= 0; i-- { // arguments have smaller numbers
		if !seen[i] {
			continue
		}
		list = append(list, i)
		for _, a := range g.nodes[i].args {
			seen[a.node()] = true
		}
	}
	slices.Reverse(list)
	return list
}

// rewrite copies the cone of top, each node as change makes it from its arguments'
// copies, in a new graph.
func (g *graph) rewrite(top lit, change func(to *graph, i int, n gnode, args []lit) lit) (*graph, lit) {
	to := newGraph(len(g.nodes))
	copied := make([]lit, len(g.nodes))
	var args []lit
	for _, i := range g.cone(top) {
		n := g.nodes[i]
		switch n.op {
		case opConst:
			copied[i] = never
		case opLeaf:
			copied[i] = to.leaf(n.leaf)
		default:
			args = args[:0]
			for _, a := range n.args {
				args = append(args, copied[a.node()]^a&1)
			}
			copied[i] = change(to, i, n, args)
		}
	}
	return to, copied[top.node()] ^ top&1
}

// negative tells whether a leaf or gate can act against the top: whether there is a
// negation or xor anywhere in the cone, once negations are pushed to the leaves.
func (g *graph) negative(top lit) bool {
	const plus, minus = 1, 2
	sign := make([]uint8, len(g.nodes))
	sign[top.node()] = plus << (top & 1)
	cone := g.cone(top)
	for k := len(cone) - 1; k >= 0; k-- {
		i := cone[k]
		n, s := g.nodes[i], sign[i]
		if n.op == opXor || n.op == opLeaf && s&minus != 0 {
			return true
		}
		for _, a := range n.args {
			if a.isNot() {
				sign[a.node()] |= s>>1 | s<<1&minus
			} else {
				sign[a.node()] |= s
			}
		}
	}
	return false
}

// dual is the graph of what is false when every leaf is its opposite: its minimal cut
// sets are the minimal path sets of top.
func (g *graph) dual(top lit) (*graph, lit) {
	if top == always || top == never {
		return g, top.not()
	}
	return g.rewrite(top, func(to *graph, i int, n gnode, args []lit) lit {
		if n.op == opXor {
			return to.gate(opXor, args) ^ lit(len(args)+1)&1
		}
		return to.gate(dual(n.op), args)
	})
}
