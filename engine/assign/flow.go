package assign

import "slices"

// flow is an assignment on its way, with a price for every reviewer: what a
// place with the person costs on top of the pair (the negative of
// Solution.ReviewerPrice). Proposals take what is cheapest at cost + price.
//
// A pair is one word: cost, reviewer and place in the list of its proposal, and
// whether it is held. The pairs of a proposal stand together, cheapest first, so
// that few of them are looked at. A position in pairs is called a slot.
type flow struct {
	p       Problem
	np, nr  int
	first   []int32 // proposal → first of its slots
	pairs   []uint64
	index   []int32 // first[proposal]/copies + place in its list → index in p.Edges
	copies  int32
	parts   int32
	need    []int32 // reviews of each proposal, less what is fixed
	want    []int32 // of these not placed yet
	short   []int32 // of these given up
	min     []int32 // loads, less what is fixed
	max     []int32
	load    []int32
	base    []int32 // reviewer → first of its places
	places  []place // base[r] … base[r]+load[r]−1 are taken
	price   []int64 // of reviewers
	value   []int64 // of proposals, see paths.go and ask
	unmet   int64   // cost of a place that stays empty, see mostValue and lift
	idle    int64   // cost of a place that a minimum lacks
	signed  bool    // prices may be under zero, as there are minimum loads
	ofFirst []int32
	of      []link // see byReviewer
	tree    *tree  // groups of people, nil until they count: see relieve

	search search
}

// place is a pair that is held, and the price at which it was taken.
type place struct {
	link
	price int64
}

// link is a pair seen from its reviewer.
type link struct{ slot, proposal int32 }

const (
	held       = 1
	barred     = 2 // not possible any more, see Plan
	closed     = held | barred
	costAt     = 44
	reviewerAt = 24
	placeAt    = 4
	mask       = 1<<20 - 1 // costs, reviewers and places stay under 2^20
)

func costOf(pair uint64) int64   { return int64(pair >> costAt) }
func reviewerOf(pair uint64) int { return int(pair >> reviewerAt & mask) }

// newFlow puts a problem into this form, with every place counted parts times and
// every pair copies times; both are 1 but for a lottery.
func newFlow(p Problem, copies, parts int32) *flow {
	np, nr := len(p.Demand), len(p.Load)
	f := &flow{p: p, np: np, nr: nr, need: make([]int32, np), short: make([]int32, np), value: make([]int64, np),
		copies: copies, parts: parts, min: make([]int32, nr), max: make([]int32, nr), load: make([]int32, nr), base: make([]int32, nr+1), price: make([]int64, nr),
		unmet: min(p.unfilled(), mostValue), idle: p.Penalty()}
	for i, d := range p.Demand {
		f.need[i] = parts * int32(d)
	}
	for i, l := range p.Load {
		f.min[i], f.max[i] = parts*int32(l.Min), parts*int32(l.Max)
	}
	for _, e := range p.Edges {
		if e.Fixed {
			f.need[e.Proposal] -= parts
			f.min[e.Reviewer] = max(0, f.min[e.Reviewer]-parts)
			f.max[e.Reviewer] -= parts
		}
	}
	f.first, f.index = p.byProposal(func(e Edge) bool { return !e.Fixed && !e.Forbidden && f.max[e.Reviewer] > 0 })
	degree := make([]int32, nr)
	for _, k := range f.index {
		degree[p.Edges[k].Reviewer] += copies
	}
	f.want = slices.Clone(f.need)
	for r, d := range degree {
		f.base[r+1] = f.base[r] + min(f.max[r], d)
		f.signed = f.signed || f.min[r] > 0
	}
	f.places = make([]place, f.base[nr])
	f.pairs = make([]uint64, 0, int(copies)*len(f.index))
	for i := range np {
		from := len(f.pairs)
		for at, k := range f.index[f.first[i]:f.first[i+1]] {
			e := p.Edges[k]
			for range copies {
				f.pairs = append(f.pairs, uint64(e.Cost)<<costAt|uint64(e.Reviewer)<<reviewerAt|uint64(at)<<placeAt)
			}
		}
		slices.Sort(f.pairs[from:])
	}
	for i := range f.first {
		f.first[i] *= copies
	}
	return f
}

