package main

import "testing"

// TestCollecting: garbage may stand while much is made, in a bounded room, and no longer than that.
func TestCollecting(t *testing.T) {
	t.Parallel()
	const live = 16 << 20
	c := newCollecting()
	c.look(busyCycles-1, live)
	if c.percent != restPercent {
		t.Errorf("%d %% after some collections, want %d", c.percent, restPercent)
	}
	c.look(busyCycles, live)
	if room := uint64(c.percent) * live / 100; c.percent <= restPercent || room > busyRoom {
		t.Errorf("%d %% while busy: room for %d bytes, want more than at rest and at most %d", c.percent, room, busyRoom)
	}
	busy := c.percent
	c.look(1, live)
	for range calmLooks - 1 {
		c.look(0, live)
	}
	if c.percent != busy {
		t.Errorf("%d %% after a short calm, want %d", c.percent, busy)
	}
	if c.look(0, live); c.percent != restPercent {
		t.Errorf("%d %% after a calm, want %d", c.percent, restPercent)
	}
	if c.look(busyCycles, 1<<30); c.percent != restPercent {
		t.Errorf("%d %% where much lives, want %d", c.percent, restPercent)
	}
}
