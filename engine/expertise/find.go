package expertise

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// How far a search goes.
const (
	visited = 500_000 // postings at most, of the heaviest words of what is looked for
	worth   = 0.25    // of the sum that the last of the best would have by words: whoever has so much is compared in field
	atLeast = 10      // rows so compared for each that is looked for
	atMost  = 10_000  // rows so compared, but for what atLeast calls for
	block   = 50      // rows are scored at once, the likeliest first
	spare   = 0.02    // of the best that a search gives, so many may be missing, as far as can be foretold
	doubt   = 1.6     // by which the tail of what rows bring beyond their promise is taken to be wider than what was seen
	few     = 2000    // rows of which all are scored
	peaked  = 0.6     // of an estimate that takes the works with most of a word; the rest takes the mean of all works
)

// Finder finds the best people of a text, and the best texts of a person,
// without scoring all. For each person and word it holds an estimate of what the
// word adds to the likeness. Likenesses of works are summed by falling weights, from the likest: the
// same sum over the works with most of the word is never less than what the
// word adds, the mean over all works is rarely more, and the estimate lies between. Whoever has
// the greatest sums of estimates is scored exactly.
type Finder struct {
	x      *Index
	people postings
	texts  postings
	mean   []float32 // of each person's works, their place in the field, times what so many works count
	hubs   []float32 // by text
}

// entry is what a word adds: a part of the cosine.
type entry struct {
	term uint32
	adds float32
}

// Finder prepares the search. It holds five bytes for each different word of each
// person and each text.
func (x *Index) Finder(ctx context.Context) (*Finder, error) {
	f := &Finder{x: x, mean: make([]float32, len(x.people)*x.field.size), hubs: make([]float32, len(x.texts))}
	var err error
	f.people, err = post(ctx, len(x.idf), len(x.people), func() func(int) []entry {
		var room []entry
		return func(i int) []entry {
			x.meanPlace(f.place(i), &x.people[i])
			room = x.estimates(&x.people[i], room[:0])
			return room
		}
	})
	if err != nil {
		return nil, err
	}
	f.texts, err = post(ctx, len(x.idf), len(x.texts), func() func(int) []entry {
		s := x.Scorer()
		var room []entry
		return func(i int) []entry {
			s.take(&x.texts[i].bag)
			f.hubs[i] = float32(s.hub)
			room = x.parts(&x.texts[i].bag, room[:0])
			return room
		}
	})
	return f, err
}

// parts are the entries of a text's unit vector.
func (x *Index) parts(b *bag, into []entry) []entry {
	for i, t := range b.terms {
		into = append(into, entry{t, b.scale * frequency[b.counts[i]] * x.idf[t]})
	}
	return into
}

// estimates are what each word adds to the likeness to a person, about.
func (x *Index) estimates(p *person, into []entry) []entry {
	for i := range p.works {
		into = x.parts(&p.works[i], into)
	}
	sortEntries(into)
	out := into[:0]
	even := (1 - peaked) * p.full() / float32(len(p.works))
	var counts float32
	for i, e := range into {
		if i == 0 || e.term != out[len(out)-1].term {
			counts = peaked * (1 - decline)
			out = append(out, entry{term: e.term})
		}
		out[len(out)-1].adds += (counts + even) * e.adds
		counts *= decline
	}
	return out
}

// sortEntries orders by term, and those of a term by what they add, the most first.
func sortEntries(list []entry) {
	keys := make([]uint64, len(list))
	for i, e := range list {
		keys[i] = uint64(e.term)<<32 | uint64(^math.Float32bits(e.adds)) // of numbers that are not below 0 the bits rise too
	}
	slices.Sort(keys)
	for i, k := range keys {
		list[i] = entry{uint32(k >> 32), math.Float32frombits(^uint32(k))}
	}
}

// full is what a person's works count together, less than 1.
func (p *person) full() float32 {
	return float32(1 - math.Pow(decline, float64(len(p.works))))
}

// place is where the works of a person lie, all together.
func (f *Finder) place(person int) []float32 {
	size := f.x.field.size
	return f.mean[person*size:][:size]
}

func (x *Index) meanPlace(out []float32, p *person) {
	part := p.full() / float32(len(p.works))
	for i := range p.works {
		for k, v := range p.works[i].field {
			out[k] += part * v
		}
	}
}

