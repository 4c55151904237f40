package duplicate

import (
	"cmp"
	"slices"

	"github.com/headwater-platform/headwater/engine/token"
)

// Passage is what stands in both texts, as bytes of each.
type Passage struct {
	Here, There Place
	Words       int
}

// Place is a part of one of a record's texts.
type Place struct {
	Text       int // index in Record.Texts
	Start, End int
}

// words are the words of all texts of a record; marks part them.
type words struct {
	spans []token.Span
	text  []int
	hash  []uint64
}

// read gives the words of texts, with one between two texts that equals no other: salts of
// records that are compared lie further apart than they have texts.
func read(texts []string, salt uint64) words {
	var w words
	for i, t := range texts {
		if i > 0 {
			w.spans, w.text, w.hash = append(w.spans, token.Span{}), append(w.text, -1), append(w.hash, mix(salt+uint64(i)))
		}
		spans := token.Plain(t)
		w.spans, w.hash = append(w.spans, spans...), append(w.hash, hashes(spans)...)
		for range spans {
			w.text = append(w.text, i)
		}
	}
	return w
}

func (w words) place(from, n int) Place {
	return Place{w.text[from], w.spans[from].Start, w.spans[from+n-1].End}
}

// text is a text that others are compared with: its words, and where each run of
// Least of them begins.
type text struct {
	words
	at map[uint64][]int
}

// repeats is how often a run may stand in one text before it is taken for a form of words.
const repeats = 8

func asked(w words) text {
	t := text{w, map[uint64][]int{}}
	for i, g := range grams(w.hash) {
		if len(t.at[g]) < repeats {
			t.at[g] = append(t.at[g], i)
		}
	}
	return t
}

// tile is a run of equal words: from i here and from j there.
type tile struct{ i, j, n int }

// passages tiles both texts: the longest common run first, then the longest of what
// no tile covers, down to Least words. O(matches·log matches) for runs that repeat little.
func (here text) passages(there words) (out []Passage, covered int) {
	all := here.tiles(there.hash)
	if len(all) == 0 {
		return nil, 0
	}
	slices.SortFunc(all, func(a, b tile) int { return cmp.Or(b.n-a.n, a.i-b.i, a.j-b.j) })
	usedHere, usedThere := make([]bool, len(here.hash)), make([]bool, len(there.hash))
	for len(all) > 0 {
		t := all[0]
		all = all[1:]
		for _, rest := range free(t, usedHere, usedThere) {
			if rest.n < t.n { // partly covered by now: its turn comes later
				at, _ := slices.BinarySearchFunc(all, rest, func(a, b tile) int { return b.n - a.n })
				all = slices.Insert(all, at, rest)
				continue
			}
			for k := range rest.n {
				usedHere[rest.i+k], usedThere[rest.j+k] = true, true
			}
			covered += rest.n
			out = append(out, Passage{here.place(rest.i, rest.n), there.place(rest.j, rest.n), rest.n})
		}
	}
	slices.SortFunc(out, func(a, b Passage) int { return cmp.Or(a.Here.Text-b.Here.Text, a.Here.Start-b.Here.Start) })
	return out, covered
}

// free are the parts of a tile of at least Least words that no other covers.
func free(t tile, here, there []bool) (out []tile) {
	from := 0
	for k := 0; k <= t.n; k++ {
		if k < t.n && !here[t.i+k] && !there[t.j+k] {
			continue
		}
		if k-from >= Least {
			out = append(out, tile{t.i + from, t.j + from, k - from})
		}
		from = k + 1
	}
	return out
}

// tiles are the common runs of at least Least words that cannot be made longer.
func (here text) tiles(there []uint64) (out []tile) {
	for j, g := range grams(there) {
		for _, i := range here.at[g] {
			if i > 0 && j > 0 && here.hash[i-1] == there[j-1] {
				continue // part of the run that begins before it
			}
			n := 0
			for i+n < len(here.hash) && j+n < len(there) && here.hash[i+n] == there[j+n] {
				n++
			}
			if n >= Least {
				out = append(out, tile{i, j, n})
			}
		}
	}
	return out
}
