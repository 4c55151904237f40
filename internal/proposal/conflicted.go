package proposal

import (
	"context"
	"maps"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// audiences is set less what a conflict of interest with a proposal ends: all that a role allows. Its own people stay what they are.
func (s *Service) audiences(ctx context.Context, a access.Actor, p Proposal, team []Member) (access.Set, error) {
	set := p.set(a, team)
	if p.State == Draft {
		return set, nil
	}
	return s.Conflicted.Less(ctx, a, p.ID, set)
}

// roles are the roles by which lists show what one has no part in.
var roles = []access.Role{access.Officer, access.Decider, access.Auditor}

// withheld are the keys of what Conflicted finds, for lists; nothing is asked where no role shows anything: of what is one's own, and
// of who has none.
func (s *Service) withheld(ctx context.Context, a access.Actor, mine bool) ([]string, error) {
	if mine || !slices.ContainsFunc(roles, a.HasAny) {
		return nil, nil
	}
	conflicted, err := s.Conflicted.Of(ctx, a)
	return slices.Sorted(maps.Keys(conflicted)), err
}
