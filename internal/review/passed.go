package review

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/engine/assign"
)

// Why the newest suggestion does not give somebody a proposal that they may judge.
const (
	PassedWorse  = "worse"  // others fit better, over all proposals together
	PassedFull   = "full"   // they have as many as they take, where they are worth more
	PassedCapped = "capped" // a cap that they are under is used up where others under it are worth more
	PassedEqual  = "equal"  // the proof does not say that the pair would cost anything
	PassedEmpty  = "empty"  // a place elsewhere would stay empty
	PassedDrawn  = "drawn"  // the lot fell otherwise
	PassedRing   = "ring"   // applicants would review each other
)

// Passed is one of these with what it rests on.
type Passed struct {
	Kind        string
	Given, Most int     // reviews that the suggestion gives them, of how many
	Loss        float64 // by how much at least the sum of scores falls with the pair, unless a place stays empty; 0: nothing is proven of it
}

// passed says why a suggestion passes over somebody for a proposal. current is that nothing has changed since: only then do its
// prices speak of the pair.
//
// The loss is the pair's reduced cost. Any assignment x costs the bound plus Σ c̄·x plus what it gives away by complementary
// slackness, all of it 0 or more (Ahuja, Magnanti and Orlin, 1993, section 9.4): one with the pair costs at least c̄ more than the best.
func (r Run) passed(current bool, proposal string, m PoolMember, score float64) Passed {
	p := Passed{Most: m.Most, Kind: PassedWorse}
	if r.Settings.Most > 0 {
		p.Most = min(p.Most, r.Settings.Most)
	}
	for _, pair := range r.Result.Pairs {
		if pair.Person == m.Person {
			p.Given++
		}
	}
	for _, ring := range r.Result.Rings {
		if at := ring.Cut - 1; at >= 0 && ring.People[at] == m.Person && ring.Proposals[at] == proposal {
			p.Kind = PassedRing
			return p
		}
	}
	loss, capped, known := r.reduced(proposal, m, score)
	known = known && current
	switch {
	case known && loss <= 0:
		p.Kind = PassedEqual
	case known && loss >= r.Certificate.penalty():
		p.Kind = PassedEmpty
	case p.Given >= p.Most:
		p.Kind = PassedFull
	case r.Settings.Aim == Random:
		p.Kind = PassedDrawn
	case known && capped:
		p.Kind = PassedCapped
	}
	if known && p.Kind != PassedEqual && p.Kind != PassedEmpty {
		p.Loss = float64(loss) / assign.Scale
	}
	return p
}

// reduced is the reduced cost of a pair by the prices of a suggestion, and whether a cap has a part in it; known only where the
// prices prove that the total is the greatest.
func (r Run) reduced(proposal string, m PoolMember, score float64) (loss int64, capped, known bool) {
	c := r.Certificate
	i, j := slices.Index(c.Proposals, proposal), slices.Index(c.People, m.Person)
	cost, err := assign.CostOf(score)
	if r.Settings.Aim != Total || r.Settings.Mend != "" || err != nil || i < 0 || j < 0 || len(c.ProposalPrice) <= i || len(c.PersonPrice) <= j {
		return 0, false, false
	}
	loss = cost - c.ProposalPrice[i] - c.PersonPrice[j]
	for g, cap := range c.Caps {
		if g < len(c.CapPrice) && m.key(cap.Kind) == cap.Key {
			loss -= c.CapPrice[g]
			capped = capped || c.CapPrice[g] < 0
		}
	}
	return loss, capped, true
}

// penalty is what a place that stays empty costs in the problem that was solved, as assign.Problem.Penalty has it.
func (c Certificate) penalty() int64 {
	return assign.Scale * (int64(min(len(c.Proposals), len(c.People))) + 1)
}

// newest is the newest suggestion of a stage as its viewer may see it, and whether nothing has changed since; nil for none.
func (s *Service) newest(ctx context.Context, d Desk) (run *Run, current bool, err error) {
	runs, err := s.runs(ctx, d.CallID, d.Stage())
	if err != nil || len(runs) == 0 {
		return nil, false, err
	}
	r, err := s.run(ctx, runs[0].ID)
	if err != nil {
		return nil, false, err
	}
	stale, err := s.changedSince(ctx, d, r)
	r.without(d.hidden)
	return &r, !stale && r.AppliedAt.IsZero(), err
}

// gives reports whether a suggestion gives somebody a proposal.
func (r Run) gives(proposal, person string) bool {
	return slices.ContainsFunc(r.Result.Pairs, func(p Pair) bool { return p.Proposal == proposal && p.Person == person })
}
