package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/fetch"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// proven is what a provider says about who signed in there.
type proven struct {
	Provider, Issuer, Subject string
	Email                     string `json:",omitempty"` // only where the provider is trusted with it
	Given, Family, ORCID      string `json:",omitempty"`
}

// underway is what is kept of a sign-in at a provider until its answer comes.
type underway struct {
	Provider, Nonce, Verifier, Next string
	Link                            bool // add the identity to the account that is signed in
}

func (s *Service) provider(ctx context.Context, id string) (Provider, *oidc.Provider, error) {
	for _, p := range s.Providers {
		if p.ID != id {
			continue
		}
		if found, ok := s.discovered.Load(id); ok {
			return p, found.(*oidc.Provider), nil
		}
		found, err := oidc.NewProvider(s.http(context.WithoutCancel(ctx)), p.Issuer)
		if err != nil {
			return p, nil, fault.New(fault.Unavailable, "account.oidc.down", p.Name).Because(err)
		}
		s.discovered.Store(id, found)
		return p, found, nil
	}
	return Provider{}, nil, fault.Missing()
}

// patience bounds how long we wait for a provider.
const patience = 15 * time.Second

// public reaches providers on the public internet.
var public = sync.OnceValue(func() *http.Client { return fetch.Client() })

func (s *Service) http(ctx context.Context) context.Context {
	c := s.HTTP
	if c == nil {
		c = public()
	}
	return oidc.ClientContext(ctx, c)
}

func (s *Service) config(p Provider, found *oidc.Provider) *oauth2.Config {
	scopes := p.Scopes
	if len(scopes) == 0 {
		scopes = []string{"profile", "email"}
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: s.Base + "/sign-in/back/" + p.ID,
		Scopes: append([]string{oidc.ScopeOpenID}, scopes...)}
}

// Begin starts a sign-in at a provider: the browser is sent to address and keeps
// state in a cookie, so that nobody can finish it in another browser. Where linkTo
// is signed in, the identity is added to that account. Errors: NotFound for
// the provider; Unavailable where it does not answer.
func (s *Service) Begin(ctx context.Context, providerID, next string, linkTo access.Actor) (address, state string, err error) {
	p, found, err := s.provider(ctx, providerID)
	if err != nil {
		return "", "", err
	}
	u := underway{Provider: p.ID, Nonce: secret(ctx), Verifier: secret(ctx), Next: local(next), Link: !linkTo.Public()}
	if u.Link {
		if err := own(linkTo); err != nil {
			return "", "", err
		}
	}
	err = s.do(ctx, func(ctx context.Context) error {
		state, err = s.newLink(ctx, link{linkOIDC, linkTo.Account, ""}, u)
		return err
	})
	return s.config(p, found).AuthCodeURL(state, oidc.Nonce(u.Nonce), oauth2.S256ChallengeOption(u.Verifier)), state, err
}

// Answer is what a provider sends the browser back with.
type Answer struct {
	State, Code, Error string
	Issuer             string // parameter iss (RFC 9207), where the provider sends it
	Browser            string // the state that this browser kept
	Agent              string
}

// Outcome is how a sign-in at a provider ended: with a session; or linked to the
// account that was signed in; or Pending, where there is no account yet: the
// secret is what Join takes.
type Outcome struct {
	Session, Next, Pending string
	Linked                 bool
	Given, Family, Email   string // with Pending: what the provider says, to begin the form with
}

