package retention

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// MyData is GET /my-data: what a person asked for about their own data, and the form to ask.
func (p *Pages) MyData(w http.ResponseWriter, r *http.Request) error {
	return p.myData(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) myData(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, f *shell.Form) error {
	a := shell.Actor(r)
	if a.Person == "" || a.Delegation != "" { // an account without a person, or somebody who acts for another
		return shell.Render(w, r, status, notMinePage())
	}
	list, err := p.Retention.Mine(r.Context(), a)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, myDataPage(list, refusal, f))
}

// Ask is POST /my-data.
func (p *Pages) Ask(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	_, err = p.Retention.Ask(r.Context(), shell.Actor(r), f.Get("kind"), f.Text("body"))
	if refusal, ok := shell.Refused(err); ok {
		return p.myData(w, r, fault.From(err).Kind.Status(), refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/my-data", "retention.done.ask")
}

// Fetch is GET /my-data/{id}/archive.zip.
func (p *Pages) Fetch(w http.ResponseWriter, r *http.Request) error {
	ref, content, err := p.Retention.Fetch(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.File(w, r, ref, content)
}

// Cases is GET /requests: what waits for an answer.
func (p *Pages) Cases(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Retention.Cases(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, casesPage(list))
}

// Case is GET /requests/{id}.
func (p *Pages) Case(w http.ResponseWriter, r *http.Request) error {
	return p.oneCase(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) oneCase(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, f *shell.Form) error {
	one, err := p.Retention.Case(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	held, err := p.Retention.Held(r.Context(), one)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, casePage(one, held, refusal, f))
}

// Answer is POST /requests/{id}.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	choice := f.Get("grant")
	if choice != "yes" && choice != "no" {
		f.Refuse("grant", "fault.choice")
	}
	if err = f.Err(); err == nil {
		err = p.Retention.AnswerCase(r.Context(), shell.Actor(r), r.PathValue("id"), retention.Reply{Grant: choice == "yes", Words: f.Text("answer"), Person: f.Text("person"), Identity: f.Text("identity")})
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.oneCase(w, r, fault.From(err).Kind.Status(), refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/requests", "retention.done.answer")
}

// Tasks is the requests that wait for who runs the installation.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	if !a.Has(access.Admin) {
		return nil, nil
	}
	list, err := p.Retention.Cases(ctx, a)
	out := make([]shell.Task, 0, len(list))
	for _, r := range list {
		out = append(out, shell.Task{Due: r.Due, Title: shell.T(ctx, "retention.task", r.Number), What: wishName(ctx, r.Kind), Href: "/requests/" + r.ID, Button: shell.T(ctx, "retention.task.go")})
	}
	return out, err
}

func wishName(ctx context.Context, kind string) string {
	return shell.T(ctx, "retention.wish."+kind)
}

// wishes are the choices of the form.
func wishes(ctx context.Context) []shell.Option {
	out := make([]shell.Option, len(retention.Wishes))
	for i, kind := range retention.Wishes {
		out[i] = shell.Option{Value: kind, Label: wishName(ctx, kind), Note: shell.T(ctx, "retention.wish."+kind+".what")}
	}
	return out
}

func requestFacts(ctx context.Context, r retention.Request) []shell.Fact {
	who := shell.Text(r.Name)
	if r.Person != "" {
		who = shell.Link("/people/"+r.Person, r.Name)
	}
	list := []shell.Fact{{Name: shell.T(ctx, "retention.who"), Value: who}, {Name: shell.T(ctx, "retention.asked"), Value: shell.Text(shell.Instant(ctx, r.Created))},
		{Name: shell.T(ctx, "retention.answerby"), Value: shell.Text(shell.Day(ctx, r.Due))}}
	if r.Email != "" {
		list = append(list, shell.Fact{Name: shell.T(ctx, "retention.proved"), Value: shell.Text(r.Email)})
	}
	if r.Identity != "" {
		list = append(list, shell.Fact{Name: shell.T(ctx, "retention.identity"), Value: shell.Text(r.Identity)})
	}
	return list
}
