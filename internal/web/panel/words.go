package panel

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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

// quorum is what the field of a panel's quorum holds.
func quorum(v panel.View) string {
	if v.Quorum == 0 {
		return ""
	}
	return strconv.Itoa(v.Quorum)
}

// attending says how many members are there, and how many an item needs.
func attending(ctx context.Context, v panel.View) string {
	said := shell.T(ctx, "panel.attending", v.Attending(), len(v.Members))
	if v.Quorum > 0 {
		said = shell.Sentences(said, shell.T(ctx, "panel.quorum.is", v.Quorum))
	}
	return said
}

// attended is how many were there for an item; a dash for one that is not closed, or where nobody was ticked.
func attended(l panel.Line) string {
	if l.State != panel.Done || l.Attended == 0 { // nobody closes an item alone: it was not noted who was there
		return "—"
	}
	return strconv.Itoa(l.Attended)
}

// minuteFacts are when the panel met, who was there at the end and who was not, and its quorum.
func minuteFacts(ctx context.Context, v panel.View) []shell.Fact {
	var here, away []panel.Member
	for _, m := range v.Members {
		if m.Here {
			here = append(here, m)
		} else {
			away = append(away, m)
		}
	}
	facts := []shell.Fact{{Name: shell.T(ctx, "panel.minutes.began"), Value: shell.Text(shell.Instant(ctx, v.BeganAt))}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, shell.Fact{Name: shell.T(ctx, key), Value: shell.Text(value)})
		}
	}
	if !v.EndedAt.IsZero() {
		add("panel.minutes.ended", shell.Instant(ctx, v.EndedAt))
	}
	if len(here) == 0 {
		add("panel.minutes.here", shell.T(ctx, "panel.minutes.unnoted"))
	} else {
		add("panel.minutes.here", strings.Join(names(here), ", "))
		add("panel.minutes.away", strings.Join(names(away), ", "))
	}
	add("panel.quorum", quorum(v))
	var waiting []string
	for _, l := range v.Lines {
		if l.State == panel.Waiting {
			waiting = append(waiting, l.Number)
		}
	}
	add("panel.minutes.waiting", strings.Join(waiting, ", "))
	return facts
}

// treated are the items that the meeting has come to.
func treated(v panel.View) (out []panel.Line) {
	for _, l := range v.Lines {
		if l.State != panel.Waiting {
			out = append(out, l)
		}
	}
	return out
}
