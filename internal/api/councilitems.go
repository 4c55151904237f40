package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// ItemWords is what the secretary writes of an item.
type ItemWords struct {
	Title         lang.Text `json:"title"`
	Background    lang.Text `json:"background,omitempty"`
	Motion        lang.Text `json:"motion,omitempty" doc:"Without one the item is only discussed."`
	Secret        bool      `json:"secret,omitempty"`
	Priority      string    `json:"priority_id,omitempty" doc:"The priority that the motion decides."`
	PriorityState string    `json:"priority_state,omitempty" enum:"active,dropped"`
	Touches       []string  `json:"touches,omitempty" doc:"Agencies that must agree once it is carried."`
	Refusal       string    `json:"refusal,omitempty" enum:"return,block" doc:"What one refusal of theirs does."`
	Days          int       `json:"days,omitempty" doc:"They have so many to answer."`
}

func (w ItemWords) input() council.ItemInput {
	return council.ItemInput{Title: w.Title, Background: w.Background, Motion: w.Motion, Secret: w.Secret, PriorityID: w.Priority, PriorityState: w.PriorityState,
		Touches: w.Touches, Refusal: w.Refusal, Days: w.Days}
}

type recordLine struct {
	Kind   string    `json:"kind" enum:"need,question,priority,call,decision"`
	ID     string    `json:"id"`
	Number string    `json:"number"`
	Title  lang.Text `json:"title" doc:"As it stood when it was laid before the members."`
	Text   lang.Text `json:"text"`
	At     time.Time `json:"as_of"`
	Size   int64     `json:"ledger_size"`
	Root   string    `json:"ledger_root"`
	Since  int       `json:"changes_since"`
}

type castLine struct {
	Person string `json:"person_id"`
	Choice string `json:"choice" enum:"for,against,abstain"`
}

type voteLine struct {
	Round   int             `json:"round"`
	Secret  bool            `json:"secret"`
	Rule    councilRule     `json:"rule"`
	Cast    int             `json:"cast" doc:"How many have voted."`
	Result  *council.Result `json:"result,omitempty" doc:"Once it is counted."`
	Ballots []castLine      `json:"ballots" doc:"Once it is counted, and of an open vote only."`
	Opened  time.Time       `json:"opened_at"`
	Closed  *time.Time      `json:"closed_at,omitempty"`
}

func voteLines(list []council.Vote) []voteLine {
	out := make([]voteLine, 0, len(list))
	for _, v := range list {
		line := voteLine{Round: v.Round, Secret: v.Secret, Rule: councilRule(v.Rule), Cast: v.Cast, Ballots: []castLine{}, Opened: v.OpenedAt, Closed: when(v.ClosedAt)}
		if !v.Running() {
			line.Result = &v.Result
		}
		for _, b := range v.Ballots {
			line.Ballots = append(line.Ballots, castLine{b.Person, b.Choice})
		}
		out = append(out, line)
	}
	return out
}

type recusalLine struct {
	Person string `json:"person_id"`
	Reason string `json:"reason"`
}

type itemOut struct {
	Body struct {
		ItemWords
		ID         string          `json:"id"`
		Meeting    string          `json:"meeting_id"`
		Number     int             `json:"number"`
		Outcome    string          `json:"outcome,omitempty" enum:"carried,rejected"`
		Notes      lang.Text       `json:"notes"`
		Records    []recordLine    `json:"dossier"`
		Recused    []recusalLine   `json:"recused"`
		Votes      []voteLine      `json:"votes"`
		Conditions []ConditionLine `json:"conditions"`
		Advice     []adviceUse     `json:"advice" doc:"That the decision cites."`
		Quorum     council.Result  `json:"quorum_now" doc:"As a vote would find it now: members, present, quorum."`
		MayCast    bool            `json:"may_vote"`
		Version    int64           `json:"version"`
	}
}

func (a *API) itemGet(ctx context.Context, actor access.Actor, in *ByID) (*itemOut, error) {
	v, err := a.Council.Item(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &itemOut{}
	b := &out.Body
	b.ItemWords = ItemWords{v.Title, v.Background, v.Motion, v.Secret, v.PriorityID, v.PriorityState, v.Touches, v.Refusal, v.Days}
	b.ID, b.Meeting, b.Number, b.Outcome, b.Notes, b.MayCast, b.Version = v.ID, v.MeetingID, v.Number, v.Outcome, v.Notes, v.MayCast, v.Item.Version
	b.Records, b.Recused, b.Votes, b.Conditions, b.Advice, b.Quorum = []recordLine{}, []recusalLine{}, voteLines(v.Votes), conditionLines(v.Conditions), adviceUses(v.Cited), v.Quorum
	for _, r := range v.Records {
		b.Records = append(b.Records, recordLine{r.Kind, r.ID, r.Number, r.Title, r.Text, r.FrozenAt, r.Size, r.Root, r.Since})
	}
	for _, r := range v.Recused {
		b.Recused = append(b.Recused, recusalLine{r.Person, r.Reason})
	}
	return out, nil
}

// itemAfter is the item after something was done with it.
func (a *API) itemAfter(ctx context.Context, actor access.Actor, id string, err error) (*itemOut, error) {
	if err != nil {
		return nil, err
	}
	return a.itemGet(ctx, actor, &ByID{ID: id})
}

type itemNewIn struct {
	ByID
	Body struct{ ItemWords }
}

func (a *API) itemNew(ctx context.Context, actor access.Actor, in *itemNewIn) (*itemOut, error) {
	i, err := a.Council.AddItem(ctx, actor, in.ID, in.Body.input())
	return a.itemAfter(ctx, actor, i.ID, err)
}

type itemEditIn struct {
	ByID
	Body struct {
		ItemWords
		Version int64 `json:"version"`
	}
}

func (a *API) itemEdit(ctx context.Context, actor access.Actor, in *itemEditIn) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.EditItem(ctx, actor, in.ID, in.Body.Version, in.Body.input()))
}

