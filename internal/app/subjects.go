package app

import (
	"context"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/decision"
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

// about gives the council room the records that dossiers hold and advice is asked about.
type about struct {
	strategy  *strategy.Service
	calls     *call.Service
	decisions *decision.Service
}

// Find is a record that viewer may see.
func (s about) Find(ctx context.Context, viewer access.Actor, kind, id string) (council.Record, error) {
	r := council.Record{Kind: kind, ID: id}
	switch kind {
	case "priority":
		v, err := s.strategy.Priority(ctx, viewer, id)
		r.Number, r.Title, r.Text, r.AgencyID = v.Number, v.Title, v.Summary, v.AgencyID
		return r, err
	case "need":
		v, err := s.strategy.Need(ctx, viewer, id)
		r.Number, r.Title, r.Text, r.AgencyID = v.Number, v.Title, v.Body, v.AgencyID
		return r, err
	case "question":
		v, err := s.strategy.Question(ctx, viewer, id)
		r.Number, r.Title, r.Text, r.AgencyID = v.Number, v.Title, v.Body, v.AgencyID
		return r, err
	case "call":
		v, err := s.calls.Get(ctx, viewer, id)
		r.Number, r.Title, r.Text, r.AgencyID = v.Number, v.Title, v.Summary, v.AgencyID
		return r, err
	case "decision":
		d, title, err := s.decisions.Brief(ctx, viewer, id)
		r.Number, r.Title, r.Text, r.AgencyID, r.Settled = d.Number, title, lang.In1("en", d.Reasons), d.AgencyID, d.State == decision.Signed || d.State == decision.Superseded
		return r, err
	}
	return r, fault.Missing()
}
