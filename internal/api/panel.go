package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// PanelLine is a panel in a list.
type PanelLine struct {
	ID      string     `json:"id"`
	CallID  string     `json:"call_id"`
	Stage   string     `json:"stage"`
	Name    string     `json:"name"`
	State   string     `json:"state" enum:"planned,meeting,closed"`
	Meets   *time.Time `json:"meets_at,omitempty"`
	Items   int        `json:"items" doc:"That you may know of"`
	Members int        `json:"members"`
	Unsaid  int        `json:"waiting_for_your_view,omitempty"`
}

func panelOf(v panel.View) PanelLine {
	return PanelLine{v.ID, v.CallID, v.Stage, v.Name, v.State, when(v.MeetsAt), len(v.Lines), len(v.Members), v.Unsaid()}
}

func (a *API) panelsMine(ctx context.Context, actor access.Actor, _ *struct{}) (*listOf[PanelLine], error) {
	list, err := a.Panels.Mine(ctx, actor)
	out := make([]PanelLine, 0, len(list))
	for _, v := range list {
		out = append(out, panelOf(v))
	}
	return items(out), err
}

func (a *API) panelsOf(ctx context.Context, actor access.Actor, in *StageIn) (*listOf[PanelLine], error) {
	b, err := a.Panels.Board(ctx, actor, in.ID, in.Stage)
	out := make([]PanelLine, 0, len(b.Panels))
	for _, v := range b.Panels {
		out = append(out, panelOf(v))
	}
	return items(out), err
}

type panelFormIn struct {
	ByID
	Stage string `query:"stage" maxLength:"100" doc:"The stage in which a panel decides where not said."`
	Body  struct {
		Panels int `json:"panels" minimum:"1" maximum:"100"`
		Most   int `json:"most,omitempty" minimum:"0" doc:"Proposals in a panel at most; where not said a fifth above the mean."`
	}
}

type panelFormOut struct {
	Body struct {
		Panels int     `json:"panels"`
		Within float64 `json:"likeness_within" doc:"Mean likeness of proposals of one panel, 0 to 1"`
		Chance float64 `json:"likeness_by_chance" doc:"Mean likeness of any two proposals"`
	}
}

func (a *API) panelForm(ctx context.Context, actor access.Actor, in *panelFormIn) (*panelFormOut, error) {
	formed, err := a.Panels.Form(ctx, actor, in.ID, in.Stage, panel.Plan{Groups: in.Body.Panels, Most: in.Body.Most})
	if err != nil {
		return nil, moved(err, func(field string) string {
			if field == "groups" {
				return "panels"
			}
			return field
		})
	}
	out := &panelFormOut{}
	out.Body.Panels, out.Body.Within, out.Body.Chance = formed.Panels, formed.Within, formed.Chance
	return out, nil
}

type seatBody struct {
	Person       string `json:"person_id"`
	Name         string `json:"name"`
	Organisation string `json:"organisation,omitempty"`
	Role         string `json:"role" enum:"chair,member"`
	Here         bool   `json:"here" doc:"In the meeting"`
}

// TallyBody sums up scores.
type TallyBody struct {
	Scores int     `json:"scores"`
	Of     int     `json:"of,omitempty" doc:"Of so many who may give one"`
	Mean   float64 `json:"mean,omitempty"`
	Low    float64 `json:"lowest,omitempty"`
	High   float64 `json:"highest,omitempty"`
}

func tallyOf(t panel.Tally) TallyBody { return TallyBody{t.N, t.Of, t.Mean, t.Low, t.High} }

// PanelItem is an item on the order of the day.
type PanelItem struct {
	ID         string    `json:"id"`
	Place      int       `json:"place" doc:"Counted among those that you may know of"`
	Number     string    `json:"proposal_number"`
	Title      string    `json:"title"`
	State      string    `json:"state" enum:"waiting,open,done"`
	Rapporteur string    `json:"rapporteur,omitempty"`
	Reports    bool      `json:"you_report"`
	Said       bool      `json:"opened" doc:"You said what you think of it, or oversee the panel: what others think is open to you."`
	Own        *float64  `json:"your_score,omitempty"`
	Vote       *float64  `json:"your_vote,omitempty"`
	ReviewOwed string    `json:"review_owed,omitempty" doc:"Key of your own review that is not in yet"`
	Before     TallyBody `json:"before"`
	Final      TallyBody `json:"final" doc:"While the item is open only how many votes are in"`
	Summary    string    `json:"summary,omitempty"`
	Out        []string  `json:"out_for_conflict"`
	Attended   int       `json:"attended,omitempty" doc:"Members without a conflict who were there when it was closed"`
}

