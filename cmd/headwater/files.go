package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/file"
)

type filesCommand struct {
	Copy  filesCopy  `cmd:"" help:"Copy all uploaded files to another place, and check every one there. Run again, it copies what came since."`
	Check filesCheck `cmd:"" help:"Check every uploaded file against its hash."`
}

type filesCopy struct {
	To string `arg:"" help:"A folder, or s3+https://host:port/bucket."`
	place
}

// Run copies while the installation may be at work, and reads all that is there at the end.
func (c *filesCopy) Run(ctx context.Context, s streams) (err error) {
	d, err := db.Open(ctx, c.DB, db.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	from, err := file.New(d, c.Files)
	if err != nil {
		return err
	}
	to, err := file.New(d, c.To)
	if err != nil {
		return err
	}
	copied, err := from.CopyTo(ctx, to)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d copied. ", copied)
	return audit(ctx, s, to)
}

type filesCheck struct{ place }

func (c *filesCheck) Run(ctx context.Context, s streams) (err error) {
	d, err := db.Open(ctx, c.DB, db.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	store, err := file.New(d, c.Files)
	if err != nil {
		return err
	}
	return audit(ctx, s, store)
}

// audit names each file that is not as it was; exit status 1 if there is one.
func audit(ctx context.Context, s streams, store *file.Store) error {
	n, problems, err := store.Audit(ctx)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(s.out, "NOT AS IT WAS:", p)
	}
	if len(problems) > 0 {
		return exit(1)
	}
	_, err = fmt.Fprintf(s.out, "%d files are there, all as they were.\n", n)
	return err
}
