package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// CallLine is a call in a list.
type CallLine struct {
	ID        string     `json:"id"`
	Number    string     `json:"number"`
	AgencyID  string     `json:"agency_id"`
	Agency    lang.Text  `json:"agency"`
	Programme string     `json:"programme_id,omitempty"`
	SchemeID  string     `json:"scheme_id,omitempty" doc:"The version of the scheme that it is made from"`
	Title     lang.Text  `json:"title"`
	Summary   lang.Text  `json:"summary"`
	Phase     string     `json:"phase" enum:"draft,planned,open,closed,cancelled"`
	Opens     *time.Time `json:"opens_at,omitempty"`
	Closes    *time.Time `json:"closes_at,omitempty"`
	Zone      string     `json:"zone"`
	Low       *moneyBody `json:"low,omitempty"`
	High      *moneyBody `json:"high,omitempty"`
	Total     *moneyBody `json:"total,omitempty"`
	Expected  int        `json:"awards_expected,omitempty"`
	Hours     float64    `json:"hours,omitempty" doc:"What it is thought to cost an applicant"`
}

func callOf(v call.View, now time.Time) CallLine {
	return CallLine{v.ID, v.Number, v.AgencyID, v.AgencyIn, v.ProgrammeID, v.SchemeVersionID, v.Title, v.Summary, string(v.Phase(now)), when(v.OpensAt), when(v.ClosesAt), v.Zone,
		amount(v.Low), amount(v.High), amount(v.Total), v.AwardsExpected, v.Hours}
}

type callsIn struct {
	AfterIn
	Phase  string `query:"phase" enum:"draft,planned,open,closed,cancelled"`
	Agency string `query:"agency_id"`
	Text   string `query:"q"`
}

