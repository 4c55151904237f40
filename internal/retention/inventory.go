package retention

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// table is what the inventory says of one table.
type table struct {
	Name   string `yaml:"table"`
	Rows   []tie
	Text   []string // columns that anybody wrote in freely
	Names  bool     // names are taken out of them everywhere
	Signed []string // texts that a hash on record vouches for: they go with their record, and stay as they are until then
	Plain  []string // columns that say nothing of a person
	Ours   []string // columns whose erasing is another part's
}

// tie says which rows of a table belong to a kind of subject, and what becomes of them.
type tie struct {
	Of, Where string
	Delete    bool
	Set       map[string]*string
	Give      []string
}

//go:embed inventory.yaml
var inventoryText []byte

// inventory is every table, in the order in which rows can be erased.
var inventory = func() (list []table) {
	if err := yaml.UnmarshalWithOptions(inventoryText, &list, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("retention: inventory.yaml: %v", err)) // a fault in the program: its test reads it
	}
	return list
}()

// erased stands where a name or an address stood.
const erased = "[erased]"

// erases reports whether anything becomes of the rows, or they are only given.
func (t tie) erases() bool { return t.Delete || len(t.Set) > 0 }

// statement erases the rows of a subject whose key is $1.
func (t tie) statement(table string, now time.Time) string {
	if t.Delete {
		return `DELETE FROM ` + table + ` WHERE ` + t.Where
	}
	var set []string
	for _, column := range slices.Sorted(maps.Keys(t.Set)) {
		set = append(set, column+" = "+value(t.Set[column], now))
	}
	return `UPDATE ` + table + ` SET ` + strings.Join(set, ", ") + ` WHERE ` + t.Where
}

// value is what a column is set to, as SQL.
func value(v *string, now time.Time) string {
	switch {
	case v == nil:
		return "NULL"
	case *v == "now":
		return fmt.Sprint(now.UnixMicro())
	case *v == "key":
		return "id || '@erased.invalid'"
	}
	return "'" + strings.ReplaceAll(*v, "'", "''") + "'"
}

// but is a condition that leaves out the rows of the kept proposals, whose keys are the parameters from $from on.
func (t table) but(kept []string, from int) (where string) {
	for _, rows := range t.Rows {
		if rows.Of != "proposal" {
			continue
		}
		for i := range kept { // NOT would also leave out rows that belong to no proposal
			where += " AND CASE WHEN " + strings.ReplaceAll(rows.Where, "$1", fmt.Sprintf("$%d", from+i)) + " THEN 0 ELSE 1 END = 1"
		}
	}
	return where
}

// takeOut removes word ($1) from the free texts of the rows that where names, leaving mark ($2);
// "" where the table has none. Rows without the word are not written.
func (t table) takeOut(where string) string {
	if len(t.Text) == 0 {
		return ""
	}
	var set, has []string
	for _, column := range t.Text {
		set = append(set, fmt.Sprintf("%s = replace(%s, $1, $2)", column, column))
		has = append(has, fmt.Sprintf("%s <> replace(%s, $1, '')", column, column))
	}
	return `UPDATE ` + t.Name + ` SET ` + strings.Join(set, ", ") + ` WHERE (` + strings.Join(has, " OR ") + `)` + where
}

// shift is a condition on $1 as one on $3, after the two parameters of takeOut.
func shift(where string) string { return strings.ReplaceAll(where, "$1", "$3") }
