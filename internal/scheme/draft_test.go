package scheme_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/schemes"
)

var officer = access.Actor{Account: "olena", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}

func service(t *testing.T, d *db.DB) (context.Context, *scheme.Service) {
	t.Helper()
	ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 5).Source())
	l, err := ledger.Open(ctx, d, "test")
	must(t, err)
	s := &scheme.Service{DB: d, Ledger: l}
	must(t, s.Ship(ctx, schemes.Files))
	return ctx, s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, kind fault.Kind, what string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want a fault of kind %d", what, err, kind)
	}
}

// TestListBesideANewerProgram: a program of before offers what it can read where a newer one has brought a definition that it cannot.
func TestListBesideANewerProgram(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := service(t, d)
		before, err := s.List(ctx)
		must(t, err)
		must(t, work.Do(ctx, d, func(ctx context.Context) error {
			_, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO scheme_version (id, scheme, number, title, state, source, forms, hash, created_at, published_at)
				SELECT 'newer', scheme, number + 1, title, state, source || $2, forms, 'newer', created_at, published_at FROM scheme_version WHERE id = $1`, before[0].ID, "\na-word-of-tomorrow: 1\n")
			return err
		}))
		after, err := s.List(ctx)
		must(t, err)
		if len(after) != len(before)-1 || after[0].ID != before[1].ID {
			t.Errorf("%d definitions are offered, want %d", len(after), len(before)-1)
		}
		if _, err := s.Get(ctx, before[0].ID); err != nil {
			t.Errorf("calls by the version of before: %v", err)
		}
	})
}

func TestShipIsIdempotent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := service(t, d)
		before, err := s.List(ctx)
		must(t, err)
		must(t, s.Ship(ctx, schemes.Files))
		after, err := s.List(ctx)
		must(t, err)
		if len(before) != 5 || len(after) != 5 || after[0].ID != before[0].ID || after[0].Number != 1 {
			t.Errorf("before %d schemes, after %d; the first %d", len(before), len(after), after[0].Number)
		}
	})
}

func TestDraftBecomesAVersion(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := service(t, d)
		_, err := s.Draft(ctx, access.Actor{Account: "mira"}, "open-call")
		refused(t, err, fault.NotAllowed, "an applicant edits")
		_, err = s.Draft(ctx, officer, "lottery")
		refused(t, err, fault.NotFound, "a scheme that is none")
		draft, err := s.Draft(ctx, officer, "open-call")
		must(t, err)

		draft.YAML = strings.Replace(draft.YAML, "hours: 16", "hours: 10", 1)
		n, err := s.SaveDraft(ctx, officer, "open-call", draft)
		must(t, err)
		_, err = s.SaveDraft(ctx, officer, "open-call", draft)
		refused(t, err, fault.Conflict, "saved twice on the same state")
		saved, err := s.Draft(ctx, officer, "open-call")
		must(t, err)
		if saved.Version != n || saved.YAML != draft.YAML {
			t.Errorf("draft %d, want %d as it was saved", saved.Version, n)
		}
		_, err = s.PublishDraft(ctx, officer, "open-call", saved.Source)
		refused(t, err, fault.Invalid, "a broken draft is published")
		saved.YAML = strings.Replace(saved.YAML, "hours: 10", "hours: 18", 1)
		_, err = s.PublishDraft(ctx, officer, "small-grant", saved.Source)
		refused(t, err, fault.Invalid, "published as another scheme")
		_, err = s.SaveDraft(ctx, officer, "open-call", saved)
		must(t, err)

		v, err := s.PublishDraft(ctx, officer, "open-call", saved.Source)
		must(t, err)
		all, err := s.Versions(ctx, "open-call")
		must(t, err)
		if v.Number != 2 || len(all) != 2 || all[0].Hours != 18 || all[1].Hours != 16 || all[0].Hash == all[1].Hash {
			t.Errorf("version %d of %d: %+v", v.Number, len(all), all)
		}
		fresh, err := s.Draft(ctx, officer, "open-call")
		must(t, err)
		if fresh.Version != 0 || fresh.YAML != saved.YAML {
			t.Error("the draft outlived its version")
		}
		fresh.YAML = strings.Repeat("#", 300<<10)
		_, err = s.SaveDraft(ctx, officer, "open-call", fresh)
		refused(t, err, fault.TooLarge, "a draft of 300 KB")
	})
}