func (a *API) callList(ctx context.Context, actor access.Actor, in *callsIn) (*listOf[CallLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Calls.List(ctx, actor, call.Filter{Phase: call.Phase(in.Phase), Agency: in.Agency, Text: in.Text, Page: page, Size: pageSize})
	out := make([]CallLine, 0, len(list))
	for _, v := range list {
		out = append(out, callOf(v, clock.Now(ctx)))
	}
	return paged(out, page, total), err
}

type extensionBody struct {
	ProposalID string    `json:"proposal_id,omitempty" doc:"None: for all."`
	Old        time.Time `json:"old"`
	New        time.Time `json:"new"`
	Reason     string    `json:"reason"`
	At         time.Time `json:"at"`
}

type shareBody struct {
	Line   string     `json:"line_id"`
	Name   lang.Text  `json:"name"`
	Year   int        `json:"year"`
	Amount *moneyBody `json:"amount,omitempty"`
}

type callOut struct {
	Body struct {
		CallLine
		Guidance lang.Text       `json:"guidance"`
		Grace    int             `json:"grace" doc:"Minutes after the closing in which the first byte may still arrive"`
		Embargo  int             `json:"embargo_days,omitempty" doc:"How many days after the signature its awards are public, where a decision says no day of its own; at once where not said"`
		DecideBy string          `json:"decide_by,omitempty"`
		Contact  string          `json:"contact,omitempty"`
		Extended []extensionBody `json:"extended"`
		Budget   []shareBody     `json:"budget,omitempty" doc:"For who works with the agency's money"`
		MayEdit  bool            `json:"may_edit"`
		Version  int64           `json:"version"`
	}
}

func (a *API) callGet(ctx context.Context, actor access.Actor, in *ByID) (*callOut, error) {
	v, err := a.Calls.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &callOut{}
	b := &out.Body
	b.CallLine, b.Guidance, b.Grace, b.Embargo, b.DecideBy, b.Contact = callOf(v, clock.Now(ctx)), v.Guidance, int(v.Grace/time.Minute), v.EmbargoDays, v.DecideBy, v.Contact
	b.MayEdit, b.Version, b.Extended = v.MayEdit, v.Version, make([]extensionBody, 0, len(v.Extended))
	for _, e := range v.Extended {
		b.Extended = append(b.Extended, extensionBody(e))
	}
	for _, s := range v.Budget {
		b.Budget = append(b.Budget, shareBody{s.LineID, s.Name, s.Year, amount(s.Amount)})
	}
	return out, nil
}

// CallFields is what is sent of a call.
type CallFields struct {
	Agency    string    `json:"agency_id"`
	Programme string    `json:"programme_id,omitempty"`
	Scheme    string    `json:"scheme_id" doc:"A version of a scheme: version_id of GET /schemes"`
	Title     lang.Text `json:"title"`
	Summary   lang.Text `json:"summary"`
	Guidance  lang.Text `json:"guidance,omitempty"`
	Zone      string    `json:"zone" doc:"IANA name" example:"Europe/Lisbon"`
	Opens     string    `json:"opens" doc:"Local time of the zone" example:"2027-03-16T08:00"`
	Closes    string    `json:"closes" doc:"Local time of the zone" example:"2027-04-15T17:00"`
	Grace     int64     `json:"grace,omitempty" minimum:"0" maximum:"120" doc:"Minutes"`
	Embargo   int64     `json:"embargo_days,omitempty" minimum:"0" maximum:"365" doc:"How many days after the signature its awards are public, where a decision says no day of its own. Not changed once it is published."`
	DecideBy  string    `json:"decide_by,omitempty" format:"date"`
	Low       string    `json:"low,omitempty" doc:"In the agency's currency" example:"100000"`
	High      string    `json:"high,omitempty"`
	Total     string    `json:"total,omitempty"`
	Expected  int64     `json:"awards_expected,omitempty" minimum:"0"`
	Contact   string    `json:"contact,omitempty" maxLength:"500"`
	Question  string    `json:"question_id,omitempty" doc:"The question that it asks"`
	Priority  string    `json:"priority_id,omitempty" doc:"Linked at once"`
	// Budget is nil where the caller does not speak of it.
	Budget []BudgetShare `json:"budget,omitempty" doc:"What it takes from the agency's budget lines"`
}

// BudgetShare is what a call takes from one budget line.
type BudgetShare struct {
	Line   string `json:"line_id"`
	Amount string `json:"amount" doc:"In the line's currency" example:"400000"`
}

func sharesOf(list []BudgetShare) map[string]string {
	if list == nil {
		return nil
	}
	out := make(map[string]string, len(list))
	for _, b := range list {
		out[b.Line] = b.Amount
	}
	return out
}

func (f CallFields) input() call.Input {
	return call.Input{AgencyID: f.Agency, ProgrammeID: f.Programme, SchemeVersionID: f.Scheme, Title: f.Title, Summary: f.Summary, Guidance: f.Guidance, Zone: f.Zone, Opens: f.Opens, Closes: f.Closes,
		GraceMinutes: f.Grace, EmbargoDays: f.Embargo, DecideBy: f.DecideBy, Low: f.Low, High: f.High, Total: f.Total, AwardsExpected: f.Expected, Contact: f.Contact, QuestionID: f.Question, PriorityID: f.Priority, Budget: sharesOf(f.Budget)}
}

type callNewIn struct{ Body CallFields }

func (a *API) callNew(ctx context.Context, actor access.Actor, in *callNewIn) (*callOut, error) {
	c, err := a.Calls.Create(ctx, actor, in.Body.input())
	if err != nil {
		return nil, err
	}
	return a.callGet(ctx, actor, &ByID{ID: c.ID})
}

type callEditIn struct {
	ByID
	Body struct {
		CallFields
		Version int64 `json:"version"`
	}
}

func (a *API) callEdit(ctx context.Context, actor access.Actor, in *callEditIn) (*callOut, error) {
	if _, err := a.Calls.Update(ctx, actor, in.ID, in.Body.Version, in.Body.input()); err != nil {
		return nil, err
	}
	return a.callGet(ctx, actor, &in.ByID)
}

func (a *API) callPublish(ctx context.Context, actor access.Actor, in *ByID) (*callOut, error) {
	if err := a.Calls.Publish(ctx, actor, in.ID); err != nil {
		return nil, err
	}
	return a.callGet(ctx, actor, in)
}

type extendIn struct {
	ByID
	Body struct {
		Closes   string `json:"closes" doc:"Local time of the call's zone" example:"2027-04-22T17:00"`
		Proposal string `json:"proposal_id,omitempty" doc:"For this proposal only"`
		Reason   string `json:"reason" maxLength:"2000"`
	}
}

func (a *API) callExtend(ctx context.Context, actor access.Actor, in *extendIn) (*callOut, error) {
	if err := a.Calls.Extend(ctx, actor, in.ID, in.Body.Proposal, in.Body.Closes, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.callGet(ctx, actor, &in.ByID)
}

// AmendFields is what an amendment may change of a call; all of it is sent.
type AmendFields struct {
	Title    lang.Text `json:"title"`
	Summary  lang.Text `json:"summary"`
	Guidance lang.Text `json:"guidance,omitempty"`
	DecideBy string    `json:"decide_by,omitempty" format:"date"`
	Low      string    `json:"low,omitempty" doc:"In the agency's currency" example:"100000"`
	High     string    `json:"high,omitempty"`
	Total    string    `json:"total,omitempty"`
	Expected int64     `json:"awards_expected,omitempty" minimum:"0"`
	Contact  string    `json:"contact,omitempty" maxLength:"500"`
}

type amendIn struct {
	ByID
	Body struct {
		AmendFields
		Note    lang.Text `json:"note" doc:"What was changed and why; everybody reads it."`
		Version int64     `json:"version"`
	}
}

func (a *API) callAmend(ctx context.Context, actor access.Actor, in *amendIn) (*callOut, error) {
	f := in.Body.AmendFields
	_, err := a.Calls.Amend(ctx, actor, in.ID, in.Body.Version, call.Input{Title: f.Title, Summary: f.Summary, Guidance: f.Guidance, DecideBy: f.DecideBy,
		Low: f.Low, High: f.High, Total: f.Total, AwardsExpected: f.Expected, Contact: f.Contact}, in.Body.Note)
	if err != nil {
		return nil, err
	}
	return a.callGet(ctx, actor, &in.ByID)
}

type callCancelIn struct {
	ByID
	Body struct {
		Reason lang.Text `json:"reason" doc:"Everybody reads it."`
	}
}

func (a *API) callCancel(ctx context.Context, actor access.Actor, in *callCancelIn) (*callOut, error) {
	if err := a.Calls.Cancel(ctx, actor, in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.callGet(ctx, actor, &in.ByID)
}

// CallChanged is the fields that a change touched.
type CallChanged struct {
	Title    *lang.Text `json:"title,omitempty"`
	Summary  *lang.Text `json:"summary,omitempty"`
	Guidance *lang.Text `json:"guidance,omitempty"`
	Low      *moneyBody `json:"low,omitempty"`
	High     *moneyBody `json:"high,omitempty"`
	Total    *moneyBody `json:"total,omitempty"`
	Expected *int       `json:"awards_expected,omitempty"`
	DecideBy *string    `json:"decide_by,omitempty"`
	Contact  *string    `json:"contact,omitempty"`
	State    *string    `json:"state,omitempty"`
}

func changedOf(f call.Fields) CallChanged {
	sum := func(a *money.Amount) *moneyBody {
		if a == nil {
			return nil
		}
		return &moneyBody{a.Minor, a.Currency}
	}
	return CallChanged{f.Title, f.Summary, f.Guidance, sum(f.Low), sum(f.High), sum(f.Total), f.Awards, f.DecideBy, f.Contact, f.State}
}

type callChangeBody struct {
	Note   lang.Text   `json:"note"`
	Before CallChanged `json:"before" doc:"The fields that changed, as they were."`
	After  CallChanged `json:"after" doc:"The same fields, as they are since."`
	At     time.Time   `json:"at"`
}

func (a *API) callChanges(ctx context.Context, actor access.Actor, in *ByID) (*listOf[callChangeBody], error) {
	list, err := a.Calls.Changes(ctx, actor, in.ID)
	out := make([]callChangeBody, 0, len(list))
	for _, c := range list {
		out = append(out, callChangeBody{c.Note, changedOf(c.Before), changedOf(c.After), c.At})
	}
	return items(out), err
}
