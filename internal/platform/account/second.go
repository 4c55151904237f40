package account

import (
	"context"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// halfLife is how long a sign-in waits for its second factor.
const halfLife = 10 * time.Minute

// half is what the database keeps of a session that waits for its second factor. It is no
// hash of any cookie: as a session it is unknown to whoever looks one up.
func half(secret string) string { return "half " + digest(secret) }

// Ways are what an account can show besides its password.
type Ways struct {
	TOTP     bool
	Passkeys int
	Recovery int // codes that are left
}

// Any reports whether signing in takes a second factor.
func (w Ways) Any() bool { return w.TOTP || w.Passkeys > 0 }

// Ways tells what an account can show. For the account's own pages.
func (s *Service) Ways(ctx context.Context, account string) (w Ways, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM account_totp WHERE account_id = $1) > 0, (SELECT count(*) FROM account_passkey WHERE account_id = $1),
		(SELECT count(*) FROM account_recovery WHERE account_id = $1)`, account).Scan(&w.TOTP, &w.Passkeys, &w.Recovery)
	return w, err
}

// enter opens a session for who has shown one factor. Where the account has a second one,
// the session is half open: until Second it stands for nobody. Inside a unit of work.
func (s *Service) enter(ctx context.Context, account, agent string) (string, error) {
	ways, err := s.Ways(ctx, account)
	if err != nil {
		return "", err
	}
	if !ways.Any() {
		return s.open(ctx, account, agent, false)
	}
	value, now := secret(ctx), clock.Now(ctx)
	return value, s.exec(ctx, `INSERT INTO session (id, hash, account_id, created_at, seen_at, expires_at, agent) VALUES ($1, $2, $3, $4, $4, $5, $6)`,
		clock.ID(ctx), half(value), account, db.At(now), db.At(now.Add(halfLife)), shortAgent(agent))
}

// Half is what a half-open session waits for. Errors: NotFound for a secret that is none of one.
func (s *Service) Half(ctx context.Context, secret string) (Ways, error) {
	_, account, _, err := s.halfOpen(ctx, secret)
	if err != nil {
		return Ways{}, err
	}
	return s.Ways(ctx, account)
}

func (s *Service) halfOpen(ctx context.Context, secret string) (id, account, agent string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT s.id, s.account_id, s.agent FROM session s JOIN account a ON a.id = s.account_id WHERE s.hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL`,
		half(secret), db.At(clock.Now(ctx))).Scan(&id, &account, &agent)
	return id, account, agent, missing(err)
}

// Second finishes signing in with a code: of the program that makes codes, or one of the
// recovery codes. It returns the secret of a new session.
// Errors: NotFound for a sign-in that is over; Invalid for the code; Unavailable after too many wrong ones.
func (s *Service) Second(ctx context.Context, secret, code, address string) (session string, err error) {
	id, account, agent, err := s.halfOpen(ctx, secret)
	if err != nil {
		return "", err
	}
	err = s.counted(ctx, "second", account, address, func() error {
		return s.do(ctx, func(ctx context.Context) error {
			if err := s.codeOf(code)(ctx, account); err != nil {
				return err
			}
			if err := s.one(ctx, over(), `DELETE FROM session WHERE id = $1`, id); err != nil {
				return err
			}
			session, err = s.open(ctx, account, agent, true)
			return err
		})
	})
	return session, err
}

// counted does what must not be tried too often: it counts before the work, so that tries
// at the same time cannot slip through, and forgets a try that went well. No unit of work is
// open around try: a password takes long to check.
func (s *Service) counted(ctx context.Context, kind, key, address string, try func() error) error {
	tooMany, err := s.count(ctx, counters(kind, key, address, pairLimit, accountLimit, addressLimit))
	if err != nil {
		return err
	}
	if tooMany {
		return throttled()
	}
	if err := try(); err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) error { return s.forgive(ctx, kind, key, address) })
}

// takeCode uses up a code of either kind. Inside a unit of work.
func (s *Service) takeCode(ctx context.Context, account, code string) (ok bool, err error) {
	if ok, err = s.takeTOTP(ctx, account, code); ok || err != nil {
		return ok, err
	}
	err = s.one(ctx, errStale, `DELETE FROM account_recovery WHERE hash = $1 AND account_id = $2`, digest(plainCode(code)), account)
	if err == errStale {
		return false, nil
	}
	return err == nil, err
}

