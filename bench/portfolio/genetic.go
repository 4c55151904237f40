package main

import (
	"cmp"
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

// The best known values of 1997 were found by the genetic algorithm of Chu and Beasley
// ("A genetic algorithm for the multidimensional knapsack problem", 1998). Where they are not
// published beside us it runs anew, as it is described: 100 choices that all differ, parents by
// tournaments of two, each item from either parent, two items turned, repair by value for
// each unit of what the relaxation's prices make of the cost, 10^6 children that are new.
const (
	population = 100
	children   = 1_000_000
	turned     = 2
	fresh      = 20 // times so many children are looked at where hardly any is new
)

// knapsack is a program whose rows have upper limits only and no numbers below 0.
type knapsack struct {
	value []int64
	cost  [][]int64 // of each item, by row
	limit []int64
	order []int // items, those worth most first
	left  []int64
}

func (b bench) solveGenetic(ctx context.Context, file, _ string) (result, error) {
	f, err := os.Open(file)
	if err != nil {
		return result{}, err
	}
	defer f.Close()
	list, err := portfolio.ReadORLib(f)
	if err != nil {
		return result{}, err
	}
	began := time.Now()
	k, err := newKnapsack(ctx, list[0])
	if err != nil {
		return result{}, err
	}
	value := k.breed(ctx, rand.New(rand.NewPCG(1, 1)))
	took := time.Since(began).Seconds()
	return result{Value: value, Seconds: took, Work: took}, ctx.Err()
}

func newKnapsack(ctx context.Context, p *portfolio.Program) (*knapsack, error) {
	relaxed, err := portfolio.Solve(ctx, p, portfolio.Options{Gap: 1}) // any choice will do: the prices count
	if err != nil {
		return nil, err
	}
	k := &knapsack{value: p.Value, cost: make([][]int64, len(p.Value)), limit: make([]int64, len(p.Rows)), left: make([]int64, len(p.Rows))}
	for j := range k.cost {
		k.cost[j] = make([]int64, len(p.Rows))
		k.order = append(k.order, j)
	}
	worth := make([]float64, len(p.Value))
	for i, r := range p.Rows {
		k.limit[i] = r.Hi
		for e, j := range r.Item {
			k.cost[j][i] = r.Coef[e]
			worth[j] += relaxed.Prices[i] * float64(r.Coef[e])
		}
	}
	for j, v := range p.Value {
		worth[j] = float64(v) / max(worth[j], 1e-9)
	}
	slices.SortStableFunc(k.order, func(a, b int) int { return cmp.Compare(worth[b], worth[a]) })
	return k, nil
}

// breed is the greatest value that appears.
func (k *knapsack) breed(ctx context.Context, rnd *rand.Rand) int64 {
	all := &herd{seen: map[string]bool{}}
	for len(all.list) < population {
		x := make([]bool, len(k.value))
		for j := range x {
			x[j] = rnd.IntN(2) == 0
		}
		if v := k.repair(x); all.isNew(x) {
			all.list, all.value = append(all.list, x), append(all.value, v)
		}
	}
	child := make([]bool, len(k.value))
	for born, looked := 0, 0; born < children && looked < fresh*children && ctx.Err() == nil; looked++ {
		all.cross(child, rnd)
		if v := k.repair(child); all.isNew(child) {
			all.take(child, v)
			born++
		}
	}
	return slices.Max(all.value)
}

// herd is the population; seen holds all of it and nothing else.
type herd struct {
	list  [][]bool
	value []int64
	seen  map[string]bool
}

// isNew notes a choice that the population does not hold yet.
func (h *herd) isNew(x []bool) bool {
	k := key(x)
	if h.seen[k] {
		return false
	}
	h.seen[k] = true
	return true
}

func key(x []bool) string {
	b := make([]byte, len(x))
	for j, t := range x {
		if t {
			b[j] = 1
		}
	}
	return string(b)
}

// cross fills a child from two parents and turns some items.
func (h *herd) cross(child []bool, rnd *rand.Rand) {
	a, b := h.list[h.winner(rnd)], h.list[h.winner(rnd)]
	for j := range child {
		child[j] = a[j]
		if rnd.IntN(2) == 0 {
			child[j] = b[j]
		}
	}
	for range turned {
		j := rnd.IntN(len(child))
		child[j] = !child[j]
	}
}

func (h *herd) winner(rnd *rand.Rand) int {
	a, b := rnd.IntN(len(h.list)), rnd.IntN(len(h.list))
	if h.value[a] > h.value[b] {
		return a
	}
	return b
}

// take puts a child in the place of the worst.
func (h *herd) take(child []bool, v int64) {
	worst := 0
	for i, x := range h.value {
		if x < h.value[worst] {
			worst = i
		}
	}
	delete(h.seen, key(h.list[worst]))
	copy(h.list[worst], child)
	h.value[worst] = v
}

// repair drops the items worth least until all rows are kept, then adds whatever fits,
// and says what the choice is worth.
func (k *knapsack) repair(x []bool) (value int64) {
	copy(k.left, k.limit)
	for j, taken := range x {
		if taken {
			value += k.value[j]
			k.spend(j, 1)
		}
	}
	for i := len(k.order) - 1; i >= 0 && slices.Min(k.left) < 0; i-- {
		if j := k.order[i]; x[j] {
			x[j] = false
			value -= k.value[j]
			k.spend(j, -1)
		}
	}
	for _, j := range k.order {
		if !x[j] && k.fits(j) {
			x[j] = true
			value += k.value[j]
			k.spend(j, 1)
		}
	}
	return value
}

func (k *knapsack) spend(j int, times int64) {
	for i, c := range k.cost[j] {
		k.left[i] -= times * c
	}
}

func (k *knapsack) fits(j int) bool {
	for i, c := range k.cost[j] {
		if c > k.left[i] {
			return false
		}
	}
	return true
}