type itemDropIn struct {
	ByID
	Ending
}

func (a *API) itemDrop(ctx context.Context, actor access.Actor, in *itemDropIn) (*none, error) {
	return nil, moved(a.Council.DropItem(ctx, actor, in.ID, in.why()), func(string) string { return "why" })
}

type itemLayIn struct {
	ByID
	Kind   string `path:"kind" enum:"need,question,priority,call,decision"`
	Record string `path:"record"`
}

func (a *API) itemLay(ctx context.Context, actor access.Actor, in *itemLayIn) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.Lay(ctx, actor, in.ID, in.Kind, in.Record))
}

type recuseIn struct {
	ByID
	Body struct {
		Person string `json:"person_id"`
		Reason string `json:"reason"`
	}
}

// itemRecuse answers with nothing: who is recused sees the item no more.
func (a *API) itemRecuse(ctx context.Context, actor access.Actor, in *recuseIn) (*none, error) {
	return nil, a.Council.Recuse(ctx, actor, in.ID, in.Body.Person, in.Body.Reason)
}

func (a *API) voteOpen(ctx context.Context, actor access.Actor, in *ByID) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.OpenVote(ctx, actor, in.ID))
}

func (a *API) voteClose(ctx context.Context, actor access.Actor, in *ByID) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.CloseVote(ctx, actor, in.ID))
}

type voteCastIn struct {
	ByID
	Body struct {
		Choice string `json:"choice" enum:"for,against,abstain"`
	}
}

func (a *API) voteCast(ctx context.Context, actor access.Actor, in *voteCastIn) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.CastVote(ctx, actor, in.ID, in.Body.Choice))
}

type itemNoteIn struct {
	ByID
	Body struct {
		Notes   lang.Text `json:"notes"`
		Version int64     `json:"version"`
	}
}

func (a *API) itemNote(ctx context.Context, actor access.Actor, in *itemNoteIn) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.Note(ctx, actor, in.ID, in.Body.Version, in.Body.Notes))
}

type conditionNewIn struct {
	ByID
	Body struct {
		Text   lang.Text `json:"text"`
		Person string    `json:"person_id"`
		Due    string    `json:"due" format:"date"`
	}
}

func (a *API) conditionNew(ctx context.Context, actor access.Actor, in *conditionNewIn) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.Require(ctx, actor, in.ID, council.ConditionInput{Text: in.Body.Text, Person: in.Body.Person, Due: in.Body.Due}))
}

type conditionOut struct {
	Body struct {
		ConditionLine
	}
}

func (a *API) conditionGet(ctx context.Context, actor access.Actor, in *ByID) (*conditionOut, error) {
	c, _, err := a.Council.Condition(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &conditionOut{}
	out.Body.ConditionLine = conditionLines([]council.Condition{c})[0]
	return out, nil
}

type conditionReportIn struct {
	ByID
	Body struct {
		Report  string `json:"report"`
		Version int64  `json:"version"`
	}
}

func (a *API) conditionReport(ctx context.Context, actor access.Actor, in *conditionReportIn) (*conditionOut, error) {
	if err := a.Council.Report(ctx, actor, in.ID, in.Body.Version, in.Body.Report); err != nil {
		return nil, err
	}
	return a.conditionGet(ctx, actor, &in.ByID)
}

type conditionSettleIn struct {
	ByID
	Body struct {
		State   string `json:"state" enum:"met,waived"`
		Answer  string `json:"answer"`
		Version int64  `json:"version"`
	}
}

func (a *API) conditionSettle(ctx context.Context, actor access.Actor, in *conditionSettleIn) (*conditionOut, error) {
	if err := a.Council.Settle(ctx, actor, in.ID, in.Body.Version, in.Body.State, in.Body.Answer); err != nil {
		return nil, err
	}
	return a.conditionGet(ctx, actor, &in.ByID)
}

// CiteWords says of a decision whether it follows an advice.
type CiteWords struct {
	Advice   string `json:"advice_id"`
	Followed string `json:"followed" enum:"yes,partly,no"`
	Why      string `json:"why"`
}

type citeIn struct {
	ByID
	Body struct{ CiteWords }
}

func (a *API) itemCite(ctx context.Context, actor access.Actor, in *citeIn) (*itemOut, error) {
	return a.itemAfter(ctx, actor, in.ID, a.Council.Cite(ctx, actor, council.OfItem, in.ID, in.Body.Advice, in.Body.Followed, in.Body.Why))
}

func (a *API) decisionCite(ctx context.Context, actor access.Actor, in *citeIn) (*adviceOut, error) {
	return a.adviceAfter(ctx, actor, in.Body.Advice, a.Council.Cite(ctx, actor, council.OfDecision, in.ID, in.Body.Advice, in.Body.Followed, in.Body.Why))
}
