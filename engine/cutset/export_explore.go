package cutset

import (
	"fmt"
	"time"
)

func Explore(m *Model, limit int) {
	t0 := time.Now()
	g, tops, err := m.compile(m.Top)
	if err != nil { fmt.Println(err); return }
	top := tops[0]
	n0 := len(g.cone(top))
	g, top = simplify(g, top)
	mods := modules(g, top)
	fmt.Printf("%s: events %d gates %d cone %d simplified %d modules %d prep %v\n", m.Name, len(m.Events), len(m.Gates), n0, len(g.cone(top)), len(mods), time.Since(t0))
	for k, r := range mods {
		if len(r.graph.nodes) < 12 { continue }
		fmt.Printf("   module %d: leaves %d nodes %d:", k, len(r.graph.leafs), len(r.graph.nodes))
		for _, o := range orders {
			t := time.Now()
			b := newBDD(limit)
			f := r.build(b, o(r))
			if b.full { fmt.Printf("  full %v", time.Since(t).Round(time.Microsecond)); continue }
			t1 := time.Now()
			z, s := b.minimal(f, limit)
			c := make([]float64, len(z.nodes)); c[1] = 1
			for i := 2; i < len(c); i++ { c[i] = c[z.nodes[i].hi] + c[z.nodes[i].lo] }
			fmt.Printf("  %d(%d) %v | z %d %v %v #%g;", len(b.nodes), b.size(f), t1.Sub(t).Round(time.Microsecond), len(z.nodes), z.full, time.Since(t1).Round(time.Microsecond), c[s])
		}
		fmt.Println()
	}
}

func (b *bdd) size(f ref) int {
	seen := make([]bool, len(b.nodes))
	n := 0
	var v func(i ref)
	v = func(i ref) { if i == 0 || seen[i] { return }; seen[i] = true; n++; v(b.nodes[i].hi>>1); v(b.nodes[i].lo>>1) }
	v(f>>1)
	return n
}
