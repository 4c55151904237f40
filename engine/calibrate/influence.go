package calibrate

import (
	"cmp"
	"context"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
)

// Influence is what one reviewer's scores change: the proposals that are above
// the line only with them, and those that are above it only without.
type Influence struct {
	Reviewer int
	With     []int
	Without  []int
}

// Influences leaves out one reviewer after the other and tells who changes which
// proposals are above the line; those without whom the model cannot be fitted are not told of.
// The order is that of the effects. By the hierarchical model it is taken at the standard
// deviations of r and costs one sparse solution each, O(N·√κ) for N scores; by least squares
// everything is fitted anew, and by rankings from the fit with all on.
func Influences(ctx context.Context, p *Panel, r *Result, o Options) ([]Influence, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := o.settle(len(p.Proposals)); err != nil {
		return nil, err
	}
	value := p.values(o.Ordinal)
	if _, most := p.bounds(value); most == 0 {
		return nil, nil // equal scores: nobody's are missed
	}
	list, _ := p.reviews(value)
	effects := p.without(ctx, list, r, o)
	effect, err := effects(-1)
	if err != nil {
		return nil, err
	}
	all := first(effect, r.Funded)
	var out []Influence
	for i := range p.Reviewers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if effect, err = effects(i); err != nil {
			continue
		}
		x, rest := Influence{Reviewer: i}, first(effect, r.Funded)
		for j := range all {
			switch {
			case all[j] && !rest[j]:
				x.With = append(x.With, j)
			case rest[j] && !all[j]:
				x.Without = append(x.Without, j)
			}
		}
		if len(x.With) > 0 {
			out = append(out, x)
		}
	}
	return out, ctx.Err()
}

// without is a function that tells the effects without a reviewer, -1 for none.
func (p *Panel) without(ctx context.Context, list []review, r *Result, o Options) func(reviewer int) ([]float64, error) {
	rest := func(reviewer int) []review {
		return slices.DeleteFunc(slices.Clone(list), func(v review) bool { return v.reviewer == reviewer })
	}
	switch o.Model {
	case LeastSquares:
		return func(reviewer int) ([]float64, error) {
			f, err := newSystem(rest(reviewer), len(p.Proposals), len(p.Reviewers), 0).fitAdditive()
			if err != nil {
				return nil, err
			}
			return f.proposals(f.mean), nil
		}
	case PlackettLuce:
		return p.orderWithout(ctx, rest)
	}
	s := newSystem(list, len(p.Proposals), len(p.Reviewers), len(p.Panels))
	v := sds{r.Noise, r.Merit, r.Shift, r.Panel}
	start := make([]float64, s.kept())
	return func(reviewer int) ([]float64, error) {
		if reviewer < 0 {
			return s.effects(v, reviewer, start), nil
		}
		return s.effects(v, reviewer, slices.Clone(start)), nil
	}
}

// effects are the proposals' without a reviewer, -1 for none; start is where to look for
// the solution, and becomes it.
func (s *system) effects(v sds, without int, start []float64) []float64 {
	t := s.at(v)
	for k := range t.w {
		if reviewer := s.reviewer(k); reviewer == without {
			t.da[t.of[k]] -= t.w[k]
			t.w[k] = 0
		}
	}
	x := t.right(t.y)
	t.reduce(x)
	t.conjugate(x[t.a:], start, 1e-9)
	copy(x[t.a:], start)
	t.back(x)
	return s.proposals(x)
}

// first tells which proposals are the first n.
func first(effect []float64, n int) []bool {
	order := make([]int, len(effect))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(effect[b], effect[a]) })
	above := make([]bool, len(effect))
	for _, i := range order[:n] {
		above[i] = true
	}
	return above
}

// orderWithout are the effects by rankings without a reviewer, -1 for none. One of many changes little, so that each fit sets
// out from the one with all and mostly gets by with its factor.
func (p *Panel) orderWithout(ctx context.Context, rest func(reviewer int) []review) func(reviewer int) ([]float64, error) {
	var all *luce
	var at []float64
	var u blas64.Triangular
	return func(reviewer int) ([]float64, error) {
		l, err := newLuce(rest(reviewer), len(p.Proposals))
		if err != nil {
			return nil, err
		}
		if all != nil && slices.Equal(l.sizes, all.sizes) {
			x, err := l.climb(ctx, at, &u)
			if err != nil {
				return nil, err
			}
			return x[:l.n], nil
		}
		x, factor, err := l.fit(ctx)
		if err != nil {
			return nil, err
		}
		if reviewer < 0 {
			all, at, u = l, x, factor
		}
		return x[:l.n], nil
	}
}
