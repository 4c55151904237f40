package cutset

import "slices"

// A region is a module: a part of the graph that shares no leaf with the rest. Its
// leaves are events and smaller modules. Every region but the whole is false when no
// event occurs, if need be as its opposite, so that a set of events that makes the
// whole true never holds events of a module that is to be false.
type region struct {
	graph *graph
	top   lit
}

// ofModule is the leaf that stands for a module; events are leaves from 0 on.
func ofModule(i int) int32 { return int32(-1 - i) }

// asModule is the module that a leaf stands for.
func asModule(leaf int32) (module int, ok bool) { return int(-1 - leaf), leaf < 0 }

// modules cuts the graph into its modules, smaller ones first, the whole last (Dutuit,
// Rauzy: "A linear-time algorithm to find modules of fault trees", IEEE Transactions on
// Reliability 45, 1996).
func modules(g *graph, top lit) []region {
	g, top = g.split(top)
	module := g.isModule(top)
	leaf := make([]lit, len(g.nodes)) // that stands for a module made, in another graph
	var list []region
	for _, i := range g.cone(top) {
		if o := g.nodes[i].op; !module[i] || o == opLeaf || o == opConst {
			continue
		}
		r := g.region(i, module, leaf)
		opposite := r.atRest() & 1
		r.top ^= opposite
		leaf[i] = lit(len(list))<<1 | opposite
		list = append(list, r)
	}
	if len(list) == 0 { // a constant or a leaf
		to, copied := g.rewrite(top, nil)
		return []region{{to, copied}}
	}
	list[len(list)-1].top ^= leaf[top.node()]&1 ^ top&1
	return list
}

// atRest is the constant that the region is when all its leaves are false.
func (r region) atRest() lit {
	value := make([]lit, len(r.graph.nodes))
	var args []lit
	for i, n := range r.graph.nodes {
		if n.op == opConst || n.op == opLeaf {
			continue
		}
		args = args[:0]
		for _, a := range n.args {
			args = append(args, value[a.node()]^a&1)
		}
		value[i] = r.graph.gate(n.op, args)
	}
	return value[r.top.node()] ^ r.top&1
}

// region copies what is in module i and in no smaller one.
func (g *graph) region(i int, module []bool, leaf []lit) region {
	to := newGraph(0)
	copied := map[int]lit{}
	var visit func(k int) lit
	visit = func(k int) lit {
		if l, ok := copied[k]; ok {
			return l
		}
		n := g.nodes[k]
		var l lit
		switch {
		case n.op == opLeaf:
			l = to.leaf(n.leaf)
		case k != i && module[k]:
			l = to.leaf(ofModule(leaf[k].node())) ^ leaf[k]&1
		default:
			args := make([]lit, len(n.args))
			for j, a := range n.args {
				args[j] = visit(a.node()) ^ a&1
			}
			l = to.gate(n.op, args)
		}
		copied[k] = l
		return l
	}
	return region{to, visit(i)}
}

// withoutLeaves is the region with some leaves false.
func (r region) withoutLeaves(no map[int32]bool) region {
	is := func(l lit) bool { n := r.graph.nodes[l.node()]; return n.op == opLeaf && no[n.leaf] }
	if is(r.top) {
		return region{newGraph(0), never ^ r.top&1}
	}
	g, top := r.graph.rewrite(r.top, func(to *graph, i int, n gnode, args []lit) lit {
		for k, a := range n.args {
			if is(a) {
				args[k] = never ^ a&1
			}
		}
		return to.gate(n.op, args)
	})
	return region{g, top}
}

// isModule tells of each node in the cone of top whether no node below it is read
// from outside.
func (g *graph) isModule(top lit) []bool {
	type dates struct{ first, exit, last, low, high int32 }
	d := make([]dates, len(g.nodes))
	next := make([]int32, len(g.nodes))
	module := make([]bool, len(g.nodes))
	date := int32(0)
	path := []int{top.node()}
	date++
	d[top.node()] = dates{first: date, last: date}
	for len(path) > 0 {
		i := path[len(path)-1]
		if args := g.nodes[i].args; int(next[i]) < len(args) {
			k := args[next[i]].node()
			next[i]++
			date++
			d[k].last = date
			if d[k].first == 0 {
				d[k].first = date
				path = append(path, k)
			}
			continue
		}
		path = path[:len(path)-1]
		date++
		d[i].exit, d[i].last = date, date
	}
	// Last dates are known only now.
	for _, i := range g.cone(top) {
		low, high := int32(1<<30), int32(0)
		for _, a := range g.nodes[i].args {
			k := a.node()
			low, high = min(low, d[k].first, d[k].low), max(high, d[k].last, d[k].high)
		}
		if len(g.nodes[i].args) == 0 {
			low, high = d[i].exit, d[i].exit
		}
		d[i].low, d[i].high = low, high
		module[i] = low > d[i].first && high <= d[i].exit
	}
	return module
}

// split puts arguments of a module that share leaves among themselves, but with no
// other argument, in a gate of their own, so that it becomes a module.
func (g *graph) split(top lit) (*graph, lit) {
	for {
		module := g.isModule(top)
		changed := false
		to, copied := g.rewrite(top, func(to *graph, i int, n gnode, args []lit) lit {
			if !module[i] || len(args) < 3 {
				return to.gate(n.op, args)
			}
			groups := g.related(i, module)
			if len(groups) < 2 || len(groups) == len(args) {
				return to.gate(n.op, args)
			}
			var list []lit
			for _, group := range groups {
				var part []lit
				for _, k := range group {
					part = append(part, args[k])
				}
				list = append(list, to.gate(n.op, part))
			}
			changed = true
			return to.gate(n.op, list)
		})
		g, top = to, copied
		if !changed {
			return g, top
		}
	}
}

// related groups the arguments of module i, by their places: those that reach a common
// node outside smaller modules are in one group.
func (g *graph) related(i int, module []bool) [][]int {
	args := g.nodes[i].args
	parent := make([]int, len(args))
	for k := range parent {
		parent[k] = k
	}
	find := func(k int) int {
		for parent[k] != k {
			parent[k] = parent[parent[k]]
			k = parent[k]
		}
		return k
	}
	owner := map[int]int{}
	for k, a := range args {
		stack := []int{a.node()}
		for len(stack) > 0 {
			x := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if o, ok := owner[x]; ok {
				a, b := find(o), find(k)
				parent[max(a, b)] = min(a, b)
				continue
			}
			owner[x] = k
			if !module[x] {
				for _, y := range g.nodes[x].args {
					stack = append(stack, y.node())
				}
			}
		}
	}
	groups := make([][]int, len(args))
	for k := range args {
		groups[find(k)] = append(groups[find(k)], k)
	}
	return slices.DeleteFunc(groups, func(l []int) bool { return len(l) == 0 })
}
