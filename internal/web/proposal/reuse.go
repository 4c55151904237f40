package proposal

import (
	"context"
	"net/http"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// reuse is what the page to take earlier answers over shows: the viewer's other
// proposals, or what one of them offers.
type reuse struct {
	proposal.View
	filter proposal.Filter
	rows   []proposal.Row
	total  int
}

// Reuse is GET /proposals/{id}/reuse?from=: which of the viewer's earlier answers fit.
func (p *Pages) Reuse(w http.ResponseWriter, r *http.Request) error {
	a, id := shell.Actor(r), r.PathValue("id")
	if from := r.URL.Query().Get("from"); from != "" {
		o, err := p.Proposals.Offer(r.Context(), a, id, from)
		if err != nil {
			return err
		}
		return shell.Render(w, r, http.StatusOK, offerPage(offered{Offer: o, chosen: o.Empty(), revised: o.To.ResubmissionOf == from}))
	}
	v, err := p.Proposals.Get(r.Context(), a, id)
	if err != nil {
		return err
	}
	f := p.filter(r)
	f.Mine, f.For = true, id
	rows, total, err := p.Proposals.List(r.Context(), a, f)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, reusePage(reuse{v, f, rows, total}))
}

// TakeOver is POST /proposals/{id}/reuse.
func (p *Pages) TakeOver(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	a, id, from := shell.Actor(r), r.PathValue("id"), f.Text("from")
	_, err = p.Proposals.Reuse(r.Context(), a, id, from, f.Values["fields"], f.On("revised"))
	if refusal, ok := shell.Refused(err); ok {
		o, err := p.Proposals.Offer(r.Context(), a, id, from)
		if err != nil {
			return err
		}
		return shell.Render(w, r, http.StatusUnprocessableEntity, offerPage(offered{o, f.Values["fields"], f.On("revised"), refusal}))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id, "proposal.done.reused")
}

// offered is what an earlier proposal offers, as somebody chooses from it.
type offered struct {
	proposal.Offer
	chosen  []string
	revised bool
	refusal shell.Refusal
}

// options are the answers that can be taken over, each with its beginning.
func (o offered) options(ctx context.Context) []shell.Option {
	var out []shell.Option
	for _, f := range o.Fields {
		if f.Answered {
			continue
		}
		note := beginning(ctx, o.From, f)
		if f.Long {
			note = shell.Sentences(note, shell.T(ctx, "proposal.reuse.long", f.Field.MaxLength))
		}
		out = append(out, shell.Option{Value: f.Field.Name, Label: shell.Say(ctx, f.Field.Title), Note: note, Chosen: slices.Contains(o.chosen, f.Field.Name)})
	}
	return out
}

// answered are the questions that stay as they are.
func (o offered) answered(ctx context.Context) []string {
	var out []string
	for _, f := range o.Fields {
		if f.Answered {
			out = append(out, shell.Say(ctx, f.Field.Title))
		}
	}
	return out
}

// beginning is as much of an answer as is needed to know it again.
func beginning(ctx context.Context, v proposal.View, f proposal.Offered) string {
	if f.Field.Widget == "file" {
		return f.File
	}
	text := []rune(written(ctx, v, v.Form.Fields[f.Field.Name], f.Answer.Value))
	if len(text) > 160 {
		return string(text[:160]) + "…"
	}
	return string(text)
}

// earlier is how many other proposals of the viewer's own could give answers to v.
func (p *Pages) earlier(r *http.Request, v proposal.View) (int, error) {
	if !v.MayWrite() {
		return 0, nil
	}
	_, total, err := p.Proposals.List(r.Context(), shell.Actor(r), proposal.Filter{Mine: true, For: v.ID, Size: 1})
	return total, err
}

// revisedFrom is the proposal that v is a new version of, as far as the viewer may
// see it; nil for none.
func (p *Pages) revisedFrom(r *http.Request, v proposal.View) (*proposal.View, error) {
	if v.ResubmissionOf == "" {
		return nil, nil
	}
	before, err := p.Proposals.Get(r.Context(), shell.Actor(r), v.ResubmissionOf)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.NotAllowed) {
		return nil, nil
	}
	return &before, err
}
