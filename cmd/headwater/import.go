package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/mappings"
)

type importCommand struct {
	database
	Kind    string   `arg:"" help:"What the rows are: organisations, people, awards, calls, proposals, reviews, reports or results."`
	Files   []string `arg:"" help:"Files to read: CSV, TSV, JSON, JSON lines or XLSX, also with .gz." type:"existingfile"`
	Map     string   `help:"Mapping: a YAML file, or the name of one that ships with Headwater." required:""`
	DryRun  bool     `help:"Say what would happen and write nothing."`
	Rejects string   `help:"Folder for the rows that could not be taken in." default:"." type:"existingdir"`
}

func (c *importCommand) Run(ctx context.Context, s streams) (err error) {
	m, err := mapping(c.Map)
	if err != nil {
		return err
	}
	if m.Kind != c.Kind {
		return fmt.Errorf("%s maps %s, not %s", c.Map, m.Kind, c.Kind)
	}
	a, err := c.open(ctx, app.Config{Relaxed: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	bar := &bar{out: s.err, began: time.Now(), drawn: isTerminal(s.err)}
	r, err := a.Exchange.Run(ctx, access.System, m, c.Files, exchange.Options{DryRun: c.DryRun, Rejects: c.Rejects, Progress: bar.show})
	bar.end()
	return errors.Join(err, tell(s.out, r, time.Since(bar.began)))
}

// mapping reads a mapping from a file, or one of ours by its name.
func mapping(name string) (*exchange.Mapping, error) {
	src, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `/\.`) {
		if src, err = mappings.Files.ReadFile(name + ".yaml"); err != nil {
			return nil, fmt.Errorf("there is no mapping %q: give a file, or one of %s", name, strings.Join(shipped(), ", "))
		}
	}
	if err != nil {
		return nil, err
	}
	return exchange.ReadMapping(name, src)
}

func shipped() []string {
	files, err := fs.Glob(mappings.Files, "*.yaml")
	if err != nil {
		return nil // the pattern is right
	}
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".yaml")
	}
	return files
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// bar shows how far a run is: on a terminal in one line that is drawn anew,
// elsewhere in a line now and then.
type bar struct {
	out   io.Writer
	began time.Time
	last  time.Time
	drawn bool
	shown bool
}

func (b *bar) show(p exchange.Progress) {
	every := 200 * time.Millisecond
	if !b.drawn {
		every = 10 * time.Second
	}
	now := time.Now()
	if now.Sub(b.last) < every {
		return
	}
	b.last = now
	part := 1.0
	if p.Size > 0 {
		part = min(float64(p.Bytes)/float64(p.Size), 1)
	}
	took := now.Sub(b.began)
	left := "?"
	if part > 0.01 {
		left = (time.Duration(float64(took) * (1 - part) / part)).Round(time.Second).String()
	}
	const width = 30
	full := int(part * width)
	line := fmt.Sprintf("%s [%s%s] %3.0f %%  %d rows, %.0f a second, %s left", filepath.Base(p.File), strings.Repeat("#", full), strings.Repeat(".", width-full), part*100,
		p.Read, float64(p.Read)/max(took.Seconds(), 0.001), left)
	if b.drawn {
		fmt.Fprintf(b.out, "\r%-100s", line)
	} else {
		fmt.Fprintln(b.out, line)
	}
	b.shown = true
}

func (b *bar) end() {
	if b.drawn && b.shown {
		fmt.Fprintln(b.out)
	}
}

// tell prints what a run did.
func tell(w io.Writer, r exchange.Report, took time.Duration) error {
	for _, p := range r.First {
		fmt.Fprintln(w, p.String())
	}
	if more := r.Counts.Rejected - len(r.First); more > 0 {
		fmt.Fprintf(w, "… and %d more rows that cannot be taken in\n", more)
	}
	if r.Alikes > 0 {
		fmt.Fprintf(w, "\n%d suspected duplicates: the same award under two funders. Nothing was merged. The first:\n", r.Alikes)
		for _, a := range r.Alike[:min(len(r.Alike), 3)] {
			fmt.Fprintf(w, "  %s and %s: %s\n", a.Other, a.Key, a.Title)
		}
	}
	if r.DryRun && r.Example != nil {
		b, err := json.MarshalIndent(r.Example, "  ", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\nThe first row would become\n  %s\n", b)
	}
	verb := ""
	if r.DryRun {
		verb = " (would be; nothing was written)"
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\nread\tnew\tchanged\tsame\trejected\tleft out\t\n%d\t%d\t%d\t%d\t%d\t%d\t%s\n", r.Counts.Read, r.Counts.New, r.Counts.Changed, r.Counts.Same, r.Counts.Rejected, r.Counts.Left, verb)
	if err := t.Flush(); err != nil {
		return err
	}
	for _, kind := range []string{"organisations", "agencies", "people", "calls"} {
		if n := r.Made[kind]; n > 0 {
			fmt.Fprintf(w, "%d %s were named and not known before: made%s\n", n, kind, verb)
		}
	}
	for _, path := range r.Rejects {
		fmt.Fprintf(w, "Rejected rows, with the reasons: %s. Mend them there and import that file.\n", path)
	}
	_, err := fmt.Fprintf(w, "%.1f s\n", took.Seconds())
	return err
}
