package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/retention"
)

// run changes rows directly, where the way by the pages has its own test.
func (w *world) run(query string, args ...any) {
	w.t.Helper()
	_, err := w.DB.SQL().ExecContext(w.ctx, query, args...)
	w.must(err)
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, query, args...).Scan(&n))
	return n
}

func (w *world) text(query string, args ...any) (s string) {
	w.t.Helper()
	w.must(w.DB.Q(w.ctx).QueryRowContext(w.ctx, query, args...).Scan(&s))
	return s
}

// heldBack expects that a hold on one record, and no other, stops the erasing of another: the dry run names it, the order is refused.
func (w *world) heldBack(kind, ref, held string) {
	w.t.Helper()
	_, dry, err := w.Retention.Foresee(w.ctx, w.actor["admin"], kind, ref)
	w.must(err)
	if len(dry.Holds) != 1 || dry.Holds[0].Number != held {
		w.t.Errorf("a hold on %s does not stop the erasing of %s %s in the dry run: %+v", held, kind, ref, dry.Holds)
	}
	_, err = w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: kind, Ref: ref, Reason: "asked"})
	w.refused(err, fault.Conflict, "the hold on "+held+" keeps "+kind+" "+ref)
}

// freed expects that no hold stops an erasing.
func (w *world) freed(kind, ref string) {
	w.t.Helper()
	_, dry, err := w.Retention.Foresee(w.ctx, w.actor["admin"], kind, ref)
	w.must(err)
	if len(dry.Holds) != 0 {
		w.t.Errorf("%s %s is stopped by %+v", kind, ref, dry.Holds)
	}
}

// held places a hold, as the one who may place all.
func (w *world) held(kind, ref string) (lift func()) {
	w.t.Helper()
	id, err := w.Retention.Hold(w.ctx, w.actor["admin"], kind, ref, "A lawsuit.")
	w.must(err)
	return func() {
		w.t.Helper()
		w.must(w.Retention.Lift(w.ctx, w.actor["admin"], id, "It is settled."))
	}
}

// TestHoldKeepsPeopleOfTheRecord: who took part in a held record in any way is not erased, as something of the record would go with
// them: a conflict of interest, why a reviewer declined, mails, who a pseudonym in the ledger was.
func TestHoldKeepsPeopleOfTheRecord(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, other := w.marked()
		call := w.text(`SELECT number FROM call WHERE id = $1`, one.CallID)
		won := w.text(`SELECT number FROM award WHERE proposal_id = $1`, one.ID)
		w.freed("person", "mira")
		w.freed("person", "olena")
		for kind, ref := range map[string]string{"proposal": one.Number, "call": call, "award": won} {
			lift := w.held(kind, ref)
			w.heldBack("person", "olena", ref) // reviewed it
			w.heldBack("person", "mira", ref)  // led it: a rule keeps the proposal itself
			lift()
			w.freed("person", "olena")
			w.freed("person", "mira")
		}
		lift := w.held("proposal", other.Number)
		w.heldBack("person", "mira", other.Number) // a member
		lift()

		w.run(`DELETE FROM mail_message`)
		w.run(`INSERT INTO person (id, given_name, family_name, name, sort_name, state, created_at, changed_at) VALUES ('bo', 'Bo', 'Ek', 'Bo Ek', 'ek', 'active', 0, 0)`)
		w.run(`INSERT INTO account (id, email, person_id, created_at) VALUES ('bo-account', 'bo@example.org', 'bo', 0)`)
		w.run(`INSERT INTO panel (id, call_id, name, created_at) VALUES ('hall', $1, 'Hall', 0)`, one.CallID)
		w.run(`INSERT INTO panel_item (id, panel_id, proposal_id, stage, place) VALUES ('first', 'hall', $1, '', 1)`, one.ID)
		lift = w.held("proposal", one.Number)
		for way, rows := range map[string][2]string{
			"competitor": {`INSERT INTO proposal_competitor (id, proposal_id, person_id, reason, by_account, created_at) VALUES ('k', $1, 'bo', 'A rival.', '', 0)`, `DELETE FROM proposal_competitor`},
			"conflict":   {`INSERT INTO conflict (id, person_id, subject_kind, subject_id, rule, hard, created_at) VALUES ('k', 'bo', 'proposal', $1, 'declared', 1, 0)`, `DELETE FROM conflict WHERE id = 'k'`},
			"mail": {`INSERT INTO mail_message (id, to_account, to_email, kind, locale, subject, body, about_kind, about_id, due_at, created_at)
				VALUES ('k', 'bo-account', 'bo@example.org', 'k', 'en', 'S', 'B', 'proposal', $1, 0, 0)`, `DELETE FROM mail_message`},
			"dissent": {`INSERT INTO decision_dissent (id, decision_id, proposal_id, account_id, by_name, reasons, at) SELECT 'k', MIN(id), $1, 'bo-account', 'Bo Ek', 'No.', 0 FROM decision`, `DELETE FROM decision_dissent`},
		} {
			w.freed("person", "bo")
			w.run(rows[0], one.ID)
			w.t.Log(way)
			w.heldBack("person", "bo", one.Number)
			w.run(rows[1])
		}
		w.run(`INSERT INTO panel_member (panel_id, person_id, role, from_at) VALUES ('hall', 'bo', 'member', 0)`)
		w.heldBack("person", "bo", one.Number)
		lift()
		w.freed("person", "bo")
		w.run(`DELETE FROM panel_member`)
		w.run(`INSERT INTO reviewer_pool (call_id, person_id) VALUES ($1, 'bo')`, one.CallID)
		defer w.held("call", call)()
		w.heldBack("person", "bo", call)
	})
}

