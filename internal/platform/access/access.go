// Package access decides who may do what. A decision rests on roles and
// delegations (rows, scoped) and on facts that a room hands over (membership,
// state, conflict). The rooms turn both into a Set of audiences for one actor
// and one record; their Rules say which audiences an act takes. The same sets
// decide which fields a view shows, so that pages, API, search and exports
// cannot disagree.
package access

import (
	"context"
	"maps"
	"sort"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Role is what somebody is appointed to, by a row with scope and dates.
type Role string

// The roles. Lead, team member and reviewer are not roles but facts of a record.
const (
	Admin    Role = "admin"           // runs the installation; sees no proposal text by it
	Officer  Role = "officer"         // programme officer: calls, reviews, decisions' preparation
	Decider  Role = "decider"         // signs decisions
	Finance  Role = "finance"         // commitments, payments
	Adviser  Role = "adviser"         // answers requests for advice
	Analyst  Role = "analyst"         // figures and maps over an agency or all
	Auditor  Role = "auditor"         // reads everything with its ledger, changes nothing
	Research Role = "research office" // approves and manages for an organisation
	Transfer Role = "transfer office" // needs, results in use, deals for an organisation
)

// Roles lists every role.
var Roles = []Role{Admin, Officer, Decider, Finance, Adviser, Analyst, Auditor, Research, Transfer}

// Scope is what a role holds for. Kind "platform" holds for all.
type Scope struct{ Kind, ID string }

// The scopes.
func Platform() Scope              { return Scope{Kind: "platform"} }
func Agency(id string) Scope       { return Scope{"agency", id} }
func Programme(id string) Scope    { return Scope{"programme", id} }
func Call(id string) Scope         { return Scope{"call", id} }
func Organisation(id string) Scope { return Scope{"organisation", id} }

// Grant is one role in one scope, in force now.
type Grant struct {
	Role  Role
	Scope Scope
}

// Actor is who asks: the account, the person it is, whom it acts for, and its
// grants in force. The zero Actor is the public. System is the program itself.
type Actor struct {
	Account string
	Person  string // the person in whose name it acts: the account's own, or the one it acts for
	Name    string // of that person, for the page's head

	Delegate   string // the account's own person while it acts for another, else ""
	Delegation string // the row that allows it
	Covers     string // what the delegation covers: all, proposals, reviews, awards

	Grants   []Grant
	Asleep   []Role // roles that need a second factor, which was not shown: no grants now
	Second   bool   // signed in with a second factor
	Elevated bool   // signed in or confirmed recently enough for what is sealed
	System   bool
}

// System is the actor of the program's own acts: sequencing, reminders, imports from the command line.
var System = Actor{System: true, Name: "Headwater"}

// Public reports whether nobody is signed in.
func (a Actor) Public() bool { return a.Account == "" && !a.System }

// Has reports whether a holds role in one of the scopes, or on the platform.
func (a Actor) Has(role Role, scopes ...Scope) bool {
	for _, g := range a.Grants {
		if g.Role != role {
			continue
		}
		if g.Scope.Kind == "platform" {
			return true
		}
		for _, s := range scopes {
			if g.Scope == s {
				return true
			}
		}
	}
	return false
}

// People are those whose conflicts of interest keep a from a record: the person in whose name it acts, and, while it acts for
// another, its own person, who reads what comes.
func (a Actor) People() []string {
	var out []string
	if a.Person != "" {
		out = append(out, a.Person)
	}
	if own := a.Own(); own != "" && own != a.Person {
		out = append(out, own)
	}
	return out
}

// Own is the account's own person while it acts for another; "" else, and for an account without a person.
func (a Actor) Own() string {
	if a.Delegation == "" || a.Delegate == a.Account {
		return ""
	}
	return a.Delegate
}

// Alone is the person whose account a is, while it acts for nobody else; "" else. What somebody is by name beside their proposals,
// reviews and awards - a profile, a seat, what others let them see - nobody else is in their place.
func (a Actor) Alone() string {
	if a.Delegation != "" {
		return ""
	}
	return a.Person
}

// HasAny reports whether a holds role anywhere.
func (a Actor) HasAny(role Role) bool {
	for _, g := range a.Grants {
		if g.Role == role {
			return true
		}
	}
	return false
}

// Scopes lists the ids of kind in which a holds one of the roles; all is true
// where a holds one on the platform. For the SQL condition of lists.
func (a Actor) Scopes(kind string, roles ...Role) (ids []string, all bool) {
	seen := map[string]bool{}
	for _, g := range a.Grants {
		for _, r := range roles {
			if g.Role != r {
				continue
			}
			if g.Scope.Kind == "platform" {
				all = true
			}
			if g.Scope.Kind == kind && !seen[g.Scope.ID] {
				seen[g.Scope.ID] = true
				ids = append(ids, g.Scope.ID)
			}
		}
	}
	sort.Strings(ids)
	return ids, all
}

// Audience is one group of people in relation to one record.
type Audience uint32

// The audiences. A field of a view names those that see it.
const (
	Public    Audience = 1 << iota // everybody
	Member                         // everybody signed in
	Self                           // the person whom the record is about
	Lead                           // the proposal's or award's lead
	Team                           // its confirmed team
	Office                         // research office of an organisation that takes part
	Reviewer                       // who reviews it, invitation accepted, no conflict
	PanelSeat                      // member of the panel that treats it
	Chair                          // chair of that panel
	Staff                          // programme officers of its agency, programme or call
	Signer                         // who signs its decision
	Money                          // finance officers of its agency
	Advice                         // advisers asked about it
	Analysis                       // analysts of its agency
	Audit                          // auditors
	Operator                       // admins of the installation
)

// ByRole are the audiences that somebody is in by a role alone. An office is none of them: it is a part of the
// organisation that applies, which is no conflict but why it is asked. Nor is who runs the installation, who reads no text by it.
const ByRole = Staff | Signer | Money | Advice | Analysis | Audit

// Set is a set of audiences.
type Set = Audience

// Of joins audiences.
func Of(list ...Audience) Set {
	var s Set
	for _, a := range list {
		s |= a
	}
	return s
}

// Any reports whether the two sets meet.
func (s Audience) Any(other Set) bool { return s&other != 0 }

// Staffing is the part of a Set that follows from roles alone, for a record of
// the given agency, programme and call ("" where it has none).
func (a Actor) Staffing(agency, programme, call string) Set {
	s := Public
	if a.Account != "" {
		s |= Member
	}
	if a.System {
		return s | Member | Staff | Signer | Money | Audit | Operator
	}
	scopes := []Scope{Agency(agency), Programme(programme), Call(call)}
	for role, audience := range map[Role]Audience{Officer: Staff, Decider: Signer, Finance: Money,
		Adviser: Advice, Analyst: Analysis, Auditor: Audit, Admin: Operator} {
		if a.Has(role, scopes...) {
			s |= audience
		}
	}
	return s
}

// Act is something that can be done, named "room.verb".
type Act string

// Rules says for each act of a room which audiences may do it.
type Rules map[Act]Set

// Check returns nil if have may do act. Otherwise it returns a fault: "not
// found" for who may not even see the record (have does not meet see), "sign
// in" for the public, "not allowed" for the rest. A delegate needs a delegation that
// covers the act's room.
func (r Rules) Check(a Actor, act Act, have, see Set) error {
	allowed, known := r[act]
	if !known {
		panic("access: no rule for " + string(act)) // a fault in the program: its test runs every act
	}
	if have.Any(allowed) && a.covers(act) {
		return nil
	}
	if !have.Any(see) {
		return fault.Missing()
	}
	if a.Public() {
		return fault.New(fault.SignIn, "fault.signin")
	}
	return fault.New(fault.NotAllowed, "fault.denied")
}

var delegable = map[string]string{"proposal": "proposals", "review": "reviews", "award": "awards", "result": "awards"}

func (a Actor) covers(act Act) bool {
	if a.Delegation == "" {
		return true
	}
	room, _, _ := strings.Cut(string(act), ".")
	part, ok := delegable[room]
	return ok && (a.Covers == "all" || a.Covers == part)
}

// Conflicted finds the records from which a conflict of interest keeps a person whatever their role. nil finds none.
type Conflicted func(ctx context.Context, person string) (map[string]bool, error)

// Of are the records that a sees by no role: a conflict of whoever acts ends it, and one of whom they act for.
func (f Conflicted) Of(ctx context.Context, a Actor) (map[string]bool, error) {
	people := a.People()
	if f == nil || len(people) == 0 {
		return nil, nil
	}
	found, err := f(ctx, people[0])
	if err != nil || len(people) == 1 {
		return found, err
	}
	all := maps.Clone(found) // what f gave may be others' too
	if all == nil {
		all = map[string]bool{}
	}
	more, err := f(ctx, people[1])
	maps.Copy(all, more)
	return all, err
}

// Less is the set of a in relation to the record of a key, less what a conflict of interest ends: all that a role allows. What
// somebody is by the record itself they stay.
func (f Conflicted) Less(ctx context.Context, a Actor, id string, set Set) (Set, error) {
	if !set.Any(ByRole) {
		return set, nil
	}
	conflicted, err := f.Of(ctx, a)
	if conflicted[id] {
		set &^= ByRole
	}
	return set, err
}
