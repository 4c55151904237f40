package account_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

const day = 24 * time.Hour

// lend lets to act for from, and returns the delegation.
func (h *house) lend(from, to access.Actor, email, scope string, life time.Duration) string {
	h.t.Helper()
	id, err := h.Delegate(h.ctx, from, account.Offer{Email: email, Scope: scope, Until: h.now.Source().Now().Add(life)})
	h.must(err)
	h.must(h.AcceptDelegation(h.ctx, to, id))
	return id
}

func TestActingForAnother(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		mira := h.person("mira", access.Grant{Role: access.Research, Scope: access.Organisation("tarn")}, access.Grant{Role: access.Officer, Scope: access.Agency("arc")})
		ravi := h.person("ravi", access.Grant{Role: access.Admin, Scope: access.Platform()})
		offer := account.Offer{Email: "ravi@example.org", Scope: "proposals", Until: h.now.Source().Now().Add(30 * day)}
		id, err := h.Delegate(h.ctx, mira, offer)
		h.must(err)
		h.refused(h.AcceptDelegation(h.ctx, ravi, id), fault.Conflict, "accepting with an address that is not proven")
		h.prove(ravi, "ravi@example.org")
		secret := h.signIn("ravi@example.org")
		h.refused(h.Act(h.ctx, h.resolve(secret), id), fault.NotFound, "acting before accepting")
		h.refused(h.AcceptDelegation(h.ctx, h.person("ines"), id), fault.Conflict, "somebody else accepts")
		h.must(h.AcceptDelegation(h.ctx, ravi, id))
		h.must(h.Act(h.ctx, h.resolve(secret), id))

		got := h.resolve(secret).Actor
		want := access.Actor{Account: ravi.Account, Person: mira.Person, Name: "mira Alder", Delegate: ravi.Person, Delegation: id, Covers: "proposals", Elevated: true,
			Grants: []access.Grant{{Role: access.Research, Scope: access.Organisation("tarn")}}}
		if diff := cmp.Diff(want, got); diff != "" {
			h.t.Errorf("who acts for another (-want +got):\n%s", diff)
		}
		// While acting nobody changes an account: neither one's own nor the other's.
		_, err = h.Delegate(h.ctx, got, offer)
		h.refused(err, fault.NotAllowed, "lending on what was lent")
		_, _, err = h.NewToken(h.ctx, got, "x", account.ReadToken, time.Hour)
		h.refused(err, fault.NotAllowed, "a token while acting")
		_, _, err = h.Accounts(h.ctx, got, "", 1, 10)
		h.refused(err, fault.NotAllowed, "administering while acting")
		// The session can always go back.
		h.must(h.Act(h.ctx, h.resolve(secret), ""))
		if a := h.resolve(secret).Actor; a.Person != ravi.Person || !a.Has(access.Admin) {
			h.t.Errorf("after going back: %+v", a)
		}
		if a, err := h.ActingAs(h.ctx, ravi, id); err != nil || a.Person != mira.Person || a.Elevated {
			h.t.Errorf("a program acts: %+v, %v", a, err)
		}
	})
}

func TestDelegationEnds(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		mira, ravi := h.person("mira"), h.person("ravi")
		h.prove(ravi, "ravi@example.org")
		ends := map[string]func(id string){
			"its time is over":         func(string) { h.now.Advance(10 * day) },
			"the lender ends it":       func(id string) { h.must(h.EndDelegation(h.ctx, mira, id)) },
			"the delegate ends it":     func(id string) { h.must(h.EndDelegation(h.ctx, ravi, id)) },
			"the lender is kept out":   func(string) { h.must(h.Disable(h.ctx, access.System, mira.Account, "")) },
			"the delegate is kept out": func(string) { h.must(h.Disable(h.ctx, access.System, ravi.Account, "")) },
		}
		names := make([]string, 0, len(ends))
		for name := range ends {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			h.now.Advance(time.Hour) // fresh counters
			id := h.lend(mira, ravi, "ravi@example.org", "all", 10*day)
			secret := h.signIn("ravi@example.org")
			h.must(h.Act(h.ctx, h.resolve(secret), id))
			if h.resolve(secret).Actor.Person != mira.Person {
				h.t.Fatalf("%s: does not act at all", name)
			}
			ends[name](id)
			if a := h.resolve(secret).Actor; a.Person == mira.Person {
				h.t.Errorf("%s, and still acts: %+v", name, a)
			}
			h.must(h.Enable(h.ctx, access.System, mira.Account, ""))
			h.must(h.Enable(h.ctx, access.System, ravi.Account, ""))
		}
		id := h.lend(mira, ravi, "ravi@example.org", "all", 10*day)
		h.refused(h.EndDelegation(h.ctx, h.person("ines"), id), fault.NotFound, "a third person ends it")
		h.refused(h.Act(h.ctx, h.resolve(h.signIn("ines@example.org")), id), fault.NotFound, "a third person acts by it")
	})
}

// TestDelegationCoversOnlyItsScope: whatever roles lender and delegate hold, a
// delegate does exactly the acts of the rooms that the scope names.
func TestDelegationCoversOnlyItsScope(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	rules := access.Rules{}
	rooms := map[string][]string{"proposal": {"all", "proposals"}, "review": {"all", "reviews"}, "award": {"all", "awards"}, "result": {"all", "awards"},
		"decision": nil, "call": nil, "account": nil, "ledger": nil, "council": nil}
	for room := range rooms {
		rules[access.Act(room+".act")] = access.Of(access.Lead)
	}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		h.now.Advance(time.Hour)
		role := rapid.SampledFrom(access.Roles)
		scope := rapid.SampledFrom(account.Covers).Draw(rt, "scope")
		lenderRoles := rapid.SliceOfDistinct(role, rapid.ID[access.Role]).Draw(rt, "lender")
		ownRoles := rapid.SliceOfDistinct(role, rapid.ID[access.Role]).Draw(rt, "delegate")
		lender := h.account(name("lender", n), "", grants(lenderRoles)...)
		delegate := h.account(name("delegate", n), "", grants(ownRoles)...)
		h.prove(delegate, name("delegate", n)+"@example.org")
		id := h.lend(lender, delegate, name("delegate", n)+"@example.org", scope, day)
		a, err := h.ActingAs(h.ctx, delegate, id)
		if err != nil {
			rt.Fatal(err)
		}
		for room, scopes := range rooms {
			err := rules.Check(a, access.Act(room+".act"), access.Of(access.Lead), access.Public)
			if got, want := err == nil, slices.Contains(scopes, scope); got != want {
				rt.Errorf("scope %s: acts in %s = %v, want %v", scope, room, got, want)
			}
		}
		for _, r := range access.Roles {
			want := slices.Contains(lenderRoles, r) && (r == access.Research || r == access.Transfer)
			if a.HasAny(r) != want {
				rt.Errorf("acting holds %s = %v, want %v (lender %v, delegate %v)", r, a.HasAny(r), want, lenderRoles, ownRoles)
			}
		}
	})
}

func name(s string, n int) string { return s + string(rune('a'+n%26)) + string(rune('a'+n/26%26)) }

func grants(roles []access.Role) (list []access.Grant) {
	for _, r := range roles {
		scope := access.Platform()
		if account.ScopesOf(r)[0] == "organisation" {
			scope = access.Organisation("tarn")
		}
		list = append(list, access.Grant{Role: r, Scope: scope})
	}
	return list
}
