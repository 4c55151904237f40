package account

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// welcome keeps a new session and sends its person on: by the second factor, where the
// account has one.
func (p *Pages) welcome(w http.ResponseWriter, r *http.Request, secret, to string) error {
	p.enter(w, r, secret)
	_, err := p.Svc.Half(r.Context(), secret)
	switch {
	case err == nil:
		return shell.Go(w, r, "/sign-in/second?next="+url.QueryEscape(to), "")
	case fault.Is(err, fault.NotFound):
		return shell.Go(w, r, to, "")
	}
	return err
}

type secondView struct {
	next    string
	ways    account.Ways
	refusal shell.Refusal
}

// SecondForm is GET /sign-in/second: the password was right, a second factor is asked.
func (p *Pages) SecondForm(w http.ResponseWriter, r *http.Request) error {
	return p.second(w, r, secondView{next: next(r.URL.Query().Get("next"))})
}

// second draws the question for the second factor; whose sign-in is over begins again.
func (p *Pages) second(w http.ResponseWriter, r *http.Request, v secondView) error {
	var err error
	v.ways, err = p.Svc.Half(r.Context(), p.cookie(r, sessionCookie))
	if fault.Is(err, fault.NotFound) {
		return shell.Go(w, r, "/sign-in?next="+url.QueryEscape(v.next), "")
	}
	if err != nil {
		return err
	}
	return shell.Render(w, r, status(v.refusal), secondPage(v))
}

// Second is POST /sign-in/second.
func (p *Pages) Second(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	v := secondView{next: next(f.Get("next"))}
	secret, err := p.Svc.Second(r.Context(), p.cookie(r, sessionCookie), f.Text("code"), p.Address(r))
	if fault.Is(err, fault.NotFound) {
		return shell.Go(w, r, "/sign-in?next="+url.QueryEscape(v.next), "account.second.over")
	}
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			v.refusal = refusal
			return p.second(w, r, v)
		})
	}
	p.enter(w, r, secret)
	return shell.Go(w, r, v.next, "")
}

// origin is the address of this site as the browser has it, for passkeys.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// asking answers the pages' script with what an authenticator is asked.
func asking(w http.ResponseWriter, r *http.Request, asked account.Asked, err error) error {
	answer := map[string]any{"options": asked.Options, "state": asked.State}
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		f := fault.From(err)
		if f.Kind != fault.Conflict {
			return err
		}
		w.WriteHeader(f.Kind.Status())
		answer = map[string]any{"error": f.Msg.In(lang.Of(r.Context()))}
	}
	return json.NewEncoder(w).Encode(answer)
}

// answered is what an authenticator answered, from the form that the pages' script filled.
func answered(f *shell.Form) (account.Answered, error) {
	in := account.Answered{State: f.Get("state"), Response: []byte(f.Get("response"))}
	if !in.Given() {
		return in, fault.New(fault.Invalid, "account.passkey.script").At("passkey")
	}
	return in, nil
}

// BeginPasskey is POST /sign-in/passkey/begin.
func (p *Pages) BeginPasskey(w http.ResponseWriter, r *http.Request) error {
	asked, err := p.Svc.BeginPasskey(r.Context(), origin(r))
	return asking(w, r, asked, err)
}

// Passkey is POST /sign-in/passkey.
func (p *Pages) Passkey(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	to, secret := next(f.Get("next")), ""
	in, err := answered(f)
	if err == nil {
		secret, err = p.Svc.SignInByPasskey(r.Context(), in, r.UserAgent())
	}
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.Invalid, "account.passkey.wrong").At("passkey")
	}
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return shell.Render(w, r, status(refusal), signInPage(signInView{next: to, refusal: refusal, providers: p.Svc.Offered()}))
		})
	}
	p.enter(w, r, secret)
	return shell.Go(w, r, to, "")
}

type factorsView struct {
	ways     account.Ways
	passkeys []account.Passkey
	asleep   []access.Role
	name     string // typed for a new passkey
	refusal  shell.Refusal
}

// Factors is GET /account/second.
func (p *Pages) Factors(w http.ResponseWriter, r *http.Request) error {
	if away, err := acting(w, r); away {
		return err
	}
	return p.factors(w, r, factorsView{})
}

func (p *Pages) factors(w http.ResponseWriter, r *http.Request, v factorsView) error {
	a := shell.Actor(r)
	var err error
	if v.passkeys, err = p.Svc.Passkeys(r.Context(), a); err != nil {
		return err
	}
	if v.ways, err = p.Svc.Ways(r.Context(), a.Account); err != nil {
		return err
	}
	v.asleep = a.Asleep
	return shell.Render(w, r, status(v.refusal), factorsPage(v))
}

type setupView struct {
	account.Setup
	refusal shell.Refusal
}

// SetUpTOTP is POST /account/second/codes: a new secret, and a form for the first code of it.
func (p *Pages) SetUpTOTP(w http.ResponseWriter, r *http.Request) error {
	setup, err := p.Svc.SetUpTOTP(r.Context(), shell.Actor(r))
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error { return p.factors(w, r, factorsView{refusal: refusal}) })
	}
	return shell.Render(w, r, http.StatusOK, setupPage(setupView{Setup: setup}))
}

// AddTOTP is POST /account/second/codes/add. The answer shows the recovery codes, this once.
func (p *Pages) AddTOTP(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	session, err := p.Session(r)
	if err != nil {
		return err
	}
	codes, err := p.Svc.AddTOTP(r.Context(), session.Actor, session.ID, f.Get("setup"), f.Text("code"))
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			setup, err := p.Svc.PendingTOTP(r.Context(), session.Actor, f.Get("setup"))
			if err != nil {
				return err
			}
			return shell.Render(w, r, status(refusal), setupPage(setupView{setup, refusal}))
		})
	}
	return shell.Render(w, r, http.StatusOK, recoveryPage(codes))
}

// RemoveTOTP is POST /account/second/codes/end.
func (p *Pages) RemoveTOTP(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.RemoveTOTP(r.Context(), shell.Actor(r)); err != nil {
		return err
	}
	return shell.Go(w, r, "/account/second", "account.second.removed")
}

// RenewRecovery is POST /account/second/recovery.
func (p *Pages) RenewRecovery(w http.ResponseWriter, r *http.Request) error {
	codes, err := p.Svc.RenewRecovery(r.Context(), shell.Actor(r))
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error { return p.factors(w, r, factorsView{refusal: refusal}) })
	}
	return shell.Render(w, r, http.StatusOK, recoveryPage(codes))
}

// BeginAddPasskey is POST /account/passkeys/begin.
func (p *Pages) BeginAddPasskey(w http.ResponseWriter, r *http.Request) error {
	asked, err := p.Svc.BeginAddPasskey(r.Context(), shell.Actor(r), origin(r))
	return asking(w, r, asked, err)
}

// AddPasskey is POST /account/passkeys.
func (p *Pages) AddPasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	session, err := p.Session(r)
	if err != nil {
		return err
	}
	var codes []string
	in, err := answered(f)
	if err == nil {
		codes, err = p.Svc.AddPasskey(r.Context(), session.Actor, session.ID, f.Get("name"), in)
	}
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return p.factors(w, r, factorsView{name: f.Get("name"), refusal: refusal})
		})
	}
	if codes != nil {
		return shell.Render(w, r, http.StatusOK, recoveryPage(codes))
	}
	return shell.Go(w, r, "/account/second", "account.passkey.added")
}

// RemovePasskey is POST /account/passkeys/{id}/end.
func (p *Pages) RemovePasskey(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.RemovePasskey(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Go(w, r, "/account/second", "account.second.removed")
}
