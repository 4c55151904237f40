package techmap

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Outcome is what an award, or one of its results, changed on a map: suggested from it, and
// accepted by who keeps the map.
type Outcome struct {
	On      View
	From    Trace
	Changes []Suggested
	At      time.Time // when it was accepted
}

// Served is what an award serves on maps, and what came of it there.
type Served struct {
	Nodes    []Origin
	Outcomes []Outcome
}

// Outcomes lists what awards and their results changed on the map that v shows, the newest first:
// what a may know of, by records that a may know of.
func (s *Service) Outcomes(ctx context.Context, a access.Actor, v View) ([]Outcome, error) {
	all, err := s.suggestions(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	var list []Outcome
	for _, x := range all {
		if x.State != Accepted || x.From.Kind == "" || !v.At.IsZero() && x.AnsweredAt.After(v.At) {
			continue
		}
		changes := slices.DeleteFunc(slices.Clone(x.Changes), func(c Suggested) bool { return !v.Graph.names(c.Change) })
		if len(changes) == 0 {
			continue
		}
		from, err := s.Source(ctx, a, x.From)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, Outcome{v, from, changes, x.AnsweredAt})
	}
	slices.SortStableFunc(list, func(x, y Outcome) int { return y.At.Compare(x.At) })
	return list, nil
}

// Touches says whether the outcome concerns a node: itself, how its inputs join, or who supplies it.
func (o Outcome) Touches(node string) bool {
	return slices.ContainsFunc(o.Changes, func(c Suggested) bool {
		return c.Node != nil && c.Node.ID == node || c.Gate != nil && c.Gate.NodeID == node || c.Share != nil && c.Share.NodeID == node
	})
}

// names says whether a graph has all that a change names. Of what was removed nobody can be told.
func (g *Graph) names(c Change) bool {
	var nodes, providers []string
	switch {
	case c.Node != nil:
		nodes = append(nodes, c.Node.ID)
	case c.Gate != nil:
		nodes = append(nodes, c.Gate.NodeID)
		for _, in := range c.Gate.Inputs {
			nodes = append(nodes, in.NodeID)
		}
	case c.Share != nil:
		nodes, providers = append(nodes, c.Share.NodeID), append(providers, c.Share.ProviderID)
	case c.Provider != nil:
		providers = append(providers, c.Provider.ID)
	default:
		return false
	}
	gone := func(kind string) func(string) bool {
		return func(id string) bool { _, ok := g.Version(Ref{kind, id}); return !ok }
	}
	return !slices.ContainsFunc(nodes, gone(KindNode)) && !slices.ContainsFunc(providers, gone(KindProvider))
}
