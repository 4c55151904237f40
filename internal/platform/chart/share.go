package chart

// Share shows of what parts a whole is made, as one bar. The parts are named
// below it, in order; what is left of Whole stays empty.
type Share struct {
	Head
	Parts []Part
	Whole float64 // the whole; 0 or less than the parts: their sum
	Size  string  // head of the table's second column
}

// Part is one part of a whole. Negative and missing parts have no length.
type Part struct {
	Name string
	Value
}

// Table implements Chart.
func (c Share) Table() ([]string, [][]string) {
	var rows [][]string
	for _, p := range c.Parts {
		rows = append(rows, []string{p.Name, c.text(p.Value)})
	}
	return []string{c.Rows, c.Size}, rows
}

// SVG implements Chart.
func (c Share) SVG() string {
	whole := 0.0
	for _, p := range c.Parts {
		whole += p.size()
	}
	whole = max(whole, c.Whole)
	w := c.width()
	lines := c.names(w)
	s := c.open(38 + 18*float64(lines[len(lines)-1].line+1))
	x := 0.0
	for k, p := range c.Parts {
		if p.size() > 0 {
			s.block(k, x, 4, p.size()/whole*w, 24)
			x += p.size() / whole * w
		}
	}
	s.b.WriteString(`<rect class="out" fill="none" x="0.5" y="4.5" width="` + Num(w-1) + `" height="23"/>`)
	for k, n := range lines {
		if k >= len(c.Parts) {
			break
		}
		y := 36 + 18*float64(n.line)
		s.block(k, n.x, y, 12, 12)
		s.fitted("", n.x+17, y+10, w-n.x-17, c.Parts[k].Name+" "+c.text(c.Parts[k].Value))
	}
	return s.close()
}

func (p Part) size() float64 {
	if s := (Series{Values: []Value{p.Value}}); s.at(0).Missing || p.N < 0 {
		return 0
	}
	return p.N
}

type place struct {
	x    float64
	line int
}

// names sets the parts' names in lines of width w; there is at least one place.
func (c Share) names(w float64) []place {
	var out []place
	x, line := 0.0, 0
	for _, p := range c.Parts {
		need := 17 + wide(p.Name+" "+c.text(p.Value)) + 14
		if x > 0 && x+need-14 > w {
			x, line = 0, line+1
		}
		out = append(out, place{x, line})
		x += need
	}
	if len(out) == 0 {
		return []place{{}}
	}
	return out
}
