package app

import (
	"context"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// subjects gives strategy the calls and awards that are linked to priorities.
type subjects struct {
	calls  *call.Service
	awards *award.Service
}

// Subjects leaves out what a may not see: the rooms' own services decide.
func (s subjects) Subjects(ctx context.Context, a access.Actor, kind string, ids []string) ([]strategy.Subject, error) {
	var out []strategy.Subject
	for _, id := range ids {
		one, err := s.one(ctx, a, kind, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (s subjects) one(ctx context.Context, a access.Actor, kind, id string) (strategy.Subject, error) {
	switch kind {
	case "call":
		c, err := s.calls.Get(ctx, a, id)
		return strategy.Subject{Kind: kind, ID: id, Number: c.Number, Title: c.Title}, err
	case "award":
		w, err := s.awards.Get(ctx, a, id)
		return strategy.Subject{Kind: kind, ID: id, Number: w.Number, Title: w.Title}, err
	}
	return strategy.Subject{}, fault.Missing()
}

// about gives the council room the records that advice is asked about.
type about struct {
	strategy *strategy.Service
	calls    *call.Service
}

// About is the number and title of a record that viewer may see.
func (s about) About(ctx context.Context, viewer access.Actor, kind, id string) (string, lang.Text, error) {
	switch kind {
	case "priority":
		v, err := s.strategy.Priority(ctx, viewer, id)
		return v.Number, v.Title, err
	case "need":
		v, err := s.strategy.Need(ctx, viewer, id)
		return v.Number, v.Title, err
	case "question":
		v, err := s.strategy.Question(ctx, viewer, id)
		return v.Number, v.Title, err
	case "call":
		v, err := s.calls.Get(ctx, viewer, id)
		return v.Number, v.Title, err
	}
	return "", lang.Text{}, fault.Missing()
}
