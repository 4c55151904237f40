package chart

import "strings"

// Lines shows values over time, one point for each label, in equal steps. Kinds
// are told apart by their dashes and named at the end of their line. Where data
// is missing the line is broken.
type Lines struct {
	Head
	Labels []string
	Series []Series
	Steps  bool // a value holds until the next: stock, state, sum so far
}

// Table implements Chart.
func (l Lines) Table() ([]string, [][]string) { return l.table(l.Labels, l.Series) }

var dashes = []string{"", "8 4", "2 4", "10 3 2 3", "5 2", "1 3"}

// SVG implements Chart.
func (l Lines) SVG() string {
	const top, bottom = 26.0, 168.0
	lo, hi := span(l.Series)
	if lo > 0 && lo < hi*.6 || lo == hi {
		lo = min(0, lo) // near enough to show zero
	}
	t := ticks(lo, hi)
	s := l.open(bottom + 28)
	left := l.yAxis(s, t, top, bottom)
	right := l.width() - 12
	if len(l.Series) > 1 {
		right -= widest(names(l.Series), l.width()*.3)
	}
	y := scale{t[0], t[len(t)-1], bottom, top}
	x := scale{0, max(1, float64(len(l.Labels)-1)), left + 8, right}
	skip := every(l.Labels, (x.b-x.a)/x.hi)
	for i, label := range l.Labels {
		if i%skip != 0 {
			continue
		}
		class, at := "mid", x.at(float64(i))
		if at+wide(label)/2 > l.width() {
			class, at = "end", l.width()
		}
		s.text(class, at, bottom+18, label)
	}
	s.path("ax", "M"+Num(left)+" "+Num(y.at(max(0, t[0])))+"H"+Num(right), "")
	var named []float64
	for k, series := range l.Series {
		s.path("line", l.way(series, x, y), dashes[k%len(dashes)])
		last := l.dots(s, series, x, y)
		if len(l.Series) > 1 && last >= 0 {
			at := clear(named, y.at(series.Values[last].N)+4)
			named = append(named, at)
			s.fitted("", x.at(float64(last))+8, at, l.width()-x.at(float64(last))-8, series.Name)
		}
	}
	return s.close()
}

// way is the line's path, broken where data is missing.
func (l Lines) way(series Series, x, y scale) string {
	var b strings.Builder
	on := false
	for i := range l.Labels {
		v := series.at(i)
		if v.Missing {
			on = false
			continue
		}
		px, py := Num(x.at(float64(i))), Num(y.at(v.N))
		switch {
		case !on:
			b.WriteString("M" + px + " " + py)
		case l.Steps:
			b.WriteString("H" + px + "V" + py)
		default:
			b.WriteString("L" + px + " " + py)
		}
		on = true
	}
	return b.String()
}

// dots marks the points when they are few, and always one that stands alone. It
// returns the last that is there, −1 if none is.
func (l Lines) dots(s *svg, series Series, x, y scale) int {
	last := -1
	for i := range l.Labels {
		v := series.at(i)
		if v.Missing {
			continue
		}
		last = i
		alone := (i == 0 || series.at(i-1).Missing) && (i+1 == len(l.Labels) || series.at(i+1).Missing)
		if alone || len(l.Labels) <= 16 && !l.Steps {
			s.circle("dot", x.at(float64(i)), y.at(v.N), 4)
		}
	}
	return last
}

// clear moves a name down until it is free of those before it.
func clear(taken []float64, at float64) float64 {
	for moved := true; moved; {
		moved = false
		for _, t := range taken {
			if abs(t-at) < 13 {
				at, moved = t+13.5, true // more than the test asks: no rounding may hold it
			}
		}
	}
	return at
}
