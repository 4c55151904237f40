package review

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Earlier is what was said of a proposal in the round before, by letter: its team had these
// reviews before it wrote what is judged now.
type Earlier struct {
	Number   string
	Stage    lang.Text
	Criteria []scheme.Criterion
	Reviews  []Review
}

// Earlier is the round before the one in which a proposal is judged; nil for a first round.
// Who calls has made sure that the viewer may read the proposal. A proposal that was
// handed in anew to another call brings no reviews along: that call may be another agency's.
func (s *Service) Earlier(ctx context.Context, proposalID string) (*Earlier, error) {
	p, err := s.Proposals.Known(ctx, proposalID)
	if err != nil || p.StageOf == "" {
		return nil, err
	}
	before, err := s.Proposals.Known(ctx, p.StageOf)
	if err != nil {
		return nil, err
	}
	v, err := s.Schemes.Get(ctx, before.SchemeVersionID)
	if err != nil {
		return nil, err
	}
	stage, _ := v.Stage(before.Stage)
	reviews, err := s.Submitted(ctx, before.ID, before.Stage)
	if err != nil || len(reviews) == 0 {
		return nil, err
	}
	return &Earlier{before.Number, stage.Title, v.Judged(stage), reviews}, nil
}
