package cutset

import "strings"

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

// Loops finds the gates that need each other among those the top depends on. An event
// tree of such gates is read as the least fixpoint: nothing is lost merely because it
// needs itself. In O(gates + arguments), besides the cycles.
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
// (Tarjan, 1972), without recursion.
func (m *Model) components(tops []int) []component {
	const unseen = 0
	var (
		number = make([]int32, len(m.Gates))
		low    = make([]int32, len(m.Gates))
		next   = make([]int32, len(m.Gates)) // argument to look at
		open   = make([]bool, len(m.Gates))  // waits for its component
		target = make([]bool, len(m.Gates))  // read from below in the search: feedback
		stack  []int
		path   []int
		done   []component
		count  int32
	)
	enter := func(g int) {
		count++
		number[g], low[g], open[g] = count, count, true
		stack, path = append(stack, g), append(path, g)
	}
	onPath := make([]bool, len(m.Gates))
	after := make([]int, 0, len(m.Gates)) // order in which gates were left
	for _, t := range tops {
		if number[t] != unseen {
			continue
		}
		enter(t)
		onPath[t] = true
		for len(path) > 0 {
			g := path[len(path)-1]
			args := m.Gates[g].Args
			if int(next[g]) < len(args) {
				a := args[next[g]]
				next[g]++
				switch {
				case !a.Gate:
				case number[a.Index] == unseen:
					enter(int(a.Index))
					onPath[a.Index] = true
				case open[a.Index]:
					low[g] = min(low[g], number[a.Index])
					if onPath[a.Index] {
						target[a.Index] = true
					}
				}
				continue
			}
			path = path[:len(path)-1]
			onPath[g] = false
			after = append(after, g)
			if len(path) > 0 {
				p := path[len(path)-1]
				low[p] = min(low[p], low[g])
			}
			if low[g] != number[g] {
				continue
			}
			size := 0
			for {
				x := stack[len(stack)-1-size]
				size++
				open[x] = false
				if x == g {
					break
				}
			}
			stack = stack[:len(stack)-size]
			s := component{gates: append([]int(nil), after[len(after)-size:]...), loop: size > 1 || target[g]}
			after = after[:len(after)-size]
			for _, x := range s.gates {
				if target[x] {
					s.feedback++
				}
			}
			done = append(done, s)
		}
	}
	return done
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
