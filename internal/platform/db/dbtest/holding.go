package dbtest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Holding lists each column of each table ("table.column: word") in which a word stands, in letters of either case.
func Holding(t testing.TB, d *db.DB, words ...string) (found []string) {
	t.Helper()
	ctx := t.Context()
	columns, err := db.Rows(ctx, d.Q(ctx), func(r *sql.Rows) (c [2]string, err error) { return c, r.Scan(&c[0], &c[1]) }, d.Pick(
		`SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'search_words'`, // the words' table gives no text back
		`SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`))
	if err != nil || len(columns) < 500 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	for _, c := range columns {
		for _, word := range words {
			var n int
			err := d.Q(ctx).QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM %s WHERE lower(CAST("%s" AS TEXT)) LIKE $1`, c[0], c[1]), "%"+strings.ToLower(word)+"%").Scan(&n)
			if err != nil {
				t.Fatalf("%s.%s: %v", c[0], c[1], err)
			}
			if n > 0 {
				found = append(found, fmt.Sprintf("%s.%s: %q", c[0], c[1], word))
			}
		}
	}
	return found
}
