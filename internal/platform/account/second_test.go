package account_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// codeAt is the code of a secret at an instant, by the text of RFC 6238 and RFC 4226
// (section 5.3) and nothing else.
func codeAt(secret []byte, at time.Time, digits int) string {
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	m := hmac.New(sha1.New, secret)
	m.Write(step[:])
	sum := m.Sum(nil)
	from := sum[len(sum)-1] & 0xf
	n := uint64(binary.BigEndian.Uint32(sum[from:]) & 0x7fffffff)
	power := uint64(1)
	for range digits {
		power *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%power)
}

// TestCodesAreThoseOfTheRFC checks the codes of these tests against appendix B of RFC 6238.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"} {
		if got := codeAt([]byte("12345678901234567890"), time.Unix(at, 0), 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

// phone is a program that makes codes.
type phone struct {
	h      *house
	secret []byte
}

func (p phone) code() string { return codeAt(p.secret, p.h.now.Source().Now(), 6) }

// withCodes sets codes up for an account in a session of its own.
func (h *house) withCodes(email string) (p phone, session string, recovery []string) {
	h.t.Helper()
	session = h.signIn(email)
	s := h.resolve(session)
	setup, err := h.SetUpTOTP(h.ctx, s.Actor)
	h.must(err)
	p.h = h
	p.secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(setup.Secret)
	h.must(err)
	_, err = h.AddTOTP(h.ctx, s.Actor, s.ID, setup.Token, "000000")
	h.refused(err, fault.Invalid, "a first code that is wrong")
	recovery, err = h.AddTOTP(h.ctx, s.Actor, s.ID, setup.Token, p.code())
	h.must(err)
	_, err = h.AddTOTP(h.ctx, s.Actor, s.ID, setup.Token, p.code())
	h.refused(err, fault.NotFound, "setting up twice")
	return p, session, recovery
}

func (h *house) half(secret string) {
	h.t.Helper()
	if !h.resolve(secret).Actor.Public() {
		h.t.Error("the password alone stands for the person")
	}
	if _, err := h.Half(h.ctx, secret); err != nil {
		h.t.Errorf("nothing waits for a second factor: %v", err)
	}
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		other := h.signIn("mira@example.org")
		phone, session, recovery := h.withCodes("mira@example.org")
		if !h.resolve(other).Actor.Public() || !h.resolve(session).Actor.Second || len(recovery) != 10 {
			h.t.Errorf("after setting up: other session open %v, this one with a second factor %v, %d recovery codes", !h.resolve(other).Actor.Public(), h.resolve(session).Actor.Second, len(recovery))
		}
		if last := h.mails[len(h.mails)-1]; last.Kind != "account.mail.factor.added" || last.Email != "mira@example.org" {
			h.t.Errorf("the owner is told %+v", last)
		}

		used := phone.code()
		waits := h.signIn("mira@example.org")
		h.half(waits)
		if list, err := h.Sessions(h.ctx, a); err != nil || len(list) != 1 {
			h.t.Errorf("a half-open session is listed: %+v, %v", list, err)
		}
		_, err := h.Second(h.ctx, waits, used, "")
		h.refused(err, fault.Invalid, "a code that was used")
		h.now.Advance(30 * time.Second)
		whole, err := h.Second(h.ctx, waits, phone.code()[:3]+" "+phone.code()[3:], "")
		h.must(err)
		if s := h.resolve(whole); s.Actor.Account != a.Account || !s.Actor.Second || !s.Actor.Elevated {
			h.t.Errorf("signed in as %+v", s.Actor)
		}
		_, err = h.Second(h.ctx, waits, phone.code(), "")
		h.refused(err, fault.NotFound, "a sign-in that was finished")
		h.half(h.signIn("mira@example.org"))

		h.now.Advance(30 * time.Second)
		for at, ok := range map[time.Duration]bool{-2 * 30 * time.Second: false, -30 * time.Second: false, 2 * 30 * time.Second: false, 30 * time.Second: true} { // the step before was used up by now
			_, err := h.Second(h.ctx, h.signIn("mira@example.org"), codeAt(phone.secret, h.now.Source().Now().Add(at), 6), "")
			if (err == nil) != ok && at != -30*time.Second {
				h.t.Errorf("a code of %s from now: %v", at, err)
			}
		}

		// Each recovery code works once, however it is typed.
		for _, typed := range []string{recovery[0], strings.ToUpper(recovery[1]), strings.ReplaceAll(recovery[2], "-", " ")} {
			_, err = h.Second(h.ctx, h.signIn("mira@example.org"), typed, "")
			h.must(err)
			_, err = h.Second(h.ctx, h.signIn("mira@example.org"), typed, "")
			h.refused(err, fault.Invalid, "a recovery code that was used")
		}
		if ways, err := h.Ways(h.ctx, a.Account); err != nil || ways != (account.Ways{TOTP: true, Recovery: 7}) {
			h.t.Errorf("ways = %+v, %v", ways, err)
		}
		fresh, err := h.RenewRecovery(h.ctx, a)
		h.must(err)
		_, err = h.Second(h.ctx, h.signIn("mira@example.org"), recovery[5], "")
		h.refused(err, fault.Invalid, "a recovery code of the old list")
		_, err = h.Second(h.ctx, h.signIn("mira@example.org"), fresh[5], "")
		h.must(err)

		// A new password by mail does not go around it.
		h.must(h.Recover(h.ctx, "mira@example.org", ""))
		after, err := h.Reset(h.ctx, h.link(), "new and much longer", "")
		h.must(err)
		h.half(after)
		h.now.Advance(10 * time.Minute)
		_, err = h.Half(h.ctx, after)
		h.refused(err, fault.NotFound, "a sign-in that waited for ten minutes")

		h.must(h.RemoveTOTP(h.ctx, a))
		h.refused(h.RemoveTOTP(h.ctx, a), fault.NotFound, "removing codes twice")
		if ways, err := h.Ways(h.ctx, a.Account); err != nil || ways != (account.Ways{}) {
			h.t.Errorf("after removing: %+v, %v", ways, err)
		}
		_, err = h.RenewRecovery(h.ctx, a)
		h.refused(err, fault.Conflict, "recovery codes for nothing")
	})
}

