package assign

// Solution is an assignment with the proof that it is the best.
type Solution struct {
	// Chosen is the indices in Problem.Edges of the pairs that are assigned,
	// fixed ones included, ascending by proposal and then reviewer.
	Chosen []int

	Short []Missing // proposals that get fewer reviews than they need
	Idle  []Missing // reviewers who get fewer than their minimum
	Why   []Deficit // the reasons; empty exactly when Short and Idle are

	Cost int64 // sum of the costs of Chosen

	// ProposalPrice is what one more review of the proposal would cost at these
	// prices. ReviewerPrice is above zero where the minimum holds others back
	// (what one review less asked of the person would gain) and below zero where
	// the maximum does (minus what one more place would gain). Prices count in
	// 1/Scale of a score; one of about Problem.Penalty stands for an unmet place.
	ProposalPrice []int64
	ReviewerPrice []int64

	// GroupPrice is minus what one place more under the cap of each group would gain;
	// nil where nobody is in a group. What holds a person back is the sum of their price and
	// those of all groups around them.
	GroupPrice []int64

	// Bound follows from the prices: no assignment at all has a smaller
	// Problem.Value.
	Bound int64
}

// Missing is a number of unmet places of a proposal or a reviewer.
type Missing struct {
	Index int
	Count int
}

// Complete reports whether every limit is met.
func (s Solution) Complete() bool { return len(s.Short) == 0 && len(s.Idle) == 0 }

// Unmet is the number of places that stay unmet.
func (s Solution) Unmet() int {
	n := 0
	for _, m := range s.Short {
		n += m.Count
	}
	for _, m := range s.Idle {
		n += m.Count
	}
	return n
}

// Total is the total score of the assigned pairs, each 0 to Scale.
func (s Solution) Total() int64 { return Scale*int64(len(s.Chosen)) - s.Cost }

// Value is what Solve makes least: the cost of the pairs, of the reviews that
// proposals lack (Unfilled, or Penalty) and of those that reviewers lack (Penalty).
func (p Problem) Value(s Solution) int64 {
	v := s.Cost
	for _, m := range s.Short {
		v += p.unfilled() * int64(m.Count)
	}
	for _, m := range s.Idle {
		v += p.Penalty() * int64(m.Count)
	}
	return v
}

// DeficitKind says which limit cannot be met.
type DeficitKind string

// The kinds of deficits.
const (
	// TooFewReviewers: Proposals together need Need reviews, but all who may
	// review them (Reviewers) have room for only Have.
	TooFewReviewers DeficitKind = "too few reviewers"
	// TooFewProposals: Reviewers together must get Need reviews, but the
	// proposals they may review (Proposals) have only Have for them.
	TooFewProposals DeficitKind = "too few proposals"
	// TooDear: Proposals lack Need reviews because each would cost more than
	// Problem.Unfilled, others' exchanges included; the prices prove it.
	TooDear DeficitKind = "too dear"
	// Capped: Proposals and Reviewers together lack Need reviews, as the caps of Groups are used up: what
	// would fill one place would empty another; the prices prove it.
	Capped DeficitKind = "capped"
)

// Deficit is a proof that a limit cannot be met, whatever the scores (but for TooDear). Have
// counts, for each person (or proposal) on the side that is short of room, the
// smaller of the room left by fixed pairs outside the set and the number of
// possible pairs with the set, and of a group no more than what its cap leaves. Groups are those
// whose caps make it less.
type Deficit struct {
	Kind       DeficitKind
	Proposals  []int
	Reviewers  []int
	Groups     []int
	Need, Have int
}
