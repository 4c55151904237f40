package assign

import (
	"context"
	"math"
	"slices"
)

// Caps on groups that nest make a tree of places between people and the end of
// the flow: what a group takes goes on to the group around it. A place in a group
// has a price of its own, and a person's price holds that of the group. The
// auction knows nothing of them; [flow.relieve] then brings every group under its cap
// along shortest paths, the smallest groups first, so that the assignment is best
// for the caps that count so far at any time.
type tree struct {
	of     []int32 // reviewer → smallest group, −1
	within []int32
	people [][]int32 // group → reviewers whose smallest it is
	inside [][]int32 // group → groups directly in it
	cap    []int32   // less what is fixed; uncounted before its turn
	used   []int32   // pairs that the people in it hold
	price  []int64   // what a place costs, that of the groups around it included
}

const uncounted = math.MaxInt32

// newTree sees what a flow holds; nil where there are no groups.
func (f *flow) newTree() *tree {
	if len(f.p.Groups) == 0 || f.p.Member == nil {
		return nil
	}
	n := len(f.p.Groups)
	t := &tree{of: make([]int32, f.nr), within: make([]int32, n), people: make([][]int32, n), inside: make([][]int32, n),
		cap: slices.Repeat([]int32{uncounted}, n), used: make([]int32, n), price: make([]int64, n)}
	for g, x := range f.p.Groups {
		t.within[g] = int32(x.Within)
		if x.Within >= 0 {
			t.inside[x.Within] = append(t.inside[x.Within], int32(g))
		}
	}
	for r, g := range f.p.Member {
		t.of[r] = int32(g)
		if g >= 0 {
			t.people[g] = append(t.people[g], int32(r))
		}
		t.count(r, f.load[r])
	}
	return t
}

// count notes that somebody holds so many pairs more.
func (t *tree) count(reviewer int, n int32) {
	for g := t.of[reviewer]; g >= 0; g = t.within[g] {
		t.used[g] += n
	}
}

// holds reports whether a reviewer is in a group.
func (t *tree) holds(g int32, reviewer int) bool {
	for h := t.of[reviewer]; h >= 0; h = t.within[h] {
		if h == g {
			return true
		}
	}
	return false
}

// group is the node of a reviewer's smallest group, −1 where there is none.
func (f *flow) group(reviewer int) int32 {
	if f.tree == nil || f.tree.of[reviewer] < 0 {
		return -1
	}
	return f.nodeOf(f.tree.of[reviewer])
}

func (f *flow) nodeOf(group int32) int32 { return int32(f.np+f.nr) + group }

// end is the node behind all people and groups: its price is 0.
func (f *flow) end() int32 { return int32(f.np + f.nr + len(f.p.Groups)) }

// ground is what a place of a reviewer costs before their own part of the price.
func (f *flow) ground(reviewer int) int64 {
	if f.tree == nil || f.tree.of[reviewer] < 0 {
		return 0
	}
	return f.tree.price[f.tree.of[reviewer]]
}

// fits reports whether the groups of a reviewer have room for one pair more
// once another reviewer holds one less; −1 for nobody.
func (f *flow) fits(reviewer, less int) bool {
	t := f.tree
	if t == nil {
		return true
	}
	for g := t.of[reviewer]; g >= 0; g = t.within[g] {
		if t.used[g] >= t.cap[g] && (less < 0 || !t.holds(g, less)) {
			return false
		}
	}
	return true
}

// free reports whether a reviewer's groups have room that costs nothing.
func (t *tree) free(reviewer int) bool {
	for g := t.of[reviewer]; g >= 0; g = t.within[g] {
		if t.used[g] >= t.cap[g] || t.price[g] != 0 {
			return false
		}
	}
	return true
}

