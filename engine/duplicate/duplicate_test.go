package duplicate

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/token"
	"github.com/headwater-platform/headwater/internal/platform/published"
)

// words of a text of n words out of a vocabulary of so many.
func prose(r *rand.Rand, n, vocabulary int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("w%x", r.IntN(vocabulary))
	}
	return strings.Join(list, " ")
}

// TestPostings compares with a map.
func TestPostings(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	var p postings
	want := map[uint32]map[uint32]bool{}
	for range 40_000 {
		h, n := uint32(r.IntN(3000)), uint32(r.IntN(500))
		p.add(h, n)
		if want[h] == nil {
			want[h] = map[uint32]bool{}
		}
		want[h][n] = true
	}
	for h, records := range want {
		got := p.of(nil, h, 1<<30)
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, slices.Sorted(maps.Keys(records))) {
			t.Fatalf("hash %d: %v, want %v", h, got, records)
		}
	}
	for i := 1; i < len(p.runs); i++ {
		if len(p.runs[i-1]) < 2*len(p.runs[i]) {
			t.Errorf("runs of %d and %d", len(p.runs[i-1]), len(p.runs[i]))
		}
	}
}

// TestSureIsSure: two texts that share Sure words in a row share a kept hash,
// wherever the words stand.
func TestSureIsSure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		n := rapid.IntRange(Sure, 40).Draw(rt, "words")
		shared := prose(r, n, 1<<30)
		frame := func() string {
			return prose(r, r.IntN(60), 1<<30) + " " + strings.ToUpper(shared) + ", " + prose(r, r.IntN(60), 1<<30)
		}
		a, b := kept(Record{Texts: []string{frame()}}), kept(Record{Texts: []string{frame()}})
		if !slices.ContainsFunc(a, func(h uint32) bool { _, ok := slices.BinarySearch(b, h); return ok }) {
			rt.Fatalf("%d words in a row leave no hash in common", n)
		}
	})
}

// TestPassages: what the passages point at is the same words, nothing is counted
// twice, and no run of Least words that both texts have is left over.
func TestPassages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		vocabulary := rapid.SampledFrom([]int{3, 40, 1 << 20}).Draw(rt, "vocabulary")
		one := prose(r, 40+r.IntN(120), vocabulary)
		two := prose(r, 30, vocabulary) + " " + strings.Join(strings.Fields(one)[5:5+r.IntN(30)], " ") + " " + prose(r, 30, vocabulary)
		a, b := []string{one, prose(r, 20, vocabulary)}, []string{two}
		here, there := asked(read(a, 1)), read(b, 2)
		list, covered := here.passages(there)
		sum := 0
		for _, p := range list {
			if x, y := plain(a[p.Here.Text][p.Here.Start:p.Here.End]), plain(b[p.There.Text][p.There.Start:p.There.End]); x != y || len(strings.Fields(x)) != p.Words || p.Words < Least {
				rt.Fatalf("%q is not %q (%d words)", x, y, p.Words)
			}
			sum += p.Words
		}
		if sum != covered || covered > len(here.hash) || covered > len(there.hash) {
			rt.Fatalf("%d words in passages, %d covered", sum, covered)
		}
		if vocabulary == 1<<20 && len(list) == 0 && len(here.tiles(there.hash)) > 0 {
			rt.Fatal("a common run is left over")
		}
	})
}

func plain(text string) string {
	var out []string
	for _, w := range token.Plain(text) {
		out = append(out, w.Text)
	}
	return strings.Join(out, " ")
}

// shelf is an index and what stands in it.
type shelf struct {
	*Index
	of map[string]Record
}

func stock(t *testing.T, list ...Record) shelf {
	t.Helper()
	s := shelf{New(), map[string]Record{}}
	for _, r := range list {
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
		s.of[r.ID] = r
	}
	return s
}

func (s shelf) source(_ context.Context, ids []string) ([]Record, error) {
	var out []Record
	for _, id := range ids {
		if r, there := s.of[id]; there {
			out = append(out, r)
		}
	}
	return out, nil
}

const (
	aim = "In ceramic power modules the grain boundaries crack without warning after some thousand hot starts, and the usual answer is to make everything thicker. " +
		"We want to make one boundary fail first and on purpose, and to read its resistance while the inverter runs."
	other = "Village schools with classes of mixed age are closed without anyone knowing what is lost; we compare twins of villages over thirty years of registers."
)

