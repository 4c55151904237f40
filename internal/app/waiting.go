package app

import (
	"context"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
)

// waiting remembers how many things wait for each person, which every page shows and a
// dozen rooms are asked for. What waits changes by acts, and every act is on record: a number
// holds while the record is as long as it was, in the same minute, because days pass too.
type waiting struct {
	count func(ctx context.Context, a access.Actor) (int, error)
	acts  func(ctx context.Context) (int64, error) // on record

	mu     sync.Mutex
	as     moment
	counts map[asker]int // as moment was
}

// asker is all that a number depends on of who asks: what an account may do changes by acts, too.
type asker struct {
	account, delegation string
	second, elevated    bool
}

// moment is what a number depends on beside who asks.
type moment struct {
	acts   int64
	minute time.Time
}

func (w *waiting) of(ctx context.Context, a access.Actor) (int, error) {
	acts, err := w.acts(ctx)
	if err != nil {
		return 0, err
	}
	now := moment{acts, clock.Now(ctx).Truncate(time.Minute)}
	who := asker{a.Account, a.Delegation, a.Second, a.Elevated}
	if n, ok := w.known(now, who); ok {
		return n, nil
	}
	n, err := w.count(ctx, a)
	if err == nil {
		w.keep(now, who, n)
	}
	return n, err
}

// known looks a number up, and forgets those of another moment.
func (w *waiting) known(now moment, who asker) (n int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.as != now {
		w.as, w.counts = now, map[asker]int{}
	}
	n, ok = w.counts[who]
	return n, ok
}

// keep notes a number that was counted after now was asked: it is of now or newer, and who asks next learns which.
func (w *waiting) keep(now moment, who asker, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.as == now {
		w.counts[who] = n
	}
}
