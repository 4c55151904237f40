package techmap

import (
	"math"
	"slices"
)

// losses are what is lost in turn when some events occur: the least fixpoint, so that
// nodes that only need each other are not lost for that.
type losses struct {
	r      *reading
	gone   []bool          // by event
	rank   map[string]int  // round in which a node was lost, from 1; 0 for what holds
	supply map[string]bool // lost, among other reasons, for its own supply
	order  []string        // the lost nodes, in the order of their loss
}

// lost follows the loss of some events through the map, in O(depth · (inputs + shares)).
func (r *reading) lost(events []int) *losses {
	l := &losses{r: r, gone: make([]bool, len(r.events)), rank: map[string]int{}, supply: map[string]bool{}}
	for _, e := range events {
		l.gone[e] = true
	}
	for id, u := range r.supply {
		if l.left(u) < u.floor-1e-9 {
			l.supply[id] = true
		}
	}
	for _, n := range r.g.Nodes {
		if l.supply[n.ID] {
			l.lose(n.ID, 1)
		}
	}
	return l.spread(2)
}

// without follows the loss of one node, whoever supplies it.
func (r *reading) without(node string) *losses {
	l := &losses{r: r, gone: make([]bool, len(r.events)), rank: map[string]int{}, supply: map[string]bool{}}
	l.lose(node, 1)
	return l.spread(2)
}

func (l *losses) lose(node string, round int) {
	l.rank[node] = round
	l.order = append(l.order, node)
}

// spread loses what needs what is lost, round by round, until no more is lost.
func (l *losses) spread(round int) *losses {
	for more := true; more; round++ {
		more = false
		for _, x := range l.r.g.Gates {
			if l.rank[x.NodeID] == 0 && l.shut(x, round) {
				l.lose(x.NodeID, round)
				more = true
			}
		}
	}
	return l
}

// shut says whether a gate is not open for the nodes lost before round.
func (l *losses) shut(x Gate, round int) bool {
	open, share := 0, 0.0
	for _, in := range x.Inputs {
		if at := l.rank[in.NodeID]; at == 0 || at >= round {
			open++
			share += in.Share
		}
	}
	switch l.r.q.kind(x) {
	case AnyOf:
		return open == 0
	case SomeOf:
		return open < x.K
	case ShareOf:
		return share < x.Floor-1e-9
	}
	return open < len(x.Inputs)
}

// causes lists the nodes whose supply is lost and by whose loss, in turn, the goal is: what is
// lost besides, such as one of two alternatives, is left out. In the order of the keys.
func (l *losses) causes() (list []string) {
	seen := map[string]bool{}
	todo := []string{l.r.m.Goal}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[id] || l.rank[id] == 0 {
			continue
		}
		seen[id] = true
		if l.supply[id] {
			list = append(list, id)
		}
		for _, x := range l.r.g.Gates {
			if x.NodeID != id || !l.shut(x, math.MaxInt) {
				continue
			}
			for _, in := range x.Inputs {
				todo = append(todo, in.NodeID)
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
	seen := map[string]bool{}
	todo := []string{a.r.m.Goal}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		if seen[id] || l.rank[id] == 0 {
			continue
		}
		seen[id] = true
		step := l.why(id)
		steps = append(steps, step)
		todo = append(todo, step.Inputs...)
	}
	return steps
}

func (l *losses) why(id string) Step {
	if l.supply[id] {
		u := l.r.supply[id]
		step := Step{NodeID: id, Left: l.left(u), Floor: u.floor}
		for i, e := range u.events {
			if l.gone[e] {
				step.Lost = append(step.Lost, Lost{l.r.events[e], u.shares[i]})
			}
		}
		return step
	}
	step := Step{NodeID: id}
	for _, x := range l.r.g.Gates {
		if x.NodeID != id || !l.shut(x, l.rank[id]) {
			continue
		}
		x.Kind = l.r.q.kind(x)
		step.Gate = &x
		for _, in := range x.Inputs {
			if at := l.rank[in.NodeID]; at > 0 && at < l.rank[id] {
				step.Inputs = append(step.Inputs, in.NodeID)
			}
		}
		break
	}
	return step
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
