package account

import (
	"net/http"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

type ownView struct {
	account.Profile
	agencies []account.Choice
	offered  []account.Offered
	refusal  shell.Refusal // of the form named by form
	form     string
	email    string // typed into the form of a new address
}

// of is the refusal where it is the named form's.
func (v ownView) of(form string) shell.Refusal {
	if v.form == form {
		return v.refusal
	}
	return shell.Refusal{}
}

// provider is the name of an identity's provider, its issuer where it is not offered any more.
func (v ownView) provider(i account.Identity) string {
	for _, o := range v.offered {
		if o.Issuer == i.Issuer {
			return o.Name
		}
	}
	return i.Issuer
}

func (v ownView) has(o account.Offered) bool {
	for _, i := range v.Identities {
		if i.Issuer == o.Issuer {
			return true
		}
	}
	return false
}

func (p *Pages) own(r *http.Request) (v ownView, err error) {
	if v.Profile, err = p.Svc.Profile(r.Context(), shell.Actor(r)); err != nil {
		return v, err
	}
	v.offered, v.email = p.Svc.Offered(), v.Email
	if p.Agencies != nil {
		v.agencies, err = p.Agencies(r.Context())
	}
	return v, err
}

// acting sends who acts for another to the page that ends it: that account is not theirs.
func acting(w http.ResponseWriter, r *http.Request) (bool, error) {
	if shell.Actor(r).Delegation == "" {
		return false, nil
	}
	return true, shell.Go(w, r, "/account/acting", "")
}

// Own is GET /account.
func (p *Pages) Own(w http.ResponseWriter, r *http.Request) error {
	if away, err := acting(w, r); away {
		return err
	}
	v, err := p.own(r)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, ownPage(v))
}

// refusedOwn draws the page again with what was typed into one of its forms.
func (p *Pages) refusedOwn(w http.ResponseWriter, r *http.Request, form string, refused error, typed func(*ownView)) error {
	return again(w, r, refused, func(refusal shell.Refusal) error {
		v, err := p.own(r)
		if err != nil {
			return err
		}
		v.refusal, v.form = refusal, form
		if typed != nil {
			typed(&v)
		}
		return shell.Render(w, r, status(refusal), ownPage(v))
	})
}

// Settings is POST /account/settings.
func (p *Pages) Settings(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in := account.Settings{Locale: lang.Locale(f.Get("locale")), Zone: f.Text("zone"), Agency: f.Get("agency"), Version: f.Int("version")}
	if err := p.Svc.SetSettings(r.Context(), shell.Actor(r), in); err != nil {
		return p.refusedOwn(w, r, "settings", err, func(v *ownView) { v.Zone, v.Locale, v.Agency = in.Zone, in.Locale, in.Agency })
	}
	p.KeepLanguage(w, r, in.Locale) // the setting wins over a language that was chosen in the head of a page before
	return shell.Go(w, r, "/account", "account.saved")
}

// Password is POST /account/password.
func (p *Pages) Password(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	session, err := p.Session(r)
	if err != nil {
		return err
	}
	if err := p.Svc.ChangePassword(r.Context(), session.Actor, session.ID, f.Get("before"), f.Get("password"), p.Address(r)); err != nil {
		return p.refusedOwn(w, r, "password", err, nil)
	}
	return shell.Go(w, r, "/account", "account.password.changed")
}

// Email is POST /account/email.
func (p *Pages) Email(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	if err := p.Svc.VerifyEmail(r.Context(), shell.Actor(r), f.Text("email")); err != nil {
		return p.refusedOwn(w, r, "email", err, func(v *ownView) { v.email = f.Text("email") })
	}
	return shell.Go(w, r, "/account", "account.email.mailed")
}

// RemoveIdentity is POST /account/identities/{id}/end.
func (p *Pages) RemoveIdentity(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.RemoveIdentity(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return p.refusedOwn(w, r, "identities", err, nil)
	}
	return shell.Go(w, r, "/account", "account.identity.removed")
}

// Consents is GET /account/consents.
func (p *Pages) Consents(w http.ResponseWriter, r *http.Request) error {
	if away, err := acting(w, r); away {
		return err
	}
	list, err := p.Svc.Consents(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, consentsPage(list))
}

// SetConsents is POST /account/consents.
func (p *Pages) SetConsents(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	if err := p.Svc.SetConsents(r.Context(), shell.Actor(r), f.Values["purpose"]); err != nil {
		return err
	}
	return shell.Go(w, r, "/account/consents", "account.saved")
}

// Sessions is GET /account/sessions.
func (p *Pages) Sessions(w http.ResponseWriter, r *http.Request) error {
	if away, err := acting(w, r); away {
		return err
	}
	session, err := p.Session(r)
	if err != nil {
		return err
	}
	list, err := p.Svc.Sessions(r.Context(), session.Actor)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, sessionsPage(list, session.ID))
}

// EndSession is POST /account/sessions/{id}/end.
func (p *Pages) EndSession(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.EndSession(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Go(w, r, "/account/sessions", "account.sessions.ended")
}

// EndOtherSessions is POST /account/sessions/end.
func (p *Pages) EndOtherSessions(w http.ResponseWriter, r *http.Request) error {
	session, err := p.Session(r)
	if err != nil {
		return err
	}
	if err := p.Svc.EndOtherSessions(r.Context(), session.Actor, session.ID); err != nil {
		return err
	}
	return shell.Go(w, r, "/account/sessions", "account.sessions.ended")
}

type tokensView struct {
	list              []account.Token
	made              string // the new token's secret, shown this once
	name, scope, days string
	refusal           shell.Refusal
}

// Tokens is GET /account/tokens.
func (p *Pages) Tokens(w http.ResponseWriter, r *http.Request) error {
	if away, err := acting(w, r); away {
		return err
	}
	return p.tokens(w, r, tokensView{scope: account.ReadToken, days: "90"})
}

func (p *Pages) tokens(w http.ResponseWriter, r *http.Request, v tokensView) error {
	var err error
	if v.list, err = p.Svc.Tokens(r.Context(), shell.Actor(r)); err != nil {
		return err
	}
	return shell.Render(w, r, status(v.refusal), tokensPage(v))
}

// NewToken is POST /account/tokens. The answer shows the secret, and nothing keeps it.
func (p *Pages) NewToken(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	v := tokensView{name: f.Text("name"), scope: f.Get("scope"), days: f.Text("days")}
	days := min(f.Int("days"), 10_000)
	if err = f.Err(); err == nil {
		v.made, _, err = p.Svc.NewToken(r.Context(), shell.Actor(r), v.name, v.scope, time.Duration(days)*24*time.Hour)
	}
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			v.refusal = refusal
			return p.tokens(w, r, v)
		})
	}
	v.name = ""
	return p.tokens(w, r, v)
}

// EndToken is POST /account/tokens/{id}/end.
func (p *Pages) EndToken(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.EndToken(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Go(w, r, "/account/tokens", "account.tokens.ended")
}
