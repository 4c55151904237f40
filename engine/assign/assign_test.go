package assign_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/assign"
)

// Three proposals, each needing two reviews; Ada has a conflict with the third.
func Example() {
	edge := func(proposal, reviewer int, score string) assign.Edge {
		cost, err := assign.CostOfText(score)
		if err != nil {
			panic(err)
		}
		return assign.Edge{Proposal: proposal, Reviewer: reviewer, Cost: cost}
	}
	conflict := edge(2, 0, "0.9")
	conflict.Forbidden = true
	p := assign.Problem{
		Demand: []int{2, 2, 2},
		Load:   []assign.Load{{Min: 1, Max: 2}, {Min: 1, Max: 2}, {Min: 0, Max: 2}},
		Edges: []assign.Edge{
			edge(0, 0, "0.8"), edge(0, 1, "0.4"), edge(0, 2, "0.3"),
			edge(1, 0, "0.9"), edge(1, 1, "0.7"), edge(1, 2, "0.1"),
			conflict, edge(2, 1, "0.5"), edge(2, 2, "0.6"),
		},
	}
	s, err := assign.Solve(context.Background(), p)
	if err != nil {
		panic(err)
	}
	for _, k := range s.Chosen {
		fmt.Println("proposal", p.Edges[k].Proposal, "reviewer", p.Edges[k].Reviewer)
	}
	fmt.Println("total", float64(s.Total())/assign.Scale, "proof:", assign.Verify(p, s))
	// Output:
	// proposal 0 reviewer 0
	// proposal 0 reviewer 2
	// proposal 1 reviewer 0
	// proposal 1 reviewer 1
	// proposal 2 reviewer 1
	// proposal 2 reviewer 2
	// total 3.8 proof: <nil>
}

// Two proposals that only one person may review, once.
func ExampleDeficit() {
	p := assign.Problem{
		Demand: []int{1, 1, 1},
		Load:   []assign.Load{{Max: 1}, {Max: 5}},
		Edges:  []assign.Edge{{Proposal: 0, Reviewer: 0}, {Proposal: 1, Reviewer: 0}, {Proposal: 2, Reviewer: 1}},
	}
	s, _ := assign.Solve(context.Background(), p)
	w := s.Why[0]
	fmt.Printf("%s: proposals %v need %d, reviewers %v have %d\n", w.Kind, w.Proposals, w.Need, w.Reviewers, w.Have)
	// Output: too few reviewers: proposals [0 1] need 2, reviewers [0] have 1
}

// problems draws small instances with ties, conflicts, fixed pairs and limits
// that often cannot be met.
func problems(t *rapid.T) assign.Problem {
	np, nr := rapid.IntRange(0, 4).Draw(t, "proposals"), rapid.IntRange(0, 4).Draw(t, "reviewers")
	var p assign.Problem
	for range np {
		p.Demand = append(p.Demand, rapid.IntRange(0, 3).Draw(t, "demand"))
	}
	for range nr {
		lo := rapid.IntRange(0, 2).Draw(t, "min")
		p.Load = append(p.Load, assign.Load{Min: lo, Max: lo + rapid.IntRange(0, 2).Draw(t, "spare")})
	}
	p.Unfilled = rapid.SampledFrom([]int64{0, 0, 0, 1, 400_000, assign.Scale, 3 * assign.Scale}).Draw(t, "unfilled")
	cost := rapid.SampledFrom([]int64{0, 1, 250_000, 500_000, 500_001, assign.Scale})
	for i := range np {
		for j := range nr {
			if len(p.Edges) == 12 || rapid.IntRange(0, 9).Draw(t, "absent") < 2 {
				continue
			}
			e := assign.Edge{Proposal: i, Reviewer: j, Cost: cost.Draw(t, "cost")}
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				e.Fixed = true
			case 1:
				e.Forbidden = true
			}
			p.Edges = append(p.Edges, e)
		}
	}
	if nr > 0 && rapid.Bool().Draw(t, "grouped") {
		nest(t, &p)
	}
	return p
}

// nest puts people into groups within groups, with caps.
func nest(t *rapid.T, p *assign.Problem) {
	n := rapid.IntRange(1, 3).Draw(t, "groups")
	for g := range n {
		around := []int{-1}
		for h := g + 1; h < n; h++ {
			around = append(around, h)
		}
		p.Groups = append(p.Groups, assign.Group{Max: rapid.IntRange(0, 4).Draw(t, "cap"), Within: rapid.SampledFrom(around).Draw(t, "within")})
	}
	for range p.Load {
		p.Member = append(p.Member, rapid.IntRange(-1, n-1).Draw(t, "member"))
	}
}

