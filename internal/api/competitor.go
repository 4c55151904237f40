package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
)

type competitorBody struct {
	ID           string `json:"id"`
	Person       string `json:"person_id,omitempty"`
	Organisation string `json:"organisation_id,omitempty"`
	Name         string `json:"name"`
	Reason       string `json:"reason"`
}

type competitorIn struct {
	ByID
	Body struct {
		Person       string `json:"person_id,omitempty" doc:"Either a person,"`
		Organisation string `json:"organisation_id,omitempty" doc:"or an organisation, with everybody who works there."`
		Reason       string `json:"reason" maxLength:"1000"`
	}
}

func (a *API) competitorNew(ctx context.Context, actor access.Actor, in *competitorIn) (*proposalOut, error) {
	b := in.Body
	if err := a.Proposals.AddCompetitor(ctx, actor, in.ID, proposal.Competitor{Person: b.Person, Organisation: b.Organisation, Reason: b.Reason}); err != nil {
		return nil, moved(err, keyOf)
	}
	return a.proposalGet(ctx, actor, &in.ByID)
}

// keyOf is the name that a body gives the key of a person or an organisation.
func keyOf(field string) string {
	if field == "person" || field == "organisation" {
		return field + "_id"
	}
	return field
}

type competitorByID struct {
	ByID
	Competitor string `path:"competitor"`
}

func (a *API) competitorRemove(ctx context.Context, actor access.Actor, in *competitorByID) (*none, error) {
	return nil, a.Proposals.RemoveCompetitor(ctx, actor, in.ID, in.Competitor)
}

type relationBody struct {
	ID     string `json:"id"`
	Person string `json:"person_id"`
	Name   string `json:"name"`
	Kind   string `json:"kind" enum:"adviser,advisee,family" doc:"What they are to you"`
	From   string `json:"from,omitempty"`
	Until  string `json:"until,omitempty"`
}

func (a *API) relationList(ctx context.Context, actor access.Actor, _ *none) (*listOf[relationBody], error) {
	list, err := a.Register.Relations(ctx, actor)
	out := make([]relationBody, 0, len(list))
	for _, r := range list {
		out = append(out, relationBody{r.ID, r.Other, r.Name, r.Kind, r.From, r.Until})
	}
	return items(out), err
}

type relationIn struct {
	Body struct {
		Person string `json:"person_id"`
		Kind   string `json:"kind" enum:"adviser,advisee,family" doc:"What they are to you: family is also who is close to you."`
		From   string `json:"from,omitempty" format:"date"`
		Until  string `json:"until,omitempty" format:"date"`
	}
}

func (a *API) relationNew(ctx context.Context, actor access.Actor, in *relationIn) (*listOf[relationBody], error) {
	b := in.Body
	if err := a.Register.AddRelation(ctx, actor, register.RelationInput{Other: b.Person, Kind: b.Kind, From: b.From, Until: b.Until}); err != nil {
		return nil, moved(err, keyOf)
	}
	return a.relationList(ctx, actor, nil)
}

func (a *API) relationRemove(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	return nil, a.Register.RemoveRelation(ctx, actor, in.ID)
}
