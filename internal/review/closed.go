package review

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// Lists are the lists that decide on proposals; internal/app fills it in.
type Lists interface {
	// Closed says since when the lists of some proposals are being signed, or are, by their key; those of others are open.
	Closed(ctx context.Context, proposals []string) (map[string]time.Time, error)
	// Reopened reports whether the reviews of a decided proposal are open again, as an appeal about it was upheld.
	Reopened(ctx context.Context, proposal string) (bool, error)
	// Deciders are the people who took part in deciding on a proposal.
	Deciders(ctx context.Context, proposal string) ([]string, error)
	// Hold keeps the lists of a call's stage from being signed until the unit of work of ctx ends.
	Hold(ctx context.Context, callID, stage string) error
}

// open refuses a review once the list that decides on its proposal is being signed: what was decided rests on the reviews
// that were in, and must not move after it. Errors: Conflict, which says since when.
func (s *Service) open(ctx context.Context, r Review) error {
	if s.Lists == nil {
		return nil
	}
	if err := s.Lists.Hold(ctx, r.CallID, r.Stage); err != nil {
		return err
	}
	closed, err := s.Lists.Closed(ctx, []string{r.ProposalID})
	if err != nil {
		return err
	}
	since, is := closed[r.ProposalID]
	if !is {
		return nil
	}
	c, err := s.Calls.Known(ctx, r.CallID)
	if err != nil {
		return err
	}
	if zone, err := time.LoadLocation(c.Zone); err == nil {
		since = since.In(zone)
	}
	return fault.New(fault.Conflict, "review.over", lang.Instant(since))
}

// reviewable refuses to ask anybody about a proposal that nobody judges: one that is not submitted, or that is decided, but for one
// whose appeal was upheld, which asks for a fresh eye mostly.
func (s *Service) reviewable(ctx context.Context, p proposal.Proposal) error {
	switch p.State {
	case proposal.Submitted, proposal.InReview:
		return nil
	case proposal.Decided:
		if s.Lists != nil {
			if again, err := s.Lists.Reopened(ctx, p.ID); err != nil || again {
				return err
			}
		}
		return fault.New(fault.Conflict, "review.decided")
	}
	return fault.New(fault.Conflict, "review.not.submitted")
}

// fresh refuses to ask somebody about a proposal whose appeal was upheld who took part in deciding on it. Who judged it was
// asked already, and is not asked twice.
func (s *Service) fresh(ctx context.Context, p proposal.Proposal, person string) error {
	if p.State != proposal.Decided || s.Lists == nil {
		return nil
	}
	list, err := s.Lists.Deciders(ctx, p.ID)
	if err == nil && slices.Contains(list, person) {
		err = fault.New(fault.Conflict, "review.decided.by").At("person")
	}
	return err
}

// MayInvite reports whether the viewer of a proposal may ask somebody to review it.
func (s *Service) MayInvite(ctx context.Context, v proposal.View) (bool, error) {
	if !v.Set.Any(rules["review.invite"]) {
		return false, nil
	}
	err := s.reviewable(ctx, v.Proposal)
	if fault.Is(err, fault.Conflict) {
		return false, nil
	}
	return err == nil, err
}

// closedOf says since when which of some reviews are no longer needed, by their key.
func (s *Service) closedOf(ctx context.Context, list ...Review) (map[string]time.Time, error) {
	var waiting []string
	for _, r := range list {
		if r.Pending() {
			waiting = append(waiting, r.ProposalID)
		}
	}
	if s.Lists == nil || len(waiting) == 0 {
		return nil, nil
	}
	closed, err := s.Lists.Closed(ctx, waiting)
	out := map[string]time.Time{}
	for _, r := range list {
		if since, is := closed[r.ProposalID]; is && r.Pending() {
			out[r.ID] = since
		}
	}
	return out, err
}

// needed leaves out of some reviews those that are no longer needed.
func (s *Service) needed(ctx context.Context, list []Review) ([]Review, error) {
	closed, err := s.closedOf(ctx, list...)
	return slices.DeleteFunc(list, func(r Review) bool { return !closed[r.ID].IsZero() }), err
}

// Over reports whether the viewer was asked for the review and it is no longer needed.
func (v View) Over() bool { return v.Set.Any(access.Reviewer) && !v.Closed.IsZero() }
