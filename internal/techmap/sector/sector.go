// Package sector makes technology maps of any size, for measuring answers and pages and for
// looking at large drawings. Nobody on them is real.
package sector

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// Goal is the node that everything else on a sector's map serves.
const Goal = "n000"

// reach is how far back in the list of nodes an input stands at most.
const reach = 20

var (
	makes  = [][2]string{{"Sintered", "烧结"}, {"High-purity", "高纯"}, {"Single-crystal", "单晶"}, {"Radiation-hard", "抗辐照"}, {"Low-loss", "低损耗"}, {"Vacuum-cast", "真空铸造"}, {"Thin-film", "薄膜"}}
	things = [][2]string{{"carbide", "碳化物"}, {"bearing", "轴承"}, {"photoresist", "光刻胶"}, {"furnace lining", "炉衬"}, {"control chip", "控制芯片"}, {"test field", "试验场"}, {"compiler", "编译器"}, {"membrane", "膜"}, {"alloy powder", "合金粉末"}}
)

// Map is a map of some nodes and providers as an analyst would draw it: every node needs one to
// four others further on, a fifth of the gates are alternatives, three to six providers supply
// each node. Equal numbers give equal maps. It takes at least one of each.
func Map(nodes, providers int) techmap.View {
	random := rand.New(rand.NewPCG(1, 2))
	g := &techmap.Graph{}
	for i := range providers {
		g.Providers = append(g.Providers, techmap.Provider{ID: fmt.Sprintf("p%03d", i), Name: lang.In1("en", fmt.Sprint("Provider ", i)), Country: "X" + string(rune('A'+random.IntN(12))),
			Owner: fmt.Sprint("owner ", random.IntN(max(1, providers*3/4))), Site: fmt.Sprint("site ", random.IntN(max(1, providers*4/5)))})
	}
	for i := range nodes {
		n := techmap.Node{ID: fmt.Sprintf("n%03d", i), Kind: techmap.NodeKinds[i%len(techmap.NodeKinds)], Title: title(i), Supplied: i > 0}
		g.Nodes = append(g.Nodes, n)
		if i+1 < nodes {
			g.Gates = append(g.Gates, gate(random, i, nodes))
		}
		g.Shares = append(g.Shares, shares(random, n.ID, i, providers)...)
	}
	return techmap.View{Map: techmap.Map{ID: "m", Title: lang.Both("A sector", "一个产业"), Home: "XA", Goal: Goal, Threshold: 0.3}, Graph: g}
}

func title(i int) lang.Text {
	a, b := makes[i%len(makes)], things[i/len(makes)%len(things)]
	return lang.Both(fmt.Sprint(a[0], " ", b[0], " ", i), fmt.Sprint(a[1], b[1], " ", i))
}

// gate is what node i needs: some of those that follow it.
func gate(random *rand.Rand, i, nodes int) techmap.Gate {
	id := fmt.Sprintf("n%03d", i)
	x := techmap.Gate{ID: "g" + id, NodeID: id, Kind: techmap.AllOf}
	if random.IntN(5) == 0 {
		x.Kind = techmap.AnyOf
	}
	for range 1 + random.IntN(4) {
		if in := (techmap.Input{NodeID: fmt.Sprintf("n%03d", i+1+random.IntN(min(reach, nodes-i-1)))}); !slices.Contains(x.Inputs, in) {
			x.Inputs = append(x.Inputs, in)
		}
	}
	return x
}

// shares are who supplies a node, each about half of what is left by those before; the rest is not known.
func shares(random *rand.Rand, node string, i, providers int) (list []techmap.Share) {
	left := 1.0
	for k := range 3 + random.IntN(4) {
		low := left * (0.3 + 0.3*random.Float64())
		left -= low
		s := techmap.Share{NodeID: node, ProviderID: fmt.Sprintf("p%03d", (i*7+k*41)%providers), Low: &low, High: &low, Year: 2025, Source: "Survey of the sector", Confidence: "high"}
		if !slices.ContainsFunc(list, func(x techmap.Share) bool { return x.ProviderID == s.ProviderID }) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b techmap.Share) int { return cmp.Compare(a.ProviderID, b.ProviderID) })
	return list
}

// Changes draw a graph on an empty map, in the order in which they can be made.
func Changes(g *techmap.Graph) (list []techmap.Change) {
	for _, n := range g.Nodes {
		list = append(list, techmap.Change{Node: &n})
	}
	for _, p := range g.Providers {
		list = append(list, techmap.Change{Provider: &p})
	}
	for _, x := range g.Gates {
		list = append(list, techmap.Change{Gate: &x})
	}
	for _, s := range g.Shares {
		list = append(list, techmap.Change{Share: &s})
	}
	return list
}
