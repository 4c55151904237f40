package proposal

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Service is the only way to the proposals.
type Service struct {
	DB       *db.DB
	Ledger   *ledger.Ledger
	Schemes  *scheme.Service
	Calls    *call.Service
	Register *register.Service
	Files    *file.Store
	Notify   Notifier // nil: nobody is told
	Desk     Desk

	Conflicted access.Conflicted // finds proposals beyond drafts
	// Remember is a number that only acts change: find's, or what find said for the same key before; nil: nothing is remembered.
	Remember func(ctx context.Context, key string, find func() (int, error)) (int, error)

	efforts efforts
	grouped sync.Once
	group   *work.Group[*saving]
}

// Begin makes a draft for an open call, pinned to the call's scheme version,
// with the actor as its lead.
// Errors: Conflict when the call is not open.
func (s *Service) Begin(ctx context.Context, a access.Actor, callID string) (Proposal, error) {
	c, err := s.Calls.Get(ctx, a, callID)
	if err != nil {
		return Proposal{}, err
	}
	if err := rules.Check(a, "proposal.begin", a.Staffing("", "", ""), access.Public); err != nil {
		return Proposal{}, err
	}
	now := clock.Now(ctx)
	if c.Phase(now) != call.IsOpen {
		return Proposal{}, fault.New(fault.Conflict, "proposal.call.closed")
	}
	v, err := s.Schemes.Get(ctx, c.SchemeVersionID)
	if err != nil {
		return Proposal{}, err
	}
	stage, _ := v.Stage("")
	return s.begin(ctx, a, c.Call, stage, "")
}

func (s *Service) begin(ctx context.Context, a access.Actor, c call.Call, stage scheme.Stage, stageOf string) (Proposal, error) {
	p := Proposal{CallID: c.ID, AgencyID: c.AgencyID, SchemeVersionID: c.SchemeVersionID, Stage: stage.ID, State: Draft,
		LeadPerson: a.Person, StageOf: stageOf, CreatedBy: a.Account, CreatedAt: clock.Now(ctx), Version: 1, Language: "en"}
	p.Requested.Currency = c.Low.Currency
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if p.Number, err = number.Next(ctx, s.DB, "P"); err != nil {
			return err
		}
		p.ID = clock.ID(ctx)
		lead, err := s.leadOf(ctx, a)
		if err != nil {
			return err
		}
		p.Holder = lead.OrganisationID
		if err := s.insert(ctx, p); err != nil {
			return err
		}
		if _, err := s.insertMember(ctx, p.ID, lead); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.begin", Kind: "proposal", ID: p.ID, Agency: p.AgencyID, Payload: map[string]string{"number": p.Number}})
		return err
	})
	return p, err
}

// leadOf is the actor as the first member of a team.
func (s *Service) leadOf(ctx context.Context, a access.Actor) (Member, error) {
	m := Member{PersonID: a.Person, Name: a.Name, Role: "lead", MayEdit: true, State: "confirmed"}
	if a.Person == "" {
		return m, nil
	}
	p, err := s.Register.Person(ctx, a, a.Person)
	if err != nil {
		return m, err
	}
	for _, f := range p.Affiliations {
		if f.Until == "" {
			m.OrganisationID = f.OrganisationID
			break
		}
	}
	return m, nil
}

// load is a proposal with its team and the actor's audiences, for an act.
func (s *Service) load(ctx context.Context, a access.Actor, id string, act access.Act) (Proposal, []Member, access.Set, error) {
	p, team, err := s.whole(ctx, id, a.Account)
	if err != nil {
		return p, nil, 0, err
	}
	set, err := s.audiences(ctx, a, p, team)
	if err == nil {
		err = p.admit(a, set, act)
	}
	return p, team, set, err
}

