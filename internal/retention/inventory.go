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
	Whole  []string // columns that hold one name and nothing else
	Signed []string // texts that a hash on record vouches for: they go with their record, and stay as they are until then
	Plain  []string // columns that say nothing of a person
	Ours   []string // columns whose erasing is another part's

	Withheld []ground // what a person who asks for a copy of their data does not get, and why
}

// ground is why nobody gets some columns of a table, or where it names none all of them.
type ground struct {
	Columns []string
	Why     string
}

// tie says which rows of a table belong to a kind of subject, and what becomes of them.
type tie struct {
	Of, Where string
	Delete    bool
	Set       map[string]*string
	Give      []string
	Tells     string // SQL: of which entries of the ledger what they tell is given with them
	Why       bool   // with the reason that was given
}

//go:embed inventory.yaml
var inventoryText []byte

// inventory is every table, in the order in which rows can be erased.
var inventory = func() (list []table) {
	if err := yaml.UnmarshalWithOptions(inventoryText, &list, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("retention: inventory.yaml: %v", err)) // a fault in the program: its test reads it
	}
	for _, t := range list {
		for i := range t.Rows {
			t.Rows[i].Where = strings.ReplaceAll(t.Rows[i].Where, "{free}", freeMail())
		}
	}
	return list
}()

// mailsBefore are the mails that a rule erases: $1 is the instant before which they were sent.
var mailsBefore = func() string {
	for _, t := range inventory {
		for _, rows := range t.Rows {
			if rows.Of == "mail" {
				return rows.Where
			}
		}
	}
	panic("retention: inventory.yaml knows no mails")
}()

// erased stands where a name or an address stood.
const erased = "[erased]"

// erases reports whether anything becomes of the rows, or they are only given.
func (t tie) erases() bool { return t.Delete || len(t.Set) > 0 }

// set says what becomes of the rows, as SQL; "" where they are deleted.
func (t tie) set(now time.Time) string {
	if t.Delete {
		return ""
	}
	var set []string
	for _, column := range slices.Sorted(maps.Keys(t.Set)) {
		set = append(set, column+" = "+value(t.Set[column], now))
	}
	return strings.Join(set, ", ")
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
