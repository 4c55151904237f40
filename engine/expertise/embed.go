package expertise

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Embedder is a port to a service that places texts in a space where what is about the same things stands near: a
// language model of somebody's choice. It gives one vector for each text, in their order, all of one length. This package
// has none of its own; see [Embed].
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Embedding is where an embedder places texts and the works of people, known by index as they were given.
type Embedding struct {
	texts  [][]float32
	people [][][]float32 // by person: of their works

	mean, deviation float64 // of likeness, by embedding, see Fit
	usual, spread   float64 // of likeness as the terms have it
}

// perCall is how many texts an embedder is given at once.
const perCall = 16

// Embed places every text once, whoever has it. Errors are the embedder's, and where it gives another number
// of vectors than texts, or vectors of several lengths or of none.
func Embed(ctx context.Context, e Embedder, people []Person, texts []Work) (*Embedding, error) {
	var distinct []string
	at := map[string]int{}
	number := func(w Work) int {
		text := w.Title + "\n" + w.Abstract
		i, known := at[text]
		if !known {
			i = len(distinct)
			at[text] = i
			distinct = append(distinct, text)
		}
		return i
	}
	works := make([][]int, len(people))
	for i, p := range people {
		for _, w := range p.Works {
			works[i] = append(works[i], number(w))
		}
	}
	given := make([]int, len(texts))
	for i, w := range texts {
		given[i] = number(w)
	}
	vectors, err := place(ctx, e, distinct)
	if err != nil {
		return nil, err
	}
	m := &Embedding{people: make([][][]float32, len(people))}
	for _, i := range given {
		m.texts = append(m.texts, vectors[i])
	}
	for p, list := range works {
		for _, i := range list {
			m.people[p] = append(m.people[p], vectors[i])
		}
	}
	return m, nil
}

// place gives the unit vectors of texts.
func place(ctx context.Context, e Embedder, texts []string) ([][]float32, error) {
	out := make([][]float32, 0, len(texts))
	for some := range slices.Chunk(texts, perCall) {
		vectors, err := e.Embed(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("embedding: %w", err)
		}
		if len(vectors) != len(some) {
			return nil, fmt.Errorf("embedding: %d vectors for %d texts", len(vectors), len(some))
		}
		for _, v := range vectors {
			length := math.Sqrt(near(v, v))
			if len(v) == 0 || len(out) > 0 && len(v) != len(out[0]) || !(length > 0) || math.IsInf(length, 0) {
				return nil, fmt.Errorf("embedding: vector %d has %d numbers and the length %g", len(out), len(v), length)
			}
			unit := make([]float32, len(v))
			for k, x := range v {
				unit[k] = x / float32(length)
			}
			out = append(out, unit)
		}
	}
	return out, nil
}

// likeness puts the cosines of a text and a person's works together as Scorer does: the likest counts most.
func (m *Embedding) likeness(text, person int) float64 {
	var list []float64
	for _, w := range m.people[person] {
		list = append(list, near(m.texts[text], w))
	}
	slices.SortFunc(list, func(a, b float64) int { return cmp.Compare(b, a) })
	sum, counts := 0.0, 1-decline
	for _, v := range list[:min(len(list), nearest)] {
		sum += counts * v
		counts *= decline
	}
	return sum
}

// Fit settles the scale: over an even sample of pairs the embedding's likeness comes to vary as that of the
// terms, whose score a pair is asked for. Blend needs it.
func (m *Embedding) Fit(terms func(text, person int) float64) {
	var here, there deviation
	people := spread(numbers(len(m.people)), 500)
	for _, text := range spread(numbers(len(m.texts)), 100) {
		for _, person := range people {
			if len(m.people[person]) > 0 {
				here.count(m.likeness(text, person))
				there.count(likenessOf(terms(text, person)))
			}
		}
	}
	m.mean, m.deviation = here.sum/max(here.n, 1), here.value()
	m.usual, m.spread = there.sum/max(there.n, 1), there.value()
}

// Blend is a score of terms, with share of it, from 0 to 1, taken by the embedding. Whoever has no works keeps theirs.
func (m *Embedding) Blend(terms float64, text, person int, share float64) float64 {
	if len(m.people[person]) == 0 || share == 0 {
		return terms
	}
	embedded := m.usual + m.spread*(m.likeness(text, person)-m.mean)/m.deviation
	return score((1-share)*likenessOf(terms) + share*embedded)
}

// likenessOf is the likeness that score shows as s.
func likenessOf(s float64) float64 {
	v := 2*min(max(s, 1e-6), 1-1e-6) - 1
	return 4 + 2.667*v/(1-math.Abs(v))
}
