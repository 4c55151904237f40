package techmap

import (
	"net/http"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// gateFields are the fields that say how inputs join: of the form of a gate, and of what is suggested of one.
type gateFields struct {
	gate    techmap.Gate
	isNew   bool
	count   string   // as typed
	percent string   // as typed
	shares  []string // of the inputs, as typed
}

// gateAt is a gate of a node by the key in an address; fresh is a new one. False where there is none.
func gateAt(g *techmap.Graph, n techmap.Node, key string) (d gateFields, ok bool) {
	if key == fresh {
		return gateFields{gate: techmap.Gate{ID: gateKey(g, n.ID), NodeID: n.ID, Kind: techmap.AllOf}, isNew: true}, true
	}
	x, ok := g.Gate(key)
	if !ok || x.NodeID != n.ID {
		return d, false
	}
	d = gateFields{gate: x, count: whole(x.K), percent: typedPercent(x.Floor)}
	for _, in := range x.Inputs {
		d.shares = append(d.shares, typedPercent(in.Share))
	}
	return d, true
}

// mostAdded is how many inputs a form adds at once.
const mostAdded = 3

// The fields of an input: which node, its share, and whether it is taken out. Each input has a row.
func inputName(row int) string { return "input_" + strconv.Itoa(row) }
func partName(row int) string  { return "share_" + strconv.Itoa(row) }
func dropName(row int) string  { return "drop_" + strconv.Itoa(row) }

// read is the gate as the form says it.
func (d gateFields) read(f *shell.Form) gateFields {
	old := d.gate
	x := techmap.Gate{ID: old.ID, NodeID: old.NodeID, Kind: f.Text("kind"), Source: f.Text("source"), Stamp: techmap.Stamp{Version: f.Int("version")}}
	d.count, d.percent, d.shares = f.Text("k"), f.Text("threshold"), nil
	switch x.Kind {
	case techmap.SomeOf:
		x.K = int(f.Int("k"))
	case techmap.ShareOf:
		x.Floor = retyped(d.percent, old.Floor)
	}
	for row := 0; f.Has(inputName(row)); row++ {
		if id := f.Text(inputName(row)); id != "" && !f.On(dropName(row)) {
			d.join(&x, id, f.Text(partName(row)))
		}
	}
	d.gate = x
	return d
}

// join adds an input to the gate that is read, with its share as typed.
func (d *gateFields) join(x *techmap.Gate, node, share string) {
	in := techmap.Input{NodeID: node}
	if x.Kind == techmap.ShareOf {
		was := 0.0
		for _, old := range d.gate.Inputs {
			if old.NodeID == node {
				was = old.Share
			}
		}
		in.Share = retyped(share, was)
	}
	x.Inputs, d.shares = append(x.Inputs, in), append(d.shares, share)
}

// retyped is a share as typed. One that stands as the form showed it is what it was: a form shows fewer digits.
func retyped(s string, was float64) float64 {
	if s == typedPercent(was) {
		return was
	}
	return percentOf(s)
}

// gateForm is what the form of a gate holds.
type gateForm struct {
	gateFields
	view    techmap.View
	node    techmap.Node
	refusal shell.Refusal
}

// Gate is GET /maps/{id}/nodes/{node}/gates/{gate}; "new" is a new one.
func (p *Pages) Gate(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	n, found := v.Graph.Node(r.PathValue("node"))
	x, ok := gateAt(v.Graph, n, r.PathValue("gate"))
	if !found || !ok {
		return fault.Missing()
	}
	return shell.Render(w, r, http.StatusOK, gateFormPage(gateForm{gateFields: x, view: v, node: n}))
}

// SaveGate is POST /maps/{id}/nodes/{node}/gates/{gate}.
func (p *Pages) SaveGate(w http.ResponseWriter, r *http.Request) error {
	v, n, f, err := p.sentAt(w, r)
	if err != nil {
		return err
	}
	x, ok := gateAt(v.Graph, n, r.PathValue("gate"))
	if !ok {
		return fault.Missing()
	}
	d := gateForm{gateFields: x.read(f), view: v, node: n}
	return p.change(w, r, v, f, "/nodes/"+n.ID, func(refusal shell.Refusal) error {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, gateFormPage(d))
	}, techmap.Change{Gate: &d.gate, Version: d.gate.Version})
}

// gateKey is a new key for a gate of a node.
func gateKey(g *techmap.Graph, node string) string {
	for n := 1; ; n++ {
		id := node[:min(len(node), 50)] + "-" + string(rune('a'-1+n))
		if _, taken := g.Gate(id); !taken || n == 26 {
			return id
		}
	}
}
