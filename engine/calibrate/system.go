package calibrate

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// sds are standard deviations of the terms of a score.
type sds struct{ noise, proposal, reviewer, panel float64 }

// system is the normal equations of the model, Q·x = b with
//
//	x = (side a, side b, panels, overall mean),
//	Q = D + Z'WZ, b = Z'Wy,
//
// where side a is the more numerous of proposals and reviewers, D holds the
// precisions of the effects (none for the mean) and W those of the reviews.
// Side a is eliminated: its block of Q is diagonal.
type system struct {
	a, b, panels int     // lengths
	swapped      bool    // side a is the reviewers
	start        []int32 // reviews of a unit of side a: start[i] to start[i+1]
	of           []int32 // per review: its unit of side a, the same the other way round
	to           []int32 // per review: its unit of side b
	panel        []int32
	y, extra     []float64
	free         bool // no panel effects: there is one panel
}

func newSystem(list []review, proposals, reviewers, panels int) *system {
	s := &system{a: proposals, b: reviewers, panels: panels, swapped: reviewers > proposals, free: panels < 2}
	if s.swapped {
		s.a, s.b = s.b, s.a
	}
	if s.free {
		s.panels = 0
	}
	list = slices.Clone(list)
	if s.swapped {
		slices.SortStableFunc(list, func(x, y review) int { return x.reviewer - y.reviewer })
	} else {
		slices.SortStableFunc(list, func(x, y review) int { return x.proposal - y.proposal })
	}
	s.start = make([]int32, s.a+1)
	for _, r := range list {
		of, to := r.proposal, r.reviewer
		if s.swapped {
			of, to = to, of
		}
		s.start[of+1]++
		s.of, s.to, s.panel = append(s.of, int32(of)), append(s.to, int32(to)), append(s.panel, int32(r.panel))
		s.y, s.extra = append(s.y, r.y), append(s.extra, r.extra)
	}
	for i := range s.a {
		s.start[i+1] += s.start[i]
	}
	return s
}

// kept is the length of x without side a.
func (s *system) kept() int { return s.b + s.panels + 1 }

// reviewer is whose review k is.
func (s *system) reviewer(k int) int {
	if s.swapped {
		return int(s.of[k])
	}
	return int(s.to[k])
}

// proposal is what review k is of.
func (s *system) proposal(k int) int {
	if s.swapped {
		return int(s.to[k])
	}
	return int(s.of[k])
}

// proposals, reviewers and panelEffects are the parts of a whole x.
func (s *system) proposals(x []float64) []float64 {
	if s.swapped {
		return x[s.a : s.a+s.b]
	}
	return x[:s.a]
}

func (s *system) reviewers(x []float64) []float64 {
	if s.swapped {
		return x[:s.a]
	}
	return x[s.a : s.a+s.b]
}

func (s *system) panelEffects(x []float64) []float64 { return x[s.a+s.b : s.a+s.b+s.panels] }

// fit is what the model expects of review k.
func (s *system) fit(x []float64, k int) float64 {
	u := x[s.a:]
	return x[s.of[k]] + s.row(u, k)
}

// row is the kept part of a review's expectation.
func (s *system) row(u []float64, k int) float64 {
	v := u[s.to[k]] + u[len(u)-1]
	if !s.free {
		v += u[s.b+int(s.panel[k])]
	}
	return v
}

// add adds v to all kept effects of review k.
func (s *system) add(u []float64, k int, v float64) {
	u[s.to[k]] += v
	u[len(u)-1] += v
	if !s.free {
		u[s.b+int(s.panel[k])] += v
	}
}

// at is the system at given standard deviations.
type at struct {
	*system
	w          []float64 // precision of each review
	da         []float64 // diagonal of side a in Q
	pa, pb, pc float64   // prior precisions of side a, side b, panels
}

func (s *system) at(v sds) *at {
	t := &at{system: s, w: make([]float64, len(s.y)), da: make([]float64, s.a)}
	t.pa, t.pb = 1/(v.proposal*v.proposal), 1/(v.reviewer*v.reviewer)
	if s.swapped {
		t.pa, t.pb = t.pb, t.pa
	}
	if !s.free {
		t.pc = 1 / (v.panel * v.panel)
	}
	for i := range s.a {
		t.da[i] = t.pa
		for k := s.start[i]; k < s.start[i+1]; k++ {
			t.w[k] = 1 / (v.noise*v.noise + s.extra[k])
			t.da[i] += t.w[k]
		}
	}
	return t
}

// prior is the prior precision of kept effect j.
func (t *at) prior(j int) float64 {
	switch {
	case j < t.b:
		return t.pb
	case j < t.b+t.panels:
		return t.pc
	}
	return 0
}