// relieve brings every group under its cap. A pair too many leaves by the
// shortest path from the group: to a reviewer outside who takes it over, in the end, or to a place
// that stays empty.
func (f *flow) relieve(ctx context.Context) error {
	if f.tree = f.newTree(); f.tree == nil {
		return nil
	}
	t := f.tree
	fixed := make([]int, f.nr)
	for _, e := range f.p.Edges {
		if e.Fixed {
			fixed[e.Reviewer]++
		}
	}
	taken := inGroups(f.p, fixed)
	for g, x := range f.p.Groups {
		t.cap[g] = f.parts * int32(x.Max-taken[g])
		for t.used[g] > t.cap[g] {
			if err := ctx.Err(); err != nil {
				return err
			}
			f.reach(f.nodeOf(int32(g)), 0, -1, -1)
			f.arrive(f.ahead())
		}
	}
	return nil
}

// outward goes on from a group in a search forward: to the group around it, or the end, where there is room, and
// to the people and groups in it that could give a place up. It returns what the end is reached at, unreached where it is not.
func (f *flow) outward(node int32, d, length int64) int64 {
	t := f.tree
	g := node - int32(f.np+f.nr)
	end := int64(unreached)
	if t.used[g] < t.cap[g] {
		if up := t.within[g]; up >= 0 {
			f.try(f.nodeOf(up), d+t.price[up]-t.price[g], -1, node, length)
		} else {
			end = d - t.price[g]
		}
	}
	for _, c := range t.inside[g] {
		if t.used[c] > 0 {
			f.try(f.nodeOf(c), d+t.price[c]-t.price[g], -1, node, length)
		}
	}
	for _, r := range t.people[g] {
		if f.load[r] > 0 {
			f.try(int32(f.np)+r, d+f.price[r]-f.last(int(r))-t.price[g], -1, node, length)
		}
	}
	return end
}

// inward goes on from a group in a search backward: to whom it could take a place from, and to what it
// could give a place up for. It returns the distance of the end as outward does.
func (f *flow) inward(node, start int32, d, length int64) int64 {
	t := f.tree
	g := node - int32(f.np+f.nr)
	end := int64(unreached)
	if t.used[g] > 0 {
		if up := t.within[g]; up >= 0 {
			f.try(f.nodeOf(up), d+t.price[g]-t.price[up], -1, node, length)
		} else {
			end = d + t.price[g]
		}
	}
	for _, c := range t.inside[g] {
		if t.used[c] < t.cap[c] {
			f.try(f.nodeOf(c), d+t.price[g]-t.price[c], -1, node, length)
		}
	}
	for _, r := range t.people[g] {
		if f.load[r] < f.max[r] && int32(f.np)+r != start {
			f.try(int32(f.np)+r, d+f.worth(int(r))+t.price[g]-f.price[r], -1, node, length)
		}
	}
	return end
}

// beyond goes on from the end of the flow in a search backward that is for a group: to whoever has room, to any
// place that could stay empty, and to the groups with room that are in no other.
func (f *flow) beyond(d, length int64) {
	end := f.end()
	for i := range f.np {
		f.try(int32(i), d+f.unmet-f.value[i], -1, end, length)
	}
	for r := range f.nr {
		if f.load[r] < f.max[r] && f.group(r) < 0 {
			f.try(int32(f.np+r), d+f.worth(r)-f.price[r], -1, end, length)
		}
	}
	for g, up := range f.tree.within {
		if up < 0 && f.tree.used[g] < f.tree.cap[g] {
			f.try(f.nodeOf(int32(g)), d-f.tree.price[g], -1, end, length)
		}
	}
}

// try reaches a node that is nearer than it was and than the limit.
func (f *flow) try(node int32, dist int64, via, from int32, limit int64) {
	if dist < limit && dist < f.search.dist[node] {
		f.reach(node, dist, via, from)
	}
}

// tidy settles the prices that may be anything, as nobody holds a pair: an empty group costs no less than the one around
// it, and an idle person no less than their group.
func (f *flow) tidy() {
	t := f.tree
	if t == nil {
		return
	}
	for g := len(t.price) - 1; g >= 0; g-- {
		around := int64(0)
		if up := t.within[g]; up >= 0 {
			around = t.price[up]
		}
		if t.used[g] == 0 {
			t.price[g] = max(t.price[g], around)
		}
	}
	for r := range f.nr {
		if f.load[r] == 0 && t.of[r] >= 0 {
			f.price[r] = max(f.price[r], f.ground(r)+f.worth(r))
		}
	}
}
