package review

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// promiseTerms is the version of the statement review.promise of the catalogue. When its
// meaning changes it gets a new version, and who promised an older one is asked again.
const promiseTerms = "1"

// PromiseFor is Promise for the call of a review of a's own.
func (s *Service) PromiseFor(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.own(ctx, a, id)
		if err != nil {
			return err
		}
		return s.Promise(ctx, a, r.CallID)
	})
}

// Promised reports whether a person promised to keep what they read for a call to
// themselves. No text is opened before.
func (s *Service) Promised(ctx context.Context, person, callID string) (bool, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM review_confidentiality WHERE person_id = $1 AND call_id = $2 AND terms = $3`, person, callID, promiseTerms).Scan(&n)
	return n > 0, err
}

// Promise records that a keeps what they read for a call to themselves. Who calls has
// made sure that a judges there. A second time changes nothing.
func (s *Service) Promise(ctx context.Context, a access.Actor, callID string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if a.Delegation != "" {
			return fault.New(fault.NotAllowed, "review.promise.self")
		}
		res, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO review_confidentiality (person_id, call_id, terms, at) VALUES ($1, $2, $3, $4) ON CONFLICT (person_id, call_id, terms) DO NOTHING`,
			a.Person, callID, promiseTerms, db.At(clock.Now(ctx)))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.promise", Kind: "call", ID: callID, Payload: map[string]string{"terms": promiseTerms}})
		return err
	})
}
