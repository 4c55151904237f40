package bench

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPace: at a set rate everybody asks at their own times, and who was kept waiting is due when they would have been.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		second := newPace(began, time.Second, 1, 4, 8) // four people, eight times a second: each every half second, this one an eighth later
		for _, want := range []time.Duration{125 * time.Millisecond, 625 * time.Millisecond} {
			due, more := second.next()
			if !more || due.Sub(began) != want {
				t.Errorf("due after %s, more %t; want %s", due.Sub(began), more, want)
			}
			time.Sleep(575 * time.Millisecond) // the first answer takes until 700 ms, longer than the second's time
		}
		if _, more := second.next(); more {
			t.Error("asks after the end")
		}
	})
}

// TestBackToBack: without a rate the next asking is due at once, until the end.
func TestBackToBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := newPace(began, time.Second, 3, 4, 0)
		for _, want := range []time.Duration{0, 900 * time.Millisecond} {
			due, more := p.next()
			if !more || due.Sub(began) != want {
				t.Errorf("due after %s, more %t; want %s", due.Sub(began), more, want)
			}
			time.Sleep(900 * time.Millisecond)
		}
		if _, more := p.next(); more {
			t.Error("asks after the end")
		}
	})
}
