package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// poster sends a form and returns the status and the body of the answer: one connection, or a route over several.
type poster interface {
	post(path, secret, kind string, body []byte) (status int, answer []byte, err error)
	close() error
}

// balancer spreads requests over the replicas of an installation in turn, as a reverse proxy does: to those whose
// /readyz said yes when it last asked. It tries another where a connection is refused, and nothing
// else: a request that was sent may have been done.
type balancer struct {
	replicas []*replica
	turn     atomic.Uint64
}

// replica is one place behind the balancer: a process, and after it another at the same address.
type replica struct {
	address string
	now     atomic.Pointer[stay] // of the process that is there
}

// stay is one process's time behind the balancer.
type stay struct {
	answered atomic.Int64
	away     atomic.Bool // said no, or refused a connection, when it was last asked
}

const (
	checkEvery = 100 * time.Millisecond // how often a balancer asks each replica whether it is ready
	// drainFor is how long a replica goes on answering when it is asked to stop: long enough for a machine that is
	// busy to notice.
	drainFor = 2 * time.Second
)

func newBalancer(servers []*server) *balancer {
	b := &balancer{}
	for _, s := range servers {
		r := &replica{address: s.address}
		r.now.Store(&stay{})
		b.replicas = append(b.replicas, r)
	}
	return b
}

// watch asks the replicas until ctx ends. One that does not answer at all stays where it is: what is
// busy is not gone.
func (b *balancer) watch(ctx context.Context) {
	var group sync.WaitGroup
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, r := range b.replicas {
		group.Go(func() {
			tick := time.NewTicker(checkEvery)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				asked := r.now.Load()
				if ready, known := isReady(ctx, client, r.address); known {
					asked.away.Store(!ready)
				}
			}
		})
	}
	group.Wait()
}

// isReady asks one replica; known is false where it gave no answer.
func isReady(ctx context.Context, client *http.Client, address string) (ready, known bool) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return false, false
	}
	answer, err := client.Do(r)
	if err != nil {
		return false, errors.Is(err, syscall.ECONNREFUSED)
	}
	return answer.StatusCode == http.StatusOK, answer.Body.Close() == nil
}

// route is one client behind the balancer: a kept connection to each replica.
type route struct {
	*balancer
	legs []leg
}

// leg is a kept connection to one stay of one replica.
type leg struct {
	conn
	of *stay
}

func (b *balancer) route() *route { return &route{b, make([]leg, len(b.replicas))} }

var errNoReplica = errors.New("no replica is ready")

// post sends to the next replica that is ready.
func (r *route) post(path, secret, kind string, body []byte) (status int, answer []byte, err error) {
	err = errNoReplica
	first := r.turn.Add(1)
	for i := range uint64(len(r.replicas)) {
		at := (first + i) % uint64(len(r.replicas))
		there := r.replicas[at].now.Load()
		if there.away.Load() {
			continue
		}
		l := &r.legs[at]
		if l.of != there { // the process that the connection led to is gone
			if err := l.close(); err != nil {
				return 0, nil, err
			}
			*l = leg{conn{address: r.replicas[at].address}, there}
		}
		if status, answer, err = l.post(path, secret, kind, body); err == nil {
			there.answered.Add(1)
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return status, answer, err
		}
		there.away.Store(true)
	}
	return 0, nil, err
}

func (r *route) close() (err error) {
	for i := range r.legs {
		err = errors.Join(err, r.legs[i].close())
	}
	return err
}

// rolling lets the storm blow through a balancer while the replicas are replaced.
func (w *weather) rolling(ctx context.Context, with setting, people []*applicant) error {
	w.balancer = newBalancer(w.servers)
	watched, stop := context.WithCancel(ctx)
	defer stop()
	var watching, replacing sync.WaitGroup
	var err error
	watching.Go(func() { w.balancer.watch(watched) })
	replacing.Go(func() { err = w.roll(ctx, with) })
	w.blow(people)
	replacing.Wait()
	stop()
	watching.Wait()
	return err
}

// roll replaces one replica after the other, as a rolling restart does: each is asked to stop, and another process takes
// its place. They are spread over the storm's time.
func (w *weather) roll(ctx context.Context, with setting) error {
	began := time.Now()
	for i, r := range w.balancer.replicas {
		time.Sleep(time.Until(began.Add(w.Time * time.Duration(i+1) / time.Duration(len(w.servers)+2))))
		if err := w.servers[i].stop(); err != nil {
			return fmt.Errorf("replica %d does not leave in order: %w", i+1, err)
		}
		with.listen = r.address
		fresh, err := startServer(ctx, with)
		if err != nil {
			return fmt.Errorf("replica %d does not come back: %w", i+1, err)
		}
		w.servers[i] = fresh
		w.left = append(w.left, r.now.Swap(&stay{}))
	}
	return nil
}

// answered counts what each process answered, in the order in which they were started.
func (w *weather) answered() (list []int64) {
	if w.balancer == nil {
		return nil
	}
	for _, s := range w.left {
		list = append(list, s.answered.Load())
	}
	for _, r := range w.balancer.replicas {
		list = append(list, r.now.Load().answered.Load())
	}
	return list
}
