package techmap

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// The states of a suggestion.
const (
	Open      = "open"
	Accepted  = "accepted"
	Declined  = "declined"
	Withdrawn = "withdrawn"
)

// Suggestion is changes of a map that somebody suggests who may not make them, with the
// reason. Who keeps the map accepts or declines.
type Suggestion struct {
	ID, MapID       string
	Changes         []Suggested
	Reason          string
	From            Ref    // the award or result that it comes from; zero for none
	Person, Account string // of whom it is
	At              time.Time
	State           string
	Answer          string // what was said to it
	AnsweredBy      string // person
	AnsweredAt      time.Time
}

// Suggested is one change, with the JSON of the item as its writer saw it, "" for a new one.
type Suggested struct {
	Change
	Before string `json:"before,omitempty"`
}

// Was is the item as the writer of the change saw it; with nothing set where it is new or is removed.
func (c Suggested) Was() (was Change) {
	if r, err := c.ref(); err == nil && c.Before != "" && c.Remove == nil {
		_ = json.Unmarshal([]byte(`{"`+r.Kind+`":`+c.Before+`}`), &was) // what was kept as JSON can be read as JSON
	}
	return was
}

// SuggestionInput is what somebody suggests. Versions are those of what the writer saw: they need not be given.
type SuggestionInput struct {
	Changes []Change
	Reason  string
	From    Ref
}

// On is a graph with the items that the suggestion adds: what its changes name is there to be told.
func (x Suggestion) On(g *Graph) *Graph {
	g = g.clone()
	for _, c := range x.Changes {
		if r, err := c.ref(); err == nil && c.Before == "" && c.Remove == nil {
			_ = g.put(r, c.Change) // what does not fit any more is told by its keys
		}
	}
	return g
}

// suggestable are the kinds of items that can be suggested.
var suggestable = []string{KindNode, KindGate, KindProvider, KindShare}

// mostReason is how many characters a reason and an answer have at most.
const mostReason = 4000

// Suggest keeps changes of a map for who keeps it to decide on. Everybody signed in who sees
// the map may suggest changes of what they see: nodes, gates, providers and shares.
// Errors: Invalid with every field at fault of the first change that could not be made, or
// where there is no reason; NotFound for a map or an award that a may not know of.
func (s *Service) Suggest(ctx context.Context, a access.Actor, mapID string, in SuggestionInput) (Suggestion, error) {
	x := Suggestion{MapID: mapID, Reason: strings.TrimSpace(in.Reason), From: in.From, Person: a.Person, Account: a.Account, State: Open}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.Map(ctx, a, mapID, time.Time{})
		if err != nil {
			return err
		}
		if a.Account == "" {
			return fault.New(fault.SignIn, "fault.signin")
		}
		if x.Changes, err = v.Graph.suggested(in.Changes); err != nil {
			return err
		}
		if err := fault.Join(said("reason", x.Reason), length("reason", x.Reason, mostReason)); err != nil {
			return err
		}
		if _, err := s.Source(ctx, a, x.From); err != nil {
			return err
		}
		x.ID, x.At = clock.ID(ctx), clock.Now(ctx)
		if err := s.insertSuggestion(ctx, x); err != nil {
			return err
		}
		return s.note(ctx, a, "techmap.suggest", v.Map, map[string]any{"suggestion": x.ID, "changes": x.Changes, "from": x.From})
	})
	return x, err
}

// sources are the kinds of records that a suggestion can come from.
var sources = []string{"award", "result"}

// Source is the record that a suggestion comes from, without key where it comes from none.
// Errors: NotFound for another kind, and for a record that a may not know of.
func (s *Service) Source(ctx context.Context, a access.Actor, from Ref) (Trace, error) {
	switch {
	case from == Ref{}:
		return Trace{}, nil
	case !slices.Contains(sources, from.Kind):
		return Trace{}, fault.Missing()
	}
	return s.Below.Follow(ctx, a, from.Kind, from.ID)
}

// Sources are the records that suggestions come from, as far as a may know of them.
func (s *Service) Sources(ctx context.Context, a access.Actor, list []Suggestion) (map[Ref]Trace, error) {
	all := map[Ref]Trace{}
	for _, x := range list {
		if _, known := all[x.From]; known {
			continue
		}
		t, err := s.Source(ctx, a, x.From)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		all[x.From] = t
	}
	return all, nil
}

func said(field, s string) *fault.Error {
	if s == "" {
		return fault.Field(field, "fault.required")
	}
	return nil
}

// suggested checks changes against the graph as the writer sees it, and keeps what it saw.
// What would stay as it is is left out.
func (g *Graph) suggested(changes []Change) (list []Suggested, err error) {
	const version = 1 // of all that is seen: who does not keep the map is told none
	seen, after, written := g.bodies(), g.clone(), map[Ref]bool{}
	for _, c := range changes {
		r, err := c.ref()
		if err != nil {
			return nil, err
		}
		if !slices.Contains(suggestable, r.Kind) || c.Node != nil && c.Node.Sealed {
			return nil, fault.New(fault.Invalid, "techmap.suggestion.kind")
		}
		if c.Version = 0; seen[r] != "" {
			c.Version = version
		}
		_, exists := after.Version(r)
		if err := c.fits(r, version, exists); err != nil {
			return nil, err
		}
		if err := after.put(r, c); err != nil {
			return nil, err
		}
		if c.Remove == nil && !written[r] && db.JSON(c.items()[0]) == seen[r] {
			continue
		}
		written[r] = true
		c.Version = 0
		list = append(list, Suggested{c, seen[r]})
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "techmap.suggestion.nothing")
	}
	return list, nil
}

