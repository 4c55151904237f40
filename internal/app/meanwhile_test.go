package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/retention"
)

// meanwhile does one thing in a unit of work that is not committed until another has begun, and ended or waits for it; both errors.
func (w *world) meanwhile(one, other func(context.Context) error) (first, second error) {
	w.t.Helper()
	done := make(chan error, 1)
	first = work.Do(w.ctx, w.DB, func(ctx context.Context) error {
		if err := one(ctx); err != nil {
			return err
		}
		go func() { done <- other(w.ctx) }()
		if w.DB.Dialect == db.SQLite { // who writes waits for who writes
			return nil
		}
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && len(done) == 0; time.Sleep(5 * time.Millisecond) {
			var waits int
			w.must(w.DB.SQL().QueryRowContext(w.ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waits))
			if waits > 0 {
				return nil
			}
		}
		return nil
	})
	return first, <-done
}

// ordered is the order to erase Mira.
func (w *world) ordered(kind, ref string) retention.Ordered {
	w.t.Helper()
	id, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: kind, Ref: ref, Reason: "asked"})
	w.must(err)
	return retention.Ordered{ID: id}
}

// TestHoldAndErasureAtOnce: of a hold and an erasure that begin at the same moment one is first. What is told to be held is not erased
// by who looked before, and what is being erased is not held.
func TestHoldAndErasureAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		admin := w.actor["admin"]
		var placed string
		hold := func(ctx context.Context) (err error) {
			placed, err = w.Retention.Hold(ctx, admin, "person", "mira", "A lawsuit.")
			return err
		}
		order := w.ordered("person", "mira")
		run := func(ctx context.Context) error { return w.Retention.Run(ctx, order) }
		held, erased := w.meanwhile(hold, run)
		w.must(held)
		w.must(erased)
		if e, err := w.Retention.Erasure(w.ctx, admin, order.ID); err != nil || e.State != retention.Stopped {
			w.t.Errorf("who was held first is erased: %+v, %v", e, err)
		}
		w.must(w.Retention.Lift(w.ctx, admin, placed, "It is settled."))
		order = w.ordered("person", "mira")
		erased, held = w.meanwhile(run, hold)
		w.must(erased)
		w.refused(held, fault.Invalid, "who is being erased is held")
	})
}

// TestMailWhileErasing: what is mailed to somebody while they are erased goes with them, and nothing is mailed to them after.
func TestMailWhileErasing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		w.now.Advance(40 * 365 * 24 * time.Hour) // no rule keeps what was submitted before
		order := w.ordered("person", "mira")
		tell := func(ctx context.Context) error {
			return w.Mail.Send(ctx, mail.Message{Account: w.actor["mira"].Account, Kind: "retention.mail.granted", Args: []any{"R-1", marked, mail.Path("/my-data")}})
		}
		run := func(ctx context.Context) error { return w.Retention.Run(ctx, order) }
		told, erased := w.meanwhile(tell, run)
		w.must(told)
		w.must(erased)
		w.sweep()
		if left := w.leftOf(); len(left) != 0 {
			w.t.Errorf("mailed before: %v", left)
		}
		w.must(tell(w.ctx))
		if left := w.leftOf(); len(left) != 0 {
			w.t.Errorf("mailed after: %v", left)
		}
	})
}

// slowly is an upload in whose middle something happens.
type slowly struct {
	io.Reader
	middle func()
}

func (s *slowly) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF && s.middle != nil {
		s.middle()
		s.middle = nil
	}
	return n, err
}

// TestWritingWhileErasing: what is uploaded to a draft, or saved in it, while it is erased does not stay in it.
func TestWritingWhileErasing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		w.now.Set(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC))
		call := w.openCall("open-call.yaml").ID
		for who, write := range map[string]func(draft string, erase func(context.Context) error) (erased, written error){
			"ravi": func(draft string, erase func(context.Context) error) (erased, written error) {
				upload := &slowly{bytes.NewReader(aPDF), func() { erased = erase(w.ctx) }}
				_, written = w.Proposals.Attach(w.ctx, w.actor["ravi"], draft, "plan_file", "plan.pdf", upload)
				return erased, written
			},
			"mira": func(draft string, erase func(context.Context) error) (erased, written error) {
				return w.meanwhile(erase, func(ctx context.Context) error {
					_, err := w.Proposals.Save(ctx, w.actor["mira"], draft, answers("Late", 100))
					return err
				})
			},
		} {
			draft, err := w.Proposals.Begin(w.ctx, w.actor[who], call)
			w.must(err)
			order := w.ordered("person", who)
			erased, written := write(draft.ID, func(ctx context.Context) error { return w.Retention.Run(ctx, order) })
			w.must(erased)
			w.refused(written, fault.NotFound, "a draft of "+who+" is written that was erased meanwhile")
			if n := w.count(`SELECT count(*) FROM proposal_answer WHERE proposal_id = $1`, draft.ID) + w.count(`SELECT count(*) FROM file_ref WHERE owner_id = $1`, draft.ID); n != 0 {
				w.t.Errorf("%d answers and files are in what was erased of %s", n, who)
			}
		}
	})
}

