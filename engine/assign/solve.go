package assign

import (
	"context"
	"math"
)

// Solve finds the best assignment; see the package's contract. The error is that
// of Problem.Check or that of ctx, which is looked at before each place is
// filled; an infeasible problem is no error but an incomplete solution.
func Solve(ctx context.Context, p Problem) (Solution, error) {
	if err := p.Check(); err != nil {
		return Solution{}, err
	}
	s := newSearch(p)
	for i := range p.Demand {
		for s.want[i] > 0 {
			if err := ctx.Err(); err != nil {
				return Solution{}, err
			}
			s.want[i]--
			s.fill(i)
		}
	}
	return s.solution(), nil
}

const unreached = math.MaxInt64

// search is the state of the flow. Nodes 0..P−1 are proposals, P.. reviewers.
// Every unit of demand ends in one of three ways: at a reviewer under the
// minimum (cost 0), at one under the maximum (cost M), or unmet (cost 2M); since
// the number of units is given, this ranks unmet minima and unmet demands alike,
// and no cost is negative.
type search struct {
	p       Problem
	order   []int // usable, not fixed edges by proposal and reviewer: index in p.Edges
	first   []int // proposal → first of its edges in order
	to      []int32
	cost    []int64
	chosen  []bool
	taken   [][]int32 // reviewer → its chosen edges (positions in order)
	want    []int     // units of demand not placed yet
	short   []int
	min     []int // minimum and maximum, less what is fixed
	max     []int
	penalty int64
	h       []int64 // potentials; cost + h(from) − h(to) ≥ 0 on every arc with room

	dist    []int64
	via     []int32 // edge by which the node was reached
	settled []bool
	touched []int32
	queue   heap
}

func newSearch(p Problem) *search {
	np, nr := len(p.Demand), len(p.Load)
	s := &search{p: p, first: make([]int, np+1), taken: make([][]int32, nr), short: make([]int, np),
		want: append([]int(nil), p.Demand...), min: make([]int, nr), max: make([]int, nr), penalty: p.Penalty(),
		h: make([]int64, np+nr), dist: make([]int64, np+nr), via: make([]int32, np+nr), settled: make([]bool, np+nr)}
	for i, l := range p.Load {
		s.min[i], s.max[i] = l.Min, l.Max
	}
	for _, k := range p.order() {
		e := p.Edges[k]
		switch {
		case e.Fixed:
			s.want[e.Proposal]--
			s.min[e.Reviewer] = max(0, s.min[e.Reviewer]-1)
			s.max[e.Reviewer]--
		case !e.Forbidden:
			s.order = append(s.order, k)
			s.to = append(s.to, int32(e.Reviewer))
			s.cost = append(s.cost, e.Cost)
			s.first[e.Proposal+1]++
		}
	}
	for i := range np {
		s.first[i+1] += s.first[i]
	}
	s.chosen = make([]bool, len(s.order))
	for i := range s.dist {
		s.dist[i] = unreached
	}
	return s
}

// fill places one more unit of proposal start along a shortest path.
func (s *search) fill(start int) {
	end, length := s.shortest(start)
	for _, v := range s.touched {
		if s.settled[v] && s.dist[v] < length {
			s.h[v] += s.dist[v] - length
		}
	}
	s.augment(start, end)
	for _, v := range s.touched {
		s.dist[v], s.settled[v] = unreached, false
	}
	s.touched = s.touched[:0]
	s.queue = s.queue[:0]
}

// shortest runs Dijkstra's method from a proposal and stops at the nearest free
// place: a reviewer with room, or a proposal that gives up a place.
func (s *search) shortest(start int) (end int, length int64) {
	np := len(s.p.Demand)
	end, length = -1, unreached
	s.reach(start, 0, -1)
	for len(s.queue) > 0 {
		d, v := s.queue.pop()
		if d >= length {
			break
		}
		if s.settled[v] {
			continue
		}
		s.settled[v] = true
		if free, ok := s.free(v); ok && d+free < length {
			end, length = v, d+free
		}
		if v < np {
			for k := s.first[v]; k < s.first[v+1]; k++ {
				r := np + int(s.to[k])
				if s.chosen[k] || s.settled[r] {
					continue
				}
				if nd := d + s.cost[k] + s.h[v] - s.h[r]; nd < length && nd < s.dist[r] {
					s.reach(r, nd, int32(k))
				}
			}
			continue
		}
		for _, k := range s.taken[v-np] {
			q := s.proposal(k)
			if s.settled[q] {
				continue
			}
			if nd := d - s.cost[k] + s.h[v] - s.h[q]; nd < length && nd < s.dist[q] {
				s.reach(q, nd, k)
			}
		}
	}
	return end, length
}

