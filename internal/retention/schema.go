package retention

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// plainNames are columns that say nothing of a person in any table, plainEnds how others end that hold keys, days and hashes.
var (
	plainNames = []string{"id", "hash", "kind", "state", "locale", "language", "zone", "currency", "number", "lease", "day", "by_account", "supersedes", "redirect_to",
		"holder_organisation", "funder_organisation", "lead_person", "owner_person", "author_person", "reviewer_person", "from_person", "resubmission_of", "stage_of", "part_of", "year"}
	plainEnds = []string{"_id", "_hash", "_day", "_by", "_account", "_kind"}
)

type column struct{ table, name string }

// columns lists the columns of text of a database, by table.
func columns(ctx context.Context, d *db.DB) ([]column, error) {
	return db.Rows(ctx, d.Q(ctx), func(r *sql.Rows) (c column, err error) { return c, r.Scan(&c.table, &c.name) }, d.Pick(
		`SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'search_words_%' AND c.type NOT IN ('INTEGER', 'REAL', 'BLOB') ORDER BY 1, c.cid`,
		`SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name NOT LIKE 'goose_%' AND data_type IN ('text', 'tsvector') ORDER BY 1, ordinal_position`))
}

// Forgotten lists the columns of text of a database ("table.column") of which the inventory says nothing. There are some where a newer
// program has changed the schema: then this one must not erase, as something would be left.
func Forgotten(ctx context.Context, d *db.DB) (list []string, err error) {
	all, err := columns(ctx, d)
	by := map[string]table{}
	for _, t := range inventory {
		by[t.Name] = t
	}
	for _, c := range all {
		if t, ok := by[c.table]; !ok || !t.knows(c.name) {
			list = append(list, c.table+"."+c.name)
		}
	}
	return list, err
}

// knows reports whether the inventory says what becomes of a column. Where whole rows are
// deleted, what is not named otherwise goes with them.
func (t table) knows(column string) bool {
	if t.plain(column) || slices.Contains(t.Text, column) || slices.Contains(t.Whole, column) || slices.Contains(t.Signed, column) || slices.Contains(t.Ours, column) {
		return true
	}
	return slices.ContainsFunc(t.Rows, func(r tie) bool {
		_, set := r.Set[column]
		return r.Delete || set
	})
}

func (t table) plain(column string) bool {
	return slices.Contains(t.Plain, column) || slices.Contains(plainNames, column) || slices.ContainsFunc(plainEnds, func(end string) bool { return strings.HasSuffix(column, end) })
}
