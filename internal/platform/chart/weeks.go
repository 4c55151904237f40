package chart

import "time"

// Weeks shows what is due on a line of weeks: "your next six weeks".
type Weeks struct {
	Head            // Wide is assumed; Rows heads the column of times
	From  time.Time // begin of the first week, in the reader's time zone
	Ticks []string  // begin of each week as people write it; their number is the number of weeks
	Now   time.Time // drawn as a red line when it lies within
	Items []Due     // in any order; those outside are in the table only
	What  string    // heads of the table's columns
	Hours string
}

// Due is something to be done by a time.
type Due struct {
	At    time.Time
	When  string // the time as people write it
	Label string
	Hours float64 // about how long it takes: the larger the dot
}

// Table implements Chart.
func (w Weeks) Table() ([]string, [][]string) {
	var rows [][]string
	for _, d := range w.Items {
		rows = append(rows, []string{d.When, d.Label, w.number(d.Hours)})
	}
	return []string{w.Rows, w.What, w.Hours}, rows
}

// SVG implements Chart.
func (w Weeks) SVG() string {
	w.Wide = true
	n := max(1, len(w.Ticks))
	end := w.From.AddDate(0, 0, 7*n) // a week with a change of clocks has 167 or 169 hours
	x := scale{0, end.Sub(w.From).Hours(), 8, 632}
	at := func(t time.Time) float64 { return x.at(t.Sub(w.From).Hours()) }
	type name struct{ left, right float64 }
	var rows [][]name
	type spot struct {
		x, r float64
		row  int
		t    string
	}
	var spots []spot
	for _, d := range w.Items {
		if d.At.Before(w.From) || d.At.After(end) {
			continue
		}
		p := spot{x: at(d.At), r: size(d.Hours), t: cut(d.Label, 150)}
		half := wide(p.t)/2 + 4
		mid := min(max(p.x, half), 640-half)
		for p.row = 0; p.row < len(rows); p.row++ {
			free := true
			for _, o := range rows[p.row] {
				free = free && (mid+half < o.left || mid-half > o.right)
			}
			if free {
				break
			}
		}
		if p.row == len(rows) {
			rows = append(rows, nil)
		}
		rows[p.row] = append(rows[p.row], name{mid - half, mid + half})
		spots = append(spots, p)
	}
	line := 40 + 15*float64(max(1, len(rows))-1)
	s := w.open(line + 46)
	for i, t := range w.Ticks {
		px := at(w.From.AddDate(0, 0, 7*i))
		s.path("grid", "M"+Num(px)+" 4V"+Num(line+22), "")
		s.text("", px+3, line+38, t)
	}
	s.path("ax", "M8 "+Num(line)+"H632", "")
	if !w.Now.Before(w.From) && w.Now.Before(end) {
		s.path("cut", "M"+Num(at(w.Now))+" 4V"+Num(line+22), "")
	}
	for _, p := range spots {
		s.circle("acc", p.x, line, p.r)
		half := wide(p.t)/2 + 4
		s.text("v mid", min(max(p.x, half), 640-half), line-16-15*float64(p.row), p.t)
	}
	return s.close()
}

// size is the radius of a dot: under two hours, under a day, more.
func size(hours float64) float64 {
	switch {
	case hours < 2:
		return 5
	case hours < 8:
		return 8
	}
	return 11
}
