package calibrate

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// space is the unknown standard deviations as coordinates: their logarithms.
type space struct {
	*system
	floor float64 // least standard deviation of the noise
	most  float64 // greatest of each
	fixed float64 // standard deviation of reviewers if known, else 0
}

func (s space) dim() int {
	n := 2
	if s.fixed == 0 {
		n++
	}
	if !s.free {
		n++
	}
	return n
}

func (s space) sds(t []float64) sds {
	v := sds{noise: math.Exp(t[0]), proposal: math.Exp(t[1]), reviewer: s.fixed, panel: 1}
	if s.fixed == 0 {
		v.reviewer = math.Exp(t[2])
	}
	if !s.free {
		v.panel = math.Exp(t[len(t)-1])
	}
	return v
}

// log is the log posterior density of the coordinates, up to a constant.
func (s space) log(t []float64) float64 {
	sum := 0.0 // of uniform standard deviations, in coordinates
	for k, x := range t {
		floor := s.most * least
		if k == 0 {
			floor = s.floor
		}
		if x >= math.Log(s.most) || x < math.Log(floor) {
			return math.Inf(-1)
		}
		sum += x
	}
	f, ok := s.at(s.sds(t)).factor()
	if !ok || math.IsNaN(f.log) {
		return math.Inf(-1)
	}
	return f.log + sum
}

// node is a point of the space with the weight of what it stands for.
type node struct {
	at     []float64
	log    float64 // log posterior density
	weight float64
}

// least is what of the greatest standard deviation an effect has at least: as good
// as none.
const least = 1e-4

const (
	batch  = 256 // points of a round
	enough = 300 // effective points after which no further round is made
	rounds = 8
)

// explore returns points that stand for the posterior of the standard deviations.
// Weights sum to 1. Cornuet, Marin, Mira, Robert: Adaptive Multiple Importance
// Sampling, Scandinavian Journal of Statistics 39, 2012, with Halton's points.
func (s space) explore(ctx context.Context) ([]node, error) {
	mode, err := s.mode()
	if err != nil {
		return nil, err
	}
	d := s.dim()
	cov := mat.NewSymDense(d, nil)
	for k := range d {
		w := s.width(mode, k)
		cov.SetSym(k, k, w*w)
	}
	var from []*student
	var nodes []node
	for round := range rounds {
		q, ok := newStudent(mode, cov)
		if !ok {
			break // the points so far lie in a plane: what they say is all there is
		}
		from = append(from, q)
		for i := range batch {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t := q.point(round*batch + i + 1)
			nodes = append(nodes, node{at: t, log: s.log(t)})
		}
		effective := weigh(nodes, from)
		if effective >= enough {
			break
		}
		mode, cov = moments(nodes, d)
	}
	nodes = slices.DeleteFunc(nodes, func(n node) bool { return n.weight < 1e-12 })
	if len(nodes) == 0 {
		return nil, errors.New("the scores do not determine a scale: no standard deviation is likelier than another")
	}
	return nodes, nil
}

// mode is the likeliest point, near enough to start from.
func (s space) mode() ([]float64, error) {
	start := make([]float64, s.dim())
	for k := range start {
		start[k] = math.Log(s.most / 4)
	}
	start[0] = math.Log(s.floor*s.most) / 2
	p := optimize.Problem{Func: func(t []float64) float64 { return -s.log(t) }}
	r, err := optimize.Minimize(p, start, &optimize.Settings{
		FuncEvaluations: 250,
		Converger:       &optimize.FunctionConverge{Absolute: 0.01, Iterations: 15},
	}, &optimize.NelderMead{})
	if r == nil {
		return nil, err
	}
	return r.X, nil
}

// width is how far from the mode, along one coordinate, the log density falls by
// a half, as it does at one standard deviation of a normal; the mean of both ways.
func (s space) width(mode []float64, k int) float64 {
	top := s.log(mode)
	sum := 0.0
	for _, way := range []float64{-1, 1} {
		t := slices.Clone(mode)
		low, high := 0.0, 3.0
		for range 7 {
			mid := (low + high) / 2
			t[k] = mode[k] + way*mid
			if top-s.log(t) < 0.5 {
				low = mid
			} else {
				high = mid
			}
		}
		sum += high
	}
	return sum / 2
}

