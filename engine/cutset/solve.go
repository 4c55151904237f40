package cutset

import (
	"context"
	"errors"
)

// ErrTooLarge is what is said when the diagrams of a model do not fit within the limit.
var ErrTooLarge = errors.New("the model is too large")

// firstBudget is how many nodes an order may need in the first round, and
// budgetGrowth by how much each round is more generous.
const (
	firstBudget  = 1 << 12
	budgetGrowth = 8
)

// solve makes the diagrams of a region. Every order is given a budget of nodes, a
// larger one in each round until some order succeeds; the smallest diagram wins. The
// choice depends on nodes alone, so that it is the same on every machine.
func (r region) solve(ctx context.Context, limit int) (part, error) {
	tried := make([][]int32, len(orders))
	for k, o := range orders {
		tried[k] = o(r)
	}
	for budget := firstBudget; ; budget *= budgetGrowth {
		budget = min(budget, limit)
		var best *part
		for _, order := range tried {
			if err := ctx.Err(); err != nil {
				return part{}, err
			}
			b := newBDD(budget)
			root := r.build(b, order)
			if b.full {
				continue
			}
			best = &part{region: r, order: order, bdd: b, root: root}
			budget = len(b.nodes)
		}
		if best != nil {
			best.zdd, best.sets = best.bdd.minimal(best.root, limit)
			if best.zdd.full {
				return part{}, tooLarge(len(r.graph.leafs), limit)
			}
			return *best, nil
		}
		if budget == limit {
			return part{}, tooLarge(len(r.graph.leafs), limit)
		}
	}
}
