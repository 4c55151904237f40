package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

type paymentBody struct {
	ID      string     `json:"id"`
	AwardID string     `json:"award_id"`
	Number  string     `json:"award"`
	Title   lang.Text  `json:"title"`
	Holder  string     `json:"holder"`
	Now     lang.Text  `json:"holder_now,omitzero" doc:"What the holder was merged into"`
	Due     string     `json:"due" format:"date"`
	Amount  *moneyBody `json:"amount,omitempty"`
	State   string     `json:"state" enum:"planned,approved,exported,returned"`
	Note    string     `json:"note,omitempty"`
}

type paymentsIn struct {
	AfterIn
	State string `query:"state" enum:"planned,approved,exported,returned"`
	Until string `query:"until" format:"date" doc:"Due on this day or before it."`
}

func (a *API) paymentList(ctx context.Context, actor access.Actor, in *paymentsIn) (*listOf[paymentBody], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Awards.Payments(ctx, actor, award.PaymentFilter{State: in.State, Until: in.Until, Page: page, Size: pageSize})
	out := make([]paymentBody, 0, len(list))
	for _, p := range list {
		out = append(out, paymentBody{p.ID, p.AwardID, p.Number, p.Title, p.HolderName, p.HolderNow, p.DueDay, amount(p.Amount), p.State, p.Note})
	}
	return paged(out, page, total), err
}

type paymentIDs struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"500"`
}

type paymentsApproveIn struct{ Body paymentIDs }

func (a *API) paymentsApprove(ctx context.Context, actor access.Actor, in *paymentsApproveIn) (*none, error) {
	return nil, a.Awards.Approve(ctx, actor, in.Body.IDs)
}

type paymentsHoldIn struct {
	Body struct {
		IDs []string `json:"ids" minItems:"1" maxItems:"500"`
		Why string   `json:"why" maxLength:"2000"`
	}
}

func (a *API) paymentsHold(ctx context.Context, actor access.Actor, in *paymentsHoldIn) (*none, error) {
	return nil, a.Awards.HoldBack(ctx, actor, in.Body.IDs, in.Body.Why)
}

type exportedOut struct {
	Body struct {
		Count int `json:"count" doc:"Payments that were approved and are handed over now."`
	}
}

func (a *API) paymentsExport(ctx context.Context, actor access.Actor, _ *none) (*exportedOut, error) {
	out := &exportedOut{}
	var err error
	out.Body.Count, err = a.Awards.Export(ctx, actor)
	return out, err
}
