package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/review"
)

type figuresBody struct {
	Places int     `json:"places"`
	Filled int     `json:"filled"`
	Total  float64 `json:"total"`
	Mean   float64 `json:"mean"`
	Least  float64 `json:"least" doc:"Sum of the scores of the proposal that is served worst"`
	Full   int     `json:"people_at_their_limit"`
}

func figuresOf(f review.Figures) figuresBody {
	return figuresBody{f.Places, f.Filled, f.Total, f.Mean(), f.Least, f.Full}
}

type shiftBody struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Title  string  `json:"title,omitempty"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
}

func shiftsOf(list []review.Shift) []shiftBody {
	out := make([]shiftBody, len(list))
	for i, s := range list {
		out[i] = shiftBody(s)
	}
	return out
}

type whatIfOut struct {
	Body struct {
		Now     *figuresBody        `json:"now,omitempty" doc:"Of the newest suggestion; none before the first"`
		Then    figuresBody         `json:"then" doc:"Expected, where the aim is random"`
		Changed int                 `json:"new_pairs"`
		GainN   int                 `json:"proposals_better"`
		LoseN   int                 `json:"proposals_worse"`
		LoadN   int                 `json:"people_changed"`
		Gain    []shiftBody         `json:"gain" doc:"The greatest changes of a proposal's sum of scores"`
		Lose    []shiftBody         `json:"lose"`
		Loads   []shiftBody         `json:"loads" doc:"The greatest changes of what a person gets"`
		Reasons []reasonBody        `json:"reasons" doc:"Why places would stay empty"`
		Used    []capOut            `json:"caps_used_up"`
		Proof   *review.Certificate `json:"certificate,omitempty" doc:"Withheld from who may not know of each proposal of the stage"`
		Optimal *bool               `json:"optimal,omitempty" doc:"Nothing better exists under these rules; not said without the certificate"`
		Took    int64               `json:"milliseconds"`
	}
}

func (a *API) assignmentWhatIf(ctx context.Context, actor access.Actor, in *suggestIn) (*whatIfOut, error) {
	w, err := a.Reviews.WhatIf(ctx, actor, in.ID, in.Body.Stage, in.settings())
	if err != nil {
		return nil, err
	}
	out := &whatIfOut{}
	b := &out.Body
	if w.Compared {
		now := figuresOf(w.Now)
		b.Now = &now
	}
	b.Then, b.Changed, b.GainN, b.LoseN, b.LoadN = figuresOf(w.Then), w.Changed, w.GainN, w.LoseN, w.LoadN
	b.Gain, b.Lose, b.Loads, b.Reasons = shiftsOf(w.Gain), shiftsOf(w.Lose), shiftsOf(w.Loads), reasonsOf(w.Reasons)
	b.Used = capsOf(w.Used)
	if b.Proof, b.Took = proofOf(w.Certificate), w.Millis; b.Proof != nil {
		optimal := b.Proof.Optimal()
		b.Optimal = &optimal
	}
	return out, nil
}

type undoIn struct {
	RunByID
	Body struct {
		Why string `json:"why" maxLength:"2000" doc:"Whoever was mailed already reads it."`
	}
}

type undoneOut struct {
	Body struct {
		Taken int `json:"taken_back"`
	}
}

func (a *API) assignmentUndo(ctx context.Context, actor access.Actor, in *undoIn) (*undoneOut, error) {
	out := &undoneOut{}
	var err error
	out.Body.Taken, err = a.Reviews.Undo(ctx, actor, in.ID, in.Run, in.Body.Why)
	return out, err
}
