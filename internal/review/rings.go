package review

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Ring is two or three applicants of a stage of whom each reviews a proposal of the next, and the last one of the first.
type Ring struct {
	People    []string `json:"people"`
	Proposals []string `json:"proposals"`     // that each of them reviews
	Cut       int      `json:"cut,omitempty"` // which review, from 1, was left out so that the ring is none; 0: it stays
}

// rule is the one that speaks of it.
func (r Ring) rule() string {
	if len(r.People) == 2 {
		return scheme.Reciprocal
	}
	return scheme.Circle
}

// rings tells who would review each other.
type rings struct {
	holds  [4]string // by how many are in a ring: how the rule about it holds
	people numbers   // who applies, who may review, who was asked
	team   [][]int32 // by proposal: who applies
	asked  []outside
	finder *conflict.Finder
}

// outside is a review for which somebody was asked who is not in the pool.
type outside struct {
	proposal int
	key      string
	person   int32
}

// rings reads what is needed to see rings; nil where no rule of the scheme looks at them.
func (s *Service) rings(ctx context.Context, d Desk, m *matter, bars map[string]scheme.Bar) (*rings, error) {
	g := &rings{holds: [4]string{2: bars[scheme.Reciprocal].Hold, 3: bars[scheme.Circle].Hold}}
	if g.holds[2] == scheme.Off && g.holds[3] == scheme.Off {
		return nil, nil
	}
	teams, err := s.teams(ctx, d)
	if err != nil {
		return nil, err
	}
	g.team = make([][]int32, len(m.proposals))
	list, at := make([]conflict.Proposal, len(m.proposals)), map[string]int{}
	for i, c := range m.proposals {
		at[c.ID] = i
		for _, person := range teams[c.ID] {
			g.team[i] = append(g.team[i], g.people.number(person))
		}
		list[i].Applicants = g.team[i]
	}
	for _, p := range m.pool {
		g.people.number(p.Person)
	}
	for pair, state := range m.asked {
		if i, waits := at[pair[0]]; waits && counts(state) && m.person(pair[1]) < 0 {
			g.asked = append(g.asked, outside{i, pair[1], 0})
		}
	}
	slices.SortFunc(g.asked, func(a, b outside) int {
		return cmp.Or(cmp.Compare(a.proposal, b.proposal), strings.Compare(a.key, b.key))
	})
	for k := range g.asked {
		g.asked[k].person = g.people.number(g.asked[k].key)
	}
	g.finder, err = conflict.New(conflict.Facts{People: len(g.people.keys)}, list)
	return g, err
}

// found are the rings that some edges of a problem make, without those about which no rule says anything.
func (g *rings) found(q *question, chosen []int) [][]int32 {
	assigned := make([][]int32, len(g.team))
	for _, k := range chosen {
		e := q.Edges[k]
		assigned[e.Proposal] = append(assigned[e.Proposal], g.people.of[q.matter.pool[e.Reviewer].Person])
	}
	for _, a := range g.asked {
		assigned[a.proposal] = append(assigned[a.proposal], a.person)
	}
	return slices.DeleteFunc(g.finder.Cycles(assigned), func(ring []int32) bool { return g.holds[len(ring)] == scheme.Off })
}

// told is a ring of an assignment, and for each review in it the edge of the problem; -1 for one outside the pool.
func (g *rings) told(q *question, chosen []int, ring []int32) (r Ring, edges []int) {
	for at, reviewer := range ring {
		next := ring[(at+1)%len(ring)]
		edge, proposal := -1, -1
		for _, k := range chosen {
			e := q.Edges[k]
			if g.people.of[q.matter.pool[e.Reviewer].Person] == reviewer && slices.Contains(g.team[e.Proposal], next) && (edge < 0 || e.Cost > q.Edges[edge].Cost) {
				edge, proposal = k, e.Proposal
			}
		}
		for _, a := range g.asked {
			if edge < 0 && a.person == reviewer && slices.Contains(g.team[a.proposal], next) {
				proposal = a.proposal
			}
		}
		r.People, r.Proposals = append(r.People, g.people.keys[reviewer]), append(r.Proposals, q.matter.proposals[proposal].ID)
		edges = append(edges, edge)
	}
	return r, edges
}

