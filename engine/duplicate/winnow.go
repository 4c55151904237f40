package duplicate

import (
	"hash/fnv"

	"github.com/headwater-platform/headwater/engine/token"
)

const (
	// Least is the shortest passage that is shown, and the words of a hash.
	Least = 8
	// window is of how many neighbouring hashes one is kept.
	window = 10
	// Sure is how many words in a row are found for certain.
	Sure = Least + window - 1
)

// hash is FNV-1a of a word, finished as in MurmurHash3 (Appleby, 2011) so that all of
// its bits can be compared.
func hash(word string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(word))
	return mix(h.Sum64())
}

func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func hashes(words []token.Span) []uint64 {
	out := make([]uint64, len(words))
	for i, w := range words {
		out[i] = hash(w.Text)
	}
	return out
}

// grams are the hashes of all runs of Least words, rolled from one to the next
// (Karp, Rabin, 1987).
func grams(words []uint64) []uint64 {
	if len(words) < Least {
		return nil
	}
	const base = 0x9e3779b97f4a7c15 | 1
	out := make([]uint64, len(words)-Least+1)
	h, top := uint64(0), uint64(1)
	for range Least {
		top *= base
	}
	for i, w := range words {
		h = h*base + w
		if i >= Least {
			h -= top * words[i-Least]
		}
		if i >= Least-1 {
			out[i-Least+1] = mix(h)
		}
	}
	return out
}

// winnow keeps the least hash of every window, the rightmost of equals. A text
// shorter than a window keeps its least.
func winnow(grams []uint64) []uint32 {
	var out []uint32
	last := -1
	for i := range grams {
		if i+1 < window && i+1 < len(grams) {
			continue
		}
		least := max(0, i+1-window)
		for j := least; j <= i; j++ {
			if grams[j] <= grams[least] {
				least = j
			}
		}
		if least != last {
			out, last = append(out, uint32(grams[least]>>32)), least
		}
	}
	return out
}
