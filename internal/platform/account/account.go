package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// rules says who may do what. A person's own account is Self; a delegate never
// touches the account of the person acted for, because no delegation covers it.
var rules = access.Rules{
	"account.create":  access.Of(access.Operator),
	"account.read":    access.Of(access.Operator),
	"account.grant":   access.Of(access.Operator),
	"account.disable": access.Of(access.Operator),
	"account.own":     access.Of(access.Self),
}

// own allows a to change its own account, and not somebody else's while it acts for them.
func own(a access.Actor) error {
	have := access.Public
	if a.Account != "" {
		have |= access.Self | access.Member
	}
	return rules.Check(a, "account.own", have, access.Public)
}

// operate allows what only admins do. agency is the one whose admins may, too; "" for none.
func operate(a access.Actor, act access.Act, agency string) error {
	have := a.Staffing(agency, "", "")
	if agency == "" && !a.System {
		have &^= access.Operator
		if a.Has(access.Admin) {
			have |= access.Operator
		}
	}
	return rules.Check(a, act, have, access.Public)
}

// New is an account to be made.
type New struct {
	Email, Password, Person, Locale, Zone string
	Proven                                bool // that the address is theirs
}

// Settings are what a person chose for all pages. Zone is an IANA name.
type Settings struct {
	Locale  lang.Locale
	Zone    string
	Agency  string // "" for all
	Version int64
}

// Profile is an account as its owner sees it.
type Profile struct {
	ID, Email, Person, Name string
	Verified, HasPassword   bool
	Settings
	Identities []Identity
}

// Identity is an account at another provider that signs in here.
type Identity struct {
	ID, Issuer, Subject string
	Created             time.Time
}

// Letter is a mail that the service wants sent, in the unit of work of ctx. Kind
// is a catalogue prefix: Kind+".subject" and Kind+".body" exist.
type Letter struct {
	Account string // "" where the address has none
	Email   string
	Locale  lang.Locale
	Kind    string
	Args    []any
}

// People is what accounts need of the register. Each is called in a unit of work.
type People interface {
	// Make adds a person with a contact address; orcid may be empty.
	Make(ctx context.Context, given, family, email, orcid string) (id string, err error)
	// ByORCID is the person with an ORCID iD, "" if there is none.
	ByORCID(ctx context.Context, orcid string) (id string, err error)
	// ProveORCID records an iD that a person has shown to be theirs.
	// Errors: Conflict where another person has it.
	ProveORCID(ctx context.Context, person, orcid string) error
}

// Choice is one thing that can be chosen by typing or from a short list.
type Choice struct{ ID, Name, Note string }

// Scopes is what granting roles needs of the rooms: which agency a scope belongs
// to, what it is called, and which ones fit a text that was typed.
type Scopes interface {
	Agency(ctx context.Context, scope access.Scope) (string, error)
	Name(ctx context.Context, scope access.Scope) (string, error)
	Find(ctx context.Context, kind, text string, limit int) ([]Choice, error)
}

func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// refuseEmail says what is wrong with an address, nil if nothing.
func refuseEmail(field, email string) *fault.Error {
	email = strings.TrimSpace(email)
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 {
		return fault.Field(field, "account.email")
	}
	return nil
}

func refuseZone(field, zone string) *fault.Error {
	if zone == "" || zone == "Local" {
		return fault.Field(field, "account.zone")
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return fault.Field(field, "account.zone")
	}
	return nil
}

func refuseLocale(field string, l lang.Locale) *fault.Error {
	if found, ok := lang.ParseLocale(string(l)); !ok || found != l {
		return fault.Field(field, "fault.choice")
	}
	return nil
}

// secret makes a secret for a cookie, a link or a token.
func secret(ctx context.Context) string {
	return base64.RawURLEncoding.EncodeToString(clock.Bytes(ctx, 32))
}

// digest is what the database keeps of a secret.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
