package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
)

type expertiseCommand struct {
	Score expertiseScore `cmd:"" help:"Say how near people's works are to texts that need a reviewer."`
}

type expertiseScore struct {
	People   string  `help:"JSON lines: id, works, each with id, title, abstract, text, year." type:"existingfile" required:""`
	Texts    string  `help:"JSON lines: id, title, abstract, text." type:"existingfile" required:""`
	Top      int     `help:"Only the best people of each text; 0: every pair." default:"0"`
	TopTexts int     `help:"With --top, the best texts of each person too, so that people with rare fields get work." default:"0"`
	FullText bool    `help:"Compare full texts too, not titles and abstracts alone."`
	HalfLife float64 `help:"Years in which a work comes to count half; 0: age does not matter." default:"0"`
	Explain  bool    `help:"Name the words that made most of each score."`
	Out      string  `help:"CSV to write: text, person, score from 0 to 1, terms." required:""`
	embedding
	Reach []netip.Prefix `help:"Networks inside that the embedding service may be in: 127.0.0.0/8,…" env:"HEADWATER_REACH"`

	blend *expertise.Embedding // nil: words alone
}

func (c *expertiseScore) Run(ctx context.Context, s streams) error {
	switch {
	case c.Top < 0:
		return fmt.Errorf("--top %d: a whole number from 0 is expected", c.Top)
	case c.TopTexts < 0 || c.TopTexts > 0 && c.Top == 0:
		return fmt.Errorf("--top-texts %d: a whole number from 0 is expected, and --top beside it", c.TopTexts)
	case c.HalfLife < 0:
		return fmt.Errorf("--half-life %g: a number of years from 0 is expected", c.HalfLife)
	}
	debug.SetGCPercent(50) // millions of works live long: waste little room for speed
	x, err := c.index(ctx)
	if err == nil {
		err = c.embed(ctx, x, s.err)
	}
	if err != nil {
		return err
	}
	return create(c.Out, func(w io.Writer) error { return c.write(ctx, x, w) })
}

func (c *expertiseScore) index(ctx context.Context) (*expertise.Index, error) {
	corpus := expertise.NewCorpus(c.FullText)
	if err := open(c.People, func(r io.Reader) error { return corpus.ReadPeople(ctx, r) }); err != nil {
		return nil, err
	}
	if err := open(c.Texts, func(r io.Reader) error { return corpus.ReadTexts(ctx, r) }); err != nil {
		return nil, err
	}
	return corpus.Index(ctx, expertise.Options{HalfLife: c.HalfLife})
}

// embed asks the embedding service where everything lies, if one is set. Where it fails, scores are of words alone, and that is said.
func (c *expertiseScore) embed(ctx context.Context, x *expertise.Index, say io.Writer) error {
	service, err := c.service(c.Reach)
	if err != nil || service == nil {
		return err
	}
	var people []expertise.Person
	var texts []expertise.Work
	err = open(c.People, func(r io.Reader) error {
		return expertise.People(ctx, r, func(p expertise.Person) error { people = append(people, p); return nil })
	})
	if err == nil {
		err = open(c.Texts, func(r io.Reader) error {
			return expertise.Texts(ctx, r, func(w expertise.Work) error { texts = append(texts, w); return nil })
		})
	}
	if err != nil {
		return err
	}
	if c.blend, err = expertise.Embed(ctx, service, people, texts); err != nil {
		_, err = fmt.Fprintf(say, "The scores are of words alone: %v\n", err)
		return err
	}
	s := x.Scorer()
	var row []float64
	at := -1
	c.blend.Fit(func(text, person int) float64 {
		if text != at {
			row, at = s.Score(row[:0], text), text
		}
		return row[person]
	})
	return nil
}

