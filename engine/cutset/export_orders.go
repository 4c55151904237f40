package cutset

import ("slices";"fmt";"time")

func init() {
	orders = append(orders, func(r region) []int32 { return force(r, leftmost(r)) }, function5, function6, function7)
}
// interleaved topological: BFS levels from top
func function5(r region) []int32 {
	var list []int32
	seen := make([]bool, len(r.graph.nodes))
	queue := []int{r.top.node()}
	for len(queue) > 0 {
		i := queue[0]; queue = queue[1:]
		if seen[i] { continue }
		seen[i] = true
		if r.graph.nodes[i].op == opLeaf { list = append(list, r.graph.nodes[i].leaf) }
		for _, a := range r.graph.nodes[i].args { queue = append(queue, a.node()) }
	}
	return list
}
// DFS: leaves shared most first
func function6(r region) []int32 {
	u := r.graph.uses(r.top)
	return r.depthFirst(func(args []lit) []lit {
		args = slices.Clone(args)
		slices.SortStableFunc(args, func(a, b lit) int { return int(u[b.node()] - u[a.node()]) })
		return args
	})
}
// file order
func function7(r region) []int32 {
	var l []int32
	for k := range r.graph.leafs { l = append(l, k) }
	slices.Sort(l)
	return l
}
var _ = fmt.Sprint
var _ = time.Now

func Dump(m *Model) {
	g, tops, _ := m.compile(m.Top)
	g, top := simplify(g, tops[0])
	for k, r := range modules(g, top) {
		if len(r.graph.nodes) < 100 { continue }
		fmt.Println("module", k)
		u := r.graph.uses(r.top)
		for i, n := range r.graph.nodes {
			if n.op == opLeaf || n.op == opConst { continue }
			fmt.Printf("g%d x%d %s:", i, u[i], []string{"", "", "and", "or", "xor"}[n.op])
			for _, a := range n.args {
				s := ""
				if a.isNot() { s = "-" }
				an := r.graph.nodes[a.node()]
				if an.op == opLeaf { fmt.Printf(" %s%d", s, an.leaf); if u[a.node()] > 1 { fmt.Printf("*%d", u[a.node()]) } } else { fmt.Printf(" %sg%d", s, a.node()) }
			}
			fmt.Println()
		}
	}
}