// unring answers a question so that applicants do not review each other as far as the scheme's rules ask: of each ring the
// review with the lowest score that is not settled yet is left out, and the rest assigned anew, until there is none. For a
// soft rule that is done only as long as it leaves no place empty. It is a sound way and no search for the best one: what is
// proven is that nothing is better without the pairs that were left out.
func (q *question) unring(ctx context.Context, seed uint64) (answered, error) {
	got, err := q.answer(ctx, seed)
	g := q.matter.rings
	if err != nil || g == nil {
		return got, err
	}
	for _, hold := range []string{scheme.Hard, scheme.Soft} {
		for {
			out := g.cut(q, got.chosen, hold)
			if len(out) == 0 {
				break
			}
			before, cut := q.Problem, q.ringed
			scores := q.scores
			q.without(out)
			next, err := q.answer(ctx, seed)
			if err != nil {
				return got, err
			}
			if hold == scheme.Soft && len(next.chosen) < len(got.chosen) {
				q.Problem, q.scores, q.ringed = before, scores, cut
				break
			}
			got = next
		}
	}
	for _, ring := range g.found(q, got.chosen) {
		r, _ := g.told(q, got.chosen, ring)
		q.ringed = append(q.ringed, r)
	}
	return got, nil
}

// unringed is unring for an answer that is a set of edges, found without those that are gone.
func (q *question) unringed(answer func(gone map[int]bool) (map[int]bool, error)) (map[int]bool, error) {
	gone := map[int]bool{}
	got, err := answer(gone)
	g := q.matter.rings
	if err != nil || g == nil {
		return got, err
	}
	for _, hold := range []string{scheme.Hard, scheme.Soft} {
		for {
			out := g.cut(q, sorted(got), hold)
			if len(out) == 0 {
				break
			}
			more := maps.Clone(gone)
			for _, c := range out {
				more[c.edge] = true
			}
			next, err := answer(more)
			if err != nil {
				return nil, err
			}
			if hold == scheme.Soft && len(next) < len(got) {
				break
			}
			got, gone = next, more
		}
	}
	return got, nil
}

func sorted(set map[int]bool) []int { return slices.Sorted(maps.Keys(set)) }

// cutting is a ring with the edge that is left out because of it.
type cutting struct {
	Ring
	edge int
}

// cut says which edges of an assignment to leave out so that its rings are none, as far as rules that hold so ask.
func (g *rings) cut(q *question, chosen []int, hold string) (out []cutting) {
	gone := map[int]bool{}
	for _, ring := range g.found(q, chosen) {
		if g.holds[len(ring)] != hold {
			continue
		}
		r, edges := g.told(q, chosen, ring)
		if slices.ContainsFunc(edges, func(k int) bool { return gone[k] }) {
			continue // another ring's cut breaks this one too
		}
		worst := -1
		for at, k := range edges {
			if k >= 0 && !q.Edges[k].Fixed && (worst < 0 || q.Edges[k].Cost > q.Edges[edges[worst]].Cost) {
				worst = at
			}
		}
		if worst < 0 {
			continue // everybody in it was asked already, or is locked
		}
		r.Cut = worst + 1
		gone[edges[worst]] = true
		out = append(out, cutting{r, edges[worst]})
	}
	return out
}

// without leaves edges out of the problem, and notes why.
func (q *question) without(out []cutting) {
	gone := map[int]bool{}
	for _, c := range out {
		gone[c.edge] = true
		q.ringed = append(slices.Clip(q.ringed), c.Ring)
	}
	edges, scores := make([]assign.Edge, 0, len(q.Edges)), make([]float64, 0, len(q.scores))
	for k, e := range q.Edges {
		if !gone[k] {
			edges, scores = append(edges, e), append(scores, q.scores[k])
		}
	}
	q.Edges, q.scores = edges, scores
}

// WordedRing is a Ring with names.
type WordedRing struct {
	Reviews []Change // each by its reviewer, of the proposal of the next
	Cut     int
}

// wordedRings puts names, by key, to rings.
func wordedRings(list []Ring, names map[string]string) (out []WordedRing) {
	for _, r := range list {
		w := WordedRing{Cut: r.Cut}
		for i, person := range r.People {
			w.Reviews = append(w.Reviews, Change{Number: names[r.Proposals[i]], Name: names[person]})
		}
		out = append(out, w)
	}
	return out
}
