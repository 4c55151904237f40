package review

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Repair compares the ways to make good for somebody who turned an invitation down.
type Repair struct {
	Desk
	Proposal candidate
	Lost     Suggested // whose place is open
	Most     int       // changes that the gentle way may make
	Gentle   Mending   // the best with at most so many
	Best     Mending   // the new optimum, however many it takes
	Seen     string    // digest of the problem that was solved
}

// Mending is one way: whom to ask and whom to take back.
type Mending struct {
	Asked, Dropped []Change
	Total          float64 // sum of all scores after it
	Empty          int     // places that stay open
}

// Changes is how many invitations are sent or taken back.
func (m Mending) Changes() int { return len(m.Asked) + len(m.Dropped) }

// Change is a pair that comes or goes.
type Change struct {
	Number, Name string
	Score        float64
}

// UsualRepair is how many new pairs a repair may have where nobody says.
const UsualRepair = 2

// RepairOf finds what one who turned a proposal down costs: the best repair with at most so many new
// pairs, and the new optimum, both from the prices of the assignment before. Who has accepted stays; an invitation without
// an answer may be taken back. Errors: Conflict where nobody turned the proposal down.
func (s *Service) RepairOf(ctx context.Context, a access.Actor, callID, proposalID string, most int) (Repair, error) {
	out, _, _, _, err := s.repair(ctx, a, callID, proposalID, most)
	return out, err
}

// repair finds both ways, with the edges of the problem that each chooses.
func (s *Service) repair(ctx context.Context, a access.Actor, callID, proposalID string, most int) (out Repair, q *question, gentle, best map[int]bool, err error) {
	if most < 0 || most > 20 {
		return out, nil, nil, nil, fault.Field("most", "review.rounds.between", 0, 20)
	}
	stage, err := s.stageOf(ctx, callID, proposalID)
	if err != nil {
		return out, nil, nil, nil, err
	}
	caps, err := s.applied(ctx, callID, stage)
	if err != nil {
		return out, nil, nil, nil, err
	}
	if q, err = s.question(ctx, a, callID, stage, Settings{Caps: caps}); err != nil {
		return out, nil, nil, nil, err
	}
	if q.desk.hidden[proposalID] {
		return out, nil, nil, nil, fault.Missing()
	}
	out = Repair{Desk: q.desk, Most: most}
	edge, err := q.before(proposalID, &out)
	if err != nil {
		return out, nil, nil, nil, err
	}
	out.Seen = digest(q.Problem)
	gentle, best, err = q.repaired(ctx, edge, most)
	if err == nil {
		out.Gentle, out.Best = q.mending(gentle), q.mending(best)
	}
	return out, q, gentle, best, err
}

// repaired takes an edge out of the assignment: what it is then with at most so many new pairs, and at best; both without
// rings as far as the scheme's rules ask.
func (q *question) repaired(ctx context.Context, edge, most int) (gentle, best map[int]bool, err error) {
	if gentle, err = q.still().unringed(func(gone map[int]bool) (map[int]bool, error) { return q.gently(ctx, edge, most, gone) }); err != nil {
		return nil, nil, err
	}
	best, err = q.unringed(func(gone map[int]bool) (map[int]bool, error) { return q.anew(ctx, edge, gone) })
	return gentle, best, err
}

// still is a question in which everybody who was asked stays.
func (q *question) still() *question {
	out := *q
	out.Edges = slices.Clone(q.Edges)
	for k := range out.Edges {
		out.Edges[k].Fixed = q.Edges[k].Fixed || counts(q.matter.asked[q.pair(k)])
	}
	return &out
}

// gently repairs with at most so many new pairs, none of them gone. The invitations that are out cost nothing here, so that
// the assignment before is the one that is, and they move only where a place would stay empty else.
func (q *question) gently(ctx context.Context, edge, most int, gone map[int]bool) (map[int]bool, error) {
	p := q.lacking(gone)
	for k := range p.Edges {
		if counts(q.matter.asked[q.pair(k)]) {
			p.Edges[k].Cost = 0
		}
	}
	plan, err := assign.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	out := setOf(plan.Solution().Chosen)
	change, _, err := plan.Repair(edge, most)
	if err != nil {
		return nil, err
	}
	for _, k := range change.Removed {
		delete(out, k)
	}
	for _, k := range change.Added {
		out[k] = true
	}
	return out, nil
}