// TestSecondFactorIsThrottled: ten wrong codes from one address, and the right one is not
// taken there for a quarter of an hour; elsewhere it is.
func TestSecondFactorIsThrottled(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		phone, _, _ := h.withCodes("mira@example.org")
		h.now.Advance(time.Minute)
		waits := h.signIn("mira@example.org")
		for range 10 {
			_, err := h.Second(h.ctx, waits, "000000", "192.0.2.1")
			h.refused(err, fault.Invalid, "a wrong code")
		}
		_, err := h.Second(h.ctx, waits, phone.code(), "192.0.2.1")
		h.refused(err, fault.Unavailable, "the right code after ten wrong ones")
		_, err = h.Second(h.ctx, waits, phone.code(), "198.51.100.9")
		h.must(err)
	})
}

// TestACodeIsTakenOnceAtOnce: of several who show the same code at the same moment, one is let in.
func TestACodeIsTakenOnceAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		phone, _, recovery := h.withCodes("mira@example.org")
		h.now.Advance(time.Minute)
		for _, code := range []string{phone.code(), recovery[0]} {
			var waits []string
			for range 6 {
				waits = append(waits, h.signIn("mira@example.org"))
			}
			var in atomic.Int64
			var group sync.WaitGroup
			for _, w := range waits {
				group.Go(func() {
					if _, err := h.Second(h.ctx, w, code, ""); err == nil {
						in.Add(1)
					}
				})
			}
			group.Wait()
			if in.Load() != 1 {
				h.t.Errorf("%q let %d in", code, in.Load())
			}
		}
	})
}

