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
	found := append(g.collect(s.Short, g.fromProposals), g.collect(s.Idle, g.fromReviewers)...)
	if p.Unfilled == 0 && len(p.Groups) == 0 {
		return found
	}
	return unproven(p, s, slices.DeleteFunc(found, func(d Deficit) bool { return d.Have >= d.Need }), g.full)
}

// unproven adds reasons of kinds of their own for who lacks something although it could be had, at a price: that of
// a place, or that caps make others lack it instead.
func unproven(p Problem, s Solution, found []Deficit, full []int) []Deficit {
	short, idle := map[int]bool{}, map[int]bool{}
	for _, d := range found {
		set, in := d.Proposals, short
		if d.Kind == TooFewProposals {
			set, in = d.Reviewers, idle
		}
		for _, x := range set {
			in[x] = true
		}
	}
	kind := Capped
	if p.Unfilled > 0 {
		kind = TooDear
	}
	dear, capped := Deficit{Kind: kind}, Deficit{Kind: Capped, Groups: full}
	dear.Proposals, dear.Need = without(s.Short, short)
	capped.Reviewers, capped.Need = without(s.Idle, idle)
	if kind == Capped {
		dear.Groups = full
	}
	for _, d := range []Deficit{dear, capped} {
		if d.Need > 0 {
			found = append(found, d)
		}
	}
	return found
}

// without lists those who lack something and are not in a set, and how much they lack.
func without(list []Missing, set map[int]bool) (left []int, lack int) {
	for _, m := range list {
		if !set[m.Index] {
			left = append(left, m.Index)
			lack += m.Count
		}
	}
	return left, lack
}

// links is the pairs by proposal and by reviewer, forbidden ones left out.
type links struct {
	p        Problem
	chosen   []bool
	ofP, ofR func(int) []int32
	inP, inR []bool // the set that is being grown

	load   []int   // of reviewers
	used   []int   // of groups
	full   []int   // groups without room
	people [][]int // group → reviewers in it, those of groups within included
	met    []bool  // groups that are in the set already
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
	g.load, g.people = make([]int, len(p.Load)), make([][]int, len(p.Groups))
	g.met = make([]bool, len(p.Groups))
	for _, k := range s.Chosen {
		g.load[p.Edges[k].Reviewer]++
	}
	for r := range p.Member {
		for _, h := range p.around(r) {
			g.people[h] = append(g.people[h], r)
		}
	}
	g.used = inGroups(p, g.load)
	for h, x := range p.Groups {
		if g.used[h] >= x.Max {
			g.full = append(g.full, h)
		}
	}
	return g
}

// mates are those who would have to take less so that a reviewer with room takes more: the people of the
// smallest full group around.
func (g *links) mates(r int) []int {
	if g.load[r] >= g.p.Load[r].Max {
		return nil
	}
	for _, h := range g.p.around(r) {
		if g.used[h] >= g.p.Groups[h].Max {
			if g.met[h] {
				return nil
			}
			g.met[h] = true
			return g.people[h]
		}
	}
	return nil
}

// alone is for who has no mates.
func alone(int) []int { return nil }

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
	clear(g.met)
	grow(starts, g.inP, g.inR, g.ofP, g.ofR, g.mates,
		func(k int32) (int, bool) { return g.p.Edges[k].Reviewer, !g.chosen[k] },
		func(k int32) (int, bool) { return g.p.Edges[k].Proposal, g.chosen[k] && !g.p.Edges[k].Fixed })
	d := Deficit{Kind: TooFewReviewers, Proposals: members(g.inP)}
	d.Reviewers, d.Groups, d.Need, d.Have = count(g.p, d.Kind, g.inP)
	return d
}

func (g *links) fromReviewers(starts []int) Deficit {
	clear(g.inP)
	clear(g.inR)
	grow(starts, g.inR, g.inP, g.ofR, g.ofP, alone,
		func(k int32) (int, bool) { return g.p.Edges[k].Proposal, !g.chosen[k] },
		func(k int32) (int, bool) { return g.p.Edges[k].Reviewer, g.chosen[k] && !g.p.Edges[k].Fixed })
	d := Deficit{Kind: TooFewProposals, Reviewers: members(g.inR)}
	d.Proposals, _, d.Need, d.Have = count(g.p, d.Kind, g.inR)
	return d
}

// grow marks everything reached from starts by steps there, on to mates, and back.
func grow(starts []int, inA, inB []bool, ofA, ofB func(int) []int32, mates func(int) []int, there, back func(int32) (int, bool)) {
	todo := slices.Clone(starts)
	for _, a := range starts {
		inA[a] = true
	}
	for len(todo) > 0 {
		a := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, k := range ofA(a) {
			b, ok := there(k)
			for reached := []int{b}; ok && len(reached) > 0; {
				b, reached = reached[len(reached)-1], reached[:len(reached)-1]
				if inB[b] {
					continue
				}
				inB[b] = true
				reached = append(reached, mates(b)...)
				for _, l := range ofB(b) {
					if next, ok := back(l); ok && !inA[next] {
						inA[next] = true
						todo = append(todo, next)
					}
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
