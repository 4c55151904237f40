package review

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/engine/assign"
)

// TestShared: three texts by hand. "glacier" stands in two of three texts and
// weighs ln(4/2), "ice" and "radar" in one and weigh ln 4. The proposal holds
// glacier and radar, the first person glacier and ice.
func TestShared(t *testing.T) {
	t.Parallel()
	proposal := alike("Glacier radar")
	s := newShared([]map[string]string{proposal}, []string{"glaciers, ice", "sheep"})
	a, b := math.Log(4.0/2), math.Log(4.0)
	want := a * a / math.Sqrt((a*a+b*b)*(a*a+b*b))
	got := s.scores(proposal)
	if math.Abs(got[0]-want) > 1e-9 || got[1] != 0 {
		t.Errorf("scores = %v, want %v and 0", got, want)
	}
	if words := s.words(proposal, 0); !slices.Equal(words, []string{"glacier"}) {
		t.Errorf("shared words = %v", words)
	}
	same := newShared([]map[string]string{proposal}, []string{"Radar, glacier"})
	if got := same.scores(proposal)[0]; math.Abs(got-1) > 1e-9 {
		t.Errorf("the same words score %v", got)
	}
	if got := alike("冰川雷达 the of a 7"); len(got) == 0 || got["the"] != "" {
		t.Errorf("words of a Chinese title = %v", got)
	}
}

// stage is a made-up stage: each text of some words of a vocabulary, one conflict in a hundred.
func stage(proposals, people int, seed uint64) *matter {
	r := rand.New(rand.NewPCG(seed, 1))
	text := func(n int) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "word%dx ", int(math.Abs(r.NormFloat64())*400))
		}
		return b.String()
	}
	m := &matter{asked: map[[2]string]string{}, wishes: map[[2]string]string{}, barred: map[[2]string]Conflict{}}
	texts := make([]string, people)
	for j := range people {
		m.pool = append(m.pool, PoolMember{Person: fmt.Sprintf("r%04d", j), Most: 3*proposals/people + 3})
		texts[j] = text(20)
	}
	words := make([]map[string]string, proposals)
	for i := range proposals {
		c := candidate{ID: fmt.Sprintf("p%04d", i), words: alike(text(60))}
		words[i] = c.words
		m.proposals = append(m.proposals, c)
		for j := range people {
			if r.IntN(100) == 0 {
				m.barred[[2]string{c.ID, m.pool[j].Person}] = Conflict{Rule: "same-organisation"}
			}
		}
	}
	m.measure = newShared(words, texts)
	return m
}

// TestProblem: what was asked and locked is kept, what is barred, forbidden or was
// turned down is not suggested, and places taken from outside the pool are counted.
func TestProblem(t *testing.T) {
	t.Parallel()
	m := stage(12, 8, 7)
	m.barred = map[[2]string]Conflict{{"p0000", "r0000"}: {Rule: "declared"}}
	m.asked = map[[2]string]string{{"p0001", "r0001"}: Accepted, {"p0001", "r0002"}: Declined, {"p0002", "outsider"}: Submitted, {"p0003", "r0003"}: Cancelled}
	m.wishes = map[[2]string]string{{"p0004", "r0004"}: Lock, {"p0004", "r0005"}: Forbid, {"p0005", "r0005"}: ""}
	p, scores, barred := m.problem(Settings{Each: 3})
	sol, err := assign.Solve(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := assign.Verify(p, sol); err != nil {
		t.Fatal(err)
	}
	r, c := m.told(p, sol, scores, barred)
	got := map[[2]string]Pair{}
	for _, pair := range r.Pairs {
		got[[2]string{pair.Proposal, pair.Person}] = pair
	}
	for _, kept := range [][2]string{{"p0001", "r0001"}, {"p0004", "r0004"}} {
		if _, ok := got[kept]; !ok {
			t.Errorf("%v is not kept", kept)
		}
	}
	for _, out := range [][2]string{{"p0000", "r0000"}, {"p0001", "r0002"}, {"p0003", "r0003"}, {"p0004", "r0005"}} {
		if _, ok := got[out]; ok {
			t.Errorf("%v is suggested", out)
		}
	}
	if !got[[2]string{"p0001", "r0001"}].Asked || !got[[2]string{"p0004", "r0004"}].Locked || r.Places != 12*3-1 || r.Barred["declared"] != 1 || c.Cost < c.Bound-int64(c.Unmet)*p.Penalty() {
		t.Errorf("result %+v", r)
	}
	again, _ := m.told(p, sol, scores, barred)
	if digest(p) != c.Problem || !slices.EqualFunc(again.Pairs, r.Pairs, func(a, b Pair) bool { return a.Proposal == b.Proposal && a.Person == b.Person }) {
		t.Error("the same problem is told in another way")
	}
}

// BenchmarkSuggest is a suggestion for a large call: scores, problem, solution and proof, without the database.
func BenchmarkSuggest(b *testing.B) {
	for _, size := range [][2]int{{265, 186}, {1000, 400}} {
		m := stage(size[0], size[1], 11)
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			for b.Loop() {
				p, scores, barred := m.problem(Settings{Each: 3})
				sol, err := assign.Solve(b.Context(), p)
				if err != nil {
					b.Fatal(err)
				}
				if err := assign.Verify(p, sol); err != nil {
					b.Fatal(err)
				}
				m.told(p, sol, scores, barred)
			}
		})
	}
}
