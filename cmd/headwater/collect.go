package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// collecting decides how much garbage may stand beside what lives, as a percentage of it. A server at rest keeps little, so that
// it holds little; one that is busy would collect many times a second what lives some milliseconds, at a sixth of its processor.
type collecting struct {
	percent int
	calm    int // looks without a collection, one after the other
}

const (
	startPercent = 50        // a start makes much that it alone needs: kept close together, the server holds 7 MB less ever after
	restPercent  = 300       // little lives long here: a third of the collections of Go's own 100, for some 20 MB
	busyRoom     = 192 << 20 // bytes of garbage that may stand while much is made
	busyCycles   = 3         // collections between two looks that say so
	calmLooks    = 10        // without any that say that it is over
	lookEvery    = time.Second
)

// look takes in how many collections there were since the last look and how many bytes outlived the newest.
func (c *collecting) look(cycles, live uint64) {
	switch {
	case cycles >= busyCycles:
		c.percent = max(restPercent, int(100*busyRoom/max(live, 1<<20)))
	case cycles == 0:
		if c.calm++; c.calm >= calmLooks {
			c.percent = restPercent
		}
		return
	}
	c.calm = 0
}

// newCollecting is that of a server at rest.
func newCollecting() *collecting { return &collecting{percent: restPercent} }

// run looks until ctx ends.
func (c *collecting) run(ctx context.Context) {
	debug.SetGCPercent(c.percent)
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(sample)
		was, now := c.percent, sample[0].Value.Uint64()
		c.look(now-before, sample[1].Value.Uint64())
		if before = now; c.percent != was {
			debug.SetGCPercent(c.percent)
		}
	}
}
