package account_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

func TestThrottle(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		h.person("ravi")
		try := func(email, password, address string) error {
			_, err := h.SignIn(h.ctx, account.Try{Email: email, Password: password, Address: address})
			return err
		}
		// Many good sign-ins from one network address do no harm.
		for range 70 {
			h.must(try("ravi@example.org", password, "192.0.2.1"))
		}
		for range 10 {
			h.refused(try("mira@example.org", "wrong wrong wrong", "192.0.2.1"), fault.Invalid, "a wrong password")
		}
		h.refused(try("mira@example.org", password, "192.0.2.1"), fault.Unavailable, "the right password after ten wrong ones")
		h.must(try("mira@example.org", password, "198.51.100.9"))
		h.must(try("ravi@example.org", password, "192.0.2.1"))
		h.now.Advance(15 * time.Minute)
		h.must(try("mira@example.org", password, "192.0.2.1"))

		// One address that tries many accounts is stopped, whether they exist or not.
		h.now.Advance(15 * time.Minute)
		stopped := 0
		for i := range 70 {
			if fault.Is(try("nobody"+strings.Repeat("x", i)+"@example.org", "wrong wrong wrong", "203.0.113.5"), fault.Unavailable) {
				stopped++
			}
		}
		if stopped != 10 {
			h.t.Errorf("of 70 tries from one address %d were stopped, want 10", stopped)
		}
		// Neighbours in one IPv6 network count together.
		for range 10 {
			h.refused(try("mira@example.org", "wrong wrong wrong", "2001:db8:1:2::5"), fault.Invalid, "a wrong password")
		}
		h.refused(try("mira@example.org", password, "2001:db8:1:2:ffff::9"), fault.Unavailable, "a neighbour")
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		one, two := h.signIn("mira@example.org"), h.signIn("mira@example.org")
		h.now.Advance(time.Minute)
		three := h.signIn("mira@example.org")
		list, err := h.Sessions(h.ctx, a)
		h.must(err)
		if len(list) != 3 || list[0].ID != h.resolve(three).ID {
			h.t.Fatalf("sessions = %+v", list)
		}
		h.refused(h.EndSession(h.ctx, h.person("ravi"), list[0].ID), fault.NotFound, "another person's session")
		over := h.resolve(one).ID
		h.must(h.EndSession(h.ctx, a, over))
		h.refused(h.EndOtherSessions(h.ctx, a, over), fault.NotFound, "ending all sessions but one that is over")
		h.must(h.EndOtherSessions(h.ctx, a, h.resolve(three).ID))
		for secret, open := range map[string]bool{one: false, two: false, three: true} {
			if got := !h.resolve(secret).Actor.Public(); got != open {
				h.t.Errorf("session open = %v, want %v", got, open)
			}
		}
		h.must(h.ChangePassword(h.ctx, a, h.resolve(three).ID, password, "a new one, longer", ""))
		h.refused(h.ChangePassword(h.ctx, a, h.resolve(three).ID, password, "a new one, longer", ""), fault.Invalid, "the wrong present password")
		h.must(h.Disable(h.ctx, access.System, a.Account, "left"))
		if !h.resolve(three).Actor.Public() {
			h.t.Error("a disabled account goes on")
		}
		_, err = h.SignIn(h.ctx, account.Try{Email: "mira@example.org", Password: "a new one, longer"})
		h.refused(err, fault.Invalid, "signing in to a disabled account")
	})
}

// TestSessionHasALongestLife: use makes a session last, but not for ever.
func TestSessionHasALongestLife(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		secret := h.signIn("mira@example.org")
		for day := range 89 {
			h.now.Advance(24 * time.Hour)
			if h.resolve(secret).Actor.Public() {
				h.t.Fatalf("over on day %d", day+1)
			}
		}
		h.now.Advance(24 * time.Hour)
		if !h.resolve(secret).Actor.Public() {
			h.t.Error("a session lives longer than 90 days")
		}
		h.must(h.Sweep(h.ctx))
		var n int
		h.must(h.DB.Q(h.ctx).QueryRowContext(h.ctx, `SELECT count(*) FROM session`).Scan(&n))
		if n != 0 {
			h.t.Errorf("%d sessions are left after sweeping", n)
		}
	})
}

