package strategy

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Serve ties a record to a priority at the record's own making: its room has decided
// that a may write the record, and a must only be able to see the priority, which may
// belong to several agencies. Doing it twice changes nothing.
// Errors: Invalid with field "priority" where a sees no such priority.
func (s *Service) Serve(ctx context.Context, a access.Actor, priorityID, kind, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.priority(ctx, priorityID)
		if fault.Is(err, fault.NotFound) || err == nil && !p.visible(p.set(a)) {
			return fault.Field("priority", "fault.choice")
		}
		if err != nil {
			return err
		}
		if f := oneOf("kind", kind, linkable); f != nil {
			return f
		}
		if err := s.insertLink(ctx, a, priorityID, kind, id); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "strategy.link", Kind: "priority", ID: priorityID, Agency: p.AgencyID, Payload: map[string]string{"kind": kind, "id": id}})
		return err
	})
}
