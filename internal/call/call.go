package call

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Call is one invitation to propose.
type Call struct {
	ID, Number, AgencyID, ProgrammeID, SchemeVersionID string
	Title, Summary, Guidance                           lang.Text
	State                                              string // draft, published, cancelled, closed
	Zone                                               string
	OpensAt, ClosesAt                                  time.Time
	Grace                                              time.Duration
	EmbargoDays                                        int    // after the signature, until which what it gives is not public; 0: at once
	DecideBy                                           string // plain day
	Low, High, Total                                   money.Amount
	AwardsExpected                                     int
	Hours                                              float64
	Contact                                            string
	CreatedBy                                          string
	PublishedAt                                        time.Time
	Version                                            int64
}

// View is a call as one viewer sees it.
type View struct {
	Call
	Agency   string // name, English
	AgencyIn lang.Text
	MayEdit  bool
	Extended []Extension
	Budget   []Share // for who works with the agency's money
}

// Extension moved the deadline, for all or for one proposal.
type Extension struct {
	ProposalID string
	Old, New   time.Time
	Reason     string
	At         time.Time
}

// Phase is where a call stands at an instant.
type Phase string

// The phases.
const (
	Draft     Phase = "draft"
	Planned   Phase = "planned"
	IsOpen    Phase = "open"
	Closed    Phase = "closed"
	Cancelled Phase = "cancelled"
)

// Phase follows from state and dates.
func (c Call) Phase(now time.Time) Phase {
	switch {
	case c.State == "draft":
		return Draft
	case c.State == "cancelled":
		return Cancelled
	case c.State == "closed" || !c.ClosesAt.IsZero() && !now.Before(c.ClosesAt):
		return Closed
	case now.Before(c.OpensAt):
		return Planned
	}
	return IsOpen
}

// MostEmbargo is for how many days at most a call holds back what it gives.
const MostEmbargo = 365

// Input is what an officer writes.
type Input struct {
	AgencyID, ProgrammeID, SchemeVersionID string
	Title, Summary, Guidance               lang.Text
	Zone, Opens, Closes                    string // local times "2027-04-15T17:00"
	GraceMinutes, EmbargoDays              int64
	DecideBy                               string
	Low, High, Total                       string            // as typed
	Budget                                 map[string]string // what it takes from budget lines, as typed, by line; nil leaves them as they are
	AwardsExpected                         int64
	Contact                                string
	QuestionID, PriorityID                 string   // linked when the call is made
	Priorities                             []string // further ones
}

// apply checks the input and writes it into c. Every fault is named with its field.
func (in Input) apply(c *Call, currency string) error {
	var faults []*fault.Error
	refuse := func(field, key string, args ...any) { faults = append(faults, fault.Field(field, key, args...)) }
	if in.Title.Empty() {
		refuse("title", "fault.required")
	}
	if in.Summary.Empty() {
		refuse("summary", "fault.required")
	}
	at := func(field, text string) time.Time {
		t, err := clock.Local(text, in.Zone)
		if err != nil {
			faults = append(faults, fault.From(err).At(field))
		}
		return t
	}
	c.OpensAt, c.ClosesAt = at("opens", in.Opens), at("closes", in.Closes)
	if !c.OpensAt.IsZero() && !c.ClosesAt.IsZero() && !c.ClosesAt.After(c.OpensAt) {
		refuse("closes", "call.closes.before")
	}
	sum := func(field, text string) money.Amount {
		if text == "" {
			return money.Amount{Currency: currency}
		}
		a, err := money.Parse(text, currency)
		if err != nil || a.Minor < 0 {
			refuse(field, "call.amount")
		}
		return a
	}
	c.Low, c.High, c.Total = sum("low", in.Low), sum("high", in.High), sum("total", in.Total)
	if c.High.Minor > 0 && c.High.Minor < c.Low.Minor {
		refuse("high", "call.high.low")
	}
	if in.EmbargoDays < 0 || in.EmbargoDays > MostEmbargo {
		refuse("embargo_days", "call.embargo.days", MostEmbargo)
	}
	if in.GraceMinutes < 0 || in.GraceMinutes > 120 {
		refuse("grace", "call.grace")
	}
	c.Title, c.Summary, c.Guidance, c.Zone = in.Title, in.Summary, in.Guidance, in.Zone
	c.Grace, c.EmbargoDays, c.DecideBy, c.AwardsExpected, c.Contact = time.Duration(in.GraceMinutes)*time.Minute, int(in.EmbargoDays), in.DecideBy, int(in.AwardsExpected), in.Contact
	c.AgencyID, c.ProgrammeID, c.SchemeVersionID = in.AgencyID, in.ProgrammeID, in.SchemeVersionID
	return fault.Join(faults...)
}

var rules = access.Rules{
	"call.create":  access.Of(access.Staff),
	"call.edit":    access.Of(access.Staff),
	"call.publish": access.Of(access.Staff),
	"call.extend":  access.Of(access.Staff),
	"call.amend":   access.Of(access.Staff),
	"call.cancel":  access.Of(access.Staff),
	"call.draft":   access.Of(access.Staff, access.Audit, access.Signer),
}

// staffed is who may know of a draft.
const staffed = access.Staff | access.Audit | access.Signer

// set is the audiences that a is in for c.
func (c Call) set(a access.Actor) access.Set { return a.Staffing(c.AgencyID, c.ProgrammeID, c.ID) }

// visible reports whether a may know of c at all.
func (c Call) visible(a access.Actor) bool {
	return c.State != "draft" || c.set(a).Any(staffed)
}
