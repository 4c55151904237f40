package job_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

var start = time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC)

func fixed(t *testing.T) (context.Context, *clock.Fixed) {
	c := clock.NewFixed(start, 1)
	return clock.With(t.Context(), c.Source()), c
}

// log collects what handlers did.
type log struct {
	mu   sync.Mutex
	done []string
}

func (l *log) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = append(l.done, s)
}

func (l *log) is(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.done)
	if !slices.Equal(l.done, want) {
		t.Errorf("done = %v, want %v", l.done, want)
	}
}

func worked(t *testing.T, ctx context.Context, q *job.Queue, want int) {
	t.Helper()
	if n, err := q.Work(ctx); err != nil || n != want {
		t.Errorf("Work = %d, %v; want %d", n, err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestJobExistsOnlyIfCommitted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, _ := fixed(t)
		q, l := job.New(d), &log{}
		job.Handle(q, "note", func(_ context.Context, s string) error { l.add(s); return nil })
		no := errors.New("no")
		err := work.Do(ctx, d, func(ctx context.Context) error {
			must(t, q.Enqueue(ctx, "note", "rolled back"))
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		must(t, work.Do(ctx, d, func(ctx context.Context) error { return q.Enqueue(ctx, "note", "committed") }))
		must(t, q.Enqueue(ctx, "note", "alone"))
		worked(t, ctx, q, 2)
		l.is(t, "alone", "committed")
		worked(t, ctx, q, 0)
		if err := q.Enqueue(ctx, "nobody", nil); err == nil {
			t.Error("a job that nobody does was taken")
		}
	})
}

func TestDueAndUnique(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, now := fixed(t)
		q, l := job.New(d), &log{}
		job.Handle(q, "note", func(_ context.Context, s string) error { l.add(s); return nil })
		must(t, q.Enqueue(ctx, "note", "later", job.At(start.Add(2*time.Hour)), job.Unique("k")))
		must(t, q.Enqueue(ctx, "note", "same", job.At(start.Add(time.Hour)), job.Unique("k")))
		must(t, q.Enqueue(ctx, "note", "other", job.At(start.Add(time.Hour)), job.Unique("o")))
		worked(t, ctx, q, 0)
		now.Advance(time.Hour)
		worked(t, ctx, q, 2)
		l.is(t, "later", "other") // one job, the first one's arguments, the earlier time
		must(t, q.Enqueue(ctx, "note", "again", job.Unique("k")))
		worked(t, ctx, q, 1)
	})
}

func TestUniqueWhileRunning(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, _ := fixed(t)
		q, l := job.New(d), &log{}
		job.Handle(q, "note", func(ctx context.Context, n int) error {
			l.add(fmt.Sprint(n))
			if n == 1 { // something changes while the job runs: it must be looked at again
				return q.Enqueue(ctx, "note", 2, job.Unique("k"))
			}
			return nil
		})
		must(t, q.Enqueue(ctx, "note", 1, job.Unique("k")))
		worked(t, ctx, q, 2)
		l.is(t, "1", "2")
	})
}

func TestFailureIsTriedAgainAndThenKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, now := fixed(t)
		q := job.New(d)
		tries, broken := 0, true
		job.Handle(q, "flaky", func(context.Context, int) error {
			tries++
			if tries == 3 {
				panic("worse")
			}
			if broken {
				return errors.New("the other side is down")
			}
			return nil
		})
		job.Handle(q, "hopeless", func(context.Context, int) error { return job.Final(errors.New("no such address")) })
		must(t, q.Enqueue(ctx, "flaky", 1))
		must(t, q.Enqueue(ctx, "hopeless", 1))
		worked(t, ctx, q, 0)
		worked(t, ctx, q, 0) // not yet due again
		if tries != 1 {
			t.Errorf("tries = %d before the wait was over", tries)
		}
		for range 20 {
			now.Advance(2 * time.Hour)
			worked(t, ctx, q, 0)
		}
		failed, err := q.Failed(ctx, "flaky", 10)
		if err != nil || len(failed) != 1 || failed[0].Attempts != 10 || failed[0].Error != "the other side is down" || string(failed[0].Args) != "1" {
			t.Fatalf("failed = %+v, %v", failed, err)
		}
		if none, err := q.Failed(ctx, "hopeless", 10); err != nil || len(none) != 1 || none[0].Attempts != 1 {
			t.Fatalf("failed = %+v, %v", none, err)
		}
		broken = false
		must(t, q.Retry(ctx, failed[0].ID))
		if err := q.Retry(ctx, failed[0].ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("a job that waits is given up once more: %v", err)
		}
		worked(t, ctx, q, 1)
		if s, err := q.State(ctx); err != nil || s.Waiting != 0 || s.Failed != 1 {
			t.Errorf("state = %+v, %v", s, err)
		}
	})
}

