package account

import (
	"context"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// The kinds of link that are mailed, and those that a browser keeps.
const (
	linkRecover  = "recover"  // set a new password
	linkInvite   = "invite"   // make an account
	linkEmail    = "email"    // the address is mine
	linkOIDC     = "oidc"     // a sign-in at a provider that is under way
	linkIdentity = "identity" // signed in at a provider, account still to be made
	linkTOTP     = "totp"     // the secret of a program for codes, still to be shown to work
	linkPasskey  = "passkey"  // what an authenticator was asked
)

// lives says how long a link works.
var lives = map[string]time.Duration{linkRecover: time.Hour, linkInvite: 30 * 24 * time.Hour, linkEmail: 7 * 24 * time.Hour,
	linkOIDC: 10 * time.Minute, linkIdentity: 2 * time.Hour, linkTOTP: 30 * time.Minute, linkPasskey: 5 * time.Minute}

// link is a secret that was given to somebody to be used once.
type link struct {
	kind, account, email string
}

// newLink stores a link and returns its secret. Inside a unit of work.
func (s *Service) newLink(ctx context.Context, l link, data any) (string, error) {
	value, now := secret(ctx), clock.Now(ctx)
	return value, s.insertLink(ctx, value, l, data, now, now.Add(lives[l.kind]))
}

// over is the answer for a link that is unknown, used or too old: the three are the same.
func over() error { return fault.New(fault.NotFound, "account.link.over") }

// peek reads a link that still works, and its data. Errors: NotFound.
func (s *Service) peek(ctx context.Context, secret string, data any, kinds ...string) (link, error) {
	var l link
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT kind, COALESCE(account_id, ''), COALESCE(email, ''), data FROM link_token WHERE hash = $1 AND used_at IS NULL AND expires_at > $2`,
		digest(secret), db.At(clock.Now(ctx))).Scan(&l.kind, &l.account, &l.email, db.FromJSON(data))
	if db.IsNone(err) {
		return l, over()
	}
	if err != nil {
		return l, err
	}
	for _, k := range kinds {
		if k == l.kind {
			return l, nil
		}
	}
	return l, over()
}

// use is peek that also uses the link up and forgets its data, so that of several at once only one
// succeeds. Inside a unit of work: if that fails, the link works again.
func (s *Service) use(ctx context.Context, secret string, data any, kind string) (link, error) {
	l, err := s.peek(ctx, secret, data, kind)
	if err != nil {
		return l, err
	}
	return l, s.one(ctx, over(), `UPDATE link_token SET used_at = $2, data = 'null' WHERE hash = $1 AND used_at IS NULL`, digest(secret), db.At(clock.Now(ctx)))
}

// address is what a mail names for a link.
func (s *Service) address(secret string) string { return s.Base + "/links/" + secret }

// Mailed is what the page of a mailed link shows before it is used.
type Mailed struct {
	Kind          string // recover, invite, email
	Email         string
	Given, Family string
	HasIdentity   bool // another provider signs in: no password is needed
	HasPerson     bool // the register knows the person: no name is asked
}

// Look reads a mailed link without using it: mail programs open links on their
// own. Errors: NotFound for one that is unknown, used or too old.
func (s *Service) Look(ctx context.Context, secret string) (Mailed, error) {
	var in invitation
	l, err := s.peek(ctx, secret, &in, linkRecover, linkInvite, linkEmail)
	return Mailed{Kind: l.kind, Email: l.email, Given: in.Given, Family: in.Family, HasIdentity: in.Identity != nil, HasPerson: in.Person != ""}, err
}

// Recover mails a link that sets a new password. The answer and the work are the
// same for an address without an account: it gets a mail that says so.
// Errors: Invalid; Unavailable after far too many from one network.
func (s *Service) Recover(ctx context.Context, email, from string) error {
	if err := fault.Join(refuseEmail("email", email)); err != nil {
		return err
	}
	email = normal(email)
	return s.askByMail(ctx, "recover", email, asksFrom("recover", from), func(ctx context.Context) error {
		id, l, err := s.byEmail(ctx, email)
		if err != nil {
			return err
		}
		value, err := s.newLink(ctx, link{linkRecover, id, email}, struct{}{})
		if err != nil {
			return err
		}
		letter := Letter{Account: id, Email: email, Locale: l, Kind: "account.mail.recover", Args: []any{s.address(value)}}
		if id == "" { // the link that was made leads nowhere: reset refuses one without an account
			letter.Kind, letter.Args = "account.mail.recover.none", []any{s.Base + "/sign-up"}
		}
		return s.send(ctx, letter)
	})
}

// AskByMail is askByMail for a room: from is a network address, and do gets the e-mail address as it is kept.
// Errors: Invalid; Unavailable after far too many from one network.
func (s *Service) AskByMail(ctx context.Context, kind, email, from string, do func(ctx context.Context, email string) error) error {
	if err := fault.Join(refuseEmail("email", email)); err != nil {
		return err
	}
	email = normal(email)
	return s.askByMail(ctx, kind, email, asksFrom(kind, from), func(ctx context.Context) error { return do(ctx, email) })
}

// askByMail does what ends in one mail to an address: counted for whoever asks, and silently
// not done for an address that had several just now. Nothing here looks whether there is an account.
func (s *Service) askByMail(ctx context.Context, kind, email string, asks counter, do func(context.Context) error) error {
	tooMany, err := s.count(ctx, []counter{asks})
	if err != nil {
		return err
	}
	if tooMany {
		return throttled()
	}
	tooMany, err = s.count(ctx, counters(kind, email, "", 0, mailLimit, 0))
	if err != nil || tooMany {
		return err
	}
	return s.do(ctx, do)
}

// Reset sets a new password by a recovery link, ends every session, token and link of the
// account, and opens a new session. Errors: NotFound for a link that is over; Invalid for the password.
func (s *Service) Reset(ctx context.Context, linkSecret, password, agent string) (session string, err error) {
	l, err := s.peek(ctx, linkSecret, &struct{}{}, linkRecover)
	if err != nil {
		return "", err
	}
	if l.account == "" {
		return "", over()
	}
	if err := fault.Join(refusePassword("password", password, l.email)); err != nil {
		return "", err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.do(ctx, func(ctx context.Context) error {
		if _, err := s.use(ctx, linkSecret, &struct{}{}, linkRecover); err != nil {
			return err
		}
		// Whoever could read the mail holds the address, if it still is the account's.
		err := s.one(ctx, over(), `UPDATE account SET password_hash = $2, email_verified_at = COALESCE(email_verified_at, $3), version = version + 1
			WHERE id = $1 AND email = $4 AND disabled_at IS NULL`, l.account, hash, db.At(clock.Now(ctx)), l.email)
		if err != nil {
			return err
		}
		if err := s.endAll(ctx, l.account); err != nil {
			return err
		}
		if session, err = s.enter(ctx, l.account, agent); err != nil {
			return err
		}
		return s.passwordChanged(ctx, l.account, l.email, "account.recover")
	})
	return session, err
}

// endAll ends the sessions of an account, its tokens, and its links: whoever had got in is out. Inside a unit of work.
func (s *Service) endAll(ctx context.Context, account string) error {
	if err := s.exec(ctx, `DELETE FROM session WHERE account_id = $1`, account); err != nil {
		return err
	}
	return s.endWaysBack(ctx, account)
}

// endWaysBack ends the tokens of an account and uses up its links: who had got in may have made them to come back, one
// of them to move the account to another address. Inside a unit of work.
func (s *Service) endWaysBack(ctx context.Context, account string) error {
	if err := s.exec(ctx, `UPDATE api_token SET revoked_at = $2 WHERE account_id = $1 AND revoked_at IS NULL`, account, db.At(clock.Now(ctx))); err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE link_token SET used_at = $2, data = 'null' WHERE account_id = $1 AND used_at IS NULL`, account, db.At(clock.Now(ctx)))
}

// passwordChanged tells the ledger and the owner of an account.
func (s *Service) passwordChanged(ctx context.Context, account, email, act string) error {
	a, err := s.ActorOf(ctx, account)
	if err != nil {
		return err
	}
	if err := s.note(ctx, a, act, account, nil); err != nil {
		return err
	}
	_, l, err := s.byEmail(ctx, email)
	if err != nil {
		return err
	}
	return s.send(ctx, Letter{Account: account, Email: email, Locale: l, Kind: "account.mail.password", Args: []any{s.Base + "/recover"}})
}

// local keeps an address of this site, "" for anything else.
func local(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\n\r\t") {
		return ""
	}
	return next
}
