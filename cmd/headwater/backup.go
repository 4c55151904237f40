package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/backup"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/seal"
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
	m, err := backup.Make(ctx, backup.Installation{Database: c.DB, DB: d, Files: files, Head: head}, c.Folder)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Copied to %s: %d parts. Restore it somewhere now and then: a backup is one once it was restored.\n", c.Folder, len(m.Parts))
	return gone(s, m)
}

// gone names the files that a backup does not have because the installation had them no more; exit status 1 if there are any.
func gone(s streams, m backup.Manifest) error {
	for _, hash := range m.Gone {
		fmt.Fprintf(s.out, "NOT IN THE BACKUP: file %s: its content was changed, or is gone, in the installation itself\n", hash)
	}
	if len(m.Gone) > 0 {
		return exit(1)
	}
	return nil
}

type restoreCommand struct {
	Folder string `arg:"" help:"Folder of the backup." type:"existingdir"`
	Check  bool   `help:"Only read the backup and say whether it is whole; restore nothing."`
	place
}

// Run restores, brings the schema to what this program needs, and checks: the backup before anything is made of it, the
// database for itself and against the manifest, the ledger against the head that was kept, and every file against its hash.
func (c *restoreCommand) Run(ctx context.Context, s streams) error {
	err := c.run(ctx, s)
	var damaged backup.Damaged
	if !errors.As(err, &damaged) {
		return err
	}
	for _, what := range damaged {
		fmt.Fprintln(s.out, "NOT AS IT WAS:", what)
	}
	return exit(1)
}

func (c *restoreCommand) run(ctx context.Context, s streams) error {
	if c.Check {
		m, err := backup.Check(ctx, c.Folder)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "The backup of %s is whole: %d parts, all as they were written.\n", m.Made.UTC().Format("2006-01-02 15:04 UTC"), len(m.Parts))
		return gone(s, m)
	}
	keys, err := c.keys()
	if err != nil {
		return err
	}
	files, err := file.New(nil, c.Files)
	if err != nil {
		return err
	}
	m, head, err := backup.Restore(ctx, c.Folder, c.DB, files)
	if err != nil {
		return err
	}
	return c.check(ctx, s, keys, m, head)
}

// check brings what was restored up to date, and looks at its ledger and files.
func (c *restoreCommand) check(ctx context.Context, s streams, keys seal.Keys, m backup.Manifest, head string) (err error) {
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
	files, problems, err := store.Audit(ctx)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		problems = append(problems, "ledger: "+p.String())
	}
	if len(problems) > 0 {
		return backup.Damaged(problems)
	}
	_, err = fmt.Fprintf(s.out, "Restored: %d tables, %d entries of the ledger and %d files, all as they were.\n", len(m.Rows), report.Entries+report.Waiting, files)
	return err
}
