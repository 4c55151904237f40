package calibrate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

// chance is the probability of an order, sets of proposals from the best, summed over all
// subsets one by one.
func (l *luce) chance(x []float64, sets [][]int) float64 {
	f := func(set []int) float64 {
		s := slices.Index(l.sizes, len(set))
		if s < 0 {
			return 0
		}
		log := 0.0
		if s > 0 {
			log = x[l.n+s-1]
		}
		for _, i := range set {
			log += x[i] / float64(len(set))
		}
		return math.Exp(log)
	}
	out := 1.0
	for k := range sets {
		left := slices.Concat(sets[k:]...)
		sum := 0.0
		for bits := 1; bits < 1<<len(left); bits++ {
			var set []int
			for j, i := range left {
				if bits>>j&1 == 1 {
					set = append(set, i)
				}
			}
			sum += f(set)
		}
		out *= f(sets[k]) / sum
	}
	return out
}

// orders calls f for every order, with ties, of some proposals.
func orders(left []int, sizes []int, f func(sets [][]int)) {
	var from func(left []int, sets [][]int)
	from = func(left []int, sets [][]int) {
		if len(left) == 0 {
			f(sets)
			return
		}
		for bits := 1; bits < 1<<len(left); bits++ {
			var set, rest []int
			for j, i := range left {
				if bits>>j&1 == 1 {
					set = append(set, i)
				} else {
					rest = append(rest, i)
				}
			}
			if slices.Contains(sizes, len(set)) {
				from(rest, append(slices.Clone(sets), set))
			}
		}
	}
	from(left, nil)
}

// list of sets as reviews of one reviewer.
func scored(sets [][]int, reviewer int) []review {
	var out []review
	for k, set := range sets {
		for _, i := range set {
			out = append(out, review{proposal: i, reviewer: reviewer, y: float64(len(sets) - k)})
		}
	}
	return out
}

// TestLuceLikelihood: the symmetric functions give what summing over subsets does,
// probabilities of all orders sum to 1, and the gradient is that of differences.
func TestLuceLikelihood(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "proposals")
		l := &luce{n: n, sizes: []int{1}}
		for k := 2; k <= n; k++ {
			if rapid.Bool().Draw(t, "ties") {
				l.sizes = append(l.sizes, k)
			}
		}
		x := make([]float64, n+len(l.sizes)-1)
		for j := range x {
			x[j] = rapid.Float64Range(-3, 3).Draw(t, "parameter")
		}
		left := make([]int, n)
		for i := range left {
			left[i] = i
		}
		total := 0.0
		orders(left, l.sizes, func(sets [][]int) {
			one, err := newLuce(scored(sets, 0), n)
			if err != nil {
				t.Fatal(err)
			}
			r := one.lists[0]
			local := l.local(r, x)
			log, grad := l.list(r, local)
			if want := l.chance(x, sets); math.Abs(math.Exp(log)-want) > 1e-9*want {
				t.Fatalf("%v: %g, by subsets %g", sets, math.Exp(log), want)
			}
			total += math.Exp(log)
			for k := range local {
				was := local[k]
				local[k] = was + 1e-6
				above, _ := l.list(r, local)
				local[k] = was - 1e-6
				below, _ := l.list(r, local)
				local[k] = was
				if d := (above - below) / 2e-6; math.Abs(d-grad[k]) > 1e-6 {
					t.Fatalf("%v: derivative %d is %g, by differences %g", sets, k, grad[k], d)
				}
			}
		})
		if math.Abs(total-1) > 1e-9 {
			t.Fatalf("all orders together have %g", total)
		}
	})
}

// TestDavidson: with two proposals the model has as many parameters as outcomes, so that
// the fit gives their shares: worths are as wins, ν = ties/√(wins·wins) (Davidson, 1970).
func TestDavidson(t *testing.T) {
	t.Parallel()
	var list []review
	for reviewer := range 40 {
		sets := [][]int{{0}, {1}} // 24 times
		switch {
		case reviewer >= 34:
			sets = [][]int{{0, 1}} // 6 times
		case reviewer >= 24:
			sets = [][]int{{1}, {0}} // 10 times
		}
		list = append(list, scored(sets, reviewer)...)
	}
	l, err := newLuce(list, 2)
	if err != nil {
		t.Fatal(err)
	}
	l.ghost, l.tie = 1e-7, 0
	x, _, err := l.fit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := math.Exp(x[0]-x[1]), 24.0/10; math.Abs(got-want) > 1e-4 {
		t.Errorf("worths are as %g, wins as %g", got, want)
	}
	// δ counts the one pair of both, with worths' geometric mean, as ν does.
	if got, want := math.Exp(x[2]), 6/math.Sqrt(24*10); math.Abs(got-want) > 1e-4 {
		t.Errorf("ties weigh %g, not %g", got, want)
	}
}