// anew is the new optimum, from the prices of the assignment before, proven.
func (q *question) anew(ctx context.Context, edge int, gone map[int]bool) (map[int]bool, error) {
	plan, err := assign.Open(ctx, q.lacking(gone))
	if err != nil {
		return nil, err
	}
	if _, err := plan.Forbid(edge); err != nil {
		return nil, err
	}
	now := plan.Solution()
	return setOf(now.Chosen), assign.Verify(plan.Problem(), now)
}

// lacking is the problem without some edges, on a copy of the list.
func (q *question) lacking(gone map[int]bool) assign.Problem {
	p := q.Problem
	p.Edges = slices.Clone(q.Edges)
	for k := range gone {
		p.Edges[k].Forbidden = true
	}
	return p
}

func setOf(list []int) map[int]bool {
	out := make(map[int]bool, len(list))
	for _, k := range list {
		out[k] = true
	}
	return out
}

// before puts the problem as it was before somebody turned a proposal down: that pair is possible again,
// every proposal asks for as many as it had, and invitations without an answer may move.
func (q *question) before(proposalID string, out *Repair) (edge int, err error) {
	m := q.matter
	i := slices.IndexFunc(m.proposals, func(c candidate) bool { return c.ID == proposalID })
	if i < 0 {
		return 0, fault.Missing()
	}
	out.Proposal = m.proposals[i]
	lost := -1
	for j, member := range m.pool {
		if state := m.asked[[2]string{proposalID, member.Person}]; state == Declined || state == Conflicted || state == Lapsed {
			if lost < 0 || m.measure.scores(i)[j] > m.measure.scores(i)[lost] {
				lost = j
			}
		}
	}
	if lost < 0 {
		return 0, fault.New(fault.Conflict, "review.repair.none")
	}
	score := m.measure.scores(i)[lost]
	out.Lost = Suggested{Pair: Pair{Proposal: proposalID, Person: m.pool[lost].Person, Score: score}, Name: m.pool[lost].Name}
	held := make([]int, len(q.Demand))
	for k := range q.Edges {
		e := &q.Edges[k]
		pair := q.pair(k)
		if counts(m.asked[pair]) {
			held[e.Proposal]++
		}
		if m.asked[pair] == Invited && e.Fixed {
			e.Fixed = false
			e.Cost = max(0, e.Cost-1) // of equals, what is stays
		}
	}
	// It costs nothing here, so that the assignment before surely holds it: it is the one that goes.
	q.Edges, q.scores = append(q.Edges, assign.Edge{Proposal: i, Reviewer: lost}), append(q.scores, score)
	copy(q.Demand, held)
	q.Demand[i]++
	for j := range q.Load {
		q.Load[j].Min = 0
	}
	q.Load[lost].Max++ // the place that was taken up
	return len(q.Edges) - 1, nil
}

// mending compares the pairs of an assignment with those who are asked now. What is hidden from the viewer is neither named nor
// in a sum.
func (q *question) mending(chosen map[int]bool) (m Mending) {
	for i, d := range q.Demand {
		if !q.desk.hidden[q.matter.proposals[i].ID] {
			m.Empty += d
		}
	}
	for k, e := range q.Edges {
		pair := q.pair(k)
		if q.desk.hidden[pair[0]] {
			continue
		}
		tell := Change{q.matter.proposals[e.Proposal].Number, q.matter.pool[e.Reviewer].Name, q.scores[k]}
		switch asked := counts(q.matter.asked[pair]); {
		case chosen[k]:
			m.Empty--
			if m.Total += q.scores[k]; !asked {
				m.Asked = append(m.Asked, tell)
			}
		case asked:
			m.Dropped = append(m.Dropped, tell)
		}
	}
	return m
}