// Recovery codes: ten of 80 random bits, so that their hashes cannot be tried out.
const (
	recoveryCodes = 10
	recoveryBytes = 10
)

// newRecovery makes new recovery codes in place of the old. Inside a unit of work.
func (s *Service) newRecovery(ctx context.Context, account string) ([]string, error) {
	if err := s.exec(ctx, `DELETE FROM account_recovery WHERE account_id = $1`, account); err != nil {
		return nil, err
	}
	var codes []string
	for range recoveryCodes {
		code := strings.ToLower(base32.StdEncoding.EncodeToString(clock.Bytes(ctx, recoveryBytes)))
		if err := s.exec(ctx, `INSERT INTO account_recovery (hash, account_id) VALUES ($1, $2)`, digest(code), account); err != nil {
			return nil, err
		}
		codes = append(codes, strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-"))
	}
	return codes, nil
}

// plainCode is a recovery code without what people write between its letters.
func plainCode(code string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "", "\t", "").Replace(code))
}

// RenewRecovery makes new recovery codes; the old ones end.
// Errors: Conflict where the account has no second factor.
func (s *Service) RenewRecovery(ctx context.Context, a access.Actor) (codes []string, err error) {
	if err := own(a); err != nil {
		return nil, err
	}
	err = s.do(ctx, func(ctx context.Context) error {
		ways, err := s.Ways(ctx, a.Account)
		if err != nil {
			return err
		}
		if !ways.Any() {
			return fault.New(fault.Conflict, "account.recovery.nothing")
		}
		if codes, err = s.newRecovery(ctx, a.Account); err != nil {
			return err
		}
		return s.note(ctx, a, "account.recovery", a.Account, nil)
	})
	return codes, err
}

// factorAdded: the session has shown it, all others have not and end; the owner is told.
// Inside a unit of work.
func (s *Service) factorAdded(ctx context.Context, a access.Actor, sessionID, act string) error {
	if err := s.exec(ctx, `DELETE FROM session WHERE account_id = $1 AND id <> $2`, a.Account, sessionID); err != nil {
		return err
	}
	now := clock.Now(ctx)
	if err := s.exec(ctx, `UPDATE session SET second_at = $3, elevated_until = $4 WHERE id = $1 AND account_id = $2`, sessionID, a.Account, db.At(now), db.At(now.Add(elevation))); err != nil {
		return err
	}
	return s.tellFactor(ctx, a, act, "account.mail.factor.added")
}

// factorRemoved forgets the recovery codes of an account that has no second factor any
// more, and tells the owner. Inside a unit of work.
func (s *Service) factorRemoved(ctx context.Context, a access.Actor, act string) error {
	ways, err := s.Ways(ctx, a.Account)
	if err != nil {
		return err
	}
	if !ways.Any() {
		if err := s.exec(ctx, `DELETE FROM account_recovery WHERE account_id = $1`, a.Account); err != nil {
			return err
		}
	}
	return s.tellFactor(ctx, a, act, "account.mail.factor.removed")
}

func (s *Service) tellFactor(ctx context.Context, a access.Actor, act, kind string) error {
	if err := s.note(ctx, a, act, a.Account, nil); err != nil {
		return err
	}
	p, err := s.Profile(ctx, a)
	if err != nil {
		return err
	}
	return s.send(ctx, Letter{Account: a.Account, Email: p.Email, Locale: p.Locale, Kind: kind, Args: []any{s.Base + "/account/second", s.Base + "/recover"}})
}

// restrict takes from a the roles that need a second factor where none was shown: they
// sleep, and hold again in a session that has shown one.
func (s *Service) restrict(a *access.Actor, second bool) {
	if a.Second = second; second || len(s.SecondFactor) == 0 {
		return
	}
	var awake []access.Grant
	for _, g := range a.Grants {
		if !slices.Contains(s.SecondFactor, g.Role) {
			awake = append(awake, g)
		} else if !slices.Contains(a.Asleep, g.Role) {
			a.Asleep = append(a.Asleep, g.Role)
		}
	}
	a.Grants = awake
}
