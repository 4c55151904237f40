package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/headwater-platform/headwater/internal/bench"
)

type benchUpgradeCommand struct {
	Old  string `help:"An earlier version of this program, built." required:"" type:"existingfile"`
	DB   string `help:"Empty PostgreSQL database: postgres://… Without it: SQLite in a temporary folder." name:"db"`
	JSON bool   `help:"Print the figures as JSON." name:"json"`
}

// Run ends with status 1 where the old version did not serve people on the new schema, or anything was lost or altered.
func (c *benchUpgradeCommand) Run(ctx context.Context, s streams) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := bench.Upgrade{DB: c.DB, Old: c.Old, Program: program, Log: s.err}.Run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(f)
	} else {
		_, err = fmt.Fprintf(s.out, "%d migrations under the old program on %s while it took %d savings and submissions; then it gave %d pages and took %d savings and %d submissions; %d answers not as they should be, %d lost, %d altered entries\n",
			f.Migrations, f.Database, f.Stormed, f.Pages, f.Saved, f.Submitted, f.Failed, f.Lost, f.Altered)
	}
	if err == nil && !f.Sound() {
		err = exit(1)
	}
	return err
}
