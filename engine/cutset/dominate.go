package cutset

import "fmt"

// An Edge leads from a node to another one.
type Edge struct{ From, To int32 }

// Dominators finds for each node of a directed graph the last node, other than itself,
// that all paths from root to it pass: its immediate dominator. It is -1 for the root and
// for what root does not reach. Asked for the reversed graph with the goal as root, the
// dominators of a node are the places that everything it contributes to the goal passes.
//
// Semi-dominators with path compression, then the nearest common ancestor (Georgiadis,
// Tarjan, Werneck: "Finding dominators in practice", Journal of Graph Algorithms and
// Applications 10, 2006): O(m log n) at worst, close to linear in practice, 40 bytes a
// node and 8 an edge.
func Dominators(nodes int, edges []Edge, root int) ([]int32, error) {
	if root < 0 || root >= nodes {
		return nil, fmt.Errorf("root %d: a node from 0 to %d is expected", root, nodes-1)
	}
	for i, e := range edges {
		if e.From < 0 || int(e.From) >= nodes || e.To < 0 || int(e.To) >= nodes {
			return nil, fmt.Errorf("edge number %d from %d to %d: nodes from 0 to %d are expected", i, e.From, e.To, nodes-1)
		}
	}
	d := newDominance(nodes, edges, int32(root))
	d.semidominators()
	return d.immediate(nodes), nil
}

// A dominance holds nodes by their numbers in the order of a depth-first search.
type dominance struct {
	node   []int32 // by number
	parent []int32 // in the search tree
	semi   []int32
	best   []int32 // of least semi on the compressed path
	up     []int32 // ancestor on the compressed path
	first  []int32 // of the numbers of the predecessors
	before []int32
	path   []int32
}

func newDominance(nodes int, edges []Edge, root int32) *dominance {
	first, to := adjacency(nodes, edges)
	d := &dominance{}
	number := make([]int32, nodes)
	for i := range number {
		number[i] = -1
	}
	enter := func(v, parent int32) {
		number[v] = int32(len(d.node))
		d.node, d.parent = append(d.node, v), append(d.parent, parent)
	}
	next := make([]int32, nodes)
	copy(next, first)
	enter(root, -1)
	for path := []int32{root}; len(path) > 0; {
		v := path[len(path)-1]
		if next[v] == first[v+1] {
			path = path[:len(path)-1]
			continue
		}
		w := to[next[v]]
		next[v]++
		if number[w] < 0 {
			enter(w, number[v])
			path = append(path, w)
		}
	}
	d.predecessors(edges, number)
	return d
}

// adjacency is where the successors of each node begin, and they.
func adjacency(nodes int, edges []Edge) (first, to []int32) {
	first, to = make([]int32, nodes+2), make([]int32, len(edges))
	for _, e := range edges {
		first[e.From+2]++
	}
	for i := 2; i < len(first); i++ {
		first[i] += first[i-1]
	}
	for _, e := range edges {
		to[first[e.From+1]] = e.To
		first[e.From+1]++
	}
	return first[:nodes+1], to
}

func (d *dominance) predecessors(edges []Edge, number []int32) {
	n := len(d.node)
	d.first, d.before = make([]int32, n+2), make([]int32, len(edges))
	for _, e := range edges {
		if number[e.From] >= 0 {
			d.first[number[e.To]+2]++
		}
	}
	for i := 2; i < len(d.first); i++ {
		d.first[i] += d.first[i-1]
	}
	for _, e := range edges {
		if from := number[e.From]; from >= 0 {
			to := number[e.To]
			d.before[d.first[to+1]] = from
			d.first[to+1]++
		}
	}
}

func (d *dominance) semidominators() {
	n := int32(len(d.node))
	d.semi, d.best, d.up = make([]int32, n), make([]int32, n), make([]int32, n)
	for v := range n {
		d.semi[v], d.best[v], d.up[v] = v, v, d.parent[v]
	}
	for v := n - 1; v > 0; v-- {
		least := d.parent[v]
		for _, u := range d.before[d.first[v]:d.first[v+1]] {
			if u > v {
				u = d.semi[d.least(u, v)]
			}
			least = min(least, u)
		}
		d.semi[v] = least
	}
}

// least is the node of least semi-dominator on the tree path from u up to the nodes that
// are done, which are those above v; the path is compressed.
func (d *dominance) least(u, v int32) int32 {
	d.path = d.path[:0]
	for x := u; d.up[x] > v; x = d.up[x] {
		d.path = append(d.path, x)
	}
	for i := len(d.path) - 1; i >= 0; i-- {
		x := d.path[i]
		p := d.up[x]
		if d.semi[d.best[p]] < d.semi[d.best[x]] {
			d.best[x] = d.best[p]
		}
		d.up[x] = d.up[p]
	}
	return d.best[u]
}

func (d *dominance) immediate(nodes int) []int32 {
	of := make([]int32, len(d.node))
	out := make([]int32, nodes)
	for i := range out {
		out[i] = -1
	}
	for v := int32(1); v < int32(len(d.node)); v++ {
		x := d.parent[v]
		for x > d.semi[v] {
			x = of[x]
		}
		of[v] = x
		out[d.node[v]] = d.node[x]
	}
	return out
}