// draw draws an order with ties of at most two.
func drawOrder(r *rand.Rand, left []int, worth []float64, delta float64) [][]int {
	var out [][]int
	for len(left) > 0 {
		type choice struct {
			set    []int
			weight float64
		}
		var all []choice
		sum := 0.0
		for a, i := range left {
			all = append(all, choice{[]int{i}, worth[i]})
			for _, j := range left[:a] {
				all = append(all, choice{[]int{i, j}, delta * math.Sqrt(worth[i]*worth[j])})
			}
		}
		for _, c := range all {
			sum += c.weight
		}
		at := sum * r.Float64()
		for _, c := range all {
			if at -= c.weight; at <= 0 {
				out = append(out, c.set)
				left = slices.DeleteFunc(slices.Clone(left), func(i int) bool { return slices.Contains(c.set, i) })
				break
			}
		}
	}
	return out
}

// TestLuceRecovers: many orders drawn with known worths give these back.
func TestLuceRecovers(t *testing.T) {
	t.Parallel()
	const n, reviewers, each, delta = 20, 600, 6, 0.3
	r := rand.New(rand.NewPCG(3, 8))
	truth, worth := make([]float64, n), make([]float64, n)
	for i := range truth {
		truth[i] = r.NormFloat64()
		worth[i] = math.Exp(truth[i])
	}
	p := &Panel{Proposals: make([]string, n), Reviewers: make([]string, reviewers)}
	for j := range reviewers {
		for _, v := range scored(drawOrder(r, r.Perm(n)[:each], worth, delta), j) {
			p.Scores = append(p.Scores, Score{Proposal: v.proposal, Reviewer: j, Value: math.Exp(v.y)}) // any growing function will do
		}
	}
	res, err := Calibrate(t.Context(), p, Options{Model: PlackettLuce, Funded: 5})
	if err != nil {
		t.Fatal(err)
	}
	centre(truth)
	outside := 0
	var effects []float64
	for i, q := range res.Proposals {
		effects = append(effects, q.Effect)
		if math.Abs(q.Effect-truth[i]) > 2*q.EffectSD {
			outside++
		}
	}
	if c := stat.Correlation(effects, truth, nil); c < 0.98 || outside > 3 {
		t.Errorf("fit and truth correlate with %.3f; %d of %d lie two standard deviations off", c, outside, n)
	}
	list, _ := p.reviews(p.values(false))
	l, err := newLuce(list, n)
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := l.fit(t.Context())
	if err != nil || math.Abs(math.Exp(x[n])-delta) > 0.05 {
		t.Errorf("ties weigh %g, true %g; %v", math.Exp(x[n]), delta, err)
	}
}

// TestModelsAgree: where reviewers see nearly all and chance is little, all models order alike;
// how somebody spreads scores changes nothing for the model of rankings.
func TestModelsAgree(t *testing.T) {
	t.Parallel()
	p, merit := simulate(rand.New(rand.NewPCG(2, 2)), 25, 8, 7, 1, sds{0.15, 1, 0.6, 1})
	truth := trueRanks(merit)
	for _, model := range []Model{Hierarchical, LeastSquares, PlackettLuce} {
		res, err := Calibrate(t.Context(), p, Options{Model: model, Funded: 8})
		if err != nil {
			t.Fatal(err)
		}
		var a, b []float64
		for i, q := range res.Proposals {
			a, b = append(a, q.ExpectedRank), append(b, float64(truth[i]))
		}
		if c := stat.Correlation(a, b, nil); c < 0.97 {
			t.Errorf("model %d: ranks correlate with %.3f with the true ones", model, c)
		}
		if _, err := Influences(t.Context(), p, res, Options{Model: model, Funded: 8}); err != nil {
			t.Error(err)
		}
	}
	bent := *p
	bent.Scores = slices.Clone(p.Scores)
	for i, s := range bent.Scores {
		bent.Scores[i].Value = math.Exp(s.Value) * float64(1+s.Reviewer)
	}
	o := Options{Model: PlackettLuce, Funded: 8}
	a, err := Calibrate(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Calibrate(t.Context(), &bent, o)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(a.Proposals) != fmt.Sprint(b.Proposals) {
		t.Error("the same orders, other answers")
	}
}

// TestInfluenceOfAll: by every model, a reviewer alone in praising a proposal is who puts it above the line.
func TestInfluenceOfAll(t *testing.T) {
	t.Parallel()
	p := &Panel{Proposals: []string{"a", "b", "c", "d"}, Reviewers: []string{"x", "y", "z"}}
	for reviewer, scores := range [][]float64{{9, 5, 4, 1}, {4, 5, 3, 2}, {4, 5, 3, 1}} {
		for i, v := range scores {
			p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: reviewer, Value: v})
		}
	}
	for _, model := range []Model{Hierarchical, LeastSquares} {
		o := Options{Model: model, Funded: 1}
		r, err := Calibrate(t.Context(), p, o)
		if err != nil {
			t.Fatal(err)
		}
		list, err := Influences(t.Context(), p, r, o)
		if err != nil || len(list) != 1 || list[0].Reviewer != 0 || !slices.Equal(list[0].With, []int{0}) || !slices.Equal(list[0].Without, []int{1}) {
			t.Errorf("model %d: %+v, %v", model, list, err)
		}
	}
}

