package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/headwater-platform/headwater/engine/expertise"
)

type expertiseCommand struct {
	Score expertiseScore `cmd:"" help:"Say how near people's works are to texts that need a reviewer."`
}

type expertiseScore struct {
	People   string  `help:"JSON lines: id, works, each with id, title, abstract, text, year." type:"existingfile" required:""`
	Texts    string  `help:"JSON lines: id, title, abstract, text." type:"existingfile" required:""`
	Top      int     `help:"Only the best people of each text; 0: every pair." default:"0"`
	FullText bool    `help:"Compare full texts too, not titles and abstracts alone."`
	HalfLife float64 `help:"Years in which a work comes to count half; 0: age does not matter." default:"0"`
	Explain  bool    `help:"Name the words that made most of each score."`
	Out      string  `help:"CSV to write: text, person, score from 0 to 1, terms." required:""`
}

func (c *expertiseScore) Run(ctx context.Context) error {
	switch {
	case c.Top < 0:
		return fmt.Errorf("--top %d: a whole number from 0 is expected", c.Top)
	case c.HalfLife < 0:
		return fmt.Errorf("--half-life %g: a number of years from 0 is expected", c.HalfLife)
	}
	x, err := c.index(ctx)
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

// write puts out the scores, in the order of the texts; of one text in the order of the
// people, or the best first with --top.
func (c *expertiseScore) write(ctx context.Context, x *expertise.Index, to io.Writer) error {
	w := csv.NewWriter(to)
	header := []string{"text", "person", "score"}
	if c.Explain {
		header = append(header, "terms")
	}
	_ = w.Write(header) // Error tells it below
	n := runtime.GOMAXPROCS(0)
	scorers := make([]*expertise.Scorer, n)
	for i := range scorers {
		scorers[i] = x.Scorer()
	}
	const batch = 32 // texts for each goroutine, so that little waits to be written
	rows := make([][][]string, n*batch)
	for from := 0; from < x.Texts(); from += len(rows) {
		rows := rows[:min(len(rows), x.Texts()-from)]
		var g errgroup.Group
		for k, s := range scorers {
			g.Go(func() error {
				for i := k; i < len(rows) && ctx.Err() == nil; i += n {
					rows[i] = c.rows(x, s, from+i)
				}
				return ctx.Err()
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for _, r := range rows {
			for _, row := range r {
				_ = w.Write(row)
			}
		}
	}
	w.Flush()
	return w.Error()
}

func (c *expertiseScore) rows(x *expertise.Index, s *expertise.Scorer, text int) [][]string {
	var list []expertise.Match
	if c.Top > 0 {
		list = s.Best(text, c.Top)
	} else {
		for person, score := range s.Score(nil, text) {
			list = append(list, expertise.Match{Person: person, Score: score})
		}
	}
	out := make([][]string, len(list))
	for i, m := range list {
		out[i] = []string{x.Text(text), x.Person(m.Person), strconv.FormatFloat(m.Score, 'f', 6, 64)}
		if c.Explain {
			out[i] = append(out[i], strings.Join(s.Terms(text, m.Person, explained), " "))
		}
	}
	return out
}

// explained is how many words explain a score at most.
const explained = 8
