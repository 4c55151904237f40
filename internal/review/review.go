package review

import (
	"encoding/json"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// The states of a review.
const (
	Invited    = "invited"
	Accepted   = "accepted"
	Declined   = "declined"
	Conflicted = "conflicted"
	Submitted  = "submitted"
	Cancelled  = "cancelled"
	Lapsed     = "lapsed" // nobody answered in time
)

// Review is one person's judgement of one proposal.
type Review struct {
	ID, ProposalID, CallID, Stage, Reviewer string
	State, Alias, Reason                    string
	InvitedAt, DueAt, SubmittedAt           time.Time
	AnswerBy                                time.Time // zero: whenever
	Overall                                 float64
	Minutes                                 int
	Version                                 int64
	Answers                                 map[string]Answer
}

// Answer is one field of the review form: a criterion's score with its text, or the text "overall".
type Answer struct {
	Score   float64 `json:"score,omitempty"`
	Text    string  `json:"text,omitempty"`
	Version int64   `json:"-"` // that it was written on; Anyway: whatever stands there
}

// Anyway as a version writes over what stands there.
const Anyway = -1

// Saved is what saving did: the versions that stand now, and what was changed
// elsewhere meanwhile (another window, a delegate) and therefore kept.
type Saved struct {
	At       time.Time
	Versions map[string]int64
	Kept     map[string]Answer
}

// Pending reports whether the reviewer was asked and has neither handed in nor been let go.
func (r Review) Pending() bool { return r.State == Invited || r.State == Accepted }

// View is a review as one viewer sees it.
type View struct {
	Review
	Set      access.Set
	Criteria []scheme.Criterion
	Plan     scheme.Review
	Proposal proposal.View // text as this viewer may read it; empty before the invitation is accepted and confidentiality promised
	Promised bool          // the viewer promised to keep what they read to themselves, or need not
	Title    string        // all that an invited person learns of the proposal
	Summary  string
	Number   string
	Name     string // of the reviewer, for staff
	Others   []Review
	Earlier  *Earlier  // the round before; nil for a first round
	Closed   time.Time // since when it is no longer needed: its list is being signed, or is; zero: it is
}

// MayWrite reports whether the viewer may write the review now.
func (v View) MayWrite() bool {
	return v.Set.Any(access.Reviewer) && v.State == Accepted && v.Promised && v.Closed.IsZero()
}

var rules = access.Rules{
	"review.invite": access.Of(access.Staff),
	"review.assign": access.Of(access.Staff),
	"review.list":   access.Of(access.Staff, access.Signer, access.Audit),
	"review.read":   access.Of(access.Reviewer, access.Staff, access.Signer, access.Audit),
	"review.write":  access.Of(access.Reviewer),
}

// finished checks that everything the form asks for is there.
func finished(criteria []scheme.Criterion, answers map[string]Answer) error {
	var faults []*fault.Error
	for _, c := range criteria {
		a := answers[c.ID]
		if !scored(c, a) {
			faults = append(faults, fault.Field(c.ID, "review.score", c.Low, c.High))
		}
		if len([]rune(a.Text)) < 20 {
			faults = append(faults, fault.Field(c.ID+"_text", "review.text"))
		}
	}
	return fault.Join(faults...)
}

// scored says whether an answer has a score that its criterion takes.
func scored(c scheme.Criterion, a Answer) bool {
	return a.Score >= float64(c.Low) && a.Score <= float64(c.High) // neither holds for what is no number
}

func scores(answers map[string]Answer) map[string]float64 {
	out := map[string]float64{}
	for id, a := range answers {
		if a.Score != 0 {
			out[id] = a.Score
		}
	}
	return out
}

func decodeAnswer(text string) (a Answer) {
	if json.Unmarshal([]byte(text), &a) != nil {
		a.Text = text
	}
	return a
}
