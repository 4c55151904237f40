package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// Cost of a password hash: RFC 9106's second recommendation (64 MiB would be
// the first pass of a large server; 19 MiB, 2 passes is OWASP's least for argon2id).
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	threads = 1
	keySize = 32
)

// MinPassword is the least number of characters of a password.
const MinPassword = 10

// hashPassword returns the PHC string of a password.
func hashPassword(ctx context.Context, password string) string {
	salt := clock.Bytes(ctx, 16)
	key := argon2.IDKey([]byte(password), salt, passes, memory, threads, keySize)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// nobody is the hash that an unknown address is compared with, so that it takes as long.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// checkPassword reports whether password is the one of the PHC string, and
// whether it should be hashed again because the cost has changed.
func checkPassword(password, phc string) (ok, old bool) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false
	}
	var m, t uint32
	var p uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || t == 0 || p == 0 {
		return false, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false, false
	}
	got := argon2.IDKey([]byte(password), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, m != memory || t != passes || p != threads
}
