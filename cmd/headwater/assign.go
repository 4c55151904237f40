package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/assign/table"
)

type assignCommand struct {
	Solve assignSolve `cmd:"" help:"Assign reviewers to proposals, best by total score, with a proof."`
}

type assignSolve struct {
	Scores    string  `help:"CSV: proposal (or text), person, score from 0 to 1; only pairs that may be used." type:"existingfile" required:""`
	Demand    int     `help:"Reviews that each proposal needs." required:""`
	LoadMax   int     `help:"Reviews that each person takes at most." required:""`
	LoadMin   int     `help:"Reviews that each person takes at least." default:"0"`
	Loads     string  `help:"CSV: person, min, max, for those who differ." type:"existingfile"`
	Conflicts string  `help:"CSV: proposal, person, pairs that may not be used." type:"existingfile"`
	Unfilled  string  `help:"What an empty place costs, in scores; without it as many as possible are filled." name:"unfilled-cost"`
	Gap       float64 `help:"Stop when proven to be this near to the best: (cost − bound) / cost." default:"0"`
	Out       string  `help:"CSV to write: proposal, person, score." required:""`
	Report    string  `help:"JSON to write: cost, bound, gap, reasons." required:""`
}

// report is what solve tells of an assignment. Scores are sums over the pairs of
// a proposal; min and mean are taken over proposals.
type report struct {
	Cost     int64    `json:"cost"`
	Bound    int64    `json:"bound"`
	Gap      float64  `json:"gap"`
	Total    float64  `json:"total"`
	Min      float64  `json:"min"`
	Mean     float64  `json:"mean"`
	Unfilled int      `json:"unfilled"`
	Optimal  bool     `json:"optimal"`
	Seconds  float64  `json:"solve_seconds"`
	Peak     int64    `json:"peak_bytes"`
	Reasons  []reason `json:"reasons"`
}

// reason is why places stay empty, in words and with the names behind them.
type reason struct {
	Text      string   `json:"text"`
	Proposals []string `json:"proposals"`
	People    []string `json:"people"`
	Need      int      `json:"need"`
	Have      int      `json:"have"`
}

func (c *assignSolve) Run(ctx context.Context) error {
	t, err := c.read()
	if err != nil {
		return err
	}
	began := time.Now()
	s, err := assign.Approximate(ctx, t.Problem, c.Gap)
	took := time.Since(began)
	var bad *assign.ProblemError
	if errors.As(err, &bad) {
		return named(t, bad)
	}
	if err != nil {
		return err
	}
	if err := assign.VerifyBound(t.Problem, s); err != nil {
		return fmt.Errorf("the solution fails its own check, nothing is written: %w", err)
	}
	if err := create(c.Out, func(w io.Writer) error { return t.Write(w, s.Chosen) }); err != nil {
		return err
	}
	r := summary(t, s)
	r.Seconds, r.Peak = took.Seconds(), peak()
	return create(c.Report, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	})
}

// read takes in the tables and settles what the flags say.
func (c *assignSolve) read() (*table.Table, error) {
	switch {
	case c.Demand < 0:
		return nil, fmt.Errorf("--demand %d: a whole number from 0 is expected", c.Demand)
	case c.LoadMin < 0 || c.LoadMax < c.LoadMin:
		return nil, fmt.Errorf("--load-min %d --load-max %d: 0 ≤ min ≤ max is expected", c.LoadMin, c.LoadMax)
	case c.Gap < 0 || c.Gap >= 1:
		return nil, fmt.Errorf("--gap %g: a part of the cost is expected, from 0 (the best) to under 1", c.Gap)
	}
	var t *table.Table
	err := open(c.Scores, func(r io.Reader) (err error) {
		t, err = table.Read(r, c.Demand, assign.Load{Min: c.LoadMin, Max: c.LoadMax})
		return err
	})
	if err == nil && c.Loads != "" {
		err = open(c.Loads, func(r io.Reader) error { return t.Loads(r) })
	}
	if err == nil && c.Conflicts != "" {
		err = open(c.Conflicts, func(r io.Reader) error { return t.Conflicts(r) })
	}
	if err == nil && c.Unfilled != "" {
		if t.Unfilled, err = assign.UnitsOfText(c.Unfilled); err != nil || t.Unfilled == 0 {
			return nil, fmt.Errorf("--unfilled-cost %s: a decimal above 0 is expected, such as 1.5", c.Unfilled)
		}
	}
	return t, err
}

