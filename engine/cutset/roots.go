package cutset

import (
	"errors"
	"fmt"
	"strings"
)

// Roots are the named gates that are no argument of another gate.
func (m *Model) Roots() []int {
	used := make([]bool, len(m.Gates))
	for i, g := range m.Gates {
		for _, a := range g.Args {
			if a.Gate && int(a.Index) != i {
				used[a.Index] = true
			}
		}
	}
	var list []int
	for i, g := range m.Gates {
		if !used[i] && g.Name != "" {
			list = append(list, i)
		}
	}
	return list
}

// rootsNamed is how many roots an error names.
const rootsNamed = 5

// SetTop asks about the gate of that name; with an empty name about the only root.
func (m *Model) SetTop(name string) error {
	list := m.Roots()
	if name != "" {
		list = m.named(name)
	}
	switch {
	case len(list) == 1:
		m.Top = list[0]
		return nil
	case name != "" && len(list) == 0:
		return fmt.Errorf("gate %q is not defined", name)
	case name != "":
		return fmt.Errorf("%d gates are named %q", len(list), name)
	case len(m.Gates) == 0:
		return errors.New("there is no gate")
	case len(list) == 0:
		return errors.New("every gate is an argument of another one: name the gate that is asked about")
	}
	var names []string
	for _, i := range list[:min(len(list), rootsNamed)] {
		names = append(names, fmt.Sprintf("%q", m.Gates[i].Name))
	}
	more := ""
	if n := len(list) - rootsNamed; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("%d gates are no argument of another one (%s%s): name the gate that is asked about", len(list), strings.Join(names, ", "), more)
}

func (m *Model) named(name string) (list []int) {
	for i, g := range m.Gates {
		if g.Name == name {
			list = append(list, i)
		}
	}
	return list
}
