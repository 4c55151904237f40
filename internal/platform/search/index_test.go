package search_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

func put(t testing.TB, d *db.DB, docs ...search.Doc) *search.Index {
	t.Helper()
	x := &search.Index{DB: d}
	err := work.Do(context.Background(), d, func(ctx context.Context) error {
		return x.Put(ctx, docs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func doc(kind, id string, sort int64, language, title, body string) search.Doc {
	return search.Doc{Kind: kind, ID: id, Sort: sort, Language: language, Title: title, Body: body, Audience: []string{"public"}}
}

func library() []search.Doc {
	secret := doc("proposal", "p1", 90, "en", "Graphene under pressure", "Not for everyone")
	secret.Audience = []string{"agency:North", "team:p1"}
	both := doc("award", "a8", 80, "", "W-2027-0184: Rivers", "and/or 10.5281/zenodo.77")
	both.Agency, both.Facets = "north", map[string][]string{"field": {"1.04", "2.10"}, "year": {"2027"}}
	other := doc("award", "a9", 70, "", "W-2027-0185: Rivers, continued", "")
	other.Agency, other.Facets = "south", map[string][]string{"field": {"1.04"}, "year": {"2027"}}
	return []search.Doc{
		doc("award", "a1", 10, "en", "Batteries from brine", "We study the transport of lithium in e-mail sized cells. "+strings.Repeat("More words follow here. ", 30)+"The graphene layers come last."),
		doc("award", "a2", 20, "sv", "Batterier för skärgården", "Forskningen om hur får betar vid Malmö"),
		doc("award", "a3", 30, "de", "Batterien aus Natrium", "Untersuchungen über Brücken und Straßen"),
		doc("award", "a4", 40, "fr", "L’économie des batteries", "Études d'été"),
		doc("award", "a5", 50, "zh", "石墨烯电池的研究", "钠离子电池与固态电解质，面向电网储能。"),
		doc("award", "a6", 60, "en", "Graphene in graphite", "How far can it go?"),
		doc("award", "a7", 60, "en", "Graphite and its kin", "Layers of graphene, again the graphene"),
		both, other, secret,
		doc("person", "h1", 3, "und", "Ingrid Bråthen-Öhlund", "University of Ilvane"),
		doc("person", "h2", 5, "und", "Inge Strand", ""),
		doc("person", "h3", 1, "und", "O'Rell, Inga", ""),
	}
}

// The same questions give the same records in the same order on both databases:
// each is held to the one list.
func TestQuery(t *testing.T) {
	t.Parallel()
	public := []string{"public"}
	questions := []struct {
		q    search.Query
		want string
	}{
		{search.Query{Text: "graphene"}, "a6 a7 a1"},
		{search.Query{Text: "GRAPHENE the"}, "a6 a7 a1"},
		{search.Query{Text: "graphene layers"}, "a7 a1"},
		{search.Query{Text: "battery"}, "a3 a2 a1"},
		{search.Query{Text: "batterien"}, "a3 a2 a1"},
		{search.Query{Text: "forskning malmo"}, "a2"},
		{search.Query{Text: "får"}, "a2"},
		{search.Query{Text: "far"}, "a6 a2"},
		{search.Query{Text: "untersuchung strasse"}, "a3"},
		{search.Query{Text: "etude economie"}, "a4"},
		{search.Query{Text: "石墨烯"}, "a5"},
		{search.Query{Text: "电池"}, "a5"},
		{search.Query{Text: "能"}, "a5"},
		{search.Query{Text: "墨电"}, ""},
		{search.Query{Text: "w-2027-0184"}, "a8"},
		{search.Query{Text: "2027-0184"}, "a8"},
		{search.Query{Text: "10.5281/zenodo.77"}, "a8"},
		{search.Query{Text: "email"}, "a1"},
		{search.Query{Text: "e-mail"}, "a1"},
		{search.Query{Text: "ing", Typing: true, Kinds: []string{"person"}}, "h2 h1 h3"},
		{search.Query{Text: "ing"}, ""},
		{search.Query{Text: "inge s", Typing: true}, ""},
		{search.Query{Text: "inge st", Typing: true}, "h2"},
		{search.Query{Text: "brathen"}, "h1"},
		{search.Query{Text: "orell"}, "h3"},
		{search.Query{Text: "rivers", Agencies: []string{"north"}}, "a8"},
		{search.Query{Text: "rivers", Facets: map[string][]string{"field": {"2.10", "9"}, "year": {"2027"}}}, "a8"},
		{search.Query{Facets: map[string][]string{"field": {"1.04"}}}, "a8 a9"},
		{search.Query{Facets: map[string][]string{"field": {}}}, ""},
		{search.Query{Kinds: []string{"person"}}, "h2 h1 h3"},
		{search.Query{Languages: []string{"zh", "de"}}, "a5 a3"},
		{search.Query{Text: "?!"}, ""},
		{search.Query{Text: `" OR title : ' \ & ( ) * :* NOT`}, ""},
		{search.Query{Text: "under pressure"}, ""},
		{search.Query{Text: "under pressure", Audience: []string{"team:p1"}}, "p1"},
		{search.Query{Text: "graphene", Audience: []string{"public", "agency:North"}}, "p1 a6 a7 a1"},
		{search.Query{Text: "graphene", Audience: []string{"agency:north"}}, ""},
		{search.Query{Text: "graphene", Audience: []string{}}, ""},
		{search.Query{Text: "graphene", Cursor: "nonsense"}, "a6 a7 a1"},
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := put(t, d, library()...)
		for _, c := range questions {
			if c.q.Audience == nil {
				c.q.Audience = public
			}
			page, err := x.Query(context.Background(), c.q)
			if err != nil {
				t.Errorf("%+v: %v", c.q, err)
				continue
			}
			if got := ids(page.Hits); got != c.want {
				t.Errorf("%+v: %q, want %q", c.q, got, c.want)
			}
			n, err := x.Count(context.Background(), c.q, 2)
			if err != nil || n != min(2, len(strings.Fields(c.want))) {
				t.Errorf("%+v: %d counted, %v", c.q, n, err)
			}
			c.q.Limit, c.q.Cursor = 1, ""
			if got := walk(t, x, c.q); got != c.want {
				t.Errorf("%+v one by one: %q, want %q", c.q, got, c.want)
			}
		}
	})
}

func ids(hits []search.Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return strings.Join(out, " ")
}

// walk goes through all pages.
func walk(t *testing.T, x *search.Index, q search.Query) string {
	t.Helper()
	var all []search.Hit
	for range 1000 {
		page, err := x.Query(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Hits...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids(all)
		}
	}
	t.Fatal("the pages do not end")
	return ""
}

func TestMarks(t *testing.T) {
	t.Parallel()
	show := func(text string, marks []search.Mark) string {
		for _, m := range slices.Backward(marks) {
			text = text[:m.Start] + "[" + text[m.Start:m.End] + "]" + text[m.End:]
		}
		return text
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := put(t, d, library()...)
		var got []string
		for _, text := range []string{"battery graphene", "墨烯 电网", "W-2027-0184", "får"} {
			page, err := x.Query(context.Background(), search.Query{Audience: []string{"public"}, Text: text})
			if err != nil || len(page.Hits) == 0 {
				t.Fatal(text, page, err)
			}
			h := page.Hits[0]
			got = append(got, show(h.Title, h.TitleMarks), show(h.Snippet, h.SnippetMarks))
		}
		want := []string{
			"[Batteries] from brine", "… here. More words follow here. More words follow here. The [graphene] layers come last.",
			"石[墨烯]电池的研究", "钠离子电池与固态电解质，面向[电网]储能。",
			"[W-2027-0184]: Rivers", "and/or 10.5281/zenodo.77",
			"Batterier för skärgården", "Forskningen om hur [får] betar vid Malmö",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// What is put again replaces, what is deleted is gone, what is rolled back never was.
func TestChange(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		x := put(t, d, doc("call", "c1", 1, "en", "Old name", "old"), doc("call", "c2", 1, "en", "Second name", "old"))
		put(t, d, doc("call", "c1", 9, "en", "Newer name, given first", ""), doc("call", "c1", 5, "en", "New name", "new \x00 and \xff bytes"))
		fails := errors.New("no")
		if err := work.Do(ctx, d, func(ctx context.Context) error {
			if err := x.Put(ctx, doc("call", "c3", 1, "en", "Third name", "")); err != nil {
				return err
			}
			return fails
		}); !errors.Is(err, fails) {
			t.Fatal(err)
		}
		find := func(text string) string {
			page, err := x.Query(ctx, search.Query{Audience: []string{"public"}, Text: text})
			if err != nil {
				t.Fatal(err)
			}
			return ids(page.Hits)
		}
		if got := find("name"); got != "c1 c2" {
			t.Error(got)
		}
		if got := find("old"); got != "c2" {
			t.Error(got)
		}
		if err := work.Do(ctx, d, func(ctx context.Context) error {
			return x.Delete(ctx, "call", "c1", "never")
		}); err != nil {
			t.Fatal(err)
		}
		if got := find("name"); got != "c2" {
			t.Error(got)
		}
		if x.Put(ctx, doc("call", "c4", 1, "", "", "")) == nil || x.Delete(ctx, "call", "c2") == nil {
			t.Error("written outside a unit of work")
		}
	})
}

// Two records whose numbers meet are both kept, at once or one after the other.
func TestSameNumber(t *testing.T) {
	t.Parallel()
	seen, a, b := map[uint32]string{}, "", ""
	for i := 0; a == ""; i++ {
		h := fnv.New32a()
		fmt.Fprintf(h, "call\x00c%d", i)
		n := h.Sum32() >> 4
		a, b = seen[n], fmt.Sprintf("c%d", i)
		seen[n] = b
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := put(t, d, doc("call", a, 1, "en", "One", ""), doc("call", b, 1, "en", "Two", ""))
		put(t, d, doc("call", a, 1, "en", "Three", ""))
		page, err := x.Query(context.Background(), search.Query{Audience: []string{"public"}})
		if err != nil || len(page.Hits) != 2 || page.Hits[0].Title+page.Hits[1].Title != "TwoThree" {
			t.Error(page, err)
		}
	})
}

// corpus is n awards of words that are as common as words are: the k-th is k
// times as rare as the first.
func corpus(n int) ([]search.Doc, []string) {
	rnd := rand.New(rand.NewPCG(2027, 83))
	syllables := strings.Fields("ka lo mer tis un dra vel no stri pa gen fo ri tal ux bem")
	vocabulary := make([]string, 20000)
	for i := range vocabulary {
		for k := i + 16; k > 0; k /= 16 {
			vocabulary[i] += syllables[k%16]
		}
	}
	zipf := rand.NewZipf(rnd, 1.1, 8, uint64(len(vocabulary)-1))
	text := func(words int) string {
		var b strings.Builder
		for range words {
			b.WriteString(vocabulary[zipf.Uint64()] + " ")
		}
		return b.String()
	}
	docs := make([]search.Doc, n)
	for i := range docs {
		docs[i] = doc("award", fmt.Sprintf("W-%d-%05d", 2005+i%20, i), int64(i%5000)*86400, "en", text(9), text(60))
		docs[i].Agency = syllables[i%5]
		docs[i].Facets = map[string][]string{"year": {fmt.Sprint(2005 + i%20)}}
	}
	return docs, vocabulary
}

// A larger set of records, walked on both databases: order and pages agree.
func TestSameOnBoth(t *testing.T) {
	t.Parallel()
	docs, vocabulary := corpus(600)
	queries := []search.Query{{}, {Facets: map[string][]string{"year": {"2009"}}}}
	for _, i := range []int{0, 1, 5, 20, 60, 200} {
		queries = append(queries, search.Query{Text: vocabulary[i]}, search.Query{Text: vocabulary[i][:2], Typing: true},
			search.Query{Text: vocabulary[i] + " " + vocabulary[i+1], Agencies: []string{"ka", "lo"}})
	}
	results := make(chan []string, 2)
	t.Run("both", func(t *testing.T) {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			x := put(t, d, docs...)
			var got []string
			for _, q := range queries {
				q.Audience, q.Limit = []string{"public"}, 37
				got = append(got, walk(t, x, q))
			}
			results <- got
		})
	})
	if len(results) < 2 {
		t.Skip("one database only")
	}
	a, b := <-results, <-results
	for i := range queries {
		if a[i] != b[i] {
			t.Errorf("%+v: %s\n%s", queries[i], a[i], b[i])
		}
	}
	if len(strings.Fields(a[0])) != 600 || len(strings.Fields(a[2])) < 50 {
		t.Error("the queries find too little to compare")
	}
}

// 83,000 awards; asked for by common and rare words, two words, beginnings, and
// filters. Reports the 95th of 100 times. With -short 5,000, which only proves that it runs.
func BenchmarkQuery(b *testing.B) {
	records := 83_000
	if testing.Short() {
		records = 5_000
	}
	docs, vocabulary := corpus(records)
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := open(b)
			start := time.Now()
			for chunk := range slices.Chunk(docs, 5000) {
				put(b, d, chunk...)
			}
			load := time.Since(start)
			if _, err := d.SQL().Exec(d.Pick("ANALYZE search_doc", "VACUUM ANALYZE search_words")); err != nil {
				b.Fatal(err)
			}
			x := &search.Index{DB: d}
			rnd := rand.New(rand.NewPCG(1, 2))
			var times []time.Duration
			for b.Loop() {
				q := question(rnd, vocabulary)
				at := time.Now()
				if _, err := x.Query(context.Background(), q); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(at))
			}
			slices.Sort(times)
			b.ReportMetric(load.Seconds(), "s-load")
			b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(times[len(times)-1].Microseconds())/1000, "max-ms")
		})
	}
}

func question(rnd *rand.Rand, vocabulary []string) search.Query {
	q := search.Query{Audience: []string{"public"}, Kinds: []string{"award"}}
	word := func() string { return vocabulary[rnd.IntN(1<<rnd.IntN(14))] }
	switch rnd.IntN(5) {
	case 0:
		q.Text = word()
	case 1:
		q.Text = word() + " " + word()
	case 2:
		q.Text, q.Typing = word()+" "+word()[:2], true
	case 3:
		q.Text, q.Facets = word(), map[string][]string{"year": {"2011"}}
	case 4:
		q.Text, q.Agencies = word()+" "+word()+" "+word(), []string{"ka"}
	}
	return q
}
