package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Limit is how long a handler may take; its context ends then.
const Limit = 10 * time.Minute

const (
	lease    = time.Minute // a job whose worker died waits so long for another
	beat     = lease / 3   // a running job's lease is renewed so often: two renewals may fail
	attempts = 10          // over some eight hours; then a job is kept as failed, where Persist says nothing else
	workers  = 4           // jobs that one process runs at a time
)

// Func does a job. An error has the job tried again later, each time after a
// longer wait; the tenth is the last, where Persist says nothing else. Final says that trying again is no use.
type Func func(ctx context.Context, args json.RawMessage) error

// Queue is the jobs of one database. Register and Every come first; then it is
// safe for concurrent use, also by several processes on one database.
type Queue struct {
	db       *db.DB
	handlers map[string]Func
	periods  map[string]time.Duration
	tries    map[string]int64 // where it is not attempts
	most     map[string]int   // of a kind at once, where there is such a bound
	nudge    chan struct{}
	beats    func() (<-chan time.Time, func()) // when to renew a lease, and how to stop; a test has its own

	taking sync.Mutex     // by one worker at a time, which counts what it takes
	atWork map[string]int // jobs of a kind that this process does now
}

// New makes the queue of a migrated database.
func New(d *db.DB) *Queue {
	return &Queue{db: d, handlers: map[string]Func{}, periods: map[string]time.Duration{}, tries: map[string]int64{}, most: map[string]int{}, atWork: map[string]int{}, nudge: make(chan struct{}, 1),
		beats: func() (<-chan time.Time, func()) { t := time.NewTicker(beat); return t.C, t.Stop }}
}

// Register says what does jobs of a kind ("mail.deliver"). A kind has one
// handler; a second one is a fault in the program.
func (q *Queue) Register(kind string, f Func) {
	if _, twice := q.handlers[kind]; twice {
		panic("job: two handlers for " + kind)
	}
	q.handlers[kind] = f
}

// Handle is Register for arguments of type T, decoded from their JSON.
func Handle[T any](q *Queue, kind string, f func(ctx context.Context, args T) error) {
	q.Register(kind, func(ctx context.Context, raw json.RawMessage) error {
		var args T
		if err := json.Unmarshal(raw, &args); err != nil {
			return Final(fmt.Errorf("arguments of %s: %w", kind, err))
		}
		return f(ctx, args)
	})
}

// Every has f done once a period, by whichever process comes first; the first
// time at once. A period in which no process ran is not made up for.
func (q *Queue) Every(kind string, period time.Duration, f func(ctx context.Context) error) {
	q.Register(kind, func(ctx context.Context, _ json.RawMessage) error { return f(ctx) })
	q.periods[kind] = period
}

// Persist has jobs of a kind tried for at least so long before they are given up.
func (q *Queue) Persist(kind string, long time.Duration) {
	n := int64(1)
	for waited := time.Duration(0); waited < long; n++ {
		waited += wait(n)
	}
	q.tries[kind] = n
}

// AtMost has this process do at most n jobs of a kind at once. Where they wait for somebody outside who does not answer,
// the other workers go on with what else there is; each process has workers of its own.
func (q *Queue) AtMost(kind string, n int) { q.most[kind] = n }

// last is the number of the attempt after which a job of a kind is given up.
func (q *Queue) last(kind string) int64 {
	if n, ok := q.tries[kind]; ok {
		return n
	}
	return attempts
}

// Option says more about one job.
type Option func(*row)

// At has the job done at t, not before.
func At(t time.Time) Option { return func(r *row) { r.due = t } }

// Unique makes the job one with a waiting job of the same kind and key, which
// keeps its arguments and takes the earlier of both times. A job that runs
// already does not count: it may have looked before this unit of work changed things.
func Unique(key string) Option { return func(r *row) { r.unique = key } }

// Enqueue writes a job in the unit of work of ctx, or in one of its own. args
// must be JSON-encodable; a kind that nobody registered is refused. Two units of work that
// enqueue the same unique job wait for each other's commit.
func (q *Queue) Enqueue(ctx context.Context, kind string, args any, options ...Option) error {
	if _, ok := q.handlers[kind]; !ok {
		return fmt.Errorf("job: nobody does %q", kind)
	}
	b, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("job: arguments of %s: %w", kind, err)
	}
	r := row{id: clock.ID(ctx), kind: kind, args: string(b), due: clock.Now(ctx)}
	for _, o := range options {
		o(&r)
	}
	return work.Do(ctx, q.db, func(ctx context.Context) error {
		work.After(ctx, func(context.Context) { q.wake() })
		return q.insert(ctx, r)
	})
}

