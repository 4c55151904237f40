package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// AdviceLine is a request in a list.
type AdviceLine struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	AgencyID string    `json:"agency_id"`
	Kind     string    `json:"about_kind" enum:"priority,need,question,call"`
	Subject  string    `json:"about_id"`
	Question lang.Text `json:"question"`
	Due      string    `json:"due" format:"date" doc:"Answers can be read after it, or as soon as all are in."`
	State    string    `json:"state" enum:"open,closed"`
	Advisers int       `json:"advisers" doc:"How many were asked."`
	Given    int       `json:"answered" doc:"How many have answered."`
	Version  int64     `json:"version"`
}

func adviceLineOf(v council.Advice) AdviceLine {
	return AdviceLine{v.ID, v.Number, v.AgencyID, v.Kind, v.SubjectID, v.Question, v.Due, v.State, v.Advisers, v.Given, v.Version}
}

type adviceListIn struct {
	AfterIn
	Text  string `query:"q"`
	State string `query:"state" enum:"open,closed"`
	Mine  bool   `query:"mine" doc:"Where you are asked."`
}

func (a *API) adviceList(ctx context.Context, actor access.Actor, in *adviceListIn) (*listOf[AdviceLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Council.List(ctx, actor, council.Filter{Text: in.Text, State: in.State, Mine: in.Mine, Page: page, Size: pageSize})
	out := make([]AdviceLine, 0, len(list))
	for _, v := range list {
		out = append(out, adviceLineOf(v))
	}
	return paged(out, page, total), err
}

type adviceAnswer struct {
	Person     string     `json:"person_id"`
	Name       string     `json:"name"`
	State      string     `json:"state" enum:"asked,answered,declined"`
	Answer     string     `json:"answer,omitempty"`
	Evidence   string     `json:"evidence,omitempty"`
	Confidence string     `json:"confidence,omitempty" enum:"low,medium,high"`
	Interests  string     `json:"interests,omitempty"`
	Reason     string     `json:"reason,omitempty" doc:"Of declining."`
	At         *time.Time `json:"at,omitempty"`
	Followed   string     `json:"followed,omitempty" enum:"yes,partly,no" doc:"By the synthesis."`
}

// adviceUse is one decision with one advice that it had.
type adviceUse struct {
	Advice   string     `json:"advice_id"`
	Number   string     `json:"advice_number"`
	Kind     string     `json:"decision_kind" enum:"item,decision"`
	Decision string     `json:"decision_id"`
	Where    string     `json:"decision,omitempty" doc:"Of an advice: number of the list, or council and meeting."`
	Followed string     `json:"followed,omitempty" enum:"yes,partly,no" doc:"None while nobody has said."`
	Why      string     `json:"why,omitempty"`
	At       *time.Time `json:"at,omitempty"`
}

func adviceUses(list []council.Use) []adviceUse {
	out := make([]adviceUse, 0, len(list))
	for _, u := range list {
		out = append(out, adviceUse{u.AdviceID, u.Number, u.Kind, u.SubjectID, u.Where, u.Followed, u.Why, when(u.At)})
	}
	return out
}

type adviceOut struct {
	Body struct {
		AdviceLine
		About      string         `json:"about,omitempty" doc:"Number and title of the record, if you may see it."`
		Background lang.Text      `json:"background"`
		Answers    []adviceAnswer `json:"answers" doc:"As far as you may read them: nobody reads one before all are in or the day is over."`
		Synthesis  lang.Text      `json:"synthesis"`
		Minority   lang.Text      `json:"minority"`
		Became     lang.Text      `json:"became"`
		Uses       []adviceUse    `json:"decisions" doc:"Decisions that had it, as far as you may know of them."`
		Closed     *time.Time     `json:"closed_at,omitempty"`
		MayAnswer  bool           `json:"may_answer"`
		MayClose   bool           `json:"may_close"`
	}
}

func (a *API) adviceGet(ctx context.Context, actor access.Actor, in *ByID) (*adviceOut, error) {
	v, err := a.Council.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &adviceOut{}
	b := &out.Body
	b.AdviceLine, b.About, b.Background, b.Synthesis, b.Minority, b.Became = adviceLineOf(v.Advice), v.Subject, v.Background, v.Synthesis, v.Minority, v.Became
	b.Closed, b.MayAnswer, b.MayClose, b.Answers = when(v.ClosedAt), v.MayAnswer(), v.MayClose(), make([]adviceAnswer, 0, len(v.Answers))
	b.Uses = adviceUses(v.Uses)
	for _, x := range v.Answers {
		b.Answers = append(b.Answers, adviceAnswer{x.Person, x.Name, x.State, x.Answer, x.Evidence, x.Confidence, x.Interests, x.Reason, when(x.At), x.Followed})
	}
	return out, nil
}

type adviceAskIn struct {
	Body struct {
		AgencyID   string    `json:"agency_id"`
		Kind       string    `json:"about_kind" enum:"priority,need,question,call"`
		Subject    string    `json:"about_id"`
		Question   lang.Text `json:"question"`
		Background lang.Text `json:"background,omitempty"`
		Due        string    `json:"due" format:"date"`
		Adviser    string    `json:"adviser_id,omitempty" doc:"The first person who is asked."`
		Council    string    `json:"body_id,omitempty" doc:"Or a council: each who has a vote there is asked."`
	}
}

func (a *API) adviceAsk(ctx context.Context, actor access.Actor, in *adviceAskIn) (*adviceOut, error) {
	b := in.Body
	v, err := a.Council.Ask(ctx, actor, council.Input{AgencyID: b.AgencyID, Kind: b.Kind, SubjectID: b.Subject, Question: b.Question, Background: b.Background, Due: b.Due, Adviser: b.Adviser, Body: b.Council})
	if err != nil {
		return nil, err
	}
	return a.adviceGet(ctx, actor, &ByID{ID: v.ID})
}

type adviceAddIn struct {
	ByID
	Body struct {
		Adviser string `json:"adviser_id,omitempty"`
		Council string `json:"body_id,omitempty" doc:"A council instead: each who has a vote there is asked."`
	}
}

func (a *API) adviceAdd(ctx context.Context, actor access.Actor, in *adviceAddIn) (*adviceOut, error) {
	if in.Body.Council != "" {
		return a.adviceAfter(ctx, actor, in.ID, a.Council.AddBody(ctx, actor, in.ID, in.Body.Council))
	}
	return a.adviceAfter(ctx, actor, in.ID, a.Council.Add(ctx, actor, in.ID, in.Body.Adviser))
}

// adviceAfter is the request after something was done with it.
func (a *API) adviceAfter(ctx context.Context, actor access.Actor, id string, err error) (*adviceOut, error) {
	if err != nil {
		return nil, err
	}
	return a.adviceGet(ctx, actor, &ByID{ID: id})
}

type adviceAnswerIn struct {
	ByID
	Body struct {
		Answer     string `json:"answer"`
		Evidence   string `json:"evidence"`
		Confidence string `json:"confidence" enum:"low,medium,high"`
		Interests  string `json:"interests" doc:"What you have to do with the matter; say none if there is none."`
	}
}

func (a *API) adviceAnswer(ctx context.Context, actor access.Actor, in *adviceAnswerIn) (*adviceOut, error) {
	b := in.Body
	return a.adviceAfter(ctx, actor, in.ID, a.Council.Reply(ctx, actor, in.ID, council.Reply{Interests: b.Interests, Answer: b.Answer, Evidence: b.Evidence, Confidence: b.Confidence}))
}

type adviceDeclineIn struct {
	ByID
	Body struct {
		Reason string `json:"reason"`
	}
}

func (a *API) adviceDecline(ctx context.Context, actor access.Actor, in *adviceDeclineIn) (*adviceOut, error) {
	return a.adviceAfter(ctx, actor, in.ID, a.Council.Decline(ctx, actor, in.ID, in.Body.Reason))
}

type adviceCloseIn struct {
	ByID
	Body struct {
		Synthesis lang.Text         `json:"synthesis"`
		Minority  lang.Text         `json:"minority,omitempty" doc:"What of the advice the synthesis does not follow; needed where an answer is not followed whole."`
		Followed  map[string]string `json:"followed" doc:"Of each answer, by person: yes, partly or no."`
		Version   int64             `json:"version"`
	}
}

func (a *API) adviceClose(ctx context.Context, actor access.Actor, in *adviceCloseIn) (*adviceOut, error) {
	return a.adviceAfter(ctx, actor, in.ID, a.Council.Close(ctx, actor, in.ID, in.Body.Version, council.Synthesis{Text: in.Body.Synthesis, Minority: in.Body.Minority, Followed: in.Body.Followed}))
}

type adviceFollowIn struct {
	ByID
	Body struct {
		Became  lang.Text `json:"became"`
		Version int64     `json:"version"`
	}
}

func (a *API) adviceFollow(ctx context.Context, actor access.Actor, in *adviceFollowIn) (*adviceOut, error) {
	return a.adviceAfter(ctx, actor, in.ID, a.Council.Follow(ctx, actor, in.ID, in.Body.Version, in.Body.Became))
}
