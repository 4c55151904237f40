package techmap

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/engine/cutset"
	"github.com/headwater-platform/headwater/engine/cutset/openpsa"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// mostModel is how many bytes of a fault tree are read.
const mostModel = 16 << 20

// ImportModel takes an Open-PSA fault tree into a map: each gate below the top becomes a node
// that works while the gate is false, each basic event a node with one provider of its name.
// The top becomes the goal where the map has none. top may be "" where one gate is no input
// of another. It returns how many items were taken in.
// Errors: Invalid, with the place, for what cannot be read; for a gate with a negation or an
// exclusive or, which no map has; for a top that always or never happens.
func (s *Service) ImportModel(ctx context.Context, a access.Actor, id string, in io.Reader, top string) (n int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		m, before, err := s.writable(ctx, a, id)
		if err != nil {
			return err
		}
		tree, err := readTree(in, top)
		if err != nil {
			return err
		}
		tree.year = clock.Now(ctx).Year()
		changes, err := tree.changes(before)
		if err != nil {
			return err
		}
		after, err := before.with(changes)
		if err != nil {
			return err
		}
		n = len(changes)
		if err := s.keep(ctx, a, m, before, after, a.Person); err != nil || m.Goal != "" {
			return err
		}
		m.Goal = tree.key(cutset.OfGate(tree.Top))
		return s.updateMap(ctx, m)
	})
	return n, err
}

// faultTree is a model that is taken in.
type faultTree struct {
	*cutset.Model
	labels map[string]string // of gates and events, by name
	always []bool            // by gate
	never  []bool
	year   int
}

func readTree(in io.Reader, top string) (*faultTree, error) {
	src, err := io.ReadAll(io.LimitReader(in, mostModel))
	if err != nil {
		return nil, err
	}
	m, err := openpsa.Read(bytes.NewReader(src))
	if err != nil {
		return nil, fault.Field("files", "techmap.model.read", err.Error())
	}
	if err := m.SetTop(top); err != nil {
		var roots []string
		for _, i := range m.Roots() {
			roots = append(roots, m.Gates[i].Name)
		}
		return nil, fault.Field("top", "techmap.model.top", strings.Join(roots, ", "))
	}
	t := &faultTree{Model: m, labels: labelsOf(src), always: make([]bool, len(m.Gates)), never: make([]bool, len(m.Gates))}
	for i, g := range m.Gates {
		negated := slices.ContainsFunc(g.Args, func(a cutset.Arg) bool { return a.Not })
		if negated || g.Kind == cutset.Not || g.Kind == cutset.Xor {
			return nil, fault.Field("files", "techmap.model.incoherent", t.name(cutset.OfGate(i)))
		}
	}
	t.settle()
	if t.always[m.Top] || t.never[m.Top] {
		return nil, fault.Field("files", "techmap.model.constant", m.Gates[m.Top].Name)
	}
	return t, nil
}

// labelsOf are the labels of gates and events by their names: the reader of models keeps names only.
func labelsOf(src []byte) map[string]string {
	labels, name, inside := map[string]string{}, "", false
	d := xml.NewDecoder(bytes.NewReader(src))
	for {
		token, err := d.Token()
		if err != nil {
			return labels // the model has been read: this is the end
		}
		switch x := token.(type) {
		case xml.StartElement:
			inside = x.Name.Local == "label"
			for _, a := range x.Attr {
				if strings.HasPrefix(x.Name.Local, "define-") && a.Name.Local == "name" {
					name = a.Value
				}
			}
		case xml.CharData:
			if inside {
				labels[name] += string(x)
			}
		case xml.EndElement:
			inside = false
		}
	}
}

// settle finds the gates that are always true, or never, until no more are found.
func (t *faultTree) settle() {
	for more := true; more; {
		more = false
		for i, g := range t.Gates {
			sure, open := 0, 0 // arguments that are always true, and that may be
			for _, a := range g.Args {
				if t.is(t.always, a) {
					sure++
				}
				if !t.is(t.never, a) {
					open++
				}
			}
			need := g.K
			switch g.Kind {
			case cutset.And:
				need = len(g.Args)
			case cutset.Or:
				need = 1
			}
			always, never := sure >= need, open < need
			more = more || always != t.always[i] || never != t.never[i]
			t.always[i], t.never[i] = always, never
		}
	}
}

