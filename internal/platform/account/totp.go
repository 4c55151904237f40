package account

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"image/png"
	"log/slog"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/seal"
)

// TOTP as every program for it makes codes (RFC 6238): six digits by HMAC-SHA-1, a new one
// every thirty seconds. The step before and after are taken too, for clocks that differ.
const (
	totpStep = 30 // seconds
	totpSkew = 1  // steps
)

var totpOptions = totp.ValidateOpts{Period: totpStep, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// Setup is what a program that makes codes is set up with; it holds for half an hour and
// only in the session that asked for it.
type Setup struct {
	Secret string // base32, to be typed
	Image  string // data: address of a PNG with a QR code of it
	Token  string // to be given back to AddTOTP
}

// SetUpTOTP makes a new secret, which does nothing before AddTOTP.
// Errors: Conflict where the account has one.
func (s *Service) SetUpTOTP(ctx context.Context, a access.Actor) (Setup, error) {
	var out Setup
	err := s.do(ctx, func(ctx context.Context) error {
		p, err := s.Profile(ctx, a)
		if err != nil {
			return err
		}
		ways, err := s.Ways(ctx, a.Account)
		if err != nil {
			return err
		}
		if ways.TOTP {
			return fault.New(fault.Conflict, "account.totp.has")
		}
		bytes := clock.Bytes(ctx, 20) // as long as the hash, as RFC 4226 (section 4, R6) recommends
		out.Secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bytes)
		if out.Image, err = s.drawTOTP(p.Email, bytes); err != nil {
			return err
		}
		out.Token, err = s.newLink(ctx, link{linkTOTP, a.Account, ""}, s.Keys.Seal(ctx, totpPlace(a.Account), out.Secret))
		return err
	})
	return out, err
}

// drawTOTP draws the address that programs for codes read (otpauth:).
func (s *Service) drawTOTP(email string, secret []byte) (string, error) {
	_, host, _ := strings.Cut(s.Base, "://")
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Headwater " + host, AccountName: email, Secret: secret, Period: totpStep, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", err
	}
	drawn, err := key.Image(240, 240)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = png.Encode(&b, drawn)
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), err
}

// PendingTOTP is the secret of a setup that is under way, for its page to be drawn again.
// Errors: NotFound.
func (s *Service) PendingTOTP(ctx context.Context, a access.Actor, token string) (Setup, error) {
	out := Setup{Token: token}
	p, err := s.Profile(ctx, a)
	if err != nil {
		return out, err
	}
	var kept string
	l, err := s.peek(ctx, token, &kept, linkTOTP)
	if err != nil || l.account != a.Account {
		return out, over()
	}
	if out.Secret, err = s.Keys.Open(totpPlace(a.Account), kept); err != nil {
		return out, err
	}
	bytes, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(out.Secret)
	if err != nil {
		return out, err
	}
	out.Image, err = s.drawTOTP(p.Email, bytes)
	return out, err
}

// AddTOTP makes codes the account's second factor once a first one has shown that the
// program works, marks this session as signed in with it, ends all others, and returns the
// recovery codes: they are shown this once.
// Errors: NotFound for a setup that is over; Invalid for the code.
func (s *Service) AddTOTP(ctx context.Context, a access.Actor, sessionID, token, code string) (recovery []string, err error) {
	if err := own(a); err != nil {
		return nil, err
	}
	err = s.do(ctx, func(ctx context.Context) error {
		var kept string
		l, err := s.peek(ctx, token, &kept, linkTOTP)
		if err != nil {
			return err
		}
		if l.account != a.Account {
			return over()
		}
		secret, err := s.Keys.Open(totpPlace(a.Account), kept)
		if err != nil {
			return err
		}
		step, ok, err := stepOf(ctx, secret, code)
		if err != nil {
			return err
		}
		if !ok {
			return fault.Field("code", "account.code.wrong")
		}
		if _, err := s.use(ctx, token, &kept, linkTOTP); err != nil {
			return err
		}
		now := db.At(clock.Now(ctx))
		err = s.exec(ctx, `INSERT INTO account_totp (account_id, secret, step, created_at, used_at) VALUES ($1, $2, $3, $4, $4)`, a.Account, kept, step, now)
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "account.totp.has")
		}
		if err != nil {
			return err
		}
		if recovery, err = s.newRecovery(ctx, a.Account); err != nil {
			return err
		}
		return s.factorAdded(ctx, a, sessionID, "account.totp")
	})
	return recovery, err
}

// RemoveTOTP takes the second factor by codes away, and the recovery codes with it where no
// passkey is left. Errors: NotFound.
func (s *Service) RemoveTOTP(ctx context.Context, a access.Actor) error {
	if err := own(a); err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) error {
		if err := s.one(ctx, fault.Missing(), `DELETE FROM account_totp WHERE account_id = $1`, a.Account); err != nil {
			return err
		}
		return s.factorRemoved(ctx, a, "account.totp.remove")
	})
}

// takeTOTP uses up a code. A code is taken once: of two that come at the same time only one
// moves the step. Inside a unit of work.
func (s *Service) takeTOTP(ctx context.Context, account, code string) (ok bool, err error) {
	var kept string
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT secret FROM account_totp WHERE account_id = $1`, account).Scan(&kept)
	if db.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	secret, err := s.Keys.Open(totpPlace(account), kept)
	if errors.Is(err, seal.ErrLocked) { // a recovery code still works
		slog.ErrorContext(ctx, "codes of an account cannot be checked", "account", account, "error", err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step, ok, err := stepOf(ctx, secret, code)
	if err != nil || !ok {
		return false, err
	}
	err = s.one(ctx, errStale, `UPDATE account_totp SET step = $2, used_at = $3 WHERE account_id = $1 AND step < $2`, account, step, db.At(clock.Now(ctx)))
	if err == errStale {
		return false, nil
	}
	return err == nil, err
}

// totpPlace is where the secret of an account is kept, to who seals it.
func totpPlace(account string) string { return "account_totp " + account }

// Reseal seals the secrets that are not sealed yet, or by a key that is not the first any more. To be run
// when the program starts. One whose key was lost stays as it is.
func (s *Service) Reseal(ctx context.Context) error {
	if len(s.Keys) == 0 {
		return nil
	}
	return s.do(ctx, func(ctx context.Context) error {
		list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v [2]string, err error) { return v, r.Scan(&v[0], &v[1]) }, `SELECT account_id, secret FROM account_totp`)
		if err != nil {
			return err
		}
		for _, v := range list {
			account, kept := v[0], v[1]
			now, changed, err := s.Keys.Renew(ctx, totpPlace(account), kept)
			if errors.Is(err, seal.ErrLocked) {
				continue
			}
			if err == nil && changed {
				err = s.exec(ctx, `UPDATE account_totp SET secret = $2 WHERE account_id = $1`, account, now)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// errStale is a code of a step that was used.
var errStale = fault.New(fault.Invalid, "account.code.wrong")

// stepOf is the time step whose code this is, if one near now has it.
func stepOf(ctx context.Context, secret, code string) (step int64, ok bool, err error) {
	code = strings.Join(strings.Fields(code), "")
	now := clock.Now(ctx)
	for k := -totpSkew; k <= totpSkew; k++ {
		at := now.Add(time.Duration(k) * totpStep * time.Second)
		if ok, err = totp.ValidateCustom(code, secret, at, totpOptions); ok {
			return at.Unix() / totpStep, true, nil
		}
		if err != nil && err != otp.ErrValidateInputInvalidLength {
			return 0, false, err
		}
	}
	return 0, false, nil
}
