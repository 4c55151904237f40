package duplicate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/headwater-platform/headwater/engine/token"
)

// Record is what is compared.
type Record struct {
	ID     string
	Titles []string // in as many languages as there are
	Texts  []string // summary, aim …; also of several languages
	People []string // keys of the team
}

// Match is a record that shares something with the one that was asked about.
type Match struct {
	ID       string
	Copied   float64 // share of the asked record's words that stand in this one
	Of       float64 // share of this one's words that stand in the asked record
	Passages []Passage
	Title    float64  // of the two most alike titles, 1 the same words
	People   []string // of both teams
	Team     float64  // share of both teams together that they are
}

const (
	// Common is how many records may share wording or a stem before it leads to none.
	Common = 1000
	// Read is how many records one search compares word by word at most, those first
	// that share most.
	Read = 40
	// alike is the title from which on a record is a match by its title alone, together
	// is the team from which on it is one by its team alone.
	alike, together = 0.7, 0.6
	// shown is the least likeness of titles that is worth reckoning.
	shown = 0.3
)

// Index finds records. Many may search at once, but not while one adds.
type Index struct {
	ids    []string
	number map[string]uint32
	texts  postings // kept hashes
	stems  postings // of titles, by title
	people postings

	titles []title
	spread map[uint32]uint32 // how many titles have a stem
	teams  []uint16          // how many people each record has
	words  token.Stems
}

// title is one title of a record by the hashes of its stems.
type title struct {
	record uint32
	stems  []uint32
}

// New is an empty index.
func New() *Index {
	return &Index{number: map[string]uint32{}, spread: map[uint32]uint32{}}
}

// Len is the number of records.
func (x *Index) Len() int { return len(x.ids) }

// Add adds a record. One that is there already is refused: what changed is a record
// of its own, under a key of its own.
func (x *Index) Add(r Record) error {
	if _, there := x.number[r.ID]; there {
		return fmt.Errorf("record %q is in the index already", r.ID)
	}
	n := uint32(len(x.ids))
	x.ids, x.number[r.ID] = append(x.ids, r.ID), n
	for _, h := range kept(r) {
		x.texts.add(h, n)
	}
	for _, t := range r.Titles {
		stems := stemsOf(&x.words, t)
		if len(stems) == 0 {
			continue
		}
		for _, s := range stems {
			x.stems.add(s, uint32(len(x.titles)))
			x.spread[s]++
		}
		x.titles = append(x.titles, title{n, stems})
	}
	people := distinct(r.People)
	for _, p := range people {
		x.people.add(uint32(hash(p)>>32), n)
	}
	x.teams = append(x.teams, uint16(min(len(people), math.MaxUint16)))
	return nil
}

