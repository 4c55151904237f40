package chart

// Bars compares values by length from zero: one group of bars for each label,
// one bar in it for each series, told apart by colour and pattern.
type Bars struct {
	Head
	Labels []string
	Series []Series
	Across bool // bars run to the right, for long labels or many
}

// Table implements Chart.
func (b Bars) Table() ([]string, [][]string) { return b.table(b.Labels, b.Series) }

// Legend implements Legended.
func (b Bars) Legend() string { return legend(names(b.Series)) }

func names(series []Series) []string {
	var out []string
	for _, s := range series {
		out = append(out, s.Name)
	}
	return out
}

// SVG implements Chart.
func (b Bars) SVG() string {
	if b.Across {
		return b.across()
	}
	return b.upright()
}

func (b Bars) ticks() []float64 {
	lo, hi := span(b.Series)
	return ticks(min(0, lo), max(0, hi))
}

func (b Bars) upright() string {
	const top, bottom = 26.0, 168.0
	t := b.ticks()
	s := b.open(bottom + 28)
	left := b.yAxis(s, t, top, bottom)
	y := scale{t[0], t[len(t)-1], bottom, top}
	slot := (b.width() - left - 6) / float64(max(1, len(b.Labels)))
	n := float64(max(1, len(b.Series)))
	gap := min(2, slot*.06)
	bar := min(30, (slot*.84-gap*(n-1))/n)
	skip := every(b.Labels, slot)
	values := b.roomy(bar)
	for i, l := range b.Labels {
		mid := left + slot*(float64(i)+.5)
		x := mid - (bar*n+gap*(n-1))/2
		for k, series := range b.Series {
			b.standing(s, k, series.at(i), x, bar, y, values)
			x += bar + gap
		}
		if i%skip == 0 {
			s.fitted("mid", mid, bottom+18, slot*float64(skip), l)
		}
	}
	s.path("ax", "M"+Num(left)+" "+Num(y.at(0))+"H"+Num(b.width()-6), "")
	return s.close()
}

// roomy reports whether every value can be written over its bar: all are, or none.
func (b Bars) roomy(bar float64) bool {
	for _, series := range b.Series {
		for i := range b.Labels {
			if wide(b.text(series.at(i))) > bar+8 {
				return false
			}
		}
	}
	return true
}

// standing draws one upright bar, with its value where there is room.
func (b Bars) standing(s *svg, k int, v Value, x, w float64, y scale, values bool) {
	class, label := "v mid", y.at(0)-5
	if v.Missing {
		class = "mid"
	} else {
		zero, end := y.at(0), y.at(v.N)
		s.block(k, x, min(zero, end), w, abs(zero-end))
		label = end - 5
		if v.N < 0 {
			label = end + 14
		}
	}
	if values {
		s.text(class, x+w/2, label, b.text(v))
	}
}

func abs(f float64) float64 { return max(f, -f) }

// yAxis draws the lines of the grid with their numbers and returns where the
// drawing may begin.
func (h Head) yAxis(s *svg, t []float64, top, bottom float64) float64 {
	var texts []string
	for _, n := range t {
		texts = append(texts, h.number(n))
	}
	left := max(28, widest(texts, 90)+10)
	y := scale{t[0], t[len(t)-1], bottom, top}
	for i, n := range t {
		s.path("grid", "M"+Num(left)+" "+Num(y.at(n))+"H"+Num(h.width()-6), "")
		s.text("end", left-6, y.at(n)+4, texts[i])
	}
	s.text("", 0, 11, h.Unit)
	return left
}

