package clock

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Local reads "2027-04-15T17:00" in a zone. A time that the zone leaves out
// or has twice (when clocks change) is refused: what is agreed on must be one instant.
func Local(text, zone string) (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fault.Field("zone", "call.zone", zone)
	}
	const layout = "2006-01-02T15:04"
	t, err := time.ParseInLocation(layout, text, loc)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "call.time")
	}
	if t.Format(layout) != text {
		return time.Time{}, fault.New(fault.Invalid, "call.time.skipped", text, zone)
	}
	// The same wall clock an hour or half an hour earlier or later means that it comes twice.
	for _, d := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		if other := t.Add(d); other.Format(layout) == text {
			return time.Time{}, fault.New(fault.Invalid, "call.time.twice", text, zone)
		}
	}
	return t.UTC(), nil
}
