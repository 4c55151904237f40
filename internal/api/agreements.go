package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// CaseLine is what touches several agencies, in a list.
type CaseLine struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	AgencyID string    `json:"agency_id" doc:"Who asks."`
	Kind     string    `json:"decision_kind" enum:"item,decision"`
	Subject  string    `json:"decision_id"`
	Title    lang.Text `json:"title"`
	Text     lang.Text `json:"text" doc:"What is asked in this round."`
	Refusal  string    `json:"refusal" enum:"return,block" doc:"What one refusal does."`
	State    string    `json:"state" enum:"open,agreed,blocked,returned,withdrawn"`
	Round    int       `json:"round"`
	Due      string    `json:"due" format:"date"`
	Version  int64     `json:"version"`
}

func caseLineOf(v council.Agreement) CaseLine {
	return CaseLine{v.ID, v.Number, v.AgencyID, v.Kind, v.SubjectID, v.Title, v.Text, v.Refusal, v.State, v.Round, v.Due, v.Version}
}

func (a *API) agreementList(ctx context.Context, actor access.Actor, _ *struct{}) (*listOf[CaseLine], error) {
	list, err := a.Council.Agreements(ctx, actor)
	var out []CaseLine
	for _, v := range list {
		out = append(out, caseLineOf(v))
	}
	return items(out), err
}

type partyLine struct {
	Round    int        `json:"round"`
	AgencyID string     `json:"agency_id"`
	Answer   string     `json:"answer,omitempty" enum:"agree,conditions,refuse" doc:"None while it is awaited."`
	Words    string     `json:"words,omitempty" doc:"Conditions or reasons."`
	By       string     `json:"by,omitempty"`
	At       *time.Time `json:"at,omitempty"`
}

type agreementOut struct {
	Body struct {
		CaseLine
		Why     string      `json:"why,omitempty" doc:"Of withdrawing."`
		Late    bool        `json:"late"`
		Parties []partyLine `json:"answers" doc:"Of all rounds, the latest first."`
	}
}

func (a *API) agreementGet(ctx context.Context, actor access.Actor, in *ByID) (*agreementOut, error) {
	v, err := a.Council.Agreement(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &agreementOut{}
	out.Body.CaseLine, out.Body.Why, out.Body.Late, out.Body.Parties = caseLineOf(v.Agreement), v.Why, v.Late, []partyLine{}
	for _, p := range append(v.Parties, v.Earlier...) {
		out.Body.Parties = append(out.Body.Parties, partyLine{p.Round, p.AgencyID, p.Answer, p.Words, p.By, when(p.At)})
	}
	return out, nil
}

// agreementAfter is the case after something was done with it.
func (a *API) agreementAfter(ctx context.Context, actor access.Actor, id string, err error) (*agreementOut, error) {
	if err != nil {
		return nil, err
	}
	return a.agreementGet(ctx, actor, &ByID{ID: id})
}

type referIn struct {
	ByID
	Body struct {
		Title    lang.Text `json:"title"`
		Text     lang.Text `json:"text" doc:"The other agencies do not see the list: say what touches them."`
		Agencies []string  `json:"agencies" nullable:"false"`
		Refusal  string    `json:"refusal" enum:"return,block"`
		Due      string    `json:"due" format:"date"`
	}
}

func (a *API) decisionRefer(ctx context.Context, actor access.Actor, in *referIn) (*agreementOut, error) {
	b := in.Body
	v, err := a.Council.Refer(ctx, actor, in.ID, council.AgreementInput{Title: b.Title, Text: b.Text, Agencies: b.Agencies, Refusal: b.Refusal, Due: b.Due})
	return a.agreementAfter(ctx, actor, v.ID, err)
}

type agreementAnswerIn struct {
	ByID
	Body struct {
		AgencyID string `json:"agency_id"`
		Answer   string `json:"answer" enum:"agree,conditions,refuse"`
		Words    string `json:"words,omitempty" doc:"Needed for conditions and for a refusal."`
	}
}

func (a *API) agreementAnswer(ctx context.Context, actor access.Actor, in *agreementAnswerIn) (*agreementOut, error) {
	return a.agreementAfter(ctx, actor, in.ID, a.Council.Answer(ctx, actor, in.ID, in.Body.AgencyID, in.Body.Answer, in.Body.Words))
}

type agreementAgainIn struct {
	ByID
	Body struct {
		Text    lang.Text `json:"text"`
		Due     string    `json:"due" format:"date"`
		Version int64     `json:"version"`
	}
}

func (a *API) agreementAgain(ctx context.Context, actor access.Actor, in *agreementAgainIn) (*agreementOut, error) {
	return a.agreementAfter(ctx, actor, in.ID, a.Council.Again(ctx, actor, in.ID, in.Body.Version, in.Body.Text, in.Body.Due))
}

type agreementWithdrawIn struct {
	ByID
	Body struct {
		Why     string `json:"why"`
		Version int64  `json:"version"`
	}
}

func (a *API) agreementWithdraw(ctx context.Context, actor access.Actor, in *agreementWithdrawIn) (*agreementOut, error) {
	return a.agreementAfter(ctx, actor, in.ID, a.Council.Withdraw(ctx, actor, in.ID, in.Body.Version, in.Body.Why))
}
