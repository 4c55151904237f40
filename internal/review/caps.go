package review

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Caps are how many reviews of a stage the people of any one organisation, country or career stage take together at most; 0: as
// many as they each take.
type Caps struct {
	Organisation int `json:"organisation,omitempty"`
	Country      int `json:"country,omitempty"`
	CareerStage  int `json:"career_stage,omitempty"`
}

// What a cap can speak of.
const (
	ByOrganisation = "organisation"
	ByCountry      = "country"
	ByCareerStage  = "career_stage"
)

// CapKinds are all of them, in the order of the page.
var CapKinds = []string{ByOrganisation, ByCountry, ByCareerStage}

// Of is the cap for a kind, 0 where there is none.
func (c Caps) Of(kind string) int {
	return map[string]int{ByOrganisation: c.Organisation, ByCountry: c.Country, ByCareerStage: c.CareerStage}[kind]
}

// mostCap bounds a cap.
const mostCap = 1_000_000

func (c Caps) check() (faults []*fault.Error) {
	for _, kind := range CapKinds {
		if n := c.Of(kind); n < 0 || n > mostCap {
			faults = append(faults, fault.Field("cap_"+kind, "review.caps.between", mostCap))
		}
	}
	return faults
}

// Cap is a cap of some people.
type Cap struct {
	Kind string  `json:"kind"`           // one of CapKinds
	Key  string  `json:"key"`            // of the organisation, or the code of the country or career stage
	Name string  `json:"name,omitempty"` // of the organisation, where names are told
	Max  int     `json:"max"`
	Gain float64 `json:"gain,omitempty"` // what one review more under it would gain in score, where prices are known
}

// key is what a cap of some kind goes by for somebody; "" where they have nothing of the kind. The country is
// that of the organisation where there is one, so that organisations lie within countries.
func (m PoolMember) key(kind string) string {
	switch kind {
	case ByOrganisation:
		return m.OrganisationID
	case ByCountry:
		return m.Country
	}
	return m.CareerStage
}

// cap puts caps into a problem. Where more is fixed already than a cap allows, it counts as that many.
// Errors: Invalid, at the field of the second, where two caps do not nest.
func (m *matter) cap(p *assign.Problem, caps Caps) (list []Cap, err error) {
	fixed := make([]int, len(m.pool))
	for _, e := range p.Edges {
		if e.Fixed {
			fixed[e.Reviewer]++
		}
	}
	var sets [][]int
	var most []int
	for _, kind := range CapKinds {
		if caps.Of(kind) == 0 {
			continue
		}
		people := map[string][]int{}
		for j, member := range m.pool {
			if key := member.key(kind); key != "" {
				people[key] = append(people[key], j)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(people)) {
			taken := 0
			for _, j := range people[key] {
				taken += fixed[j]
			}
			list = append(list, Cap{Kind: kind, Key: key, Max: max(caps.Of(kind), taken)})
			sets, most = append(sets, people[key]), append(most, max(caps.Of(kind), taken))
		}
	}
	if len(sets) == 0 {
		return nil, nil
	}
	var order []int
	p.Groups, p.Member, order, err = assign.Nest(sets, most, len(m.pool))
	var cross *assign.CrossError
	if errors.As(err, &cross) {
		a, b := list[cross.A], list[cross.B]
		if slices.Index(CapKinds, a.Kind) > slices.Index(CapKinds, b.Kind) {
			a, b = b, a
		}
		return nil, fault.Field("cap_"+b.Kind, "review.caps.cross", m.capName(a), m.capName(b))
	}
	out := make([]Cap, len(order))
	for g, i := range order {
		out[g] = list[i]
	}
	return out, err
}

// capName is what a cap's people are called where nobody translates: a name or a code.
func (m *matter) capName(c Cap) string {
	return cmp.Or(namedCaps([]Cap{c}, m.pool)[0].Name, c.Key)
}

// namedCaps are caps with the names of the organisations of a pool.
func namedCaps(list []Cap, pool []PoolMember) []Cap {
	names := map[string]string{}
	for _, p := range pool {
		names[p.OrganisationID] = p.Organisation
	}
	out := slices.Clone(list)
	for i, c := range out {
		if c.Kind == ByOrganisation {
			out[i].Name = names[c.Key]
		}
	}
	return out
}

// usedUp are the caps of a question that an answer leaves no room under, the dearest first.
func (q *question) usedUp(got answered) (out []Cap) {
	load := make([]int, len(q.Load))
	for _, k := range got.chosen {
		load[q.Edges[k].Reviewer]++
	}
	for g, n := range q.Given(load) {
		if n < q.Groups[g].Max {
			continue
		}
		c := q.caps[g]
		if prices := got.proof.CapPrice; prices != nil {
			c.Gain = float64(-prices[g]) / assign.Scale
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Cap) int { return cmp.Compare(b.Gain, a.Gain) })
	return out
}

// applied is what caps the newest suggestion that was applied was made under: they hold on when somebody turns an
// invitation down.
func (s *Service) applied(ctx context.Context, callID, stage string) (Caps, error) {
	runs, err := s.runs(ctx, callID, stage)
	for _, r := range runs {
		if !r.AppliedAt.IsZero() && r.Undone.IsZero() {
			return r.Settings.Caps, err
		}
	}
	return Caps{}, err
}