// TestLostWorker stops a worker in the middle: the job is given back, and one
// whose worker died altogether is taken by another when its lease ends.
// TestFailureThatIsNoText: an error may hold bytes of whoever was asked, which need not be text.
func TestFailureThatIsNoText(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := job.New(d)
		job.Handle(q, "hopeless", func(context.Context, int) error { return job.Final(errors.New("554 \xbe\xf8\x00.")) })
		must(t, q.Enqueue(t.Context(), "hopeless", 1))
		worked(t, t.Context(), q, 0)
		if failed, err := q.Failed(t.Context(), "hopeless", 10); err != nil || len(failed) != 1 || failed[0].Error != "554 \ufffd\ufffd." {
			t.Errorf("failed = %+v, %v", failed, err)
		}
	})
}

func TestLostWorker(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, now := fixed(t)
		dying, stop := context.WithCancel(ctx)
		q, l := job.New(d), &log{}
		job.Handle(q, "note", func(ctx context.Context, _ int) error { stop(); <-ctx.Done(); return ctx.Err() })
		must(t, q.Enqueue(ctx, "note", 1))
		if _, err := q.Work(dying); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		other := job.New(d)
		job.Handle(other, "note", func(context.Context, int) error { l.add("once"); return nil })
		worked(t, ctx, other, 1)
		must(t, other.Enqueue(ctx, "note", 2))
		must(t, work.Do(ctx, d, func(ctx context.Context) error { // as a worker that died leaves it
			_, err := d.Q(ctx).ExecContext(ctx, `UPDATE job SET lease = 'gone', attempts = 1, due_at = $1`, db.At(start.Add(time.Minute)))
			return err
		}))
		worked(t, ctx, other, 0)
		now.Advance(time.Minute)
		worked(t, ctx, other, 1)
		l.is(t, "once", "once")
	})
}

// TestLeaseIsRenewedWhileAJobRuns: a job that runs longer than its lease stays its
// worker's as long as that renews it. One whose worker has died is taken a minute later,
// and should that worker still live, it is stopped when it finds its lease gone.
func TestLeaseIsRenewedWhileAJobRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, now := fixed(t)
		q, l, beats := job.New(d), &log{}, make(chan time.Time)
		q.BeatBy(beats)
		began, ended := make(chan struct{}), make(chan struct{})
		job.Handle(q, "long", func(ctx context.Context, _ int) error {
			close(began)
			<-ctx.Done()
			l.add("stopped")
			return ctx.Err()
		})
		other := job.New(d)
		job.Handle(other, "long", func(context.Context, int) error { l.add("by another"); return nil })
		must(t, q.Enqueue(ctx, "long", 1))
		go func() {
			defer close(ended)
			if n, err := q.Work(ctx); n != 0 || err != nil {
				t.Errorf("Work = %d, %v", n, err)
			}
		}()
		<-began
		for range 12 { // four minutes: far beyond the lease
			now.Advance(20 * time.Second)
			beats <- now.Source().Now()
			must(t, renewed(ctx, d, now.Source().Now().Add(time.Minute)))
			worked(t, ctx, other, 0)
		}
		now.Advance(59 * time.Second)
		worked(t, ctx, other, 0)
		now.Advance(time.Second) // no beat for a minute: its process was killed
		worked(t, ctx, other, 1)
		beats <- now.Source().Now()
		<-ended
		l.is(t, "by another", "stopped")
	})
}

// renewed waits until the one job is leased until an instant: the worker took the beat, and writes it.
func renewed(ctx context.Context, d *db.DB, until time.Time) error {
	for ctx.Err() == nil {
		var due time.Time
		if err := d.Q(ctx).QueryRowContext(ctx, `SELECT due_at FROM job`).Scan(db.Time(&due)); err != nil || due.Equal(until) {
			return err
		}
		runtime.Gosched()
	}
	return ctx.Err()
}

