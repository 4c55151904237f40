package assign

import (
	"context"
	"fmt"
	"slices"
)

// Plan is a best assignment that is kept best while pairs fall away: somebody
// declines, a conflict comes to light. A change starts from the prices there
// are and touches only what it must. Not for concurrent use.
type Plan struct {
	f     *flow
	value int64
}

// Change is how an assignment differs from the one before.
type Change struct {
	Added, Removed []int // indices in Problem.Edges, ascending; what fell away is among Removed if it was chosen
	Value          int64 // Problem.Value after it
}

// Open solves a problem and keeps what is needed to change it. The plan takes
// p.Edges over and marks in them what is forbidden later. Errors as of Solve.
func Open(ctx context.Context, p Problem) (*Plan, error) {
	f, err := solve(ctx, p, 0)
	if err != nil {
		return nil, err
	}
	f.byReviewer()
	return &Plan{f, f.total()}, nil
}

// Problem is the problem as it is now.
func (p *Plan) Problem() Problem { return p.f.p }

// Value is Problem.Value of the assignment as it is now: the least there is.
func (p *Plan) Value() int64 { return p.value }

// Solution is the assignment as it is now, with the proof for Problem. O(P+R+E).
func (p *Plan) Solution() Solution { return p.f.solution() }

// Forbid takes a pair away and makes the assignment best again. An error says
// that the pair cannot be taken away; the plan is then as before. The time is that
// of one path back and one forward: of what lies nearer than their ends.
func (p *Plan) Forbid(edge int) (Change, error) {
	slot, err := p.forbid(edge)
	if err != nil || slot < 0 || p.f.pairs[slot]&held == 0 {
		return Change{Value: p.value}, err
	}
	f := p.f
	e := f.p.Edges[edge]
	net := map[link]int{{slot, int32(e.Proposal)}: -1}
	note := func() {
		for _, l := range f.search.gone {
			net[l]--
		}
		for _, l := range f.search.add {
			net[l]++
		}
	}
	f.drop(slot)
	f.want[e.Proposal]++
	empty := f.backward(e.Reviewer)
	note()
	empty += f.forward(e.Proposal)
	note()
	c := p.change(net)
	p.value += p.worth(net, 1) + int64(empty)*f.unmet
	c.Value = p.value
	return c, nil
}

// forbid marks a pair and returns its slot, −1 where it could not be chosen anyway.
func (p *Plan) forbid(edge int) (slot int32, err error) {
	if edge < 0 || edge >= len(p.f.p.Edges) {
		return 0, fmt.Errorf("assign: edge %d of %d", edge, len(p.f.p.Edges))
	}
	e := &p.f.p.Edges[edge]
	if e.Fixed || e.Forbidden {
		return 0, &ProblemError{e.Proposal, e.Reviewer, edge, -1, "fixed or forbidden already"}
	}
	slot = p.f.slot(*e)
	e.Forbidden = true
	if slot >= 0 {
		p.f.pairs[slot] |= barred
	}
	return slot, nil
}

// change lists what is taken and given up on balance.
func (p *Plan) change(net map[link]int) (c Change) {
	for l, n := range net {
		switch k := p.f.edge(l.proposal, l.slot); {
		case n > 0:
			c.Added = append(c.Added, k)
		case n < 0:
			c.Removed = append(c.Removed, k)
		}
	}
	slices.Sort(c.Added)
	slices.Sort(c.Removed)
	return c
}

// worth is what pairs taken and given up on balance cost, with the minima that
// are missed for them; done is 1 where f holds them already, 0 where not yet.
func (p *Plan) worth(net map[link]int, done int32) (cost int64) {
	more := map[int]int32{}
	for l, n := range net {
		pair := p.f.pairs[l.slot]
		cost += int64(n) * costOf(pair)
		more[reviewerOf(pair)] += int32(n)
	}
	for r, n := range more {
		was := p.f.load[r] - done*n
		cost += p.f.idle * int64(max(0, p.f.min[r]-was-n)-max(0, p.f.min[r]-was))
	}
	return cost
}

