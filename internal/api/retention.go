package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/retention"
)

// RetentionRuleBody is how long a class of records is kept.
type RetentionRuleBody struct {
	Class   string `json:"class" enum:"draft,unfunded,award,person,account,contact,mail"`
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
	Class string `path:"class" enum:"draft,unfunded,award,person,account,contact,mail"`
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
	return items(holdsOf(all)), err
}

func holdsOf(all []retention.Hold) []HoldBody {
	out := make([]HoldBody, 0, len(all))
	for _, h := range all {
		out = append(out, HoldBody{h.ID, h.Kind, h.Subject, h.Number, h.Reason, h.From})
	}
	return out
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
		out = append(out, requestOf(r))
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

func requestOf(r retention.Request) DataRequestBody {
	return DataRequestBody{r.ID, r.Number, r.Kind, r.Body, r.State, r.Answer, r.Due, r.Created}
}

func (a *API) requestArchive(ctx context.Context, actor access.Actor, in *ByID) (*huma.StreamResponse, error) {
	return stream(a.Retention.Fetch(ctx, actor, in.ID))
}

// CaseBody is a request of somebody about their own data, as those see it who answer it.
type CaseBody struct {
	DataRequestBody
	PersonID string     `json:"person_id" doc:"Empty while nobody has matched who asked by mail."`
	Name     string     `json:"name"`
	Email    string     `json:"email,omitempty" doc:"The address that who asked by mail has proved."`
	Answered *time.Time `json:"answered,omitempty"`
}

func caseOf(r retention.Request) CaseBody {
	return CaseBody{requestOf(r), r.Person, r.Name, r.Email, when(r.Answered)}
}

func (a *API) caseList(ctx context.Context, actor access.Actor, _ *none) (*listOf[CaseBody], error) {
	all, err := a.Retention.Cases(ctx, actor)
	var out []CaseBody
	for _, r := range all {
		out = append(out, caseOf(r))
	}
	return items(out), err
}

type caseOut struct{ Body CaseBody }

func (a *API) caseGet(ctx context.Context, actor access.Actor, in *ByID) (*caseOut, error) {
	r, err := a.Retention.Case(ctx, actor, in.ID)
	return &caseOut{caseOf(r)}, err
}

type caseAnswerIn struct {
	ByID
	Body struct {
		Grant    bool   `json:"grant"`
		Answer   string `json:"answer" minLength:"1" doc:"What the person is told."`
		PersonID string `json:"person_id,omitempty" doc:"Whose data it is. Of a request that came by mail and is granted."`
		Identity string `json:"identity,omitempty" doc:"How it was checked who asks. Of one that came by mail, from an address that does not stand on the person's record."`
	}
}

func (a *API) caseAnswer(ctx context.Context, actor access.Actor, in *caseAnswerIn) (*none, error) {
	return nil, a.Retention.AnswerCase(ctx, actor, in.ID, retention.Reply{Grant: in.Body.Grant, Words: in.Body.Answer, Person: in.Body.PersonID, Identity: in.Body.Identity})
}

// KeptRecordBody is a record that a rule keeps, although its erasing was asked for.
type KeptRecordBody struct {
	Kind   string     `json:"kind"`
	ID     string     `json:"id"`
	Number string     `json:"number"`
	Class  string     `json:"class"`
	Until  *time.Time `json:"until,omitempty" doc:"None while its time has not begun, or where it is kept for good."`
}

// KeptTextsBody are texts that name who was erased and stay, as a rule or holds keep the record in which they stand.
type KeptTextsBody struct {
	Table  string     `json:"table" doc:"Where they stand; ledger_payload: what entries of the ledger about the record tell."`
	Kind   string     `json:"kind" enum:"proposal,award"`
	ID     string     `json:"id"`
	Number string     `json:"number"`
	Texts  int64      `json:"texts" doc:"How many."`
	Class  string     `json:"class,omitempty" doc:"Of the rule that keeps the record."`
	Holds  []string   `json:"holds,omitempty" doc:"Keys of the holds that keep it."`
	Until  *time.Time `json:"until,omitempty" doc:"None where holds keep it: until they are lifted."`
}

// ErasureResultBody is what an erasure touched, or would.
type ErasureResultBody struct {
	Rows    map[string]int64 `json:"rows" doc:"Rows deleted or cleared, by table."`
	Texts   int64            `json:"texts" doc:"Texts of others from which a name or address was taken out."`
	Files   int              `json:"files"`
	Entries int64            `json:"ledger_entries" doc:"Entries whose payload and salt went; the tree stands."`
	Kept    []KeptRecordBody `json:"kept"`
	Spared  []KeptTextsBody  `json:"kept_texts"`
}

func erasureResultOf(r retention.Result) ErasureResultBody {
	out := ErasureResultBody{Rows: r.Rows, Texts: r.Texts, Files: r.Files, Entries: r.Entries, Kept: make([]KeptRecordBody, 0, len(r.Kept)), Spared: make([]KeptTextsBody, 0, len(r.Spared))}
	for _, k := range r.Kept {
		out.Kept = append(out.Kept, KeptRecordBody{k.Kind, k.ID, k.Number, string(k.Class), when(k.Until)})
	}
	for _, k := range r.Spared {
		out.Spared = append(out.Spared, KeptTextsBody{k.Table, k.Kind, k.ID, k.Number, k.Texts, string(k.Class), k.Holds, when(k.Until)})
	}
	return out
}

// ErasureBody is an erasure that was ordered. It names its subject by key only.
type ErasureBody struct {
	ID        string             `json:"id"`
	Number    string             `json:"number"`
	Kind      string             `json:"kind" enum:"proposal,award,person,mail"`
	SubjectID string             `json:"subject_id"`
	Class     string             `json:"class,omitempty" doc:"The rule by which it was due; none where somebody asked."`
	Reason    string             `json:"reason"`
	State     string             `json:"state" enum:"waits,done,stopped" doc:"stopped: a hold was placed, or the record was gone, before it ran."`
	Created   time.Time          `json:"created"`
	Done      *time.Time         `json:"done,omitempty"`
	Result    *ErasureResultBody `json:"result,omitempty"`
}

func erasureOf(e retention.Erasure) ErasureBody {
	out := ErasureBody{e.ID, e.Number, e.Kind, e.Subject, string(e.Class), e.Reason, e.State, e.Created, when(e.Done), nil}
	if e.State == retention.Done {
		result := erasureResultOf(e.Result)
		out.Result = &result
	}
	return out
}

func (a *API) erasureList(ctx context.Context, actor access.Actor, _ *none) (*listOf[ErasureBody], error) {
	all, err := a.Retention.Erasures(ctx, actor)
	var out []ErasureBody
	for _, e := range all {
		out = append(out, erasureOf(e))
	}
	return items(out), err
}

type erasureOut struct{ Body ErasureBody }

func (a *API) erasureGet(ctx context.Context, actor access.Actor, in *ByID) (*erasureOut, error) {
	e, err := a.Retention.Erasure(ctx, actor, in.ID)
	return &erasureOut{erasureOf(e)}, err
}

func (a *API) erasureReceipt(ctx context.Context, actor access.Actor, in *ByID) (*receiptOut, error) {
	return receiptOf(a.Retention.Receipt(ctx, actor, in.ID))
}

// ErasableBody names a record that can be erased.
type ErasableBody struct {
	Kind string `json:"kind" enum:"proposal,award,person"`
	Ref  string `json:"ref" minLength:"1" doc:"The record's number, or the key of a person."`
}

type foreseeIn struct{ Body ErasableBody }

type foreseeOut struct {
	Body struct {
		ErasureResultBody
		ID     string     `json:"id"`
		Number string     `json:"number"`
		Holds  []HoldBody `json:"holds" doc:"With one of them nothing is erased."`
	}
}

func (a *API) erasureForesee(ctx context.Context, actor access.Actor, in *foreseeIn) (*foreseeOut, error) {
	record, result, err := a.Retention.Foresee(ctx, actor, in.Body.Kind, in.Body.Ref)
	out := &foreseeOut{}
	b := &out.Body
	b.ErasureResultBody, b.ID, b.Number, b.Holds = erasureResultOf(result), record.ID, record.Number, holdsOf(result.Holds)
	return out, err
}

type erasureIn struct {
	Body struct {
		ErasableBody
		Reason string `json:"reason" minLength:"1"`
	}
}

func (a *API) erasureOrder(ctx context.Context, actor access.Actor, in *erasureIn) (*madeOut, error) {
	id, err := a.Retention.Order(ctx, actor, retention.Wish{Kind: in.Body.Kind, Ref: in.Body.Ref, Reason: in.Body.Reason})
	return made(id), err
}

type eraseDueIn struct {
	ByClass
	Body struct {
		IDs    []string `json:"ids" minItems:"1" doc:"As the list of what is due names them; what is not due any more, or held, is left out."`
		Reason string   `json:"reason" minLength:"1"`
	}
}

func (a *API) retentionEraseDue(ctx context.Context, actor access.Actor, in *eraseDueIn) (*none, error) {
	return nil, a.Retention.OrderDue(ctx, actor, retention.Class(in.Class), in.Body.IDs, in.Body.Reason)
}
