package web

import (
	"github.com/headwater-platform/headwater/internal/web/account"
	"github.com/headwater-platform/headwater/internal/web/home"
)

// Pages are the rooms' pages; internal/app fills them in.
type Pages struct {
	Home    *home.Pages
	Account *account.Pages
}

// Routes lists every page with who may use it. A test walks it: a route that
// the matrix in testdata/access.yaml does not name fails.
func (s *Server) Routes() []Route {
	return []Route{
		// home
		{"GET /{$}", Anyone, s.Home.Front},
		{"GET /home", SignedIn, s.Home.Mine},
		// account
		{"GET /sign-in", Anyone, s.Account.SignInForm},
		{"POST /sign-in", Anyone, s.Account.SignIn},
		{"GET /sign-in/with/{provider}", Anyone, s.Account.With},
		{"GET /sign-in/back/{provider}", Anyone, s.Account.Back},
		{"GET /sign-in/join", Anyone, s.Account.JoinForm},
		{"POST /sign-in/join", Anyone, s.Account.Join},
		{"GET /sign-up", Anyone, s.Account.SignUpForm},
		{"POST /sign-up", Anyone, s.Account.SignUp},
		{"GET /sign-out", Anyone, s.Account.SignOutForm},
		{"POST /sign-out", Anyone, s.Account.SignOut},
		{"GET /recover", Anyone, s.Account.RecoverForm},
		{"POST /recover", Anyone, s.Account.Recover},
		{"GET /mailed", Anyone, s.Account.Mailed},
		{"GET /links/{secret}", Anyone, s.Account.Link},
		{"POST /links/{secret}", Anyone, s.Account.UseLink},
		{"GET /demo", DemoOnly, s.Account.DemoPeople},
		{"POST /demo/{account}", DemoOnly, s.Account.DemoAs},
		{"GET /account", SignedIn, s.Account.Own},
		{"POST /account/settings", SignedIn, s.Account.Settings},
		{"POST /account/password", SignedIn, s.Account.Password},
		{"POST /account/email", SignedIn, s.Account.Email},
		{"POST /account/identities/{id}/end", SignedIn, s.Account.RemoveIdentity},
		{"GET /account/confirm", SignedIn, s.Account.ConfirmForm},
		{"POST /account/confirm", SignedIn, s.Account.Confirm},
		{"GET /account/consents", SignedIn, s.Account.Consents},
		{"POST /account/consents", SignedIn, s.Account.SetConsents},
		{"GET /account/sessions", SignedIn, s.Account.Sessions},
		{"POST /account/sessions/end", SignedIn, s.Account.EndOtherSessions},
		{"POST /account/sessions/{id}/end", SignedIn, s.Account.EndSession},
		{"GET /account/tokens", SignedIn, s.Account.Tokens},
		{"POST /account/tokens", SignedIn, s.Account.NewToken},
		{"POST /account/tokens/{id}/end", SignedIn, s.Account.EndToken},
		{"GET /account/acting", SignedIn, s.Account.Acting},
		{"POST /account/acting", SignedIn, s.Account.Delegate},
		{"POST /account/acting/stop", SignedIn, s.Account.Stop},
		{"POST /account/acting/{id}/accept", SignedIn, s.Account.Accept},
		{"POST /account/acting/{id}/start", SignedIn, s.Account.Start},
		{"POST /account/acting/{id}/end", SignedIn, s.Account.End},
		{"GET /admin/roles", Admins, s.Account.Roles},
		{"GET /admin/roles/{id}", Admins, s.Account.Account},
		{"POST /admin/roles/{id}", Admins, s.Account.Appoint},
		{"POST /admin/roles/{id}/disable", Admins, s.Account.Disable},
		{"POST /admin/roles/{id}/enable", Admins, s.Account.Enable},
		{"POST /admin/roles/{id}/{grant}/end", Admins, s.Account.Revoke},
		{"GET /admin/invite", Admins, s.Account.InviteForm},
		{"POST /admin/invite", Admins, s.Account.Invite},

		// register

		// strategy

		// scheme

		// call

		// proposal

		// review

		// decision

		// award and result

		// insight

		// ledger

		// exchange

	}
}
