package expertise_test

import (
	"testing"

	"github.com/headwater-platform/headwater/engine/expertise"
)

func finder(t *testing.T, c *expertise.Corpus) (*expertise.Index, *expertise.Finder) {
	t.Helper()
	x, err := c.Index(t.Context(), expertise.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := x.Finder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return x, f
}

// The search finds what scoring everybody finds, both ways, but for a few.
func TestFinder(t *testing.T) {
	t.Parallel()
	const k = 10
	c, _, _ := made(3000, 200, 60, 11)
	x, f := finder(t, c)
	all := scores(x)
	search := f.Search()
	found := 0
	for text := range x.Texts() {
		worst := x.Scorer().Best(text, k)[k-1].Score
		for _, m := range search.Best(text, k) {
			if m.Score != all[text][m.Person] {
				t.Fatalf("%+v, by itself %g", m, all[text][m.Person])
			}
			if m.Score >= worst {
				found++
			}
		}
	}
	if most := k * x.Texts(); found < most*99/100 {
		t.Errorf("of %d best people %d are found", most, found)
	}
	found = 0
	for person := range 200 {
		best := -1.0
		for text := range all {
			best = max(best, all[text][person])
		}
		if got := search.BestTexts(person, 1); len(got) == 1 && got[0].Score == best && all[got[0].Text][person] == best {
			found++
		}
	}
	if found < 198 {
		t.Errorf("of 200 best texts of people %d are found", found)
	}
}

// Where hardly anybody works on a text's topic the best differ by little: the search goes on until it has nearly all of them.
func TestFinderAmongEquals(t *testing.T) {
	t.Parallel()
	const k = 50
	c, _, _ := made(4000, 60, 3200, 11)
	x, f := finder(t, c)
	search, found := f.Search(), 0
	for text := range x.Texts() {
		worst := x.Scorer().Best(text, k)[k-1].Score
		for _, m := range search.Best(text, k) {
			if m.Score >= worst {
				found++
			}
		}
	}
	if most := k * x.Texts(); found < most*99/100 {
		t.Errorf("of %d best people %d are found", most, found)
	}
}

// Who shares no word with a text is still there when few do.
func TestFinderFills(t *testing.T) {
	t.Parallel()
	x := index(t, threePeople, threeTexts, false, expertise.Options{})
	f, err := x.Finder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Search().Best(1, 3); len(got) != 3 || x.Person(got[0].Person) != "bo" {
		t.Errorf("%+v", got)
	}
}
