package decision

import (
	"context"

	"github.com/headwater-platform/headwater/internal/call"
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
	Awards    Awarder
}

// Begin opens the list of a call's stage, or returns the one that is being
// prepared. Proposals that were handed in are on it.
// Errors: Conflict while the call is still open.
func (s *Service) Begin(ctx context.Context, a access.Actor, callID, stage string) (Decision, error) {
	c, err := s.Calls.Get(ctx, a, callID)
	if err != nil {
		return Decision{}, err
	}
	set := a.Staffing(c.AgencyID, c.ProgrammeID, c.ID)
	if err := rules.Check(a, "decision.draft", set, access.Public); err != nil {
		return Decision{}, err
	}
	if c.Phase(clock.Now(ctx)) == call.IsOpen {
		return Decision{}, fault.New(fault.Conflict, "decision.call.open")
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
	return d, set, rules.Check(a, act, set, rules["decision.read"])
}

// Get is the list with its rows in order of rank.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (View, error) {
	d, set, err := s.load(ctx, a, id, "decision.read")
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, a, d, set)
}

func (s *Service) view(ctx context.Context, a access.Actor, d Decision, set access.Set) (View, error) {
	v := View{Decision: d, Set: set}
	c, err := s.Calls.Known(ctx, d.CallID)
	if err != nil {
		return v, err
	}
	v.Call = c.Title.In("en")
	def, err := s.Schemes.Get(ctx, c.SchemeVersionID)
	if err != nil {
		return v, err
	}
	stage, _ := def.Stage(d.Stage)
	v.Outcomes = stage.Decide.Outcomes
	standings, err := s.Reviews.Standings(ctx, d.CallID, d.Stage)
	if err != nil {
		return v, err
	}
	if v.Rows, err = s.rows(ctx, d); err != nil {
		return v, err
	}
	for i := range v.Rows {
		v.Rows[i].Standing = standings[v.Rows[i].ProposalID]
	}
	v.Given = rank(v.Rows, d.Budget)
	v.MaySign = d.State == Proposed && mayBeSecond(a, d) && set.Any(rules["decision.sign"])
	return v, nil
}

// mayBeSecond: a second signature is somebody else's.
func mayBeSecond(a access.Actor, d Decision) bool { return !d.NeedsSecond || a.Account != d.ProposedBy }

// Choice is what an officer sets for one proposal.
type Choice struct {
	ProposalID, Outcome, Reasons string
	Amount                       string // as typed; empty: what was asked for
}

// Save stores outcomes and reasons while the list is a draft.
func (s *Service) Save(ctx context.Context, a access.Actor, id, reasons string, choices []Choice) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, set, err := s.load(ctx, a, id, "decision.draft")
		if err != nil {
			return err
		}
		if d.State != Draft {
			return fault.New(fault.Conflict, "decision.fixed")
		}
		v, err := s.view(ctx, a, d, set)
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
			amount := r.Asked
			if c.Amount != "" {
				if amount, err = money.Parse(c.Amount, d.Budget.Currency); err != nil {
					return fault.Field("amount_"+c.ProposalID, "call.amount")
				}
			}
			if c.Outcome != Fund {
				amount.Minor = 0
			}
			if err := s.putItem(ctx, d, c, amount, r.Place, r.Standing.Mean); err != nil {
				return err
			}
		}
		return s.setReasons(ctx, d.ID, reasons)
	})
}

// Propose closes the draft and asks for the signature. Where the scheme wants
// one signature only, it is signed at once.
func (s *Service) Propose(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, set, err := s.load(ctx, a, id, "decision.propose")
		if err != nil {
			return err
		}
		if d.State != Draft {
			return fault.New(fault.Conflict, "decision.fixed")
		}
		v, err := s.view(ctx, a, d, set)
		if err != nil {
			return err
		}
		if err := complete(v); err != nil {
			return err
		}
		if err := s.setState(ctx, d, Proposed, a.Account); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.propose", Kind: "decision", ID: id, Agency: d.AgencyID, Why: d.Reasons, Payload: items(v)}); err != nil {
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
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
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
		v, err := s.view(ctx, a, d, set)
		if err != nil {
			return err
		}
		return s.sign(ctx, a, v)
	})
}

