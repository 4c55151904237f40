package techmap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// chain is a graph of some nodes in a line, each needing two before it, and a circle.
func chain(n int) *techmap.Graph {
	g := &techmap.Graph{}
	id := func(i int) string { return fmt.Sprintf("n%03d", i) }
	for i := range n {
		g.Nodes = append(g.Nodes, techmap.Node{ID: id(i), Kind: "component", Title: lang.In1("en", "Node number "+fmt.Sprint(i))})
		if i+2 < n {
			g.Gates = append(g.Gates, techmap.Gate{ID: "g" + id(i), NodeID: id(i), Kind: techmap.AllOf, Inputs: []techmap.Input{{NodeID: id(i + 1)}, {NodeID: id((i*7+3)%n + 0)}}})
		}
	}
	return g
}

func TestPlacesDoNotTouch(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 5, 40, 300} {
		l := newLayout(chain(n))
		boxes := 0
		for _, column := range l.columns {
			for i, p := range column {
				if p.node != "" {
					boxes++
				}
				if i > 0 && column[i-1].y+column[i-1].high > p.y {
					t.Errorf("%d nodes: %q at %v touches what is above it", n, p.node, p.y)
				}
				if p.y < 0 || p.y+p.high > l.high || p.x+boxWide > l.wide {
					t.Errorf("%d nodes: %q stands outside the drawing", n, p.node)
				}
			}
		}
		if boxes != n {
			t.Errorf("%d of %d nodes are placed", boxes, n)
		}
	}
}

func TestInputsStandLeft(t *testing.T) {
	t.Parallel()
	g := chain(12)
	l, back := newLayout(g), 0
	for _, x := range g.Gates {
		for _, in := range x.Inputs {
			if l.boxes[in.NodeID].column >= l.boxes[x.NodeID].column {
				back++
			}
		}
	}
	if back == 0 || back > 6 {
		t.Errorf("%d links lead to the left; the graph has circles that take a few", back)
	}
}

func TestSameGraphSameDrawing(t *testing.T) {
	t.Parallel()
	v := techmap.View{Map: techmap.Map{ID: "m", Home: "XA", Goal: "n000", Threshold: 0.5}, Graph: chain(40)}
	d := drawing{view: v, graph: v.Graph, home: "XA", zoom: 1}
	first := d.svg(t.Context())
	if again := d.svg(t.Context()); first != again {
		t.Error("the drawing differs")
	}
	if strings.Count(first, `class="node`) != 40 || !strings.Contains(first, `<title>Node number 7`) {
		t.Error("a node is missing")
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Lens":                       "Lens",
		"Gate driver with isolation": "Gate driver with|isolation",
		"A very long name of a thing that nobody can read in a box": "A very long name of|a thing that nobody…",
		"高温离子注入机":       "高温离子注入机",
		"一二三四五六七八九十一二三": "一二三四五六七八九十|一二三",
	} {
		if got := strings.Join(fold(in, 20), "|"); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
}
