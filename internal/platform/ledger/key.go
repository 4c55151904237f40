package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// signer signs heads and receipts with the ledger's present key (Ed25519).
type signer struct {
	note.Signer
	verifierKey string
}

// presentKey is the key that signs now; sql.ErrNoRows before the first.
func presentKey(ctx context.Context, d *db.DB) (public, private string, err error) {
	err = d.Q(ctx).QueryRowContext(ctx, `SELECT public, private FROM ledger_key WHERE until_at IS NULL AND private IS NOT NULL ORDER BY from_at DESC LIMIT 1`).Scan(&public, &private)
	return public, private, err
}

func loadSigner(ctx context.Context, d *db.DB, origin string) (*signer, error) {
	var s *signer
	err := work.Do(ctx, d, func(ctx context.Context) error {
		public, private, err := presentKey(ctx, d)
		if db.IsNone(err) {
			public, private, err = newKey(ctx, d, origin)
		}
		if err != nil {
			return err
		}
		n, err := note.NewSigner(private)
		s = &signer{n, public}
		return err
	})
	return s, err
}

func newKey(ctx context.Context, d *db.DB, origin string) (public, private string, err error) {
	private, public, err = note.GenerateKey(byteReader{ctx}, origin)
	if err != nil {
		return "", "", err
	}
	_, err = d.Q(ctx).ExecContext(ctx, `INSERT INTO ledger_key (id, public, private, from_at) VALUES ($1, $2, $3, $4)`,
		clock.ID(ctx), public, private, db.At(clock.Now(ctx)))
	return public, private, err
}

// byteReader reads the context's source of chance.
type byteReader struct{ ctx context.Context }

func (r byteReader) Read(p []byte) (int, error) { return copy(p, clock.Bytes(r.ctx, len(p))), nil }

// follow takes up the key that signs now, where another process has begun a new one.
func (l *Ledger) follow(ctx context.Context) error {
	public, private, err := presentKey(ctx, l.db)
	if err != nil || public == l.signer.Load().verifierKey {
		return err
	}
	n, err := note.NewSigner(private)
	if err == nil {
		l.signer.Store(&signer{n, public})
	}
	return err
}

// Rotate begins a new key, ends the present one and forgets its private half. Old heads and receipts go on
// verifying: the public keys of all times stay listed. Other processes follow with their next batch; what they
// sign until then, with the key that they still hold, verifies too.
func (l *Ledger) Rotate(ctx context.Context) error {
	err := work.Do(ctx, l.db, func(ctx context.Context) error {
		if _, err := l.db.Q(ctx).ExecContext(ctx, `UPDATE ledger_key SET until_at = $1, private = NULL WHERE until_at IS NULL`, db.At(clock.Now(ctx))); err != nil {
			return err
		}
		_, _, err := newKey(ctx, l.db, l.origin)
		return err
	})
	if err != nil {
		return err
	}
	return l.follow(ctx)
}

// Keys lists the public keys of all times, the newest first, as verifier keys of signed notes.
func (l *Ledger) Keys(ctx context.Context) ([]string, error) {
	return db.Rows(ctx, l.db.Q(ctx), func(r *sql.Rows) (string, error) {
		var s string
		err := r.Scan(&s)
		return s, err
	}, `SELECT public FROM ledger_key ORDER BY from_at DESC, id DESC`)
}

// sign makes a signed note of text, which must end with a line end.
func (l *Ledger) sign(text string) (string, error) {
	b, err := note.Sign(&note.Note{Text: text}, l.signer.Load())
	return string(b), err
}

// ErrSignature says that no known key signed a note.
var ErrSignature = errors.New("no signature by a known key")

// openNote returns the text of a note that one of the keys signed.
func openNote(signed string, keys []string) (string, error) {
	var verifiers []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return "", fmt.Errorf("key %q: %w", k, err)
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return n.Text, nil
}
