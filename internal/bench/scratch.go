package bench

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
)

// scratch is where one measurement keeps its database and its files.
type scratch struct {
	db, files, kind string // kind of the database: sqlite or postgres
	folder          string
}

// newScratch keeps them in a temporary folder, and the database in PostgreSQL where db names an empty one.
func newScratch(name, db string) (scratch, error) {
	folder, err := os.MkdirTemp("", "headwater-"+name+"-")
	s := scratch{db: cmp.Or(db, filepath.Join(folder, name+".db")), files: filepath.Join(folder, "files"), kind: "postgres", folder: folder}
	if db == "" {
		s.kind = "sqlite"
	}
	return s, err
}

func (s scratch) remove() error { return os.RemoveAll(s.folder) }

// country makes the demonstration's country, and in it what a measurement needs.
func (s scratch) country(ctx context.Context, settle func(a *app.App) error) (err error) {
	a, err := app.Open(ctx, app.Config{Database: s.db, Files: s.files, Country: demo.Name, Zone: demo.Zone, Demo: true, Relaxed: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := demo.Make(ctx, a); err != nil {
		return err
	}
	return settle(a)
}

// hire makes somebody who has a role in an agency, and signs them in.
func hire(ctx context.Context, a *app.App, role access.Role, agency string) (secret string, err error) {
	id, err := a.Accounts.Create(ctx, access.System, account.New{Email: string(role) + "@bench.example", Zone: "UTC"})
	if err != nil {
		return "", err
	}
	if err := a.Accounts.Grant(ctx, access.System, id, access.Grant{Role: role, Scope: access.Agency(agency)}, time.Time{}); err != nil {
		return "", err
	}
	return a.Accounts.SignInAs(ctx, id, "bench")
}
