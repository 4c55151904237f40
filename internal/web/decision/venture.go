package decision

import (
	"context"
	"fmt"
	"net/http"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/insight"
	"github.com/headwater-platform/headwater/internal/platform/chart"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Risks is GET /decisions/risks: what was said of risk, and what came of it.
func (p *Pages) Risks(w http.ResponseWriter, r *http.Request) error {
	fates, list, err := p.Decisions.Fates(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	class := r.URL.Query().Get("class")
	if class == "" && len(fates) > 0 {
		class = fates[0].Class
	}
	paging := shell.Paging{Page: shell.PageOf(r.URL.Query().Get("page")), Size: pageSize}
	var chosen []decision.Venture
	for _, v := range list {
		if v.Risk.Class == class {
			chosen = append(chosen, v)
		}
	}
	paging.Total = len(chosen)
	from := min((paging.Page-1)*pageSize, len(chosen))
	return shell.Render(w, r, http.StatusOK, risksPage(fates, class, chosen[from:min(from+pageSize, len(chosen))], paging))
}

// fruits draws the share of awards with a public result, by class, with its interval.
func fruits(ctx context.Context, fates []decision.Fate) chart.Intervals {
	c := chart.Intervals{Head: chart.Head{Rows: shell.T(ctx, "decision.risk.class"), Unit: "%", Finding: shell.T(ctx, "decision.risks.drawn"), Format: func(f float64) string { return fmt.Sprintf("%.0f", f) }}, Max: 100,
		Estimate: shell.T(ctx, "decision.risks.fruitful"), Range: shell.T(ctx, "insight.range")}
	for _, f := range fates {
		low, high := insight.Interval(int64(f.Fruitful), int64(f.Awards))
		c.Items = append(c.Items, chart.Interval{Label: shell.T(ctx, "decision.risk."+f.Class), Low: chart.Value{N: 100 * low}, Mid: chart.Value{N: 100 * float64(f.Fruitful) / float64(f.Awards)}, High: chart.Value{N: 100 * high}})
	}
	return c
}

// fateFigures are the columns of the table by class, each with its word.
func fateFigures(f decision.Fate) []figure {
	return []figure{{"awards", f.Awards}, {"running", f.Running}, {"ended", f.Ended}, {"terminated", f.Terminated}, {"reached", f.Reached}, {"missed", f.Missed}, {"fruitful", f.Fruitful}}
}

type figure struct {
	word string
	n    int
}

func riskOptions(ctx context.Context, fates []decision.Fate, chosen string) []shell.Option {
	var out []shell.Option
	for _, f := range fates {
		out = append(out, shell.Option{Value: f.Class, Label: shell.T(ctx, "decision.risk."+f.Class), Chosen: f.Class == chosen})
	}
	return out
}
