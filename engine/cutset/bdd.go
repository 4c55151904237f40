package cutset

import (
	"context"
	"math/bits"
)

// A ref is a function in a bdd: twice its node, plus one for the complement.
type ref uint32

// The constants.
const (
	refTrue  ref = 0
	refFalse ref = 1
)

// bnode decides by a variable: hi when it is true, lo when not. hi is never
// complemented, which makes functions unique (Brace, Rudell, Bryant: "Efficient
// implementation of a BDD package", DAC 1990).
type bnode struct {
	level  int32
	hi, lo ref
}

// A bdd holds reduced ordered binary decision diagrams over variables by level, 0 at
// the top. When it has more nodes than its limit, full is set and every further result
// is meaningless.
type bdd struct {
	nodes []bnode
	table []uint32 // of nodes, open addressing; 0 is empty
	cache []cached
	limit int
	steps int // that may still be taken
	full  bool
	ctx   context.Context // ended, the diagram is full
}

type cached struct {
	f, g   ref
	op     uint32 // 0 is empty
	result ref
}

const (
	opConjoin uint32 = iota + 1
	opDiffer
	opWithout
	opReject
	opUnion
	opProduct
	opLimit = opProduct + 1<<16 // each plus an order
)

// stepsPerNode bounds the steps of operations for each node of the limit: the cache
// forgets, and what it forgot is computed again. checkEvery is the number of steps after
// which it is looked whether to go on.
const (
	stepsPerNode = 64
	checkEvery   = 1 << 14
)

// constantLevel is below all variables.
const constantLevel = 1 << 30

// firstTable and firstCache are sizes at the start, at most.
const (
	firstTable = 1 << 16
	firstCache = 1 << 16
)

// reset empties b. Its tables begin as large as the limit may need, so that they
// seldom grow.
func (b *bdd) reset(ctx context.Context, limit int) {
	size := 1 << bits.Len(uint(limit))
	b.nodes = append(b.nodes[:0], bnode{level: constantLevel})
	b.table = emptied(b.table, min(firstTable, 2*size))
	b.cache = emptied(b.cache, min(firstCache, size))
	b.full, b.ctx = false, ctx
	b.allow(limit)
}

// emptied is a slice of n zeros, in the same memory where there is enough of it.
func emptied[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

func (b *bdd) level(f ref) int32 { return b.nodes[f>>1].level }

// split is f for the variable of a level true and false.
func (b *bdd) split(f ref, level int32) (hi, lo ref) {
	n := &b.nodes[f>>1]
	if n.level != level {
		return f, f
	}
	return n.hi ^ f&1, n.lo ^ f&1
}

func hash(a, b, c uint32) uint32 {
	h := uint64(a)*0x9E3779B97F4A7C15 ^ uint64(b)*0xC2B2AE3D27D4EB4F ^ uint64(c)*0x165667B19E3779F9
	return uint32((h * 0xD6E8FEB86659FD93) >> 32)
}

// node is the function that is hi when the variable is true, else lo.
func (b *bdd) node(level int32, hi, lo ref) ref {
	if hi == lo {
		return hi
	}
	c := hi & 1
	hi, lo = hi^c, lo^c
	mask := uint32(len(b.table) - 1)
	h := hash(uint32(level), uint32(hi), uint32(lo)) & mask
	for b.table[h] != 0 {
		if n := &b.nodes[b.table[h]]; n.hi == hi && n.lo == lo && n.level == level {
			return ref(b.table[h])<<1 | c
		}
		h = (h + 1) & mask
	}
	if len(b.nodes) >= b.limit {
		b.full = true
		return refTrue
	}
	i := uint32(len(b.nodes))
	b.nodes = append(b.nodes, bnode{level, hi, lo})
	b.table[h] = i
	if len(b.nodes)*2 > len(b.table) {
		b.grow()
	}
	return ref(i)<<1 | c
}

// maxCache bounds the entries of the computed cache.
const maxCache = 1 << 22

// rehash puts all nodes in the table and forgets what was computed.
func (b *bdd) rehash() {
	for len(b.table) < 2*len(b.nodes) {
		b.table = make([]uint32, 2*len(b.table))
	}
	clear(b.table)
	b.fill()
	clear(b.cache)
}

func (b *bdd) fill() {
	mask := uint32(len(b.table) - 1)
	for i := 1; i < len(b.nodes); i++ {
		n := &b.nodes[i]
		h := hash(uint32(n.level), uint32(n.hi), uint32(n.lo)) & mask
		for b.table[h] != 0 {
			h = (h + 1) & mask
		}
		b.table[h] = uint32(i)
	}
}

func (b *bdd) grow() {
	b.table = make([]uint32, 2*len(b.table))
	b.fill()
	if len(b.cache) < maxCache {
		old := b.cache
		b.cache = make([]cached, 2*len(old))
		for _, c := range old {
			if c.op != 0 {
				*b.slot(c.op, c.f, c.g) = c
			}
		}
	}
}

func (b *bdd) slot(op uint32, f, g ref) *cached {
	return &b.cache[hash(op, uint32(f), uint32(g))&uint32(len(b.cache)-1)]
}

func (b *bdd) keep(op uint32, f, g, result ref) ref {
	*b.slot(op, f, g) = cached{f, g, op, result}
	return result
}

// spent takes a step, and tells whether there are none left.
func (b *bdd) spent() bool {
	b.steps--
	if b.steps < 0 || b.steps%checkEvery == 0 && b.ctx.Err() != nil {
		b.full = true
	}
	return b.full
}

// allow sets the nodes that there may be, and the steps that go with them.
func (b *bdd) allow(limit int) { b.limit, b.steps = limit, stepsPerNode*limit }

// and is the conjunction.
func (b *bdd) and(f, g ref) ref {
	switch {
	case f == g || g == refTrue:
		return f
	case f == refTrue:
		return g
	case f == refFalse || g == refFalse || f == g^1:
		return refFalse
	}
	if f > g {
		f, g = g, f
	}
	if c := b.slot(opConjoin, f, g); c.op == opConjoin && c.f == f && c.g == g {
		return c.result
	}
	if b.spent() {
		return refTrue
	}
	level := min(b.level(f), b.level(g))
	f1, f0 := b.split(f, level)
	g1, g0 := b.split(g, level)
	hi := b.and(f1, g1)
	lo := b.and(f0, g0)
	return b.keep(opConjoin, f, g, b.node(level, hi, lo))
}

func (b *bdd) or(f, g ref) ref { return b.and(f^1, g^1) ^ 1 }

// xor is true where f and g differ.
func (b *bdd) xor(f, g ref) ref {
	c := f&1 ^ g&1
	f, g = f&^1, g&^1
	switch {
	case f == g:
		return refFalse ^ c
	case f == refTrue:
		return g ^ 1 ^ c
	case g == refTrue:
		return f ^ 1 ^ c
	}
	if f > g {
		f, g = g, f
	}
	if s := b.slot(opDiffer, f, g); s.op == opDiffer && s.f == f && s.g == g {
		return s.result ^ c
	}
	if b.spent() {
		return refTrue
	}
	level := min(b.level(f), b.level(g))
	f1, f0 := b.split(f, level)
	g1, g0 := b.split(g, level)
	hi := b.xor(f1, g1)
	lo := b.xor(f0, g0)
	return b.keep(opDiffer, f, g, b.node(level, hi, lo)) ^ c
}
