package expertise_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/expertise"
)

func index(t testing.TB, people, texts string, fullText bool, o expertise.Options) *expertise.Index {
	t.Helper()
	c := expertise.NewCorpus(fullText)
	if err := c.ReadPeople(t.Context(), strings.NewReader(people)); err != nil {
		t.Fatal(err)
	}
	if err := c.ReadTexts(t.Context(), strings.NewReader(texts)); err != nil {
		t.Fatal(err)
	}
	x, err := c.Index(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// scores are those of all pairs, by text.
func scores(x *expertise.Index) [][]float64 {
	out := make([][]float64, x.Texts())
	s := x.Scorer()
	for i := range out {
		out[i] = s.Score(nil, i)
	}
	return out
}

const (
	threePeople = `{"id":"ada","works":[{"id":"1","title":"Electrolytes for sodium batteries","abstract":"We study ageing of cathodes and electrolytes in cells.","year":2026},{"id":"2","title":"Cathodes without cobalt"}]}
{"id":"bo","works":[{"id":"3","title":"Glaciers and rivers","abstract":"Melting ice feeds the rivers of the valley.","year":2020}]}

{"id":"cai","works":[{"id":"4","title":"钠离子电池的正极材料","abstract":"研究电池老化。"}]}
`
	threeTexts = `{"id":"battery","title":"Ageing of a battery cathode","abstract":"Which electrolyte lets cells live longer?"}
{"id":"ice","title":"Ice melts faster in the valley","abstract":null}
{"id":"电池","title":"电池正极材料的老化","language":"zh"}
`
)

func ExampleIndex() {
	c := expertise.NewCorpus(false)
	_ = c.AddPerson(expertise.Person{ID: "ada", Works: []expertise.Work{{Title: "Cathodes for sodium batteries"}}})
	_ = c.AddPerson(expertise.Person{ID: "bo", Works: []expertise.Work{{Title: "Glaciers feed rivers"}}})
	_ = c.AddText(expertise.Work{ID: "p1", Title: "How a battery’s cathode ages"})
	x, _ := c.Index(context.Background(), expertise.Options{})
	s := x.Scorer()
	for _, m := range s.Best(0, 1) {
		fmt.Println(x.Text(0), x.Person(m.Person), s.Terms(0, m.Person, 3))
	}
	// Output: p1 ada [batteri cathod]
}

func TestWhoIsNearest(t *testing.T) {
	t.Parallel()
	x := index(t, threePeople, threeTexts, false, expertise.Options{})
	s := x.Scorer()
	var got []string
	for i := range x.Texts() {
		for _, m := range s.Best(i, 1) {
			got = append(got, fmt.Sprint(x.Text(i), " ", x.Person(m.Person), " ", s.Terms(i, m.Person, 2)))
		}
	}
	want := []string{"battery ada [cathod batteri]", "ice bo [ice melt]", "电池 cai [电池 材料]"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What stands only in the full text counts only when it is asked for.
func TestFullText(t *testing.T) {
	t.Parallel()
	people := `{"id":"a","works":[{"title":"On matters","text":"graphene membranes"}]}` + "\n" + `{"id":"b","works":[{"title":"On things"}]}`
	texts := `{"id":"x","title":"Membranes"}`
	if got := scores(index(t, people, texts, false, expertise.Options{})); got[0][0] != got[0][1] {
		t.Errorf("without: %v", got)
	}
	if got := scores(index(t, people, texts, true, expertise.Options{})); got[0][0] <= got[0][1] {
		t.Errorf("with: %v", got)
	}
}

func TestHalfLife(t *testing.T) {
	t.Parallel()
	people := `{"id":"old","works":[{"title":"Membranes of graphene","year":1990}]}
{"id":"new","works":[{"title":"Membranes of graphene","year":2020}]}
{"id":"undated","works":[{"title":"Membranes of graphene"}]}
{"id":"far","works":[{"title":"Rivers","year":2026}]}`
	texts := `{"id":"x","title":"Graphene membranes"}`
	got := scores(index(t, people, texts, false, expertise.Options{HalfLife: 6}))[0]
	if got[0] >= got[1] || got[1] >= got[2] || got[3] >= got[0] {
		t.Errorf("old %g, new %g, undated %g, far %g", got[0], got[1], got[2], got[3])
	}
	if got := scores(index(t, people, texts, false, expertise.Options{}))[0]; got[0] != got[1] || got[1] != got[2] {
		t.Errorf("age matters without being asked for: %v", got)
	}
}

// made is a corpus of topics, each with words of its own and of all: the works
// of a person and the texts come from one or two.
func made(people, texts, topics int, seed uint64) (*expertise.Corpus, []int, []int) {
	r := rand.New(rand.NewPCG(seed, 1))
	say := func(topic int) string {
		var b strings.Builder
		for range 30 {
			if r.IntN(3) == 0 {
				fmt.Fprintf(&b, "general%d ", r.IntN(200))
			} else {
				fmt.Fprintf(&b, "topic%dword%d ", topic, int(40*r.Float64()*r.Float64()))
			}
		}
		return b.String()
	}
	c := expertise.NewCorpus(false)
	of, about := make([]int, people), make([]int, texts)
	for i := range of {
		of[i] = r.IntN(topics)
		p := expertise.Person{ID: fmt.Sprint(i)}
		for range 1 + r.IntN(8) {
			topic := of[i]
			if r.IntN(5) == 0 {
				topic = r.IntN(topics)
			}
			p.Works = append(p.Works, expertise.Work{Abstract: say(topic)})
		}
		if err := c.AddPerson(p); err != nil {
			panic(err)
		}
	}
	for i := range about {
		about[i] = r.IntN(topics)
		if err := c.AddText(expertise.Work{ID: fmt.Sprint(i), Abstract: say(about[i])}); err != nil {
			panic(err)
		}
	}
	return c, of, about
}

// The field is found: in a made corpus of known topics nearly every text has people of its topic first.
func TestTopics(t *testing.T) {
	t.Parallel()
	c, of, about := made(150, 100, 12, 7)
	x, err := c.Index(t.Context(), expertise.Options{})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	s := x.Scorer()
	for i := range about {
		for _, m := range s.Best(i, 5) {
			if of[m.Person] == about[i] {
				right++
			}
		}
	}
	if right < 480 {
		t.Errorf("of 500 people 480 should work on the text's topic, %d do", right)
	}
}

// Equal input gives equal scores, in however many goroutines it was read.
func TestEqualRuns(t *testing.T) {
	t.Parallel()
	var people, texts strings.Builder
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 300 {
		fmt.Fprintf(&people, `{"id":"p%d","works":[`, i)
		for k := range 4 {
			if k > 0 {
				people.WriteByte(',')
			}
			fmt.Fprintf(&people, `{"abstract":"w%d w%d w%d w%d %s"}`, r.IntN(90), r.IntN(90), r.IntN(90), r.IntN(90), strings.Repeat("padding ", 300))
		}
		people.WriteString("]}\n")
		fmt.Fprintf(&texts, `{"id":"t%d","abstract":"w%d w%d w%d"}`+"\n", i, r.IntN(90), r.IntN(90), r.IntN(90))
	}
	first := scores(index(t, people.String(), texts.String(), false, expertise.Options{}))
	for range 3 {
		if d := cmp.Diff(first, scores(index(t, people.String(), texts.String(), false, expertise.Options{}))); d != "" {
			t.Fatal(d)
		}
	}
}

// Scores lie in 0..1, Best is the head of what Score says, and one work more that is a copy of
// the text makes its author nearer.
func TestScoreLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.StringMatching(`[a-h]{2}x`)
		words := rapid.Custom(func(r *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, 8).Draw(r, "words"), " ") })
		c := expertise.NewCorpus(false)
		people := rapid.IntRange(1, 6).Draw(r, "people")
		for i := range people {
			p := expertise.Person{ID: fmt.Sprint(i)}
			for range rapid.IntRange(0, 4).Draw(r, "works") {
				p.Works = append(p.Works, expertise.Work{Title: words.Draw(r, "title"), Abstract: words.Draw(r, "abstract")})
			}
			if err := c.AddPerson(p); err != nil {
				r.Fatal(err)
			}
		}
		for i := range rapid.IntRange(1, 5).Draw(r, "texts") {
			if err := c.AddText(expertise.Work{ID: fmt.Sprint(i), Title: words.Draw(r, "text")}); err != nil {
				r.Fatal(err)
			}
		}
		x, err := c.Index(context.Background(), expertise.Options{})
		if err != nil {
			r.Fatal(err)
		}
		s := x.Scorer()
		for i := range x.Texts() {
			all := s.Score(nil, i)
			best := s.Best(i, 3)
			for k, m := range best {
				if m.Score != all[m.Person] {
					r.Fatalf("best %v, all %v", best, all)
				}
				above := 0
				for _, v := range all {
					if v > m.Score {
						above++
					}
				}
				if above > k {
					r.Fatalf("%v is no %d. best of %v", m, k, all)
				}
			}
			for _, v := range all {
				if !(v > 0 && v < 1) {
					r.Fatalf("score %g", v)
				}
			}
		}
	})
}
