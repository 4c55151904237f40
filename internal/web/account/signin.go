package account

import (
	"net/http"
	"net/url"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

type signInView struct {
	email, next string
	refusal     shell.Refusal
	providers   []account.Offered
}

// SignInForm is GET /sign-in.
func (p *Pages) SignInForm(w http.ResponseWriter, r *http.Request) error {
	to := next(r.URL.Query().Get("next"))
	if !shell.Actor(r).Public() {
		return shell.Go(w, r, to, "")
	}
	return shell.Render(w, r, http.StatusOK, signInPage(signInView{next: to, providers: p.Svc.Offered()}))
}

// SignIn is POST /sign-in.
func (p *Pages) SignIn(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	to := next(f.Get("next"))
	secret, err := p.Svc.SignIn(r.Context(), account.Try{Email: f.Text("email"), Password: f.Get("password"), Address: p.Address(r), Agent: r.UserAgent()})
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return shell.Render(w, r, status(refusal), signInPage(signInView{f.Text("email"), to, refusal, p.Svc.Offered()}))
		})
	}
	return p.welcome(w, r, secret, to)
}

// SignOutForm is GET /sign-out: a link must not sign anybody out, so it asks.
func (p *Pages) SignOutForm(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, signOutPage())
}

// SignOut is POST /sign-out. What the browser kept of this site is cleared.
func (p *Pages) SignOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.SignOut(r.Context(), p.cookie(r, sessionCookie)); err != nil {
		return err
	}
	p.keep(w, r, sessionCookie, "", -1)
	p.keep(w, r, writerCookie, "", -1)
	w.Header().Set("Clear-Site-Data", `"storage"`)
	return shell.Go(w, r, "/", "account.signout.done")
}

// DemoPeople is GET /demo.
func (p *Pages) DemoPeople(w http.ResponseWriter, r *http.Request) error {
	var people []Invented
	if p.Invented != nil {
		var err error
		if people, err = p.Invented(r.Context()); err != nil {
			return err
		}
	}
	return shell.Render(w, r, http.StatusOK, demoPage(people))
}

// DemoAs is POST /demo/{account}.
func (p *Pages) DemoAs(w http.ResponseWriter, r *http.Request) error {
	secret, err := p.Svc.SignInAs(r.Context(), r.PathValue("account"), r.UserAgent())
	if err != nil {
		return err
	}
	if before := p.cookie(r, sessionCookie); before != "" {
		if err := p.Svc.SignOut(r.Context(), before); err != nil {
			return err
		}
	}
	p.enter(w, r, secret)
	return shell.Go(w, r, "/home", "")
}

// RecoverForm is GET /recover.
func (p *Pages) RecoverForm(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, recoverPage("", shell.Refusal{}))
}

// Recover is POST /recover. The page that follows is the same for every address.
func (p *Pages) Recover(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	if err := p.Svc.Recover(r.Context(), f.Text("email"), p.Address(r)); err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return shell.Render(w, r, status(refusal), recoverPage(f.Text("email"), refusal))
		})
	}
	return shell.Go(w, r, "/mailed", "")
}

// Mailed is GET /mailed: look into your mailbox. It names no address.
func (p *Pages) Mailed(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, mailedPage())
}

type signUpView struct {
	email, given, family, next string
	action                     string
	refusal                    shell.Refusal
	providers                  []account.Offered
}

// SignUpForm is GET /sign-up.
func (p *Pages) SignUpForm(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, signUpPage(signUpView{next: next(r.URL.Query().Get("next")), action: "/sign-up", providers: p.Svc.Offered()}))
}

// SignUp is POST /sign-up. The page that follows is the same for every address.
func (p *Pages) SignUp(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in := account.SignUp{Email: f.Text("email"), Given: f.Text("given"), Family: f.Text("family"), Next: next(f.Get("next")), From: p.Address(r)}
	if err := p.Svc.Register(r.Context(), in); err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return shell.Render(w, r, status(refusal), signUpPage(signUpView{in.Email, in.Given, in.Family, in.Next, "/sign-up", refusal, p.Svc.Offered()}))
		})
	}
	return shell.Go(w, r, "/mailed", "")
}