// brute tries every set of pairs: least value, and what it is made of.
func brute(p assign.Problem) (best int64) {
	best = math.MaxInt64
	for set := range uint(1) << len(p.Edges) {
		if unmet, cost, ok := value(p, set); ok {
			best = min(best, worth(p, unmet, cost))
		}
	}
	return best
}

// worth is cost and empty places together: of reviews that proposals lack, and
// that reviewers lack.
func worth(p assign.Problem, unmet [2]int, cost int64) int64 {
	each := p.Penalty()
	if p.Unfilled > 0 {
		each = p.Unfilled
	}
	return cost + each*int64(unmet[0]) + p.Penalty()*int64(unmet[1])
}

func value(p assign.Problem, set uint) (unmet [2]int, cost int64, ok bool) {
	got, load := make([]int, len(p.Demand)), make([]int, len(p.Load))
	for k, e := range p.Edges {
		on := set>>k&1 == 1
		if on && e.Forbidden || !on && e.Fixed {
			return unmet, 0, false
		}
		if on {
			got[e.Proposal]++
			load[e.Reviewer]++
			cost += e.Cost
		}
	}
	for i, n := range got {
		if n > p.Demand[i] {
			return unmet, 0, false
		}
		unmet[0] += p.Demand[i] - n
	}
	for i, n := range load {
		if n > p.Load[i].Max {
			return unmet, 0, false
		}
		unmet[1] += max(0, p.Load[i].Min-n)
	}
	given := make([]int, len(p.Groups))
	for i, g := range p.Member {
		for ; g >= 0; g = p.Groups[g].Within {
			if given[g] += load[i]; given[g] > p.Groups[g].Max {
				return unmet, 0, false
			}
		}
	}
	return unmet, cost, true
}

func TestSolveAgainstAllSets(t *testing.T) {
	t.Parallel()
	tried, incomplete, capped, refused := 0, 0, 0, 0
	for range 50 { // rapid runs 100 each
		rapid.Check(t, func(t *rapid.T) {
			p := problems(t)
			s, err := assign.Solve(context.Background(), p)
			if err != nil {
				if !errors.Is(err, assign.ErrProblem) {
					t.Fatal(err)
				}
				refused++
				return
			}
			tried++
			if !s.Complete() {
				incomplete++
			}
			if slices.ContainsFunc(s.GroupPrice, func(price int64) bool { return price < 0 }) {
				capped++
			}
			if best := brute(p); p.Value(s) != best {
				t.Fatalf("value %d; by trying all: %d", p.Value(s), best)
			}
			if err := assign.Verify(p, s); err != nil {
				t.Fatal(err)
			}
		})
	}
	if tried < 2000 || incomplete < 500 || capped < 100 {
		t.Errorf("too few instances: %d, of these %d incomplete, %d with a cap that binds, %d refused", tried, incomplete, capped, refused)
	}
}

// The checker accepts no other assignment than a best one and no untrue claim.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := problems(t)
		s, err := assign.Solve(context.Background(), p)
		if err != nil {
			return
		}
		bad := s
		switch rapid.IntRange(0, 7).Draw(t, "lie") {
		case 0: // another set, honestly described, keeps the prices
			set := uint(rapid.IntRange(0, 1<<len(p.Edges)-1).Draw(t, "set"))
			unmet, cost, ok := value(p, set)
			if !ok || worth(p, unmet, cost) == p.Value(s) {
				return
			}
			bad = describe(p, set, s)
		case 1:
			bad.Bound++
		case 2:
			bad.Cost--
		case 3:
			if len(s.Chosen) == 0 {
				return
			}
			bad.Chosen = s.Chosen[1:]
		case 4:
			if s.Complete() {
				return
			}
			bad.Why = nil
		case 5:
			if s.Complete() {
				return
			}
			bad.Why = slices.Clone(s.Why)
			bad.Why[0].Have = bad.Why[0].Need - 1
			if bad.Why[0].Have == s.Why[0].Have {
				bad.Why[0].Need++
			}
		case 6: // that a cap gains where it costs
			if len(s.GroupPrice) == 0 {
				return
			}
			bad.GroupPrice = slices.Clone(s.GroupPrice)
			bad.GroupPrice[0] = 1
		case 7: // that a cap which is used up is one less
			p.Groups = slices.Clone(p.Groups)
			g := slices.IndexFunc(s.GroupPrice, func(price int64) bool { return price < 0 })
			if g < 0 || p.Groups[g].Max == 0 {
				return
			}
			p.Groups[g].Max--
		}
		if assign.Verify(p, bad) == nil {
			t.Fatalf("accepted %+v", bad)
		}
	})
}

