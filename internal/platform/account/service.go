package account

import (
	"cmp"
	"context"
	"database/sql"
	"net/http"
	"sync"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/seal"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Service is accounts, sessions and roles. DB and Ledger are needed; the zero
// value of every other field is safe.
type Service struct {
	DB     *db.DB
	Ledger *ledger.Ledger
	// Demo lets anybody sign in as anybody. For the demonstration only.
	Demo bool
	// Base is the public address, "https://science.example.org": links in mails begin with it.
	Base string
	// Zone is the time zone of new accounts that choose none; UTC if empty.
	Zone string
	// Mail sends letters; without it none is sent.
	Mail func(context.Context, Letter) error
	// People is the register; without it accounts are made without a person.
	People People
	// Scopes names what roles can be granted for; without it, agencies only by key.
	Scopes Scopes
	// Accepted is called, by kind of record, in the unit of work in which somebody
	// accepts an invitation that is about such a record.
	Accepted map[string]func(ctx context.Context, a access.Actor, id string) error
	// Providers are the other ways to sign in, in the order in which they are offered.
	Providers []Provider
	// HTTP reaches the providers; nil: those on the public internet (package fetch).
	HTTP *http.Client
	// SecondFactor are the roles that hold only in a session that has shown a second factor.
	SecondFactor []access.Role
	// Keys seal the secrets of programs for codes; nil: they stand in the database as they are.
	Keys seal.Keys

	discovered sync.Map // provider id → *oidc.Provider
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

func (s *Service) send(ctx context.Context, l Letter) error {
	if s.Mail == nil {
		return nil
	}
	return s.Mail(ctx, l)
}

// note appends to the ledger what happened to an account.
func (s *Service) note(ctx context.Context, a access.Actor, act, account string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "account", ID: account, Payload: what})
	return err
}

// Create makes an account. Admins only.
// Errors: Invalid for an address that is none or a short password, Conflict for one that has an account.
func (s *Service) Create(ctx context.Context, a access.Actor, in New) (id string, err error) {
	if err := operate(a, "account.create", ""); err != nil {
		return "", err
	}
	faults := []*fault.Error{refuseEmail("email", in.Email)}
	if in.Password != "" {
		faults = append(faults, refusePassword("password", in.Password, in.Email))
	}
	if in.Zone != "" {
		faults = append(faults, refuseZone("zone", in.Zone))
	}
	if in.Locale != "" {
		faults = append(faults, refuseLocale("locale", lang.Locale(in.Locale)))
	}
	if err := fault.Join(faults...); err != nil {
		return "", err
	}
	hash := ""
	if in.Password != "" {
		if hash, err = hashPassword(ctx, in.Password); err != nil {
			return "", err
		}
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		if id, err = s.insert(ctx, in, hash); err != nil {
			return err
		}
		return s.note(ctx, a, "account.create", id, nil)
	})
	return id, err
}

// insert stores a new account. Inside a unit of work. Conflict where the address or the person has one.
func (s *Service) insert(ctx context.Context, in New, hash string) (string, error) {
	id, now := clock.ID(ctx), db.At(clock.Now(ctx))
	if in.Locale == "" {
		in.Locale = string(lang.English)
	}
	if in.Zone == "" {
		in.Zone = cmp.Or(s.Zone, "UTC")
	}
	var verifiedAt any
	if in.Proven {
		verifiedAt = now
	}
	err := s.exec(ctx, `INSERT INTO account (id, email, email_verified_at, password_hash, person_id, locale, zone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, normal(in.Email), verifiedAt, db.Str(hash), db.Str(in.Person), in.Locale, in.Zone, now)
	if db.IsUnique(err) {
		return "", fault.New(fault.Conflict, "account.taken").At("email")
	}
	return id, err
}

// ByPerson is the account of a person and its address; "" if the person has none.
func (s *Service) ByPerson(ctx context.Context, personID string) (id, email string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, email FROM account WHERE person_id = $1 AND disabled_at IS NULL`, personID).Scan(&id, &email)
	if db.IsNone(err) {
		return "", "", nil
	}
	return id, email, err
}

