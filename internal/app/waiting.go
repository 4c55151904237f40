package app

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// waiting remembers how many things wait for each person, which every page shows and a
// dozen rooms are asked for.
type waiting struct {
	count func(ctx context.Context, a access.Actor) (int, error)
	memory[asker, int]
}

// asker is all that a number depends on of who asks: what an account may do changes by acts, too.
type asker struct {
	account, delegation string
	second, elevated    bool
}

func (w *waiting) of(ctx context.Context, a access.Actor) (int, error) {
	return w.memory.of(ctx, asker{a.Account, a.Delegation, a.Second, a.Elevated}, func() (int, error) { return w.count(ctx, a) })
}
