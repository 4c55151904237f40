package account_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

func TestRecover(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		before := h.signIn("mira@example.org")
		h.must(h.Recover(h.ctx, "Mira@example.org", "192.0.2.1"))
		link := h.link()
		if m, err := h.Look(h.ctx, link); err != nil || m.Kind != "recover" || m.Email != "mira@example.org" {
			h.t.Errorf("looking at the link: %+v, %v", m, err)
		}
		_, err := h.Reset(h.ctx, link, "short", "")
		h.refused(err, fault.Invalid, "a short password")
		_, err = h.Reset(h.ctx, link, "mira@example.org", "")
		h.refused(err, fault.Invalid, "the address as password")
		after, err := h.Reset(h.ctx, link, "new and much longer", "")
		h.must(err)
		if h.resolve(before).Actor.Account != "" {
			h.t.Error("an old session lives on after recovery")
		}
		if h.resolve(after).Actor.Public() {
			h.t.Error("recovery does not sign in")
		}
		_, err = h.SignIn(h.ctx, account.Try{Email: "mira@example.org", Password: password})
		h.refused(err, fault.Invalid, "the old password")
		_, err = h.Reset(h.ctx, link, "new and much longer", "")
		h.refused(err, fault.NotFound, "a used link")
		_, err = h.Look(h.ctx, link)
		h.refused(err, fault.NotFound, "looking at a used link")
	})
}

// TestLinksEnd walks every kind of mailed link past its time.
func TestLinksEnd(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		h.must(h.Recover(h.ctx, "mira@example.org", ""))
		recover := h.link()
		h.must(h.VerifyEmail(h.ctx, a, "mira.alder@example.org"))
		verify := h.link()
		h.must(h.Register(h.ctx, account.SignUp{Email: "ravi@example.org", Given: "Ravi", Family: "Alder"}))
		invite := h.link()
		for _, c := range []struct {
			link string
			life time.Duration
		}{{recover, time.Hour}, {verify, 7 * 24 * time.Hour}, {invite, 30 * 24 * time.Hour}} {
			h.now.Set(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC).Add(c.life - time.Microsecond))
			_, err := h.Look(h.ctx, c.link)
			h.must(err)
			h.now.Advance(time.Microsecond)
			_, err = h.Look(h.ctx, c.link)
			h.refused(err, fault.NotFound, "a link whose time is over")
		}
		h.refused(h.ConfirmEmail(h.ctx, verify), fault.NotFound, "confirming too late")
		_, err := h.Reset(h.ctx, recover, "new and much longer", "")
		h.refused(err, fault.NotFound, "recovering too late")
		_, _, err = h.Accept(h.ctx, invite, account.Acceptance{Given: "Ravi", Family: "Alder", Password: password})
		h.refused(err, fault.NotFound, "accepting too late")
		_, err = h.Reset(h.ctx, verify, "new and much longer", "")
		h.refused(err, fault.NotFound, "a link of another kind")
	})
}

// TestLinkWorksOnceAtOnce uses one link by many at the same time.
func TestLinkWorksOnceAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		h.must(h.Recover(h.ctx, "mira@example.org", ""))
		link := h.link()
		h.Mail = nil
		answers := make(chan error, 6)
		for i := range cap(answers) {
			go func() {
				_, err := h.Reset(h.ctx, link, fmt.Sprintf("%s %d", password, i), "")
				answers <- err
			}()
		}
		set := 0
		for range cap(answers) {
			if err := <-answers; err == nil {
				set++
			} else {
				h.refused(err, fault.NotFound, "the link again")
			}
		}
		if set != 1 {
			h.t.Errorf("one link set the password %d times", set)
		}
	})
}

