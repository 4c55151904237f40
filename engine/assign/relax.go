package assign

import (
	"cmp"
	"slices"
)

// Relaxation is one thing that would fill one more place if it were allowed.
type Relaxation struct {
	Reviewer int   // takes one place more than the maximum; −1 where the relaxation is of another kind
	Edge     int   // forbidden, and would be used; −1 likewise
	Group    int   // takes one place more than its cap; −1 likewise
	Cost     int64 // by how much the sum of costs of the pairs would grow, for a forbidden pair at most
}

// most people and groups of a deficit whose places are tried.
const mostTried = 100

// Relax lists what would most cheaply fill one more place of a deficit of kind
// TooFewReviewers, cheapest first: one place more of a person or a group, exactly evaluated
// from the prices without solving anew, or a forbidden pair between a proposal
// that is short and somebody with room. (That the proposals ask for fewer
// reviews is always the third way.) The deficit is one of Solution.
func (p *Plan) Relax(d Deficit, most int) []Relaxation {
	if d.Kind != TooFewReviewers {
		return nil
	}
	f := p.f
	var out []Relaxation
	people := slices.Clone(d.Reviewers)
	slices.SortStableFunc(people, func(a, b int) int { return cmp.Compare(f.price[b], f.price[a]) })
	for _, r := range people[:min(len(people), mostTried)] {
		end := f.group(r)
		if end < 0 {
			end = f.end()
		}
		if f.load[r] < f.max[r] {
			continue // the groups around hold the person back
		}
		if cost, fills := f.oneMore(int32(f.np+r), end, f.price[r]-f.ground(r)); fills {
			out = append(out, Relaxation{r, -1, -1, cost})
		}
	}
	for _, g := range d.Groups[:min(len(d.Groups), mostTried)] {
		end, gain := f.end(), f.tree.price[g]
		if up := f.tree.within[g]; up >= 0 {
			end, gain = f.nodeOf(up), gain-f.tree.price[up]
		}
		if cost, fills := f.oneMore(f.nodeOf(int32(g)), end, gain); fills {
			out = append(out, Relaxation{-1, -1, g, cost})
		}
	}
	for k, e := range f.p.Edges {
		if e.Forbidden && f.short[e.Proposal] > 0 && f.load[e.Reviewer] < f.max[e.Reviewer] && f.fits(e.Reviewer, -1) && slices.Contains(d.Proposals, e.Proposal) {
			out = append(out, Relaxation{-1, k, -1, e.Cost})
		}
	}
	slices.SortStableFunc(out, func(a, b Relaxation) int { return cmp.Compare(a.Cost, b.Cost) })
	return out[:min(len(out), most)]
}

// oneMore is by how much the pairs would cost more if a reviewer or a group had one place more, at a price of gain over what is
// around, and whether that would fill a place that is empty.
func (f *flow) oneMore(node, around int32, gain int64) (cost int64, fills bool) {
	from, length := f.back(node, around, gain)
	s := &f.search
	for v := from; s.from[v] >= 0; v = s.from[v] {
		fills = fills || v == f.end() && s.from[v] < int32(f.np)
	}
	f.shift(0, 1) // nothing is moved, the search is forgotten
	return f.unmet - gain + length, fills
}
