package api

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"
)

type findIn struct {
	Text string `query:"q" minLength:"1" required:"true" doc:"Beginning of a name, or of a word in it"`
}

// mostFound is how many answers typing gets.
const mostFound = 12

func (a *API) peopleFind(ctx context.Context, _ access.Actor, in *findIn) (*listOf[FoundBody], error) {
	list, err := a.Register.FindPeople(ctx, in.Text, mostFound)
	return items(foundOf(list)), err
}

type jobBody struct {
	ID             string `json:"id"`
	OrganisationID string `json:"organisation_id,omitempty"`
	Organisation   string `json:"organisation,omitempty"`
	Department     string `json:"department,omitempty"`
	Position       string `json:"position,omitempty"`
	From           string `json:"from,omitempty"`
	Until          string `json:"until,omitempty"`
}

type workBody struct {
	ID             string `json:"id"`
	Title          string `json:"title"`
	Kind           string `json:"kind"`
	DOI            string `json:"doi,omitempty"`
	URL            string `json:"url,omitempty"`
	Year           int    `json:"year,omitempty"`
	Representative bool   `json:"representative" doc:"One of the five that stand for all."`
}

type personOut struct {
	Body struct {
		ID          string            `json:"id"`
		Given       string            `json:"given,omitempty"`
		Family      string            `json:"family"`
		Name        string            `json:"name"`
		ORCID       string            `json:"orcid,omitempty"`
		Country     string            `json:"country,omitempty"`
		About       lang.Text         `json:"about"`
		Keywords    []string          `json:"keywords"`
		Languages   []string          `json:"languages"`
		ReviewLimit int64             `json:"review_limit,omitempty" doc:"Reviews a year that the person takes at most; for the person only."`
		CareerStage string            `json:"career_stage,omitempty" doc:"For the person only."`
		Jobs        []jobBody         `json:"jobs"`
		Works       []workBody        `json:"works"`
		Shown       map[string]string `json:"shown,omitempty" doc:"To whom each field is shown: public, members, nobody; for the person only."`
		Version     int64             `json:"version,omitempty"`
	}
}

