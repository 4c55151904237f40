package api

import (
	"cmp"
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/review"
)

type cancelIn struct {
	ByID
	Body struct {
		Why string `json:"why" maxLength:"2000" doc:"The reviewer reads it."`
	}
}

func (a *API) reviewCancel(ctx context.Context, actor access.Actor, in *cancelIn) (*reviewOut, error) {
	if err := a.Reviews.Cancel(ctx, actor, in.ID, in.Body.Why); err != nil {
		return nil, err
	}
	return a.reviewGet(ctx, actor, &in.ByID)
}

// StageIn names a stage of a call and a page of a list.
type StageIn struct {
	ByID
	AfterIn
	Stage string `query:"stage" maxLength:"100" doc:"The stage in which proposals wait for reviews where not said."`
	Text  string `query:"q" maxLength:"200"`
}

// PoolLine is somebody who may be asked to review for a call.
type PoolLine struct {
	Person       string `json:"person_id"`
	Name         string `json:"name"`
	Organisation string `json:"organisation,omitempty"`
	Least        int    `json:"least"`
	Most         int    `json:"most"`
	Asked        int    `json:"asked" doc:"Reviews of the stage that they were asked for and did not turn down"`
	Limit        int    `json:"review_limit,omitempty" doc:"Reviews a year that they agreed to"`
}

func poolOf(m review.PoolMember) PoolLine {
	return PoolLine{m.Person, m.Name, m.Organisation, m.Least, m.Most, m.Asked, m.Limit}
}

