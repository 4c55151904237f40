package decision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Meeting is the funding meeting about a list as one person in the room sees it.
type Meeting struct {
	View
	Rules     Rules // that the page begins with
	Scenarios []Scenario
	Seats     []Seat
	Out       map[string][]string  // by proposal: who in the room is recused, by name
	Labels    map[string]lang.Text // of values that a vocabulary names, by "dimension:value"
	Stamp     string               // changes with what this person sees
}

// Seat is somebody's place in the room.
type Seat struct{ Person, Name string }

// MaySeat reports whether the viewer may say who sits in the room.
func (m Meeting) MaySeat() bool { return !m.settled() && m.Set.Any(rules["decision.seat"]) }

// Meet is the meeting about a list: its proposals in order of rank with their attributes,
// who is in the room, and the scenarios that were saved.
func (s *Service) Meet(ctx context.Context, a access.Actor, id string) (Meeting, error) {
	d, set, err := s.load(ctx, a, id, "decision.meet")
	if err != nil {
		return Meeting{}, err
	}
	m := Meeting{}
	if m.View, err = s.view(ctx, a, d, set); err != nil {
		return m, err
	}
	if m.Seats, err = s.seats(ctx, id); err != nil {
		return m, err
	}
	if m.Out, err = s.outs(ctx, m.View, m.Seats); err != nil {
		return m, err
	}
	if m.Scenarios, err = s.scenariosFor(ctx, m.View); err != nil {
		return m, err
	}
	if m.Labels, err = s.labels(ctx, m.View); err != nil {
		return m, err
	}
	if m.Rules, err = s.ruled(ctx, m.View, m.Scenarios); err != nil {
		return m, err
	}
	m.View.explain(m.Rules, m.Labels)
	m.Stamp, err = s.stamp(ctx, a, d)
	return m, err
}

// prepare gives the rows of a view what a choice among them needs.
func (s *Service) prepare(ctx context.Context, a access.Actor, v *View) (err error) {
	if v.Bottlenecks, err = s.characterise(ctx, a, v.Decision, v.Rows); err != nil {
		return err
	}
	asks, err := s.asksOf(ctx, v.Decision)
	for i := range v.Rows {
		v.Rows[i].agency, v.Rows[i].asks = v.AgencyID, asks[v.Rows[i].ProposalID]
	}
	return err
}

// Named is what people call a value of a dimension.
func (m Meeting) Named(dimension, value string) lang.Msg {
	return named(dimension, value, m.Labels[dimension+":"+value])
}

// titles are what the maps call bottlenecks, as labels.
func titles(list []Bottleneck) map[string]lang.Text {
	out := make(map[string]lang.Text, len(list))
	for _, b := range list {
		out[Covering+":"+b.Key()] = b.Node.Title
	}
	return out
}

// labels are what vocabularies and maps call the values of their dimensions.
func (s *Service) labels(ctx context.Context, v View) (map[string]lang.Text, error) {
	out := titles(v.Bottlenecks)
	for dimension, name := range map[string]string{"field": vocabulary.Ford, "orientation": "orientation"} {
		terms, err := vocabulary.Terms(ctx, s.DB, name)
		if err != nil {
			return nil, err
		}
		for _, t := range terms {
			out[dimension+":"+t.Code] = t.Label
		}
	}
	return out, nil
}

// ordered are the values of the dimensions that have an order of their own.
var ordered = map[string][]string{"career": Careers, "risk": Risks, "applicant": {"new", "known"}}

