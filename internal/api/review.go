package api

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/review"
)

// ReviewLine is a review in a list.
type ReviewLine struct {
	ID         string     `json:"id"`
	ProposalID string     `json:"proposal_id,omitempty" doc:"For staff."`
	Number     string     `json:"proposal_number,omitempty"`
	Title      string     `json:"title,omitempty"`
	Stage      string     `json:"stage,omitempty"`
	State      string     `json:"state" enum:"invited,accepted,declined,conflicted,submitted,cancelled,lapsed"`
	Alias      string     `json:"alias" doc:"The letter by which others know the reviewer"`
	ReviewerID string     `json:"reviewer_id,omitempty" doc:"For staff, and on your own."`
	Reviewer   string     `json:"reviewer,omitempty" doc:"For staff, and on your own."`
	Reason     string     `json:"reason,omitempty" doc:"Why it was declined; for staff, and on your own."`
	Invited    *time.Time `json:"invited_at,omitempty"`
	Due        *time.Time `json:"due_at,omitempty"`
	AnswerBy   *time.Time `json:"answer_by,omitempty" doc:"After it an invitation lapses."`
	Submitted  *time.Time `json:"submitted_at,omitempty"`
	Closed     *time.Time `json:"closed_at,omitempty" doc:"Since when it is no longer needed: the list that decides on its proposal is being signed, or is. Nothing can be handed in."`
	Overall    float64    `json:"overall,omitempty"`
}

// reviewOf is a review for its reviewer; for staff with where it belongs.
func reviewOf(v review.View) ReviewLine {
	line := ReviewLine{ID: v.ID, Number: v.Number, Title: v.Title, Stage: v.Stage, State: v.State, Alias: v.Alias, ReviewerID: v.Reviewer, Reviewer: v.Name, Reason: v.Reason,
		Invited: when(v.InvitedAt), Due: when(v.DueAt), AnswerBy: when(v.AnswerBy), Submitted: when(v.SubmittedAt), Closed: when(v.Closed), Overall: v.Overall}
	if v.Set.Any(access.Staff | access.Signer | access.Audit) {
		line.ProposalID = v.ProposalID
	}
	if !v.Set.Any(access.Staff | access.Audit | access.Reviewer) {
		line.ReviewerID, line.Reviewer, line.Reason = "", "", ""
	}
	return line
}