func TestFind(t *testing.T) {
	t.Parallel()
	s := stock(t,
		Record{ID: "copy", Titles: []string{"Fuses"}, Texts: []string{other, "Background. " + strings.ToUpper(aim[:200]) + " The rest is new, and has nothing to do with what was said before it."}, People: []string{"x"}},
		Record{ID: "sv", Titles: []string{"Korngränser som säkringar i keramik", "Grain boundaries as fuses in ceramics"}, Texts: []string{"En helt annan text om samma sak, skriven på ett annat språk än den andra."}, People: []string{"y"}},
		Record{ID: "team", Titles: []string{"Something else"}, Texts: []string{other}, People: []string{"mira", "ravi", "ines"}},
		Record{ID: "lead", Titles: []string{"Of the same lead"}, Texts: []string{"Nothing in common but one person who leads both of these."}, People: []string{"mira"}},
		Record{ID: "far", Titles: []string{"Heat stores in wet clay"}, Texts: []string{"Storing the heat of summer in wet clay until it is wanted, for a street of houses."}, People: []string{"z"}},
	)
	fresh := Record{ID: "new", Titles: []string{"Korngränser som säkringar i keramik"}, Texts: []string{aim}, People: []string{"ravi", "mira"}}
	list, err := s.Find(t.Context(), fresh, s.source)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Match{}
	for _, m := range list {
		got[m.ID] = m
	}
	if len(got) != 3 {
		t.Errorf("found %v", slices.Sorted(maps.Keys(got)))
	}
	if m := got["copy"]; len(m.Passages) != 1 || m.Copied < 0.77 || m.Copied > 0.78 || m.Passages[0].Here.Start != 0 || m.Passages[0].There.Text != 1 {
		t.Errorf("the copy: %+v", m)
	}
	if m := got["sv"]; m.Title < 0.99 || len(m.Passages) != 0 {
		t.Errorf("the same title in another language: %+v", m)
	}
	if m := got["team"]; !slices.Equal(m.People, []string{"mira", "ravi"}) || m.Team < 0.66 || m.Team > 0.67 {
		t.Errorf("the same team: %+v", m)
	}
	if list[0].ID != "sv" && list[0].ID != "copy" {
		t.Errorf("first comes %s", list[0].ID)
	}

	delete(s.of, "copy") // sealed to who asks
	list, err = s.Find(t.Context(), fresh, s.source)
	if err != nil || slices.ContainsFunc(list, func(m Match) bool { return m.ID == "copy" }) {
		t.Errorf("what may not be seen is a match: %+v, %v", list, err)
	}
	if err := s.Add(fresh); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(fresh); err == nil {
		t.Error("a record stands twice")
	}
	again, err := s.Find(t.Context(), fresh, s.source)
	if err != nil || slices.ContainsFunc(again, func(m Match) bool { return m.ID == "new" }) {
		t.Errorf("a record matches itself: %+v, %v", again, err)
	}
	broken := errors.New("gone")
	if _, err := s.Find(t.Context(), fresh, func(context.Context, []string) ([]Record, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// TestSealedTakeNoPlace: records that the searcher may not see hide none that they may, however many of them are more alike.
func TestSealedTakeNoPlace(t *testing.T) {
	t.Parallel()
	s := shelf{New(), map[string]Record{}}
	for i := range 3*Read + 1 {
		o := Record{ID: fmt.Sprint(i), Titles: []string{"Fuses"}, Texts: []string{aim + " " + other}}
		if i == 3*Read {
			o.Texts = []string{other}
		}
		if err := s.Add(o); err != nil {
			t.Fatal(err)
		}
		if i%Read == 7 || i == 3*Read { // the rest is sealed
			s.of[o.ID] = o
		}
	}
	list, err := s.Find(t.Context(), Record{ID: "new", Titles: []string{"Grain"}, Texts: []string{aim + " " + other}}, s.source)
	if err != nil || len(list) != 4 || !slices.ContainsFunc(list, func(m Match) bool { return m.ID == fmt.Sprint(3*Read) }) {
		t.Errorf("found %d, %v; want the four that may be seen", len(list), err)
	}
	for id := range 3 * Read {
		o := Record{ID: fmt.Sprint(id), Titles: []string{"Fuses"}, Texts: []string{aim + " " + other}}
		s.of[o.ID] = o
	}
	if list, err = s.Find(t.Context(), Record{ID: "new", Titles: []string{"Grain"}, Texts: []string{aim + " " + other}}, s.source); err != nil || len(list) != Read {
		t.Errorf("found %d, %v; want no more than are compared", len(list), err)
	}
}

// TestChinese: a script without spaces is compared by characters.
func TestChinese(t *testing.T) {
	t.Parallel()
	text := "本项目拟研究陶瓷功率模块晶界在反复热启动后无预警开裂的机理，并使其中一处晶界按设计先行失效。"
	s := stock(t, Record{ID: "zh", Titles: []string{"晶界保险丝"}, Texts: []string{"前言。" + text + "其余为新内容。"}})
	list, err := s.Find(t.Context(), Record{Titles: []string{"别的题目"}, Texts: []string{text}}, s.source)
	if err != nil || len(list) != 1 || list[0].Copied < 0.99 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestCommonWordingLeadsNowhere: a passage that stands in very many records is a form
// of words, until something else leads to one of them.
func TestCommonWordingLeadsNowhere(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	form := "We confirm that this proposal has not been submitted elsewhere and that all members of the team agree to its being judged by experts."
	s := shelf{New(), map[string]Record{}}
	for i := range 4 * Common {
		o := Record{ID: fmt.Sprint(i), Titles: []string{prose(r, 6, 1<<20)}, Texts: []string{prose(r, 30, 1<<20) + " " + form}}
		if err := s.Add(o); err != nil {
			t.Fatal(err)
		}
		s.of[o.ID] = o
	}
	fresh := Record{ID: "new", Titles: []string{"Grain boundaries"}, Texts: []string{prose(r, 30, 1<<20) + " " + form}}
	list, err := s.Find(t.Context(), fresh, s.source)
	if err != nil || len(list) != 0 {
		t.Errorf("found %d by a form of words, %v", len(list), err)
	}
	fresh.Titles = s.of["77"].Titles
	list, err = s.Find(t.Context(), fresh, s.source)
	if err != nil || len(list) != 1 || list[0].ID != "77" || len(list[0].Passages) != 1 {
		t.Errorf("found %+v, %v", list, err)
	}
}

// swecris reads real awards, of which 1,372 stand twice: once under each of two
// funders, with the same number before the funder's name.
func swecris(t *testing.T) (list []Record) {
	t.Helper()
	f, err := os.Open(published.File(t, "swecris", "awards.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var a struct {
			ID              string
			Title, Abstract struct{ Sv, En *string }
			People          []struct{ ID string }
		}
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		r := Record{ID: a.ID}
		for _, s := range []*string{a.Title.Sv, a.Title.En} {
			if s != nil {
				r.Titles = append(r.Titles, *s)
			}
		}
		for _, s := range []*string{a.Abstract.Sv, a.Abstract.En} {
			if s != nil {
				r.Texts = append(r.Texts, *s)
			}
		}
		for _, p := range a.People {
			r.People = append(r.People, p.ID)
		}
		list = append(list, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestDoubleAwards(t *testing.T) {
	t.Parallel()
	list := swecris(t)
	s := stock(t, list...)
	pairs, missed, looked := 0, 0, 0
	for i, r := range list {
		number, rj := strings.CutSuffix(r.ID, "_RJ")
		_, twice := s.of[number+"_Vinnova"]
		if !(rj && twice) && i%40 != 0 {
			continue
		}
		found, err := s.Find(t.Context(), r, s.source)
		if err != nil {
			t.Fatal(err)
		}
		looked++
		if !rj || !twice {
			continue
		}
		pairs++
		if !slices.ContainsFunc(found, func(m Match) bool { return m.ID == number+"_Vinnova" }) {
			missed++
			t.Errorf("%s: its double is not among %d matches", r.ID, len(found))
		}
	}
	if pairs != 1372 {
		t.Errorf("%d pairs, want 1372", pairs)
	}
	t.Logf("%d of %d doubles found, %d records asked about", pairs-missed, pairs, looked)
}

// TestSame: the same records in the same order answer the same.
func TestSame(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 9))
	var list []Record
	for i := range 300 {
		list = append(list, Record{ID: fmt.Sprint(i), Titles: []string{prose(r, 5, 30)}, Texts: []string{prose(r, 40, 12)}, People: []string{fmt.Sprint(r.IntN(40)), fmt.Sprint(r.IntN(40))}})
	}
	a, b := stock(t, list...), stock(t, list...)
	for _, r := range list[:50] {
		one, err := a.Find(t.Context(), r, a.source)
		if err != nil {
			t.Fatal(err)
		}
		two, err := b.Find(t.Context(), r, b.source)
		if err != nil || !reflect.DeepEqual(one, two) {
			t.Fatalf("%+v, then %+v, %v", one, two, err)
		}
	}
}

// TestPassagesEndWithTheirText: what stands in several texts of both records, one after
// the other, is a passage of each text, never one over the end of a text.
func TestPassagesEndWithTheirText(t *testing.T) {
	t.Parallel()
	words := func(a rune) string {
		var b strings.Builder
		for c := rune('a'); c <= 'z'; c++ {
			b.WriteString(string([]rune{a, c, ' '}))
		}
		return b.String()
	}
	texts := []string{words('p'), words('q'), words('r')}
	one, other := Record{ID: "1", Texts: texts}, Record{ID: "2", Texts: texts[1:]}
	x := New()
	for _, r := range []Record{one, other} {
		if err := x.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	found, err := x.Find(t.Context(), one, func(context.Context, []string) ([]Record, error) { return []Record{other}, nil })
	if err != nil || len(found) != 1 || len(found[0].Passages) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, p := range found[0].Passages {
		if p.Here.Start >= p.Here.End || p.There.Start >= p.There.End || p.Words != 26 {
			t.Errorf("%+v", p)
		}
	}
}
