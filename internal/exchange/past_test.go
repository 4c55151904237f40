package exchange_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/register"
)

const twoFunders = `
kind: awards
source: brook
key: number
alike: [title]
fields:
  number: number
  title: title
  start: start
  funder: {fields: {key: funder, name: funder}}
`

// TestPast: a run that rejected or suspected something waits until somebody who
// runs the installation has looked through it, and then no longer.
func TestPast(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 3).Source())
		l, err := ledger.Open(ctx, d, "test")
		must(t, err)
		r := &register.Service{DB: d, Ledger: l}
		s := &exchange.Service{DB: d, Ledger: l, Register: r, Awards: &award.Service{DB: d, Ledger: l, Register: r, Search: &search.Index{DB: d}}}
		admin := access.Actor{Account: "theo", Grants: []access.Grant{{Role: access.Admin, Scope: access.Platform()}}}
		officer := access.Actor{Account: "jonas", Grants: []access.Grant{{Role: access.Officer, Scope: access.Platform()}}}

		clean := run(t, ctx, s, "number,title,start,funder\n1,Peat,2026-01-01,Moor Fund\n")
		doubtful := run(t, ctx, s, "number,title,start,funder\n2,Reed,2026-01-01,Moor Fund\n3,Reed,2026-01-01,Fen Fund\n4,Silt,2026-02-30,Moor Fund\n")

		list, total, err := s.Runs(ctx, admin, 1, 10)
		must(t, err)
		if total != 2 || len(list) != 2 {
			t.Fatalf("%d runs, %d listed, want two", total, len(list))
		}
		for _, p := range list {
			if want := p.ID == doubtful.Run; p.Waits != want {
				t.Errorf("run of %v waits: %v, want %v", p.Counts, p.Waits, want)
			}
		}
		p, err := s.Past(ctx, admin, doubtful.Run)
		must(t, err)
		if p.Read != 3 || p.New != 2 || p.Rejected != 1 || p.Alikes != 1 || len(p.Files) != 1 {
			t.Errorf("kept of the run: %+v", p)
		}
		pairs, err := s.Pairs(ctx, p, 1, 10)
		must(t, err)
		if len(pairs) != 1 || pairs[0].ID == "" || pairs[0].OtherID == "" || pairs[0].ID == pairs[0].OtherID || pairs[0].Title != "Reed" {
			t.Errorf("suspected: %+v", pairs)
		}
		if pairs, err = s.Pairs(ctx, p, 7, 10); err != nil || len(pairs) != 0 {
			t.Errorf("a page after the last: %v, %v", pairs, err)
		}

		for name, err := range map[string]error{"looking": second(s.Unchecked(ctx, officer)), "checking": s.Check(ctx, officer, p.ID)} {
			if !fault.Is(err, fault.NotAllowed) {
				t.Errorf("%s as an officer: %v", name, err)
			}
		}
		if err := s.Check(ctx, admin, clean.Run); !fault.Is(err, fault.Conflict) {
			t.Errorf("checking what does not wait: %v", err)
		}
		if err := s.Check(ctx, admin, "nobody"); !fault.Is(err, fault.NotFound) {
			t.Errorf("checking a run that is none: %v", err)
		}
		must(t, s.Check(ctx, admin, p.ID))
		waiting, err := s.Unchecked(ctx, admin)
		must(t, err)
		p, err = s.Past(ctx, admin, p.ID)
		must(t, err)
		if len(waiting) != 0 || p.Waits || p.Checked.IsZero() {
			t.Errorf("after the check %d wait; checked %v", len(waiting), p.Checked)
		}
		entries, err := l.Of(ctx, "import", p.ID)
		must(t, err)
		checks := 0
		for _, e := range entries {
			if e.Act == "exchange.check" {
				checks++
			}
		}
		if checks != 1 {
			t.Errorf("the ledger tells of %d checks", checks)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func run(t *testing.T, ctx context.Context, s *exchange.Service, text string) exchange.Report {
	t.Helper()
	m, err := exchange.ReadMapping("brook.yaml", []byte(twoFunders))
	must(t, err)
	file := filepath.Join(t.TempDir(), "awards.csv")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	r, err := s.Run(ctx, access.System, m, []string{file}, exchange.Options{})
	must(t, err)
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
