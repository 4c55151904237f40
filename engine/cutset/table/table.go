// Package table reads a model from a CSV table, one row a gate or event.
//
// Columns are found by name, in any order; others are passed over:
//
//	name         of the gate or event
//	kind         and, or, atleast, not, xor, share; event (or nothing) for a basic event
//	inputs       of a gate: names of gates and events, separated by semicolons; "!" before a name means its opposite
//	need         atleast: how many inputs must be lost; share: how much must be left
//	shares       share: what each input contributes, separated by semicolons
//	probability  of an event, from 0 to 1; empty where none is known
//	cost         of an event, from 0; empty for 1
//
// The columns name, kind and inputs are required. Where a table has no rows of events
// at all, inputs that are no gates are events.
package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/cutset"
)

// Read takes in a model; which gate is asked about, its caller says by
// [cutset.Model.SetTop]. An error names the line.
func Read(in io.Reader) (*cutset.Model, error) {
	rows, err := read(in)
	if err != nil {
		return nil, err
	}
	t := reader{model: &cutset.Model{}, known: map[string]cutset.Arg{}, line: map[string]int{}}
	for _, r := range rows {
		if err := t.declare(r); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, err)
		}
	}
	for _, r := range rows {
		if err := t.define(r); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, err)
		}
	}
	return t.model, nil
}

var columns = []string{"name", "kind", "inputs", "need", "shares", "probability", "cost"}

// A row has a field for each column, trimmed; empty where the table has no such column.
type row struct {
	line                                                int
	name, kind, inputs, need, shares, probability, cost string
}

func read(in io.Reader) ([]row, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1 // rows may leave out what they have nothing for
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: a header is expected")
	}
	if err != nil {
		return nil, err
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := map[string]int{}
	for k, h := range header {
		at[strings.ToLower(strings.TrimSpace(h))] = k
	}
	for _, c := range columns[:3] {
		if _, ok := at[c]; !ok {
			return nil, fmt.Errorf("line 1: columns name, kind and inputs are expected, not %s", strings.Join(header, ", "))
		}
	}
	var rows []row
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if len(fields) > len(header) {
			return nil, fmt.Errorf("line %d: %d fields, the header has %d", line, len(fields), len(header))
		}
		x := row{line: line}
		for k, to := range []*string{&x.name, &x.kind, &x.inputs, &x.need, &x.shares, &x.probability, &x.cost} {
			if i, ok := at[columns[k]]; ok && i < len(fields) {
				*to = strings.TrimSpace(fields[i])
			}
		}
		rows = append(rows, x)
	}
}

type reader struct {
	model  *cutset.Model
	known  map[string]cutset.Arg
	line   map[string]int
	events bool // there are rows of events
}

var kinds = map[string]cutset.Kind{"and": cutset.And, "or": cutset.Or, "atleast": cutset.AtLeast, "not": cutset.Not, "xor": cutset.Xor, "share": cutset.Share}

func (r row) isEvent() bool { return r.kind == "" || r.kind == "event" }

// declare gives a row its place in the model.
func (t *reader) declare(r row) error {
	if r.name == "" {
		return errors.New("the name is empty")
	}
	if strings.HasPrefix(r.name, "!") || strings.Contains(r.name, ";") {
		return fmt.Errorf("name %q: one without a semicolon and without ! at its head is expected", r.name)
	}
	if first, twice := t.line[r.name]; twice {
		return fmt.Errorf("%q is defined on line %d already", r.name, first)
	}
	t.line[r.name] = r.line
	if r.isEvent() {
		t.events = true
		return t.event(r)
	}
	kind, ok := kinds[r.kind]
	if !ok {
		return fmt.Errorf("kind %q of %q: one of event, and, or, atleast, not, xor, share is expected", r.kind, r.name)
	}
	t.known[r.name] = cutset.OfGate(len(t.model.Gates))
	t.model.Gates = append(t.model.Gates, cutset.Gate{Name: r.name, Kind: kind})
	return nil
}

func (t *reader) event(r row) error {
	e := cutset.Event{Name: r.name, Probability: cutset.Unknown, Cost: 1}
	if r.inputs != "" {
		return fmt.Errorf("event %q has inputs: a kind of gate is expected", r.name)
	}
	if r.probability != "" {
		x, err := strconv.ParseFloat(r.probability, 64)
		if err != nil || !(x >= 0 && x <= 1) {
			return fmt.Errorf("probability %q of %q: a number from 0 to 1 is expected", r.probability, r.name)
		}
		e.Probability = x
	}
	if r.cost != "" {
		x, err := strconv.ParseFloat(r.cost, 64)
		if err != nil || !(x >= 0) {
			return fmt.Errorf("cost %q of %q: a number from 0 is expected", r.cost, r.name)
		}
		e.Cost = x
	}
	t.add(e)
	return nil
}

func (t *reader) add(e cutset.Event) cutset.Arg {
	a := cutset.OfEvent(len(t.model.Events))
	t.known[e.Name] = a
	t.model.Events = append(t.model.Events, e)
	return a
}

// define reads what a gate is made of.
func (t *reader) define(r row) error {
	if r.isEvent() {
		return nil
	}
	g := &t.model.Gates[t.known[r.name].Index]
	if r.inputs == "" {
		return fmt.Errorf("gate %q has no inputs", r.name)
	}
	for _, text := range strings.Split(r.inputs, ";") {
		a, err := t.input(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("gate %q: %w", r.name, err)
		}
		g.Args = append(g.Args, a)
	}
	switch g.Kind {
	case cutset.Not:
		if len(g.Args) != 1 {
			return fmt.Errorf("gate %q: not takes one input, here are %d", r.name, len(g.Args))
		}
	case cutset.AtLeast:
		k, err := strconv.Atoi(r.need)
		if err != nil || k < 0 || k > len(g.Args) {
			return fmt.Errorf("need %q of %q: a whole number from 0 to %d, the number of inputs, is expected", r.need, r.name, len(g.Args))
		}
		g.K = k
	case cutset.Share:
		return shares(r, g)
	}
	return nil
}

func (t *reader) input(text string) (cutset.Arg, error) {
	name, opposite := strings.CutPrefix(text, "!")
	name = strings.TrimSpace(name)
	a, ok := t.known[name]
	switch {
	case name == "":
		return a, errors.New("the name of an input is empty")
	case !ok && t.events:
		return a, fmt.Errorf("input %q is not defined", name)
	case !ok:
		a = t.add(cutset.Event{Name: name, Probability: cutset.Unknown, Cost: 1})
	}
	if opposite {
		return a.Negated(), nil
	}
	return a, nil
}

func shares(r row, g *cutset.Gate) error {
	texts := strings.Split(r.shares, ";")
	if len(texts) != len(g.Args) {
		return fmt.Errorf("shares %q of %q: %d numbers are expected, one for each input", r.shares, r.name, len(g.Args))
	}
	for _, text := range texts {
		x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(x >= 0 && x <= cutset.MaxShare) {
			return fmt.Errorf("share %q of %q: a number from 0 to %g is expected", strings.TrimSpace(text), r.name, float64(cutset.MaxShare))
		}
		g.Shares = append(g.Shares, x)
	}
	x, err := strconv.ParseFloat(r.need, 64)
	if err != nil || !(x >= 0 && x <= cutset.MaxShare) {
		return fmt.Errorf("need %q of %q: how much must be left, a number from 0 to %g, is expected", r.need, r.name, float64(cutset.MaxShare))
	}
	g.Threshold = x
	return nil
}
