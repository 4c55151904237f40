package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// Model is how scores are taken to come about.
type Model int

const (
	// Hierarchical draws effects towards their mean as far as the scores ask for it.
	Hierarchical Model = iota
	// LeastSquares fits an effect for each proposal and each reviewer as it is: unbiased
	// where reviews are many, far off where they are few. Panels count by their reviewers.
	LeastSquares
	// PlackettLuce takes from a reviewer's scores nothing but their order, ties included, so
	// that neither how strict nor how wide somebody scores matters, and a reviewer with one
	// review of a panel says nothing. Effects are logarithms of worth.
	PlackettLuce
)

// Options are what a calibration may be told; the zero value is meant to be used.
type Options struct {
	Model  Model
	Funded int // how many are above the line
	// Line tells how many are above it once they are in order, the best first, where that
	// depends on who they are: on the money that each asks for. It takes Funded's place.
	Line       func(order []int) int
	Level      float64 // probability of the intervals; 0 is 0.9
	Ordinal    bool    // scores are places on a scale without distances
	ReviewerSD float64 // standard deviation of reviewers if it is known; 0: it is estimated
	MostSD     float64 // bound of all standard deviations; 0: half the range of the scores
	Keep       int     // an even number: so many draws of all effects together are kept in Sample
	Seed       uint64  // equal seeds draw equally
}

// Result is what the scores say.
type Result struct {
	Proposals []Proposal // in the order of the panel
	Reviewers []Reviewer
	Panels    []float64 // how mild each panel is, empty with one panel
	Alpha     float64   // Krippendorff's, NaN where it is not defined
	Noise     float64   // posterior means of the standard deviations, in points of the
	Merit     float64   // score: what is left in a review, of proposals, of reviewers
	Shift     float64
	Panel     float64 // of panels, 0 with one panel
	Overall   float64 // mean that effects are counted from
	Funded    int     // how many are above the line
	Tied      []int   // proposals at the line that are equal, as far as the draws can tell: any of them could be first below
	Draws     int

	// Sample are draws of the effects of all proposals together, spread evenly over those that were made, as
	// many as Options.Keep asks for: [draw][proposal]. None by Plackett-Luce, or where all scores are equal.
	Sample [][]float64
}

// Proposal is what the scores say of one. Effects are in points of the score.
type Proposal struct {
	Reviews       int
	ExpectedRank  float64
	Low, High     int     // interval of the rank
	Funded        float64 // probability of being above the line
	Effect        float64 // posterior mean of how much better than the overall mean
	EffectSD      float64
	AcrossTheLine bool // the interval reaches over the line: the data cannot tell
}

// Reviewer is what the scores say of one: Shift above zero is mild, below strict.
type Reviewer struct {
	Reviews int
	Shift   float64
	ShiftSD float64
	Spread  float64 // standard deviation of what the model does not expect; few reviews take it to the mean
}

const (
	exactUpTo  = 200     // length of the kept block up to which standard deviations are integrated
	cells      = 5000000 // ranks that are kept at most: draws times proposals
	fewestDraw = 500
	mostDraw   = 8000
	pseudo     = 4 // reviews of the mean spread that each reviewer's is mixed with
)

// Calibrate fits the model. It fails on a panel that Check refuses, on options
// that make no sense, and when ctx ends.
func Calibrate(ctx context.Context, p *Panel, o Options) (*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := o.settle(len(p.Proposals)); err != nil {
		return nil, err
	}
	value := p.values(o.Ordinal)
	floor, most := p.bounds(value)
	if most == 0 {
		return flat(p, o), nil
	}
	if o.MostSD > 0 {
		most = o.MostSD
	}
	list, centre := p.reviews(value)
	draws := min(max(cells/len(p.Proposals), fewestDraw), mostDraw)
	draws -= draws % 2
	var r *Result
	var err error
	switch o.Model {
	case PlackettLuce:
		r, err = p.order(ctx, list, draws, o)
	case LeastSquares:
		t := newTally(newSystem(list, len(p.Proposals), len(p.Reviewers), 0), draws)
		if err = t.leastSquares(ctx, draws/2, floor, o.Seed, t.take); err == nil {
			r = t.result(o)
		}
	default:
		s := space{newSystem(list, len(p.Proposals), len(p.Reviewers), len(p.Panels)), min(floor, most/2), most, o.ReviewerSD}
		r, err = s.calibrate(ctx, draws, o)
	}
	if err != nil {
		return nil, err
	}
	r.Overall += centre
	r.Alpha = Alpha(p, o.Ordinal)
	return r, nil
}

