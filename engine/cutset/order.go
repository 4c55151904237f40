package cutset

import "slices"

// orders are the ways in which the leaves of a region are put in order.
var orders = []func(region) []int32{leftmost, lightest, heaviest, forced}

// depthFirst lists the leaves as a walk from the top meets them first; children orders
// the arguments of a node.
func (r region) depthFirst(children func(args []lit) []lit) []int32 {
	var list []int32
	seen := make([]bool, len(r.graph.nodes))
	stack := []lit{r.top}
	for len(stack) > 0 {
		i := stack[len(stack)-1].node()
		stack = stack[:len(stack)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		n := r.graph.nodes[i]
		if n.op == opLeaf {
			list = append(list, n.leaf)
		}
		args := children(n.args)
		for k := len(args) - 1; k >= 0; k-- {
			stack = append(stack, args[k])
		}
	}
	return list
}

func leftmost(r region) []int32 {
	return r.depthFirst(func(args []lit) []lit { return args })
}

// weights is for each node the number of paths to leaves, at most 1<<40.
func (r region) weights() []int64 {
	w := make([]int64, len(r.graph.nodes))
	for i, n := range r.graph.nodes {
		if n.op == opLeaf {
			w[i] = 1
		}
		for _, a := range n.args {
			w[i] = min(w[i]+w[a.node()], 1<<40)
		}
	}
	return w
}

func lightest(r region) []int32 {
	w := r.weights()
	return r.depthFirst(func(args []lit) []lit {
		args = slices.Clone(args)
		slices.SortStableFunc(args, func(a, b lit) int { return int(w[a.node()] - w[b.node()]) })
		return args
	})
}

func heaviest(r region) []int32 {
	w := r.weights()
	return r.depthFirst(func(args []lit) []lit {
		args = slices.Clone(args)
		slices.SortStableFunc(args, func(a, b lit) int { return int(w[b.node()] - w[a.node()]) })
		return args
	})
}

// forceRounds bounds the rounds of forced.
const forceRounds = 200

// forced moves leaves and gates towards the middle of what they are connected to, as
// long as the total span of the gates shrinks (Aloul, Markov, Sakallah: "FORCE: a fast
// and easy-to-implement variable-ordering heuristic", GLSVLSI 2003).
func forced(r region) []int32 { return force(r, lightest(r)) }

func force(r region, start []int32) []int32 {
	g := r.graph
	place := make([]float64, len(g.nodes))
	at := map[int32]int{}
	for i, n := range g.nodes {
		if n.op == opLeaf {
			at[n.leaf] = i
		}
	}
	set := func(order []int32) {
		for k, l := range order {
			place[at[l]] = float64(k)
		}
	}
	// below lists the leaves of each gate's arguments by a span over nodes: gates
	// take the middle of their arguments.
	best, bestSpan := start, -1.0
	order := slices.Clone(start)
	sum, count := make([]float64, len(g.nodes)), make([]float64, len(g.nodes))
	low, high := make([]float64, len(g.nodes)), make([]float64, len(g.nodes))
	for range forceRounds {
		set(order)
		span := 0.0
		for i, n := range g.nodes {
			if n.op == opLeaf {
				low[i], high[i] = place[i], place[i]
				continue
			}
			if len(n.args) == 0 {
				continue
			}
			low[i], high[i], place[i] = 1e18, -1, 0
			for _, a := range n.args {
				low[i], high[i] = min(low[i], low[a.node()]), max(high[i], high[a.node()])
				place[i] += place[a.node()] / float64(len(n.args))
			}
			span += high[i] - low[i]
		}
		if bestSpan >= 0 && span >= bestSpan {
			break
		}
		best, bestSpan = slices.Clone(order), span
		clear(sum)
		clear(count)
		for i := len(g.nodes) - 1; i >= 0; i-- {
			n := g.nodes[i]
			if len(n.args) == 0 {
				continue
			}
			if count[i] > 0 {
				place[i] = (place[i] + sum[i]/count[i]) / 2
			}
			for _, a := range n.args {
				sum[a.node()] += place[i]
				count[a.node()]++
			}
		}
		for _, l := range order {
			if i := at[l]; count[i] > 0 {
				place[i] = sum[i] / count[i]
			}
		}
		slices.SortStableFunc(order, func(a, b int32) int {
			switch x, y := place[at[a]], place[at[b]]; {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
	}
	return best
}