// Repair is Forbid, and besides finds a repair that adds at most the given number
// of pairs: best itself where that adds no more, else the best chain of so many,
// in which the proposal that lost a review takes somebody else's place, who takes
// another, and so on. With most 0 the place stays empty. That best is the optimum
// is certified, and so repair.Value − best.Value is all that the restraint can
// cost. The plan holds best afterwards.
func (p *Plan) Repair(edge, most int) (repair, best Change, err error) {
	if edge < 0 || edge >= len(p.f.p.Edges) || !p.holds(p.f.p.Edges[edge]) {
		best, err = p.Forbid(edge)
		return best, best, err
	}
	repair = p.chain(edge, most)
	best, err = p.Forbid(edge)
	if len(best.Added) <= most {
		repair = best
	}
	return repair, best, err
}

// holds reports whether a pair is chosen and may be given up.
func (p *Plan) holds(e Edge) bool {
	slot := p.f.slot(e)
	return slot >= 0 && p.f.pairs[slot]&held != 0
}

// hop is a proposal that needs a reviewer, having lost a pair as the one before
// took another with the same reviewer, for cost so far.
type hop struct {
	proposal   int32
	lost, took int32
	cost       int64
	before     int
}

// chain finds the best way in at most so many new pairs to mend the loss of one:
// shortest paths by the number of hops (Bellman, 1958), in reduced costs, so
// that what cannot be better than the best end so far is left out.
func (p *Plan) chain(edge, most int) Change {
	f, e := p.f, p.f.p.Edges[edge]
	start := f.slot(e)
	hops := []hop{{int32(e.Proposal), start, -1, 0, -1}}
	reached := map[int32]int64{int32(e.Proposal): 0}
	// What an end costs: the place that is left free again, at its own price. (Nobody in a group that has room
	// only because of it gains more.)
	gain := max(0, f.price[e.Reviewer]-f.last(e.Reviewer))
	endHop, endSlot, length := 0, int32(-1), f.unmet-f.value[e.Proposal]
	for done, from := 0, 0; done < most; done++ {
		to := len(hops)
		for h := from; h < to; h++ {
			i := hops[h].proposal
			for k := f.first[i]; k < f.first[i+1]; k++ {
				pair := f.pairs[k]
				r := reviewerOf(pair)
				d := hops[h].cost + costOf(pair) + f.price[r] - f.value[i]
				if pair&closed != 0 || k == start || d >= length+gain {
					continue
				}
				end := d + f.worth(r) - f.price[r]
				if r == e.Reviewer {
					end = d - gain
				}
				if (f.load[r] < f.max[r] && f.fits(r, e.Reviewer) || r == e.Reviewer) && end < length {
					endHop, endSlot, length = h, k, end
				}
				for _, t := range f.taken(r) {
					c := d + f.value[t.proposal] - costOf(f.pairs[t.slot]) - f.price[r]
					if was, known := reached[t.proposal]; t.slot != start && c < length+gain && (!known || c < was) {
						reached[t.proposal] = c
						hops = append(hops, hop{t.proposal, t.slot, k, c, h})
					}
				}
			}
		}
		from = to
	}
	return p.walked(hops, endHop, endSlot)
}

// walked is the change that a chain makes; slot −1 leaves the last place empty.
func (p *Plan) walked(hops []hop, end int, slot int32) Change {
	net := map[link]int{}
	value := p.value
	if slot < 0 {
		value += p.f.unmet
	} else {
		net[link{slot, hops[end].proposal}]++
	}
	for h := end; h >= 0; h = hops[h].before {
		net[link{hops[h].lost, hops[h].proposal}]--
		if before := hops[h].before; before >= 0 {
			net[link{hops[h].took, hops[before].proposal}]++
		}
	}
	c := p.change(net)
	c.Value = value + p.worth(net, 0)
	return c
}
