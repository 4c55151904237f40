package retention

import (
	"fmt"
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

// removals take words out of the free texts of others: the person's addresses everywhere, names where they took part.
func (w whole) removals() (list []strike) {
	kept := w.keptProposals()
	for _, t := range inventory {
		if len(t.Text) == 0 {
			continue
		}
		words := w.words
		if t.Names {
			words = slices.Concat(words, w.names)
		}
		if but := t.but(kept, len(words)+2); len(words) > 0 && but != "" {
			list = append(list, t.removal(words, but, kept...))
		} else if len(words) > 0 {
			list = append(list, t.removal(words, ""))
		}
		for _, n := range w.named {
			rest := slices.DeleteFunc(slices.Clone(n.words), func(word string) bool { return slices.Contains(words, word) })
			for _, rows := range t.Rows {
				if rows.Of == n.in.kind && len(rest) > 0 {
					list = append(list, t.removal(rest, " AND ("+shift(rows.Where, len(rest)+2)+")", n.in.id))
				}
			}
		}
	}
	return list
}

// removal takes words out of a table's free texts, leaving a mark ($1); where says in which of its rows, with keys as
// its parameters after those of the words. Rows without a word are not written.
func (t table) removal(words []string, where string, keys ...string) strike {
	args := []any{erased}
	for _, v := range slices.Concat(words, keys) {
		args = append(args, v)
	}
	var set, has []string
	for _, column := range t.Text {
		without := column
		for i := range words {
			without = fmt.Sprintf("replace(%s, $%d, $1)", without, i+2)
		}
		set, has = append(set, column+" = "+without), append(has, column+" <> "+without)
	}
	return strike{t.Name, strings.Join(set, ", "), "(" + strings.Join(has, " OR ") + ")" + where, args}
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
		list = append(list, ledger.Naming(w.words...))
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
