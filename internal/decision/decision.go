package decision

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	panels "github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// The outcomes of a proposal; Open is not decided yet.
const (
	Open    = "open"
	Fund    = "fund"
	Reserve = "reserve"
	Reject  = "reject"
	Invite  = "invite" // to the next stage
)

// The states of a decision.
const (
	Draft      = "draft"
	Proposed   = "proposed"
	Signed     = "signed"
	Superseded = "superseded" // by another, signed later
)

// Decision is one list.
type Decision struct {
	ID, Number, CallID, AgencyID, Stage, State string
	Reasons                                    string
	Budget                                     money.Amount
	NeedsSecond                                bool
	ProposedBy, SignedBy, CreatedBy            string
	ProposedAt, SignedAt, CreatedAt            time.Time
	Supersedes                                 string    // key of the decision that this one corrects
	Correction, CorrectionReason               string    // ByAppeal or ByError, and why in words
	Appealed                                   int       // appeals that wait for an answer
	AnswerBy                                   time.Time // of the one that waits longest
	PublicAt                                   time.Time // from which its awards are public; zero: at once
	AtOnce                                     bool      // it says so itself, whatever its call says
	Version                                    int64
}

// Item is the outcome for one proposal.
type Item struct {
	ID, ProposalID, Outcome string
	Place                   int
	Score                   float64
	Reasons                 string
	Amount                  money.Amount // given, where it is funded: the sum of the lines
	Lines                   []Line
}

// Row is an item with what one needs to judge it.
type Row struct {
	Item
	Number, Title, Lead, Organisation string
	Asked                             money.Amount
	Standing                          review.Standing
	Above                             bool            // within the budget when counted from the top
	Line                              bool            // the last one above: the line of the money is drawn below it
	Rank                              *Rank           // nil without a review
	Panel                             *panels.Outcome // what its panel said; nil where no panel treated it
	Changed                           bool            // a correction: it differs from what was signed

	Causes []Cause           // rules that decided about it besides its rank, until the list is signed
	Traits map[string]string // value by dimension, but for Covering
	Covers []string          // keys of bottlenecks
	Risk   Risk
	agency string // of the list
	months int    // that it asks for
	asks   []ask  // year by year
}

// would is what funding the row takes: as it is divided already, else what was asked for.
func (r Row) would() money.Amount {
	if len(r.Lines) > 0 {
		return r.Amount
	}
	return r.Asked
}

// said is what the panel that treated the proposal says of it.
func (r Row) said() string {
	if r.Panel == nil {
		return ""
	}
	return r.Panel.Summary
}

// View is a decision for who may see it.
type View struct {
	Decision
	Rows     []Row
	Outcomes []string
	Given    money.Amount
	Set      access.Set
	Call     lang.Text
	Zone     string // of the call, in which PublicAt was said
	CallDays int    // after the signature, from when its awards are public, where a draft or what waits for its signature says nothing else
	Days     int    // CallDays, where it says nothing else; else 0
	MaySign  bool

	Calibration *Calibration // nil where there is no review
	Reviewed    int          // rows with a review: ranks are among them
	Budgets     []BudgetUse
	Was, Next   Decision // what it supersedes and what supersedes it; empty keys where nothing
	Appeals     []Appeal

	Ground Ground

	Bottlenecks []Bottleneck // that the viewer may know of

	hidden  map[string]bool // proposals with which the viewer has a conflict
	recused bool            // there are rows that the viewer does not see
}

// Row is that of a proposal; false where it is not on the list, or not for this viewer.
func (v View) Row(proposalID string) (Row, bool) {
	i := slices.IndexFunc(v.Rows, func(r Row) bool { return r.ProposalID == proposalID })
	if i < 0 {
		return Row{}, false
	}
	return v.Rows[i], true
}

// MayTry reports whether the viewer has a say in the meeting: may save scenarios, class risks and dissent.
func (v View) MayTry() bool { return !v.settled() && v.Set.Any(rules["decision.try"]) }

