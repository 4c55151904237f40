package account

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// VerifyEmail mails a link that proves that an address is a's: its present one,
// or one that becomes the account's by using the link. An address that belongs to
// another account is answered like a free one.
// Errors: Invalid; Unavailable after too many.
func (s *Service) VerifyEmail(ctx context.Context, a access.Actor, email string) error {
	if err := own(a); err != nil {
		return err
	}
	if err := fault.Join(refuseEmail("email", email)); err != nil {
		return err
	}
	email = normal(email)
	return s.askByMail(ctx, "verify", email, asksOf("verify", a.Account), func(ctx context.Context) error {
		value, err := s.newLink(ctx, link{linkEmail, a.Account, email}, struct{}{})
		if err != nil {
			return err
		}
		return s.send(ctx, Letter{Account: a.Account, Email: email, Locale: lang.Of(ctx), Kind: "account.mail.verify", Args: []any{s.address(value)}})
	})
}

// ConfirmEmail uses a link of VerifyEmail. A changed address is told to the old one.
// Errors: NotFound for a link that is over; Conflict where another account has the address.
func (s *Service) ConfirmEmail(ctx context.Context, linkSecret string) error {
	return s.do(ctx, func(ctx context.Context) error {
		l, err := s.use(ctx, linkSecret, &struct{}{}, linkEmail)
		if err != nil {
			return err
		}
		var before string
		err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT email FROM account WHERE id = $1 AND disabled_at IS NULL`, l.account).Scan(&before)
		if db.IsNone(err) {
			return over()
		}
		if err != nil {
			return err
		}
		err = s.exec(ctx, `UPDATE account SET email = $2, email_verified_at = $3, version = version + 1 WHERE id = $1`, l.account, l.email, db.At(clock.Now(ctx)))
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "account.taken")
		}
		if err != nil {
			return err
		}
		a, err := s.ActorOf(ctx, l.account)
		if err != nil {
			return err
		}
		if err := s.note(ctx, a, "account.email", l.account, nil); err != nil || before == l.email {
			return err
		}
		return s.send(ctx, Letter{Account: l.account, Email: before, Locale: lang.Of(ctx), Kind: "account.mail.moved", Args: []any{s.Base + "/help"}})
	})
}

// ChangePassword sets a's password and ends its other sessions, its tokens and its links. The old
// one is asked where there is one. Errors: Invalid; Unavailable after too many wrong ones.
func (s *Service) ChangePassword(ctx context.Context, a access.Actor, sessionID, before, password, address string) error {
	p, err := s.Profile(ctx, a)
	if err != nil {
		return err
	}
	if err := fault.Join(refusePassword("password", password, p.Email)); err != nil {
		return err
	}
	if p.HasPassword {
		err := s.counted(ctx, "confirm", a.Account, address, func() error { return s.passwordOf(before)(ctx, a.Account) })
		if err != nil {
			f := fault.From(err)
			if f.Field == "password" {
				f.Field = "before"
			}
			return err
		}
	} else if !a.Elevated { // signed in by another provider, too long ago
		return fault.New(fault.Invalid, "account.password.again")
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) error {
		// Another password that was set since is not the one that was shown.
		if err := s.one(ctx, fault.New(fault.Conflict, "account.stale"), `UPDATE account SET password_hash = $2, version = version + 1 WHERE id = $1 AND version = $3`, a.Account, hash, p.Version); err != nil {
			return err
		}
		if err := s.exec(ctx, `DELETE FROM session WHERE account_id = $1 AND id <> $2`, a.Account, sessionID); err != nil {
			return err
		}
		if err := s.endWaysBack(ctx, a.Account); err != nil {
			return err
		}
		return s.passwordChanged(ctx, a.Account, p.Email, "account.password")
	})
}
