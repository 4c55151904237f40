package techmap

import (
	"math"
	"slices"
)

// losses are what is lost in turn when some events occur: the least fixpoint, so that
// nodes that only need each other are not lost for that.
type losses struct {
	r      *reading
	gone   []bool // by event
	rank   []int  // by node: the round in which it was lost, from 1; 0 for what holds
	supply []bool // by node: lost, among other reasons, for its own supply
}

// losing is what is lost when nothing is yet.
func (r *reading) losing() *losses {
	return &losses{r: r, gone: make([]bool, len(r.events)), rank: make([]int, len(r.g.Nodes)), supply: make([]bool, len(r.g.Nodes))}
}

// lost follows the loss of some events through the map, in O(inputs of inputs + shares).
func (r *reading) lost(events []int) *losses {
	l := r.losing()
	for _, e := range events {
		l.gone[e] = true
	}
	for i, u := range r.supply {
		if l.left(u) < u.floor-1e-9 {
			l.supply[i], l.rank[i] = true, 1
		}
	}
	return l.spread()
}

// without follows the loss of one node, whoever supplies it.
func (r *reading) without(node int) *losses {
	l := r.losing()
	l.rank[node] = 1
	return l.spread()
}

// goal says whether the goal is lost.
func (l *losses) goal() bool { return l.rank[l.r.model.Top] > 0 }

// spread loses what needs what is lost, round by round, until no more is lost. First every gate is
// looked at, for some are never open, then those that need what was lost in the round before.
func (l *losses) spread() *losses {
	look := l.r.every
	for round := 2; len(look) > 0; round++ {
		var next []int
		for _, i := range look {
			if x := &l.r.gates[i]; l.rank[x.node] == 0 && l.shut(x, round) {
				l.rank[x.node] = round
				next = append(next, l.r.users[x.node]...)
			}
		}
		look = next
	}
	return l
}

// shut says whether a gate is not open for the nodes lost before round.
func (l *losses) shut(x *wired, round int) bool {
	open, share := 0, 0.0
	for k, in := range x.inputs {
		if at := l.rank[in]; at == 0 || at >= round {
			open++
			share += x.Inputs[k].Share
		}
	}
	switch x.Kind {
	case AnyOf:
		return open == 0
	case SomeOf:
		return open < x.K
	case ShareOf:
		return share < x.Floor-1e-9
	}
	return open < len(x.inputs)
}

// causes lists the nodes whose supply is lost and by whose loss, in turn, the goal is: what is
// lost besides, such as one of two alternatives, is left out. In the order of the keys.
func (l *losses) causes() (list []string) {
	seen := make([]bool, len(l.rank))
	todo := []int{l.r.model.Top}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[i] || l.rank[i] == 0 {
			continue
		}
		seen[i] = true
		if l.supply[i] {
			list = append(list, l.r.g.Nodes[i].ID)
		}
		for _, k := range l.r.into[i] {
			if x := &l.r.gates[k]; l.shut(x, math.MaxInt) {
				todo = append(todo, x.inputs...)
			}
		}
	}
	slices.Sort(list)
	return list
}

// left is the share of a supply that is left.
func (l *losses) left(u supply) float64 {
	left := u.kept
	for i, e := range u.events {
		if !l.gone[e] {
			left += u.shares[i]
		}
	}
	return left
}

// Step is one line of a proof: why a node is lost. It is either its supply, of which Left
// is less than Floor once Lost are gone; or a gate of whose inputs Inputs are lost.
type Step struct {
	NodeID      string
	Gate        *Gate // as it is read
	Inputs      []string
	Lost        []Lost
	Left, Floor float64
}

// Lost is a part of a supply that is gone.
type Lost struct {
	Event
	Share float64
}

// Proof says why a finding stops the goal: from the goal down to the supplies that it
// breaks, each node once, each for one reason and after what needs it.
func (a Answer) Proof(f Finding) []Step {
	var events []int
	for _, e := range append(slices.Clone(f.Events), f.Doubts...) {
		events = append(events, a.r.index[e])
	}
	l := a.r.lost(events)
	var steps []Step
	seen := make([]bool, len(l.rank))
	todo := []int{a.r.model.Top}
	for len(todo) > 0 {
		i := todo[0]
		todo = todo[1:]
		if seen[i] || l.rank[i] == 0 {
			continue
		}
		seen[i] = true
		step, inputs := l.why(i)
		steps = append(steps, step)
		todo = append(todo, inputs...)
	}
	return steps
}

// why is one reason for which a node is lost, with the inputs by which.
func (l *losses) why(i int) (step Step, inputs []int) {
	step.NodeID = l.r.g.Nodes[i].ID
	if l.supply[i] {
		u := l.r.supply[i]
		step.Left, step.Floor = l.left(u), u.floor
		for k, e := range u.events {
			if l.gone[e] {
				step.Lost = append(step.Lost, Lost{l.r.events[e], u.shares[k]})
			}
		}
		return step, nil
	}
	for _, k := range l.r.into[i] {
		x := &l.r.gates[k]
		if !l.shut(x, l.rank[i]) {
			continue
		}
		step.Gate = &x.Gate
		for _, in := range x.inputs {
			if at := l.rank[in]; at > 0 && at < l.rank[i] {
				step.Inputs, inputs = append(step.Inputs, l.r.g.Nodes[in].ID), append(inputs, in)
			}
		}
		break
	}
	return step, inputs
}

// Ways are the links on which a finding goes from the supplies that it breaks to the goal,
// by gate and input: for the drawing.
func (a Answer) Ways(f Finding) map[[2]string]bool {
	ways := map[[2]string]bool{}
	for _, s := range a.Proof(f) {
		if s.Gate == nil {
			continue
		}
		for _, in := range s.Inputs {
			ways[[2]string{s.Gate.ID, in}] = true
		}
	}
	return ways
}
