package retention

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// ofSomebody are the columns that say by their name that a row belongs to a person or an account, or was made by one.
var ofSomebody = regexp.MustCompile(`(^|_)(person|account|email)(_id)?$|_by$|^(actor|behalf)$`)

// keeps are columns that say which row it is, how often it was saved, and until when a call is decided.
var keeps = []string{"id", "version", "decide_by"}

// TestEachColumnIsGivenOrWithheld: whoever asks for a copy of their data gets each column of what is theirs, or the inventory says in words
// why not. In a table with rows of theirs that is every column, elsewhere those that name somebody.
func TestEachColumnIsGivenOrWithheld(t *testing.T) {
	t.Parallel()
	schema := shapes(t)
	asked := 0
	for _, in := range inventory {
		theirs := slices.ContainsFunc(in.Rows, func(r tie) bool { return r.Of != "mail" })
		for _, c := range schema[in.Name] {
			if !theirs && !ofSomebody.MatchString(c.name) {
				continue
			}
			asked++
			if !slices.Contains(keeps, c.name) && !in.gives(c.name) && !in.withholds(c.name) {
				t.Errorf("%s.%s is neither given to whom it belongs nor withheld for a reason", in.Name, c.name)
			}
		}
		in.checkGrounds(t, schema[in.Name])
	}
	if asked < 500 {
		t.Errorf("only %d columns were asked for", asked)
	}
}

// gives reports whether a person gets a column, or knows it: rows are found by it.
func (t table) gives(column string) bool {
	named := regexp.MustCompile(`\b` + column + `\b`)
	return slices.ContainsFunc(t.Rows, func(r tie) bool {
		return slices.Contains(r.Give, column) || len(r.Give) > 0 && named.MatchString(r.Where)
	})
}

func (t table) withholds(column string) bool {
	return slices.ContainsFunc(t.Withheld, func(g ground) bool { return len(g.Columns) == 0 || slices.Contains(g.Columns, column) })
}

// checkGrounds expects that grounds are words, name columns that are there, and leave a table out as a whole only where nothing of it is given.
func (in table) checkGrounds(t *testing.T, columns []shape) {
	t.Helper()
	given := slices.ContainsFunc(in.Rows, func(r tie) bool { return len(r.Give) > 0 })
	for _, g := range in.Withheld {
		if len(strings.Fields(g.Why)) < 4 {
			t.Errorf("%s: %q is no ground", in.Name, g.Why)
		}
		if given && len(g.Columns) == 0 {
			t.Errorf("%s is given and withheld as a whole", in.Name)
		}
		for _, name := range g.Columns {
			if !slices.ContainsFunc(columns, func(c shape) bool { return c.name == name }) {
				t.Errorf("%s has no column %s to withhold", in.Name, name)
			}
			if slices.ContainsFunc(in.Rows, func(r tie) bool { return slices.Contains(r.Give, name) }) {
				t.Errorf("%s.%s is given and withheld", in.Name, name)
			}
		}
	}
}

// TestWhatIsGivenHasATitle: who reads a copy is told in words what each table of it is.
func TestWhatIsGivenHasATitle(t *testing.T) {
	t.Parallel()
	for _, in := range inventory {
		for _, r := range in.Rows {
			if key := "retention.holds." + in.Name; len(r.Give) > 0 && (lang.T(lang.English, key) == key || lang.T(lang.Chinese, key) == key) {
				t.Errorf("%s is given under no title", in.Name)
				break
			}
		}
	}
}