func (t *faultTree) is(what []bool, a cutset.Arg) bool { return a.Gate && what[a.Index] }

// args are what a gate still hangs on, each once, and how many of them must be true.
func (t *faultTree) args(g cutset.Gate) (list []cutset.Arg, need int, err error) {
	need = g.K
	for _, a := range g.Args {
		switch {
		case t.is(t.always, a):
			need--
		case t.is(t.never, a):
		case !slices.Contains(list, a):
			list = append(list, a)
		case g.Kind == cutset.AtLeast:
			return nil, 0, fault.Field("files", "techmap.model.repeated", g.Name, t.name(a))
		}
	}
	return list, need, nil
}

// changes put what the top reads on a map.
func (t *faultTree) changes(g *Graph) (list []Change, err error) {
	var nodes, providers, gates, shares []Change
	seen := map[cutset.Arg]bool{}
	todo := []cutset.Arg{cutset.OfGate(t.Top)}
	for len(todo) > 0 {
		a := todo[0]
		todo = todo[1:]
		if seen[a] {
			continue
		}
		seen[a] = true
		n := Node{ID: t.key(a), Kind: "component", Title: lang.In1("en", t.name(a)), Supplied: !a.Gate}
		nodes = append(nodes, Change{Node: &n})
		if !a.Gate {
			whole := 1.0
			providers = append(providers, Change{Provider: &Provider{ID: n.ID, Name: n.Title}})
			shares = append(shares, Change{Share: &Share{NodeID: n.ID, ProviderID: n.ID, Low: &whole, High: &whole, Year: t.year, Source: "Open-PSA: " + t.Name, Confidence: "medium"}})
			continue
		}
		x, args, err := t.gate(a)
		if err != nil {
			return nil, err
		}
		gates, todo = append(gates, Change{Gate: &x}), append(todo, args...)
	}
	for _, c := range slices.Concat(nodes, providers, gates, shares) {
		r, err := c.ref()
		if err != nil {
			return nil, err
		}
		c.Version, _ = g.Version(r)
		list = append(list, c)
	}
	return list, nil
}

// gate is what a node needs to work: the opposite of what makes its gate true.
func (t *faultTree) gate(a cutset.Arg) (x Gate, args []cutset.Arg, err error) {
	g := t.Gates[a.Index]
	args, need, err := t.args(g)
	x = Gate{ID: t.key(a), NodeID: t.key(a), Kind: AllOf, Source: "Open-PSA: " + t.Name}
	switch g.Kind {
	case cutset.And:
		x.Kind = AnyOf
	case cutset.AtLeast:
		x.Kind, x.K = SomeOf, len(args)-need+1
	}
	for _, in := range args {
		x.Inputs = append(x.Inputs, Input{NodeID: t.key(in)})
	}
	return x, args, err
}

// written is the name of a gate or an event in the model, "" for a formula within another.
func (t *faultTree) written(a cutset.Arg) string {
	if a.Gate {
		return t.Gates[a.Index].Name
	}
	return t.Events[a.Index].Name
}

// key is the node of a gate or an event: their names may be the same.
func (t *faultTree) key(a cutset.Arg) string {
	letter, name := "e", slug(t.written(a))
	if a.Gate {
		letter = "g"
	}
	return strings.TrimLeft(name[:min(len(name), mostKey-12)]+"-"+letter+count(int(a.Index)+1), "-")
}

// name is what people call a gate or an event: its label, else its name.
func (t *faultTree) name(a cutset.Arg) string {
	name := t.written(a)
	if label := strings.TrimSpace(t.labels[name]); label != "" {
		name = label
	}
	if name == "" {
		name = t.key(a) // of a formula within another
	}
	r := []rune(name)
	return string(r[:min(len(r), mostTitle)])
}
