// Package exchange is the pages on which who runs the installation sees what
// was taken in from elsewhere, and what is to be looked at.
package exchange

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

const pageSize = 50

// Pages are the pages of imports.
type Pages struct{ Exchange *exchange.Service }

// List is GET /imports.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	page := shell.PageOf(r.URL.Query().Get("page"))
	list, total, err := p.Exchange.Runs(r.Context(), shell.Actor(r), page, pageSize)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, listPage(list, shell.Paging{Page: page, Size: pageSize, Total: total}))
}

// One is GET /imports/{id}.
func (p *Pages) One(w http.ResponseWriter, r *http.Request) error {
	return p.one(w, r, http.StatusOK, shell.Refusal{})
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal) error {
	run, err := p.Exchange.Past(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	page := shell.Paging{Page: shell.PageOf(r.URL.Query().Get("page")), Size: pageSize, Total: len(run.Alike)}
	pairs, err := p.Exchange.Pairs(r.Context(), run, page.Page, page.Size)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, onePage(run, pairs, page, refusal))
}

// Check is POST /imports/{id}/check.
func (p *Pages) Check(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	err := p.Exchange.Check(r.Context(), shell.Actor(r), id)
	if refusal, ok := shell.Refused(err); ok {
		return p.one(w, r, http.StatusConflict, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/imports/"+id, "exchange.done.checked")
}

// Tasks is the runs that who runs the installation should look through.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	if !a.Has(access.Admin) {
		return nil, nil
	}
	list, err := p.Exchange.Unchecked(ctx, a)
	out := make([]shell.Task, 0, len(list))
	for _, run := range list {
		out = append(out, shell.Task{Title: shell.T(ctx, "exchange.task", run.Source), Href: "/imports/" + run.ID,
			What: shell.T(ctx, "exchange.task.what", shell.Instant(ctx, run.Finished), run.Rejected, run.Alikes), Button: shell.T(ctx, "exchange.task.go")})
	}
	return out, err
}

// href is the page of a record that a row became; "" where there is none.
func href(kind, id string) string {
	switch kind {
	case "awards", "calls", "organisations", "people", "proposals":
		if id != "" {
			return "/" + kind + "/" + id
		}
	}
	return ""
}
