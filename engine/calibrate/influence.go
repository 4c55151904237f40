package calibrate

import (
	"context"
	"slices"
)

// Influence is what one reviewer's scores change: the proposals that are above
// the line only with them, and those that are above it only without.
type Influence struct {
	Reviewer int
	With     []int
	Without  []int
}

// Influences leaves out one reviewer after the other and tells who changes which
// proposals are above the line, at the standard deviations of r. The order is
// that of posterior means. Each costs one sparse solution, O(N·√κ) for N scores.
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
	s := newSystem(list, len(p.Proposals), len(p.Reviewers), len(p.Panels))
	v := sds{r.Noise, r.Merit, r.Shift, r.Panel}
	start := make([]float64, s.kept())
	all := s.above(v, -1, start, r.Funded)
	var out []Influence
	for i := range p.Reviewers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x := Influence{Reviewer: i}
		rest := s.above(v, i, slices.Clone(start), r.Funded)
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
	return out, nil
}

// above tells which proposals are the first n without a reviewer, -1 for none;
// start is where to look for the solution, and becomes it.
func (s *system) above(v sds, without int, start []float64, n int) []bool {
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
	effect := s.proposals(x)
	order := make([]int, len(effect))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case effect[a] > effect[b]:
			return -1
		case effect[a] < effect[b]:
			return 1
		}
		return 0
	})
	above := make([]bool, len(effect))
	for _, i := range order[:n] {
		above[i] = true
	}
	return above
}
