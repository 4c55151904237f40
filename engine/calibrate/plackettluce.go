package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

const (
	mostRanked = 2000 // proposals: the information matrix is dense
	mostTied   = 150  // proposals with equal scores of one reviewer: symmetric functions stay finite
)

// luce is the Plackett-Luce model with ties. Of the proposals A that are left a reviewer
// puts the set C next with a probability of f(C) / Σ f(S) over all subsets S of A of a size
// that occurs, f(S) = δ_|S|·(Π worth)^(1/|S|), δ_1 = 1 (Turner, van Etten, Firth, Kosmidis,
// "Modelling rankings in R: the PlackettLuce package", Computational Statistics 35, 2020, section
// 2.1); with two proposals that is the model of Davidson (1970). The sum over all subsets
// of one size is an elementary symmetric function. Parameters are logarithms: worths, then δ
// of the sizes from 2 up. In these the likelihood is concave.
type luce struct {
	n     int   // proposals
	sizes []int // of sets that occur, 1 among them, growing
	lists []ranking

	// Without these worths of proposals that always win, or of parts of a panel that no
	// review connects, would be infinite: ghost is how many times each proposal wins and
	// loses against an imagined one of mean worth (section 2.4 there), and tie the precision
	// of a normal prior of each log δ about 0.
	ghost, tie float64
}

// As the authors have it, and a standard deviation of 3.
const (
	ghosts  = 0.5
	tieness = 1.0 / 9
)

// ranking is one reviewer's order of some proposals, the worst first.
type ranking struct {
	item []int32
	set  []int // of each place: with how many others it is tied, itself included, at the best place of the set; else 0
}

// order fits the model to the orders of the reviews.
func (p *Panel) order(ctx context.Context, list []review, draws int, o Options) (*Result, error) {
	if n := len(p.Proposals); n > mostRanked {
		return nil, fmt.Errorf("%d proposals: the model of rankings takes up to %d", n, mostRanked)
	}
	l, err := newLuce(list, len(p.Proposals))
	if err != nil {
		return nil, err
	}
	x, u, err := l.fit(ctx)
	if err != nil {
		return nil, err
	}
	mean := x[:l.n]
	centre(mean)
	ranks, variance := newRanks(l.n, draws), make([]float64, l.n)
	r := rand.New(rand.NewPCG(o.Seed, 0))
	deviation, effect, order := make([]float64, len(x)), make([]float64, l.n), make([]int32, l.n)
	for d := 0; d < draws; d += 2 { // a draw of the normal about the fit, and its mirror image
		for j := range deviation {
			deviation[j] = r.NormFloat64()
		}
		blas64.Trsv(blas.NoTrans, u, blas64.Vector{N: len(x), Inc: 1, Data: deviation})
		centre(deviation[:l.n])
		for i, v := range deviation[:l.n] {
			variance[i] += 2 * v * v / float64(draws)
		}
		for way, sign := range []float64{1, -1} {
			for i := range effect {
				effect[i] = mean[i] + sign*deviation[i]
			}
			ranks.put(d+way, effect, order)
		}
	}
	out := &Result{Draws: draws, Reviewers: make([]Reviewer, len(p.Reviewers)), Panels: make([]float64, len(p.Panels))}
	reviews := make([]int, l.n)
	for _, v := range list {
		reviews[v.proposal]++
		out.Reviewers[v.reviewer].Reviews++
	}
	out.place(ranks, mean, variance, reviews, o)
	return out, nil
}

func centre(x []float64) {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	for i := range x {
		x[i] -= sum / float64(len(x))
	}
}

