package bench

import "time"

// pace is when one of many who ask at once asks next: again at once, or at set times.
type pace struct {
	end   time.Time
	due   time.Time
	every time.Duration // between two askings; 0: back to back
}

// newPace is that of visitor i of n who together ask rate times a second from began on; 0: back to back.
func newPace(began time.Time, lasts time.Duration, i, n int, rate float64) *pace {
	p := &pace{end: began.Add(lasts), due: began}
	if rate > 0 {
		p.every = time.Duration(float64(n) / rate * float64(time.Second))
		p.due = began.Add(p.every * time.Duration(i) / time.Duration(n))
	}
	return p
}

// next waits until it is time, and returns when that was: an answer is timed from there. Who is kept waiting beyond the time
// of the next asking asks late, and that counts as waiting too; else a server that stands still would hardly be seen.
func (p *pace) next() (due time.Time, more bool) {
	if p.every == 0 {
		now := time.Now()
		return now, now.Before(p.end)
	}
	due = p.due
	p.due = p.due.Add(p.every)
	if !due.Before(p.end) {
		return due, false
	}
	time.Sleep(time.Until(due))
	return due, true
}