// TestCopiesOfOthersAreMadeAnew: a copy of their own data that somebody can fetch names who was in a team with them, until these are erased.
func TestCopiesOfOthersAreMadeAnew(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		ravi := w.actor["ravi"]
		w.now.Advance(40 * 365 * 24 * time.Hour)
		id, err := w.Retention.Ask(w.ctx, ravi, retention.ForCopy, "")
		w.must(err)
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		if text := w.fetched("ravi", id); !strings.Contains(text, markedName) {
			w.t.Fatalf("the copy of a partner of hers does not name her: %s", text)
		}
		w.erased(w.ordered("person", "mira").ID)
		if _, _, err := w.Retention.Fetch(w.ctx, ravi, id); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("the copy of before is given: %v", err)
		}
		w.sweep() // the copy is made anew by then
		if n := w.count(`SELECT count(*) FROM file_ref WHERE owner_kind = 'request'`); n != 1 {
			w.t.Errorf("%d copies are stored", n)
		}
		if text := w.fetched("ravi", id); strings.Contains(text, markedName) || !strings.Contains(text, "ravi@example.org") {
			w.t.Errorf("the copy made anew: %s", text)
		}
	})
}

// fetched is all that stands in a copy of somebody's data.
func (w *world) fetched(who, id string) string {
	w.t.Helper()
	_, content, err := w.Retention.Fetch(w.ctx, w.actor[who], id)
	w.must(err)
	body, err := io.ReadAll(content)
	w.must(errors.Join(err, content.Close()))
	return fmt.Sprint(w.unzipped(body))
}

// TestErasedHoweverWritten: an address in capitals, the name of before a marriage, and the reason of the erasing itself are taken out too.
func TestErasedHoweverWritten(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one, other := w.marked()
		const former = "Zephyrine Oldmark"
		w.run(`UPDATE person SET family_name = 'Newmark', name = 'Zephyrine Newmark' WHERE id = 'mira'`)
		w.run(`UPDATE proposal_member SET name = $1 WHERE person_id = 'mira'`, former)
		w.run(`UPDATE call SET contact = $1 WHERE id = $2`, "Ask Zephyrine@QUILLFEATHER.example.", one.CallID)
		w.run(`INSERT INTO mail_message (id, to_email, kind, locale, subject, body, about_kind, about_id, due_at, sent_at, created_at)
			VALUES ('of before', 'x@example.org', 'k', 'en', 'S', $1, '', '', 0, 1, 1)`, "Greet "+former+" and ZEPHYRINE@QUILLFEATHER.EXAMPLE.")
		hold, err := w.Retention.Hold(w.ctx, w.actor["admin"], "person", "mira", "Zephyrine Newmark against the agency.")
		w.must(err)
		w.must(w.Retention.Lift(w.ctx, w.actor["admin"], hold, "Zephyrine Newmark withdrew."))
		w.now.Advance(40 * 365 * 24 * time.Hour)
		id, err := w.Retention.Order(w.ctx, w.actor["admin"], retention.Wish{Kind: "person", Ref: "mira", Reason: "Zephyrine Newmark asked by letter."})
		w.must(err)
		e := w.erased(id)
		if e.Reason != "[erased] asked by letter." {
			w.t.Errorf("the reason is %q", e.Reason)
		}
		w.sweep()
		if got := w.text(`SELECT body FROM mail_message WHERE id = 'of before'`); got != "Greet [erased] and [erased]." {
			w.t.Errorf("a mail of somebody else says %q", got)
		}
		if left := dbtest.Holding(w.t, w.DB, "quillfeather", "newmark", "oldmark"); len(left) != 0 {
			w.t.Errorf("still there, of %s: %v", other.Number, left)
		}
		w.whole()
	})
}

// TestErasedBeforeTheirCopy: of who is erased before the copy that they asked for is made, none is made.
func TestErasedBeforeTheirCopy(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.marked()
		_, err := w.Retention.Ask(w.ctx, w.actor["mira"], retention.ForCopy, "")
		w.must(err)
		w.must(w.Retention.Run(w.ctx, w.ordered("person", "mira")))
		_, err = w.Jobs.Work(w.ctx)
		w.must(err)
		if n := w.count(`SELECT count(*) FROM file_ref WHERE owner_kind = 'request'`); n != 0 {
			w.t.Errorf("%d copies are made of who was erased", n)
		}
	})
}

// TestErasedFromTheRegister: who has no account is mailed at the address that the register keeps, in capitals perhaps: the mails go with
// them, and what is still to be sent.
func TestErasedFromTheRegister(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.account("admin", "", access.Grant{Role: access.Admin, Scope: access.Platform()})
		w.run(`INSERT INTO person (id, given_name, family_name, name, sort_name, email, state, created_at, changed_at) VALUES ('somebody', 'Kaja', 'Mixed', 'Kaja Mixed', 'mixed', 'Kaja@Mixed.example', 'active', 0, 0)`)
		w.must(w.Mail.Send(w.ctx, mail.Message{Email: "Kaja@Mixed.example", Kind: "retention.mail.granted.outside", Args: []any{"R-1", "Dear K.", mail.Path("/")}}))
		w.run(`INSERT INTO job (id, kind, args, due_at, created_at) VALUES ('later', 'mail.deliver', '{"email":"Kaja@Mixed.example","digest":"x"}', 9000000000000000, 0)`)
		w.erased(w.ordered("person", "somebody").ID)
		if left := dbtest.Holding(w.t, w.DB, "kaja", "Dear K."); len(left) > 0 {
			w.t.Errorf("still there: %v", left)
		}
	})
}