// TestKnownAndUnknownAddressAreTheSame: whatever is asked about an address, the
// answers do not tell whether it has an account, and each case ends in as many mails.
func TestKnownAndUnknownAddressAreTheSame(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	h := newHouse(t, d)
	asker := h.person("asker")
	h.person("known")
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"recover", "register", "delegate", "invite", "sign in", "wait"}), 1, 12).Draw(rt, "steps")
		h.now.Advance(time.Hour) // every case begins with fresh counters
		start := h.now.Source().Now()
		var said [2][]string
		for i, email := range []string{"known@example.org", fmt.Sprintf("other%d@example.org", n)} {
			h.now.Set(start)
			if i == 1 {
				h.now.Advance(time.Hour)
			}
			h.mails = nil
			for _, step := range steps {
				var err error
				switch step {
				case "recover":
					err = h.Recover(h.ctx, email, "192.0.2.7")
				case "register":
					err = h.Register(h.ctx, account.SignUp{Email: email, Given: "A", Family: "B", From: "192.0.2.7"})
				case "delegate":
					_, err = h.Delegate(h.ctx, asker, account.Offer{Email: email, Scope: "all", Until: h.now.Source().Now().Add(72 * time.Hour)})
				case "invite":
					_, err = h.Invite(h.ctx, asker, account.Invitation{Email: email, Next: "/home", Kind: "account.mail.invited"})
				case "sign in":
					_, err = h.SignIn(h.ctx, account.Try{Email: email, Password: "not the password", Address: "192.0.2.7"})
				case "wait":
					h.now.Advance(6 * time.Minute)
				}
				said[i] = append(said[i], fmt.Sprintf("%s: %v; %d mails", step, err, len(h.mails)))
			}
			h.now.Advance(time.Hour)
		}
		if diff := cmp.Diff(said[0], said[1]); diff != "" {
			rt.Fatalf("known (-) and unknown (+) address are told apart:\n%s", diff)
		}
	})
}

func TestInvitationGivesPersonAndRoles(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		admin := h.person("admin", access.Grant{Role: access.Admin, Scope: access.Platform()})
		role := account.Appointment{Role: access.Finance, Scope: access.Agency("arc"), Until: h.now.Source().Now().Add(365 * 24 * time.Hour)}
		var about []string
		h.Accepted = map[string]func(context.Context, access.Actor, string) error{"proposal": func(_ context.Context, a access.Actor, id string) error {
			about = append(about, id+" by "+a.Name)
			return nil
		}}
		in := account.Invitation{Email: "ines@example.org", Given: "Ines", Family: "Alder", Roles: []account.Appointment{role}, AboutKind: "proposal", AboutID: "p1", Next: "/proposals/p1", Kind: "account.mail.invited"}
		_, err := h.Invite(h.ctx, h.person("officer", access.Grant{Role: access.Officer, Scope: access.Agency("arc")}), in)
		h.refused(err, fault.NotAllowed, "an officer invites with a role")
		_, err = h.Invite(h.ctx, access.Actor{}, in)
		h.refused(err, fault.SignIn, "the public invites")
		address, err := h.Invite(h.ctx, admin, in)
		h.must(err)
		link := h.link()
		if address != "https://science.example.org/links/"+link {
			h.t.Errorf("address = %s", address)
		}
		session, next, err := h.Accept(h.ctx, link, account.Acceptance{Given: "Inês", Family: "Alder", Password: password, Zone: "Europe/Lisbon"})
		h.must(err)
		a := h.resolve(session)
		if next != "/proposals/p1" || a.Actor.Name != "Inês Alder" || a.Actor.Person == "" || !a.Actor.Has(access.Finance, access.Agency("arc")) || a.Zone.String() != "Europe/Lisbon" {
			h.t.Errorf("accepted: next %s, %+v", next, a)
		}
		if diff := cmp.Diff([]string{"p1 by Inês Alder"}, about); diff != "" {
			h.t.Errorf("what was accepted (-want +got):\n%s", diff)
		}
		// Whoever has an account gets the role at once and an address that leads on.
		in.Roles[0].Role = access.Analyst
		address, err = h.Invite(h.ctx, admin, in)
		h.must(err)
		if address != "https://science.example.org/proposals/p1" || !h.actor(a.Actor.Account).Has(access.Analyst, access.Agency("arc")) {
			h.t.Errorf("inviting an account: %s, %+v", address, h.actor(a.Actor.Account))
		}
	})
}

func TestInvitationOfWhoLostTheRight(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("first", access.Grant{Role: access.Admin, Scope: access.Platform()})
		admin := h.person("admin", access.Grant{Role: access.Admin, Scope: access.Platform()})
		_, err := h.Invite(h.ctx, admin, account.Invitation{Email: "ines@example.org", Roles: []account.Appointment{{Role: access.Admin, Scope: access.Platform()}}, Kind: "account.mail.invited"})
		h.must(err)
		link := h.link()
		h.must(h.Disable(h.ctx, access.System, admin.Account, "left"))
		session, _, err := h.Accept(h.ctx, link, account.Acceptance{Given: "Ines", Family: "Alder", Password: password})
		h.must(err)
		if a := h.resolve(session).Actor; a.Public() || len(a.Grants) != 0 {
			h.t.Errorf("the account has %+v", a)
		}
	})
}