func (a *API) reviewsMine(ctx context.Context, actor access.Actor, in *AfterIn) (*listOf[ReviewLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, err := a.Reviews.Mine(ctx, actor)
	out := make([]ReviewLine, 0, len(list))
	for _, v := range list {
		out = append(out, reviewOf(v))
	}
	return slice(out, page), err
}

func (a *API) reviewsOf(ctx context.Context, actor access.Actor, in *ByID) (*listOf[ReviewLine], error) {
	list, err := a.Reviews.OfProposal(ctx, actor, in.ID)
	out := make([]ReviewLine, 0, len(list))
	for _, v := range list {
		out = append(out, reviewOf(v))
	}
	return items(out), err
}

type judgedBody struct {
	Score   float64 `json:"score,omitempty"`
	Text    string  `json:"text,omitempty" maxLength:"20000"`
	Version *int64  `json:"version,omitempty" doc:"That it was written on. Where not said, it is written over whatever stands there."`
}

func judged(list map[string]review.Answer) map[string]judgedBody {
	out := map[string]judgedBody{}
	for id, j := range list {
		version := j.Version
		out[id] = judgedBody{j.Score, j.Text, &version}
	}
	return out
}

type criterionBody struct {
	ID     string    `json:"id"`
	Title  lang.Text `json:"title"`
	Ask    lang.Text `json:"ask"`
	Weight float64   `json:"weight"`
	Low    int       `json:"low"`
	High   int       `json:"high" doc:"The best"`
}

type otherBody struct {
	Alias     string                `json:"alias"`
	Overall   float64               `json:"overall"`
	Answers   map[string]judgedBody `json:"answers"`
	Submitted *time.Time            `json:"submitted_at,omitempty"`
}

type textBody struct {
	Title   string                     `json:"title"`
	Answers map[string]json.RawMessage `json:"answers" doc:"By field; a file's answer is its key for the files of this review."`
	Team    []string                   `json:"team,omitempty" doc:"Left out where reviewers do not know applicants."`
	Blind   bool                       `json:"blind" doc:"Who wrote it is left out."`
}

type reviewOut struct {
	Body struct {
		ReviewLine
		Criteria []criterionBody       `json:"criteria"`
		Answers  map[string]judgedBody `json:"answers"`
		Proposal *textBody             `json:"proposal,omitempty" doc:"None before the invitation is accepted and confidentiality promised."`
		Others   []otherBody           `json:"others" doc:"The reviews of others; where the scheme says so, only after your own."`
		Earlier  []otherBody           `json:"earlier_round,omitempty" doc:"The reviews of the round before, which the applicants had before they wrote this one."`
		Minutes  int                   `json:"minutes,omitempty"`
		MayWrite bool                  `json:"may_write"`
	}
}

func (a *API) reviewGet(ctx context.Context, actor access.Actor, in *ByID) (*reviewOut, error) {
	v, err := a.Reviews.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &reviewOut{}
	b := &out.Body
	b.ReviewLine, b.Answers, b.Minutes, b.MayWrite, b.Proposal = reviewOf(v), judged(v.Answers), v.Minutes, v.MayWrite(), textOf(v)
	b.Criteria, b.Others = []criterionBody{}, []otherBody{}
	for _, c := range v.Criteria {
		b.Criteria = append(b.Criteria, criterionBody(c))
	}
	if v.Earlier != nil {
		for _, o := range v.Earlier.Reviews {
			b.Earlier = append(b.Earlier, otherBody{o.Alias, o.Overall, judged(o.Answers), when(o.SubmittedAt)})
		}
	}
	for _, o := range v.Others {
		b.Others = append(b.Others, otherBody{o.Alias, o.Overall, judged(o.Answers), when(o.SubmittedAt)})
	}
	return out, nil
}

// textOf is what the viewer may read of the proposal, nothing where nothing.
func textOf(v review.View) *textBody {
	if v.Proposal.Form == nil {
		return nil
	}
	t := &textBody{Title: v.Proposal.Title, Answers: map[string]json.RawMessage{}, Blind: v.Proposal.Blind}
	for field, answer := range v.Proposal.Answers {
		t.Answers[field] = answer.Value
	}
	if !t.Blind {
		for _, m := range v.Proposal.Team {
			t.Team = append(t.Team, m.Name)
		}
	}
	return t
}

type reviewerIn struct {
	ByID
	Body struct {
		Person string `json:"person_id"`
	}
}

func (a *API) reviewInvite(ctx context.Context, actor access.Actor, in *reviewerIn) (*madeOut, error) {
	r, err := a.Reviews.Invite(ctx, actor, in.ID, in.Body.Person)
	return made(r.ID), err
}

type reviewAnswerIn struct {
	ByID
	Body struct {
		Answer string `json:"answer" enum:"accept,decline,conflict"`
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Needed for a conflict."`
		Kind   string `json:"conflict,omitempty" enum:"organisation,co-author,adviser,family,competitor" doc:"Of a conflict; none of these where not said."`
		Name   string `json:"instead_name,omitempty" maxLength:"200" doc:"Whom you would ask instead"`
		Email  string `json:"instead_email,omitempty" maxLength:"200"`
	}
}

func (a *API) reviewAnswer(ctx context.Context, actor access.Actor, in *reviewAnswerIn) (*reviewOut, error) {
	b := in.Body
	if err := a.Reviews.Reply(ctx, actor, in.ID, review.Reply{Answer: b.Answer, Reason: b.Reason, Conflict: b.Kind, Instead: review.Suggestion{Name: b.Name, Email: b.Email}}); err != nil {
		return nil, err
	}
	return a.reviewGet(ctx, actor, &in.ByID)
}

func (a *API) reviewPromise(ctx context.Context, actor access.Actor, in *ByID) (*reviewOut, error) {
	if err := a.Reviews.PromiseFor(ctx, actor, in.ID); err != nil {
		return nil, err
	}
	return a.reviewGet(ctx, actor, in)
}

func (a *API) reviewCredit(ctx context.Context, actor access.Actor, _ *struct{}) (*listOf[review.Credit], error) {
	list, err := a.Reviews.Credits(ctx, actor)
	return items(list), err
}

// DoubtLine is a review that gives reason to look again.
type DoubtLine struct {
	ReviewLine
	Doubts []doubtBody `json:"doubts"`
}

type doubtBody struct {
	Kind      string  `json:"kind" enum:"short,bare,same,copied,late"`
	Criterion string  `json:"criterion,omitempty"`
	Words     int     `json:"words,omitempty" doc:"short: of the whole review"`
	LateHours float64 `json:"late_hours,omitempty"`
	Passage   string  `json:"passage,omitempty" doc:"copied: what stands in both"`
	Other     string  `json:"other_proposal_number,omitempty"`
}

func (a *API) reviewDoubts(ctx context.Context, actor access.Actor, in *StageIn) (*listOf[DoubtLine], error) {
	q, err := a.Reviews.Quality(ctx, actor, in.ID, in.Stage)
	out := make([]DoubtLine, 0, len(q.List))
	for _, d := range q.List {
		line := DoubtLine{ReviewLine: reviewOf(d.View), Doubts: []doubtBody{}}
		for _, x := range d.Doubts {
			line.Doubts = append(line.Doubts, doubtBody{x.Kind, x.Criterion, x.Words, x.Late.Hours(), x.Passage, x.Other})
		}
		out = append(out, line)
	}
	return items(out), err
}

type judgeIn struct {
	ByID
	Body struct {
		Answers map[string]judgedBody `json:"answers" doc:"By criterion, and “overall” with a text"`
		Minutes *int                  `json:"minutes,omitempty" minimum:"0" maximum:"100000" doc:"What it took you, if you want to say"`
	}
}

func (a *API) reviewSave(ctx context.Context, actor access.Actor, in *judgeIn) (*reviewOut, error) {
	answers := map[string]review.Answer{}
	for id, j := range in.Body.Answers {
		answers[id] = review.Answer{Score: j.Score, Text: j.Text, Version: review.Anyway}
		if j.Version != nil {
			answers[id] = review.Answer{Score: j.Score, Text: j.Text, Version: *j.Version}
		}
	}
	minutes := -1
	if in.Body.Minutes != nil {
		minutes = *in.Body.Minutes
	}
	saved, err := a.Reviews.Save(ctx, actor, in.ID, answers, minutes)
	if err != nil {
		return nil, moved(err, func(field string) string { return "answers." + field })
	}
	for field := range saved.Kept {
		return nil, fault.New(fault.Conflict, "review.kept").At("answers." + field)
	}
	return a.reviewGet(ctx, actor, &in.ByID)
}

func (a *API) reviewSubmit(ctx context.Context, actor access.Actor, in *ByID) (*reviewOut, error) {
	if err := a.Reviews.Submit(ctx, actor, in.ID); err != nil {
		return nil, moved(err, func(field string) string {
			if criterion, ok := strings.CutSuffix(field, "_text"); ok {
				return "answers." + criterion + ".text"
			}
			return "answers." + field + ".score"
		})
	}
	return a.reviewGet(ctx, actor, in)
}

type refByID struct {
	ID  string `path:"id"`
	Ref string `path:"ref" doc:"The file's key: the answer of its field"`
}

func (a *API) reviewFile(ctx context.Context, actor access.Actor, in *refByID) (*huma.StreamResponse, error) {
	return stream(a.Reviews.File(ctx, actor, in.ID, in.Ref))
}
