package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/schemes"
)

// TestLotteryOfAList: what an installation publishes of the lots that it drew is what the
// command verifies, with the digest that its ledger holds; a list that was changed is found out.
func TestLotteryOfAList(t *testing.T) {
	t.Parallel()
	now := clock.NewFixed(time.Date(2027, 5, 3, 9, 0, 0, 0, time.UTC), 7)
	ctx := clock.With(t.Context(), now.Source())
	a, err := app.Open(ctx, app.Config{Database: dbtest.SQLitePath(t), Files: t.TempDir(), NoJobs: true, Clock: now.Source()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	l, err := lots(ctx, a, now)
	if err != nil {
		t.Fatal(err)
	}
	published, err := json.Marshal(l.Record)
	if err != nil {
		t.Fatal(err)
	}
	dir := files(t, map[string]string{"lottery.json": string(published), "changed.json": strings.Replace(string(published), "P-2027-0003", "P-2027-0009", 1)})
	if code, out, errs := headwater(t, "lottery", "verify", filepath.Join(dir, "lottery.json"), "--digest", l.Record.Digest); code != 0 || !strings.HasPrefix(out, "Yes: 2 of 5 were drawn") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if code, out, _ := headwater(t, "lottery", "verify", filepath.Join(dir, "changed.json"), "--digest", l.Record.Digest); code != 1 || !strings.Contains(out, "the one kept elsewhere is "+l.Record.Digest) {
		t.Errorf("exit %d: %s", code, out)
	}
}

// lots makes a call of five proposals, puts their list on record and draws two of them.
func lots(ctx context.Context, a *app.App, now *clock.Fixed) (l decision.Lottery, err error) {
	if err := a.Register.TakeIn(ctx, access.System, &register.Batch{Organisations: []register.Organisation{{ID: "council", Name: lang.In1("en", "Research Council"), Kind: "funder"}},
		Agencies: []register.Agency{{ID: "arc", OrganisationID: "council", Slug: "arc", Short: "ARC", Name: lang.In1("en", "Research Council"), Currency: "XCR", Zone: "UTC"}}}); err != nil {
		return l, err
	}
	v, err := a.Schemes.Publish(ctx, access.System, schemes.Files, "open-call.yaml")
	if err != nil {
		return l, err
	}
	c := call.Call{ID: "c", Number: "C-2027-001", AgencyID: "arc", SchemeVersionID: v.ID, Title: lang.In1("en", "Open questions"), State: "published", Zone: "UTC",
		OpensAt: clock.Now(ctx).AddDate(0, -3, 0), ClosesAt: clock.Now(ctx).AddDate(0, -1, 0), Total: money.Whole(900_000, "XCR"), Version: 1}
	if err := a.Calls.TakeIn(ctx, []call.Call{c}); err != nil {
		return l, err
	}
	err = work.Do(ctx, a.DB, func(ctx context.Context) error {
		for i := range 5 {
			p := proposal.Proposal{ID: clock.ID(ctx), Number: fmt.Sprintf("P-2027-%04d", i+1), CallID: c.ID, AgencyID: "arc", SchemeVersionID: v.ID, Title: fmt.Sprint("Idea ", i), Language: "en",
				Stage: "full", State: proposal.Submitted, Requested: money.Whole(300_000, "XCR"), CreatedAt: c.OpensAt, SubmittedAt: c.ClosesAt}
			if err := a.Proposals.TakeIn(ctx, p, nil, "proposal", nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return l, err
	}
	d, err := a.Decisions.Begin(ctx, access.System, c.ID, "")
	if err != nil {
		return l, err
	}
	at := clock.Now(ctx).AddDate(0, 0, 2)
	l, err = a.Decisions.Commit(ctx, access.System, d.ID, decision.LotteryInput{Numbers: "P-2027-0001 P-2027-0002 P-2027-0003 P-2027-0004 P-2027-0005", Draw: 2, At: at, Event: "6 of 49, ascending"})
	if err != nil {
		return l, err
	}
	now.Set(at.Add(time.Hour))
	if err := a.Decisions.Draw(ctx, access.System, d.ID, l.ID, "04 11 17 23 38 41", "The gazette of 5 May."); err != nil {
		return l, err
	}
	return a.Decisions.Lottery(ctx, access.System, d.ID, l.ID)
}
