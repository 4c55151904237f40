package account

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// What a token may do.
const (
	ReadToken  = "read"
	WriteToken = "write"
	SignToken  = "sign" // what takes a person to confirm who they are, too
)

// lives of tokens at most, by scope.
var maxTokenLife = map[string]time.Duration{ReadToken: 366 * 24 * time.Hour, WriteToken: 366 * 24 * time.Hour, SignToken: 24 * time.Hour}

// Token is a personal token as its owner sees it: never the secret.
type Token struct {
	ID, Name, Scope        string
	Created, Expires, Used time.Time // Used is zero where it never was
}

// Bearer is the actor of a personal token. write says that the request would
// change something. Errors: SignIn for an unknown token or one that has ended;
// NotAllowed for writing with one that only reads.
func (s *Service) Bearer(ctx context.Context, token string, write bool) (access.Actor, error) {
	l, err := s.load(ctx, fromToken, digest(token), "")
	if db.IsNone(err) {
		return access.Actor{}, fault.New(fault.SignIn, "account.token.unknown")
	}
	if err != nil {
		return access.Actor{}, err
	}
	if write && l.scope == ReadToken {
		return access.Actor{}, fault.New(fault.NotAllowed, "account.token.reads")
	}
	l.actor.Elevated = l.scope == SignToken || s.playing(l)
	s.restrict(&l.actor, l.second)
	if now := clock.Now(ctx); now.Sub(l.seen) > touch {
		err = s.touched(ctx, `UPDATE api_token SET used_at = $2 WHERE id = $1`, l.key, db.At(now))
	}
	return l.actor, err
}

// NewToken makes a personal token that lasts for life and returns it: it is shown
// this once. Errors: Invalid for a name, scope or life that cannot be.
func (s *Service) NewToken(ctx context.Context, a access.Actor, name, scope string, life time.Duration) (token string, t Token, err error) {
	if err := own(a); err != nil {
		return "", t, err
	}
	name = strings.TrimSpace(name)
	var faults []*fault.Error
	if name == "" {
		faults = append(faults, fault.Field("name", "fault.required"))
	}
	if over := len([]rune(name)) - 100; over > 0 {
		faults = append(faults, fault.Field("name", "fault.long", over))
	}
	switch most, known := maxTokenLife[scope]; {
	case !known:
		faults = append(faults, fault.Field("scope", "fault.choice"))
	case scope == SignToken && !a.Elevated:
		faults = append(faults, fault.Field("scope", "account.token.confirm"))
	case life <= 0 || life > most:
		faults = append(faults, fault.Field("days", "account.token.days", int(most/(24*time.Hour))))
	}
	if err := fault.Join(faults...); err != nil {
		return "", t, err
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		token = "hw_" + secret(ctx)
		t = Token{ID: clock.ID(ctx), Name: name, Scope: scope, Created: now, Expires: now.Add(life)}
		err := s.exec(ctx, `INSERT INTO api_token (id, hash, account_id, name, scope, second, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			t.ID, digest(token), a.Account, name, scope, db.Bool(a.Second), db.At(now), db.At(t.Expires))
		if err != nil {
			return err
		}
		return s.note(ctx, a, "account.token", a.Account, map[string]string{"token": t.ID, "name": name, "scope": scope})
	})
	return token, t, err
}

// Tokens lists a's tokens that work, the newest first.
func (s *Service) Tokens(ctx context.Context, a access.Actor) ([]Token, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (t Token, err error) {
		return t, r.Scan(&t.ID, &t.Name, &t.Scope, db.Time(&t.Created), db.Time(&t.Expires), db.Time(&t.Used))
	}, `SELECT id, name, scope, created_at, expires_at, used_at FROM api_token WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id DESC`,
		a.Account, db.At(clock.Now(ctx)))
}

// EndToken ends one of a's tokens at once. Errors: NotFound.
func (s *Service) EndToken(ctx context.Context, a access.Actor, id string) error {
	if err := own(a); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		err := s.one(ctx, fault.Missing(), `UPDATE api_token SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL`, id, a.Account, db.At(clock.Now(ctx)))
		if err != nil {
			return err
		}
		return s.note(ctx, a, "account.token.end", a.Account, map[string]string{"token": id})
	})
}