// student is a multivariate t distribution of a few degrees of freedom: its
// tails are heavy, so that no weight becomes extreme.
type student struct {
	mean []float64
	chol mat.Cholesky
	log  float64 // minus half the log determinant
}

const freedom = 5

func newStudent(mean []float64, cov *mat.SymDense) (*student, bool) {
	q := &student{mean: slices.Clone(mean)}
	if !q.chol.Factorize(cov) {
		return nil, false
	}
	q.log = -q.chol.LogDet() / 2
	return q, true
}

// point is point i of the distribution's Halton sequence.
func (q *student) point(i int) []float64 {
	d := len(q.mean)
	z := mat.NewVecDense(d, nil)
	for k := range d {
		z.SetVec(k, distuv.UnitNormal.Quantile(halton(i, primes[k])))
	}
	chi := distuv.ChiSquared{K: freedom}.Quantile(halton(i, primes[d]))
	var l mat.TriDense
	q.chol.LTo(&l)
	z.MulVec(&l, z)
	z.AddScaledVec(mat.NewVecDense(d, slices.Clone(q.mean)), math.Sqrt(freedom/chi), z)
	return z.RawVector().Data
}

// density is the log density at t, up to a constant that all share.
func (q *student) density(t []float64) float64 {
	d := len(t)
	diff := mat.NewVecDense(d, nil)
	diff.SubVec(mat.NewVecDense(d, slices.Clone(t)), mat.NewVecDense(d, slices.Clone(q.mean)))
	var x mat.VecDense
	if q.chol.SolveVecTo(&x, diff) != nil {
		return math.Inf(-1)
	}
	return q.log - float64(freedom+d)/2*math.Log1p(mat.Dot(diff, &x)/freedom)
}

var primes = []int{2, 3, 5, 7, 11}

// halton is element i ≥ 1 of the radical inverse sequence (Halton, 1960).
func halton(i, base int) float64 {
	f, r := 1.0, 0.0
	for ; i > 0; i /= base {
		f /= float64(base)
		r += f * float64(i%base)
	}
	return r
}

// weigh gives each node its share of the posterior, as drawn from the mixture of
// all distributions so far, and returns how many even points that is worth.
func weigh(nodes []node, from []*student) float64 {
	best := slices.MaxFunc(nodes, func(a, b node) int { return cmp.Compare(a.log, b.log) }).log
	sum := 0.0
	for i := range nodes {
		n := &nodes[i]
		mixture := 0.0
		for _, q := range from {
			mixture += math.Exp(q.density(n.at))
		}
		n.weight = 0
		if !math.IsInf(n.log, -1) && mixture > 0 {
			n.weight = math.Exp(n.log-best) / mixture
		}
		sum += n.weight
	}
	square := 0.0
	for i := range nodes {
		if sum > 0 {
			nodes[i].weight /= sum
		}
		square += nodes[i].weight * nodes[i].weight
	}
	if square == 0 {
		return 0
	}
	return 1 / square
}

// moments are mean and covariance of the nodes, the latter a little widened.
func moments(nodes []node, d int) ([]float64, *mat.SymDense) {
	x, w := mat.NewDense(len(nodes), d, nil), make([]float64, len(nodes))
	for i, n := range nodes {
		x.SetRow(i, n.at)
		w[i] = n.weight * float64(len(nodes))
	}
	mean := make([]float64, d)
	for k := range mean {
		mean[k] = stat.Mean(mat.Col(nil, k, x), w)
	}
	cov := mat.NewSymDense(d, nil)
	stat.CovarianceMatrix(cov, x, w)
	for k := range d {
		cov.SetSym(k, k, cov.At(k, k)*1.2+1e-6)
	}
	return mean, cov
}
