package techmap

import (
	"context"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// memory is what maps say now, as they were last read. A map is always read whole and far more
// often than it is written. Nothing that it holds is ever written to: who changes a graph clones
// it. Each read asks the database first whether it still holds, so that every process may have
// a memory of its own.
type memory struct {
	mu   sync.Mutex
	maps map[string]remembered
}

// remembered is a map as it stands.
type remembered struct {
	stage
	since      time.Time
	full, open *Graph // for who keeps it; for who sees none of its sealed nodes
}

// stage tells the states of a map's history apart: each change begins an item, ends one, or both,
// and what has begun or ended stays so.
type stage struct{ begun, ended int64 }

const (
	mostRemembered = 64          // maps; when there are more, all are forgotten
	longRemembered = time.Minute // a name that is erased from the texts of a map changes no stage
)

// recall is a map as it stands, read anew where it has changed since it was read last.
func (s *Service) recall(ctx context.Context, mapID string) (remembered, error) {
	now, err := s.stage(ctx, mapID)
	if err != nil {
		return remembered{}, err
	}
	if r, ok := s.memory.get(mapID); ok && r.stage == now && clock.Now(ctx).Sub(r.since) < longRemembered {
		return r, nil
	}
	g, err := s.graph(ctx, mapID, time.Time{})
	if err != nil {
		return remembered{}, err
	}
	r := remembered{stage: now, since: clock.Now(ctx), full: g, open: g.redacted(nil)}
	r.full.answers, r.open.answers = &answers{}, &answers{}
	s.memory.put(mapID, r)
	return r, nil
}

func (m *memory) get(mapID string) (remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.maps[mapID]
	return r, ok
}

func (m *memory) put(mapID string, r remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.maps == nil || len(m.maps) >= mostRemembered {
		m.maps = map[string]remembered{}
	}
	m.maps[mapID] = r
}

// answers are what stops the goal of a graph where nothing is assumed, once it was asked.
type answers struct {
	mu sync.Mutex
	by map[asked]Answer
}

// asked is all that such an answer depends on besides the graph.
type asked struct {
	goal, home, layer string
	threshold         float64
}

// mostAnswers is how many answers a graph keeps: the layers, from the side of a few countries.
const mostAnswers = 16

// of is the answer to a question, found where it is not kept. What fails is not kept.
func (a *answers) of(q asked, find func() (Answer, error)) (Answer, error) {
	a.mu.Lock()
	answer, ok := a.by[q]
	a.mu.Unlock()
	if ok {
		return answer, nil
	}
	answer, err := find()
	if err != nil {
		return answer, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.by == nil || len(a.by) >= mostAnswers {
		a.by = map[asked]Answer{}
	}
	a.by[q] = answer
	return answer, nil
}
