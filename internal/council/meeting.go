package council

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// The states of a meeting.
const (
	Planned  = "planned"  // the agenda is being written; members do not see it yet
	Convened = "convened" // the members have agenda and dossiers
	InRoom   = "open"     // it is held
	Over     = "closed"   // the minutes are being written
	Minuted  = "minuted"  // they are approved
)

// Meeting is one meeting of a body.
type Meeting struct {
	ID, Number, BodyID string
	Day, Place         string    // plain day
	Starts, Ends       time.Time // zero where only the day is known
	Zone               string    // in which people say the hours, IANA
	Link               string    // where it is held at a distance
	SetAt              time.Time // when day, hours or place were set last; zero where that is not known
	Moves              int64     // how often they were changed
	State              string
	Correction         string // why approved minutes are being written anew
	Version            int64

	toldAt time.Time // when who sits in it was last written to about when it is; zero for nobody yet
}

// MeetingInput is when and where a meeting is: a day, hours "10:00" of it in a zone, a place or a link.
type MeetingInput struct{ Day, From, Until, Zone, Place, Link string }

// Hours are those of the meeting as people say them there: "10:00–12:00 (Europe/Vienna)"; "" where
// only the day is known.
func (m Meeting) Hours() string {
	loc, err := time.LoadLocation(m.Zone)
	if err != nil || m.Starts.IsZero() {
		return ""
	}
	return m.Starts.In(loc).Format("15:04") + "–" + m.Ends.In(loc).Format("15:04") + " (" + m.Zone + ")"
}

// Where is hours, place and link in a line, as far as they are known.
func (m Meeting) Where() string {
	return strings.Join(slices.DeleteFunc([]string{m.Hours(), m.Place, m.Link}, func(s string) bool { return s == "" }), " · ")
}

// Input is when and where the meeting is, as apply reads it.
func (m Meeting) Input() MeetingInput {
	in := MeetingInput{Day: m.Day, Zone: m.Zone, Place: m.Place, Link: m.Link}
	if loc, err := time.LoadLocation(m.Zone); err == nil && !m.Starts.IsZero() {
		in.From, in.Until = m.Starts.In(loc).Format("15:04"), m.Ends.In(loc).Format("15:04")
	}
	return in
}

// Item is one item of an agenda.
type Item struct {
	ID, MeetingID             string
	Position                  int
	Title, Background, Motion lang.Text // without a motion it is only discussed
	Secret                    bool      // the vote
	PriorityID, PriorityState string    // the priority that the motion decides, and what it becomes
	Touches                   []string  // agencies that must agree once it is carried
	Refusal                   string    // Block, Return: what one refusal of theirs does
	Days                      int       // they have so many to answer
	Notes                     lang.Text // of the minutes
	Outcome                   string    // Carried, Rejected; "" while nothing is decided
	Version                   int64
}

// ItemInput is what the secretary writes of an item.
type ItemInput struct {
	Title, Background, Motion lang.Text
	Secret                    bool
	PriorityID, PriorityState string
	Touches                   []string
	Refusal                   string
	Days                      int
}

// Record is a record of another room in a dossier, as it stood when it was laid before
// the members: Title and Text are of then.
type Record struct {
	Kind, ID, Number string
	Title, Text      lang.Text
	AgencyID         string
	Settled          bool // a list of proposals that is signed
	FrozenAt         time.Time
	Size             int64 // the ledger's sealed head then: entries, and root
	Root             string
	Since            int  // entries about it after that
	Reach            bool // the viewer may see it as it is now
}

// RecordKinds are the kinds of record that a dossier holds.
var RecordKinds = []string{"need", "question", "priority", "call", "decision"}

// Recusal keeps somebody away from one item.
type Recusal struct {
	Person, Name, Reason string
	At                   time.Time
}

// Ballot is how somebody voted; Choice is "" of a secret vote.
type Ballot struct{ Person, Name, Choice string }

// Vote is one vote on an item; one without quorum is void, and followed by another.
type Vote struct {
	ID, ItemID         string
	Round              int
	Secret             bool
	Rule               Rule
	Places             []Place
	Cast               int      // how many have voted
	Ballots            []Ballot // once it is closed, and of an open vote only
	Result             Result   // once it is closed
	OpenedAt, ClosedAt time.Time
	counted            Tally // of a secret vote
}

// Running reports whether the vote can still be cast.
func (v Vote) Running() bool { return v.ClosedAt.IsZero() }

// Condition is what was decided to be done, by somebody, until a day.
type Condition struct {
	ID, ItemID, Person, Name string
	Text                     lang.Text
	Due, State               string
	Report, Answer           string
	Version                  int64
	Body                     lang.Text
	BodyID, Meeting          string
}

// The states of a condition.
const (
	Awaited  = "open"
	Reported = "reported" // the person says that it is done
	Met      = "met"
	Waived   = "waived"
)

// ItemView is an item as one viewer sees it.
type ItemView struct {
	Item
	Meeting    Meeting
	Body       Body
	Number     int // among the items that the viewer sees
	Seats      []Seat
	Records    []Record
	Recused    []Recusal
	Votes      []Vote
	Conditions []Condition
	Priority   string   // number and title of the priority that it decides
	Agencies   []string // that it touches, by name
	Cited      []Use
	MayRun     bool
	MayCast    bool
	Voted      bool
	Quorum     Result // as a vote would find it now: members, present, quorum
}