func describe(p assign.Problem, set uint, s assign.Solution) assign.Solution {
	got, load := make([]int, len(p.Demand)), make([]int, len(p.Load))
	out := assign.Solution{ProposalPrice: s.ProposalPrice, ReviewerPrice: s.ReviewerPrice, Bound: s.Bound, Why: s.Why}
	for k := range bits.Len(set) {
		if set>>k&1 == 1 {
			out.Chosen = append(out.Chosen, k)
			out.Cost += p.Edges[k].Cost
			got[p.Edges[k].Proposal]++
			load[p.Edges[k].Reviewer]++
		}
	}
	for i, n := range got {
		if n < p.Demand[i] {
			out.Short = append(out.Short, assign.Missing{Index: i, Count: p.Demand[i] - n})
		}
	}
	for i, n := range load {
		if n < p.Load[i].Min {
			out.Idle = append(out.Idle, assign.Missing{Index: i, Count: p.Load[i].Min - n})
		}
	}
	return out
}

func TestInfeasible(t *testing.T) {
	t.Parallel()
	e := func(p, r int) assign.Edge { return assign.Edge{Proposal: p, Reviewer: r, Cost: 1} }
	fixed := func(p, r int) assign.Edge { return assign.Edge{Proposal: p, Reviewer: r, Cost: 1, Fixed: true} }
	for name, c := range map[string]struct {
		p           assign.Problem
		short, idle []assign.Missing
		why         []assign.Deficit
	}{
		"nobody may": {
			p:     assign.Problem{Demand: []int{2}, Load: []assign.Load{{Max: 3}}},
			short: []assign.Missing{{Index: 0, Count: 2}},
			why:   []assign.Deficit{{Kind: assign.TooFewReviewers, Proposals: []int{0}, Need: 2}},
		},
		"room taken by what is fixed": {
			p:     assign.Problem{Demand: []int{1, 1}, Load: []assign.Load{{Max: 1}}, Edges: []assign.Edge{fixed(0, 0), e(1, 0)}},
			short: []assign.Missing{{Index: 1, Count: 1}},
			why:   []assign.Deficit{{Kind: assign.TooFewReviewers, Proposals: []int{1}, Reviewers: []int{0}, Need: 1}},
		},
		"a minimum without work": {
			p:    assign.Problem{Demand: []int{1}, Load: []assign.Load{{Min: 1, Max: 2}, {Min: 1, Max: 2}}, Edges: []assign.Edge{e(0, 0), e(0, 1)}},
			idle: []assign.Missing{{Index: 1, Count: 1}},
			why:  []assign.Deficit{{Kind: assign.TooFewProposals, Proposals: []int{0}, Reviewers: []int{0, 1}, Need: 2, Have: 1}},
		},
		"both at once": {
			p: assign.Problem{Demand: []int{2, 0}, Load: []assign.Load{{Max: 1}, {Min: 1, Max: 1}}, Edges: []assign.Edge{e(0, 0), e(1, 1)}},

			short: []assign.Missing{{Index: 0, Count: 1}},
			idle:  []assign.Missing{{Index: 1, Count: 1}},
			why: []assign.Deficit{{Kind: assign.TooFewReviewers, Proposals: []int{0}, Reviewers: []int{0}, Need: 2, Have: 1},
				{Kind: assign.TooFewProposals, Proposals: []int{1}, Reviewers: []int{1}, Need: 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := assign.Solve(context.Background(), c.p)
			if err != nil {
				t.Fatal(err)
			}
			if err := assign.Verify(c.p, s); err != nil {
				t.Error(err)
			}
			if d := cmp.Diff([]any{c.short, c.idle, c.why}, []any{s.Short, s.Idle, s.Why}); d != "" {
				t.Error(d)
			}
		})
	}
}

// More separate deficits than are told apart: the rest come together in one.
func TestManyDeficits(t *testing.T) {
	t.Parallel()
	p := assign.Problem{Demand: make([]int, 40)}
	for i := range p.Demand {
		p.Demand[i] = 1
	}
	s, err := assign.Solve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := assign.Verify(p, s); err != nil {
		t.Fatal(err)
	}
	if len(s.Why) != 16 || len(s.Why[15].Proposals) != 25 {
		t.Errorf("%d reasons, the last with %d proposals", len(s.Why), len(s.Why[len(s.Why)-1].Proposals))
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	load := []assign.Load{{Max: 1}}
	for name, p := range map[string]assign.Problem{
		"assign: proposal 0: a demand of -1":                               {Demand: []int{-1}},
		"assign: reviewer 0: a load of 2 to 1":                             {Load: []assign.Load{{Min: 2, Max: 1}}},
		"assign: proposal 0, reviewer 1, edge 0: no such pair":             {Demand: []int{1}, Load: load, Edges: []assign.Edge{{Reviewer: 1}}},
		"assign: proposal 0, reviewer 0, edge 0: a cost of 1000001":        {Demand: []int{1}, Load: load, Edges: []assign.Edge{{Cost: assign.Scale + 1}}},
		"assign: proposal 0, reviewer 0, edge 1: given twice":              {Demand: []int{1}, Load: load, Edges: []assign.Edge{{}, {}}},
		"assign: proposal 0, reviewer 0, edge 0: both fixed and forbidden": {Demand: []int{1}, Load: load, Edges: []assign.Edge{{Fixed: true, Forbidden: true}}},
		"assign: reviewer 0: 2 fixed, at most 1 allowed":                   {Demand: []int{1, 1}, Load: load, Edges: []assign.Edge{{Fixed: true}, {Proposal: 1, Fixed: true}}},
		"assign: proposal 0: 1 fixed, 0 needed":                            {Demand: []int{0}, Load: load, Edges: []assign.Edge{{Fixed: true}}},
	} {
		_, err := assign.Solve(context.Background(), p)
		if err == nil || err.Error() != name || !errors.Is(err, assign.ErrProblem) {
			t.Errorf("want %q, got %v", name, err)
		}
	}
}

func TestCostOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": assign.Scale, "1": 0, "1.000": 0, "0.5": 500_000, "0.1234565": 876_544,
		"0.12345650001": 876_543, ".25": 750_000, "0.9999995": 1, "0.9999996": 0} {
		if got, err := assign.CostOfText(text); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1.1", "-0.1", "1/2", "1e-1", "0x1", "abc", "NaN"} {
		if _, err := assign.CostOfText(text); err == nil {
			t.Errorf("%q passed", text)
		}
	}
	if got, err := assign.CostOf(0.1234565); err != nil || got != 876_544 {
		t.Errorf("%d, %v", got, err)
	}
}

