package assign

import (
	"context"
	"math"
	"slices"
)

// The exact search makes complementary slackness hold without an ε, by shortest
// paths with potentials (Edmonds and Karp, 1972; Tomizawa, 1971). The potentials
// are f.value of proposals and f.price of reviewers; a pair that is held has
// cost + price − value ≤ 0, one that is not has ≥ 0. A reviewer's places cost
// nothing, those under the minimum −idle; a place that stays empty costs unmet.
//
// Places go astray in two ways, and each is mended by paths of its own kind:
// a proposal wants one (forward: along pairs to where there is room), or a
// reviewer asks a price, or misses the minimum, and has room (backward: to
// somebody who can do with one place less). Both stop at the nearest end. Groups
// of people are nodes between people and the end, see tree.
const unreached = math.MaxInt64

// search is what Dijkstra's method remembers. Nodes 0 … np−1 are proposals, then
// come reviewers, groups and the end.
type search struct {
	dist    []int64
	via     []int32 // slot by which a node was reached
	from    []int32 // node before it
	settled []bool
	touched []int32
	queue   heap
	add     []link // by the last path
	gone    []link
}

func (f *flow) ready() {
	n := int(f.end()) + 1
	f.search = search{dist: make([]int64, n), via: make([]int32, n), from: make([]int32, n), settled: make([]bool, n)}
	for i := range f.search.dist {
		f.search.dist[i] = unreached
	}
}

// settle finds the best assignment from any prices and any pairs held.
func (f *flow) settle(ctx context.Context) error {
	f.ready()
	for i := range f.np {
		f.value[i] = f.next(i)
		f.let(i, f.value[i])
	}
	for i := range f.np {
		for f.want[i] > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			f.forward(i)
		}
	}
	for r := range f.nr {
		for f.lacks(r) {
			f.byReviewer()
			if err := ctx.Err(); err != nil {
				return err
			}
			f.backward(r)
		}
	}
	if err := f.relieve(ctx); err != nil {
		return err
	}
	return f.lift(ctx, f.p.unfilled())
}

// worth is what one more place of a reviewer costs, last what the dearest of
// those in use costs.
func (f *flow) worth(r int) int64 {
	if f.load[r] < f.min[r] {
		return -f.idle
	}
	return 0
}

func (f *flow) last(r int) int64 {
	if f.load[r] <= f.min[r] {
		return -f.idle
	}
	return 0
}

// lacks reports whether a reviewer should hold one pair more at this price.
func (f *flow) lacks(r int) bool { return f.load[r] < f.max[r] && f.price[r] > f.worth(r) }

func (f *flow) reach(node int32, dist int64, via, from int32) {
	s := &f.search
	if s.dist[node] == unreached {
		s.touched = append(s.touched, node)
	}
	s.dist[node], s.via[node], s.from[node] = dist, via, from
	s.queue.push(dist, node)
}

// pop is the next node to settle, nearer than limit.
func (f *flow) pop(limit int64) (dist int64, node int32, ok bool) {
	s := &f.search
	for len(s.queue) > 0 {
		dist, node = s.queue.pop()
		if dist >= limit {
			return 0, 0, false
		}
		if !s.settled[node] {
			s.settled[node] = true
			return dist, node, true
		}
	}
	return 0, 0, false
}

// forward places one review that a proposal wants, and returns by how many the
// places that stay empty are more.
func (f *flow) forward(proposal int) (empty int) {
	f.want[proposal]--
	f.reach(int32(proposal), 0, -1, -1)
	return f.arrive(f.ahead())
}

// arrive moves along the path forward that was found.
func (f *flow) arrive(end int32, length int64) (empty int) {
	if end < int32(f.np) {
		f.short[end]++
		empty = 1
	}
	f.turn(end)
	f.shift(length, 1)
	return empty
}

