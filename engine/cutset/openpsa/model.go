package openpsa

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/cutset"
)

// Read takes the model from a file; which gate is asked about, its caller says by
// [cutset.Model.SetTop]. A name that several gates or events have gets the fault tree
// before it ("tree.gate"). An error names line and column.
func Read(in io.Reader) (*cutset.Model, error) {
	root, err := parse(in)
	if err != nil {
		return nil, err
	}
	r := &reader{
		model:  &cutset.Model{Name: root.name()},
		public: map[string]*definition{}, path: map[string]*definition{},
	}
	if err := r.collect(root, ""); err != nil {
		return nil, err
	}
	if err := r.define(); err != nil {
		return nil, err
	}
	return r.model, nil
}

// A definition is a gate, event, house event or parameter that has a name.
type definition struct {
	*node
	scope string // path of the fault tree and components around it, with a dot after each
	index int    // of the gate or event in the model

	value float64 // of a parameter
	state uint8   // of a parameter: 0 not computed, 1 being computed, 2 computed
}

type reader struct {
	model  *cutset.Model
	list   []*definition
	path   map[string]*definition // by full path
	public map[string]*definition // by name
	trees  []*node                // event trees
	events int                    // basic events that are defined
}

// collect gives every definition below n its place in the model.
func (r *reader) collect(n *node, scope string) error {
	for _, k := range n.kids {
		switch k.tag {
		case "define-fault-tree", "define-component":
			if k.name() == "" {
				return k.errorf("<%s> has no name", k.tag)
			}
			if r.model.Name == "" && k.tag == "define-fault-tree" {
				r.model.Name = k.name()
			}
			if err := r.collect(k, scope+k.name()+"."); err != nil {
				return err
			}
		case "model-data":
			if err := r.collect(k, scope); err != nil {
				return err
			}
		case "define-gate", "define-basic-event", "define-house-event", "define-parameter":
			if err := r.add(k, scope); err != nil {
				return err
			}
		case "define-event-tree":
			if r.model.Name == "" {
				r.model.Name = k.name()
			}
			r.trees = append(r.trees, k)
		case "define-initiating-event", "attributes":
		default:
			return k.errorf("<%s> is not supported", k.tag)
		}
	}
	return nil
}

func (r *reader) add(n *node, scope string) error {
	name := n.name()
	if name == "" {
		return n.errorf("<%s> has no name", n.tag)
	}
	d := &definition{node: n, scope: scope}
	switch n.tag {
	case "define-basic-event":
		d.index = len(r.model.Events)
		r.model.Events = append(r.model.Events, cutset.Event{Name: name, Probability: cutset.Unknown, Cost: 1})
		r.events++
	case "define-gate", "define-house-event":
		d.index = len(r.model.Gates)
		r.model.Gates = append(r.model.Gates, cutset.Gate{Name: name})
	}
	role := n.attr["role"]
	private := role == "private"
	if role != "" && role != "private" && role != "public" {
		return n.errorf("role %q, private or public is expected", role)
	}
	if other := r.path[scope+name]; other != nil {
		return n.errorf("%q is defined in line %d already", name, other.line)
	}
	if other := r.public[name]; other != nil && !private {
		return n.errorf("%q is defined in line %d already", name, other.line)
	}
	r.path[scope+name] = d
	if !private {
		r.public[name] = d
	}
	r.list = append(r.list, d)
	return nil
}

// find resolves a name seen from a scope: from the inside outwards, then the public
// ones, then as a path.
func (r *reader) find(name, scope string) *definition {
	for scope != "" {
		if d := r.path[scope+name]; d != nil {
			return d
		}
		scope = scope[:strings.LastIndexByte(scope[:len(scope)-1], '.')+1]
	}
	if d := r.public[name]; d != nil {
		return d
	}
	return r.path[name]
}

func (r *reader) define() error {
	for _, d := range r.list {
		var err error
		switch d.tag {
		case "define-gate":
			err = r.gate(d)
		case "define-basic-event":
			err = r.event(d)
		case "define-house-event":
			err = r.house(d)
		}
		if err != nil {
			return err
		}
	}
	for _, t := range r.trees {
		if err := r.tree(t); err != nil {
			return err
		}
	}
	r.qualify()
	return nil
}