// large is a random instance: reviewers per proposal by field, scores to three
// digits so that there are ties.
func large(proposals, reviewers, each, demand, lo, hi int) assign.Problem {
	rnd := rand.New(rand.NewPCG(7, 2027))
	p := assign.Problem{Demand: make([]int, proposals), Load: make([]assign.Load, reviewers)}
	for r := range p.Load {
		p.Load[r] = assign.Load{Min: lo, Max: hi}
	}
	for i := range p.Demand {
		p.Demand[i] = demand
		for _, r := range rnd.Perm(reviewers)[:each] {
			p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: r, Cost: int64(rnd.IntN(1001)) * 1000})
		}
	}
	return p
}

func TestDeterminism(t *testing.T) {
	t.Parallel()
	p := large(120, 70, 20, 3, 2, 6)
	s, err := assign.Solve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 5 {
		q := p
		q.Edges = slices.Clone(p.Edges)
		rnd.Shuffle(len(q.Edges), func(i, j int) { q.Edges[i], q.Edges[j] = q.Edges[j], q.Edges[i] })
		r, err := assign.Solve(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		var a, b []assign.Edge
		for i := range s.Chosen {
			a, b = append(a, p.Edges[s.Chosen[i]]), append(b, q.Edges[r.Chosen[i]])
		}
		if d := cmp.Diff([]any{a, s.Cost, s.ProposalPrice, s.ReviewerPrice}, []any{b, r.Cost, r.ProposalPrice, r.ReviewerPrice}); d != "" {
			t.Fatal(d)
		}
	}
}

// crowded is an instance in which neighbours compete: who stands near to a
// proposal on a ring, popular places more often; places are scarce.
func crowded(proposals, reviewers, each, demand, high int, seed uint64) assign.Problem {
	rnd := rand.New(rand.NewPCG(seed, 2027))
	p := assign.Problem{Demand: slices.Repeat([]int{demand}, proposals), Load: slices.Repeat([]assign.Load{{Max: high}}, reviewers)}
	for i := range proposals {
		at := int(float64(reviewers) * rnd.Float64() * rnd.Float64())
		for j := range each {
			r := (at + j*j/4 + j) % reviewers
			if rnd.IntN(6) == 0 {
				r = rnd.IntN(reviewers)
			}
			if !slices.ContainsFunc(p.Edges[max(0, len(p.Edges)-j):], func(e assign.Edge) bool { return e.Proposal == i && e.Reviewer == r }) {
				p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: r, Cost: int64(min(assign.Scale, 20_000*j+rnd.IntN(100_000)))})
			}
		}
	}
	return p
}