// byEmail is the account of an address; "" if it has none that may sign in.
func (s *Service) byEmail(ctx context.Context, email string) (id string, l lang.Locale, err error) {
	l = lang.Of(ctx)
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, locale FROM account WHERE email = $1 AND disabled_at IS NULL`, normal(email)).Scan(&id, &l)
	if db.IsNone(err) {
		return "", l, nil
	}
	return id, l, err
}

// Profile is a's own account.
func (s *Service) Profile(ctx context.Context, a access.Actor) (Profile, error) {
	p := Profile{ID: a.Account}
	if err := own(a); err != nil {
		return p, err
	}
	q := s.DB.Q(ctx)
	err := q.QueryRowContext(ctx, `SELECT a.email, COALESCE(a.person_id, ''), COALESCE(p.name, a.email), CASE WHEN a.email_verified_at IS NULL THEN 0 ELSE 1 END,
		CASE WHEN a.password_hash IS NULL THEN 0 ELSE 1 END, a.locale, a.zone, COALESCE(a.agency_id, ''), a.version
		FROM account a LEFT JOIN person p ON p.id = a.person_id WHERE a.id = $1`, a.Account).
		Scan(&p.Email, &p.Person, &p.Name, &p.Verified, &p.HasPassword, &p.Locale, &p.Zone, &p.Agency, &p.Version)
	if err != nil {
		return p, missing(err)
	}
	p.Identities, err = db.Rows(ctx, q, func(r *sql.Rows) (i Identity, err error) {
		return i, r.Scan(&i.ID, &i.Issuer, &i.Subject, db.Time(&i.Created))
	}, `SELECT id, issuer, subject, created_at FROM account_identity WHERE account_id = $1 ORDER BY created_at, id`, a.Account)
	return p, err
}

func missing(err error) error {
	if db.IsNone(err) {
		return fault.Missing()
	}
	return err
}

// SetSettings changes a's own settings. An agency that there is none of is refused.
// Errors: Invalid; Conflict where they were changed since in.Version.
func (s *Service) SetSettings(ctx context.Context, a access.Actor, in Settings) error {
	if err := own(a); err != nil {
		return err
	}
	if err := fault.Join(refuseLocale("locale", in.Locale), refuseZone("zone", in.Zone)); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if in.Agency != "" {
			var found string
			err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM agency WHERE id = $1`, in.Agency).Scan(&found)
			if db.IsNone(err) {
				return fault.Field("agency", "fault.choice")
			}
			if err != nil {
				return err
			}
		}
		return s.one(ctx, fault.New(fault.Conflict, "account.stale"), `UPDATE account SET locale = $2, zone = $3, agency_id = $4, version = version + 1 WHERE id = $1 AND version = $5`,
			a.Account, string(in.Locale), in.Zone, db.Str(in.Agency), in.Version)
	})
}

// one runs a statement that must change one row, and returns none otherwise.
func (s *Service) one(ctx context.Context, none error, query string, args ...any) error {
	r, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		return none
	}
	return err
}

// like is text as a pattern of LIKE for what begins with it.
func like(text string) string { return db.Pattern(text) + "%" }

// Invented lists the people of the demonstration, in the order in which they
// were made; nobody where the installation is not one.
func (s *Service) Invented(ctx context.Context) ([]Profile, error) {
	if !s.Demo {
		return nil, nil
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Profile, err error) {
		return p, r.Scan(&p.ID, &p.Email, &p.Person, &p.Name)
	}, `SELECT a.id, a.email, a.person_id, p.name FROM account a JOIN person p ON p.id = a.person_id WHERE a.email LIKE '%@demo.example' ORDER BY a.created_at, a.id`)
}
