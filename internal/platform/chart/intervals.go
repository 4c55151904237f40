package chart

// Interval is an estimate with how sure we are of it.
type Interval struct {
	Label          string
	Low, Mid, High Value
}

// Intervals shows estimates with their intervals, one row each, on one axis from
// Min to Max, with the line of a decision and the doubtful zone around it.
type Intervals struct {
	Head
	Items    []Interval
	Min, Max float64  // of the axis; both 0: round numbers around the data
	Cut      *float64 // line of decision
	CutLabel string
	Band     [2]float64 // doubtful zone; both 0: none
	Estimate string     // heads of the table's columns
	Range    string
}

// Table implements Chart.
func (c Intervals) Table() ([]string, [][]string) {
	var rows [][]string
	for _, i := range c.Items {
		r := c.text(Value{Missing: true})
		if !i.Low.Missing && !i.High.Missing {
			r = c.text(i.Low) + " – " + c.text(i.High)
		}
		rows = append(rows, []string{i.Label, c.text(i.Mid), r})
	}
	return []string{c.Rows, c.Estimate, c.Range}, rows
}

func (c Intervals) axis() (lo, hi float64, marks []float64) {
	if c.Min != c.Max {
		for _, t := range ticks(c.Min, c.Max) {
			if t > c.Min && t < c.Max {
				marks = append(marks, t)
			}
		}
		return c.Min, c.Max, append(append([]float64{c.Min}, marks...), c.Max)
	}
	var all Series
	for _, i := range c.Items {
		all.Values = append(all.Values, i.Low, i.Mid, i.High)
	}
	lo, hi = span([]Series{all})
	marks = ticks(lo, hi)
	return marks[0], marks[len(marks)-1], marks
}

// SVG implements Chart.
func (c Intervals) SVG() string {
	const row, top = 26.0, 22.0
	var labels []string
	for _, i := range c.Items {
		labels = append(labels, i.Label)
	}
	left := widest(labels, c.width()*.42) + 12
	lo, hi, marks := c.axis()
	x := scale{lo, hi, left + 6, c.width() - 12}
	bottom := top + row*float64(len(c.Items))
	s := c.open(bottom + 38)
	if c.Band[0] != c.Band[1] {
		s.rect("bandfill", x.at(c.Band[0]), top, x.at(c.Band[1])-x.at(c.Band[0]), bottom-top)
	}
	for _, m := range c.marked(s, x, marks, bottom+17) {
		s.path("grid", "M"+Num(x.at(m))+" "+Num(top)+"V"+Num(bottom), "")
	}
	cutLine(s, c.Cut, c.CutLabel, x, top-4, bottom)
	for n, i := range c.Items {
		y := top + row*(float64(n)+.5)
		s.fitted("end", left-4, y+4, left-4, i.Label)
		i.draw(s, x, y)
	}
	s.path("ax", "M"+Num(left)+" "+Num(bottom)+"H"+Num(c.width()-6), "")
	s.text("end", c.width()-6, bottom+34, c.Unit)
	return s.close()
}

// draw is the line with its end ticks and the dot at the estimate.
func (i Interval) draw(s *svg, x scale, y float64) {
	if !i.Low.Missing && !i.High.Missing {
		a, b := Num(x.at(i.Low.N)), Num(x.at(i.High.N))
		s.path("iv", "M"+a+" "+Num(y)+"H"+b+"M"+a+" "+Num(y-4)+"v8M"+b+" "+Num(y-4)+"v8", "")
	}
	if !i.Mid.Missing {
		s.circle("dot", x.at(i.Mid.N), y, 5)
	}
}

// marked writes the numbers of the axis that have room beside their neighbours,
// the ends before the others, and returns them.
func (c Intervals) marked(s *svg, x scale, marks []float64, y float64) []float64 {
	var out []float64
	free := -1e9
	last := marks[len(marks)-1]
	for n, m := range marks {
		half := wide(c.number(m)) / 2
		if n > 0 && x.at(m)-half < free || n < len(marks)-1 && x.at(m)+half+4 > x.at(last)-wide(c.number(last))/2 {
			continue
		}
		s.text("mid", x.at(m), y, c.number(m))
		free = x.at(m) + half + 4
		out = append(out, m)
	}
	return out
}
