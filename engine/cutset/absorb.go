package cutset

import "maps"

// contextWork bounds the nodes looked at while gates are simplified by their assumed,
// per node of the graph.
const contextWork = 200

// absorb simplifies arguments by what their siblings say: in a·f the function f may
// take a for true, in a + f for false (a + a·b = a, a·(¬a + b) = a·b, at any depth).
// Gates that are read once are rewritten, others only replaced where they become
// constant, so that nothing is copied.
func (g *graph) absorb(top lit) (*graph, lit) {
	a := &absorber{from: g, to: newGraph(len(g.nodes)), uses: g.uses(top), plain: map[int]lit{}, work: contextWork * len(g.nodes)}
	a.known, a.when = make([]int8, len(g.nodes)), make([]int32, len(g.nodes))
	return a.to, a.rewrite(top, nil)
}

type absorber struct {
	from, to *graph
	uses     []int32
	plain    map[int]lit // copies of nodes that are read more than once
	work     int

	known []int8  // value of each node in the context in hand,
	when  []int32 // if this is the number of the question
	now   int32
}

// assumed tells of nodes of the old graph that they may be taken for true or false.
type assumed map[int]bool

func (c assumed) with(l lit, value bool) assumed {
	c[l.node()] = value != l.isNot()
	return c
}

func (a *absorber) rewrite(l lit, c assumed) lit {
	i := l.node()
	if v, ok := c[i]; ok {
		return constantLit(v != l.isNot())
	}
	n := a.from.nodes[i]
	switch n.op {
	case opConst:
		return l
	case opLeaf:
		return a.to.leaf(n.leaf) ^ l&1
	}
	if a.uses[i] > 1 {
		a.now++
		if v, ok := a.value(i, c); ok {
			return constantLit(v != l.isNot())
		}
		if _, ok := a.plain[i]; !ok {
			a.plain[i] = a.args(n, nil)
		}
		return a.plain[i] ^ l&1
	}
	return a.args(n, c) ^ l&1
}

func (a *absorber) args(n gnode, c assumed) lit {
	out := make([]lit, 0, len(n.args))
	if n.op == opXor {
		for _, x := range n.args {
			out = append(out, a.rewrite(x, c))
		}
		return a.to.gate(n.op, out)
	}
	// Each argument is simplified by those before it, as they became, where they
	// stayed what they were, and by those after it, as they are.
	inner := make(assumed, len(c)+len(n.args))
	maps.Copy(inner, c)
	neutral := n.op == opAnd
	for _, x := range n.args {
		if _, ok := c[x.node()]; !ok {
			inner.with(x, neutral)
		}
	}
	for _, x := range n.args {
		if _, ok := c[x.node()]; ok {
			out = append(out, a.rewrite(x, c))
			continue
		}
		delete(inner, x.node())
		before := a.untouched(x)
		y := a.rewrite(x, inner)
		out = append(out, y)
		if y == before {
			inner.with(x, neutral)
		}
	}
	return a.to.gate(n.op, out)
}

// untouched is the copy of x when it is a leaf or has one already, else no literal.
func (a *absorber) untouched(x lit) lit {
	if n := a.from.nodes[x.node()]; n.op == opLeaf {
		return a.to.leaf(n.leaf) ^ x&1
	}
	if l, ok := a.plain[x.node()]; ok {
		return l ^ x&1
	}
	return ^lit(0)
}

func constantLit(v bool) lit {
	if v {
		return always
	}
	return never
}

const (
	openValue int8 = iota + 1
	falseValue
	trueValue
)

// value is what node i of the old graph becomes in a assumed, if that is a constant.
func (a *absorber) value(i int, c assumed) (value, ok bool) {
	if v, ok := c[i]; ok {
		return v, true
	}
	if a.when[i] == a.now {
		return a.known[i] == trueValue, a.known[i] != openValue
	}
	if a.work--; a.work < 0 || len(c) == 0 {
		return false, false
	}
	n := a.from.nodes[i]
	a.when[i], a.known[i] = a.now, openValue
	if n.op == opLeaf || n.op == opConst {
		return false, n.op == opConst
	}
	all, odd := true, false
	for _, x := range n.args {
		v, ok := a.value(x.node(), c)
		v = v != x.isNot()
		switch {
		case !ok:
			all = false
		case n.op == opAnd && !v, n.op == opOr && v:
			return a.found(i, v), true
		case v:
			odd = !odd
		}
	}
	if !all {
		return false, false
	}
	v := n.op == opAnd || n.op == opXor && odd
	return a.found(i, v), true
}

func (a *absorber) found(i int, v bool) bool {
	a.known[i] = falseValue
	if v {
		a.known[i] = trueValue
	}
	return v
}
