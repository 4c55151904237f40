package expertise

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Options settle how an index weighs. The zero value is the usual way.
type Options struct {
	HalfLife float64 // years in which a work comes to count half, from the newest work of all; 0: age does not matter
}

// Index is a weighed corpus. It may be used by several goroutines at once.
type Index struct {
	fullText bool
	people   []person
	texts    []text
	stems    []string  // by term, the commonest first
	idf      []float32 // by term
	field    *field
	wording  float64   // what the cosine of two vectors of words counts
	mean     vector    // of all works
	decay    []float32 // by age in years; nil where age does not matter
	newest   int16
}

// vector is a text as far as likeness goes: likeness of two is one sum over
// words and one over the dimensions of the field.
type vector struct {
	words []float32 // by term
	field []float32
}

// Index weighs the corpus, which must not be used afterwards.
func (c *Corpus) Index(ctx context.Context, o Options) (*Index, error) {
	x := &Index{fullText: c.fullText, people: c.people, texts: c.texts}
	works := x.works()
	all := slices.Clone(works)
	for i := range x.texts {
		all = append(all, &x.texts[i].bag)
	}
	once, err := distinct(ctx, all)
	if err != nil {
		return nil, err
	}
	if err := x.number(ctx, c.stems, all, once); err != nil {
		return nil, err
	}
	x.field = x.learnField(once)
	x.balance(works)
	err = each(ctx, len(x.people), func() func(int) {
		return func(i int) { x.settle(x.people[i].works) }
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, len(x.texts), func() func(int) {
		return func(i int) { x.texts[i].field = x.field.place(nil, x, &x.texts[i].bag) }
	})
	if err != nil {
		return nil, err
	}
	x.mean = x.meanOf(works)
	x.age(works, o.HalfLife)
	return x, nil
}

func (x *Index) works() []*bag {
	var out []*bag
	for i := range x.people {
		for k := range x.people[i].works {
			out = append(out, &x.people[i].works[k])
		}
	}
	return out
}

// distinct leaves out repeated texts: a work that five people wrote together is
// no sign that its words are common.
func distinct(ctx context.Context, all []*bag) ([]*bag, error) {
	sums := make([]uint64, len(all))
	err := each(ctx, len(all), func() func(int) { return func(i int) { sums[i] = all[i].sum() } })
	if err != nil {
		return nil, err
	}
	seen := make(map[uint64]bool, len(all))
	out := make([]*bag, 0, len(all))
	for i, b := range all {
		if !seen[sums[i]] {
			seen[sums[i]] = true
			out = append(out, b)
		}
	}
	return out, nil
}

// sum tells bags of other words apart: FNV-1a (Fowler, Noll and Vo) over words with their counts in place of bytes, its
// high bits folded down each time, as a multiplication carries nothing to lower ones.
func (b *bag) sum() uint64 {
	h := uint64(14695981039346656037)
	for i, t := range b.terms {
		h = (h ^ (uint64(t)<<8 | uint64(b.counts[i]))) * 1099511628211
		h ^= h >> 29
	}
	return h
}

// number gives the terms their final numbers and weights: words of one text only
// and those of more than half of the texts go, as they cannot tell anything.
// once are the distinct texts among all.
func (x *Index) number(ctx context.Context, stems []string, all, once []*bag) error {
	df, total := count(once, len(stems)), count(all, len(stems))
	const seldom = 10 // texts among which half is no sign of a common word
	var kept []uint32
	for t, n := range df {
		if total[t] >= 2 && (int(n) <= len(once)/2 || n <= seldom) {
			kept = append(kept, uint32(t))
		}
	}
	// The order in which readers met the words is that of chance.
	slices.SortFunc(kept, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(df[b], df[a]), strings.Compare(stems[a], stems[b]))
	})
	number := make([]int32, len(stems))
	for i := range number {
		number[i] = -1
	}
	x.stems, x.idf = make([]string, len(kept)), make([]float32, len(kept))
	for i, t := range kept {
		number[t] = int32(i)
		x.stems[i] = stems[t]
		x.idf[i] = float32(math.Log(float64(len(once)+1) / float64(df[t])))
	}
	return each(ctx, len(all), func() func(int) {
		var packed []uint64
		return func(i int) {
			packed = all[i].renumber(number, packed)
			all[i].scale = x.scaleOf(all[i])
		}
	})
}

// count is in how many of the texts each of n terms stands.
func count(texts []*bag, n int) []int32 {
	out := make([]int32, n)
	for _, b := range texts {
		for _, t := range b.terms {
			out[t]++
		}
	}
	return out
}

// renumber gives the terms of a bag new numbers, in rising order, without those
// below 0. packed is room that may be used again.
func (b *bag) renumber(number []int32, packed []uint64) []uint64 {
	packed = packed[:0]
	for i, t := range b.terms {
		if number[t] >= 0 {
			packed = append(packed, uint64(number[t])<<8|uint64(b.counts[i]))
		}
	}
	slices.Sort(packed)
	b.terms, b.counts = b.terms[:len(packed)], b.counts[:len(packed)]
	for i, p := range packed {
		b.terms[i], b.counts[i] = uint32(p>>8), uint8(p)
	}
	return packed
}

// frequency is 1 + ln tf, by tf.
var frequency = func() (out [256]float32) {
	for i := 1; i < len(out); i++ {
		out[i] = float32(1 + math.Log(float64(i)))
	}
	return out
}()

func (x *Index) scaleOf(b *bag) float32 {
	sum := 0.0
	for i, t := range b.terms {
		w := float64(frequency[b.counts[i]] * x.idf[t])
		sum += w * w
	}
	if sum == 0 {
		return 0
	}
	return float32(1 / math.Sqrt(sum))
}

// settle places the works of one person in the field and puts what is read when they are scored side by side in memory.
func (x *Index) settle(works []bag) {
	words := 0
	for i := range works {
		words += len(works[i].terms)
	}
	terms, counts := make([]uint32, 0, words), make([]uint8, 0, words)
	fields := make([]float32, 0, len(works)*x.field.size)
	for i := range works {
		b := &works[i]
		from, at := len(terms), len(fields)
		terms, counts = append(terms, b.terms...), append(counts, b.counts...)
		fields = x.field.place(fields, x, b)
		b.terms, b.counts, b.field = terms[from:], counts[from:], fields[at:]
	}
}

func (x *Index) meanOf(works []*bag) vector {
	m := vector{make([]float32, len(x.idf)), make([]float32, x.field.size)}
	part := 1 / float32(max(len(works), 1))
	for _, b := range works {
		for i, t := range b.terms {
			m.words[t] += part * b.scale * frequency[b.counts[i]]
		}
		for i, v := range b.field {
			m.field[i] += part * v
		}
	}
	return m
}

func (x *Index) age(works []*bag, halfLife float64) {
	if halfLife <= 0 {
		return
	}
	for _, b := range works {
		x.newest = max(x.newest, b.year)
	}
	for years := range 200 {
		x.decay = append(x.decay, float32(math.Exp2(-float64(years)/halfLife)))
	}
}

// each calls do with every number under n on all processors, in no order. start
// makes the function for one goroutine.
func each(ctx context.Context, n int, start func() func(int)) error {
	const step = 64
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			do := start()
			for {
				from := int(next.Add(step)) - step
				if from >= n {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				for i := from; i < min(from+step, n); i++ {
					do(i)
				}
			}
		})
	}
	return g.Wait()
}
