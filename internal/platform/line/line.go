// Package line is where many goroutines wait whose small pieces of work cost less done some at
// a time than one by one: savings that share a transaction, keys that are looked up with one question.
// Nothing waits for company while nothing is carried: what comes first begins at once, and what comes while it runs goes
// together next. A second lane begins only when Enough waits for it: one errand for thirty costs much less than five for
// six each, but with one lane alone those who wait and those who carry stand still by turns.
package line

import "sync"

// Line is a queue of pieces of work. Carry does some of them; it may run Lanes times at once, where Enough wait.
type Line[P any] struct {
	Lanes  int       // at least 1
	Most   int       // that go together
	Enough int       // that wait for a lane more to begin, or to go on beside others
	Carry  func([]P) // in the order in which they came
	// Apart names what two pieces must not meet over: of those with the same name one is carried at a time,
	// in the order in which they came. nil: all may go together.
	Apart func(P) string

	mu      sync.Mutex
	waiting []P
	running int
	busy    map[string]bool // names of what is being carried
}

// Add puts a piece into the line and returns; Carry says when it is done.
// A piece never joins others that have already begun, so that what it reads is no older than this call.
func (l *Line[P]) Add(p P) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, p)
	if l.running == 0 || l.running < l.Lanes && l.enough() {
		l.running++
		go l.run()
	}
}

// enough is whether what waits is enough for a lane more.
func (l *Line[P]) enough() bool { return len(l.waiting) >= l.Enough }

// run carries what waits until nothing does that may go now, or too little for the lanes there are. What is left stays
// for another lane, which looks again when it is done: what is kept back stands behind something that one carries.
func (l *Line[P]) run() {
	for {
		some := l.take()
		if len(some) == 0 {
			return
		}
		l.Carry(some)
		l.free(some)
	}
}

func (l *Line[P]) take() (some []P) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running > 1 && !l.enough() {
		l.running--
		return nil
	}
	if l.Apart == nil {
		n := min(len(l.waiting), l.Most)
		some, l.waiting = l.waiting[:n:n], l.waiting[n:]
	} else {
		some = l.takeApart()
	}
	if len(some) == 0 {
		l.running--
	}
	if len(l.waiting) == 0 {
		l.waiting = nil // what was carried is not held on to
	}
	return some
}

func (l *Line[P]) takeApart() (some []P) {
	var later []P
	held := map[string]bool{}
	for i, p := range l.waiting {
		if len(some) == l.Most {
			later = append(later, l.waiting[i:]...)
			break
		}
		name := l.Apart(p)
		if l.busy[name] || held[name] {
			held[name] = true
			later = append(later, p)
			continue
		}
		held[name] = true
		some = append(some, p)
	}
	l.waiting = later
	if l.busy == nil {
		l.busy = map[string]bool{}
	}
	for _, p := range some {
		l.busy[l.Apart(p)] = true
	}
	return some
}

func (l *Line[P]) free(some []P) {
	if l.Apart == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range some {
		delete(l.busy, l.Apart(p))
	}
}