func itemOf(l panel.Line) PanelItem {
	b := PanelItem{ID: l.ID, Place: l.Place, Number: l.Number, Title: l.Title, State: l.State, Rapporteur: l.Rapporteur, Reports: l.Reports, Said: l.Said, ReviewOwed: l.Owes,
		Before: tallyOf(l.Before), Final: tallyOf(l.Final), Summary: l.Summary, Out: []string{}, Attended: l.Attended}
	if l.Own != nil {
		b.Own = &l.Own.Score
	}
	if l.Vote != nil {
		b.Vote = &l.Vote.Score
	}
	for _, m := range l.Out {
		b.Out = append(b.Out, m.Name)
	}
	return b
}

type panelOut struct {
	Body struct {
		PanelLine
		Seats    []seatBody  `json:"seats"`
		Agenda   []PanelItem `json:"agenda"`
		Low      int         `json:"lowest_score"`
		High     int         `json:"highest_score"`
		Promised bool        `json:"promised" doc:"You promised to keep what you read to yourself, or need not."`
		Quorum   int         `json:"quorum,omitempty" doc:"Members without a conflict who must be there when an item is closed"`
		Began    *time.Time  `json:"began_at,omitempty"`
		Ended    *time.Time  `json:"ended_at,omitempty"`
	}
}

func (a *API) panelGet(ctx context.Context, actor access.Actor, in *ByID) (*panelOut, error) {
	v, err := a.Panels.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &panelOut{}
	b := &out.Body
	b.PanelLine, b.Seats, b.Agenda, b.Low, b.High, b.Promised = panelOf(v), []seatBody{}, []PanelItem{}, v.Scale.Low, v.Scale.High, v.Promised
	b.Quorum, b.Began, b.Ended = v.Quorum, when(v.BeganAt), when(v.EndedAt)
	for _, m := range v.Members {
		b.Seats = append(b.Seats, seatBody{m.Person, m.Name, m.Organisation, m.Role, m.Here})
	}
	for _, l := range v.Lines {
		b.Agenda = append(b.Agenda, itemOf(l))
	}
	return out, nil
}

type panelEditIn struct {
	ByID
	Body struct {
		Name  string     `json:"name" maxLength:"200"`
		Meets *time.Time `json:"meets_at,omitempty"`

		Quorum int `json:"quorum,omitempty" minimum:"0" maximum:"100" doc:"Members without a conflict who must be there when an item is closed"`
	}
}

func (a *API) panelEdit(ctx context.Context, actor access.Actor, in *panelEditIn) (*panelOut, error) {
	var meets time.Time
	if in.Body.Meets != nil {
		meets = *in.Body.Meets
	}
	return a.panelAfter(ctx, actor, &in.ByID, a.Panels.Settle(ctx, actor, in.ID, in.Body.Name, meets, in.Body.Quorum))
}

// panelAfter is a panel after an act, or why the act was refused.
func (a *API) panelAfter(ctx context.Context, actor access.Actor, in *ByID, err error) (*panelOut, error) {
	if err != nil {
		return nil, err
	}
	return a.panelGet(ctx, actor, in)
}

func (a *API) panelDissolve(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	return nil, a.Panels.Dissolve(ctx, actor, in.ID)
}

type seatIn struct {
	ByID
	Person string `path:"person"`
	Body   struct {
		Role string `json:"role" enum:"chair,member"`
	}
}

func (a *API) panelSeat(ctx context.Context, actor access.Actor, in *seatIn) (*panelOut, error) {
	return a.panelAfter(ctx, actor, &in.ByID, a.Panels.Seat(ctx, actor, in.ID, in.Person, in.Body.Role))
}

func (a *API) panelUnseat(ctx context.Context, actor access.Actor, in *PersonByCall) (*none, error) {
	return nil, a.Panels.Unseat(ctx, actor, in.ID, in.Person)
}

