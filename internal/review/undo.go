package review

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// Undoing is what taking back the invitations of a suggestion would do.
type Undoing struct {
	Open     int // invitations without an answer: these are taken back
	Answered int // were answered, and stay
	GivenUp  int // that a repair took back: these people are asked again
	Mailed   bool
}

// mailsOf is what the mails of a suggestion's invitations are about.
func mailsOf(run Run) mail.About { return mail.About{Kind: "assignment", ID: run.ID} }

// AskUndo says what Undo would do now. Errors as of Undo.
func (s *Service) AskUndo(ctx context.Context, a access.Actor, callID, runID string) (Desk, Undoing, error) {
	d, run, err := s.undoable(ctx, a, callID, runID)
	if err != nil {
		return d, Undoing{}, err
	}
	open, answered, err := s.openOf(ctx, run.ID)
	if err != nil {
		return d, Undoing{}, err
	}
	given, err := s.givenUp(ctx, run)
	if err != nil {
		return d, Undoing{}, err
	}
	u := Undoing{Open: len(d.shown(open)), Answered: len(d.shown(answered)), GivenUp: len(d.shown(given))}
	if s.Notify != nil {
		u.Mailed, err = s.Notify.Sent(ctx, mailsOf(run))
	}
	return d, u, err
}

// Undo takes back, as one step, all invitations of a suggestion that nobody has
// answered yet, as if they had not been: the pairs may be suggested again. Mails that are
// not sent yet are never sent; where one was, everybody concerned is told that nothing remains to be done. Whose
// invitation a repair took back is asked again.
// Errors: Conflict for a suggestion that was not applied, was undone, or of which nothing is open.
func (s *Service) Undo(ctx context.Context, a access.Actor, callID, runID, why string) (taken int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, run, err := s.undoable(ctx, a, callID, runID)
		if err != nil {
			return err
		}
		open, answered, err := s.openOf(ctx, run.ID)
		if err != nil {
			return err
		}
		if taken = len(d.shown(open)); len(open) == 0 {
			return fault.New(fault.Conflict, "review.undo.none")
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		again, err := s.takeBack(ctx, run, open, why)
		if err != nil {
			return err
		}
		if err := s.markUndone(ctx, run); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.assign.undo", Kind: "assignment", ID: run.ID, Agency: d.agency, Why: why, Payload: map[string]int{"taken": len(open), "answered": len(answered), "again": again}})
		return err
	})
	return taken, err
}

// takeBack removes the invitations of a step, and asks those again whose invitation it took back, so many; its mails are
// not sent, where none was.
func (s *Service) takeBack(ctx context.Context, run Run, open []Review, why string) (again int, err error) {
	told, err := s.recall(ctx, run)
	for _, r := range open {
		if err != nil {
			return 0, err
		}
		err = s.takeOut(ctx, r, told, why)
	}
	if err != nil {
		return 0, err
	}
	return s.takeUp(ctx, run, told)
}

// recall keeps the mails of a suggestion from being sent, and reports whether some were.
func (s *Service) recall(ctx context.Context, run Run) (told bool, err error) {
	if s.Notify == nil {
		return false, nil
	}
	if told, err = s.Notify.Sent(ctx, mailsOf(run)); err != nil || told {
		return told, err
	}
	return false, s.Notify.Recall(ctx, mailsOf(run))
}

// takeOut removes an invitation without a trace on its proposal; its reviewer is told where they know of it.
func (s *Service) takeOut(ctx context.Context, r Review, told bool, why string) error {
	if err := s.dropReview(ctx, r.ID); err != nil {
		return err
	}
	p, err := s.Proposals.Known(ctx, r.ProposalID)
	if err != nil {
		return err
	}
	if left, err := s.list(ctx, `r.proposal_id = $1 AND r.stage = $2`, p.ID, r.Stage); err != nil {
		return err
	} else if len(left) == 0 && p.State == proposal.InReview {
		if err := s.Proposals.Move(ctx, p, proposal.Submitted, ""); err != nil {
			return err
		}
	}
	if !told {
		return nil
	}
	return s.tellCancelled(ctx, p, r, why, mailOf(r))
}

// undoable is the newest suggestion of a stage if it was applied and not undone.
func (s *Service) undoable(ctx context.Context, a access.Actor, callID, runID string) (Desk, Run, error) {
	run, err := s.run(ctx, runID)
	if err != nil {
		return Desk{}, run, err
	}
	if run.CallID != callID {
		return Desk{}, run, fault.Missing()
	}
	d, err := s.desk(ctx, a, callID, run.Stage, "review.assign")
	if err == nil && (run.AppliedAt.IsZero() || !run.Undone.IsZero()) {
		err = fault.New(fault.Conflict, "review.undo.not")
	}
	return d, run, err
}

// openOf are the invitations of a suggestion that nobody has answered, and those that were answered.
func (s *Service) openOf(ctx context.Context, run string) (open, answered []Review, err error) {
	all, err := s.list(ctx, `r.run_id = $1 AND r.state NOT IN ('cancelled', 'lapsed')`, run)
	for _, r := range all {
		if r.State == Invited {
			open = append(open, r)
		} else {
			answered = append(answered, r)
		}
	}
	return open, answered, err
}
