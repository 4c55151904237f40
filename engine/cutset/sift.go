package cutset

import (
	"cmp"
	"context"
	"slices"
)

// A sifter changes the order of the variables of a diagram in place (Rudell: "Dynamic
// variable ordering for ordered binary decision diagrams", ICCAD 1993).
type sifter struct {
	nodes  []bnode
	refs   []int32    // how often each node is read
	levels [][]uint32 // nodes of each level
	order  []int      // variable at each level
	size   int        // of all levels
	free   []uint32   // nodes that are read no more
	work   int        // nodes that may still be looked at

	table []uint32 // nodes of one level while two are swapped
	later []uint32
	spare []uint32 // memory for a level
}

// Limits of sifting: how much larger a diagram may become on the way to a better place,
// in percent, and how many nodes may be looked at for each node of the diagram, more of
// them in large ones, where a good order is worth more.
const (
	siftGrowth = 4
	siftWork   = 60
	siftLarge  = 1 << 15
	siftMore   = 300
	swapWork   = 16 // of a swap besides its nodes
)

// sift improves the order, and drops all nodes that roots do not read. The roots and
// the order are changed along. It looks at no more than so many nodes, and returns at
// how many it has looked.
func (b *bdd) sift(roots []ref, order []int, most int) int {
	s := newSifter(b, roots, order)
	work := siftWork
	if s.size > siftLarge {
		work = siftMore
	}
	most = min(most, work*s.size)
	s.work = most
	for {
		before := s.size
		s.pass(b.ctx)
		if s.work <= 0 || s.size*10 > before*9 {
			break
		}
	}
	s.rebuild(b, roots)
	return most - s.work
}

func newSifter(b *bdd, roots []ref, order []int) *sifter {
	s := &sifter{nodes: b.nodes, refs: make([]int32, len(b.nodes)), levels: make([][]uint32, len(order)), order: order}
	for _, f := range roots {
		s.refs[f>>1]++
	}
	for i := len(s.nodes) - 1; i > 0; i-- { // what reads a node follows it
		if s.refs[i] == 0 {
			s.free = append(s.free, uint32(i))
			continue
		}
		n := &s.nodes[i]
		s.refs[n.hi>>1]++
		s.refs[n.lo>>1]++
		s.levels[n.level] = append(s.levels[n.level], uint32(i))
		s.size++
	}
	return s
}

// pass moves each variable to its best place, those with most nodes first.
func (s *sifter) pass(ctx context.Context) {
	variables := slices.Clone(s.order)
	at := map[int]int{}
	for k, v := range s.order {
		at[v] = k
	}
	slices.SortStableFunc(variables, func(v, w int) int { return cmp.Compare(len(s.levels[at[w]]), len(s.levels[at[v]])) })
	for _, v := range variables {
		if s.work <= 0 || ctx.Err() != nil {
			return
		}
		s.move(slices.Index(s.order, v))
	}
}

// move takes the variable at a level to its best place: to the nearer end, to the
// other end, and back to where the diagram was smallest.
func (s *sifter) move(level int) {
	near, far := 0, len(s.levels)-1
	if level > far/2 {
		near, far = far, near
	}
	best, place := s.size, level
	for _, end := range []int{near, far} {
		for at := place; at != end && s.work > 0 && s.size <= best+best*siftGrowth/100; {
			at = s.slide(at, at+cmp.Compare(end, at))
			level = at
			if s.size < best {
				best, place = s.size, at
			}
		}
		level = s.slide(level, place)
	}
}

// slide moves the variable at a level to another level.
func (s *sifter) slide(from, to int) int {
	for ; from < to; from++ {
		s.swap(from)
	}
	for ; from > to; from-- {
		s.swap(from - 1)
	}
	return from
}