// calibrate draws from the hierarchical model.
func (s space) calibrate(ctx context.Context, draws int, o Options) (*Result, error) {
	t := newTally(s.system, draws)
	method := s.sample
	if s.kept() <= exactUpTo {
		method = s.integrate
	}
	if err := method(ctx, draws/2, o.Seed, t.take); err != nil {
		return nil, err
	}
	return t.result(o), nil
}

func (o *Options) settle(proposals int) error {
	if o.Level == 0 {
		o.Level = 0.9
	}
	switch {
	case o.Model < Hierarchical || o.Model > PlackettLuce:
		return fmt.Errorf("model %d: hierarchical, least squares or Plackett-Luce is expected", o.Model)
	case o.Funded < 0 || o.Funded > proposals:
		return fmt.Errorf("%d funded of %d proposals: a number from 0 to %d is expected", o.Funded, proposals, proposals)
	case o.Keep < 0 || o.Keep%2 != 0 || o.Keep > fewestDraw:
		return fmt.Errorf("%d draws to keep: an even number from 0 to %d is expected", o.Keep, fewestDraw)
	case !(o.Level > 0 && o.Level < 1):
		return fmt.Errorf("level %g: a probability between 0 and 1 is expected", o.Level)
	case !(o.ReviewerSD >= 0) || math.IsInf(o.ReviewerSD, 0), !(o.MostSD >= 0) || math.IsInf(o.MostSD, 0):
		return fmt.Errorf("standard deviations %g and %g: numbers from 0 are expected", o.ReviewerSD, o.MostSD)
	}
	return nil
}

// line is how many proposals are above it.
func (o Options) line(list []Proposal) int {
	if o.Line == nil {
		return o.Funded
	}
	return min(max(o.Line(Order(list)), 0), len(list))
}

// Order is the proposals by expected rank, the best first; equals as they stand.
func Order(list []Proposal) []int {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(list[a].ExpectedRank, list[b].ExpectedRank) })
	return order
}

// values are the scores as numbers with distances. Ordinal ones become normal
// scores: the mean of a standard normal over the part that a value holds of all
// (Bliss, 1967; Harter, 1961), by criterion.
func (p *Panel) values(ordinal bool) []float64 {
	out := make([]float64, len(p.Scores))
	by := map[int][]float64{}
	for i, s := range p.Scores {
		out[i] = s.Value
		by[s.Criterion] = append(by[s.Criterion], s.Value)
	}
	if !ordinal {
		return out
	}
	for _, all := range by {
		slices.Sort(all)
	}
	phi := func(x float64) float64 { return distuv.UnitNormal.Prob(distuv.UnitNormal.Quantile(x)) }
	for i, s := range p.Scores {
		all := by[s.Criterion]
		n := float64(len(all))
		low, _ := slices.BinarySearch(all, s.Value)
		high := low
		for high < len(all) && all[high] == s.Value {
			high++
		}
		a, b := float64(low)/n, float64(high)/n
		out[i] = 0
		if a > 0 {
			out[i] += phi(a)
		}
		if b < 1 {
			out[i] -= phi(b)
		}
		out[i] /= b - a
	}
	return out
}

