package review

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/register"
)

// TestMeasure: who wrote of it fits best, who wrote nothing not at all, and shared words
// come as the proposal writes them.
func TestMeasure(t *testing.T) {
	t.Parallel()
	proposals := []candidate{{ID: "p", Title: "Grain boundaries as fuses", Summary: "Boundaries in ceramics that break a current."}, {ID: "q", Title: "冰川雷达", Summary: "测量冰川厚度。"}}
	m, err := newMeasure(t.Context(), proposals, []string{"grain", "silent", "ice"}, map[string][]register.Writing{
		"grain": {{Title: "ceramics; grain boundary"}, {ID: "w", Title: "A boundary that breaks", Abstract: "On fuses."}}, "ice": {{Title: "冰川与雷达测量"}}}, blend{})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.scores(0); got[0] <= got[2] || got[1] != 0 {
		t.Errorf("scores of the first proposal are %v", got)
	}
	if got := m.scores(1); got[2] <= got[0] || got[1] != 0 {
		t.Errorf("scores of the second proposal are %v", got)
	}
	if words := m.words(0, 0); !slices.Contains(words, "boundaries") {
		t.Errorf("shared words = %v", words)
	}
	if words := m.words(1, 2); !slices.Contains(words, "冰川") {
		t.Errorf("shared words = %v", words)
	}
}

