package ledger

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// checkSubject is what entries of checks are about.
const checkSubject = "check"

// Check is Verify by somebody, which itself is an act: that the whole was checked,
// and what was found, stands in the ledger.
func (l *Ledger) Check(ctx context.Context, a access.Actor) (Report, error) {
	r, err := l.Verify(ctx, "")
	if err != nil {
		return r, err
	}
	return r, work.Do(ctx, l.db, func(ctx context.Context) error {
		_, err := l.Append(ctx, a, Entry{Act: "ledger.check", Kind: "ledger", ID: checkSubject, Payload: map[string]any{"entries": r.Entries, "batches": r.Batches, "problems": len(r.Problems)}})
		return err
	})
}

// Checked is when somebody last checked the whole ledger; zero if nobody has.
func (l *Ledger) Checked(ctx context.Context) (at time.Time, err error) {
	err = l.db.Q(ctx).QueryRowContext(ctx, `SELECT at FROM ledger_entry WHERE subject_kind = 'ledger' AND subject_id = $1 ORDER BY at DESC LIMIT 1`, checkSubject).Scan(db.Time(&at))
	if db.IsNone(err) {
		err = nil
	}
	return at, err
}
