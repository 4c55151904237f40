package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/engine/expertise"
)

// award is one of SweCRIS with an English abstract.
type award struct {
	title, abstract string
	people          map[string]bool
	codes           map[string]bool // of fields, of 1, 3 and 5 digits
}

// graded is a person with works and what a text is worth to them: 4 an award of
// their own that is held out, 3 one of their finest fields, 2 and 1 of their
// wider fields, 0 of others.
type graded struct {
	works  []int
	texts  []int
	grades []int
}

// quality orders awards for people as the gold standard of Stelmakh et al. (2023)
// does papers: samples of 58 people with some eight texts each, nothing known but
// their works and these texts; pairs of texts of one person in the wrong order
// count by the difference of their grades, as a part of all.
func quality(ctx context.Context, name string, samples int, out io.Writer) error {
	awards, err := readAwards(name)
	if err != nil {
		return err
	}
	for _, set := range []struct {
		name   string
		fields []string // codes that the fields of most works begin with
	}{
		{"all fields", []string{""}},
		{"natural sciences and engineering", []string{"1", "2"}},
		{"mathematics, computing, electronics", []string{"101", "102", "202"}},
	} {
		wrong, all := 0.0, 0.0
		for seed := range samples {
			people := sampled(awards, set.fields, uint64(seed))
			w, a, err := disorder(ctx, awards, people)
			if err != nil {
				return err
			}
			wrong, all = wrong+w, all+a
		}
		fmt.Fprintf(out, "%s: loss %.4f over %d samples\n", set.name, wrong/all, samples)
	}
	return nil
}

func readAwards(name string) ([]award, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read
	var out []award
	at := map[string]int{} // by title and by beginning of the abstract: many awards stand twice
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var a struct {
			Title, Abstract struct{ En string }
			People          []struct{ ID string }
			Fields          []struct{ Code string }
		}
		if err := d.Decode(&a); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(strings.Fields(a.Abstract.En)) < 40 {
			continue
		}
		title, abstract := plain(a.Title.En), plain(a.Abstract.En)
		abstract = abstract[:min(len(abstract), 200)]
		i, ok := at[title]
		if !ok {
			i, ok = at[abstract]
		}
		if !ok {
			i = len(out)
			out = append(out, award{a.Title.En, a.Abstract.En, map[string]bool{}, map[string]bool{}})
		}
		at[title], at[abstract] = i, i
		for _, p := range a.People {
			out[i].people[p.ID] = true
		}
		for _, f := range a.Fields {
			if !strings.HasPrefix(f.Code, "9") {
				out[i].codes[f.Code] = true
			}
		}
	}
}

func plain(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// sampled picks people most of whose awards lie in the fields.
func sampled(awards []award, fields []string, seed uint64) []graded {
	r := rand.New(rand.NewPCG(seed, 58))
	within := func(i int) bool {
		for c := range awards[i].codes {
			if slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(c, f) }) {
				return true
			}
		}
		return false
	}
	of := map[string][]int{}
	for i, a := range awards {
		for p := range a.people {
			of[p] = append(of[p], i)
		}
	}
	var pool []string
	for p, list := range of {
		n := 0
		for _, i := range list {
			if within(i) {
				n++
			}
		}
		if len(list) >= 4 && 10*n >= 7*len(list) {
			pool = append(pool, p)
		}
	}
	slices.Sort(pool)
	r.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	var out []graded
	for _, p := range pool {
		if g, ok := gradedFor(awards, of[p], p, within, r); ok && len(out) < 58 {
			out = append(out, g)
		}
	}
	return out
}

// gradedFor holds one award of a person out and picks others of each grade.
func gradedFor(awards []award, own []int, person string, within func(int) bool, r *rand.Rand) (graded, bool) {
	own = slices.Clone(own)
	r.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
	works := own[1:min(len(own), 21)]
	codes := map[string]bool{}
	for _, w := range works {
		for c := range awards[w].codes {
			codes[c] = true
		}
	}
	var by [4][]int
	for i, a := range awards {
		if a.people[person] || len(a.codes) == 0 || !within(i) {
			continue
		}
		grade := 0
		for c := range a.codes {
			if codes[c] {
				grade = max(grade, 1+len(c)/2) // 1, 3 and 5 digits
			}
		}
		by[min(grade, 3)] = append(by[min(grade, 3)], i)
	}
	if len(by[3]) == 0 {
		return graded{}, false
	}
	g := graded{works: works, texts: []int{own[0]}, grades: []int{4}}
	for grade, most := range []int{1, 2, 2, 2} {
		list := by[grade]
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, i := range list[:min(most, len(list))] {
			g.texts, g.grades = append(g.texts, i), append(g.grades, grade)
		}
	}
	return g, true
}

// disorder is how much weight of pairs is in the wrong order, and that of all pairs.
func disorder(ctx context.Context, awards []award, people []graded) (wrong, all float64, err error) {
	c := expertise.NewCorpus(false)
	text := func(i int) expertise.Work {
		return expertise.Work{ID: strconv.Itoa(i), Title: awards[i].title, Abstract: awards[i].abstract}
	}
	var texts []int
	for k, g := range people {
		p := expertise.Person{ID: strconv.Itoa(k)}
		for _, w := range g.works {
			p.Works = append(p.Works, text(w))
		}
		if err := c.AddPerson(p); err != nil {
			return 0, 0, err
		}
		texts = append(texts, g.texts...)
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	for _, i := range texts {
		if err := c.AddText(text(i)); err != nil {
			return 0, 0, err
		}
	}
	x, err := c.Index(ctx, expertise.Options{})
	if err != nil {
		return 0, 0, err
	}
	scores := make([][]float64, len(texts))
	s := x.Scorer()
	for i := range texts {
		scores[i] = s.Score(nil, i)
	}
	for k, g := range people {
		for a := range g.texts {
			for b := range g.texts {
				if g.grades[a] <= g.grades[b] {
					continue
				}
				weight := float64(g.grades[a] - g.grades[b])
				all += weight
				i, _ := slices.BinarySearch(texts, g.texts[a])
				j, _ := slices.BinarySearch(texts, g.texts[b])
				switch cmp.Compare(scores[i][k], scores[j][k]) {
				case -1:
					wrong += weight
				case 0:
					wrong += weight / 2
				}
			}
		}
	}
	return wrong, all, nil
}
