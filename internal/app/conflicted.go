package app

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// conflicted remembers from which proposals a conflict of interest keeps each person: every page and list of an
// officer depends on it, and to find it takes a dozen questions.
type conflicted struct {
	db   *db.DB
	find func(ctx context.Context, person string) (map[string]bool, error)
	memory[string, map[string]bool]
}

// of are the proposals of which person must not know what only a role would show.
func (c *conflicted) of(ctx context.Context, person string) (map[string]bool, error) {
	return c.memory.outside(ctx, c.db, person, func() (map[string]bool, error) { return c.find(ctx, person) })
}
