package account

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// do runs fn in a unit of work.
func (s *Service) do(ctx context.Context, fn func(context.Context) error) error {
	return work.Do(ctx, s.DB, fn)
}

// Invitation asks somebody to make an account.
type Invitation struct {
	Email         string
	Given, Family string        // proposed; the person may change them
	Person        string        // of the register, where it is known who is asked
	Roles         []Appointment // given on accepting; Account is left empty
	AboutKind     string        // "proposal", "review", …: Service.Accepted of that kind is called on accepting
	AboutID       string
	Next          string // where to go after accepting, "/proposals/…"
	Locale        lang.Locale
	Kind          string // of the mail; empty: the caller writes its own and puts the address into it
}

// invitation is what a link keeps of it.
type invitation struct {
	Given, Family, Person string
	Roles                 []Appointment
	AboutKind, AboutID    string
	Next, By              string
	Identity              *proven `json:",omitempty"`
	Browser               string  // digest of the secret of the browser that proved the identity
}

// Invite makes an invitation and returns the address to be mailed. Somebody who
// has an account gets the roles now, and an address that leads to Next: whoever
// invites must not be shown which of the two it is. Roles take an admin; a person of the
// register takes that person's own contact address, or an admin.
// Errors: Invalid, NotAllowed.
func (s *Service) Invite(ctx context.Context, a access.Actor, in Invitation) (address string, err error) {
	if a.Public() {
		return "", fault.New(fault.SignIn, "fault.signin")
	}
	if err := fault.Join(refuseEmail("email", in.Email)); err != nil {
		return "", err
	}
	in.Email, in.Next = normal(in.Email), local(in.Next)
	for _, r := range in.Roles {
		if err := s.mayAppoint(ctx, a, r); err != nil {
			return "", err
		}
	}
	err = s.do(ctx, func(ctx context.Context) error {
		if err := s.mayInvitePerson(ctx, a, in); err != nil {
			return err
		}
		id, l, err := s.byEmail(ctx, in.Email)
		if err != nil {
			return err
		}
		// The link is made for an address with an account, too, where nobody gets it: the work is the same.
		value, err := s.newLink(ctx, link{linkInvite, "", in.Email}, invitation{Given: in.Given, Family: in.Family, Person: in.Person, Roles: in.Roles,
			AboutKind: in.AboutKind, AboutID: in.AboutID, Next: in.Next, By: a.Account})
		if err != nil {
			return err
		}
		if id == "" {
			address, l = s.address(value), localeOr(in.Locale, l)
		} else {
			address = s.Base + in.Next
			for _, r := range in.Roles {
				r.Account = id
				if _, err := s.appoint(ctx, a, r); err != nil {
					return err
				}
			}
		}
		// The pseudonymous ledger does not name the address: that is personal data of somebody who has not agreed yet.
		if err := s.note(ctx, a, "account.invite", id, map[string]any{"roles": in.Roles, "about": in.AboutKind, "id": in.AboutID}); err != nil {
			return err
		}
		if in.Kind == "" {
			return nil
		}
		return s.send(ctx, Letter{Account: id, Email: in.Email, Locale: l, Kind: in.Kind, Args: []any{a.Name, address}})
	})
	return address, err
}

