package review

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Barred are the conflicts of people with the proposals of a call's stage, by proposal
// and person: the same rules as Conflicts. Three queries, however many they are.
func (s *Service) Barred(ctx context.Context, callID, stage string, people []string) (map[[2]string]Conflict, error) {
	return s.barred(ctx, Desk{CallID: callID, Title: scheme.Stage{ID: stage}}, people)
}

// Declare notes a conflict of a person with a proposal, inside the unit of work of the
// caller, who has checked that a may say so.
func (s *Service) Declare(ctx context.Context, a access.Actor, person, proposalID, reason string) error {
	return s.declare(ctx, a, Review{Reviewer: person, ProposalID: proposalID}, "declared", reason)
}

// unconflicted is NotFound for who has a conflict with a proposal: what it is judged by is kept
// from them whatever their role. What a soft rule says keeps nobody away.
func (s *Service) unconflicted(ctx context.Context, a access.Actor, proposalID string) error {
	if a.Person == "" {
		return nil
	}
	found, err := s.Conflicts(ctx, a.Person, proposalID)
	if err == nil && refusal(found) != nil {
		err = fault.Missing()
	}
	return err
}