// postings are the entries of rows by term.
type postings struct {
	start []int64
	row   []uint32
	adds  []uint8 // square root of 255² × the part, rounded up
}

// part is what a byte stands for.
var part = func() (out [256]float32) {
	for i := range out {
		out[i] = float32(i*i) / (255 * 255)
	}
	return out
}()

func byteOf(adds float32) uint8 {
	return uint8(min(math.Ceil(255*math.Sqrt(float64(adds))), 255))
}

// post makes postings of rows, whose entries the function that start makes tells, each term once.
func post(ctx context.Context, terms, rows int, start func() func(int) []entry) (postings, error) {
	type packed struct {
		terms []uint32
		adds  []uint8
	}
	lists := make([]packed, rows)
	err := each(ctx, rows, func() func(int) {
		of := start()
		return func(i int) {
			list := of(i)
			p := packed{make([]uint32, len(list)), make([]uint8, len(list))}
			for k, e := range list {
				p.terms[k], p.adds[k] = e.term, byteOf(e.adds)
			}
			lists[i] = p
		}
	})
	p := postings{start: make([]int64, terms+1)}
	if err != nil {
		return p, err
	}
	for _, l := range lists {
		for _, t := range l.terms {
			p.start[t+1]++
		}
	}
	for t := range terms {
		p.start[t+1] += p.start[t]
	}
	p.row, p.adds = make([]uint32, p.start[terms]), make([]uint8, p.start[terms])
	next := slices.Clone(p.start[:terms])
	for i, l := range lists {
		for k, t := range l.terms {
			p.row[next[t]], p.adds[next[t]] = uint32(i), l.adds[k]
			next[t]++
		}
		lists[i] = packed{}
	}
	return p, nil
}

// gather adds to sums, by row, what the entries of a query add, the heaviest
// first, until so many postings are visited as a search may.
func (p *postings) gather(query []entry, sums []float32) {
	slices.SortFunc(query, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.adds, a.adds), cmp.Compare(b.term, a.term)) // of equals the rarer term
	})
	left := int64(visited)
	for _, q := range query {
		from, to := p.start[q.term], p.start[q.term+1]
		if left -= to - from; left < 0 {
			return
		}
		adds := p.adds[from:to]
		for i, r := range p.row[from:to] {
			sums[r] += q.adds * part[adds[i]]
		}
	}
}

// ranked is a row and what it promises.
type ranked struct {
	row   int
	value float64
}

func byValue(a, b ranked) int {
	if a.value != b.value {
		return cmp.Compare(b.value, a.value)
	}
	return cmp.Compare(a.row, b.row)
}

// worthwhile gives the rows in which the k best will be found: all whose sum is a worthwhile part of the k-th greatest. Where a few
// stand out by their words these are hundreds, where all have about the same thousands. Sums are told apart by
// thousandths of the greatest; rows without a sum are not among them. O(rows).
func worthwhile(sums []float32, k int) []ranked {
	const steps = 1000
	greatest := slices.Max(sums)
	if greatest == 0 {
		return nil
	}
	var counts [steps + 1]int
	scale := steps / greatest
	for _, v := range sums {
		counts[int(v*scale)]++
	}
	at, above := steps, counts[steps]
	for at > 1 && above < k {
		at--
		above += counts[at]
	}
	floor := int(worth * float64(at))
	for at > 1 && (above < atLeast*k || at > floor && above+counts[at-1] <= atMost) {
		at--
		above += counts[at]
	}
	out := make([]ranked, 0, above)
	for i, v := range sums {
		if v > 0 && int(v*scale) >= at {
			out = append(out, ranked{i, float64(v)})
		}
	}
	return out
}

// best scores rows in the order of what they promise, block by block, and gives the k best. It ends where
// the rows that are left would bring less than a spare part of k, by what the last ones brought beyond their promise:
// where a few stand out that is soon, where the best differ by little it is late.
func best(list []ranked, k, block int, exact func(row int) float64) []ranked {
	slices.SortFunc(list, byValue)
	var top []ranked
	var kept fit
	for len(list) > 0 {
		next := list[:min(len(list), max(block, k))]
		list = list[len(next):]
		kept.fade()
		for i, r := range next {
			next[i].value = exact(r.row)
			kept.add(r.value, next[i].value)
		}
		top = append(top, next...)
		slices.SortFunc(top, byValue)
		top = top[:min(len(top), k)]
		if len(top) == k && !kept.expects(spare*float64(k), list, top[k-1].value) {
			break
		}
	}
	return top
}

