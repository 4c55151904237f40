package expertise

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

const (
	fieldShare = 0.6 // of likeness that is likeness in field, by titles and abstracts
	fullShare  = 0.4 // the same with full texts, whose words say more by themselves
	hubShare   = 0.5 // of a text's mean likeness that is taken off
	decline    = 0.6 // what a work counts of what the one before counts
	nearest    = 12  // works that count: all others together would count 0.002
)

// Scorer scores the texts of an index, one at a time: it is for one goroutine.
type Scorer struct {
	x      *Index
	weight []float32 // by term: what 1 + ln tf of it in a work of length 1 adds to the cosine with the open text
	has    []uint64  // a bit for each term that has a weight: it stays in the processor's nearest memory
	open   *bag
	hub    float64
	likest [nearest]float64
}

// Scorer makes a scorer, which holds four bytes for each different word.
func (x *Index) Scorer() *Scorer {
	return &Scorer{x: x, weight: make([]float32, len(x.idf)), has: make([]uint64, len(x.idf)/64+1)}
}

// People is the number of people, Texts that of texts.
func (x *Index) People() int { return len(x.people) }
func (x *Index) Texts() int  { return len(x.texts) }

// Person and Text are the ids as they were given.
func (x *Index) Person(i int) string { return x.people[i].id }
func (x *Index) Text(i int) string   { return x.texts[i].id }

// Score appends to dst the score of a text with every person, in their order.
func (s *Scorer) Score(dst []float64, text int) []float64 {
	s.take(&s.x.texts[text].bag)
	for i := range s.x.people {
		dst = append(dst, score(s.sum(&s.x.people[i])))
	}
	return dst
}

// Match is a pair of a text and a person.
type Match struct {
	Text, Person int
	Score        float64
}

// Best gives the k people with the highest scores for a text, the best first;
// of equals the one who comes first.
func (s *Scorer) Best(text, k int) []Match {
	s.take(&s.x.texts[text].bag)
	list := make([]ranked, len(s.x.people))
	for i := range list {
		list[i] = ranked{i, s.sum(&s.x.people[i])}
	}
	slices.SortFunc(list, byValue)
	out := make([]Match, min(k, len(list)))
	for i, r := range list[:len(out)] {
		out[i] = Match{text, r.row, score(r.value)}
	}
	return out
}

// Terms names the stems of words that made most of the likeness in wording of a
// text and a person's works, the most telling first, at most n. It is empty where the
// score comes from the field alone.
func (s *Scorer) Terms(text, person, n int) []string {
	s.take(&s.x.texts[text].bag)
	works := slices.Clone(s.x.people[person].works)
	slices.SortStableFunc(works, func(a, b bag) int { return cmp.Compare(s.aged(&b), s.aged(&a)) })
	adds := map[uint32]float64{}
	counts := 1.0
	for _, b := range works[:min(len(works), nearest)] {
		for i, t := range b.terms {
			if v := s.weight[t] * frequency[b.counts[i]] * b.scale; v > 0 {
				adds[t] += counts * float64(v)
			}
		}
		counts *= decline
	}
	terms := make([]uint32, 0, len(adds))
	for t := range adds {
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b uint32) int { return cmp.Or(cmp.Compare(adds[b], adds[a]), cmp.Compare(a, b)) })
	out := make([]string, min(n, len(terms)))
	for i := range out {
		out[i] = s.x.stems[terms[i]]
	}
	return out
}

// take opens a text for scoring.
func (s *Scorer) take(b *bag) {
	if s.open == b {
		return
	}
	if s.open != nil {
		for _, t := range s.open.terms {
			s.weight[t], s.has[t/64] = 0, 0
		}
	}
	s.open, s.hub = b, 0
	for i, t := range b.terms {
		idf := s.x.idf[t]
		s.weight[t] = frequency[b.counts[i]] * b.scale * idf * idf
		s.has[t/64] |= 1 << (t % 64)
	}
	if m := s.x.mean; m.words != nil {
		like := 0.0
		for _, t := range b.terms {
			like += float64(s.weight[t] * m.words[t])
		}
		s.hub = hubShare * (s.x.wording*like + near(b.field, m.field))
	}
}

// wording is the cosine of the vectors of words of the open text and a work. To add the weight of every word without asking
// first whether it has one is quicker with few different words, and takes half as long again with a million.
func (s *Scorer) wording(b *bag) float64 {
	var sum float32
	for i, t := range b.terms {
		if s.has[t/64]&(1<<(t%64)) != 0 {
			sum += s.weight[t] * frequency[b.counts[i]]
		}
	}
	return float64(sum * b.scale)
}

// aged is the likeness of the open text and a work, beyond what the text has with
// everything, and less where the work is old.
func (s *Scorer) aged(b *bag) float64 {
	v := s.x.wording*s.wording(b) + near(s.open.field, b.field) - s.hub
	if s.x.decay != nil && b.year > 0 && v > 0 {
		v *= float64(s.x.decay[min(int(s.x.newest-b.year), len(s.x.decay)-1)])
	}
	return v
}

// sum puts the likeness of the open text and a person's works together.
func (s *Scorer) sum(p *person) float64 {
	likest := s.likest[:0]
	for i := range p.works {
		v := s.aged(&p.works[i])
		at := len(likest)
		for at > 0 && likest[at-1] < v {
			at--
		}
		if at == nearest {
			continue
		}
		likest = slices.Insert(likest[:min(len(likest), nearest-1)], at, v)
	}
	sum, counts := 0.0, 1-decline
	for _, v := range likest {
		sum += counts * v
		counts *= decline
	}
	return sum
}

// score is the rising function from likeness, which is counted in standard deviations, to what is
// shown: 1/2 for four of them, 0.2 for none, and never quite 0 or 1, so
// that what differs stays different.
func score(likeness float64) float64 {
	u := (likeness - 4) / 2.667
	return (1 + u/(1+math.Abs(u))) / 2
}

// balance settles what wording and each level of the field count, so that they
// vary as they shall over an even sample of pairs of a text and a work.
func (x *Index) balance(works []*bag) {
	works = spread(works, 2000)
	places := make([][][]float64, len(works))
	for i, b := range works {
		places[i] = x.field.places(x, b)
	}
	var wording deviation
	levels := make([]deviation, len(x.field.levels))
	s := x.Scorer()
	for _, i := range spread(numbers(len(x.texts)), 500) {
		s.take(&x.texts[i].bag)
		here := x.field.places(x, s.open)
		for k, b := range works {
			wording.add(s.wording(b))
			for l := range levels {
				levels[l].add(floats.Dot(here[l], places[k][l]))
			}
		}
	}
	share := fieldShare
	switch {
	case len(levels) == 0:
		share = 0
	case x.fullText:
		share = fullShare
	}
	x.wording = (1 - share) / wording.value()
	for l := range levels {
		x.field.levels[l].weight = share / float64(len(levels)) / levels[l].value()
	}
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// deviation is the standard deviation of cosines, but for texts that are the same.
type deviation struct{ n, sum, squares float64 }

func (d *deviation) add(v float64) {
	if v < 0.999 {
		d.count(v)
	}
}

func (d *deviation) count(v float64) { d.n, d.sum, d.squares = d.n+1, d.sum+v, d.squares+v*v }

// value is the deviation; 1 where nothing varies.
func (d *deviation) value() float64 {
	mean := d.sum / max(d.n, 1)
	if v := d.squares/max(d.n, 1) - mean*mean; v > 1e-9 {
		return math.Sqrt(v)
	}
	return 1
}
