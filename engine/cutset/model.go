package cutset

import (
	"errors"
	"fmt"
	"math"
)

// A Model is a graph of gates over basic events. An event occurs or not; a gate is
// a Boolean function of its arguments; the question is when the gate Top is true.
// In a technology map true means lost.
type Model struct {
	Name   string
	Events []Event
	Gates  []Gate
	Top    int // index of the gate that is asked about
}

// An Event is a basic event: what may happen by itself, independently of others.
type Event struct {
	Name        string
	Probability float64 // 0 to 1, or [Unknown]
	Cost        float64 // of hardening the event or of bringing it about: at least 0, +Inf for never; see [Costs]
}

// Unknown is the probability of an event of which none is known. Test by math.IsNaN.
var Unknown = math.NaN()

// A Gate is a named function of its arguments.
type Gate struct {
	Name string
	Kind Kind
	Args []Arg
	K    int // AtLeast: how many arguments must be true

	// Share: what each argument contributes (rounded to a billionth), and how
	// much must be left. The gate is true when the shares of the arguments that
	// are false sum to less than Threshold.
	Shares    []float64
	Threshold float64
}

// Kind says how a gate joins its arguments.
type Kind uint8

// The kinds of gates. Not has one argument; Xor is true when an odd number of its
// arguments is. And without arguments is true, Or without arguments false.
const (
	And Kind = iota
	Or
	AtLeast
	Not
	Xor
	Share
)

func (k Kind) String() string {
	return [...]string{"and", "or", "atleast", "not", "xor", "share"}[k]
}

// An Arg is an argument of a gate: an event or a gate by its index, or the opposite of it.
type Arg struct {
	Index int32
	Gate  bool
	Not   bool
}

// OfEvent and OfGate are arguments by index.
func OfEvent(i int) Arg { return Arg{Index: int32(i)} }

// OfGate is the gate with index i as an argument.
func OfGate(i int) Arg { return Arg{Index: int32(i), Gate: true} }

// Negated is the opposite of an argument.
func (a Arg) Negated() Arg { a.Not = !a.Not; return a }

// shareUnit is the step to which shares are rounded, so that 0.3 + 0.3 + 0.4 is 1.
const shareUnit = 1e-9

// MaxShare bounds the sum of the shares of a gate, so that sums in steps fit an int64.
const MaxShare = 1e9

// Check tells what is wrong with a model, naming the gate or event. Every function
// of this package checks its model first. Cycles are not an error (see [Model.Loops])
// unless they hold a negation.
func (m *Model) Check() error {
	if m.Top < 0 || m.Top >= len(m.Gates) {
		return fmt.Errorf("the top is gate number %d, but there are %d gates", m.Top, len(m.Gates))
	}
	for i, e := range m.Events {
		switch {
		case e.Probability < 0 || e.Probability > 1:
			return fmt.Errorf("event %q: probability %v, a number from 0 to 1 is expected", m.event(i), e.Probability)
		case e.Cost < 0 || math.IsNaN(e.Cost):
			return fmt.Errorf("event %q: cost %v, a number from 0 is expected", m.event(i), e.Cost)
		}
	}
	for i := range m.Gates {
		if err := m.checkGate(&m.Gates[i]); err != nil {
			return fmt.Errorf("gate %q: %w", m.gate(i), err)
		}
	}
	return nil
}

func (m *Model) checkGate(g *Gate) error {
	for _, a := range g.Args {
		limit := len(m.Events)
		if a.Gate {
			limit = len(m.Gates)
		}
		if a.Index < 0 || int(a.Index) >= limit {
			return fmt.Errorf("argument number %d does not exist", a.Index)
		}
	}
	switch g.Kind {
	case And, Or, Xor:
		return nil
	case Not:
		if len(g.Args) != 1 {
			return fmt.Errorf("not takes one argument, here are %d", len(g.Args))
		}
		return nil
	case AtLeast:
		if g.K < 0 || g.K > len(g.Args) {
			return fmt.Errorf("at least %d of %d arguments: a number from 0 to %d is expected", g.K, len(g.Args), len(g.Args))
		}
		return nil
	case Share:
		return g.checkShares()
	}
	return fmt.Errorf("kind %d is not known", g.Kind)
}

func (g *Gate) checkShares() error {
	if len(g.Shares) != len(g.Args) {
		return fmt.Errorf("%d shares for %d arguments", len(g.Shares), len(g.Args))
	}
	sum := 0.0
	for i, s := range g.Shares {
		if s < 0 || math.IsNaN(s) {
			return fmt.Errorf("share number %d is %v, a number from 0 is expected", i+1, s)
		}
		sum += s
	}
	if sum > MaxShare {
		return fmt.Errorf("the shares sum to %v, at most %v is expected", sum, MaxShare)
	}
	if math.IsNaN(g.Threshold) || g.Threshold < 0 || g.Threshold > MaxShare {
		return fmt.Errorf("threshold %v, a number from 0 to %v is expected", g.Threshold, MaxShare)
	}
	return nil
}

// event and gate name what has an index, also when it has no name.
func (m *Model) event(i int) string { return named(m.Events[i].Name, i) }
func (m *Model) gate(i int) string  { return named(m.Gates[i].Name, i) }

func named(name string, i int) string {
	if name == "" {
		return fmt.Sprintf("#%d", i)
	}
	return name
}

// missingProbability names the first event without a probability.
func (m *Model) missingProbability() error {
	for i, e := range m.Events {
		if math.IsNaN(e.Probability) {
			return fmt.Errorf("%w: event %q", ErrNoProbability, m.event(i))
		}
	}
	return nil
}

// ErrNoProbability is what is said when a probability is asked for and an event has none.
var ErrNoProbability = errors.New("no probability is known")
