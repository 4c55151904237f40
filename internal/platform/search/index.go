package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/headwater-platform/headwater/engine/token"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Doc is a record as it can be found. Only what everyone of its audience may
// read belongs in Title and Body.
type Doc struct {
	Kind, ID string
	Agency   string
	Language string // of the text, BCP 47; "" is guessed; "und" for names, which have no stems
	Title    string
	Body     string              // its first 500,000 bytes are indexed
	Audience []string            // who may find it: "public", or keys of the room's making; empty: nobody
	Facets   map[string][]string // what it can be filtered by
	Sort     int64               // larger come first: a time in seconds, a count
}

// Query asks for records. All conditions hold together.
type Query struct {
	Audience  []string // what the asker is; a record is found when it is for any of these. Empty finds nothing.
	Text      string   // all its words; empty: every record
	Typing    bool     // the last word may be unfinished
	Kinds     []string // any of these; empty: all. So with the next three
	Agencies  []string
	Languages []string
	Facets    map[string][]string
	Limit     int    // 1 to 200; 0 is 20
	Cursor    string // Page.Next of the page before; one that is not ours begins anew
	Offset    int    // hits to skip from there on; cost grows with it
}

// Page is a part of the hits: first those with all words in the title, then the
// others, each by falling Sort. Next is empty on the last.
type Page struct {
	Hits []Hit
	Next string
}

// Hit is a record that was found.
type Hit struct {
	Kind, ID, Language string
	Title              string
	TitleMarks         []Mark // where the words asked for stand
	Snippet            string // the body around the first of them, else its beginning
	SnippetMarks       []Mark
}

// Mark is a stretch of bytes.
type Mark struct{ Start, End int }

// Index is the records that can be found, in the tables search_doc and search_words.
type Index struct{ DB *db.DB }

const indexed = 500_000

var errNoUnit = errors.New("search: a record is put in the unit of work that changes it")

// Put makes records findable as they now are, in the caller's unit of work; of
// two with the same kind and id the later holds. Many at once are much faster
// than one by one. Of two units of work that put the same record at the same
// time one fails.
func (x *Index) Put(ctx context.Context, docs ...Doc) error {
	if x.DB.Tx(ctx) == nil {
		return errNoUnit
	}
	for some := range slices.Chunk(latest(docs), 200) {
		if err := x.put(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// Merge puts the parts that many Puts left behind together, so that a search opens
// one list for each word and not ten. Its cost grows with the whole index: it is
// for after much was put at once. PostgreSQL keeps one part by itself.
func (x *Index) Merge(ctx context.Context) error {
	if x.DB.Dialect == db.Postgres {
		return nil
	}
	_, err := x.DB.Q(ctx).ExecContext(ctx, `INSERT INTO search_words (search_words) VALUES ('optimize')`)
	return err
}

// latest leaves out what stands again later in the list.
func latest(docs []Doc) []Doc {
	last := map[[2]string]int{}
	for i, d := range docs {
		last[[2]string{d.Kind, d.ID}] = i
	}
	out := make([]Doc, 0, len(last))
	for i, d := range docs {
		if last[[2]string{d.Kind, d.ID}] == i {
			d.Title, d.Body = valid(d.Title), valid(d.Body)
			out = append(out, d)
		}
	}
	return out
}

func (x *Index) put(ctx context.Context, docs []Doc) error {
	ids := map[string][]string{}
	for _, d := range docs {
		ids[d.Kind] = append(ids[d.Kind], d.ID)
	}
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		if err := x.remove(ctx, kind, ids[kind]); err != nil {
			return err
		}
	}
	numbers, err := x.place(ctx, docs)
	if err != nil {
		return err
	}
	args := make([]any, 0, 2*len(docs))
	for i, w := range words(docs) {
		args = append(args, numbers[i], w)
	}
	row := x.DB.Pick(`($%d, $%d)`, `($%d, array_to_tsvector(string_to_array($%d, ' ')))`)
	_, err = x.DB.Q(ctx).ExecContext(ctx, `INSERT INTO search_words (rowid, words) VALUES `+values(row, 2, len(docs)), args...)
	return err
}

// values is n rows with their parameters numbered on, width in each.
func values(row string, width, n int) string {
	var b strings.Builder
	for i := range n {
		numbers := make([]any, width)
		for k := range numbers {
			numbers[k] = i*width + k + 1
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, row, numbers...)
	}
	return b.String()
}

// place writes the records, each under the first free number from its own on.
func (x *Index) place(ctx context.Context, docs []Doc) ([]int64, error) {
	numbers, taken := make([]int64, len(docs)), map[int64]bool{}
	waiting := make([]int, len(docs))
	for i, d := range docs {
		numbers[i], waiting[i] = number(d), i
	}
	for len(waiting) > 0 {
		var args []any
		for _, i := range waiting {
			for taken[numbers[i]] {
				numbers[i]++
			}
			taken[numbers[i]] = true
			args = append(args, numbers[i], docs[i].Kind, docs[i].ID, docs[i].Language, docs[i].Title, docs[i].Body)
		}
		placed, err := db.Rows(ctx, x.DB.Q(ctx), func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) },
			`INSERT INTO search_doc (n, kind, id, language, title, body) VALUES `+values(`($%d, $%d, $%d, $%d, $%d, $%d)`, 6, len(waiting))+
				` ON CONFLICT (n) DO NOTHING RETURNING n`, args...)
		if err != nil {
			return nil, err
		}
		slices.Sort(placed)
		waiting = slices.DeleteFunc(waiting, func(i int) bool {
			_, ok := slices.BinarySearch(placed, numbers[i])
			return ok
		})
	}
	return numbers, nil
}