// Return sends a proposed list back to be worked on.
func (s *Service) Return(ctx context.Context, a access.Actor, id, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, _, err := s.load(ctx, a, id, "decision.sign")
		if err != nil {
			return err
		}
		if d.State != Proposed {
			return fault.New(fault.Conflict, "decision.not.proposed")
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		if err := s.setState(ctx, d, Draft, ""); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.return", Kind: "decision", ID: id, Agency: d.AgencyID, Why: why})
		return err
	})
}

func items(v View) []map[string]any {
	var out []map[string]any
	for _, r := range v.Rows {
		out = append(out, map[string]any{"proposal": r.Number, "outcome": r.Outcome, "place": r.Place, "reasons": r.Reasons, "amount": r.Amount})
	}
	return out
}

func (s *Service) sign(ctx context.Context, a access.Actor, v View) error {
	if err := s.setState(ctx, v.Decision, Signed, a.Account); err != nil {
		return err
	}
	if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.sign", Kind: "decision", ID: v.ID, Agency: v.AgencyID, Payload: items(v)}); err != nil {
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
	for _, r := range v.Rows {
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
	if err := s.Proposals.Move(ctx, p, proposal.Decided, r.Outcome); err != nil {
		return err
	}
	stage, _ := def.Stage(v.Stage)
	if err := s.write(ctx, a, v, r, p, c, def.Judged(stage)); err != nil {
		return err
	}
	switch r.Outcome {
	case Fund:
		team, err := s.Proposals.Team(ctx, p.ID)
		if err != nil {
			return err
		}
		return s.Awards.FromDecision(ctx, v.Decision, r.Item, p, team)
	case Invite:
		next, _ := def.Stage(stage.Next)
		_, err := s.Proposals.Invited(ctx, p, next)
		return err
	}
	return nil
}

// write makes the letter of a proposal.
func (s *Service) write(ctx context.Context, a access.Actor, v View, r Row, p proposal.Proposal, c call.Call, criteria []scheme.Criterion) error {
	reviews, err := s.Reviews.Submitted(ctx, p.ID, v.Stage)
	if err != nil {
		return err
	}
	cv, err := s.Calls.Get(ctx, access.System, c.ID)
	if err != nil {
		return err
	}
	body := Body{Number: p.Number, Title: p.Title, Call: c.Title.In("en"), Agency: cv.Agency, Decision: v.Number, Outcome: r.Outcome, Reasons: r.Reasons,
		Amount: r.Amount, Place: r.Place, Of: len(v.Rows), Reviews: letterReviews(reviews, criteria), AppealDays: appealDays}
	id := clock.ID(ctx)
	if err := s.insertLetter(ctx, id, r, body); err != nil {
		return err
	}
	_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.letter", Kind: "proposal", ID: p.ID, Agency: p.AgencyID, Payload: map[string]string{"letter": id, "outcome": r.Outcome}})
	return err
}

// Letter is the newest letter about a proposal, for its team and its agency's staff.
func (s *Service) Letter(ctx context.Context, a access.Actor, proposalID string) (Letter, error) {
	p, err := s.Proposals.Known(ctx, proposalID)
	if err != nil {
		return Letter{}, err
	}
	set, err := s.Proposals.Set(ctx, a, p)
	if err != nil {
		return Letter{}, err
	}
	if !set.Any(access.Lead | access.Team | access.Staff | access.Signer | access.Audit | access.Office) {
		return Letter{}, fault.Missing()
	}
	return s.letter(ctx, proposalID)
}

// Lettered reports whether a letter about a proposal went out.
func (s *Service) Lettered(ctx context.Context, proposalID string) (bool, error) {
	_, err := s.letter(ctx, proposalID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// List is the decisions that a may see, the newest first.
func (s *Service) List(ctx context.Context, a access.Actor) ([]Decision, error) {
	agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor)
	return s.list(ctx, agencies, all)
}
