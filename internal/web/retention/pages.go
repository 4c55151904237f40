// Package retention is the pages on which records end: rules, what is due, dry run, holds, certificates.
package retention

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the pages of retention.
type Pages struct {
	Retention *retention.Service
	// Client is the network address of whoever asks.
	Client func(*http.Request) string
}

type overview struct {
	rules    []retention.Rule
	due      map[retention.Class]int
	holds    []retention.Hold
	erasures []retention.Erasure
	refusal  shell.Refusal
	form     *shell.Form
}

// Show is GET /retention.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, overview{})
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, v overview) (err error) {
	ctx, a := r.Context(), shell.Actor(r)
	if v.rules, err = p.Retention.Rules(ctx, a); err != nil {
		return err
	}
	v.due = map[retention.Class]int{}
	for _, c := range retention.Classes {
		list, err := p.Retention.Due(ctx, a, c)
		if err != nil {
			return err
		}
		v.due[c] = len(list)
	}
	if v.holds, err = p.Retention.Holds(ctx, a); err != nil {
		return err
	}
	if v.erasures, err = p.Retention.Erasures(ctx, a); err != nil {
		return err
	}
	return shell.Render(w, r, status, overviewPage(v))
}

// form reads a form and does what it asks; where that is refused the page is drawn again with what was typed.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, done string, do func(context.Context, *shell.Form) error) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	err = do(r.Context(), f)
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, fault.From(err).Kind.Status(), overview{refusal: refusal, form: f})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/retention", done)
}

// Rule is GET /retention/rules/{class}.
func (p *Pages) Rule(w http.ResponseWriter, r *http.Request) error {
	return p.rule(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) rule(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, f *shell.Form) error {
	list, err := p.Retention.Rules(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	for _, rule := range list {
		if string(rule.Class) != r.PathValue("class") {
			continue
		}
		if f != nil { // what was typed
			rule.Days, rule.Note = f.Int("days"), f.Text("note")
		}
		return shell.Render(w, r, status, rulePage(rule, refusal))
	}
	return fault.Missing()
}

// SetRule is POST /retention/rules/{class}.
func (p *Pages) SetRule(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in := retention.Rule{Class: retention.Class(r.PathValue("class")), Days: f.Int("days"), Note: f.Text("note"), Version: f.Int("version")}
	if err = f.Err(); err == nil {
		err = p.Retention.SetRule(r.Context(), shell.Actor(r), in)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.rule(w, r, fault.From(err).Kind.Status(), refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/retention", "retention.done.rule")
}

// Hold is POST /retention/holds.
func (p *Pages) Hold(w http.ResponseWriter, r *http.Request) error {
	return p.form(w, r, "retention.done.hold", func(ctx context.Context, f *shell.Form) error {
		_, err := p.Retention.Hold(ctx, shell.Actor(r), f.Get("kind"), f.Text("ref"), f.Text("reason"))
		return err
	})
}

// Lift is POST /retention/holds/{id}/lift.
func (p *Pages) Lift(w http.ResponseWriter, r *http.Request) error {
	return p.form(w, r, "retention.done.lift", func(ctx context.Context, f *shell.Form) error {
		return p.Retention.Lift(ctx, shell.Actor(r), r.PathValue("id"), f.Text("lift"))
	})
}

// Due is GET /retention/due/{class}.
func (p *Pages) Due(w http.ResponseWriter, r *http.Request) error {
	return p.due(w, r, http.StatusOK, shell.Refusal{})
}

func (p *Pages) due(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal) error {
	class := retention.Class(r.PathValue("class"))
	list, err := p.Retention.Due(r.Context(), shell.Actor(r), class)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, duePage(class, list, refusal))
}

// EraseDue is POST /retention/due/{class}: every record of the list that was shown.
func (p *Pages) EraseDue(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	class := retention.Class(r.PathValue("class"))
	err = p.Retention.OrderDue(r.Context(), shell.Actor(r), class, f.Values["id"], f.Text("reason"))
	if refusal, ok := shell.Refused(err); ok {
		return p.due(w, r, fault.From(err).Kind.Status(), refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/retention#erasures", "retention.done.order")
}

// Foresee is GET /retention/erase?kind=&ref=: the dry run.
func (p *Pages) Foresee(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if q.Get("ref") == "" {
		return shell.Render(w, r, http.StatusOK, askPage(q, shell.Refusal{}))
	}
	return p.foresee(w, r, http.StatusOK, q, shell.Refusal{})
}

func (p *Pages) foresee(w http.ResponseWriter, r *http.Request, status int, in url.Values, refusal shell.Refusal) error {
	record, result, err := p.Retention.Foresee(r.Context(), shell.Actor(r), in.Get("kind"), in.Get("ref"))
	if unknown, ok := shell.Refused(err); ok {
		return shell.Render(w, r, http.StatusUnprocessableEntity, askPage(in, unknown))
	}
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, foreseePage(record, result, in, refusal))
}

// Order is POST /retention/erase.
func (p *Pages) Order(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, err := p.Retention.Order(r.Context(), shell.Actor(r), retention.Wish{Kind: f.Get("kind"), Ref: f.Get("ref"), Class: retention.Class(f.Get("class")), Reason: f.Text("reason")})
	if refusal, ok := shell.Refused(err); ok {
		return p.foresee(w, r, fault.From(err).Kind.Status(), f.Values, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/retention/erasures/"+id, "retention.done.order")
}

// Erasure is GET /retention/erasures/{id}: the certificate.
func (p *Pages) Erasure(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Retention.Erasure(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, erasurePage(e))
}

// Certificate is GET /retention/erasures/{id}/certificate.json, whose hash the receipt holds.
func (p *Pages) Certificate(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Retention.Erasure(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if e.State != retention.Done {
		return fault.Missing()
	}
	return send(w, "application/json", e.Number+".json", e.Certificate())
}

// Receipt is GET /retention/erasures/{id}/receipt.txt.
func (p *Pages) Receipt(w http.ResponseWriter, r *http.Request) error {
	receipt, err := p.Retention.Receipt(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return send(w, "text/plain; charset=utf-8", "receipt.txt", []byte(receipt.Note))
}

// send answers with a file to be kept.
func send(w http.ResponseWriter, kind, name string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, err := w.Write(body)
	return err
}
