package council

import (
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// The roles of those who sit.
const (
	Chair      = "chair"
	Secretary  = "secretary" // runs the meetings; has no vote
	Member     = "member"
	Substitute = "substitute" // votes where the member that they stand for is away or recused
)

// SeatRoles lists them in the order in which a body is read out.
var SeatRoles = []string{Chair, Member, Substitute, Secretary}

// Body is a council, a board or a committee of an agency.
type Body struct {
	ID, AgencyID string
	Name, Remit  lang.Text
	Rule         Rule
	Priorities   bool // the agency's priorities are decided here
	Version      int64
}

// Seat is one person's term in a body.
type Seat struct {
	ID, Person, Name, Role string
	StandsFor, For         string // of a substitute: the member, and the member's name
	From, Until            string // plain days; Until is the last one, "" without end
	Interests              string // as declared last; "" where nothing was, or the viewer may not read it
	DeclaredAt             time.Time
}

// on reports whether the term runs on a plain day.
func (s Seat) on(day string) bool { return s.From <= day && (s.Until == "" || day <= s.Until) }

// BodyInput is what an officer sets of a body.
type BodyInput struct {
	AgencyID    string // of a new one only
	Name, Remit lang.Text
	Rule        Rule
	Priorities  bool
}

// SeatInput is a new term.
type SeatInput struct{ Person, Role, StandsFor, From, Until string }

// BodyView is a body as one viewer sees it.
type BodyView struct {
	Body
	Agency   lang.Text
	Seats    []Seat // whose term runs or is to come
	Past     []Seat
	Mine     *Seat // the viewer's own, if it runs
	Meetings []Meeting
	Follow   []Condition // conditions that are not settled
	MayForm  bool        // name members, set the rule
	MaySee   bool        // meetings and interests
	MayRun   bool        // plan meetings
}

// seated are the audiences of a for a body. Its secretary is staff of its meetings,
// though not of its agency: who may form the body is asked of roles alone.
func (b Body) seated(a access.Actor, seats []Seat, day string) access.Set {
	have := a.Staffing(b.AgencyID, "", "")
	for _, s := range seats {
		if a.Alone() == "" || s.Person != a.Alone() || !s.on(day) {
			continue
		}
		have |= access.PanelSeat
		switch s.Role {
		case Chair:
			have |= access.Chair
		case Secretary:
			have |= access.Staff
		}
	}
	return have
}

func (in BodyInput) apply(b *Body) error {
	b.Name, b.Remit, b.Rule, b.Priorities = in.Name, in.Remit, in.Rule, in.Priorities
	r := in.Rule
	faults := []*fault.Error{text("name", in.Name, 200, true), text("remit", in.Remit, mostText, false),
		choice("quorum", r.Quorum, Third, Half, TwoThirds), choice("share", r.Share, Half, TwoThirds),
		choice("base", r.Base, Cast, Present, Members), choice("recused", r.Recused, Apart, Counted)}
	if r.Least < 0 || r.Least > 1000 {
		faults = append(faults, fault.Field("least", "council.least"))
	}
	return fault.Join(faults...)
}

func (in SeatInput) check(seats []Seat) error {
	faults := []*fault.Error{choice("role", in.Role, SeatRoles...), day("from", in.From, true), day("until", in.Until, false)}
	if in.Until != "" && in.Until < in.From {
		faults = append(faults, fault.Field("until", "council.until.early"))
	}
	same := func(s Seat) bool {
		return s.Person == in.Person && (s.Until == "" || in.From <= s.Until) && (in.Until == "" || s.From <= in.Until)
	}
	if slices.ContainsFunc(seats, same) {
		faults = append(faults, fault.Field("person", "council.seat.twice"))
	}
	if in.Role == Chair && slices.ContainsFunc(seats, func(s Seat) bool { return s.Role == Chair && s.on(in.From) }) {
		faults = append(faults, fault.Field("role", "council.chair.twice"))
	}
	if in.Role == Substitute && !slices.ContainsFunc(seats, func(s Seat) bool {
		return s.Person == in.StandsFor && (s.Role == Member || s.Role == Chair) && s.on(in.From)
	}) {
		faults = append(faults, fault.Field("stands_for", "council.stands.for"))
	}
	return fault.Join(faults...)
}

func choice(field, v string, of ...string) *fault.Error {
	if slices.Contains(of, v) {
		return nil
	}
	return fault.Field(field, "fault.choice")
}

func day(field, v string, needed bool) *fault.Error {
	if v == "" && !needed {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, v); err != nil {
		return fault.Field(field, "fault.date")
	}
	return nil
}
