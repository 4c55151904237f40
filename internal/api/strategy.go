package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// PriorityBody is a priority as the API writes it.
type PriorityBody struct {
	ID          string    `json:"id"`
	ParentID    string    `json:"parent_id,omitempty"`
	Kind        string    `json:"kind" enum:"goal,area,task"`
	Number      string    `json:"number"`
	AgencyID    string    `json:"agency_id,omitempty" doc:"Who leads; none for what several agencies share."`
	Title       lang.Text `json:"title"`
	Summary     lang.Text `json:"summary"`
	Orientation string    `json:"orientation,omitempty" enum:"frontier,economy,need,health"`
	OwnerID     string    `json:"owner_id,omitempty"`
	Metric      lang.Text `json:"metric"`
	Unit        string    `json:"unit,omitempty"`
	Baseline    *float64  `json:"baseline,omitempty"`
	Target      *float64  `json:"target,omitempty"`
	Reached     *float64  `json:"reached,omitempty"`
	From        string    `json:"from,omitempty"`
	Until       string    `json:"until,omitempty"`
	State       string    `json:"state" enum:"draft,active,reached,dropped"`
	DecidedIn   string    `json:"decided_in,omitempty"`
	Version     int64     `json:"version"`
}

func priorityOf(p strategy.Priority) PriorityBody {
	return PriorityBody{p.ID, p.ParentID, p.Kind, p.Number, p.AgencyID, p.Title, p.Summary, p.Orientation, p.OwnerID, p.Metric, p.Unit, p.Baseline, p.Target, p.Reached, p.From, p.Until,
		p.State, p.DecidedIn, p.Version}
}

// PriorityLine is a priority in a list.
type PriorityLine struct {
	PriorityBody
	Progress  *float64 `json:"progress,omitempty" doc:"From 0 to 1: its own measure, else the mean of those below; none where nothing is measured."`
	Calls     int      `json:"calls" doc:"Linked to it or below it."`
	Awards    int      `json:"awards"`
	Questions int      `json:"questions"`
}

func priorityLineOf(n *strategy.Node) PriorityLine {
	line := PriorityLine{PriorityBody: priorityOf(n.Priority), Calls: n.Numbers.Calls, Awards: n.Numbers.Awards, Questions: n.Numbers.Questions}
	if share, _, ok := n.Share(); ok {
		line.Progress = &share
	}
	return line
}

func (a *API) priorityList(ctx context.Context, actor access.Actor, _ *none) (*listOf[PriorityLine], error) {
	tree, err := a.Strategy.Tree(ctx, actor)
	var out []PriorityLine
	for _, n := range strategy.Flat(tree) {
		out = append(out, priorityLineOf(n))
	}
	return items(out), err
}

type subjectBody struct {
	Kind   string    `json:"kind" enum:"call,award,question"`
	ID     string    `json:"id"`
	Number string    `json:"number,omitempty"`
	Title  lang.Text `json:"title"`
}

type priorityOut struct {
	Body struct {
		PriorityLine
		Way      []PriorityBody `json:"way" doc:"From the goal down to the parent."`
		Children []PriorityLine `json:"children"`
		Owner    string         `json:"owner,omitempty"`
		Agency   lang.Text      `json:"agency"`
		Linked   []subjectBody  `json:"linked"`
		MayEdit  bool           `json:"may_edit"`
	}
}

