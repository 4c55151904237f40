package access

import "github.com/headwater-platform/headwater/internal/platform/fault"

// Door is the coarse gate of a page or an operation: who gets in at all. What they see and may do inside, the room's
// service decides for the record at hand.
type Door string

// The doors.
const (
	Anyone   Door = "anyone"
	SignedIn Door = "signed in"
	AnyStaff Door = "staff" // programme officers and those who sign decisions
	Auditors Door = "auditors"
	Admins   Door = "admins"
	Keepers  Door = "keepers" // who lets records end, or checks that: programme officers, auditors, admins
)

// Pass reports whether a may go through. Errors: SignIn, NotAllowed.
func (d Door) Pass(a Actor) error {
	switch {
	case d.lets(a):
		return nil
	case a.Public():
		return fault.New(fault.SignIn, "fault.signin")
	}
	return fault.New(fault.NotAllowed, "fault.denied")
}

func (d Door) lets(a Actor) bool {
	switch d {
	case Anyone:
		return true
	case SignedIn:
		return !a.Public()
	case AnyStaff:
		return a.HasAny(Officer) || a.HasAny(Decider)
	case Auditors:
		return a.HasAny(Auditor) || a.HasAny(Admin)
	case Admins:
		return a.HasAny(Admin)
	case Keepers:
		return a.HasAny(Officer) || a.HasAny(Auditor) || a.HasAny(Admin)
	}
	return false
}
