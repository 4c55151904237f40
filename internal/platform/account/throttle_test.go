package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// signUp asks for an account from a network address.
func (h *house) signUp(email, from string) error {
	return h.Register(h.ctx, account.SignUp{Email: email, Given: "A", Family: "B", From: from})
}

// TestCampusAsksByHundreds: on the evening of a deadline a whole university asks for accounts and
// passwords from one network address, and everybody gets their link.
func TestCampusAsksByHundreds(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		const people = 400
		for i := range people {
			h.must(h.signUp(fmt.Sprintf("new%d@campus.example", i), "192.0.2.1"))
			h.must(h.Recover(h.ctx, fmt.Sprintf("old%d@campus.example", i), "192.0.2.1"))
		}
		if len(h.mails) != 2*people {
			h.t.Errorf("%d people got %d links, want 2 each", people, len(h.mails))
		}
	})
}

// TestNoMailboxIsFlooded: from wherever it is asked, and however often, a mailbox gets three links of a
// kind in a quarter of an hour. Who asks is not told.
func TestNoMailboxIsFlooded(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.person("mira")
		for _, email := range []string{"mira@example.org", "nobody@example.org"} {
			for range 2 {
				h.mails = nil
				for i := range 20 {
					for _, from := range []string{"192.0.2.1", fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("2001:db8:%d::1", i)} {
						h.must(h.Recover(h.ctx, email, from))
						h.must(h.signUp(email, from))
					}
				}
				if len(h.mails) != 6 {
					h.t.Errorf("%s got %d mails, want 3 of each of 2 kinds", email, len(h.mails))
				}
				h.now.Advance(15 * time.Minute)
			}
		}
	})
}

// TestSprayingIsBounded: who asks for ever new addresses is stopped, whether there are accounts behind
// them or not, and however many addresses of one's own network one asks from. A neighbour is not.
func TestSprayingIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t)) // thousands of asks; that both databases count alike, TestThrottle shows
	h.person("mira")
	h.Mail = nil
	for name, ask := range map[string]func(email, from string) error{
		"sign up":  h.signUp,
		"password": func(email, from string) error { return h.Recover(h.ctx, email, from) },
	} {
		asked := 0
		for ; asked < 2000; asked++ {
			err := ask(fmt.Sprintf("guess%d@example.org", asked), fmt.Sprintf("2001:db8:1:2::%x", asked+1))
			if fault.Is(err, fault.Unavailable) {
				break
			}
			h.must(err)
		}
		if asked != 1000 {
			h.t.Errorf("%s: a network was stopped after %d addresses, want 1000", name, asked)
		}
		known, unknown := ask("mira@example.org", "2001:db8:1:2:ffff::9"), ask("miro@example.org", "2001:db8:1:2:ffff::9")
		h.refused(known, fault.Unavailable, name+": an address with an account")
		if fmt.Sprint(known) != fmt.Sprint(unknown) {
			h.t.Errorf("%s: known and unknown are told apart: %v, %v", name, known, unknown)
		}
		h.must(ask("mira@example.org", "2001:db8:1:3::1"))
	}
	h.now.Advance(15 * time.Minute)
	h.must(h.signUp("miro@example.org", "2001:db8:1:2::1"))
}
