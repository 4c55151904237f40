package proposal

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// AskApproval is POST /proposals/{id}/approvals: the lead asks the research offices.
func (p *Pages) AskApproval(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := p.Proposals.AskApproval(r.Context(), shell.Actor(r), id)
	if refusal, ok := shell.Refused(err); ok {
		v, err := p.Proposals.Get(r.Context(), shell.Actor(r), id)
		if err != nil {
			return err
		}
		return p.show(w, r, http.StatusUnprocessableEntity, v, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"#approvals", "proposal.done.asked")
}

// agreeing is what the page of a research office shows.
type agreeing struct {
	proposal.View
	approval proposal.Approval
	note     string
	refusal  shell.Refusal
}

// Approval is GET /proposals/{id}/approval?organisation=…: what an office agrees to.
func (p *Pages) Approval(w http.ResponseWriter, r *http.Request) error {
	return p.approval(w, r, http.StatusOK, r.URL.Query().Get("organisation"), agreeing{})
}

func (p *Pages) approval(w http.ResponseWriter, r *http.Request, status int, organisation string, v agreeing) error {
	var err error
	if v.View, err = p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	a, ok := office(shell.Actor(r), v.View, organisation)
	if !ok {
		return fault.Missing()
	}
	v.approval = a
	return shell.Render(w, r, status, approvalPage(v))
}

// office is the agreement that the actor can give as a research office: the
// organisation's of that key, or the first one.
func office(a access.Actor, v proposal.View, organisation string) (proposal.Approval, bool) {
	for _, one := range v.Approvals {
		if (organisation == "" || one.OrganisationID == organisation) && a.Has(access.Research, access.Organisation(one.OrganisationID)) {
			return one, true
		}
	}
	return proposal.Approval{}, false
}

// Approve is POST /proposals/{id}/approval.
func (p *Pages) Approve(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	yes := f.Get("answer") == "agree"
	err = p.Proposals.AnswerApproval(r.Context(), shell.Actor(r), r.PathValue("id"), f.Text("organisation"), yes, f.Text("note"))
	if refusal, ok := shell.Refused(err); ok {
		return p.approval(w, r, http.StatusUnprocessableEntity, f.Text("organisation"), agreeing{note: f.Text("note"), refusal: refusal})
	}
	if err != nil {
		return err
	}
	if yes {
		return shell.Go(w, r, "/proposals/"+r.PathValue("id"), "proposal.done.agreed")
	}
	return shell.Go(w, r, "/proposals/"+r.PathValue("id"), "proposal.done.returned")
}

func approvalChip(state string) string {
	return map[string]string{proposal.Asking: "warn", proposal.Approved: "ok", proposal.Returned: "bad", proposal.Lapsed: "warn"}[state]
}

// mayAsk reports whether the viewer can ask an office now.
func mayAsk(v proposal.View) bool {
	if !v.Open || !v.Set.Any(access.Lead) {
		return false
	}
	for _, a := range v.Approvals {
		if a.Unanswered() {
			return true
		}
	}
	return false
}

// agreements are the lines of the check list about offices.
func agreements(ctx context.Context, v proposal.View) []shell.Check {
	var out []shell.Check
	for _, a := range v.Approvals {
		switch {
		case a.State == proposal.Approved:
			out = append(out, shell.Check{State: "yes", Text: shell.T(ctx, "proposal.approval.has", a.Organisation)})
		case a.State == proposal.Asking:
			out = append(out, shell.Check{State: "hm", Text: shell.T(ctx, "proposal.approval.wait", a.Organisation), Note: shell.T(ctx, "proposal.approval.wait.asked", shell.Day(ctx, a.AskedAt))})
		case a.Waits():
			out = append(out, shell.Check{Text: shell.T(ctx, "proposal.approval.wait", a.Organisation), Note: shell.T(ctx, "proposal.approval."+a.State), Href: "/proposals/" + v.ID + "#approvals"})
		}
	}
	return out
}

// agreeRule says when the offices agree.
func agreeRule(ctx context.Context, v proposal.View) string {
	if v.Agreement.Before {
		return shell.T(ctx, "proposal.approval.rule.before")
	}
	return shell.T(ctx, "proposal.approval.rule.after", shell.InstantIn(ctx, v.Agreement.By, v.Call.Zone))
}

// own are the members of an organisation.
func own(v proposal.View, organisation string) []proposal.Member {
	var out []proposal.Member
	for _, m := range v.Team {
		if m.OrganisationID == organisation && m.State != "declined" && m.State != "left" {
			out = append(out, m)
		}
	}
	return out
}

// approvalTasks is what waits for the research offices that the actor is in, and
// what they sent back to the actor.
func (p *Pages) approvalTasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	list, err := p.Proposals.ToApprove(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []shell.Task
	for _, t := range list {
		out = append(out, shell.Task{Due: t.By, Title: shell.T(ctx, "proposal.task.approve", t.Organisation, titleOf(ctx, t.Proposal)), Href: "/proposals/" + t.ID + "/approval?organisation=" + t.OrganisationID,
			What: shell.T(ctx, "proposal.task.approve.what", t.Number, t.Lead, t.Requested, t.Call), Button: shell.T(ctx, "proposal.approval.look")})
	}
	back, err := p.Proposals.ReturnedTo(ctx, a)
	for _, t := range back {
		out = append(out, shell.Task{Title: shell.T(ctx, "proposal.task.returned", t.Organisation, titleOf(ctx, t.Proposal)), Href: "/proposals/" + t.ID + "#approvals",
			What: shell.T(ctx, "proposal.task.finish.what", t.Number, t.Call), Button: shell.T(ctx, "proposal.task.returned.go")})
	}
	return out, err
}
