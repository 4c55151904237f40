package search_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// What pages of a cursor give in a row, skipping gives at its place, a condition
// gives as a set, and a spread counts.
func TestSkippedWithinAndSpread(t *testing.T) {
	t.Parallel()
	docs, vocabulary := corpus(300)
	for i := range docs {
		docs[i].Sort = int64(20200101 + 10000*(i%4) + i%28)
	}
	years := map[string]int64{}
	for _, d := range docs {
		years[d.ID] = d.Sort / 10000
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := put(t, d, docs...)
		ctx := context.Background()
		if err := work.Do(ctx, d, x.Merge); err != nil {
			t.Fatal(err)
		}
		for _, q := range []search.Query{{}, {Text: vocabulary[0]}, {Text: vocabulary[2]}, {Text: vocabulary[3] + " " + vocabulary[0]}, {Text: vocabulary[1], Agencies: []string{"lo"}}, {Text: "nothingness"}} {
			q.Audience, q.Limit = []string{"public"}, 7
			all := strings.Fields(walk(t, x, q))
			for skip := range len(all) + 2 {
				q.Offset = skip
				page, err := x.Query(ctx, q)
				want := all[min(skip, len(all)):min(skip+7, len(all))]
				if diff := cmp.Diff(strings.Join(want, " "), ids(page.Hits)); err != nil || diff != "" {
					t.Fatalf("%q from %d: %v %s", q.Text, skip, err, diff)
				}
			}
			q.Offset = 0
			condition, args := x.Within(q, "search_doc.id", 2)
			found, err := db.Strings(ctx, d.Q(ctx),
				`SELECT id FROM search_doc WHERE kind = $1 AND `+condition, append([]any{"award"}, args...)...)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(found)
			slices.Sort(all)
			if diff := cmp.Diff(all, found); diff != "" && len(all) > 0 {
				t.Errorf("%q within: %s", q.Text, diff)
			}
			want := map[int64]int{}
			for _, id := range all {
				want[years[id]]++
			}
			got, err := x.Spread(ctx, q, 10000)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%q spread: %v %s", q.Text, err, diff)
			}
		}
	})
}
