package ledger

import (
	"context"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// Erase removes what an entry tells, and its salt; the leaf and every proof
// stay. Inside a unit of work.
func (l *Ledger) Erase(ctx context.Context, entryID string) error {
	_, err := l.erase(ctx, `entry_id = $1`, entryID)
	return err
}

// EraseAbout is Erase for every entry about a record; it counts those that told something.
func (l *Ledger) EraseAbout(ctx context.Context, kind, id string) (int64, error) {
	return l.erase(ctx, `entry_id IN (SELECT id FROM ledger_entry WHERE subject_kind = $1 AND subject_id = $2)`, kind, id)
}

// EraseNaming is Erase for every entry that tells word: an address, an identifier. It reads all payloads.
func (l *Ledger) EraseNaming(ctx context.Context, word string) (int64, error) {
	return l.erase(ctx, `body <> replace(body, $1, '')`, word)
}

// EraseNamingAbout is Erase for the entries about a record that tell word.
func (l *Ledger) EraseNamingAbout(ctx context.Context, word, kind, id string) (int64, error) {
	return l.erase(ctx, `body <> replace(body, $1, '') AND entry_id IN (SELECT id FROM ledger_entry WHERE subject_kind = $2 AND subject_id = $3)`, word, kind, id)
}

func (l *Ledger) erase(ctx context.Context, where string, args ...any) (int64, error) {
	// The time stands in the text: the parameters are where's.
	res, err := l.db.Q(ctx).ExecContext(ctx, fmt.Sprintf(`UPDATE ledger_payload SET salt = '', body = '', erased_at = %d WHERE erased_at IS NULL AND %s`, clock.Now(ctx).UnixMicro(), where), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Forget removes the link between a person and its pseudonym. Inside a unit of work.
func (l *Ledger) Forget(ctx context.Context, who string) error {
	_, err := l.db.Q(ctx).ExecContext(ctx, `DELETE FROM ledger_pseudonym WHERE person_id = $1`, who)
	return err
}