// swap exchanges a level with the one below. A node of the upper one that reads the
// lower one keeps its place in memory, and so its readers, but decides by the other
// variable, by nodes that are made or found below.
func (s *sifter) swap(level int) {
	x, y := s.levels[level], s.levels[level+1]
	s.work -= len(x) + len(y) + swapWork
	s.size -= len(x) + len(y)
	below := int32(level + 1)
	kept := s.spare[:0]
	s.later = s.later[:0]
	s.clear(len(x) + len(x))
	lower := x[:0]
	for _, i := range x {
		n := &s.nodes[i]
		if s.nodes[n.hi>>1].level != below && s.nodes[n.lo>>1].level != below {
			n.level = below
			lower = append(lower, i)
			s.put(i)
		} else {
			s.later = append(s.later, i)
		}
	}
	for _, i := range s.later {
		n := s.nodes[i]
		hi1, lo1 := s.split(n.hi, below)
		hi0, lo0 := s.split(n.lo, below)
		hi := s.node(below, hi1, hi0, &lower)
		lo := s.node(below, lo1, lo0, &lower)
		s.refs[hi>>1]++
		s.refs[lo>>1]++
		s.refs[n.hi>>1]--
		s.refs[n.lo>>1]--
		s.nodes[i] = bnode{int32(level), hi, lo}
		kept = append(kept, i)
	}
	for _, i := range y {
		n := &s.nodes[i]
		if s.refs[i] > 0 {
			n.level = int32(level)
			kept = append(kept, i)
			continue
		}
		s.refs[n.hi>>1]-- // read by a new node too
		s.refs[n.lo>>1]--
		s.free = append(s.free, i)
	}
	s.levels[level], s.levels[level+1], s.spare = kept, lower, y
	s.order[level], s.order[level+1] = s.order[level+1], s.order[level]
	s.size += len(kept) + len(lower)
}

func (s *sifter) split(f ref, level int32) (hi, lo ref) {
	n := &s.nodes[f>>1]
	if n.level != level {
		return f, f
	}
	return n.hi ^ f&1, n.lo ^ f&1
}

// clear empties the table, with room for n nodes.
func (s *sifter) clear(n int) {
	size := 16
	for size < 2*n {
		size *= 2
	}
	s.table = emptied(s.table, size)
}

func (s *sifter) put(i uint32) {
	mask := uint32(len(s.table) - 1)
	h := hash(0, uint32(s.nodes[i].hi), uint32(s.nodes[i].lo)) & mask
	for s.table[h] != 0 {
		h = (h + 1) & mask
	}
	s.table[h] = i
}

// node finds or makes a node of the lower level.
func (s *sifter) node(level int32, hi, lo ref, list *[]uint32) ref {
	if hi == lo {
		return hi
	}
	c := hi & 1
	hi, lo = hi^c, lo^c
	mask := uint32(len(s.table) - 1)
	h := hash(0, uint32(hi), uint32(lo)) & mask
	for ; s.table[h] != 0; h = (h + 1) & mask {
		if n := &s.nodes[s.table[h]]; n.hi == hi && n.lo == lo {
			return ref(s.table[h])<<1 | c
		}
	}
	i := s.take()
	s.nodes[i] = bnode{level, hi, lo}
	s.refs[hi>>1]++
	s.refs[lo>>1]++
	s.table[h] = i
	*list = append(*list, i)
	return ref(i)<<1 | c
}

func (s *sifter) take() uint32 {
	if last := len(s.free) - 1; last >= 0 {
		i := s.free[last]
		s.free = s.free[:last]
		s.refs[i] = 0
		return i
	}
	s.nodes = append(s.nodes, bnode{})
	s.refs = append(s.refs, 0)
	return uint32(len(s.nodes) - 1)
}

// rebuild gives the nodes new numbers, so that nodes follow what they read again.
func (s *sifter) rebuild(b *bdd, roots []ref) {
	number := make([]uint32, len(s.nodes))
	nodes := append(make([]bnode, 0, s.size+1), s.nodes[0])
	for k := len(s.levels) - 1; k >= 0; k-- {
		for _, i := range s.levels[k] {
			n := s.nodes[i]
			number[i] = uint32(len(nodes))
			nodes = append(nodes, bnode{n.level, ref(number[n.hi>>1])<<1 | n.hi&1, ref(number[n.lo>>1])<<1 | n.lo&1})
		}
	}
	for k, f := range roots {
		roots[k] = ref(number[f>>1])<<1 | f&1
	}
	b.nodes = nodes
	b.rehash()
}
