package work

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/line"
)

// lanes is how many transactions of one group PostgreSQL has to do at once, where that much waits: a big machine
// carries more than one. SQLite has one writer.
const lanes = 3

// enough is how many units wait for a lane more to begin there. With 64 who save back to back a transaction carries some
// 14 then; where all went on one lane it was 22 at less processor, and a fifth of two cores stood still.
const enough = 16

// Group does small units of one kind that arrive many at once in common transactions, and with statements that serve
// all of them: the autosaves of a deadline evening, where a statement costs more than what it stores. The zero value
// with All is ready to use; Run says what it promises.
type Group[T any] struct {
	// All does some units in one unit of work, which ctx carries: all that it writes is committed, or nothing is. It
	// refuses a unit alone by setting its Err, as long as it has written nothing for it; with an error, or a
	// panic, all are rolled back, and each is done again alone. It may so be called more than once for a unit.
	All func(ctx context.Context, some []*Unit[T]) error
	// Apart names what a unit is about: no two of the same name are done at the same time.
	Apart func(T) string
}

// Unit is one of a group.
type Unit[T any] struct {
	Of  T
	Ctx context.Context // of whose unit it is, within the common unit of work
	waited

	outer context.Context
}

// Run does one unit, with others that wait at the same moment, and returns once it is committed. Inside a unit of
// work it is part of that. Nothing waits for company. Once begun, a unit is not broken off when ctx ends.
func (g *Group[T]) Run(ctx context.Context, d *db.DB, of T) error {
	u := &Unit[T]{Of: of, Ctx: ctx, outer: ctx, waited: newWaited()}
	if d.Tx(ctx) != nil {
		if err := g.All(ctx, []*Unit[T]{u}); err != nil {
			return err
		}
		return u.Err
	}
	d.Beside(g, func() any { return g.line(d) }).(*line.Line[*Unit[T]]).Add(u)
	return u.wait(ctx)
}

func (g *Group[T]) line(d *db.DB) *line.Line[*Unit[T]] {
	l := &line.Line[*Unit[T]]{Lanes: 1, Most: mostTogether, Apart: func(u *Unit[T]) string { return g.Apart(u.Of) }}
	if d.Dialect == db.Postgres {
		l.Lanes, l.Enough = lanes, enough
	}
	l.Carry = func(some []*Unit[T]) {
		g.carry(d, some)
		for _, u := range some {
			close(u.done)
		}
	}
	return l
}

// carry does some units together, and where that fails by one of them, each alone.
func (g *Group[T]) carry(d *db.DB, some []*Unit[T]) {
	again, err := g.try(d, some)
	if again && len(some) > 1 {
		for _, u := range some {
			g.carry(d, []*Unit[T]{u})
		}
		return
	}
	for _, u := range some {
		if err != nil && u.panic == nil {
			u.Err = err
		}
	}
}

// try does some units in one transaction. again says that nothing of it was committed, and that it
// may be otherwise with each alone: not so where the database is away.
func (g *Group[T]) try(d *db.DB, some []*Unit[T]) (again bool, err error) {
	ctx, tx, err := d.Begin(context.Background())
	if err != nil {
		return false, fmt.Errorf("begin: %w", err)
	}
	for _, u := range some {
		u.unit, u.Err, u.panic = &unit{}, nil, nil
		u.Ctx = d.Within(context.WithValue(context.WithoutCancel(u.outer), unitKey{}, u.unit), tx.Tx)
	}
	if err := g.all(ctx, some); err != nil || some[0].panic != nil {
		away := err != nil && db.Fault(err).Kind == fault.Unavailable
		return !away, errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return false, fmt.Errorf("commit: %w", err)
	}
	return false, nil
}

// all is All; a panic is noted at every unit, as nobody knows yet whose it is.
func (g *Group[T]) all(ctx context.Context, some []*Unit[T]) (err error) {
	defer func() {
		if p := recover(); p != nil {
			for _, u := range some {
				u.panic = p
			}
		}
	}()
	return g.All(ctx, some)
}
