package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// SchemeLine is a scheme in a list.
type SchemeLine struct {
	Scheme    string    `json:"scheme"`
	Version   int64     `json:"version"`
	VersionID string    `json:"version_id" doc:"What a call is made from."`
	Title     lang.Text `json:"title"`
	Hash      string    `json:"sha256" doc:"Of definition and forms in canonical form"`
	Published time.Time `json:"published_at"`
}

func schemeLines(list []scheme.Version) []SchemeLine {
	out := make([]SchemeLine, 0, len(list))
	for _, v := range list {
		out = append(out, SchemeLine{v.Scheme, v.Number, v.ID, v.Title, v.Hash, v.PublishedAt})
	}
	return out
}

func (a *API) schemeList(ctx context.Context, _ access.Actor, _ *none) (*listOf[SchemeLine], error) {
	list, err := a.Schemes.List(ctx)
	return items(schemeLines(list)), err
}

type schemeIn struct {
	Scheme  string `path:"scheme" doc:"open-call, say"`
	Version int64  `query:"version" minimum:"1" doc:"The newest where not said."`
}

// SourceBody is a definition as it is written.
type SourceBody struct {
	YAML  string            `json:"yaml" doc:"The definition"`
	Forms map[string]string `json:"forms" doc:"Each form's JSON Schema as a text, by file name"`
}

type schemeOut struct {
	Body struct {
		SchemeLine
		Definition json.RawMessage `json:"definition" doc:"The definition as data"`
		Source     SourceBody      `json:"source"`
		Versions   []SchemeLine    `json:"versions" doc:"The newest first"`
		MayWrite   bool            `json:"may_write"`
	}
}

