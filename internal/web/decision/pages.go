// Package decision is the pages on which a list is made, proposed and signed,
// and the letter that each applicant gets.
package decision

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the decisions' pages.
type Pages struct{ Decisions *decision.Service }

// List is GET /decisions.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Decisions.List(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, listPage(list))
}

// Begin is GET /calls/{id}/decision: it asks; POST makes the list.
func (p *Pages) Begin(w http.ResponseWriter, r *http.Request) error {
	d, err := p.Decisions.Begin(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+d.ID, "")
}

// AskBegin is GET /calls/{id}/decision.
func (p *Pages) AskBegin(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, beginPage(r.PathValue("id")))
}

// Show is GET /decisions/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Decisions.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if typed != nil {
		v.Reasons = typed.Text("reasons")
		for i, row := range v.Rows {
			v.Rows[i].Outcome, v.Rows[i].Reasons = typed.Get("outcome_"+row.ProposalID), typed.Text("reasons_"+row.ProposalID)
		}
	}
	return shell.Render(w, r, status, showPage(v, refusal))
}

// Save is POST /decisions/{id}: the draft, or with "propose" the proposal to decide.
func (p *Pages) Save(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, a := r.PathValue("id"), shell.Actor(r)
	v, err := p.Decisions.Get(r.Context(), a, id)
	if err != nil {
		return err
	}
	var choices []decision.Choice
	for _, row := range v.Rows {
		choices = append(choices, decision.Choice{ProposalID: row.ProposalID, Outcome: f.Get("outcome_" + row.ProposalID), Reasons: f.Text("reasons_" + row.ProposalID), Amount: f.Text("amount_" + row.ProposalID)})
	}
	err = p.Decisions.Save(r.Context(), a, id, f.Text("reasons"), choices)
	done := "decision.done.saved"
	if err == nil && f.Has("propose") {
		done, err = "decision.done.proposed", p.Decisions.Propose(r.Context(), a, id)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id, done)
}

// Sign is POST /decisions/{id}/sign: sign, or return with a reason.
func (p *Pages) Sign(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, done := r.PathValue("id"), "decision.done.signed"
	if f.Has("return") {
		done, err = "decision.done.returned", p.Decisions.Return(r.Context(), shell.Actor(r), id, f.Text("why"))
	} else {
		err = p.Decisions.Sign(r.Context(), shell.Actor(r), id)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, nil)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id, done)
}

// Letter is GET /proposals/{id}/letter.
func (p *Pages) Letter(w http.ResponseWriter, r *http.Request) error {
	l, err := p.Decisions.Letter(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, letterPage(l))
}

// Tasks is what waits for those who sign.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	if !a.HasAny(access.Decider) && !a.HasAny(access.Officer) {
		return nil, nil
	}
	list, err := p.Decisions.List(ctx, a)
	var out []shell.Task
	for _, d := range list {
		switch {
		case d.State == decision.Proposed && d.ProposedBy != a.Account && a.HasAny(access.Decider):
			out = append(out, shell.Task{Title: shell.T(ctx, "decision.task.sign", d.Number), Href: "/decisions/" + d.ID, What: shell.T(ctx, "decision.task.sign.what"), Button: shell.T(ctx, "decision.task.sign.go")})
		case d.State == decision.Draft && d.CreatedBy == a.Account:
			out = append(out, shell.Task{Title: shell.T(ctx, "decision.task.draft", d.Number), Href: "/decisions/" + d.ID, What: shell.T(ctx, "decision.task.draft.what"), Button: shell.T(ctx, "proposal.goon")})
		}
	}
	return out, err
}