// words are the tokens of each record, made on all processors.
func words(docs []Doc) []string {
	out := make([]string, len(docs))
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(len(docs), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(docs); i = int(next.Add(1)) - 1 {
				out[i] = docs[i].words()
			}
		})
	}
	wg.Wait()
	return out
}

// words are the record's tokens, distinct: how often a word stands does not count.
func (d Doc) words() string {
	body := d.Body
	if len(body) > indexed {
		body = strings.ToValidUTF8(body[:indexed], "")
	}
	// One guess for both, so that a short title is stemmed like its body.
	language := d.Language
	if language == "" {
		if tag, sure := token.Language(d.Title + "\n" + body); sure {
			language = tag
		}
	}
	list := token.Tokens(body, language)
	for _, t := range token.Tokens(d.Title, language) {
		list = append(list, t, inTitle+t)
	}
	list = append(list, d.keys()...)
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// inTitle is set before the words of the title. No word and no key begins with it.
const inTitle = "+"

// valid is text that both databases can hold.
func valid(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

const (
	sortBits = 35
	hashBits = 63 - sortBits
)

// number is the record's place in the order of hits: Sort above, a hash below,
// so that records with the same Sort stand in the same order everywhere.
func number(doc Doc) int64 {
	const half = 1 << (sortBits - 1)
	h := fnv.New32a()
	h.Write([]byte(doc.Kind + "\x00" + doc.ID))
	return (min(max(doc.Sort, -half), half-1)+half)<<hashBits | int64(h.Sum32()>>(32-hashBits))
}

// Delete makes records unfindable, in the caller's unit of work. It is no error
// if they were not findable.
func (x *Index) Delete(ctx context.Context, kind string, ids ...string) error {
	if x.DB.Tx(ctx) == nil {
		return errNoUnit
	}
	for some := range slices.Chunk(ids, 500) {
		if err := x.remove(ctx, kind, some); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) remove(ctx context.Context, kind string, ids []string) error {
	list, args := db.In(2, ids)
	numbers, err := db.Rows(ctx, x.DB.Q(ctx), func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) },
		`DELETE FROM search_doc WHERE kind = $1 AND id IN `+list+` RETURNING n`, append([]any{kind}, args...)...)
	if err != nil || len(numbers) == 0 {
		return err
	}
	list, args = db.In(1, numbers)
	_, err = x.DB.Q(ctx).ExecContext(ctx, `DELETE FROM search_words WHERE rowid IN `+list, args...)
	return err
}

// Query finds a page of records.
func (x *Index) Query(ctx context.Context, q Query) (Page, error) {
	words, found, next, err := x.places(ctx, q)
	if err != nil {
		return Page{}, err
	}
	hits, err := x.read(ctx, found, words)
	return Page{Hits: hits, Next: next}, err
}

// IDs are the ids of the records that Query finds, for rooms that read their
// records themselves: no text is read or marked.
func (x *Index) IDs(ctx context.Context, q Query) ([]string, error) {
	_, found, _, err := x.places(ctx, q)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	order := make(map[int64]int, len(found))
	numbers := make([]int64, len(found))
	for i, p := range found {
		order[p.n], numbers[i] = i, p.n
	}
	list, args := db.In(1, numbers)
	ids := make([]string, len(found))
	_, err = db.Rows(ctx, x.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var n int64
		var id string
		err := r.Scan(&n, &id)
		ids[order[n]] = id
		return struct{}{}, err
	}, `SELECT n, id FROM search_doc WHERE n IN `+list, args...)
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" }), err
}

