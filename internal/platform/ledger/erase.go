package ledger

import (
	"context"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Erased names what was taken out of the ledger: keys of entries whose payload and salt went, and pseudonyms that were
// forgotten. It must stand in an entry of the same unit of work: what is gone without one was taken out unnoticed, and
// Verify says so. Leaves and proofs stay.
type Erased []string

// EraseAbout removes what the entries about a record tell, and their salts. Inside a unit of work. It names those that told something.
func (l *Ledger) EraseAbout(ctx context.Context, kind, id string) (Erased, error) {
	return l.erase(ctx, `entry_id IN (SELECT id FROM ledger_entry WHERE subject_kind = $1 AND subject_id = $2)`, kind, id)
}

// EraseNaming is EraseAbout for every entry that tells word: an address, an identifier. It reads all payloads.
func (l *Ledger) EraseNaming(ctx context.Context, word string) (Erased, error) {
	return l.erase(ctx, `body <> replace(body, $1, '')`, word)
}

// EraseNamingAbout is EraseAbout for the entries about a record that tell word.
func (l *Ledger) EraseNamingAbout(ctx context.Context, word, kind, id string) (Erased, error) {
	return l.erase(ctx, `body <> replace(body, $1, '') AND entry_id IN (SELECT id FROM ledger_entry WHERE subject_kind = $2 AND subject_id = $3)`, word, kind, id)
}

func (l *Ledger) erase(ctx context.Context, where string, args ...any) (Erased, error) {
	// The time stands in the text: the parameters are where's.
	return l.took(ctx, fmt.Sprintf(`UPDATE ledger_payload SET salt = '', body = '', erased_at = %d WHERE erased_at IS NULL AND %s RETURNING entry_id`, clock.Now(ctx).UnixMicro(), where), args...)
}

// Forget removes the link between a person and its pseudonym, which it names. Inside a unit of work.
func (l *Ledger) Forget(ctx context.Context, who string) (Erased, error) {
	return l.took(ctx, `DELETE FROM ledger_pseudonym WHERE person_id = $1 RETURNING pseudonym`, who)
}

func (l *Ledger) took(ctx context.Context, statement string, args ...any) (Erased, error) {
	return db.Strings(ctx, l.db.Q(ctx), statement, args...)
}