// write puts out the scores, in the order of the texts; of one text in the order of the
// people, or the best first with --top.
func (c *expertiseScore) write(ctx context.Context, x *expertise.Index, to io.Writer) error {
	w := spreadsheet.NewWriter(to)
	header := []string{"text", "person", "score"}
	if c.Explain {
		header = append(header, "terms")
	}
	_ = w.Write(header) // Flush tells it below
	all := c.writeAll
	if c.Top > 0 {
		all = c.writeBest
	}
	err := all(ctx, x, w)
	return errors.Join(err, w.Flush())
}

func (c *expertiseScore) writeAll(ctx context.Context, x *expertise.Index, w *spreadsheet.Writer) error {
	scorers := perProcessor(x.Scorer)
	return inOrder(ctx, x.Texts(), func(processor, text int) [][]string {
		s := scorers[processor]
		list := make([]expertise.Match, 0, x.People())
		for person, score := range s.Score(nil, text) {
			list = append(list, expertise.Match{Text: text, Person: person, Score: score})
		}
		return c.rows(x, s, list)
	}, w.Write)
}

func (c *expertiseScore) writeBest(ctx context.Context, x *expertise.Index, w *spreadsheet.Writer) error {
	f, err := x.Finder(ctx)
	if err != nil {
		return err
	}
	searches := perProcessor(f.Search)
	wanted := make([][]expertise.Match, x.Texts()) // by text: whose best text it is
	if c.TopTexts > 0 {
		err = inOrder(ctx, x.People(), func(processor, person int) []expertise.Match {
			return searches[processor].BestTexts(person, c.TopTexts)
		}, func(m expertise.Match) error {
			wanted[m.Text] = append(wanted[m.Text], m)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return inOrder(ctx, x.Texts(), func(processor, text int) [][]string {
		s := searches[processor]
		return c.rows(x, s.Scorer, united(s.Best(text, c.Top), wanted[text]))
	}, w.Write)
}

// united are the pairs of both lists, the best first.
func united(best, wanted []expertise.Match) []expertise.Match {
	for _, m := range wanted {
		if !slices.ContainsFunc(best, func(b expertise.Match) bool { return b.Person == m.Person }) {
			best = append(best, m)
		}
	}
	slices.SortStableFunc(best, func(a, b expertise.Match) int { return cmp.Compare(b.Score, a.Score) })
	return best
}

func perProcessor[T any](one func() T) []T {
	out := make([]T, runtime.GOMAXPROCS(0))
	for i := range out {
		out[i] = one()
	}
	return out
}

// inOrder makes the rows of n things on all processors and writes them in order.
func inOrder[T any](ctx context.Context, n int, rows func(processor, i int) []T, write func(T) error) error {
	const batch = 64 // things for each processor, so that little waits to be written
	processors := runtime.GOMAXPROCS(0)
	made := make([][]T, batch*processors)
	for from := 0; from < n; from += len(made) {
		made := made[:min(len(made), n-from)]
		var next atomic.Int64
		var g errgroup.Group
		for p := range processors {
			g.Go(func() error {
				for i := int(next.Add(1)) - 1; i < len(made) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
					made[i] = rows(p, from+i)
				}
				return ctx.Err()
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for _, list := range made {
			for _, row := range list {
				if err := write(row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *expertiseScore) rows(x *expertise.Index, s *expertise.Scorer, list []expertise.Match) [][]string {
	out := make([][]string, len(list))
	if c.blend != nil {
		for i, m := range list {
			list[i].Score = c.blend.Blend(m.Score, m.Text, m.Person, c.Share)
		}
		if c.Top > 0 {
			slices.SortStableFunc(list, func(a, b expertise.Match) int { return cmp.Compare(b.Score, a.Score) })
		}
	}
	for i, m := range list {
		out[i] = []string{x.Text(m.Text), x.Person(m.Person), strconv.FormatFloat(m.Score, 'f', 6, 64)}
		if c.Explain {
			out[i] = append(out[i], strings.Join(s.Terms(m.Text, m.Person, explained), " "))
		}
	}
	return out
}

// explained is how many words explain a score at most.
const explained = 8
