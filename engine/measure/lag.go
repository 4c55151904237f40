package measure

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Point is the level of an indicator in a year, with bounds where it was counted from a sample.
type Point struct {
	Year      float64
	Low, High float64
}

// Lag is by how many years one is behind another.
type Lag struct {
	Years    Interval // negative: ahead
	Censored bool     // not yet reached: Years.Low is how long it has been so at least, Years.High is +Inf
}

// Behind is how many years ago leader first was where home is in its last year: the least L
// with leader(t - L) ≤ home(t), interpolated between years. Both curves are in order of their
// years and read as not falling (the most so far), since what was once reached stays reached.
// Where home is ahead of leader's last level, it is how long ago home passed that level, negative.
// Where home has not yet reached even leader's first level the lag is censored: it is at least
// the time since then, and never a number of its own.
// Errors: an empty curve, years out of order, bounds out of order.
func Behind(home, leader []Point) (Lag, error) {
	if err := errors.Join(ordered("home", home), ordered("leader", leader)); err != nil {
		return Lag{}, err
	}
	now := home[len(home)-1].Year
	least, _ := behind(levels(home, true), levels(leader, false), now)
	most, censored := behind(levels(home, false), levels(leader, true), now)
	return Lag{Interval{min(least, now-leader[0].Year), most}, censored}, nil
}

func ordered(what string, curve []Point) error {
	if len(curve) == 0 {
		return fmt.Errorf("the curve of %s is empty", what)
	}
	for i, p := range curve {
		if !(p.Low <= p.High) || math.IsInf(p.Low, 0) || math.IsInf(p.High, 0) {
			return fmt.Errorf("%s in %v is from %v to %v: bounds in order are expected", what, p.Year, p.Low, p.High)
		}
		if i > 0 && p.Year <= curve[i-1].Year {
			return fmt.Errorf("%s: year %v comes after %v", what, p.Year, curve[i-1].Year)
		}
	}
	return nil
}

type level struct{ year, value float64 }

// levels is the most so far of a curve's upper or lower bounds.
func levels(curve []Point, upper bool) (list []level) {
	most := math.Inf(-1)
	for _, p := range curve {
		v := p.Low
		if upper {
			v = p.High
		}
		most = max(most, v)
		list = append(list, level{p.Year, most})
	}
	return list
}

// behind is the lag of two curves of levels, and whether it is censored.
func behind(home, leader []level, now float64) (years float64, censored bool) {
	mine, theirs := home[len(home)-1].value, leader[len(leader)-1].value
	if mine > theirs {
		passed, ok := reached(home, theirs)
		if !ok {
			return 0, false
		}
		return min(0, passed-leader[len(leader)-1].year), false
	}
	if mine < leader[0].value {
		return math.Inf(1), true
	}
	at, _ := reached(leader, mine)
	return now - at, false
}

// reached is the year in which a curve first reached a value.
func reached(curve []level, value float64) (float64, bool) {
	i := slices.IndexFunc(curve, func(l level) bool { return l.value >= value })
	switch {
	case i < 0:
		return 0, false
	case i == 0 || curve[i].value == curve[i-1].value:
		return curve[i].year, true
	}
	a, b := curve[i-1], curve[i]
	return a.year + (b.year-a.year)*(value-a.value)/(b.value-a.value), true
}

// CatchUp is how long home takes to reach leader when both go on growing as they do:
// ln(leader/home) / (growth of home - growth of leader), with growth as the logarithm of the
// yearly factor. Diverging is true where home does not grow faster and is behind: it never does.
// Errors: a level that is not above 0.
func CatchUp(home, leader, growthHome, growthLeader float64) (years float64, diverging bool, err error) {
	if !(home > 0) || !(leader > 0) {
		return 0, false, fmt.Errorf("levels %v and %v: numbers above 0 are expected", home, leader)
	}
	switch {
	case home >= leader:
		return 0, false, nil
	case !(growthHome > growthLeader):
		return 0, true, nil
	}
	return math.Log(leader/home) / (growthHome - growthLeader), false, nil
}