// TestConfirming: who has a second factor confirms with it, not with the password.
func TestConfirming(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		phone, session, _ := h.withCodes("mira@example.org")
		h.now.Advance(31 * time.Minute)
		s := h.resolve(session)
		if s.Actor.Elevated {
			h.t.Fatal("confirmed half an hour ago, and still")
		}
		h.refused(h.Confirm(h.ctx, s.Actor, s.ID, account.Proof{Password: password}, ""), fault.Invalid, "the password of who has a second factor")
		h.must(h.Confirm(h.ctx, s.Actor, s.ID, account.Proof{Code: phone.code()}, ""))
		if !h.resolve(session).Actor.Elevated {
			h.t.Error("a code does not confirm")
		}
		h.now.Advance(30 * time.Minute)
		if h.resolve(session).Actor.Elevated {
			h.t.Error("it holds for more than half an hour")
		}
		ravi := h.person("ravi")
		theirs := h.resolve(h.signIn("ravi@example.org"))
		h.now.Advance(31 * time.Minute)
		h.must(h.Confirm(h.ctx, ravi, s.ID, account.Proof{Password: password}, "")) // which is not a session of theirs
		if h.resolve(session).Actor.Elevated {
			h.t.Error("somebody else confirms a session")
		}
		h.must(h.Confirm(h.ctx, ravi, theirs.ID, account.Proof{Password: password}, ""))
	})
}

// TestRolesSleepWithoutASecondFactor: a role that needs one holds neither in a session nor
// by a token that has not shown it, and in those that have.
func TestRolesSleepWithoutASecondFactor(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.SecondFactor = []access.Role{access.Officer, access.Admin}
		a := h.person("mira", access.Grant{Role: access.Officer, Scope: access.Agency("arc")}, access.Grant{Role: access.Analyst, Scope: access.Agency("arc")})
		s := h.resolve(h.signIn("mira@example.org"))
		if s.Actor.HasAny(access.Officer) || !s.Actor.HasAny(access.Analyst) || !slices.Equal(s.Actor.Asleep, []access.Role{access.Officer}) {
			h.t.Errorf("without a second factor: %+v, asleep %v", s.Actor.Grants, s.Actor.Asleep)
		}
		bare, _, err := h.NewToken(h.ctx, s.Actor, "bare", account.WriteToken, time.Hour)
		h.must(err)
		_, session, _ := h.withCodes("mira@example.org")
		s = h.resolve(session)
		if !s.Actor.HasAny(access.Officer) || s.Actor.Asleep != nil {
			h.t.Errorf("with a second factor: %+v, asleep %v", s.Actor.Grants, s.Actor.Asleep)
		}
		full, _, err := h.NewToken(h.ctx, s.Actor, "full", account.WriteToken, time.Hour)
		h.must(err)
		for token, holds := range map[string]bool{bare: false, full: true} {
			b, err := h.Bearer(h.ctx, token, true)
			h.must(err)
			if b.Account != a.Account || b.HasAny(access.Officer) != holds {
				h.t.Errorf("a token made with a second factor %v: officer %v", holds, b.HasAny(access.Officer))
			}
		}
	})
}

// TestSigningToken: a token that may do what takes confirming is made by who has confirmed,
// for a day at most; no other token counts as confirmed.
func TestSigningToken(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		_, _, err := h.NewToken(h.ctx, a, "sign", account.SignToken, time.Hour)
		h.refused(err, fault.Invalid, "made by who has not confirmed")
		s := h.resolve(h.signIn("mira@example.org"))
		_, _, err = h.NewToken(h.ctx, s.Actor, "sign", account.SignToken, 25*time.Hour)
		h.refused(err, fault.Invalid, "for more than a day")
		for _, scope := range []string{account.ReadToken, account.WriteToken, account.SignToken} {
			token, _, err := h.NewToken(h.ctx, s.Actor, scope, scope, 24*time.Hour)
			h.must(err)
			b, err := h.Bearer(h.ctx, token, scope != account.ReadToken)
			h.must(err)
			if b.Elevated != (scope == account.SignToken) {
				h.t.Errorf("a token that may %s: confirmed %v", scope, b.Elevated)
			}
		}
	})
}