// edge is the index in Problem.Edges of a slot.
func (f *flow) edge(proposal, slot int32) int {
	return int(f.index[f.first[proposal]/f.copies+int32(f.pairs[slot]>>placeAt&mask)])
}

// slot is where an edge stands, −1 where it was left out.
func (f *flow) slot(e Edge) int32 {
	from := f.first[e.Proposal]
	list := f.pairs[from:f.first[e.Proposal+1]]
	key := uint64(e.Cost)<<costAt | uint64(e.Reviewer)<<reviewerAt
	if i, _ := slices.BinarySearch(list, key); i < len(list) && list[i]>>reviewerAt == key>>reviewerAt {
		return from + int32(i)
	}
	return -1
}

// room is how many pairs a reviewer can hold; min and max count what is asked.
func (f *flow) room(r int) int32 { return f.base[r+1] - f.base[r] }

func (f *flow) taken(r int) []place { return f.places[f.base[r] : f.base[r]+f.load[r]] }

// hold takes a pair into a free place.
func (f *flow) hold(l link, price int64) {
	r := reviewerOf(f.pairs[l.slot])
	f.pairs[l.slot] |= held
	f.places[f.base[r]+f.load[r]] = place{l, price}
	f.load[r]++
	if f.tree != nil {
		f.tree.count(r, 1)
	}
}

// drop gives a pair up.
func (f *flow) drop(slot int32) {
	r := reviewerOf(f.pairs[slot])
	list := f.taken(r)
	for i := range list {
		if list[i].slot == slot {
			list[i] = list[len(list)-1]
			break
		}
	}
	f.load[r]--
	if f.tree != nil {
		f.tree.count(r, -1)
	}
	f.pairs[slot] &^= held
}

// worst is the dearest pair that a proposal holds, at today's prices; −1 and the
// cost of an empty place where it has one.
func (f *flow) worst(proposal int32) (slot int32, value int64) {
	if f.want[proposal] > 0 {
		return -1, f.unmet
	}
	slot, value = -1, -f.unmet
	for k, n := f.first[proposal], f.need[proposal]-f.short[proposal]; n > 0; k++ {
		if pair := f.pairs[k]; pair&held != 0 {
			n--
			if v := costOf(pair) + f.price[reviewerOf(pair)]; v > value {
				slot, value = k, v
			}
		}
	}
	return slot, value
}

// next is the value of the cheapest pair that a proposal does not hold, or the
// cost of an empty place if that is less.
func (f *flow) next(proposal int) int64 {
	v := f.unmet
	for _, pair := range f.pairs[f.first[proposal]:f.first[proposal+1]] {
		if !f.signed && costOf(pair) >= v {
			break
		}
		if pair&closed == 0 {
			v = min(v, costOf(pair)+f.price[reviewerOf(pair)])
		}
	}
	return v
}

// links lists the pairs of a reviewer; byReviewer has to come first.
func (f *flow) links(r int) []link { return f.of[f.ofFirst[r]:f.ofFirst[r+1]] }

// byReviewer makes the list of pairs by reviewer, once.
func (f *flow) byReviewer() {
	if f.of != nil {
		return
	}
	f.ofFirst = make([]int32, f.nr+1)
	for _, pair := range f.pairs {
		f.ofFirst[reviewerOf(pair)+1]++
	}
	for r := range f.nr {
		f.ofFirst[r+1] += f.ofFirst[r]
	}
	f.of = make([]link, len(f.pairs))
	at := slices.Clone(f.ofFirst)
	for i := range f.np {
		for k := f.first[i]; k < f.first[i+1]; k++ {
			r := reviewerOf(f.pairs[k])
			f.of[at[r]] = link{k, int32(i)}
			at[r]++
		}
	}
}
