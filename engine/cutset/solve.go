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

// ErrIncoherent is what is said when a question has no answer for a model in which
// events or gates act against the top.
var ErrIncoherent = errors.New("the model is not coherent: a negation or exclusive or acts against the top")

// ErrPartial is what is said when only cut sets up to an order are known.
var ErrPartial = errors.New("only cut sets up to an order are known")

// rounds are how the diagram of a region is searched for: with a budget of nodes, so
// many random orders are added to the others, and those of the best estimates tried.
// The next round follows when none kept to the budget.
var rounds = []struct{ budget, random, tries int }{
	{1 << 8, 0, 1},
	{1 << 12, 0, 4},
	{1 << 15, 10, 3},
	{1 << 17, 10, 3},
}

// growths are the rounds after those, in which the order is improved by sifting while
// the diagram grows. growthRandom is how many random orders are added to start from.
var growths = []struct{ budget, tries int }{{1 << 18, 3}, {1 << 21, 2}, {1 << 30, 1}}

const growthRandom = 32

// small is the number of leaves up to which any order will do.
const small = 10

// solve makes the diagrams of a region. The choice of the order depends on nodes
// alone, so that it is the same on every machine.
func (r region) solve(ctx context.Context, limit int) (part, error) {
	s := orderSearch{region: r, random: rand.New(rand.NewPCG(1, uint64(len(r.graph.nodes))))}
	for _, round := range rounds {
		s.add(round.random)
		if b, root, order := s.fixed(ctx, min(round.budget, limit), round.tries); b != nil {
			return r.solved(ctx, b, root, order, limit)
		}
	}
	s.add(growthRandom)
	for _, round := range growths {
		for _, e := range s.pick(round.tries) {
			budget := min(round.budget, limit)
			b, order := s.diagram(ctx, budget), slices.Clone(e.order)
			if root := r.grow(b, order, budget); !b.full {
				return r.solved(ctx, b, root, order, limit)
			}
			if err := ctx.Err(); err != nil {
				return part{}, err
			}
			s.spare = b
		}
	}
	return part{}, tooLarge(len(r.graph.leafs), limit)
}

// fixed is the diagram in the first of the orders of the best estimates that keeps to
// the budget, with its order: another seldom needs so much less that building it, too, would pay. It is nil where none does.
func (s *orderSearch) fixed(ctx context.Context, budget, tries int) (b *bdd, root ref, order []int) {
	for _, e := range s.pick(tries) {
		if e.needs >= budget {
			continue
		}
		b := s.diagram(ctx, budget)
		root := s.build(b, e.order)
		if !b.full {
			return b, root, e.order
		}
		e.needs, s.spare = budget, b
	}
	return nil, 0, nil
}

// leaves are what the leaf nodes of an order stand for.
func (r region) leaves(order []int) []int32 {
	list := make([]int32, len(order))
	for k, i := range order {
		list[k] = r.graph.nodes[i].leaf
	}
	return list
}

// Few sets may belong to many states: where the diagram of a coherent region has at least manyStates nodes, its sets
// are first tried from the gates up, with one node for fewSets of these.
const (
	manyStates = 1 << 13
	fewSets    = 6
)

// solved is a region with its diagram and that of its minimal sets, by the same order of leaf nodes.
func (r region) solved(ctx context.Context, b *bdd, root ref, order []int, limit int) (part, error) {
	p := part{region: r, order: r.leaves(order), bdd: b, root: root}
	coherent := !r.graph.negative(r.top)
	if n := len(b.nodes); coherent && n >= manyStates {
		if p.zdd, p.sets = r.family(ctx, order, len(order), n/fewSets); !p.zdd.full {
			return p, nil
		}
	}
	p.zdd, p.sets = b.minimal(root, coherent, limit)
	return p, r.complete(ctx, p.zdd, limit)
}

// complete is nil for a diagram that holds all its sets, else why it does not.
func (r region) complete(ctx context.Context, z *zdd, limit int) error {
	if err := ctx.Err(); err != nil || !z.full {
		return err
	}
	return tooLarge(len(r.graph.leafs), limit)
}

// An orderSearch collects orders of the leaf nodes of a region.
type orderSearch struct {
	region
	random *rand.Rand
	found  []*estimated
	spare  *bdd // to be used again
}

type estimated struct {
	order []int
	nodes float64
	needs int // more nodes than that, as was seen
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
	s.found = append(s.found, &estimated{order: order, nodes: nodes})
}

// pick is the orders of the best estimates.
func (s *orderSearch) pick(n int) []*estimated {
	slices.SortStableFunc(s.found, func(a, b *estimated) int { return cmp.Compare(a.nodes, b.nodes) })
	return s.found[:min(n, len(s.found))]
}