// flat is the answer when all scores are equal: every order is as likely.
func flat(p *Panel, o Options) *Result {
	n := len(p.Proposals)
	out := int(math.Round((1 - o.Level) * float64(n))) // ranks outside of the interval
	r := &Result{Alpha: math.NaN(), Overall: p.Scores[0].Value, Proposals: make([]Proposal, n), Reviewers: make([]Reviewer, len(p.Reviewers)), Panels: make([]float64, len(p.Panels))}
	for i := range r.Proposals {
		r.Proposals[i] = Proposal{ExpectedRank: float64(n+1) / 2, Low: 1 + out/2, High: n - (out - out/2)}
	}
	r.Funded = o.line(r.Proposals)
	for i := range r.Proposals {
		r.Proposals[i].Funded, r.Proposals[i].AcrossTheLine = float64(r.Funded)/float64(n), r.Funded > 0 && r.Funded < n
	}
	if r.Funded > 0 && r.Funded < n {
		r.Tied = Order(r.Proposals)
	}
	seen := map[[2]int]bool{}
	for _, s := range p.Scores {
		if key := [2]int{s.Proposal, s.Reviewer}; !seen[key] {
			seen[key] = true
			r.Proposals[s.Proposal].Reviews++
			r.Reviewers[s.Reviewer].Reviews++
		}
	}
	return r
}

// place says of every proposal what its ranks in the draws are.
func (r *Result) place(ranks *ranks, effect, variance []float64, reviews []int, o Options) {
	for p, e := range effect {
		low, high := ranks.interval(p, o.Level)
		r.Proposals = append(r.Proposals, Proposal{Reviews: reviews[p], ExpectedRank: ranks.mean(p), Low: low, High: high, Effect: e, EffectSD: math.Sqrt(variance[p])})
	}
	r.Funded = o.line(r.Proposals)
	for p := range r.Proposals {
		q := &r.Proposals[p]
		q.Funded, q.AcrossTheLine = ranks.within(p, r.Funded), q.Low <= r.Funded && r.Funded < q.High
	}
	r.Tied = r.tied(ranks)
}

// tied are the proposals whose expected ranks differ from those on both sides of the line
// by no more than twice the error of the draws; none where those two differ by more.
func (r *Result) tied(ranks *ranks) []int {
	if r.Funded == 0 || r.Funded == len(r.Proposals) {
		return nil
	}
	order := Order(r.Proposals)
	last, next := order[r.Funded-1], order[r.Funded]
	same := func(a, b int) bool {
		return math.Abs(r.Proposals[a].ExpectedRank-r.Proposals[b].ExpectedRank) <= 2*math.Hypot(ranks.scatter(a), ranks.scatter(b))
	}
	if !same(last, next) {
		return nil
	}
	var out []int
	for _, i := range order {
		if same(i, last) && same(i, next) {
			out = append(out, i)
		}
	}
	return out
}