// Running is the vote that can be cast now; nil if there is none.
func (v ItemView) Running() *Vote {
	if n := len(v.Votes); n > 0 && v.Votes[n-1].Running() {
		return &v.Votes[n-1]
	}
	return nil
}

// MayEdit reports whether the item can still be written: before its first vote.
func (v ItemView) MayEdit() bool {
	return v.MayRun && len(v.Votes) == 0 && v.Meeting.State != Over && v.Meeting.State != Minuted
}

// MayDrop reports whether the item can still be taken off the agenda: before the meeting is opened.
func (v ItemView) MayDrop() bool {
	return v.MayRun && (v.Meeting.State == Planned || v.Meeting.State == Convened)
}

// MayVote reports whether a vote can be opened, for the first time or after a void one.
func (v ItemView) MayVote() bool {
	return v.MayRun && v.Meeting.State == InRoom && !v.Motion.Empty() && v.Outcome == "" && v.Running() == nil
}

// MayNote reports whether the minutes of the item can be written.
func (v ItemView) MayNote() bool {
	return v.MayRun && (v.Meeting.State == InRoom || v.Meeting.State == Over)
}

// MeetingView is a meeting as one viewer sees it.
type MeetingView struct {
	Meeting
	Body     Body
	Seats    []Seat
	Here     map[string]bool // in attendance, by person
	Items    []ItemView      // that the viewer is not recused from
	Editions []Edition
	MayRun   bool
}

// MaySet reports whether day, hours and place can still be changed: before the meeting is opened.
func (v MeetingView) MaySet() bool {
	return v.MayRun && (v.State == Planned || v.State == Convened)
}

// Edition is one edition of approved minutes.
type Edition struct {
	ID, MeetingID    string
	Number           int
	Minutes          Minutes
	Hash             string // SHA-256 of the stored text, in hex; "" for who is recused from an item of it
	Correction       string
	ApprovedBy, Name string
	ApprovedAt       time.Time
	Superseded       bool
}

// apply reads when and where a meeting is. Errors: Invalid with every field at fault: a day, two hours of
// it that its zone has once each, the later one last, a zone, a link that begins with https.
func (in MeetingInput) apply(m *Meeting) error {
	m.Day, m.Zone, m.Place, m.Link = in.Day, in.Zone, in.Place, in.Link
	faults := []*fault.Error{day("day", in.Day, true), short("place", in.Place), short("link", in.Link)}
	if u, err := url.Parse(in.Link); in.Link != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		faults = append(faults, fault.Field("link", "council.meeting.link.wrong"))
	}
	if _, err := time.LoadLocation(in.Zone); in.Zone == "" || err != nil {
		faults = append(faults, fault.Field("zone", "call.zone", in.Zone))
	} else if faults[0] == nil {
		faults = append(faults, instant("from", in.Day, in.From, in.Zone, &m.Starts), instant("until", in.Day, in.Until, in.Zone, &m.Ends))
	}
	if err := fault.Join(faults...); err != nil {
		return err
	}
	if !m.Ends.After(m.Starts) {
		return fault.Field("until", "council.meeting.until.wrong")
	}
	return nil
}

// instant reads an hour of a day in a zone.
func instant(field, day, hour, zone string, to *time.Time) *fault.Error {
	if _, err := time.Parse("15:04", hour); err != nil {
		return fault.Field(field, "council.meeting.hour.wrong")
	}
	t, err := clock.Local(day+"T"+hour, zone)
	if err != nil {
		return fault.From(err).At(field)
	}
	*to = t
	return nil
}

func short(field, text string) *fault.Error {
	if over := len([]rune(text)) - mostPlace; over > 0 {
		return fault.Field(field, "fault.long", over)
	}
	return nil
}

const mostPlace = 300

func (in ItemInput) apply(i *Item) error {
	i.Title, i.Background, i.Motion, i.Secret = in.Title, in.Background, in.Motion, in.Secret
	i.PriorityID, i.PriorityState, i.Touches, i.Refusal, i.Days = in.PriorityID, in.PriorityState, in.Touches, in.Refusal, in.Days
	faults := []*fault.Error{text("title", in.Title, mostQuestion, true), text("background", in.Background, mostText, false), text("motion", in.Motion, mostText, in.PriorityID != "" || len(in.Touches) > 0)}
	if in.PriorityID != "" {
		faults = append(faults, choice("priority_state", in.PriorityState, "active", "dropped"))
	} else {
		i.PriorityState = ""
	}
	if len(in.Touches) > 0 {
		faults = append(faults, choice("refusal", in.Refusal, Block, Return))
		if in.Days < 1 || in.Days > 365 {
			faults = append(faults, fault.Field("days", "council.days"))
		}
	} else {
		i.Refusal, i.Days = "", 0
	}
	return fault.Join(faults...)
}

// next are the states that a meeting may go on to.
var next = map[string]string{Convened: Planned, InRoom: Convened, Over: InRoom}

// seatsOn are the terms that run on a day, the chair first.
func seatsOn(seats []Seat, day string) []Seat {
	var out []Seat
	for _, s := range seats {
		if s.on(day) {
			out = append(out, s)
		}
	}
	readOut(out)
	return out
}

// readOut puts terms in the order of their roles.
func readOut(seats []Seat) {
	slices.SortStableFunc(seats, func(a, b Seat) int { return slices.Index(SeatRoles, a.Role) - slices.Index(SeatRoles, b.Role) })
}