// Finish takes a provider's answer. actor is who is signed in in this browser.
// Errors: Invalid for an answer that does not belong to a sign-in begun in this
// browser within ten minutes, or that the person broke off; Unavailable where the provider does not
// answer; Conflict where the identity or its ORCID iD belongs to another account.
func (s *Service) Finish(ctx context.Context, actor access.Actor, providerID string, in Answer) (out Outcome, err error) {
	p, found, err := s.provider(ctx, providerID)
	if err != nil {
		return out, err
	}
	var u underway
	var l link
	if subtle.ConstantTimeCompare([]byte(in.State), []byte(in.Browser)) != 1 || in.State == "" {
		return out, fault.New(fault.Invalid, "account.oidc.stale")
	}
	err = s.do(ctx, func(ctx context.Context) error {
		l, err = s.use(ctx, in.State, &u, linkOIDC)
		return err
	})
	if fault.Is(err, fault.NotFound) || err == nil && (u.Provider != p.ID || in.Issuer != "" && in.Issuer != p.Issuer || l.account != "" && l.account != actor.Account) {
		return out, fault.New(fault.Invalid, "account.oidc.stale")
	}
	if err != nil {
		return out, err
	}
	out.Next = u.Next
	if in.Error != "" || in.Code == "" {
		return out, fault.New(fault.Invalid, "account.oidc.refused", p.Name)
	}
	who, err := s.prove(ctx, p, found, u, in.Code)
	if err != nil {
		return out, err
	}
	err = s.do(ctx, func(ctx context.Context) error {
		if u.Link {
			out.Linked = true
			return s.addIdentity(ctx, actor, who)
		}
		return s.signInProven(ctx, who, in.Agent, &out)
	})
	return out, err
}

// prove exchanges the code and checks the ID token: signature, issuer, audience,
// times (go-oidc), and the nonce.
func (s *Service) prove(ctx context.Context, p Provider, found *oidc.Provider, u underway, code string) (who proven, err error) {
	ctx, cancel := context.WithTimeout(s.http(ctx), patience)
	defer cancel()
	token, err := s.config(p, found).Exchange(ctx, code, oauth2.VerifierOption(u.Verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError {
		return who, fault.New(fault.Invalid, "account.oidc.stale").Because(err) // a code used before, or begun by somebody else
	}
	if err != nil {
		return who, fault.New(fault.Unavailable, "account.oidc.down", p.Name).Because(err)
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: func() time.Time { return clock.Now(ctx) }}).Verify(ctx, raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(u.Nonce)) != 1 {
		return who, fault.New(fault.Invalid, "account.oidc.stale").Because(err)
	}
	claims := map[string]any{}
	if err := idToken.Claims(&claims); err != nil {
		return who, fault.New(fault.Unavailable, "account.oidc.down", p.Name).Because(err)
	}
	if info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token)); err == nil && info.Subject == idToken.Subject {
		more := map[string]any{}
		if info.Claims(&more) == nil {
			for k, v := range more {
				if _, signed := claims[k]; !signed {
					claims[k] = v
				}
			}
		}
	}
	return read(p, idToken.Issuer, idToken.Subject, claims), nil
}

// read takes what is used of a provider's claims.
func read(p Provider, issuer, subject string, claims map[string]any) proven {
	text := func(name string) string { s, _ := claims[name].(string); return strings.TrimSpace(s) }
	who := proven{Provider: p.ID, Issuer: issuer, Subject: subject, Given: text("given_name"), Family: text("family_name")}
	if verified, _ := claims["email_verified"].(bool); verified && p.TrustEmail && refuseEmail("", text("email")) == nil {
		who.Email = normal(text("email"))
	}
	if p.ORCID != "" {
		who.ORCID = bareORCID(text(p.ORCID))
	}
	return who
}

// bareORCID is the iD without its address: 0000-0002-1825-0097.
func bareORCID(s string) string { return s[strings.LastIndex(s, "/")+1:] }

// signInProven opens a session for a known identity, or for an account whose
// proven address a trusted provider vouches for. Otherwise it keeps the identity until
// the person has told an address that a mail reaches. Inside a unit of work.
func (s *Service) signInProven(ctx context.Context, who proven, agent string, out *Outcome) error {
	var account string
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT a.id FROM account_identity i JOIN account a ON a.id = i.account_id WHERE i.issuer = $1 AND i.subject = $2 AND a.disabled_at IS NULL`, who.Issuer, who.Subject).Scan(&account)
	if db.IsNone(err) {
		account, err = s.vouched(ctx, who)
	}
	if err != nil {
		return err
	}
	if account != "" {
		out.Session, err = s.enter(ctx, account, agent)
		return err
	}
	out.Given, out.Family, out.Email = who.Given, who.Family, who.Email
	out.Pending, err = s.newLink(ctx, link{linkIdentity, "", ""}, who)
	return err
}

func (s *Service) vouched(ctx context.Context, who proven) (account string, err error) {
	if who.Email == "" {
		return "", nil
	}
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM account WHERE email = $1 AND email_verified_at IS NOT NULL AND disabled_at IS NULL`, who.Email).Scan(&account)
	if db.IsNone(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	a, err := s.ActorOf(ctx, account)
	if err != nil {
		return "", err
	}
	return account, s.addIdentity(ctx, a, who)
}