// MayPropose reports whether the viewer may close the draft and ask for the signature.
func (v View) MayPropose() bool {
	return v.State == Draft && v.Set.Any(rules["decision.propose"]) && !v.recused
}

// Letter is what an applicant gets.
type Letter struct {
	ID, ProposalID, DecisionID string
	Supersedes                 string // key of the letter before it
	SentAt                     time.Time
	Body                       Body
	PublicAt                   time.Time // as it is now, which may have been moved since; zero: at once
}

// Embargoed reports whether what it says was not public yet when it was sent.
func (l Letter) Embargoed() bool { return l.Body.PublicAt.After(l.SentAt) }

// Body is a letter's parts as sent.
type Body struct {
	Number, Title     string
	Call, Agency      lang.Text
	Decision, Outcome string
	Supersedes        string // number of the decision that was corrected
	Correction        string
	CorrectionReason  string
	Lines             []Line
	Reasons           string
	Causes            []Cause // rules that decided besides the rank
	Amount            money.Amount
	Place, Of         int
	Rank              *Rank // what the scores say of it; nil without a review
	Reviewed          int   // ranks are among so many
	Reviews           []LetterReview
	Panel             string // what the panel said of it; "" where none did
	AppealDays        int
	Lottery           *LetterLottery // where lots were drawn about it
	Criteria          []LetterCriterion
	PublicAt          time.Time // from which the awards were to be public when it was sent; zero: at once
	Zone              string    // in which that was said
	Band, Above       int       // proposals that the scores could not tell from the line, and how many of them the money reached by rank
}

// LetterCriterion is what the reviewers judged by.
type LetterCriterion struct {
	Title  lang.Text
	Weight float64
}

// LetterLottery is what a letter says of lots that were drawn.
type LetterLottery struct {
	Entries, Draw       int
	Event, Seed, Digest string
	Won                 bool
}

// LetterReview is one review in a letter: by letter, never by name.
type LetterReview struct {
	Alias   string
	Overall float64
	Parts   []LetterPart
}

// LetterPart is one criterion of a review.
type LetterPart struct {
	Title lang.Text
	Score float64
	High  int
	Text  string
}

// appealDays is how long an applicant may appeal.
const appealDays = 30

// Awarder makes an award of a funded item, inside the unit of work of the
// signature. The award room, further down, fills it in.
type Awarder interface {
	// FromDecision makes the award; one of the same proposal that is in force is superseded by it.
	FromDecision(ctx context.Context, d Decision, i Item, p proposal.Proposal, team []proposal.Member) error
	// PublicFrom moves the day of the awards of some lists that are not public yet.
	// Errors: Invalid for one after the last day of an award.
	PublicFrom(ctx context.Context, lists []string, at time.Time) error
	// Revoke ends the award of a proposal that a correction no longer funds.
	Revoke(ctx context.Context, d Decision, p proposal.Proposal) error
}

var rules = access.Rules{
	"decision.read":    access.Of(access.Staff, access.Signer, access.Audit),
	"decision.draft":   access.Of(access.Staff),
	"decision.propose": access.Of(access.Staff),
	"decision.sign":    access.Of(access.Signer, access.Staff),
	"decision.appeal":  access.Of(access.Lead),
	"decision.meet":    access.Of(access.Staff, access.Signer, access.Audit, access.PanelSeat),
	"decision.try":     access.Of(access.Staff, access.Signer, access.PanelSeat),
	"decision.seat":    access.Of(access.Staff),
}

// readers is who may read the letters about a proposal.
const readers = access.Lead | access.Team | access.Staff | access.Signer | access.Audit | access.Office

