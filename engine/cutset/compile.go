package cutset

import (
	"fmt"
	"math"
)

// compile makes a graph of everything the top depends on. Loops are unrolled to their
// least fixpoint.
func (m *Model) compile(tops ...int) (*graph, []lit, error) {
	if err := m.Check(); err != nil {
		return nil, nil, err
	}
	c := &compiler{model: m, graph: newGraph(len(m.Gates) + len(m.Events)), value: make([]lit, len(m.Gates))}
	for _, s := range m.components(tops) {
		if err := c.component(s); err != nil {
			return nil, nil, err
		}
	}
	out := make([]lit, len(tops))
	for i, t := range tops {
		out[i] = c.value[t]
	}
	return c.graph, out, nil
}

type compiler struct {
	model *Model
	graph *graph
	value []lit // of each gate
	args  []lit
}

func (c *compiler) component(s component) error {
	if !s.loop {
		c.value[s.gates[0]] = c.gate(&c.model.Gates[s.gates[0]])
		return nil
	}
	if g := c.model.negation(s); g >= 0 {
		return fmt.Errorf("gate %q is part of a loop (%s) that holds a negation: such a loop has no least fixpoint", c.model.gate(g), c.model.path(c.model.cycle(s)))
	}
	for _, g := range s.gates {
		c.value[g] = never
	}
	// The gates are in such an order that only the feedback gates are read before
	// they are made. Over k feedback gates the iteration from false ends after k
	// rounds (a chain of sets of k gates has k steps, at each assignment of events);
	// one more round carries the result to all gates.
	for round := 0; round <= s.feedback; round++ {
		changed := false
		for _, g := range s.gates {
			value := c.gate(&c.model.Gates[g])
			changed = changed || value != c.value[g]
			c.value[g] = value
		}
		if !changed {
			break
		}
	}
	return nil
}

func (c *compiler) lit(a Arg) lit {
	l := never
	if a.Gate {
		l = c.value[a.Index]
	} else {
		l = c.graph.leaf(a.Index)
	}
	if a.Not {
		return l.not()
	}
	return l
}

func (c *compiler) gate(g *Gate) lit {
	c.args = c.args[:0]
	for _, a := range g.Args {
		c.args = append(c.args, c.lit(a))
	}
	switch g.Kind {
	case And:
		return c.graph.gate(opAnd, c.args)
	case Or:
		return c.graph.gate(opOr, c.args)
	case Xor:
		return c.graph.gate(opXor, c.args)
	case Not:
		return c.args[0].not()
	case AtLeast:
		weights := make([]int64, len(c.args))
		for i := range weights {
			weights[i] = 1
		}
		return c.threshold(weights, int64(g.K))
	}
	return c.share(g)
}

// share is true when so much is lost that less than the threshold is left.
func (c *compiler) share(g *Gate) lit {
	weights := make([]int64, len(g.Shares))
	var sum int64
	for i, s := range g.Shares {
		weights[i] = steps(s)
		sum += weights[i]
	}
	return c.threshold(weights, sum-steps(g.Threshold)+1)
}

func steps(x float64) int64 { return int64(math.Round(x / shareUnit)) }
