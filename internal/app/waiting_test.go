package app

import (
	"context"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// What waits is counted again after any act, for each who asks, and in another minute; else it is remembered.
func TestWaitingIsRemembered(t *testing.T) {
	now := clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 7)
	ctx := clock.With(t.Context(), now.Source())
	var acts int64
	counted := 0
	w := &waiting{
		memory: memory[asker, int]{acts: func(context.Context) (int64, error) { return acts, nil }},
		count:  func(context.Context, access.Actor) (int, error) { counted++; return counted, nil },
	}
	ines, acting := access.Actor{Account: "ines"}, access.Actor{Account: "ines", Delegation: "d1"}
	for i, step := range []struct {
		before func()
		who    access.Actor
		want   int
	}{
		{func() {}, ines, 1},
		{func() {}, ines, 1},
		{func() {}, acting, 2},
		{func() {}, ines, 1},
		{func() { acts++ }, ines, 3},
		{func() {}, acting, 4},
		{func() { now.Advance(30 * time.Second) }, ines, 3},
		{func() { now.Advance(30 * time.Second) }, ines, 5},
	} {
		step.before()
		if n, err := w.of(ctx, step.who); err != nil || n != step.want {
			t.Errorf("step %d: %d, %v, want %d", i, n, err, step.want)
		}
	}
	w.count = func(context.Context, access.Actor) (int, error) { acts++; return 100, nil } // somebody acts while it is counted
	acts++
	for range 2 {
		if n, err := w.of(ctx, ines); err != nil || n != 100 {
			t.Errorf("%d, %v, want 100", n, err)
		}
	}
	if w.as.acts == acts {
		t.Error("a number counted before an act is taken for one after it")
	}
}
