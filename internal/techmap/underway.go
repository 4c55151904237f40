package techmap

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// Trace is a question, a call, an award or a result, with what became of it: calls that ask the
// question, awards of the call.
type Trace struct {
	Kind, ID, Number string
	Title            lang.Text
	State            string
	AgencyID         string
	Amount           money.Amount // of an award
	Active           bool         // an award that is running
	Results          int          // of an award: public ones
	AwardID          string       // of a result
	Shared           bool         // a call that asks more than one question: nobody says which award serves which
	Below            []Trace
}

// Follower is what techmap needs of the rooms below it.
type Follower interface {
	// Follow is a question, a call, an award or a result as far as viewer may see it and what became of it.
	// Errors: NotFound where viewer may not know of it.
	Follow(ctx context.Context, viewer access.Actor, kind, id string) (Trace, error)
}

// Linkable are the kinds of records that a node can be linked to.
var Linkable = []string{"question", "call", "award"}

// Awards lists the awards among traces and what is below them, each once, but for those of shared calls.
func Awards(list []Trace) (awards []Trace) {
	for _, t := range list {
		var found []Trace
		if !t.Shared {
			found = Awards(t.Below)
		}
		if t.Kind == "award" {
			found = append(found, t)
		}
		for _, a := range found {
			if !slices.ContainsFunc(awards, func(b Trace) bool { return b.ID == a.ID }) {
				awards = append(awards, a)
			}
		}
	}
	return awards
}

// Active lists the running awards among traces and what is below them. Awards of a call that
// asks more than one question are left out: link the award itself.
func Active(list []Trace) []Trace {
	return slices.DeleteFunc(Awards(list), func(t Trace) bool { return !t.Active })
}

// Underway is what is under way about each node of a map, as far as a may see it.
type Underway map[string][]Trace

// Underway gathers what is linked to the nodes that v shows, in the order of the links.
func (s *Service) Underway(ctx context.Context, a access.Actor, v View) (Underway, error) {
	links, err := s.links(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	all, seen := Underway{}, map[Ref]Trace{}
	for _, l := range links {
		if _, shown := v.Graph.Node(l.node); !shown {
			continue
		}
		t, known := seen[l.subject]
		if !known {
			t, err = s.Below.Follow(ctx, a, l.subject.Kind, l.subject.ID)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			seen[l.subject] = t // an empty one is what a may not know of
		}
		if t.ID != "" {
			all[l.node] = append(all[l.node], t)
		}
	}
	return all, nil
}

// Of is what is under way about any of some nodes, each once.
func (u Underway) Of(nodes []string) (list []Trace) {
	for _, id := range nodes {
		for _, t := range u[id] {
			if !slices.ContainsFunc(list, func(x Trace) bool { return x.Kind == t.Kind && x.ID == t.ID }) {
				list = append(list, t)
			}
		}
	}
	return list
}

// Uncovered are the single points, certain ones first, at none of whose nodes an award is running.
func (a Answer) Uncovered(u Underway) []Finding {
	return slices.DeleteFunc(a.Singles(), func(f Finding) bool { return len(Active(u.Of(f.Broken))) > 0 })
}

// Twice lists the nodes at which more than one award is running, in the order of their keys.
func (u Underway) Twice(g *Graph) (list []Node) {
	for _, n := range g.Nodes {
		if len(Active(u[n.ID])) > 1 {
			list = append(list, n)
		}
	}
	return list
}

// Link ties a question, a call or an award to a node; doing it twice changes nothing.
// Errors: Invalid for another kind, or for a record that a may not see.
func (s *Service) Link(ctx context.Context, a access.Actor, mapID, node, kind, id string) error {
	return s.onLinks(ctx, a, mapID, node, "techmap.link", kind, id, func(ctx context.Context) error {
		if f := oneOf("address", kind, Linkable); f != nil {
			return f
		}
		if _, err := s.Below.Follow(ctx, a, kind, id); fault.Is(err, fault.NotFound) {
			return fault.Field("address", "strategy.link.none")
		} else if err != nil {
			return err
		}
		return s.insertLink(ctx, a, mapID, link{node, Ref{kind, id}, Source{}})
	})
}

// Unlink takes a link away.
func (s *Service) Unlink(ctx context.Context, a access.Actor, mapID, node, kind, id string) error {
	return s.onLinks(ctx, a, mapID, node, "techmap.unlink", kind, id, func(ctx context.Context) error {
		return s.deleteLink(ctx, mapID, link{node: node, subject: Ref{kind, id}})
	})
}

func (s *Service) onLinks(ctx context.Context, a access.Actor, mapID, node, act, kind, id string, do func(context.Context) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		m, g, err := s.writable(ctx, a, mapID)
		if err != nil {
			return err
		}
		if _, ok := g.Node(node); !ok {
			return fault.Missing()
		}
		if err := do(ctx); err != nil {
			return err
		}
		return s.note(ctx, a, act, m, map[string]string{"node": node, "kind": kind, "id": id})
	})
}

