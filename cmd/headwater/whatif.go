package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/headwater-platform/headwater/internal/bench"
)

type benchWhatIfCommand struct {
	DB        string `help:"Empty PostgreSQL database: postgres://… Without it: SQLite in a temporary folder." name:"db"`
	Nodes     int    `help:"Nodes of the map." default:"80"`
	Providers int    `help:"Providers of the map." default:"300"`
	Times     int    `help:"How many pages are asked for." default:"400"`
	JSON      bool   `help:"Print the figures as JSON." name:"json"`
}

func (c *benchWhatIfCommand) Run(ctx context.Context, s streams) error {
	if c.Nodes < 10 || c.Providers < 1 || c.Times < 1 {
		return fmt.Errorf("--nodes: at least 10; --providers and --times: at least 1")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := bench.WhatIf{DB: c.DB, Program: program, Nodes: c.Nodes, Providers: c.Providers, Times: c.Times, Log: s.err}.Run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(f)
	}
	_, err = fmt.Fprintf(s.out, "%d pages of a map of %d nodes and %d providers on %s: half within %.1f ms, 95 of 100 within %.1f ms, all within %.1f ms; %.1f ms of the server's processor each, %d bytes\n",
		f.Pages, f.Nodes, f.Providers, f.Database, f.P50, f.P95, f.Worst, f.Processor, f.Bytes)
	return err
}
