package calibrate

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// simulate makes a panel of the model and the true effects of the proposals.
func simulate(r *rand.Rand, proposals, reviewers, each, panels int, v sds) (*Panel, []float64) {
	p := &Panel{Proposals: make([]string, proposals), Reviewers: make([]string, reviewers)}
	if panels > 1 {
		p.Panels = make([]string, panels)
	}
	draw := func(n int, sd float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = sd * r.NormFloat64()
		}
		return out
	}
	merit, shift, panel := draw(proposals, v.proposal), draw(reviewers, v.reviewer), draw(panels, v.panel)
	for i := range proposals {
		in := i % panels
		for _, j := range r.Perm(reviewers)[:each] {
			p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: j, Panel: in, Value: 4 + merit[i] + shift[j] + panel[in] + v.noise*r.NormFloat64()})
		}
	}
	return p, merit
}

// dense is the model written out: covariance of the scores, no elimination.
func dense(list []review, s *system, v sds) (log float64, merit []float64) {
	n := len(list)
	cov := mat.NewSymDense(n, nil)
	for i, a := range list {
		for j, b := range list[:i+1] {
			c := 0.0
			if i == j {
				c += v.noise*v.noise + a.extra
			}
			if a.proposal == b.proposal {
				c += v.proposal * v.proposal
			}
			if a.reviewer == b.reviewer {
				c += v.reviewer * v.reviewer
			}
			if !s.free && a.panel == b.panel {
				c += v.panel * v.panel
			}
			cov.SetSym(i, j, c)
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		panic("not positive definite")
	}
	one, y := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	for i, a := range list {
		one.SetVec(i, 1)
		y.SetVec(i, a.y)
	}
	var vOne, vY mat.VecDense
	_ = chol.SolveVecTo(&vOne, one)
	oneOne := mat.Dot(one, &vOne)
	mean := mat.Dot(y, &vOne) / oneOne
	y.AddScaledVec(y, -mean, one)
	_ = chol.SolveVecTo(&vY, y)
	merit = make([]float64, len(s.proposals(make([]float64, s.a+s.kept()))))
	for i, a := range list {
		merit[a.proposal] += v.proposal * v.proposal * vY.AtVec(i)
	}
	return -(chol.LogDet() + math.Log(oneOne) + mat.Dot(y, &vY)) / 2, merit
}

// TestSystem compares the eliminated equations with the model written out, and
// the iterative solver with the direct one.
func TestSystem(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ proposals, reviewers, each, panels int }{{12, 5, 3, 1}, {5, 14, 4, 1}, {12, 5, 3, 3}, {5, 14, 4, 2}} {
		p, _ := simulate(r, c.proposals, c.reviewers, c.each, c.panels, sds{0.7, 1, 0.5, 0.3})
		list, _ := p.reviews(p.values(false))
		for k := range list {
			list[k].extra = 0.1 * float64(k%3)
		}
		s := newSystem(list, c.proposals, c.reviewers, len(p.Panels))
		a, b := sds{0.6, 0.9, 0.4, 0.2}, sds{0.9, 1.4, 0.2, 0.7}
		logA, merit := dense(list, s, a)
		logB, _ := dense(list, s, b)
		fa, _ := s.at(a).factor()
		fb, _ := s.at(b).factor()
		if got, want := fa.log-fb.log, logA-logB; math.Abs(got-want) > 1e-8 {
			t.Errorf("%+v: log likelihoods differ by %g, written out by %g", c, got, want)
		}
		at := s.at(a)
		rhs := at.right(at.y)
		at.reduce(rhs)
		x := make([]float64, at.kept())
		at.conjugate(rhs[at.a:], x, 1e-12)
		for j, v := range x {
			if math.Abs(v-fa.mean[at.a+j]) > 1e-8 {
				t.Errorf("%+v: effect %d is %g by conjugate gradients, %g directly", c, j, v, fa.mean[at.a+j])
			}
		}
		for i, v := range s.proposals(fa.mean) {
			if math.Abs(v-merit[i]) > 1e-8 {
				t.Errorf("%+v: proposal %d is %g, written out %g", c, i, v, merit[i])
			}
		}
	}
}

// TestDeviate checks the covariance of draws against the inverse.
func TestDeviate(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	p, _ := simulate(r, 6, 4, 2, 2, sds{0.7, 1, 0.5, 0.3})
	list, _ := p.reviews(p.values(false))
	s := newSystem(list, 6, 4, 2)
	f, _ := s.at(sds{0.6, 0.9, 0.4, 0.2}).factor()
	n := s.a + s.kept()
	inverse := mat.NewDense(n, n, nil)
	for j := range n {
		x := make([]float64, n)
		x[j] = 1
		f.reduce(x)
		f.solve(x[f.a:])
		f.back(x)
		inverse.SetCol(j, x)
	}
	const draws = 40000
	all := mat.NewDense(draws, n, nil)
	for d := range draws {
		all.SetRow(d, f.deviate(r))
	}
	got := mat.NewSymDense(n, nil)
	stat.CovarianceMatrix(got, all, nil)
	for i := range n {
		for j := range n {
			sd := math.Sqrt(inverse.At(i, i) * inverse.At(j, j))
			if d := math.Abs(got.At(i, j)-inverse.At(i, j)) / sd; d > 0.04 {
				t.Errorf("covariance %d,%d: %g, inverse %g", i, j, got.At(i, j), inverse.At(i, j))
			}
		}
	}
}
