package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 1)
		ctx := clock.With(t.Context(), now.Source())
		l, err := ledger.Open(ctx, d, "test")
		if err != nil {
			t.Fatal(err)
		}
		s := &account.Service{DB: d, Ledger: l}
		id, err := s.Create(ctx, access.System, account.New{Email: "Mira@Example.org", Password: "a long password"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Grant(ctx, access.System, id, access.Grant{Role: access.Officer, Scope: access.Agency("arc")}, now.Source().Now().Add(48*time.Hour)); err != nil {
			t.Fatal(err)
		}
		secret, err := s.SignIn(ctx, account.Try{Email: "mira@example.org ", Password: "a long password", Agent: "a browser"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Resolve(ctx, secret)
		want := access.Actor{Account: id, Name: "mira@example.org", Elevated: true, Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}
		if diff := cmp.Diff(want, got.Actor); diff != "" || err != nil {
			t.Errorf("actor (-want +got), %v:\n%s", err, diff)
		}
		now.Advance(72 * time.Hour)
		if got, err := s.Resolve(ctx, secret); err != nil || len(got.Actor.Grants) != 0 || got.Actor.Account != id {
			t.Errorf("after the role ended: %+v, %v", got.Actor, err)
		}
		now.Advance(13 * 24 * time.Hour)
		if got, err := s.Resolve(ctx, secret); err != nil || got.Actor.Account != id {
			t.Errorf("a session in use does not end: %+v, %v", got.Actor, err)
		}
		now.Advance(15 * 24 * time.Hour)
		if got, err := s.Resolve(ctx, secret); err != nil || !got.Actor.Public() {
			t.Errorf("a session out of use goes on: %+v, %v", got.Actor, err)
		}
		if got, err := s.Resolve(ctx, "forged"); err != nil || !got.Actor.Public() {
			t.Errorf("a forged secret: %+v, %v", got.Actor, err)
		}
		if _, err := s.SignInAs(ctx, id, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("one-click sign-in outside a demonstration: %v, want not found", err)
		}
	})
}

// TestUnknownAndWrongAreTheSame keeps addresses from being tried out.
func TestUnknownAndWrongAreTheSame(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l, err := ledger.Open(ctx, d, "test")
		if err != nil {
			t.Fatal(err)
		}
		s := &account.Service{DB: d, Ledger: l}
		if _, err := s.Create(ctx, access.System, account.New{Email: "mira@example.org", Password: "a long password"}); err != nil {
			t.Fatal(err)
		}
		var answers [2][]string
		for i, email := range []string{"mira@example.org", "nobody@example.org"} {
			for range 12 {
				_, err := s.SignIn(ctx, account.Try{Email: email, Password: "wrong"})
				answers[i] = append(answers[i], err.Error())
			}
		}
		if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
			t.Errorf("known and unknown address are told apart:\n%s", diff)
		}
		if !strings.Contains(answers[0][11], "Too many") {
			t.Errorf("the twelfth try: %s", answers[0][11])
		}
	})
}

func TestOnlyAdminsCreate(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	s := &account.Service{DB: d}
	for _, a := range []access.Actor{{}, {Account: "x", Grants: []access.Grant{{Role: access.Officer, Scope: access.Platform()}}}} {
		if _, err := s.Create(t.Context(), a, account.New{Email: "a@b.org"}); err == nil {
			t.Errorf("%+v made an account", a)
		}
	}
}
