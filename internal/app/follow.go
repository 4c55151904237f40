package app

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// follow gives technology maps what became of a question: the rooms' own services decide
// what viewer may see.
type follow struct {
	strategy *strategy.Service
	calls    *call.Service
	awards   *award.Service
}

// serves is what an award serves on maps, and what came of that.
func (f follow) serves(maps *techmap.Service) func(context.Context, access.Actor, award.Award) (techmap.Served, error) {
	return func(ctx context.Context, viewer access.Actor, w award.Award) (s techmap.Served, err error) {
		if s.Nodes, err = f.nodes(ctx, maps, viewer, w); err != nil {
			return s, err
		}
		read := map[string]bool{}
		for _, o := range s.Nodes {
			if read[o.Map.ID] {
				continue
			}
			read[o.Map.ID] = true
			v, err := maps.Map(ctx, viewer, o.Map.ID, time.Time{})
			if err != nil {
				return s, err
			}
			all, err := maps.Outcomes(ctx, viewer, v)
			if err != nil {
				return s, err
			}
			for _, x := range all {
				if x.From.ID == w.ID || x.From.AwardID == w.ID {
					s.Outcomes = append(s.Outcomes, x)
				}
			}
		}
		return s, nil
	}
}

// nodes lists the nodes of maps that an award is linked to, itself, by its call or by a question of that.
func (f follow) nodes(ctx context.Context, maps *techmap.Service, viewer access.Actor, w award.Award) ([]techmap.Origin, error) {
	records := []techmap.Ref{{Kind: "award", ID: w.ID}}
	if w.CallID != "" {
		records = append(records, techmap.Ref{Kind: "call", ID: w.CallID})
		asked, err := f.calls.Links(ctx, viewer, w.CallID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		for _, q := range asked.Questions {
			records = append(records, techmap.Ref{Kind: "question", ID: q.ID})
		}
	}
	var list []techmap.Origin
	for _, r := range records {
		more, err := maps.Origins(ctx, viewer, r.Kind, r.ID)
		if err != nil {
			return nil, err
		}
		for _, o := range more {
			if !slices.ContainsFunc(list, func(x techmap.Origin) bool { return x.Map.ID == o.Map.ID && x.Node.ID == o.Node.ID }) {
				list = append(list, o)
			}
		}
	}
	return list, nil
}

// Follow leads from a question to the calls that ask it, their awards and the results of those.
func (f follow) Follow(ctx context.Context, viewer access.Actor, kind, id string) (techmap.Trace, error) {
	switch kind {
	case "question":
		return f.question(ctx, viewer, id)
	case "call":
		v, err := f.calls.Get(ctx, viewer, id)
		if err != nil {
			return techmap.Trace{}, err
		}
		return f.call(ctx, viewer, v.Call)
	case "award":
		v, err := f.awards.Get(ctx, viewer, id)
		return awardTrace(v.Award, len(v.Results)), err
	case "result":
		r, err := f.awards.Result(ctx, viewer, id)
		return techmap.Trace{Kind: "result", ID: r.ID, Number: r.AwardNumber, Title: r.Title, State: r.State, AwardID: r.AwardID}, err
	}
	return techmap.Trace{}, fault.Missing()
}

func (f follow) question(ctx context.Context, viewer access.Actor, id string) (techmap.Trace, error) {
	q, err := f.strategy.Question(ctx, viewer, id)
	if err != nil {
		return techmap.Trace{}, err
	}
	t := techmap.Trace{Kind: "question", ID: id, Number: q.Number, Title: q.Title, State: q.State, AgencyID: q.AgencyID}
	calls, err := f.calls.Asking(ctx, viewer, id)
	for _, c := range calls {
		below, err := f.call(ctx, viewer, c)
		if err != nil {
			return t, err
		}
		asked, err := f.calls.Links(ctx, viewer, c.ID)
		if err != nil {
			return t, err
		}
		below.Shared = len(asked.Questions) > 1
		t.Below = append(t.Below, below)
	}
	return t, err
}

func (f follow) call(ctx context.Context, viewer access.Actor, c call.Call) (techmap.Trace, error) {
	t := techmap.Trace{Kind: "call", ID: c.ID, Number: c.Number, Title: c.Title, State: c.State, AgencyID: c.AgencyID}
	awards, err := f.awards.OfCall(ctx, viewer, c.ID)
	for _, w := range awards {
		t.Below = append(t.Below, awardTrace(w.Award, w.Results))
	}
	return t, err
}

func awardTrace(w award.Award, results int) techmap.Trace {
	return techmap.Trace{Kind: "award", ID: w.ID, Number: w.Number, Title: w.Title, State: w.State, AgencyID: w.AgencyID, Amount: w.Amount, Active: w.State == award.Running, Results: results}
}