// TestMeasuresAreKept: the same texts are scored once, others anew.
func TestMeasuresAreKept(t *testing.T) {
	t.Parallel()
	var kept measures
	proposals, people := []candidate{{ID: "p", Title: "Ice"}}, []string{"a"}
	get := func(title string) *measure {
		m, err := kept.get(t.Context(), proposals, people, map[string][]register.Writing{"a": {{Title: title}}}, blend{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := get("Ice and snow")
	if get("Ice and snow") != first || get("Snow") == first {
		t.Error("measures are not kept by their texts")
	}
	for i := range mostMeasures {
		get(fmt.Sprint(i))
	}
	if get("Ice and snow") == first {
		t.Error("measures are kept for ever")
	}
}

// stage is a made-up stage: each text of some words of a vocabulary, one conflict in a hundred.
func stage(t testing.TB, proposals, people int, seed uint64) *matter {
	r := rand.New(rand.NewPCG(seed, 1))
	text := func(n int) string {
		var b strings.Builder
		for range n {
			fmt.Fprintf(&b, "word%dx ", int(math.Abs(r.NormFloat64())*400))
		}
		return b.String()
	}
	m := &matter{asked: map[[2]string]string{}, wishes: map[[2]string]string{}, barred: map[[2]string]Conflict{}}
	writings, keys := map[string][]register.Writing{}, make([]string, people)
	for j := range people {
		keys[j] = fmt.Sprintf("r%04d", j)
		m.pool = append(m.pool, PoolMember{Person: keys[j], Most: 3*proposals/people + 3})
		writings[keys[j]] = []register.Writing{{Title: text(20)}}
	}
	for i := range proposals {
		c := candidate{ID: fmt.Sprintf("p%04d", i), Title: text(60)}
		m.proposals = append(m.proposals, c)
		for j := range people {
			if r.IntN(100) == 0 {
				m.barred[[2]string{c.ID, m.pool[j].Person}] = Conflict{Rule: "same-organisation"}
			}
		}
	}
	var err error
	if m.measure, err = newMeasure(t.Context(), m.proposals, keys, writings, blend{}); err != nil {
		t.Fatal(err)
	}
	return m
}

// asks puts the problem of a stage under some rules.
func (m *matter) asks(t testing.TB, set Settings) *question {
	t.Helper()
	if err := set.settle(3); err != nil {
		t.Fatal(err)
	}
	q := &question{matter: m, set: set}
	q.Problem, q.scores, q.barred = m.problem(set)
	return q
}

// TestProblem: what was asked and locked is kept, what is barred, forbidden or was
// turned down is not suggested, and places taken from outside the pool are counted.
func TestProblem(t *testing.T) {
	t.Parallel()
	m := stage(t, 12, 8, 7)
	m.barred = map[[2]string]Conflict{{"p0000", "r0000"}: {Rule: "declared"}}
	m.asked = map[[2]string]string{{"p0001", "r0001"}: Accepted, {"p0001", "r0002"}: Declined, {"p0002", "outsider"}: Submitted, {"p0003", "r0003"}: Cancelled}
	m.wishes = map[[2]string]string{{"p0004", "r0004"}: Lock, {"p0004", "r0005"}: Forbid, {"p0005", "r0005"}: ""}
	q := m.asks(t, Settings{Each: 3})
	run, answer, err := q.solve(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	r, c := run.Result, run.Certificate
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
	if !got[[2]string{"p0001", "r0001"}].Asked || !got[[2]string{"p0004", "r0004"}].Locked || r.Places != 12*3-1 || r.Barred["declared"] != 1 || c.Cost < c.Bound-int64(c.Unmet)*q.Penalty() {
		t.Errorf("result %+v", r)
	}
	again, _ := q.told(answer)
	if digest(q.Problem) != c.Problem || !slices.EqualFunc(again.Pairs, r.Pairs, func(a, b Pair) bool { return a.Proposal == b.Proposal && a.Person == b.Person }) {
		t.Error("the same problem is told in another way")
	}
}

// TestAims: the three aims keep the same limits; the fair one serves the worst served proposal
// no worse than the total, whose sum nothing beats; a draw keeps its limit and is made again from its seed.
func TestAims(t *testing.T) {
	t.Parallel()
	m := stage(t, 40, 25, 3)
	solve := func(set Settings, seed uint64) (Run, answered) {
		run, got, err := m.asks(t, set).solve(t.Context(), seed)
		if err != nil {
			t.Fatal(err)
		}
		if run.Result.Filled != run.Result.Places || run.Result.Filled != 120 {
			t.Errorf("%s fills %d of %d", set.Aim, run.Result.Filled, run.Result.Places)
		}
		return run, got
	}
	best, _ := solve(Settings{Aim: Total}, 0)
	fair, _ := solve(Settings{Aim: Fair}, 0)
	drawn, lottery := solve(Settings{Aim: Random, Limit: 40}, 7)
	again, _ := solve(Settings{Aim: Random, Limit: 40}, 7)
	other, _ := solve(Settings{Aim: Random, Limit: 40}, 8)
	if fair.Result.Least < best.Result.Least || fair.Result.Total > best.Result.Total+1e-9 || drawn.Result.Total > best.Result.Total+1e-9 {
		t.Errorf("total %v and %v, fair %v and %v, drawn %v", best.Result.Total, best.Result.Least, fair.Result.Total, fair.Result.Least, drawn.Result.Total)
	}
	if fair.Certificate.LeastBound < fair.Certificate.Least || !best.Certificate.Optimal() {
		t.Errorf("certificates %+v, %+v", fair.Certificate, best.Certificate)
	}
	same := func(a, b Pair) bool { return a.Proposal == b.Proposal && a.Person == b.Person }
	if !slices.EqualFunc(drawn.Result.Pairs, again.Result.Pairs, same) || slices.EqualFunc(drawn.Result.Pairs, other.Result.Pairs, same) {
		t.Error("the draw does not follow its seed")
	}
	for k, n := range lottery.share {
		if n*5 > lottery.parts*2 {
			t.Fatalf("pair %d has %d of %d, the limit is 40 %%", k, n, lottery.parts)
		}
	}
}

// TestRaise: one place more for whom a reason names fills one that is empty, and changes the total by what is said.
func TestRaise(t *testing.T) {
	t.Parallel()
	m := stage(t, 12, 9, 5)
	for j := range m.pool {
		m.pool[j].Most = 2
	}
	solve := func() Result {
		run, _, err := m.asks(t, Settings{Each: 2}).solve(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		return run.Result
	}
	short := solve()
	tried := 0
	for _, why := range short.Why {
		for _, raise := range why.Raise {
			tried++
			m.pool[m.person(raise.Person)].Most++
			if more := solve(); more.Filled != short.Filled+1 || math.Abs(more.Total-short.Total-raise.Gain) > 1e-6 {
				t.Errorf("%+v: filled %d and %d, total %v and %v", raise, short.Filled, more.Filled, short.Total, more.Total)
			}
			m.pool[m.person(raise.Person)].Most--
		}
	}
	if tried == 0 {
		t.Errorf("nothing is said of %d empty places: %+v", short.Places-short.Filled, short.Why)
	}
}

// BenchmarkSuggest is a suggestion for a large call: problem, solution and proof, without the database and the scores.
func BenchmarkSuggest(b *testing.B) {
	for _, size := range [][2]int{{265, 186}, {1000, 600}} {
		m := stage(b, size[0], size[1], 11)
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := m.asks(b, Settings{}).solve(b.Context(), 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
