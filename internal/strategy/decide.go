package strategy

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Council is what strategy needs of the room of councils: whether an agency's priorities
// are decided by a body, and its name.
type Council interface {
	DecidesPriorities(ctx context.Context, agency string) (name lang.Text, ok bool, err error)
}

// free refuses a change of state that a body of the agency decides: that a priority is
// in force, or is dropped. That it is reached is a measurement, which officers write.
func (s *Service) free(ctx context.Context, agency, before, after string) error {
	if s.Council == nil || before == after || after != "active" && after != "dropped" {
		return nil
	}
	name, decides, err := s.Council.DecidesPriorities(ctx, agency)
	if err == nil && decides {
		err = fault.Field("state", "strategy.council", name)
	}
	return err
}

// Decide carries out what a body decided on a priority; where says in which meeting. The
// council's room, which calls it, has decided that it may. In the unit of work of ctx.
func (s *Service) Decide(ctx context.Context, a access.Actor, id, state, where string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if f := oneOf("state", state, States); f != nil {
			return f
		}
		p, err := s.priority(ctx, id)
		if err != nil {
			return err
		}
		p.State = state
		if err := s.updatePriority(ctx, p); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "strategy.decide", Kind: "priority", ID: id, Agency: p.AgencyID, Why: where, Payload: map[string]string{"state": state}})
		return err
	})
}
