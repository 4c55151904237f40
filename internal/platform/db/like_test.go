package db_test

import (
	"strconv"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestSays: what a text says is found in each of its languages, however it is written in JSON, and nothing else.
func TestSays(t *testing.T) {
	t.Parallel()
	text := lang.Text{Original: "en", By: map[string]string{"en": `R&D for "cold" steel <0 °C, 50 % less`, "zh": "低温钢研发"}}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		says := func(what string) bool {
			t.Helper()
			args := []any{text}
			arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
			var n int
			err := d.Q(t.Context()).QueryRowContext(t.Context(), `SELECT count(*) FROM (SELECT CAST($1 AS TEXT) AS title) v WHERE `+d.Says(arg, "v.title", what), args...).Scan(&n)
			if err != nil {
				t.Fatal(err)
			}
			return n == 1
		}
		for _, what := range []string{"R&D", "r&d FOR", `"cold"`, "steel <0", "低温", "50 % less"} {
			if !says(what) {
				t.Errorf("%q is not found", what)
			}
		}
		for _, what := range []string{"en", "original", "zh", "u0026", `","`, "warm", "50 _ less", `\\`, "!"} {
			if says(what) {
				t.Errorf("%q is found", what)
			}
		}
	})
}
