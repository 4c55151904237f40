// The bench of who can judge a text; bench/expertise/run says how it is called.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/internal/bench"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "expertise:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var m bench.Nation
	f := flag.NewFlagSet("expertise", flag.ContinueOnError)
	f.IntVar(&m.People, "people", 10000, "people to make")
	f.IntVar(&m.Works, "works", 20, "works of a person, in the mean")
	f.IntVar(&m.Texts, "texts", 20000, "texts to make")
	f.IntVar(&m.Topics, "topics", 4000, "topics")
	f.IntVar(&m.Vocabulary, "vocabulary", 300000, "words that all texts have")
	f.IntVar(&m.Words, "words", 120, "words of an abstract")
	dir := f.String("dir", "", "folder of people.jsonl and texts.jsonl")
	what := f.String("do", "make", "make: write the instance; recall: compare the search with scoring everybody; quality: order graded awards")
	sample := f.Int("sample", 0, "texts to compare; 0: all")
	data := f.String("awards", "", "awards.jsonl of SweCRIS, for quality")
	samples := f.Int("samples", 20, "samples of people, for quality")
	if err := f.Parse(args); err != nil {
		return err
	}
	switch *what {
	case "make":
		return write(m, *dir)
	case "recall":
		return recall(ctx, *dir, *sample, out)
	case "quality":
		return quality(ctx, *data, *samples, out)
	}
	return fmt.Errorf("-do %s: make, recall or quality is expected", *what)
}

// recall tells which part of the best 50 of each text the search finds, and what it
// takes beside scoring everybody, on one processor.
func recall(ctx context.Context, dir string, sample int, out io.Writer) error {
	x, err := read(ctx, dir)
	if err != nil {
		return err
	}
	finder, err := x.Finder(ctx)
	if err != nil {
		return err
	}
	const k = 50
	s := finder.Search()
	every := 1
	if sample > 0 {
		every = max(1, x.Texts()/sample)
	}
	found, texts := 0, 0
	var search, everybody time.Duration // of the processor
	for text := 0; text < x.Texts(); text += every {
		texts++
		at := bench.Usage().Processor
		got := s.Best(text, k)
		between := bench.Usage().Processor
		want := s.Scorer.Best(text, k)
		search, everybody = search+between-at, everybody+bench.Usage().Processor-between
		worst := want[len(want)-1].Score
		for _, m := range got {
			if m.Score >= worst {
				found++
			}
		}
	}
	n := time.Duration(texts)
	fmt.Fprintf(out, "%d people, %d texts: recall@%d %.5f, processor time of a text: search %v, everybody %v\n",
		x.People(), texts, k, float64(found)/float64(k*texts), search/n, everybody/n)
	return nil
}

func read(ctx context.Context, dir string) (*expertise.Index, error) {
	c := expertise.NewCorpus(false)
	for name, take := range map[string]func(context.Context, io.Reader) error{"people.jsonl": c.ReadPeople, "texts.jsonl": c.ReadTexts} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		err = take(ctx, bufio.NewReaderSize(f, 1<<20))
		_ = f.Close() // only read
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return c.Index(ctx, expertise.Options{})
}
