package cutset

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
)

// ErrTooLarge is what is said when the diagrams of a model do not fit within the limit.
var ErrTooLarge = errors.New("the model is too large")

// rounds are how the diagram of a region is searched for: with a budget of nodes, so
// many random orders are added to the others, and those of the best estimates tried.
// The next round follows when none kept to the budget.
var rounds = []struct{ budget, random, tries int }{
	{1 << 8, 0, 1},
	{1 << 12, 0, 4},
	{1 << 14, 8, 3},
	{1 << 16, 16, 4},
	{1 << 18, 32, 6},
	{1 << 20, 64, 6},
	{1 << 22, 128, 6},
	{1 << 24, 128, 6},
	{1 << 30, 0, 6},
}

// enough is the number of nodes per leaf at which no better order is looked for.
const enough = 8

// small is the number of leaves up to which any order will do.
const small = 10

// solve makes the diagrams of a region. The smallest diagram of a round wins, where a
// later one has to need half the nodes of the earlier one. The choice depends on nodes
// alone, so that it is the same on every machine.
func (r region) solve(ctx context.Context, limit int) (part, error) {
	s := orderSearch{region: r, random: rand.New(rand.NewPCG(1, uint64(len(r.graph.nodes))))}
	for _, round := range rounds {
		budget := min(round.budget, limit)
		s.add(round.random)
		var best *part
		for _, order := range s.pick(round.tries) {
			b := s.diagram(ctx, budget)
			root := r.build(b, order)
			if err := ctx.Err(); err != nil {
				return part{}, err
			}
			if b.full {
				s.spare = b
				continue
			}
			if best != nil {
				s.spare = best.bdd
			}
			best = &part{region: r, order: r.leaves(order), bdd: b, root: root}
			if len(b.nodes) <= enough*len(order) {
				break
			}
			budget = len(b.nodes) / 2
		}
		if best != nil {
			return *best, best.solve(ctx, limit)
		}
		if round.budget >= limit {
			break
		}
	}
	return part{}, tooLarge(len(r.graph.leafs), limit)
}

// leaves are what the leaf nodes of an order stand for.
func (r region) leaves(order []int) []int32 {
	list := make([]int32, len(order))
	for k, i := range order {
		list[k] = r.graph.nodes[i].leaf
	}
	return list
}

// solve makes the diagram of the minimal sets.
func (p *part) solve(ctx context.Context, limit int) error {
	p.zdd, p.sets = p.bdd.minimal(p.root, !p.graph.negative(p.top), limit)
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.zdd.full {
		return tooLarge(len(p.order), limit)
	}
	return nil
}

// An orderSearch collects orders of the leaf nodes of a region.
type orderSearch struct {
	region
	random *rand.Rand
	found  []estimated
	spare  *bdd // to be used again
}

type estimated struct {
	order []int
	nodes float64
}

// diagram is an empty one.
func (s *orderSearch) diagram(ctx context.Context, limit int) *bdd {
	b := s.spare
	s.spare = nil
	if b == nil {
		b = &bdd{}
	}
	b.reset(ctx, limit)
	return b
}

// add puts more orders where the search has got to.
func (s *orderSearch) add(random int) {
	if s.found == nil {
		for _, o := range s.starts() {
			s.put(o)
			if len(o) > small {
				s.put(s.force(o))
			}
		}
	}
	for range random {
		s.put(s.force(s.shuffled(s.random)))
	}
}

func (s *orderSearch) put(order []int) {
	nodes := s.estimate(order)
	for _, f := range s.found {
		if f.nodes == nodes && slices.Equal(f.order, order) {
			return
		}
	}
	s.found = append(s.found, estimated{order, nodes})
}

// pick is the orders of the best estimates.
func (s *orderSearch) pick(n int) [][]int {
	slices.SortStableFunc(s.found, func(a, b estimated) int { return cmp.Compare(a.nodes, b.nodes) })
	var list [][]int
	for _, f := range s.found[:min(n, len(s.found))] {
		list = append(list, f.order)
	}
	return list
}
