package cutset

import (
	"context"
	"math/bits"
)

// A zref is a family of sets: 0 none, 1 the empty set alone, else a node.
type zref = uint32

// znode is the sets of lo, and those of hi each with the variable added.
type znode struct {
	level  int32
	hi, lo zref
}

// A zdd holds families of sets as zero-suppressed diagrams (Minato, DAC 1993).
type zdd struct {
	nodes []znode
	table []uint32
	cache []cached
	limit int
	steps int // that may still be taken
	full  bool
	ctx   context.Context
}

// newZDD is an empty one whose tables begin for so many nodes.
func newZDD(ctx context.Context, expected, limit int) *zdd {
	end := znode{level: constantLevel}
	size := 1 << bits.Len(uint(expected))
	return &zdd{
		nodes: append(make([]znode, 0, expected+2), end, end),
		table: make([]uint32, min(firstTable, 2*size)), cache: make([]cached, min(firstCache, size)), limit: limit, steps: stepsPerNode * limit, ctx: ctx,
	}
}

func (z *zdd) node(level int32, hi, lo zref) zref {
	if hi == 0 {
		return lo
	}
	mask := uint32(len(z.table) - 1)
	h := hash(uint32(level), hi, lo) & mask
	for z.table[h] != 0 {
		if n := &z.nodes[z.table[h]]; n.hi == hi && n.lo == lo && n.level == level {
			return z.table[h]
		}
		h = (h + 1) & mask
	}
	if len(z.nodes) >= z.limit {
		z.full = true
		return 0
	}
	i := uint32(len(z.nodes))
	z.nodes = append(z.nodes, znode{level, hi, lo})
	z.table[h] = i
	if len(z.nodes)*2 > len(z.table) {
		z.grow()
	}
	return i
}

func (z *zdd) grow() {
	z.table = make([]uint32, 2*len(z.table))
	mask := uint32(len(z.table) - 1)
	for i := 2; i < len(z.nodes); i++ {
		n := &z.nodes[i]
		h := hash(uint32(n.level), n.hi, n.lo) & mask
		for z.table[h] != 0 {
			h = (h + 1) & mask
		}
		z.table[h] = uint32(i)
	}
	if len(z.cache) < maxCache {
		old := z.cache
		z.cache = make([]cached, 2*len(old))
		for _, c := range old {
			if c.op != 0 {
				*z.slot(c.op, uint32(c.f), uint32(c.g)) = c
			}
		}
	}
}

// spent takes a step, and tells whether there are none left.
func (z *zdd) spent() bool {
	z.steps--
	if z.steps < 0 || z.steps%checkEvery == 0 && z.ctx.Err() != nil {
		z.full = true
	}
	return z.full
}

func (z *zdd) slot(op uint32, f, g zref) *cached {
	return &z.cache[hash(op, f, g)&uint32(len(z.cache)-1)]
}

// without is f less the sets that hold a set of g (Rauzy: "New algorithms for fault
// trees analysis", Reliability Engineering and System Safety 40, 1993, section 4).
func (z *zdd) without(f, g zref) zref {
	switch {
	case f == 0 || g == 1 || f == g:
		return 0
	case g == 0 || f == 1:
		return f
	}
	F, G := z.nodes[f], z.nodes[g]
	for G.level < F.level { // no set of f has that variable
		if g = G.lo; g <= 1 {
			return z.without(f, g)
		}
		G = z.nodes[g]
	}
	if f == g {
		return 0
	}
	if c := z.slot(opWithout, f, g); c.op == opWithout && uint32(c.f) == f && uint32(c.g) == g {
		return uint32(c.result)
	}
	if z.spent() {
		return 0
	}
	var hi, lo zref
	if F.level < G.level {
		hi, lo = z.without(F.hi, g), z.without(F.lo, g)
	} else {
		hi, lo = z.without(z.without(F.hi, G.lo), G.hi), z.without(F.lo, G.lo)
	}
	r := z.node(F.level, hi, lo)
	*z.slot(opWithout, f, g) = cached{ref(f), ref(g), opWithout, ref(r)}
	return r
}

// minimal is the family of the minimal sets of variables whose truth alone makes a
// function true. For a monotone function these are its minimal solutions (Rauzy, 1993);
// for any other those of the smallest monotone function above it, as the minimal true
// points of both are the same.
type minimal struct {
	bdd      *bdd
	zdd      *zdd
	monotone bool
	known    []zref // by ref, plus one
}

// minimal makes the family of f; monotone promises that f is.
func (b *bdd) minimal(f ref, monotone bool, limit int) (*zdd, zref) {
	m := &minimal{b, newZDD(b.ctx, len(b.nodes), limit), monotone, make([]zref, 2*(f>>1)+2)}
	return m.zdd, m.of(f)
}

func (m *minimal) of(f ref) zref {
	switch f {
	case refTrue:
		return 1
	case refFalse:
		return 0
	}
	if k := m.known[f]; k != 0 {
		return k - 1
	}
	if m.zdd.spent() {
		return 0
	}
	level := m.bdd.level(f)
	f1, f0 := m.bdd.split(f, level)
	lo, hi := m.of(f0), m.of(f1)
	if m.monotone {
		hi = m.reject(hi, f0)
	} else {
		hi = m.zdd.without(hi, lo)
	}
	r := m.zdd.node(level, hi, lo)
	m.known[f] = r + 1
	return r
}

// reject is the sets of s that do not make f true. For a monotone f that is
// without(s, minimal sets of f), at less cost: there is one way down for each of hi and lo.
func (m *minimal) reject(s zref, f ref) zref {
	z := m.zdd
	for {
		switch {
		case s == 0 || f == refTrue:
			return 0
		case f == refFalse:
			return s
		}
		if m.bdd.level(f) >= z.nodes[s].level {
			break
		}
		_, f = m.bdd.split(f, m.bdd.level(f)) // no set of s has that variable
	}
	if c := z.slot(opReject, s, uint32(f)); c.op == opReject && uint32(c.f) == s && uint32(c.g) == uint32(f) {
		return uint32(c.result)
	}
	if z.spent() {
		return 0
	}
	n := z.nodes[s]
	f1, f0 := m.bdd.split(f, n.level)
	hi, lo := m.reject(n.hi, f1), m.reject(n.lo, f0)
	r := z.node(n.level, hi, lo)
	*z.slot(opReject, s, uint32(f)) = cached{ref(s), f, opReject, ref(r)}
	return r
}