// arrange puts rows in order: by expected rank, those without a review last. It marks
// what the budget reaches, up to the first that it does not reach, and counts the
// money given. What is signed keeps the places that it was signed with.
func (v *View) arrange() {
	sort.SliceStable(v.Rows, func(i, j int) bool {
		a, b := v.Rows[i], v.Rows[j]
		if v.settled() && a.Place != b.Place {
			return a.Place < b.Place
		}
		if (a.Rank == nil) != (b.Rank == nil) {
			return b.Rank == nil
		}
		if a.Rank != nil && a.Rank.Expected != b.Rank.Expected {
			return a.Rank.Expected < b.Rank.Expected
		}
		return a.Number < b.Number
	})
	v.Given.Currency = v.Budget.Currency
	left, reaches := v.Budget.Minor, true
	for i := range v.Rows {
		r := &v.Rows[i]
		r.Place = i + 1
		reaches = reaches && r.Asked.Minor <= left && r.Rank != nil
		if r.Above = reaches; reaches {
			left -= r.Asked.Minor
		}
		if i > 0 {
			v.Rows[i-1].Line = v.Budget.Minor > 0 && v.Rows[i-1].Above && !r.Above
		}
		if r.Outcome == Fund {
			v.Given.Minor += r.Amount.Minor
		}
	}
}

// settled: it is signed, or was, and does not change.
func (d Decision) settled() bool { return d.State == Signed || d.State == Superseded }

// RowFilter narrows the rows of a list.
type RowFilter struct {
	Text string // in number, title, lead or organisation
	Only string // open: without an outcome; band: that the scores cannot tell from the line; an outcome; changed; "": all
}

// Takes reports whether the filter takes a row.
func (f RowFilter) Takes(r Row) bool {
	switch f.Only {
	case "":
	case "band":
		if r.Rank == nil || !r.Rank.Doubtful {
			return false
		}
	case "changed":
		if !r.Changed {
			return false
		}
	default:
		if r.Outcome != f.Only {
			return false
		}
	}
	text := strings.ToLower(strings.TrimSpace(f.Text))
	return text == "" || strings.Contains(strings.ToLower(strings.Join([]string{r.Number, r.Title, r.Lead, r.Organisation}, "\n")), text)
}

// complete checks that a list can be proposed: every proposal has an outcome
// that the scheme allows, every outcome but funding a reason, and the money is there.
func complete(v View, now time.Time) error {
	var faults []*fault.Error
	for _, r := range v.Rows {
		if r.Outcome == Open || !slices.Contains(v.Outcomes, r.Outcome) {
			faults = append(faults, fault.Field("outcome_"+r.ProposalID, "decision.outcome", r.Number))
		}
		if r.Outcome != Fund && r.Outcome != Invite && r.Reasons == "" {
			faults = append(faults, fault.Field("reasons_"+r.ProposalID, "decision.reasons", r.Number))
		}
	}
	if v.Reasons == "" {
		faults = append(faults, fault.Field("reasons", "decision.ground"))
	}
	faults = append(faults, affordable(v)...)
	if err := publishable(v, v.publicFrom(now), now); err != nil {
		faults = append(faults, fault.From(err))
	}
	return fault.Join(faults...)
}

// affordable refuses a list that gives more than its call has, or a budget line of its agency.
func affordable(v View) (faults []*fault.Error) {
	if v.Budget.Minor > 0 && v.Given.Minor > v.Budget.Minor {
		faults = append(faults, fault.Field("budget", "decision.budget", v.Given, v.Budget))
	}
	for _, u := range v.Budgets {
		if u.Here.Minor > 0 && u.Left().Minor < 0 {
			faults = append(faults, fault.Field("budget", "decision.budget.line", u.Name, strconv.Itoa(u.Year), money.Amount{Minor: -u.Left().Minor, Currency: u.Holds.Currency}))
		}
	}
	return faults
}

// letterReviews words submitted reviews for a letter.
func letterReviews(list []review.Review, criteria []scheme.Criterion) []LetterReview {
	var out []LetterReview
	for _, r := range list {
		l := LetterReview{Alias: r.Alias, Overall: r.Overall}
		for _, c := range criteria {
			a := r.Answers[c.ID]
			l.Parts = append(l.Parts, LetterPart{c.Title, a.Score, c.High, a.Text})
		}
		out = append(out, l)
	}
	return out
}
