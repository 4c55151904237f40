package similar

import (
	"time"

	"github.com/headwater-platform/headwater/engine/duplicate"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// The kinds of record that are compared.
const (
	Proposal = "proposal"
	Award    = "award"
)

// The verdicts of a person.
const (
	Same      = "same"
	Different = "different"
)

// Record is a proposal or an award as it is compared.
type Record struct {
	Kind, ID, Number string
	Title            lang.Text
	Where            lang.Text // call or funder
	State            string
	Labels           []lang.Text // of the texts: what was asked

	agency, call, proposal string // proposal: that an award was given for, or a later stage belongs to
	revises                string // proposal that it calls itself a new version of
	version                int64  // of the texts: each submission has its own
	public                 bool
	texts, titles          []string
	team                   []person
}

type person struct{ key, name string }

// Comparison is a proposal with what shares something with it, what shares most first.
type Comparison struct {
	Asked    Record
	Matches  []Match
	MayJudge bool
}

// Match is a record that shares something with the proposal that was asked about.
type Match struct {
	Record
	Copied, Of  float64 // share of the proposal's words that stand in it, and of its words that stand in the proposal
	TitleLike   float64 // of the titles, 0 to 1
	People      []string
	Passages    []Passage
	NewVersion  bool // the proposal says of itself that it is a new version of this one
	Verdict     Verdict
	Undisclosed bool // of another agency that shares its proposals: no more than this is shown
}

// Passage is what stands in both, as it is written here and there.
type Passage struct {
	Here, There           string
	HereLabel, ThereLabel lang.Text
	Words                 int
}

// Verdict is what somebody decided of a match; the zero Verdict: nobody did.
type Verdict struct {
	Verdict, Reason, By string
	At                  time.Time
}

var rules = access.Rules{
	"similar.read":  access.Of(access.Staff, access.Signer, access.Audit),
	"similar.judge": access.Of(access.Staff),
}

// may reports whether a may see a record for what it is: public awards, and what its
// own agencies hold.
func (r Record) may(a access.Actor) bool {
	return r.public || a.Staffing(r.agency, "", r.call).Any(rules["similar.read"])
}

// check is the rule of an act on the comparison of r.
func (r Record) check(a access.Actor, act access.Act) error {
	return rules.Check(a, act, a.Staffing(r.agency, "", r.call), rules["similar.read"])
}

// own reports whether r belongs to the proposal itself: its other stage or its award.
func (r Record) own(asked Record) bool {
	return r.proposal == asked.ID || asked.proposal == r.ID || asked.proposal != "" && r.proposal == asked.proposal
}

// entry is the record for the engine; its key changes with its text.
func (r Record) entry() duplicate.Record {
	out := duplicate.Record{ID: r.key(), Titles: r.titles, Texts: r.texts}
	for _, p := range r.team {
		out.People = append(out.People, p.key)
	}
	return out
}
