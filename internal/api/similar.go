package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/similar"
)

type passageBody struct {
	Here       string    `json:"here"`
	There      string    `json:"there,omitempty" doc:"None where another agency only lets yours know of its proposal."`
	HereField  lang.Text `json:"here_field"`
	ThereField lang.Text `json:"there_field"`
	Words      int       `json:"words"`
}

type verdictBody struct {
	Verdict string    `json:"verdict" enum:"same,different"`
	Reason  string    `json:"reason"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

type similarBody struct {
	Kind       string        `json:"kind" enum:"proposal,award"`
	ID         string        `json:"id"`
	Number     string        `json:"number"`
	Title      lang.Text     `json:"title"`
	Where      lang.Text     `json:"where" doc:"Its call or its funder."`
	Copied     float64       `json:"copied" doc:"Share of the proposal's words that stand in it."`
	Of         float64       `json:"of" doc:"Share of its words that stand in the proposal."`
	TitleLike  float64       `json:"titles_alike" doc:"How alike the titles are, from 0 to 1."`
	People     []string      `json:"people" doc:"In both teams."`
	NewVersion bool          `json:"new_version" doc:"The proposal says that it is a new version of this one."`
	Passages   []passageBody `json:"passages"`
	Verdict    *verdictBody  `json:"verdict,omitempty"`
}

type similarOut struct {
	Body struct {
		Items []similarBody `json:"items"`
	}
}

func (a *API) similarList(ctx context.Context, actor access.Actor, in *ByID) (*similarOut, error) {
	c, err := a.Similar.Of(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &similarOut{}
	out.Body.Items = make([]similarBody, 0, len(c.Matches))
	for _, m := range c.Matches {
		out.Body.Items = append(out.Body.Items, similarOf(m))
	}
	return out, nil
}

func similarOf(m similar.Match) similarBody {
	b := similarBody{Kind: m.Kind, ID: m.ID, Number: m.Number, Title: m.Title, Where: m.Where, Copied: m.Copied, Of: m.Of, TitleLike: m.TitleLike,
		People: append([]string{}, m.People...), NewVersion: m.NewVersion, Passages: []passageBody{}}
	for _, p := range m.Passages {
		b.Passages = append(b.Passages, passageBody{p.Here, p.There, p.HereLabel, p.ThereLabel, p.Words})
	}
	if v := m.Verdict; v.Verdict != "" {
		b.Verdict = &verdictBody{v.Verdict, v.Reason, v.By, v.At}
	}
	return b
}

type verdictIn struct {
	ByID
	Body struct {
		Kind    string `json:"kind" enum:"proposal,award"`
		Other   string `json:"id" doc:"The record that says the same."`
		Verdict string `json:"verdict" enum:"same,different"`
		Reason  string `json:"reason"`
	}
}

func (a *API) similarJudge(ctx context.Context, actor access.Actor, in *verdictIn) (*struct{}, error) {
	return nil, a.Similar.Judge(ctx, actor, in.ID, in.Body.Kind, in.Body.Other, in.Body.Verdict, in.Body.Reason)
}
