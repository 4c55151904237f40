package award

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// public reports whether everybody may see the award at an instant.
func (a Award) public(now time.Time) bool { return !a.PublicAt.IsZero() && !now.Before(a.PublicAt) }

// Embargoed reports whether only who has to do with the award may see it yet.
func (a Award) Embargoed(now time.Time) bool { return !a.public(now) }

// over reports whether the award's last day has passed at an instant.
func (a Award) over(at time.Time) bool { return at.Format(time.DateOnly) > a.EndDay }

// PublicFrom moves the day from which the awards of some lists are public, inside the unit of work of the caller, but for those that
// are public already. Errors: Invalid for a day after an award's last.
func (s *Service) PublicFrom(ctx context.Context, lists []string, at time.Time) error {
	all, err := s.madeBy(ctx, lists)
	if err != nil {
		return err
	}
	var moved []string
	for _, a := range all {
		if a.public(clock.Now(ctx)) {
			continue
		}
		if a.over(at) {
			return fault.Field("public_from", "decision.public.end", a.Number, lang.Day(a.EndDay))
		}
		if err := s.setPublic(ctx, a.ID, at); err != nil {
			return err
		}
		moved = append(moved, a.ID)
	}
	return s.Index(ctx, moved...)
}
