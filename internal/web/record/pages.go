// Package record is the pages of the ledger, and the answers to typing.
package record

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the ledger's pages.
type Pages struct {
	Ledger   *ledger.Ledger
	Register *register.Service
}

// headsShown is how many of the newest batches stand under the signed head.
const headsShown = 20

// Heads is GET /ledger/heads: signed heads, for everybody to keep.
func (p *Pages) Heads(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Ledger.Batches(r.Context(), headsShown)
	if err != nil {
		return err
	}
	head, err := p.Ledger.Head(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, headsPage(head, list))
}

// Keys is GET /ledger/keys: the public keys of all times, one a line.
func (p *Pages) Keys(w http.ResponseWriter, r *http.Request) error {
	keys, err := p.Ledger.Keys(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = strings.NewReader(strings.Join(keys, "\n") + "\n").WriteTo(w)
	return err
}

// entriesPage is how many entries a page shows.
const entriesPage = 25

// Entries is GET /ledger, for auditors: the newest first.
func (p *Pages) Entries(w http.ResponseWriter, r *http.Request) error {
	state, err := p.Ledger.State(r.Context())
	if err != nil {
		return err
	}
	paging := shell.Paging{Page: shell.PageOf(r.URL.Query().Get("page")), Size: entriesPage, Total: int(state.Size)}
	var list []ledger.Placed
	if newer := int64(paging.Page-1) * entriesPage; newer < state.Size {
		if list, err = p.Ledger.Latest(r.Context(), state.Size-newer, entriesPage); err != nil {
			return err
		}
	}
	checked, err := p.Ledger.Checked(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, entriesPageOf(list, paging, checked))
}

// Verify is POST /ledger/verify: the whole ledger, checked now, which is noted in it.
func (p *Pages) Verify(w http.ResponseWriter, r *http.Request) error {
	report, err := p.Ledger.Check(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, verifyPage(report))
}

// checkEvery is how long a check of the ledger holds.
const checkEvery = 30 * 24 * time.Hour

// Tasks is the check of the ledger that waits for auditors.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	if !a.HasAny(access.Auditor) {
		return nil, nil
	}
	checked, err := p.Ledger.Checked(ctx)
	t := shell.Task{Title: shell.T(ctx, "record.task"), What: shell.T(ctx, "record.task.never"), Href: "/ledger", Button: shell.T(ctx, "record.task.go")}
	if !checked.IsZero() {
		t.Due, t.What = checked.Add(checkEvery), shell.T(ctx, "record.task.what", shell.Day(ctx, checked))
	}
	if err != nil || t.Due.After(shell.Of(ctx).Now.AddDate(0, 0, 7)) {
		return nil, err
	}
	return []shell.Task{t}, nil
}

// FindPeople is GET /find/people?q=, for typing.
func (p *Pages) FindPeople(w http.ResponseWriter, r *http.Request) error {
	return p.find(w, r, p.Register.FindPeople)
}

// FindOrganisations is GET /find/organisations?q=, for typing.
func (p *Pages) FindOrganisations(w http.ResponseWriter, r *http.Request) error {
	return p.find(w, r, p.Register.FindOrganisations)
}

func (p *Pages) find(w http.ResponseWriter, r *http.Request, find func(context.Context, string, int) ([]register.Found, error)) error {
	list, err := find(r.Context(), r.URL.Query().Get("q"), 12)
	if err != nil {
		return err
	}
	out := make([]map[string]string, 0, len(list))
	for _, f := range list {
		out = append(out, map[string]string{"id": f.ID, "name": f.Name, "note": f.Note})
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}
