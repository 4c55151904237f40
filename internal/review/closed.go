package review

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Lists are the lists that decide on proposals; internal/app fills it in.
type Lists interface {
	// Closed says since when the lists of some proposals are being signed, or are, by their key; those of others are open.
	Closed(ctx context.Context, proposals []string) (map[string]time.Time, error)
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
