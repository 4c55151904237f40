package account_test

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// BenchmarkResolve is what every request of somebody signed in costs first.
func BenchmarkResolve(b *testing.B) {
	h := newHouse(b, dbtest.SQLite(b))
	a := h.person("mira", access.Grant{Role: access.Officer, Scope: access.Agency("arc")}, access.Grant{Role: access.Officer, Scope: access.Programme("ocean")})
	secret := h.signIn("mira@example.org")
	for b.Loop() {
		if s, err := h.Resolve(h.ctx, secret); err != nil || s.Actor.Account != a.Account {
			b.Fatal(s, err)
		}
	}
}