// newLuce gathers the orders, by reviewer and panel.
func newLuce(list []review, proposals int) (*luce, error) {
	l := &luce{n: proposals, ghost: ghosts, tie: tieness}
	sorted := slices.SortedStableFunc(slices.Values(list), func(a, b review) int {
		return cmp.Or(a.reviewer-b.reviewer, a.panel-b.panel, cmp.Compare(a.y, b.y))
	})
	sizes := []int{1}
	for from := 0; from < len(sorted); {
		first, r := sorted[from], ranking{}
		to := from
		for ; to < len(sorted) && sorted[to].reviewer == first.reviewer && sorted[to].panel == first.panel; to++ {
			r.item, r.set = append(r.item, int32(sorted[to].proposal)), append(r.set, 1)
			if k := to - from; k > 0 && sorted[to].y-sorted[to-1].y < 1e-9 {
				r.set[k], r.set[k-1] = r.set[k-1]+1, 0
			}
		}
		if from = to; len(r.item) < 2 {
			continue
		}
		for _, n := range r.set {
			if n > mostTied {
				return nil, fmt.Errorf("a reviewer gave %d proposals one score: the model of rankings takes ties of up to %d", n, mostTied)
			}
			if n > 0 && !slices.Contains(sizes, n) {
				sizes = append(sizes, n)
			}
		}
		l.lists = append(l.lists, r)
	}
	if len(l.lists) == 0 {
		return nil, fmt.Errorf("no reviewer has scored two proposals: rankings say nothing then")
	}
	slices.Sort(sizes)
	l.sizes = sizes
	return l, nil
}

// fit finds the greatest of the penalised likelihood. u'u is the information there.
func (l *luce) fit(ctx context.Context) (x []float64, u blas64.Triangular, err error) {
	if x, err = l.climb(ctx, make([]float64, l.n+len(l.sizes)-1), nil); err == nil {
		u, err = l.factor(x)
	}
	return x, u, err
}

// factor is the Cholesky factor of the information at x.
func (l *luce) factor(x []float64) (blas64.Triangular, error) {
	var chol mat.Cholesky
	if !chol.Factorize(l.information(x)) {
		return blas64.Triangular{}, fmt.Errorf("the model of rankings cannot be fitted: its equations have no solution")
	}
	return chol.RawU().(*mat.TriDense).RawTriangular(), nil
}

// slow is the part of what was to gain that a step with an old factor may leave: what leaves more costs more steps than a
// new factor does.
const slow = 0.3

// climb finds the greatest of the penalised likelihood from x on, by Newton's method with halved steps. u is a factor of
// an information that is near that at x, nil where none is known; it serves until a step with it gains little, because
// factors cost far more than steps (the chord method; Kelley, "Iterative Methods for Linear and Nonlinear Equations",
// SIAM 1995, section 5.4.1).
func (l *luce) climb(ctx context.Context, x []float64, u *blas64.Triangular) ([]float64, error) {
	x = slices.Clone(x)
	value, grad := l.value(x)
	before := math.Inf(1)
	for range 200 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		fresh := u == nil
		if fresh {
			f, err := l.factor(x)
			if err != nil {
				return nil, err
			}
			u = &f
		}
		step, gain := ascent(*u, grad)
		if gain < 1e-10 {
			return x, nil
		}
		if !fresh && gain > slow*before {
			u = nil
			continue
		}
		before = gain
		for size := 1.0; ; size /= 2 {
			y := slices.Clone(x)
			for j := range y {
				y[j] += size * step[j]
			}
			next, g := l.value(y)
			if next >= value+size*gain/4 {
				x, value, grad = y, next, g
				break
			}
			if size < 1e-9 { // as near as rounding allows
				return x, nil
			}
		}
	}
	return nil, fmt.Errorf("the model of rankings does not settle")
}

// ascent is the step that the information u'u makes of a gradient, and what it gains if the likelihood is as curved.
func ascent(u blas64.Triangular, grad []float64) (step []float64, gain float64) {
	step = slices.Clone(grad)
	v := blas64.Vector{N: len(step), Inc: 1, Data: step}
	blas64.Trsv(blas.Trans, u, v)
	blas64.Trsv(blas.NoTrans, u, v)
	return step, blas64.Dot(v, blas64.Vector{N: len(grad), Inc: 1, Data: grad})
}

// value is the penalised log likelihood and its gradient.
func (l *luce) value(x []float64) (float64, []float64) {
	grad := make([]float64, len(x))
	value := 0.0
	for i, v := range x[:l.n] { // worth/(1+worth)², ghost times
		value += l.ghost * (v - 2*softplus(v))
		grad[i] = l.ghost * (1 - 2/(1+math.Exp(-v)))
	}
	for j, v := range x[l.n:] {
		value -= l.tie * v * v / 2
		grad[l.n+j] = -l.tie * v
	}
	for _, r := range l.lists {
		local := l.local(r, x)
		v, g := l.list(r, local)
		value += v
		for k, j := range l.places(r) {
			grad[j] += g[k]
		}
	}
	return value, grad
}