// Source is the finding that a question was written from.
type Source struct {
	Layer string   `json:"layer,omitempty"`
	Keys  []string `json:"keys,omitempty"`
}

// Question writes a research question from a finding and ties it to the nodes whose supply
// the finding breaks, in one unit of work. Officers of the agency that keeps the map.
// Errors: NotFound where the set does not stop the goal, Invalid as of strategy.WriteQuestion.
func (s *Service) Question(ctx context.Context, a access.Actor, mapID string, q Assumptions, keys []string, in strategy.QuestionInput) (strategy.Question, error) {
	var written strategy.Question
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.Map(ctx, a, mapID, time.Time{})
		if err != nil {
			return err
		}
		if err := rules.Check(a, "techmap.ask", v.set(a), v.seers()); err != nil {
			return err
		}
		answer, err := v.Ask(ctx, q)
		if err != nil {
			return err
		}
		f, err := answer.Find(keys)
		if err != nil {
			return err
		}
		in.AgencyID = v.AgencyID
		if written, err = s.Strategy.WriteQuestion(ctx, a, in); err != nil {
			return err
		}
		for _, node := range f.Broken {
			if err := s.insertLink(ctx, a, mapID, link{node, Ref{"question", written.ID}, Source{answer.Layer, f.Keys()}}); err != nil {
				return err
			}
		}
		return s.note(ctx, a, "techmap.question", v.Map, map[string]any{"question": written.ID, "layer": answer.Layer, "set": f.Keys()})
	})
	return written, err
}

// Origin is a node of a map that a record is linked to.
type Origin struct {
	Map    Map
	Node   Node
	Source Source // without layer where it was linked by hand, or where the viewer's map does not find the set
}

// Origins lists the nodes that a record is linked to, as far as a may see them. The caller
// has decided that a may see the record.
func (s *Service) Origins(ctx context.Context, a access.Actor, kind, id string) ([]Origin, error) {
	links, err := s.linksTo(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	var list []Origin
	views := map[string]View{}
	for _, l := range links {
		v, known := views[l.mapID]
		if !known {
			v, err = s.Map(ctx, a, l.mapID, time.Time{})
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			views[l.mapID] = v
		}
		if v.Graph == nil {
			continue // a map that a may not know of
		}
		n, ok := v.Graph.Node(l.node)
		if !ok {
			continue
		}
		stands, err := v.finds(ctx, l.source)
		if err != nil {
			return nil, err
		}
		if !stands {
			l.source = Source{}
		}
		list = append(list, Origin{v.Map, n, l.source})
	}
	return list, nil
}

// finds says whether a set stops the goal of the map as its viewer sees it: of one that does not, or
// no longer, nobody is told the members.
func (v View) finds(ctx context.Context, s Source) (bool, error) {
	if s.Layer == "" {
		return false, nil
	}
	a, err := v.Ask(ctx, Assumptions{Layer: s.Layer})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.TooLarge) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = a.Find(s.Keys)
	return err == nil, nil
}
