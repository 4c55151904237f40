package decision

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	panels "github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// Service is the only way to decisions and letters.
type Service struct {
	DB        *db.DB
	Ledger    *ledger.Ledger
	Register  *register.Service
	Schemes   *scheme.Service
	Calls     *call.Service
	Proposals *proposal.Service
	Reviews   *review.Service
	Panels    *panels.Service
	Maps      *techmap.Service
	Awards    Awarder
	Notify    Notifier // nil: letters are pages only

	Conflicted access.Conflicted // nil: nobody has a conflict of interest

	// Holds refuses the signature of a list that other agencies have not agreed to; nil: nothing does.
	Holds func(ctx context.Context, decision string) error

	reckoned memory[Calibration]
	plans    memory[Plan]
	fits     memory[Calibration]
}

// MayBegin is the call of which a may begin the list now. Errors: Conflict while the call is still open.
func (s *Service) MayBegin(ctx context.Context, a access.Actor, callID string) (call.View, error) {
	c, err := s.Calls.Get(ctx, a, callID)
	if err != nil {
		return c, err
	}
	if err := rules.Check(a, "decision.draft", a.Staffing(c.AgencyID, c.ProgrammeID, c.ID), access.Public); err != nil {
		return c, err
	}
	if c.Phase(clock.Now(ctx)) == call.IsOpen {
		return c, fault.New(fault.Conflict, "decision.call.open")
	}
	return c, nil
}

// Begin opens the list of a call's stage, or returns the one that is being
// prepared. Proposals that were handed in are on it.
// Errors: Conflict while the call is still open.
func (s *Service) Begin(ctx context.Context, a access.Actor, callID, stage string) (Decision, error) {
	c, err := s.MayBegin(ctx, a, callID)
	if err != nil {
		return Decision{}, err
	}
	v, err := s.Schemes.Get(ctx, c.SchemeVersionID)
	if err != nil {
		return Decision{}, err
	}
	st, ok := v.Stage(stage)
	if !ok {
		return Decision{}, fault.Missing()
	}
	var d Decision
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		var found bool
		if d, found, err = s.open(ctx, callID, st.ID); err != nil || found {
			return err
		}
		d = Decision{CallID: callID, AgencyID: c.AgencyID, Stage: st.ID, State: Draft, Budget: c.Total, NeedsSecond: st.Decide.Signatures > 1,
			CreatedBy: a.Account, CreatedAt: clock.Now(ctx), Version: 1}
		if d.Number, err = number.Next(ctx, s.DB, "D"); err != nil {
			return err
		}
		d.ID = clock.ID(ctx)
		if err := s.insert(ctx, d); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.begin", Kind: "decision", ID: d.ID, Agency: d.AgencyID, Payload: map[string]string{"number": d.Number, "call": callID}})
		return err
	})
	return d, err
}

func (s *Service) load(ctx context.Context, a access.Actor, id string, act access.Act) (Decision, access.Set, error) {
	d, err := s.byID(ctx, id)
	if err != nil {
		return d, 0, err
	}
	set := a.Staffing(d.AgencyID, "", d.CallID)
	if a.Alone() != "" {
		seated, err := s.seated(ctx, id, a.Alone())
		if err != nil {
			return d, set, err
		}
		if seated {
			set |= access.PanelSeat
		}
	}
	return d, set, rules.Check(a, act, set, rules["decision.meet"])
}

// Get is the list with its rows in order of rank.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (View, error) {
	d, set, err := s.load(ctx, a, id, "decision.read")
	if err != nil {
		return View{}, err
	}
	return s.explained(ctx, a, d, set)
}

func (s *Service) view(ctx context.Context, a access.Actor, d Decision, set access.Set) (View, error) {
	v, err := s.visible(ctx, a, d, set)
	if err != nil {
		return v, err
	}
	c, err := s.Calls.Known(ctx, d.CallID)
	if err != nil {
		return v, err
	}
	v.Call, v.Zone = c.Title, c.Zone
	def, err := s.Schemes.Get(ctx, c.SchemeVersionID)
	if err != nil {
		return v, err
	}
	stage, _ := def.Stage(d.Stage)
	v.Outcomes = stage.Decide.Outcomes
	v.byCall(c)
	if err := s.judge(ctx, &v); err != nil {
		return v, err
	}
	if err := s.order(ctx, &v); err != nil {
		return v, err
	}
	if v.Budgets, err = s.uses(ctx, d); err != nil {
		return v, err
	}
	v.spend()
	if err := s.prepare(ctx, a, &v); err != nil {
		return v, err
	}
	if v.Ground, err = s.ground(ctx, v, def); err != nil {
		return v, err
	}
	v.MaySign = d.State == Proposed && mayBeSecond(a, d) && set.Any(rules["decision.sign"]) && !v.recused
	return v, s.follow(ctx, &v)
}

