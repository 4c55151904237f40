package conflict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/conflict"
)

func TestSameName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b      string
		low, high float64
	}{
		{"Ada Lovelace", "Lovelace, Ada", 0.9, 0.9},
		{"Jürgen Müller", "Juergen Mueller", 0.9, 0.9},
		{"Jürgen Müller", "Jurgen Muller", 0.9, 0.9},
		{"J. Müller", "Jürgen Mueller", 0.5, 0.5},
		{"Jean-Pierre Serre", "Serre, Jean Pierre", 0.9, 0.9},
		{"Jean-Pierre Serre", "J.-P. Serre", 0.5, 0.5},
		{"Anna Maria Berg", "Anna Berg", 0.7, 0.7},
		{"Li Wei", "Wei Li", 0.7, 0.85},
		{"Ludwig van der Berg", "van der Berg, L.", 0.5, 0.5},
		{"Сергей Щукин", "Sergei Shchukin", 0.9, 0.9},
		{"Bjørn Åse", "Bjoern Aase", 0.9, 0.9},
		{"王小明", "王 小明", 0.9, 0.9},
		{"Łukasz Nowak", "Lukasz Nowak", 0.9, 0.9},
		{"王小明", "Xiaoming Wang", 0.7, 0.75},
		{"王小明", "Wang Xiao-Ming", 0.6, 0.75},
		{"王小明", "X. Wang", 0.4, 0.45},
		{"单玉兰", "Yulan Shan", 0.7, 0.75},
		{"吕伟", "Lyu, Wei", 0.7, 0.75},
		{"吕伟", "Wei Lu", 0.6, 0.75},
		{"欧阳修", "Ouyang, Xiu", 0.7, 0.75},
		{"王小明", "Daming Wang", 0, 0},
		{"王小明", "王小鸣", 0, 0},
		{"Ada Lovelace", "Eva Lovelace", 0, 0},
		{"A. Lovelace", "E. Lovelace", 0, 0},
		{"Ada Lovelace", "Ada Byron", 0, 0},
		{"", "Ada Byron", 0, 0},
		{"Lovelace", "Ada Lovelace", 0.3, 0.3},
	} {
		got := conflict.SameName(conflict.ParseName(c.a), conflict.ParseName(c.b))
		if got < c.low-1e-9 || got > c.high+1e-9 {
			t.Errorf("%s, %s: %g, want %g to %g", c.a, c.b, got, c.low, c.high)
		}
	}
}

func TestParseNames(t *testing.T) {
	t.Parallel()
	wei, han := conflict.Name{Given: "Wei", Family: "Wang"}, conflict.Name{Given: "伟", Family: "王"}
	for text, want := range map[string][]conflict.Name{"Wei Wang": {wei}, "王伟 (Wei Wang)": {han, wei}, "Wang, Wei（王伟）": {wei, han}, "Wei Wang / 王伟": {wei, han}, " ( ) ": nil, "": nil} {
		if diff := cmp.Diff(want, conflict.ParseNames(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestSamePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		low  float64
		high float64
	}{
		{"University of Oxford", "Oxford University", 0.9, 0.9},
		{"MIT", "Massachusetts Institute of Technology", 0.6, 0.6},
		{"MIT", "Indian Institute of Technology", 0, 0},
		{"Massachusetts Institute of Technology", "Indian Institute of Technology", 0, 0},
		{"Inst. of Technology", "Indian Institute of Technology", 0, 0},
		{"Technical University of Munich", "Technical Univ. Munich, Dept. of Physics", 0.5, 0.9},
		{"ETH", "Eidgenössische Technische Hochschule", 0.6, 0.6},
		{"Université de Genève", "Universite de Geneve", 0.9, 0.9},
		{"", "MIT", 0, 0},
	} {
		got := conflict.SamePlace(c.a, c.b)
		if got < c.low || got > c.high {
			t.Errorf("%s, %s: %g, want %g to %g", c.a, c.b, got, c.low, c.high)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	people := []conflict.Identity{
		{Names: []conflict.Name{{"Jürgen", "Müller"}}, Places: []string{"Technical University of Munich"}},
		{Names: []conflict.Name{{"Jana", "Müller"}}, Places: []string{"University of Bern"}},
		{Names: []conflict.Name{{"Wei", "Li"}, {"伟", "李"}}},
	}
	mentions := []conflict.Mention{
		{conflict.ParseName("J. Mueller"), "Technical Univ. of Munich"},
		{conflict.ParseName("Li Wei"), ""},
		{conflict.ParseName("李伟"), "MIT"},
		{conflict.ParseName("K. Müller"), ""},
	}
	got := conflict.Match(people, mentions)
	want := []conflict.Matched{{0, 0, 0.725}, {1, 2, 0.81}, {2, 2, 0.9}}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b float32) bool { return a-b < 1e-4 && b-a < 1e-4 })); d != "" {
		t.Error(d)
	}
}

// Comparing is even-handed, and a name is itself.
func TestNameLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		part := rapid.StringMatching(`[A-ZÄÖÜŁØ][a-zäöüßéœ]{1,5}`)
		draw := func(n string) conflict.Name {
			return conflict.Name{Given: part.Draw(r, n), Family: part.Draw(r, n)}
		}
		a, b := draw("a"), draw("b")
		if x, y := conflict.SameName(a, b), conflict.SameName(b, a); x != y || x < 0 || x >= 1 {
			r.Fatalf("%v %v: %g and %g", a, b, x, y)
		}
		if conflict.SameName(a, a) < 0.9 {
			r.Fatalf("%v is not itself", a)
		}
	})
}

// TestMatchReadings: a Chinese name meets its transliteration, in either order, and nobody else.
func TestMatchReadings(t *testing.T) {
	t.Parallel()
	people := []conflict.Identity{{Names: []conflict.Name{{Given: "Xiaoming", Family: "Wang"}}}, {Names: []conflict.Name{{Given: "Wang", Family: "Xiaoming"}}}, {Names: []conflict.Name{{Given: "Wei", Family: "Wang"}}}}
	got := conflict.Match(people, []conflict.Mention{{Name: conflict.ParseName("王小明")}})
	if len(got) != 2 || got[0].Person != 0 || got[1].Person != 1 || got[0].Confidence <= got[1].Confidence {
		t.Errorf("matched %+v", got)
	}
}

// Names of departments that are the same words in any order, abbreviated or not, have one key; others do not.
func TestPlaceKey(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{{"Dept. of Physics", "Physics Department"}, {"Inst. Materials Sci.", "Institute of Materials Science"}} {
		if a, b := conflict.PlaceKey(same[0]), conflict.PlaceKey(same[1]); a != b {
			t.Errorf("%q: %q and %q: %q", same[0], a, same[1], b)
		}
	}
	if conflict.PlaceKey("Physics") == conflict.PlaceKey("Applied Physics") || conflict.PlaceKey("物理系") == conflict.PlaceKey("化学系") {
		t.Error("different departments have one key")
	}
}
