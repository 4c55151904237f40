package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// sessionLife is how long a session lasts after its last use.
const sessionLife = 14 * 24 * time.Hour

// Service is accounts, sessions and roles.
type Service struct {
	DB     *db.DB
	Ledger *ledger.Ledger
	// Demo lets anybody sign in as anybody. For the demonstration only.
	Demo bool
}

// Session is what a request's cookie stands for.
type Session struct {
	ID     string
	Actor  access.Actor
	Locale lang.Locale
	Zone   *time.Location
}

// New is an account to be made.
type New struct {
	Email, Password, Person, Locale, Zone string
}

var rules = access.Rules{
	"account.create": access.Of(access.Operator),
	"account.grant":  access.Of(access.Operator),
}

func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// Create makes an account. Admins only.
// Errors: Invalid for an address that is none or a short password, Conflict for one that has an account.
func (s *Service) Create(ctx context.Context, a access.Actor, in New) (id string, err error) {
	have := a.Staffing("", "", "")
	if err := rules.Check(a, "account.create", have, have); err != nil {
		return "", err
	}
	var faults []*fault.Error
	if _, err := mail.ParseAddress(in.Email); err != nil {
		faults = append(faults, fault.Field("email", "account.email"))
	}
	if in.Password != "" && len([]rune(in.Password)) < MinPassword {
		faults = append(faults, fault.Field("password", "account.password.short", MinPassword))
	}
	if err := fault.Join(faults...); err != nil {
		return "", err
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		if id, err = s.insert(ctx, in); err != nil {
			return err
		}
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "account.create", Kind: "account", ID: id})
		return err
	})
	return id, err
}

func (s *Service) insert(ctx context.Context, in New) (string, error) {
	id, hash := clock.ID(ctx), ""
	if in.Password != "" {
		hash = hashPassword(ctx, in.Password)
	}
	if in.Locale == "" {
		in.Locale = string(lang.English)
	}
	if in.Zone == "" {
		in.Zone = "UTC"
	}
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO account (id, email, password_hash, person_id, locale, zone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, normal(in.Email), db.Str(hash), db.Str(in.Person), in.Locale, in.Zone, db.At(clock.Now(ctx)))
	if db.IsUnique(err) {
		return "", fault.New(fault.Conflict, "account.taken").At("email")
	}
	return id, err
}

// Grant appoints an account to a role. Admins only. until may be zero.
func (s *Service) Grant(ctx context.Context, a access.Actor, accountID string, g access.Grant, until time.Time) error {
	have := a.Staffing("", "", "")
	if err := rules.Check(a, "account.grant", have, have); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO role_grant (id, account_id, role, scope_kind, scope_id, from_at, until_at, granted_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6)`, clock.ID(ctx), accountID, string(g.Role), g.Scope.Kind, g.Scope.ID, db.At(now), db.At(until), a.Account)
		if err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "account.grant", Kind: "account", ID: accountID, Payload: map[string]string{"role": string(g.Role), "scope": g.Scope.Kind, "of": g.Scope.ID}})
		return err
	})
}

// Failed sign-ins from one address to one account that are answered within a quarter of an hour.
const (
	throttleLimit  = 10
	throttleWindow = 15 * time.Minute
)

// SignIn opens a session and returns the secret for its cookie. An unknown
// address and a wrong password are told apart neither by answer nor by time.
// Errors: Invalid; Unavailable after too many failures.
func (s *Service) SignIn(ctx context.Context, email, password, agent string) (secret string, err error) {
	email = normal(email)
	key := "sign-in " + email
	if n, err := s.failures(ctx, key); err != nil {
		return "", err
	} else if n >= throttleLimit {
		return "", fault.New(fault.Unavailable, "account.throttled")
	}
	var id, hash string
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, COALESCE(password_hash, $2) FROM account WHERE email = $1 AND disabled_at IS NULL`, email, nobody).Scan(&id, &hash)
	if db.IsNone(err) {
		hash, err = nobody, nil
	}
	if err != nil {
		return "", err
	}
	ok, old := checkPassword(password, hash)
	if !ok || id == "" {
		if err := s.fail(ctx, key); err != nil {
			return "", err
		}
		return "", fault.Field("email", "account.wrong")
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		if old {
			if _, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE account SET password_hash = $2 WHERE id = $1`, id, hashPassword(ctx, password)); err != nil {
				return err
			}
		}
		secret, err = s.open(ctx, id, agent)
		return err
	})
	return secret, err
}

func (s *Service) failures(ctx context.Context, key string) (int, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count FROM throttle WHERE key = $1 AND opened_at > $2`, key, db.At(clock.Now(ctx).Add(-throttleWindow))).Scan(&n)
	if db.IsNone(err) {
		return 0, nil
	}
	return n, err
}