// judge gives the rows of a list what reviewers and panels say of them, and what they get.
func (s *Service) judge(ctx context.Context, v *View) error {
	standings, err := s.Reviews.Standings(ctx, v.CallID, v.Stage)
	if err != nil {
		return err
	}
	outcomes, err := s.Panels.Outcomes(ctx, v.CallID, v.Stage)
	if err != nil {
		return err
	}
	lines, err := s.lines(ctx, v.ID)
	if err != nil {
		return err
	}
	was, err := s.was(ctx, v.Decision)
	if err != nil {
		return err
	}
	for i := range v.Rows {
		r := &v.Rows[i]
		r.Standing, r.Lines = standings[r.ProposalID], lines[r.ID]
		for _, l := range r.Lines {
			r.Amount.Minor += l.Amount.Minor
		}
		r.Changed = was != nil && !same(was[r.ProposalID], r.Item)
		if o, treated := outcomes[r.ProposalID]; treated {
			r.Panel = &o
		}
	}
	return nil
}

// follow finds what came after a list and before it: appeals, and corrections.
func (s *Service) follow(ctx context.Context, v *View) (err error) {
	if v.Appeals, err = s.appeals(ctx, `a.decision_id = $1`, v.ID); err != nil {
		return err
	}
	v.Appeals = seen(v.Appeals, v.hidden)
	v.Appealed, v.AnswerBy = waiting(v.Appeals)
	if v.Next, err = s.supersededBy(ctx, v.ID); err != nil {
		return err
	}
	if v.Supersedes != "" {
		v.Was, err = s.byID(ctx, v.Supersedes)
	}
	return err
}

// order ranks the rows by what their scores say.
func (s *Service) order(ctx context.Context, v *View) (err error) {
	if v.Calibration, err = s.calibrated(ctx, v.Decision, v.Rows); err != nil {
		return err
	}
	if v.Calibration != nil {
		by := v.Calibration.ranks()
		v.Reviewed = len(by)
		for i := range v.Rows {
			if c, ok := by[v.Rows[i].ProposalID]; ok {
				v.Rows[i].Rank = &c
			}
		}
	}
	v.arrange()
	return nil
}

// foresee reckons what a list will need before a unit of work begins: others must not
// wait for it.
func (s *Service) foresee(ctx context.Context, a access.Actor, id string) error {
	d, err := s.byID(ctx, id)
	if err != nil {
		return err
	}
	v, err := s.visible(ctx, a, d, 0)
	if err != nil {
		return err
	}
	_, err = s.calibrated(ctx, d, v.Rows)
	return err
}

// mayBeSecond: a second signature is somebody else's.
func mayBeSecond(a access.Actor, d Decision) bool { return !d.NeedsSecond || a.Account != d.ProposedBy }

// Choice is what an officer sets for one proposal.
type Choice struct {
	ProposalID, Outcome, Reasons string
	Amount                       string // as typed; empty: as it is, or what was asked for
}

// Save stores outcomes and reasons while the list is a draft.
func (s *Service) Save(ctx context.Context, a access.Actor, id, reasons string, choices []Choice) error {
	if err := s.foresee(ctx, a, id); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.draft(ctx, a, id)
		if err != nil {
			return err
		}
		programme, err := s.programme(ctx, v.Decision)
		if err != nil {
			return err
		}
		rows := map[string]Row{}
		for _, r := range v.Rows {
			rows[r.ProposalID] = r
		}
		for _, c := range choices {
			r, ok := rows[c.ProposalID]
			if !ok {
				return fault.Missing()
			}
			if err := s.choose(ctx, v.Decision, programme, r, c); err != nil {
				return err
			}
		}
		return s.setReasons(ctx, v.ID, reasons)
	})
}

