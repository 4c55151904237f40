package job

import "time"

// BeatBy has q renew leases when beats says so, for tests with a fixed clock.
func (q *Queue) BeatBy(beats <-chan time.Time) {
	q.beats = func() (<-chan time.Time, func()) { return beats, func() {} }
}