func softplus(v float64) float64 { return math.Max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) }

// places are the parameters that a ranking hangs on, local their values.
func (l *luce) places(r ranking) []int {
	out := make([]int, 0, len(r.item)+len(l.sizes)-1)
	for _, i := range r.item {
		out = append(out, int(i))
	}
	for j := range l.sizes[1:] {
		out = append(out, l.n+j)
	}
	return out
}

func (l *luce) local(r ranking, x []float64) []float64 {
	places := l.places(r)
	out := make([]float64, len(places))
	for k, j := range places {
		out[k] = x[j]
	}
	return out
}

// stages is what the likelihood of one ranking is made of: by place, δ_k·e_k of each size and their sum where a set is put
// next, 0 elsewhere.
type stages struct {
	part  []symmetric // by size
	delta []float64
	share [][]float64
	sums  []float64
	top   float64
}

// stages reckons them. From the worst place up the symmetric functions e_k of the k-th roots of the worths grow by one
// proposal each, e_k ← e_k + root·e_(k−1), so that all sums over subsets take O(m·Σk) for m proposals.
func (l *luce) stages(r ranking, x []float64) stages {
	m := len(r.item)
	st := stages{part: make([]symmetric, len(l.sizes)), delta: make([]float64, len(l.sizes)), share: make([][]float64, len(l.sizes)), sums: make([]float64, m), top: slices.Max(x[:m])}
	for s, k := range l.sizes {
		st.delta[s] = 1
		if s > 0 {
			st.delta[s] = math.Exp(x[m+s-1])
		}
		st.part[s], st.share[s] = newSymmetric(k, x[:m], st.top), make([]float64, m)
		for i, n := range r.set {
			if st.share[s][i] = st.delta[s] * st.part[s].of(i); n > 0 {
				st.sums[i] += st.share[s][i]
			}
		}
	}
	return st
}

// list is the log likelihood of one ranking and its gradient, by its own parameters; the gradient goes the way of the
// symmetric functions back.
func (l *luce) list(r ranking, x []float64) (float64, []float64) {
	m := len(r.item)
	grad := make([]float64, len(x))
	st := l.stages(r, x)
	value := 0.0
	for i, n := range r.set {
		if n == 0 {
			continue
		}
		value -= st.top + math.Log(st.sums[i])
		for _, v := range x[i-n+1 : i+1] {
			value += v / float64(n)
		}
		for j := i - n + 1; j <= i; j++ {
			grad[j] += 1 / float64(n)
		}
		if s, _ := slices.BinarySearch(l.sizes, n); s > 0 {
			value += x[m+s-1]
			grad[m+s-1]++
		}
	}
	for s := range l.sizes {
		pull := make([]float64, m) // of each e_k on the value
		for i, sum := range st.sums {
			if sum > 0 {
				pull[i] = -st.share[s][i] / sum
				if s > 0 {
					grad[m+s-1] += pull[i]
				}
			}
		}
		st.part[s].back(pull, grad)
	}
	return value, grad
}

// curve is the negative second derivative of list, by its own parameters: of each stage that of log Σ f(S), the mean of
// the second derivatives of f less the square of that of the first ones, p. O(m²·Σk).
func (l *luce) curve(r ranking, x []float64) blas64.Symmetric {
	var at []int // where sets are put next
	for i, n := range r.set {
		if n > 0 {
			at = append(at, i)
		}
	}
	q := len(x)
	c := blas64.Symmetric{Uplo: blas.Upper, N: q, Stride: q, Data: make([]float64, q*q)}
	p := blas64.General{Rows: len(at), Cols: q, Stride: q, Data: make([]float64, len(at)*q)}
	st := l.stages(r, x)
	for s := range l.sizes {
		st.bend(s, at, c, p)
		if s == 0 {
			continue
		}
		j := len(r.item) + s - 1
		for n, i := range at {
			chance := st.share[s][i] / st.sums[i]
			p.Data[n*q+j] = chance
			c.Data[j*q+j] += chance
		}
	}
	blas64.Syrk(blas.Trans, -1, p, 1, c)
	return c
}

