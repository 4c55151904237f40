package assign

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Scale is the cost of a pair with score 0; a pair with score 1 costs nothing.
const Scale = 1_000_000

// limit of all counts, so that no sum can leave int64.
const most = 1 << 20

// Problem is what has to be assigned. Proposals and reviewers are known by their
// index in Demand and Load. Solve and Verify only read it.
type Problem struct {
	Demand []int  // reviews that each proposal needs
	Load   []Load // reviews that each reviewer takes
	Edges  []Edge // possible pairs; a pair that is absent is not possible

	// Groups are caps on what people are given together; they nest, see Group. Member is the smallest group of each
	// reviewer, −1 where there is none; nil stands for nobody in any.
	Groups []Group
	Member []int

	// Unfilled is the cost of a review that a proposal lacks; 0 stands for
	// Penalty, so that as many as possible are filled whatever they cost.
	Unfilled int64
}

// Load is how many reviews a reviewer takes, at least and at most.
type Load struct{ Min, Max int }

// Group is a set of people who together take at most Max reviews. Two groups
// share nobody, or one of them holds all the people of the other (a laminar family): that is
// what keeps the problem a flow. Within is the smallest group around it, which comes later in
// Problem.Groups, −1 where there is none.
type Group struct{ Max, Within int }

// Edge is one pair. A pair may stand in Problem.Edges only once.
type Edge struct {
	Proposal, Reviewer int
	Cost               int64 // 0 (best) to Scale, see CostOf
	Fixed              bool  // already agreed: part of every solution, counted in demand and load
	Forbidden          bool  // a conflict: never chosen
}

// CostOf is round-half-up(Scale × (1 − score)). The float is taken as the
// shortest decimal text that reads back as it, so that 0.1 means one tenth. An
// error says that the score is not between 0 and 1.
func CostOf(score float64) (int64, error) {
	if math.IsNaN(score) || math.IsInf(score, 0) {
		return 0, fmt.Errorf("assign: a score is between 0 and 1, not %v", score)
	}
	return CostOfText(strconv.FormatFloat(score, 'f', -1, 64))
}

// CostOfText is CostOf for a decimal text such as "0.8375", without rounding
// before the one rounding that CostOf names.
func CostOfText(score string) (int64, error) {
	if c, ok := shortCost(score); ok {
		return c, nil
	}
	s, ok := decimal(score)
	if !ok || s.Cmp(big.NewRat(1, 1)) > 0 {
		return 0, fmt.Errorf("assign: a score is a decimal between 0 and 1, not %.40q", score)
	}
	return units(s.Sub(big.NewRat(1, 1), s)), nil
}

// UnitsOfText is round-half-up(Scale × x) for a decimal text from 0 to 1,000,000.
func UnitsOfText(x string) (int64, error) {
	r, ok := decimal(x)
	if !ok || r.Cmp(big.NewRat(Scale, 1)) > 0 {
		return 0, fmt.Errorf("assign: a decimal between 0 and %d is expected, not %.40q", Scale, x)
	}
	return units(r), nil
}

func decimal(text string) (*big.Rat, bool) {
	r, ok := new(big.Rat).SetString(text)
	return r, ok && len(text) <= 40 && !strings.ContainsAny(text, "/eEpPxX_") && r.Sign() >= 0
}

// units is floor(Scale·x + 1/2) = floor((2·Scale·x + 1) / 2).
func units(x *big.Rat) int64 {
	twice := x.Mul(x, big.NewRat(2*Scale, 1))
	twice.Add(twice, big.NewRat(1, 1))
	den := new(big.Int).Mul(twice.Denom(), big.NewInt(2))
	return new(big.Int).Div(twice.Num(), den).Int64()
}

// shortCost is the cost for 0.d…d with at most 12 digits, as scores mostly are,
// in machine integers: millions of them are read.
func shortCost(score string) (int64, bool) {
	if len(score) < 3 || len(score) > 14 || score[0] != '0' || score[1] != '.' {
		return 0, false
	}
	n, one := int64(0), int64(1)
	for _, d := range []byte(score[2:]) {
		if d < '0' || d > '9' {
			return 0, false
		}
		n, one = 10*n+int64(d-'0'), 10*one
	}
	return (2*Scale*(one-n) + one) / (2 * one), true
}

