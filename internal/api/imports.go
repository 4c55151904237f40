package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// ImportLine is a run of an import in a list.
type ImportLine struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Source   string     `json:"source"`
	Started  time.Time  `json:"started_at"`
	Finished *time.Time `json:"finished_at,omitempty" doc:"None for one that runs, or was broken off."`
	Read     int        `json:"read"`
	New      int        `json:"new"`
	Changed  int        `json:"changed"`
	Same     int        `json:"same"`
	Rejected int        `json:"rejected"`
	Alikes   int        `json:"suspected_duplicates"`
	Waits    bool       `json:"waits" doc:"Somebody should look at what was rejected or suspected."`
	Checked  *time.Time `json:"checked_at,omitempty"`
}

func importOf(p exchange.Past) ImportLine {
	return ImportLine{p.ID, p.Kind, p.Source, p.Started, when(p.Finished), p.Read, p.New, p.Changed, p.Same, p.Rejected, p.Alikes, p.Waits, when(p.Checked)}
}

func (a *API) importList(ctx context.Context, actor access.Actor, in *AfterIn) (*listOf[ImportLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Exchange.Runs(ctx, actor, page, pageSize)
	out := make([]ImportLine, 0, len(list))
	for _, p := range list {
		out = append(out, importOf(p))
	}
	return paged(out, page, total), err
}

type alikeBody struct {
	Key     string `json:"key" doc:"As the source names the row."`
	Other   string `json:"other"`
	Title   string `json:"title"`
	ID      string `json:"id,omitempty" doc:"Of the record here; none for a row that was rejected."`
	OtherID string `json:"other_id,omitempty"`
}

type importIn struct {
	ByID
	AfterIn
}

type importOut struct {
	Body struct {
		ImportLine
		Alike []alikeBody `json:"alike" doc:"A page of the suspected duplicates."`
		Next  string      `json:"next,omitempty" doc:"Send it as after to get the pairs that follow."`
	}
}

func (a *API) importGet(ctx context.Context, actor access.Actor, in *importIn) (*importOut, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	p, err := a.Exchange.Past(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	pairs, err := a.Exchange.Pairs(ctx, p, page, pageSize)
	out := &importOut{}
	out.Body.ImportLine, out.Body.Alike = importOf(p), make([]alikeBody, 0, len(pairs))
	for _, x := range pairs {
		out.Body.Alike = append(out.Body.Alike, alikeBody{x.Key, x.Other, x.Title, x.ID, x.OtherID})
	}
	out.Body.Next = paged(out.Body.Alike, page, len(p.Alike)).Body.Next
	return out, err
}

func (a *API) importCheck(ctx context.Context, actor access.Actor, in *ByID) (*importOut, error) {
	if err := a.Exchange.Check(ctx, actor, in.ID); err != nil {
		return nil, err
	}
	return a.importGet(ctx, actor, &importIn{ByID: *in})
}
