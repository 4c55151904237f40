package review

import (
	"testing"

	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// ringed lets the first people of a pool apply, each with the proposal of their number.
func (m *matter) ringed(t *testing.T, hold string) {
	t.Helper()
	g := &rings{holds: [4]string{2: hold, 3: hold}, team: make([][]int32, len(m.proposals))}
	list := make([]conflict.Proposal, len(m.proposals))
	for i, c := range m.proposals {
		m.barred[[2]string{c.ID, m.pool[i].Person}] = Conflict{Rule: "own-proposal"}
		g.team[i] = []int32{g.people.number(m.pool[i].Person)}
		list[i].Applicants = g.team[i]
	}
	for _, p := range m.pool {
		g.people.number(p.Person)
	}
	var err error
	if g.finder, err = conflict.New(conflict.Facts{People: len(g.people.keys)}, list); err != nil {
		t.Fatal(err)
	}
	m.rings = g
}

// TestRepairMakesNoRing: whoever turns an invitation down, neither the gentle repair nor the new optimum makes applicants
// review each other where the scheme forbids it; where nothing is said of it some do, so that the test shows something.
func TestRepairMakesNoRing(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	for seed := range uint64(25) {
		for _, hold := range []string{scheme.Off, scheme.Hard} {
			m := stage(t, 8, 9, seed)
			m.ringed(t, hold)
			run, _, err := m.asks(t, Settings{Each: 2}).solve(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range run.Result.Pairs {
				m.asked[[2]string{p.Proposal, p.Person}] = Invited
			}
			lost := run.Result.Pairs[int(seed)%len(run.Result.Pairs)]
			m.asked[[2]string{lost.Proposal, lost.Person}] = Declined
			q := m.asks(t, Settings{Each: 2})
			edge, err := q.before(lost.Proposal, &Repair{})
			if err != nil {
				t.Fatal(err)
			}
			gentle, best, err := q.repaired(t.Context(), edge, 3)
			if err != nil {
				t.Fatal(err)
			}
			m.rings.holds = [4]string{2: scheme.Hard, 3: scheme.Hard} // so that all are seen
			for _, way := range []map[int]bool{gentle, best} {
				found[hold] += len(m.rings.found(q, sorted(way)))
			}
		}
	}
	if found[scheme.Hard] > 0 || found[scheme.Off] == 0 {
		t.Errorf("rings after repairs: %v", found)
	}
}
