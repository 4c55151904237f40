package outbox

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// givenUp is the address of what the mail server never took.
const givenUp = "/admin/mails"

// GivenUp is GET /admin/mails.
func (p *Pages) GivenUp(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Mail.GivenUp(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, givenUpPage(list))
}

// SendAgain is POST /admin/mails: the mail that is named, or all.
func (p *Pages) SendAgain(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	var ids []string
	if id := f.Text("id"); id != "" {
		ids = []string{id}
	}
	if _, err := p.Mail.SendAgain(r.Context(), shell.Actor(r), ids...); err != nil {
		return err
	}
	return shell.Go(w, r, givenUp, "outbox.again.done")
}

// Tasks are those of admins: mails that were given up.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	if !a.Has(access.Admin) {
		return nil, nil
	}
	list, err := p.Mail.GivenUp(ctx, a)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return []shell.Task{{Title: shell.T(ctx, "outbox.task", len(list)), Href: givenUp, What: shell.T(ctx, "outbox.given_up.lead"), Button: shell.T(ctx, "outbox.task.go")}}, nil
}
