package call

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Mark tells a state of a call and its extensions from every later one: neither number ever falls. The zero Mark is none.
type Mark struct{ Version, Extensions int64 }

// Standing is a call with the deadlines that were moved.
type Standing struct {
	Call
	moved []Extension
}

// Standing is how a call stands, for rooms below that have decided who may know of it. Where they
// have read its mark beside their own record, which costs next to nothing, it is remembered: every saving of the
// thousands who write on the last evening needs it.
func (s *Service) Standing(ctx context.Context, id string, m Mark) (Standing, error) {
	if known, ok := s.standing.Load(id); ok && m != (Mark{}) && known.(marked).Mark == m {
		return known.(marked).Standing, nil
	}
	c, err := s.byID(ctx, id)
	if err != nil {
		return Standing{}, err
	}
	moved, err := s.extensions(ctx, id)
	if err != nil {
		return Standing{}, err
	}
	st := Standing{c, moved}
	// What a unit of work sees may never come to be: it is remembered when it has.
	work.After(ctx, func(context.Context) {
		s.standing.Store(id, marked{Mark{c.Version, int64(len(moved))}, st})
	})
	return st, nil
}

// marked is a standing at its own mark, which may be later than the one that was asked for.
type marked struct {
	Mark
	Standing
}

// Deadline is when a proposal must have begun to arrive: the call's closing or
// the proposal's own extension, and the grace after it.
func (st Standing) Deadline(proposalID string) (closes, last time.Time) {
	closes = st.ClosesAt
	for _, e := range st.moved {
		if e.ProposalID == proposalID && proposalID != "" && e.New.After(closes) {
			closes = e.New
		}
	}
	return closes, closes.Add(st.Grace)
}
