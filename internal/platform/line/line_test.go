package line_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/line"
)

type piece struct {
	name   string
	number int
	done   chan struct{}
}

// TestEachOnce: whatever the lanes, each piece is carried once, never more together than may be.
func TestEachOnce(t *testing.T) {
	t.Parallel()
	for _, lanes := range []int{1, 3} {
		var now, most atomic.Int32
		var count [500]atomic.Int32
		l := &line.Line[*piece]{Lanes: lanes, Most: 7}
		l.Carry = func(some []*piece) {
			most.Store(max(most.Load(), now.Add(1)))
			if len(some) > 7 || len(some) == 0 {
				t.Errorf("%d go together", len(some))
			}
			for _, p := range some {
				count[p.number].Add(1)
				close(p.done)
			}
			now.Add(-1)
		}
		var group sync.WaitGroup
		for i := range count {
			group.Go(func() {
				p := &piece{number: i, done: make(chan struct{})}
				l.Add(p)
				<-p.done
			})
		}
		group.Wait()
		for i := range count {
			if n := count[i].Load(); n != 1 {
				t.Errorf("piece %d was carried %d times", i, n)
			}
		}
		if int(most.Load()) > lanes {
			t.Errorf("%d lanes at once, want at most %d", most.Load(), lanes)
		}
	}
}

// TestApart: pieces of one name keep their order and are never carried at the same time, and none is forgotten.
func TestApart(t *testing.T) {
	t.Parallel()
	const names, each = 5, 40
	var mu sync.Mutex
	busy, order := map[string]bool{}, map[string][]int{}
	l := &line.Line[*piece]{Lanes: 3, Most: 4, Apart: func(p *piece) string { return p.name }}
	l.Carry = func(some []*piece) {
		mu.Lock()
		for _, p := range some {
			if busy[p.name] {
				t.Errorf("two of %s at once", p.name)
			}
			busy[p.name] = true
			order[p.name] = append(order[p.name], p.number)
		}
		mu.Unlock()
		mu.Lock()
		for _, p := range some {
			busy[p.name] = false
		}
		mu.Unlock()
		for _, p := range some {
			close(p.done)
		}
	}
	var all []*piece
	for i := range names * each {
		p := &piece{name: fmt.Sprint(i % names), number: i / names, done: make(chan struct{})}
		all = append(all, p)
		l.Add(p)
	}
	for _, p := range all {
		<-p.done
	}
	for name, got := range order {
		if len(got) != each || !slices.IsSorted(got) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestNeverJoinsWhatRuns: what comes while others are carried waits for its own turn.
func TestNeverJoinsWhatRuns(t *testing.T) {
	t.Parallel()
	began, goOn := make(chan int, 2), make(chan struct{})
	l := &line.Line[*piece]{Lanes: 1, Most: 10}
	l.Carry = func(some []*piece) {
		began <- len(some)
		<-goOn
		for _, p := range some {
			close(p.done)
		}
	}
	first, second := &piece{done: make(chan struct{})}, &piece{done: make(chan struct{})}
	l.Add(first)
	<-began
	l.Add(second)
	goOn <- struct{}{}
	<-first.done
	if n := <-began; n != 1 {
		t.Errorf("%d together", n)
	}
	goOn <- struct{}{}
	<-second.done
}

// TestSecondLaneWhenEnough: a second lane begins once enough waits for it, and not before.
func TestSecondLaneWhenEnough(t *testing.T) {
	t.Parallel()
	const enough = 4
	began, goOn := make(chan int, 10), make(chan struct{})
	l := &line.Line[*piece]{Lanes: 2, Most: 2 * enough, Enough: enough}
	l.Carry = func(some []*piece) {
		began <- len(some)
		<-goOn
		for _, p := range some {
			close(p.done)
		}
	}
	var all []*piece
	add := func() {
		all = append(all, &piece{done: make(chan struct{})})
		l.Add(all[len(all)-1])
	}
	add()
	if n := <-began; n != 1 {
		t.Fatalf("the first goes with %d", n)
	}
	for range enough - 1 {
		add()
	}
	if n := l.Running(); n != 1 {
		t.Fatalf("%d lanes while %d wait, want 1", n, enough-1)
	}
	add()
	if n := <-began; n != enough || l.Running() != 2 {
		t.Fatalf("a second lane carries %d, %d lanes run; want %d and 2", n, l.Running(), enough)
	}
	add()
	goOn <- struct{}{}
	goOn <- struct{}{}
	if n := <-began; n != 1 {
		t.Errorf("the last goes with %d", n)
	}
	close(goOn)
	for _, p := range all {
		<-p.done
	}
}