// draft is a list for who writes it. Errors: Conflict for one that is fixed.
func (s *Service) draft(ctx context.Context, a access.Actor, id string) (View, error) {
	d, set, err := s.load(ctx, a, id, "decision.draft")
	if err != nil {
		return View{}, err
	}
	if d.State != Draft {
		return View{}, fault.New(fault.Conflict, "decision.fixed")
	}
	return s.view(ctx, a, d, set)
}

func (s *Service) programme(ctx context.Context, d Decision) (string, error) {
	c, err := s.Calls.Known(ctx, d.CallID)
	return c.ProgrammeID, err
}

// choose writes what is set for one proposal. Lines that somebody divided stay as
// long as it is funded with the same sum.
func (s *Service) choose(ctx context.Context, d Decision, programme string, r Row, c Choice) error {
	amount := r.Asked
	if len(r.Lines) > 0 {
		amount = r.Amount
	}
	if c.Amount != "" {
		var err error
		if amount, err = money.Parse(c.Amount, d.Budget.Currency); err != nil {
			return fault.Field("amount_"+c.ProposalID, "call.amount")
		}
	}
	if c.Outcome != Fund {
		amount.Minor = 0
	}
	id, err := s.upsertItem(ctx, d, c, r.Place, r.Standing.Mean)
	if err != nil || len(r.Lines) > 0 && amount == r.Amount {
		return err
	}
	lines, err := s.planned(ctx, d, programme, r.ProposalID, amount)
	if err != nil {
		return err
	}
	return s.putLines(ctx, id, lines)
}

// Propose closes the draft and asks for the signature. Where the scheme wants
// one signature only, it is signed at once.
func (s *Service) Propose(ctx context.Context, a access.Actor, id string) error {
	if err := s.foresee(ctx, a, id); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.alone(ctx, id); err != nil {
			return err
		}
		d, set, err := s.load(ctx, a, id, "decision.propose")
		if err != nil {
			return err
		}
		if d.State != Draft {
			return fault.New(fault.Conflict, "decision.fixed")
		}
		v, err := s.publicly(ctx, a, d, set)
		if err != nil {
			return err
		}
		if err := v.whole(); err != nil {
			return err
		}
		if err := complete(v, clock.Now(ctx)); err != nil {
			return err
		}
		was, err := s.was(ctx, d)
		if err != nil {
			return err
		}
		if err := changes(v, was); err != nil {
			return err
		}
		for _, r := range v.Rows { // what is signed later is in this order
			if err := s.setPlace(ctx, r); err != nil {
				return err
			}
		}
		if err := s.setState(ctx, d, Proposed, a.Account); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.propose", Kind: "decision", ID: id, Agency: d.AgencyID, Why: d.Reasons, Payload: record(v)}); err != nil {
			return err
		}
		if d.NeedsSecond {
			return nil
		}
		d.State, d.ProposedBy = Proposed, a.Account
		v.Decision = d
		return s.sign(ctx, a, v)
	})
}

// Sign makes the decision, by somebody other than who proposed it: proposals
// move, letters go out and awards are made, all in one unit of work.
func (s *Service) Sign(ctx context.Context, a access.Actor, id string) error {
	if err := s.foresee(ctx, a, id); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.alone(ctx, id); err != nil {
			return err
		}
		d, set, err := s.load(ctx, a, id, "decision.sign")
		if err != nil {
			return err
		}
		if d.State != Proposed {
			return fault.New(fault.Conflict, "decision.not.proposed")
		}
		if !mayBeSecond(a, d) {
			return fault.New(fault.NotAllowed, "decision.second")
		}
		v, err := s.publicly(ctx, a, d, set)
		if err != nil {
			return err
		}
		if err := v.whole(); err != nil {
			return err
		}
		if err := fault.Join(affordable(v)...); err != nil { // another list may have been signed since this one was proposed
			return err
		}
		return s.sign(ctx, a, v)
	})
}

// Return sends a proposed list back to be worked on.
func (s *Service) Return(ctx context.Context, a access.Actor, id, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, set, err := s.load(ctx, a, id, "decision.sign")
		if err != nil {
			return err
		}
		if d.State != Proposed {
			return fault.New(fault.Conflict, "decision.not.proposed")
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		v, err := s.visible(ctx, a, d, set)
		if err != nil {
			return err
		}
		if err := v.whole(); err != nil {
			return err
		}
		if err := s.setState(ctx, d, Draft, ""); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.return", Kind: "decision", ID: id, Agency: d.AgencyID, Why: why})
		return err
	})
}

