package decision

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Scores is GET /decisions/{id}/scores: what the scores say of the reviewers, and of themselves.
func (p *Pages) Scores(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Decisions.Judges(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	paging := shell.Paging{Page: shell.PageOf(r.URL.Query().Get("page")), Size: pageSize, Total: len(v.List)}
	from := min((paging.Page-1)*pageSize, len(v.List))
	return shell.Render(w, r, http.StatusOK, scoresPage(v, v.List[from:min(from+pageSize, len(v.List))], paging))
}

// percent is a share in whole per cent that says neither never nor certainly: it is
// counted from draws.
func percent(share float64) string {
	switch n := int(math.Round(share * 100)); {
	case n < 1:
		return "< 1"
	case n > 99:
		return "> 99"
	default:
		return strconv.Itoa(n)
	}
}

// signed is a number of points with its sign.
func signed(v float64) string {
	if v = math.Round(v*100) / 100; v == 0 {
		return "0"
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', 2, 64)
	if v < 0 {
		return "−" + text
	}
	return "+" + text
}

func points(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// facts are what the scores say of themselves.
func facts(ctx context.Context, v decision.Judges) []shell.Fact {
	c := v.Calibration
	alpha := "—"
	if !math.IsNaN(c.Alpha) {
		alpha = points(c.Alpha)
	}
	return []shell.Fact{
		{Name: shell.T(ctx, "decision.scores.alpha"), Value: shell.Text(alpha + " · " + shell.T(ctx, agreement(c.Alpha)))},
		{Name: shell.T(ctx, "decision.scores.merit"), Value: shell.Text(shell.T(ctx, "decision.scores.points", points(c.Merit)))},
		{Name: shell.T(ctx, "decision.scores.shift"), Value: shell.Text(shell.T(ctx, "decision.scores.points", points(c.Shift)))},
		{Name: shell.T(ctx, "decision.scores.noise"), Value: shell.Text(shell.T(ctx, "decision.scores.points", points(c.Noise)))},
	}
}

// agreement words Krippendorff's alpha by the bounds that he gives (Content
// Analysis, 2004, section 11.4): from 0.8 reliable, from 0.667 for tentative conclusions.
func agreement(alpha float64) string {
	switch {
	case math.IsNaN(alpha):
		return "decision.scores.alpha.none"
	case alpha >= 0.8:
		return "decision.scores.alpha.high"
	case alpha >= 0.667:
		return "decision.scores.alpha.fair"
	}
	return "decision.scores.alpha.low"
}

// widest is the end of the scale on which reviewers' shifts are drawn, in points.
func widest(v decision.Judges) float64 {
	most := 0.1
	for _, j := range v.List {
		most = max(most, -j.From, j.To)
	}
	return most
}

// shiftAt is where a shift lies in a drawing of 200 across, mild to the right.
func shiftAt(v decision.Judges, shift float64) string { return at(100 + 93*shift/widest(v)) }

func shiftWhisker(v decision.Judges, j decision.Judge) string {
	return whisker(shiftAt(v, j.From), shiftAt(v, j.To))
}

// manner words a shift: only one whose interval leaves zero out is called strict or mild.
func manner(j decision.Judge) string {
	switch {
	case j.From > 0:
		return "decision.scores.mild"
	case j.To < 0:
		return "decision.scores.strict"
	}
	return "decision.scores.usual"
}
