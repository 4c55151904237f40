package retention

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Hold stops the erasing of a record until somebody lifts it: a lawsuit, an audit, an inquiry. It stops whatever would take something of the
// record with it too: the erasing of people who took part in it, and of what a held person took part in (reach.go says which).
type Hold struct {
	ID, Kind, Subject, Number string
	Reason                    string
	From, Until               time.Time // Until zero: it stands
}

// HoldKinds is what can be held. A call holds all its proposals and awards, a person all that is theirs.
var HoldKinds = []string{"proposal", "award", "call", "person"}

// Hold places a hold. ref is the record's number, or the key of a person.
// Errors: Invalid without a reason or for a record that is not there; Conflict where it is held already.
func (s *Service) Hold(ctx context.Context, a access.Actor, kind, ref, reason string) (id string, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.besideErasures(ctx); err != nil {
			return err
		}
		r, err := s.find(ctx, a, "retention.hold", kind, ref)
		if err != nil {
			return err
		}
		if reason == "" {
			return fault.Field("reason", "fault.required")
		}
		held, err := s.holds(ctx, `h.until_at IS NULL AND h.subject_kind = $1 AND h.subject_id = $2`, r.Kind, r.ID)
		if err != nil {
			return err
		}
		if len(held) > 0 {
			return fault.New(fault.Conflict, "retention.held.already", r.Number).At("ref")
		}
		id = clock.ID(ctx)
		if err := s.exec(ctx, `INSERT INTO legal_hold (id, subject_kind, subject_id, reason, placed_by, from_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, r.Kind, r.ID, reason, a.Account, db.At(clock.Now(ctx))); err != nil {
			return err
		}
		return s.note(ctx, a, "retention.hold", r.Kind, r.ID, r.Agency, reason, map[string]string{"hold": id})
	})
	return id, err
}

// Lift ends a hold. Errors: NotFound for one that is over, or stands on a record that a may not hold: which of
// them it is, is not told; Invalid without a reason.
func (s *Service) Lift(ctx context.Context, a access.Actor, id, reason string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		list, err := s.holds(ctx, `h.id = $1 AND h.until_at IS NULL`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.Missing()
		}
		r, err := s.find(ctx, a, "retention.hold", list[0].Kind, list[0].Subject)
		if fault.Is(err, fault.Invalid) {
			return fault.Missing()
		}
		if err != nil {
			return err
		}
		if reason == "" {
			return fault.Field("reason", "fault.required")
		}
		if err := s.exec(ctx, `UPDATE legal_hold SET until_at = $2 WHERE id = $1`, id, db.At(clock.Now(ctx))); err != nil {
			return err
		}
		return s.note(ctx, a, "retention.lift", r.Kind, r.ID, r.Agency, reason, map[string]string{"hold": id})
	})
}

// Holds lists the holds that stand, those on records that a may hold, the newest first.
func (s *Service) Holds(ctx context.Context, a access.Actor) ([]Hold, error) {
	if err := rules.Check(a, "retention.see", anywhere(a), access.Public); err != nil {
		return nil, err
	}
	all, err := s.holds(ctx, `h.until_at IS NULL`)
	list := all[:0]
	for _, h := range all {
		_, err := s.find(ctx, a, "retention.see", h.Kind, h.Subject)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.NotAllowed) || fault.Is(err, fault.Invalid) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, err
}

func (s *Service) holds(ctx context.Context, where string, args ...any) ([]Hold, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (h Hold, err error) {
		return h, r.Scan(&h.ID, &h.Kind, &h.Subject, &h.Number, &h.Reason, db.Time(&h.From), db.Time(&h.Until))
	}, `SELECT h.id, h.subject_kind, h.subject_id, COALESCE(p.number, w.number, c.number, n.name, h.subject_id), h.reason, h.from_at, h.until_at FROM legal_hold h
		LEFT JOIN proposal p ON h.subject_kind = 'proposal' AND p.id = h.subject_id LEFT JOIN award w ON h.subject_kind = 'award' AND w.id = h.subject_id
		LEFT JOIN call c ON h.subject_kind = 'call' AND c.id = h.subject_id LEFT JOIN person n ON h.subject_kind = 'person' AND n.id = h.subject_id
		WHERE `+where+` ORDER BY h.from_at DESC, h.id DESC`, args...)
}
