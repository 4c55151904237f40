package assign

import (
	"cmp"
	"slices"
)

// Relaxation is one thing that would fill one more place if it were allowed.
type Relaxation struct {
	Reviewer int   // takes one place more than the maximum; −1 where the relaxation is of another kind
	Edge     int   // forbidden, and would be used; −1 likewise
	Cost     int64 // by how much the sum of costs of the pairs would grow, for a forbidden pair at most
}

// most people of a deficit whose places are tried.
const mostTried = 100

// Relax lists what would most cheaply fill one more place of a deficit of kind
// TooFewReviewers, cheapest first: one place more of a person, exactly evaluated
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
		end, length := f.back(r, f.price[r])
		f.shift(0, 1) // nothing is moved, the search is forgotten
		if end < int32(f.np) {
			out = append(out, Relaxation{r, -1, f.unmet - f.price[r] + length})
		}
	}
	for k, e := range f.p.Edges {
		if e.Forbidden && f.short[e.Proposal] > 0 && f.load[e.Reviewer] < f.max[e.Reviewer] && slices.Contains(d.Proposals, e.Proposal) {
			out = append(out, Relaxation{-1, k, e.Cost})
		}
	}
	slices.SortStableFunc(out, func(a, b Relaxation) int { return cmp.Compare(a.Cost, b.Cost) })
	return out[:min(len(out), most)]
}
