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

// TopError says why roots do not tell which gate is asked about.
func (m *Model) TopError(roots []int) error {
	if len(m.Gates) == 0 {
		return errors.New("there is no gate")
	}
	if len(roots) == 0 {
		return errors.New("every gate is an argument of another one: name the gate that is asked about")
	}
	var names []string
	for _, i := range roots[:min(len(roots), rootsNamed)] {
		names = append(names, fmt.Sprintf("%q", m.Gates[i].Name))
	}
	more := ""
	if n := len(roots) - rootsNamed; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Errorf("%d gates are no argument of another one (%s%s): name the gate that is asked about", len(roots), strings.Join(names, ", "), more)
}
