package portfolio

import (
	"fmt"
	"slices"
	"strings"
)

// Units of a model's whole numbers.
const (
	Point = 1_000_000 // values are in millionths of a point
	Unit  = 100       // money is in hundredths of its unit
	Whole = 1_000_000 // shares are in millionths
)

// Model is what there is to fund and the rules of choosing, in the words of those who
// decide. Each proposal gets nothing or one of its levels, so that the value is greatest:
// the values of the levels, and what the bottlenecks that are covered are worth.
type Model struct {
	Budgets     []Budget
	Proposals   []Proposal
	Limits      []Limit
	Groups      []Group
	Needs       []Need
	Bottlenecks []Bottleneck
	Scenarios   []Scenario // empty: values are certain
	Risk        Risk
}

// Scenario is one way in which things may turn out. Weight says how likely it is, against the others.
type Scenario struct {
	Name   string
	Weight int64
}

// Risk says how much the bad scenarios count. A choice is then worth (1 − Weight)·its mean over
// the scenarios + Weight·its mean over the worst of them that make up Tail of all, the
// expected shortfall. Both are in Whole parts, and no finer than a thousandth.
type Risk struct {
	Tail, Weight int64
}

// Budget is money of one agency, one year, or one of both: what all levels cost
// of it together is at most Amount.
type Budget struct {
	Name   string
	Amount int64
}

// Proposal can be funded at one of its levels, from the cheapest to the dearest.
type Proposal struct {
	ID         string
	Levels     []Level
	Attributes map[string]string // such as field: energy
	Covers     []string          // names of bottlenecks
	Fixed      Fixed
}

// Level is a way of funding a proposal.
type Level struct {
	Name  string
	Value int64
	In    []int64 // value in each scenario; empty: Value in all
	Cost  []int64 // by budget
}

// in is what the level is worth in a scenario.
func (l *Level) in(scenario int) int64 {
	if len(l.In) == 0 {
		return l.Value
	}
	return l.In[scenario]
}

// Fixed is what has been settled of a proposal before.
type Fixed int

// Free proposals may be funded or not, In ones are at some level, Out ones are not.
const (
	Free Fixed = iota
	In
	Out
)

// Limit is a floor, a ceiling or both on the proposals whose attributes are among
// Where: on their number, or with Money on what they get, of one budget or of all.
// Absent limits are NoLo and NoHi. With Share they are parts of what all funded
// proposals have together.
type Limit struct {
	Name     string
	Where    map[string][]string // attribute → values, of which the proposal has one; all attributes hold
	Money    bool
	Budget   string // with Money; empty for all budgets
	Share    bool
	Min, Max int64
}

// Group is a set of proposals of which at least Min and at most Max are funded.
type Group struct {
	Name      string
	Proposals []string
	Min, Max  int64
}

// Need is a proposal that is funded only if all others of a list are.
type Need struct {
	Proposal string
	Of       []string
}

// Bottleneck is worth Values[0] when one funded proposal covers it, Values[1] more
// when two do, and so on; the values do not grow.
type Bottleneck struct {
	Name   string
	Values []int64
}

// FieldError says where a model is wrong and what would be accepted. The index is of
// the list that Part names, as in the file.
type FieldError struct {
	Part  string // budgets, proposals, limits, groups, needs, bottlenecks, scenarios or risk
	Index int
	Field string
	Say   string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s[%d].%s: %s", e.Part, e.Index, e.Field, e.Say)
}

// Check says what is wrong with a model by a FieldError, nil when it can be solved.
func (m *Model) Check() error {
	c := checker{m: m, budgets: map[string]int{}, proposals: map[string]int{}, bottlenecks: map[string]int{}, attributes: map[string]bool{}}
	c.names()
	c.checkProposals()
	c.checkRules()
	c.checkRisk()
	if c.wrong != nil {
		return c.wrong
	}
	return nil
}

// checker keeps the first error.
type checker struct {
	m                               *Model
	budgets, proposals, bottlenecks map[string]int
	attributes                      map[string]bool
	wrong                           *FieldError
}

func (c *checker) say(part string, i int, field, format string, args ...any) {
	if c.wrong == nil {
		c.wrong = &FieldError{part, i, field, fmt.Sprintf(format, args...)}
	}
}

// named notes a name, which has to be there and to be new.
func (c *checker) named(seen map[string]int, name, part string, i int, field string) {
	if strings.TrimSpace(name) == "" {
		c.say(part, i, field, "a name is expected")
	}
	if first, twice := seen[name]; twice {
		c.say(part, i, field, "%q stands at %d already", name, first)
	}
	seen[name] = i
}

// known demands that a name stands in a list.
func (c *checker) known(seen map[string]int, name, what, part string, i int, field string) {
	if _, ok := seen[name]; !ok {
		c.say(part, i, field, "there is no %s %q", what, name)
	}
}

func (c *checker) names() {
	for i, b := range c.m.Budgets {
		c.named(c.budgets, b.Name, "budgets", i, "name")
		if b.Amount < 0 {
			c.say("budgets", i, "amount", "an amount from 0 is expected")
		}
	}
	for i, p := range c.m.Proposals {
		c.named(c.proposals, p.ID, "proposals", i, "id")
		for name := range p.Attributes {
			c.attributes[name] = true
		}
	}
	for i, b := range c.m.Bottlenecks {
		c.named(c.bottlenecks, b.Name, "bottlenecks", i, "name")
		if !slices.IsSortedFunc(b.Values, func(x, y int64) int { return int(min(max(y-x, -1), 1)) }) || len(b.Values) > 0 && b.Values[len(b.Values)-1] < 0 {
			c.say("bottlenecks", i, "values", "values from 0 that do not grow are expected: covering twice is worth at most as much again")
		}
	}
}