// qualify puts the scope before names that several gates or events have.
func (r *reader) qualify() {
	gates, events := map[string]int{}, map[string]int{}
	for _, d := range r.list {
		if d.tag == "define-basic-event" {
			events[d.name()]++
		} else {
			gates[d.name()]++
		}
	}
	for _, d := range r.list {
		switch {
		case d.tag == "define-basic-event" && events[d.name()] > 1:
			r.model.Events[d.index].Name = d.scope + d.name()
		case d.tag == "define-gate" && gates[d.name()] > 1:
			r.model.Gates[d.index].Name = d.scope + d.name()
		}
	}
}

func (r *reader) gate(d *definition) error {
	body := formulas(d.node)
	if len(body) != 1 {
		return d.errorf("gate %q has %d formulas, one is expected", d.name(), len(body))
	}
	a, err := r.formula(body[0], d.scope, d.index)
	if err != nil {
		return err
	}
	self := a.Gate && int(a.Index) == d.index && !a.Not
	if !self || body[0].tag == "gate" || body[0].tag == "event" { // a mere reference or negation
		r.model.Gates[d.index].Kind, r.model.Gates[d.index].Args = cutset.And, []cutset.Arg{a}
	}
	return nil
}

func (r *reader) house(d *definition) error {
	x := 0.0
	if body := formulas(d.node); len(body) > 0 {
		if body[0].tag != "constant" {
			return body[0].errorf("<%s> in house event %q, <constant> is expected", body[0].tag, d.name())
		}
		var err error
		if x, err = body[0].number(); err != nil {
			return err
		}
	}
	r.model.Gates[d.index].Kind = constant(x)
	return nil
}

// constant is the kind of a gate without arguments that is always true (1) or false (0).
func constant(x float64) cutset.Kind {
	if x == 1 {
		return cutset.And
	}
	return cutset.Or
}

// formulas are the children of a definition that are not about it.
func formulas(n *node) []*node {
	return slices.DeleteFunc(slices.Clone(n.kids), func(k *node) bool { return k.tag == "attributes" })
}

var kinds = map[string]struct {
	kind cutset.Kind
	not  bool
}{
	"and": {cutset.And, false}, "nand": {cutset.And, true},
	"or": {cutset.Or, false}, "nor": {cutset.Or, true},
	"xor": {cutset.Xor, false}, "iff": {cutset.Xor, true},
	"atleast": {cutset.AtLeast, false}, "cardinality": {cutset.AtLeast, false},
	"imply": {cutset.Or, false},
}

// formula makes a formula an argument. into is the gate that takes it in, -1 to make
// a new one where one is needed.
func (r *reader) formula(n *node, scope string, into int) (cutset.Arg, error) {
	switch n.tag {
	case "gate", "basic-event", "house-event", "event":
		return r.reference(n, scope)
	case "not":
		if len(n.kids) != 1 {
			return cutset.Arg{}, n.errorf("<not> takes one argument, here are %d", len(n.kids))
		}
		a, err := r.formula(n.kids[0], scope, -1)
		return a.Negated(), err
	case "constant":
		x, err := n.number()
		if err != nil {
			return cutset.Arg{}, err
		}
		return r.put(into, cutset.Gate{Kind: constant(x)}), nil
	}
	k, ok := kinds[n.tag]
	if !ok {
		return cutset.Arg{}, n.errorf("<%s> is not a formula that is supported", n.tag)
	}
	g := cutset.Gate{Kind: k.kind}
	for _, kid := range n.kids {
		a, err := r.formula(kid, scope, -1)
		if err != nil {
			return cutset.Arg{}, err
		}
		g.Args = append(g.Args, a)
	}
	if len(g.Args) == 0 {
		return cutset.Arg{}, n.errorf("<%s> has no arguments", n.tag)
	}
	if (n.tag == "imply" || n.tag == "iff") && len(g.Args) != 2 {
		return cutset.Arg{}, n.errorf("<%s> takes two arguments, here are %d", n.tag, len(g.Args))
	}
	switch n.tag {
	case "imply":
		g.Args[0] = g.Args[0].Negated()
	case "atleast":
		least, err := n.count("min", len(g.Args))
		if err != nil {
			return cutset.Arg{}, err
		}
		g.K = least
	case "cardinality":
		return r.cardinality(n, g, into)
	}
	if k.not {
		return r.put(-1, g).Negated(), nil
	}
	return r.put(into, g), nil
}

