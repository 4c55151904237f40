package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/retention"
)

// RetentionRuleBody is how long a class of records is kept.
type RetentionRuleBody struct {
	Class   string `json:"class" enum:"draft,unfunded,award,person,mail"`
	Days    int64  `json:"days" doc:"0: for good."`
	Starts  string `json:"starts" doc:"What the time is counted from."`
	Note    string `json:"note" doc:"Why."`
	Version int64  `json:"version"`
}

func (a *API) retentionRules(ctx context.Context, actor access.Actor, _ *none) (*listOf[RetentionRuleBody], error) {
	all, err := a.Retention.Rules(ctx, actor)
	var out []RetentionRuleBody
	for _, r := range all {
		out = append(out, RetentionRuleBody{string(r.Class), r.Days, r.Starts, r.Note, r.Version})
	}
	return items(out), err
}

// ByClass names a class of records.
type ByClass struct {
	Class string `path:"class" enum:"draft,unfunded,award,person,mail"`
}

type retentionRuleIn struct {
	ByClass
	Body struct {
		Days    int64  `json:"days" minimum:"0" doc:"0: for good."`
		Note    string `json:"note" minLength:"1" doc:"Why."`
		Version int64  `json:"version"`
	}
}

func (a *API) retentionRule(ctx context.Context, actor access.Actor, in *retentionRuleIn) (*none, error) {
	return nil, a.Retention.SetRule(ctx, actor, retention.Rule{Class: retention.Class(in.Class), Days: in.Body.Days, Note: in.Body.Note, Version: in.Body.Version})
}

// RecordDueBody is a record whose time is over.
type RecordDueBody struct {
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Number string    `json:"number"`
	Since  time.Time `json:"since" doc:"When its time was over."`
}

func (a *API) retentionDue(ctx context.Context, actor access.Actor, in *ByClass) (*listOf[RecordDueBody], error) {
	all, err := a.Retention.Due(ctx, actor, retention.Class(in.Class))
	var out []RecordDueBody
	for _, d := range all {
		out = append(out, RecordDueBody{d.Kind, d.ID, d.Number, d.Since})
	}
	return items(out), err
}

// HoldBody is a legal hold: what it is on is not erased until it is lifted.
type HoldBody struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind" enum:"proposal,award,call,person"`
	Subject string    `json:"subject_id"`
	Number  string    `json:"number"`
	Reason  string    `json:"reason"`
	From    time.Time `json:"from"`
}

func (a *API) holdList(ctx context.Context, actor access.Actor, _ *none) (*listOf[HoldBody], error) {
	all, err := a.Retention.Holds(ctx, actor)
	var out []HoldBody
	for _, h := range all {
		out = append(out, HoldBody{h.ID, h.Kind, h.Subject, h.Number, h.Reason, h.From})
	}
	return items(out), err
}

type holdIn struct {
	Body struct {
		Kind   string `json:"kind" enum:"proposal,award,call,person"`
		Ref    string `json:"ref" doc:"The record's number, or the key of a person."`
		Reason string `json:"reason"`
	}
}

func (a *API) holdNew(ctx context.Context, actor access.Actor, in *holdIn) (*madeOut, error) {
	id, err := a.Retention.Hold(ctx, actor, in.Body.Kind, in.Body.Ref, in.Body.Reason)
	return made(id), err
}

type holdLiftIn struct {
	ByID
	Body struct {
		Reason string `json:"reason"`
	}
}

func (a *API) holdLift(ctx context.Context, actor access.Actor, in *holdLiftIn) (*none, error) {
	return nil, a.Retention.Lift(ctx, actor, in.ID, in.Body.Reason)
}

// DataRequestBody is what somebody asked for about their own data.
type DataRequestBody struct {
	ID      string    `json:"id"`
	Number  string    `json:"number"`
	Kind    string    `json:"kind" enum:"copy,correction,erasure"`
	Body    string    `json:"body"`
	State   string    `json:"state" doc:"open, ready, granted, refused; over where a copy was removed."`
	Answer  string    `json:"answer"`
	Due     time.Time `json:"due" doc:"When it must be answered by."`
	Created time.Time `json:"created"`
}

func (a *API) requestMine(ctx context.Context, actor access.Actor, _ *none) (*listOf[DataRequestBody], error) {
	all, err := a.Retention.Mine(ctx, actor)
	var out []DataRequestBody
	for _, r := range all {
		out = append(out, DataRequestBody{r.ID, r.Number, r.Kind, r.Body, r.State, r.Answer, r.Due, r.Created})
	}
	return items(out), err
}

type requestIn struct {
	Body struct {
		Kind string `json:"kind" enum:"copy,correction,erasure"`
		Body string `json:"body,omitempty" doc:"What is wrong, or why; needed for a correction."`
	}
}

func (a *API) requestNew(ctx context.Context, actor access.Actor, in *requestIn) (*madeOut, error) {
	id, err := a.Retention.Ask(ctx, actor, in.Body.Kind, in.Body.Body)
	return made(id), err
}
