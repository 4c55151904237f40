package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

type postingsIn struct {
	AfterIn
	Text        string `query:"q"`
	State       string `query:"state"`
	Orientation string `query:"orientation" enum:"frontier,economy,need,health"`
	Agency      string `query:"agency_id"`
}

func (in postingsIn) filter(page int) strategy.Filter {
	return strategy.Filter{Text: in.Text, State: in.State, Orientation: in.Orientation, Agency: in.Agency, Page: page, Size: pageSize}
}

// NeedBody is a need as the API writes it.
type NeedBody struct {
	ID             string    `json:"id"`
	Number         string    `json:"number"`
	Title          lang.Text `json:"title"`
	Body           lang.Text `json:"body"`
	Measure        lang.Text `json:"measure" doc:"How one would know that it is met."`
	OrganisationID string    `json:"organisation_id"`
	PersonID       string    `json:"person_id,omitempty" doc:"Who posted it; for officers and the poster only."`
	AgencyID       string    `json:"agency_id,omitempty"`
	Orientation    string    `json:"orientation,omitempty"`
	State          string    `json:"state" enum:"posted,taken up,met,closed"`
	Stood          time.Time `json:"stood" doc:"When somebody last said that it stands."`
	Version        int64     `json:"version"`
}

// NeedLine is a need in a list.
type NeedLine struct {
	NeedBody
	Organisation string `json:"organisation"`
}