// TestInvitationKeepsPersonsApart: nobody can have another person's record
// handed to an address of their choice.
func TestInvitationKeepsPersonsApart(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		mira := h.person("mira")
		edda := h.makePerson("edda", "edda@example.org")
		_, err := h.Invite(h.ctx, mira, account.Invitation{Email: "mine@example.org", Person: edda})
		h.refused(err, fault.Invalid, "another address for a known person")
		_, err = h.Invite(h.ctx, mira, account.Invitation{Email: "edda@example.org", Person: edda, Kind: "account.mail.invited"})
		h.must(err)
		session, _, err := h.Accept(h.ctx, h.link(), account.Acceptance{Password: password})
		h.must(err)
		if a := h.resolve(session).Actor; a.Person != edda {
			h.t.Errorf("the account's person is %s, want %s", a.Person, edda)
		}
	})
}

func TestEmailMoves(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		h.person("ravi")
		h.must(h.VerifyEmail(h.ctx, a, "ravi@example.org")) // told nothing: the mail goes to Ravi
		h.refused(h.ConfirmEmail(h.ctx, h.link()), fault.Conflict, "an address of another account")
		h.prove(a, "mira.alder@example.org")
		last := h.mails[len(h.mails)-1]
		if last.Email != "mira@example.org" || last.Kind != "account.mail.moved" {
			h.t.Errorf("the old address got %+v", last)
		}
		h.signIn("mira.alder@example.org")
		p, err := h.Profile(h.ctx, a)
		h.must(err)
		if !p.Verified || p.Email != "mira.alder@example.org" {
			h.t.Errorf("profile = %+v", p)
		}
	})
}

// TestWhoGotInIsOut: after a password was set, by mail or by who is signed in, or the account kept out, nothing works any
// more that somebody may have made who had got in: sessions, tokens, links that move the account to another address.
func TestWhoGotInIsOut(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		got := func() (session, token, link string) {
			session = h.signIn("mira@example.org")
			token, _, err := h.NewToken(h.ctx, a, "mine now", account.WriteToken, 24*time.Hour)
			h.must(err)
			h.must(h.VerifyEmail(h.ctx, a, "thief@example.org"))
			return session, token, h.link()
		}
		out := func(what, session, token, link string) {
			h.t.Helper()
			if !h.resolve(session).Actor.Public() {
				h.t.Errorf("%s: the session goes on", what)
			}
			_, err := h.Bearer(h.ctx, token, false)
			h.refused(err, fault.SignIn, what+": the token")
			h.refused(h.ConfirmEmail(h.ctx, link), fault.NotFound, what+": the link to another address")
		}
		session, token, link := got()
		h.must(h.Recover(h.ctx, "mira@example.org", ""))
		_, err := h.Reset(h.ctx, h.link(), password, "")
		h.must(err)
		out("a password set by mail", session, token, link)

		session, token, link = got()
		h.must(h.Disable(h.ctx, access.System, a.Account, "misused"))
		h.must(h.Enable(h.ctx, access.System, a.Account, "it is hers again"))
		out("kept out for a while", session, token, link)

		session, token, link = got()
		own := h.signIn("mira@example.org")
		h.must(h.ChangePassword(h.ctx, a, h.resolve(own).ID, password, "a new one, longer", ""))
		out("another password", session, token, link)
		if h.resolve(own).Actor.Public() {
			h.t.Error("another password: the session in which it was set does not go on")
		}
		if left, err := h.Tokens(h.ctx, a); err != nil || len(left) > 0 {
			h.t.Errorf("another password: tokens %+v are listed, %v", left, err)
		}
	})
}

// TestWhileThePasswordIsSet: who shows the old password at the moment at which another one is set by mail is not in, and sets
// none of their own.
func TestWhileThePasswordIsSet(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		a := h.person("mira")
		meanwhile := func(set string, do func() error) error {
			h.must(h.Recover(h.ctx, "mira@example.org", ""))
			link := h.link()
			var done <-chan error
			h.must(work.Do(h.ctx, h.DB, func(ctx context.Context) error {
				_, err := h.Reset(ctx, link, set, "")
				done = dbtest.Meanwhile(h.t, h.DB, do)
				return err
			}))
			return <-done
		}
		var session string
		h.refused(meanwhile("hers again, and long", func() (err error) {
			session, err = h.SignIn(h.ctx, account.Try{Email: "mira@example.org", Password: password})
			return err
		}), fault.Invalid, "the old password")
		if !h.resolve(session).Actor.Public() {
			h.t.Error("who had the old password is in")
		}
		err := meanwhile(password, func() error {
			return h.ChangePassword(h.ctx, a, "", "hers again, and long", "a thief's, and long", "")
		})
		if err == nil {
			h.t.Error("who had the old password has set another")
		}
		h.signIn("mira@example.org")
	})
}
