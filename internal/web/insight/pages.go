// Package insight is the page of figures: each drawing with its table.
package insight

import (
	"context"
	"fmt"
	"net/http"

	"github.com/headwater-platform/headwater/internal/insight"
	"github.com/headwater-platform/headwater/internal/platform/chart"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the pages of figures.
type Pages struct{ Insight *insight.Service }

// Show is GET /figures.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	calls, err := p.Insight.Decided(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, page(calls))
}

// drawn is how many calls the drawing shows; the table below has all.
const drawn = 12

// rates draws the success rate of the latest calls.
func rates(ctx context.Context, calls []insight.Call) chart.Bars {
	calls = calls[:min(len(calls), drawn)]
	b := chart.Bars{Across: true, Head: chart.Head{Wide: true, Rows: shell.T(ctx, "award.call"), Unit: "%"}}
	values := make([]float64, len(calls))
	for i, c := range calls {
		b.Labels = append(b.Labels, shell.Say(ctx, c.Title))
		values[i] = 100 * c.SuccessRate()
	}
	b.Series = []chart.Series{{Name: shell.T(ctx, "insight.rate"), Values: chart.Of(values...)}}
	b.Finding = shell.T(ctx, "insight.rates.say", len(calls))
	return b
}

func percent(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) }

func hours(f float64) string {
	if f == 0 {
		return "—"
	}
	return fmt.Sprintf("%.1f", f)
}
