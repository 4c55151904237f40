package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/review"
)

type planBody struct {
	Target     int  `json:"target" minimum:"1" maximum:"20" doc:"Reviews that a proposal is to get"`
	Reserve    int  `json:"reserve" minimum:"0" maximum:"20" doc:"People who may be asked for it beyond these"`
	AnswerDays int  `json:"answer_days" minimum:"1" maximum:"60" doc:"How long people have to answer; then the invitation lapses"`
	Automatic  bool `json:"automatic" doc:"The next one is asked without an officer"`
}

type turnedBody struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"`
	Instead string `json:"instead,omitempty" doc:"Whom they would ask"`
	Email   string `json:"instead_email,omitempty"`
	Person  string `json:"instead_person_id,omitempty" doc:"Who that is in the register, where exactly one fits"`
}

type wantingBody struct {
	ProposalID string       `json:"proposal_id"`
	Number     string       `json:"number"`
	Title      string       `json:"title"`
	Missing    int          `json:"missing"`
	Left       int          `json:"reserve_left"`
	Turned     []turnedBody `json:"turned_down"`
	Next       []pairBody   `json:"next" doc:"Who would be asked now"`
}

type roundsOut struct {
	Body struct {
		Plan    planBody       `json:"plan"`
		Planned bool           `json:"planned" doc:"Somebody has set the plan."`
		States  map[string]int `json:"states" doc:"Reviews of the stage by state"`
		Wanting []wantingBody  `json:"proposals" doc:"Those with too few reviewers"`
		Seen    string         `json:"seen" doc:"Send it with the next invitations, so that nobody else is asked than you saw."`
	}
}

// OfStage names a stage of a call.
type OfStage struct {
	ByID
	Stage string `query:"stage" maxLength:"100" doc:"The stage in which proposals wait for reviews where not said."`
}

func (a *API) roundsGet(ctx context.Context, actor access.Actor, in *OfStage) (*roundsOut, error) {
	v, err := a.Reviews.RoundsOf(ctx, actor, in.ID, in.Stage)
	if err != nil {
		return nil, err
	}
	out := &roundsOut{}
	b := &out.Body
	b.Plan, b.Planned, b.States, b.Seen, b.Wanting = planBody(v.InvitationPlan), v.Planned, v.States, v.Seen, []wantingBody{}
	for _, w := range v.Wanting {
		one := wantingBody{w.ID, w.Number, w.Title, w.Missing, w.Left, []turnedBody{}, []pairBody{}}
		for _, t := range w.Turned {
			line := turnedBody{Name: t.Name, State: t.State, Reason: t.Reason}
			if t.Instead != nil {
				line.Instead, line.Email, line.Person = t.Instead.Name, t.Instead.Email, t.Instead.Person
			}
			one.Turned = append(one.Turned, line)
		}
		for _, p := range w.Next {
			one.Next = append(one.Next, pairOf(p))
		}
		b.Wanting = append(b.Wanting, one)
	}
	return out, nil
}

type planIn struct {
	OfStage
	Body planBody
}

func (a *API) roundsPlan(ctx context.Context, actor access.Actor, in *planIn) (*none, error) {
	return nil, a.Reviews.SetPlan(ctx, actor, in.ID, in.Stage, review.InvitationPlan(in.Body))
}

type nextIn struct {
	OfStage
	Body struct {
		Seen string `json:"seen,omitempty" maxLength:"100" doc:"As it was read; where not said, whoever is best now."`
	}
}

func (a *API) roundsNext(ctx context.Context, actor access.Actor, in *nextIn) (*appliedOut, error) {
	out := &appliedOut{}
	var err error
	out.Body.Invited, err = a.Reviews.AskNext(ctx, actor, in.ID, in.Stage, in.Body.Seen)
	return out, err
}