func hashed(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// record is a list as it goes into the ledger: every row, the criteria, and who dissented.
func record(v View) map[string]any {
	var dissents []map[string]string
	for _, x := range v.Ground.Dissents {
		dissents = append(dissents, map[string]string{"by": x.By, "proposal": x.Number, "reasons": hashed(x.Reasons)})
	}
	told := map[string]any{"items": items(v), "criteria": criteria(v.Ground), "dissents": dissents}
	if !v.PublicAt.IsZero() {
		told["public_from"] = v.PublicAt
	}
	if v.Days > 0 {
		told["public_after_days"] = v.Days
	}
	if v.AtOnce && v.PublicAt.IsZero() {
		told["public_at_once"] = true
	}
	return told
}

// items is a list as the ledger tells of it. Reasons, and what panels say, are told by their hash: one entry tells of
// many proposals, and that one of them is erased some day must not take the others out of the record.
func items(v View) []map[string]any {
	var out []map[string]any
	for _, r := range v.Rows {
		told := map[string]any{"proposal": r.Number, "outcome": r.Outcome, "place": r.Place, "reasons_sha256": hashed(r.Reasons), "amount": r.Amount, "lines": r.Lines, "rank": r.Rank, "causes": r.Causes}
		if r.Panel != nil {
			told["panel"] = map[string]any{"panel": r.Panel.Panel, "summary_sha256": hashed(r.Panel.Summary), "final": r.Panel.Final}
		}
		out = append(out, told)
	}
	return out
}

func (s *Service) sign(ctx context.Context, a access.Actor, v View) error {
	if err := s.held(ctx, v.Decision); err != nil {
		return err
	}
	if err := s.setState(ctx, v.Decision, Signed, a.Account); err != nil {
		return err
	}
	if v.Days > 0 {
		v.PublicAt = v.publicFrom(clock.Now(ctx))
		if err := s.setPublic(ctx, []string{v.ID}, v.PublicAt); err != nil {
			return err
		}
	}
	if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.sign", Kind: "decision", ID: v.ID, Agency: v.AgencyID, Payload: record(v)}); err != nil {
		return err
	}
	c, err := s.Calls.Known(ctx, v.CallID)
	if err != nil {
		return err
	}
	def, err := s.Schemes.Get(ctx, c.SchemeVersionID)
	if err != nil {
		return err
	}
	if v.Supersedes != "" {
		if err := s.setState(ctx, v.Was, Superseded, a.Account); err != nil {
			return err
		}
	}
	for _, r := range v.Rows {
		if v.Supersedes != "" && !r.Changed {
			continue // nothing changes for it: its letter and award stand
		}
		if err := s.carryOut(ctx, a, v, r, c, def); err != nil {
			return err
		}
	}
	return nil
}

// carryOut does for one proposal what was decided.
func (s *Service) carryOut(ctx context.Context, a access.Actor, v View, r Row, c call.Call, def scheme.Version) error {
	p, err := s.Proposals.Known(ctx, r.ProposalID)
	if err != nil {
		return err
	}
	before := p.Outcome
	if err := s.Proposals.Move(ctx, p, proposal.Decided, r.Outcome); err != nil {
		return err
	}
	stage, _ := def.Stage(v.Stage)
	if err := s.write(ctx, a, v, r, p, c, def.Judged(stage)); err != nil {
		return err
	}
	switch {
	case r.Outcome == Fund:
		team, err := s.Proposals.Team(ctx, p.ID)
		if err != nil {
			return err
		}
		return s.Awards.FromDecision(ctx, v.Decision, r.Item, p, team)
	case v.Supersedes != "" && before == Fund:
		return s.Awards.Revoke(ctx, v.Decision, p)
	case r.Outcome == Invite && before != Invite:
		next, _ := def.Stage(stage.Next)
		_, err := s.Proposals.Invited(ctx, p, next)
		return err
	}
	return nil
}

