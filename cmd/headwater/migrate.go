package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

type migrateCommand struct{ database }

func (c *migrateCommand) Run(ctx context.Context, s streams) error {
	d, err := db.Open(ctx, c.DB, db.Options{})
	if err != nil {
		return err
	}
	pending, err := db.Pending(ctx, d)
	if err == nil {
		err = db.Migrate(ctx, d)
	}
	if err == nil {
		fmt.Fprintf(s.out, "%d migrations done; the schema is up to date.\n", pending)
	}
	return errors.Join(err, d.Close())
}
