package scheme

import (
	"cmp"
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/chart"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// fieldNote says what a field takes: its limit, and whether it may stay empty.
func fieldNote(ctx context.Context, f *scheme.Field) string {
	var notes []string
	if f.MaxLength > 0 {
		notes = append(notes, shell.T(ctx, "scheme.asked.limit", f.MaxLength))
	}
	if !f.Required {
		notes = append(notes, shell.T(ctx, "scheme.asked.opt"))
	}
	return strings.Join(notes, " ")
}

// stageWords tells what happens in a stage, in order.
func stageWords(ctx context.Context, s scheme.Stage) []string {
	var out []string
	if s.Run != nil {
		out = append(out, shell.T(ctx, "scheme.stage.run", s.Run.Months, s.Run.Each))
	}
	if s.Review != nil {
		out = append(out, shell.T(ctx, "scheme.stage.review", s.Review.Each, s.Review.Days))
	}
	if s.Test != nil {
		out = append(out, shell.T(ctx, "scheme.stage.test", s.Test.Metric, s.Test.Floor, s.Test.Unit, s.Test.Best))
	}
	if s.Decide != nil {
		out = append(out, shell.T(ctx, "scheme.stage."+s.Decide.By, s.Decide.Signatures))
	}
	return out
}

// changeList is what may be changed in an award after asking, or by telling.
func changeList(ctx context.Context, d *scheme.Definition, mode string) string {
	var out []string
	for kind, m := range d.Changes {
		if m != mode {
			continue
		}
		if key := "scheme.kind." + kind; lang.Has(key) {
			kind = shell.T(ctx, key)
		}
		out = append(out, kind)
	}
	sort.Strings(out)
	return lang.List(lang.Of(ctx), out)
}

// conflictList names the rules about conflicts of interest that hold in a way; "—" for none.
func conflictList(ctx context.Context, d *scheme.Definition, hold string) string {
	var out []string
	bars := d.Bars()
	for _, rule := range scheme.ConflictRules {
		bar := bars[rule]
		if bar.Hold != hold {
			continue
		}
		words := shell.T(ctx, "scheme.conflict."+rule)
		if bar.Kin {
			words = shell.T(ctx, "scheme.conflict.kin", words)
		}
		if bar.Years > 0 {
			words = shell.T(ctx, "scheme.conflict.years", bar.Years, words)
		}
		out = append(out, words)
	}
	if len(out) == 0 {
		return "—"
	}
	return strings.Join(out, shell.T(ctx, "scheme.conflicts.and"))
}

// titles are the questions of those names, as the form asks them.
func titles(ctx context.Context, f *scheme.Form, names []string) string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		out = append(out, shell.Say(ctx, f.Fields[n].Title))
	}
	return strings.Join(out, " · ")
}

// hoursChart is what each stage costs applicants and reviewers.
func hoursChart(ctx context.Context, s scheme.Simulation) chart.Bars {
	b := chart.Bars{Head: chart.Head{Rows: shell.T(ctx, "scheme.sim.col.stage"), Wide: true,
		Finding: shell.T(ctx, "scheme.sim.sum", s.Funded, s.Spent, s.Currency, int(s.ApplicantHours+0.5), int(s.ReviewerHours+0.5))}}
	apply, judge := chart.Series{Name: shell.T(ctx, "scheme.sim.col.hours")}, chart.Series{Name: shell.T(ctx, "scheme.sim.col.judging")}
	for _, r := range s.Rounds {
		b.Labels = append(b.Labels, shell.Say(ctx, r.Title))
		apply.Values = append(apply.Values, chart.Value{N: r.ApplicantHours, Text: shell.Number(ctx, int64(r.ApplicantHours+0.5))})
		judge.Values = append(judge.Values, chart.Value{N: r.ReviewerHours, Text: shell.Number(ctx, int64(r.ReviewerHours+0.5))})
	}
	b.Series = []chart.Series{apply, judge}
	return b
}

func tableOf(b chart.Bars) [][]string { _, rows := b.Table(); return rows }
func headOf(b chart.Bars) []string    { head, _ := b.Table(); return head }

func lineID(n int) string { return fmt.Sprintf("line-%d", n) }

func rowsFor(text string) int { return min(max(strings.Count(text, "\n")+2, 8), 40) }

// agreement says which research offices agree, and when.
func agreement(ctx context.Context, d *scheme.Definition) string {
	a := d.Agreement()
	return shell.T(ctx, "scheme.approval."+cmp.Or(a.Of, "none")+"."+a.When, a.Days)
}