type fittingBody struct {
	Person       string   `json:"person_id"`
	Name         string   `json:"name"`
	Organisation string   `json:"organisation,omitempty"`
	Topics       []string `json:"topics" doc:"Of the panel, on which they work and no member and nobody before them in the list does"`
	Nearest      int      `json:"nearest_to" doc:"Proposals to which they are nearer than any member and anybody before them in the list"`
	Out          int      `json:"conflicts" doc:"Items that they must not judge"`
}

func (a *API) panelFitting(ctx context.Context, actor access.Actor, in *ByID) (*listOf[fittingBody], error) {
	list, err := a.Panels.Fitting(ctx, actor, in.ID)
	out := make([]fittingBody, 0, len(list))
	for _, f := range list {
		out = append(out, fittingBody{f.Person, f.Name, f.Organisation, append([]string{}, f.Topics...), f.Nearest, f.Out})
	}
	return items(out), err
}

type attendIn struct {
	ByID
	Person string `path:"person"`
	Body   struct {
		Here bool `json:"here"`
	}
}

func (a *API) panelAttend(ctx context.Context, actor access.Actor, in *attendIn) (*panelOut, error) {
	return a.panelAfter(ctx, actor, &in.ByID, a.Panels.Attend(ctx, actor, in.ID, in.Person, in.Body.Here))
}

type agendaIn struct {
	ByID
	Body struct {
		Items []struct {
			ID         string `json:"id"`
			Place      int    `json:"place" minimum:"1"`
			Rapporteur string `json:"rapporteur_id,omitempty"`
		} `json:"items" doc:"Those that are not named stay in their order."`
	}
}

func (a *API) panelAgenda(ctx context.Context, actor access.Actor, in *agendaIn) (*panelOut, error) {
	list := make([]panel.Order, len(in.Body.Items))
	for i, o := range in.Body.Items {
		list[i] = panel.Order{Item: o.ID, Place: o.Place, Rapporteur: o.Rapporteur}
	}
	return a.panelAfter(ctx, actor, &in.ByID, a.Panels.Arrange(ctx, actor, in.ID, list))
}

func (a *API) panelRapporteurs(ctx context.Context, actor access.Actor, in *ByID) (*panelOut, error) {
	return a.panelAfter(ctx, actor, in, a.Panels.Rapporteurs(ctx, actor, in.ID))
}

func (a *API) panelAnnounce(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	return nil, a.Panels.Announce(ctx, actor, in.ID)
}

func (a *API) panelPromise(ctx context.Context, actor access.Actor, in *ByID) (*panelOut, error) {
	return a.panelAfter(ctx, actor, in, a.Panels.Promise(ctx, actor, in.ID))
}

func (a *API) panelBegin(ctx context.Context, actor access.Actor, in *ByID) (*panelOut, error) {
	return a.panelAfter(ctx, actor, in, a.Panels.Begin(ctx, actor, in.ID))
}

func (a *API) panelEnd(ctx context.Context, actor access.Actor, in *ByID) (*panelOut, error) {
	return a.panelAfter(ctx, actor, in, a.Panels.End(ctx, actor, in.ID))
}

// ItemIn is an item of a panel.
type ItemIn struct {
	ByID
	Item string `path:"item"`
}

