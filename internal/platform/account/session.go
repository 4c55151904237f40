package account

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

const (
	sessionLife = 14 * 24 * time.Hour // after its last use
	sessionMost = 90 * 24 * time.Hour // after its beginning, used or not
	elevation   = 30 * time.Minute    // sealed texts open for so long after the password was given
	touch       = time.Hour           // a session in use is written at most so often
)

// Session is what a request's cookie stands for.
type Session struct {
	ID     string
	Actor  access.Actor
	Locale lang.Locale
	Zone   *time.Location
	Agency string // the agency chosen in the menu
}

// Try is one try to sign in.
type Try struct {
	Email, Password string
	Address         string // of the client on the network
	Agent           string // its browser's name, shown in the list of sessions
}

// SignIn opens a session and returns the secret for its cookie; where the account has a
// second factor, the session stands for nobody until Second. An unknown address and a wrong
// password are told apart neither by answer nor by time.
// Errors: Invalid; Unavailable after too many failures.
func (s *Service) SignIn(ctx context.Context, in Try) (secret string, err error) {
	email := normal(in.Email)
	over, err := s.count(ctx, counters("sign-in", email, in.Address, pairLimit, accountLimit, addressLimit))
	if err != nil {
		return "", err
	}
	if over {
		return "", throttled()
	}
	wrong := fault.Field("email", "account.wrong")
	id, hash, old, err := s.check(ctx, `email = $1`, email, in.Password)
	if err != nil {
		return "", err
	}
	if id == "" {
		return "", wrong
	}
	renewed := hash
	if old {
		if renewed, err = hashPassword(ctx, in.Password); err != nil {
			return "", err
		}
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		// Who sets another password puts everybody out: also who had shown the old one, and was not in yet.
		if err := s.one(ctx, wrong, `UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, id, hash, renewed); err != nil {
			return err
		}
		if err := s.forgive(ctx, "sign-in", email, in.Address); err != nil {
			return err
		}
		secret, err = s.enter(ctx, id, in.Agent)
		return err
	})
	return secret, err
}

// check finds the account that where names and compares its password with what is kept of it; id is ""
// if there is none or the password is wrong, after the same work.
func (s *Service) check(ctx context.Context, where, key, password string) (id, hash string, old bool, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, COALESCE(password_hash, $2) FROM account WHERE `+where+` AND disabled_at IS NULL`, key, nobody).Scan(&id, &hash)
	if db.IsNone(err) {
		hash, err = nobody, nil
	}
	if err != nil {
		return "", "", false, err
	}
	if len([]rune(password)) > maxPassword {
		password = password[:maxPassword] // bounds the work; no password is as long, so it is wrong
		hash = nobody
	}
	ok, old, err := checkPassword(ctx, password, hash)
	if !ok {
		return "", "", false, err
	}
	return id, hash, old, err
}

// SignInAs opens a session for any account: only where the installation is a
// demonstration, else there is no such thing.
func (s *Service) SignInAs(ctx context.Context, accountID, agent string) (secret string, err error) {
	if !s.Demo {
		return "", fault.Missing()
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		var found string
		err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM account WHERE id = $1 AND disabled_at IS NULL`, accountID).Scan(&found)
		if err != nil {
			return missing(err)
		}
		secret, err = s.open(ctx, accountID, agent, false)
		return err
	})
	return secret, err
}

// open stores a new session and returns its secret; second says that a second factor was
// shown. Inside a unit of work.
func (s *Service) open(ctx context.Context, accountID, agent string, second bool) (string, error) {
	value, now := secret(ctx), clock.Now(ctx)
	var secondAt any
	if second {
		secondAt = db.At(now)
	}
	err := s.exec(ctx, `INSERT INTO session (id, hash, account_id, created_at, seen_at, expires_at, elevated_until, second_at, agent) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)`,
		clock.ID(ctx), digest(value), accountID, db.At(now), db.At(now.Add(sessionLife)), db.At(now.Add(elevation)), secondAt, shortAgent(agent))
	if err != nil {
		return "", err
	}
	return value, s.exec(ctx, `UPDATE account SET seen_at = $2 WHERE id = $1`, accountID, db.At(now))
}

// shortAgent is a browser's name for itself, as far as a list shows it.
func shortAgent(agent string) string {
	agent = strings.ToValidUTF8(agent, "")
	if r := []rune(agent); len(r) > 200 {
		return string(r[:200])
	}
	return agent
}

// SignOut ends the session of a secret, also one that is half open.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		return s.exec(ctx, `DELETE FROM session WHERE hash IN ($1, $2)`, digest(secret), half(secret))
	})
}

// Resolve returns the session of a cookie's secret; the public's for one that
// is unknown or over. One read, and at most one write an hour.
func (s *Service) Resolve(ctx context.Context, secret string) (Session, error) {
	if secret == "" {
		return Session{}, nil
	}
	l, err := s.session(ctx, digest(secret))
	if db.IsNone(err) {
		return Session{}, nil
	}
	if err != nil {
		return Session{}, err
	}
	out := Session{ID: l.key, Actor: l.actor, Locale: l.locale, Agency: l.agency}
	out.Zone = zone(l.zone)
	now := clock.Now(ctx)
	out.Actor.Elevated = l.elevated.After(now) || s.playing(l)
	s.restrict(&out.Actor, l.second)
	if now.Sub(l.seen) > touch {
		until := now.Add(sessionLife)
		if most := l.created.Add(sessionMost); until.After(most) {
			until = most
		}
		err = s.touched(ctx, `UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1`, out.ID, db.At(now), db.At(until))
	}
	return out, err
}

// touched notes that a session or token is in use. Where nothing can be written, who only reads is answered all the same.
func (s *Service) touched(ctx context.Context, query string, args ...any) error {
	err := s.do(ctx, func(ctx context.Context) error { return s.exec(ctx, query, args...) })
	if fault.Is(db.Fault(err), fault.Unavailable) {
		slog.WarnContext(ctx, "the use of a session or token is not noted", "error", err)
		return nil
	}
	return err
}

// playing reports whether somebody of the demonstration is played by a visitor, who has no
// password to confirm with.
func (s *Service) playing(l loaded) bool { return s.Demo && !l.password }

// zones keeps what time.LoadLocation found: it reads a file each time.
var zones sync.Map

// zone is a time zone by its name; nil for one that this machine does not know:
// the installation's is taken then.
func zone(name string) *time.Location {
	if found, ok := zones.Load(name); ok {
		return found.(*time.Location)
	}
	found, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	zones.Store(name, found)
	return found
}

// Actor is who a session's secret stands for; the public for one that is unknown or over.
func (s *Service) Actor(ctx context.Context, secret string) (access.Actor, error) {
	session, err := s.Resolve(ctx, secret)
	return session.Actor, err
}

// Proof is what a person shows again: the password; a code, where the account has a second
// factor; or the answer of a passkey to what BeginPasskey asked.
type Proof struct {
	Password, Code string
	Passkey        Answered
}

// Confirm takes a proof of the person who is signed in, so that what is sealed opens for
// half an hour. An account with a second factor shows that; its password is not enough.
// Errors: Invalid for a wrong proof, at the field; Unavailable after too many.
func (s *Service) Confirm(ctx context.Context, a access.Actor, sessionID string, proof Proof, address string) error {
	if a.Public() {
		return fault.New(fault.SignIn, "fault.signin")
	}
	ways, err := s.Ways(ctx, a.Account)
	if err != nil {
		return err
	}
	show := s.passwordOf(proof.Password)
	switch {
	case proof.Passkey.Given():
		show = s.passkeyOf(proof.Passkey)
	case ways.Any():
		show = s.codeOf(proof.Code)
	}
	return s.counted(ctx, "confirm", a.Account, address, func() error {
		if err := show(ctx, a.Account); err != nil {
			return err
		}
		return s.do(ctx, func(ctx context.Context) error {
			return s.exec(ctx, `UPDATE session SET elevated_until = $3 WHERE id = $1 AND account_id = $2`, sessionID, a.Account, db.At(clock.Now(ctx).Add(elevation)))
		})
	})
}

// The ways to show who one is: each refuses a wrong proof with a fault at its field.

func (s *Service) passwordOf(password string) func(ctx context.Context, account string) error {
	return func(ctx context.Context, account string) error {
		id, _, _, err := s.check(ctx, `id = $1`, account, password)
		if err == nil && id == "" {
			err = fault.Field("password", "account.password.wrong")
		}
		return err
	}
}

func (s *Service) codeOf(code string) func(ctx context.Context, account string) error {
	return func(ctx context.Context, account string) error {
		return s.do(ctx, func(ctx context.Context) error {
			ok, err := s.takeCode(ctx, account, code)
			if err == nil && !ok {
				err = fault.Field("code", "account.code.wrong")
			}
			return err
		})
	}
}

// Open is one session of an account, as its owner sees it.
type Open struct {
	ID, Agent            string
	Began, Seen, Expires time.Time
}

// Sessions lists a's open sessions, the one used last first.
func (s *Service) Sessions(ctx context.Context, a access.Actor) ([]Open, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (o Open, err error) {
		return o, r.Scan(&o.ID, &o.Agent, db.Time(&o.Began), db.Time(&o.Seen), db.Time(&o.Expires))
	}, `SELECT id, agent, created_at, seen_at, expires_at FROM session WHERE account_id = $1 AND expires_at > $2 AND hash NOT LIKE 'half %' ORDER BY seen_at DESC, id DESC`, a.Account, db.At(clock.Now(ctx)))
}

// EndSession ends one of a's sessions. Errors: NotFound.
func (s *Service) EndSession(ctx context.Context, a access.Actor, id string) error {
	if err := own(a); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		return s.one(ctx, fault.Missing(), `DELETE FROM session WHERE id = $1 AND account_id = $2`, id, a.Account)
	})
}

// EndOtherSessions ends all of a's sessions but one; all of them where keep is "".
// Errors: NotFound where keep is no session of theirs: nothing is ended then.
func (s *Service) EndOtherSessions(ctx context.Context, a access.Actor, keep string) error {
	if err := own(a); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if keep != "" {
			if _, err := db.One(db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM session WHERE id = $1 AND account_id = $2`, keep, a.Account)); err != nil {
				return err
			}
		}
		return s.exec(ctx, `DELETE FROM session WHERE account_id = $1 AND id <> $2`, a.Account, keep)
	})
}

// Sweep removes what is over: sessions, links, counters. To be run now and then.
func (s *Service) Sweep(ctx context.Context) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		if err := s.exec(ctx, `DELETE FROM session WHERE expires_at <= $1`, db.At(now)); err != nil {
			return err
		}
		if err := s.exec(ctx, `DELETE FROM link_token WHERE expires_at <= $1`, db.At(now.Add(-24*time.Hour))); err != nil {
			return err
		}
		return s.exec(ctx, `DELETE FROM throttle WHERE opened_at <= $1`, db.At(now.Add(-window)))
	})
}