// addIdentity lets an identity sign in as a's account, and records its ORCID iD
// on the person. Inside a unit of work. Conflict where either is another's.
func (s *Service) addIdentity(ctx context.Context, a access.Actor, who proven) error {
	var holder string
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT account_id FROM account_identity WHERE issuer = $1 AND subject = $2`, who.Issuer, who.Subject).Scan(&holder)
	switch {
	case err == nil && holder == a.Account:
		return nil
	case err == nil:
		return fault.New(fault.Conflict, "account.identity.taken")
	case !db.IsNone(err):
		return err
	}
	err = s.exec(ctx, `INSERT INTO account_identity (id, account_id, issuer, subject, created_at) VALUES ($1, $2, $3, $4, $5)`,
		clock.ID(ctx), a.Account, who.Issuer, who.Subject, db.At(clock.Now(ctx)))
	if err != nil {
		return err
	}
	if who.ORCID != "" && a.Person != "" && s.People != nil {
		if err := s.People.ProveORCID(ctx, a.Person, who.ORCID); err != nil {
			return err
		}
	}
	return s.note(ctx, a, "account.identity", a.Account, map[string]string{"issuer": who.Issuer, "orcid": who.ORCID})
}

// RemoveIdentity takes away a way to sign in. Errors: NotFound; Conflict for the
// last way in of an account without a password.
func (s *Service) RemoveIdentity(ctx context.Context, a access.Actor, id string) error {
	return s.do(ctx, func(ctx context.Context) error {
		p, err := s.Profile(ctx, a)
		if err != nil {
			return err
		}
		if !p.HasPassword && len(p.Identities) < 2 {
			return fault.New(fault.Conflict, "account.identity.last")
		}
		if err := s.one(ctx, fault.Missing(), `DELETE FROM account_identity WHERE id = $1 AND account_id = $2`, id, a.Account); err != nil {
			return err
		}
		return s.note(ctx, a, "account.identity.remove", a.Account, nil)
	})
}

// Pending reads an identity that has no account yet, for the form that Join takes.
// Errors: NotFound.
func (s *Service) Pending(ctx context.Context, pending string) (Outcome, error) {
	var who proven
	_, err := s.peek(ctx, pending, &who, linkIdentity)
	return Outcome{Pending: pending, Given: who.Given, Family: who.Family, Email: who.Email}, err
}

// Join makes an account for an identity: the link that it mails proves the
// address, and works only in the browser that holds the pending secret, so that nobody can
// be led to open an account for somebody else's identity. An address with an account is
// answered alike, and told by mail to sign in and add the identity there.
// Errors: NotFound for a pending secret that is over; Invalid; Unavailable.
func (s *Service) Join(ctx context.Context, in SignUp) error {
	var who proven
	if _, err := s.peek(ctx, in.Pending, &who, linkIdentity); err != nil {
		return err
	}
	if err := in.refuse(); err != nil {
		return err
	}
	in.Browser = in.Pending
	return s.register(ctx, in, &who)
}

// Offered is a way to sign in, for the page.
type Offered struct{ ID, Name, Issuer string }

// Offered lists the providers in the order of the configuration.
func (s *Service) Offered() []Offered {
	list := make([]Offered, 0, len(s.Providers))
	for _, p := range s.Providers {
		list = append(list, Offered{p.ID, p.Name, p.Issuer})
	}
	return list
}

// localeOr is l, or other where there is none.
func localeOr(l, other lang.Locale) lang.Locale {
	if l == "" {
		return other
	}
	return l
}
