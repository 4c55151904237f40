package app

import (
	"context"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// memory remembers what was derived from the whole record and is asked for far more often than it changes. The record changes by
// acts, and every act is in the ledger: an answer holds while the ledger is as long as it was, in the same minute, because
// days pass too.
type memory[K comparable, V any] struct {
	acts func(ctx context.Context) (int64, error) // on record

	mu    sync.Mutex
	as    moment
	known map[K]V // as moment was
}

// moment is what an answer depends on beside who asks.
type moment struct {
	acts   int64
	minute time.Time
}

// of is the answer for a key: find's, or what find said in the same moment.
func (m *memory[K, V]) of(ctx context.Context, key K, find func() (V, error)) (V, error) {
	acts, err := m.acts(ctx)
	if err != nil {
		var none V
		return none, err
	}
	now := moment{acts, clock.Now(ctx).Truncate(time.Minute)}
	if v, ok := m.at(now, key); ok {
		return v, nil
	}
	v, err := find()
	if err == nil {
		m.keep(now, key, v)
	}
	return v, err
}

// at looks an answer up, and forgets those of another moment.
func (m *memory[K, V]) at(now moment, key K) (v V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.as != now {
		m.as, m.known = now, map[K]V{}
	}
	v, ok = m.known[key]
	return v, ok
}

// keep notes an answer that was found after now was asked: it is of now or newer, and who asks next learns which.
func (m *memory[K, V]) keep(now moment, key K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.as == now {
		m.known[key] = v
	}
}

// outside is of, but for what a unit of work asks: what it sees may never come to be.
func (m *memory[K, V]) outside(ctx context.Context, d *db.DB, key K, find func() (V, error)) (V, error) {
	if d.Tx(ctx) != nil {
		return find()
	}
	return m.of(ctx, key, find)
}
