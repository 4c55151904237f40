package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/seal"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// signer signs heads and receipts with the ledger's present key (Ed25519). Where the key is
// sealed, and what opens it was not given, there is no Signer.
type signer struct {
	note.Signer
	verifierKey string
}

// place is where a private key is kept, to who seals it.
func place(public string) string { return "ledger_key " + public }

// presentKey is the key that signs now; sql.ErrNoRows before the first.
func presentKey(ctx context.Context, d *db.DB) (public, private string, err error) {
	err = d.Q(ctx).QueryRowContext(ctx, `SELECT public, private FROM ledger_key WHERE until_at IS NULL AND private IS NOT NULL ORDER BY from_at DESC LIMIT 1`).Scan(&public, &private)
	return public, private, err
}

// loadSigner takes up the present key, the first where there is none, and seals it if it is not.
func (l *Ledger) loadSigner(ctx context.Context) error {
	return work.Do(ctx, l.db, func(ctx context.Context) error {
		public, private, err := presentKey(ctx, l.db)
		if db.IsNone(err) {
			public, private, err = l.newKey(ctx)
		}
		if err != nil {
			return err
		}
		if err := l.take(public, private); err != nil || l.Locked() {
			return err
		}
		now, changed, err := l.keys.Renew(ctx, place(public), private)
		if err != nil || !changed {
			return err
		}
		_, err = l.db.Q(ctx).ExecContext(ctx, `UPDATE ledger_key SET private = $2 WHERE public = $1`, public, now)
		return err
	})
}

// take makes a key of the table the one that signs.
func (l *Ledger) take(public, private string) error {
	plain, err := l.keys.Open(place(public), private)
	if errors.Is(err, seal.ErrLocked) {
		l.signer.Store(&signer{nil, public})
		return nil
	}
	if err != nil {
		return err
	}
	n, err := note.NewSigner(plain)
	if err == nil {
		l.signer.Store(&signer{n, public})
	}
	return err
}

// Locked reports whether the signing key is sealed, and what opens it was not given: the ledger
// can be read and checked, but nothing be placed or receipted.
func (l *Ledger) Locked() bool { return l.signer.Load().Signer == nil }

func (l *Ledger) newKey(ctx context.Context) (public, kept string, err error) {
	private, public, err := note.GenerateKey(byteReader{ctx}, l.origin)
	if err != nil {
		return "", "", err
	}
	kept = l.keys.Seal(ctx, place(public), private)
	_, err = l.db.Q(ctx).ExecContext(ctx, `INSERT INTO ledger_key (id, public, private, from_at) VALUES ($1, $2, $3, $4)`,
		clock.ID(ctx), public, kept, db.At(clock.Now(ctx)))
	return public, kept, err
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
	return l.take(public, private)
}

// Rotate begins a new key, ends the present one and forgets its private half. Old heads and receipts go on
// verifying: the public keys of all times stay listed. Other processes follow with their next batch; what they
// sign until then, with the key that they still hold, verifies too.
// Errors: seal.ErrLocked where the present key is sealed, as the next one would not be.
func (l *Ledger) Rotate(ctx context.Context) error {
	if l.Locked() {
		return seal.ErrLocked
	}
	return l.Replace(ctx)
}

// Replace is Rotate where what opens the present key was lost.
func (l *Ledger) Replace(ctx context.Context) error {
	err := work.Do(ctx, l.db, func(ctx context.Context) error {
		if _, err := l.db.Q(ctx).ExecContext(ctx, `UPDATE ledger_key SET until_at = $1, private = NULL WHERE until_at IS NULL`, db.At(clock.Now(ctx))); err != nil {
			return err
		}
		_, _, err := l.newKey(ctx)
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
	s := l.signer.Load()
	if s.Signer == nil {
		return "", seal.ErrLocked
	}
	b, err := note.Sign(&note.Note{Text: text}, s)
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