func (a *API) schemeGet(ctx context.Context, actor access.Actor, in *schemeIn) (*schemeOut, error) {
	all, err := a.Schemes.Versions(ctx, in.Scheme)
	if err != nil {
		return nil, err
	}
	v, err := numbered(all, in.Version, all[0])
	if err != nil {
		return nil, err
	}
	src, err := a.Schemes.Source(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	out := &schemeOut{}
	b := &out.Body
	b.SchemeLine, b.Versions, b.Source, b.MayWrite = schemeLines([]scheme.Version{v})[0], schemeLines(all), SourceBody(src), a.Schemes.MayWrite(actor)
	b.Definition, err = json.Marshal(v.Definition)
	return out, err
}

func numbered(all []scheme.Version, number int64, other scheme.Version) (scheme.Version, error) {
	if number == 0 {
		return other, nil
	}
	for _, v := range all {
		if v.Number == number {
			return v, nil
		}
	}
	return scheme.Version{}, fault.Missing()
}

type compareIn struct {
	Scheme string `path:"scheme"`
	From   int64  `query:"from" minimum:"1" doc:"The last but one where not said."`
	To     int64  `query:"to" minimum:"1" doc:"The newest where not said."`
}

type changeBody struct {
	Kind string `json:"kind" enum:"added,removed,changed"`
	What string `json:"what"`
	Name string `json:"name,omitempty"`
	Part string `json:"part,omitempty"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
	Says string `json:"says" doc:"The difference in a sentence, in your language"`
}

func (a *API) schemeCompare(ctx context.Context, _ access.Actor, in *compareIn) (*listOf[changeBody], error) {
	all, err := a.Schemes.Versions(ctx, in.Scheme)
	if err != nil {
		return nil, err
	}
	from, err := numbered(all, in.From, all[min(1, len(all)-1)])
	if err != nil {
		return nil, err
	}
	to, err := numbered(all, in.To, all[0])
	if err != nil {
		return nil, err
	}
	var out []changeBody
	for _, c := range scheme.Diff(from.Definition, to.Definition) {
		out = append(out, changeBody{c.Kind, c.What, c.Name, c.Part, c.Old, c.New, c.Says().In(lang.Of(ctx))})
	}
	return items(out), nil
}

type draftOut struct {
	Body struct {
		SourceBody
		Version int64 `json:"version" doc:"0 where nothing is saved yet"`
	}
}

// SchemeName is a scheme in an address.
type SchemeName struct {
	Scheme string `path:"scheme"`
}

func (a *API) schemeDraft(ctx context.Context, actor access.Actor, in *SchemeName) (*draftOut, error) {
	d, err := a.Schemes.Draft(ctx, actor, in.Scheme)
	if err != nil {
		return nil, err
	}
	out := &draftOut{}
	out.Body.SourceBody, out.Body.Version = SourceBody(d.Source), d.Version
	return out, nil
}

type draftIn struct {
	SchemeName
	Body struct {
		SourceBody
		Version int64 `json:"version" doc:"That the draft was read at; 0 for a first one"`
	}
}

func (a *API) schemeSave(ctx context.Context, actor access.Actor, in *draftIn) (*draftOut, error) {
	version, err := a.Schemes.SaveDraft(ctx, actor, in.Scheme, scheme.Draft{Source: scheme.Source(in.Body.SourceBody), Version: in.Body.Version})
	out := &draftOut{}
	out.Body.SourceBody, out.Body.Version = in.Body.SourceBody, version
	return out, err
}

type publishIn struct {
	SchemeName
	Body SourceBody
}

type publishedOut struct{ Body SchemeLine }

func (a *API) schemePublish(ctx context.Context, actor access.Actor, in *publishIn) (*publishedOut, error) {
	v, err := a.Schemes.PublishDraft(ctx, actor, in.Scheme, scheme.Source(in.Body))
	if err != nil {
		return nil, err
	}
	return &publishedOut{schemeLines([]scheme.Version{v})[0]}, nil
}

type problemBody struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Field   string `json:"field,omitempty" doc:"$.stages[0].form"`
	Message string `json:"message"`
	Warning bool   `json:"warning" doc:"It can be published all the same."`
}

type simulateIn struct {
	Body struct {
		SourceBody
		Simulate  bool   `json:"simulate,omitempty" doc:"Run it once from opening to close, where it can be used."`
		Proposals int    `json:"proposals,omitempty" minimum:"1" maximum:"500" default:"100"`
		Budget    int64  `json:"budget,omitempty" minimum:"0" doc:"In whole units; 0 without end"`
		Low       int64  `json:"low,omitempty" minimum:"0"`
		High      int64  `json:"high,omitempty" minimum:"0"`
		Currency  string `json:"currency,omitempty"`
		Seed      uint64 `json:"seed,omitempty" doc:"Equal seeds give equal runs."`
	}
}

type checkedOut struct {
	Body struct {
		Usable     bool            `json:"usable"`
		Problems   []problemBody   `json:"problems"`
		Simulation json.RawMessage `json:"simulation,omitempty" doc:"calendar, rounds, money and hours"`
	}
}

func (a *API) schemeCheck(ctx context.Context, actor access.Actor, in *simulateIn) (*checkedOut, error) {
	if !a.Schemes.MayWrite(actor) {
		return nil, fault.New(fault.NotAllowed, "fault.denied")
	}
	d, problems := scheme.Source(in.Body.SourceBody).Check()
	out := &checkedOut{}
	b := &out.Body
	b.Usable, b.Problems = scheme.Usable(problems), make([]problemBody, 0, len(problems))
	for _, p := range problems {
		b.Problems = append(b.Problems, problemBody(p))
	}
	if !b.Usable || !in.Body.Simulate {
		return out, nil
	}
	plan := in.Body
	run := scheme.Simulate(d, scheme.Plan{Proposals: plan.Proposals, Seed: plan.Seed, Opens: clock.Now(ctx), Budget: plan.Budget, Low: plan.Low, High: plan.High, Currency: plan.Currency})
	var err error
	b.Simulation, err = json.Marshal(run)
	return out, err
}
