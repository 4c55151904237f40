package cluster

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/headwater-platform/headwater/engine/assign"
)

// Problem is what has to be divided.
type Problem struct {
	Likeness [][]float64 // n × n, symmetric, 0 to 1; a thing's likeness to itself is not read
	Groups   int
	Least    int // things in a group; 0: none need be in it
	Most     int // 0: as few as can be, n / Groups rounded up
}

// Division is an answer.
type Division struct {
	Group  []int   // of each thing, 0 to Groups-1; groups are numbered by their first thing
	Within float64 // mean over things of their mean likeness to the others of their group
	Chance float64 // mean likeness of all pairs: what Within would be if chance had divided them
}

const (
	beginnings = 6
	rounds     = 40 // of one beginning at most; it usually ends within ten
)

// Divide makes groups. Errors: bounds that n things cannot keep; a likeness that is no
// number from 0 to 1; the end of ctx.
func Divide(ctx context.Context, p Problem) (Division, error) {
	if err := p.settle(); err != nil {
		return Division{}, err
	}
	best := Division{Within: -1}
	for b := range min(beginnings, len(p.Likeness)) {
		d, err := p.from(ctx, p.seeds(b))
		if err != nil {
			return Division{}, err
		}
		if d.Within > best.Within+1e-12 {
			best = d
		}
	}
	best.Chance = p.chance()
	return best, nil
}

// settle checks a problem and fills in what it leaves open.
func (p *Problem) settle() error {
	n := len(p.Likeness)
	if p.Groups < 1 || p.Groups > n {
		return fmt.Errorf("cluster: %d groups of %d things: 1 to %d groups are expected", p.Groups, n, n)
	}
	if p.Most == 0 {
		p.Most = (n + p.Groups - 1) / p.Groups
	}
	if p.Least < 0 || p.Least*p.Groups > n || p.Most*p.Groups < n || p.Least > p.Most {
		return fmt.Errorf("cluster: %d things do not fit into %d groups of %d to %d", n, p.Groups, p.Least, p.Most)
	}
	for i, row := range p.Likeness {
		if len(row) != n {
			return fmt.Errorf("cluster: row %d has %d likenesses, not %d", i, len(row), n)
		}
		for j, s := range row {
			if i != j && !(s >= 0 && s <= 1) {
				return fmt.Errorf("cluster: the likeness of %d and %d is %v: a number from 0 to 1 is expected", i, j, s)
			}
		}
	}
	return nil
}

// seeds are things far from each other. The first is the b-th by how like it is to all
// others, so that groups begin where there are many things.
func (p *Problem) seeds(b int) []int {
	n := len(p.Likeness)
	order, total := make([]int, n), make([]float64, n)
	for i := range order {
		order[i] = i
		for j, s := range p.Likeness[i] {
			if i != j {
				total[i] += s
			}
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case total[i] > total[j]:
			return -1
		case total[i] < total[j]:
			return 1
		}
		return 0
	})
	seeds := []int{order[b]}
	near := slices.Clone(p.Likeness[order[b]]) // likeness of each thing to the seed that it is likest to
	near[order[b]] = math.Inf(1)
	for len(seeds) < p.Groups {
		next := order[0]
		for _, i := range order {
			if near[i] < near[next] {
				next = i
			}
		}
		seeds = append(seeds, next)
		for i, s := range p.Likeness[next] {
			near[i] = max(near[i], s)
		}
		near[next] = math.Inf(1)
	}
	return seeds
}

// from divides, beginning with a seed in each group.
func (p *Problem) from(ctx context.Context, seeds []int) (Division, error) {
	like := make([][]float64, len(p.Likeness))
	for i := range like {
		like[i] = make([]float64, p.Groups)
		for g, s := range seeds {
			like[i][g] = 1
			if i != s {
				like[i][g] = p.Likeness[i][s]
			}
		}
	}
	best := Division{Within: -1}
	for range rounds {
		group, err := p.place(ctx, like)
		if err != nil {
			return Division{}, err
		}
		within := p.means(group, like)
		if within <= best.Within+1e-12 {
			break
		}
		best = Division{Group: named(group), Within: within}
	}
	return best, nil
}

// place gives each thing its group, so that the sum of likenesses is largest under the bounds.
func (p *Problem) place(ctx context.Context, like [][]float64) ([]int, error) {
	t := assign.Problem{Demand: make([]int, len(like)), Load: make([]assign.Load, p.Groups)}
	for g := range t.Load {
		t.Load[g] = assign.Load{Min: p.Least, Max: p.Most}
	}
	for i, row := range like {
		t.Demand[i] = 1
		for g, s := range row {
			t.Edges = append(t.Edges, assign.Edge{Proposal: i, Reviewer: g, Cost: int64(math.Round(assign.Scale * (1 - s)))})
		}
	}
	sol, err := assign.Solve(ctx, t)
	if err != nil {
		return nil, err
	}
	group := make([]int, len(like))
	for _, e := range sol.Chosen {
		group[t.Edges[e].Proposal] = t.Edges[e].Reviewer
	}
	return group, nil
}

// means fills like with the mean likeness of each thing to the others in each group,
// and returns the mean over things of that to their own.
func (p *Problem) means(group []int, like [][]float64) float64 {
	size := make([]int, p.Groups)
	for _, g := range group {
		size[g]++
	}
	within := 0.0
	for i, row := range p.Likeness {
		clear(like[i])
		for j, s := range row {
			if i != j {
				like[i][group[j]] += s
			}
		}
		for g := range like[i] {
			others := size[g]
			if g == group[i] {
				others--
			}
			if others > 0 {
				like[i][g] /= float64(others)
			}
		}
		within += like[i][group[i]]
	}
	return within / float64(len(group))
}

// named numbers groups by their first thing.
func named(group []int) []int {
	number, out := map[int]int{}, make([]int, len(group))
	for i, g := range group {
		if _, known := number[g]; !known {
			number[g] = len(number)
		}
		out[i] = number[g]
	}
	return out
}

// chance is the mean likeness of all pairs, 0 where there is none.
func (p *Problem) chance() float64 {
	n, sum := len(p.Likeness), 0.0
	for i, row := range p.Likeness {
		for j, s := range row {
			if i != j {
				sum += s
			}
		}
	}
	if n < 2 {
		return 0
	}
	return sum / float64(n*(n-1))
}
