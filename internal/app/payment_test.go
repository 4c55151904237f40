package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// TestPayments: a signed decision plans payments; finance approves, holds back
// and hands over; nobody else sees them, and no line pays more than it holds.
func TestPayments(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.account("oskar", "", access.Grant{Role: access.Finance, Scope: access.Agency("arc")})
		w.agency("lwf", "Land and Water Fund")
		w.account("elsewhere", "", access.Grant{Role: access.Finance, Scope: access.Agency("lwf")})
		w.award()
		oskar := w.actor["oskar"]
		list, total, err := w.Awards.Payments(w.ctx, oskar, award.PaymentFilter{Size: 10})
		w.must(err)
		if total != 3 || len(list) != 3 || list[0].Amount.Minor != 23_333_334 || list[1].Amount.Minor != 23_333_333 || list[0].HolderName != "University of Ilvane" {
			t.Fatalf("payments of 700,000 over three years: %+v", list)
		}
		for who, kind := range map[string]fault.Kind{"officer": fault.NotAllowed, "mira": fault.NotFound, "decider": fault.NotFound, "olena": fault.NotFound, "elsewhere": fault.NotFound} {
			if who != "elsewhere" {
				_, _, err := w.Awards.Payments(w.ctx, w.actor[who], award.PaymentFilter{Size: 10})
				w.refused(err, fault.NotAllowed, who+" lists payments")
			}
			w.refused(w.Awards.Approve(w.ctx, w.actor[who], []string{list[0].ID}), kind, who+" approves")
		}
		if _, n, err := w.Awards.Payments(w.ctx, w.actor["elsewhere"], award.PaymentFilter{Size: 10}); err != nil || n != 0 {
			t.Errorf("another agency's finance sees %d payments, %v", n, err)
		}
		w.refused(w.Awards.Approve(w.ctx, w.actor["auditor"], []string{list[0].ID}), fault.NotAllowed, "an auditor approves")

		page := w.visitor("oskar")
		page.ask("GET", "/home", nil, 200, "Approve payments of Cr\u00a0233,333.34", "One payment falls due on 1 May 2027")
		page.ask("GET", "/payments?state=planned&until=2027-05-31", nil, 200, "University of Ilvane", list[0].ID)
		page.ask("POST", "/payments", values("act", "approve"), 422, "Choose at least one payment")
		page.ask("POST", "/payments", values("act", "hold", "payment", list[1].ID), 422, "Fill this in")
		page.ask("POST", "/payments", values("act", "hold", "payment", list[1].ID, "why", "The account is closed."), 303)
		page.ask("POST", "/payments", values("act", "approve", "payment", list[0].ID), 303)
		page.ask("POST", "/payments", values("act", "approve", "payment", list[0].ID), 422, "went on meanwhile")
		page.ask("GET", "/payments", nil, 200, "The account is closed.", "Next: hand one approved payment to the accounts")
		page.ask("GET", "/home", nil, 200, "Hand approved payments to the accounts")
		page.ask("POST", "/payments/export", nil, 303)
		page.ask("POST", "/payments/export", nil, 409, "No approved payment waits")
		page.ask("GET", "/payments.csv?state=exported", nil, 200, list[0].ID+",W-2027-0001,", "233333.34,XCR,exported")
		w.refused(w.Awards.HoldBack(w.ctx, oskar, []string{list[0].ID}, "Too late."), fault.Conflict, "holding back what was handed over")
		w.must(w.Awards.Approve(w.ctx, oskar, []string{list[1].ID, list[2].ID}))

		// What does not fit its line is refused, all of it.
		_, err = w.DB.SQL().ExecContext(w.ctx, `UPDATE award_line SET amount_minor = amount_minor - 1`)
		w.must(err)
		w.must(w.Awards.HoldBack(w.ctx, oskar, []string{list[1].ID, list[2].ID}, "Look again."))
		w.refused(w.Awards.Approve(w.ctx, oskar, []string{list[1].ID, list[2].ID}), fault.Conflict, "more than the line holds")
		if _, n, err := w.Awards.Payments(w.ctx, oskar, award.PaymentFilter{State: award.Returned, Size: 10}); err != nil || n != 2 {
			t.Errorf("%d payments are held back after the refusal, not two (%v)", n, err)
		}
		w.refused(w.second(func(ctx context.Context, i int) error { return w.Awards.Approve(ctx, oskar, []string{list[1+i].ID}) }), fault.Conflict, "what is left of the line, approved at the same moment")
		w.whole()
	})
}

// award carries a proposal of mira's over 700,000 to a signed decision.
func (w *world) award() {
	w.t.Helper()
	c := w.openCall("open-call.yaml")
	one, _ := w.handIn("mira", c, "Grain boundaries as fuses", 700_000)
	w.now.Set(c.ClosesAt.Add(time.Hour))
	w.judge("ines", one, 5)
	d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
	w.must(err)
	w.must(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "By the reviews.", []decision.Choice{{ProposalID: one.ID, Outcome: decision.Fund}}))
	w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], d.ID))
	w.must(w.Decisions.Sign(w.ctx, w.actor["decider"], d.ID))
}
