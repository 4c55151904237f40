package retention

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// Result says what an erasure touches: of a dry run what it would, else what it did.
type Result struct {
	Rows    map[string]int64 `json:"rows"`    // rows deleted or cleared, by table
	Texts   int64            `json:"texts"`   // texts of others from which a name or address was taken out
	Files   int              `json:"files"`   // uses of files
	Entries int64            `json:"entries"` // ledger entries whose payload and salt went
	Kept    []Kept           `json:"kept"`
	Spared  []Spared         `json:"kept_texts,omitempty"` // in the records kept, and in those that are held
	Holds   []Hold           `json:"-"`                    // a dry run's only: with one nothing is erased
	erased  ledger.Erased    // of the ledger, to be named in the erasure's own entry
}

// erase does it, inside a unit of work.
func (s *Service) erase(ctx context.Context, w whole) (Result, error) {
	r := Result{Rows: map[string]int64{}, Kept: w.kept}
	now := clock.Now(ctx)
	var err error
	if r.Spared, err = s.spares(ctx, w); err != nil {
		return r, err
	}
	// Files, payloads and texts first: the rows that say which they are go last.
	steps := []func() error{
		func() error { return s.eraseFiles(ctx, w, &r) },
		func() error { return s.eraseEntries(ctx, w, &r) },
		func() error { return s.takeOut(ctx, &w, &r) },
		func() error { return s.eraseRows(ctx, w, now, &r) },
		func() error { return s.forget(ctx, w, &r) }, // after the texts: who signed is found by the ledger's pseudonym
		func() error { return s.eraseFound(ctx, w) },
		func() error { return s.renewCopies(ctx, w) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return r, err
		}
	}
	return r, nil
}

// eraseRows deletes or clears each set of rows that belongs to one of the subjects.
func (s *Service) eraseRows(ctx context.Context, w whole, now time.Time, r *Result) error {
	for _, k := range w.strikes(now) {
		n, err := s.change(ctx, k.statement(), k.args...)
		if err != nil {
			return err
		}
		if n > 0 {
			r.Rows[k.table] += n
		}
	}
	return nil
}

func (s *Service) fileRefs(ctx context.Context, owner key) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM file_ref WHERE owner_kind = $1 AND owner_id = $2 ORDER BY id`, owner.kind, owner.id)
}

func (s *Service) eraseFiles(ctx context.Context, w whole, r *Result) error {
	for _, k := range w.files {
		ids, err := s.fileRefs(ctx, k)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.Files.Delete(ctx, id); err != nil {
				return err
			}
			r.Files++
		}
	}
	return nil
}

// eraseEntries takes payloads and salts out of the ledger, those of the records themselves and those
// that name the person.
func (s *Service) eraseEntries(ctx context.Context, w whole, r *Result) error {
	for _, which := range w.told() {
		list, err := s.Ledger.Erase(ctx, which)
		if err != nil {
			return err
		}
		r.Entries += int64(len(list))
		r.erased = append(r.erased, list...)
	}
	return nil
}

// forget lets the ledger forget who the pseudonyms were.
func (s *Service) forget(ctx context.Context, w whole, r *Result) error {
	for _, who := range w.forget {
		list, err := s.Ledger.Forget(ctx, who)
		if err != nil {
			return err
		}
		r.erased = append(r.erased, list...)
	}
	return nil
}

// takeOut removes addresses and ORCID iDs from the texts of others, names from those of records in which the person
// took part. What a rule keeps stays as it is. Awards whose texts change are found by their old ones until they are indexed anew.
func (s *Service) takeOut(ctx context.Context, w *whole, r *Result) error {
	for _, k := range w.removals() {
		rows, err := k.rows(ctx, s.DB, s.DB.Pick("", " FOR UPDATE"))
		if err != nil {
			return err
		}
		for _, row := range rows {
			statement, args := k.write(s.DB, row)
			if err := s.exec(ctx, statement, args...); err != nil {
				return err
			}
			if row.award != "" && !slices.Contains(w.awards, row.award) {
				w.awards = append(w.awards, row.award)
			}
		}
		r.Texts += int64(len(rows))
	}
	return nil
}

// eraseFound makes what was erased unfindable, and awards findable as they are now.
func (s *Service) eraseFound(ctx context.Context, w whole) error {
	for _, k := range w.records {
		if k.kind == "award" {
			continue
		}
		if err := s.Search.Delete(ctx, k.kind, k.id); err != nil {
			return err
		}
	}
	return s.Reindex(ctx, w.awards...)
}
