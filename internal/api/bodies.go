package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// councilRule is how a council decides.
type councilRule struct {
	Quorum  string `json:"quorum" enum:"third,half,two-thirds" doc:"Share of the votes that somebody must be there for."`
	Least   int    `json:"least,omitempty" minimum:"0" maximum:"1000" doc:"And never fewer than so many."`
	Share   string `json:"share" enum:"half,two-thirds" doc:"In favour: more than half, or at least two thirds."`
	Base    string `json:"base" enum:"cast,present,members" doc:"Of the votes for and against, of those present, or of all."`
	Casting bool   `json:"casting,omitempty" doc:"At a tie the chair's vote counts twice; never in a secret vote."`
	Recused string `json:"recused" enum:"apart,counted" doc:"Whether a member who is recused from an item is counted there."`
}

// BodyLine is a council in a list.
type BodyLine struct {
	ID         string      `json:"id"`
	AgencyID   string      `json:"agency_id"`
	Name       lang.Text   `json:"name"`
	Remit      lang.Text   `json:"remit"`
	Rule       councilRule `json:"rule"`
	Priorities bool        `json:"decides_priorities"`
	Version    int64       `json:"version"`
}

func bodyLineOf(b council.Body) BodyLine {
	return BodyLine{b.ID, b.AgencyID, b.Name, b.Remit, councilRule(b.Rule), b.Priorities, b.Version}
}

func (a *API) bodyList(ctx context.Context, actor access.Actor, _ *struct{}) (*listOf[BodyLine], error) {
	list, err := a.Council.Bodies(ctx, actor)
	var out []BodyLine
	for _, b := range list {
		out = append(out, bodyLineOf(b.Body))
	}
	return items(out), err
}

type seatLine struct {
	ID        string `json:"id"`
	Person    string `json:"person_id"`
	Name      string `json:"name"`
	Role      string `json:"role" enum:"chair,secretary,member,substitute"`
	StandsFor string `json:"stands_for,omitempty"`
	From      string `json:"from" format:"date"`
	Until     string `json:"until,omitempty" format:"date"`
	Interests string `json:"interests,omitempty" doc:"As declared last, if you may read it."`
}

// MeetingLine is a meeting in a list.
type MeetingLine struct {
	ID      string     `json:"id"`
	Number  string     `json:"number"`
	Day     string     `json:"day" format:"date"`
	Starts  *time.Time `json:"starts_at,omitempty" doc:"None where only the day is known."`
	Ends    *time.Time `json:"ends_at,omitempty"`
	Zone    string     `json:"zone,omitempty" doc:"In which people say the hours."`
	Place   string     `json:"place,omitempty"`
	Link    string     `json:"link,omitempty"`
	State   string     `json:"state" enum:"planned,convened,open,closed,minuted"`
	Version int64      `json:"version"`
}

func meetingLineOf(m council.Meeting) MeetingLine {
	return MeetingLine{m.ID, m.Number, m.Day, when(m.Starts), when(m.Ends), m.Zone, m.Place, m.Link, m.State, m.Version}
}

// ConditionLine is what somebody has to do until a day.
type ConditionLine struct {
	ID      string    `json:"id"`
	Text    lang.Text `json:"text"`
	Person  string    `json:"person_id"`
	Name    string    `json:"name"`
	Due     string    `json:"due" format:"date"`
	State   string    `json:"state" enum:"open,reported,met,waived"`
	Report  string    `json:"report,omitempty"`
	Answer  string    `json:"answer,omitempty"`
	Version int64     `json:"version"`
}

func conditionLines(list []council.Condition) []ConditionLine {
	out := make([]ConditionLine, 0, len(list))
	for _, c := range list {
		out = append(out, ConditionLine{c.ID, c.Text, c.Person, c.Name, c.Due, c.State, c.Report, c.Answer, c.Version})
	}
	return out
}

type bodyOut struct {
	Body struct {
		BodyLine
		Seats    []seatLine      `json:"seats"`
		Meetings []MeetingLine   `json:"meetings" doc:"That you may see, the latest first."`
		Follow   []ConditionLine `json:"conditions" doc:"That are not settled."`
	}
}

