package account_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// setUp sets codes up on the pages and returns the secret.
func (b *browser) setUp() (secret string, recovery []string) {
	b.s.t.Helper()
	page := b.post("/account/second/codes")
	b.s.want("setting codes up", page, http.StatusOK, "data:image/png;base64,", `autocomplete="one-time-code"`)
	secret = strings.ReplaceAll(regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`).FindStringSubmatch(page.body)[1], " ", "")
	setup := regexp.MustCompile(`name="setup" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	b.s.want("a wrong first code", b.post("/account/second/codes/add", "setup", setup, "code", "123"), http.StatusUnprocessableEntity, `href="#code"`, setup, "data:image/png")
	page = b.post("/account/second/codes/add", "setup", setup, "code", b.s.code(secret))
	b.s.want("the first code", page, http.StatusOK, "shown this once")
	for _, m := range regexp.MustCompile(`<code>([a-z2-7-]{19})</code>`).FindAllStringSubmatch(page.body, -1) {
		recovery = append(recovery, m[1])
	}
	if len(recovery) != 10 {
		b.s.t.Fatalf("%d recovery codes in %s", len(recovery), page.body)
	}
	return secret, recovery
}

func (s *site) code(secret string) string {
	s.t.Helper()
	code, err := totp.GenerateCode(secret, s.now.Source().Now())
	s.must(err)
	return code
}

func TestSecondFactorOnPages(t *testing.T) {
	t.Parallel()
	each(t, func(s *site) {
		s.account("mira")
		b := s.browser()
		b.signIn("mira")
		s.want("without", b.get("/account/second"), http.StatusOK, "Not in use", "Passkeys need JavaScript")
		secret, recovery := b.setUp()
		s.want("with", b.get("/account/second"), http.StatusOK, "In use", "10 of them are left")

		s.now.Advance(time.Minute)
		other := s.browser()
		page := other.post("/sign-in", "email", "mira@example.org", "password", password, "next", "/account/tokens")
		s.want("the password", page, http.StatusSeeOther, "/sign-in/second?next=%2Faccount%2Ftokens")
		s.want("the account now", other.get("/account"), http.StatusSeeOther, "/sign-in")
		s.want("the question", other.get(page.to), http.StatusOK, `value="/account/tokens"`, "one-time-code")
		s.want("a wrong code", other.post("/sign-in/second", "code", "1", "next", "/account/tokens"), http.StatusUnprocessableEntity, `href="#code"`, `value="/account/tokens"`)
		s.want("elsewhere", other.post("/sign-in/second", "code", s.code(secret), "next", "https://elsewhere.example/"), http.StatusSeeOther, "/home")
		s.want("signed in", other.get("/account"), http.StatusOK, "Mira Alder")
		last := s.browser()
		last.post("/sign-in", "email", "mira@example.org", "password", password)
		s.want("a recovery code", last.post("/sign-in/second", "code", recovery[3], "next", "/account/second"), http.StatusSeeOther, "/account/second")
		s.want("what is left", last.get("/account/second"), http.StatusOK, "9 of them are left")
		s.want("nothing waits", s.browser().get("/sign-in/second"), http.StatusSeeOther, "/sign-in")
		s.want("nothing waits, with a code", s.browser().post("/sign-in/second", "code", "1"), http.StatusSeeOther, "/sign-in")
		s.want("a passkey without script", s.browser().post("/sign-in/passkey"), http.StatusUnprocessableEntity, "Passkeys need JavaScript")
		s.want("a forged passkey", s.browser().post("/sign-in/passkey", "state", "x", "response", "{}"), http.StatusUnprocessableEntity, "not known here")
		s.want("doing without", last.post("/account/second/codes/end"), http.StatusSeeOther, "/account/second")
	})
}

// TestFreshHoldsForms: half an hour after signing in, what takes confirming asks who one is;
// the form that was sent is held and goes on with the proof, and without it nothing is done.
func TestFreshHoldsForms(t *testing.T) {
	t.Parallel()
	s := open(t, dbtest.SQLitePath(t), false)
	s.account("mira")
	b := s.browser()
	b.signIn("mira")
	s.now.Advance(31 * time.Minute)
	s.want("a page", b.get("/account/second?x=1"), http.StatusSeeOther, "/account/confirm?next=%2Faccount%2Fsecond%3Fx%3D1")
	s.want("its question", b.get("/account/confirm?next=%2Faccount%2Fsecond"), http.StatusOK, `name="confirm_password"`, `value="/account/second"`)
	form := []string{"name", `"kiln seven" & more`, "scope", "read", "days", "30"}
	page := b.post("/account/tokens", form...)
	s.want("a form", page, http.StatusOK, `action="/account/tokens"`, `name="confirm_password"`, `value="&#34;kiln seven&#34; &amp; more"`)
	for _, wrong := range []string{"", "wrong wrong wrong"} {
		page = b.post("/account/tokens", append(form, "confirm_sent", "yes", "confirm_password", wrong)...)
		s.want("a wrong password", page, http.StatusUnprocessableEntity, "not your password", `value="&#34;kiln seven&#34; &amp; more"`)
	}
	if strings.Contains(page.body, "hw_") || strings.Contains(b.get("/account/tokens").body, "kiln seven") {
		t.Error("a token was made without the proof")
	}
	s.want("with the proof", b.post("/account/tokens", append(form, "confirm_sent", "yes", "confirm_password", password)...), http.StatusOK, "hw_", "kiln seven")
	s.want("and for half an hour", b.get("/account/second"), http.StatusOK)
	s.now.Advance(31 * time.Minute)
	s.want("by the page of its own", b.post("/account/confirm", "next", "/account/second", "confirm_password", password), http.StatusSeeOther, "/account/second")
	s.want("then", b.get("/account/second"), http.StatusOK)
}

// TestSleepingRole: the role is not there, its person is told what to do, and it holds after.
func TestSleepingRole(t *testing.T) {
	t.Parallel()
	s := open(t, dbtest.SQLitePath(t), false)
	s.Accounts.SecondFactor = []access.Role{access.Admin}
	s.account("ada", access.Grant{Role: access.Admin, Scope: access.Platform()})
	b := s.browser()
	b.signIn("ada")
	s.want("the admins' page", b.get("/admin/roles"), http.StatusForbidden)
	s.want("what waits", b.get("/home"), http.StatusOK, "Set up a second factor", "Administrator")
	s.want("why", b.get("/account/second"), http.StatusOK, "Roles of yours wait")
	b.setUp()
	s.want("the admins' page after", b.get("/admin/roles"), http.StatusOK)
}

// TestWithoutSecondFactorNothingIsTold: for an address with a second factor and one without
// an account, a wrong password is answered alike, to the byte.
func TestWithoutSecondFactorNothingIsTold(t *testing.T) {
	t.Parallel()
	var said [2]string
	for i, email := range []string{"mira@example.org", "miro@example.org"} {
		s := open(t, dbtest.SQLitePath(t), false)
		s.account("mira")
		b := s.browser()
		b.signIn("mira")
		b.setUp()
		a := s.browser().post("/sign-in", "email", email, "password", "not the password")
		said[i] = fmt.Sprintln(a.status, a.header, strings.ReplaceAll(a.body, "miro", "mira"))
	}
	if said[0] != said[1] {
		t.Errorf("told apart:\n%s\n%s", said[0], said[1])
	}
}
