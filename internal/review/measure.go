package review

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/engine/token"
)

// shared is the plain measure by which a suggestion prefers one pair to
// another: the words that a proposal's title and summary share with what a
// person says of their own work, rare words counting more. It knows words, not
// meaning, and is called by that name wherever it is shown.
//
// With N texts, of which n hold a word, the word weighs w = ln((1+N)/n) (Spärck
// Jones, 1972); the score of two texts with the word sets A and B is the cosine
// Σ(w² over A∩B) / √(Σ(w² over A) · Σ(w² over B)) (Salton and Buckley, 1988), 0
// where they share nothing and 1 where they hold the same words.
type shared struct {
	weight map[string]float64
	norm   []float64           // of each person's text
	of     map[string][]int    // word → people, by index, who say it
	said   []map[string]string // person → word → as it was written
}

// alike are the words of a text, each by its form, with how it stands there.
// A stem stands for its word, so that "boundaries" is "boundary"; what is
// shorter than three letters says nothing, except in scripts without spaces.
func alike(text string) map[string]string {
	out := map[string]string{}
	for _, w := range token.Words(text, "en") {
		form := w.Forms[len(w.Forms)-1]
		if len(form) < 3 || stops[w.Forms[0]] {
			continue
		}
		if _, known := out[form]; !known {
			out[form] = strings.ToLower(text[w.Start:w.End])
		}
	}
	return out
}

// stops are English words that tell nothing of a subject.
var stops = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`about above after again against all also and any are because been before being below between both but can could
		did does doing down during each few for from further had has have having her here hers him his how into its itself just more most not now off once only
		other our out over own same she should some such than that the their them then there these they this those through too under until upon very was were
		what when where which who whom why will with would you your one two three first last new may might must many much per via use used using without within since while`) {
		out[w] = true
	}
	return out
}()

// newShared weighs the words of all texts. Proposals come as the words of each.
func newShared(proposals []map[string]string, people []string) *shared {
	s := &shared{weight: map[string]float64{}, norm: make([]float64, len(people)), of: map[string][]int{}, said: make([]map[string]string, len(people))}
	count := func(words map[string]string) {
		for w := range words {
			s.weight[w]++
		}
	}
	for _, words := range proposals {
		count(words)
	}
	for i, text := range people {
		s.said[i] = alike(text)
		count(s.said[i])
		for w := range s.said[i] {
			s.of[w] = append(s.of[w], i)
		}
	}
	all := float64(1 + len(proposals) + len(people))
	for w, n := range s.weight {
		s.weight[w] = math.Log(all / n)
	}
	for i := range people {
		s.norm[i] = s.length(s.said[i])
	}
	return s
}

func (s *shared) length(words map[string]string) float64 {
	sum := 0.0
	for _, w := range slices.Sorted(maps.Keys(words)) { // in order: floating sums are not the same in every order
		sum += s.weight[w] * s.weight[w]
	}
	return math.Sqrt(sum)
}

// scores is how well each person, by index, fits the words of a text.
func (s *shared) scores(words map[string]string) []float64 {
	out := make([]float64, len(s.norm))
	long := s.length(words)
	for _, w := range slices.Sorted(maps.Keys(words)) {
		for _, i := range s.of[w] {
			out[i] += s.weight[w] * s.weight[w]
		}
	}
	for i := range out {
		if out[i] > 0 {
			out[i] = min(1, out[i]/(long*s.norm[i]))
		}
	}
	return out
}

// wordsShown is how many shared words of a pair are shown.
const wordsShown = 4

// words are those that a text shares with a person, the weightiest first.
func (s *shared) words(words map[string]string, person int) []string {
	var forms []string
	for w := range words {
		if _, ok := s.said[person][w]; ok {
			forms = append(forms, w)
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(s.weight[b], s.weight[a]), strings.Compare(a, b)) })
	out := make([]string, 0, wordsShown)
	for _, w := range forms[:min(len(forms), wordsShown)] {
		out = append(out, words[w])
	}
	return out
}