func (c *checker) checkProposals() {
	for i, p := range c.m.Proposals {
		if len(p.Levels) == 0 {
			c.say("proposals", i, "levels", "one level at least is expected")
		}
		for k, l := range p.Levels {
			if len(l.In) != 0 && len(l.In) != len(c.m.Scenarios) {
				c.say("proposals", i, "values", "%d values for %d scenarios", len(l.In), len(c.m.Scenarios))
			}
			if len(l.Cost) != len(c.m.Budgets) {
				c.say("proposals", i, "cost", "%d costs for %d budgets", len(l.Cost), len(c.m.Budgets))
			}
			for b, cost := range l.Cost {
				if cost < 0 || cost > most {
					c.say("proposals", i, "cost", "of %s: an amount from 0 is expected", c.m.Budgets[b].Name)
				}
			}
			if k > 0 && total(l.Cost) < total(p.Levels[k-1].Cost) {
				c.say("proposals", i, "levels", "%s costs less than the level before: from the cheapest to the dearest is expected", l.Name)
			}
		}
		for k, name := range p.Covers {
			c.known(c.bottlenecks, name, "bottleneck", "proposals", i, "covers")
			if slices.Contains(p.Covers[:k], name) {
				c.say("proposals", i, "covers", "%q stands in it twice", name)
			}
		}
	}
}

func (c *checker) checkRules() {
	limits, groups := map[string]int{}, map[string]int{}
	for i, l := range c.m.Limits {
		c.named(limits, l.Name, "limits", i, "name")
		c.checkLimit(i, l)
	}
	for i, g := range c.m.Groups {
		c.named(groups, g.Name, "groups", i, "name")
		for k, id := range g.Proposals {
			c.known(c.proposals, id, "proposal", "groups", i, "proposals")
			if slices.Contains(g.Proposals[:k], id) {
				c.say("groups", i, "proposals", "%q stands in it twice", id)
			}
		}
		if g.Min == NoLo && g.Max == NoHi {
			c.say("groups", i, "min", "min, max or both are expected")
		}
		if g.Min > g.Max {
			c.say("groups", i, "max", "min is %d, so at least that is expected", g.Min)
		}
	}
	for i, n := range c.m.Needs {
		c.known(c.proposals, n.Proposal, "proposal", "needs", i, "proposal")
		for _, id := range n.Of {
			c.known(c.proposals, id, "proposal", "needs", i, "of")
			if id == n.Proposal {
				c.say("needs", i, "of", "%q cannot need itself", id)
			}
		}
	}
}

// heaviest is what the weights of scenarios sum to at most.
const heaviest = 10_000

func (c *checker) checkRisk() {
	seen, sum := map[string]int{}, int64(0)
	for i, s := range c.m.Scenarios {
		c.named(seen, s.Name, "scenarios", i, "name")
		if s.Weight < 1 || s.Weight > heaviest || sum+s.Weight > heaviest {
			c.say("scenarios", i, "weight", "whole numbers from 1 that sum to at most %d are expected", heaviest)
			return
		}
		sum += s.Weight
	}
	r := c.m.Risk
	if r == (Risk{}) {
		return
	}
	if len(c.m.Scenarios) == 0 {
		c.say("risk", 0, "weight", "scenarios are expected: without them nothing is at risk")
	}
	if r.Tail <= 0 || r.Tail > Whole || r.Tail%(Whole/1000) != 0 {
		c.say("risk", 0, "tail", "a part above 0, up to 1, in thousandths is expected")
	}
	if r.Weight < 0 || r.Weight > Whole || r.Weight%(Whole/1000) != 0 {
		c.say("risk", 0, "weight", "a part from 0 to 1, in thousandths, is expected")
	}
}

func (c *checker) checkLimit(i int, l Limit) {
	for name := range l.Where {
		if !c.attributes[name] {
			c.say("limits", i, "where", "no proposal has the attribute %q", name)
		}
	}
	if l.Min == NoLo && l.Max == NoHi {
		c.say("limits", i, "min", "min, max or both are expected")
	}
	if l.Min > l.Max {
		c.say("limits", i, "max", "it is less than min")
	}
	if l.Share && (l.Min != NoLo && (l.Min < 0 || l.Min > Whole) || l.Max != NoHi && (l.Max < 0 || l.Max > Whole)) {
		c.say("limits", i, "share", "parts from 0 to 1 are expected")
	}
	if l.Budget != "" {
		c.known(c.budgets, l.Budget, "budget", "limits", i, "budget")
		if !l.Money {
			c.say("limits", i, "budget", "goes with of: money")
		}
	}
}

func total(amounts []int64) int64 {
	sum := int64(0)
	for _, a := range amounts {
		sum += a
	}
	return sum
}

// holds says whether a proposal counts for the limit.
func (l *Limit) holds(p *Proposal) bool {
	for name, values := range l.Where {
		if !slices.Contains(values, p.Attributes[name]) {
			return false
		}
	}
	return true
}
