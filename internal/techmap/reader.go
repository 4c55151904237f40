package techmap

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Reader is a person who is let in by name: to a map, whatever its state, or to one of its
// sealed nodes, with the map.
type Reader struct {
	Person string
	NodeID string // "" for the map without its sealed nodes
}

// Readers lists who is let in by name, for who keeps the map.
func (s *Service) Readers(ctx context.Context, a access.Actor, mapID string) ([]Reader, error) {
	m, err := s.mapByID(ctx, mapID)
	if err != nil {
		return nil, err
	}
	if err := rules.Check(a, "techmap.open", m.set(a), m.seers()); err != nil {
		return nil, err
	}
	return s.readers(ctx, mapID)
}

// Admit lets a person in; doing it twice changes nothing.
// Errors: Invalid for a node that is not on the map, or a person who is not in the register.
func (s *Service) Admit(ctx context.Context, a access.Actor, mapID string, r Reader) error {
	return s.onReaders(ctx, a, mapID, "techmap.admit", r, func(ctx context.Context, g *Graph) error {
		if _, ok := g.Node(r.NodeID); !ok && r.NodeID != "" {
			return fault.Field("node", "fault.choice")
		}
		names, err := s.Register.Names(ctx, []string{r.Person}, nil)
		if err != nil {
			return err
		}
		if names[r.Person] == "" {
			return fault.Field("person", "fault.choice")
		}
		return s.insertReader(ctx, a, mapID, r)
	})
}

// Dismiss ends what Admit began.
func (s *Service) Dismiss(ctx context.Context, a access.Actor, mapID string, r Reader) error {
	return s.onReaders(ctx, a, mapID, "techmap.dismiss", r, func(ctx context.Context, _ *Graph) error { return s.deleteReader(ctx, mapID, r) })
}

func (s *Service) onReaders(ctx context.Context, a access.Actor, mapID, act string, r Reader, do func(context.Context, *Graph) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		m, g, err := s.writable(ctx, a, mapID)
		if err != nil {
			return err
		}
		if err := do(ctx, g); err != nil {
			return err
		}
		return s.note(ctx, a, act, m, map[string]string{"person": r.Person, "node": r.NodeID})
	})
}

// admitted are the maps to which somebody is let in by name, each with the sealed nodes that
// it may see.
type admitted map[string]map[string]bool

// admittedTo is where a is let in by name.
func (s *Service) admittedTo(ctx context.Context, a access.Actor) (admitted, error) {
	if a.Alone() == "" {
		return nil, nil
	}
	list, err := s.reads(ctx, a.Alone())
	in := admitted{}
	for _, r := range list {
		if in[r.mapID] == nil {
			in[r.mapID] = map[string]bool{}
		}
		if r.NodeID != "" {
			in[r.mapID][r.NodeID] = true
		}
	}
	return in, err
}

// may says whether a may know of a map.
func (in admitted) may(a access.Actor, m Map) bool {
	return m.set(a).Any(m.seers()) || in[m.ID] != nil
}