// ahead finds the nearest end of a path forward from what is reached: somebody
// with room, whose groups have room too, or a proposal that does with one review less.
func (f *flow) ahead() (int32, int64) {
	np, groups, dist := int32(f.np), int32(f.np+f.nr), f.search.dist
	end, length := int32(-1), int64(unreached)
	for {
		d, v, ok := f.pop(length)
		if !ok {
			break
		}
		if v >= groups {
			if out := f.outward(v, d, length); out < length {
				end, length = v, out
			}
			continue
		}
		if v >= np {
			r := int(v - np)
			for _, t := range f.taken(r) {
				nd := d + f.value[t.proposal] - costOf(f.pairs[t.slot]) - f.price[r]
				if nd < length && nd < dist[t.proposal] {
					f.reach(t.proposal, nd, t.slot, v)
				}
			}
			if g := f.group(r); g >= 0 && f.load[r] < f.max[r] {
				f.try(g, d+f.worth(r)+f.ground(r)-f.price[r], -1, v, length)
			}
			continue
		}
		if empty := d + f.unmet - f.value[v]; empty < length {
			end, length = v, empty
		}
		d -= f.value[v]
		for k := f.first[v]; k < f.first[v+1]; k++ {
			pair := f.pairs[k]
			if !f.signed && d+costOf(pair) >= length {
				break
			}
			if pair&closed != 0 {
				continue
			}
			r := reviewerOf(pair)
			if nd := d + costOf(pair) + f.price[r]; nd < length && nd < dist[np+int32(r)] {
				f.reach(np+int32(r), nd, k, v)
				if f.load[r] < f.max[r] && f.group(r) < 0 {
					if room := nd + max(0, f.worth(r)-f.price[r]); room < length {
						end, length = np+int32(r), room
					}
				}
			}
		}
	}
	return end, length
}

// lift raises the cost of an empty place from what the auction counted to what
// it is. All empty places search together: while one can still be filled for
// less it is, then all stay empty. (One by one each would have to look at all
// that stand in its way, to find that there is no room.) Most can be filled for
// nothing once prices are where the first one could, so that these go first.
func (f *flow) lift(ctx context.Context, unmet int64) error {
	f.unmet = unmet
	var empty []int32
	for i, n := range f.short {
		if n > 0 {
			f.want[i], f.short[i] = n, 0
			empty = append(empty, int32(i))
		}
	}
	seen := make([]bool, f.np+f.nr)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		for f.fill(empty, seen) {
			clear(seen)
		}
		clear(seen)
		empty = slices.DeleteFunc(empty, func(i int32) bool { return f.want[i] == 0 })
		if len(empty) == 0 {
			return nil
		}
		for _, i := range empty {
			f.reach(i, 0, -1, -1)
		}
		end, length := f.ahead()
		if end < int32(f.np) {
			f.shift(length, 1)
			for _, i := range empty {
				f.want[i], f.short[i] = 0, f.want[i]
			}
			return nil
		}
		f.want[f.turn(end)]--
		f.shift(length, 1)
	}
}

// fill places reviews of proposals with empty places along paths that cost
// nothing at today's prices, and reports whether it placed any. Nothing that is
// seen is looked at again, so that some paths may be left for the next time
// (Pothen and Fan, 1990). O(E).
func (f *flow) fill(empty []int32, seen []bool) (any bool) {
	for _, i := range empty {
		for f.want[i] > 0 {
			end := f.free(i, seen)
			if end < 0 {
				break
			}
			f.turn(end)
			f.want[i]--
			any = true
		}
	}
	return any
}

// free finds somebody with room along such a path from a proposal; −1 where there is none.
func (f *flow) free(proposal int32, seen []bool) (end int32) {
	np, s := int32(f.np), &f.search
	seen[proposal], s.from[proposal] = true, -1
	todo := []int32{proposal}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for k := f.first[v]; k < f.first[v+1]; k++ {
			pair := f.pairs[k]
			if !f.signed && costOf(pair) > f.value[v] {
				break
			}
			r := reviewerOf(pair)
			if n := np + int32(r); pair&closed == 0 && !seen[n] && costOf(pair)+f.price[r] == f.value[v] {
				seen[n] = true
				s.via[n], s.from[n] = k, v
				if f.load[r] < f.max[r] && f.price[r] >= f.worth(r) && (f.tree == nil || f.tree.free(r)) {
					return n
				}
				for _, t := range f.taken(r) {
					if !seen[t.proposal] && costOf(f.pairs[t.slot])+f.price[r] == f.value[t.proposal] {
						seen[t.proposal] = true
						s.via[t.proposal], s.from[t.proposal] = t.slot, n
						todo = append(todo, t.proposal)
					}
				}
			}
		}
	}
	return -1
}

// backward fills a place of a reviewer, or lowers the price until none is
// missed, and returns by how many the places that stay empty are more. In the groups around
// the reviewer the place counts as taken until then.
func (f *flow) backward(reviewer int) (empty int) {
	start, end := int32(f.np+reviewer), f.end()
	if g := f.group(reviewer); g >= 0 {
		f.tree.count(reviewer, 1)
		defer f.tree.count(reviewer, -1)
		f.reach(g, f.price[reviewer]-f.worth(reviewer)-f.ground(reviewer), -1, start)
	}
	from, length := f.back(start, end, f.price[reviewer]-f.worth(reviewer))
	if from == end {
		if v := f.search.from[end]; v < int32(f.np) {
			f.short[v]--
			empty = -1
		}
	}
	f.turn(from)
	f.shift(length, -1)
	return empty
}

