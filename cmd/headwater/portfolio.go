package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

type portfolioCommand struct {
	Solve portfolioSolve `cmd:"" help:"Choose what to fund under all budgets and rules, with a bound that nothing exceeds."`
}

type portfolioSolve struct {
	File   string        `arg:"" help:"What there is to choose from, in the format that --format names." type:"existingfile"`
	Format string        `help:"orlib: multidimensional knapsacks of the OR-Library." enum:"orlib" default:"orlib"`
	Time   time.Duration `help:"Stop after this time for each instance, with the best found and its bound; 0: when it is proven." default:"10s"`
	Gap    float64       `help:"Stop when proven to be this near to the best: (bound − value) / value." default:"0"`
	Seed   uint64        `help:"Equal seeds choose equally, unless the time ends the search." default:"1"`
	JSON   bool          `help:"Print a line of JSON for each instance." name:"json"`
}

// chosen is what solve prints of an instance. Without a choice that keeps all
// limits, value and gap are null; bound is null too when there can be none.
type chosen struct {
	Value   *int64   `json:"value"`
	Bound   *int64   `json:"bound"`
	Gap     *float64 `json:"gap"`
	Seconds float64  `json:"seconds"` // without reading the file
	Optimal bool     `json:"optimal"`
	Chosen  []int    `json:"chosen"` // item numbers from 0
}

func (c *portfolioSolve) Run(ctx context.Context, s streams) error {
	if c.Time < 0 || c.Gap < 0 || math.IsNaN(c.Gap) {
		return fmt.Errorf("--time %v --gap %g: numbers from 0 are expected", c.Time, c.Gap)
	}
	var list []*portfolio.Program
	err := open(c.File, func(r io.Reader) (err error) {
		list, err = portfolio.ReadORLib(r)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range list {
		began := time.Now()
		found, err := portfolio.Solve(ctx, p, portfolio.Options{Time: c.Time, Gap: c.Gap, Seed: c.Seed})
		if err != nil {
			return err
		}
		if err := c.print(s.out, found, time.Since(began)); err != nil {
			return err
		}
	}
	return nil
}

func (c *portfolioSolve) print(to io.Writer, found *portfolio.Solution, took time.Duration) error {
	out := chosen{Seconds: took.Seconds(), Optimal: found.Optimal(), Chosen: []int{}}
	if found.Taken != nil || !found.Done {
		out.Bound = &found.Bound
	}
	if found.Taken != nil {
		gap := found.Gap()
		out.Value, out.Gap = &found.Value, &gap
	}
	for j, t := range found.Taken {
		if t {
			out.Chosen = append(out.Chosen, j)
		}
	}
	if c.JSON {
		return json.NewEncoder(to).Encode(out)
	}
	var err error
	switch {
	case found.Taken == nil && found.Done:
		_, err = fmt.Fprintln(to, "nothing keeps all limits")
	case found.Taken == nil:
		_, err = fmt.Fprintf(to, "nothing found in %.1f s; at most %d is possible\n", out.Seconds, found.Bound)
	case out.Optimal:
		_, err = fmt.Fprintf(to, "%d, proven best, in %.1f s: %v\n", found.Value, out.Seconds, out.Chosen)
	default:
		_, err = fmt.Fprintf(to, "%d, at most %.4f %% under the best, in %.1f s: %v\n", found.Value, 100**out.Gap, out.Seconds, out.Chosen)
	}
	return err
}
