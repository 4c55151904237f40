package calibrate

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// leastNorm fits the same additive model by the singular values of its whole design, with
// nothing eliminated, and returns what the model expects of each review.
func leastNorm(t *rapid.T, list []review, proposals, reviewers int) []float64 {
	design, y := mat.NewDense(len(list), proposals+reviewers, nil), mat.NewVecDense(len(list), nil)
	for k, v := range list {
		design.Set(k, v.proposal, 1)
		design.Set(k, proposals+v.reviewer, 1)
		y.SetVec(k, v.y)
	}
	var svd mat.SVD
	if !svd.Factorize(design, mat.SVDThin) {
		t.Fatal("no singular values")
	}
	var x, fitted mat.VecDense
	svd.SolveVecTo(&x, y, svd.Rank(1e-10))
	fitted.MulVec(design, &x)
	return fitted.RawVector().Data
}

// TestLeastSquares compares with the design written out, and its covariance with draws.
func TestLeastSquares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, m := rapid.IntRange(2, 8).Draw(t, "proposals"), rapid.IntRange(2, 8).Draw(t, "reviewers")
		var list []review
		for i := range n {
			for j := range m {
				if rapid.IntRange(0, 2).Draw(t, "scored") > 0 {
					list = append(list, review{proposal: i, reviewer: j, y: float64(rapid.IntRange(1, 9).Draw(t, "score"))})
				}
			}
		}
		s := newSystem(list, n, m, 0)
		f, err := s.fitAdditive()
		if err != nil {
			return // as many effects as reviews
		}
		want := leastNorm(t, list, n, m)
		square := 0.0
		for k, v := range list {
			got := f.proposals(f.mean)[v.proposal] + f.reviewers(f.mean)[v.reviewer] + f.mean[len(f.mean)-1]
			if math.Abs(got-want[k]) > 1e-8 {
				t.Fatalf("review %d is fitted as %g, by singular values %g", k, got, want[k])
			}
			square += (v.y - got) * (v.y - got)
		}
		if math.Abs(square-f.square) > 1e-8 {
			t.Fatalf("squares %g, %g", f.square, square)
		}
	})
}

// TestLeastSquaresDeviates compares the covariance of draws with the inverse of the
// information under reviewers that sum to 0.
func TestLeastSquaresDeviates(t *testing.T) {
	t.Parallel()
	for _, swap := range []bool{false, true} {
		n, m := 6, 4
		if swap {
			n, m = m, n
		}
		r := rand.New(rand.NewPCG(1, 9))
		p, _ := simulate(r, n, m, m-1, 1, sds{0.7, 1, 0.5, 1})
		list, _ := p.reviews(p.values(false))
		f, err := newSystem(list, n, m, 0).fitAdditive()
		if err != nil {
			t.Fatal(err)
		}
		info := mat.NewSymDense(n+m+1, nil) // bordered by the constraint
		add := func(i, j int) { info.SetSym(i, j, info.At(i, j)+1) }
		for _, v := range list {
			add(v.proposal, v.proposal)
			add(n+v.reviewer, n+v.reviewer)
			add(v.proposal, n+v.reviewer)
		}
		for j := range m {
			info.SetSym(n+j, n+m, 1)
		}
		var inverse mat.Dense
		if err := inverse.Inverse(info); err != nil {
			t.Fatal(err)
		}
		const draws, noise = 60000, 0.5
		sum := mat.NewDense(n, n, nil)
		for range draws {
			x := f.proposals(f.deviate(r, noise))
			for i := range n {
				for j := range n {
					sum.Set(i, j, sum.At(i, j)+x[i]*x[j]/draws)
				}
			}
		}
		for i := range n {
			for j := range n {
				want := noise * noise * inverse.At(i, j)
				if scale := noise * noise * inverse.At(i, i); math.Abs(sum.At(i, j)-want) > 0.04*scale {
					t.Errorf("covariance of %d and %d: %g drawn, %g by the inverse", i, j, sum.At(i, j), want)
				}
			}
		}
	}
}

// TestLeastSquaresCoverage: with many reviews each, intervals hold the true rank as often as they say.
func TestLeastSquaresCoverage(t *testing.T) {
	t.Parallel()
	held, total := 0, 0
	for k := range uint64(60) {
		p, merit := simulate(rand.New(rand.NewPCG(11, k)), 30, 12, 5, 1, sds{0.6, 0.9, 0.5, 1})
		res, err := Calibrate(t.Context(), p, Options{Model: LeastSquares, Funded: 10})
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
	if share := float64(held) / float64(total); share < 0.85 || share > 0.95 {
		t.Errorf("intervals of 90 %% hold %.1f %%", 100*share)
	}
}

func TestLeastSquaresNeedsReviews(t *testing.T) {
	t.Parallel()
	p := &Panel{Proposals: []string{"a", "b"}, Reviewers: []string{"x"}, Scores: []Score{{Value: 1}, {Proposal: 1, Value: 2}}}
	if _, err := Calibrate(t.Context(), p, Options{Model: LeastSquares}); err == nil {
		t.Error("two reviews, two proposals and a reviewer: what is chance cannot be told")
	}
}