// kept are the winnowed hashes of a record's texts.
func kept(r Record) []uint32 {
	var out []uint32
	for _, t := range r.Texts {
		out = append(out, winnow(grams(hashes(token.Plain(t))))...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func stemsOf(words *token.Stems, text string) []uint32 {
	var out []uint32
	for _, s := range words.Append(nil, text, "") {
		out = append(out, uint32(hash(s)>>32))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func distinct(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// Source gives records by key, in any order; one that the searcher may not see, or
// that is gone, is left out, and is no match.
type Source func(ctx context.Context, ids []string) ([]Record, error)

// Find compares r with the records of the index but itself, and returns those that
// share a passage, a title or a team with it, what shares most first.
func (x *Index) Find(ctx context.Context, r Record, source Source) ([]Match, error) {
	found := map[uint32]*lead{}
	x.byText(r, found)
	x.byTitle(r, found)
	x.byPeople(r, found)
	if n, self := x.number[r.ID]; self {
		delete(found, n)
	}
	list := make([]*lead, 0, len(found))
	for n, l := range found {
		if l.record = n; l.worth() > 0 {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b *lead) int {
		return cmp.Or(cmp.Compare(b.worth(), a.worth()), cmp.Compare(a.record, b.record))
	})
	records, leads, err := x.first(ctx, list, source)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	return compare(r, records, leads), nil
}

// first are the first Read records of a list of which source knows, with their leads by key: those that it leaves out take the place of
// none.
func (x *Index) first(ctx context.Context, list []*lead, source Source) ([]Record, map[string]*lead, error) {
	var out []Record
	leads := map[string]*lead{}
	for part := range slices.Chunk(list, Read) {
		ids, at := make([]string, len(part)), make(map[string]int, len(part))
		for i, l := range part {
			ids[i] = x.ids[l.record]
			leads[ids[i]], at[ids[i]] = l, i
		}
		records, err := source(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		slices.SortFunc(records, func(a, b Record) int { return cmp.Compare(at[a.ID], at[b.ID]) })
		if out = append(out, records...); len(out) >= Read {
			return out[:Read], leads, nil
		}
	}
	return out, leads, nil
}

// lead is why a record is looked at.
type lead struct {
	record uint32
	shared int     // kept hashes
	title  float64 // best of its titles
	people int
	team   float64
}

// worth orders leads; 0 for what is no evidence by itself.
func (l *lead) worth() float64 {
	w := float64(l.shared)
	if l.title >= alike {
		w += 20 * l.title
	}
	if l.people > 1 && l.team >= together {
		w += 10 * l.team
	}
	return w
}

func at(found map[uint32]*lead, record uint32) *lead {
	if found[record] == nil {
		found[record] = &lead{}
	}
	return found[record]
}

func (x *Index) byText(r Record, found map[uint32]*lead) {
	var in []uint32
	for _, h := range kept(r) {
		if in = x.texts.of(in[:0], h, Common+1); len(in) > Common {
			continue
		}
		for _, n := range in {
			at(found, n).shared++
		}
	}
}

// byTitle weighs what each title shares. What stems are too common to look up still
// counts, once a rarer one led to the title.
func (x *Index) byTitle(r Record, found map[uint32]*lead) {
	var words token.Stems
	for _, t := range r.Titles {
		stems := stemsOf(&words, t)
		weights := make([]float64, len(stems))
		shared, all, common := map[uint32]float64{}, 0.0, 0.0
		var in []uint32
		for i, s := range stems {
			weights[i] = x.weight(s)
			all += weights[i]
			if in = x.stems.of(in[:0], s, Common+1); len(in) > Common {
				common += weights[i]
				continue
			}
			for _, n := range in {
				shared[n] += weights[i]
			}
		}
		for n, w := range shared {
			if w+common >= shown*all {
				l := at(found, x.titles[n].record)
				l.title = max(l.title, x.overlap(stems, weights, x.titles[n].stems))
			}
		}
	}
}

// weight is what a stem says: the less the more titles have it.
func (x *Index) weight(stem uint32) float64 {
	return math.Log(1 + float64(len(x.titles))/float64(max(x.spread[stem], 1)))
}

// overlap is the weighted Jaccard index of two titles, both in order, the weights of
// one of which are known.
func (x *Index) overlap(stems []uint32, weights []float64, other []uint32) float64 {
	all, both := 0.0, 0.0
	for i, s := range stems {
		all += weights[i]
		if _, shared := slices.BinarySearch(other, s); shared {
			both += weights[i]
		}
	}
	for _, s := range other {
		if _, shared := slices.BinarySearch(stems, s); !shared {
			all += x.weight(s)
		}
	}
	return both / all
}

func (x *Index) byPeople(r Record, found map[uint32]*lead) {
	people := distinct(r.People)
	var in []uint32
	for _, p := range people {
		in = x.people.of(in[:0], uint32(hash(p)>>32), Common+1)
		if len(in) > Common {
			continue
		}
		for _, n := range in {
			at(found, n).people++
		}
	}
	for n, l := range found {
		if l.people > 0 {
			l.team = float64(l.people) / float64(len(people)+int(x.teams[n])-l.people)
		}
	}
}

// compare reads records word by word.
func compare(r Record, records []Record, leads map[string]*lead) []Match {
	here := asked(read(r.Texts, 1<<32))
	var out []Match
	for _, o := range records {
		there := read(o.Texts, 2<<32)
		m := Match{ID: o.ID, Title: leads[o.ID].title}
		var covered int
		m.Passages, covered = here.passages(there)
		m.Copied, m.Of = share(covered, here.words, len(r.Texts)), share(covered, there, len(o.Texts))
		m.People, m.Team = teamOf(r, o)
		if len(m.Passages) > 0 || m.Title >= alike || len(m.People) > 1 && m.Team >= together {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.weight(), a.weight()), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func share(covered int, w words, texts int) float64 {
	if n := len(w.hash) - max(texts-1, 0); n > 0 {
		return float64(covered) / float64(n)
	}
	return 0
}

// weight orders matches, and says no more than that.
func (m Match) weight() float64 { return max(m.Copied, m.Of) + m.Title + m.Team }

func teamOf(a, b Record) (both []string, share float64) {
	one, two := distinct(a.People), distinct(b.People)
	for _, p := range one {
		if _, there := slices.BinarySearch(two, p); there {
			both = append(both, p)
		}
	}
	if len(both) == 0 {
		return nil, 0
	}
	return both, float64(len(both)) / float64(len(one)+len(two)-len(both))
}
