package account

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// Appointment is one role of one account in one scope, for a time.
type Appointment struct {
	Account     string
	Role        access.Role
	Scope       access.Scope
	From, Until time.Time // zero: now, without end
	Why         string
}

// staffScopes are where staff works; offices work for an organisation.
var (
	staffScopes  = []string{"platform", "agency", "programme", "call"}
	officeScopes = []string{"organisation"}
)

// ScopesOf lists the kinds of scope that a role can be given for; nil for no role.
func ScopesOf(r access.Role) []string {
	switch r {
	case access.Research, access.Transfer:
		return officeScopes
	case access.Admin, access.Auditor:
		return staffScopes[:2]
	case access.Finance, access.Adviser, access.Analyst, access.Officer, access.Decider:
		return staffScopes
	}
	return nil
}

// mayAppoint checks that the appointment can be and that a may make it: an admin of
// the installation, or one of the agency that the scope belongs to.
func (s *Service) mayAppoint(ctx context.Context, a access.Actor, in Appointment) error {
	agency, err := s.agencyOf(ctx, in.Scope)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err := operate(a, "account.grant", agency); err != nil {
		return err
	}
	there, err := s.isThere(ctx, in.Scope)
	if err != nil {
		return err
	}
	var faults []*fault.Error
	kinds := ScopesOf(in.Role)
	switch {
	case kinds == nil:
		faults = append(faults, fault.Field("role", "fault.choice"))
	case !slices.Contains(kinds, in.Scope.Kind):
		faults = append(faults, fault.Field("scope", "account.role.scope"))
	case (in.Scope.ID == "") != (in.Scope.Kind == "platform"):
		faults = append(faults, fault.Field("scope", "fault.required"))
	case !there:
		faults = append(faults, fault.Field("scope", "fault.choice"))
	}
	if from := in.From; !in.Until.IsZero() && !in.Until.After(later(from, clock.Now(ctx))) {
		faults = append(faults, fault.Field("until", "account.role.until"))
	}
	return fault.Join(faults...)
}

// isThere reports whether there is what a role is to be given for: a role for nothing could not be read off any list.
func (s *Service) isThere(ctx context.Context, scope access.Scope) (bool, error) {
	if scope.ID == "" || s.Scopes == nil {
		return true, nil
	}
	_, err := s.Scopes.Name(ctx, scope)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return true, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s *Service) agencyOf(ctx context.Context, scope access.Scope) (string, error) {
	switch {
	case scope.Kind == "agency":
		return scope.ID, nil
	case scope.Kind == "platform" || s.Scopes == nil:
		return "", nil
	}
	return s.Scopes.Agency(ctx, scope)
}

// Appoint gives an account a role. Admins of the installation, or of the agency
// that the scope belongs to. Errors: NotFound for the account, Invalid.
func (s *Service) Appoint(ctx context.Context, a access.Actor, in Appointment) (id string, err error) {
	if err := s.mayAppoint(ctx, a, in); err != nil {
		return "", err
	}
	err = s.do(ctx, func(ctx context.Context) error {
		id, err = s.appoint(ctx, a, in)
		return err
	})
	return id, err
}

