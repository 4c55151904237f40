package call

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// amendment is what the form of a change holds.
type amendment struct {
	v       call.View
	in      call.Input
	version int64
	note    lang.Text
	refusal shell.Refusal
}

// AskAmend is GET /calls/{id}/amend.
func (p *Pages) AskAmend(w http.ResponseWriter, r *http.Request) error {
	return p.amendForm(w, r, http.StatusOK, amendment{})
}

func (p *Pages) amendForm(w http.ResponseWriter, r *http.Request, status int, d amendment) error {
	var err error
	if d.v, err = p.Calls.Get(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	if !d.v.MayEdit {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	if d.version == 0 {
		d.in, d.version = inputOf(d.v.Call), d.v.Version
	}
	return shell.Render(w, r, status, amendPage(d))
}

// Amend is POST /calls/{id}/amend.
func (p *Pages) Amend(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := amendment{in: readInput(f), version: f.Int("version"), note: f.Texts("note")}
	if err = f.Err(); err == nil {
		_, err = p.Calls.Amend(r.Context(), shell.Actor(r), r.PathValue("id"), d.version, d.in, d.note)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.amendForm(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+r.PathValue("id"), "call.done.amended")
}

// AskCancel is GET /calls/{id}/cancel: what it means, before it is done.
func (p *Pages) AskCancel(w http.ResponseWriter, r *http.Request) error {
	return p.ask(w, r, http.StatusOK, shell.Refusal{}, cancelPage(lang.Text{}))
}

// Cancel is POST /calls/{id}/cancel.
func (p *Pages) Cancel(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	reason := f.Texts("note")
	err = p.Calls.Cancel(r.Context(), shell.Actor(r), r.PathValue("id"), reason)
	if refusal, ok := shell.Refused(err); ok {
		return p.ask(w, r, http.StatusUnprocessableEntity, refusal, cancelPage(reason))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+r.PathValue("id"), "call.done.cancelled")
}

func cancelPage(reason lang.Text) func(call.View, shell.Refusal) templ.Component {
	return func(v call.View, refusal shell.Refusal) templ.Component { return cancelForm(v, reason, refusal) }
}

// fieldChange is one field of a change, in words.
type fieldChange struct{ name, before, after string }

// changed tells a change field by field.
func changed(ctx context.Context, c call.Change) []fieldChange {
	var out []fieldChange
	add := func(key, before, after string) {
		out = append(out, fieldChange{shell.T(ctx, key), orNone(ctx, before), orNone(ctx, after)})
	}
	text := func(key string, before, after *lang.Text) {
		if before != nil && after != nil {
			add(key, shell.Say(ctx, *before), shell.Say(ctx, *after))
		}
	}
	sum := func(key string, before, after *money.Amount) {
		if before != nil && after != nil {
			add(key, shell.Say(ctx, *before), shell.Say(ctx, *after))
		}
	}
	b, a := c.Before, c.After
	text("call.change.title", b.Title, a.Title)
	text("call.change.summary", b.Summary, a.Summary)
	text("call.guidance", b.Guidance, a.Guidance)
	sum("call.low", b.Low, a.Low)
	sum("call.high", b.High, a.High)
	sum("call.total", b.Total, a.Total)
	if b.Awards != nil && a.Awards != nil {
		add("call.awards", shell.Number(ctx, int64(*b.Awards)), shell.Number(ctx, int64(*a.Awards)))
	}
	if b.DecideBy != nil && a.DecideBy != nil {
		add("call.decide", shell.PlainDay(ctx, *b.DecideBy), shell.PlainDay(ctx, *a.DecideBy))
	}
	if b.Contact != nil && a.Contact != nil {
		add("call.contact", *b.Contact, *a.Contact)
	}
	return out
}

func orNone(ctx context.Context, s string) string {
	if s == "" {
		return shell.T(ctx, "call.change.none")
	}
	return s
}