// TestHoldPlacedAfterTheOrder: a hold that is placed between the order and the job stops the job too, and who is due is not listed.
func TestHoldPlacedAfterTheOrder(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, _ := w.marked()
		id, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: "person", Ref: "olena", Reason: "asked"})
		w.must(err)
		w.held("proposal", one.Number)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		if e, err := w.Retention.Erasure(w.ctx, w.actor["admin"], id); err != nil || e.State != retention.Stopped {
			w.t.Errorf("the erasure went on: %+v, %v", e, err)
		}
		w.run(`DELETE FROM role_grant WHERE account_id <> $1`, w.actor["admin"].Account)
		w.now.Advance(4 * 365 * 24 * time.Hour)
		due, err := w.Retention.Due(w.ctx, w.actor["admin"], retention.People)
		w.must(err)
		for _, d := range due {
			if d.ID == "olena" || d.ID == "mira" {
				w.t.Errorf("%s is due, whose record is held", d.ID)
			}
		}
	})
}

// mailed puts a mail into the outbox of long ago.
func (w *world) mailed(id, account, address, kind, about string) {
	w.t.Helper()
	w.run(`INSERT INTO mail_message (id, to_account, to_email, kind, locale, subject, body, about_kind, about_id, due_at, sent_at, created_at)
		VALUES ($1, NULLIF($2, ''), $3, 'k', 'en', 'S', 'B', $4, $5, 0, 1, 1)`, id, account, address, kind, about)
}

// TestHoldKeepsMails: the rule for mails spares what is about a held record or went to a held person, in what is due, in the dry
// run and in the act, and takes the rest.
func TestHoldKeepsMails(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, other := w.marked()
		admin := w.actor["admin"]
		call := w.text(`SELECT number FROM call WHERE id = $1`, one.CallID)
		review := w.text(`SELECT MIN(id) FROM review WHERE proposal_id = $1`, one.ID)
		won := w.text(`SELECT id FROM award WHERE proposal_id = $1`, one.ID)
		w.run(`INSERT INTO panel (id, call_id, name, created_at) VALUES ('hall', $1, 'Hall', 0)`, one.CallID)
		w.run(`INSERT INTO panel_item (id, panel_id, proposal_id, stage, place) VALUES ('first', 'hall', $1, '', 1)`, one.ID)
		for _, c := range []struct {
			kind, ref string
			spared    []string
		}{
			{"proposal", one.Number, []string{"of the proposal", "of the review", "of the award", "of the panel"}},
			{"award", w.text(`SELECT number FROM award WHERE id = $1`, won), []string{"of the proposal", "of the review", "of the award", "of the panel"}},
			{"call", call, []string{"of the other", "of the proposal", "of the review", "of the award", "of the call", "of the panel"}},
			{"person", "mira", []string{"of the other", "of the proposal", "of the review", "of the award", "of the panel", "to her account", "to her address"}},
			{"person", "olena", []string{"of the review"}},
		} {
			w.run(`DELETE FROM mail_message`)
			w.mailed("of the proposal", "", "x@example.org", "proposal", one.ID)
			w.mailed("of the other", "", "x@example.org", "proposal", other.ID) // of which Mira is a member
			w.mailed("of the review", "", "x@example.org", "review", review)
			w.mailed("of the award", "", "x@example.org", "award", won)
			w.mailed("of the call", "", "x@example.org", "call", one.CallID)
			w.mailed("of the panel", "", "x@example.org", "panel", "hall")
			w.mailed("to her account", w.actor["mira"].Account, "old@example.org", "", "")
			w.mailed("to her address", "", "ZEPHYRINE@quillfeather.example", "", "")
			w.mailed("of nothing", "", "x@example.org", "", "")
			all := w.count(`SELECT count(*) FROM mail_message`)
			lift := w.held(c.kind, c.ref)
			due, err := w.Retention.Due(w.ctx, admin, retention.Mail)
			w.must(err)
			free := all - len(c.spared)
			if len(due) != 1 || due[0].Number != fmt.Sprint(free) {
				w.t.Fatalf("with a hold on %s %s are due: %+v; want %d", c.kind, c.ref, due, free)
			}
			_, dry, err := w.Retention.Foresee(w.ctx, admin, "mail", due[0].ID)
			w.must(err)
			if dry.Rows["mail_message"] != int64(free) {
				w.t.Errorf("with a hold on %s %s the dry run takes %v, want %d", c.kind, c.ref, dry.Rows, free)
			}
			id, err := w.Retention.Order(w.ctx, admin, retention.Wish{Kind: "mail", Ref: due[0].ID, Reason: "due"})
			w.must(err)
			w.erased(id)
			left, err := db.Strings(w.ctx, w.DB.Q(w.ctx), `SELECT id FROM mail_message WHERE body = 'B' ORDER BY id`)
			w.must(err)
			if slices.Sort(c.spared); !slices.Equal(left, c.spared) {
				w.t.Errorf("with a hold on %s %s there are left: %v; want %v", c.kind, c.ref, left, c.spared)
			}
			lift()
			w.now.Advance(24 * time.Hour) // another day is another erasure
		}
	})
}

