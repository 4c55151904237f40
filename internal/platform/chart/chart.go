package chart

import (
	"html"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Chart is a drawing with its numbers.
type Chart interface {
	// SVG is the drawing, safe to put into a page as it is.
	SVG() string
	// Table is the same as a table. The first cell of a row is its head.
	Table() (head []string, rows [][]string)
}

// Legended is a chart whose kinds are explained beside the drawing.
type Legended interface {
	// Legend is a list of swatches, "" where one kind needs no telling.
	Legend() string
}

// Drawing is the chart with its legend, where it has one.
func Drawing(c Chart) string {
	if l, ok := c.(Legended); ok {
		return c.SVG() + l.Legend()
	}
	return c.SVG()
}

// Head is what all charts have. Every text is in the reader's language.
type Head struct {
	Finding string               // what the chart shows, with its numbers: the spoken label
	Rows    string               // head of the table's first column
	Unit    string               // written at the axis; "" where the caption says it
	None    string               // how missing data is called; "" is a dash
	Wide    bool                 // 640 across, else 340
	Format  func(float64) string // numbers at the axis and values without Text; nil is plain digits
}

// Value is one number. Missing data is not zero: it is drawn as a gap.
type Value struct {
	N       float64
	Text    string // as people read it; "" is Head.Format of N
	Missing bool
}

// Of are values without texts of their own. NaN becomes missing.
func Of(numbers ...float64) []Value {
	out := make([]Value, len(numbers))
	for i, n := range numbers {
		out[i] = Value{N: n, Missing: math.IsNaN(n) || math.IsInf(n, 0)}
	}
	return out
}

// Series is one kind of values, one for each label of the chart.
type Series struct {
	Name   string
	Values []Value
}

// at is the i-th value; what is not given is missing.
func (s Series) at(i int) Value {
	if i >= len(s.Values) {
		return Value{Missing: true}
	}
	v := s.Values[i]
	v.Missing = v.Missing || math.IsNaN(v.N) || math.IsInf(v.N, 0)
	return v
}

func (h Head) number(n float64) string {
	if h.Format != nil {
		return h.Format(n)
	}
	return strings.Replace(strconv.FormatFloat(math.Round(n*1e6)/1e6, 'f', -1, 64), "-", "−", 1)
}

func (h Head) text(v Value) string {
	switch {
	case v.Missing && h.None != "":
		return h.None
	case v.Missing:
		return "–"
	case v.Text != "":
		return v.Text
	}
	return h.number(v.N)
}

func (h Head) width() float64 {
	if h.Wide {
		return 640
	}
	return 340
}

func (h Head) table(labels []string, series []Series) ([]string, [][]string) {
	head := []string{h.Rows}
	for _, s := range series {
		head = append(head, s.Name)
	}
	var rows [][]string
	for i, l := range labels {
		row := []string{l}
		for _, s := range series {
			row = append(row, h.text(s.at(i)))
		}
		rows = append(rows, row)
	}
	return head, rows
}

// Marks of the kinds, in the order of the style sheet. The first is plain.
var patterns = []string{"", "p-diag", "p-dots", "p-cross", "p-lines", "p-diag"}

// kind is the class and the pattern of the i-th kind; beyond six they repeat.
func kind(i int) (class, pattern string) {
	i %= len(patterns)
	return "k" + strconv.Itoa(i+1), patterns[i]
}

// svg collects the drawing.
type svg struct{ b strings.Builder }

func open(class string, w, h float64, label string) *svg {
	s := &svg{}
	s.b.WriteString(`<svg class="` + class + `" viewBox="0 0 ` + Num(w) + ` ` + Num(h) + `"`)
	if label == "" {
		s.b.WriteString(` aria-hidden="true">`)
	} else {
		s.b.WriteString(` role="img" aria-label="` + esc(label) + `">`)
	}
	return s
}

func (h Head) open(height float64) *svg {
	class := "chart"
	if h.Wide {
		class += " wide"
	}
	return open(class, h.width(), height, h.Finding)
}

func (s *svg) close() string { s.b.WriteString("</svg>"); return s.b.String() }

func (s *svg) rect(class string, x, y, w, h float64) {
	s.b.WriteString(`<rect class="` + class + `" x="` + Num(x) + `" y="` + Num(y) + `" width="` + Num(w) + `" height="` + Num(h) + `"/>`)
}

// block is a rectangle of the i-th kind: its colour and over it its pattern.
func (s *svg) block(i int, x, y, w, h float64) {
	class, pattern := kind(i)
	s.rect(class, x, y, w, h)
	if pattern != "" {
		s.b.WriteString(`<rect x="` + Num(x) + `" y="` + Num(y) + `" width="` + Num(w) + `" height="` + Num(h) + `" fill="url(#` + pattern + `)"/>`)
	}
}

// path draws d; dash is a stroke-dasharray or "".
func (s *svg) path(class, d, dash string) {
	s.b.WriteString(`<path class="` + class + `" d="` + d + `"`)
	if dash != "" {
		s.b.WriteString(` stroke-dasharray="` + dash + `"`)
	}
	s.b.WriteString("/>")
}

func (s *svg) circle(class string, x, y, r float64) {
	s.b.WriteString(`<circle class="` + class + `" cx="` + Num(x) + `" cy="` + Num(y) + `" r="` + Num(r) + `"/>`)
}

func (s *svg) text(class string, x, y float64, t string) {
	if t == "" {
		return
	}
	s.b.WriteString("<text")
	if class != "" {
		s.b.WriteString(` class="` + class + `"`)
	}
	s.b.WriteString(` x="` + Num(x) + `" y="` + Num(y) + `">` + esc(t) + "</text>")
}

// fitted is text cut to px with an ellipsis; the whole of it is in its title.
func (s *svg) fitted(class string, x, y, px float64, t string) {
	short := cut(t, px)
	if short == t {
		s.text(class, x, y, t)
		return
	}
	s.b.WriteString(`<text class="` + class + `" x="` + Num(x) + `" y="` + Num(y) + `"><title>` + esc(t) + "</title>" + esc(short) + "</text>")
}

// legend lists the kinds with their swatches.
func legend(names []string) string {
	if len(names) < 2 {
		return ""
	}
	s := &svg{}
	s.b.WriteString(`<ul class="legend">`)
	for i, n := range names {
		s.b.WriteString(`<li><svg viewBox="0 0 26 16" aria-hidden="true">`)
		s.block(i, 0, 0, 26, 16)
		s.b.WriteString("</svg>" + esc(n) + "</li>")
	}
	s.b.WriteString("</ul>")
	return s.b.String()
}

func esc(t string) string {
	return html.EscapeString(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == unicode.ReplacementChar {
			return ' '
		}
		return c
	}, t))
}

// Num is a coordinate with at most one decimal.
func Num(f float64) string {
	f = math.Round(f*10) / 10
	if f == 0 { // never "-0"
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// wide estimates the width of text at 12 px: the drawing is made without fonts.
func wide(t string) float64 {
	w := 0.0
	for _, c := range t {
		switch {
		case c >= 0x1100 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), c >= 0xff01 && c <= 0xff60:
			w += 12
		case unicode.IsUpper(c) || c == 'm' || c == 'w' || c == '%':
			w += 8.2
		case strings.ContainsRune("iljtf.,:;'| ", c):
			w += 3.6
		default:
			w += 6.5
		}
	}
	return w
}

func cut(t string, px float64) string {
	if wide(t) <= px {
		return t
	}
	out := []rune(t)
	for len(out) > 1 && wide(string(out))+9 > px {
		out = out[:len(out)-1]
	}
	return strings.TrimRightFunc(string(out), unicode.IsSpace) + "…"
}

// widest of texts, at most limit.
func widest(texts []string, limit float64) float64 {
	w := 0.0
	for _, t := range texts {
		w = max(w, wide(t))
	}
	return min(w, limit)
}