// Values are those of a dimension: all where it has an order, else those of the rows.
func (v View) Values(dimension string) []string {
	if list := ordered[dimension]; list != nil {
		return list
	}
	seen := map[string]bool{}
	for _, r := range v.Rows {
		seen[r.Traits[dimension]] = true
		if dimension == Covering {
			for _, key := range r.Covers {
				seen[key] = true
			}
		}
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

// outs are the names of who in the room is recused from which of the rows.
func (s *Service) outs(ctx context.Context, v View, seats []Seat) (map[string][]string, error) {
	out := map[string][]string{}
	if len(seats) == 0 {
		return out, nil
	}
	people := make([]string, 0, len(seats))
	for _, x := range seats {
		people = append(people, x.Person)
	}
	found, err := s.Reviews.Barred(ctx, v.CallID, v.Stage, people)
	for _, r := range v.Rows {
		for _, x := range seats {
			if _, is := found[[2]string{r.ProposalID, x.Person}]; is {
				out[r.ProposalID] = append(out[r.ProposalID], x.Name)
			}
		}
	}
	return out, err
}

// WhatIf is the best choice under rules, with what each of them costs and why each
// proposal is in or out. Nothing is kept.
func (s *Service) WhatIf(ctx context.Context, m Meeting, r Rules) (*Plan, error) {
	return s.plan(ctx, m.View, r, true)
}

// Sit gives somebody a place in the room. Errors: Conflict for a list that is signed.
func (s *Service) Sit(ctx context.Context, a access.Actor, id, person string) error {
	return s.seat(ctx, a, id, person, "decision.seat.taken", s.insertSeat)
}

// Leave takes it away.
func (s *Service) Leave(ctx context.Context, a access.Actor, id, person string) error {
	return s.seat(ctx, a, id, person, "decision.seat.left", s.deleteSeat)
}

func (s *Service) seat(ctx context.Context, a access.Actor, id, person string, act string, write func(context.Context, access.Actor, string, string) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, _, err := s.load(ctx, a, id, "decision.seat")
		if err != nil {
			return err
		}
		if d.settled() {
			return fault.New(fault.Conflict, "decision.fixed")
		}
		if names, err := s.Register.Names(ctx, []string{person}, nil); err != nil {
			return err
		} else if names[person] == "" {
			return fault.Field("person", "fault.choice")
		}
		if err := write(ctx, a, id, person); err != nil {
			return err
		}
		return s.note(ctx, a, d, act, "", map[string]string{"person": person})
	})
}

// note appends to the ledger what was done with a list.
func (s *Service) note(ctx context.Context, a access.Actor, d Decision, act, why string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "decision", ID: d.ID, Agency: d.AgencyID, Why: why, Payload: what})
	return err
}

// Stamp names the state of a meeting as a sees it: it changes when anything does that a
// sees, and with nothing that is hidden from them. Nine queries, a few more where a technology map has to
// do with the call; without reckoning ranks.
func (s *Service) Stamp(ctx context.Context, a access.Actor, id string) (string, error) {
	d, _, err := s.load(ctx, a, id, "decision.meet")
	if err != nil {
		return "", err
	}
	return s.stamp(ctx, a, d)
}

func (s *Service) stamp(ctx context.Context, a access.Actor, d Decision) (string, error) {
	type item struct {
		Proposal, Outcome, Reasons string
		Lines                      []Line
		Risk                       Risk
		Out, Covers                []string
	}
	v, err := s.visible(ctx, a, d, 0)
	if err != nil {
		return "", err
	}
	if _, err := s.cover(ctx, a, d, v.Rows); err != nil {
		return "", err
	}
	lines, err := s.lines(ctx, d.ID)
	if err != nil {
		return "", err
	}
	risks, err := s.risks(ctx, d)
	if err != nil {
		return "", err
	}
	seats, err := s.seats(ctx, d.ID)
	if err != nil {
		return "", err
	}
	outs, err := s.outs(ctx, v, seats)
	if err != nil {
		return "", err
	}
	saved, err := s.scenarios(ctx, d.ID)
	if err != nil {
		return "", err
	}
	items := make([]item, 0, len(v.Rows))
	for _, r := range v.Rows {
		items = append(items, item{r.ProposalID, r.Outcome, r.Reasons, lines[r.ID], risks[r.ProposalID], outs[r.ProposalID], r.Covers})
	}
	type kept struct{ ID, Applied string }
	list := make([]kept, 0, len(saved))
	for _, x := range saved {
		list = append(list, kept{x.ID, x.AppliedBy})
	}
	b, err := json.Marshal([]any{d.State, d.Reasons, items, seats, list})
	if err != nil {
		return "", err
	}
	return hexOf(sha256.Sum256(b))[:16], nil
}

func hexOf(sum [sha256.Size]byte) string { return hex.EncodeToString(sum[:]) }