// ErrProblem is wrapped by every error about a problem that contradicts itself.
var ErrProblem = errors.New("assign: the problem contradicts itself")

// ProblemError names the part of a problem that contradicts the rest.
type ProblemError struct {
	Proposal, Reviewer, Edge, Group int // index, −1 where it does not apply
	Reason                          string
}

func (e *ProblemError) Error() string {
	var at []string
	for _, p := range []struct {
		what string
		i    int
	}{{"proposal", e.Proposal}, {"reviewer", e.Reviewer}, {"edge", e.Edge}, {"group", e.Group}} {
		if p.i >= 0 {
			at = append(at, p.what+" "+strconv.Itoa(p.i))
		}
	}
	if len(at) == 0 {
		return "assign: " + e.Reason
	}
	return "assign: " + strings.Join(at, ", ") + ": " + e.Reason
}

// Unwrap makes errors.Is(err, ErrProblem) true.
func (e *ProblemError) Unwrap() error { return ErrProblem }

// Check says what is wrong with the problem itself, nil if nothing is: a limit
// that is negative, Min over Max, an index or a cost out of range, a pair given
// twice or both fixed and forbidden, more fixed pairs than a demand, a Max or a cap
// allows, groups that do not nest as Group says. A problem that is sound but cannot be met in full is not an error.
// O(P+R+E). The error is a *ProblemError.
func (p Problem) Check() error {
	if len(p.Demand) > most || len(p.Load) > most {
		return &ProblemError{-1, -1, -1, -1, fmt.Sprintf("more than %d proposals or reviewers", most)}
	}
	total := 0
	for i, d := range p.Demand {
		if d < 0 || d > most {
			return &ProblemError{i, -1, -1, -1, fmt.Sprintf("a demand of %d", d)}
		}
		total += d
	}
	least := 0
	for i, l := range p.Load {
		if l.Min < 0 || l.Max < l.Min || l.Max > most {
			return &ProblemError{-1, i, -1, -1, fmt.Sprintf("a load of %d to %d", l.Min, l.Max)}
		}
		least += l.Min
	}
	if p.Unfilled < 0 || p.Unfilled > Scale*most {
		return &ProblemError{-1, -1, -1, -1, fmt.Sprintf("a cost of %d for a missing review", p.Unfilled)}
	}
	if len(p.Edges) > math.MaxInt32 {
		return &ProblemError{-1, -1, -1, -1, fmt.Sprintf("more than %d edges", math.MaxInt32)}
	}
	if total > most*2 || least > most*2 {
		return &ProblemError{-1, -1, -1, -1, fmt.Sprintf("more than %d reviews", most*2)}
	}
	if err := p.checkGroups(); err != nil {
		return err
	}
	return p.checkEdges()
}

func (p Problem) checkGroups() error {
	for g, x := range p.Groups {
		switch {
		case x.Max < 0 || x.Max > most*2:
			return &ProblemError{-1, -1, -1, g, fmt.Sprintf("a cap of %d", x.Max)}
		case x.Within != -1 && (x.Within <= g || x.Within >= len(p.Groups)):
			return &ProblemError{-1, -1, -1, g, fmt.Sprintf("within group %d: a later one, or −1, is expected", x.Within)}
		}
	}
	if p.Member == nil {
		return nil
	}
	if len(p.Member) != len(p.Load) {
		return &ProblemError{-1, -1, -1, -1, fmt.Sprintf("the groups of %d reviewers are given, there are %d", len(p.Member), len(p.Load))}
	}
	for r, g := range p.Member {
		if g < -1 || g >= len(p.Groups) {
			return &ProblemError{-1, r, -1, -1, fmt.Sprintf("in group %d of %d", g, len(p.Groups))}
		}
	}
	return nil
}

// around lists the groups of a reviewer, the smallest first.
func (p Problem) around(reviewer int) (list []int) {
	if p.Member == nil {
		return nil
	}
	for g := p.Member[reviewer]; g >= 0; g = p.Groups[g].Within {
		list = append(list, g)
	}
	return list
}

