package decision

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Brief is a list without its rows, and the title of its call, for rooms that refer to it.
func (s *Service) Brief(ctx context.Context, a access.Actor, id string) (Decision, lang.Text, error) {
	d, _, err := s.load(ctx, a, id, "decision.read")
	if err != nil {
		return Decision{}, lang.Text{}, err
	}
	c, err := s.Calls.Known(ctx, d.CallID)
	return d, c.Title, err
}

// held is why a list cannot be signed yet, nil if nothing holds it.
func (s *Service) held(ctx context.Context, d Decision) error {
	if s.Holds == nil {
		return nil
	}
	return s.Holds(ctx, d.ID)
}
