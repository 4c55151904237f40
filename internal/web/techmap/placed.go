package techmap

import (
	"crypto/sha256"
	"sync"

	"github.com/headwater-platform/headwater/internal/techmap"
)

// places are the layouts that were made last, by what they are made of: a map is drawn with other
// colours far more often than with other nodes and gates. What is in a layout is not written to once it is made.
type places struct {
	mu sync.Mutex
	by map[[sha256.Size]byte]*layout
}

// mostPlaced is how many layouts are kept; when there are more, all are made anew.
const mostPlaced = 128

var placed places

// of is the layout of a graph.
func (p *places) of(g *techmap.Graph) *layout {
	key := shapeOf(g)
	p.mu.Lock()
	l := p.by[key]
	p.mu.Unlock()
	if l != nil {
		return l
	}
	l = newLayout(g)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil || len(p.by) >= mostPlaced {
		p.by = map[[sha256.Size]byte]*layout{}
	}
	p.by[key] = l
	return l
}

// shapeOf tells graphs apart that are laid out differently.
func shapeOf(g *techmap.Graph) (sum [sha256.Size]byte) {
	h := sha256.New()
	word := func(s string) { h.Write(append([]byte(s), 0)) } // never fails
	for _, n := range g.Nodes {
		word(n.ID)
	}
	for _, x := range g.Gates {
		word("")
		word(x.ID)
		word(x.NodeID)
		word(x.Kind)
		for _, in := range x.Inputs {
			word(in.NodeID)
		}
	}
	h.Sum(sum[:0])
	return sum
}
