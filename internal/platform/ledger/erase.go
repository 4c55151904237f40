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

// Which are entries that tell something still, by what they are about or by what they tell.
type Which struct {
	where string
	args  []any
}

// About are the entries about a record.
func About(kind, id string) Which {
	return Which{`entry_id IN (SELECT id FROM ledger_entry WHERE subject_kind = $1 AND subject_id = $2)`, []any{kind, id}}
}

// Naming are the entries that tell one of the words: addresses, identifiers, in capitals or not. To find them all payloads are read.
func Naming(words ...string) Which {
	return naming(words, nil, `lower(body) <> replace(lower(body), lower($%d), '')`)
}

// NamingAbout are the entries about a record that tell one of the words.
func NamingAbout(kind, id string, words ...string) Which {
	w := naming(words, []any{kind, id}, `body <> replace(body, $%d, '')`)
	w.where += ` AND ` + About(kind, id).where
	return w
}

// But leaves out the entries about records of a kind whose keys a query without parameters lists.
func (w Which) But(kind, keys string) Which {
	w.where += ` AND entry_id NOT IN (SELECT id FROM ledger_entry WHERE subject_kind = '` + kind + `' AND subject_id IN (` + keys + `))`
	return w
}

// Of leaves only those.
func (w Which) Of(kind, keys string) Which {
	w.where += ` AND entry_id IN (SELECT id FROM ledger_entry WHERE subject_kind = '` + kind + `' AND subject_id IN (` + keys + `))`
	return w
}

// naming are the entries that tell one of the words, as tells has it of one: their parameters stand after those before.
func naming(words []string, before []any, tells string) Which {
	w := Which{where: "1 = 0", args: before}
	for _, word := range words {
		w.args = append(w.args, word)
		w.where += ` OR ` + fmt.Sprintf(tells, len(w.args))
	}
	w.where = "(" + w.where + ")"
	return w
}

// Telling lists the keys of which entries tell something: what Erase would take out, read only.
func (l *Ledger) Telling(ctx context.Context, which Which) ([]string, error) {
	return db.Strings(ctx, l.db.Q(ctx), `SELECT entry_id FROM ledger_payload WHERE erased_at IS NULL AND `+which.where, which.args...)
}

// Erase removes what entries tell, and their salts. Inside a unit of work. It names those that told something.
func (l *Ledger) Erase(ctx context.Context, which Which) (Erased, error) {
	// The time stands in the text: the parameters are where's.
	return l.took(ctx, fmt.Sprintf(`UPDATE ledger_payload SET salt = '', body = '', erased_at = %d WHERE erased_at IS NULL AND %s RETURNING entry_id`, clock.Now(ctx).UnixMicro(), which.where), which.args...)
}

// Forget removes the link between a person and its pseudonym, which it names. Inside a unit of work.
func (l *Ledger) Forget(ctx context.Context, who string) (Erased, error) {
	return l.took(ctx, `DELETE FROM ledger_pseudonym WHERE person_id = $1 RETURNING pseudonym`, who)
}

func (l *Ledger) took(ctx context.Context, statement string, args ...any) (Erased, error) {
	return db.Strings(ctx, l.db.Q(ctx), statement, args...)
}