// appoint stores the row of an appointment that was checked.
func (s *Service) appoint(ctx context.Context, a access.Actor, in Appointment) (id string, err error) {
	if _, err := s.ActorOf(ctx, in.Account); err != nil {
		return "", err
	}
	id, now := clock.ID(ctx), clock.Now(ctx)
	if in.From.IsZero() {
		in.From = now
	}
	err = s.exec(ctx, `INSERT INTO role_grant (id, account_id, role, scope_kind, scope_id, from_at, until_at, granted_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, in.Account, string(in.Role), in.Scope.Kind, in.Scope.ID, db.At(in.From), db.At(in.Until), a.Account, db.At(now))
	if err != nil {
		return "", err
	}
	return id, s.roleEntry(ctx, a, "account.grant", in.Account, in.Scope, in.Why, map[string]any{"grant": id, "role": in.Role, "scope": in.Scope.Kind, "of": in.Scope.ID, "from": in.From, "until": in.Until})
}

func (s *Service) roleEntry(ctx context.Context, a access.Actor, act, account string, scope access.Scope, why string, what any) error {
	agency, err := s.agencyOf(ctx, scope)
	if err != nil {
		return err
	}
	_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "account", ID: account, Agency: agency, Why: why, Payload: what})
	return err
}

// Grant is Appoint from now on, for a role alone. until may be zero.
func (s *Service) Grant(ctx context.Context, a access.Actor, accountID string, g access.Grant, until time.Time) error {
	_, err := s.Appoint(ctx, a, Appointment{Account: accountID, Role: g.Role, Scope: g.Scope, Until: until})
	return err
}

// Held is one appointment as it stands.
type Held struct {
	ID string
	Appointment
	ScopeName string
	GrantedBy string // name of the account that gave it
}

// Now reports whether the appointment is in force at t.
func (h Held) Now(t time.Time) bool {
	return !h.From.After(t) && (h.Until.IsZero() || h.Until.After(t))
}

// Revoke ends an appointment now. The last admin of the installation cannot be
// taken away. Errors: NotFound; Conflict.
func (s *Service) Revoke(ctx context.Context, a access.Actor, id, why string) error {
	return s.do(ctx, func(ctx context.Context) error {
		var h Held
		now := clock.Now(ctx)
		err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT account_id, role, scope_kind, scope_id FROM role_grant WHERE id = $1 AND (until_at IS NULL OR until_at > $2)`, id, db.At(now)).
			Scan(&h.Account, &h.Role, &h.Scope.Kind, &h.Scope.ID)
		if err != nil {
			return missing(err)
		}
		agency, err := s.agencyOf(ctx, h.Scope)
		if err != nil {
			return err
		}
		if err := operate(a, "account.grant", agency); err != nil {
			return err
		}
		if err := s.exec(ctx, `UPDATE role_grant SET until_at = $2, ended_by = $3 WHERE id = $1`, id, db.At(now), a.Account); err != nil {
			return err
		}
		if err := s.someAdmin(ctx, h.Role == access.Admin && h.Scope.Kind == "platform"); err != nil {
			return err
		}
		return s.roleEntry(ctx, a, "account.revoke", h.Account, h.Scope, why, map[string]any{"grant": id, "role": h.Role})
	})
}