func (s *Service) fail(ctx context.Context, key string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO throttle (key, opened_at, count) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET
			count = CASE WHEN throttle.opened_at > $3 THEN throttle.count + 1 ELSE 1 END,
			opened_at = CASE WHEN throttle.opened_at > $3 THEN throttle.opened_at ELSE excluded.opened_at END`, key, db.At(now), db.At(now.Add(-throttleWindow)))
		return err
	})
}

// SignInAs opens a session for any account: only where the installation is a
// demonstration, else there is no such thing.
func (s *Service) SignInAs(ctx context.Context, accountID, agent string) (secret string, err error) {
	if !s.Demo {
		return "", fault.Missing()
	}
	var found string
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM account WHERE id = $1 AND disabled_at IS NULL`, accountID).Scan(&found)
	if db.IsNone(err) {
		return "", fault.Missing()
	}
	if err != nil {
		return "", err
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		secret, err = s.open(ctx, accountID, agent)
		return err
	})
	return secret, err
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (s *Service) open(ctx context.Context, accountID, agent string) (string, error) {
	secret := base64.RawURLEncoding.EncodeToString(clock.Bytes(ctx, 32))
	now := clock.Now(ctx)
	if len(agent) > 200 {
		agent = agent[:200]
	}
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO session (id, hash, account_id, created_at, seen_at, expires_at, agent) VALUES ($1, $2, $3, $4, $4, $5, $6)`,
		clock.ID(ctx), digest(secret), accountID, db.At(now), db.At(now.Add(sessionLife)), strings.ToValidUTF8(agent, ""))
	return secret, err
}

// SignOut ends the session of a secret.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		_, err := s.DB.Q(ctx).ExecContext(ctx, `DELETE FROM session WHERE hash = $1`, digest(secret))
		return err
	})
}

// Resolve returns the session of a cookie's secret; the public's for one that
// is unknown or over. Two small reads, and at most one write an hour.
func (s *Service) Resolve(ctx context.Context, secret string) (Session, error) {
	if secret == "" {
		return Session{}, nil
	}
	return s.session(ctx, `s.hash = $1`, digest(secret))
}

// Token returns the session-less actor of a personal API token; SignIn fault for an unknown one.
func (s *Service) Token(ctx context.Context, token string) (access.Actor, error) {
	var accountID, scope string
	now := clock.Now(ctx)
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT account_id, scope FROM api_token WHERE hash = $1 AND revoked_at IS NULL AND expires_at > $2`, digest(token), db.At(now)).Scan(&accountID, &scope)
	if db.IsNone(err) {
		return access.Actor{}, fault.New(fault.SignIn, "account.token.unknown")
	}
	if err != nil {
		return access.Actor{}, err
	}
	return s.ActorOf(ctx, accountID)
}

// NewToken makes a personal API token that lasts for life and returns it; it is shown once.
func (s *Service) NewToken(ctx context.Context, a access.Actor, name string, life time.Duration) (token string, err error) {
	if a.Public() {
		return "", fault.New(fault.SignIn, "fault.signin")
	}
	token = "hw_" + base64.RawURLEncoding.EncodeToString(clock.Bytes(ctx, 32))
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		now, id := clock.Now(ctx), clock.ID(ctx)
		_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO api_token (id, hash, account_id, name, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, 'write', $5, $6)`,
			id, digest(token), a.Account, name, db.At(now), db.At(now.Add(life)))
		if err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "account.token", Kind: "account", ID: a.Account, Payload: map[string]string{"token": id, "name": name}})
		return err
	})
	return token, err
}

func (s *Service) session(ctx context.Context, where, key string) (Session, error) {
	var out Session
	var seen time.Time
	var accountID, zone string
	now := clock.Now(ctx)
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT s.id, s.account_id, s.seen_at, a.locale, a.zone FROM session s JOIN account a ON a.id = s.account_id
		WHERE `+where+` AND s.expires_at > $2 AND a.disabled_at IS NULL`, key, db.At(now)).Scan(&out.ID, &accountID, db.Time(&seen), &out.Locale, &zone)
	if db.IsNone(err) {
		return Session{}, nil
	}
	if err != nil {
		return Session{}, err
	}
	if out.Zone, err = time.LoadLocation(zone); err != nil {
		out.Zone = nil
	}
	if now.Sub(seen) > time.Hour { // sliding, without a write at every request
		err := work.Do(ctx, s.DB, func(ctx context.Context) error {
			_, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE session SET seen_at = $2, expires_at = $3 WHERE id = $1`, out.ID, db.At(now), db.At(now.Add(sessionLife)))
			return err
		})
		if err != nil {
			return Session{}, err
		}
	}
	out.Actor, err = s.ActorOf(ctx, accountID)
	return out, err
}

// ActorOf is the actor of an account: its person and its roles in force.
func (s *Service) ActorOf(ctx context.Context, accountID string) (access.Actor, error) {
	a := access.Actor{Account: accountID}
	now := db.At(clock.Now(ctx))
	q := s.DB.Q(ctx)
	err := q.QueryRowContext(ctx, `SELECT COALESCE(a.person_id, ''), COALESCE(p.name, a.email) FROM account a LEFT JOIN person p ON p.id = a.person_id WHERE a.id = $1`, accountID).Scan(&a.Person, &a.Name)
	if db.IsNone(err) {
		return access.Actor{}, fault.Missing()
	}
	if err != nil {
		return access.Actor{}, err
	}
	a.Grants, err = db.Rows(ctx, q, func(r *sql.Rows) (g access.Grant, err error) {
		return g, r.Scan(&g.Role, &g.Scope.Kind, &g.Scope.ID)
	}, `SELECT role, scope_kind, scope_id FROM role_grant WHERE account_id = $1 AND from_at <= $2 AND (until_at IS NULL OR until_at > $2) ORDER BY role, scope_kind, scope_id`, accountID, now)
	return a, err
}

// ByPerson is the account of a person and its address; "" if the person has none.
func (s *Service) ByPerson(ctx context.Context, personID string) (id, email string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, email FROM account WHERE person_id = $1 AND disabled_at IS NULL`, personID).Scan(&id, &email)
	if db.IsNone(err) {
		return "", "", nil
	}
	return id, email, err
}
