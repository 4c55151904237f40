package proposal

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// The states of a proposal.
const (
	Draft     = "draft"
	Submitted = "submitted"
	Withdrawn = "withdrawn"
	InReview  = "in-review"
	Decided   = "decided"
)

// Proposal is one application to one call.
type Proposal struct {
	ID, Number, CallID, AgencyID, SchemeVersionID string
	Stage, State, Outcome                         string
	Title, Summary, Language                      string
	LeadPerson, Holder                            string // person, organisation that holds the money
	Requested                                     money.Amount
	Months                                        int
	TeamSize                                      int // as an import gives it, where the team is not named
	StageOf, ResubmissionOf                       string
	CreatedBy                                     string
	CreatedAt, SubmittedAt, DecidedAt             time.Time
	Version                                       int64

	callAt call.Mark // as it was read with the proposal, where it was
	shared bool      // others than who asks wrote answers, where that was asked
}

// unerased refuses a proposal that was erased: nobody's any more, and nothing is to be written to it.
func (p Proposal) unerased() error {
	if p.CreatedBy == "" && p.LeadPerson == "" {
		return fault.Missing()
	}
	return nil
}

// Member is somebody in the team.
type Member struct {
	ID, PersonID, Name, Email, Role string
	OrganisationID, Organisation    string
	Share                           float64 // per cent of working time
	MayEdit                         bool
	State                           string // invited, confirmed, declined, left
}

// Answer is one field's value with its version.
type Answer struct {
	Value   json.RawMessage
	Version int64
	By      string
	At      time.Time
}

// Submission is what was submitted, whole.
type Submission struct {
	ID                    string
	Number                int
	Hash                  string
	FirstByte, RecordedAt time.Time
	EntryID               string
	Withdrawn             time.Time
	Content               Content
}

// Content is the canonical content of a submission; its JSON is what is hashed.
type Content struct {
	Proposal string                     `json:"proposal"`
	Form     string                     `json:"form"`
	Scheme   string                     `json:"scheme"`
	Answers  map[string]json.RawMessage `json:"answers"`
	Team     []ContentMember            `json:"team"`
	Files    map[string]string          `json:"files,omitempty"` // field → SHA-256
}

// ContentMember is a team member as submitted.
type ContentMember struct {
	Person       string  `json:"person"`
	Name         string  `json:"name"`
	Role         string  `json:"role"`
	Organisation string  `json:"organisation"`
	Share        float64 `json:"share,omitempty"`
}

// View is a proposal as one viewer sees it.
type View struct {
	Proposal
	Call    call.Call
	Scheme  scheme.Version
	StageIn scheme.Stage
	Form    *scheme.Form
	Team    []Member
	Answers map[string]Answer
	Set     access.Set // the viewer's audiences
	Closes  time.Time
	last    time.Time // with the call's grace
	Open    bool      // may still be changed and submitted
	Edits   bool      // the viewer may write, as far as the team is concerned
	Blind   bool      // identity is left out

	Approvals []Approval // of the organisations that have to agree
	Agreement Agreement

	Competitors []Competitor // who should not review it, for those who may know
}

// MayWrite reports whether the viewer may change the answers now.
func (v View) MayWrite() bool { return v.Open && v.Edits }

// Text is a text answer, "" if there is none.
func (v View) Text(field string) string {
	var s string
	if json.Unmarshal(v.Answers[field].Value, &s) != nil {
		return ""
	}
	return s
}

// Decoded gives the answers as JSON decodes them.
func decoded(answers map[string]Answer) map[string]any {
	out := make(map[string]any, len(answers))
	for k, a := range answers {
		var v any
		if json.Unmarshal(a.Value, &v) == nil {
			out[k] = v
		}
	}
	return out
}

var rules = access.Rules{
	"proposal.begin":    access.Of(access.Member),
	"proposal.write":    access.Of(access.Lead, access.Team),
	"proposal.team":     access.Of(access.Lead),
	"proposal.submit":   access.Of(access.Lead),
	"proposal.withdraw": access.Of(access.Lead),
	"proposal.read":     access.Of(access.Lead, access.Team, access.Staff, access.Signer, access.Audit, access.Office),
	"proposal.receipt":  access.Of(access.Lead, access.Team, access.Staff, access.Audit, access.Office),
}

// covered reports whether a acts for itself, or for another by a delegation that covers proposals.
func covered(a access.Actor) bool {
	return rules.Check(a, "proposal.read", access.Lead, insiders) == nil
}

// insiders see the whole proposal from the first word on; the others only once it is submitted.
const insiders = access.Lead | access.Team

// set is the audiences that a is in. team are the present members.
func (p Proposal) set(a access.Actor, team []Member) access.Set {
	set := a.Staffing(p.AgencyID, "", p.CallID)
	if a.Account != "" && p.CreatedBy == a.Account {
		set |= access.Lead | access.Team
	}
	for _, m := range team {
		if a.Person != "" && m.PersonID == a.Person && m.State == "confirmed" {
			set |= access.Team
			if m.Role != "member" {
				set |= access.Lead
			}
		}
		if m.OrganisationID != "" && m.State != "declined" && m.State != "left" && a.Has(access.Research, access.Organisation(m.OrganisationID)) {
			set |= access.Office
		}
	}
	if a.Person != "" && p.LeadPerson == a.Person {
		set |= access.Lead | access.Team
	}
	return set
}

// edits reports whether a may change the answers: a lead always, a member if the lead lets them.
func edits(a access.Actor, set access.Set, team []Member) bool {
	return set.Any(access.Lead) || a.Person != "" && slices.ContainsFunc(team, func(m Member) bool {
		return m.PersonID == a.Person && m.State == "confirmed" && m.MayEdit
	})
}

// see is who may know that the proposal is there.
func (p Proposal) see() access.Set {
	if p.State == Draft {
		return insiders | access.Office
	}
	return insiders | access.Office | access.Staff | access.Signer | access.Audit
}

// Kept is a field in which two people wrote: the one's text was kept, the other's is shown.
type Kept struct {
	Field        string
	Yours, There json.RawMessage
	Version      int64 // of what is there
	By           string
}

// present are the members who take part or are asked to.
func present(team []Member) []Member {
	return slices.DeleteFunc(slices.Clone(team), func(m Member) bool { return m.State == "declined" || m.State == "left" })
}

// organisations lists the team's organisations once each, in order.
func organisations(team []Member) (ids, names []string) {
	for _, m := range present(team) {
		if m.OrganisationID != "" && !slices.Contains(ids, m.OrganisationID) {
			ids, names = append(ids, m.OrganisationID), append(names, m.Organisation)
		}
	}
	return ids, names
}
