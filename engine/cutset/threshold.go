package cutset

import (
	"cmp"
	"math"
	"slices"
)

// threshold is the node that is true when the weights of the true arguments in c.args
// sum to need or more. It is a diagram over the arguments, the heaviest first, in which
// all needs between two neighbouring sums share a node (Abío, Nieuwenhuis, Oliveras,
// Rodríguez-Carbonell, Mayer-Eichberger: "A new look at BDDs for pseudo-Boolean
// constraints", JAIR 45, 2012, section 4).
func (c *compiler) threshold(weights []int64, need int64) lit {
	n := len(weights)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	t := &threshold{graph: c.graph, args: make([]lit, n), weights: make([]int64, n), rest: make([]int64, n+1), known: make([][]interval, n)}
	for to, from := range order {
		t.args[to], t.weights[to] = c.args[from], weights[from]
	}
	for i := n - 1; i >= 0; i-- {
		t.rest[i] = t.rest[i+1] + t.weights[i]
	}
	return t.at(0, need).value
}

type threshold struct {
	graph   *graph
	args    []lit
	weights []int64
	rest    []int64      // sum of the weights from an argument on
	known   [][]interval // for each argument, disjoint, ascending
}

// An interval of needs, low < need <= high, for which the node is the same.
type interval struct {
	low, high int64
	value     lit
}

func (t *threshold) at(i int, need int64) interval {
	if need <= 0 {
		return interval{math.MinInt64, 0, always}
	}
	if need > t.rest[i] {
		return interval{t.rest[i], math.MaxInt64, never}
	}
	place, found := t.find(i, need)
	if found {
		return t.known[i][place]
	}
	w := t.weights[i]
	without, with := t.at(i+1, need), t.at(i+1, need-w)
	k := interval{max(without.low, plus(with.low, w)), min(without.high, plus(with.high, w)), never}
	both := t.graph.gate(opAnd, []lit{t.args[i], with.value})
	k.value = t.graph.gate(opOr, []lit{both, without.value}) // losing more is never better
	t.known[i] = slices.Insert(t.known[i], place, k)
	return k
}

// find is where the interval that holds a need is, or belongs, in the list of an argument.
func (t *threshold) find(i int, need int64) (place int, found bool) {
	list := t.known[i]
	place, _ = slices.BinarySearchFunc(list, need, func(k interval, need int64) int { return cmp.Compare(k.high, need) })
	return place, place < len(list) && list[place].low < need
}

// plus adds, keeping the infinities.
func plus(x, w int64) int64 {
	if x == math.MinInt64 || x == math.MaxInt64 {
		return x
	}
	return x + w
}