// right is Z'Wv for one value v per review.
func (t *at) right(v []float64) []float64 {
	out := make([]float64, t.a+t.kept())
	for k := range v {
		wv := t.w[k] * v[k]
		out[t.of[k]] += wv
		t.add(out[t.a:], k, wv)
	}
	return out
}

// reduce takes side a out of a right side in place; its kept part is returned.
func (t *at) reduce(rhs []float64) []float64 {
	u := rhs[t.a:]
	for i := range t.a {
		m := rhs[i] / t.da[i]
		for k := int(t.start[i]); k < int(t.start[i+1]); k++ {
			t.add(u, k, -t.w[k]*m)
		}
	}
	return u
}

// back puts side a into x, whose kept part is solved and whose side a still holds
// the right side.
func (t *at) back(x []float64) {
	u := x[t.a:]
	for i := range t.a {
		for k := int(t.start[i]); k < int(t.start[i+1]); k++ {
			x[i] -= t.w[k] * t.row(u, k)
		}
		x[i] /= t.da[i]
	}
}

// noise is a draw of N(0, Q): D^½·z + Z'W^½·z.
func (t *at) noise(r *rand.Rand) []float64 {
	v := make([]float64, len(t.y))
	for k := range v {
		v[k] = r.NormFloat64() / math.Sqrt(t.w[k])
	}
	out := t.right(v)
	sa, sb, sc := math.Sqrt(t.pa), math.Sqrt(t.pb), math.Sqrt(t.pc)
	for i := range t.a {
		out[i] += sa * r.NormFloat64()
	}
	for j := range t.b {
		out[t.a+j] += sb * r.NormFloat64()
	}
	for j := range t.panels {
		out[t.a+t.b+j] += sc * r.NormFloat64()
	}
	return out
}

// schur is the kept block of Q less what side a explains, dense.
func (t *at) schur() *mat.SymDense {
	n := t.kept()
	m := make([]float64, n*n)
	for j := range n {
		m[j*n+j] = t.prior(j)
	}
	var ids []int
	var c []float64
	for i := range t.a {
		// The unit's row in sparse form: columns ids with sums of weights c.
		ids, c = ids[:0], c[:0]
		sum := 0.0
		for k := int(t.start[i]); k < int(t.start[i+1]); k++ {
			w := t.w[k]
			sum += w
			cols := [3]int{int(t.to[k]), n - 1, t.b + int(t.panel[k])}
			used := cols[:3]
			if t.free {
				used = cols[:2]
			}
			for _, x := range used {
				for _, y := range used {
					m[x*n+y] += w
				}
			}
			ids, c = append(ids, cols[0]), append(c, w)
			if !t.free {
				ids, c = append(ids, cols[2]), append(c, w)
			}
		}
		ids, c = append(ids, n-1), append(c, sum)
		for p, x := range ids {
			f := c[p] / t.da[i]
			row := m[x*n : x*n+n]
			for q, y := range ids {
				row[y] -= f * c[q]
			}
		}
	}
	return mat.NewSymDense(n, m)
}

// factored is a system whose kept block is factored as U'U.
type factored struct {
	*at
	u    blas64.Triangular
	mean []float64 // x = Q⁻¹b
	log  float64   // log marginal likelihood, up to a constant
}

// factor solves the system exactly; false where rounding does not allow it.
func (t *at) factor() (*factored, bool) {
	var chol mat.Cholesky
	if !chol.Factorize(t.schur()) {
		return nil, false
	}
	f := &factored{at: t, u: chol.RawU().(*mat.TriDense).RawTriangular()}
	f.mean = t.right(t.y)
	// log p(y | sds) with all effects integrated out; Searle, Casella and
	// McCulloch, Variance Components, 1992, section 6.6 (restricted likelihood).
	l := chol.LogDet()
	square := 0.0
	for k, y := range t.y {
		l -= math.Log(t.w[k])
		square += t.w[k] * y * y
	}
	for i, d := range t.da {
		l += math.Log(d / t.pa)
		square -= f.mean[i] * f.mean[i] / d
	}
	l -= float64(t.b) * math.Log(t.pb)
	if !t.free {
		l -= float64(t.panels) * math.Log(t.pc)
	}
	rhs := slices.Clone(t.reduce(f.mean))
	f.solve(f.mean[t.a:])
	for j, r := range rhs {
		square -= r * f.mean[t.a+j]
	}
	t.back(f.mean)
	f.log = -(l + square) / 2
	return f, true
}

// solve solves the kept block in place.
func (f *factored) solve(v []float64) {
	x := blas64.Vector{N: len(v), Inc: 1, Data: v}
	blas64.Trsv(blas.Trans, f.u, x)
	blas64.Trsv(blas.NoTrans, f.u, x)
}

// deviate is a draw of N(0, Q⁻¹).
func (f *factored) deviate(r *rand.Rand) []float64 {
	x := f.noise(r)
	f.reduce(x)
	f.solve(x[f.a:])
	f.back(x)
	return x
}
