package expertise_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/engine/expertise"
)

// meanings embeds by what words mean, whatever the language: a fake in which batteries and 电池 are one direction.
type meanings struct{ calls, texts int }

func (m *meanings) Embed(_ context.Context, texts []string) ([][]float32, error) {
	m.calls++
	m.texts += len(texts)
	out := make([][]float32, len(texts))
	for i, t := range texts {
		v := []float32{0.1, 0.1, 0.1}
		for k, words := range []string{"battery 电池 cathode", "glacier 冰川 ice", "qubit 量子 photon"} {
			for w := range strings.FieldsSeq(words) {
				v[k] += float32(strings.Count(t, w))
			}
		}
		out[i] = v
	}
	return out, nil
}

var across = []expertise.Person{
	{ID: "ada", Works: []expertise.Work{{ID: "a", Title: "battery cathode ageing"}, {ID: "b", Title: "cathode coating"}}},
	{ID: "eve", Works: []expertise.Work{{ID: "c", Title: "冰川 消融"}}},
	{ID: "bob", Works: []expertise.Work{{ID: "d", Title: "qubit photon source"}, {ID: "a", Title: "battery cathode ageing"}}},
	{ID: "new"},
}

var asked = []expertise.Work{{ID: "t", Title: "电池 老化"}, {ID: "u", Title: "ice of a glacier"}, {ID: "v", Title: "量子"}}

// What the words alone cannot know, that a text in another language is about the same, the blend does; with no share it
// is the score as it was.
func TestBlend(t *testing.T) {
	t.Parallel()
	corpus := expertise.NewCorpus(false)
	for _, p := range across {
		if err := corpus.AddPerson(p); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range asked {
		if err := corpus.AddText(w); err != nil {
			t.Fatal(err)
		}
	}
	x, err := corpus.Index(t.Context(), expertise.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fake := &meanings{}
	m, err := expertise.Embed(t.Context(), fake, across, asked)
	if err != nil {
		t.Fatal(err)
	}
	if fake.calls != 1 || fake.texts != 7 {
		t.Errorf("%d texts in %d calls: each text is placed once", fake.texts, fake.calls)
	}
	s := x.Scorer()
	m.Fit(func(text, person int) float64 { return s.Score(nil, text)[person] })
	for text, best := range []int{0, 1, 2} {
		terms := s.Score(nil, text)
		blended := make([]float64, len(terms))
		for person, v := range terms {
			blended[person] = m.Blend(v, text, person, 0.5)
			if m.Blend(v, text, person, 0) != v || blended[person] <= 0 || blended[person] >= 1 {
				t.Errorf("text %d, person %d: %g blended is %g", text, person, v, blended[person])
			}
		}
		if blended[3] != terms[3] {
			t.Errorf("text %d: somebody without works has %g, had %g", text, blended[3], terms[3])
		}
		for person := range 3 {
			if person != best && blended[person] >= blended[best] {
				t.Errorf("text %d: %v, the nearest in meaning is %d", text, blended, best)
			}
		}
	}
}

// wrong gives what an embedder must not.
type wrong [][]float32

func (w wrong) Embed(context.Context, []string) ([][]float32, error) {
	if w == nil {
		return nil, errors.New("away")
	}
	return w, nil
}

func TestEmbedRefuses(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]wrong{"embedding: away": nil, "1 vectors for 2 texts": {{1}}, "vector 1 has 2 numbers": {{1}, {1, 2}}, "vector 0 has 0 numbers": {{}, {}}, "the length 0": {{0, 0}, {1, 1}}} {
		_, err := expertise.Embed(t.Context(), e, nil, []expertise.Work{{Title: "a"}, {Title: "b"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