type panelCommentBody struct {
	Name string    `json:"name"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

type panelScoreBody struct {
	Name  string  `json:"name"`
	Score float64 `json:"score"`
	Note  string  `json:"note,omitempty"`
}

func scoresOf(list []panel.Vote) []panelScoreBody {
	out := make([]panelScoreBody, 0, len(list))
	for _, v := range list {
		out = append(out, panelScoreBody{v.Name, v.Score.Score, v.Note})
	}
	return out
}

type panelItemOut struct {
	Body struct {
		PanelItem
		Text     map[string]json.RawMessage `json:"text,omitempty" doc:"Answers by field, as you may read them; none before you promised to keep them to yourself."`
		Reviews  []otherBody                `json:"reviews" doc:"By letter, once you said what you think"`
		Scores   []panelScoreBody           `json:"scores_before" doc:"Likewise"`
		Votes    []panelScoreBody           `json:"votes" doc:"By name, for who leads the meeting and for staff"`
		Comments []panelCommentBody         `json:"discussion"`
	}
}

func (a *API) panelItem(ctx context.Context, actor access.Actor, in *ItemIn) (*panelItemOut, error) {
	d, err := a.Panels.Item(ctx, actor, in.ID, in.Item)
	if err != nil {
		return nil, err
	}
	out := &panelItemOut{}
	b := &out.Body
	b.PanelItem, b.Reviews, b.Scores, b.Votes, b.Comments = itemOf(d.Line), []otherBody{}, scoresOf(d.Notes), scoresOf(d.Votes), []panelCommentBody{}
	if d.Text.Form != nil {
		b.Text = map[string]json.RawMessage{}
		for field, answer := range d.Text.Answers {
			b.Text[field] = answer.Value
		}
	}
	for _, r := range d.Judged {
		b.Reviews = append(b.Reviews, otherBody{r.Alias, r.Overall, judged(r.Answers), when(r.SubmittedAt)})
	}
	for _, c := range d.Comments {
		b.Comments = append(b.Comments, panelCommentBody{c.Name, c.Text, c.At})
	}
	return out, nil
}

// panelItemAfter is an item after an act, or why the act was refused.
func (a *API) panelItemAfter(ctx context.Context, actor access.Actor, in *ItemIn, err error) (*panelItemOut, error) {
	if err != nil {
		return nil, err
	}
	return a.panelItem(ctx, actor, in)
}

func (a *API) panelFile(ctx context.Context, actor access.Actor, in *struct {
	ItemIn
	Ref string `path:"ref"`
}) (*huma.StreamResponse, error) {
	return stream(a.Panels.File(ctx, actor, in.ID, in.Item, in.Ref))
}

type panelScoreIn struct {
	ItemIn
	Body struct {
		Score float64 `json:"score" doc:"On the panel's scale, one decimal"`
		Note  string  `json:"note,omitempty" maxLength:"2000"`
	}
}

func (a *API) panelSay(ctx context.Context, actor access.Actor, in *panelScoreIn) (*panelItemOut, error) {
	return a.panelItemAfter(ctx, actor, &in.ItemIn, a.Panels.Say(ctx, actor, in.ID, in.Item, in.Body.Score, in.Body.Note))
}

type panelVoteIn struct {
	ItemIn
	Body struct {
		Score float64 `json:"score" doc:"On the panel's scale, one decimal"`
	}
}

func (a *API) panelVote(ctx context.Context, actor access.Actor, in *panelVoteIn) (*panelItemOut, error) {
	return a.panelItemAfter(ctx, actor, &in.ItemIn, a.Panels.Vote(ctx, actor, in.ID, in.Item, in.Body.Score))
}

type panelTextIn struct {
	ItemIn
	Body struct {
		Text string `json:"text" maxLength:"16000"`
	}
}

func (a *API) panelComment(ctx context.Context, actor access.Actor, in *panelTextIn) (*panelItemOut, error) {
	return a.panelItemAfter(ctx, actor, &in.ItemIn, a.Panels.Comment(ctx, actor, in.ID, in.Item, in.Body.Text))
}

func (a *API) panelSummary(ctx context.Context, actor access.Actor, in *panelTextIn) (*panelItemOut, error) {
	err := a.Panels.Summarise(ctx, actor, in.ID, in.Item, in.Body.Text)
	return a.panelItemAfter(ctx, actor, &in.ItemIn, moved(err, func(string) string { return "text" }))
}

type panelConflictIn struct {
	ItemIn
	Body struct {
		Reason string `json:"reason" maxLength:"2000"`
	}
}

func (a *API) panelConflict(ctx context.Context, actor access.Actor, in *panelConflictIn) (*none, error) {
	return nil, a.Panels.Declare(ctx, actor, in.ID, in.Item, in.Body.Reason)
}

type panelMoveIn struct {
	ItemIn
	Body struct {
		To string `json:"panel_id"`
	}
}

func (a *API) panelMove(ctx context.Context, actor access.Actor, in *panelMoveIn) (*none, error) {
	return nil, a.Panels.Move(ctx, actor, in.ID, in.Item, in.Body.To)
}

func (a *API) panelCall(ctx context.Context, actor access.Actor, in *ItemIn) (*panelItemOut, error) {
	return a.panelItemAfter(ctx, actor, in, a.Panels.Call(ctx, actor, in.ID, in.Item))
}

func (a *API) panelClose(ctx context.Context, actor access.Actor, in *ItemIn) (*panelItemOut, error) {
	return a.panelItemAfter(ctx, actor, in, a.Panels.Close(ctx, actor, in.ID, in.Item))
}