// write makes the letter of a proposal and sends it.
func (s *Service) write(ctx context.Context, a access.Actor, v View, r Row, p proposal.Proposal, c call.Call, judged []scheme.Criterion) error {
	reviews, err := s.Reviews.Submitted(ctx, p.ID, v.Stage)
	if err != nil {
		return err
	}
	cv, err := s.Calls.Get(ctx, access.System, c.ID)
	if err != nil {
		return err
	}
	l := Letter{ID: clock.ID(ctx), ProposalID: p.ID, DecisionID: v.ID, SentAt: clock.Now(ctx), Body: Body{Number: p.Number, Title: p.Title, Call: c.Title, Agency: cv.AgencyIn,
		Decision: v.Number, Outcome: r.Outcome, Reasons: r.Reasons, Causes: r.Causes, Supersedes: v.Was.Number, Correction: v.Correction, CorrectionReason: v.CorrectionReason,
		Lines: r.Lines, Amount: r.Amount, Place: r.Place, Of: len(v.Rows), Rank: r.Rank, Reviewed: v.Reviewed, Reviews: letterReviews(reviews, judged), Panel: r.said(), AppealDays: appealDays, Criteria: criteria(v.Ground), PublicAt: v.PublicAt, Zone: v.Zone}}
	band, above := v.Band()
	l.Body.Band, l.Body.Above = len(band), above
	if drawn, found, err := s.drawnFor(ctx, v.ID, p.ID); err != nil {
		return err
	} else if found {
		l.Body.Lottery = &LetterLottery{len(drawn.Proposals), drawn.Record.Draw, drawn.Record.Event, drawn.Record.Seed, drawn.Record.Digest, drawn.Won(p.Number)}
	}
	before, err := s.letters(ctx, p.ID)
	if err != nil {
		return err
	}
	if len(before) > 0 && v.Supersedes != "" {
		l.Supersedes = before[0].ID
	}
	if err := s.insertLetter(ctx, l, r.ID); err != nil {
		return err
	}
	if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.letter", Kind: "proposal", ID: p.ID, Agency: p.AgencyID, Payload: map[string]string{"letter": l.ID, "outcome": r.Outcome}}); err != nil {
		return err
	}
	return s.tellLetter(ctx, p, l)
}

// Letter is the newest letter about a proposal, for its team and its agency's staff.
func (s *Service) Letter(ctx context.Context, a access.Actor, proposalID string) (Letter, error) {
	return db.One(s.Letters(ctx, a, proposalID))
}

// Letters are all letters about a proposal, the newest first: one that was
// superseded stays readable. NotFound where there is none.
func (s *Service) Letters(ctx context.Context, a access.Actor, proposalID string) ([]Letter, error) {
	if _, _, err := s.reader(ctx, a, proposalID); err != nil {
		return nil, err
	}
	list, err := s.letters(ctx, proposalID)
	if err == nil && len(list) == 0 {
		err = fault.Missing()
	}
	return list, err
}

// AppealsOf are the appeals about a proposal, and whether a may lodge one against
// its newest letter now.
func (s *Service) AppealsOf(ctx context.Context, a access.Actor, l Letter) (list []Appeal, may bool, err error) {
	_, set, err := s.reader(ctx, a, l.ProposalID)
	if err != nil {
		return nil, false, err
	}
	if list, err = s.appeals(ctx, `a.proposal_id = $1`, l.ProposalID); err != nil {
		return nil, false, err
	}
	may = set.Any(rules["decision.appeal"]) && !clock.Now(ctx).After(l.Until())
	for _, ap := range list {
		may = may && ap.DecisionID != l.DecisionID
	}
	return list, may, nil
}

// Lettered reports whether a letter about a proposal went out, and from when what was decided is public.
func (s *Service) Lettered(ctx context.Context, proposalID string) (sent bool, public time.Time, err error) {
	l, err := s.letter(ctx, proposalID)
	if fault.Is(err, fault.NotFound) {
		return false, time.Time{}, nil
	}
	return err == nil, l.PublicAt, err
}

// List is a page of the decisions that a may see, those that wait first, then the newest, and how many there are.
func (s *Service) List(ctx context.Context, a access.Actor, page, size int) ([]Decision, int, error) {
	agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor)
	kept, err := s.Conflicted.Of(ctx, a)
	if err != nil {
		return nil, 0, err
	}
	list, total, err := s.list(ctx, agencies, all, a.Alone(), slices.Sorted(maps.Keys(kept)), page, size)
	for i, d := range list {
		if err == nil {
			list[i], err = s.listed(ctx, a, d)
		}
	}
	return list, total, err
}
