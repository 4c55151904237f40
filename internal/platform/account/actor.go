package account

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// source is where an actor is read from: a session, a token, or an account by its key; at is the time of asking, order
// comes before that of the grants.
type source struct{ columns, from, delegation, where, at, order string }

const sessionColumns = "s.id, s.created_at, s.seen_at, s.elevated_until, '', CASE WHEN s.second_at IS NULL THEN 0 ELSE 1 END"

var (
	fromSession = source{sessionColumns, "session s JOIN account a ON a.id = s.account_id", "s.delegation_id", "s.hash = $1 AND s.expires_at > $2", "$2", ""}
	fromToken   = source{"t.id, t.created_at, t.used_at, NULL, t.scope, t.second",
		"api_token t JOIN account a ON a.id = t.account_id", "$3", "t.hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2", "$2", ""}
	fromAccount = source{"a.id, a.created_at, a.seen_at, NULL, '', 0", "account a", "$3", "a.id = $1", "$2", ""}
)

// loaded is what one read finds: the actor with what stands beside it.
type loaded struct {
	key, scope              string
	created, seen, elevated time.Time
	second, password        bool // a second factor was shown; the account has a password
	actor                   access.Actor
	locale                  lang.Locale
	zone, agency            string
}

// query reads account, person, delegation in force and grants in force at once:
// it runs at every request. While somebody acts for another person, the person
// is the other, and of roles only the other's for an organisation (research and
// transfer office) hold: a delegation lends nobody an officer's or a decider's rights.
func (o source) query() string {
	text := fmt.Sprintf(`SELECT %s, a.id, COALESCE(a.person_id, ''), COALESCE(p.name, a.email), CASE WHEN a.password_hash IS NULL THEN 0 ELSE 1 END, a.locale, a.zone, COALESCE(a.agency_id, ''),
		COALESCE(d.id, ''), COALESCE(d.from_person, ''), COALESCE(d.scope, ''), COALESCE(dp.name, ''),
		COALESCE(g.role, ''), COALESCE(g.scope_kind, ''), COALESCE(g.scope_id, '')
		FROM %s
		LEFT JOIN person p ON p.id = a.person_id
		LEFT JOIN delegation d ON d.id = %s AND d.to_account = a.id AND d.accepted_at IS NOT NULL AND d.revoked_at IS NULL AND d.from_at <= {at} AND d.until_at > {at}
			AND EXISTS (SELECT 1 FROM account x WHERE x.person_id = d.from_person AND x.disabled_at IS NULL)
		LEFT JOIN person dp ON dp.id = d.from_person
		LEFT JOIN account da ON da.person_id = d.from_person
		LEFT JOIN role_grant g ON g.account_id = COALESCE(da.id, a.id) AND g.from_at <= {at} AND (g.until_at IS NULL OR g.until_at > {at})
			AND (d.id IS NULL OR g.role IN ('research office', 'transfer office'))
		WHERE a.disabled_at IS NULL AND %s
		ORDER BY %sg.role, g.scope_kind, g.scope_id`, o.columns, o.from, o.delegation, o.where, o.order)
	return strings.ReplaceAll(text, "{at}", o.at)
}

var queries = map[source]string{fromSession: fromSession.query(), fromToken: fromToken.query(), fromAccount: fromAccount.query()}

// load reads an actor; sql.ErrNoRows if the key stands for none. delegation is
// the one to act by, for sources that do not name it themselves.
func (s *Service) load(ctx context.Context, from source, key, delegation string) (loaded, error) {
	args := []any{key, db.At(clock.Now(ctx))}
	if from.delegation == "$3" {
		args = append(args, delegation)
	}
	var l loaded
	rows, err := s.DB.Q(ctx).QueryContext(ctx, queries[from], args...)
	if err != nil {
		return l, err
	}
	defer rows.Close()
	none := true
	for ; rows.Next(); none = false {
		if err := l.scan(rows); err != nil {
			return l, err
		}
	}
	if err := rows.Err(); err != nil {
		return l, err
	}
	if none {
		return l, sql.ErrNoRows
	}
	return l, nil
}

// scan adds one row of a source's query, behind what else it has.
func (l *loaded) scan(rows *sql.Rows, before ...any) error {
	var g access.Grant
	var behalf, behalfName string
	a := &l.actor
	err := rows.Scan(append(before, &l.key, db.Time(&l.created), db.Time(&l.seen), db.Time(&l.elevated), &l.scope, &l.second, &a.Account, &a.Person, &a.Name, &l.password, &l.locale, &l.zone, &l.agency,
		&a.Delegation, &behalf, &a.Covers, &behalfName, &g.Role, &g.Scope.Kind, &g.Scope.ID)...)
	if err != nil {
		return err
	}
	if a.Delegation != "" {
		a.Delegate, a.Person, a.Name = a.Person, behalf, behalfName
		if a.Delegate == "" {
			a.Delegate = a.Account // an account without a person still is who acted
		}
	}
	if g.Role != "" {
		a.Grants = append(a.Grants, g)
	}
	return nil
}

// ActorOf is the actor of an account: its person and its roles in force.
// Errors: NotFound.
func (s *Service) ActorOf(ctx context.Context, accountID string) (access.Actor, error) {
	l, err := s.load(ctx, fromAccount, accountID, "")
	return l.actor, missing(err)
}

// ActingAs is a, acting by a delegation: for programs, which name it in each
// request. Errors: NotFound where a may not act by it now.
func (s *Service) ActingAs(ctx context.Context, a access.Actor, delegation string) (access.Actor, error) {
	l, err := s.load(ctx, fromAccount, a.Account, delegation)
	if err != nil {
		return access.Actor{}, missing(err)
	}
	if l.actor.Delegation == "" {
		return access.Actor{}, fault.Missing()
	}
	s.restrict(&l.actor, a.Second)
	return l.actor, nil
}