func (q *Queue) wake() {
	select {
	case q.nudge <- struct{}{}:
	default:
	}
}

// Work does every job that is due, those that these bring forth included, and
// returns how many were done well. Failures are kept with the job, not returned.
func (q *Queue) Work(ctx context.Context) (done int, err error) {
	if err := q.periodic(ctx); err != nil {
		return 0, err
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	for range workers {
		group.Go(func() {
			n, e := q.worker(ctx)
			mu.Lock()
			defer mu.Unlock()
			done += n
			err = errors.Join(err, e)
		})
	}
	group.Wait()
	return done, err
}

// worker does one job after the other until none is due.
func (q *Queue) worker(ctx context.Context) (done int, err error) {
	for ctx.Err() == nil {
		r, ok, err := q.next(ctx)
		if err != nil || !ok {
			return done, err
		}
		q.wake() // there may be more
		if q.do(ctx, r) {
			done++
		}
		q.taking.Lock()
		q.atWork[r.kind]--
		q.taking.Unlock()
	}
	return done, ctx.Err()
}

// next takes a job of a kind of which this process may do one more.
func (q *Queue) next(ctx context.Context) (r row, ok bool, err error) {
	q.taking.Lock()
	defer q.taking.Unlock()
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(q.handlers)) {
		if most, bound := q.most[kind]; !bound || q.atWork[kind] < most {
			kinds = append(kinds, kind)
		}
	}
	if r, ok, err = q.take(ctx, kinds); ok {
		q.atWork[r.kind]++
	}
	return r, ok, err
}

// do runs one job and notes how it ended; what cannot be noted is done again
// when the lease ends.
func (q *Queue) do(ctx context.Context, r row) (well bool) {
	limited, cancel := context.WithTimeout(ctx, Limit)
	kept := q.keep(limited, cancel, r)
	err := q.safely(limited, r)
	cancel()
	<-kept
	note := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		well = true
		err = q.finish(note, r)
	case ctx.Err() != nil: // we are stopping: not the job's fault
		err = q.release(note, r)
	default:
		slog.WarnContext(ctx, "a job failed", "kind", r.kind, "id", r.id, "attempt", r.attempts, "error", err)
		err = q.fail(note, r, err)
	}
	if err != nil {
		slog.ErrorContext(ctx, "the end of a job was not noted; it will run again", "kind", r.kind, "id", r.id, "error", err)
	}
	return well
}

// keep renews the lease of a job until ctx ends; the channel closes when it has stopped.
// A lease that another worker holds, or that ran out while it could not be renewed, is
// lost: cancel stops the handler then, so that two rarely do the same job at once.
func (q *Queue) keep(ctx context.Context, cancel context.CancelFunc, r row) <-chan struct{} {
	stopped := make(chan struct{})
	beats, stop := q.beats()
	until := clock.Now(ctx).Add(lease)
	go func() {
		defer close(stopped)
		defer stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beats:
			}
			renewed, err := q.renew(ctx, r)
			switch {
			case err == nil && renewed:
				until = clock.Now(ctx).Add(lease)
			case err == nil || clock.Now(ctx).After(until):
				slog.WarnContext(ctx, "a job lost its lease and is stopped; it runs again elsewhere", "kind", r.kind, "id", r.id, "error", err)
				cancel()
				return
			}
		}
	}()
	return stopped
}

func (q *Queue) safely(ctx context.Context, r row) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return q.handlers[r.kind](ctx, json.RawMessage(r.args))
}

// Run works until ctx ends: soon after each commit in this process that
// enqueued something, and at least every second for what others enqueued and what becomes due. A worker
// whose job takes long holds up no other.
func (q *Queue) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var group errgroup.Group
	group.SetLimit(workers)
	for ctx.Err() == nil {
		said(ctx, q.periodic(ctx))
		group.TryGo(func() error { // if one is free; who finds a job wakes the next
			_, err := q.worker(ctx)
			said(ctx, err)
			return nil
		})
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-q.nudge:
		}
	}
	_ = group.Wait() // what went wrong was said
}

func said(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		slog.WarnContext(ctx, "jobs could not be taken; it is tried again", "error", err)
	}
}

// wait is how long a job rests after its n-th failure: 5 s, 20 s, 80 s … at most two hours.
func wait(n int64) time.Duration {
	d := 5 * time.Second
	for ; n > 1 && d < 2*time.Hour; n-- {
		d *= 4
	}
	return min(d, 2*time.Hour)
}

type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// Final marks an error that trying again will not mend: the job is kept as failed at once.
func Final(err error) error { return finalError{err} }