func (b Bars) across() string {
	const row, gap = 20.0, 12.0
	n := float64(max(1, len(b.Series)))
	group := row*n + 2*(n-1) + gap
	height := group*float64(len(b.Labels)) + 6
	if b.Unit != "" {
		height += 18
	}
	left := widest(b.Labels, b.width()*.42) + 10
	t := b.ticks()
	var texts []string
	for _, series := range b.Series {
		for i := range b.Labels {
			texts = append(texts, b.text(series.at(i)))
		}
	}
	x := scale{t[0], t[len(t)-1], left, b.width() - widest(texts, 90) - 10}
	s := b.open(height)
	for _, n := range t {
		s.path("grid", "M"+Num(x.at(n))+" 0v"+Num(group*float64(len(b.Labels))), "")
	}
	for i, l := range b.Labels {
		y := group*float64(i) + gap/2
		s.fitted("end", left-6, y+(group-gap)/2+4, left-6, l)
		for k, series := range b.Series {
			v := series.at(i)
			end := x.at(0)
			if !v.Missing {
				end = x.at(v.N)
				s.block(k, min(x.at(0), end), y, abs(end-x.at(0)), row)
			}
			s.text("v", max(end, x.at(0))+5, y+row/2+4, b.text(v))
			y += row + 2
		}
	}
	s.path("ax", "M"+Num(x.at(0))+" 0v"+Num(group*float64(len(b.Labels))), "")
	s.text("", left, height-4, b.Unit)
	return s.close()
}

// Histogram shows how many lie in each class of a quantity. Edges are the bounds
// of the classes, one more than there are counts; a count belongs to the class
// from its edge on, the next edge not included.
type Histogram struct {
	Head
	Edges    []float64
	Counts   []int
	CountsAs string   // what is counted: the head of the table's second column
	Cut      *float64 // a line of decision, drawn dashed
	CutLabel string
}

// Table implements Chart.
func (h Histogram) Table() ([]string, [][]string) {
	var rows [][]string
	for i, n := range h.Counts {
		if i+1 < len(h.Edges) {
			rows = append(rows, []string{h.number(h.Edges[i]) + " – " + h.number(h.Edges[i+1]), h.number(float64(n))})
		}
	}
	return []string{h.Rows, h.CountsAs}, rows
}

// SVG implements Chart.
func (h Histogram) SVG() string {
	const top, bottom = 26.0, 168.0
	high := 0
	for _, n := range h.Counts {
		high = max(high, n)
	}
	t := wholeTicks(float64(high))
	s := h.open(bottom + 42)
	unit := h.Unit
	h.Unit = h.CountsAs
	left := h.yAxis(s, t, top, bottom)
	if len(h.Edges) < 2 || h.Edges[0] >= h.Edges[len(h.Edges)-1] {
		return s.close()
	}
	y := scale{0, t[len(t)-1], bottom, top}
	x := scale{h.Edges[0], h.Edges[len(h.Edges)-1], left + 4, h.width() - 10}
	var labels []string
	for _, e := range h.Edges {
		labels = append(labels, h.number(e))
	}
	skip := every(labels, (x.b-x.a)/float64(len(h.Edges)-1))
	for i, n := range h.Counts {
		if i+1 < len(h.Edges) && n > 0 {
			a, b := x.at(h.Edges[i]), x.at(h.Edges[i+1])
			s.rect("acc", a+.5, y.at(float64(n)), max(.5, b-a-1), bottom-y.at(float64(n)))
		}
	}
	for i, e := range h.Edges {
		if i%skip == 0 {
			s.text("mid", x.at(e), bottom+18, labels[i])
		}
	}
	s.path("ax", "M"+Num(left)+" "+Num(bottom)+"H"+Num(h.width()-6), "")
	s.text("end", h.width()-6, bottom+36, unit)
	cutLine(s, h.Cut, h.CutLabel, x, top-8, bottom)
	return s.close()
}

// cutLine is the dashed line of a decision, labelled at its top.
func cutLine(s *svg, at *float64, label string, x scale, top, bottom float64) {
	if at == nil || *at < x.lo || *at > x.hi {
		return
	}
	px := x.at(*at)
	s.path("cut", "M"+Num(px)+" "+Num(top)+"V"+Num(bottom), "4 3")
	class := "mid"
	if half := wide(label) / 2; px+half > x.b+8 {
		class, px = "end", x.b+8
	} else if px-half < 0 {
		class, px = "", 0
	}
	s.text(class, px, top-4, label)
}