func (a *API) needList(ctx context.Context, actor access.Actor, in *postingsIn) (*listOf[NeedLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Strategy.Needs(ctx, actor, in.filter(page))
	out := make([]NeedLine, 0, len(list))
	for _, n := range list {
		out = append(out, NeedLine{NeedBody(n.Need), n.Organisation})
	}
	return paged(out, page, total), err
}

type needOut struct {
	Body struct {
		NeedLine
		Agency    lang.Text      `json:"agency"`
		Questions []QuestionBody `json:"questions"`
		MayEdit   bool           `json:"may_edit"`
		MayTakeUp bool           `json:"may_take_up" doc:"You may write a question from it."`
	}
}

func (a *API) needGet(ctx context.Context, actor access.Actor, in *ByID) (*needOut, error) {
	v, err := a.Strategy.Need(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &needOut{}
	b := &out.Body
	b.NeedLine, b.Agency, b.Questions, b.MayEdit, b.MayTakeUp = NeedLine{NeedBody(v.Need), v.Organisation}, v.Agency, questionsOf(v.Questions), v.MayEdit, v.MayTakeUp
	return out, nil
}

// NeedFields is what is sent of a need.
type NeedFields struct {
	Title       lang.Text `json:"title"`
	Body        lang.Text `json:"body"`
	Measure     lang.Text `json:"measure"`
	Orientation string    `json:"orientation,omitempty" enum:"frontier,economy,need,health"`
}

type needNewIn struct {
	Body struct {
		NeedFields
		Organisation string `json:"organisation_id" doc:"One of yours, in whose name it is posted"`
		Agency       string `json:"agency_id,omitempty" doc:"Whom it is addressed to; none for any."`
	}
}

func (a *API) needNew(ctx context.Context, actor access.Actor, in *needNewIn) (*needOut, error) {
	b := in.Body
	n, err := a.Strategy.Post(ctx, actor, strategy.NeedInput{Title: b.Title, Body: b.NeedFields.Body, Measure: b.Measure, Orientation: b.Orientation, OrganisationID: b.Organisation, AgencyID: b.Agency})
	if err != nil {
		return nil, err
	}
	return a.needGet(ctx, actor, &ByID{ID: n.ID})
}

func (a *API) needConfirm(ctx context.Context, actor access.Actor, in *ByID) (*needOut, error) {
	if err := a.Strategy.ConfirmNeed(ctx, actor, in.ID); err != nil {
		return nil, err
	}
	return a.needGet(ctx, actor, in)
}

type needEditIn struct {
	ByID
	Body struct {
		NeedFields
		Version int64 `json:"version"`
	}
}

func (a *API) needEdit(ctx context.Context, actor access.Actor, in *needEditIn) (*needOut, error) {
	b := in.Body
	if _, err := a.Strategy.MendNeed(ctx, actor, in.ID, b.Version, strategy.NeedInput{Title: b.Title, Body: b.NeedFields.Body, Measure: b.Measure, Orientation: b.Orientation}); err != nil {
		return nil, err
	}
	return a.needGet(ctx, actor, &in.ByID)
}

type needEndIn struct {
	ByID
	Body struct {
		State   string `json:"state" enum:"met,closed"`
		Why     string `json:"why" maxLength:"2000"`
		Version int64  `json:"version"`
	}
}

func (a *API) needEnd(ctx context.Context, actor access.Actor, in *needEndIn) (*needOut, error) {
	if _, err := a.Strategy.EndNeed(ctx, actor, in.ID, in.Body.Version, in.Body.State, in.Body.Why); err != nil {
		return nil, err
	}
	return a.needGet(ctx, actor, &in.ByID)
}

// QuestionBody is a question as the API writes it.
type QuestionBody struct {
	ID          string    `json:"id"`
	Number      string    `json:"number"`
	NeedID      string    `json:"need_id,omitempty"`
	AgencyID    string    `json:"agency_id,omitempty"`
	Title       lang.Text `json:"title"`
	Body        lang.Text `json:"body"`
	Orientation string    `json:"orientation,omitempty"`
	State       string    `json:"state" enum:"draft,open,in a call,answered,closed"`
	Version     int64     `json:"version"`
}

func questionsOf(list []strategy.Question) []QuestionBody {
	out := make([]QuestionBody, 0, len(list))
	for _, q := range list {
		out = append(out, QuestionBody(q))
	}
	return out
}

func (a *API) questionList(ctx context.Context, actor access.Actor, in *postingsIn) (*listOf[QuestionBody], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Strategy.Questions(ctx, actor, in.filter(page))
	return paged(questionsOf(list), page, total), err
}

type questionOut struct {
	Body struct {
		QuestionBody
		Agency     lang.Text      `json:"agency"`
		Need       *NeedBody      `json:"need,omitempty"`
		Priorities []PriorityBody `json:"priorities"`
		MayEdit    bool           `json:"may_edit"`
	}
}

func (a *API) questionGet(ctx context.Context, actor access.Actor, in *ByID) (*questionOut, error) {
	v, err := a.Strategy.Question(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &questionOut{}
	b := &out.Body
	b.QuestionBody, b.Agency, b.MayEdit, b.Priorities = QuestionBody(v.Question), v.Agency, v.MayEdit, []PriorityBody{}
	if v.Need != nil {
		n := NeedBody(*v.Need)
		b.Need = &n
	}
	for _, p := range v.Priorities {
		b.Priorities = append(b.Priorities, priorityOf(p))
	}
	return out, nil
}

// QuestionFields is what is sent of a question.
type QuestionFields struct {
	Title       lang.Text `json:"title"`
	Body        lang.Text `json:"body"`
	Orientation string    `json:"orientation,omitempty" enum:"frontier,economy,need,health"`
	State       string    `json:"state,omitempty" enum:"draft,open,in a call,answered,closed"`
}

func (f QuestionFields) input() strategy.QuestionInput {
	return strategy.QuestionInput{Title: f.Title, Body: f.Body, Orientation: f.Orientation, State: f.State}
}

type questionNewIn struct {
	Body struct {
		QuestionFields
		Need     string `json:"need_id,omitempty"`
		Agency   string `json:"agency_id"`
		Priority string `json:"priority_id,omitempty" doc:"Linked at once."`
	}
}

func (a *API) questionNew(ctx context.Context, actor access.Actor, in *questionNewIn) (*questionOut, error) {
	input := in.Body.input()
	input.NeedID, input.AgencyID, input.PriorityID = in.Body.Need, in.Body.Agency, in.Body.Priority
	q, err := a.Strategy.WriteQuestion(ctx, actor, input)
	if err != nil {
		return nil, err
	}
	return a.questionGet(ctx, actor, &ByID{ID: q.ID})
}

type questionEditIn struct {
	ByID
	Body struct {
		QuestionFields
		Version int64 `json:"version"`
	}
}

func (a *API) questionEdit(ctx context.Context, actor access.Actor, in *questionEditIn) (*questionOut, error) {
	if _, err := a.Strategy.EditQuestion(ctx, actor, in.ID, in.Body.Version, in.Body.input()); err != nil {
		return nil, err
	}
	return a.questionGet(ctx, actor, &in.ByID)
}
