package calibrate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

func trueRanks(merit []float64) []int {
	order := make([]int, len(merit))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if merit[a] > merit[b] {
			return -1
		}
		return 1
	})
	out := make([]int, len(merit))
	for i, p := range order {
		out[p] = i + 1
	}
	return out
}

// TestCoverage asks whether intervals of 90 % hold nine true ranks of ten. The
// standard deviations of a panel are drawn, and lie well within their bounds.
// HEADWATER_PANELS sets how many panels; bench/calibrate runs 2,000.
func TestCoverage(t *testing.T) {
	t.Parallel()
	panels := 80
	if s := os.Getenv("HEADWATER_PANELS"); s != "" {
		if _, err := fmt.Sscan(s, &panels); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range []struct{ proposals, reviewers, each int }{{30, 12, 4}, {60, 25, 3}} {
		held, total := 0, 0
		for k := range panels {
			r := rand.New(rand.NewPCG(7, uint64(k)))
			v := sds{0.4 + 0.6*r.Float64(), 0.5 + 0.7*r.Float64(), 0.2 + 0.6*r.Float64(), 1}
			p, merit := simulate(r, size.proposals, size.reviewers, size.each, 1, v)
			res, err := Calibrate(t.Context(), p, Options{Funded: 10})
			if err != nil {
				t.Fatal(err)
			}
			for i, rank := range trueRanks(merit) {
				total++
				if q := res.Proposals[i]; q.Low <= rank && rank <= q.High {
					held++
				}
			}
		}
		share := float64(held) / float64(total)
		t.Logf("%+v: %.2f %% of %d true ranks in their interval, %d panels", size, 100*share, total, panels)
		if share < 0.88 || share > 0.92 {
			t.Errorf("%+v: intervals of 90 %% hold %.2f %%", size, 100*share)
		}
	}
}

// TestBothWays compares the sampler for large panels with the integration.
func TestBothWays(t *testing.T) {
	t.Parallel()
	p, _ := simulate(rand.New(rand.NewPCG(5, 6)), 120, 40, 4, 3, sds{0.7, 0.8, 0.5, 0.3})
	value := p.values(false)
	floor, most := p.bounds(value)
	list, _ := p.reviews(value)
	s := space{newSystem(list, 120, 40, 3), floor, most, 0}
	a, b := newTally(s.system, 8000), newTally(s.system, 8000)
	if err := s.integrate(t.Context(), 4000, 1, a.take); err != nil {
		t.Fatal(err)
	}
	if err := s.sample(t.Context(), 4000, 1, b.take); err != nil {
		t.Fatal(err)
	}
	x, y := a.result(Options{Funded: 40, Level: 0.9}), b.result(Options{Funded: 40, Level: 0.9})
	for i, q := range x.Proposals {
		if d := math.Abs(q.ExpectedRank - y.Proposals[i].ExpectedRank); d > 1 {
			t.Errorf("proposal %d: expected rank %.2f integrated, %.2f sampled", i, q.ExpectedRank, y.Proposals[i].ExpectedRank)
		}
		if d := math.Abs(q.Funded - y.Proposals[i].Funded); d > 0.04 {
			t.Errorf("proposal %d: above the line with %.3f integrated, %.3f sampled", i, q.Funded, y.Proposals[i].Funded)
		}
	}
	for _, v := range [][2]float64{{x.Noise, y.Noise}, {x.Merit, y.Merit}, {x.Shift, y.Shift}} {
		if math.Abs(v[0]-v[1]) > 0.02 {
			t.Errorf("a standard deviation is %.3f integrated, %.3f sampled", v[0], v[1])
		}
	}
}

// TestLaws: ranks sum up, chances of the line do, equal input gives equal output,
// a shift of all scores changes nothing, a turn of the scale turns the order.
func TestLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(1, 12).Draw(t, "proposals"), rapid.IntRange(1, 12).Draw(t, "reviewers")
		p := &Panel{Proposals: make([]string, n), Reviewers: make([]string, m)}
		for i := range n {
			for j := range m {
				if rapid.Bool().Draw(t, "scored") {
					p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: j, Value: float64(rapid.IntRange(1, 6).Draw(t, "score"))})
				}
			}
		}
		if len(p.Scores) == 0 {
			return
		}
		o := Options{Funded: rapid.IntRange(0, n).Draw(t, "funded")}
		a, err := Calibrate(t.Context(), p, o)
		if err != nil {
			t.Fatal(err)
		}
		ranks, funded := 0.0, 0.0
		for _, q := range a.Proposals {
			ranks += q.ExpectedRank
			funded += q.Funded
			if q.Low < 1 || q.High > n || q.Low > q.High {
				t.Fatalf("interval %d to %d of %d", q.Low, q.High, n)
			}
		}
		if math.Abs(ranks-float64(n*(n+1))/2) > 1e-6 || math.Abs(funded-float64(o.Funded)) > 1e-6 {
			t.Fatalf("ranks sum to %g, chances to %g", ranks, funded)
		}
		b, _ := Calibrate(t.Context(), p, o)
		if math.IsNaN(a.Alpha) {
			a.Alpha, b.Alpha = 0, 0
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatal("equal panels, unequal results")
		}
	})
}

