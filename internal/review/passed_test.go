package review

import (
	"fmt"
	"testing"
)

// TestPassed: what a suggestion says of a pair that it passes over holds. Kept in, the pair costs the total at least as much
// as was said, or a place; who is called full has as many as they take.
func TestPassed(t *testing.T) {
	t.Parallel()
	kinds, lossy := map[string]int{}, 0
	for seed := range uint64(12) {
		m := stage(t, 8, 9, seed)
		set := Settings{Each: 2}
		for j := range m.pool {
			m.pool[j].Most, m.pool[j].OrganisationID = 2+j%2, fmt.Sprint(j%3)
		}
		if seed%2 == 1 {
			set.Caps.Organisation = 6
		}
		best := m.solved(t, set)
		for i, c := range m.proposals {
			scores := m.measure.scores(i)
			for j, member := range m.pool {
				pair := [2]string{c.ID, member.Person}
				if _, is := m.barred[pair]; is || best.gives(c.ID, member.Person) {
					continue
				}
				p := best.passed(true, c.ID, member, scores[j])
				m.wishes[pair] = Lock
				with := m.solved(t, set)
				delete(m.wishes, pair)
				kinds[p.Kind]++
				fell := best.Result.Total - with.Result.Total
				switch {
				case p.Kind == PassedEmpty && with.Result.Filled >= best.Result.Filled:
					t.Errorf("seed %d: with %v no place stays empty", seed, pair)
				case p.Kind == PassedFull && p.Given != p.Most:
					t.Errorf("seed %d: %v is called full with %d of %d", seed, pair, p.Given, p.Most)
				case with.Result.Filled == best.Result.Filled && fell < p.Loss-1e-9:
					t.Errorf("seed %d: with %v the total falls by %g, and %g was said", seed, pair, fell, p.Loss)
				}
				if p.Loss > 0.001 {
					lossy++
				}
				if stale := best.passed(false, c.ID, member, scores[j]); stale.Loss != 0 || stale.Kind == PassedEqual || stale.Kind == PassedEmpty {
					t.Errorf("seed %d: after a change it still says %+v", seed, stale)
				}
			}
		}
	}
	if lossy < 300 || kinds[PassedFull] == 0 || kinds[PassedWorse] == 0 || kinds[PassedCapped] == 0 {
		t.Errorf("%d losses of any size; %v", lossy, kinds)
	}
	m := stage(t, 8, 9, 1)
	drawn := m.solved(t, Settings{Each: 2, Aim: Random})
	fair := m.solved(t, Settings{Each: 2, Aim: Fair})
	for i, c := range m.proposals {
		for j, member := range m.pool {
			if p := drawn.passed(true, c.ID, member, m.measure.scores(i)[j]); p.Loss != 0 || p.Kind != PassedDrawn && p.Given < p.Most {
				t.Errorf("of a draw it says %+v", p)
			}
			if p := fair.passed(true, c.ID, member, m.measure.scores(i)[j]); p.Loss != 0 {
				t.Errorf("of a fair one it says %+v", p)
			}
		}
	}
	ring := Run{Result: Result{Rings: []Ring{{People: []string{"a", "b"}, Proposals: []string{"p", "q"}, Cut: 2}}}}
	if got := ring.passed(true, "q", PoolMember{Person: "b", Most: 2}, 0.5); got.Kind != PassedRing {
		t.Errorf("the review that was left out of a ring: %+v", got)
	}
}

// solved is a suggestion for a stage.
func (m *matter) solved(t *testing.T, set Settings) Run {
	t.Helper()
	q := m.asks(t, set)
	var err error
	if q.caps, err = m.cap(&q.Problem, q.set.Caps); err != nil {
		t.Fatal(err)
	}
	run, _, err := q.solve(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	return run
}