// places are where the hits of one page stand, and the cursor of the next page.
func (x *Index) places(ctx context.Context, q Query) (words []token.Asked, found []place, next string, err error) {
	limit := q.Limit
	if limit < 1 {
		limit = 20
	}
	limit = min(limit, 200)
	words, ok := q.words()
	groups, possible := q.groups()
	if !ok || !possible {
		return words, nil, "", nil
	}
	class, below := readCursor(q.Cursor, len(words) > 0)
	skip := max(q.Offset, 0)
	for ; class < 2 && len(found) <= limit; class, below = class+1, 1<<63-1 {
		numbers, err := x.numbers(ctx, class, words, groups, below, limit+1-len(found), skip)
		if err != nil {
			return nil, nil, "", err
		}
		for _, n := range numbers {
			found = append(found, place{class, n})
		}
		if skip, err = x.skipped(ctx, class, words, groups, below, skip, len(numbers)); err != nil {
			return nil, nil, "", err
		}
	}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		next = strconv.Itoa(last.class) + "." + strconv.FormatInt(last.n, 36)
	}
	return words, found, next, nil
}

// Count is how many records Query would find over all pages, but no more than
// most: counting stops there.
func (x *Index) Count(ctx context.Context, q Query, most int) (int, error) {
	words, ok := q.words()
	groups, possible := q.groups()
	if !ok || !possible {
		return 0, nil
	}
	var n int
	err := x.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM search_words WHERE `+x.where()+` LIMIT $2) AS c`,
		x.match(everything, words, groups), most).Scan(&n)
	return n, err
}

// skipped is how many hits are still to be skipped after a class that gave got.
func (x *Index) skipped(ctx context.Context, class int, words []token.Asked, groups [][]string, below int64, skip, got int) (int, error) {
	if skip == 0 || got > 0 {
		return 0, nil
	}
	var n int
	err := x.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM search_words WHERE `+x.where()+` AND rowid < $2`, x.match(class, words, groups), below).Scan(&n)
	return max(skip-n, 0), err
}

// Within is a condition for a statement about records of one kind, on its
// column of ids: that they are hits of q. The condition's parameter is numbered
// from; args hold its value.
func (x *Index) Within(q Query, column string, from int) (condition string, args []any) {
	words, ok := q.words()
	groups, possible := q.groups()
	if !ok || !possible {
		return "1 = 0", nil
	}
	where := strings.ReplaceAll(x.where(), "$1", "$"+strconv.Itoa(from))
	return column + ` IN (SELECT d.id FROM search_words JOIN search_doc d ON d.n = search_words.rowid WHERE ` + where + `)`,
		[]any{x.match(everything, words, groups)}
}