func TestElevation(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		secret := h.signIn("mira@example.org")
		h.now.Advance(30 * time.Minute)
		s := h.resolve(secret)
		if s.Actor.Elevated {
			h.t.Error("sealed texts open half an hour after the password")
		}
		h.refused(h.Confirm(h.ctx, s.Actor, s.ID, account.Proof{Password: "wrong wrong wrong"}, ""), fault.Invalid, "a wrong password")
		h.must(h.Confirm(h.ctx, s.Actor, s.ID, account.Proof{Password: password}, ""))
		if !h.resolve(secret).Actor.Elevated {
			h.t.Error("the password again does not open sealed texts")
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira", access.Grant{Role: access.Analyst, Scope: access.Agency("arc")})
		for _, bad := range []struct {
			name, scope string
			life        time.Duration
		}{{"", "read", time.Hour}, {"x", "own", time.Hour}, {"x", "read", 0}, {"x", "read", 400 * 24 * time.Hour}} {
			_, _, err := h.NewToken(h.ctx, a, bad.name, bad.scope, bad.life)
			h.refused(err, fault.Invalid, "a token that cannot be")
		}
		read, r, err := h.NewToken(h.ctx, a, "figures", account.ReadToken, 24*time.Hour)
		h.must(err)
		write, _, err := h.NewToken(h.ctx, a, "changes", account.WriteToken, 48*time.Hour)
		h.must(err)
		got, err := h.Bearer(h.ctx, read, false)
		h.must(err)
		if diff := cmp.Diff(a, got); diff != "" {
			h.t.Errorf("a token's actor (-want +got):\n%s", diff)
		}
		_, err = h.Bearer(h.ctx, read, true)
		h.refused(err, fault.NotAllowed, "writing with a token that reads")
		_, err = h.Bearer(h.ctx, write, true)
		h.must(err)
		_, err = h.Bearer(h.ctx, "hw_forged", false)
		h.refused(err, fault.SignIn, "a forged token")
		_, err = h.Bearer(h.ctx, h.signIn("mira@example.org"), false)
		h.refused(err, fault.SignIn, "a session's secret as token")
		h.refused(h.EndToken(h.ctx, h.person("ravi"), r.ID), fault.NotFound, "another person's token")
		h.must(h.EndToken(h.ctx, a, r.ID))
		_, err = h.Bearer(h.ctx, read, false)
		h.refused(err, fault.SignIn, "an ended token")
		h.now.Advance(48 * time.Hour)
		_, err = h.Bearer(h.ctx, write, false)
		h.refused(err, fault.SignIn, "a token whose time is over")
		var kept string
		h.must(h.DB.Q(h.ctx).QueryRowContext(h.ctx, `SELECT hash FROM api_token WHERE name = 'changes'`).Scan(&kept))
		if strings.Contains(kept, write) || len(kept) != 64 {
			h.t.Errorf("the database keeps %q", kept)
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		h.refused(h.SetSettings(h.ctx, a, account.Settings{Locale: "zh", Zone: "Nowhere/Land", Version: 1}), fault.Invalid, "a zone that is none")
		h.refused(h.SetSettings(h.ctx, a, account.Settings{Locale: "xx", Zone: "UTC", Version: 1}), fault.Invalid, "a language that is none")
		h.refused(h.SetSettings(h.ctx, a, account.Settings{Locale: "zh", Zone: "UTC", Agency: "none", Version: 1}), fault.Invalid, "an agency that is none")
		h.must(h.SetSettings(h.ctx, a, account.Settings{Locale: "zh", Zone: "Asia/Shanghai", Version: 1}))
		h.refused(h.SetSettings(h.ctx, a, account.Settings{Locale: "en", Zone: "UTC", Version: 1}), fault.Conflict, "saving on an old version")
		s := h.resolve(h.signIn("mira@example.org"))
		if s.Locale != lang.Chinese || s.Zone.String() != "Asia/Shanghai" {
			h.t.Errorf("session = %+v", s)
		}
	})
}

// TestReadWhereNothingIsWritten: while the database takes no writes, a session and a token open what they did, though it cannot be
// noted that they are in use.
func TestReadWhereNothingIsWritten(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a, session := h.person("mira"), h.signIn("mira@example.org")
		token, _, err := h.NewToken(h.ctx, a, "a script", account.ReadToken, 24*time.Hour)
		h.must(err)
		if h.DB.Dialect == db.SQLite {
			_, err = h.DB.SQL().ExecContext(h.ctx, `PRAGMA query_only = 1`)
		} else {
			_, err = h.DB.SQL().ExecContext(h.ctx, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`)
			h.DB.Pool.Reset()
		}
		h.must(err)
		h.now.Advance(2 * time.Hour)
		if got := h.resolve(session).Actor; got.Account != a.Account {
			h.t.Errorf("the session stands for %q", got.Account)
		}
		if got, err := h.Bearer(h.ctx, token, false); err != nil || got.Account != a.Account {
			h.t.Errorf("the token stands for %q, %v", got.Account, err)
		}
	})
}

func TestConsents(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		h.refused(h.SetConsents(h.ctx, a, []string{"everything"}), fault.Invalid, "an unknown purpose")
		agrees := func(purpose string) bool {
			list, err := h.Consents(h.ctx, a)
			h.must(err)
			return slices.ContainsFunc(list, func(c account.Consent) bool { return c.Purpose == purpose && c.Given })
		}
		h.must(h.SetConsents(h.ctx, a, []string{"calls", "study"}))
		h.must(h.SetConsents(h.ctx, a, []string{"study"}))
		h.must(h.SetConsents(h.ctx, a, []string{"study", "review"}))
		if agrees("calls") || !agrees("study") || !agrees("review") {
			h.t.Errorf("calls %v, study %v, review %v", agrees("calls"), agrees("study"), agrees("review"))
		}
		entries, err := h.Ledger.Of(h.ctx, "account", a.Account)
		h.must(err)
		n := 0
		for _, e := range entries {
			if strings.HasPrefix(e.Act, "account.consent") {
				n++
			}
		}
		if n != 4 {
			h.t.Errorf("%d consents in the ledger, want 4: only what changes", n)
		}
	})
}
