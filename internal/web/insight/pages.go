// Package insight is the page of figures: each drawing with its table.
package insight

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"

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
	balance, err := p.Insight.Orientations(r.Context())
	if err != nil {
		return err
	}
	fields, err := p.Insight.Fields(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, page(calls, balance, fields))
}

// drawn is how many calls the drawing shows; the table below has all.
const drawn = 12

// told is a figure of a call as it is shown.
func told(c insight.Call, figure string) string {
	if c.Withheld {
		return "—"
	}
	return figure
}

// rates draws the success rate of the latest calls that tell it.
func rates(ctx context.Context, calls []insight.Call) chart.Intervals {
	calls = slices.DeleteFunc(slices.Clone(calls), func(c insight.Call) bool { return c.Withheld })
	calls = calls[:min(len(calls), drawn)]
	c := chart.Intervals{Head: chart.Head{Wide: true, Rows: shell.T(ctx, "award.call"), Unit: "%", Finding: shell.T(ctx, "insight.rates.say", len(calls)), Format: whole}, Max: 100,
		Estimate: shell.T(ctx, "insight.rate"), Range: shell.T(ctx, "insight.range")}
	for _, one := range calls {
		low, high := insight.Interval(one.Funded, one.Submitted)
		c.Items = append(c.Items, chart.Interval{Label: shell.Say(ctx, one.Title), Low: chart.Value{N: 100 * low}, Mid: chart.Value{N: 100 * one.SuccessRate()}, High: chart.Value{N: 100 * high}})
	}
	return c
}

func whole(f float64) string { return fmt.Sprintf("%.0f", f) }

// orientations are the four, in the order of the vocabulary.
var orientations = []string{"frontier", "economy", "need", "health"}

// balanced draws how many awards serve each orientation.
func balanced(ctx context.Context, b insight.Balance) chart.Bars {
	c := chart.Bars{Across: true, Head: chart.Head{Wide: true, Rows: shell.T(ctx, "insight.orientation"), Finding: shell.T(ctx, "insight.balance.what", b.Linked, b.All)}}
	var values []float64
	for _, o := range orientations {
		c.Labels = append(c.Labels, shell.T(ctx, "strategy.orientation."+o))
		values = append(values, float64(b.Awards[o]))
	}
	c.Series = []chart.Series{{Name: shell.T(ctx, "insight.awards"), Values: chart.Of(values...)}}
	return c
}

// byField draws proposals and awards by field of research.
func byField(ctx context.Context, fields []insight.Field) chart.Bars {
	c := chart.Bars{Across: true, Head: chart.Head{Wide: true, Rows: shell.T(ctx, "insight.field"), Finding: shell.T(ctx, "insight.fields.what")}}
	var submitted, awards []float64
	for _, f := range fields {
		handed := float64(f.Submitted)
		if f.Withheld {
			handed = math.NaN()
		}
		label := shell.Say(ctx, f.Label)
		if f.Code == "" {
			label = shell.T(ctx, "insight.field.none")
		}
		c.Labels = append(c.Labels, label)
		submitted, awards = append(submitted, handed), append(awards, float64(f.Awards))
	}
	c.Series = []chart.Series{{Name: shell.T(ctx, "insight.submitted"), Values: chart.Of(submitted...)}, {Name: shell.T(ctx, "insight.awards"), Values: chart.Of(awards...)}}
	return c
}

// ranged is a success rate with its interval.
func ranged(funded, submitted int64) string {
	if submitted == 0 {
		return "—"
	}
	low, high := insight.Interval(funded, submitted)
	return fmt.Sprintf("%.0f %% (%.0f–%.0f)", 100*float64(funded)/float64(submitted), 100*low, 100*high)
}

func hours(f float64) string {
	if f == 0 {
		return "—"
	}
	return fmt.Sprintf("%.1f", f)
}
