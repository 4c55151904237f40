package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// rule is the rule of the first conflict of somebody with a proposal; "" for none. What keeps a person from all proposals
// together, which looks only at those that something ties to them, must say the same.
func (w *world) rule(person string, p proposal.Proposal) string {
	w.t.Helper()
	found, err := w.Reviews.Conflicts(w.ctx, person, p.ID)
	w.must(err)
	now, err := w.Proposals.Known(w.ctx, p.ID)
	w.must(err)
	all, err := w.Reviews.Conflicted(w.ctx, person)
	w.must(err)
	if kept := len(found) > 0 && !found[0].Soft && now.State != proposal.Draft; all[p.ID] != kept {
		w.t.Errorf("%s has %+v with %s, but all that they are kept from are %v", person, found, now.Number, all)
	}
	if len(found) == 0 {
		return ""
	}
	return found[0].Rule
}

// named puts somebody into the team of a proposal whom nobody has found in the register.
func (w *world) named(p proposal.Proposal, name string) {
	w.t.Helper()
	w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
		_, err := w.DB.Q(ctx).ExecContext(ctx, `INSERT INTO proposal_member (id, proposal_id, name, email, role, state) VALUES ($1, $2, $3, $4, 'member', 'invited')`, clock.ID(ctx), p.ID, name, clock.ID(ctx)+"@example.org")
		return err
	}))
}

// TestConflictsOfRecords: common works and earlier proposals keep people apart for three years, and a
// conflict that comes to light after the invitation is shown.
func TestConflictsOfRecords(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		call, p := w.stage("gala", "hugo", "iris")
		w.must(w.Accounts.Grant(w.ctx, access.System, w.actor["mira"].Account, access.Grant{Role: access.Officer, Scope: access.Agency("arc")}, time.Time{}))
		wrote := func(person, title string, year int) {
			w.must(w.Register.AddWork(w.ctx, access.System, person, register.WorkInput{Title: title, Kind: "publication", DOI: "10.5555/ald." + title[:3], Year: year}))
		}
		wrote("mira", "Old joints", 2021)
		wrote("gala", "Old joints", 2021)
		if got := w.rule("gala", p); got != "" {
			w.t.Errorf("after six years gala has %q", got)
		}
		w.assign(call, 2)
		late := func() []review.Late {
			v, err := w.Reviews.RoundsOf(w.ctx, officer, call, "")
			w.must(err)
			return v.Late
		}
		asked := w.by(p)
		if len(late()) != 0 || asked["gala"] != review.Invited {
			w.t.Fatalf("asked %v, late %+v", asked, late())
		}
		wrote("mira", "New joints", 2026)
		wrote("gala", "New joints", 2026) // her profile changes after the invitation
		if got := w.rule("gala", p); got != "co-author" {
			w.t.Errorf("with a common work gala has %q", got)
		}
		if got := late(); len(got) != 1 || got[0].Name != "Gala Beck" || got[0].Evidence != "New joints" {
			w.t.Errorf("came to light: %+v", got)
		}

		// the officer is told once, by mail and on the home page, until the review is taken back; mira, an officer whose proposal it is, is not
		told := func() (n int) {
			for _, l := range w.outbox(mail.About{}) {
				if l.Kind == "review.mail.conflict" {
					n++
				}
			}
			return n
		}
		tasks := func() int {
			list, err := w.Reviews.LateCalls(w.ctx, officer)
			w.must(err)
			return len(list)
		}
		if tasks() != 0 {
			w.t.Error("a task before anybody looked")
		}
		w.must(w.Reviews.Next(w.ctx))
		w.must(w.Reviews.Next(w.ctx))
		if told() != 1 || tasks() != 1 {
			w.t.Errorf("%d mails and %d tasks about it, want one each", told(), tasks())
		}
		w.visitor("officer").ask("GET", "/home", nil, 200, "1 person asked in")
		w.must(w.Reviews.Cancel(w.ctx, officer, late()[0].ReviewID, "A joint paper."))
		w.must(w.Reviews.Next(w.ctx))
		if told() != 1 || tasks() != 0 {
			w.t.Errorf("after it was taken back: %d mails, %d tasks", told(), tasks())
		}
	})
}

// TestPossibleConflicts: somebody of the team whom nobody has found in the register may be a person of the pool; it
// counts until an officer settles it.
func TestPossibleConflicts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		w.judges()
		c := w.openCall("open-call.yaml")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		w.now.Set(c.ClosesAt.Add(time.Hour))
		w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, "gala", 0, 3))
		w.named(p, "G. Beck")
		if got := w.rule("gala", p); got != "same-name" {
			w.t.Fatalf("gala has %q", got)
		}
		_, err := w.Reviews.Invite(w.ctx, officer, p.ID, "gala")
		w.refused(err, fault.Conflict, "asking before it is settled")
		w.refused(w.Reviews.Settle(w.ctx, w.actor["mira"], c.ID, p.ID, "gala", false), fault.NotFound, "an applicant settles")
		w.refused(w.Reviews.Settle(w.ctx, officer, c.ID, p.ID, "hugo", false), fault.Conflict, "settling what is none")
		at := "/calls/" + c.ID + "/assignment/" + p.ID
		page := w.visitor("officer")
		page.ask("GET", at, nil, 200, "G. Beck", "Somebody else", "Likeness of names and organisations: 50 of 100.")
		if found, err := w.Reviews.Conflicts(w.ctx, "gala", p.ID); err != nil || len(found) != 1 || found[0].Confidence != 0.5 {
			w.t.Errorf("by an initial gala has %+v, %v", found, err)
		}
		page.ask("POST", at, values("act", "other gala"), 303)
		if got := w.rule("gala", p); got != "" {
			w.t.Errorf("settled, gala still has %q", got)
		}
		profile, err := w.Register.Profile(w.ctx, access.System, "hugo")
		w.must(err)
		w.must(w.Register.UpdateProfile(w.ctx, access.System, "hugo", profile.Version, register.ProfileInput{Given: "Hugo", Family: "Beck", Name: "白雨果 (Hugo Beck)"}))
		w.named(p, "白雨果")
		if found, err := w.Reviews.Conflicts(w.ctx, "hugo", p.ID); err != nil || len(found) != 1 || !found[0].Possible || found[0].Confidence != 0.9 {
			w.t.Errorf("by the name that he writes too hugo has %+v, %v", found, err)
		}
		if got := w.rule("hugo", p); got != "same-name" {
			w.t.Errorf("hugo has %q", got)
		}
		w.named(p, "Beck, Gala")
		w.must(w.Reviews.Settle(w.ctx, officer, c.ID, p.ID, "gala", true))
		if found, err := w.Reviews.Conflicts(w.ctx, "gala", p.ID); err != nil || len(found) == 0 || found[0].Possible {
			w.t.Errorf("settled as the same person: %+v, %v", found, err)
		}
		w.whole()
	})
}
