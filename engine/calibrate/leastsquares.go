package calibrate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// mostKept is up to how many reviewers, or proposals if they are fewer, the equations of
// least squares are solved: densely, O(n³).
const mostKept = 3000

// additive is the least-squares fit of score = proposal + reviewer + noise, nothing of
// which is drawn towards a mean (Searle, Linear Models, 1971, section 7.1; of reviewers:
// Roos, Rothe, Scheuermann, "How to calibrate the scores of biased reviewers by quadratic
// programming", AAAI 2011). Scores say nothing of differences between parts of a panel that
// no review connects: there reviewers are taken as equally mild on average.
type additive struct {
	*system
	part   []int     // of each unit, side a before side b: which connected part it is in
	mean   []float64 // effects, as system's x
	u      blas64.Triangular
	square float64 // sum of the squares of what is left
	free   int     // reviews less parameters
}

// fitAdditive solves the normal equations without side a. S, the kept block, has a null
// vector for each part, which is lifted: the solution on it is 0.
func (s *system) fitAdditive() (*additive, error) {
	if s.b > mostKept {
		return nil, fmt.Errorf("%d reviewers and proposals at the least: least squares takes up to %d of the fewer of both", s.b, mostKept)
	}
	f := &additive{system: s, part: s.parts(), mean: make([]float64, s.a+s.kept())}
	m, right := make([]float64, s.b*s.b), f.mean[s.a:s.a+s.b]
	for i := range s.a {
		from, to := int(s.start[i]), int(s.start[i+1])
		each, mean := 1/float64(to-from), stat.Mean(s.y[from:to], nil)
		for k := from; k < to; k++ {
			row := m[int(s.to[k])*s.b:]
			row[s.to[k]]++
			right[s.to[k]] += s.y[k] - mean
			for l := from; l < to; l++ {
				row[s.to[l]] -= each
			}
		}
	}
	for i := range s.b {
		for j := range s.b {
			if f.part[s.a+i] == f.part[s.a+j] {
				m[i*s.b+j]++
			}
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(mat.NewSymDense(s.b, m)) {
		return nil, fmt.Errorf("the equations of least squares cannot be solved: reviewers and proposals hang together too loosely")
	}
	f.u = chol.RawU().(*mat.TriDense).RawTriangular()
	x := blas64.Vector{N: s.b, Inc: 1, Data: right}
	blas64.Trsv(blas.Trans, f.u, x)
	blas64.Trsv(blas.NoTrans, f.u, x)
	f.back(f.mean, s.y)
	f.centre(f.mean)
	f.overall()
	for k, y := range s.y {
		e := y - s.fit(f.mean, k)
		f.square += e * e
	}
	f.free = len(s.y) - f.rank()
	if f.free < 1 {
		return nil, fmt.Errorf("%d reviews for as many effects: least squares needs more of them to tell what is chance; the hierarchical model does not", len(s.y))
	}
	return f, nil
}

// parts numbers the connected parts of the reviews.
func (s *system) parts() []int {
	root := make([]int, s.a+s.b)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for k := range s.y {
		root[find(int(s.of[k]))] = find(s.a + int(s.to[k]))
	}
	for i := range root {
		root[i] = find(i)
	}
	return root
}

// rank is the number of effects that the reviews determine: units less parts, without
// those that have no review.
func (f *additive) rank() int {
	seen, parts, units := map[int]int{}, 0, 0
	for _, p := range f.part {
		seen[p]++
	}
	for _, n := range seen {
		if n > 1 {
			parts, units = parts+1, units+n
		}
	}
	return units - parts
}

// back makes side a of x the mean of what its reviews leave of v.
func (f *additive) back(x, v []float64) {
	for i := range f.a {
		from, to := int(f.start[i]), int(f.start[i+1])
		x[i] = 0
		for k := from; k < to; k++ {
			x[i] += (v[k] - x[f.a+int(f.to[k])]) / float64(to-from)
		}
	}
}

// centre moves what is common to the reviewers of a part to its proposals.
func (f *additive) centre(x []float64) {
	proposals, reviewers := f.proposals(x), f.reviewers(x)
	of, by := f.part[:f.a], f.part[f.a:]
	if f.swapped {
		of, by = by, of
	}
	sum, count := map[int]float64{}, map[int]float64{}
	for i, p := range by {
		sum[p] += reviewers[i]
		count[p]++
	}
	for i, p := range by {
		reviewers[i] -= sum[p] / count[p]
	}
	for i, p := range of {
		if count[p] > 0 {
			proposals[i] += sum[p] / count[p]
		}
	}
}

// overall takes the mean of the proposals that have a review off them.
func (f *additive) overall() {
	x, reviewed := f.proposals(f.mean), f.reviewed()
	sum, n := 0.0, 0.0
	for i, known := range reviewed {
		if known {
			sum, n = sum+x[i], n+1
		}
	}
	for i, known := range reviewed {
		if known {
			x[i] -= sum / n
		}
	}
	f.mean[len(f.mean)-1] = sum / n
}

// reviewed says which proposals have a review.
func (s *system) reviewed() []bool {
	out := make([]bool, len(s.proposals(make([]float64, s.a+s.kept()))))
	for k := range s.y {
		out[s.proposal(k)] = true
	}
	return out
}

// leastSquares hands draws of the effects to take: normal about the fit, with the
// variance of the noise scaled inverse χ² (that of flat priors; Gelman and others,
// Bayesian Data Analysis, 2013, section 14.2). Of a proposal without a review any place is
// possible: it is drawn as one of the others would be.
func (s *system) leastSquares(ctx context.Context, pairs int, floor float64, seed uint64, take func(int, sds, []float64, []float64)) error {
	f, err := s.fitAdditive()
	if err != nil {
		return err
	}
	square := math.Max(f.square, floor*floor*float64(f.free))
	reviewed := s.reviewed()
	merit, shift := stat.PopStdDev(s.proposals(f.mean), nil), stat.PopStdDev(s.reviewers(f.mean), nil)
	return inParallel(chains, func(part int) error {
		for d := part; d < pairs; d += chains {
			if err := ctx.Err(); err != nil {
				return err
			}
			r := rand.New(rand.NewPCG(seed, uint64(d)))
			noise := math.Sqrt(square / distuv.ChiSquared{K: float64(f.free), Src: r}.Rand())
			x := f.deviate(r, noise)
			for i, known := range reviewed {
				if !known {
					s.proposals(x)[i] = math.Hypot(merit, noise) * r.NormFloat64()
				}
			}
			take(d, sds{noise: noise, proposal: merit, reviewer: shift}, f.mean, x)
		}
		return nil
	})
}

// deviate is a draw of the error of the fit.
func (f *additive) deviate(r *rand.Rand, noise float64) []float64 {
	x := make([]float64, len(f.mean))
	for j := range f.b {
		x[f.a+j] = noise * r.NormFloat64()
	}
	blas64.Trsv(blas.NoTrans, f.u, blas64.Vector{N: f.b, Inc: 1, Data: x[f.a : f.a+f.b]})
	v := make([]float64, len(f.y))
	f.back(x, v)
	for i := range f.a {
		if n := f.start[i+1] - f.start[i]; n > 0 {
			x[i] += noise / math.Sqrt(float64(n)) * r.NormFloat64()
		}
	}
	f.centre(x)
	return x
}
