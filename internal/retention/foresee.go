package retention

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// foresee counts what erase would do, in one state of the database and reading only: nobody who saves waits for it.
func (s *Service) foresee(ctx context.Context, kind, id string) (r Result, err error) {
	err = s.DB.Snapshot(ctx, func(ctx context.Context) error {
		w, err := s.gather(ctx, kind, id)
		if err != nil {
			return err
		}
		r = Result{Rows: map[string]int64{}, Kept: w.kept}
		if r.Holds, err = s.stops(ctx, kind, id); err != nil {
			return err
		}
		if r.Spared, err = s.spares(ctx, w); err != nil {
			return err
		}
		for _, count := range []func(context.Context, whole, *Result) error{s.countFiles, s.countEntries, s.countTexts, s.countRows} {
			if err := count(ctx, w, &r); err != nil {
				return err
			}
		}
		return nil
	})
	return r, err
}

func (s *Service) countFiles(ctx context.Context, w whole, r *Result) error {
	for _, k := range w.files {
		ids, err := s.fileRefs(ctx, k)
		if err != nil {
			return err
		}
		r.Files += len(ids)
	}
	return nil
}

// countEntries counts an entry once, however many reasons there are to erase it.
func (s *Service) countEntries(ctx context.Context, w whole, r *Result) error {
	seen := map[string]bool{}
	for _, which := range w.told() {
		ids, err := s.Ledger.Telling(ctx, which)
		if err != nil {
			return err
		}
		for _, id := range ids {
			seen[id] = true
		}
	}
	r.Entries = int64(len(seen))
	return nil
}

func (s *Service) countTexts(ctx context.Context, w whole, r *Result) error {
	for _, k := range w.removals() {
		rows, err := k.rows(ctx, s.DB, "")
		if err != nil {
			return err
		}
		r.Texts += int64(len(rows))
	}
	return nil
}

// countRows leaves out rows that an earlier statement of the erasure would have deleted.
func (s *Service) countRows(ctx context.Context, w whole, r *Result) error {
	row := s.DB.Pick("CAST(rowid AS TEXT)", "CAST(ctid AS TEXT)") // which row it is, for as long as the snapshot lasts
	gone := map[[2]string]bool{}
	for _, k := range w.strikes(clock.Now(ctx)) {
		ids, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT `+row+` FROM `+k.table+` WHERE `+k.where, k.args...)
		if err != nil {
			return err
		}
		for _, id := range ids {
			which := [2]string{k.table, id}
			if gone[which] {
				continue
			}
			gone[which] = k.set == ""
			r.Rows[k.table]++
		}
	}
	return nil
}
