package demo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/register"
)

// TestNamesOfPeople: everybody has a name of their own that somebody could bear, a second initial where two would share one.
func TestNamesOfPeople(t *testing.T) {
	t.Parallel()
	c := &country{ctx: t.Context(), now: time.Date(2027, 3, 16, 8, 0, 0, 0, time.UTC), dice: dice{20270316}, agencies: make([]register.Agency, 4)}
	for i := range 44 {
		c.orgs = append(c.orgs, register.Organisation{ID: fmt.Sprint(i)})
	}
	crowd, seen, second := c.crowd(1600).People, map[string]bool{}, 0
	initial := regexp.MustCompile(`^ [A-Z]\.$`)
	for i, p := range slices.Concat(c.invent(), crowd) {
		first, _, _ := strings.Cut(p.Given, " ")
		rest := strings.TrimPrefix(p.Given, first)
		if !slices.Contains(words().Family, p.Family) || !slices.Contains(words().Given, first) || rest != "" && !initial.MatchString(rest) {
			t.Fatalf("%q %q", p.Given, p.Family)
		}
		if strings.ContainsAny(p.Email, " ") || strings.Contains(p.Email, "..") {
			t.Errorf("address %q", p.Email)
		}
		if i < people && seen[p.Given+" "+p.Family] {
			t.Errorf("two are %s %s", p.Given, p.Family)
		}
		if seen[p.Given+" "+p.Family] = true; i < people && rest != "" {
			second++
		}
	}
	if second < 100 || second > people/3 {
		t.Errorf("%d of %d have a second initial", second, people)
	}
}

func TestWordsAreWhole(t *testing.T) {
	t.Parallel()
	v := words()
	if len(v.topics) < 36 || len(v.Given) < 90 || len(v.Family) < 90 || len(v.Places) < 25 {
		t.Fatalf("%d topics, %d given names, %d family names, %d places", len(v.topics), len(v.Given), len(v.Family), len(v.Places))
	}
	for _, topic := range v.topics {
		if len(topic.Methods) != 3 || topic.Thing == "" || topic.Part == "" || topic.Trouble == "" || topic.Idea == "" ||
			topic.Measure == "" || topic.Use == "" || topic.Works == "" {
			t.Errorf("topic %q lacks words: %+v", topic.Thing, topic)
		}
	}
}

func TestTextIsDeterministicAndVaried(t *testing.T) {
	t.Parallel()
	titles := map[string]bool{}
	a, b := &dice{7}, &dice{7}
	for i := range 400 {
		topic := words().topics[i%len(words().topics)]
		one, two := write(a, topic), write(b, topic)
		if one.title != two.title || one.aim != two.aim {
			t.Fatalf("the same dice gave %q and %q", one.title, two.title)
		}
		if strings.Contains(one.summary+one.aim+one.approach+one.risks, "%!") {
			t.Fatalf("broken text: %+v", one)
		}
		titles[one.title] = true
	}
	if len(titles) < 150 {
		t.Errorf("only %d different titles in 400", len(titles))
	}
}
