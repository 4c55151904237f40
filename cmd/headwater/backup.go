package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/backup"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// place is where an installation is.
type place struct {
	database
	Files string `help:"Uploaded files: a folder, or s3+https://host:port/bucket." env:"HEADWATER_FILES" default:"headwater-files"`
}

type backupCommand struct {
	Folder string `arg:"" help:"Folder to copy into; it holds secrets. Files that it has already are not copied again."`
	place
}

func (c *backupCommand) Run(ctx context.Context, s streams) (err error) {
	d, l, err := openLedger(ctx, c.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	head, err := l.Head(ctx)
	if err != nil {
		return err
	}
	files, err := file.New(d, c.Files)
	if err != nil {
		return err
	}
	if err := backup.Make(ctx, d, c.DB, head, c.Folder, func(ctx context.Context) error {
		_, err := files.CopyTo(ctx, &file.Store{DB: d, Dir: backup.FilesFolder(c.Folder)})
		return err
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Copied to %s. Restore it somewhere now and then: a backup is one once it was restored.\n", c.Folder)
	return err
}

type restoreCommand struct {
	Folder string `arg:"" help:"Folder of the backup." type:"existingdir"`
	place
}

// Run restores, brings the schema to what this program needs, and checks: the
// ledger against the head that was kept, and every file against its hash.
func (c *restoreCommand) Run(ctx context.Context, s streams) (err error) {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	head, err := backup.Restore(ctx, c.Folder, c.DB)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, c.DB, db.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := db.Migrate(ctx, d); err != nil {
		return err
	}
	l, err := ledger.OpenSealed(ctx, d, origin, keys)
	if err != nil {
		return err
	}
	report, err := l.Verify(ctx, head)
	if err != nil {
		return err
	}
	store, err := file.New(d, c.Files)
	if err != nil {
		return err
	}
	if _, err := (&file.Store{DB: d, Dir: backup.FilesFolder(c.Folder)}).CopyTo(ctx, store); err != nil {
		return err
	}
	files, problems, err := store.Audit(ctx)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		problems = append(problems, "ledger: "+p.String())
	}
	for _, p := range problems {
		fmt.Fprintln(s.out, "NOT AS IT WAS:", p)
	}
	if len(problems) > 0 {
		return exit(1)
	}
	_, err = fmt.Fprintf(s.out, "Restored: %d entries of the ledger and %d files, all as they were.\n", report.Entries+report.Waiting, files)
	return err
}
