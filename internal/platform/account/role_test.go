package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// oneProgramme is account.Scopes for an installation with the programme "ocean" of agency "arc".
type oneProgramme struct{}

func (oneProgramme) Agency(_ context.Context, s access.Scope) (string, error) {
	if s == access.Programme("ocean") {
		return "arc", nil
	}
	return "", nil
}

func (oneProgramme) Name(_ context.Context, s access.Scope) (string, error) {
	switch s {
	case access.Programme("ocean"):
		return "Ocean and coast", nil
	case access.Agency("arc"), access.Organisation("tarn"):
		return s.ID, nil
	}
	return "", fault.Missing()
}

func (oneProgramme) Find(context.Context, string, string, int) ([]account.Choice, error) {
	return nil, nil
}

func TestWhoMayAppoint(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.Scopes = oneProgramme{}
		mira := h.person("mira")
		actors := map[string]access.Actor{"system": access.System, "public": {}, "member": mira,
			"platform admin": h.person("admin", access.Grant{Role: access.Admin, Scope: access.Platform()}),
			"arc admin":      h.person("arcadmin", access.Grant{Role: access.Admin, Scope: access.Agency("arc")}),
			"officer":        h.person("officer", access.Grant{Role: access.Officer, Scope: access.Platform()})}
		at := func(role access.Role, scope access.Scope) account.Appointment {
			return account.Appointment{Account: mira.Account, Role: role, Scope: scope}
		}
		for _, c := range []struct {
			who  string
			what account.Appointment
			want fault.Kind // Internal: it is done
		}{
			{"system", at(access.Officer, access.Agency("arc")), fault.Internal},
			{"platform admin", at(access.Officer, access.Agency("arc")), fault.Internal},
			{"platform admin", at(access.Research, access.Organisation("tarn")), fault.Internal},
			{"platform admin", at(access.Research, access.Agency("arc")), fault.Invalid},
			{"platform admin", at(access.Officer, access.Organisation("tarn")), fault.Invalid},
			{"platform admin", at(access.Officer, access.Agency("")), fault.Invalid},
			{"platform admin", at(access.Officer, access.Agency("nowhere")), fault.Invalid},
			{"platform admin", at("minister", access.Platform()), fault.Invalid},
			{"platform admin", at(access.Auditor, access.Call("c")), fault.Invalid},
			{"arc admin", at(access.Officer, access.Agency("arc")), fault.Internal},
			{"arc admin", at(access.Officer, access.Programme("ocean")), fault.Internal},
			{"arc admin", at(access.Officer, access.Agency("other")), fault.NotAllowed},
			{"arc admin", at(access.Officer, access.Programme("other")), fault.NotAllowed},
			{"arc admin", at(access.Admin, access.Platform()), fault.NotAllowed},
			{"officer", at(access.Officer, access.Agency("arc")), fault.NotAllowed},
			{"member", at(access.Officer, access.Agency("arc")), fault.NotAllowed},
			{"public", at(access.Officer, access.Agency("arc")), fault.SignIn},
		} {
			id, err := h.Appoint(h.ctx, actors[c.who], c.what)
			if c.want == fault.Internal {
				h.must(err)
				h.must(h.Revoke(h.ctx, actors[c.who], id, "test"))
			} else {
				h.refused(err, c.want, c.who+" appoints "+string(c.what.Role)+" of "+c.what.Scope.Kind+" "+c.what.Scope.ID)
			}
		}
		if a := h.actor(mira.Account); len(a.Grants) != 0 {
			h.t.Errorf("after all were ended mira has %+v", a.Grants)
		}
		_, err := h.Appoint(h.ctx, access.System, account.Appointment{Account: "none", Role: access.Officer, Scope: access.Agency("arc")})
		h.refused(err, fault.NotFound, "an account that is none")
	})
}

func TestRoleHasATime(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		mira := h.person("mira")
		now := h.now.Source().Now()
		in := account.Appointment{Account: mira.Account, Role: access.Officer, Scope: access.Agency("arc"), From: now.Add(time.Hour), Until: now.Add(2 * time.Hour)}
		wrong := in
		wrong.Until = in.From
		_, err := h.Appoint(h.ctx, access.System, wrong)
		h.refused(err, fault.Invalid, "an end at the beginning")
		_, err = h.Appoint(h.ctx, access.System, in)
		h.must(err)
		for _, c := range []struct {
			at   time.Time
			want bool
		}{{now, false}, {in.From.Add(-time.Microsecond), false}, {in.From, true}, {in.Until.Add(-time.Microsecond), true}, {in.Until, false}} {
			h.now.Set(c.at)
			if got := h.actor(mira.Account).Has(access.Officer, access.Agency("arc")); got != c.want {
				h.t.Errorf("at %s the role holds: %v, want %v", c.at.Format(time.RFC3339Nano), got, c.want)
			}
		}
	})
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		one := h.person("one", access.Grant{Role: access.Admin, Scope: access.Platform()})
		grant := func(a access.Actor) string {
			_, held, err := h.Account(h.ctx, access.System, a.Account)
			h.must(err)
			return held[0].ID
		}
		h.refused(h.Revoke(h.ctx, one, grant(one), ""), fault.Conflict, "ending the last admin")
		h.refused(h.Disable(h.ctx, one, one.Account, ""), fault.Conflict, "keeping the last admin out")
		two := h.person("two", access.Grant{Role: access.Admin, Scope: access.Platform()})
		h.must(h.Disable(h.ctx, two, one.Account, "left"))
		h.refused(h.Revoke(h.ctx, two, grant(two), ""), fault.Conflict, "ending the last one who can sign in")
		h.must(h.Enable(h.ctx, two, one.Account, "back"))
		h.must(h.Revoke(h.ctx, h.actor(one.Account), grant(two), "rotation"))
		if h.actor(two.Account).HasAny(access.Admin) {
			h.t.Error("an ended role holds")
		}
	})
}

func TestFindAccounts(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		admin := h.person("admin", access.Grant{Role: access.Admin, Scope: access.Platform()})
		for _, name := range []string{"mira", "miro", "ravi"} {
			h.person(name)
		}
		for text, want := range map[string]int{"mir": 2, "ravi@exa": 1, "alder": 4, "MIRA": 1, "%": 4, "": 4, "zz": 0} {
			list, total, err := h.Accounts(h.ctx, admin, text, 1, 3)
			h.must(err)
			if total != want || len(list) != min(want, 3) {
				h.t.Errorf("%q finds %d (%d shown), want %d", text, total, len(list), want)
			}
		}
		_, _, err := h.Accounts(h.ctx, h.person("lena"), "", 1, 3)
		h.refused(err, fault.NotAllowed, "a member lists accounts")
		_, _, err = h.Account(h.ctx, access.Actor{}, admin.Account)
		h.refused(err, fault.SignIn, "the public reads an account")
	})
}
