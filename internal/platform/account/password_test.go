package account

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	phc, err := hashPassword(ctx, "caf\u00e9 and rain")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, password, phc string
		ok, old             bool
	}{
		{"the password", "caf\u00e9 and rain", phc, true, false},
		{"the same word typed as letter and accent", "cafe\u0301 and rain", phc, true, false},
		{"another", "cafe and rain", phc, false, false},
		{"an empty one", "", phc, false, false},
		{"nobody's", "x", nobody, false, false},
		{"a hash that is none", "x", "plain", false, false},
		{"a hash of no cost", "x", "$argon2id$v=19$m=0,t=0,p=0$AAAA$AAAA", false, false},
	} {
		ok, old, err := checkPassword(ctx, c.password, c.phc)
		if ok != c.ok || old != c.old || err != nil {
			t.Errorf("%s: %v, renew %v, %v; want %v, %v", c.what, ok, old, err, c.ok, c.old)
		}
	}
}

// TestRenewal: a hash of an older cost is accepted, and asks to be renewed.
func TestRenewal(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	older := cost{memory: 8 * 1024, passes: 1, lanes: 1}
	salt := clock.Bytes(ctx, 16)
	key, err := older.key(ctx, "tall grass and rain", salt)
	if err != nil {
		t.Fatal(err)
	}
	if ok, old, err := checkPassword(ctx, "tall grass and rain", older.phc(salt, key)); !ok || !old || err != nil {
		t.Errorf("an older hash: %v, renew %v, %v", ok, old, err)
	}
}
