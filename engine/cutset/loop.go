package cutset

import (
	"slices"
	"strings"
)

// A component is a strongly connected component of the gates.
type component struct {
	gates    []int // such that all but feedback of them follow the gates they read
	loop     bool  // more than one gate, or one that reads itself
	feedback int   // gates that are read before they are made
}

// A Loop is a set of gates that need each other.
type Loop struct {
	Gates []int // all gates that need each other, by index
	Cycle []int // one shortest cycle among them: each needs the next, the last the first
}

// Loops finds the gates that need each other among those the top depends on. Together
// they mean their least fixpoint: nothing is lost merely because it needs itself. In
// O(gates + arguments), besides the cycles.
func (m *Model) Loops() ([]Loop, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	var list []Loop
	for _, s := range m.components([]int{m.Top}) {
		if s.loop {
			list = append(list, Loop{s.gates, m.cycle(s)})
		}
	}
	return list, nil
}

// components are those of the gates below tops, arguments before what reads them
// (Tarjan: "Depth-first search and linear graph algorithms", SIAM Journal on Computing
// 1, 1972), without recursion.
func (m *Model) components(tops []int) []component {
	n := len(m.Gates)
	s := scan{
		model: m, number: make([]int32, n), low: make([]int32, n), next: make([]int32, n),
		open: make([]bool, n), onPath: make([]bool, n), target: make([]bool, n),
	}
	for _, t := range tops {
		if s.number[t] == 0 {
			s.from(t)
		}
	}
	return s.done
}

// A scan is a depth-first search for components.
type scan struct {
	model  *Model
	number []int32 // in which gates were met, from 1
	low    []int32 // least number that is reached within the component
	next   []int32 // argument to look at
	open   []bool  // waits for its component
	onPath []bool
	target []bool // read by a gate below it on the path: feedback
	stack  []int  // of open gates as they were met
	after  []int  // of open gates as they were left
	path   []int
	done   []component
	met    int32
}

func (s *scan) enter(g int) {
	s.met++
	s.number[g], s.low[g], s.open[g], s.onPath[g] = s.met, s.met, true, true
	s.stack, s.path = append(s.stack, g), append(s.path, g)
}

func (s *scan) from(top int) {
	s.enter(top)
	for len(s.path) > 0 {
		g := s.path[len(s.path)-1]
		args := s.model.Gates[g].Args
		if int(s.next[g]) == len(args) {
			s.leave(g)
			continue
		}
		a := args[s.next[g]]
		s.next[g]++
		switch i := a.Index; {
		case !a.Gate:
		case s.number[i] == 0:
			s.enter(int(i))
		case s.open[i]:
			s.low[g] = min(s.low[g], s.number[i])
			s.target[i] = s.target[i] || s.onPath[i]
		}
	}
}

// leave goes back from a gate, which may end a component.
func (s *scan) leave(g int) {
	s.path = s.path[:len(s.path)-1]
	s.onPath[g] = false
	s.after = append(s.after, g)
	if len(s.path) > 0 {
		p := s.path[len(s.path)-1]
		s.low[p] = min(s.low[p], s.low[g])
	}
	if s.low[g] != s.number[g] {
		return
	}
	first := len(s.stack) - 1
	for s.stack[first] != g {
		first--
	}
	size := len(s.stack) - first
	s.stack = s.stack[:first]
	c := component{gates: slices.Clone(s.after[len(s.after)-size:]), loop: size > 1 || s.target[g]}
	s.after = s.after[:len(s.after)-size]
	for _, x := range c.gates {
		s.open[x] = false
		if s.target[x] {
			c.feedback++
		}
	}
	s.done = append(s.done, c)
}

// cycle is a shortest cycle through the gate of s that comes last, which every cycle
// search from the top enters first.
func (m *Model) cycle(s component) []int {
	in := map[int]bool{}
	for _, g := range s.gates {
		in[g] = true
	}
	start := s.gates[len(s.gates)-1]
	from := map[int]int{}
	for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
		g := queue[0]
		for _, a := range m.Gates[g].Args {
			to := int(a.Index)
			if !a.Gate || !in[to] {
				continue
			}
			if to == start {
				path := []int{g}
				for g != start {
					g = from[g]
					path = append([]int{g}, path...)
				}
				return path
			}
			if _, ok := from[to]; !ok {
				from[to] = g
				queue = append(queue, to)
			}
		}
	}
	return nil
}

// negation is a gate of s whose value falls when one of s rises, or -1.
func (m *Model) negation(s component) int {
	in := map[int]bool{}
	for _, g := range s.gates {
		in[g] = true
	}
	for _, g := range s.gates {
		for _, a := range m.Gates[g].Args {
			if k := m.Gates[g].Kind; a.Gate && in[int(a.Index)] && (a.Not || k == Not || k == Xor) {
				return g
			}
		}
	}
	return -1
}

func (m *Model) path(gates []int) string {
	var names []string
	for _, g := range append(gates, gates[0]) {
		names = append(names, m.gate(g))
	}
	return strings.Join(names, " → ")
}