// With is GET /sign-in/with/{provider}: the browser is sent to the provider. Who is signed in gets
// another way in by it, and confirms who they are first.
func (p *Pages) With(w http.ResponseWriter, r *http.Request) error {
	if shell.Actor(r).Public() {
		return p.with(w, r, next(r.URL.Query().Get("next")))
	}
	return p.Fresh(func(w http.ResponseWriter, r *http.Request) error { return p.with(w, r, "/account") })(w, r)
}

func (p *Pages) with(w http.ResponseWriter, r *http.Request, to string) error {
	linkTo := shell.Actor(r)
	address, state, err := p.Svc.Begin(r.Context(), r.PathValue("provider"), to, linkTo)
	if err != nil {
		return err
	}
	p.keep(w, r, stateCookie, state, 600)
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// Back is GET /sign-in/back/{provider}: the provider sends the browser back.
func (p *Pages) Back(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	out, err := p.Svc.Finish(r.Context(), shell.Actor(r), r.PathValue("provider"), account.Answer{State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"),
		Issuer: q.Get("iss"), Browser: p.cookie(r, stateCookie), Agent: r.UserAgent()})
	p.keep(w, r, stateCookie, "", -1)
	if err != nil {
		return err
	}
	switch {
	case out.Linked:
		return shell.Go(w, r, "/account", "account.identity.added")
	case out.Pending != "":
		p.keep(w, r, pendingCookie, out.Pending, 2*3600)
		return shell.Go(w, r, "/sign-in/join?next="+url.QueryEscape(out.Next), "")
	}
	return p.welcome(w, r, out.Session, next(out.Next))
}

// JoinForm is GET /sign-in/join: signed in at a provider, no account here yet.
func (p *Pages) JoinForm(w http.ResponseWriter, r *http.Request) error {
	out, err := p.Svc.Pending(r.Context(), p.cookie(r, pendingCookie))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, signUpPage(signUpView{email: out.Email, given: out.Given, family: out.Family, next: next(r.URL.Query().Get("next")), action: "/sign-in/join"}))
}

// Join is POST /sign-in/join. The page that follows is the same for every address.
func (p *Pages) Join(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	in := account.SignUp{Email: f.Text("email"), Given: f.Text("given"), Family: f.Text("family"), Next: next(f.Get("next")), From: p.Address(r), Pending: p.cookie(r, pendingCookie)}
	if err := p.Svc.Join(r.Context(), in); err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return shell.Render(w, r, status(refusal), signUpPage(signUpView{email: in.Email, given: in.Given, family: in.Family, next: in.Next, action: "/sign-in/join", refusal: refusal}))
		})
	}
	return shell.Go(w, r, "/mailed", "")
}

type linkView struct {
	account.Mailed
	secret, given, family string
	refusal               shell.Refusal
}

// Link is GET /links/{secret}: what a mailed link leads to. Looking uses nothing up.
func (p *Pages) Link(w http.ResponseWriter, r *http.Request) error {
	secret := r.PathValue("secret")
	m, err := p.Svc.Look(r.Context(), secret)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, linkPage(linkView{m, secret, m.Given, m.Family, shell.Refusal{}}))
}

// UseLink is POST /links/{secret}.
func (p *Pages) UseLink(w http.ResponseWriter, r *http.Request) error {
	secret := r.PathValue("secret")
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	m, err := p.Svc.Look(r.Context(), secret)
	if err != nil {
		return err
	}
	session, to := "", "/home"
	switch m.Kind {
	case "recover":
		session, err = p.Svc.Reset(r.Context(), secret, f.Get("password"), r.UserAgent())
	case "email":
		if err := p.Svc.ConfirmEmail(r.Context(), secret); err != nil {
			return err
		}
		return shell.Go(w, r, "/account", "account.email.confirmed")
	default:
		session, to, err = p.Svc.Accept(r.Context(), secret, account.Acceptance{Given: f.Text("given"), Family: f.Text("family"), Password: f.Get("password"),
			Browser: p.cookie(r, pendingCookie), Agent: r.UserAgent()})
	}
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return shell.Render(w, r, status(refusal), linkPage(linkView{m, secret, f.Text("given"), f.Text("family"), refusal}))
		})
	}
	p.keep(w, r, pendingCookie, "", -1)
	return p.welcome(w, r, session, next(to))
}
