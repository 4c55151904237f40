package browser_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// words are a password that people of the demonstration set in these walks.
const words = "tall grass and rain"

// named is the site under the name of this machine: a passkey belongs to a name, not to a number.
func (s *site) named() *site {
	at := *s
	at.url = strings.Replace(s.url, "127.0.0.1", "localhost", 1)
	return &at
}

// setPassword gives an invented person a password, so that they have to confirm who they are.
func (w *window) setPassword() {
	w.t.Helper()
	w.open("/account")
	w.fill(map[string]string{"password": words})
	w.press("form[action='/account/password'] button", http.StatusOK)
	w.says("account.password.changed")
}

func (w *window) signOut() {
	w.t.Helper()
	w.open("/sign-out")
	w.press("main form .btn.main", http.StatusOK)
}

// code is what a program for codes shows now.
func (s *site) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, s.now.Source().Now())
	must(t, err)
	return code
}

// TestCodesWalk sets codes up, signs in with one and with a recovery code, and confirms with
// one; in each language, with and without script.
func TestCodesWalk(t *testing.T) {
	t.Parallel()
	for _, locale := range lang.Locales {
		for _, script := range []bool{true, false} {
			if !all && script != (locale == lang.English) {
				continue
			}
			t.Run(fmt.Sprintf("%s,script=%v", locale, script), func(t *testing.T) {
				t.Parallel()
				s := start(t)
				w := s.window(t, locale, script)
				w.signIn("Ravi Solberg")
				w.setPassword()
				w.open("/account/second")
				w.audit()
				w.press("form[action='/account/second/codes'] button", http.StatusOK)
				w.audit()
				secret := strings.ReplaceAll(w.text(".hash code"), " ", "")
				w.fill(map[string]string{"code": "000000"})
				w.press("main form .btn.main", http.StatusUnprocessableEntity)
				w.has("[name=code][aria-invalid=true]")
				w.audit()
				w.fill(map[string]string{"code": s.code(t, secret)})
				w.press("main form .btn.main", http.StatusOK)
				w.audit()
				recovery := strings.Split(w.text(".recovery code"), " | ")
				w.signOut()

				signIn := func(code string) {
					w.open("/sign-in?next=/account/sessions")
					w.fill(map[string]string{"email": "teammate@demo.example", "password": words})
					w.press("form[action='/sign-in'] .btn.main", http.StatusOK)
					w.says("account.second.ask")
					w.fill(map[string]string{"code": code})
				}
				s.now.Advance(time.Minute)
				w.open("/sign-in")
				w.audit()
				signIn("1")
				w.press("form[action='/sign-in/second'] .btn.main", http.StatusUnprocessableEntity)
				w.audit()
				w.fill(map[string]string{"code": s.code(t, secret)})
				w.press("form[action='/sign-in/second'] .btn.main", http.StatusOK)
				if at := w.path(); at != "/account/sessions" {
					t.Errorf("signed in, and sent to %s", at)
				}
				w.signOut()
				signIn(recovery[4])
				w.press("form[action='/sign-in/second'] .btn.main", http.StatusOK)

				s.now.Advance(31 * time.Minute)
				w.open("/account/second")
				w.says("account.confirm.title")
				w.audit()
				w.fill(map[string]string{"confirm_code": s.code(t, secret)})
				w.press("form.slip .btn.main", http.StatusOK)
				w.reads(lang.T(locale, "account.recovery.left", 9))
				w.audit()
			})
		}
	}
}

// TestPasskeyWalk adds a passkey, signs in with it alone, and confirms with it: Chromium's
// virtual authenticator makes and keeps the keys. By a number instead of a name, and without
// script, people are told why it cannot be.
func TestPasskeyWalk(t *testing.T) {
	t.Parallel()
	for _, locale := range lang.Locales {
		if !all && locale != lang.English {
			continue
		}
		t.Run(string(locale), func(t *testing.T) {
			t.Parallel()
			s := start(t)
			w := s.named().window(t, locale, true)
			call(w, webauthn.Enable, webauthn.EnableParams{})
			call(w, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
				Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
			w.signIn("Mira Castellan")
			w.setPassword()
			w.open("/account/second")
			w.audit()
			w.fill(map[string]string{"name": "My key"})
			w.press("form[data-passkey=create] .btn.main", http.StatusOK)
			w.says("account.recovery.once")
			w.audit()
			w.open("/account/second")
			w.reads("My key")
			w.audit()
			w.signOut()

			w.open("/sign-in?next=/account/second")
			w.audit()
			w.press("form[data-passkey=get] .btn", http.StatusOK)
			if at := w.path(); at != "/account/second" {
				t.Errorf("signed in with the passkey, and sent to %s: %s", at, w.text("h1, [role=alert]"))
			}
			s.now.Advance(31 * time.Minute)
			w.open("/account/second")
			w.says("account.confirm.title")
			w.audit()
			w.press("form[data-passkey=get] .btn", http.StatusOK)
			w.reads("My key")
			w.signOut()
			w.open("/sign-in")
			w.fill(map[string]string{"email": "applicant@demo.example", "password": words})
			w.press("form[action='/sign-in'] .btn.main", http.StatusOK)
			w.says("account.second.ask")
			w.audit()
			w.press("form[data-passkey=get] .btn", http.StatusOK)
			if at := w.path(); at != "/home" {
				t.Errorf("the passkey as second factor led to %s", at)
			}

			number := s.window(t, locale, true)
			number.open("/sign-in")
			must(t, chromedp.Do(number.ctx, chromedp.Click(chromedp.CSS("form[data-passkey=get] .btn"))))
			number.until("!document.querySelector('[data-passkey-said]').hidden")
			number.says("account.passkey.host")
			number.heard() // the console names the status of the refusal
			number.audit()
			plain := s.named().window(t, locale, false)
			plain.open("/sign-in")
			plain.says("account.passkey.script")
			plain.press("form[data-passkey=get] .btn", http.StatusUnprocessableEntity)
			plain.says("account.passkey.script")
			plain.audit()
		})
	}
}
