package cutset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Proof shows that a set of events makes the top true when no other event occurs.
type Proof struct {
	Steps []Step // each from events and steps before it; the last is the top
	// Needed are the events without which, the others of the set occurring, the top is
	// false; of a minimal cut set of a coherent model that is all of them.
	Needed []int
}

// A Step says what a gate is, and by which of its arguments: of the true ones as many as
// it takes to make it true, or all that keep it false.
type Step struct {
	Gate    int
	True    bool
	Because []Arg // with Not where the argument is false
}

// Why proves that a set of events is a cut set, by the model alone: it shares nothing
// with the diagrams. An error says that it is none, or that a loop holds a negation.
// In O(gates + arguments) for each event, times the length of the longest loop.
func (m *Model) Why(events []int) (*Proof, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	e := evaluation{model: m, components: m.components([]int{m.Top})}
	for _, s := range e.components {
		if s.loop && m.negation(s) >= 0 {
			return nil, errors.New("a loop of gates holds a negation: it has no least fixpoint")
		}
	}
	p := &Proof{}
	for _, x := range events {
		if x < 0 || x >= len(m.Events) {
			return nil, fmt.Errorf("event number %d does not exist", x)
		}
		e.begin(events)
		e.occurs[x] = false
		if e.run(); !e.value[m.Top] {
			p.Needed = append(p.Needed, x)
		}
	}
	e.begin(events)
	if e.run(); !e.value[m.Top] {
		return nil, errors.New("the events do not make the top true")
	}
	p.Steps = e.proof(m.Top)
	return p, nil
}

// An evaluation finds what gates are.
type evaluation struct {
	model      *Model
	components []component
	occurs     []bool
	value      []bool
	rank       []int // of true gates: when it was found
	found      int
}

func (e *evaluation) begin(events []int) {
	e.occurs, e.value = make([]bool, len(e.model.Events)), make([]bool, len(e.model.Gates))
	e.rank, e.found = make([]int, len(e.model.Gates)), 0
	for _, x := range events {
		e.occurs[x] = true
	}
}

// run finds the values, those of a loop from below.
func (e *evaluation) run() {
	for _, s := range e.components {
		for changed := true; changed; {
			changed = false
			for _, g := range s.gates {
				if !e.value[g] && e.gate(g) {
					e.found++
					e.value[g], e.rank[g], changed = true, e.found, true
				}
			}
			changed = changed && s.loop
		}
	}
}

func (e *evaluation) arg(a Arg) bool {
	if a.Gate {
		return e.value[a.Index] != a.Not
	}
	return e.occurs[a.Index] != a.Not
}

func (e *evaluation) gate(g int) bool {
	gate := &e.model.Gates[g]
	count, lost, all := 0, int64(0), int64(0)
	for k, a := range gate.Args {
		x := e.arg(a)
		if x {
			count++
		}
		if gate.Kind == Share {
			w := steps(gate.Shares[k])
			all += w
			if x {
				lost += w
			}
		}
	}
	switch gate.Kind {
	case And:
		return count == len(gate.Args)
	case Or:
		return count > 0
	case AtLeast:
		return count >= gate.K
	case Not:
		return count == 0
	case Xor:
		return count%2 == 1
	}
	return all-lost < steps(gate.Threshold)
}

// proof lists the steps that the top needs, arguments first.
func (e *evaluation) proof(top int) []Step {
	var list []Step
	done := make([]bool, len(e.model.Gates))
	var visit func(g int)
	visit = func(g int) {
		if done[g] {
			return
		}
		done[g] = true
		s := Step{Gate: g, True: e.value[g], Because: e.because(g)}
		for _, a := range s.Because {
			if a.Gate {
				visit(int(a.Index))
			}
		}
		list = append(list, s)
	}
	visit(top)
	return list
}

// because is what decides a gate. A true gate is explained by what was true before it,
// so that no loop explains itself; a false one by all that is false, in a loop together.
func (e *evaluation) because(g int) []Arg {
	gate := &e.model.Gates[g]
	var yes, no []Arg // arguments that are true and that are not, as they are
	for _, a := range gate.Args {
		x := e.arg(a)
		is := a
		is.Not = !x != a.Not // not: the node itself is false
		if x {
			yes = append(yes, is)
		} else {
			no = append(no, is)
		}
	}
	earlier := func(a Arg) bool { return a.Not || !a.Gate || e.rank[a.Index] < e.rank[g] }
	if !e.value[g] {
		switch gate.Kind {
		case And:
			return no[:1]
		case Xor:
			return append(yes, no...)
		case Not:
			return yes
		}
		return no
	}
	switch gate.Kind {
	case And:
		return yes
	case Or:
		return yes[slices.IndexFunc(yes, earlier):][:1]
	case AtLeast:
		return first(yes, gate.K, earlier)
	case Xor:
		return append(yes, no...)
	case Not:
		return no
	}
	return slices.DeleteFunc(yes, func(a Arg) bool { return !earlier(a) })
}

// first is the first n arguments that may be used.
func first(args []Arg, n int, use func(Arg) bool) []Arg {
	var list []Arg
	for _, a := range args {
		if len(list) < n && use(a) {
			list = append(list, a)
		}
	}
	return list
}

// Describe is a step in words: “light (and): source, mirror”.
func (m *Model) Describe(s Step) string {
	var names []string
	for _, a := range s.Because {
		name := ""
		if a.Gate {
			name = m.gate(int(a.Index))
		} else {
			name = m.event(int(a.Index))
		}
		if a.Not {
			name = "not " + name
		}
		names = append(names, name)
	}
	head := m.gate(s.Gate)
	if !s.True {
		head = "not " + head
	}
	if len(names) == 0 {
		return head + ", always"
	}
	return fmt.Sprintf("%s (%v): %s", head, m.Gates[s.Gate].Kind, strings.Join(names, ", "))
}
