package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/portfolio"
)

type portfolioCommand struct {
	Solve portfolioSolve `cmd:"" help:"Choose what to fund under all budgets and rules, with a bound that nothing exceeds."`
}

type portfolioSolve struct {
	File    string        `arg:"" help:"What there is to choose from, in the format that --format names." type:"existingfile"`
	Format  string        `help:"orlib: multidimensional knapsacks of the OR-Library; json: proposals and rules, see docs/portfolio.md; csv: a table of proposals, with --rules." enum:"orlib,json,csv" default:"json"`
	Rules   string        `help:"JSON: budgets and rules, with --format csv." type:"existingfile"`
	Time    time.Duration `help:"Stop after this time for each instance, with the best found and its bound; 0: when it is proven." default:"10s"`
	Gap     float64       `help:"Stop when proven to be this near to the best: (bound − value) / value." default:"0"`
	Seed    uint64        `help:"Equal seeds choose equally, unless the time ends the search." default:"1"`
	Explain bool          `help:"Also say what every rule costs, what 5 % more money would change, the next best choices, and why each proposal is in or out. It may take as long again."`
	JSON    bool          `help:"Print a line of JSON for each instance." name:"json"`
}

// chosen is what solve prints of an instance. Without a choice that keeps all
// limits, value and gap are null; bound is null too when there can be none.
type chosen struct {
	Value   *json.Number `json:"value"`
	Bound   *json.Number `json:"bound"`
	Gap     *float64     `json:"gap"`
	Seconds float64      `json:"seconds"` // without reading the file, and without what --explain adds
	Optimal bool         `json:"optimal"`
	Chosen  []int        `json:"chosen"` // item numbers from 0

	modelAnswer // with json and csv
}

func (c *portfolioSolve) Run(ctx context.Context, s streams) error {
	switch {
	case c.Time < 0 || c.Gap < 0 || math.IsNaN(c.Gap):
		return fmt.Errorf("--time %v --gap %g: numbers from 0 are expected", c.Time, c.Gap)
	case (c.Rules != "") != (c.Format == "csv"):
		return fmt.Errorf("--rules goes with --format csv, and that needs it")
	case c.Explain && c.Format == "orlib":
		return fmt.Errorf("--explain goes with --format json or csv: orlib has no names to explain with")
	case c.Format == "orlib":
		return c.knapsacks(ctx, s.out)
	}
	return c.model(ctx, s.out)
}

func (c *portfolioSolve) options() portfolio.Options {
	return portfolio.Options{Time: c.Time, Gap: c.Gap, Seed: c.Seed}
}

func (c *portfolioSolve) knapsacks(ctx context.Context, to io.Writer) error {
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
		found, err := portfolio.Solve(ctx, p, c.options())
		if err != nil {
			return err
		}
		out := summarise(found, 1, time.Since(began))
		for j, t := range found.Taken {
			if t {
				out.Chosen = append(out.Chosen, j)
			}
		}
		if c.JSON {
			err = json.NewEncoder(to).Encode(out)
		} else {
			_, err = fmt.Fprintf(to, "%s: %v\n", out.headline(found), out.Chosen)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *portfolioSolve) readModel() (*portfolio.Model, error) {
	var m *portfolio.Model
	if c.Format == "json" {
		err := open(c.File, func(r io.Reader) (err error) {
			m, err = portfolio.ReadModel(r)
			return err
		})
		return m, err
	}
	rules, err := os.Open(c.Rules)
	if err != nil {
		return nil, err
	}
	defer rules.Close() // only read
	err = open(c.File, func(r io.Reader) (err error) {
		m, err = portfolio.ReadTable(r, rules)
		return err
	})
	return m, err
}

func (c *portfolioSolve) model(ctx context.Context, to io.Writer) error {
	m, err := c.readModel()
	if err != nil {
		return err
	}
	began := time.Now()
	d, err := portfolio.Decide(ctx, m, c.options())
	if err != nil {
		return err
	}
	out := summarise(d.Solution, portfolio.Point, time.Since(began))
	if err := c.answer(ctx, m, d, &out.modelAnswer); err != nil {
		return err
	}
	for i, l := range d.Level {
		if l > 0 {
			out.Chosen = append(out.Chosen, i)
		}
	}
	if c.JSON {
		return json.NewEncoder(to).Encode(out)
	}
	if _, err := fmt.Fprintln(to, out.headline(d.Solution)); err != nil {
		return err
	}
	return out.print(to)
}

// summarise leaves out what is chosen. Values are in parts of which unit make one.
func summarise(found *portfolio.Solution, unit int64, took time.Duration) chosen {
	out := chosen{Seconds: took.Seconds(), Optimal: found.Optimal(), Chosen: []int{}}
	if found.Taken != nil || !found.Done {
		out.Bound = decimal(found.Bound, unit)
	}
	if found.Taken != nil {
		gap := found.Gap()
		out.Value, out.Gap = decimal(found.Value, unit), &gap
	}
	return out
}

// decimal is v/unit, unit a power of ten up to a million, without rounding.
func decimal(v, unit int64) *json.Number {
	text := strconv.FormatInt(v/unit, 10)
	if part := v % unit; part != 0 {
		text = strings.TrimRight(strconv.FormatFloat(float64(v)/float64(unit), 'f', 6, 64), "0")
	}
	n := json.Number(text)
	return &n
}

func (c chosen) headline(found *portfolio.Solution) string {
	switch {
	case found.Taken == nil && found.Done:
		return "Nothing keeps all limits"
	case found.Taken == nil:
		return fmt.Sprintf("Nothing found in %.1f s; at most %s is possible", c.Seconds, *c.Bound)
	case c.Optimal:
		return fmt.Sprintf("Value %s, proven best, in %.1f s", *c.Value, c.Seconds)
	}
	return fmt.Sprintf("Value %s, at most %.4f %% under the best possible, in %.1f s", *c.Value, 100**c.Gap, c.Seconds)
}