func TestEvery(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, now := fixed(t)
		count := 0
		replica := func() *job.Queue {
			q := job.New(d)
			q.Every("sweep", time.Hour, func(context.Context) error { count++; return nil })
			return q
		}
		one, two := replica(), replica()
		for _, want := range []int{1, 1, 2} {
			if _, err := one.Work(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := two.Work(ctx); err != nil {
				t.Fatal(err)
			}
			if count != want {
				t.Errorf("after %s: done %d times, want %d", clock.Now(ctx).Sub(start), count, want)
			}
			now.Advance(30 * time.Minute)
		}
		for _, jump := range []time.Duration{365 * 24 * time.Hour, -365 * 24 * time.Hour, time.Hour} { // a clock that is put ahead by mistake, and back
			now.Advance(jump)
			before := count
			if _, err := one.Work(ctx); err != nil {
				t.Fatal(err)
			}
			if count != before+1 {
				t.Errorf("after a jump of %s: done %d times more, want once", jump, count-before)
			}
		}
	})
}

// TestWorkersAtOnce has four workers share a hundred jobs: each is done once.
func TestWorkersAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l := &log{}
		var want []string
		queues := make([]*job.Queue, 4)
		for i := range queues {
			queues[i] = job.New(d)
			job.Handle(queues[i], "note", func(_ context.Context, s string) error { l.add(s); return nil })
		}
		var group sync.WaitGroup
		failed := make(chan error, 200)
		for i := range 100 {
			want = append(want, fmt.Sprintf("%03d", i))
			failed <- queues[0].Enqueue(ctx, "note", want[i])
		}
		for _, q := range queues {
			group.Go(func() { _, err := q.Work(ctx); failed <- err })
		}
		group.Wait()
		close(failed)
		for err := range failed {
			must(t, err)
		}
		worked(t, ctx, queues[0], 0)
		l.is(t, want...)
	})
}

// TestRun waits for a job to be done in the background, by its own signal.
func TestRun(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	q, done, ended := job.New(dbtest.SQLite(t)), make(chan string, 1), make(chan struct{})
	job.Handle(q, "note", func(_ context.Context, s string) error { done <- s; return nil })
	go func() { defer close(ended); q.Run(ctx) }()
	must(t, q.Enqueue(ctx, "note", "x"))
	if got := <-done; got != "x" {
		t.Errorf("done %q", got)
	}
	stop()
	<-ended
}

// TestAtMost: jobs that wait for somebody outside hold no more workers than they may; what comes meanwhile is done.
func TestAtMost(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		q, begun, goOn, done, ended := job.New(d), make(chan struct{}, 10), make(chan struct{}), make(chan string, 10), make(chan struct{})
		job.Handle(q, "outside", func(_ context.Context, s string) error { begun <- struct{}{}; <-goOn; done <- s; return nil })
		q.AtMost("outside", 2)
		job.Handle(q, "note", func(_ context.Context, s string) error { done <- s; return nil })
		for range 6 {
			must(t, q.Enqueue(ctx, "outside", "outside"))
		}
		go func() { defer close(ended); q.Run(ctx) }()
		t.Cleanup(func() { stop(); <-ended })
		next := func() string {
			select {
			case s := <-done:
				return s
			case <-time.After(20 * time.Second):
				return "nothing"
			}
		}
		release := sync.OnceFunc(func() { close(goOn) })
		t.Cleanup(release)
		<-begun
		<-begun
		for range 3 { // one after the other: each is taken while the two wait
			must(t, q.Enqueue(ctx, "note", "note"))
			if got := next(); got != "note" {
				t.Fatalf("done while two wait: %s", got)
			}
		}
		if n := len(begun); n != 0 {
			t.Errorf("%d more wait outside", n)
		}
		release()
		for range 6 {
			if got := next(); got != "outside" {
				t.Fatalf("done at last: %s", got)
			}
		}
	})
}

// BenchmarkRoundTrip is the time from enqueueing a job to its handler running.
func BenchmarkRoundTrip(b *testing.B) {
	for name, d := range map[string]*db.DB{"sqlite": dbtest.SQLite(b), "postgres": dbtest.Postgres(b)} {
		b.Run(name, func(b *testing.B) {
			ctx, stop := context.WithCancel(b.Context())
			q, done, ended := job.New(d), make(chan struct{}, 1), make(chan struct{})
			job.Handle(q, "note", func(context.Context, int) error { done <- struct{}{}; return nil })
			go func() { defer close(ended); q.Run(ctx) }()
			for b.Loop() {
				if err := q.Enqueue(ctx, "note", 1); err != nil {
					b.Fatal(err)
				}
				<-done
			}
			stop()
			<-ended
		})
	}
}
