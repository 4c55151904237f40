package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// cost is what a password hash takes.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// today is the cost of new hashes: OWASP's least for argon2id (19 MiB, 2 passes).
// A hash of another cost goes on being accepted and is renewed at the next sign-in.
var today = cost{memory: 19 * 1024, passes: 2, lanes: 1}

// Bounds of a password, in characters. The upper one bounds the work.
const (
	MinPassword = 10
	maxPassword = 256
)

// hashing bounds how many hashes are computed at once, so that a rush of
// sign-ins takes time rather than memory.
var hashing = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

func (c cost) key(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// NFC as in RFC 8265: the same word typed on two systems is the same password.
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.passes, c.memory, c.lanes, 32), nil
}

// phc writes a hash as a PHC string.
func (c cost) phc(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// hashPassword returns the PHC string of a password.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := clock.Bytes(ctx, 16)
	key, err := today.key(ctx, password, salt)
	return today.phc(salt, key), err
}

// nobody is the hash that an unknown address is compared with, so that it takes as long.
var nobody = today.phc(make([]byte, 16), make([]byte, 32))

// checkPassword reports whether password is the one of the PHC string, and
// whether it should be hashed again because the cost has changed.
func checkPassword(ctx context.Context, password, phc string) (ok, old bool, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false, nil
	}
	var c cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || c.passes == 0 || c.lanes == 0 {
		return false, false, nil
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) != 32 {
		return false, false, nil
	}
	got, err := c.key(ctx, password, salt)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1, c != today, err
}

// refusePassword says what is wrong with a new password for the address, nil if nothing.
func refusePassword(field, password, email string) *fault.Error {
	n := len([]rune(password))
	switch {
	case n < MinPassword:
		return fault.Field(field, "account.password.short", MinPassword)
	case n > maxPassword:
		return fault.Field(field, "fault.long", n-maxPassword)
	case email != "" && strings.EqualFold(strings.TrimSpace(password), normal(email)):
		return fault.Field(field, "account.password.address")
	}
	return nil
}
