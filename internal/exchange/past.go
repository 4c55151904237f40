package exchange

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Past is a run of the past.
type Past struct {
	ID, Kind, Source, By string
	Files                []File
	Kept
	Started, Finished time.Time // Finished is zero for one that runs, or was broken off
	Waits             bool      // somebody should look at what it rejected or suspected
	Checked           time.Time // when somebody had
}

// mostUnchecked is how many runs Unchecked lists at most.
const mostUnchecked = 20

// Pair is a suspected duplicate with the keys of both records, "" for a row that was rejected.
type Pair struct {
	Alike
	ID, OtherID string
}

func see(a access.Actor) error {
	have := a.Staffing("", "", "")
	return rules.Check(a, "exchange.import", have, have)
}

// Runs are the runs of the past, the newest first, and how many there were. Only
// who runs the installation sees them.
func (s *Service) Runs(ctx context.Context, a access.Actor, page, size int) ([]Past, int, error) {
	if err := see(a); err != nil {
		return nil, 0, err
	}
	total, err := s.countRuns(ctx)
	if err != nil {
		return nil, 0, err
	}
	list, err := s.runs(ctx, `ORDER BY started_at DESC, id LIMIT $1 OFFSET $2`, size, (max(page, 1)-1)*size)
	return list, total, err
}

// Unchecked are the runs that somebody should look at, the newest first.
func (s *Service) Unchecked(ctx context.Context, a access.Actor) ([]Past, error) {
	if err := see(a); err != nil {
		return nil, err
	}
	return s.runs(ctx, `WHERE waits = 1 ORDER BY started_at DESC, id LIMIT $1`, mostUnchecked)
}

// Past is one run. Errors: NotFound.
func (s *Service) Past(ctx context.Context, a access.Actor, id string) (Past, error) {
	if err := see(a); err != nil {
		return Past{}, err
	}
	return db.One(s.runs(ctx, `WHERE id = $1`, id))
}

// Pairs is a page of the suspected duplicates of a run.
func (s *Service) Pairs(ctx context.Context, p Past, page, size int) ([]Pair, error) {
	from := min((max(page, 1)-1)*size, len(p.Alike))
	some := p.Alike[from:min(from+size, len(p.Alike))]
	keys := make([]string, 0, 2*len(some))
	for _, a := range some {
		keys = append(keys, a.Key, a.Other)
	}
	became, err := s.known(ctx, p.Kind, p.Source, keys)
	out := make([]Pair, 0, len(some))
	for _, a := range some {
		out = append(out, Pair{a, became[a.Key].id, became[a.Other].id})
	}
	return out, err
}

// Check notes that a has looked through what a run rejected and suspected. It
// changes no record: what is to be mended is mended in the source and sent again.
func (s *Service) Check(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.Past(ctx, a, id)
		if err != nil {
			return err
		}
		if !p.Waits {
			return fault.New(fault.Conflict, "exchange.checked.already")
		}
		_, err = s.DB.Q(ctx).ExecContext(ctx, `UPDATE import_run SET waits = 0, checked_at = $2, checked_by = $3 WHERE id = $1`, id, db.At(clock.Now(ctx)), a.Account)
		if err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "exchange.check", Kind: "import", ID: id, Payload: map[string]int{"rejected": p.Rejected, "alike": p.Alikes}})
		return err
	})
}

func (s *Service) runs(ctx context.Context, which string, args ...any) ([]Past, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Past, err error) {
		return p, r.Scan(&p.ID, &p.Kind, &p.Source, db.FromJSON(&p.Files), db.FromJSON(&p.Kept), &p.By, db.Time(&p.Started), db.Time(&p.Finished), &p.Waits, db.Time(&p.Checked))
	}, `SELECT id, kind, mapping, files, counts, by_account, started_at, finished_at, waits, checked_at FROM import_run `+which, args...)
}

func (s *Service) countRuns(ctx context.Context) (n int, err error) {
	return n, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM import_run`).Scan(&n)
}
