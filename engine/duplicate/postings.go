package duplicate

import (
	"slices"
	"sort"
)

// postings say in which records a hash stands: sorted runs of hash << 32 | record,
// each at least twice as long as the next, and a tail that is not sorted yet.
type postings struct {
	runs [][]uint64
	tail []uint64
}

// tailMost is how long the tail gets before it is sorted: each look-up reads it.
const tailMost = 256

func (p *postings) add(hash, record uint32) {
	if p.tail = append(p.tail, uint64(hash)<<32|uint64(record)); len(p.tail) >= tailMost {
		p.settle()
	}
}

// settle sorts the tail into a run, and joins runs until each is twice the next.
func (p *postings) settle() {
	if len(p.tail) == 0 {
		return
	}
	slices.Sort(p.tail)
	p.runs = append(p.runs, slices.Compact(p.tail))
	p.tail = nil
	for n := len(p.runs); n > 1 && len(p.runs[n-2]) < 2*len(p.runs[n-1]); n = len(p.runs) {
		p.runs = append(p.runs[:n-2], merge(p.runs[n-2], p.runs[n-1]))
	}
}

func merge(a, b []uint64) []uint64 {
	out := make([]uint64, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] <= b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// of appends the records of a hash to dst; it stops after most of them.
func (p *postings) of(dst []uint32, hash uint32, most int) []uint32 {
	for _, run := range p.runs {
		i := sort.Search(len(run), func(i int) bool { return run[i] >= uint64(hash)<<32 })
		for ; i < len(run) && uint32(run[i]>>32) == hash && len(dst) < most; i++ {
			dst = append(dst, uint32(run[i]))
		}
	}
	for _, x := range p.tail {
		if uint32(x>>32) == hash && len(dst) < most {
			dst = append(dst, uint32(x))
		}
	}
	return dst
}
