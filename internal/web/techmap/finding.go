package techmap

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// findingSheet is what the page of a finding shows.
type findingSheet struct {
	techmap.View
	wish     wish
	answer   techmap.Answer
	finding  techmap.Finding
	proof    []techmap.Step
	underway []techmap.Trace
}

// Finding is GET /maps/{id}/finding?layer=…&of=…: why a set stops the goal.
func (p *Pages) Finding(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	s, err := found(r, v)
	if err != nil {
		return err
	}
	all, err := p.Maps.Underway(r.Context(), shell.Actor(r), v)
	if err != nil {
		return err
	}
	s.underway = all.Of(s.finding.Broken)
	return shell.Render(w, r, http.StatusOK, findingPage(s))
}

// found is the finding that the address names, under the assumptions that it names.
func found(r *http.Request, v techmap.View) (findingSheet, error) {
	s := findingSheet{View: v, wish: wishOf(r.URL.Query())}
	var err error
	if s.answer, err = v.Ask(r.Context(), s.wish.Assumptions); err != nil {
		return s, err
	}
	if s.finding, err = s.answer.Find(r.URL.Query()["of"]); err != nil {
		return s, err
	}
	s.proof = s.answer.Proof(s.finding)
	return s, nil
}

// stepWords says one line of a proof.
func stepWords(ctx context.Context, s findingSheet, step techmap.Step) string {
	name := nodeName(ctx, s.Graph, step.NodeID)
	if step.Gate == nil {
		var lost []string
		for _, l := range step.Lost {
			lost = append(lost, shell.T(ctx, "techmap.with.share", eventName(ctx, s.Graph, s.answer.Layer, l.Event), span(ctx, l.Share, l.Share)))
		}
		return shell.T(ctx, "techmap.proof.supply", name, span(ctx, step.Left, step.Left), span(ctx, step.Floor, step.Floor), listOf(ctx, lost))
	}
	inputs := nodeNames(ctx, s.Graph, step.Inputs)
	switch step.Gate.Kind {
	case techmap.AnyOf:
		return shell.T(ctx, "techmap.proof.any", name, inputs)
	case techmap.SomeOf:
		return shell.T(ctx, "techmap.proof.some", name, step.Gate.K, len(step.Gate.Inputs), inputs)
	case techmap.ShareOf:
		return shell.T(ctx, "techmap.proof.share", name, span(ctx, step.Gate.Floor, step.Gate.Floor), inputs)
	}
	return shell.T(ctx, "techmap.proof.all", name, inputs)
}