func (a *API) poolList(ctx context.Context, actor access.Actor, in *StageIn) (*listOf[PoolLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	_, list, total, err := a.Reviews.Pool(ctx, actor, in.ID, in.Stage, in.Text, page, pageSize)
	out := make([]PoolLine, 0, len(list))
	for _, m := range list {
		out = append(out, poolOf(m))
	}
	return paged(out, page, total), err
}

type PersonByCall struct {
	ByID
	Person string `path:"person"`
}

type poolIn struct {
	PersonByCall
	Body struct {
		Least int `json:"least,omitempty" minimum:"0" maximum:"200"`
		Most  int `json:"most,omitempty" minimum:"0" maximum:"200" doc:"Where not said: what the person agreed to, else 6."`
	}
}

func (a *API) poolSet(ctx context.Context, actor access.Actor, in *poolIn) (*none, error) {
	return nil, a.Reviews.SetPool(ctx, actor, in.ID, in.Person, in.Body.Least, in.Body.Most)
}

func (a *API) poolLeave(ctx context.Context, actor access.Actor, in *PersonByCall) (*none, error) {
	return nil, a.Reviews.LeavePool(ctx, actor, in.ID, in.Person)
}

type pairBody struct {
	Person string   `json:"person_id"`
	Name   string   `json:"name"`
	Score  float64  `json:"score" doc:"Shared words, 0 to 1"`
	Words  []string `json:"words" doc:"That both use, the rarest first"`
	Asked  bool     `json:"asked" doc:"Was asked before the suggestion"`
	Locked bool     `json:"locked"`

	Conflict string `json:"conflict,omitempty" doc:"Rule that speaks against the pair as things stand now"`
	Evidence string `json:"evidence,omitempty"`
	Since    string `json:"since,omitempty" doc:"First day on which the conflict holds, where a beginning is known"`
	Until    string `json:"until,omitempty" doc:"Last day on which the conflict holds, where an end is known"`
	Soft     bool   `json:"soft,omitempty" doc:"The scheme only wants the conflict shown."`
}

func pairOf(p review.Suggested) pairBody {
	b := pairBody{Person: p.Person, Name: p.Name, Score: p.Score, Words: append([]string{}, p.Words...), Asked: p.Asked, Locked: p.Locked}
	if p.Conflict != nil {
		b.Conflict, b.Evidence, b.Soft = p.Conflict.Rule, p.Conflict.Evidence, p.Conflict.Soft
		b.Since, b.Until = p.Conflict.Since, p.Conflict.Until
	}
	return b
}

type servedBody struct {
	ProposalID string     `json:"proposal_id"`
	Number     string     `json:"number"`
	Title      string     `json:"title"`
	Missing    int        `json:"missing" doc:"Places that stay empty"`
	Pairs      []pairBody `json:"reviewers"`
}

type reasonBody struct {
	Kind      string   `json:"kind" enum:"reviewers,proposals,caps" doc:"Of which there are too few; caps: they leave too little for both"`
	Proposals []string `json:"proposals" doc:"Numbers"`
	People    []string `json:"people"`
	Need      int      `json:"need"`
	Have      int      `json:"have"`
	Caps      []capOut `json:"caps" doc:"That hold these people back"`
	Raise     []raise  `json:"raise" doc:"One place more for whom, or under which cap, would fill one most cheaply, for the best total"`
}

type raise struct {
	Name string  `json:"name,omitempty"`
	Cap  *capOut `json:"cap,omitempty"`
	Gain float64 `json:"gain" doc:"By which the sum of scores would grow"`
}

// capOut is a cap of the people of one organisation, country or career stage.
type capOut struct {
	Kind string  `json:"kind" enum:"organisation,country,career_stage"`
	Key  string  `json:"key" doc:"Of the organisation, or the code of the country or career stage"`
	Name string  `json:"name,omitempty" doc:"Of the organisation"`
	Max  int     `json:"max"`
	Gain float64 `json:"gain,omitempty" doc:"What one review more under it would add to the sum of scores, where prices are known"`
}

func capsOf(list []review.Cap) []capOut {
	out := make([]capOut, len(list))
	for i, c := range list {
		out[i] = capOut(c)
	}
	return out
}

// capsBody are how many reviews the people of any one of something give together at most.
type capsBody struct {
	Organisation int `json:"organisation,omitempty" minimum:"0" maximum:"1000000"`
	Country      int `json:"country,omitempty" minimum:"0" maximum:"1000000" doc:"That of the organisation, else the person's own"`
	CareerStage  int `json:"career_stage,omitempty" minimum:"0" maximum:"1000000"`
}

func reasonsOf(list []review.Worded) []reasonBody {
	out := make([]reasonBody, 0, len(list))
	for _, w := range list {
		one := reasonBody{w.Kind, append([]string{}, w.Proposals...), append([]string{}, w.People...), w.Need, w.Have, capsOf(w.Caps), []raise{}}
		for _, x := range w.Raise {
			more := raise{Name: x.Person, Gain: x.Gain}
			if x.Cap != nil {
				c := capOut(*x.Cap)
				more.Cap = &c
			}
			one.Raise = append(one.Raise, more)
		}
		out = append(out, one)
	}
	return out
}

type SuggestionLine struct {
	ID        string         `json:"id"`
	Stage     string         `json:"stage"`
	At        time.Time      `json:"made_at"`
	Applied   *time.Time     `json:"applied_at,omitempty"`
	Undone    *time.Time     `json:"undone_at,omitempty" doc:"When its open invitations were taken back as one step"`
	Each      int            `json:"each"`
	Most      int            `json:"most,omitempty"`
	Caps      capsBody       `json:"caps,omitzero"`
	Used      []capOut       `json:"caps_used_up,omitempty"`
	Aim       string         `json:"aim" enum:"total,fair,random"`
	Limit     int            `json:"limit,omitempty" doc:"For random: no pair was surer than so many per cent"`
	Proposals int            `json:"proposals"`
	Pool      int            `json:"pool"`
	Places    int            `json:"places"`
	Filled    int            `json:"filled"`
	Mean      float64        `json:"mean"`
	Weakest   float64        `json:"weakest"`
	Total     float64        `json:"total"`
	Least     float64        `json:"least" doc:"Sum of the scores of the proposal that is served worst"`
	Barred    map[string]int `json:"barred" doc:"Pairs kept apart, by rule of conflict; empty for who may not know of each proposal"`
}

func suggestionOf(r review.Run) SuggestionLine {
	barred := r.Result.Barred
	if barred == nil {
		barred = map[string]int{}
	}
	line := SuggestionLine{ID: r.ID, Stage: r.Stage, At: r.At, Applied: when(r.AppliedAt), Undone: when(r.Undone), Each: r.Settings.Each, Most: r.Settings.Most, Caps: capsBody(r.Settings.Caps), Used: capsOf(r.Result.Caps), Aim: cmp.Or(r.Settings.Aim, review.Total),
		Proposals: r.Result.Proposals, Pool: r.Result.Pool, Places: r.Result.Places, Filled: r.Result.Filled, Mean: r.Result.Mean(), Weakest: r.Result.Weakest, Total: r.Result.Total, Least: r.Result.Least, Barred: barred}
	if line.Aim == review.Random {
		line.Limit = r.Settings.Limit
	}
	return line
}

type assignmentIn struct {
	StageIn
	Only string `query:"only" enum:"open" doc:"open: only proposals with empty places"`
	Sort string `query:"sort" enum:"number" doc:"Least served first where not said."`
}

type assignmentOut struct {
	Body struct {
		Suggestion *SuggestionLine `json:"suggestion,omitempty" doc:"None before the first."`
		Stale      bool            `json:"stale" doc:"Pairs or answers changed since it was made."`
		Reasons    []reasonBody    `json:"reasons" doc:"Why places stay empty"`
		Items      []servedBody    `json:"items"`
		Next       string          `json:"next,omitempty" doc:"Send it as after to get the items that follow."`
		Total      int             `json:"total"`
	}
}

func (a *API) assignmentGet(ctx context.Context, actor access.Actor, in *assignmentIn) (*assignmentOut, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	b, err := a.Reviews.Board(ctx, actor, in.ID, in.Stage, review.AssignFilter{Text: in.Text, Only: in.Only, Sort: in.Sort, Page: page, Size: pageSize})
	if err != nil {
		return nil, err
	}
	out := &assignmentOut{}
	out.Body.Stale, out.Body.Reasons, out.Body.Items = b.Stale, []reasonBody{}, []servedBody{}
	out.Body.Total, out.Body.Next = b.Found, nextAfter(page, b.Found)
	if b.Run == nil {
		return out, nil
	}
	s := suggestionOf(*b.Run)
	out.Body.Suggestion = &s
	out.Body.Reasons = reasonsOf(b.Reasons)
	for _, row := range b.Rows {
		served := servedBody{row.ID, row.Number, row.Title, row.Missing, []pairBody{}}
		for _, p := range row.Pairs {
			served.Pairs = append(served.Pairs, pairOf(p))
		}
		out.Body.Items = append(out.Body.Items, served)
	}
	return out, nil
}

type wishBody struct {
	Proposal string `json:"proposal" maxLength:"100" doc:"Number or key"`
	Person   string `json:"person_id" maxLength:"100"`
	Wish     string `json:"wish" enum:"lock,forbid,free"`
}

type suggestIn struct {
	ByID
	Body struct {
		Stage string     `json:"stage,omitempty" maxLength:"100"`
		Each  int        `json:"each,omitempty" minimum:"0" maximum:"20" doc:"Reviews a proposal; the scheme's number where not said."`
		Most  int        `json:"most,omitempty" minimum:"0" maximum:"200" doc:"At most so many a person, where the pool says more."`
		Caps  capsBody   `json:"caps,omitempty" doc:"How many reviews the people of any one organisation, country or career stage give together at most, those who were asked already included. Caps that do not nest are refused."`
		Aim   string     `json:"aim,omitempty" enum:"total,fair,random" doc:"total where not said: the greatest sum of scores. fair: the worst served proposal first. random: a draw in which no pair is surer than limit."`
		Limit int        `json:"limit,omitempty" minimum:"0" maximum:"100" doc:"Per cent, for random; 50 where not said."`
		Pairs []wishBody `json:"pairs,omitempty" maxItems:"1000" doc:"To lock or forbid with it"`
	}
}

// settings are the rules that a body names.
func (in *suggestIn) settings() review.Settings {
	set := review.Settings{Each: in.Body.Each, Most: in.Body.Most, Caps: review.Caps(in.Body.Caps), Aim: in.Body.Aim, Limit: in.Body.Limit}
	for _, p := range in.Body.Pairs {
		set.Pairs = append(set.Pairs, review.Wish{Proposal: p.Proposal, Person: p.Person, Kind: wishKind(p.Wish)})
	}
	return set
}

type suggestionOut struct{ Body SuggestionLine }

func (a *API) assignmentNew(ctx context.Context, actor access.Actor, in *suggestIn) (*suggestionOut, error) {
	run, err := a.Reviews.Suggest(ctx, actor, in.ID, in.Body.Stage, in.settings())
	return &suggestionOut{suggestionOf(run)}, err
}

type RunByID struct {
	ByID
	Run string `path:"run"`
}

type runOut struct {
	Body struct {
		SuggestionLine
		Pairs       []review.Pair       `json:"pairs"`
		Certificate *review.Certificate `json:"certificate,omitempty" doc:"Prices and bound that prove the suggestion best, as in package engine/assign. It speaks of all proposals, and is withheld from who may not know of each of them."`
	}
}

// proofOf is a certificate, nil where it is withheld.
func proofOf(c review.Certificate) *review.Certificate {
	if c.Withheld() {
		return nil
	}
	return &c
}

func (a *API) assignmentRun(ctx context.Context, actor access.Actor, in *RunByID) (*runOut, error) {
	run, err := a.Reviews.Suggestion(ctx, actor, in.ID, in.Run)
	if err != nil {
		return nil, err
	}
	out := &runOut{}
	out.Body.SuggestionLine, out.Body.Pairs, out.Body.Certificate = suggestionOf(run), append([]review.Pair{}, run.Result.Pairs...), proofOf(run.Certificate)
	return out, nil
}

type appliedOut struct {
	Body struct {
		Invited int `json:"invited"`
	}
}

func (a *API) assignmentApply(ctx context.Context, actor access.Actor, in *RunByID) (*appliedOut, error) {
	out := &appliedOut{}
	var err error
	out.Body.Invited, err = a.Reviews.Apply(ctx, actor, in.ID, in.Run)
	return out, err
}

type candidatesIn struct {
	ByID
	AfterIn
	Proposal string `path:"proposal"`
	Text     string `query:"q" maxLength:"200" doc:"Part of a name"`
}

// CandidateLine is somebody of the pool in relation to one proposal.
type CandidateLine struct {
	PoolLine
	Score    float64  `json:"score"`
	Words    []string `json:"words"`
	Conflict string   `json:"conflict,omitempty" doc:"Rule by which they must not, or should not, judge it"`
	Evidence string   `json:"evidence,omitempty"`
	Since    string   `json:"since,omitempty" doc:"First day on which the conflict holds, where a beginning is known"`
	Until    string   `json:"until,omitempty" doc:"Last day on which the conflict holds, where an end is known"`
	Possible bool     `json:"possible,omitempty" doc:"By names alone: it counts until a person settles it."`
	Sure     float64  `json:"confidence,omitempty" doc:"Of a possible conflict: how sure it is, from 0 to 1, by names and organisations as they are written"`
	Soft     bool     `json:"soft,omitempty" doc:"The scheme only wants the conflict shown."`
	State    string   `json:"state,omitempty" doc:"Of their review, where they were asked"`
	Wish     string   `json:"wish,omitempty" doc:"lock, forbid"`
	Chosen   bool     `json:"suggested"`

	Passed *PassedOver `json:"passed,omitempty" doc:"Why the newest suggestion passes over somebody who may judge the proposal"`
}

// PassedOver is why a suggestion passes over somebody.
type PassedOver struct {
	Why   string  `json:"why" enum:"worse,full,capped,equal,empty,drawn,ring" doc:"Others fit better over all proposals; they have as many as they take; a cap is used up; the proof says of no loss with the pair; a place elsewhere would stay empty; the lot fell otherwise; applicants would review each other"`
	Given int     `json:"given" doc:"Reviews that the suggestion gives them"`
	Loss  float64 `json:"loss,omitempty" doc:"By how much at least the sum of scores falls with the pair, unless a place stays empty; only where the prices of the suggestion prove it"`
}

func (a *API) candidateList(ctx context.Context, actor access.Actor, in *candidatesIn) (*listOf[CandidateLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	c, err := a.Reviews.CandidatesOf(ctx, actor, in.ID, in.Proposal, in.Text, page, pageSize)
	out := make([]CandidateLine, 0, len(c.List))
	for _, k := range c.List {
		line := CandidateLine{PoolLine: poolOf(k.PoolMember), Score: k.Score, Words: append([]string{}, k.Words...), State: k.State, Wish: k.Wish, Chosen: k.Chosen}
		if k.Conflict != nil {
			line.Conflict, line.Evidence, line.Possible, line.Sure, line.Soft = k.Conflict.Rule, k.Conflict.Evidence, k.Conflict.Possible, k.Conflict.Confidence, k.Conflict.Soft
			line.Since, line.Until = k.Conflict.Since, k.Conflict.Until
		}
		if p := k.Passed; p != nil {
			line.Passed = &PassedOver{p.Kind, p.Given, p.Loss}
		}
		out = append(out, line)
	}
	return paged(out, page, c.Total), err
}

type wishIn struct {
	ByID
	Proposal string `path:"proposal"`
	Person   string `path:"person"`
	Body     struct {
		Wish string `json:"wish" enum:"lock,forbid,free"`
	}
}

func (a *API) candidateWish(ctx context.Context, actor access.Actor, in *wishIn) (*none, error) {
	return nil, a.Reviews.Wish(ctx, actor, in.ID, in.Proposal, in.Person, wishKind(in.Body.Wish))
}

type settleIn struct {
	ByID
	Proposal string `path:"proposal"`
	Person   string `path:"person"`
	Body     struct {
		Same bool `json:"same" doc:"Whether the two names are one person"`
	}
}

func (a *API) conflictSettle(ctx context.Context, actor access.Actor, in *settleIn) (*none, error) {
	return nil, a.Reviews.Settle(ctx, actor, in.ID, in.Proposal, in.Person, in.Body.Same)
}

func wishKind(wish string) string {
	if wish == "free" {
		return ""
	}
	return wish
}
