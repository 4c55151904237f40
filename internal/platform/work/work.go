// Package work is the unit of work: everything that one request changes is
// committed together with its ledger entries and its jobs, or not at all.
package work

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

type unitKey struct{}

type unit struct{ after []func(context.Context) }

// Do runs fn in a unit of work on d. If ctx already carries one, fn joins it, so
// that services compose in one transaction (with SQLite's single writer a nested
// one would wait for itself); then the outer one commits. An error or a panic
// of fn rolls everything back.
func Do(ctx context.Context, d *db.DB, fn func(ctx context.Context) error) (err error) {
	if d.Tx(ctx) != nil {
		return fn(ctx)
	}
	u := &unit{}
	outer := ctx
	ctx, tx, err := d.Begin(context.WithValue(ctx, unitKey{}, u))
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	if err := fn(ctx); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, f := range u.after {
		f(outer)
	}
	return nil
}

// After runs f once ctx's unit of work has been committed, and not if it fails.
// What f does may be lost when the process dies: what must happen is a job.
// Outside a unit of work f runs at once.
func After(ctx context.Context, f func(context.Context)) {
	if u, ok := ctx.Value(unitKey{}).(*unit); ok {
		u.after = append(u.after, f)
		return
	}
	f(ctx)
}
