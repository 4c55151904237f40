package cutset

import (
	"context"
	"fmt"
	"math/big"
)

// Options say what is asked and bound the work.
type Options struct {
	// Paths asks for minimal path sets instead: the minimal sets of events which, as
	// long as none of them occurs, keep the top false. What is said of cut sets is
	// then true of path sets.
	Paths bool

	// MaxOrder asks only for the minimal cut sets of at most so many events, 0 for all.
	// They are found without the larger ones, from the gates up, in models of a million
	// nodes too; for coherent models.
	MaxOrder int

	// MaxNodes bounds the nodes of the diagrams of one module, 0 for [DefaultMaxNodes].
	MaxNodes int
}

// DefaultMaxNodes keeps an analysis within 4 GB.
const DefaultMaxNodes = 24 << 20

// An Analysis holds all minimal cut sets of a model, as diagrams: it answers without
// listing them. It may be used from several goroutines at once.
type Analysis struct {
	model *Model
	paths bool
	parts []part // modules, smaller ones first; the last is the whole

	// Order is [Options.MaxOrder]: all cut sets up to it are held, and no others. 0 if all are.
	Order int

	// Coherent is false when an event or gate acts against the top, through a negation
	// or an exclusive or. The cut sets then are those of the coherent hull: the minimal
	// sets of events that make the top true when no other event occurs. Some of them
	// may stop being cut sets when further events occur.
	Coherent bool
}

// The methods by which cut sets are found.
const (
	ByDiagrams = "diagrams"      // decision diagrams of the model and of its minimal cut sets: all of them
	ByFamilies = "families"      // families of sets up to an order, put together gate by gate: none above it
	ByBounds   = "proven bounds" // families up to an order, and functions below and above the model: see [Bound]
)

// Method says by which method the cut sets were found.
func (a *Analysis) Method() string {
	if a.Order > 0 {
		return ByFamilies
	}
	return ByDiagrams
}

// A part is a module with its diagrams.
type part struct {
	region
	order []int32 // leaf at each level
	bdd   *bdd    // none where the order of the sets is bounded
	root  ref     // what makes the module true
	zdd   *zdd
	sets  zref // its minimal sets of leaves
}

// Analyze finds all minimal cut sets of a model. Equal models give equal analyses. An
// error is [ErrTooLarge] when no order of the events tried keeps the diagrams within
// the limit; time and memory are exponential in the number of events at worst.
func Analyze(ctx context.Context, m *Model, o Options) (*Analysis, error) {
	if o.MaxNodes == 0 {
		o.MaxNodes = DefaultMaxNodes
	}
	g, tops, err := m.compile(m.Top)
	if err != nil {
		return nil, err
	}
	top := tops[0]
	if o.Paths {
		g, top = g.dual(top)
	}
	if o.MaxOrder == 0 || g.negative(top) {
		g, top = simplify(g, top)
	} else { // families are small without it, and it takes longer than they do
		g, top = g.coalesce(top)
	}
	a := &Analysis{model: m, paths: o.Paths, Order: o.MaxOrder, Coherent: !g.negative(top)}
	if o.MaxOrder > 0 && !a.Coherent {
		return nil, ErrIncoherent
	}
	never := map[int32]bool{} // modules that turn out to be
	for i, r := range modules(g, top) {
		if len(never) > 0 {
			r = r.withoutLeaves(never)
		}
		p, err := r.part(ctx, o)
		if err != nil {
			return nil, err
		}
		a.parts = append(a.parts, p)
		if p.sets == 0 {
			never[ofModule(i)] = true
		}
	}
	return a, nil
}

func (r region) part(ctx context.Context, o Options) (part, error) {
	if o.MaxOrder > 0 {
		return r.small(ctx, o.MaxOrder, o.MaxNodes)
	}
	return r.solve(ctx, o.MaxNodes)
}

// whole is the part of the top.
func (a *Analysis) whole() int { return len(a.parts) - 1 }

// Count is the number of minimal cut sets.
func (a *Analysis) Count() *big.Int {
	n := new(big.Int)
	for _, k := range a.ByOrder() {
		n.Add(n, k)
	}
	return n
}

// ByOrder is how many minimal cut sets have each order, that is number of events, from
// 0 on. In O(nodes × orders). A top that is always true has one of order 0, one that
// never is has none.
func (a *Analysis) ByOrder() []*big.Int {
	made := make([]tally, len(a.parts))
	for i := range a.parts {
		made[i] = a.parts[i].tally(made)
	}
	list := made[a.whole()].orders()
	if a.Order > 0 { // modules in place of leaves make sets larger
		list = list[:min(len(list), a.Order+1)]
	}
	return list
}

// tooLarge names what is too large.
func tooLarge(leaves, limit int) error {
	return fmt.Errorf("%w: a module of %d events and smaller modules needs more than %d nodes in every order tried", ErrTooLarge, leaves, limit)
}
