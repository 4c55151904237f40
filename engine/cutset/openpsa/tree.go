package openpsa

import "github.com/headwater-platform/headwater/engine/cutset"

// tree makes each sequence of an event tree a gate: any of the paths that lead to it,
// a path being all formulas collected on it. The frequency of the initiating event is
// no part of it.
func (r *reader) tree(t *node) error {
	w := &walk{reader: r, tree: t.name(), gate: map[string]int{}}
	if w.tree == "" {
		return t.errorf("<%s> has no name", t.tag)
	}
	for _, k := range t.kids {
		switch k.tag {
		case "define-sequence":
			w.gate[k.name()] = len(r.model.Gates)
			r.model.Gates = append(r.model.Gates, cutset.Gate{Name: w.tree + "." + k.name(), Kind: cutset.Or})
		case "define-functional-event", "attributes":
		case "initial-state":
			if err := w.follow(k, nil); err != nil {
				return err
			}
		default:
			return k.errorf("<%s> is not supported in an event tree", k.tag)
		}
	}
	return nil
}

type walk struct {
	*reader
	tree string
	gate map[string]int // of each sequence
}

func (w *walk) follow(n *node, path []cutset.Arg) error {
	path = path[:len(path):len(path)]
	for _, k := range n.kids {
		switch k.tag {
		case "collect-formula":
			if len(k.kids) != 1 {
				return k.errorf("<collect-formula> holds %d formulas, one is expected", len(k.kids))
			}
			a, err := w.formula(k.kids[0], "", -1)
			if err != nil {
				return err
			}
			path = append(path, a)
		case "fork", "path":
			if err := w.follow(k, path); err != nil {
				return err
			}
		case "sequence":
			g, ok := w.gate[k.name()]
			if !ok {
				return k.errorf("sequence %q is not defined", k.name())
			}
			end := w.put(-1, cutset.Gate{Kind: cutset.And, Args: path})
			w.model.Gates[g].Args = append(w.model.Gates[g].Args, end)
		default:
			return k.errorf("<%s> is not supported in an event tree", k.tag)
		}
	}
	return nil
}
