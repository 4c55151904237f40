package retention

import (
	"context"
	"net/http"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/retention"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Outside is GET /data-requests: the form of who has no account.
func (p *Pages) Outside(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, outsidePage(shell.Refusal{}, nil))
}

// AskByMail is POST /data-requests. The page that follows is the same for every address.
func (p *Pages) AskByMail(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	err = p.Retention.AskByMail(r.Context(), retention.Outsider{Name: f.Text("name"), Email: f.Text("email"), Kind: f.Get("kind"), Body: f.Text("body"), From: p.Client(r)})
	if refusal, ok := shell.Refused(err); ok {
		return shell.Render(w, r, fault.From(err).Kind.Status(), outsidePage(refusal, f))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/mailed", "")
}

// ByLink is GET /data-requests/{secret}: what a mailed link opens. It uses nothing up, as mail programs open links on their own.
func (p *Pages) ByLink(w http.ResponseWriter, r *http.Request) error {
	one, err := p.Retention.ByLink(r.Context(), r.PathValue("secret"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, linkPage(one, r.PathValue("secret")))
}

// Prove is POST /data-requests/{secret}.
func (p *Pages) Prove(w http.ResponseWriter, r *http.Request) error {
	if err := p.Retention.Prove(r.Context(), r.PathValue("secret")); err != nil {
		return err
	}
	return shell.Go(w, r, "/privacy", "retention.done.proved")
}

// FetchByLink is GET /data-requests/{secret}/archive.zip.
func (p *Pages) FetchByLink(w http.ResponseWriter, r *http.Request) error {
	ref, content, err := p.Retention.FetchByLink(r.Context(), r.PathValue("secret"))
	if err != nil {
		return err
	}
	return shell.File(w, r, ref, content)
}

// heldUnder names the people on whose record the address of a request stands.
func heldUnder(ctx context.Context, held []retention.Record) string {
	if len(held) == 0 {
		return shell.T(ctx, "retention.match.none")
	}
	var list []string
	for _, h := range held {
		list = append(list, h.Number+" ("+h.ID+")")
	}
	return shell.T(ctx, "retention.match.found", strings.Join(list, ", "))
}
