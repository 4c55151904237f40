package council

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Agreements is GET /agreements.
func (p *Pages) Agreements(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Council.Agreements(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, agreementsPage(list))
}

// Agreement is GET /agreements/{id}.
func (p *Pages) Agreement(w http.ResponseWriter, r *http.Request) error {
	return p.agreement(w, r, http.StatusOK, redraw{})
}

func (p *Pages) agreement(w http.ResponseWriter, r *http.Request, status int, g redraw) error {
	v, err := p.Council.Agreement(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, agreementPage(v, g))
}

// onCase does one thing with a case and shows it again.
func (p *Pages) onCase(w http.ResponseWriter, r *http.Request, done string, act func(ctx context.Context, a access.Actor, id string, f *shell.Form) error) error {
	id := r.PathValue("id")
	return post(w, r, "/agreements/"+id, done, func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return act(ctx, a, id, f)
	}, p.agreement)
}

// AnswerCase is POST /agreements/{id}/answer.
func (p *Pages) AnswerCase(w http.ResponseWriter, r *http.Request) error {
	return p.onCase(w, r, "council.done.agreement", func(ctx context.Context, a access.Actor, id string, f *shell.Form) error {
		return p.Council.Answer(ctx, a, id, f.Text("agency"), f.Text("answer"), f.Text("words"))
	})
}

// AskAgain is POST /agreements/{id}/again.
func (p *Pages) AskAgain(w http.ResponseWriter, r *http.Request) error {
	return p.onCase(w, r, "council.done.again", func(ctx context.Context, a access.Actor, id string, f *shell.Form) error {
		return p.Council.Again(ctx, a, id, f.Int("version"), f.Texts("text"), f.Text("due"))
	})
}

// WithdrawCase is POST /agreements/{id}/withdraw.
func (p *Pages) WithdrawCase(w http.ResponseWriter, r *http.Request) error {
	return p.onCase(w, r, "council.done.withdrawn", func(ctx context.Context, a access.Actor, id string, f *shell.Form) error {
		return p.Council.Withdraw(ctx, a, id, f.Int("version"), f.Text("why"))
	})
}

// referForm is what the form that asks other agencies about a list of proposals holds.
type referForm struct {
	decision council.Record
	agencies []shell.Option
	redraw
}

// Refer is GET /decisions/{id}/agreement.
func (p *Pages) Refer(w http.ResponseWriter, r *http.Request) error {
	return p.refer(w, r, http.StatusOK, redraw{})
}

func (p *Pages) refer(w http.ResponseWriter, r *http.Request, status int, g redraw) error {
	d := referForm{redraw: g}
	var err error
	if d.decision, err = p.Council.MayRefer(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	all, err := p.Register.Agencies(r.Context())
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.ID != d.decision.AgencyID {
			d.agencies = append(d.agencies, shell.Option{Value: a.ID, Label: shell.Say(r.Context(), a.Name)})
		}
	}
	return shell.Render(w, r, status, referPage(d))
}

// SendRefer is POST /decisions/{id}/agreement.
func (p *Pages) SendRefer(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/decisions/"+id, "council.done.referred", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		_, err := p.Council.Refer(ctx, a, id, council.AgreementInput{Title: f.Texts("title"), Text: f.Texts("text"), Agencies: f.Values["agencies"], Refusal: f.Text("refusal"), Due: f.Text("due")})
		return err
	}, p.refer)
}

// CiteForm is GET /decisions/{id}/advice.
func (p *Pages) CiteForm(w http.ResponseWriter, r *http.Request) error {
	return p.citeForm(w, r, http.StatusOK, redraw{})
}

func (p *Pages) citeForm(w http.ResponseWriter, r *http.Request, status int, g redraw) error {
	d, err := p.Council.Subjects.Find(r.Context(), shell.Actor(r), council.OfDecision, r.PathValue("id"))
	if err != nil {
		return err
	}
	options, err := p.closed(r)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, citePage(d, options, r.URL.Query().Get("advice"), g))
}

// closed are the requests that can be cited, the latest first.
func (p *Pages) closed(r *http.Request) ([]shell.Option, error) {
	list, _, err := p.Council.List(r.Context(), shell.Actor(r), council.Filter{State: council.Closed, Page: 1, Size: 200})
	var out []shell.Option
	for _, v := range list {
		out = append(out, shell.Option{Value: v.ID, Label: v.Number + " " + shell.Say(r.Context(), v.Question)})
	}
	return out, err
}

// Cite is POST /decisions/{id}/advice.
func (p *Pages) Cite(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/decisions/"+id, "council.done.cited", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Cite(ctx, a, council.OfDecision, id, f.Text("advice"), f.Text("followed"), f.Text("why"))
	}, p.citeForm)
}

// Beside is what stands on the page of a list of proposals: the advice that it had, and
// what other agencies say of it.
func (p *Pages) Beside(ctx context.Context, a access.Actor, d decision.Decision) (templ.Component, error) {
	had, err := p.Council.Advised(ctx, a, council.OfDecision, d.ID, []council.About{{Kind: "call", ID: d.CallID}})
	if err != nil {
		return nil, err
	}
	cases, err := p.Council.AgreementsOn(ctx, a, council.OfDecision, d.ID)
	officer, signs := a.Has(access.Officer, access.Agency(d.AgencyID)), a.Has(access.Decider, access.Agency(d.AgencyID))
	return beside(d, had, cases, officer || signs, officer), err
}
