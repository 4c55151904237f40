package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/review"
)

type bulkIn struct {
	ByID
	Body struct {
		Stage string `json:"stage,omitempty" maxLength:"100"`
		CSV   string `json:"csv" maxLength:"1000000" doc:"Columns proposal, reviewer and do: lock, forbid, free, ask, or pool for who is to come into the pool, with columns least and most if wished"`
		Dry   bool   `json:"dry_run,omitempty" doc:"Only say what would change."`
	}
}

type bulkLineBody struct {
	Line     int    `json:"line"`
	Proposal string `json:"proposal"`
	Reviewer string `json:"reviewer"`
	Do       string `json:"do"`
	Least    *int   `json:"least,omitempty" doc:"pool: reviews that they take at least"`
	Most     *int   `json:"most,omitempty" doc:"and at most"`
	Same     bool   `json:"same" doc:"It is so already."`
	Problem  string `json:"problem,omitempty"`
}

type bulkOut struct {
	Body struct {
		Change   string         `json:"change_id,omitempty" doc:"By which it is undone; none for a dry run"`
		Changes  int            `json:"changes"`
		Asked    int            `json:"invitations"`
		Problems int            `json:"problems"`
		Lines    []bulkLineBody `json:"lines"`
	}
}

func (a *API) bulkNew(ctx context.Context, actor access.Actor, in *bulkIn) (*bulkOut, error) {
	dry, err := a.Reviews.TryBulk(ctx, actor, in.ID, in.Body.Stage, in.Body.CSV)
	if err != nil {
		return nil, err
	}
	out := &bulkOut{}
	b := &out.Body
	b.Changes, b.Asked, b.Problems, b.Lines = dry.Changes, dry.Asked, dry.Problems, []bulkLineBody{}
	for _, l := range dry.Lines {
		line := bulkLineBody{Line: l.Line, Proposal: l.Number, Reviewer: l.Name, Do: l.Do, Same: l.Same && l.Do != review.Ask}
		if l.Load != nil {
			line.Least, line.Most = &l.Load.Least, &l.Load.Most
		}
		if l.Problem != nil {
			line.Problem = fault.From(l.Problem).Msg.In(lang.Of(ctx))
		}
		b.Lines = append(b.Lines, line)
	}
	if in.Body.Dry {
		return out, nil
	}
	change, err := a.Reviews.ApplyBulk(ctx, actor, in.ID, in.Body.Stage, in.Body.CSV)
	b.Change = change.ID
	return out, err
}

type ChangeByCall struct {
	ByID
	Change string `path:"change"`
}

func (a *API) bulkUndo(ctx context.Context, actor access.Actor, in *ChangeByCall) (*none, error) {
	return nil, a.Reviews.UndoBulk(ctx, actor, in.ID, in.Change)
}

type repairIn struct {
	ByID
	Proposal string `path:"proposal"`
	Most     int    `query:"most" minimum:"0" maximum:"20" default:"2" doc:"New pairs that the gentle way may have"`
}

type pairChange struct {
	Proposal string  `json:"proposal"`
	Reviewer string  `json:"reviewer"`
	Score    float64 `json:"score"`
}

type mendingBody struct {
	Ask      []pairChange `json:"ask"`
	TakeBack []pairChange `json:"take_back"`
	Total    float64      `json:"total"`
	Empty    int          `json:"empty_places"`
}

func mendingOf(m review.Mending) mendingBody {
	pairs := func(list []review.Change) []pairChange {
		out := make([]pairChange, len(list))
		for i, c := range list {
			out[i] = pairChange{c.Number, c.Name, c.Score}
		}
		return out
	}
	return mendingBody{pairs(m.Asked), pairs(m.Dropped), m.Total, m.Empty}
}

type repairOut struct {
	Body struct {
		Lost   string      `json:"lost" doc:"Who turned it down"`
		Gentle mendingBody `json:"gentle"`
		Best   mendingBody `json:"best" doc:"Proven"`
		Seen   string      `json:"seen" doc:"Send it when you carry one out, so that nothing else is done than you saw."`
	}
}

func (a *API) repairGet(ctx context.Context, actor access.Actor, in *repairIn) (*repairOut, error) {
	v, err := a.Reviews.RepairOf(ctx, actor, in.ID, in.Proposal, in.Most)
	out := &repairOut{}
	out.Body.Lost, out.Body.Gentle, out.Body.Best, out.Body.Seen = v.Lost.Name, mendingOf(v.Gentle), mendingOf(v.Best), v.Seen
	return out, err
}

type mendIn struct {
	ByID
	Proposal string `path:"proposal"`
	Body     struct {
		Way  string `json:"way" enum:"gentle,best"`
		Most int    `json:"most,omitempty" minimum:"0" maximum:"20" doc:"New pairs that the gentle way may have"`
		Seen string `json:"seen,omitempty" maxLength:"100" doc:"As it was read; where not said, whatever is best now."`
		Why  string `json:"why,omitempty" maxLength:"2000" doc:"For those whose invitation is taken back; needed where there are any."`
	}
}

func (a *API) repairDo(ctx context.Context, actor access.Actor, in *mendIn) (*appliedOut, error) {
	out := &appliedOut{}
	var err error
	out.Body.Invited, err = a.Reviews.Mend(ctx, actor, in.ID, in.Proposal, review.Way{Name: in.Body.Way, Most: in.Body.Most, Seen: in.Body.Seen, Why: in.Body.Why})
	return out, err
}
