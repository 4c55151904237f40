package review

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// For panel, the room below: it decides who may know.

// Barred is why some people must not judge, nor know of, the proposals of a call's
// stage, decided ones included: by proposal and person. The same rules as Conflicts.
func (s *Service) Barred(ctx context.Context, callID, stage string, people []string) (map[[2]string][]Conflict, error) {
	found, err := s.barred(ctx, Desk{CallID: callID, Title: scheme.Stage{ID: stage}}, people)
	out := make(map[[2]string][]Conflict, len(found))
	for pair, c := range found {
		out[pair] = []Conflict{c}
	}
	return out, err
}

// AskedOf are the reviews of a call's stage that some people were asked for and did not
// turn down.
func (s *Service) AskedOf(ctx context.Context, callID, stage string, people []string) ([]Review, error) {
	var out []Review
	for some := range slices.Chunk(people, 500) {
		in, args := db.In(3, some)
		list, err := s.list(ctx, `r.call_id = $1 AND r.stage = $2 AND r.state IN ('invited', 'accepted', 'submitted') AND r.reviewer_person IN `+in, append([]any{callID, stage}, args...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// Declare records that a has a conflict with a proposal. Who calls has made sure that a
// judges there.
// Errors: Invalid without a word on what it is.
func (s *Service) Declare(ctx context.Context, a access.Actor, proposalID, why string) error {
	if why == "" {
		return fault.Field("reason", "review.conflict.say")
	}
	return s.declare(ctx, a, Review{Reviewer: a.Person, ProposalID: proposalID}, why)
}
