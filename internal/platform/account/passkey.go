package account

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Passkey is one passkey as its owner sees it.
type Passkey struct {
	ID, Name      string
	Created, Used time.Time
}

// Asked is what a browser's authenticator is asked: Options go to it, State comes back with
// its answer.
type Asked struct {
	Options json.RawMessage
	State   string
}

// Answered is what an authenticator answered to what was asked.
type Answered struct {
	State    string
	Response []byte
}

// Given reports whether there is an answer.
func (a Answered) Given() bool { return len(a.Response) > 0 }

// ceremony is what is kept of what an authenticator was asked until it answers.
type ceremony struct {
	Origin  string
	Session webauthn.SessionData
}

// holderOf is an account as the library sees it. Its handle is the account's key: random,
// and no name of anybody.
type holderOf struct {
	id, email, name string
	list            []webauthn.Credential
}

func (h holderOf) WebAuthnID() []byte                         { return []byte(h.id) }
func (h holderOf) WebAuthnName() string                       { return h.email }
func (h holderOf) WebAuthnDisplayName() string                { return h.name }
func (h holderOf) WebAuthnCredentials() []webauthn.Credential { return h.list }

// relying is this installation to an authenticator. A passkey is bound to the host of the
// public address; only on this machine, and in the demonstration, to the one that the
// browser used. Errors: Conflict for a host that is a number: passkeys need a name.
func (s *Service) relying(origin string) (*webauthn.WebAuthn, string, error) {
	if u, err := url.Parse(s.Base); err == nil && !s.Demo && u.Hostname() != "" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		origin = u.Scheme + "://" + u.Host
	}
	u, err := url.Parse(origin)
	if err != nil {
		return nil, "", err
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil, "", fault.New(fault.Conflict, "account.passkey.host")
	}
	w, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Headwater", RPOrigins: []string{origin}})
	return w, origin, err
}

// challenged draws the challenge of a registration from our own source of chance.
func challenged(ctx context.Context) webauthn.RegistrationOption {
	return func(o *protocol.PublicKeyCredentialCreationOptions) error {
		o.Challenge = clock.Bytes(ctx, 32)
		return nil
	}
}

// ask keeps a ceremony until its answer comes.
func (s *Service) ask(ctx context.Context, account, origin string, options any, session *webauthn.SessionData) (Asked, error) {
	var out Asked
	var err error
	if out.Options, err = json.Marshal(options); err != nil {
		return out, err
	}
	err = s.do(ctx, func(ctx context.Context) error {
		out.State, err = s.newLink(ctx, link{linkPasskey, account, ""}, ceremony{origin, *session})
		return err
	})
	return out, err
}

// answered is the ceremony of an answer; an answer is looked at once, right or wrong.
func (s *Service) answered(ctx context.Context, in Answered) (c ceremony, account string, err error) {
	err = s.do(ctx, func(ctx context.Context) error {
		l, err := s.use(ctx, in.State, &c, linkPasskey)
		account = l.account
		return err
	})
	return c, account, err
}

// unproven is the answer for every passkey that is not taken, whatever is wrong with it.
func unproven(cause error) error {
	return fault.New(fault.Invalid, "account.passkey.wrong").At("passkey").Because(cause)
}

// BeginAddPasskey asks an authenticator for a new passkey: one that finds the account by
// itself, and that asks its person (a fingerprint, a PIN), so that it is two factors in one.
func (s *Service) BeginAddPasskey(ctx context.Context, a access.Actor, origin string) (Asked, error) {
	p, err := s.Profile(ctx, a)
	if err != nil {
		return Asked{}, err
	}
	w, origin, err := s.relying(origin)
	if err != nil {
		return Asked{}, err
	}
	h := holderOf{a.Account, p.Email, p.Name, nil}
	if h.list, err = s.credentials(ctx, a.Account); err != nil {
		return Asked{}, err
	}
	options, session, err := w.BeginRegistration(h, challenged(ctx),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}),
		webauthn.WithExclusions(webauthn.Credentials(h.list).CredentialDescriptors()))
	if err != nil {
		return Asked{}, err
	}
	return s.ask(ctx, a.Account, origin, options.Response, session)
}