func (s *search) reach(v int, d int64, via int32) {
	if s.dist[v] == unreached {
		s.touched = append(s.touched, int32(v))
	}
	s.dist[v], s.via[v] = d, via
	s.queue.push(d, v)
}

// free is the reduced cost of ending at node v; the end's own potential stays 0.
func (s *search) free(v int) (int64, bool) {
	np := len(s.p.Demand)
	if v < np {
		return 2*s.penalty + s.h[v], true
	}
	switch n := len(s.taken[v-np]); {
	case n < s.min[v-np]:
		return s.h[v], true
	case n < s.max[v-np]:
		return s.penalty + s.h[v], true
	}
	return 0, false
}

// augment walks the path back from its end, choosing and giving up in turn.
func (s *search) augment(start, end int) {
	np := len(s.p.Demand)
	if end < np {
		s.short[end]++
	}
	for v := end; v != start; {
		k := s.via[v]
		if v >= np {
			s.chosen[k] = true
			s.taken[v-np] = append(s.taken[v-np], k)
			v = s.proposal(k)
			continue
		}
		r := int(s.to[k])
		s.chosen[k] = false
		list := s.taken[r]
		for i, x := range list {
			if x == k {
				list[i] = list[len(list)-1]
				s.taken[r] = list[:len(list)-1]
				break
			}
		}
		v = np + r
	}
}

func (s *search) proposal(k int32) int { return s.p.Edges[s.order[k]].Proposal }

func (s *search) solution() Solution {
	np, nr := len(s.p.Demand), len(s.p.Load)
	picked := make([]bool, len(s.p.Edges))
	for k, on := range s.chosen {
		picked[s.order[k]] = on
	}
	out := Solution{ProposalPrice: make([]int64, np), ReviewerPrice: make([]int64, nr)}
	for _, k := range s.p.order() {
		if e := s.p.Edges[k]; picked[k] || e.Fixed {
			out.Chosen = append(out.Chosen, k)
			out.Cost += e.Cost
		}
	}
	// Potentials hold for costs 0, M, 2M at the ends; moved by M they are the
	// prices of the problem as it was put.
	for i := range nr {
		out.ReviewerPrice[i] = s.h[np+i] + s.penalty
		if s.min[i] == 0 { // what is fixed meets the minimum, so that asking for it costs nothing
			out.ReviewerPrice[i] = min(0, out.ReviewerPrice[i])
		}
		if n := s.min[i] - len(s.taken[i]); n > 0 {
			out.Idle = append(out.Idle, Missing{i, n})
		}
	}
	// Of all prices that fit, a proposal gets the highest: its cheapest further review.
	for i := range np {
		price := s.penalty
		for k := s.first[i]; k < s.first[i+1]; k++ {
			if !s.chosen[k] {
				price = min(price, s.cost[k]-out.ReviewerPrice[s.to[k]])
			}
		}
		out.ProposalPrice[i] = price
		if s.short[i] > 0 {
			out.Short = append(out.Short, Missing{i, s.short[i]})
		}
	}
	out.Bound, _ = bound(s.p, out.ProposalPrice, out.ReviewerPrice) // equals cost and unmet places, which fit
	out.Why = deficits(s.p, out)
	return out
}

// heap is a binary heap by distance, then node, so that ties are settled alike
// on every run.
type heap []entry

type entry struct {
	d int64
	v int
}

func (a entry) before(b entry) bool { return a.d < b.d || a.d == b.d && a.v < b.v }

func (h *heap) push(d int64, v int) {
	q := append(*h, entry{d, v})
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !q[i].before(q[up]) {
			break
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
	*h = q
}

func (h *heap) pop() (int64, int) {
	q := *h
	top := q[0]
	q[0] = q[len(q)-1]
	q = q[:len(q)-1]
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(q) {
			break
		}
		if c+1 < len(q) && q[c+1].before(q[c]) {
			c++
		}
		if !q[c].before(q[i]) {
			break
		}
		q[i], q[c] = q[c], q[i]
		i = c
	}
	*h = q
	return top.d, top.v
}
