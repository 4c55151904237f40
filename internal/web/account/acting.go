package account

import (
	"context"
	"net/http"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

type actingView struct {
	given, received           []account.Delegation
	email, scope, from, until string
	refusal                   shell.Refusal
}

// Acting is GET /account/acting.
func (p *Pages) Acting(w http.ResponseWriter, r *http.Request) error {
	return p.actingPage(w, r, actingView{scope: "proposals"})
}

func (p *Pages) actingPage(w http.ResponseWriter, r *http.Request, v actingView) error {
	var err error
	if v.given, v.received, err = p.Svc.Delegations(r.Context(), shell.Actor(r)); err != nil {
		return err
	}
	return shell.Render(w, r, status(v.refusal), actingPage(v))
}

// Delegate is POST /account/acting. It begins at once, or with a first day; the last day counts whole, in the person's zone.
func (p *Pages) Delegate(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	v := actingView{email: f.Text("email"), scope: f.Get("scope"), from: f.Text("from"), until: f.Text("until")}
	from, until := day(r, f, "from"), endOf(r, f, "until")
	if err = f.Err(); err == nil {
		_, err = p.Svc.Delegate(r.Context(), shell.Actor(r), account.Offer{Email: v.email, Scope: v.scope, From: from, Until: until})
	}
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			v.refusal = refusal
			return p.actingPage(w, r, v)
		})
	}
	return shell.Go(w, r, "/account/acting", "account.acting.offered")
}

// day is the beginning of a day in the viewer's zone; zero if the field is empty.
func day(r *http.Request, f *shell.Form, name string) time.Time {
	zone := shell.Of(r.Context()).Zone
	if zone == nil {
		zone = time.UTC
	}
	t, err := time.ParseInLocation(time.DateOnly, f.Day(name), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// endOf is the end of a day in the viewer's zone.
func endOf(r *http.Request, f *shell.Form, name string) time.Time {
	t := day(r, f, name)
	if t.IsZero() {
		return t
	}
	return t.AddDate(0, 0, 1)
}

// Accept is POST /account/acting/{id}/accept.
func (p *Pages) Accept(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.AcceptDelegation(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return p.actingPage(w, r, actingView{scope: "proposals", refusal: refusal})
		})
	}
	return shell.Go(w, r, "/account/acting", "account.acting.accepted")
}

// End is POST /account/acting/{id}/end.
func (p *Pages) End(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.EndDelegation(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Go(w, r, "/account/acting", "account.acting.ended")
}

// Start is POST /account/acting/{id}/start: from now on this session acts for the other.
func (p *Pages) Start(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, r.PathValue("id"), "/home", "account.acting.started")
}

// Stop is POST /account/acting/stop: this session acts for its own person again.
func (p *Pages) Stop(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "", "/account/acting", "account.acting.stopped")
}

func (p *Pages) act(w http.ResponseWriter, r *http.Request, delegation, to, done string) error {
	session, err := p.Session(r)
	if err != nil {
		return err
	}
	if err := p.Svc.Act(r.Context(), session, delegation); err != nil {
		return err
	}
	return shell.Go(w, r, to, done)
}

// Tasks are the offers to act for somebody that wait for a, and the second factor that
// roles of theirs wait for.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	offers, err := p.Svc.Offers(ctx, a)
	tasks := make([]shell.Task, 0, len(offers)+1)
	if len(a.Asleep) > 0 {
		tasks = append(tasks, shell.Task{Title: shell.T(ctx, "account.second.task"), What: shell.T(ctx, "account.second.asleep.why", roleNames(ctx, a.Asleep)), Href: "/account/second", Button: shell.T(ctx, "account.second.task.go")})
	}
	for _, d := range offers {
		tasks = append(tasks, shell.Task{Due: d.Until, Title: shell.T(ctx, "account.acting.task", d.Name), What: shell.T(ctx, "account.acting.task.what", shell.T(ctx, "account.covers."+d.Scope)),
			Href: "/account/acting", Button: shell.T(ctx, "account.acting.task.go")})
	}
	return tasks, err
}
