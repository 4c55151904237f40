package decision

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// The states of an appeal.
const (
	Lodged    = "lodged"
	Upheld    = "upheld"
	Dismissed = "dismissed"
)

// Appeal is an applicant's objection to a decision.
type Appeal struct {
	ID, DecisionID, ProposalID, Grounds, State, Answer string
	LodgedAt, AnswerBy, AnsweredAt                     time.Time
	Number, Title                                      string // of the proposal
}

// Until is the last moment at which a letter can be appealed against.
func (l Letter) Until() time.Time { return l.SentAt.AddDate(0, 0, l.Body.AppealDays) }

// Lodge appeals against the newest letter about a proposal, by its lead, within
// the days that the letter names. The decision stays in force until it is answered.
// Errors: Conflict when the time is over or an appeal waits already.
func (s *Service) Lodge(ctx context.Context, a access.Actor, proposalID, grounds string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.Proposals.Known(ctx, proposalID)
		if err != nil {
			return err
		}
		set, err := s.Proposals.Set(ctx, a, p)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "decision.appeal", set, readers); err != nil {
			return err
		}
		l, err := s.letter(ctx, proposalID)
		if err != nil {
			return err
		}
		if grounds == "" {
			return fault.Field("grounds", "fault.required")
		}
		if clock.Now(ctx).After(l.Until()) {
			return fault.New(fault.Conflict, "decision.appeal.late")
		}
		list, err := s.appeals(ctx, `a.proposal_id = $1 AND a.decision_id = $2`, proposalID, l.DecisionID)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return fault.New(fault.Conflict, "decision.appeal.twice")
		}
		id := clock.ID(ctx)
		if err := s.insertAppeal(ctx, Appeal{ID: id, DecisionID: l.DecisionID, ProposalID: proposalID, Grounds: grounds, LodgedAt: clock.Now(ctx), AnswerBy: clock.Now(ctx).AddDate(0, 0, answerDays)}, a.Account); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.appeal", Kind: "proposal", ID: proposalID, Agency: p.AgencyID, Payload: map[string]string{"appeal": id, "decision": l.DecisionID, "grounds": grounds}})
		return err
	})
}

// AnswerAppeal dismisses an appeal with reasons, or upholds it: then a correction
// of the decision begins, which is returned. The applicant is told either way.
func (s *Service) AnswerAppeal(ctx context.Context, a access.Actor, id string, uphold bool, answer string) (Decision, error) {
	var next Decision
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		list, err := s.appeals(ctx, `a.id = $1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.Missing()
		}
		ap := list[0]
		d, _, err := s.load(ctx, a, ap.DecisionID, "decision.draft")
		if err != nil {
			return err
		}
		if hidden, err := s.recused(ctx, a, d); err != nil {
			return err
		} else if hidden[ap.ProposalID] {
			return fault.Missing()
		}
		if ap.State != Lodged {
			return fault.New(fault.Conflict, "decision.appeal.answered")
		}
		if answer == "" {
			return fault.Field("answer", "fault.required")
		}
		ap.State, ap.Answer = Dismissed, answer
		if uphold {
			ap.State = Upheld
			if next, err = s.correctionFor(ctx, a, d, answer); err != nil {
				return err
			}
		}
		if err := s.answerAppeal(ctx, ap, a.Account); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "decision.appeal." + ap.State, Kind: "proposal", ID: ap.ProposalID, Agency: d.AgencyID, Why: answer, Payload: map[string]string{"appeal": id}}); err != nil {
			return err
		}
		return s.tellAppeal(ctx, ap)
	})
	return next, err
}

// waiting is how many appeals wait for an answer, and until when the first of them.
func waiting(list []Appeal) (n int, by time.Time) {
	for _, x := range list {
		if x.State != Lodged {
			continue
		}
		if n++; by.IsZero() || x.AnswerBy.Before(by) {
			by = x.AnswerBy
		}
	}
	return n, by
}

// listed is d with the appeals that wait and that a may know of, and why it corrects another, if a may.
func (s *Service) listed(ctx context.Context, a access.Actor, d Decision) (Decision, error) {
	if d.Appealed == 0 && d.Supersedes == "" {
		return d, nil
	}
	hidden, err := s.recused(ctx, a, d)
	if err != nil || len(hidden) == 0 {
		return d, err
	}
	d = d.to(hidden)
	list, err := s.appeals(ctx, `a.decision_id = $1`, d.ID)
	d.Appealed, d.AnswerBy = waiting(seen(list, hidden))
	return d, err
}

// correctionFor is the correction of d that is being made, or a new one.
func (s *Service) correctionFor(ctx context.Context, a access.Actor, d Decision, why string) (Decision, error) {
	next, err := s.supersededBy(ctx, d.ID)
	if err != nil || next.ID != "" && next.State == Draft {
		return next, err
	}
	return s.correct(ctx, a, d.ID, ByAppeal, why)
}
