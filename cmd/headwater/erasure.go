package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/headwater-platform/headwater/internal/app"
)

type erasureCommand struct {
	List    erasureList    `cmd:"" help:"Print what was erased, by key, to be erased again should an older backup be restored."`
	Again   erasureAgain   `cmd:"" help:"Erase once more what a list names, after an older backup was restored."`
	Compact erasureCompact `cmd:"" help:"Take what was deleted out of the database's files; nobody can write meanwhile."`
}

// open opens the installation for a command: jobs are left to the server.
func (p place) open(ctx context.Context) (*app.App, error) {
	return p.database.open(ctx, app.Config{Files: p.Files})
}

type erasureList struct{ place }

func (c *erasureList) Run(ctx context.Context, s streams) (err error) {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	list, err := a.Retention.Done(ctx)
	for _, line := range list {
		fmt.Fprintln(s.out, line)
	}
	return err
}

type erasureAgain struct {
	List string `arg:"" help:"File that headwater erasure list wrote." type:"existingfile"`
	place
}

func (c *erasureAgain) Run(ctx context.Context, s streams) (err error) {
	f, err := os.Open(c.List)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	read, erased := 0, 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		kind, id, ok := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if read++; !ok {
			return fmt.Errorf("%s: line %d: expected a kind and a key, as headwater erasure list writes them", c.List, read)
		}
		again, err := a.Retention.Again(ctx, kind, id)
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", c.List, read, err)
		}
		if again {
			erased++
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: line %d cannot be read, and nothing after it was erased: %w", c.List, read+1, err)
	}
	_, err = fmt.Fprintf(s.out, "%d of %d were in this database and are erased again. Run headwater erasure compact next.\n", erased, read)
	return err
}

type erasureCompact struct{ place }

func (c *erasureCompact) Run(ctx context.Context, s streams) (err error) {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Retention.Compact(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, "The database's files hold nothing any more that was deleted.")
	return err
}
