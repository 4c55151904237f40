package council

import (
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// What one refusal does to a case.
const (
	Block  = "block"  // it ends it: what was asked is not done
	Return = "return" // it sends it back to who asks, who may write it anew and ask all again
)

// The states of a case; Open is one that waits for answers.
const (
	Agreed    = "agreed"
	Blocked   = "blocked"
	Returned  = "returned"
	Withdrawn = "withdrawn"
)

// The answers of an agency.
const (
	Agree      = "agree"
	Conditions = "conditions" // it agrees under conditions, which are part of the answer
	Refuse     = "refuse"
)

// The kinds of decision that touch other agencies.
const (
	OfItem     = "item"     // a motion that a council carried
	OfDecision = "decision" // a list of proposals
)

// Agreement is one case: what touches several agencies, and what each of them says.
type Agreement struct {
	ID, Number, AgencyID string // AgencyID is who asks
	Kind, SubjectID      string // OfItem, OfDecision
	Title, Text          lang.Text
	Refusal, State       string
	Round                int    // a case that was sent back begins another
	Due                  string // plain day
	Why                  string // it was withdrawn
	CreatedAt            time.Time
	Version              int64
}

// Party is what one agency answered in one round; Answer is "" while it is awaited.
type Party struct {
	Round         int
	AgencyID      string
	Agency, Text  lang.Text // Text is what it was asked about
	Answer, Words string
	By            string
	At            time.Time
}

// AgreementInput is what agencies are asked to agree to.
type AgreementInput struct {
	Title, Text lang.Text
	Agencies    []string
	Refusal     string
	Due         string
}

// AgreementView is a case as one of its parties sees it.
type AgreementView struct {
	Agreement
	Agency      lang.Text // who asks
	Parties     []Party   // of this round
	Earlier     []Party   // of the rounds before, the latest first
	Late        bool      // the day is over and answers are missing
	Mine        []Party   // that the viewer may answer for
	MayAgain    bool
	MayWithdraw bool
	MayOpen     bool // what it is about
}

// Missing is how many answers of this round are awaited.
func (v AgreementView) Missing() (n int) {
	for _, p := range v.Parties {
		if p.Answer == "" {
			n++
		}
	}
	return n
}

func (in AgreementInput) check(now time.Time) error {
	faults := []*fault.Error{text("title", in.Title, mostQuestion, true), text("text", in.Text, mostText, true), choice("refusal", in.Refusal, Block, Return)}
	if len(in.Agencies) == 0 {
		faults = append(faults, fault.Field("agencies", "council.touches.none"))
	}
	if due, err := time.Parse(time.DateOnly, in.Due); err != nil || due.Before(now.Truncate(24*time.Hour)) {
		faults = append(faults, fault.Field("due", "council.due"))
	}
	return fault.Join(faults...)
}

// settle is the state of a case after the answers of a round.
func (v Agreement) settle(parties []Party) string {
	waiting := false
	for _, p := range parties {
		if p.Answer == Refuse {
			return map[string]string{Block: Blocked, Return: Returned}[v.Refusal]
		}
		waiting = waiting || p.Answer == ""
	}
	if waiting {
		return Open
	}
	return Agreed
}

// set are the audiences of a for a case: those of who asks and of every party together.
func (v Agreement) set(a access.Actor, parties []Party) access.Set {
	have := a.Staffing(v.AgencyID, "", "")
	for _, p := range parties {
		have |= a.Staffing(p.AgencyID, "", "")
	}
	return have
}

// mine are the parties of a round that a may answer for.
func mine(a access.Actor, parties []Party) []Party {
	return slices.DeleteFunc(slices.Clone(parties), func(p Party) bool {
		return p.Answer != "" || !a.Staffing(p.AgencyID, "", "").Any(rules["council.agree"])
	})
}
