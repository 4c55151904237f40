package strategy

import (
	"context"
	"net/http"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// ConfirmNeed is POST /needs/{id}/confirm.
func (p *Pages) ConfirmNeed(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Strategy.ConfirmNeed(r.Context(), shell.Actor(r), id); err != nil {
		return err
	}
	return shell.Go(w, r, "/needs/"+id, "strategy.done.confirmed")
}

// Measure is POST /priorities/{id}/measure.
func (p *Pages) Measure(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, reached := r.PathValue("id"), measure(f, "reached")
	if err = f.Err(); err == nil {
		err = p.Strategy.Measure(r.Context(), shell.Actor(r), id, f.Int("version"), reached, f.Text("source"))
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/priorities/"+id, "strategy.done.measured")
}

// stale reports whether a measured value is old, or there is none.
func stale(ctx context.Context, measured time.Time) bool {
	return measured.Before(shell.Of(ctx).Now.Add(-strategy.MeasureStays))
}

// Tasks is the needs that should be said to stand, and the priorities of which a new value is missing.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	needs, err := p.Strategy.StaleNeeds(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []shell.Task
	for _, n := range needs {
		out = append(out, shell.Task{Title: shell.T(ctx, "strategy.task.need", n.Title), Href: "/needs/" + n.ID,
			What: shell.T(ctx, "strategy.task.need.what", n.Number, shell.Day(ctx, n.Stood)), Button: shell.T(ctx, "strategy.task.need.go")})
	}
	measures, err := p.Strategy.StaleMeasures(ctx, a)
	for _, m := range measures {
		what := shell.T(ctx, "strategy.task.measure.none", m.Title)
		if !m.Measured.IsZero() {
			what = shell.T(ctx, "strategy.task.measure.what", m.Title, shell.Day(ctx, m.Measured))
		}
		out = append(out, shell.Task{Title: shell.T(ctx, "strategy.task.measure", m.Number, m.Metric), Href: "/priorities/" + m.ID, What: what, Button: shell.T(ctx, "strategy.task.measure.go")})
	}
	return out, err
}