func (a *API) personGet(ctx context.Context, actor access.Actor, in *ByID) (*personOut, error) {
	p, err := a.Register.Profile(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &personOut{}
	b := &out.Body
	b.ID, b.Given, b.Family, b.Name, b.ORCID, b.Country, b.About = p.ID, p.Given, p.Family, p.Name, p.ORCID, p.Country, p.About
	b.Keywords, b.Languages, b.Jobs, b.Works = append([]string{}, p.Keywords...), append([]string{}, p.Languages...), []jobBody{}, []workBody{}
	if p.Self {
		b.ReviewLimit, b.CareerStage, b.Shown, b.Version = p.ReviewLimit, p.CareerStage, p.Shown, p.Version
	}
	for _, j := range p.Jobs {
		b.Jobs = append(b.Jobs, jobBody{j.ID, j.OrganisationID, j.Organisation, j.Department, j.Position, j.From, j.Until})
	}
	for _, w := range p.Works {
		b.Works = append(b.Works, workBody(w))
	}
	return out, nil
}

// self is the person of the caller. Errors: NotFound for an account without one; NotAllowed for who acts for another.
func self(actor access.Actor) (string, error) {
	switch {
	case actor.Person == "":
		return "", fault.Missing()
	case actor.Alone() == "":
		return "", fault.New(fault.NotAllowed, "fault.denied")
	}
	return actor.Person, nil
}

func (a *API) profileGet(ctx context.Context, actor access.Actor, _ *none) (*personOut, error) {
	id, err := self(actor)
	if err != nil {
		return nil, err
	}
	return a.personGet(ctx, actor, &ByID{ID: id})
}

type profileIn struct {
	Body struct {
		Given       string            `json:"given,omitempty" maxLength:"200"`
		Family      string            `json:"family" maxLength:"200"`
		Name        string            `json:"name,omitempty" maxLength:"400" doc:"As it is to be written; made of the two where empty."`
		ORCID       string            `json:"orcid,omitempty" maxLength:"19"`
		Country     string            `json:"country,omitempty" maxLength:"2"`
		About       lang.Text         `json:"about,omitempty"`
		Keywords    []string          `json:"keywords,omitempty"`
		Languages   []string          `json:"languages,omitempty"`
		ReviewLimit int64             `json:"review_limit,omitempty" minimum:"0"`
		CareerStage string            `json:"career_stage,omitempty" enum:"first,recognised,established,leading" doc:"Stages R1 to R4 of the European framework for research careers; officers may limit how many reviews one stage gives."`
		Shown       map[string]string `json:"shown,omitempty" doc:"Field to public, members or nobody."`
		Version     int64             `json:"version" doc:"The one that GET /me/profile gave."`
	}
}

func (a *API) profileSave(ctx context.Context, actor access.Actor, in *profileIn) (*personOut, error) {
	id, err := self(actor)
	if err != nil {
		return nil, err
	}
	b := in.Body
	if err := a.Register.UpdateProfile(ctx, actor, id, b.Version, register.ProfileInput{Given: b.Given, Family: b.Family, Name: b.Name, ORCID: b.ORCID, Country: b.Country, About: b.About,
		Keywords: b.Keywords, Languages: b.Languages, ReviewLimit: b.ReviewLimit, CareerStage: b.CareerStage, Shown: b.Shown}); err != nil {
		return nil, err
	}
	return a.personGet(ctx, actor, &ByID{ID: id})
}

// onProfile changes the caller's profile and gives it as it is then.
func (a *API) onProfile(ctx context.Context, actor access.Actor, change func(person string) error) (*personOut, error) {
	id, err := self(actor)
	if err != nil {
		return nil, err
	}
	if err := change(id); err != nil {
		return nil, err
	}
	return a.personGet(ctx, actor, &ByID{ID: id})
}

type jobIn struct {
	Body struct {
		Organisation string `json:"organisation_id"`
		Department   string `json:"department,omitempty" maxLength:"200"`
		Position     string `json:"position,omitempty" maxLength:"200"`
		From         string `json:"from,omitempty" format:"date"`
		Until        string `json:"until,omitempty" format:"date"`
	}
}

func (a *API) jobNew(ctx context.Context, actor access.Actor, in *jobIn) (*personOut, error) {
	return a.onProfile(ctx, actor, func(person string) error {
		return a.Register.AddJob(ctx, actor, person, register.JobInput{OrganisationID: in.Body.Organisation, Department: in.Body.Department, Position: in.Body.Position, From: in.Body.From, Until: in.Body.Until})
	})
}

type jobEndIn struct {
	ByID
	Body struct {
		Until string `json:"until" format:"date" doc:"The last day"`
	}
}

func (a *API) jobEnd(ctx context.Context, actor access.Actor, in *jobEndIn) (*personOut, error) {
	return a.onProfile(ctx, actor, func(person string) error { return a.Register.EndJob(ctx, actor, person, in.ID, in.Body.Until) })
}

type workIn struct {
	Body struct {
		Title          string `json:"title" maxLength:"1000"`
		Kind           string `json:"kind" enum:"publication,data,software,patent,other"`
		DOI            string `json:"doi,omitempty"`
		URL            string `json:"url,omitempty"`
		Year           int    `json:"year,omitempty"`
		Representative bool   `json:"representative,omitempty"`
	}
}

func (a *API) workNew(ctx context.Context, actor access.Actor, in *workIn) (*personOut, error) {
	return a.onProfile(ctx, actor, func(person string) error { return a.Register.AddWork(ctx, actor, person, register.WorkInput(in.Body)) })
}

type representIn struct {
	ByID
	Body struct {
		Representative bool `json:"representative"`
	}
}

func (a *API) workRepresent(ctx context.Context, actor access.Actor, in *representIn) (*personOut, error) {
	return a.onProfile(ctx, actor, func(person string) error {
		return a.Register.Represent(ctx, actor, person, in.ID, in.Body.Representative)
	})
}

func (a *API) workRemove(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	id, err := self(actor)
	if err != nil {
		return nil, err
	}
	return nil, a.Register.RemoveWork(ctx, actor, id, in.ID)
}