// Where places are scarce, or there are too few, the price wars are long.
func TestCrowded(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		p := crowded(400, 150, 20, 3, 8, seed)
		switch seed % 4 {
		case 1:
			for r := range p.Load {
				p.Load[r].Min = 7
			}
		case 2:
			p.Unfilled = assign.Scale / 2
		case 3:
			for k := range p.Edges {
				p.Edges[k].Cost = p.Edges[k].Cost / 250_000 * 250_000 // many ties
			}
		}
		s, err := assign.Solve(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if err := assign.Verify(p, s); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// Where a sixth of all places must stay empty, most of what can be filled beyond the auction is filled along paths that cost
// nothing: the answer is exact all the same, and another order of the people does not change what it is worth.
func TestOverfull(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		p := crowded(300, 150, 20, 3, 5, seed)
		if seed%3 == 1 {
			for r := range p.Load {
				p.Load[r].Min = 5
			}
		}
		if seed%3 == 2 {
			for k := range p.Edges {
				p.Edges[k].Cost = p.Edges[k].Cost / 250_000 * 250_000 // many ties
			}
		}
		worth := func() int64 {
			t.Helper()
			s, err := assign.Solve(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if err := assign.Verify(p, s); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			if s.Unmet() < 150 {
				t.Errorf("seed %d: only %d places are empty: the test shows nothing", seed, s.Unmet())
			}
			return p.Value(s)
		}
		first := worth()
		slices.Reverse(p.Load)
		for k := range p.Edges {
			p.Edges[k].Reviewer = len(p.Load) - 1 - p.Edges[k].Reviewer
		}
		if again := worth(); again != first {
			t.Errorf("seed %d: worth %d, turned round %d", seed, first, again)
		}
	}
}

// An answer within a gap comes with a bound that holds for the best one.
func TestApproximate(t *testing.T) {
	t.Parallel()
	early := 0
	for seed := range uint64(20) {
		p := large(400, 300, 30, 3, 0, 5)
		if seed > 0 {
			p = crowded(300, 180, 40, 3, 6, seed)
		}
		gap := []float64{0.1, 0.01, 1e-3, 1e-5}[seed%4]
		s, err := assign.Approximate(t.Context(), p, gap)
		if err != nil {
			t.Fatal(err)
		}
		if err := assign.VerifyBound(p, s); err != nil {
			t.Fatal(err)
		}
		best, err := assign.Solve(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if s.Bound > p.Value(best) || p.Value(s) < p.Value(best) {
			t.Errorf("bound %d, best %d, found %d", s.Bound, p.Value(best), p.Value(s))
		}
		if d := float64(p.Value(s) - s.Bound); d > gap*float64(p.Value(s)) {
			t.Errorf("seed %d: gap %g, asked for %g", seed, d/float64(p.Value(s)), gap)
		}
		if p.Value(s) > p.Value(best) {
			early++
		}
	}
	if early < 5 {
		t.Errorf("only %d answers were short of the best: the test shows nothing", early)
	}
}

func TestLarge(t *testing.T) {
	t.Parallel()
	p := large(300, 180, 40, 3, 2, 5)
	s, err := assign.Solve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	if err := assign.Verify(p, s); err != nil {
		t.Fatal(err)
	}
	if !s.Complete() || len(s.Chosen) != 900 {
		t.Errorf("%d pairs, %d unmet", len(s.Chosen), s.Unmet())
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := assign.Solve(ctx, large(5, 5, 3, 1, 0, 2)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// 1,000 proposals × 600 reviewers, 60,000 pairs, 3 reviews each, with every
// reviewer needed to the last place (tight) and with a little room (roomy).
func BenchmarkSolve(b *testing.B) {
	for _, c := range []struct {
		name   string
		lo, hi int
	}{{"roomy", 2, 7}, {"tight", 5, 5}} {
		b.Run(c.name, func(b *testing.B) {
			p := large(1000, 600, 60, 3, c.lo, c.hi)
			for b.Loop() {
				s, err := assign.Solve(context.Background(), p)
				if err != nil || assign.Verify(p, s) != nil {
					b.Fatal(err, assign.Verify(p, s))
				}
			}
		})
	}
}
