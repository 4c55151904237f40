package retention

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// strike is one statement of an erasure. A dry run counts the rows that it names, an erasure runs it.
type strike struct {
	table string
	set   string // what becomes of the rows; "": they are deleted
	where string
	args  []any
}

func (k strike) statement() string {
	if k.set == "" {
		return `DELETE FROM ` + k.table + ` WHERE ` + k.where
	}
	return `UPDATE ` + k.table + ` SET ` + k.set + ` WHERE ` + k.where
}

// strikes delete or clear the rows that belong to the subjects, in the order in which rows can go.
func (w whole) strikes(now time.Time) (list []strike) {
	for _, t := range inventory {
		for _, rows := range t.Rows {
			for _, of := range w.subjects {
				if rows.Of == of.kind && rows.erases() {
					list = append(list, strike{t.Name, rows.set(now), rows.Where, of.args()})
				}
			}
		}
	}
	return list
}

// removal takes words out of those rows of a table that the condition names, whose parameters stand after those of the words.
type removal struct {
	table
	words  []string // addresses and identifiers
	names  []string
	longer []string // names of others, of which one of names is a part
	where  string
	keys   []string
	within string // the records in which rows are looked for, as kept_key; "": all
}

// removals take words out of the free texts of others: the person's addresses everywhere, names where they took part.
func (w whole) removals() (list []removal) {
	kept := w.keptProposals()
	add := func(r removal) {
		if len(r.words)+len(r.names) > 0 {
			list = append(list, r)
		}
	}
	for _, t := range inventory {
		if len(t.Text)+len(t.Whole) == 0 {
			continue
		}
		all := removal{table: t, words: w.words, longer: w.longer}
		if t.Names && !w.namesake {
			all.names = w.names
		}
		if but := t.but(kept, len(all.words)+len(all.names)+1); but != "" {
			all.where, all.keys = but, kept
		}
		if w.heed {
			all.where += t.free()
		}
		add(all)
		for _, n := range w.named {
			rest := slices.DeleteFunc(slices.Clone(n.words), func(word string) bool { return slices.Contains(all.words, word) || slices.Contains(all.names, word) })
			for _, where := range t.of(n.in.kind) {
				add(removal{table: t, names: rest, longer: w.longer, where: " AND (" + shift(where, len(rest)+1) + ")", keys: []string{n.in.id}})
			}
		}
		for _, of := range w.subjects {
			for _, where := range t.signed(of.kind) {
				add(removal{table: t, names: w.names, longer: w.longer, where: " AND (" + shift(where, len(w.names)+1) + ")", keys: []string{of.key}})
			}
		}
	}
	return list
}

// of are the conditions by which rows of a table belong to a kind.
func (t table) of(kind string) (where []string) {
	for _, rows := range t.Rows {
		if rows.Of == kind {
			where = append(where, rows.Where)
		}
	}
	return where
}

// signed are those by which rows hold the name of a person or account, and nothing else of theirs.
func (t table) signed(kind string) []string {
	if len(t.Whole) == 0 || t.Names || kind != "person" && kind != "account" {
		return nil
	}
	return t.of(kind)
}

// struck is a row as it is without the words.
type struck struct {
	row    string // which it is, for as long as the unit of work lasts
	award  string // its key, of an award
	within string // the record in which it was found
	texts  []string
	less   bool
}

// rows reads what a removal changes. The database finds where the words stand; that they are no part of longer ones
// is seen here, as the databases have no borders of words in common.
func (r removal) rows(ctx context.Context, d *db.DB, lock string) ([]struck, error) {
	row, key, columns := "CAST("+r.Name+d.Pick(".rowid", ".ctid")+" AS TEXT)", "''", slices.Concat(r.Text, r.Whole)
	if r.Name == "award" {
		key = "id"
	}
	from, within := r.Name, "''"
	if r.within != "" {
		from, within = from+", ("+r.within+") h", "kept_key"
	}
	var args []any
	var has, texts []string
	for i, word := range slices.Concat(r.words, r.names) {
		args = append(args, word)
		with := "%[1]s <> replace(%[1]s, $%[2]d, '')"
		if i < len(r.words) { // addresses are one however they are written
			with = "lower(%[1]s) <> replace(lower(%[1]s), lower($%[2]d), '')"
		}
		for _, column := range columns {
			has = append(has, fmt.Sprintf(with, column, len(args)))
		}
	}
	for _, k := range r.keys {
		args = append(args, k)
	}
	for _, column := range columns {
		texts = append(texts, "COALESCE("+column+", '')")
	}
	list, err := db.Rows(ctx, d.Q(ctx), func(rows *sql.Rows) (struck, error) { return r.strike(rows, len(columns)) },
		`SELECT `+row+`, `+key+`, `+within+`, `+strings.Join(texts, ", ")+` FROM `+from+` WHERE (`+strings.Join(has, " OR ")+`)`+r.where+lock, args...)
	return slices.DeleteFunc(list, func(k struck) bool { return !k.less }), err
}

// strike reads a row and takes the words out.
func (r removal) strike(rows *sql.Rows, n int) (k struck, err error) {
	k.texts = make([]string, n)
	into := []any{&k.row, &k.award, &k.within}
	for i := range k.texts {
		into = append(into, &k.texts[i])
	}
	err = rows.Scan(into...)
	for i, text := range k.texts {
		k.texts[i] = r.without(text, i >= len(r.Text))
		k.less = k.less || k.texts[i] != text
	}
	return k, err
}

// without is a text without the words; whole says that it is one name, or none.
func (r removal) without(text string, whole bool) string {
	for _, word := range r.words {
		text = withoutAddress(text, word)
	}
	if whole && slices.Contains(r.names, strings.TrimSpace(text)) {
		return erased
	}
	for _, name := range r.names {
		if !whole {
			text = withoutName(text, name, r.longer)
		}
	}
	return text
}

// write makes a row what it is without the words.
func (r removal) write(d *db.DB, k struck) (statement string, args []any) {
	var set []string
	for i, column := range slices.Concat(r.Text, r.Whole) {
		set, args = append(set, fmt.Sprintf("%s = $%d", column, i+1)), append(args, k.texts[i])
	}
	args = append(args, k.row)
	return fmt.Sprintf(`UPDATE %s SET %s WHERE %s`, r.Name, strings.Join(set, ", "), fmt.Sprintf(d.Pick("rowid = CAST($%d AS INTEGER)", "ctid = CAST(CAST($%d AS TEXT) AS tid)"), len(args))), args
}

// shift is a condition on $1 as one on another parameter.
func shift(where string, to int) string {
	return strings.ReplaceAll(where, "$1", fmt.Sprintf("$%d", to))
}

// told are the ledger's entries that tell of what is erased, or name the person.
func (w whole) told() (list []ledger.Which) {
	for _, k := range w.entries {
		list = append(list, ledger.About(k.kind, k.id))
	}
	if len(w.words) > 0 {
		naming := ledger.Naming(w.words...)
		for _, kind := range slices.Sorted(maps.Keys(heldOfKind)) {
			if w.heed {
				naming = naming.But(kind, heldOfKind[kind])
			}
		}
		list = append(list, naming)
	}
	for _, n := range w.named {
		if len(n.words) > 0 {
			list = append(list, ledger.NamingAbout(n.in.kind, n.in.id, inJSON(n.words)...))
		}
	}
	return list
}

// inJSON are texts as they stand in a payload.
func inJSON(texts []string) (list []string) {
	for _, text := range texts {
		list = append(list, strings.Trim(db.JSON(text), `"`))
	}
	return list
}
