package retention

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Result says what an erasure touches: of a dry run what it would, else what it did.
type Result struct {
	Rows    map[string]int64 `json:"rows"`    // rows deleted or cleared, by table
	Texts   int64            `json:"texts"`   // texts of others from which a name or address was taken out
	Files   int              `json:"files"`   // uses of files
	Entries int64            `json:"entries"` // ledger entries whose payload and salt went
	Kept    []Kept           `json:"kept"`
	Holds   []Hold           `json:"-"` // a dry run's only: with one nothing is erased
	erased  ledger.Erased    // of the ledger, to be named in the erasure's own entry
}

// errUndo ends the unit of work of a dry run.
var errUndo = errors.New("a dry run is undone")

// foresee is erase, undone: what it counts is what erase would do. It holds what erase holds: on SQLite the one writer.
func (s *Service) foresee(ctx context.Context, kind, id string) (r Result, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		w, err := s.gather(ctx, kind, id)
		if err != nil {
			return err
		}
		holds, err := s.holdsOf(ctx, w.records)
		if err != nil {
			return err
		}
		if r, err = s.erase(ctx, w); err != nil {
			return err
		}
		r.Holds = holds
		return errUndo
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return r, err
}

// erase does it, inside a unit of work.
func (s *Service) erase(ctx context.Context, w whole) (Result, error) {
	r := Result{Rows: map[string]int64{}, Kept: w.kept}
	now := clock.Now(ctx)
	// Files, payloads and texts first: the rows that say which they are go last.
	steps := []func() error{
		func() error { return s.eraseFiles(ctx, w, &r) },
		func() error { return s.eraseEntries(ctx, w, &r) },
		func() error { return s.takeOut(ctx, w, &r) },
		func() error { return s.eraseRows(ctx, w, now, &r) },
		func() error { return s.eraseFound(ctx, w) },
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
	for _, t := range inventory {
		for _, rows := range t.Rows {
			for _, of := range w.subjects {
				if rows.Of != of.kind || !rows.erases() {
					continue
				}
				n, err := s.change(ctx, rows.statement(t.Name, now), of.args()...)
				if err != nil {
					return err
				}
				if n > 0 {
					r.Rows[t.Name] += n
				}
			}
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
// that name the person, and forgets who the pseudonyms were.
func (s *Service) eraseEntries(ctx context.Context, w whole, r *Result) error {
	count := func(list ledger.Erased, err error) error {
		r.Entries += int64(len(list))
		r.erased = append(r.erased, list...)
		return err
	}
	for _, k := range w.entries {
		if err := count(s.Ledger.EraseAbout(ctx, k.kind, k.id)); err != nil {
			return err
		}
	}
	for _, word := range w.words {
		if err := count(s.Ledger.EraseNaming(ctx, word)); err != nil {
			return err
		}
	}
	for _, n := range w.named {
		for _, word := range n.words {
			if err := count(s.Ledger.EraseNamingAbout(ctx, told(word), n.in.kind, n.in.id)); err != nil {
				return err
			}
		}
	}
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
// took part. What a rule keeps stays as it is.
func (s *Service) takeOut(ctx context.Context, w whole, r *Result) error {
	out := func(statement string, args ...any) error {
		if statement == "" {
			return nil
		}
		n, err := s.change(ctx, statement, args...)
		r.Texts += n
		return err
	}
	kept := w.keptProposals()
	for _, t := range inventory {
		words, but := w.words, t.but(kept, 3)
		if t.Names {
			words = slices.Concat(words, w.names)
		}
		for _, word := range words {
			args := []any{word, erased}
			for i := 0; but != "" && i < len(kept); i++ {
				args = append(args, kept[i])
			}
			if err := out(t.takeOut(but), args...); err != nil {
				return err
			}
		}
		for _, n := range w.named {
			if err := t.takeNamesOut(n, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeNamesOut removes names from the texts of a table that belong to a record.
func (t table) takeNamesOut(n named, out func(string, ...any) error) error {
	for _, rows := range t.Rows {
		if rows.Of != n.in.kind {
			continue
		}
		where := " AND (" + shift(rows.Where) + ")"
		for _, word := range n.words {
			if err := out(t.takeOut(where), word, erased, n.in.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// told is a text as it stands in a payload, which is JSON.
func told(text string) string { return strings.Trim(db.JSON(text), `"`) }

// eraseFound makes what was erased unfindable, and awards findable as they are now.
func (s *Service) eraseFound(ctx context.Context, w whole) error {
	for _, k := range w.records {
		if k.kind == "call" || k.kind == "award" {
			continue
		}
		if err := s.Search.Delete(ctx, k.kind, k.id); err != nil {
			return err
		}
	}
	return s.Reindex(ctx, w.awards...)
}
