package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/seal"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// sealKeys are keys made of single bytes, the one that seals first.
func sealKeys(t *testing.T, of ...byte) seal.Keys {
	t.Helper()
	var lines []string
	for _, b := range of {
		lines = append(lines, base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)))
	}
	keys, err := seal.Read(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestSealed: an installation that worked without keys is given some: what could be read in its database cannot any
// more, all that was signed verifies, codes work; under a new key the old one opens nothing.
func TestSealed(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLitePath, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sealedAt(t, at(t))
		})
	}
}

// opened runs f in an installation that is given keys.
func opened(t *testing.T, database string, keys seal.Keys, f func(a *app.App)) {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Database: database, Files: t.TempDir(), Relaxed: true, NoJobs: true, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	f(a)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func sealedAt(t *testing.T, database string) {
	var secret, head, receipt string
	var private []string
	opened(t, database, nil, func(a *app.App) {
		secret, receipt = withCodes(t, a)
		var err error
		if head, err = a.Ledger.Head(t.Context()); err != nil {
			t.Fatal(err)
		}
		if private, err = db.Strings(t.Context(), a.DB.Q(t.Context()), `SELECT private FROM ledger_key`); err != nil || len(private) != 1 {
			t.Fatalf("%v, %v", private, err)
		}
	})
	whole := func(a *app.App) {
		t.Helper()
		if _, err := a.Ledger.Sequence(t.Context()); err != nil {
			t.Error(err)
		}
		if r, err := a.Ledger.Verify(t.Context(), head); err != nil || !r.OK() {
			t.Errorf("the ledger: %+v, %v", r.Problems, err)
		}
		keys, err := a.Ledger.Keys(t.Context())
		if err != nil {
			t.Error(err)
		}
		if _, err := ledger.VerifyReceipt(receipt, keys); err != nil {
			t.Errorf("an old receipt: %v", err)
		}
	}
	for _, keys := range []seal.Keys{sealKeys(t, 1), sealKeys(t, 2, 1), sealKeys(t, 2)} {
		opened(t, database, keys, func(a *app.App) {
			if found := dbtest.Holding(t, a.DB, secret, private[0]); len(found) > 0 {
				t.Errorf("still to be read: %v", found)
			}
			if kept, err := db.Strings(t.Context(), a.DB.Q(t.Context()), `SELECT secret FROM account_totp`); err != nil || len(kept) != 1 {
				t.Errorf("%v, %v", kept, err)
			} else if got, err := keys.Open("account_totp "+accountOf(t, a), kept[0]); err != nil || got != secret {
				t.Errorf("the secret of codes is %q now, %v", got, err)
			}
			whole(a)
		})
	}
	for _, keys := range []seal.Keys{nil, sealKeys(t, 1)} {
		if _, err := app.Open(t.Context(), app.Config{Database: database, NoJobs: true, Keys: keys}); !errors.Is(err, seal.ErrLocked) {
			t.Errorf("without the key: %v", err)
		}
	}
	locked(t, database, head)
	opened(t, database, sealKeys(t, 3), whole)
}

// locked: without the key a ledger can be checked but not signed; where the key is lost, another one is begun.
func locked(t *testing.T, database, head string) {
	t.Helper()
	d, err := db.Open(t.Context(), database, db.Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	l, err := ledger.OpenSealed(t.Context(), d, "headwater-ledger", sealKeys(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := l.Verify(t.Context(), head); err != nil || !r.OK() || !l.Locked() {
		t.Errorf("without the key: locked %v, %+v, %v", l.Locked(), r.Problems, err)
	}
	if err := l.Rotate(t.Context()); !errors.Is(err, seal.ErrLocked) {
		t.Errorf("rotating without the key: %v", err)
	}
	if err := l.Replace(t.Context()); err != nil || l.Locked() {
		t.Errorf("after the key was lost: locked %v, %v", l.Locked(), err)
	}
}

// withCodes makes an account whose second factor is codes, and a receipt.
func withCodes(t *testing.T, a *app.App) (secret, receipt string) {
	t.Helper()
	ctx := t.Context()
	id, err := a.Accounts.Create(ctx, access.System, account.New{Email: "mira@people.example", Password: "tall grass and rain"})
	if err != nil {
		t.Fatal(err)
	}
	session, err := a.Accounts.SignIn(ctx, account.Try{Email: "mira@people.example", Password: "tall grass and rain"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Accounts.Resolve(ctx, session)
	if err != nil || s.Actor.Account != id {
		t.Fatalf("%+v, %v", s, err)
	}
	setup, err := a.Accounts.SetUpTOTP(ctx, s.Actor)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(setup.Secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Accounts.AddTOTP(ctx, s.Actor, s.ID, setup.Token, code); err != nil {
		t.Fatal(err)
	}
	err = work.Do(ctx, a.DB, func(ctx context.Context) error {
		entry, err := a.Ledger.Append(ctx, s.Actor, ledger.Entry{Act: "proposal.submit", Kind: "proposal", ID: "p"})
		if err != nil {
			return err
		}
		r, err := a.Ledger.Receipt(ctx, entry, strings.Repeat("0", 64), time.Now())
		receipt = r.Note
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return setup.Secret, receipt
}

func accountOf(t *testing.T, a *app.App) string {
	t.Helper()
	list, err := db.Strings(t.Context(), a.DB.Q(t.Context()), `SELECT account_id FROM account_totp`)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}