// summary is the report on a solution. Without a cost of empty places these are no
// part of the figures: cost and bound are those among all assignments that fill
// as many.
func summary(t *table.Table, s assign.Solution) report {
	r := report{Cost: t.Value(s), Bound: s.Bound, Reasons: []reason{}}
	r.Optimal = r.Cost == r.Bound
	sums := make([]int64, len(t.Demand))
	for _, k := range s.Chosen {
		sums[t.Edges[k].Proposal] += assign.Scale - t.Edges[k].Cost
	}
	least := int64(-1)
	for _, n := range sums {
		if least < 0 || n < least {
			least = n
		}
	}
	r.Total = float64(s.Total()) / assign.Scale
	r.Min = float64(max(0, least)) / assign.Scale
	r.Mean = r.Total / float64(max(1, len(sums)))
	apart := int64(0)
	for _, m := range s.Idle {
		apart += t.Penalty() * int64(m.Count)
	}
	for _, m := range s.Short {
		r.Unfilled += m.Count
		if t.Unfilled == 0 {
			apart += t.Penalty() * int64(m.Count)
		}
	}
	r.Cost -= apart
	r.Bound -= apart
	r.Gap = float64(r.Cost-r.Bound) / float64(max(r.Cost, 1))
	for _, d := range s.Why {
		r.Reasons = append(r.Reasons, words(t, d))
	}
	return r
}

func words(t *table.Table, d assign.Deficit) reason {
	r := reason{Proposals: []string{}, People: []string{}, Need: d.Need, Have: d.Have}
	for _, i := range d.Proposals {
		r.Proposals = append(r.Proposals, t.Proposals[i])
	}
	for _, i := range d.Reviewers {
		r.People = append(r.People, t.People[i])
	}
	switch d.Kind {
	case assign.TooDear:
		r.Text = fmt.Sprintf("%s: %d reviews stay empty, as each would cost more than an empty place.", some(r.Proposals, "proposal"), d.Need)
	case assign.TooFewProposals:
		r.Text = fmt.Sprintf("%s must get %d reviews; the proposals they may review (%s) have %d for them.", some(r.People, "person"), d.Need, some(r.Proposals, "proposal"), d.Have)
	default:
		r.Text = fmt.Sprintf("%s need %d reviews; all who may review them (%s) have room for %d.", some(r.Proposals, "proposal"), d.Need, some(r.People, "person"), d.Have)
	}
	return r
}

// some names the first few of a list.
func some(names []string, what string) string {
	const most = 5
	switch n := len(names); {
	case n == 0:
		return "nobody"
	case n == 1:
		return what + " " + names[0]
	case n <= most:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	}
}

// named is an error about a problem with the names of the tables.
func named(t *table.Table, e *assign.ProblemError) error {
	var at []string
	if e.Proposal >= 0 {
		at = append(at, "proposal "+t.Proposals[e.Proposal])
	}
	if e.Reviewer >= 0 {
		at = append(at, "person "+t.People[e.Reviewer])
	}
	return fmt.Errorf("%s: %s", strings.Join(append(at, "the tables"), ", "), e.Reason)
}

func open(name string, read func(io.Reader) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	if err := read(bufio.NewReaderSize(f, 1<<20)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	return errors.Join(err, w.Flush(), f.Close())
}

// peak is the most memory that the process has held, in bytes.
func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10 // in kilobytes on Linux
}
