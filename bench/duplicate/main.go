// Duplicate fills engine/duplicate with records of invented prose, asks it about
// texts of which a part was copied from one of them, and prints how long that took
// and whether the source was found.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/duplicate"
)

func main() {
	records := flag.Int("records", 1_000_000, "records in the index")
	asks := flag.Int("asks", 500, "texts to ask about")
	copied := flag.Int("copied", 40, "words in a row that each has from a record")
	flag.Parse()
	if err := run(*records, *asks, *copied); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report is one JSON object. Times are of a whole search, making the records that it
// compares included.
type report struct {
	Records   int     `json:"records"`
	Indexed   float64 `json:"index_seconds"`
	HeapBytes uint64  `json:"heap_bytes"`
	Asks      int     `json:"asks"`
	Copied    int     `json:"copied_words"`
	Found     int     `json:"found"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	Most      float64 `json:"max_ms"`
}

func run(records, asks, copied int) error {
	out := report{Records: records, Asks: asks, Copied: copied}
	x := duplicate.New()
	began := time.Now()
	for i := range records {
		if err := x.Add(record(i)); err != nil {
			return err
		}
	}
	out.Indexed = time.Since(began).Seconds()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	out.HeapBytes = m.HeapAlloc
	var took []float64
	for i := range asks {
		r, source := ask(i, records, copied)
		began := time.Now()
		list, err := x.Find(context.Background(), r, again)
		if err != nil {
			return err
		}
		took = append(took, time.Since(began).Seconds()*1000)
		if slices.ContainsFunc(list, func(m duplicate.Match) bool { return m.ID == source }) {
			out.Found++
		}
	}
	slices.Sort(took)
	out.P50, out.P95, out.Most = took[len(took)/2], took[len(took)*95/100], took[len(took)-1]
	return json.NewEncoder(os.Stdout).Encode(out)
}

// record is the i-th: a title of 9 words, a text of about 200, a team of three.
func record(i int) duplicate.Record {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	return duplicate.Record{ID: strconv.Itoa(i), Titles: []string{prose(r, 9)}, Texts: []string{prose(r, 150+r.IntN(100))},
		People: []string{strconv.Itoa(r.IntN(400_000)), strconv.Itoa(r.IntN(400_000)), strconv.Itoa(r.IntN(400_000))}}
}

func again(_ context.Context, ids []string) ([]duplicate.Record, error) {
	out := make([]duplicate.Record, len(ids))
	for i, id := range ids {
		n, err := strconv.Atoi(id)
		if err != nil {
			return nil, err
		}
		out[i] = record(n)
	}
	return out, nil
}

// ask is a new text in which some words in a row stand in a record.
func ask(i, records, copied int) (duplicate.Record, string) {
	r := rand.New(rand.NewPCG(uint64(i), 8))
	source := record(r.IntN(records))
	words := strings.Fields(source.Texts[0])
	from := r.IntN(len(words) - copied)
	return duplicate.Record{ID: "new", Titles: []string{prose(r, 9)}, People: []string{"a", "b"},
		Texts: []string{prose(r, 90) + " " + strings.Join(words[from:from+copied], " ") + " " + prose(r, 70)}}, source.ID
}

// vocabulary is of how many words prose is made; the n-th commonest stands about 1/n
// as often as the first (Zipf, 1935).
const vocabulary = 200_000

func prose(r *rand.Rand, n int) string {
	z := rand.NewZipf(r, 1.01, 1, vocabulary-1)
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word(z.Uint64()))
	}
	return b.String()
}

// word spells a number in syllables.
func word(n uint64) string {
	const consonants, vowels = "bdfgklmnprstv", "aeiou"
	var out []byte
	for {
		out = append(out, consonants[n%13], vowels[n/13%5])
		if n /= 65; n == 0 {
			return string(out)
		}
	}
}