// mayInvitePerson keeps an invitation from handing a person's record to another address.
func (s *Service) mayInvitePerson(ctx context.Context, a access.Actor, in Invitation) error {
	if in.Person == "" || a.System || a.Has(access.Admin) {
		return nil
	}
	var email string
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT email FROM person WHERE id = $1`, in.Person).Scan(&email)
	if err != nil {
		return missing(err)
	}
	if normal(email) != in.Email {
		return fault.Field("email", "account.invite.person")
	}
	return nil
}

// SignUp is what somebody tells who makes an account of their own.
type SignUp struct {
	Email, Given, Family string
	Next                 string // where to go afterwards
	From                 string // network address
	Pending, Browser     string // see Join
}

func (in SignUp) refuse() error {
	faults := []*fault.Error{refuseEmail("email", in.Email)}
	for _, f := range []struct{ name, value string }{{"given", in.Given}, {"family", in.Family}} {
		if strings.TrimSpace(f.value) == "" {
			faults = append(faults, fault.Field(f.name, "fault.required"))
		}
		if over := len([]rune(f.value)) - 100; over > 0 {
			faults = append(faults, fault.Field(f.name, "fault.long", over))
		}
	}
	return fault.Join(faults...)
}

// Register mails a link that makes an account. An address that has one gets a
// mail that says so; the answer and the work are the same.
// Errors: Invalid; Unavailable after far too many from one network.
func (s *Service) Register(ctx context.Context, in SignUp) error {
	if err := in.refuse(); err != nil {
		return err
	}
	return s.register(ctx, in, nil)
}

func (s *Service) register(ctx context.Context, in SignUp, identity *proven) error {
	email := normal(in.Email)
	return s.askByMail(ctx, "sign-up", email, asksFrom("sign-up", in.From), func(ctx context.Context) error {
		id, l, err := s.byEmail(ctx, email)
		if err != nil {
			return err
		}
		data := invitation{Given: strings.TrimSpace(in.Given), Family: strings.TrimSpace(in.Family), Next: local(in.Next), Identity: identity}
		if identity != nil {
			data.Browser = digest(in.Browser)
		}
		value, err := s.newLink(ctx, link{linkInvite, "", email}, data)
		if err != nil {
			return err
		}
		letter := Letter{Account: id, Email: email, Locale: l, Kind: "account.mail.signup", Args: []any{s.address(value)}}
		if id != "" { // the link that was made cannot make a second account
			letter.Kind, letter.Args = "account.mail.signup.have", []any{s.Base + "/sign-in", s.Base + "/recover"}
		}
		return s.send(ctx, letter)
	})
}

// Acceptance is what somebody tells who makes an account by a link.
type Acceptance struct {
	Given, Family, Password string
	Zone                    string
	Browser                 string // secret of this browser, where an identity was proven in it
	Agent                   string
}

// Accept makes the account of an invitation or of a registration, with its
// person and its roles, opens a session, and says where to go.
// Errors: NotFound for a link that is over; Invalid; Conflict where the address
// has an account by now (the holder of the mailbox may know that).
func (s *Service) Accept(ctx context.Context, linkSecret string, in Acceptance) (session, next string, err error) {
	var inv invitation
	l, err := s.peek(ctx, linkSecret, &inv, linkInvite)
	if err != nil {
		return "", "", err
	}
	if err := in.refuse(l, &inv); err != nil {
		return "", "", err
	}
	hash := ""
	if in.Password != "" {
		if hash, err = hashPassword(ctx, in.Password); err != nil {
			return "", "", err
		}
	}
	err = s.do(ctx, func(ctx context.Context) error {
		if l, err = s.use(ctx, linkSecret, &inv, linkInvite); err != nil {
			return err
		}
		a, err := s.make(ctx, l.email, hash, in, inv)
		if err != nil {
			return err
		}
		if f := s.Accepted[inv.AboutKind]; f != nil {
			if err := f(ctx, a, inv.AboutID); err != nil {
				return err
			}
		}
		session, err = s.enter(ctx, a.Account, in.Agent)
		return err
	})
	return session, inv.Next, err
}

func (in *Acceptance) refuse(l link, inv *invitation) error {
	var faults []*fault.Error
	if inv.Person == "" {
		if err := (SignUp{Email: l.email, Given: in.Given, Family: in.Family}).refuse(); err != nil {
			faults = append(faults, fault.From(err).Each()...)
		}
	}
	if inv.Identity == nil || in.Password != "" {
		faults = append(faults, refusePassword("password", in.Password, l.email))
	}
	if inv.Identity != nil && digest(in.Browser) != inv.Browser {
		faults = append(faults, fault.New(fault.Invalid, "account.identity.browser"))
	}
	if in.Zone != "" {
		faults = append(faults, refuseZone("zone", in.Zone))
	}
	return fault.Join(faults...)
}

// make stores account, person, identity and roles. Inside a unit of work.
func (s *Service) make(ctx context.Context, email, hash string, in Acceptance, inv invitation) (access.Actor, error) {
	none := access.Actor{}
	orcid := ""
	if inv.Identity != nil {
		orcid = inv.Identity.ORCID
	}
	person, err := s.personFor(ctx, inv.Person, in, email, orcid)
	if err != nil {
		return none, err
	}
	id, err := s.insert(ctx, New{Email: email, Person: person, Locale: string(lang.Of(ctx)), Zone: in.Zone, Proven: true}, hash)
	if err != nil {
		return none, err
	}
	a, err := s.ActorOf(ctx, id)
	if err != nil {
		return none, err
	}
	if err := s.note(ctx, a, "account.accept", id, map[string]string{"about": inv.AboutKind, "id": inv.AboutID}); err != nil {
		return none, err
	}
	if inv.Identity != nil {
		if err := s.addIdentity(ctx, a, *inv.Identity); err != nil {
			return none, err
		}
	}
	if err := s.invitedRoles(ctx, id, inv); err != nil {
		return none, err
	}
	return s.ActorOf(ctx, id)
}

// invitedRoles gives the roles of an invitation in the name of who invited. Roles
// that the inviter could not give any more are left out; the account is made all the same.
func (s *Service) invitedRoles(ctx context.Context, id string, inv invitation) error {
	by := access.System
	if inv.By != "" {
		var err error
		if by, err = s.ActorOf(ctx, inv.By); fault.Is(err, fault.NotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
	for _, r := range inv.Roles {
		r.Account = id
		if err := s.mayAppoint(ctx, by, r); fault.From(err).Kind != fault.Internal && err != nil {
			continue
		} else if err != nil {
			return err
		}
		if _, err := s.appoint(ctx, by, r); err != nil {
			return err
		}
	}
	return nil
}

// personFor is the person of a new account: the one invited, the one whose ORCID
// iD was proven, or a new one. A person who has an account already is a Conflict.
func (s *Service) personFor(ctx context.Context, invited string, in Acceptance, email, orcid string) (string, error) {
	if invited != "" {
		if orcid != "" && s.People != nil {
			return invited, s.People.ProveORCID(ctx, invited, orcid)
		}
		return invited, nil
	}
	if s.People == nil {
		return "", nil
	}
	if orcid != "" {
		known, err := s.People.ByORCID(ctx, orcid)
		if known != "" || err != nil {
			return known, err
		}
	}
	return s.People.Make(ctx, strings.TrimSpace(in.Given), strings.TrimSpace(in.Family), email, orcid)
}