// Spread counts the hits of q by Sort, whole multiples of unit together: with
// days as 20271124 and a unit of 10,000, by year. It reads every hit's number
// and no record.
func (x *Index) Spread(ctx context.Context, q Query, unit int64) (map[int64]int, error) {
	out := map[int64]int{}
	words, ok := q.words()
	groups, possible := q.groups()
	if !ok || !possible {
		return out, nil
	}
	const half = 1 << (sortBits - 1)
	_, err := db.Rows(ctx, x.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var step int64
		var n int
		err := r.Scan(&step, &n)
		out[step] = n
		return struct{}{}, err
	}, fmt.Sprintf(`SELECT (rowid / %d - %d) / %d AS step, count(*) FROM search_words WHERE %s GROUP BY step`, int64(1)<<hashBits, int64(half), unit, x.where()),
		x.match(everything, words, groups))
	return out, err
}

// words are the terms asked for; ok is false when text was typed and no word is in it.
func (q Query) words() (list []token.Asked, ok bool) {
	list = token.Ask(q.Text, q.Typing)
	return list, len(list) > 0 || strings.TrimSpace(q.Text) == ""
}

// place is where a hit stands: in the title class (0) or the other (1), then by n.
type place struct {
	class int
	n     int64
}

func readCursor(s string, words bool) (class int, below int64) {
	a, b, ok := strings.Cut(s, ".")
	class, err := strconv.Atoi(a)
	below, err2 := strconv.ParseInt(b, 36, 64)
	if !ok || err != nil || err2 != nil || class < 0 || class > 1 {
		class, below = 0, 1<<63-1
	}
	if !words { // without words there is one class only
		class = 1
	}
	return class, below
}

// everything is both classes.
const everything = 2

// match is the question for a class of hits in the database's own grammar.
func (x *Index) match(class int, words []token.Asked, groups [][]string) string {
	g := fts5
	if x.DB.Dialect == db.Postgres {
		g = tsquery
	}
	keys := g.all(keyTerms(groups), "")
	switch {
	case len(words) == 0:
		return keys
	case class == 0:
		return g.all(words, inTitle) + g.and + keys
	case class == 1:
		return "(" + g.all(words, "") + g.and + keys + ")" + g.not + g.all(words, inTitle)
	}
	return g.all(words, "") + g.and + keys
}

// where takes the question as $1.
func (x *Index) where() string {
	return x.DB.Pick(`search_words MATCH $1`, `words @@ CAST($1 AS tsquery)`)
}

// numbers are the next hits of a class, largest first.
func (x *Index) numbers(ctx context.Context, class int, words []token.Asked, groups [][]string, below int64, limit, skip int) ([]int64, error) {
	return db.Rows(ctx, x.DB.Q(ctx), func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) },
		`SELECT rowid FROM search_words WHERE `+x.where()+` AND rowid < $2 ORDER BY rowid DESC LIMIT $3 OFFSET $4`,
		x.match(class, words, groups), below, limit, skip)
}

// read fetches the found records and marks the words in them.
func (x *Index) read(ctx context.Context, found []place, words []token.Asked) ([]Hit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	numbers := make([]int64, len(found))
	for i, p := range found {
		numbers[i] = p.n
	}
	list, args := db.In(1, numbers)
	hits := make([]Hit, len(found))
	looked := newMarker(words)
	_, err := db.Rows(ctx, x.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var n int64
		var h Hit
		var body string
		if err := r.Scan(&n, &h.Kind, &h.ID, &h.Language, &h.Title, &body); err != nil {
			return struct{}{}, err
		}
		h.TitleMarks = looked.marks(h.Title, h.Language)
		h.Snippet, h.SnippetMarks = looked.snippet(body, h.Language)
		hits[slices.Index(numbers, n)] = h
		return struct{}{}, nil
	}, `SELECT n, kind, id, language, title, substr(body, 1, 20000) FROM search_doc WHERE n IN `+list, args...)
	// One statement found them, another read them: what was deleted between is left out.
	return slices.DeleteFunc(hits, func(h Hit) bool { return h.Kind == "" }), err
}