// TestTied: proposals with the same scores of the same reviewers are equal at the line, others not.
func TestTied(t *testing.T) {
	t.Parallel()
	p := &Panel{Proposals: []string{"a", "b", "c", "d"}, Reviewers: []string{"x", "y", "z"}}
	for reviewer := range 3 {
		for i, v := range []float64{9, 5, 5, 1} {
			p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: reviewer, Value: v + float64(reviewer+i*reviewer%2)})
		}
	}
	for i := range p.Scores { // b and c alike
		if p.Scores[i].Proposal == 2 {
			p.Scores[i].Value = p.Scores[i-1].Value
		}
	}
	for _, model := range []Model{Hierarchical, LeastSquares, PlackettLuce} {
		for funded, want := range map[int]int{1: 0, 2: 2, 3: 0} {
			r, err := Calibrate(t.Context(), p, Options{Model: model, Funded: funded})
			if err != nil {
				t.Fatal(err)
			}
			if slices.Sort(r.Tied); len(r.Tied) != want || want == 2 && !slices.Equal(r.Tied, []int{1, 2}) {
				t.Errorf("model %d, %d funded: %v are equal at the line", model, funded, r.Tied)
			}
		}
	}
}

// TestLuceWithout: leaving out a reviewer from the fit with all on gives what a fit from nothing gives, also with another
// set of sizes of ties, and with few factors.
func TestLuceWithout(t *testing.T) {
	t.Parallel()
	for _, digits := range []float64{1e6, 1} { // without ties, and with many
		p, _ := simulate(rand.New(rand.NewPCG(5, 9)), 60, 20, 4, 1, sds{0.8, 1, 0.6, 1})
		for i, s := range p.Scores {
			p.Scores[i].Value = math.Round(s.Value*digits) / digits
		}
		list, _ := p.reviews(p.values(false))
		rest := func(reviewer int) []review {
			return slices.DeleteFunc(slices.Clone(list), func(v review) bool { return v.reviewer == reviewer })
		}
		effects := p.orderWithout(t.Context(), rest)
		for reviewer := -1; reviewer < 20; reviewer++ {
			got, err := effects(reviewer)
			if err != nil {
				t.Fatal(err)
			}
			l, err := newLuce(rest(reviewer), len(p.Proposals))
			if err != nil {
				t.Fatal(err)
			}
			want, _, err := l.fit(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range got {
				if math.Abs(v-want[i]) > 1e-4 { // a fit ends within some 1e-5 standard deviations
					t.Fatalf("without reviewer %d proposal %d has %.6f, from nothing %.6f", reviewer, i, v, want[i])
				}
			}
		}
	}
}

// TestLuceInformation: the second derivatives are those of differences of the gradient.
func TestLuceInformation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(t, "proposals")
		var list []review
		for reviewer := range rapid.IntRange(1, 4).Draw(t, "reviewers") {
			for i := range n {
				if rapid.IntRange(0, 4).Draw(t, "seen") > 0 {
					list = append(list, review{proposal: i, reviewer: reviewer, y: float64(rapid.IntRange(0, 4).Draw(t, "score"))})
				}
			}
		}
		l, err := newLuce(list, n)
		if err != nil {
			t.Skip(err)
		}
		x := make([]float64, n+len(l.sizes)-1)
		for j := range x {
			x[j] = rapid.Float64Range(-3, 3).Draw(t, "parameter")
		}
		const h = 1e-5
		got := l.information(x)
		for j := range x {
			was := x[j]
			x[j] = was + h
			_, above := l.value(x)
			x[j] = was - h
			_, below := l.value(x)
			x[j] = was
			for i := range x {
				if want := (below[i] - above[i]) / (2 * h); math.Abs(got.At(i, j)-want) > 1e-6 {
					t.Fatalf("second derivative by %d and %d is %g, by differences %g", i, j, got.At(i, j), want)
				}
			}
		}
	})
}