// alone is load in a unit of work that moves the proposal: whoever would move it too waits until that has ended.
func (s *Service) alone(ctx context.Context, a access.Actor, id string, act access.Act) (Proposal, []Member, access.Set, error) {
	if s.DB.Dialect == db.Postgres { // SQLite has one writer
		if err := s.exec(ctx, `SELECT 1 FROM proposal WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
			return Proposal{}, nil, 0, err
		}
	}
	return s.load(ctx, a, id, act)
}

// admit lets those in the audiences of set do an act.
// Errors: NotFound for who may not know of the proposal, NotAllowed for who may not do that.
func (p Proposal) admit(a access.Actor, set access.Set, act access.Act) error {
	if !set.Any(p.see()) {
		return fault.Missing()
	}
	return rules.Check(a, act, set, p.see())
}

// Get is a proposal as a may see it: not found for who may not know of it.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (View, error) {
	p, team, set, err := s.load(ctx, a, id, "proposal.read")
	if err != nil {
		return View{}, err
	}
	v, err := s.view(ctx, p, team, set)
	if err != nil {
		return v, err
	}
	v.Edits = edits(a, set, team)
	if set.Any(named) {
		v.Competitors, err = s.competitors(ctx, id)
	}
	return v, err
}

// writing is the proposal for who is about to change its answers.
// Errors: NotAllowed for a member who only reads, Conflict when it can no longer be changed.
func (s *Service) writing(ctx context.Context, a access.Actor, id string) (View, error) {
	p, team, set, err := s.load(ctx, a, id, "proposal.write")
	if err != nil {
		return View{}, err
	}
	return s.writable(ctx, a, p, team, set)
}

func (s *Service) writable(ctx context.Context, a access.Actor, p Proposal, team []Member, set access.Set) (View, error) {
	if !edits(a, set, team) {
		return View{}, fault.New(fault.NotAllowed, "proposal.reads")
	}
	v, err := s.frame(ctx, p, team, set)
	if err == nil && !v.Open {
		err = fault.New(fault.Conflict, "proposal.closed")
	}
	return v, err
}

// frame is a proposal with its call, form and deadline: all of its view but the answers.
func (s *Service) frame(ctx context.Context, p Proposal, team []Member, set access.Set) (View, error) {
	v := View{Proposal: p, Team: team, Set: set}
	c, err := s.Calls.Standing(ctx, p.CallID, p.callAt)
	if err != nil {
		return v, err
	}
	v.Call = c.Call
	if p.SchemeVersionID != "" { // an imported record has no form
		if v.Scheme, err = s.Schemes.Get(ctx, p.SchemeVersionID); err != nil {
			return v, err
		}
		v.StageIn, _ = v.Scheme.Stage(p.Stage)
		v.Form = v.Scheme.Form(v.StageIn.Form)
	}
	v.Closes, v.last = p.deadline(c)
	v.Open = (p.State == Draft || p.State == Submitted || p.State == Withdrawn) && !clock.Now(ctx).After(v.last)
	return v, nil
}

func (s *Service) view(ctx context.Context, p Proposal, team []Member, set access.Set) (View, error) {
	v, err := s.frame(ctx, p, team, set)
	if err != nil {
		return v, err
	}
	if v.Answers, err = s.answers(ctx, p.ID, v.StageIn.Form); err != nil {
		return v, err
	}
	// What the team writes after it handed in is not handed in; its own offices agree to what is about to be.
	if p.State != Draft && !set.Any(insiders) && !(v.Open && set.Any(access.Office)) {
		if err := s.asSubmitted(ctx, &v); err != nil {
			return v, err
		}
	}
	if v.Form != nil {
		v.Agreement = s.agreement(v)
		v.Approvals, err = s.approvals(ctx, v)
	}
	return v, err
}

// deadline is the call's for a first stage; a later stage may be written for 60 days after its invitation.
func (p Proposal) deadline(c call.Standing) (closes, last time.Time) {
	if p.StageOf != "" {
		closes = p.CreatedAt.Add(60 * 24 * time.Hour)
		return closes, closes
	}
	return c.Deadline(p.ID)
}

// Checked is what stands between a draft and its submission.
type Checked struct {
	Faults   []*fault.Error
	Verdicts []scheme.Verdict
	Waiting  []Member // invited and not yet confirmed
	Agreeing []Approval
	Needed   bool // Agreeing stands in the way of submitting
}

// Ready reports whether it can be submitted.
func (c Checked) Ready() bool {
	return len(c.Faults) == 0 && len(c.Waiting) == 0 && !c.Needed && !slices.ContainsFunc(c.Verdicts, func(v scheme.Verdict) bool { return !v.OK })
}

// Check tells what is missing.
func (s *Service) Check(v View) Checked {
	values := decoded(v.Answers)
	_, names := organisations(v.Team)
	whole := money.Whole(1, v.Call.Low.Currency).Minor
	c := Checked{Faults: v.Form.Validate(values), Verdicts: v.Scheme.Judge(v.Form, scheme.Facts{Answers: values, Organisations: names, TeamSize: len(present(v.Team)),
		Low: float64(v.Call.Low.Minor) / float64(whole), High: float64(v.Call.High.Minor) / float64(whole), Currency: v.Call.Low.Currency})}
	for _, m := range v.Team {
		if m.State == "invited" {
			c.Waiting = append(c.Waiting, m)
		}
	}
	for _, a := range v.Approvals {
		if a.Waits() {
			c.Agreeing, c.Needed = append(c.Agreeing, a), v.Agreement.Before
		}
	}
	return c
}

// Submit hands the proposal in. firstByte is when the request began to arrive:
// in time means that this was not after the deadline and the call's grace. Those who hand in the same
// proposal at the same moment do so one after the other; handing in what is handed in already gives its receipt again.
// Errors: Invalid with every field that is missing, Conflict when it is too late.
func (s *Service) Submit(ctx context.Context, a access.Actor, id string, firstByte time.Time) (ledger.Receipt, error) {
	var receipt ledger.Receipt
	err := work.Together(ctx, s.DB, func(ctx context.Context) error {
		p, team, set, err := s.alone(ctx, a, id, "proposal.submit")
		if err != nil {
			return err
		}
		v, err := s.view(ctx, p, team, set)
		if err != nil {
			return err
		}
		if err := s.submittable(ctx, v, firstByte); err != nil {
			return err
		}
		receipt, err = s.submit(ctx, a, v, firstByte)
		return err
	})
	return receipt, err
}

func (s *Service) submittable(ctx context.Context, v View, firstByte time.Time) error {
	if v.State != Draft && v.State != Submitted && v.State != Withdrawn {
		return fault.New(fault.Conflict, "proposal.closed")
	}
	if firstByte.After(v.last) {
		return fault.New(fault.Conflict, "proposal.late")
	}
	c := s.Check(v)
	faults := c.Faults
	for _, verdict := range c.Verdicts {
		if !verdict.OK {
			faults = append(faults, &fault.Error{Kind: fault.Invalid, Field: "eligible", Msg: sayVerdict(verdict)})
		}
	}
	for _, m := range c.Waiting {
		faults = append(faults, fault.Field("team", "proposal.member.waiting", m.Name))
	}
	if c.Needed {
		for _, a := range c.Agreeing {
			faults = append(faults, fault.Field("approvals", "proposal.approval.needed", a.Organisation))
		}
	}
	return fault.Join(faults...)
}

func (s *Service) submit(ctx context.Context, a access.Actor, v View, firstByte time.Time) (ledger.Receipt, error) {
	content, text, hash, err := s.content(ctx, v)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if same, err := s.counting(ctx, v.ID, hash); err != nil || same != "" && v.State == Submitted {
		if err != nil {
			return ledger.Receipt{}, err
		}
		return s.Ledger.ReceiptOf(ctx, same)
	}
	entry, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.submit", Kind: "proposal", ID: v.ID, Agency: v.AgencyID,
		Payload: map[string]string{"number": v.Number, "sha256": hash}})
	if err != nil {
		return ledger.Receipt{}, err
	}
	receipt, err := s.Ledger.Receipt(ctx, entry, hash, firstByte)
	if err != nil {
		return receipt, err
	}
	if err := s.insertSubmission(ctx, a, v, text, hash, firstByte, entry); err != nil {
		return receipt, err
	}
	if err := s.insertBudget(ctx, v, content); err != nil {
		return receipt, err
	}
	if err := s.projectAll(ctx, v, v.Answers); err != nil {
		return receipt, err
	}
	if err := s.classify(ctx, v); err != nil {
		return receipt, err
	}
	if _, err := s.ask(ctx, a, v); err != nil { // an office that agrees later must know of it
		return receipt, err
	}
	if err := s.setState(ctx, v.Proposal, Submitted, clock.Now(ctx)); err != nil {
		return receipt, err
	}
	return receipt, s.tellReceipt(ctx, v, receipt, hash)
}

// classify keeps the proposal's terms of vocabularies in step with what is submitted.
func (s *Service) classify(ctx context.Context, v View) error {
	for name, f := range v.Form.Fields {
		if f.Vocabulary == "" {
			continue
		}
		if err := vocabulary.Set(ctx, s.DB, "proposal", v.ID, f.Vocabulary, v.Text(name), "applicant"); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw takes a submitted proposal back before the decision. Its text stays the applicant's.
func (s *Service) Withdraw(ctx context.Context, a access.Actor, id, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, _, _, err := s.alone(ctx, a, id, "proposal.withdraw")
		if err != nil {
			return err
		}
		if p.State != Submitted && p.State != InReview {
			return fault.New(fault.Conflict, "proposal.not.submitted")
		}
		if err := s.markWithdrawn(ctx, id); err != nil {
			return err
		}
		if err := s.setState(ctx, p, Withdrawn, p.SubmittedAt); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.withdraw", Kind: "proposal", ID: id, Agency: p.AgencyID, Why: why})
		return err
	})
}
