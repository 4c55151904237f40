package review

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

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
