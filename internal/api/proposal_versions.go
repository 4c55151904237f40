package api

import (
	"context"
	"encoding/json"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/proposal"
)

type versionsIn struct {
	ID   string `path:"id"`
	From int    `query:"from" minimum:"0" doc:"Number of a submission; 0 is the text as it stands, for the team."`
	To   int    `query:"to" minimum:"0" doc:"As from."`
}

type wordsBody struct {
	Kind string `json:"kind" enum:"same,del,ins"`
	Text string `json:"text"`
}

type differenceBody struct {
	Field       string          `json:"field"`
	Before      json.RawMessage `json:"before,omitempty"`
	After       json.RawMessage `json:"after,omitempty"`
	Words       []wordsBody     `json:"words,omitempty" doc:"Of a text: what stands in both, in the first only (del) and in the second only (ins)."`
	FileChanged bool            `json:"file_changed,omitempty"`
}

type versionsOut struct {
	Body struct {
		From   int              `json:"from"`
		To     int              `json:"to"`
		Fields []differenceBody `json:"fields" doc:"The answers that differ, in the order of the form."`
		Same   int              `json:"same" doc:"How many answers are the same."`
		Joined []string         `json:"joined" doc:"Names of who came into the team."`
		Left   []string         `json:"left" doc:"Names of who went."`
		Moved  []string         `json:"moved" doc:"Names of who has another role, share or organisation."`
	}
}

func (a *API) proposalCompare(ctx context.Context, actor access.Actor, in *versionsIn) (*versionsOut, error) {
	c, err := a.Proposals.Compare(ctx, actor, in.ID, in.From, in.To)
	if err != nil {
		return nil, err
	}
	out := &versionsOut{}
	b := &out.Body
	b.From, b.To, b.Same, b.Fields = in.From, in.To, c.Same, make([]differenceBody, 0, len(c.Fields))
	for _, d := range c.Fields {
		one := differenceBody{Field: d.Field.Name, Before: d.Before, After: d.After, FileChanged: d.FileChanged}
		for _, w := range d.Words {
			one.Words = append(one.Words, wordsBody{string(w.Kind), w.Text})
		}
		b.Fields = append(b.Fields, one)
	}
	b.Joined, b.Left, b.Moved = namesOf(c.Joined), namesOf(c.Left), namesOf(c.Moved)
	return out, nil
}

func namesOf(list []proposal.ContentMember) []string {
	out := make([]string, 0, len(list))
	for _, m := range list {
		out = append(out, m.Name)
	}
	return out
}