// AddPasskey keeps a new passkey, ends all other sessions, and returns recovery codes where
// the account had none: they are shown this once.
// Errors: NotFound for what was asked too long ago; Invalid for an answer that does not fit, or a name.
func (s *Service) AddPasskey(ctx context.Context, a access.Actor, sessionID, name string, in Answered) (recovery []string, err error) {
	p, err := s.Profile(ctx, a)
	if err != nil {
		return nil, err
	}
	if name = strings.TrimSpace(name); name == "" || len([]rune(name)) > 100 {
		return nil, fault.Field("name", "account.passkey.name")
	}
	c, account, err := s.answered(ctx, in)
	if err != nil {
		return nil, err
	}
	if account != a.Account {
		return nil, over()
	}
	w, _, err := s.relying(c.Origin)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(in.Response)
	if err != nil {
		return nil, unproven(err)
	}
	made, err := w.CreateCredential(holderOf{a.Account, p.Email, p.Name, nil}, c.Session, parsed)
	if err != nil {
		return nil, unproven(err)
	}
	err = s.do(ctx, func(ctx context.Context) error {
		err := s.exec(ctx, `INSERT INTO account_passkey (id, account_id, credential_id, name, credential, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			clock.ID(ctx), a.Account, credentialID(made), name, db.JSON(made), db.At(clock.Now(ctx)))
		if db.IsUnique(err) {
			return unproven(err)
		}
		if err != nil {
			return err
		}
		ways, err := s.Ways(ctx, a.Account)
		if err != nil {
			return err
		}
		if ways.Recovery == 0 {
			if recovery, err = s.newRecovery(ctx, a.Account); err != nil {
				return err
			}
		}
		return s.factorAdded(ctx, a, sessionID, "account.passkey")
	})
	return recovery, err
}

// Passkeys lists a's passkeys, the oldest first.
func (s *Service) Passkeys(ctx context.Context, a access.Actor) ([]Passkey, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Passkey, err error) {
		return p, r.Scan(&p.ID, &p.Name, db.Time(&p.Created), db.Time(&p.Used))
	}, `SELECT id, name, created_at, used_at FROM account_passkey WHERE account_id = $1 ORDER BY created_at, id`, a.Account)
}

// RemovePasskey takes a passkey away. Errors: NotFound.
func (s *Service) RemovePasskey(ctx context.Context, a access.Actor, id string) error {
	if err := own(a); err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) error {
		if err := s.one(ctx, fault.Missing(), `DELETE FROM account_passkey WHERE id = $1 AND account_id = $2`, id, a.Account); err != nil {
			return err
		}
		return s.factorRemoved(ctx, a, "account.passkey.remove")
	})
}

// BeginPasskey asks an authenticator who it is. Nobody is named in the question: it is the
// same for everybody.
func (s *Service) BeginPasskey(ctx context.Context, origin string) (Asked, error) {
	w, origin, err := s.relying(origin)
	if err != nil {
		return Asked{}, err
	}
	options, session, err := w.BeginDiscoverableLogin(webauthn.WithChallenge(clock.Bytes(ctx, 32)), webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Asked{}, err
	}
	return s.ask(ctx, "", origin, options.Response, session)
}

// SignInByPasskey opens a session for who answers with a passkey that is known: it is two
// factors in one. Errors: NotFound for what was asked too long ago; Invalid.
func (s *Service) SignInByPasskey(ctx context.Context, in Answered, agent string) (session string, err error) {
	account, err := s.shown(ctx, in)
	if err != nil {
		return "", err
	}
	err = s.do(ctx, func(ctx context.Context) error {
		session, err = s.open(ctx, account, agent, true)
		return err
	})
	return session, err
}

func (s *Service) passkeyOf(in Answered) func(ctx context.Context, account string) error {
	return func(ctx context.Context, account string) error {
		shown, err := s.shown(ctx, in)
		if err == nil && shown != account {
			err = unproven(nil)
		}
		return err
	}
}

// shown is the account whose passkey an answer shows. A counter that went back is a copy of
// the authenticator: it is not taken.
func (s *Service) shown(ctx context.Context, in Answered) (account string, err error) {
	c, _, err := s.answered(ctx, in)
	if err != nil {
		return "", err
	}
	w, _, err := s.relying(c.Origin)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(in.Response)
	if err != nil {
		return "", unproven(err)
	}
	_, used, err := w.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		account = string(handle)
		list, err := s.credentials(ctx, account)
		return holderOf{id: account, list: list}, err
	}, c.Session, parsed)
	if err != nil {
		return "", unproven(err)
	}
	if used.Authenticator.CloneWarning {
		return "", unproven(nil)
	}
	err = s.do(ctx, func(ctx context.Context) error {
		return s.one(ctx, unproven(nil), `UPDATE account_passkey SET credential = $2, used_at = $3 WHERE credential_id = $1
			AND EXISTS (SELECT 1 FROM account a WHERE a.id = account_passkey.account_id AND a.disabled_at IS NULL)`, credentialID(used), db.JSON(used), db.At(clock.Now(ctx)))
	})
	return account, err
}

func credentialID(c *webauthn.Credential) string {
	return base64.RawURLEncoding.EncodeToString(c.ID)
}

func (s *Service) credentials(ctx context.Context, account string) ([]webauthn.Credential, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c webauthn.Credential, err error) {
		return c, r.Scan(db.FromJSON(&c))
	}, `SELECT credential FROM account_passkey WHERE account_id = $1 ORDER BY created_at, id`, account)
}