func (p Problem) checkEdges() error {
	fixedP, fixedR := make([]int, len(p.Demand)), make([]int, len(p.Load))
	for i, e := range p.Edges {
		switch {
		case e.Proposal < 0 || e.Proposal >= len(p.Demand) || e.Reviewer < 0 || e.Reviewer >= len(p.Load):
			return &ProblemError{e.Proposal, e.Reviewer, i, -1, "no such pair"}
		case e.Cost < 0 || e.Cost > Scale:
			return &ProblemError{e.Proposal, e.Reviewer, i, -1, fmt.Sprintf("a cost of %d", e.Cost)}
		case e.Fixed && e.Forbidden:
			return &ProblemError{e.Proposal, e.Reviewer, i, -1, "both fixed and forbidden"}
		case e.Fixed:
			fixedP[e.Proposal]++
			fixedR[e.Reviewer]++
		}
	}
	for i, n := range fixedP {
		if n > p.Demand[i] {
			return &ProblemError{i, -1, -1, -1, fmt.Sprintf("%d fixed, %d needed", n, p.Demand[i])}
		}
	}
	for i, n := range fixedR {
		if n > p.Load[i].Max {
			return &ProblemError{-1, i, -1, -1, fmt.Sprintf("%d fixed, at most %d allowed", n, p.Load[i].Max)}
		}
	}
	for g, n := range inGroups(p, fixedR) {
		if n > p.Groups[g].Max {
			return &ProblemError{-1, -1, -1, g, fmt.Sprintf("%d fixed, at most %d allowed", n, p.Groups[g].Max)}
		}
	}
	return p.checkTwice()
}

// Given is how many reviews the people of each group take together, by how many each takes.
func (p Problem) Given(load []int) []int { return inGroups(p, load) }

// inGroups sums a number of each reviewer by group.
func inGroups[N int | int64](p Problem, of []N) []N {
	sums := make([]N, len(p.Groups))
	for r, g := range p.Member {
		if g >= 0 {
			sums[g] += of[r]
		}
	}
	for g, x := range p.Groups {
		if x.Within >= 0 {
			sums[x.Within] += sums[g]
		}
	}
	return sums
}

// checkTwice looks for a pair that is given twice.
func (p Problem) checkTwice() error {
	seen := make([]int32, len(p.Load)) // reviewer → 1 + the last proposal that named the person
	twice := func(k int) error {
		e := p.Edges[k]
		if seen[e.Reviewer] == int32(e.Proposal)+1 {
			return &ProblemError{e.Proposal, e.Reviewer, k, -1, "given twice"}
		}
		seen[e.Reviewer] = int32(e.Proposal) + 1
		return nil
	}
	if slices.IsSortedFunc(p.Edges, func(a, b Edge) int { return cmp.Compare(a.Proposal, b.Proposal) }) {
		for k := range p.Edges {
			if err := twice(k); err != nil {
				return err
			}
		}
		return nil
	}
	_, index := p.byProposal(func(Edge) bool { return true })
	for _, k := range index {
		if err := twice(int(k)); err != nil {
			return err
		}
	}
	return nil
}

// byProposal lists the indices of some edges by proposal: those of proposal i
// are index[first[i]:first[i+1]], in the order in which they are given.
func (p Problem) byProposal(which func(Edge) bool) (first, index []int32) {
	return p.grouped(len(p.Demand), which, func(e Edge) int { return e.Proposal })
}

// byReviewer is byProposal for the other side.
func (p Problem) byReviewer(which func(Edge) bool) (first, index []int32) {
	return p.grouped(len(p.Load), which, func(e Edge) int { return e.Reviewer })
}

func (p Problem) grouped(n int, which func(Edge) bool, by func(Edge) int) (first, index []int32) {
	first = make([]int32, n+1)
	for _, e := range p.Edges {
		if which(e) {
			first[by(e)+1]++
		}
	}
	for i := range n {
		first[i+1] += first[i]
	}
	index = make([]int32, first[n])
	at := slices.Clone(first)
	for k, e := range p.Edges {
		if which(e) {
			index[at[by(e)]] = int32(k)
			at[by(e)]++
		}
	}
	return first, index
}

// Penalty is what one unmet place costs where Unfilled does not say otherwise. It is more than any exchange of pairs
// can gain: such an exchange takes up at most min(proposals, reviewers) new
// pairs, each of which costs Scale or less.
func (p Problem) Penalty() int64 {
	return Scale * (int64(min(len(p.Demand), len(p.Load))) + 1)
}

// unfilled is the cost of a review that a proposal lacks.
func (p Problem) unfilled() int64 {
	if p.Unfilled > 0 {
		return p.Unfilled
	}
	return p.Penalty()
}
