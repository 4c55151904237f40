package strategy

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// The states of a need.
const (
	Posted  = "posted"
	TakenUp = "taken up" // a question was written from it
	Met     = "met"
	Closed  = "closed"
)

// NeedStates are the states of a need in the order in which it passes them.
var NeedStates = []string{Posted, TakenUp, Met, Closed}

// Need is something that an organisation lacks, with how one would know that it is met.
type Need struct {
	ID, Number           string
	Title, Body, Measure lang.Text
	OrganisationID       string
	PersonID             string // who posted it; shown to officers and to the poster only
	AgencyID             string // whom it is addressed to; "" for any
	Orientation, State   string
	Stood                time.Time // when somebody last said that it stands: at first when it was posted
	Version              int64
}

// NeedInput is what the poster writes.
type NeedInput struct {
	Title, Body, Measure                  lang.Text
	OrganisationID, AgencyID, Orientation string
}

// most is the longest text of one field, in characters.
const most = 8000

func (in NeedInput) apply(n *Need) error {
	n.Title, n.Body, n.Measure, n.Orientation = in.Title, in.Body, in.Measure, in.Orientation
	return fault.Join(filled("title", n.Title), filled("body", n.Body), filled("measure", n.Measure), orientation(n.Orientation),
		short("title", n.Title, 200), short("body", n.Body, most), short("measure", n.Measure, most))
}

func short(field string, t lang.Text, most int) *fault.Error {
	for _, s := range t.By {
		if over := len([]rune(s)) - most; over > 0 {
			return fault.Field(field, "fault.long", over)
		}
	}
	return nil
}

// set is the audiences that a belongs to for n: the poster is Self.
func (n Need) set(a access.Actor) access.Set {
	have := a.Staffing(n.AgencyID, "", "")
	if n.AgencyID == "" && a.HasAny(access.Officer) {
		have |= access.Staff // addressed to any agency
	}
	if a.Alone() != "" && a.Alone() == n.PersonID {
		have |= access.Self
	}
	if n.OrganisationID != "" && a.Has(access.Transfer, access.Organisation(n.OrganisationID)) {
		have |= access.Office
	}
	return have
}

// For is the need as who belongs to have may see it.
func (n Need) For(have access.Set) Need {
	if !have.Any(access.Of(access.Self, access.Staff, access.Audit, access.Operator)) {
		n.PersonID = ""
	}
	return n
}

// QuestionStates are the states of a question. A draft is seen by its agency's officers only.
var QuestionStates = []string{"draft", "open", "in a call", "answered", "closed"}

// Question is a research question, written from a need or from a technology map.
type Question struct {
	ID, Number, NeedID, AgencyID string
	Title, Body                  lang.Text
	Orientation, State           string
	Version                      int64
}

// QuestionInput is what an officer writes of a question.
type QuestionInput struct {
	NeedID, AgencyID   string // of a new one only
	Title, Body        lang.Text
	Orientation, State string
	PriorityID         string // linked at once, if not empty
}

func (in QuestionInput) apply(q *Question) error {
	q.Title, q.Body, q.Orientation, q.State = in.Title, in.Body, in.Orientation, in.State
	if q.State == "" {
		q.State = "open"
	}
	return fault.Join(filled("title", q.Title), filled("body", q.Body), orientation(q.Orientation), oneOf("state", q.State, QuestionStates),
		short("title", q.Title, 300), short("body", q.Body, most))
}

func (q Question) set(a access.Actor) access.Set { return a.Staffing(q.AgencyID, "", "") }

func (q Question) visible(have access.Set) bool {
	return q.State != "draft" || have.Any(access.Of(access.Staff, access.Signer, access.Audit, access.Operator))
}
