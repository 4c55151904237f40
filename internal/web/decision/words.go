package decision

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

func stateChip(state string) string {
	return map[string]string{decision.Draft: "", decision.Proposed: "warn", decision.Signed: "ok", decision.Superseded: ""}[state]
}

func outcomeChip(o string) string {
	return map[string]string{decision.Fund: "ok", decision.Invite: "ok", decision.Reserve: "warn"}[o]
}

func mayWrite(v decision.View) bool { return v.State == decision.Draft && v.Set.Any(access.Staff) }

func outcomes(ctx context.Context, v decision.View, r decision.Row) []shell.Option {
	out := []shell.Option{{Value: decision.Open, Label: shell.T(ctx, "decision.outcome.open"), Chosen: r.Outcome == decision.Open}}
	for _, o := range v.Outcomes {
		out = append(out, shell.Option{Value: o, Label: shell.T(ctx, "decision.outcome."+o), Chosen: r.Outcome == o})
	}
	return out
}

// onlys are the ways to narrow a list.
func onlys(ctx context.Context, v decision.View) []shell.Option {
	out := []shell.Option{{Value: "", Label: shell.T(ctx, "decision.only.all")}, {Value: decision.Open, Label: shell.T(ctx, "decision.outcome.open")}, {Value: "band", Label: shell.T(ctx, "decision.only.band")}}
	for _, o := range v.Outcomes {
		out = append(out, shell.Option{Value: o, Label: shell.T(ctx, "decision.outcome."+o)})
	}
	if v.Supersedes != "" {
		out = append(out, shell.Option{Value: "changed", Label: shell.T(ctx, "decision.only.changed")})
	}
	return out
}

func rowClass(r decision.Row) string {
	switch {
	case r.Rank != nil && r.Rank.Doubtful:
		return "in-band"
	case r.Above:
		return "is-chosen"
	}
	return ""
}

func point(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// x is where a rank lies in a drawing of 200 across, with room for the marks at its ends.
func x(v decision.View, rank float64) float64 {
	if v.Reviewed < 2 {
		return 100
	}
	return 7 + 186*(rank-1)/float64(v.Reviewed-1)
}

func at(n float64) string { return strconv.FormatFloat(n, 'f', 1, 64) }

// whisker is the path of an interval with its end ticks.
func whisker(from, to string) string {
	return "M" + from + " 13H" + to + "M" + from + " 9v8M" + to + " 9v8"
}

// lined reports whether the line of the money lies among the reviewed.
func lined(v decision.View) bool {
	return v.Calibration != nil && v.Calibration.Funded > 0 && v.Calibration.Funded < v.Reviewed
}

// years sums up the lines of an item: "2027: 100,000, 2028: 80,000".
func years(ctx context.Context, r decision.Row) string {
	by := map[int]int64{}
	for _, l := range r.Lines {
		by[l.Year] += l.Amount.Minor
	}
	var out []string
	for _, y := range slices.Sorted(maps.Keys(by)) {
		out = append(out, strconv.Itoa(y)+": "+money.Amount{Minor: by[y], Currency: r.Amount.Currency}.Number(shell.Of(ctx).Locale))
	}
	return strings.Join(out, " · ")
}

// sources are where a funding line can come from: the budget lines of the list's
// agency, or another agency that names its line itself.
func sources(ctx context.Context, v decision.View, agencies []register.Agency, in decision.LineInput) []shell.Option {
	out := []shell.Option{{Value: "agency " + v.AgencyID, Label: shell.T(ctx, "decision.line.free"), Chosen: in.BudgetLineID == "" && (in.AgencyID == "" || in.AgencyID == v.AgencyID)}}
	for _, b := range v.Budgets {
		out = append(out, shell.Option{Value: "line " + b.ID, Label: shell.T(ctx, "decision.line.of", b.Name, strconv.Itoa(b.Year), b.Left()), Chosen: in.BudgetLineID == b.ID})
	}
	for _, g := range agencies {
		if g.ID != v.AgencyID {
			out = append(out, shell.Option{Value: "agency " + g.ID, Label: shell.Say(ctx, g.Name), Chosen: in.BudgetLineID == "" && in.AgencyID == g.ID})
		}
	}
	return out
}

// used are the budget lines out of which the list gives something.
func used(v decision.View) []decision.BudgetUse {
	return slices.DeleteFunc(slices.Clone(v.Budgets), func(u decision.BudgetUse) bool { return u.Here.Minor == 0 })
}

// weighed are criteria with their weights.
func weighed(ctx context.Context, list []decision.LetterCriterion) string {
	var out []string
	for _, c := range list {
		out = append(out, shell.T(ctx, "decision.letter.criterion", c.Title, strconv.FormatFloat(c.Weight, 'f', -1, 64)))
	}
	return strings.Join(out, shell.T(ctx, "review.assign.comma"))
}

// maySetPublic: there can be an award on the list, and the viewer may say from when it is public.
func maySetPublic(ctx context.Context, v decision.View) bool {
	return slices.Contains(v.Outcomes, decision.Fund) && v.MaySetPublic(shell.Of(ctx).Now)
}

// publicFrom says from when what a list gives is public, in the time zone in which that was set, and who sees it until then.
func publicFrom(ctx context.Context, v decision.View) string {
	at := shell.InstantIn(ctx, v.PublicAt, v.Zone)
	if v.Embargoed(shell.Of(ctx).Now) {
		return shell.T(ctx, "decision.public.from", at, v.Zone)
	}
	return shell.T(ctx, "decision.public.since", at, v.Zone)
}

// publicHint says what a day would mean, and none.
func publicHint(ctx context.Context, v decision.View) string {
	if v.CallDays > 0 {
		return shell.T(ctx, "decision.public.hint.days", v.Zone, v.CallDays)
	}
	return shell.T(ctx, "decision.public.hint", v.Zone)
}

// publicWord is from when what a draft gives is to be public, as the form has it: a day that was typed holds, whatever else was ticked.
func publicWord(f *shell.Form) string {
	if from := f.Text("public_from"); from != "" || !f.Has("public_at_once") {
		return from
	}
	return decision.AtOnce
}

// publicAtOnce is whether the form has it that a draft says at once.
func publicAtOnce(v decision.View, typed *shell.Form) bool {
	if typed != nil && typed.Has("public_from") {
		return typed.Has("public_at_once")
	}
	return v.AtOnce
}

// publicValue is the day as the form has it: as it was typed, or as it is set.
func publicValue(v decision.View, typed *shell.Form) string {
	if typed != nil && typed.Has("public_from") {
		return typed.Text("public_from")
	}
	zone, err := time.LoadLocation(v.Zone)
	if err != nil || v.PublicAt.IsZero() {
		return ""
	}
	return v.PublicAt.In(zone).Format("2006-01-02T15:04")
}

// nextWord says what superseded a decision, or is about to.
func nextWord(v decision.View) string {
	if v.State == decision.Superseded {
		return "decision.superseded.by"
	}
	return "decision.correcting"
}

func yearOf(in decision.LineInput) string {
	if in.Year == 0 {
		return ""
	}
	return strconv.Itoa(in.Year)
}
