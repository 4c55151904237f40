// Package seal keeps the few secrets that must lie in the database as they are (those of
// programs for codes, the ledger's signing key) from whoever has the database or a backup of it, but not
// the file of keys: AES-256-GCM (NIST SP 800-38D), bound to the row that a secret belongs to, so that one row's
// secret is of no use in another.
package seal

import (
	"bufio"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// Keys seal and open. nil keys seal nothing: what they are given stays as it is.
type Keys []key

type key struct {
	name string // of the text that it seals: hex, from the key's hash
	aead cipher.AEAD
}

const (
	keyBytes = 32
	mark     = "sealed/1 " // then the name of the key and, after a blank, nonce and text in base64
)

// ErrLocked says that a secret is sealed by a key that is not here.
var ErrLocked = errors.New("a secret in the database is sealed by a key that was not given: name the file of keys by --seal")

// Read reads keys, each 32 bytes in base64 on a line of its own. The first seals; the others open what they have
// sealed, until it is sealed anew. Errors say which line is none; no error repeats one.
func Read(r io.Reader) (Keys, error) {
	var keys Keys
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		secret, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(secret) != keyBytes {
			return nil, fmt.Errorf("keys: line %d: expected %d bytes in base64, as `openssl rand -base64 %d` prints them", n, keyBytes, keyBytes)
		}
		k, err := newKey(secret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 && lines.Err() == nil {
		return nil, errors.New("keys: there is none in the file")
	}
	return keys, lines.Err()
}

func newKey(secret []byte) (key, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCM(block)
	sum := sha256.Sum256(append([]byte("headwater key\n"), secret...))
	return key{hex.EncodeToString(sum[:4]), aead}, err
}

// Seal is text as it is to be kept at a place: the table and the row.
func (k Keys) Seal(ctx context.Context, place, text string) string {
	if len(k) == 0 {
		return text
	}
	first := k[0]
	nonce := clock.Bytes(ctx, first.aead.NonceSize())
	return mark + first.name + " " + base64.StdEncoding.EncodeToString(first.aead.Seal(nonce, nonce, []byte(text), []byte(place)))
}

// Open is the text of what is kept at a place; what was never sealed is the text itself.
// Errors: ErrLocked; or that it was changed, or belongs to another place.
func (k Keys) Open(place, kept string) (string, error) {
	rest, sealed := strings.CutPrefix(kept, mark)
	if !sealed {
		return kept, nil
	}
	name, text, _ := strings.Cut(rest, " ")
	for _, one := range k {
		if one.name != name {
			continue
		}
		b, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(b) < one.aead.NonceSize() {
			return "", fmt.Errorf("seal: what is kept at %s was changed", place)
		}
		plain, err := one.aead.Open(nil, b[:one.aead.NonceSize()], b[one.aead.NonceSize():], []byte(place))
		if err != nil {
			return "", fmt.Errorf("seal: what is kept at %s was changed, or belongs elsewhere", place)
		}
		return string(plain), nil
	}
	return "", ErrLocked
}

// Renew is what is kept at a place, sealed by the first key, and whether that changed anything: it never was sealed, or
// by another key. Errors as of Open.
func (k Keys) Renew(ctx context.Context, place, kept string) (now string, changed bool, err error) {
	if len(k) == 0 || strings.HasPrefix(kept, mark+k[0].name+" ") {
		return kept, false, nil
	}
	text, err := k.Open(place, kept)
	if err != nil {
		return kept, false, err
	}
	return k.Seal(ctx, place, text), true, nil
}
