package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/proposal"
)

type approvalBody struct {
	OrganisationID string     `json:"organisation_id"`
	Organisation   string     `json:"organisation"`
	State          string     `json:"state" enum:"open,asked,approved,returned,lapsed,none" doc:"open: not asked yet; lapsed: money or team changed since; none: it has no office here and is not waited for."`
	Note           string     `json:"note,omitempty"`
	By             string     `json:"by,omitempty" doc:"Name of who answered."`
	Asked          *time.Time `json:"asked_at,omitempty"`
	Answered       *time.Time `json:"answered_at,omitempty"`
}

type approvalsOut struct {
	Body struct {
		Before bool           `json:"before" doc:"Nothing is submitted before they agree; else they may agree until the time of “by”."`
		By     *time.Time     `json:"by,omitempty"`
		Items  []approvalBody `json:"items"`
	}
}

func approvalsOf(v proposal.View) *approvalsOut {
	out := &approvalsOut{}
	out.Body.Before, out.Body.By, out.Body.Items = v.Agreement.Before, when(v.Agreement.By), make([]approvalBody, 0, len(v.Approvals))
	for _, a := range v.Approvals {
		out.Body.Items = append(out.Body.Items, approvalBody{a.OrganisationID, a.Organisation, a.State, a.Note, a.By, when(a.AskedAt), when(a.AnsweredAt)})
	}
	return out
}

func (a *API) proposalApprovals(ctx context.Context, actor access.Actor, in *ByID) (*approvalsOut, error) {
	v, err := a.Proposals.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return approvalsOf(v), nil
}

func (a *API) proposalAskApproval(ctx context.Context, actor access.Actor, in *ByID) (*approvalsOut, error) {
	if err := a.Proposals.AskApproval(ctx, actor, in.ID); err != nil {
		return nil, err
	}
	return a.proposalApprovals(ctx, actor, in)
}

type agreeIn struct {
	ID           string `path:"id"`
	Organisation string `path:"organisation"`
	Body         struct {
		Agree bool   `json:"agree" doc:"false sends the proposal back."`
		Note  string `json:"note,omitempty" maxLength:"2000" doc:"Needed where it is sent back."`
	}
}

func (a *API) proposalAgree(ctx context.Context, actor access.Actor, in *agreeIn) (*approvalsOut, error) {
	if err := a.Proposals.AnswerApproval(ctx, actor, in.ID, in.Organisation, in.Body.Agree, in.Body.Note); err != nil {
		return nil, err
	}
	return a.proposalApprovals(ctx, actor, &ByID{ID: in.ID})
}

type toApproveBody struct {
	ProposalID     string     `json:"proposal_id"`
	Number         string     `json:"number"`
	Title          string     `json:"title"`
	Lead           string     `json:"lead,omitempty"`
	OrganisationID string     `json:"organisation_id"`
	Organisation   string     `json:"organisation"`
	Asked          *time.Time `json:"asked_at,omitempty"`
	By             *time.Time `json:"by,omitempty"`
}

func (a *API) approvalList(ctx context.Context, actor access.Actor, _ *struct{}) (*listOf[toApproveBody], error) {
	list, err := a.Proposals.ToApprove(ctx, actor)
	out := make([]toApproveBody, 0, len(list))
	for _, t := range list {
		out = append(out, toApproveBody{t.ID, t.Number, t.Title, t.Lead, t.OrganisationID, t.Organisation, when(t.AskedAt), when(t.By)})
	}
	return items(out), err
}
