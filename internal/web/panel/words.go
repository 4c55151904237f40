package panel

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

func stateChip(state string) string {
	return map[string]string{panel.Planned: "open", panel.Meeting: "live", panel.Closed: "ok", panel.Open: "live", panel.Done: "ok"}[state]
}

// score writes a score with one decimal, as it is given.
func score(s float64) string { return strconv.FormatFloat(s, 'f', 1, 64) }

// typedScore is what a field of a score holds.
func typedScore(s *panel.Score) string {
	if s == nil {
		return ""
	}
	return strconv.FormatFloat(s.Score, 'f', -1, 64)
}

// tally writes what scores say together; a dash where there is none.
func tally(ctx context.Context, t panel.Tally) string {
	switch {
	case t.N == 0:
		return "—"
	case t.N == 1:
		return score(t.Mean)
	}
	return shell.T(ctx, "panel.tally", score(t.Mean), score(t.Low), score(t.High), t.N)
}

func reviewsOf(ctx context.Context, l panel.Line) string {
	r := l.Reviews
	if r.In == 0 {
		return "—"
	}
	return tally(ctx, panel.Tally{N: r.In, Mean: r.Mean, Low: r.Low, High: r.High})
}

// when is a time as a field for one holds it.
func when(ctx context.Context, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(shell.Of(ctx).Zone).Format(clockForm)
}

func names(list []panel.Member) []string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = m.Name
	}
	return out
}

// rapporteurs are the choices of who reports on an item.
func rapporteurs(ctx context.Context, v panel.View, l panel.Line) []shell.Option {
	out := []shell.Option{{Label: shell.T(ctx, "panel.rapporteur.none")}}
	for _, m := range v.Members {
		o := shell.Option{Value: m.Person, Label: m.Name, Chosen: m.Name == l.Rapporteur}
		for _, c := range l.Out {
			if c.Person == m.Person {
				o.Value = ""
			}
		}
		if o.Value != "" {
			out = append(out, o)
		}
	}
	return out
}

func itemPath(v panel.View, l panel.Line) string { return "/panels/" + v.ID + "/items/" + l.ID }

func place(l panel.Line) string { return fmt.Sprint(l.Place) }
