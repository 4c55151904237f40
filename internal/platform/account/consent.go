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
)

// Purposes is what a person is asked to agree to, each for itself. The terms of
// one stand in the catalogue as account.consent.<purpose>; when their meaning changes,
// Terms gets a new version, and what was given for an older one counts no more.
var Purposes = []string{"calls", "review", "study"}

// Terms is the version of the terms by purpose.
var Terms = map[string]string{"calls": "1", "review": "1", "study": "1"}

// Consent is one purpose with what the person said last.
type Consent struct {
	Purpose, Terms string
	Given          bool
	At             time.Time // when it was given or withdrawn; zero: never asked
}

// holder is in whose name consents stand: the person, or the account without one.
func holder(a access.Actor) string {
	if a.Person != "" {
		return a.Person
	}
	return a.Account
}

// Consents lists every purpose with what a's person said.
func (s *Service) Consents(ctx context.Context, a access.Actor) ([]Consent, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	rows, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c Consent, err error) {
		var given, withdrawn time.Time
		err = r.Scan(&c.Purpose, &c.Terms, db.Time(&given), db.Time(&withdrawn))
		c.Given, c.At = withdrawn.IsZero(), later(given, withdrawn)
		return c, err
	}, `SELECT purpose, terms_version, given_at, withdrawn_at FROM consent WHERE person_id = $1 ORDER BY given_at, id`, holder(a))
	if err != nil {
		return nil, err
	}
	list := make([]Consent, len(Purposes))
	for i, purpose := range Purposes {
		list[i] = Consent{Purpose: purpose, Terms: Terms[purpose]}
		for _, c := range rows {
			if c.Purpose == purpose && c.Terms == Terms[purpose] {
				list[i] = c // the last one counts
			}
		}
	}
	return list, nil
}

// SetConsents records what a agrees to: the purposes in given, and none other.
// Only what changes is written. Errors: Invalid for an unknown purpose.
func (s *Service) SetConsents(ctx context.Context, a access.Actor, given []string) error {
	for _, p := range given {
		if !slices.Contains(Purposes, p) {
			return fault.Field("purpose", "fault.choice")
		}
	}
	return s.do(ctx, func(ctx context.Context) error {
		before, err := s.Consents(ctx, a)
		if err != nil {
			return err
		}
		now := db.At(clock.Now(ctx))
		for _, c := range before {
			want := slices.Contains(given, c.Purpose)
			act := "account.consent"
			switch {
			case want == c.Given:
				continue
			case want:
				err = s.exec(ctx, `INSERT INTO consent (id, person_id, purpose, terms_version, given_at) VALUES ($1, $2, $3, $4, $5)`, clock.ID(ctx), holder(a), c.Purpose, c.Terms, now)
			default:
				act = "account.consent.withdraw"
				err = s.exec(ctx, `UPDATE consent SET withdrawn_at = $3 WHERE person_id = $1 AND purpose = $2 AND withdrawn_at IS NULL`, holder(a), c.Purpose, now)
			}
			if err != nil {
				return err
			}
			if err := s.note(ctx, a, act, a.Account, map[string]string{"purpose": c.Purpose, "terms": c.Terms}); err != nil {
				return err
			}
		}
		return nil
	})
}