func (a *API) priorityGet(ctx context.Context, actor access.Actor, in *ByID) (*priorityOut, error) {
	v, err := a.Strategy.Priority(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &priorityOut{}
	b := &out.Body
	b.PriorityLine, b.Owner, b.Agency, b.MayEdit = priorityLineOf(&v.Node), v.Owner, v.Agency, v.MayEdit
	b.Way, b.Children, b.Linked = []PriorityBody{}, []PriorityLine{}, []subjectBody{}
	for _, p := range v.Way {
		b.Way = append(b.Way, priorityOf(p))
	}
	for _, n := range v.Children {
		b.Children = append(b.Children, priorityLineOf(n))
	}
	for _, s := range v.Linked {
		b.Linked = append(b.Linked, subjectBody(s))
	}
	for _, q := range v.Questions {
		b.Linked = append(b.Linked, subjectBody{"question", q.ID, q.Number, q.Title})
	}
	return out, nil
}

// PriorityFields is what is sent of a priority.
type PriorityFields struct {
	Title       lang.Text `json:"title"`
	Summary     lang.Text `json:"summary,omitempty"`
	Orientation string    `json:"orientation,omitempty" enum:"frontier,economy,need,health"`
	Owner       string    `json:"owner_id,omitempty"`
	Metric      lang.Text `json:"metric,omitempty" doc:"Needed where there is a target."`
	Unit        string    `json:"unit,omitempty" maxLength:"100"`
	Baseline    *float64  `json:"baseline,omitempty"`
	Target      *float64  `json:"target,omitempty"`
	Reached     *float64  `json:"reached,omitempty"`
	From        string    `json:"from,omitempty" format:"date"`
	Until       string    `json:"until,omitempty" format:"date"`
	State       string    `json:"state,omitempty" enum:"draft,active,reached,dropped"`
	DecidedIn   string    `json:"decided_in,omitempty" maxLength:"500"`
}

func (f PriorityFields) input() strategy.PriorityInput {
	return strategy.PriorityInput{Title: f.Title, Summary: f.Summary, Orientation: f.Orientation, OwnerID: f.Owner, Metric: f.Metric, Unit: f.Unit,
		Baseline: f.Baseline, Target: f.Target, Reached: f.Reached, From: f.From, Until: f.Until, State: f.State, DecidedIn: f.DecidedIn}
}

type priorityNewIn struct {
	Body struct {
		PriorityFields
		Parent string `json:"parent_id,omitempty" doc:"None for a goal."`
		Agency string `json:"agency_id,omitempty"`
		Number string `json:"number,omitempty" doc:"The next where empty."`
	}
}

func (a *API) priorityNew(ctx context.Context, actor access.Actor, in *priorityNewIn) (*priorityOut, error) {
	input := in.Body.input()
	input.ParentID, input.AgencyID, input.Number = in.Body.Parent, in.Body.Agency, in.Body.Number
	p, err := a.Strategy.CreatePriority(ctx, actor, input)
	if err != nil {
		return nil, err
	}
	return a.priorityGet(ctx, actor, &ByID{ID: p.ID})
}

type measureIn struct {
	ByID
	Body struct {
		Reached *float64 `json:"reached" doc:"What is reached now, in the priority's unit."`
		Source  string   `json:"source" maxLength:"2000" doc:"Where the value comes from."`
		Version int64    `json:"version"`
	}
}

func (a *API) priorityMeasure(ctx context.Context, actor access.Actor, in *measureIn) (*priorityOut, error) {
	if err := a.Strategy.Measure(ctx, actor, in.ID, in.Body.Version, in.Body.Reached, in.Body.Source); err != nil {
		return nil, err
	}
	return a.priorityGet(ctx, actor, &in.ByID)
}

type priorityEditIn struct {
	ByID
	Body struct {
		PriorityFields
		Version int64 `json:"version"`
	}
}

func (a *API) priorityEdit(ctx context.Context, actor access.Actor, in *priorityEditIn) (*priorityOut, error) {
	if _, err := a.Strategy.UpdatePriority(ctx, actor, in.ID, in.Body.Version, in.Body.input()); err != nil {
		return nil, err
	}
	return a.priorityGet(ctx, actor, &in.ByID)
}

type linkIn struct {
	ByID
	Kind    string `path:"kind" enum:"call,award,question"`
	Subject string `path:"subject" doc:"The key of the call, award or question"`
}

func (a *API) priorityLink(ctx context.Context, actor access.Actor, in *linkIn) (*none, error) {
	return nil, a.Strategy.Link(ctx, actor, in.ID, in.Kind, in.Subject)
}

func (a *API) priorityUnlink(ctx context.Context, actor access.Actor, in *linkIn) (*none, error) {
	return nil, a.Strategy.Unlink(ctx, actor, in.ID, in.Kind, in.Subject)
}
