package demo_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/review"
)

// TestLargeCall assigns a large call under every aim: each proposal gets its reviewers, nobody too many,
// nobody from the same organisation, and what was sent can be taken back.
func TestLargeCall(t *testing.T) {
	t.Parallel()
	now := clock.NewFixed(time.Date(2027, 3, 16, 8, 0, 0, 0, time.UTC), 5)
	ctx := clock.With(t.Context(), now.Source())
	a, err := app.Open(ctx, app.Config{Database: dbtest.SQLitePath(t), Files: filepath.Join(t.TempDir(), "files"), Country: demo.Name, Zone: demo.Zone, Demo: true, Relaxed: true, NoJobs: true, Clock: now.Source()})
	must(t, err)
	defer a.Close()
	must(t, demo.Make(ctx, a))
	const proposals, people = 200, 120
	made, err := demo.Large(ctx, a, proposals, people)
	must(t, err)
	officer := staff(ctx, t, a, made.AgencyID)
	_, pool, _, err := a.Reviews.Pool(ctx, officer, made.ID, "", "", 1, 1000)
	must(t, err)
	most := map[string]int{}
	for _, m := range pool {
		most[m.Person] = m.Most
	}
	var last review.Run
	for _, aim := range review.Aims {
		now.Advance(time.Minute)
		run, err := a.Reviews.Suggest(ctx, officer, made.ID, "", review.Settings{Each: 3, Aim: aim})
		must(t, err)
		given, got := map[string]int{}, map[string]int{}
		for _, p := range run.Result.Pairs {
			given[p.Person]++
			got[p.Proposal]++
			if found, err := a.Reviews.Conflicts(ctx, p.Person, p.Proposal); err != nil || len(found) > 0 {
				t.Fatalf("%s: %s and %s: %+v, %v", aim, p.Proposal, p.Person, found, err)
			}
		}
		for person, n := range given {
			if n > most[person] {
				t.Errorf("%s: %s gets %d of at most %d", aim, person, n, most[person])
			}
		}
		if len(got) != proposals || run.Result.Filled != 3*proposals || run.Certificate.Unmet != 0 {
			t.Errorf("%s: %d proposals, %d places filled", aim, len(got), run.Result.Filled)
		}
		last = run
	}
	sent, err := a.Reviews.Apply(ctx, officer, made.ID, last.ID)
	must(t, err)
	taken, err := a.Reviews.Undo(ctx, officer, made.ID, last.ID, "A rehearsal.")
	must(t, err)
	if sent != 3*proposals || taken != sent {
		t.Errorf("sent %d, took back %d", sent, taken)
	}
}

// staff is an officer of an agency.
func staff(ctx context.Context, t *testing.T, a *app.App, agency string) access.Actor {
	t.Helper()
	id, err := a.Accounts.Create(ctx, access.System, account.New{Email: "large@demo.example", Zone: demo.Zone})
	must(t, err)
	must(t, a.Accounts.Grant(ctx, access.System, id, access.Grant{Role: access.Officer, Scope: access.Agency(agency)}, time.Time{}))
	actor, err := a.Accounts.ActorOf(ctx, id)
	must(t, err)
	return actor
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