// TestHoldOnAPerson: what a held person leads, takes part in or judged is neither due nor erased, nor is an award that came without a
// proposal, which a hold on its call keeps too.
func TestHoldOnAPerson(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, other := w.marked()
		won := w.text(`SELECT number FROM award WHERE proposal_id = $1`, one.ID)
		w.run(`INSERT INTO award (id, number, call_id, agency_id, title, lead_person, lead_name, state, currency, end_day, created_at)
			SELECT 'alone', 'W-alone', id, agency_id, '{"en":"Alone"}', 'olena', 'O', 'ended', 'XCR', '2020-01-31', 0 FROM call WHERE id = $1`, one.CallID)
		w.run(`INSERT INTO award_party (id, award_id, person_id, name, role) VALUES ('party', 'alone', 'mira', 'M', 'member')`)
		w.now.Advance(16 * 365 * 24 * time.Hour)
		for _, c := range []struct {
			kind, ref, named string
			awards, rejected int // that are due meanwhile
		}{
			{"person", "mira", markedName, 0, 0}, // leads one, is a member of the other, and a party of the award
			{"person", "ravi", w.text(`SELECT name FROM person WHERE id = 'ravi'`), 2, 0},
			{"person", "olena", w.text(`SELECT name FROM person WHERE id = 'olena'`), 0, 0}, // judged both, and leads the award
			{"call", w.text(`SELECT number FROM call WHERE id = $1`, one.CallID), w.text(`SELECT number FROM call WHERE id = $1`, one.CallID), 0, 0},
			{"award", "W-alone", "W-alone", 1, 1},
		} {
			lift := w.held(c.kind, c.ref)
			for class, want := range map[retention.Class]int{retention.Award: c.awards, retention.Unfunded: c.rejected} {
				due, err := w.Retention.Due(w.ctx, w.actor["admin"], class)
				if w.must(err); len(due) != want {
					w.t.Errorf("with a hold on %s %s these of class %s are due: %+v; want %d", c.kind, c.ref, class, due, want)
				}
			}
			if c.awards == 0 {
				w.heldBack("award", won, c.named)
				w.heldBack("proposal", one.Number, c.named)
			}
			if c.awards < 2 {
				w.heldBack("award", "W-alone", c.named)
			}
			if c.rejected == 0 {
				w.heldBack("proposal", other.Number, c.named)
			}
			lift()
		}
		// Who may not see what is held learns that a hold stands, not on whom nor why.
		w.held("person", "mira")
		_, dry, err := w.Retention.Foresee(w.ctx, w.actor["officer"], "award", won)
		w.must(err)
		if len(dry.Holds) != 1 || dry.Holds[0] != (retention.Hold{Kind: "person"}) {
			w.t.Errorf("an officer finds the hold on a person: %+v", dry.Holds)
		}
		_, err = w.Retention.Order(w.ctx, w.actor["officer"], retention.Wish{Kind: "award", Ref: won, Reason: "due"})
		w.refused(err, fault.Conflict, "an award of a held person is erased")
	})
}
