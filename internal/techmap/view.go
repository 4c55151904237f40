package techmap

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// View is a map as one viewer may see it.
type View struct {
	Map
	Graph    *Graph // without sealed nodes for who does not keep the map and is not let in to them
	Agency   lang.Text
	At       time.Time // as known then; zero: now
	Keeps    bool      // sees sealed nodes, authors and the history
	MayWrite bool
	MayAsk   bool   // write a question from a finding
	Plans    bool   // sees scenarios and options, and what they rank
	Currency string // of the agency
}

// view is a map for one viewer, who may see some of its sealed nodes too.
func (s *Service) view(ctx context.Context, a access.Actor, m Map, at time.Time, nodes map[string]bool) (View, error) {
	have := m.set(a)
	v := View{Map: m, At: at, Keeps: have.Any(keepers), MayWrite: rules.Check(a, "techmap.write", have, access.Public) == nil,
		MayAsk: rules.Check(a, "techmap.ask", have, access.Public) == nil}
	v.Plans = have.Any(planners)
	g, err := s.seen(ctx, v, nodes)
	if err != nil {
		return v, err
	}
	if !v.Keeps {
		v.Version = 0 // it would tell how often the map was changed
	}
	if !v.Plans {
		g.Scenarios, g.Options = nil, nil
	}
	v.Graph = g
	if _, ok := g.Node(m.Goal); !ok {
		v.Goal = ""
	}
	all, err := s.Register.Agencies(ctx)
	for _, x := range all {
		if x.ID == m.AgencyID {
			v.Agency, v.Currency = x.Name, x.Currency
		}
	}
	return v, err
}

// seen is what a map says to its viewer. Within a unit of work it is never remembered: what that
// has written may yet be undone.
func (s *Service) seen(ctx context.Context, v View, nodes map[string]bool) (*Graph, error) {
	if v.At.IsZero() && len(nodes) == 0 && s.DB.Tx(ctx) == nil {
		r, err := s.recall(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		g := *r.open
		if v.Keeps {
			g = *r.full
		}
		return &g, nil
	}
	g, err := s.graph(ctx, v.ID, v.At)
	if err != nil || v.Keeps {
		return g, err
	}
	if err := s.sealToo(ctx, v.ID, g, v.At); err != nil {
		return nil, err
	}
	return g.redacted(nodes), nil
}

// sealToo seals in a graph of an earlier day what was sealed since: looking back must not
// show what may not be seen now.
func (s *Service) sealToo(ctx context.Context, mapID string, g *Graph, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	sealed, err := s.sealedSince(ctx, mapID, at)
	for i := range g.Nodes {
		g.Nodes[i].Sealed = g.Nodes[i].Sealed || sealed[g.Nodes[i].ID]
	}
	return err
}

// OldestYear is the year of the oldest source, 0 where there is none.
func (g *Graph) OldestYear() int {
	year := 0
	for _, s := range g.Shares {
		if year == 0 || s.Year < year {
			year = s.Year
		}
	}
	return year
}