// bend adds what sets of the size at s say of worths: to c their second derivatives, to the rows of p, one for each of at, the
// first. For each place j the symmetric functions of all places but j grow again from its own on; with pairs of j and a later
// place i they meet what the places after i add, which is reckoned once for all j.
func (st stages) bend(s int, at []int, c blas64.Symmetric, p blas64.General) {
	part := st.part[s]
	k, m, q := part.k, len(part.root), c.N
	size := float64(k)
	weight, row := make([]float64, m), make([]int, m)
	for n, i := range at {
		weight[i], row[i] = st.delta[s]/st.sums[i], n
	}
	after := part.after(weight)
	e := make([]float64, k) // e_0 to e_(k−1)
	for j, root := range part.root {
		copy(e, part.e[j][:k])
		for i := j; i < m; i++ {
			if i > j {
				if k > 1 {
					sum := 0.0
					for d, v := range after[i] {
						sum += v * e[d]
					}
					c.Data[j*q+i] += sum * root * part.root[i] / (size * size)
				}
				for d := k - 1; d > 0; d-- {
					e[d] += part.root[i] * e[d-1]
				}
			}
			if weight[i] == 0 {
				continue
			}
			chance := weight[i] * root * e[k-1] / size
			p.Data[row[i]*q+j] += chance
			c.Data[j*q+j] += chance / size
			if s > 0 {
				c.Data[j*q+m+s-1] += chance
			}
		}
	}
}

// symmetric are the elementary symmetric functions of k-th roots, by place: row i
// holds e_0 to e_k of the places before i.
type symmetric struct {
	k    int
	root []float64
	e    [][]float64
}

func newSymmetric(k int, x []float64, top float64) symmetric {
	s := symmetric{k: k, e: make([][]float64, len(x)+1)}
	s.e[0] = make([]float64, k+1)
	s.e[0][0] = 1
	rows := make([]float64, len(x)*(k+1))
	for i, v := range x {
		root := math.Exp((v - top) / float64(k))
		s.root = append(s.root, root)
		next := rows[i*(k+1) : (i+1)*(k+1)]
		copy(next, s.e[i])
		for j := 1; j <= k; j++ {
			next[j] += root * s.e[i][j-1]
		}
		s.e[i+1] = next
	}
	return s
}

// of is e_k of the places up to i.
func (s symmetric) of(i int) float64 { return s.e[i+1][s.k] }

// back adds to grad, by the logarithm of each worth, what pull says of each log e_k.
func (s symmetric) back(pull, grad []float64) {
	adjoint := make([]float64, s.k+2)
	for i := len(s.root) - 1; i >= 0; i-- {
		if pull[i] != 0 {
			adjoint[s.k] += pull[i] / s.of(i)
		}
		sum := 0.0
		for j := 1; j <= s.k; j++ {
			sum += adjoint[j] * s.e[i][j-1]
		}
		grad[i] += sum * s.root[i] / float64(s.k)
		for j := range s.k {
			adjoint[j] += s.root[i] * adjoint[j+1]
		}
	}
}

// after is, by place i and degree d, how much e_d of some places before i, taken without i, adds to the weighted sum of e_(k−2) of
// these and the places after i up to each that has a weight.
func (s symmetric) after(weight []float64) [][]float64 {
	m := len(s.root)
	out := make([][]float64, m)
	if s.k < 2 {
		return out
	}
	sum := make([]float64, s.k)
	for i := m - 1; i >= 0; i-- {
		sum[s.k-2] += weight[i]
		out[i] = slices.Clone(sum[:s.k-1])
		for d := range s.k - 1 {
			sum[d] += s.root[i] * sum[d+1]
		}
	}
	return out
}

// information is the negative second derivative of value.
func (l *luce) information(x []float64) *mat.SymDense {
	n := len(x)
	m := make([]float64, n*n)
	for i, v := range x[:l.n] {
		p := 1 / (1 + math.Exp(-v))
		m[i*n+i] = 2 * l.ghost * p * (1 - p)
	}
	for j := l.n; j < n; j++ {
		m[j*n+j] = l.tie
	}
	for _, r := range l.lists {
		places := l.places(r)
		c := l.curve(r, l.local(r, x))
		for k, i := range places {
			m[i*n+i] += c.Data[k*c.N+k]
			for q := k + 1; q < c.N; q++ {
				m[min(i, places[q])*n+max(i, places[q])] += c.Data[k*c.N+q]
			}
		}
	}
	return mat.NewSymDense(n, m)
}
