package cutset

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/graph/flow"
	"gonum.org/v1/gonum/graph/simple"
)

// randomGraph is a graph whose edges are mostly local.
func randomGraph(random *rand.Rand, nodes, edges int) []Edge {
	list := make([]Edge, edges)
	for i := range list {
		from := random.IntN(nodes)
		to := min(nodes-1, from+1+random.IntN(50))
		if random.IntN(4) == 0 {
			to = random.IntN(nodes)
		}
		list[i] = Edge{int32(from), int32(to)}
	}
	return list
}

func reached(nodes int, edges []Edge, without int32) []bool {
	seen := make([]bool, nodes)
	if without == 0 {
		return seen
	}
	seen[0] = true
	for range nodes {
		for _, e := range edges {
			if seen[e.From] && e.To != without {
				seen[e.To] = true
			}
		}
	}
	return seen
}

// TestDominators removes each node in turn: it dominates what is then out of reach.
func TestDominators(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 3))
		nodes := 2 + random.IntN(20)
		edges := randomGraph(random, nodes, random.IntN(3*nodes))
		got, err := Dominators(nodes, edges, 0)
		if err != nil {
			t.Fatal(err)
		}
		all := reached(nodes, edges, -1)
		for x := range int32(nodes) {
			without := reached(nodes, edges, x)
			for v := range int32(nodes) {
				if v == x || !all[v] || !all[x] {
					continue
				}
				dominates := false
				for u := got[v]; u >= 0; u = got[u] {
					dominates = dominates || u == x
				}
				if dominates == without[v] {
					t.Fatalf("seed %d: %d dominates %d: %v; edges %v give %v", seed, x, v, dominates, edges, got)
				}
			}
		}
		for v, reach := range all {
			if !reach && got[v] != -1 {
				t.Fatalf("seed %d: %d is out of reach, dominated by %d", seed, v, got[v])
			}
		}
	}
	if _, err := Dominators(2, []Edge{{0, 2}}, 0); err == nil {
		t.Error("an edge to nowhere was taken")
	}
}

const benchNodes, benchEdges = 200_000, 400_000

func BenchmarkDominators(b *testing.B) {
	edges := randomGraph(rand.New(rand.NewPCG(1, 1)), benchNodes, benchEdges)
	for b.Loop() {
		if _, err := Dominators(benchNodes, edges, 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDominatorsGonum measures the peer on the same graph, which it gets ready made.
func BenchmarkDominatorsGonum(b *testing.B) {
	g := simple.NewDirectedGraph()
	for _, e := range randomGraph(rand.New(rand.NewPCG(1, 1)), benchNodes, benchEdges) {
		if e.From != e.To {
			g.SetEdge(simple.Edge{F: simple.Node(e.From), T: simple.Node(e.To)})
		}
	}
	for b.Loop() {
		flow.Dominators(simple.Node(0), g)
	}
}
