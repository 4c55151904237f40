package award

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// The states of an award.
const (
	Running    = "running"
	Ended      = "ended"
	Terminated = "terminated" // before its time: a corrected decision does not fund it
	Superseded = "superseded" // by another award, made by a corrected decision
)

// Award is money given for a purpose.
type Award struct {
	ID, Number, ProposalID, DecisionItem, CallID, AgencyID, SchemeVersionID string
	Title, Summary                                                          lang.Text
	Holder, HolderName, LeadPerson, LeadName                                string
	Funder                                                                  string // organisation that funds an imported award which no agency here gave
	State, StartDay, EndDay, Source, Kind                                   string
	Year                                                                    int
	Amount                                                                  money.Amount
	PublicAt, SignedAt                                                      time.Time
	Supersedes                                                              string // key of the award whose place it took
	Version                                                                 int64
}

// Line is one funding line.
type Line struct {
	Agency     string // key when it is stored, name when it is read
	BudgetLine string // key
	Budget     lang.Text
	Year       int
	Amount     money.Amount
	Condition  string
}

// Party takes part, with the name as at signing.
type Party struct{ PersonID, Organisation, Name, Role string }

// Report is something that the award owes.
type Report struct {
	ID, AwardID, Kind, DueDay, State string
	Answers                          map[string]any
	SubmittedAt                      time.Time
	Version                          int64
}

// Result is something that came of an award.
type Result struct {
	ID, AwardID, AwardNumber, Kind, Authors, DOI, URL, State string
	Source                                                   string // that it was imported from, else empty
	Title, AwardTitle                                        lang.Text
	Year                                                     int
}

// Kinds of results.
var Kinds = []string{"publication", "data", "software", "patent", "standard", "product", "training", "other"}

// View is an award as one viewer sees it.
type View struct {
	Award
	Agency  lang.Text
	Call    lang.Text
	Now     lang.Text // name of what the holder was merged into; empty where it stands
	Zone    string    // in which its days are said
	Lines   []Line
	Parties []Party
	Reports []Report
	Results []Result
	Marks   []Milestone
	Before  Award // that it supersedes, and what supersedes it; without key where nothing
	After   Award
	Set     access.Set
	Form    *scheme.Form // of the report
}

var rules = access.Rules{
	"award.read":   access.Of(access.Lead, access.Team, access.Office, access.Staff, access.Money, access.Audit),
	"award.report": access.Of(access.Lead, access.Team),
	"award.accept": access.Of(access.Staff),
	"award.mark":   access.Of(access.Lead, access.Team, access.Staff),
	"award.pay":    access.Of(access.Money),
	"result.add":   access.Of(access.Lead, access.Team),
}

// inside is who sees reports.
const inside = access.Lead | access.Team | access.Office | access.Staff | access.Money | access.Audit

func (a Award) set(actor access.Actor, parties []Party) access.Set {
	set := actor.Staffing(a.AgencyID, "", a.CallID)
	for _, p := range parties {
		if actor.Person != "" && p.PersonID == actor.Person {
			set |= access.Team
			if p.Role != "member" {
				set |= access.Lead
			}
		}
	}
	if actor.Has(access.Research, access.Organisation(a.Holder)) && a.Holder != "" {
		set |= access.Office
	}
	return set
}
