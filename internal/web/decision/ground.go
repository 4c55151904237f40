package decision

import (
	"context"
	"fmt"
	"net/http"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/insight"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Dissent is POST /decisions/{id}/dissents.
func (p *Pages) Dissent(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = p.Decisions.Dissent(r.Context(), shell.Actor(r), id, f.Text("number"), f.Text("dissent"))
	if refusal, ok := shell.Refused(err); ok {
		return p.meeting(w, r, http.StatusUnprocessableEntity, refusal, nil, shell.PickField{})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/meeting#dissents", "decision.done.dissent")
}

// Balance is GET /decisions/{id}/balance, of the list or with ?scenario= of a scenario.
func (p *Pages) Balance(w http.ResponseWriter, r *http.Request) error {
	b, err := p.Decisions.Balance(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("scenario"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, balancePage(b))
}

// Appeals is GET /decisions/appeals: what became of appeals, by call.
func (p *Pages) Appeals(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Decisions.AppealStatistics(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, appealsPage(list))
}

// given is how many the balance funds.
func given(b decision.Balance) (n int64) {
	for _, l := range b.Parts[0].Lines {
		n += l.Given.Number
	}
	return n
}

func balanceHref(b decision.Balance, scenario string) string {
	if scenario == "" {
		return "/decisions/" + b.ID + "/balance"
	}
	return "/decisions/" + b.ID + "/balance?scenario=" + scenario
}

// counted is a number with its share: "12 · 17 %".
func counted(t decision.Tally) string {
	return fmt.Sprintf("%d · %s", t.Number, wholePercent(t.Share))
}

func wholePercent(share float64) string { return fmt.Sprintf("%d %%", shell.Percent(share)) }

// aimed says what a limit asks.
func aimed(ctx context.Context, b decision.Balance, l decision.Limit) string {
	by := shell.T(ctx, "decision.by."+l.By)
	switch {
	case l.Min != nil && l.Max != nil:
		return shell.T(ctx, "decision.aim.both", by, quantity(ctx, b.Meeting, l.By, *l.Min), quantity(ctx, b.Meeting, l.By, *l.Max))
	case l.Min != nil:
		return shell.T(ctx, "decision.aim.floor", by, quantity(ctx, b.Meeting, l.By, *l.Min))
	}
	return shell.T(ctx, "decision.aim.ceiling", by, quantity(ctx, b.Meeting, l.By, *l.Max))
}

// upheld is the share of answered appeals that were upheld, with its interval.
func upheld(x decision.Appeals) string {
	if x.Answered() == 0 {
		return "—"
	}
	low, high := insight.Interval(int64(x.Upheld), int64(x.Answered()))
	return fmt.Sprintf("%s (%d – %d)", wholePercent(float64(x.Upheld)/float64(x.Answered())), shell.Percent(low), shell.Percent(high))
}

func answeredIn(x decision.Appeals) string {
	if x.Answered() == 0 {
		return "—"
	}
	return fmt.Sprintf("%.0f", x.Days)
}

// groundWords says by whom a list is decided; "" where its scheme does not say.
func groundWords(ctx context.Context, g decision.Ground) string {
	if g.By == "" {
		return ""
	}
	return shell.T(ctx, "decision.ground.by."+g.By)
}