// back finds the shortest path from an end (that of the flow, or a group) to where a place is free, a reviewer
// or a group, nearer than length: who can best do with one place less in their favour. Without one it gives the start.
func (f *flow) back(start, end int32, length int64) (int32, int64) {
	np, groups, dist := int32(f.np), int32(f.np+f.nr), f.search.dist
	found := start
	out := func(node int32, d int64, from int32) {
		if f.try(node, d, -1, from, length); node == end && d < length {
			found, length = end, d
		}
	}
	f.reach(start, 0, -1, -1)
	for {
		d, v, ok := f.pop(length)
		if !ok {
			return found, length
		}
		switch {
		case v == end:
			return end, d
		case v == f.end():
			f.beyond(d, length)
			continue
		case v >= groups:
			if d := f.inward(v, start, d, length); d < length {
				out(f.end(), d, v)
			}
			continue
		case v >= np:
			r := int(v - np)
			if f.load[r] > 0 && v != start {
				if g := f.group(r); g >= 0 {
					out(g, d+f.price[r]-f.last(r)-f.ground(r), v)
				} else {
					out(f.end(), d+max(0, f.price[r]-f.last(r)), v)
				}
			}
			for _, l := range f.links(r) {
				pair := f.pairs[l.slot]
				nd := d + costOf(pair) + f.price[r] - f.value[l.proposal]
				if pair&closed == 0 && nd < length && nd < dist[l.proposal] {
					f.reach(l.proposal, nd, l.slot, v)
				}
			}
			continue
		}
		if f.short[v] > 0 {
			out(f.end(), d, v)
		}
		for k := f.first[v]; k < f.first[v+1]; k++ {
			pair := f.pairs[k]
			if pair&held == 0 {
				continue
			}
			r := reviewerOf(pair)
			if nd := d + f.value[v] - costOf(pair) - f.price[r]; nd < length && nd < dist[np+int32(r)] {
				f.reach(np+int32(r), nd, k, v)
			}
		}
	}
}

// turn walks a path from its end back to its start: pairs that are held are
// given up, the others taken. (Of the two nodes of a pair the proposal has the
// smaller number.) It returns the start.
func (f *flow) turn(end int32) (start int32) {
	s := &f.search
	s.add, s.gone = s.add[:0], s.gone[:0]
	v := end
	for ; s.from[v] >= 0; v = s.from[v] {
		switch k := s.via[v]; {
		case k < 0: // between people and groups: follows from who holds what
		case f.pairs[k]&held != 0:
			f.drop(k)
			s.gone = append(s.gone, link{k, min(v, s.from[v])})
		default:
			s.add = append(s.add, link{k, min(v, s.from[v])})
		}
	}
	for _, l := range s.add {
		f.hold(l, 0)
	}
	return v
}

// shift moves the potentials of what lies nearer than the end of the path, up
// after a forward search, down after a backward one, and forgets the search.
func (f *flow) shift(length, sign int64) {
	s := &f.search
	for _, v := range s.touched {
		if d := s.dist[v]; s.settled[v] && d < length {
			switch n := int(v); {
			case n < f.np:
				f.value[v] += sign * (length - d)
			case n < f.np+f.nr:
				f.price[n-f.np] += sign * (length - d)
			default: // the end is nearer than none
				f.tree.price[n-f.np-f.nr] += sign * (length - d)
			}
		}
		s.dist[v], s.settled[v] = unreached, false
	}
	s.touched, s.queue = s.touched[:0], s.queue[:0]
}

// heap is a heap by distance, then node, so that ties are settled alike on
// every run; four below each, as that is kinder to memory than two.
type heap []entry

type entry struct {
	dist int64
	node int32
}

func (a entry) before(b entry) bool { return a.dist < b.dist || a.dist == b.dist && a.node < b.node }

func (h *heap) push(dist int64, node int32) {
	x := entry{dist, node}
	q := append(*h, x)
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 4
		if !x.before(q[up]) {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = x
	*h = q
}

func (h *heap) pop() (int64, int32) {
	q := *h
	top, x := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	if len(q) == 0 {
		return top.dist, top.node
	}
	i := 0
	for {
		least := 4*i + 1
		if least >= len(q) {
			break
		}
		for c := least + 1; c < min(4*i+5, len(q)); c++ {
			if q[c].before(q[least]) {
				least = c
			}
		}
		if !q[least].before(x) {
			break
		}
		q[i] = q[least]
		i = least
	}
	q[i] = x
	return top.dist, top.node
}