// someAdmin refuses to leave the installation without an admin that can sign in.
func (s *Service) someAdmin(ctx context.Context, wasAdmin bool) error {
	if !wasAdmin {
		return nil
	}
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM role_grant g JOIN account a ON a.id = g.account_id
		WHERE g.role = 'admin' AND g.scope_kind = 'platform' AND g.from_at <= $1 AND (g.until_at IS NULL OR g.until_at > $1) AND a.disabled_at IS NULL`, db.At(clock.Now(ctx))).Scan(&n)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "account.role.last")
	}
	return err
}

// Line is one account in a list.
type Line struct {
	ID, Email, Name string
	Roles           int           // in force
	Kinds           []access.Role // those, each once; in a list only
	Seen            time.Time
	Disabled        bool
}

// Accounts finds accounts by the beginning of their address or of a name of
// their person, page by page from 1; it returns how many there are. Admins only.
func (s *Service) Accounts(ctx context.Context, a access.Actor, text string, page, size int) (list []Line, total int, err error) {
	if err := admins(a); err != nil {
		return nil, 0, err
	}
	const where = ` FROM account a LEFT JOIN person p ON p.id = a.person_id WHERE a.email LIKE $1 OR p.sort_name LIKE $1 OR p.sort_name LIKE $2`
	begin := like(text)
	word := "% " + begin
	q := s.DB.Q(ctx)
	if err := q.QueryRowContext(ctx, `SELECT count(*)`+where, begin, word).Scan(&total); err != nil {
		return nil, 0, err
	}
	list, err = db.Rows(ctx, q, func(r *sql.Rows) (l Line, err error) {
		return l, r.Scan(&l.ID, &l.Email, &l.Name, &l.Roles, db.Time(&l.Seen), &l.Disabled)
	}, `SELECT a.id, a.email, COALESCE(p.name, ''), (SELECT count(*) FROM role_grant g WHERE g.account_id = a.id AND g.from_at <= $3 AND (g.until_at IS NULL OR g.until_at > $3)),
		a.seen_at, CASE WHEN a.disabled_at IS NULL THEN 0 ELSE 1 END`+where+` ORDER BY COALESCE(p.sort_name, a.email), a.id LIMIT $4 OFFSET $5`,
		begin, word, db.At(clock.Now(ctx)), size, (max(page, 1)-1)*size)
	if err != nil {
		return nil, 0, err
	}
	return list, total, s.nameRoles(ctx, list)
}

// nameRoles fills in the kinds of roles in force.
func (s *Service) nameRoles(ctx context.Context, list []Line) error {
	at, ids := map[string]*Line{}, make([]string, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var role access.Role
		err := r.Scan(&id, &role)
		if err == nil {
			at[id].Kinds = append(at[id].Kinds, role)
		}
		return struct{}{}, err
	}, `SELECT DISTINCT account_id, role FROM role_grant WHERE account_id IN {keys} AND from_at <= $1 AND (until_at IS NULL OR until_at > $1) ORDER BY account_id, role`, ids, db.At(clock.Now(ctx)))
	return err
}

// admins allows admins of the installation or of any agency.
func admins(a access.Actor) error {
	have := a.Staffing("", "", "")
	if a.HasAny(access.Admin) {
		have |= access.Operator
	}
	return rules.Check(a, "account.read", have, access.Public)
}

// Account is one account with its roles, those that ended included, the newest first. Admins only.
func (s *Service) Account(ctx context.Context, a access.Actor, id string) (Line, []Held, error) {
	var l Line
	if err := admins(a); err != nil {
		return l, nil, err
	}
	q := s.DB.Q(ctx)
	err := q.QueryRowContext(ctx, `SELECT a.id, a.email, COALESCE(p.name, ''), a.seen_at, CASE WHEN a.disabled_at IS NULL THEN 0 ELSE 1 END
		FROM account a LEFT JOIN person p ON p.id = a.person_id WHERE a.id = $1`, id).Scan(&l.ID, &l.Email, &l.Name, db.Time(&l.Seen), &l.Disabled)
	if err != nil {
		return l, nil, missing(err)
	}
	held, err := db.Rows(ctx, q, func(r *sql.Rows) (h Held, err error) {
		return h, r.Scan(&h.ID, &h.Account, &h.Role, &h.Scope.Kind, &h.Scope.ID, db.Time(&h.From), db.Time(&h.Until), &h.GrantedBy)
	}, `SELECT g.id, g.account_id, g.role, g.scope_kind, g.scope_id, g.from_at, g.until_at, COALESCE(p.name, b.email, '')
		FROM role_grant g LEFT JOIN account b ON b.id = g.granted_by LEFT JOIN person p ON p.id = b.person_id
		WHERE g.account_id = $1 ORDER BY g.from_at DESC, g.id DESC`, id)
	if err != nil {
		return l, nil, err
	}
	now := clock.Now(ctx)
	for i := range held {
		if held[i].Now(now) {
			l.Roles++
		}
		if held[i].ScopeName, err = s.ScopeName(ctx, held[i].Scope); err != nil {
			return l, nil, err
		}
	}
	return l, held, nil
}

// ScopeName is what a scope is called; its key where nobody can name it.
func (s *Service) ScopeName(ctx context.Context, scope access.Scope) (string, error) {
	if scope.Kind == "platform" {
		return lang.T(lang.Of(ctx), "account.scope.platform"), nil
	}
	if s.Scopes == nil {
		return scope.ID, nil
	}
	name, err := s.Scopes.Name(ctx, scope)
	if fault.Is(err, fault.NotFound) {
		return scope.ID, nil
	}
	return name, err
}

// Disable keeps an account from signing in and ends its sessions, tokens and links; Enable lets it
// in again. Admins of the installation only. Errors: NotFound; Conflict for the last admin.
func (s *Service) Disable(ctx context.Context, a access.Actor, id, why string) error {
	return s.setDisabled(ctx, a, id, why, "account.disable", db.At(clock.Now(ctx)))
}

// Enable takes Disable back.
func (s *Service) Enable(ctx context.Context, a access.Actor, id, why string) error {
	return s.setDisabled(ctx, a, id, why, "account.enable", nil)
}

func (s *Service) setDisabled(ctx context.Context, a access.Actor, id, why, act string, at any) error {
	if err := operate(a, "account.disable", ""); err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) error {
		who, err := s.ActorOf(ctx, id)
		if err != nil && !fault.Is(err, fault.NotFound) { // not found: disabled before
			return err
		}
		if err := s.one(ctx, fault.Missing(), `UPDATE account SET disabled_at = $2, version = version + 1 WHERE id = $1`, id, at); err != nil {
			return err
		}
		if err := s.someAdmin(ctx, at != nil && who.Has(access.Admin)); err != nil {
			return err
		}
		if err := s.endAll(ctx, id); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "account", ID: id, Why: why})
		return err
	})
}