// cardinality is true when the number of true arguments is between min and max.
func (r *reader) cardinality(n *node, g cutset.Gate, into int) (cutset.Arg, error) {
	least, err := n.count("min", len(g.Args))
	if err != nil {
		return cutset.Arg{}, err
	}
	most, err := n.count("max", len(g.Args))
	if err != nil {
		return cutset.Arg{}, err
	}
	g.K = least
	if most == len(g.Args) {
		return r.put(into, g), nil
	}
	low := r.put(-1, g)
	g.K = most + 1
	high := r.put(-1, g)
	return r.put(into, cutset.Gate{Kind: cutset.And, Args: []cutset.Arg{low, high.Negated()}}), nil
}

func (n *node) count(attr string, most int) (int, error) {
	text := strings.TrimSpace(n.attr[attr])
	k, err := strconv.Atoi(text)
	if err != nil || k < 0 || k > most {
		return 0, n.errorf("<%s %s=%q>, a number from 0 to %d, the number of arguments, is expected", n.tag, attr, text, most)
	}
	return k, nil
}

func (r *reader) put(into int, g cutset.Gate) cutset.Arg {
	if into < 0 {
		r.model.Gates = append(r.model.Gates, g)
		return cutset.OfGate(len(r.model.Gates) - 1)
	}
	g.Name = r.model.Gates[into].Name
	r.model.Gates[into] = g
	return cutset.OfGate(into)
}

func (r *reader) reference(n *node, scope string) (cutset.Arg, error) {
	name := n.name()
	if name == "" {
		return cutset.Arg{}, n.errorf("<%s> has no name", n.tag)
	}
	want := n.tag
	if want == "event" && n.attr["type"] != "" {
		want = n.attr["type"]
	}
	d := r.find(name, scope)
	if d == nil {
		if r.events > 0 || want != "basic-event" {
			return cutset.Arg{}, n.errorf("%s %q is not defined", want, name)
		}
		d = r.undefined(name)
	}
	if is := strings.TrimPrefix(d.tag, "define-"); is == "parameter" || want != "event" && want != is {
		return cutset.Arg{}, n.errorf("%q is a %s, a %s is expected", name, is, want)
	}
	if d.tag == "define-basic-event" {
		return cutset.OfEvent(d.index), nil
	}
	return cutset.OfGate(d.index), nil
}

// undefined makes an event of a name in a model that defines no basic events at all.
func (r *reader) undefined(name string) *definition {
	d := &definition{node: &node{tag: "define-basic-event", attr: map[string]string{"name": name}}, index: len(r.model.Events)}
	r.model.Events = append(r.model.Events, cutset.Event{Name: name, Probability: cutset.Unknown, Cost: 1})
	r.public[name] = d
	return d
}

func (r *reader) event(d *definition) error {
	for _, k := range d.kids {
		if k.tag == "attributes" {
			if err := r.attributes(k, &r.model.Events[d.index]); err != nil {
				return err
			}
			continue
		}
		x, err := r.expression(k, d.scope)
		if err != nil {
			return err
		}
		if x < 0 || x > 1 || math.IsNaN(x) {
			return k.errorf("probability %v of %q, a number from 0 to 1 is expected", x, d.name())
		}
		r.model.Events[d.index].Probability = x
	}
	return nil
}

func (r *reader) attributes(n *node, e *cutset.Event) error {
	for _, k := range n.kids {
		if k.name() != "cost" {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSpace(k.attr["value"]), 64)
		if err != nil || x < 0 || math.IsNaN(x) {
			return k.errorf("cost %q, a number from 0 is expected", k.attr["value"])
		}
		e.Cost = x
	}
	return nil
}
