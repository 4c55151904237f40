package api

import (
	"context"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// DecisionLine is a decision in a list.
type DecisionLine struct {
	ID          string     `json:"id"`
	Number      string     `json:"number"`
	CallID      string     `json:"call_id"`
	Stage       string     `json:"stage"`
	State       string     `json:"state" doc:"draft, proposed, signed"`
	NeedsSecond bool       `json:"needs_second" doc:"Somebody else than who proposed it signs it."`
	Proposed    *time.Time `json:"proposed_at,omitempty"`
	Signed      *time.Time `json:"signed_at,omitempty"`
}

func decisionOf(d decision.Decision) DecisionLine {
	return DecisionLine{d.ID, d.Number, d.CallID, d.Stage, d.State, d.NeedsSecond, when(d.ProposedAt), when(d.SignedAt)}
}

func (a *API) decisionList(ctx context.Context, actor access.Actor, in *AfterIn) (*listOf[DecisionLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, err := a.Decisions.List(ctx, actor)
	out := make([]DecisionLine, 0, len(list))
	for _, d := range list {
		out = append(out, decisionOf(d))
	}
	return slice(out, page), err
}

type rankedBody struct {
	Place        int        `json:"place"`
	ProposalID   string     `json:"proposal_id"`
	Number       string     `json:"number"`
	Title        string     `json:"title"`
	Lead         string     `json:"lead,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Asked        *moneyBody `json:"asked,omitempty"`
	Reviews      int        `json:"reviews"`
	Open         int        `json:"reviews_open"`
	Mean         float64    `json:"mean"`
	Low          float64    `json:"low"`
	High         float64    `json:"high"`
	Above        bool       `json:"above" doc:"Within the budget when counted from the top."`
	Outcome      string     `json:"outcome" doc:"open, fund, reserve, reject, invite"`
	Reasons      string     `json:"reasons,omitempty"`
	Amount       *moneyBody `json:"amount,omitempty" doc:"Given, where it is funded."`
}

type decisionOut struct {
	Body struct {
		DecisionLine
		Call     string       `json:"call"`
		Reasons  string       `json:"reasons,omitempty"`
		Budget   *moneyBody   `json:"budget,omitempty"`
		Given    *moneyBody   `json:"given,omitempty"`
		Outcomes []string     `json:"outcomes" doc:"That the scheme allows."`
		Rows     []rankedBody `json:"rows" doc:"In order of rank."`
		MaySign  bool         `json:"may_sign"`
	}
}

func (a *API) decisionGet(ctx context.Context, actor access.Actor, in *ByID) (*decisionOut, error) {
	v, err := a.Decisions.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &decisionOut{}
	b := &out.Body
	b.DecisionLine, b.Call, b.Reasons, b.Budget, b.Given, b.MaySign = decisionOf(v.Decision), v.Call, v.Reasons, amount(v.Budget), amount(v.Given), v.MaySign
	b.Outcomes, b.Rows = append([]string{}, v.Outcomes...), make([]rankedBody, 0, len(v.Rows))
	for _, r := range v.Rows {
		b.Rows = append(b.Rows, rankedBody{r.Place, r.ProposalID, r.Number, r.Title, r.Lead, r.Organisation, amount(r.Asked), r.Standing.In, r.Standing.Open,
			r.Standing.Mean, r.Standing.Low, r.Standing.High, r.Above, r.Outcome, r.Reasons, amount(r.Amount)})
	}
	return out, nil
}

type decisionNewIn struct {
	ByID
	Body struct {
		Stage string `json:"stage,omitempty" doc:"The first where not said."`
	}
}

func (a *API) decisionBegin(ctx context.Context, actor access.Actor, in *decisionNewIn) (*decisionOut, error) {
	d, err := a.Decisions.Begin(ctx, actor, in.ID, in.Body.Stage)
	if err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, &ByID{ID: d.ID})
}

type choiceBody struct {
	Outcome string `json:"outcome" enum:"open,fund,reserve,reject,invite"`
	Reasons string `json:"reasons,omitempty" maxLength:"8000"`
	Minor   *int64 `json:"amount_minor,omitempty" minimum:"0" doc:"What was asked for where not said."`
}

type decisionIn struct {
	ByID
	Body struct {
		Reasons string                `json:"reasons,omitempty" maxLength:"8000" doc:"The ground of the whole list"`
		Choices map[string]choiceBody `json:"choices" doc:"By proposal; the others stay as they are."`
	}
}

func (a *API) decisionSave(ctx context.Context, actor access.Actor, in *decisionIn) (*decisionOut, error) {
	v, err := a.Decisions.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	choices := make([]decision.Choice, 0, len(in.Body.Choices))
	for id, c := range in.Body.Choices {
		choice := decision.Choice{ProposalID: id, Outcome: c.Outcome, Reasons: c.Reasons}
		if c.Minor != nil {
			choice.Amount = money.Amount{Minor: *c.Minor, Currency: v.Budget.Currency}.Plain()
		}
		choices = append(choices, choice)
	}
	if err := a.Decisions.Save(ctx, actor, in.ID, in.Body.Reasons, choices); err != nil {
		return nil, moved(err, ofChoice)
	}
	return a.decisionGet(ctx, actor, &in.ByID)
}

// ofChoice is where the body has what the room calls outcome_<proposal>.
func ofChoice(field string) string {
	name, proposal, ok := strings.Cut(field, "_")
	if !ok {
		return field
	}
	return "choices." + proposal + "." + name
}

func (a *API) decisionPropose(ctx context.Context, actor access.Actor, in *ByID) (*decisionOut, error) {
	if err := a.Decisions.Propose(ctx, actor, in.ID); err != nil {
		return nil, moved(err, ofChoice)
	}
	return a.decisionGet(ctx, actor, in)
}

func (a *API) decisionSign(ctx context.Context, actor access.Actor, in *ByID) (*decisionOut, error) {
	if err := a.Decisions.Sign(ctx, actor, in.ID); err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, in)
}

type returnIn struct {
	ByID
	Body struct {
		Why string `json:"why" maxLength:"2000"`
	}
}

func (a *API) decisionReturn(ctx context.Context, actor access.Actor, in *returnIn) (*decisionOut, error) {
	if err := a.Decisions.Return(ctx, actor, in.ID, in.Body.Why); err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, &in.ByID)
}

type letterPartBody struct {
	Title lang.Text `json:"title"`
	Score float64   `json:"score"`
	High  int       `json:"high"`
	Text  string    `json:"text"`
}

type letterReviewBody struct {
	Alias   string           `json:"alias"`
	Overall float64          `json:"overall"`
	Parts   []letterPartBody `json:"parts"`
}

type letterOut struct {
	Body struct {
		ID         string             `json:"id"`
		Sent       time.Time          `json:"sent_at"`
		Number     string             `json:"proposal_number"`
		Title      string             `json:"title"`
		Call       string             `json:"call"`
		Agency     string             `json:"agency"`
		Decision   string             `json:"decision_number"`
		Outcome    string             `json:"outcome"`
		Reasons    string             `json:"reasons,omitempty"`
		Amount     *moneyBody         `json:"amount,omitempty"`
		Place      int                `json:"place"`
		Of         int                `json:"of"`
		Reviews    []letterReviewBody `json:"reviews"`
		AppealDays int                `json:"appeal_days"`
	}
}

func (a *API) letterGet(ctx context.Context, actor access.Actor, in *ByID) (*letterOut, error) {
	l, err := a.Decisions.Letter(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &letterOut{}
	b, body := &out.Body, l.Body
	b.ID, b.Sent, b.Number, b.Title, b.Call, b.Agency, b.Decision, b.Outcome = l.ID, l.SentAt, body.Number, body.Title, body.Call, body.Agency, body.Decision, body.Outcome
	b.Reasons, b.Amount, b.Place, b.Of, b.AppealDays, b.Reviews = body.Reasons, amount(body.Amount), body.Place, body.Of, body.AppealDays, []letterReviewBody{}
	for _, r := range body.Reviews {
		one := letterReviewBody{r.Alias, r.Overall, []letterPartBody{}}
		for _, p := range r.Parts {
			one.Parts = append(one.Parts, letterPartBody(p))
		}
		b.Reviews = append(b.Reviews, one)
	}
	return out, nil
}
