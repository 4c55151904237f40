package techmap

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/cutset"
)

// OpenPSA writes the model behind an answer as an Open-PSA MEF fault tree, so that its
// minimal cut sets can be checked with another program. Gates of shares are written out as
// the minimal sets of their inputs. Fault trees know no circles: gates that need each other
// are written out round by round from nothing lost, as often as there are gates in the circle,
// which is their least fixpoint. Keys are labels; names are numbers.
func (a Answer) OpenPSA(w io.Writer) error {
	x := &psa{model: a.r.model, rounds: map[int]int{}, circle: map[int]int{}}
	loops, err := x.model.Loops()
	if err != nil {
		return err
	}
	for k, l := range loops {
		for _, i := range l.Gates {
			x.circle[i], x.rounds[i] = k+1, len(l.Gates)
		}
	}
	x.line(0, `<?xml version="1.0" encoding="UTF-8"?>`)
	x.line(0, `<opsa-mef>`)
	x.line(1, `<define-fault-tree name="map">`)
	x.below(x.model.Top)
	x.line(1, `</define-fault-tree>`)
	x.line(1, `<model-data>`)
	for i, e := range x.model.Events {
		x.line(2, `<define-basic-event name="`+event(i)+`"><label>`+escaped(e.Name)+`</label></define-basic-event>`)
	}
	x.line(1, `</model-data>`)
	x.line(0, `</opsa-mef>`)
	_, err = io.WriteString(w, x.b.String())
	return err
}

type psa struct {
	model  *cutset.Model
	rounds map[int]int // of a gate in a circle: how often it is written
	circle map[int]int // of a gate in a circle: which
	b      strings.Builder
}

// below writes a gate, which stands first as the top, and all that it reads.
func (x *psa) below(top int) {
	seen := map[int]bool{top: true}
	todo := []int{top}
	for len(todo) > 0 {
		i := todo[0]
		todo = todo[1:]
		for round := x.rounds[i]; round >= min(1, x.rounds[i]); round-- {
			x.gate(i, round)
		}
		for _, a := range x.model.Gates[i].Args {
			if n := int(a.Index); a.Gate && !seen[n] {
				seen[n] = true
				todo = append(todo, n)
			}
		}
	}
}

// name is how a gate is called that is read in some round of a circle: the last outside it.
func (x *psa) name(i, round int) string {
	if round == x.rounds[i] {
		return "g" + strconv.Itoa(i)
	}
	return "g" + strconv.Itoa(i) + "r" + strconv.Itoa(round)
}

func event(i int) string { return "e" + strconv.Itoa(i) }

func (x *psa) line(indent int, s string) {
	x.b.WriteString(strings.Repeat("  ", indent) + s + "\n")
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

func (x *psa) gate(i, round int) {
	g := x.model.Gates[i]
	x.line(2, `<define-gate name="`+x.name(i, round)+`"><label>`+escaped(g.Name)+`</label>`)
	switch {
	case g.Kind == cutset.Share: // an or over the sets whose loss leaves too little
		x.sets(i, round, minimalLosses(g))
	case len(g.Args) == 0:
		x.line(3, `<constant value="false"/>`)
	case g.Kind == cutset.AtLeast:
		x.line(3, `<atleast min="`+strconv.Itoa(g.K)+`">`)
		x.args(i, round, g.Args)
		x.line(3, `</atleast>`)
	default:
		x.line(3, `<`+g.Kind.String()+`>`)
		x.args(i, round, g.Args)
		x.line(3, `</`+g.Kind.String()+`>`)
	}
	x.line(2, `</define-gate>`)
}

// sets writes an or over sets of which all must be lost. No set is never, an empty one always.
func (x *psa) sets(i, round int, sets [][]cutset.Arg) {
	switch {
	case len(sets) == 0:
		x.line(3, `<constant value="false"/>`)
		return
	case len(sets[0]) == 0:
		x.line(3, `<constant value="true"/>`)
		return
	}
	x.line(3, `<or>`)
	for _, set := range sets {
		x.line(4, `<and>`)
		x.args(i, round, set)
		x.line(4, `</and>`)
	}
	x.line(3, `</or>`)
}

// args writes what gate i reads in some round: those of its own circle as of the round before.
func (x *psa) args(i, round int, args []cutset.Arg) {
	for _, a := range args {
		n := int(a.Index)
		switch {
		case !a.Gate:
			x.line(5, `<basic-event name="`+event(n)+`"/>`)
		case x.circle[n] == 0 || x.circle[n] != x.circle[i]:
			x.line(5, `<gate name="`+x.name(n, x.rounds[n])+`"/>`)
		case round == 1:
			x.line(5, `<constant value="false"/>`)
		default:
			x.line(5, `<gate name="`+x.name(n, round-1)+`"/>`)
		}
	}
}

// minimalLosses lists the minimal sets of arguments of a gate of shares that make it true.
func minimalLosses(g cutset.Gate) (sets [][]cutset.Arg) {
	whole := 0.0
	for _, s := range g.Shares {
		whole += s
	}
	var grow func(i int, left float64, set []int)
	grow = func(i int, left float64, set []int) {
		if left < g.Threshold-1e-9 {
			for _, k := range set { // minimal: none can come back
				if left+g.Shares[k] < g.Threshold-1e-9 {
					return
				}
			}
			var args []cutset.Arg
			for _, k := range set {
				args = append(args, g.Args[k])
			}
			sets = append(sets, args)
			return
		}
		for k := i; k < len(g.Args); k++ {
			grow(k+1, left-g.Shares[k], append(set[:len(set):len(set)], k))
		}
	}
	grow(0, whole, nil)
	return sets
}
