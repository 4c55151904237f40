package conflict

import (
	"fmt"
	"math"
	"time"
)

// Day counts days from 1970-01-01.
type Day int32

// Always is before every day, Never after.
const (
	Always Day = math.MinInt32
	Never  Day = math.MaxInt32
)

// DayOf is the day of a time in its zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// String is the date in the manner of ISO 8601.
func (d Day) String() string {
	switch d {
	case Always:
		return "always"
	case Never:
		return "never"
	}
	return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly)
}

// after is the day some years later; the 29th of February becomes the 1st of March.
func (d Day) after(years int) Day {
	if d == Always || d == Never {
		return d
	}
	y, m, n := d.date()
	return dayOf(y+years, m, n)
}

// date and dayOf count days through the 400 years after which the calendar repeats
// itself, with years that begin in March (Hinnant, chrono-compatible low-level date
// algorithms, 2013): millions of periods are compared, and time.Time takes longer.
func (d Day) date() (year, month, day int) {
	z := int(d) + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	of := z - era*146097
	y := (of - of/1460 + of/36524 - of/146096) / 365
	of -= 365*y + y/4 - y/100
	m := (5*of + 2) / 153
	day = of - (153*m+2)/5 + 1
	year, month = y+400*era, m+3
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}

func dayOf(year, month, day int) Day {
	if month <= 2 {
		year, month = year-1, month+12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	y := year - 400*era
	return Day(era*146097 + 365*y + y/4 - y/100 + (153*(month-3)+2)/5 + day - 1 - 719468)
}

// Period is from a day to a day, both within it. An affiliation that goes on ends Never.
type Period struct{ From, To Day }

// Holds reports whether a day lies in the period.
func (p Period) Holds(d Day) bool { return p.From <= d && d <= p.To }

func (p Period) and(q Period) Period { return Period{max(p.From, q.From), min(p.To, q.To)} }

func (p Period) empty() bool { return p.From > p.To }

// Kind is what a rule is about.
type Kind uint8

const (
	Organisation Kind = iota // both at one organisation, now or within the rule's years
	Department               // both in one department of it
	CoAuthor                 // a work together within the years
	CoApplicant              // a proposal or an award together within the years
	Adviser                  // one advised the other; within the years after it ended
	Family                   // kin or partners
	Declared                 // either side said so, about the other or about the proposal
	Competitor               // the proposal names the person, or their present organisation
	OwnProposal              // the reviewer applies in the same call
	kinds
)

func (k Kind) String() string {
	if k >= kinds {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return [...]string{"organisation", "department", "co-author", "co-applicant", "adviser", "family", "declared", "competitor", "own proposal"}[k]
}

// Rule is one rule of a scheme.
type Rule struct {
	Kind  Kind
	Hard  bool // forbids; a soft one is only shown
	Years int  // how long a conflict lasts after what made it has ended
	Kin   bool // Organisation: the organisations above and below count as the same
	Most  int  // CoAuthor: works of more authors make no conflict; 0: all do
}

// Facts are what is known. People, organisations and departments are numbered from 0.
type Facts struct {
	People, Organisations int

	Parents      []Parent
	Affiliations []Affiliation
	Works        []Together // with the day of publication
	Teams        []Together // earlier proposals and awards, with the day of the last participation
	Ties         []Tie
}

// Parent says that one organisation is a part of another.
type Parent struct{ Child, Parent int32 }

// Affiliation is a person's time at an organisation. Department is 0 where it is
// not known; departments of different organisations have different numbers.
type Affiliation struct {
	Person, Organisation, Department int32
	Period
}

// Together is what several people did on one day.
type Together struct {
	Day    Day
	People []Member
}

// Member is somebody who took part. Confidence is 1 for a confirmed person, less
// for one who was met by a name alone.
type Member struct {
	Person     int32
	Confidence float32
}

// Tie joins two people: Adviser, Family or Declared.
type Tie struct {
	A, B int32
	Kind Kind
	Period
}

// Proposal is what is to be reviewed.
type Proposal struct {
	Call        int32
	Applicants  []int32
	Competitors []int32       // people
	Rivals      []int32       // organisations
	Declared    []Declaration // by reviewers or applicants, about this proposal
}

// Declaration is that a person has a conflict with a proposal.
type Declaration struct {
	Person int32
	Period
}

// Conflict is why a reviewer should not judge a proposal.
type Conflict struct {
	Reviewer   int32
	Rule       int   // its number in the scheme's list
	Applicant  int32 // -1 where it is with the proposal itself
	Evidence   int32 // number of the work, team, tie, declaration or organisation, as the rule's kind says; the proposal's for OwnProposal; -1 for a named competitor
	Period           // in which it holds
	Confidence float32
}

// Possible reports whether a person has to settle the conflict.
func (c Conflict) Possible() bool { return c.Confidence < 1 }

// check reports the first fact or number that does not fit.
func (f *Facts) check() error {
	person := func(what string, i int, p int32) error {
		if p < 0 || int(p) >= f.People {
			return fmt.Errorf("conflict: %s %d: person %d of %d", what, i, p, f.People)
		}
		return nil
	}
	organisation := func(what string, i int, o int32) error {
		if o < 0 || int(o) >= f.Organisations {
			return fmt.Errorf("conflict: %s %d: organisation %d of %d", what, i, o, f.Organisations)
		}
		return nil
	}
	first := func(errs ...error) error {
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for i, p := range f.Parents {
		if err := first(organisation("parent", i, p.Child), organisation("parent", i, p.Parent)); err != nil {
			return err
		}
	}
	for i, a := range f.Affiliations {
		if err := first(person("affiliation", i, a.Person), organisation("affiliation", i, a.Organisation)); err != nil {
			return err
		}
		if a.empty() {
			return fmt.Errorf("conflict: affiliation %d: ends on %v before it begins on %v", i, a.To, a.From)
		}
	}
	for what, list := range map[string][]Together{"work": f.Works, "team": f.Teams} {
		for i, t := range list {
			for _, m := range t.People {
				if err := person(what, i, m.Person); err != nil {
					return err
				}
				if !(m.Confidence > 0 && m.Confidence <= 1) {
					return fmt.Errorf("conflict: %s %d: a confidence of %g: above 0 and at most 1 is expected", what, i, m.Confidence)
				}
			}
		}
	}
	for i, t := range f.Ties {
		if err := first(person("tie", i, t.A), person("tie", i, t.B)); err != nil {
			return err
		}
		if t.Kind != Adviser && t.Kind != Family && t.Kind != Declared {
			return fmt.Errorf("conflict: tie %d: %v: adviser, family or declared is expected", i, t.Kind)
		}
	}
	return nil
}
