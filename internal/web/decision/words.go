package decision

import (
	"context"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

func stateChip(state string) string {
	return map[string]string{decision.Draft: "", decision.Proposed: "warn", decision.Signed: "ok"}[state]
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

// lineBelow reports whether the line of the money is drawn under row i.
func lineBelow(v decision.View, i int) bool {
	return v.Budget.Minor > 0 && v.Rows[i].Above && (i+1 == len(v.Rows) || !v.Rows[i+1].Above)
}

func rowClass(r decision.Row) string {
	if r.Above {
		return "is-chosen"
	}
	return ""
}
