package council

import (
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// The states of a request, and of one adviser's part in it.
const (
	Open     = "open"
	Closed   = "closed"
	Asked    = "asked"
	Answered = "answered"
	Declined = "declined"
)

// Kinds are the kinds of record that advice is asked about.
var Kinds = []string{"priority", "need", "question", "call"}

// Confidences is how sure an adviser can be, from least to most.
var Confidences = []string{"low", "medium", "high"}

// Advice is one request with what came of it.
type Advice struct {
	ID, Number, AgencyID        string
	Kind, SubjectID             string // what it is about
	Question, Background        lang.Text
	Due                         string // plain day: answers are read after it
	State                       string
	Synthesis, Minority, Became lang.Text
	AskedBy                     string
	CreatedAt, ClosedAt         time.Time
	Version                     int64
	Advisers, Given             int // how many were asked, and have answered
}

// Answer is one adviser's part.
type Answer struct {
	Person, Name, State                             string
	Interests, Answer, Evidence, Confidence, Reason string
	At                                              time.Time
	Followed                                        string    // how the synthesis takes it, one of Followings
	Body                                            lang.Text // asked as one who sits there
}

// Input is what an agency asks.
type Input struct {
	AgencyID, Kind, SubjectID string
	Question, Background      lang.Text
	Due                       string
	Adviser                   string // the first; others are added by Add
	Body                      string // or a body, whose members are asked
}

// Reply is what an adviser answers.
type Reply struct{ Interests, Answer, Evidence, Confidence string }

// View is a request as one viewer sees it.
type View struct {
	Advice
	Agency   lang.Text
	Subject  string  // number and title of the record
	Mine     *Answer // the viewer's own part
	Answers  []Answer
	Set      access.Set
	Together bool  // answers may be read: all are in, or the day is over
	Uses     []Use // decisions that had it
}

// MayAnswer reports whether the viewer's answer is awaited.
func (v View) MayAnswer() bool { return v.State == Open && v.Mine != nil && v.Mine.State == Asked }

// MayClose reports whether the viewer may write the synthesis now.
func (v View) MayClose() bool {
	return v.State == Open && v.Together && v.Given > 0 && v.Set.Any(rules["council.ask"])
}

// MayAdd reports whether the viewer may ask one more adviser.
func (v View) MayAdd() bool { return v.State == Open && !v.Together && v.Set.Any(rules["council.ask"]) }

// MayFollow reports whether the viewer may say what became of it.
func (v View) MayFollow() bool { return v.State == Closed && v.Set.Any(rules["council.ask"]) }

var rules = access.Rules{
	"council.ask":    access.Of(access.Staff, access.Signer),
	"council.read":   access.Of(access.Staff, access.Signer, access.Audit, access.Self),
	"council.answer": access.Of(access.Self),

	"council.form":    access.Of(access.Staff),
	"council.see":     access.Of(access.Staff, access.Signer, access.Audit, access.PanelSeat),
	"council.declare": access.Of(access.PanelSeat),
	"council.run":     access.Of(access.Staff, access.Chair),
	"council.cast":    access.Of(access.PanelSeat),
	"council.approve": access.Of(access.PanelSeat),

	"council.refer": access.Of(access.Staff),                              // ask other agencies
	"council.agree": access.Of(access.Signer),                             // answer for an agency
	"council.case":  access.Of(access.Staff, access.Signer, access.Audit), // of any of the parties
}

// set is the audiences of a; who is asked is Self.
func (v Advice) set(a access.Actor, answers []Answer) access.Set {
	have := a.Staffing(v.AgencyID, "", "")
	if a.Alone() != "" && slices.ContainsFunc(answers, func(x Answer) bool { return x.Person == a.Alone() }) {
		have |= access.Self
	}
	return have
}

// see is who may know of it: everybody once it is closed.
func (v Advice) see() access.Set {
	if v.State == Closed {
		return access.Public
	}
	return rules["council.read"]
}

// together reports whether answers may be read at now: nobody's is awaited, or the day is over.
// The day counts to its end everywhere on earth, twelve hours after it ends in Greenwich.
func (v Advice) together(answers []Answer, now time.Time) bool {
	due, err := time.Parse(time.DateOnly, v.Due)
	over := err == nil && now.After(due.Add(36*time.Hour))
	return v.State == Closed || over || !slices.ContainsFunc(answers, func(x Answer) bool { return x.State == Asked })
}

const (
	mostQuestion = 500
	mostText     = 8000
)

func (in Input) check(now time.Time) error {
	var faults []*fault.Error
	add := func(f *fault.Error) {
		if f != nil {
			faults = append(faults, f)
		}
	}
	if in.AgencyID == "" {
		add(fault.Field("agency", "fault.choice"))
	}
	add(text("question", in.Question, mostQuestion, true))
	add(text("background", in.Background, mostText, false))
	if due, err := time.Parse(time.DateOnly, in.Due); err != nil || due.Before(now.Truncate(24*time.Hour)) {
		add(fault.Field("due", "council.due"))
	}
	if in.Adviser == "" && in.Body == "" {
		add(fault.Field("adviser", "fault.required"))
	}
	return fault.Join(faults...)
}

func (r Reply) check() error {
	var faults []*fault.Error
	for _, f := range []struct{ name, value string }{{"interests", r.Interests}, {"answer", r.Answer}, {"evidence", r.Evidence}} {
		if f.value == "" {
			faults = append(faults, fault.Field(f.name, "council."+f.name+".needed"))
		}
		if over := len([]rune(f.value)) - mostText; over > 0 {
			faults = append(faults, fault.Field(f.name, "fault.long", over))
		}
	}
	if !slices.Contains(Confidences, r.Confidence) {
		faults = append(faults, fault.Field("confidence", "fault.choice"))
	}
	return fault.Join(faults...)
}

func text(field string, t lang.Text, most int, needed bool) *fault.Error {
	if needed && t.Empty() {
		return fault.Field(field, "fault.required")
	}
	for _, s := range t.By {
		if over := len([]rune(s)) - most; over > 0 {
			return fault.Field(field, "fault.long", over)
		}
	}
	return nil
}