// Suggestions lists what is suggested for a map, what is open first, then the newest first:
// all for who keeps it, their own for others.
func (s *Service) Suggestions(ctx context.Context, a access.Actor, mapID string) ([]Suggestion, error) {
	v, err := s.Map(ctx, a, mapID, time.Time{})
	if err != nil {
		return nil, err
	}
	list, err := s.suggestions(ctx, mapID)
	list = slices.DeleteFunc(list, func(x Suggestion) bool { return !v.Keeps && (a.Account == "" || x.Account != a.Account) })
	slices.SortStableFunc(list, func(x, y Suggestion) int {
		switch {
		case x.State == Open && y.State != Open:
			return -1
		case x.State != Open && y.State == Open:
			return 1
		}
		return 0
	})
	return list, err
}

// Waiting are the suggestions on which a is to decide, the oldest first, each with its map.
func (s *Service) Waiting(ctx context.Context, a access.Actor) (list []Suggestion, maps map[string]Map, err error) {
	open, err := s.openSuggestions(ctx)
	if err != nil || len(open) == 0 {
		return nil, nil, err
	}
	all, err := s.all(ctx)
	if err != nil {
		return nil, nil, err
	}
	maps = map[string]Map{}
	for _, m := range all {
		if rules.Check(a, "techmap.write", m.set(a), access.Public) == nil {
			maps[m.ID] = m
		}
	}
	return slices.DeleteFunc(open, func(x Suggestion) bool { return maps[x.MapID].ID == "" }), maps, nil
}

// Accept makes the changes of a suggestion, as of whoever suggested them.
// Errors: Conflict where it is answered already, or where what it changes has changed since.
func (s *Service) Accept(ctx context.Context, a access.Actor, mapID, id, answer string) error {
	return s.answer(ctx, a, mapID, id, Accepted, answer, func(ctx context.Context, m Map, full *Graph, x Suggestion) error {
		now, seen, after := full.bodies(), full.redacted(nil).bodies(), full.clone()
		for _, c := range x.Changes {
			if err := after.accept(full, now, seen, c); err != nil {
				return err
			}
		}
		return s.keep(ctx, a, m, full, after, x.Person)
	})
}

// Decline refuses a suggestion with a reason.
func (s *Service) Decline(ctx context.Context, a access.Actor, mapID, id, answer string) error {
	if f := said("answer", strings.TrimSpace(answer)); f != nil {
		return f
	}
	return s.answer(ctx, a, mapID, id, Declined, answer, func(context.Context, Map, *Graph, Suggestion) error { return nil })
}

func (s *Service) answer(ctx context.Context, a access.Actor, mapID, id, state, answer string, do func(context.Context, Map, *Graph, Suggestion) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		m, full, err := s.writable(ctx, a, mapID)
		if err != nil {
			return err
		}
		x, err := s.suggestionByID(ctx, mapID, id)
		if err != nil {
			return err
		}
		x.State, x.Answer, x.AnsweredBy, x.AnsweredAt = state, strings.TrimSpace(answer), a.Person, clock.Now(ctx)
		if f := length("answer", x.Answer, mostReason); f != nil {
			return f
		}
		if err := do(ctx, m, full, x); err != nil {
			return err
		}
		if err := s.endSuggestion(ctx, x); err != nil {
			return err
		}
		return s.note(ctx, a, "techmap.suggestion."+state, m, map[string]any{"suggestion": x.ID, "answer": x.Answer, "from": x.From})
	})
}

// Withdraw takes one's own suggestion back.
func (s *Service) Withdraw(ctx context.Context, a access.Actor, mapID, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.Map(ctx, a, mapID, time.Time{})
		if err != nil {
			return err
		}
		x, err := s.suggestionByID(ctx, mapID, id)
		if err == nil && (a.Account == "" || x.Account != a.Account) {
			err = fault.Missing()
		}
		if err != nil {
			return err
		}
		x.State, x.AnsweredBy, x.AnsweredAt = Withdrawn, a.Person, clock.Now(ctx)
		if err := s.endSuggestion(ctx, x); err != nil {
			return err
		}
		return s.note(ctx, a, "techmap.suggestion."+Withdrawn, v.Map, map[string]string{"suggestion": x.ID})
	})
}

// accept makes a suggested change where its item is still as its writer saw it: as it is now, or as who
// does not keep the map sees it. What is new to its writer may be there already, unseen: that is never
// written over. A writer who did not see some inputs of a gate did not mean to take them out.
func (g *Graph) accept(full *Graph, now, seen map[Ref]string, c Suggested) error {
	r, err := c.ref()
	if err != nil {
		return err
	}
	if c.Before != now[r] && (c.Before == "" || c.Before != seen[r]) {
		return fault.New(fault.Conflict, "techmap.suggestion.moved")
	}
	c.Version, _ = g.Version(r)
	if c.Gate != nil && c.Before != now[r] {
		x := *c.Gate
		x.Inputs = slices.Clone(x.Inputs)
		old, _ := full.Gate(x.ID)
		for _, in := range old.Inputs {
			if n, _ := full.Node(in.NodeID); n.Sealed {
				x.Inputs = append(x.Inputs, in)
			}
		}
		c.Gate = &x
	}
	return g.apply(c.Change)
}