// fit is the straight line of what rows brought over what they promised (least squares), in which the rows of each
// block count half of those of the next: what is to come is most like what came last.
type fit struct{ n, x, y, xx, xy, yy float64 }

func (f *fit) fade() {
	f.n, f.x, f.y, f.xx, f.xy, f.yy = f.n/2, f.x/2, f.y/2, f.xx/2, f.xy/2, f.yy/2
}

func (f *fit) add(promised, brought float64) {
	f.n, f.x, f.y = f.n+1, f.x+promised, f.y+brought
	f.xx, f.xy, f.yy = f.xx+promised*promised, f.xy+promised*brought, f.yy+brought*brought
}

// expects tells whether at least so many of the rows, of which the first promise most, will bring more than a value, if what they
// bring beyond the line is normally distributed, and wider than it was so far: a few works that are very near make its upper tail heavy.
func (f *fit) expects(least float64, rows []ranked, value float64) bool {
	x, y := f.x/f.n, f.y/f.n
	slope := 0.0
	if v := f.xx/f.n - x*x; v > 1e-12 {
		slope = (f.xy/f.n - x*y) / v
	}
	spread := doubt * math.Sqrt(max(f.yy/f.n-y*y-slope*(f.xy/f.n-x*y), 1e-12))
	const never = 5 // of these
	sum := 0.0
	for _, r := range rows {
		z := (value - y - slope*(r.value-x)) / spread
		if z >= never && slope >= 0 {
			return false // nor will those after it
		}
		if sum += math.Erfc(z/math.Sqrt2) / 2; sum >= least {
			return true
		}
	}
	return false
}

// Search looks for the best, one text or person at a time: it is for one goroutine.
type Search struct {
	*Scorer
	f             *Finder
	people, texts []float32 // sums of estimates
	query         []entry
}

// Search makes a search, which holds four bytes for each different word, person and text.
func (f *Finder) Search() *Search {
	return &Search{f.x.Scorer(), f, make([]float32, len(f.x.people)), make([]float32, len(f.x.texts)), nil}
}

// Best gives the k people with the highest scores for a text, as [Scorer.Best]
// does, but for a few that it may miss.
func (s *Search) Best(text, k int) []Match {
	if len(s.people) <= few {
		return s.Scorer.Best(text, k)
	}
	b := &s.x.texts[text].bag
	s.query = s.x.parts(b, s.query[:0])
	clear(s.people)
	s.f.people.gather(s.query, s.people)
	list := worthwhile(s.people, k)
	if len(list) < k {
		return s.Scorer.Best(text, k)
	}
	for i, r := range list {
		list[i].value = s.x.wording*r.value + near(b.field, s.f.place(r.row))
	}
	s.take(b)
	list = best(list, k, block, func(person int) float64 { return s.sum(&s.x.people[person]) })
	out := make([]Match, len(list))
	for i, r := range list {
		out[i] = Match{text, r.row, score(r.value)}
	}
	return out
}

// BestTexts gives the k texts with the highest scores for a person, the best
// first, but for a few that it may miss. Among many texts those that share no word with the
// person's works are passed over.
func (s *Search) BestTexts(person, k int) []Match {
	p := &s.x.people[person]
	list, block := s.likelyTexts(person, k), block
	if len(s.texts) <= few {
		block = few
	}
	list = best(list, k, block, func(text int) float64 {
		s.take(&s.x.texts[text].bag)
		return s.sum(p)
	})
	out := make([]Match, len(list))
	for i, r := range list {
		out[i] = Match{r.row, person, score(r.value)}
	}
	return out
}

// likelyTexts are texts in which the k best for a person will be found.
func (s *Search) likelyTexts(person, k int) []ranked {
	if len(s.texts) <= few {
		list := make([]ranked, len(s.texts))
		for i := range list {
			list[i].row = i
		}
		return list
	}
	p := &s.x.people[person]
	s.query = s.x.estimates(p, s.query[:0])
	clear(s.texts)
	s.f.texts.gather(s.query, s.texts)
	list := worthwhile(s.texts, k)
	for i, r := range list {
		field := near(s.f.place(person), s.x.texts[r.row].field)
		list[i].value = s.x.wording*r.value + field - float64(p.full()*s.f.hubs[r.row])
	}
	return list
}
