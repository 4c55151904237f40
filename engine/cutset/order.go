package cutset

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// depthFirst lists the leaf nodes, as all orders do, as a walk from the top meets them first; children orders
// the arguments of a node.
func (r region) depthFirst(children func(args []lit) []lit) []int {
	var list []int
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
			list = append(list, i)
			continue
		}
		args := children(n.args)
		for k := len(args) - 1; k >= 0; k-- {
			stack = append(stack, args[k])
		}
	}
	return list
}

func (r region) leftmost() []int {
	return r.depthFirst(func(args []lit) []lit { return args })
}

// sorted is the depth-first order in which arguments of less weight come first.
func (r region) sorted(weight func(i int) int64) []int {
	return r.depthFirst(func(args []lit) []lit {
		args = slices.Clone(args)
		slices.SortStableFunc(args, func(a, b lit) int { return cmp.Compare(weight(a.node()), weight(b.node())) })
		return args
	})
}

// shuffled is a depth-first order with the arguments in a random order.
func (r region) shuffled(random *rand.Rand) []int {
	return r.depthFirst(func(args []lit) []lit {
		args = slices.Clone(args)
		random.Shuffle(len(args), func(i, j int) { args[i], args[j] = args[j], args[i] })
		return args
	})
}

// breadthFirst lists the leaves level by level.
func (r region) breadthFirst() []int {
	var list []int
	seen := make([]bool, len(r.graph.nodes))
	for queue := []int{r.top.node()}; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		if seen[i] {
			continue
		}
		seen[i] = true
		n := r.graph.nodes[i]
		if n.op == opLeaf {
			list = append(list, i)
		}
		for _, a := range n.args {
			queue = append(queue, a.node())
		}
	}
	return list
}

// paths is for each node the number of paths to leaves, at most 1<<40.
func (r region) paths() []int64 {
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

// starts are the orders that need no search: small arguments first, large ones first,
// as written, level by level, gates before leaves with the most shared first.
func (r region) starts() [][]int {
	paths, uses := r.paths(), r.graph.uses(r.top)
	return [][]int{
		r.sorted(func(i int) int64 { return paths[i] }),
		r.sorted(func(i int) int64 { return -paths[i] }),
		r.leftmost(),
		r.breadthFirst(),
		r.sorted(func(i int) int64 {
			shared := int64(-uses[i])
			if r.graph.nodes[i].op == opLeaf {
				shared += math.MaxInt32
			}
			return shared
		}),
	}
}

// forceRounds bounds the rounds of force.
const forceRounds = 200

// force moves leaves and gates towards the middle of what they are connected to, as
// long as the total span of the gates shrinks (Aloul, Markov, Sakallah: "FORCE: a fast
// and easy-to-implement variable-ordering heuristic", GLSVLSI 2003).
func (r region) force(start []int) []int {
	f := r.forces()
	order := slices.Clone(start)
	best, least := start, math.Inf(1)
	for range forceRounds {
		span := f.place(order)
		if span >= least {
			break
		}
		best, least = slices.Clone(order), span
		f.pull()
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(f.at[a], f.at[b]) })
	}
	return best
}

// forces are the places of nodes and what pulls at them.
type forces struct {
	nodes     []gnode
	at        []float64
	low, high []float64 // reach of the leaves below each node
	sum, n    []float64 // places of what reads the node
}

func (r region) forces() *forces {
	n := len(r.graph.nodes)
	return &forces{r.graph.nodes, make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
}

// place puts the leaves in an order and each gate in the middle of its arguments, and
// returns the total span of the gates.
func (f *forces) place(order []int) (span float64) {
	for k, i := range order {
		f.at[i], f.low[i], f.high[i] = float64(k), float64(k), float64(k)
	}
	for i, n := range f.nodes {
		if len(n.args) == 0 {
			continue
		}
		low, high, sum := math.Inf(1), math.Inf(-1), 0.0
		for _, a := range n.args {
			k := a.node()
			low, high, sum = min(low, f.low[k]), max(high, f.high[k]), sum+f.at[k]
		}
		f.low[i], f.high[i], f.at[i] = low, high, sum/float64(len(n.args))
		span += high - low
	}
	return span
}

// pull moves each gate halfway to the middle of its readers, and each leaf to the
// middle of its own.
func (f *forces) pull() {
	clear(f.sum)
	clear(f.n)
	for i := len(f.nodes) - 1; i >= 0; i-- {
		if f.n[i] > 0 {
			readers := f.sum[i] / f.n[i]
			if f.nodes[i].op == opLeaf {
				f.at[i] = readers
			} else {
				f.at[i] = (f.at[i] + readers) / 2
			}
		}
		for _, a := range f.nodes[i].args {
			f.sum[a.node()] += f.at[i]
			f.n[a.node()]++
		}
	}
}

// mostStates bounds the states that are multiplied.
const mostStates = 1e100

// estimate guesses the number of nodes of a diagram in an order: the sum over its
// levels of the states in which the gates may be whose leaves lie on both sides. An
// open gate is decided or waits; while it waits, its open arguments are in some state
// each. (The sum of the spans, which [region.force] lessens, ranks orders worse: it
// counts nested gates as if they were independent.)
func (r region) estimate(order []int) float64 {
	nodes := r.graph.nodes
	low, high := make([]int32, len(nodes)), make([]int32, len(nodes))
	for k, i := range order {
		low[i], high[i] = int32(k), int32(k)
	}
	for i, n := range nodes {
		if len(n.args) > 0 {
			low[i], high[i] = int32(len(order)), -1
		}
		for _, a := range n.args {
			low[i], high[i] = min(low[i], low[a.node()]), max(high[i], high[a.node()])
		}
	}
	var level int32
	counted := make([]int32, len(nodes)) // at which level, from 1
	var states func(i int) float64
	states = func(i int) float64 {
		if counted[i] > level || level < low[i] || level >= high[i] {
			return 1
		}
		counted[i] = level + 1
		product := 1.0
		for _, a := range nodes[i].args {
			product *= states(a.node())
		}
		return 1 + min(product, mostStates)
	}
	total := 0.0
	for level = range int32(len(order)) {
		total += states(r.top.node())
	}
	return total
}
