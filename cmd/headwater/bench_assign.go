package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/headwater-platform/headwater/internal/bench"
)

type benchAssignCommand struct {
	DB        string `help:"Empty PostgreSQL database: postgres://… Without it: SQLite in a temporary folder." name:"db"`
	Proposals int    `help:"Proposals of the call." default:"1000"`
	People    int    `help:"People in its pool, each with three to six works." default:"600"`
	Times     int    `help:"How often each page is asked for." default:"5"`
	JSON      bool   `help:"Print the figures as JSON." name:"json"`
}

func (c *benchAssignCommand) Run(ctx context.Context, s streams) error {
	if c.Proposals < 1 || c.People < 1 || c.Times < 1 {
		return fmt.Errorf("--proposals, --people and --times: each at least 1")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := bench.Assign{DB: c.DB, Program: program, Proposals: c.Proposals, People: c.People, Times: c.Times, Log: s.err}.Run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(f)
	}
	fmt.Fprintf(s.out, "%d proposals × %d people on %s: first suggestion %.2f s, %d invitations %.2f s, %.0f MB\n", f.Proposals, f.People, f.Database, f.First, f.Invited, f.Send, f.MemoryMB)
	for _, name := range slices.Sorted(maps.Keys(f.Steps)) {
		list := f.Steps[name]
		fmt.Fprintf(s.out, "%-16s median %.2f s (%.2f to %.2f)\n", name, list[len(list)/2], list[0], list[len(list)-1])
	}
	return nil
}