// TestLarge: 10,000 proposals with three reviews each.
func TestLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	p, merit := simulate(rand.New(rand.NewPCG(8, 9)), 10000, 3000, 3, 1, sds{0.7, 0.8, 0.5, 1})
	began := time.Now()
	res, err := Calibrate(t.Context(), p, Options{Funded: 2000})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f s", time.Since(began).Seconds())
	held := 0
	var expected, rank []float64
	for i, r := range trueRanks(merit) {
		q := res.Proposals[i]
		if q.Low <= r && r <= q.High {
			held++
		}
		expected, rank = append(expected, q.ExpectedRank), append(rank, float64(r))
	}
	if share := float64(held) / 10000; share < 0.88 || share > 0.92 {
		t.Errorf("intervals of 90 %% hold %.2f %%", 100*share)
	}
	if c := stat.Correlation(expected, rank, nil); c < 0.75 {
		t.Errorf("expected and true ranks correlate with %.3f only", c)
	}
	for _, v := range [][2]float64{{res.Noise, 0.7}, {res.Merit, 0.8}, {res.Shift, 0.5}} {
		if math.Abs(v[0]-v[1]) > 0.03 {
			t.Errorf("a standard deviation is %.3f, true %.3f", v[0], v[1])
		}
	}
}

// TestStrict: a strict reviewer's proposal is not punished, and one reviewer's
// absence that changes the line is told.
func TestStrict(t *testing.T) {
	t.Parallel()
	p := &Panel{Proposals: []string{"p0", "p1", "p2", "p3", "p4", "p5"}, Reviewers: []string{"mild", "strict", "other"}, Scores: []Score{
		{0, 0, 0, 0, 9}, {1, 0, 0, 0, 7}, {2, 0, 0, 0, 8}, {3, 0, 0, 0, 6},
		{0, 1, 0, 0, 5}, {1, 1, 0, 0, 3}, {2, 1, 0, 0, 4}, {4, 1, 0, 0, 5},
		{3, 2, 0, 0, 4}, {0, 2, 0, 0, 7}, {1, 2, 0, 0, 5},
	}}
	o := Options{Funded: 2}
	r, err := Calibrate(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Proposals[4].ExpectedRank >= r.Proposals[1].ExpectedRank {
		t.Errorf("a 5 of the strict ranks %.2f, behind a 7 of the mild with %.2f", r.Proposals[4].ExpectedRank, r.Proposals[1].ExpectedRank)
	}
	if r.Reviewers[0].Shift <= r.Reviewers[2].Shift || r.Reviewers[2].Shift <= r.Reviewers[1].Shift {
		t.Errorf("shifts %+v: mild, other, strict is the order", r.Reviewers)
	}
	if q := r.Proposals[5]; q.Reviews != 0 || !q.AcrossTheLine || q.EffectSD <= r.Proposals[0].EffectSD {
		t.Errorf("a proposal without reviews: %+v", q)
	}
	list, err := Influences(t.Context(), p, r, o)
	if err != nil {
		t.Fatal(err)
	}
	// Only the strict reviewer has seen p4.
	if len(list) == 0 || list[0].Reviewer != 1 || !slices.Equal(list[0].With, []int{4}) || !slices.Equal(list[0].Without, []int{2}) {
		t.Errorf("influences %+v", list)
	}
}

// TestCriteria: a review that misses a criterion says less than a full one, and
// a criterion on which all score low harms nobody.
func TestCriteria(t *testing.T) {
	t.Parallel()
	p := &Panel{Proposals: make([]string, 4), Reviewers: make([]string, 3), Criteria: []string{"plan", "team"}}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 4 {
		for j := range 3 {
			for c := range 2 {
				if i == 3 && c == 1 {
					continue // nobody scores the last one's team
				}
				p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: j, Criterion: c, Value: float64(6-i-2*c) + r.NormFloat64()/2})
			}
		}
	}
	res, err := Calibrate(t.Context(), p, Options{Funded: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 4; i++ {
		if res.Proposals[i].ExpectedRank <= res.Proposals[i-1].ExpectedRank {
			t.Errorf("expected ranks %+v are not in order", res.Proposals)
		}
	}
	if res.Proposals[3].Reviews != 3 {
		t.Errorf("%d reviews of the last", res.Proposals[3].Reviews)
	}
	same, err := Calibrate(t.Context(), &Panel{Proposals: p.Proposals, Reviewers: p.Reviewers, Scores: []Score{{Value: 3}, {Proposal: 1, Value: 3}}}, Options{Funded: 1})
	if err != nil {
		t.Fatal(err)
	}
	if q := same.Proposals[0]; q.ExpectedRank != 2.5 || q.Funded != 0.25 {
		t.Errorf("all scores equal: %+v", q)
	}
}

// TestOrdinal: any names that keep the order give the same answer.
func TestOrdinal(t *testing.T) {
	t.Parallel()
	p, _ := simulate(rand.New(rand.NewPCG(2, 2)), 10, 5, 3, 1, sds{0.5, 1, 0.3, 1})
	bent := &Panel{Proposals: p.Proposals, Reviewers: p.Reviewers}
	for i := range p.Scores {
		s := &p.Scores[i]
		s.Value = math.Round(s.Value)
		b := *s
		b.Value = math.Exp(b.Value)
		bent.Scores = append(bent.Scores, b)
	}
	x, err := Calibrate(t.Context(), p, Options{Ordinal: true})
	if err != nil {
		t.Fatal(err)
	}
	y, _ := Calibrate(t.Context(), bent, Options{Ordinal: true})
	if !reflect.DeepEqual(x, y) {
		t.Error("a monotone change of an ordinal scale changes the result")
	}
}

// TestLine: a line that follows from the order is where the same number would have
// put it, and what all scores have in common is in the overall mean alone.
func TestLine(t *testing.T) {
	t.Parallel()
	p, _ := simulate(rand.New(rand.NewPCG(3, 5)), 30, 12, 3, 1, sds{0.6, 0.8, 0.4, 1})
	asked := func(order []int) int {
		left, n := 100, 0
		for _, i := range order {
			if left -= 5 + i; left < 0 {
				break
			}
			n++
		}
		return n
	}
	one, err := Calibrate(t.Context(), p, Options{Line: asked})
	if err != nil {
		t.Fatal(err)
	}
	if n := asked(Order(one.Proposals)); one.Funded != n || n == 0 || n == 30 {
		t.Fatalf("the line is at %d, by hand at %d", one.Funded, n)
	}
	for i := range p.Scores {
		p.Scores[i].Value += 2
	}
	two, err := Calibrate(t.Context(), p, Options{Funded: one.Funded})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(two.Overall-one.Overall-2) > 1e-6 {
		t.Errorf("overall %v, and %v with two points more for all", one.Overall, two.Overall)
	}
	for i, q := range two.Proposals {
		if was := one.Proposals[i]; math.Abs(was.Funded-q.Funded) > 0.02 || math.Abs(was.Effect-q.Effect) > 1e-3 {
			t.Errorf("%d: %+v, with two points more for all %+v", i, was, q)
		}
	}
	if _, err := Calibrate(t.Context(), p, Options{Line: func(order []int) int { return len(order) + 9 }}); err != nil {
		t.Error(err)
	}
}

// TestSample: what is kept of the draws has the means and the spread of all of them, and what reviewers
// have in common is in it: proposals that one reviewer alone judged rise and fall together.
func TestSample(t *testing.T) {
	t.Parallel()
	p := &Panel{Proposals: make([]string, 12), Reviewers: make([]string, 4)}
	r := rand.New(rand.NewPCG(3, 5))
	for i := range p.Proposals {
		p.Proposals[i] = fmt.Sprint(i)
		p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: i / 3, Value: 5 + r.NormFloat64()})
		if i%3 == 0 {
			p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: (i/3 + 1) % 4, Value: 5 + r.NormFloat64()})
		}
	}
	for i := range p.Reviewers {
		p.Reviewers[i] = fmt.Sprint(i)
	}
	got, err := Calibrate(t.Context(), p, Options{Keep: 400, ReviewerSD: 3, Seed: 1})
	if err != nil || len(got.Sample) != 400 {
		t.Fatalf("%d draws, %v", len(got.Sample), err)
	}
	column := func(i int) (out []float64) {
		for _, effects := range got.Sample {
			out = append(out, effects[i])
		}
		return out
	}
	for i, q := range got.Proposals {
		if mean, sd := stat.MeanStdDev(column(i), nil); math.Abs(mean-q.Effect) > 0.15*q.EffectSD || math.Abs(sd/q.EffectSD-1) > 0.2 {
			t.Errorf("proposal %d: mean %.3f and deviation %.3f of the sample, %.3f and %.3f of all", i, mean, sd, q.Effect, q.EffectSD)
		}
	}
	if together, apart := stat.Correlation(column(1), column(2), nil), stat.Correlation(column(1), column(8), nil); together < apart {
		t.Errorf("two by one reviewer correlate by %.2f, two by different ones by %.2f", together, apart)
	}
	for _, keep := range []int{-2, 3, fewestDraw + 2} {
		if _, err := Calibrate(t.Context(), p, Options{Keep: keep}); err == nil {
			t.Errorf("%d draws are kept", keep)
		}
	}
}
