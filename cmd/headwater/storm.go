package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/bench"
)

type benchStormCommand struct {
	DB          string `help:"Empty PostgreSQL database: postgres://… Without it: SQLite in a temporary folder." name:"db"`
	Replicas    int    `help:"Processes that share the work; more than one takes PostgreSQL." default:"1"`
	Rolling     bool   `help:"While it blows, one replica after the other is asked to stop and started again, behind a balancer that asks /readyz."`
	Seconds     int    `help:"How long it blows." default:"30"`
	Applicants  int    `help:"People with a draft." default:"2000"`
	Connections int    `help:"Connections that save back to back." default:"64"`
	JSON        bool   `help:"Print the figures as JSON." name:"json"`
}

// Run ends with status 1 where anything acknowledged was lost, or a request was not answered as it should be.
func (c *benchStormCommand) Run(ctx context.Context, s streams) error {
	if c.Replicas < 1 || c.Seconds < 1 || c.Connections < 1 || c.Applicants < 1 {
		return fmt.Errorf("--replicas, --seconds, --applicants and --connections: each at least 1")
	}
	if c.Replicas > 1 && c.DB == "" {
		return fmt.Errorf("--replicas %d: several processes take PostgreSQL; name it with --db", c.Replicas)
	}
	if c.Rolling && c.Replicas < 2 {
		return fmt.Errorf("--rolling: while one replica is away others must be there; add --replicas 2")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := bench.Storm{DB: c.DB, Program: program, Replicas: c.Replicas, Rolling: c.Rolling, Applicants: c.Applicants, Connections: c.Connections, Time: time.Duration(c.Seconds) * time.Second, Log: s.err}.Run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(f)
	} else {
		_, err = fmt.Fprintf(s.out, "%.0f autosaves a second on %s (half within %.1f ms, 99 of 100 within %.1f ms), %d submissions of 2 MB (99 of 100 within %.0f ms), %d failed, %d lost\n",
			f.Autosaves, f.Database, f.P50, f.P99, f.Submissions, f.SubmitP99, f.Failed, f.Lost)
	}
	if err == nil && c.Rolling && !c.JSON {
		_, err = fmt.Fprintf(s.out, "answered by each process, first those that left: %d\n", f.Answered)
	}
	if err == nil && !f.Sound() {
		err = exit(1)
	}
	return err
}

type benchPagesCommand struct {
	DB      string   `help:"Empty PostgreSQL database: postgres://… Without it: SQLite in a temporary folder." name:"db"`
	Seconds int      `help:"How long each page is asked for." default:"5"`
	Only    []string `help:"Only these pages, as for a profile of one (HEADWATER_PROFILE): home,form,list,submission." enum:"home,form,list,submission"`
	Rate    float64  `help:"Ask for each page so many times a second, all together, and time each answer from when it was due. 0: everybody asks again as soon as the answer has come." default:"0"`
	JSON    bool     `help:"Print the figures as JSON." name:"json"`
}

// Run ends with status 1 where a page was not answered as it should be.
func (c *benchPagesCommand) Run(ctx context.Context, s streams) error {
	if c.Seconds < 1 {
		return fmt.Errorf("--seconds %d: at least 1", c.Seconds)
	}
	if c.Rate < 0 {
		return fmt.Errorf("--rate %g: at least 0", c.Rate)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := bench.Pages{DB: c.DB, Program: program, Time: time.Duration(c.Seconds) * time.Second, Only: c.Only, Rate: c.Rate, Log: s.err}.Run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(f)
	} else {
		err = tellPages(s.out, f)
	}
	if err == nil && !f.Sound() {
		err = exit(1)
	}
	return err
}

func tellPages(out io.Writer, f bench.PagesFigures) error {
	if _, err := fmt.Fprintf(out, "%.0f MB at rest on %s, %.0f of them of the program's file\n", f.RestMB, f.Database, f.FileMB); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(f.Pages)) {
		p := f.Pages[name]
		if _, err := fmt.Fprintf(out, "%-10s %7.0f a second, half within %.1f ms, 99 of 100 within %.1f ms, %d bytes, %d failed\n", name, p.PerSecond, p.P50, p.P99, p.Bytes, p.Failed); err != nil {
			return err
		}
	}
	return nil
}
