package cutset

import (
	"math"
	"math/big"
	"math/bits"
)

// A tally is a number of sets for each order from low on, each number of width words,
// the least significant first.
type tally struct {
	low, width int
	words      []uint64
}

func (t tally) orders() []*big.Int {
	list := make([]*big.Int, 0, t.low+t.len())
	for range t.low {
		list = append(list, new(big.Int))
	}
	for k := range t.len() {
		list = append(list, number(t.at(k)))
	}
	return list
}

func (t tally) len() int { return len(t.words) / t.width }

// at is the number of sets of order low + k.
func (t tally) at(k int) []uint64 { return t.words[k*t.width : (k+1)*t.width] }

// high is the order after the last one.
func (t tally) high() int { return t.low + t.len() }

// number is the value of words.
func number(words []uint64) *big.Int {
	n := new(big.Int)
	for i := len(words) - 1; i >= 0; i-- {
		n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(words[i]))
	}
	return n
}

// addTo adds x to sum, of the same width.
func addTo(sum, x []uint64) {
	var carry uint64
	for i := range sum {
		sum[i], carry = bits.Add64(sum[i], x[i], carry)
	}
}

// addProduct adds x·y to sum, whose width is enough for it.
func addProduct(sum, x, y []uint64) {
	for i, a := range x {
		if a == 0 {
			continue
		}
		var carry uint64
		for j := 0; i+j < len(sum); j++ {
			var b uint64
			if j < len(y) {
				b = y[j]
			}
			hi, lo := bits.Mul64(a, b)
			var c uint64
			lo, c = bits.Add64(lo, carry, 0)
			hi += c
			sum[i+j], c = bits.Add64(sum[i+j], lo, 0)
			carry = hi + c
		}
	}
}

// addTally adds t, or t times by, to sum, which has room for it.
func (sum tally) add(t tally, by *tally) {
	for k := range t.len() {
		if by == nil {
			addTo(sum.at(t.low+k-sum.low), t.at(k))
			continue
		}
		for j := range by.len() {
			addProduct(sum.at(t.low+k+by.low+j-sum.low), t.at(k), by.at(j))
		}
	}
}

// tally counts the sets of a part by order, given the tallies of smaller parts.
func (p *part) tally(smaller []tally) tally {
	leaf := make([]tally, len(p.order))
	for k, l := range p.order {
		leaf[k] = tally{low: 1, width: 1, words: []uint64{1}}
		if m, ok := asModule(l); ok {
			leaf[k] = smaller[m]
		}
	}
	readers := p.zdd.readers(p.sets)
	width := p.width(leaf, readers)
	made := make([]tally, p.sets+1)
	spare := map[int][][]uint64{} // by length
	take := func(n int) []uint64 {
		if l := spare[n]; len(l) > 0 {
			spare[n] = l[:len(l)-1]
			clear(l[len(l)-1])
			return l[len(l)-1]
		}
		return make([]uint64, n)
	}
	release := func(i zref) {
		if readers[i]--; readers[i] == 0 && i > 1 {
			spare[len(made[i].words)] = append(spare[len(made[i].words)], made[i].words)
			made[i].words = nil
		}
	}
	made[0] = tally{width: width}
	if p.sets > 0 {
		made[1] = tally{width: width, words: make([]uint64, width)}
		made[1].words[0] = 1
	}
	for i := zref(2); i <= p.sets; i++ {
		if readers[i] == 0 {
			continue
		}
		n := p.zdd.nodes[i]
		lo, hi, by := made[n.lo], made[n.hi], &leaf[n.level]
		low, high := hi.low+by.low, hi.high()+by.high()-1
		if n.lo != 0 {
			low, high = min(low, lo.low), max(high, lo.high())
		}
		t := tally{low: low, width: width, words: take((high - low) * width)}
		t.add(lo, nil)
		if by.len() == 1 && by.width == 1 && by.words[0] == 1 {
			hi.low += by.low
			t.add(hi, nil)
		} else {
			t.add(hi, by)
		}
		made[i] = t
		release(n.lo)
		release(n.hi)
	}
	return made[p.sets]
}

// readers counts for each node up to root how many nodes of the family read it, and one for the root.
func (z *zdd) readers(root zref) []int32 {
	n := make([]int32, root+1)
	n[root]++
	for i := root; i > 1; i-- {
		if n[i] > 0 {
			n[z.nodes[i].hi]++
			n[z.nodes[i].lo]++
		}
	}
	return n
}

// width is how many words every number of sets in the part fits in.
func (p *part) width(leaf []tally, readers []int32) int {
	logs := make([]float64, len(leaf))
	for k, t := range leaf {
		total := make([]uint64, t.width+1)
		for i := range t.len() {
			addTo(total[:t.width], t.at(i))
		}
		logs[k] = log2(number(total))
	}
	log := p.zdd.logs(readers, logs)
	return 1 + int(max(0, log)+2)/64
}

// log2 is the logarithm to base 2, -Inf of zero.
func log2(n *big.Int) float64 {
	shift := max(0, n.BitLen()-53)
	x, _ := new(big.Float).SetInt(new(big.Int).Rsh(n, uint(shift))).Float64()
	return math.Log2(x) + float64(shift)
}

// logs is the logarithm to base 2 of the number of sets of the last of the nodes that
// are read, when a variable of a level stands for that many sets.
func (z *zdd) logs(readers []int32, level []float64) float64 {
	sum := make([]float64, max(2, len(readers)))
	sum[0] = math.Inf(-1)
	for i := 2; i < len(readers); i++ {
		if readers[i] == 0 {
			continue
		}
		n := z.nodes[i]
		hi, lo := sum[n.hi]+level[n.level], sum[n.lo]
		most, least := max(hi, lo), min(hi, lo)
		sum[i] = most + math.Log1p(math.Exp2(least-most))/math.Ln2
	}
	return sum[len(readers)-1]
}
