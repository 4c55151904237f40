package retention

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// Spared are texts that name who is erased and stay as they are: a rule or a hold keeps the record in which they stand. It
// says where, and by its key what keeps them; of the reason of a hold nothing, as it may name them too.
type Spared struct {
	Table  string    `json:"table"` // ledger_payload: what entries about the record tell
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Number string    `json:"number"`
	Texts  int64     `json:"texts"`
	Class  Class     `json:"class,omitempty"` // of the rule
	Holds  []string  `json:"holds,omitempty"` // their keys
	Until  time.Time `json:"until,omitzero"`  // zero: until the holds are lifted, or as Kept says
}

// spares finds the texts that an erasure leaves in records that are kept. It is asked before anything is erased.
func (s *Service) spares(ctx context.Context, w whole) (list []Spared, err error) {
	for _, kind := range slices.Sorted(maps.Keys(heldOfKind)) {
		held, err := s.anyHeld(ctx, w, kind)
		if err != nil {
			return nil, err
		}
		for _, k := range w.sparings(kind, held) {
			rows, err := k.rows(ctx, s.DB, "")
			if err != nil {
				return nil, err
			}
			list = append(list, spared(k.Name, kind, rows)...)
		}
		if !held || len(w.words) == 0 {
			continue
		}
		entries, err := s.sparedEntries(ctx, w, kind)
		if err != nil {
			return nil, err
		}
		list = append(list, entries...)
	}
	return list, s.because(ctx, w, list)
}

// anyHeld reports whether a hold keeps any record of a kind, and is heeded.
func (s *Service) anyHeld(ctx context.Context, w whole, kind string) (bool, error) {
	if !w.heed {
		return false, nil
	}
	some, err := db.Strings(ctx, s.DB.Q(ctx), heldRecords(kind)+` LIMIT 1`)
	return len(some) > 0, err
}

// heldRecords are the records of a kind that a hold keeps.
func heldRecords(kind string) string {
	return `SELECT t.id AS kept_key FROM ` + kind + ` t WHERE t.id IN (` + heldOfKind[kind] + `)`
}

// sparings are removals that are not made: the texts of each table in records of a kind that rules keep, and where held says so, holds.
func (w whole) sparings(kind string, held bool) (list []removal) {
	kept := w.keptProposals()
	for _, t := range inventory {
		if len(t.Text)+len(t.Whole) == 0 {
			continue
		}
		for _, where := range t.of(kind) {
			all := removal{table: t, words: w.words, longer: w.longer, where: " AND (" + strings.ReplaceAll(where, "$1", "kept_key") + ")"}
			if t.Names && !w.namesake {
				all.names = w.names
			}
			if held && len(all.words)+len(all.names) > 0 {
				all.within = heldRecords(kind)
				list = append(list, all)
			}
			if all.names = w.names; kind == "proposal" && len(kept) > 0 && len(all.words)+len(all.names) > 0 {
				in, _ := db.In(len(all.words)+len(all.names)+1, kept)
				all.within, all.keys = `SELECT t.id AS kept_key FROM proposal t WHERE t.id IN `+in, kept
				list = append(list, all)
			}
		}
	}
	return list
}

// spared counts the texts of a table by record.
func spared(table, kind string, rows []struck) (list []Spared) {
	n := map[string]int64{}
	for _, row := range rows {
		n[row.within]++
	}
	for _, id := range slices.Sorted(maps.Keys(n)) {
		list = append(list, Spared{Table: table, Kind: kind, ID: id, Texts: n[id]})
	}
	return list
}

// sparedEntries are the entries about held records that tell an address of who is erased.
func (s *Service) sparedEntries(ctx context.Context, w whole, kind string) ([]Spared, error) {
	ids, err := s.Ledger.Telling(ctx, ledger.Naming(w.words...).Of(kind, heldOfKind[kind]))
	if err != nil {
		return nil, err
	}
	about, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (k struck, err error) { return k, r.Scan(&k.within) }, `SELECT subject_id FROM ledger_entry WHERE id IN {keys}`, ids)
	return spared("ledger_payload", kind, about), err
}

// because adds to texts the numbers of their records, and by what these are kept.
func (s *Service) because(ctx context.Context, w whole, list []Spared) error {
	for i := range list {
		k := &list[i]
		if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT number FROM `+k.Kind+` WHERE id = $1`, k.ID).Scan(&k.Number); err != nil {
			return err
		}
		if j := slices.IndexFunc(w.kept, func(r Kept) bool { return r.Kind == k.Kind && r.ID == k.ID }); j >= 0 {
			k.Class, k.Until = w.kept[j].Class, w.kept[j].Until
			continue
		}
		holds, err := s.holds(ctx, keepsTexts(k.Kind, "$1"), k.ID)
		if err != nil {
			return err
		}
		for _, h := range holds {
			k.Holds = append(k.Holds, h.ID)
		}
	}
	slices.SortFunc(list, func(a, b Spared) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Class, b.Class))
	})
	return nil
}
