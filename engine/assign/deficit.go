package assign

import "slices"

// Several small sets tell more than one large one; beyond this many the rest are
// put together, so that the time stays O(E).
const mostDeficits = 16

// deficits finds for every unmet place a set that proves why. From a proposal
// that is short one reaches all who may review it and, through whom they
// review, the proposals that would have to give way. Nobody reached has room
// left, else the place could have been filled; so the reached proposals need
// more than all their reviewers have. Likewise from a reviewer under the minimum.
func deficits(p Problem, s Solution) []Deficit {
	if s.Complete() {
		return nil
	}
	g := newLinks(p, s)
	out := g.collect(s.Short, g.fromProposals)
	out = append(tooDear(p, s, out), g.collect(s.Idle, g.fromReviewers)...)
	return out
}

// tooDear keeps the deficits that are ones, and puts the short proposals of all
// others into one of their own kind: their places could be filled, at a price.
func tooDear(p Problem, s Solution, found []Deficit) []Deficit {
	if p.Unfilled == 0 {
		return found
	}
	found = slices.DeleteFunc(found, func(d Deficit) bool { return d.Have >= d.Need })
	proven := map[int]bool{}
	for _, d := range found {
		for _, i := range d.Proposals {
			proven[i] = true
		}
	}
	dear := Deficit{Kind: TooDear}
	for _, m := range s.Short {
		if !proven[m.Index] {
			dear.Proposals = append(dear.Proposals, m.Index)
			dear.Need += m.Count
		}
	}
	if dear.Need > 0 {
		found = append(found, dear)
	}
	return found
}

// links is the pairs by proposal and by reviewer, forbidden ones left out.
type links struct {
	p        Problem
	chosen   []bool
	ofP, ofR func(int) []int32
	inP, inR []bool // the set that is being grown
}

func newLinks(p Problem, s Solution) *links {
	g := &links{p: p, chosen: make([]bool, len(p.Edges)), inP: make([]bool, len(p.Demand)), inR: make([]bool, len(p.Load))}
	for _, k := range s.Chosen {
		g.chosen[k] = true
	}
	usable := func(e Edge) bool { return !e.Forbidden }
	firstP, indexP := p.byProposal(usable)
	firstR, indexR := p.byReviewer(usable)
	g.ofP = func(i int) []int32 { return indexP[firstP[i]:firstP[i+1]] }
	g.ofR = func(r int) []int32 { return indexR[firstR[r]:firstR[r+1]] }
	return g
}

func (g *links) collect(missing []Missing, from func(starts []int) Deficit) []Deficit {
	var out []Deficit
	covered := map[int]bool{}
	for i, m := range missing {
		if covered[m.Index] {
			continue
		}
		starts := []int{m.Index}
		if len(out) == mostDeficits-1 {
			for _, n := range missing[i+1:] {
				if !covered[n.Index] {
					starts = append(starts, n.Index)
				}
			}
		}
		d := from(starts)
		set := d.Proposals
		if d.Kind == TooFewProposals {
			set = d.Reviewers
		}
		for _, x := range set {
			covered[x] = true
		}
		out = append(out, d)
	}
	return out
}

func (g *links) fromProposals(starts []int) Deficit {
	clear(g.inP)
	clear(g.inR)
	grow(starts, g.inP, g.inR, g.ofP, g.ofR,
		func(k int32) (int, bool) { return g.p.Edges[k].Reviewer, !g.chosen[k] },
		func(k int32) (int, bool) { return g.p.Edges[k].Proposal, g.chosen[k] && !g.p.Edges[k].Fixed })
	d := Deficit{Kind: TooFewReviewers, Proposals: members(g.inP)}
	d.Reviewers, d.Need, d.Have = count(g.p, d.Kind, g.inP)
	return d
}

func (g *links) fromReviewers(starts []int) Deficit {
	clear(g.inP)
	clear(g.inR)
	grow(starts, g.inR, g.inP, g.ofR, g.ofP,
		func(k int32) (int, bool) { return g.p.Edges[k].Proposal, !g.chosen[k] },
		func(k int32) (int, bool) { return g.p.Edges[k].Reviewer, g.chosen[k] && !g.p.Edges[k].Fixed })
	d := Deficit{Kind: TooFewProposals, Reviewers: members(g.inR)}
	d.Proposals, d.Need, d.Have = count(g.p, d.Kind, g.inR)
	return d
}

// grow marks everything reached from starts by steps there and back.
func grow(starts []int, inA, inB []bool, ofA, ofB func(int) []int32, there, back func(int32) (int, bool)) {
	todo := slices.Clone(starts)
	for _, a := range starts {
		inA[a] = true
	}
	for len(todo) > 0 {
		a := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, k := range ofA(a) {
			b, ok := there(k)
			if !ok || inB[b] {
				continue
			}
			inB[b] = true
			for _, l := range ofB(b) {
				if next, ok := back(l); ok && !inA[next] {
					inA[next] = true
					todo = append(todo, next)
				}
			}
		}
	}
}

func members(in []bool) []int {
	var out []int
	for i, on := range in {
		if on {
			out = append(out, i)
		}
	}
	return out
}
