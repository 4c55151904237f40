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
)

// Covers lists what a delegation can cover.
var Covers = []string{"all", "proposals", "reviews", "awards"}

// maxDelegation is the longest time for which one person can act for another.
const maxDelegation = 366 * 24 * time.Hour

// Offer lets somebody act for a. From may be zero: now.
type Offer struct {
	Email       string
	Scope       string // of Covers
	From, Until time.Time
}

// Delegation is one offer as either side sees it.
type Delegation struct {
	ID, Scope   string
	Person      string // who is acted for
	Name        string // of that person
	Email       string // who acts: the address it was offered to
	From, Until time.Time
	Accepted    bool
}

// Delegate offers somebody to act for a's person until an end. It holds once the
// other accepts. The answer does not tell whether the address has an account.
// Errors: Invalid; NotAllowed while a acts for another; Conflict for an account without a person.
func (s *Service) Delegate(ctx context.Context, a access.Actor, in Offer) (id string, err error) {
	p, err := s.Profile(ctx, a)
	if err != nil {
		return "", err
	}
	now := clock.Now(ctx)
	if in.From.IsZero() {
		in.From = now
	}
	if err := in.refuse(now, p.Email); err != nil {
		return "", err
	}
	if p.Person == "" {
		return "", fault.New(fault.Conflict, "account.acting.person")
	}
	email := normal(in.Email)
	err = s.askByMail(ctx, "delegate", email, asksOf("delegate", a.Account), func(ctx context.Context) error {
		id = clock.ID(ctx)
		err := s.exec(ctx, `INSERT INTO delegation (id, from_person, to_email, scope, from_at, until_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, p.Person, email, in.Scope, db.At(in.From), db.At(in.Until), db.At(now))
		if err != nil {
			return err
		}
		if err := s.note(ctx, a, "account.delegate", a.Account, map[string]any{"delegation": id, "scope": in.Scope, "from": in.From, "until": in.Until}); err != nil {
			return err
		}
		to, l, err := s.byEmail(ctx, email)
		if err != nil {
			return err
		}
		return s.send(ctx, Letter{Account: to, Email: email, Locale: l, Kind: "account.mail.delegated", Args: []any{p.Name, lang.M("account.covers." + in.Scope), s.Base + "/account/acting"}})
	})
	if err == nil && id == "" {
		return "", throttled()
	}
	return id, err
}

func (in Offer) refuse(now time.Time, mine string) error {
	faults := []*fault.Error{refuseEmail("email", in.Email)}
	if normal(in.Email) == mine {
		faults = append(faults, fault.Field("email", "account.acting.self"))
	}
	if !slices.Contains(Covers, in.Scope) {
		faults = append(faults, fault.Field("scope", "fault.choice"))
	}
	if !in.Until.After(later(in.From, now)) || in.Until.Sub(in.From) > maxDelegation {
		faults = append(faults, fault.Field("until", "account.acting.until"))
	}
	return fault.Join(faults...)
}

// AcceptDelegation takes on an offer that was made to a's proven address.
// Errors: NotFound; Conflict where the address is not proven yet.
func (s *Service) AcceptDelegation(ctx context.Context, a access.Actor, id string) error {
	p, err := s.Profile(ctx, a)
	if err != nil {
		return err
	}
	if !p.Verified {
		return fault.New(fault.Conflict, "account.acting.unproven")
	}
	return s.do(ctx, func(ctx context.Context) error {
		now := db.At(clock.Now(ctx))
		err := s.one(ctx, fault.Missing(), `UPDATE delegation SET to_account = $2, accepted_at = $4 WHERE id = $1 AND to_email = $3 AND accepted_at IS NULL AND revoked_at IS NULL AND until_at > $4`,
			id, a.Account, p.Email, now)
		if err != nil {
			return err
		}
		return s.note(ctx, a, "account.delegate.accept", a.Account, map[string]string{"delegation": id})
	})
}

// EndDelegation ends an offer or a delegation at once; either side may.
// Sessions that act by it are the delegate's own again. Errors: NotFound.
func (s *Service) EndDelegation(ctx context.Context, a access.Actor, id string) error {
	p, err := s.Profile(ctx, a)
	if err != nil {
		return err
	}
	return s.do(ctx, func(ctx context.Context) error {
		err := s.one(ctx, fault.Missing(), `UPDATE delegation SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL AND (from_person = $3 OR to_account = $4 OR (to_account IS NULL AND to_email = $5))`,
			id, db.At(clock.Now(ctx)), p.Person, a.Account, p.Email)
		if err != nil {
			return err
		}
		if err := s.exec(ctx, `UPDATE session SET delegation_id = NULL WHERE delegation_id = $1`, id); err != nil {
			return err
		}
		return s.note(ctx, a, "account.delegate.end", a.Account, map[string]string{"delegation": id})
	})
}

const delegationColumns = `SELECT d.id, d.scope, d.from_person, COALESCE(p.name, ''), d.to_email, d.from_at, d.until_at, CASE WHEN d.accepted_at IS NULL THEN 0 ELSE 1 END
	FROM delegation d LEFT JOIN person p ON p.id = d.from_person WHERE d.revoked_at IS NULL AND d.until_at > $1 AND `

func scanDelegation(r *sql.Rows) (d Delegation, err error) {
	return d, r.Scan(&d.ID, &d.Scope, &d.Person, &d.Name, &d.Email, db.Time(&d.From), db.Time(&d.Until), &d.Accepted)
}

// Delegations lists what is in force, waits or is still to begin: given by a's person, and received by a.
func (s *Service) Delegations(ctx context.Context, a access.Actor) (given, received []Delegation, err error) {
	if a.Delegation != "" { // to find the way back, the delegate still sees what it has
		received, err = s.received(ctx, a.Account)
		return nil, received, err
	}
	p, err := s.Profile(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	if p.Person != "" {
		given, err = db.Rows(ctx, s.DB.Q(ctx), scanDelegation, delegationColumns+`d.from_person = $2 ORDER BY d.id DESC`, db.At(clock.Now(ctx)), p.Person)
		if err != nil {
			return nil, nil, err
		}
	}
	received, err = s.received(ctx, a.Account)
	return given, received, err
}

// Offers lists the offers that wait for a to accept them. One read.
func (s *Service) Offers(ctx context.Context, a access.Actor) ([]Delegation, error) {
	if a.Account == "" || a.Delegation != "" {
		return nil, nil
	}
	return db.Rows(ctx, s.DB.Q(ctx), scanDelegation, delegationColumns+`d.to_account IS NULL AND d.to_email = (SELECT email FROM account WHERE id = $2 AND email_verified_at IS NOT NULL) ORDER BY d.id DESC`,
		db.At(clock.Now(ctx)), a.Account)
}

func (s *Service) received(ctx context.Context, account string) ([]Delegation, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanDelegation, delegationColumns+`(d.to_account = $2 OR (d.to_account IS NULL AND d.to_email = (SELECT email FROM account WHERE id = $2 AND email_verified_at IS NOT NULL))) ORDER BY d.id DESC`,
		db.At(clock.Now(ctx)), account)
}

// Act makes a session act by a delegation; "" makes it act for itself again.
// Errors: NotFound where the session's account may not act by it now.
func (s *Service) Act(ctx context.Context, session Session, delegation string) error {
	if session.Actor.Public() {
		return fault.New(fault.SignIn, "fault.signin")
	}
	if delegation != "" {
		if _, err := s.ActingAs(ctx, session.Actor, delegation); err != nil {
			return err
		}
	}
	return s.do(ctx, func(ctx context.Context) error {
		return s.exec(ctx, `UPDATE session SET delegation_id = $2 WHERE id = $1 AND account_id = $3`, session.ID, db.Str(delegation), session.Actor.Account)
	})
}