func (a *API) bodyGet(ctx context.Context, actor access.Actor, in *ByID) (*bodyOut, error) {
	v, err := a.Council.Body(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &bodyOut{}
	out.Body.BodyLine, out.Body.Seats, out.Body.Meetings, out.Body.Follow = bodyLineOf(v.Body), []seatLine{}, []MeetingLine{}, conditionLines(v.Follow)
	for _, s := range append(v.Seats, v.Past...) {
		out.Body.Seats = append(out.Body.Seats, seatLine{s.ID, s.Person, s.Name, s.Role, s.StandsFor, s.From, s.Until, s.Interests})
	}
	for _, m := range v.Meetings {
		out.Body.Meetings = append(out.Body.Meetings, meetingLineOf(m))
	}
	return out, nil
}

// bodyAfter is the council after something was done with it.
func (a *API) bodyAfter(ctx context.Context, actor access.Actor, id string, err error) (*bodyOut, error) {
	if err != nil {
		return nil, err
	}
	return a.bodyGet(ctx, actor, &ByID{ID: id})
}

// BodyWords is what an officer sets of a council.
type BodyWords struct {
	Name       lang.Text   `json:"name"`
	Remit      lang.Text   `json:"remit,omitempty"`
	Rule       councilRule `json:"rule"`
	Priorities bool        `json:"decides_priorities,omitempty"`
}

func (b BodyWords) input(agency string) council.BodyInput {
	return council.BodyInput{AgencyID: agency, Name: b.Name, Remit: b.Remit, Rule: council.Rule(b.Rule), Priorities: b.Priorities}
}

type bodyNewIn struct {
	Body struct {
		AgencyID string `json:"agency_id"`
		BodyWords
	}
}

func (a *API) bodyNew(ctx context.Context, actor access.Actor, in *bodyNewIn) (*bodyOut, error) {
	b, err := a.Council.Form(ctx, actor, in.Body.input(in.Body.AgencyID))
	return a.bodyAfter(ctx, actor, b.ID, err)
}

type bodyEditIn struct {
	ByID
	Body struct {
		BodyWords
		Version int64 `json:"version"`
	}
}

func (a *API) bodyEdit(ctx context.Context, actor access.Actor, in *bodyEditIn) (*bodyOut, error) {
	return a.bodyAfter(ctx, actor, in.ID, a.Council.Reform(ctx, actor, in.ID, in.Body.Version, in.Body.input("")))
}

type seatNewIn struct {
	ByID
	Body struct {
		Person    string `json:"person_id"`
		Role      string `json:"role" enum:"chair,secretary,member,substitute"`
		StandsFor string `json:"stands_for,omitempty" doc:"Of a substitute: the person whose vote it is."`
		From      string `json:"from" format:"date"`
		Until     string `json:"until,omitempty" format:"date" doc:"The last day."`
	}
}

func (a *API) seatNew(ctx context.Context, actor access.Actor, in *seatNewIn) (*bodyOut, error) {
	b := in.Body
	return a.bodyAfter(ctx, actor, in.ID, a.Council.Seat(ctx, actor, in.ID, council.SeatInput{Person: b.Person, Role: b.Role, StandsFor: b.StandsFor, From: b.From, Until: b.Until}))
}

type seatEndIn struct {
	ByID
	Seat string `path:"seat"`
	Body struct {
		Until string `json:"until" format:"date"`
	}
}

func (a *API) seatEnd(ctx context.Context, actor access.Actor, in *seatEndIn) (*bodyOut, error) {
	return a.bodyAfter(ctx, actor, in.ID, a.Council.EndSeat(ctx, actor, in.ID, in.Seat, in.Body.Until))
}

type declareIn struct {
	ByID
	Body struct {
		Interests string `json:"interests" doc:"Say none if there is none."`
	}
}

func (a *API) bodyDeclare(ctx context.Context, actor access.Actor, in *declareIn) (*bodyOut, error) {
	return a.bodyAfter(ctx, actor, in.ID, a.Council.Declare(ctx, actor, in.ID, in.Body.Interests))
}

// MeetingTime is when and where a meeting is.
type MeetingTime struct {
	Day   string `json:"day" format:"date"`
	From  string `json:"from" doc:"Such as 10:00."`
	Until string `json:"until"`
	Zone  string `json:"zone" doc:"IANA, such as Europe/Vienna."`
	Place string `json:"place,omitempty" maxLength:"300"`
	Link  string `json:"link,omitempty" maxLength:"300" doc:"An address that begins with https."`
}

type meetingNewIn struct {
	ByID
	Body MeetingTime
}

type meetingSetIn struct {
	ByID
	Body struct {
		MeetingTime
		Version int64 `json:"version" doc:"The one that you saw."`
	}
}

func (a *API) meetingSet(ctx context.Context, actor access.Actor, in *meetingSetIn) (*meetingOut, error) {
	return a.meetingAfter(ctx, actor, in.ID, a.Council.Set(ctx, actor, in.ID, in.Body.Version, council.MeetingInput(in.Body.MeetingTime)))
}

func (a *API) meetingNew(ctx context.Context, actor access.Actor, in *meetingNewIn) (*meetingOut, error) {
	m, err := a.Council.Plan(ctx, actor, in.ID, council.MeetingInput(in.Body))
	return a.meetingAfter(ctx, actor, m.ID, err)
}

type itemLine struct {
	ID      string    `json:"id"`
	Number  int       `json:"number" doc:"Among the items that you see."`
	Title   lang.Text `json:"title"`
	Outcome string    `json:"outcome,omitempty" enum:"carried,rejected"`
	MayCast bool      `json:"may_vote"`
}

type editionLine struct {
	ID         string          `json:"id"`
	Edition    int             `json:"edition"`
	Superseded bool            `json:"superseded"`
	Hash       string          `json:"sha256,omitempty" doc:"Of the whole text as it was approved; left out for who is recused from an item of it."`
	Correction string          `json:"correction,omitempty"`
	By         string          `json:"approved_by"`
	At         *time.Time      `json:"approved_at"`
	Minutes    council.Minutes `json:"minutes"`
}

type meetingOut struct {
	Body struct {
		MeetingLine
		Council  string        `json:"body_id"`
		Present  []string      `json:"present" doc:"People in attendance."`
		Items    []itemLine    `json:"items"`
		Editions []editionLine `json:"minutes" doc:"Approved minutes, the edition in force first."`
	}
}

func (a *API) meetingGet(ctx context.Context, actor access.Actor, in *ByID) (*meetingOut, error) {
	v, err := a.Council.Meeting(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &meetingOut{}
	b := &out.Body
	b.MeetingLine, b.Council, b.Present, b.Items, b.Editions = meetingLineOf(v.Meeting), v.BodyID, []string{}, []itemLine{}, []editionLine{}
	for _, s := range v.Seats {
		if v.Here[s.Person] {
			b.Present = append(b.Present, s.Person)
		}
	}
	for _, i := range v.Items {
		b.Items = append(b.Items, itemLine{i.ID, i.Number, i.Title, i.Outcome, i.MayCast})
	}
	for _, e := range v.Editions {
		b.Editions = append(b.Editions, editionLine{e.ID, e.Number, e.Superseded, e.Hash, e.Correction, e.Name, when(e.ApprovedAt), e.Minutes})
	}
	return out, nil
}

func (a *API) meetingAfter(ctx context.Context, actor access.Actor, id string, err error) (*meetingOut, error) {
	if err != nil {
		return nil, err
	}
	return a.meetingGet(ctx, actor, &ByID{ID: id})
}

type meetingMoveIn struct {
	ByID
	Body struct {
		To string `json:"to" enum:"convened,open,closed"`
	}
}

func (a *API) meetingMove(ctx context.Context, actor access.Actor, in *meetingMoveIn) (*meetingOut, error) {
	return a.meetingAfter(ctx, actor, in.ID, a.Council.Move(ctx, actor, in.ID, in.Body.To))
}

type meetingPresentIn struct {
	ByID
	Body struct {
		Present []string `json:"present" nullable:"false" doc:"People of those who sit."`
	}
}

func (a *API) meetingPresent(ctx context.Context, actor access.Actor, in *meetingPresentIn) (*meetingOut, error) {
	return a.meetingAfter(ctx, actor, in.ID, a.Council.Attend(ctx, actor, in.ID, in.Body.Present))
}

func (a *API) minutesApprove(ctx context.Context, actor access.Actor, in *ByID) (*meetingOut, error) {
	return a.meetingAfter(ctx, actor, in.ID, a.Council.Approve(ctx, actor, in.ID))
}

func (a *API) minutesCorrect(ctx context.Context, actor access.Actor, in *whyIn) (*meetingOut, error) {
	return a.meetingAfter(ctx, actor, in.ID, a.Council.Correct(ctx, actor, in.ID, in.Body.Why))
}