// integrate draws effects at the nodes of the standard deviations and hands each
// to take, numbered: as many at a node as its weight says (systematic resampling,
// Kitagawa, 1996).
func (s space) integrate(ctx context.Context, pairs int, seed uint64, take func(int, sds, []float64, []float64)) error {
	nodes, err := s.explore(ctx)
	if err != nil {
		return err
	}
	first := make([]int, len(nodes)+1) // draws of node i: first[i] to first[i+1]
	sum := 0.0
	for i, n := range nodes {
		sum += n.weight
		first[i+1] = min(pairs, int(math.Floor(sum*float64(pairs)+0.5)))
	}
	first[len(nodes)] = pairs
	return inParallel(chains, func(part int) error {
		for i := part; i < len(nodes); i += chains {
			if first[i] == first[i+1] {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			v := s.sds(nodes[i].at)
			f, ok := s.at(v).factor()
			if !ok {
				return fmt.Errorf("the equations cannot be solved at %+v", v)
			}
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for d := first[i]; d < first[i+1]; d++ {
				take(d, v, f.mean, f.deviate(r))
			}
		}
		return nil
	})
}

// inParallel runs n parts side by side and returns the first part's error.
func inParallel(n int, part func(int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = part(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// tally gathers draws. Draws are kept by number and summed at the end in that
// order, so that equal seeds give equal sums.
type tally struct {
	*system
	ranks *ranks
	pairs []pair
	pool  sync.Pool
}

// pair is a draw of the effects and its mirror image.
type pair struct {
	sds
	mean, deviation []float32
}

func newTally(s *system, draws int) *tally {
	n := s.a
	if s.swapped {
		n = s.b
	}
	return &tally{system: s, ranks: newRanks(n, draws), pairs: make([]pair, draws/2),
		pool: sync.Pool{New: func() any { return &scratch{make([]float64, n), make([]int32, n)} }}}
}

type scratch struct {
	effect []float64
	order  []int32
}

func (t *tally) take(i int, v sds, mean, deviation []float64) {
	s := t.pool.Get().(*scratch)
	defer t.pool.Put(s)
	m, d := t.proposals(mean), t.proposals(deviation)
	for way := range 2 {
		for p := range m {
			s.effect[p] = m[p] + d[p]*float64(1-2*way)
		}
		t.ranks.put(2*i+way, s.effect, s.order)
	}
	t.pairs[i] = pair{v, narrow(mean), narrow(deviation)}
}

// narrow halves the memory of a draw, of which only means are still needed.
func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// sample are n draws of the proposals' effects: pairs that lie evenly among those made, each with its mirror image.
func (t *tally) sample(n int) [][]float64 {
	var out [][]float64
	for k := range n / 2 {
		p := t.pairs[(2*k+1)*len(t.pairs)/n]
		for _, sign := range []float64{1, -1} {
			whole := make([]float64, len(p.mean))
			for j, m := range p.mean {
				whole[j] = float64(m) + sign*float64(p.deviation[j])
			}
			out = append(out, slices.Clone(t.proposals(whole)))
		}
	}
	return out
}

func (t *tally) result(o Options) *Result {
	n := t.a + t.kept()
	mean, variance := make([]float64, n), make([]float64, n)
	reviewers := len(t.reviewers(mean))
	square, count := make([]float64, reviewers), make([]int, reviewers)
	each := 1 / float64(len(t.pairs))
	r := &Result{Draws: t.ranks.draws, Panels: make([]float64, t.panels)}
	for _, p := range t.pairs {
		for j, m := range p.mean {
			mean[j] += float64(m) * each
		}
		r.Noise, r.Merit, r.Shift = r.Noise+p.noise*each, r.Merit+p.proposal*each, r.Shift+p.reviewer*each
		if !t.free {
			r.Panel += p.panel * each
		}
	}
	for _, p := range t.pairs { // law of total variance
		for j, m := range p.mean {
			m, d := float64(m)-mean[j], float64(p.deviation[j])
			variance[j] += (m*m + d*d) * each
		}
	}
	reviews := make([]int, len(t.proposals(mean)))
	for k, y := range t.y {
		i, e := t.reviewer(k), y-t.fit(mean, k)
		square[i] += e * e
		count[i]++
		reviews[t.proposal(k)]++
	}
	r.place(t.ranks, t.proposals(mean), t.proposals(variance), reviews, o)
	shifts, ssd := t.reviewers(mean), t.reviewers(variance)
	for i, v := range shifts {
		spread := math.Sqrt((square[i] + pseudo*r.Noise*r.Noise) / float64(count[i]+pseudo))
		r.Reviewers = append(r.Reviewers, Reviewer{Reviews: count[i], Shift: v, ShiftSD: math.Sqrt(ssd[i]), Spread: spread})
	}
	copy(r.Panels, t.panelEffects(mean))
	r.Sample = t.sample(o.Keep)
	r.Overall = mean[n-1]
	return r
}
